"""Which stated figure is at fault: the smallest weighted set to leave out (Fellegi and Holt, JASA 1976)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from helpers.catalogue import indicators
from helpers.identities import Key, System
from helpers.identities.propagate import Domain

MOST_ITEMS, MOST_REMOVED = 15, 3
_WEIGHTS = {"count": 3, "rate": 2, "share": 2, "ratio": 2, "area": 3}

Domains = Mapping[Key, Domain]


@dataclass(frozen=True)
class Fault:
    """A contradiction: the figures that cannot all be right, and the smallest sets that put it right."""

    core: tuple[Key, ...]
    removals: tuple[tuple[Key, ...], ...]
    identity: str

    @property
    def single(self) -> tuple[Key, ...]:
        """Figures each of which alone, left out, leaves no contradiction."""
        return tuple(removal[0] for removal in self.removals if len(removal) == 1)


def weight(key: Key) -> int:
    """How unlikely a figure is to be the wrong one: counts 3, rates and percentages 2, population 1."""
    if key[0] in ("pop_total", "pop_avg", "mean_population"):
        return 1
    return _WEIGHTS[indicators()[key[0]].kind] if key[0] in indicators() else _WEIGHTS["count"]


def without(stated: Domains, left_out: Iterable[Key]) -> dict[Key, Domain]:
    """The stated domains but these."""
    out = set(left_out)
    return {key: domain for key, domain in stated.items() if key not in out}


def core(system: System, stated: Domains) -> tuple[tuple[Key, ...], str]:
    """A smallest contradiction (no figure of it can be spared), and the identity that breaks on it."""
    outcome = system.check(stated)
    if outcome.feasible:
        return (), ""
    kept = {key: stated[key] for key in stated if key in outcome.proof} or dict(stated)
    if system.check(kept).feasible:
        kept = dict(stated)
    # Derived figures are tried last, so that they stay in: a rate against its counts reads best.
    for key in sorted(kept, key=lambda key: (-weight(key), key)):
        trial = without(kept, [key])
        if not system.check(trial).feasible:
            kept = trial
    last = system.check(kept)
    return tuple(kept), last.failed.identity


def localise(system: System, stated: Domains, first: tuple[Key, ...], identity: str) -> Fault:
    """Which figures of a contradictory set to blame, given a core of it and the identity it breaks.

    Removal sets are searched by weight, each hitting every contradiction met so far; all single figures
    that put things right are reported, or else the lightest sets of two or three.
    """
    single = [key for key in first if system.check(without(stated, [key])).feasible]
    if single:
        return Fault(first, tuple((key,) for key in single), identity)
    items = _items(system, stated, first)
    met = [set(first)]
    sets = [chosen for size in range(2, MOST_REMOVED + 1) for chosen in combinations(items, size)]
    best: list[tuple[Key, ...]] = []
    for chosen in sorted(sets, key=lambda chosen: (sum(map(weight, chosen)), len(chosen))):
        if best and sum(map(weight, chosen)) > sum(map(weight, best[0])):
            break
        if not all(met_core & set(chosen) for met_core in met):
            continue
        rest = without(stated, chosen)
        outcome = system.check(rest)
        if outcome.feasible:
            best.append(chosen)
        else:
            met.append(set(core(system, rest)[0]))
    return Fault(first, tuple(best), identity)


def _items(system: System, stated: Domains, first: tuple[Key, ...]) -> list[Key]:
    """At most fifteen figures to blame: those of the contradiction and of the ones that remain without it."""
    items, rest = list(first), without(stated, first)
    while len(items) < MOST_ITEMS:
        more, _ = core(system, rest)
        if not more:
            break
        items += [key for key in more if key not in items]
        rest = without(rest, more)
    return items[:MOST_ITEMS]
