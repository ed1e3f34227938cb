"""What a set of stated intervals and identities leaves possible (HC4-revise inside an AC-3 queue).

Variables are named by any hashable; a domain is a closed pair (low, high) of exact numbers, ends may be
infinite. Open ends are treated as closed: a tie may have been rounded either way, and the audit must not
call it an error. Sources: Benhamou et al. 1999 (HC4), Mackworth 1977 (AC-3).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, inf

Number = Fraction | int | float
Domain = tuple[Number, Number]
ROUNDS = 200
_RELATIVE = Fraction(1, 10**12)
# Nothing that a report counts is as large: a lower end that creeps past it runs away, and nothing satisfies its equations.
_BEYOND = 10**13
_GRID = 10**15
# In floating point every new end is moved outward by more than the error of the step, so that "nothing
# remains" is certain; what a whole number misses by less than a millionth counts as met.
_TINY, _LOOSE = 1e-13, 1e-6


@dataclass(frozen=True)
class Equation:
    """One identity over named variables.

    sum: v0 = v1 + v2 + …; bound: v0 <= v1; ratio: v0 * v2 = per * v1 (v2 >= 0).
    """

    identity: str
    form: str
    variables: tuple[Hashable, ...]
    per: Fraction = Fraction(1)


@dataclass(frozen=True)
class Outcome:
    """Domains that remain; when nothing remains, the equation that failed and the stated figures it rests on."""

    domains: Mapping[Hashable, Domain]
    feasible: bool
    failed: Equation | None = None
    proof: frozenset = frozenset()


def _times(a: Domain, b: Domain) -> Domain:
    """Product of intervals, with 0 * infinity = 0."""
    if a[0] >= 0 and b[0] >= 0:
        return a[0] * b[0], (0 if 0 in (a[1], b[1]) else a[1] * b[1])
    products = [0 if 0 in (x, y) else x * y for x in a for y in b]
    return min(products), max(products)


def _over(a: Domain, b: Domain, one: Number) -> Domain:
    """Quotient of intervals; everything when the divisor holds 0."""
    if b[0] <= 0 <= b[1]:
        return -inf, inf
    return _times(a, (0 if b[1] == inf else one / b[1], 0 if b[0] == -inf else one / b[0]))


def _sum_views(equation: Equation, domains: Mapping[Hashable, Domain], one: Number) -> Iterable[tuple[Hashable, Domain]]:
    total, *parts = equation.variables
    lows = [domains[part][0] for part in parts]
    highs = [domains[part][1] for part in parts]
    yield total, (sum(lows), sum(highs))
    low, high = domains[total]
    for position, part in enumerate(parts):
        others_low = sum(lows[:position] + lows[position + 1:])
        others_high = sum(highs[:position] + highs[position + 1:])
        yield part, (low - others_high, high - others_low)


def _ratio_views(equation: Equation, domains: Mapping[Hashable, Domain], one: Number) -> Iterable[tuple[Hashable, Domain]]:
    rate, count, base = equation.variables
    per = equation.per * one
    share, turned = (one / per, one / per), (per, per)
    yield count, _times(_times(domains[rate], domains[base]), share)
    scaled = _times(domains[count], turned)
    yield rate, _over(scaled, domains[base], one)
    yield base, _over(scaled, domains[rate], one)


def _bound_views(equation: Equation, domains: Mapping[Hashable, Domain], one: Number) -> Iterable[tuple[Hashable, Domain]]:
    part, whole = equation.variables
    yield part, (-inf, domains[whole][1])
    yield whole, (domains[part][0], inf)


_VIEWS = {"sum": _sum_views, "ratio": _ratio_views, "bound": _bound_views}


def _outward(domain: Domain, whole: bool, exact: bool) -> Domain:
    """Whole numbers inward for counts, otherwise outward on a fine grid (fractions stay short, floats stay safe)."""
    low, high = domain
    if whole:
        loose = 0 if exact else _LOOSE
        return (low if abs(low) == inf else ceil(low - loose)), (high if abs(high) == inf else floor(high + loose))
    if not exact:
        return low - _TINY * abs(low) if low > -inf else low, high + _TINY * abs(high) if high < inf else high
    if isinstance(low, Fraction) and low.denominator > _GRID:
        low = Fraction(floor(low * _GRID), _GRID)
    if isinstance(high, Fraction) and high.denominator > _GRID:
        high = Fraction(ceil(high * _GRID), _GRID)
    return low, high


def _shrunk(old: Domain, new: Domain, relative: Number) -> bool:
    """True when an end moved by more than this part of its size."""
    for before, after in zip(old, new, strict=True):
        if before != after and (abs(before) == inf or abs(after - before) > relative * max(abs(before), 1)):
            return True
    return False


def propagate(domains: Mapping[Hashable, Domain], equations: Iterable[Equation],
              whole: frozenset = frozenset(), *, exact: bool = True) -> Outcome:
    """Narrow every domain until nothing moves.

    `domains` must name every variable of `equations`; `whole` are those that are whole numbers. Returns
    the narrowed domains, or the failing equation and the variables its proof rests on. `exact=False`
    reckons in floating point, rounded outward: an order of magnitude faster, for asking whether anything remains.

    >>> total = Equation("births_by_sex", "sum", ("births", "boys", "girls"))
    >>> left = propagate({"births": (336, 336), "boys": (167, 167), "girls": (0, inf)}, [total])
    >>> left.domains["girls"]
    (169, 169)
    """
    one, relative = (Fraction(1), _RELATIVE) if exact else (1.0, 1e-11)
    current = dict(domains) if exact else {name: (float(low), float(high)) for name, (low, high) in domains.items()}
    support = {name: frozenset([name]) if low > -inf and high < inf else frozenset()
               for name, (low, high) in current.items()}
    equations = list(equations)
    watching: dict[Hashable, list[int]] = {}
    for number, equation in enumerate(equations):
        for name in equation.variables:
            watching.setdefault(name, []).append(number)
    queue, waiting = deque(range(len(equations))), set(range(len(equations)))
    budget = ROUNDS * max(1, len(equations))
    while queue and budget:
        budget -= 1
        number = queue.popleft()
        waiting.discard(number)
        equation = equations[number]
        for name, view in list(_VIEWS[equation.form](equation, current, one)):
            old = current[name]
            new = _outward((max(old[0], view[0]), min(old[1], view[1])), name in whole, exact)
            empty = new[0] > new[1] or inf > new[0] > _BEYOND
            if not empty and not _shrunk(old, new, relative):
                continue
            proof = frozenset().union(*(support[other] for other in equation.variables))
            if empty:
                return Outcome(current, False, equation, proof)
            current[name], support[name] = new, proof
            for other in watching[name]:
                if other not in waiting:
                    queue.append(other)
                    waiting.add(other)
    return Outcome(current, True)
