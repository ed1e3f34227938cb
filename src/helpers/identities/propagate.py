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
_GRID = 10**15


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
    products = [0 if 0 in (x, y) else x * y for x in a for y in b]
    return min(products), max(products)


def _over(a: Domain, b: Domain) -> Domain:
    """Quotient of intervals; everything when the divisor holds 0."""
    if b[0] <= 0 <= b[1]:
        return -inf, inf
    inverse = tuple(0 if abs(end) == inf else Fraction(1) / end for end in (b[1], b[0]))
    return _times(a, inverse)


def _sum_views(equation: Equation, domains: Mapping[Hashable, Domain]) -> Iterable[tuple[Hashable, Domain]]:
    total, *parts = equation.variables
    lows = [domains[part][0] for part in parts]
    highs = [domains[part][1] for part in parts]
    yield total, (sum(lows), sum(highs))
    low, high = domains[total]
    for position, part in enumerate(parts):
        others_low = sum(lows[:position] + lows[position + 1:])
        others_high = sum(highs[:position] + highs[position + 1:])
        yield part, (low - others_high, high - others_low)


def _ratio_views(equation: Equation, domains: Mapping[Hashable, Domain]) -> Iterable[tuple[Hashable, Domain]]:
    rate, count, base = equation.variables
    per = (equation.per, equation.per)
    yield count, _over(_times(domains[rate], domains[base]), per)
    yield rate, _over(_times(domains[count], per), domains[base])
    yield base, _over(_times(domains[count], per), domains[rate])


def _bound_views(equation: Equation, domains: Mapping[Hashable, Domain]) -> Iterable[tuple[Hashable, Domain]]:
    part, whole = equation.variables
    yield part, (-inf, domains[whole][1])
    yield whole, (domains[part][0], inf)


_VIEWS = {"sum": _sum_views, "ratio": _ratio_views, "bound": _bound_views}


def _outward(domain: Domain, whole: bool) -> Domain:
    """Round to whole numbers inward for counts, outward on a fine grid otherwise (fractions stay short)."""
    low, high = domain
    if whole:
        return (low if abs(low) == inf else ceil(low)), (high if abs(high) == inf else floor(high))
    if isinstance(low, Fraction) and low.denominator > _GRID:
        low = Fraction(floor(low * _GRID), _GRID)
    if isinstance(high, Fraction) and high.denominator > _GRID:
        high = Fraction(ceil(high * _GRID), _GRID)
    return low, high


def _shrunk(old: Domain, new: Domain) -> bool:
    """True when an end moved by more than 1e-12 of its size."""
    for before, after in zip(old, new, strict=True):
        if before != after and (abs(before) == inf or abs(after - before) > _RELATIVE * max(abs(before), 1)):
            return True
    return False


def propagate(domains: Mapping[Hashable, Domain], equations: Iterable[Equation],
              whole: frozenset = frozenset()) -> Outcome:
    """Narrow every domain until nothing moves.

    `domains` must name every variable of `equations`; `whole` are those that are whole numbers. Returns
    the narrowed domains, or the failing equation and the variables its proof rests on.

    >>> total = Equation("births_by_sex", "sum", ("births", "boys", "girls"))
    >>> left = propagate({"births": (336, 336), "boys": (167, 167), "girls": (0, inf)}, [total])
    >>> left.domains["girls"]
    (169, 169)
    """
    current = dict(domains)
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
        for name, view in list(_VIEWS[equation.form](equation, current)):
            old = current[name]
            new = _outward((max(old[0], view[0]), min(old[1], view[1])), name in whole)
            proof = frozenset().union(*(support[other] for other in equation.variables))
            if new[0] > new[1]:
                return Outcome(current, False, equation, proof)
            if not _shrunk(old, new):
                continue
            current[name], support[name] = new, proof
            for other in watching[name]:
                if other not in waiting:
                    queue.append(other)
                    waiting.add(other)
    return Outcome(current, True)
