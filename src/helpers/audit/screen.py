"""The quick look: which groups are beyond doubt consistent, all groups at once (numpy).

A group is cleared only if every identity that touches its figures holds on its own, after the figures
that follow from others have been filled in. Whatever is not cleared goes to the exact examination, so
this may err on one side only; a test compares the findings with and without it.
"""

from __future__ import annotations

from ast import literal_eval
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from helpers.audit.denominators import GROWTH, year_fraction
from helpers.audit.groups import CLOSING, EXACT, OPENING, Grouped
from helpers.identities import Identity, Key, Term, identities
from helpers.identities.system import is_count

Ends = tuple[np.ndarray, np.ndarray]
_SETS = {"sex": (("male", "female"),), "policy": (("in", "out"),), "order": (("1", "2", "3+"), ("1", "2+"))}
_SLACK = 1e-9
_LEVELS = {"township": (500.0, 300_000.0), "county": (10_000.0, 3_000_000.0)}


@dataclass
class Board:
    """Ranges of every figure of every group: for each name two arrays over the groups, NaN where not stated."""

    size: int
    ends: dict[Key, Ends]
    cleared: np.ndarray
    known: set[Key] = field(default_factory=set)

    def get(self, key: Key) -> Ends:
        """The ranges of one figure (all NaN when no group states it)."""
        if key not in self.ends:
            self.ends[key] = np.full(self.size, np.nan), np.full(self.size, np.nan)
        return self.ends[key]

    def fill(self, key: Key, low: np.ndarray, high: np.ndarray, where: np.ndarray) -> None:
        """Set what follows from other figures; a count that cannot be is left to the exact examination."""
        old_low, old_high = self.get(key)
        new = where & np.isnan(old_low)
        if new.any():
            floor = 0.0 if is_count(key) and key[0] != "natural_increase" else -np.inf
            self.ends[key] = np.where(new, np.maximum(low, floor), old_low), np.where(new, high, old_high)
            self.refuse(new & (high < floor - _SLACK))

    def refuse(self, where: np.ndarray) -> None:
        """These groups need the exact examination."""
        self.cleared &= ~where


def _apart(one: Ends, other: Ends) -> np.ndarray:
    """True where both are known and no number belongs to both."""
    size = np.fmax(np.fmax(np.abs(one[0]), np.abs(other[0])), 1.0)
    slack = _SLACK * np.where(np.isfinite(size), size, 1.0)
    return (one[0] > other[1] + slack) | (other[0] > one[1] + slack)


def _board(grouped: Grouped, gids: np.ndarray) -> Board:
    members = grouped.members[grouped.members["gid"].isin(gids)]
    places = pd.Series(np.arange(len(gids)), index=gids)
    rows = members["row"].to_numpy()
    frame = pd.DataFrame({"at": places[members["gid"]].to_numpy(), "key": members["key"].to_numpy(),
                          "low": grouped.low[rows], "high": grouped.high[rows]})
    board = Board(len(gids), {}, np.ones(len(gids), bool))
    board.refuse(np.isin(np.arange(len(gids)), frame.loc[frame["low"].isna(), "at"]))
    met = frame.groupby(["key", "at"], sort=True).agg(low=("low", "max"), high=("high", "min")).reset_index()
    for text, part in met.groupby("key", sort=True):
        key, at = literal_eval(text), part["at"].to_numpy()
        low, high = board.get(key)
        low[at], high[at] = part["low"], part["high"]
        board.refuse(low > high)
    board.known = set(board.ends)
    return board


def _stated(ends: Ends) -> np.ndarray:
    return ~np.isnan(ends[0])


def _partition(board: Board, row: Identity) -> None:
    """A whole against its parts over one dimension; groups with finer cells are left to the exact examination."""
    code, name = row.left.code, row.dimension
    total = (code, ())
    labels = {dict(key[1])[name] for key in board.known if key[0] == code and set(dict(key[1])) == {name}}
    for key in board.known:
        if key[0] == code and len(key[1]) > 1 and name in dict(key[1]) and set(dict(key[1])) <= {"sex", "order", "policy"}:
            board.refuse(_stated(board.get(key)))
    for label in labels - {piece for pieces in _SETS[name] for piece in pieces}:
        board.refuse(_stated(board.get((code, ((name, label),)))))
    if "2+" in labels:
        finer = _stated(board.get((code, ((name, "2"),)))) | _stated(board.get((code, ((name, "3+"),))))
        board.refuse(finer & _stated(board.get((code, ((name, "2+"),)))))
    for pieces in _SETS[name]:
        keys = [(code, ((name, piece),)) for piece in pieces]
        if labels & set(pieces):
            _sum(board, total, keys, needed=1)


def _sum(board: Board, total: Key, parts: list[Key], needed: int = 0) -> None:
    """total = sum of parts: checked where all are known, the missing one filled in, else parts within the whole."""
    ends = [board.get(part) for part in parts]
    known = np.array([_stated(one) for one in ends])
    count = known.sum(axis=0)
    low = sum(np.where(mask, one[0], 0.0) for mask, one in zip(known, ends, strict=True))
    high = sum(np.where(mask, one[1], 0.0) for mask, one in zip(known, ends, strict=True))
    whole = board.get(total)
    all_known, has_total = count == len(parts), _stated(whole)
    signed = any(part[0] == "natural_increase" for part in parts)
    board.refuse(all_known & has_total & _apart((low, high), whole))
    if not signed:
        board.refuse(has_total & (count > 0) & (low > whole[1] + _SLACK))
    for mask, part in zip(known, parts, strict=True):
        board.fill(part, whole[0] - high, whole[1] - low, has_total & ~mask & (count == len(parts) - 1) & (count >= needed))
    board.fill(total, low, high, all_known & ~has_total)


def _bindings(board: Board, terms: Iterable[Term]) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    terms = list(terms)
    if not any(term.free for term in terms):
        return [{}]
    for term in terms:
        for key in sorted(board.known):
            bound = term.match(key) if term.free else None
            if bound and bound not in found:
                found.append(bound)
    return found


def _quotient(count: Ends, base: Ends, per: float) -> Ends:
    """per × count / base; NaN where the base may be zero."""
    with np.errstate(divide="ignore", invalid="ignore"):
        low = per * np.where(count[0] >= 0, count[0] / base[1], count[0] / base[0])
        high = per * np.where(count[1] >= 0, count[1] / base[0], count[1] / base[1])
    bad = base[0] <= 0
    return np.where(bad, np.nan, low), np.where(bad, np.nan, high)


def _ratio(board: Board, row: Identity, bound: dict[str, str]) -> None:
    try:
        rate, count = board.get(row.left.bind(bound)), row.terms[0].bind(bound)
        bases = [board.get(term.bind(bound)) for term in row.denominators]
    except KeyError:
        return
    per, counted = float(row.per), board.get(count)
    if row.trust == "custom":
        tried = np.array([_stated(rate) & _stated(counted) & _stated(base) for base in bases])
        fits = np.array([~_apart(_quotient(counted, base, per), rate) for base in bases])
        board.refuse(tried.any(axis=0) & ~(tried & fits).any(axis=0))
        return
    base = bases[0]
    board.refuse(_stated(rate) & _stated(base) & (base[0] <= 0))
    both = _stated(rate) & _stated(base) & (base[0] > 0)
    board.refuse(both & _stated(counted) & _apart(_quotient(counted, base, per), rate))
    least = np.ceil(rate[0] * base[0] / per - _SLACK)
    most = np.floor(rate[1] * base[1] / per + _SLACK)
    board.refuse(both & ~_stated(counted) & (least > most))
    board.fill(count, least, most, both & (least <= most))


def _split(board: Board, row: Identity, bound: dict[str, str]) -> None:
    """A sex ratio with neither sex printed: some split of the whole must give it."""
    rate, first, second = (board.get(term.bind(bound)) for term in (row.left, row.terms[0], row.denominators[0]))
    code, dims = row.terms[0].bind(bound)
    whole = board.get((code, tuple(pair for pair in dims if pair[0] != "sex")))
    open_ended = _stated(rate) & ~_stated(first) & ~_stated(second) & _stated(whole)
    least = np.ceil(whole[0] * rate[0] / (100 + rate[0]) - _SLACK)
    with np.errstate(invalid="ignore"):
        # "100以上" is open above: no boys can be too many for it.
        most = np.floor(np.where(np.isinf(rate[1]), whole[1], whole[1] * rate[1] / (100 + rate[1])) + _SLACK)
    board.refuse(open_ended & (least > most))
    board.refuse(_stated(rate) & (_stated(first) != _stated(second)))


def _vital(board: Board, grouped: Grouped, gids: np.ndarray) -> None:
    """The three vital rates on one population, and that population against the printed ones."""
    cbr, cdr, nir = (board.get((code, ())) for code in ("cbr", "cdr", "nir"))
    births, deaths, gain = (board.get((code, ())) for code in ("births", "deaths", "natural_increase"))
    low, high = np.full(board.size, -np.inf), np.full(board.size, np.inf)
    for rate, count in ((cbr, births), (cdr, deaths)):
        use = _stated(rate) & _stated(count)
        implied = _quotient(count, rate, 1000.0)
        board.refuse(use & np.isnan(implied[0]))
        low, high = np.fmax(low, np.where(use, implied[0], -np.inf)), np.fmin(high, np.where(use, implied[1], np.inf))
    three = _stated(cbr) & _stated(cdr) & _stated(nir)
    board.refuse(three & _apart((cbr[0] - cdr[1], cbr[1] - cdr[0]), nir))
    exact_difference = three & (np.abs(cbr[0] + cbr[1] - cdr[0] - cdr[1] - nir[0] - nir[1]) < 2 * _SLACK)
    use = _stated(nir) & _stated(gain)
    # By difference of the rounded rates the true one lies within a unit of the last digit of the printed.
    half = np.where(exact_difference, (nir[1] - nir[0]) / 2, 0.0)
    near = np.minimum(np.abs(nir[0]), np.abs(nir[1])) - half
    board.refuse(use & ((near <= 0) | (np.sign(nir[0]) != np.sign(gain[0])) | (gain[0] != gain[1])))
    with np.errstate(divide="ignore", invalid="ignore"):
        least = 1000 * np.abs(gain[0]) / (np.maximum(np.abs(nir[0]), np.abs(nir[1])) + half)
        most = 1000 * np.abs(gain[0]) / near
    low, high = np.where(use, np.fmax(low, least), low), np.where(use, np.fmin(high, most), high)
    board.refuse(low > high * (1 - _SLACK))
    tied = np.isfinite(high)
    groups = grouped.groups.loc[gids]
    fractions = groups["period"].map({text: float(year_fraction(text)) for text in groups["period"].unique()}).to_numpy()
    for level, (least_people, most_people) in _LEVELS.items():
        here = tied & (groups["level"] == level).to_numpy()
        board.refuse(here & ((high < least_people * np.minimum(fractions, 1)) | (low > most_people)))
    board.refuse(tied & ~_rests_on_printed(grouped, gids, low, high, np.minimum(fractions, 1)))


def _rests_on_printed(grouped: Grouped, gids: np.ndarray, low: np.ndarray, high: np.ndarray, fractions: np.ndarray) -> np.ndarray:
    """True where no population is printed, or a proper one (stated, mean, within half a year's growth) fits."""
    near = grouped.populations[grouped.populations["gid"].isin(gids)]
    at = pd.Series(np.arange(len(gids)), index=gids)[near["gid"]].to_numpy()
    row = near["row"].to_numpy()
    people = grouped.low[row], grouped.high[row]
    growth = float(GROWTH)
    stated = near["fit"].isin([EXACT, CLOSING]).to_numpy()
    opening = (near["fit"] == OPENING).to_numpy()
    has_opening = np.isin(at, at[opening])
    # Where an opening population is printed the mean is known: only the stated population itself is cleared here.
    wide = ~has_opening
    lowest = np.where(wide & stated, people[0] * (1 + 1 / (1 + growth)) / 2, people[0])
    highest = np.where(wide & stated, people[1] * (1 + 1 / (1 - growth)) / 2, people[1])
    fits = np.zeros(len(row), bool)
    for fraction in (np.ones(len(gids)), fractions):
        fits |= (low[at] / fraction[at] <= highest) & (high[at] / fraction[at] >= lowest)
    result = np.ones(len(gids), bool)
    result[at] = False
    result[at[fits & ~opening]] = True
    return _with_mean(result, at, people, stated, opening, low, high, fractions)


def _with_mean(result: np.ndarray, at: np.ndarray, people: Ends, stated: np.ndarray, opening: np.ndarray,
               low: np.ndarray, high: np.ndarray, fractions: np.ndarray) -> np.ndarray:
    """Also true where the mean of the closing and the opening population fits."""
    frame = pd.DataFrame({"at": at, "low": people[0], "high": people[1]})
    pairs = frame[stated].merge(frame[opening], on="at", suffixes=("", "_open"))
    pairs = pairs[(pairs["low"] - pairs["low_open"]).abs() <= float(GROWTH) * pairs["low_open"]]
    where = pairs["at"].to_numpy()
    least, most = (pairs["low"] + pairs["low_open"]).to_numpy() / 2, (pairs["high"] + pairs["high_open"]).to_numpy() / 2
    for fraction in (np.ones(len(result)), fractions):
        fits = (low[where] / fraction[where] <= most) & (high[where] / fraction[where] >= least)
        result[where[fits]] = True
    return result


def screen(grouped: Grouped, gids: np.ndarray) -> np.ndarray:
    """Which of these groups are consistent beyond doubt (one bool a group)."""
    board = _board(grouped, gids)
    rows = list(identities().values())
    partitions = [row for row in rows if row.form == "partition"]
    for _ in range(2):
        for row in partitions:
            _partition(board, row)
        for row in rows:
            if row.form == "sum":
                for bound in _bindings(board, [row.left, *row.terms]):
                    _sum(board, row.left.bind(bound), [term.bind(bound) for term in row.terms])
        for row in rows:
            if row.form == "ratio" and row.trust in ("exact", "custom"):
                for bound in _bindings(board, [row.left, *row.terms, *row.denominators]):
                    if row.rule == "C8":
                        _split(board, row, bound)
                    _ratio(board, row, bound)
    for row in rows:
        if row.form == "bound":
            for bound in _bindings(board, [row.left, *row.terms]):
                board.refuse(board.get(row.left.bind(bound))[0] > board.get(row.terms[0].bind(bound))[1] + _SLACK)
    _vital(board, grouped, gids)
    return board.cleared
