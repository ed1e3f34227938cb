"""What ties the cells together: the identities of the catalogue within a period, parts to the whole of a period,
townships to their county. It is what an attacker would reckon with to get back at a hidden figure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import product

import pandas as pd

from helpers.catalogue import indicators
from helpers.identities import Key, build_system, identities
from helpers.identities.rows import MEAN_POPULATION
from helpers.identities.system import order_pieces
from helpers.periods import parse
from helpers.suppress.figures import Cell, Stated, by_place, is_count

POPULATION: Key = (MEAN_POPULATION, ())
PART, REST = "part of ", "rest of "  # a part that nobody prints: the whole less a printed part
# A mean population is taken to lie as near as this to the one printed for the year, or for a year next to it.
NEAR, FARTHER = 0.05, 0.10
_BRACKET = re.compile(r"[（(].*?[）)]$")


@dataclass(frozen=True)
class Link:
    """sum: cells[0] = cells[1] + …; within: cells[0] <= cells[1] + …; ratio: rate · cells[1] = per · cells[0] with the rate
    stated in `rate`; near: cells[0] lies within `per` (a share) of cells[1]."""

    form: str
    cells: tuple[Cell, ...]
    per: float = 1.0
    rate: Cell | None = None


def links(cells: Mapping[Cell, Stated], places: pd.DataFrame) -> list[Link]:
    """All links between the cells that their own figures do not break (a slip of a document ties nothing).

    cells: as `helpers.suppress.figures.stated_cells` gives them; places: PLACES.
    """
    found: list[Link] = []
    for place, periods in by_place(cells).items():
        for period, stated in periods.items():
            found += _within_a_period(place, period, stated)
        found += _parts_of_periods(place, periods)
        found += _populations(place, periods)
    found += _counties(cells, places)
    return [link for link in dict.fromkeys(found) if holds(link, cells)]


def _within_a_period(place: str, period: str, stated: Mapping[Key, Stated]) -> Iterator[Link]:
    def at(*keys: Key) -> tuple[Cell, ...]:
        return tuple(Cell(place, period, key) for key in keys)

    domains = {key: (one.low, one.high) for key, one in stated.items()}
    shares = {row.left.code for row in identities().values() if row.form == "ratio" and row.per == 100 and row.rule != "C8"}
    for equation in [*build_system(domains, admit=lambda equation: True).equations, *_open_ratios(stated)]:
        names = equation.variables
        if equation.form == "sum" and all(is_count(name) for name in names):
            yield Link("sum", at(*names))
        elif equation.form == "bound":
            yield Link("sum", at(names[1], names[0], (REST + names[0][0], names[0][1])))
        elif equation.form == "ratio" and is_count(names[1]):
            rate, part, whole = names
            yield Link("ratio", at(part, whole), float(equation.per), Cell(place, period, rate))
            if rate[0] in shares and is_count(whole):
                yield Link("sum", at(whole, part, (REST + part[0], part[1])))
    yield from _untold_rates(place, period, stated)
    yield from _untold_parts(place, period, stated)


@dataclass(frozen=True)
class _Open:
    form: str
    variables: tuple[Key, Key, Key]
    per: float


def _open_ratios(stated: Mapping[Key, Stated]) -> Iterator[_Open]:
    """Rates whose denominator the audit leaves open; an attacker would try it."""
    for row in identities().values():
        if row.form == "ratio" and row.trust in ("open", "resident"):
            for key in list(stated):
                bound = row.left.match(key)
                if bound is not None:
                    part, wholes = row.terms[0].bind(bound), [term.bind(bound) for term in row.denominators]
                    yield from (_Open("ratio", (key, part, whole), float(row.per)) for whole in wholes if whole in stated)


def _untold_rates(place: str, period: str, stated: Mapping[Key, Stated]) -> Iterator[Link]:
    """Counts whose rate is not printed: part and whole are tied all the same."""
    for row in identities().values():
        if row.form != "ratio" or row.per != 100 or row.rule == "C8" or row.trust == "population":
            continue
        for key in list(stated):
            bound = row.terms[0].match(key)
            if bound is None:
                continue
            whole = next((term.bind(bound) for term in row.denominators if term.bind(bound) in stated), None)
            if whole is not None and is_count(whole):
                yield Link("sum", tuple(Cell(place, period, name) for name in (whole, key, (REST + key[0], key[1]))))


def _untold_parts(place: str, period: str, stated: Mapping[Key, Stated]) -> Iterator[Link]:
    """Shares of mothers and births whose counts no indicator holds: 99.27 % of 137 births in hospital leave one at home."""
    tied = {row.left.code for row in identities().values() if row.form == "ratio"}
    wholes = [(code, ()) for code in ("live_births", "births", "pregnant_women") if (code, ()) in stated]
    for code, dims in stated:
        one = indicators()[code]
        if one.kind == "share" and one.group == "mch" and one.flow == "flow" and code not in tied and wholes:
            part, whole, rest = Cell(place, period, (PART + code, dims)), Cell(place, period, wholes[0]), Cell(place, period, (REST + code, dims))
            yield Link("ratio", (part, whole), 100.0, Cell(place, period, (code, dims)))
            yield Link("sum", (whole, part, rest))


def _parts_of_periods(place: str, periods: Mapping[str, Mapping[Key, Stated]]) -> Iterator[Link]:
    """January to June and July to December make the year."""
    spans: dict[Key, list[tuple]] = defaultdict(list)
    for period, stated in periods.items():
        read = parse(period)
        if read.start is None:
            continue
        for key in stated:
            if is_count(key) and indicators()[key[0]].flow == "flow":
                spans[key].append((read.start, read.end, period))
    for key, told in spans.items():
        for whole, first, second in product(told, told, told) if len(told) > 2 else ():
            if whole[0] == first[0] and first[1] + timedelta(days=1) == second[0] and second[1] == whole[1]:
                yield Link("sum", tuple(Cell(place, one[2], key) for one in (whole, first, second)))


def _populations(place: str, periods: Mapping[str, Mapping[Key, Stated]]) -> Iterator[Link]:
    """A mean population that nobody prints is near to one that is printed."""
    people = {period: parse(period).year for period, stated in periods.items() if ("pop_total", ()) in stated}
    for period, stated in periods.items():
        if not {"cbr", "cdr", "nir"} & {code for code, _ in stated}:
            continue
        year = parse(period).year
        distances = {other: abs(told - year) if told and year else 0 if other == period else 9 for other, told in people.items()}
        nearest = min(distances, key=lambda other: (distances[other], other), default=None)
        if nearest is not None and distances[nearest] <= 2:
            near = NEAR if distances[nearest] == 0 else FARTHER
            yield Link("near", (Cell(place, period, POPULATION), Cell(place, nearest, ("pop_total", ()))), near)


def _counties(cells: Mapping[Cell, Stated], places: pd.DataFrame) -> Iterator[Link]:
    """A county's own figure and those of its townships: equal when they add up to it, else a limit."""
    townships = places[(places["level"] == "township") & (places["county"] != "")]
    members = {key: set(ids) for key, ids in townships.groupby(["county", "simulated"])["place_id"]}
    homes = {place: (bare(county), simulated) for (county, simulated), ids in members.items() for place in ids}
    counties = places[places["level"] == "county"]
    own = {row.place_id: (bare(row.title), row.simulated) for row in counties.rename(columns={"name": "title"}).itertuples()}
    below: dict[tuple, list[Cell]] = defaultdict(list)
    for cell in cells:
        if cell.place in homes and is_count(cell.key):
            below[homes[cell.place], cell.period, cell.key].append(cell)
    for cell in cells:
        parts = below.get((own[cell.place], cell.period, cell.key), []) if cell.place in own else []
        if parts:
            total = Link("sum", (cell, *sorted(parts)))
            yield total if holds(total, cells) else Link("within", (cell, *sorted(parts)))


def bare(name: str) -> str:
    """A county's name without a remark in brackets behind it."""
    return _BRACKET.sub("", name)


def holds(link: Link, cells: Mapping[Cell, Stated]) -> bool:
    """Whether what is stated leaves the link possible; cells nobody states can be anything from 0."""
    low, high = zip(*(_ends(cell, cells) for cell in link.cells), strict=True)
    if link.form == "sum":
        return low[0] <= sum(high[1:]) + 1e-9 and high[0] >= sum(low[1:]) - 1e-9
    if link.form == "within":
        return sum(low[1:]) <= high[0] + 1e-9
    if link.form == "near":
        return True
    rate = cells.get(link.rate)
    if rate is None or high[1] <= 0:
        return rate is None
    return rate.high * high[1] >= link.per * low[0] - 1e-9 and rate.low * low[1] <= link.per * high[0] + 1e-9


def _ends(cell: Cell, cells: Mapping[Cell, Stated]) -> tuple[float, float]:
    stated = cells.get(cell)
    least = float("-inf") if cell.key[0] == "natural_increase" else 0.0
    return (stated.low, stated.high) if stated is not None else (least, float("inf"))


def rate_ranges(cells: Mapping[Cell, Stated], hidden: Iterable[Cell]) -> dict[Cell, tuple[float, float]]:
    """What is known of every rate: printed, or the difference of two printed ones, or what the other shares leave."""
    gone = set(hidden)
    known = {cell: (one.low, one.high) for cell, one in cells.items() if cell not in gone and not is_count(cell.key)}
    for cell in [cell for cell in cells if cell not in known and not is_count(cell.key)]:
        found = _by_difference(cell, known) or _by_total(cell, known)
        if found:
            known[cell] = found
    for cell, (low, high) in list(known.items()):
        if cell.key[0].startswith("srb") and high > 0:
            known[Cell(cell.place, cell.period, ("share of " + cell.key[0], cell.key[1]))] = low / (100 + low), high / (100 + high)
    return known


def _by_difference(cell: Cell, known: Mapping[Cell, tuple[float, float]]) -> tuple[float, float] | None:
    def of(code: str) -> tuple[float, float] | None:
        return known.get(Cell(cell.place, cell.period, (code, cell.key[1])))

    births, deaths, increase = of("cbr"), of("cdr"), of("nir")
    if cell.key[0] == "nir" and births and deaths:
        return births[0] - deaths[1], births[1] - deaths[0]
    if cell.key[0] == "cbr" and deaths and increase:
        return deaths[0] + increase[0], deaths[1] + increase[1]
    if cell.key[0] == "cdr" and births and increase:
        return births[0] - increase[1], births[1] - increase[0]
    return None


def _by_total(cell: Cell, known: Mapping[Cell, tuple[float, float]]) -> tuple[float, float] | None:
    """A share by order when those of all other orders are printed: the rest of 100 %."""
    code, dims = cell.key
    label = dict(dims).get("order")
    if code != "order_rate" or label is None:
        return None
    others = {dict(one.key[1])["order"]: ends for one, ends in known.items() if one[:2] == cell[:2] and one.key[0] == code
              and dict(one.key[1]).keys() == dict(dims).keys() and dict(one.key[1]) | {"order": label} == dict(dims)}
    pieces = [piece for piece in order_pieces([*others, label]) if piece != label]
    if not pieces or not set(pieces) <= set(others):
        return None
    return 100 - sum(others[piece][1] for piece in pieces), 100 - sum(others[piece][0] for piece in pieces)
