"""The equations that the figures of one group must satisfy.

A group is a set of figures for one place, period and population base; a figure's name is its `Key`
(code and dims). Shared by the audit and by the table reader, which asks of a reading of a broken table
whether it contradicts itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from math import inf

from helpers.catalogue import indicators
from helpers.identities.propagate import Domain, Equation, Outcome, propagate
from helpers.identities.rows import MEAN_POPULATION, Identity, Key, Term, identities

Admit = Callable[[Equation], bool]
POPULATION: Key = (MEAN_POPULATION, ())
_ORDER = re.compile(r"(\d+)(\+?)")
_SHARE = "share of "
_PARTS = {"sex": ("male", "female"), "policy": ("in", "out")}


@dataclass(frozen=True)
class System:
    """Equations of a group, the variables that are whole numbers, and limits for those not stated."""

    equations: tuple[Equation, ...]
    whole: frozenset
    free: Mapping[Key, Domain]

    def check(self, stated: Mapping[Key, Domain]) -> Outcome:
        """As `solve`, in floating point rounded outward: is there anything that satisfies all of it?"""
        return self.solve(stated, exact=False)

    def solve(self, stated: Mapping[Key, Domain], *, exact: bool = True) -> Outcome:
        """Propagate the stated domains (others are free within their limits)."""
        domains = dict(self.free)
        for name, (low, high) in stated.items():
            least, most = self.free.get(name, (-inf, inf))
            domains[name] = max(low, least), min(high, most)
            if domains[name][0] > domains[name][1]:
                return Outcome(domains, False, Equation("not_negative", "bound", (name,)), frozenset([name]))
        for name in self.free:
            if name[0].startswith(_SHARE):
                low, high = domains[name[0].removeprefix(_SHARE), name[1]]
                domains[name] = (low / (100 + low), 1 if high == inf else high / (100 + high))
        return propagate(domains, self.equations, self.whole, exact=exact)


def is_count(key: Key) -> bool:
    """True for figures that can only be whole numbers."""
    code = key[0]
    return code in indicators() and indicators()[code].kind == "count" and code != "pop_avg"


def limits(key: Key) -> Domain:
    """What a figure can be before anything is known about it."""
    return (-inf, inf) if key[0] in ("nir", "natural_increase", "growth_rate") else (0, inf)


def order_pieces(labels: Iterable[str]) -> list[str]:
    """Birth orders that do not overlap and leave none out, from the labels in use: 1, 3+ -> 1, 2, 3+.

    >>> order_pieces(["1", "2+", "3+"])
    ['1', '2', '3+']
    """
    starts = {1}
    for label in labels:
        found = _ORDER.fullmatch(label)
        if not found:
            continue
        first = int(found[1])
        starts |= {first} if found[2] else {first, first + 1}
    if max(starts) > 12:
        return []
    ordered = sorted(starts)
    pieces = []
    for start, after in zip(ordered, [*ordered[1:], None], strict=True):
        pieces += [f"{start}+"] if after is None else [str(start)] if after == start + 1 else [f"{start}-{after - 1}"]
    return pieces


def _pieces(dimension: str, labels: set[str]) -> tuple[str, ...]:
    if dimension in _PARTS:
        return _PARTS[dimension] if labels <= set(_PARTS[dimension]) else ()
    return tuple(order_pieces(labels)) if dimension == "order" else ()


def _with(dims: tuple, name: str, value: str) -> tuple:
    return tuple(sorted((*dims, (name, value))))


def _partitions(rows: list[Identity], stated: Iterable[Key]) -> list[Equation]:
    """whole = sum of parts, at every level of the cross-classification that the stated figures reach.

    202 first births within policy + 76 second within + 3 second outside against 278 births: no printed
    subtotal shows the contradiction, the lattice does.
    """
    by_code: dict[str, dict[str, Identity]] = {}
    for row in rows:
        by_code.setdefault(row.left.code, {})[row.dimension] = row
    equations = []
    for code, dimensions in by_code.items():
        cells = [dict(dims) for name, dims in stated if name == code and set(dict(dims)) <= set(dimensions)]
        labels = {name: {cell[name] for cell in cells if name in cell} for name in dimensions}
        used = {name: _pieces(name, labels[name]) for name in dimensions if labels[name]}
        used = {name: pieces for name, pieces in used.items() if pieces}
        for name, pieces in used.items():
            others = [[None, *used[other]] for other in used if other != name]
            names = [other for other in used if other != name]
            for values in product(*others):
                dims = tuple(sorted((other, value) for other, value in zip(names, values, strict=True) if value))
                parts = tuple((code, _with(dims, name, piece)) for piece in pieces)
                equations.append(Equation(dimensions[name].identity, "sum", ((code, dims), *parts)))
                equations += _composites(dimensions[name].identity, code, dims, labels[name], pieces, name)
    return equations


def _composites(identity: str, code: str, dims: tuple, labels: set[str], pieces: tuple[str, ...], name: str) -> list[Equation]:
    """A printed `2+` beside pieces 2 and 3+ is their sum."""
    equations = []
    for label in sorted(labels - set(pieces)):
        start = int(_ORDER.fullmatch(label)[1]) if _ORDER.fullmatch(label) else None
        if start is None or not label.endswith("+"):
            continue
        inside = [piece for piece in pieces if int(re.match(r"\d+", piece)[0]) >= start]
        parts = tuple((code, _with(dims, name, piece)) for piece in inside)
        equations.append(Equation(identity, "sum", ((code, _with(dims, name, label)), *parts)))
    return equations


def _bindings(terms: Iterable[Term], stated: Iterable[Key]) -> list[dict[str, str]]:
    """Values of `$` for which at least one term with a `$` is stated; one empty binding when there is none."""
    terms = list(terms)
    if not any(term.free for term in terms):
        return [{}]
    found: list[dict[str, str]] = []
    for term in terms:
        for key in stated:
            bound = term.match(key) if term.free else None
            if bound and bound not in found:
                found.append(bound)
    return found


def _ratio(row: Identity, bound: dict[str, str], stated: Mapping[Key, Domain], admit: Admit) -> list[Equation]:
    left, count = row.left.bind(bound), row.terms[0].bind(bound)
    if left not in stated or row.trust in ("open", "resident"):
        return []
    if row.trust == "population":
        return [Equation(row.identity, "ratio", (left, count, POPULATION), row.per)]
    ratios = [Equation(row.identity, "ratio", (left, count, term.bind(bound)), row.per) for term in row.denominators]
    if row.trust == "custom":
        # Any of the usual denominators may be meant: the one that fits, else the first that is claimed.
        claimed = [ratio for ratio in ratios if all(name in stated for name in ratio.variables) and admit(ratio)]
        fitting = [ratio for ratio in claimed if propagate({name: stated[name] for name in ratio.variables}, [ratio]).feasible]
        return (fitting or claimed)[:1]
    found = [next((ratio for ratio in ratios if ratio.variables[2] in stated), ratios[0])]
    if row.rule == "C8":
        found += _split(row, left, *found[0].variables[1:])
    return found


def _split(row: Identity, ratio: Key, first: Key, second: Key) -> list[Equation]:
    """first / second = r means first = r/(1+r) of the two together: narrows at once where HC4 would creep."""
    share = (_SHARE + ratio[0], ratio[1])
    whole = (first[0], tuple(pair for pair in first[1] if pair[0] != "sex"))
    return [Equation(row.identity, "ratio", (share, first, whole)),
            Equation(row.identity, "sum", (whole, first, second))]


def _listed_in_full(names: list[Key], stated: Mapping[Key, Domain], admit: Admit, row: Identity) -> bool:
    """True when a list prints all its terms together, and nothing else of their kind."""
    if not all(name in stated for name in names) or not admit(Equation(row.identity, "sum", tuple(names))):
        return False
    codes = {code for code, _ in names}
    return all(key in names for key in stated if key[0] in codes)


def _equations(row: Identity, stated: Mapping[Key, Domain], admit: Admit) -> list[Equation]:
    found = []
    for bound in _bindings([row.left, *row.terms, *row.denominators], stated):
        try:
            if row.form == "ratio":
                found += _ratio(row, bound, stated, admit)
            elif row.form in ("sum", "difference"):
                left, terms = row.left.bind(bound), [term.bind(bound) for term in row.terms]
                if row.trust == "custom" and not _listed_in_full([left, *terms], stated, admit, row):
                    continue
                if row.form == "difference":
                    left, terms = terms[0], [terms[1], left]
                found.append(Equation(row.identity, "sum", (left, *terms)))
            elif row.form == "bound":
                found.append(Equation(row.identity, "bound", (row.left.bind(bound), row.terms[0].bind(bound))))
        except KeyError:
            # A term without this `$` in reach: the row says nothing about this value.
            continue
    return found


def build_system(stated: Mapping[Key, Domain], admit: Admit = lambda equation: False) -> System:
    """The equations of the catalogue that touch the stated figures, cut down to those that can bite.

    `admit` is asked about rates whose denominator is a matter of custom: True where the text itself claims it.
    """
    rows = list(identities().values())
    equations = _partitions([row for row in rows if row.form == "partition"], list(stated))
    for row in rows:
        if row.form in ("ratio", "sum", "difference", "bound"):
            equations += _equations(row, stated, admit)
    equations = _relevant(equations, stated)
    names = {name for equation in equations for name in equation.variables} | set(stated)
    free = {name: limits(name) for name in names}
    return System(tuple(dict.fromkeys(equations)), frozenset(name for name in names if is_count(name)), free)


def _relevant(equations: list[Equation], stated: Mapping[Key, object]) -> list[Equation]:
    """Drop equations that cannot bite: a bound without both sides in play, a sum nobody prints a term of."""
    while True:
        uses: dict[Key, int] = {}
        for equation in equations:
            for name in set(equation.variables):
                uses[name] = uses.get(name, 0) + 1
        kept = []
        for equation in equations:
            loose = [name for name in equation.variables
                     if name not in stated and uses[name] == 1 and name != POPULATION and not name[0].startswith(_SHARE)]
            # one unknown that nothing else speaks of absorbs whatever the others say, unless it is a count >= 0
            if equation.form == "bound" and loose:
                continue
            if equation.form == "ratio" and loose and not (is_count(equation.variables[1]) and loose == [equation.variables[1]]):
                continue
            if equation.form == "sum" and len(loose) == len(equation.variables):
                continue
            kept.append(equation)
        if len(kept) == len(equations):
            return kept
        equations = kept


def contradictions(figures: Mapping[Key, Domain]) -> tuple[str, frozenset] | None:
    """The identity that a set of figures breaks, with the figures its proof rests on; None when they agree.

    For readers of broken tables: give each reading's figures, keep the reading without contradiction.

    >>> group = (("group", "高血压"),)
    >>> contradictions({("fd_signed", group): (1435, 1435), ("fd_population", group): (1275, 1275)})[0]
    'family_doctor_groups'
    """
    outcome = build_system(figures).solve(figures)
    if outcome.feasible:
        return None
    return outcome.failed.identity, outcome.proof & frozenset(figures)
