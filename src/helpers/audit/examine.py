"""One group under the lens: exact propagation under the hypotheses of METHODS 3.3, the verdict of 3.4."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import cache, partial
from math import inf

from helpers.audit.denominators import GROWTH, year_fraction
from helpers.audit.faults import fault_verdict, identity_of, loose_digits, recomputed
from helpers.audit.figures import Figure, Group
from helpers.audit.localise import Domains, core, without
from helpers.audit.rests_on import denominator_verdict, different_denominators, on_printed
from helpers.audit.verdicts import CBR, CDR, NIR, VITAL_RATES, Verdict, centre, in_one_sentence
from helpers.catalogue import indicators
from helpers.identities import Equation, Key, Outcome, System, build_system, identities
from helpers.identities.propagate import Domain
from helpers.identities.system import POPULATION, limits

MOST_FAULTS = 6
# A population at these levels is bounded; at the others it is not (METHODS 3.3).
_POPULATION_LIMITS = {"township": (500, 300_000), "county": (10_000, 3_000_000)}


@cache
def _single_valued() -> frozenset[str]:
    """Indicators that have one value a period (row `one_value` of identities.csv) or are no counts that could be added."""
    rates = {code for code, one in indicators().items() if one.kind != "count"}
    return frozenset(rates | {term.code for term in identities()["one_value"].terms})


def stated_domains(group: Group) -> tuple[dict[Key, Domain], dict[Key, Figure]]:
    """One domain for each name; of several statements the narrowest that lies within the others, else their hull.

    A service that has several values is counted by kind (人流 965, 引产 208): the whole is up to their sum.
    """
    domains, figures = {}, {}
    for key, stated in group.by_key().items():
        stated = [figure for figure in stated if figure.domain[1] >= limits(key)[0]]
        if not stated:
            continue
        low, high = max(f.domain[0] for f in stated), min(f.domain[1] for f in stated)
        if low > high:
            low, high = min(f.domain[0] for f in stated), max(f.domain[1] for f in stated)
            if key[0] not in _single_valued():
                high = sum(top for _, top in {f.domain for f in stated})
        domains[key] = (low, high)
        figures[key] = min(stated, key=lambda figure: figure.domain[1] - figure.domain[0])
    return domains, figures


def _claimed(figures: Mapping[Key, Figure], equation: Equation) -> bool:
    """True when the figures stand so close together that the sentence itself relates them.

    "系统管理3500人，占87.0%" is a share of whom the sentence does not say.
    """
    rate = figures[equation.variables[0]]
    return not rate.quote.startswith("占") and in_one_sentence(figures[name] for name in equation.variables)


def components(system: System, stated: Iterable[Key]) -> list[tuple[System, set[Key]]]:
    """The blocks of figures that constrain each other, directly or through figures not stated, each with its equations."""
    parent: dict[Key, Key] = {}

    def root(name: Key) -> Key:
        while parent.setdefault(name, name) != name:
            name = parent[name]
        return name

    for equation in system.equations:
        first, *others = (root(name) for name in equation.variables)
        for other in others:
            parent[root(other)] = root(first)
    blocks: dict[Key, set[Key]] = {}
    for key in stated:
        if key in parent:
            blocks.setdefault(root(key), set()).add(key)
    found = []
    for top, keys in blocks.items():
        if len(keys) > 1:
            equations = tuple(equation for equation in system.equations if root(equation.variables[0]) == top)
            names = {name for equation in equations for name in equation.variables}
            found.append((System(equations, system.whole, {name: system.free[name] for name in names}), keys))
    return found


def _by_difference(domains: Domains, figures: Mapping[Key, Figure]) -> dict[Key, Domain] | None:
    """The hypothesis that the natural increase rate was taken from the two printed, rounded rates.

    With both printed it must be their exact difference; with the death rate unprinted it may be off by a
    unit of the last digit ("5.39‰, 死亡914人, 自增率为-0.36‰").
    """
    if NIR not in domains or not (CBR in domains or CDR in domains):
        return None
    figure = figures[NIR]
    half = (figure.domain[1] - figure.domain[0]) / 2
    if CBR in domains and CDR in domains:
        printed = [centre(figures[key]) for key in (CBR, CDR, NIR)]
        if printed[0] - printed[1] != printed[2]:
            return None
    low, high = domains[NIR]
    return {**domains, NIR: (low - half, high + half)}


def examine(group: Group, cleared: bool = False) -> list[Verdict]:
    """All verdicts on a group: its contradictions, notes, denominators, and what is consistent.

    `cleared` says that the screen has found no contradiction: then only what the rates rest on is worked out.
    Where parts would agree as parts of the wider whole, that is a question and no finding.
    """
    verdicts = _examined(group, cleared)
    for wider, moved in attached_wider(group) if any((verdict.severity or 0) >= 2 for verdict in verdicts) else ():
        code, facts = moved[0].code, {figure.fact for figure in moved}
        again = _examined(wider, False)
        if any((one.severity or 0) >= 2 and any(figure.code == code for figure in one.figures) for one in again):
            continue
        if any((one.severity or 0) >= 2 and any(figure.fact in facts for figure in one.figures) for one in verdicts):
            return [Verdict("needs_external", None, "births_by_sex", moved, None, details={"template": "attached"}), *again]
    return verdicts


def attached_wider(group: Group) -> Iterator[tuple[Group, tuple[Figure, ...]]]:
    """The group with the sexes of a part (政策内, 一孩) taken for the sexes of the whole, and the figures so moved.

    "共出生123人，其中政策内出生119人（男孩62人、女孩61人）": 62 and 61 are of the 123.
    """
    keys = {figure.key for figure in group.figures}
    for pair in sorted({pair for key in keys for pair in key[1] if pair[0] in ("policy", "order") and "sex" in dict(key[1])}):
        moved = tuple(figure for figure in group.figures if pair in figure.key[1] and "sex" in figure.dims)
        freed = {figure.fact: (figure.code, tuple(one for one in figure.key[1] if one != pair)) for figure in moved}
        if not keys & set(freed.values()):
            figures = tuple(replace(figure, key=freed.get(figure.fact, figure.key)) for figure in group.figures)
            yield replace(group, figures=figures), moved


def _examined(group: Group, cleared: bool) -> list[Verdict]:
    domains, figures = stated_domains(group)
    system = build_system(domains, partial(_claimed, figures))
    bounded = dict(system.free)
    if POPULATION in bounded:
        bounded[POPULATION] = _POPULATION_LIMITS.get(group.level, (0, inf))
        low, high = bounded[POPULATION]
        # The level of a place is read from its name (5477 people of three street committees); a population printed for it is stronger.
        low = min([low, *(figure.domain[0] * (1 - GROWTH) for _, figure in group.populations)])
        # Rates over part of a year rest on part of a population-year.
        bounded[POPULATION] = (low * min(year_fraction(group.period), Fraction(1)), high)
    system = System(system.equations, system.whole, bounded)
    verdicts = []
    for block, keys in components(system, domains):
        own = {key: domains[key] for key in domains if key in keys}
        vital = any(key[0] in VITAL_RATES for key in own)
        if cleared and not vital:
            verdicts += _agreement(block, own, figures, "")
        else:
            verdicts += _examine_component(block, own, figures, group)
    return verdicts


def _examine_component(system: System, own: dict[Key, Domain], figures: Mapping[Key, Figure],
                       group: Group) -> list[Verdict]:
    verdicts: list[Verdict] = []
    for _ in range(MOST_FAULTS):
        hypothesis = ""
        outcome = _remaining(system, own)
        apart = None if outcome.feasible else _by_difference(own, figures)
        if apart is not None and system.check(apart).feasible:
            own, outcome, hypothesis = apart, _remaining(system, apart), "nir_by_difference"
        if outcome.feasible:
            break
        if apart is not None and _rests_on_direct_rate(system, own, apart):
            own, hypothesis = apart, "nir_by_difference"
        settled = _settle(system, own, apart, figures, group)
        verdicts.append(settled[0])
        own = settled[1]
    else:
        return verdicts
    rates = [key for key in own if key[0] in VITAL_RATES]
    if rates and POPULATION in outcome.domains:
        verdict = denominator_verdict(system, outcome.domains[POPULATION], own, figures, group, hypothesis)
        if verdict:
            verdicts.append(verdict)
    return verdicts or _agreement(system, own, figures, hypothesis)


def _agreement(system: System, own: Domains, figures: Mapping[Key, Figure], hypothesis: str) -> list[Verdict]:
    """That these figures agree, if an identity was really put to the test on them."""
    identity = _main_identity(system, own)
    return [Verdict("consistent", 0, identity, tuple(figures[key] for key in own), hypothesis=hypothesis)] if identity else []


def _rests_on_direct_rate(system: System, own: dict[Key, Domain], apart: dict[Key, Domain]) -> bool:
    """True when the contradiction found is only that the natural increase rate was taken from rounded rates."""
    found, _ = core(system, own)
    return system.check({key: apart[key] for key in found}).feasible


def _remaining(system: System, own: Domains) -> Outcome:
    """What remains, exactly; a contradiction finer than the floating check resolves is a tie and none."""
    checked = system.check(own)
    if not checked.feasible:
        return checked
    exact = system.solve(own)
    return exact if exact.feasible else checked


def _settle(system: System, own: dict[Key, Domain], apart: dict[Key, Domain] | None,
            figures: Mapping[Key, Figure], group: Group) -> tuple[Verdict, dict[Key, Domain]]:
    """The verdict on one contradiction, and the domains with it taken out.

    Where leaving out a single figure brings the rates back to a printed population, that is the figure:
    a birth rate ten times too high agrees with a death rate ten times too low only on a tenth of the people.
    """
    first, identity = core(system, own)
    for domains in [own] + ([apart] if apart else []):
        how, moved = loose_digits(system, domains, figures, core(system, domains)[0])
        if how:
            named = tuple(figures[key] for key in moved)
            verdict = Verdict("note", 1, identity_of(system, named[0].key), named, named[0],
                              recomputed(system, own, named[0].key, first), how, {"template": how})
            return verdict, {**domains, **moved}
    differing = different_denominators(system, own, apart, figures)
    if differing:
        return differing, without(own, [figure.key for figure in differing.figures if figure.code in VITAL_RATES])
    for near in on_printed(system, group):
        closer, broken = core(near, own)
        if any(near.check(without(own, [key])).feasible for key in closer):
            verdict, removed = fault_verdict(near, own, figures, closer, broken, apart)
            return verdict, without(own, removed)
    verdict, removed = fault_verdict(system, own, figures, first, identity, apart)
    if apart and not verdict.details["single"] and not verdict.details["repair"]:
        verdict, removed = fault_verdict(system, apart, figures, *core(system, apart))
        own = apart
    return verdict, without(own, removed)


def _main_identity(system: System, own: Iterable[Key]) -> str:
    """The first identity that was really put to the test: all its figures stated, or a share of a stated whole."""
    known = set(own)
    for equation in system.equations:
        names = set(equation.variables)
        if names <= known or (equation.form == "ratio" and {equation.variables[0], equation.variables[2]} <= known):
            return equation.identity
    return ""
