"""Rates whose denominator is a matter of custom, and figures outside what is possible at all.

The vectorised part finds the few that do not fit; only those are looked at one by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pandas as pd

from helpers.audit.comparisons import Found, about
from helpers.audit.denominators import STATED, Candidate, Match, classify
from helpers.audit.figures import Figure, read_figure
from helpers.audit.groups import CLOSING, EXACT, POPULATION_KEYS, Grouped
from helpers.audit.repairs import find_repair
from helpers.audit.verdicts import Verdict, in_one_sentence
from helpers.catalogue import indicators
from helpers.identities import Equation, Identity, System, Term, identities
from helpers.identities.system import is_count, limits
from helpers.periods import parse

# A slip of the unit is named only where the counts give the rate to within one part in a hundred.
SHARP = Fraction(1, 100)


def custom_rates(grouped: Grouped) -> Iterator[Found]:
    """Rates against every denominator in use: a slip of the unit is an error, another denominator is not.

    A rate of the resident population is compared with it as rates are with populations (METHODS 3.4) where one
    sentence prints all three.
    """
    for row in identities().values():
        if row.form == "ratio" and row.trust in ("custom", "open", "resident"):
            cases = _cases(grouped, row)
            if len(cases):
                fits = _fits(cases, float(row.per))
                good = set(cases.loc[fits, "rate"])
                rest = cases[~cases["rate"].isin(good)]
                for rate, alternatives in rest.groupby("rate", sort=True):
                    yield from _judge(grouped, row, int(rate), alternatives)


def _rows(grouped: Grouped, term: Term) -> pd.DataFrame:
    return grouped.members.loc[grouped.members["key"] == str(term.bind({})), ["gid", "row"]]


def _cases(grouped: Grouped, row: Identity) -> pd.DataFrame:
    """Every rate with its count and each denominator printed with them: rate, count, base, circle and their ranges."""
    pairs = _rows(grouped, row.left).rename(columns={"row": "rate"}).merge(
        _rows(grouped, row.terms[0]).rename(columns={"row": "count"}), on="gid")
    found = []
    for term in row.denominators:
        if term.code == "pop_total":
            near = grouped.populations[grouped.populations["fit"].isin([EXACT, CLOSING])]
            bases = near[["gid", "row", "circle"]].rename(columns={"row": "base"})
        else:
            bases = _rows(grouped, term).rename(columns={"row": "base"}).assign(circle="")
        found.append(pairs.merge(bases, on="gid"))
    cases = pd.concat(found, ignore_index=True).drop_duplicates(["rate", "count", "base"])
    for name in ("rate", "count", "base"):
        cases[f"{name}_low"] = grouped.low[cases[name].to_numpy()]
        cases[f"{name}_high"] = grouped.high[cases[name].to_numpy()]
    return cases.dropna()


def _fits(cases: pd.DataFrame, per: float) -> pd.Series:
    """True where rounding, or digits cut off, lets the rate follow from the two counts."""
    unit = cases["rate_high"] - cases["rate_low"]
    low = per * cases["count_low"] / cases["base_high"].replace(0, np.nan)
    high = per * cases["count_high"] / cases["base_low"].replace(0, np.nan)
    slack = 1e-9 * cases["rate_high"].abs()
    return (low <= cases["rate_high"] + unit / 2 + slack) & (high >= cases["rate_low"] - slack)


def _judge(grouped: Grouped, row: Identity, rate: int, alternatives: pd.DataFrame) -> Iterator[Found]:
    """One rate that fits none of its denominators."""
    first = alternatives.iloc[0]
    wanted = {"rate": rate, "count": int(first["count"])}
    read = {name: read_figure(grouped.facts.loc[at].to_dict()) for name, at in wanted.items()}
    bases = [(read_figure(grouped.facts.loc[at].to_dict()), circle)
             for at, circle in zip(alternatives["base"], alternatives["circle"], strict=True)]
    if None in read.values() or any(figure is None for figure, _ in bases):
        return
    place = about(grouped.scoped, rate)
    figures = [read["rate"], read["count"]]
    if row.trust == "custom" and any(in_one_sentence([*figures, base]) for base, _ in bases):
        return
    for base, circle in bases:
        trio = (read["count"], base, read["rate"])
        system, domains, by_key = _little_system(row, figures, base)
        computed = system.solve({key: domain for key, domain in domains.items() if key != figures[0].key}).domains[figures[0].key]
        # "3000余份" leaves so much room that some power of ten would always fit.
        sharp = computed[1] - computed[0] <= SHARP * abs(computed[1])
        repair = find_repair(system, domains, by_key, by_key, [figures[0].key]) if sharp else None
        named = circle == "resident" and row.trust == "resident" and in_one_sentence([*figures, base])
        if repair and (repair.kind == "power_of_ten" or (named and repair.kind == "transposition")):
            yield place, Verdict("arithmetic_error", 3, row.identity, trio, figures[0], computed,
                                 f"repair_{repair.kind}", {"repair": repair})
            return
        if named:
            implied = system.solve({key: domain for key, domain in domains.items() if key != base.key}).domains[base.key]
            candidate = Candidate(STATED, *base.domain, True)
            match = Match(candidate, Fraction(1), _distance(implied, base))
            kind, severity = classify(match.distance)
            yield place, Verdict(kind, severity, row.identity, trio, base, implied, "population_other",
                                 {"implied": implied, "match": match})
            return
    yield place, Verdict("needs_external", None, row.identity, trio, figures[0], computed, "", {"template": "custom"})


def _little_system(row: Identity, figures: list[Figure], base: Figure) -> tuple[System, dict, dict]:
    """The one equation rate = per × count / base, for these figures."""
    names = (figures[0].key, figures[1].key, base.key)
    system = System((Equation(row.identity, "ratio", names, row.per),), frozenset(name for name in names if is_count(name)),
                    {name: limits(name) for name in names})
    by_key = {figure.key: figure for figure in (*figures, base)}
    return system, {key: figure.domain for key, figure in by_key.items()}, by_key


def _distance(implied, base: Figure) -> Fraction:
    low, high = base.domain
    if implied[0] > high > 0:
        return Fraction(implied[0]) / Fraction(high) - 1
    # "more than 8 per mille" leaves the implied population open above: nothing then lies below the stated one
    if implied[1] >= low:
        return Fraction(0)
    return 1 - Fraction(implied[1]) / Fraction(low)


def out_of_bounds(grouped: Grouped) -> Iterator[Found]:
    """Counts below zero, shares outside 0 to 100, periods that end before they start."""
    frame = grouped.scoped
    low, high = grouped.low[frame.index.to_numpy()], grouped.high[frame.index.to_numpy()]
    counts = frame["code"].map({code: one.kind == "count" and code != "natural_increase" for code, one in indicators().items()})
    yield from _outside(grouped, frame[counts.to_numpy(bool) & (high < 0)], "not_negative", (Fraction(0), float("inf")))
    empty = frame["key"].isin(POPULATION_KEYS).to_numpy() & (low == 0) & (high == 0)
    yield from _outside(grouped, frame[empty], "population_positive", (Fraction(1), float("inf")))
    for row in identities().values():
        if row.form == "limit" and row.limits:
            least, most = row.limits
            named = frame["key"] == str(row.left.bind({})) if not row.left.free else _named(frame, row.left)
            outside = named.to_numpy(bool) & ((high < float(least)) | (low > float(most))) & (frame["status"] != "target").to_numpy()
            yield from _outside(grouped, frame[outside], row.identity, row.limits)
    wrong = {period for period in frame["period"].unique() if parse(period).problem}
    for row in frame.index[frame["period"].isin(wrong)]:
        figure = read_figure(grouped.facts.loc[row].to_dict())
        if figure is not None:
            yield about(frame, row), Verdict("needs_external", None, "period_order", (figure,), figure, None, "",
                                             {"template": "period"})


def _named(frame: pd.DataFrame, term: Term) -> pd.Series:
    """Rows whose figure has exactly the free dimension of the term."""
    keys = frame.loc[frame["code"] == term.code, "key"].unique()
    wanted = [key for key in keys if key.count("('") == 1 + len(term.dims) and all(f"('{name}'" in key for name in term.free)]
    return frame["key"].isin(wanted)


def _outside(grouped: Grouped, rows: pd.DataFrame, identity: str, allowed) -> Iterator[Found]:
    for row in rows.index:
        figure = read_figure(grouped.facts.loc[row].to_dict())
        if figure is not None:
            yield about(grouped.scoped, row), Verdict("impossible", 4, identity, (figure,), figure, allowed, "",
                                                      {"template": "impossible_limit"})
