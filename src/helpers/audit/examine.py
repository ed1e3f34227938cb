"""One group under the lens: exact propagation under the hypotheses of METHODS 3.3, the verdict of 3.4."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from math import inf

from helpers.audit.denominators import Candidate, Match, candidates, classify, compare, year_fraction
from helpers.audit.figures import Figure, Group
from helpers.audit.localise import Domains, core, localise, without
from helpers.audit.repairs import Repair, find_exchange, find_repair
from helpers.catalogue import indicators
from helpers.identities import Equation, Key, Outcome, System, build_system, identities
from helpers.identities.propagate import Domain
from helpers.identities.system import POPULATION, limits

VITAL_RATES = ("cbr", "cdr", "nir")
CBR, CDR, NIR = ((code, ()) for code in VITAL_RATES)
BIRTHS, DEATHS = ("births", ()), ("deaths", ())
POP_TOTAL = "pop_total", ()
MOST_FAULTS = 6
# Characters: 孕产妇267人，系统管理213人，系统管理率79% is 25 long; a sentence that relates three figures rarely passes this.
ONE_SENTENCE = 80
# A population at these levels is bounded; at the others it is not (METHODS 3.3).
_POPULATION_LIMITS = {"township": (500, 300_000), "county": (10_000, 3_000_000)}


@dataclass(frozen=True)
class Verdict:
    """What the audit has to say about some figures of a group, before it is put into words."""

    kind: str
    severity: int | None
    identity: str
    figures: tuple[Figure, ...]
    suspect: Figure | None = None
    recomputed: Domain | None = None
    hypothesis: str = ""
    details: Mapping[str, object] = field(default_factory=dict)
    flags: tuple[str, ...] = ()


def stated_domains(group: Group) -> tuple[dict[Key, Domain], dict[Key, Figure]]:
    """One domain for each name; of several statements the narrowest that lies within the others, else their hull."""
    domains, figures = {}, {}
    for key, stated in group.by_key().items():
        stated = [figure for figure in stated if figure.domain[1] >= limits(key)[0]]
        if not stated:
            continue
        low, high = max(f.domain[0] for f in stated), min(f.domain[1] for f in stated)
        if low > high:
            low, high = min(f.domain[0] for f in stated), max(f.domain[1] for f in stated)
        domains[key] = (low, high)
        figures[key] = min(stated, key=lambda figure: figure.domain[1] - figure.domain[0])
    return domains, figures


def _claimed(figures: Mapping[Key, Figure], equation: Equation) -> bool:
    """True when the figures stand so close together that the sentence itself relates them."""
    spans = [figures[name] for name in equation.variables]
    return max(span.end for span in spans) - min(span.start for span in spans) <= ONE_SENTENCE


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
        printed = [_centre(figures[key]) for key in (CBR, CDR, NIR)]
        if printed[0] - printed[1] != printed[2]:
            return None
    low, high = domains[NIR]
    return {**domains, NIR: (low - half, high + half)}


def _centre(figure: Figure) -> Fraction:
    low, high = figure.domain
    return (low + high) / 2 if abs(low) < inf and abs(high) < inf else low


def _is_rounded(figure: Figure) -> bool:
    return indicators()[figure.code].kind != "count" and figure.domain[0] != figure.domain[1]


def _cut_off(system: System, domains: Domains, figures: Mapping[Key, Figure], among: set[Key]) -> tuple[Figure, ...]:
    """The rates whose digits, cut off instead of rounded, would settle it: one, or else all of them."""
    rates = [figures[key] for key in domains if key in figures and _is_rounded(figures[key])]
    for chosen in [(rate,) for rate in rates if rate.key in among] + ([tuple(rates)] if len(rates) > 1 else []):
        if system.check({**domains, **{rate.key: rate.cut_off() for rate in chosen}}).feasible:
            return chosen
    return ()


def _fault_verdict(system: System, domains: Domains, figures: Mapping[Key, Figure], first: tuple[Key, ...],
                   identity: str) -> tuple[Verdict, set[Key]]:
    """The verdict on a contradiction with this core, and the figures to leave out before looking for the next."""
    fault = localise(system, domains, first, identity)
    single = [key for key in fault.single if key in figures]
    judged = domains
    repair = None if single else find_exchange(system, domains, fault.core)
    if not single and not repair and fault.removals:
        # Several errors at once: take up the first with the others left out; the next round finds the next.
        among = [key for key in fault.removals[0] if key in first] or list(fault.removals[0])
        judged = without(domains, [key for key in fault.removals[0] if key != among[0]])
        single = among[:1]
    repair = repair or find_repair(system, judged, figures, fault.core, single)
    suspect = _suspect(fault.core, single, repair)
    removed = {suspect} if suspect in single or repair else set(single or fault.core)
    recomputed = _recomputed(system, judged, suspect, [key for key in fault.core if key in judged])
    derived = [key for key in single if indicators()[key[0]].kind != "count"]
    if repair or (derived and _numerator_stated(system, derived, judged)):
        kind = "arithmetic_error"
    else:
        kind = "impossible"
    verdict = Verdict(
        kind, {"arithmetic_error": 3, "impossible": 4}[kind], fault.identity,
        tuple(figures[key] for key in fault.core if key in figures), figures.get(suspect), recomputed,
        f"repair_{repair.kind}" if repair else "",
        {"repair": repair, "single": single, "unprinted": bool(derived) and kind == "impossible"},
    )
    return verdict, removed | ({repair.other} if repair and repair.other else set())


def _suspect(core: tuple[Key, ...], single: list[Key], repair: Repair | None) -> Key:
    """The figure to show beside its recomputation.

    The one repaired; else the most derived of those that alone would settle it (nir before cbr, a rate
    before its counts); of counts the undivided whole beside its parts, and of two the part beside the whole.
    """
    if repair:
        return repair.key
    codes = list(indicators())
    rank = {"ratio": 0, "share": 1, "rate": 2, "area": 3, "count": 4}
    derived = [key for key in single if rank[indicators()[key[0]].kind] < 3]
    if derived:
        return min(derived, key=lambda key: (rank[indicators()[key[0]].kind], len(key[1]), -codes.index(key[0])))
    if len(core) == 2:
        return max(core, key=lambda key: (len(key[1]), key[0] != "fd_population", codes.index(key[0])))
    return min(core, key=lambda key: (rank[indicators()[key[0]].kind], len(key[1]), codes.index(key[0])))


def _numerator_stated(system: System, derived: list[Key], domains: Domains) -> bool:
    """False for a percentage that no whole number gives (GRIM): there is nothing printed to recompute it from."""
    for key in derived:
        for equation in system.equations:
            if equation.form == "ratio" and equation.variables[0] == key:
                left = without(domains, [key])
                low, high = system.check(left).domains.get(equation.variables[1], (0, inf))
                if low == high:
                    return True
            elif equation.form == "sum" and key in equation.variables:
                return True
    return False


def _recomputed(system: System, domains: Domains, suspect: Key, core: Iterable[Key]) -> Domain | None:
    """What the other figures say of the suspect: all of them, or those of the contradiction alone if they disagree."""
    for known in (domains, {key: domains[key] for key in core}):
        outcome = system.solve(without(known, [suspect]))
        if outcome.feasible and outcome.domains.get(suspect) not in (None, system.free.get(suspect)):
            return outcome.domains[suspect]
    return None


def examine(group: Group, cleared: bool = False) -> list[Verdict]:
    """All verdicts on a group: its contradictions, notes, denominators, and what is consistent.

    `cleared` says that the screen has found no contradiction: then only what the rates rest on is worked out.
    """
    domains, figures = stated_domains(group)
    system = build_system(domains, partial(_claimed, figures))
    bounded = dict(system.free)
    if POPULATION in bounded:
        bounded[POPULATION] = _POPULATION_LIMITS.get(group.level, (0, inf))
        # Rates over part of a year rest on part of a population-year.
        low, high = bounded[POPULATION]
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
        settled = _settle(system, own, apart, figures)
        verdicts.append(settled[0])
        own = settled[1]
    else:
        return verdicts
    rates = [key for key in own if key[0] in VITAL_RATES]
    if rates and POPULATION in outcome.domains:
        verdict = _denominator(system, outcome.domains[POPULATION], own, figures, group, hypothesis)
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
            figures: Mapping[Key, Figure]) -> tuple[Verdict, dict[Key, Domain]]:
    """The verdict on one contradiction, and the domains with it taken out."""
    first, identity = core(system, own)
    for domains in [own] + ([apart] if apart else []):
        cut = _cut_off(system, domains, figures, set(first))
        if cut:
            verdict = Verdict("note", 1, _identity_of(system, cut[0].key), cut, cut[0],
                              _recomputed(system, own, cut[0].key, first), "cut_off")
            return verdict, {**domains, **{figure.key: figure.cut_off() for figure in cut}}
    differing = _different_denominators(system, own, apart, figures)
    if differing:
        return differing, without(own, [figure.key for figure in differing.figures if figure.code in VITAL_RATES])
    verdict, removed = _fault_verdict(system, own, figures, first, identity)
    if apart and not verdict.details["single"] and not verdict.details["repair"]:
        verdict, removed = _fault_verdict(system, apart, figures, *core(system, apart))
        own = apart
    return verdict, without(own, removed)


def _different_denominators(system: System, own: Domains, apart: Domains | None,
                            figures: Mapping[Key, Figure]) -> Verdict | None:
    """Birth and death rate each right on a population of its own, their printed difference right too.

    Then no figure is miscopied; one rate was taken on the registered, the other on the resident population.
    """
    if apart is None or not all(key in own for key in (CBR, CDR, BIRTHS, DEATHS)):
        return None
    counts = {key: domain for key, domain in own.items() if key[0] not in VITAL_RATES}
    implied = []
    for rate in (CBR, CDR):
        outcome = system.check({**counts, rate: own[rate]})
        low, high = outcome.domains.get(POPULATION, (0, inf))
        if not outcome.feasible or high == inf:
            return None
        implied.append((low, high))
    (low, _), (_, high) = sorted(implied)[1], sorted(implied)[0]
    distance = low / high - 1
    kind, severity = classify(distance)
    if not severity or severity < 2:
        return None
    used = tuple(figures[key] for key in (BIRTHS, CBR, DEATHS, CDR, NIR) if key in own)
    return Verdict(kind, severity, "crude_death_rate", used, figures[CDR], sorted(implied)[0], "population_apart",
                   {"template": "denominators_apart", "implied": implied[0], "fields": {
                       "first": f"{implied[0][0]:.0f}–{implied[0][1]:.0f}", "second": f"{implied[1][0]:.0f}–{implied[1][1]:.0f}",
                       "distance": f"{distance:.2%}"}})


def _identity_of(system: System, key: Key) -> str:
    """The identity a figure is the left side of."""
    for equation in system.equations:
        if equation.variables[0] == key and equation.identity in identities():
            return equation.identity
    return ""


def _main_identity(system: System, own: Iterable[Key]) -> str:
    """The first identity that was really put to the test: all its figures stated, or a share of a stated whole."""
    known = set(own)
    for equation in system.equations:
        names = set(equation.variables)
        if names <= known or (equation.form == "ratio" and {equation.variables[0], equation.variables[2]} <= known):
            return equation.identity
    return ""


def _denominator(system: System, implied: Domain, own: Domains, figures: Mapping[Key, Figure], group: Group,
                 hypothesis: str) -> Verdict | None:
    """The implied population against the printed ones; None where no rate is tied to a count."""
    if implied[1] >= system.free[POPULATION][1]:
        return None
    printed = candidates((fit, figure.code, figure.domain) for fit, figure in group.populations)
    populations = tuple(dict.fromkeys(figure for _, figure in group.populations))
    used = tuple(figures[key] for key in own if key in figures and key != POP_TOTAL) + populations
    whole = year_fraction(group.period)
    fractions = [Fraction(1)] + ([whole] if whole < 1 else [])
    flags = ("partial_year",) if whole < 1 else ()
    match = compare(implied, [one for one in printed if one.proper], fractions)
    details = {"implied": implied, "match": match}
    if match is None:
        return Verdict("consistent", 0, "crude_birth_rate", used, None, implied, hypothesis or "population_unknown", details, flags)
    kind, severity = classify(match.distance)
    slip = _slip_on_printed(system, own, figures, match.candidate, fractions) if severity > 1 else None
    if slip:
        return slip
    if severity and _explained(implied, printed, fractions):
        details["also"] = ("population_opening",)
    elif severity:
        details["also"] = ("population_other",)
    suspect = min(populations, key=lambda figure: abs(_centre(figure) - match.candidate.low))
    hypothesis = hypothesis if severity else hypothesis or f"population_{match.candidate.kind}"
    return Verdict(kind, severity, "crude_birth_rate", used, suspect if severity else None, implied, hypothesis, details, flags)


def _slip_on_printed(system: System, own: Domains, figures: Mapping[Key, Figure], printed: Candidate,
                     fractions: list[Fraction]) -> Verdict | None:
    """A rate that fits the printed population once its decimal point, its ‰ or two digits are put right."""
    low, high = printed.low * min(fractions), printed.high
    bounded = System(system.equations, system.whole, {**system.free, POPULATION: (low, high)})
    rates = [key for key in own if key[0] in VITAL_RATES]
    repair = find_repair(bounded, own, figures, (), rates)
    if repair is None or repair.kind not in ("power_of_ten", "transposition"):
        return None
    used = tuple(figures[key] for key in own if key in figures)
    suspect = figures[repair.key]
    recomputed = bounded.solve(without(own, [repair.key])).domains[repair.key]
    return Verdict("arithmetic_error", 3, _identity_of(system, repair.key), used, suspect, recomputed,
                   f"repair_{repair.kind}", {"repair": repair})


def _explained(implied: Domain, printed: list[Candidate], fractions: list[Fraction]) -> Match | None:
    """An improper population (the opening one) that fits exactly."""
    match = compare(implied, [one for one in printed if not one.proper], fractions)
    return match if match and match.distance == 0 else None
