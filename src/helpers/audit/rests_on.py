"""What the rates of a group rest on: their implied population beside the printed ones."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import inf

from helpers.audit.denominators import Candidate, Match, candidates, classify, compare, year_fraction
from helpers.audit.faults import identity_of
from helpers.audit.figures import Figure, Group
from helpers.audit.localise import Domains, without
from helpers.audit.repairs import find_repair
from helpers.audit.verdicts import BIRTHS, CBR, CDR, DEATHS, NIR, POP_TOTAL, VITAL_RATES, Verdict, centre
from helpers.identities import Key, System
from helpers.identities.propagate import Domain
from helpers.identities.system import POPULATION


def denominator_verdict(system: System, implied: Domain, own: Domains, figures: Mapping[Key, Figure], group: Group,
                 hypothesis: str) -> Verdict | None:
    """The implied population against the printed ones; None where no rate is tied to a count."""
    if implied[1] >= system.free[POPULATION][1]:
        return None
    printed, fractions = _printed(group), _fractions(group)
    populations = tuple(dict.fromkeys(figure for _, figure in group.populations))
    used = tuple(figures[key] for key in own if key in figures and key != POP_TOTAL) + populations
    flags = ("partial_year",) if min(fractions) < 1 else ()
    match = compare(implied, [one for one in printed if one.proper], fractions)
    details = {"implied": implied, "match": match}
    if match is None:
        return Verdict("consistent", 0, "crude_birth_rate", used, None, implied, hypothesis or "population_unknown", details, flags)
    kind, severity = classify(match.distance)
    slip = _slip_on_printed(system, own, figures, group) if severity > 1 else None
    if slip:
        return slip
    if severity and _explained(implied, printed, fractions):
        details["also"] = ("population_opening",)
    elif severity:
        details["also"] = ("population_other",)
    suspect = min(populations, key=lambda figure: abs(centre(figure) - match.candidate.low))
    hypothesis = hypothesis if severity else hypothesis or f"population_{match.candidate.kind}"
    return Verdict(kind, severity, "crude_birth_rate", used, suspect if severity else None, implied, hypothesis, details, flags)


def _explained(implied: Domain, printed: list[Candidate], fractions: list[Fraction]) -> Match | None:
    """An improper population (the opening one) that fits exactly."""
    match = compare(implied, [one for one in printed if not one.proper], fractions)
    return match if match and match.distance == 0 else None


def _slip_on_printed(system: System, own: Domains, figures: Mapping[Key, Figure], group: Group) -> Verdict | None:
    """A rate that fits the printed population once its decimal point, its ‰ or two digits are put right."""
    rates = [key for key in own if key[0] in VITAL_RATES]
    for bounded in on_printed(system, group):
        repair = find_repair(bounded, own, figures, (), rates)
        if repair is not None and repair.kind in ("power_of_ten", "transposition"):
            used = tuple(figures[key] for key in own if key in figures)
            suspect = figures[repair.key]
            worked = bounded.solve(without(own, [repair.key])).domains[repair.key]
            return Verdict("arithmetic_error", 3, identity_of(system, repair.key), used, suspect, worked,
                           f"repair_{repair.kind}", {"repair": repair})
    return None


def on_printed(system: System, group: Group) -> list[System]:
    """The system with its mean population held to the printed ones; none where none is printed.

    One system for each stretch of populations printed, for rates of the period as it is and for rates that were annualised.
    """
    if POPULATION not in system.free:
        return []
    zones: list[Domain] = []
    for low, high in sorted((one.low, one.high) for one in _printed(group) if one.proper):
        if zones and low <= zones[-1][1]:
            zones[-1] = zones[-1][0], max(high, zones[-1][1])
        else:
            zones.append((low, high))
    return [System(system.equations, system.whole, {**system.free, POPULATION: (low * fraction, high * fraction)})
            for fraction in _fractions(group) for low, high in zones]


def _printed(group: Group) -> list[Candidate]:
    return candidates((fit, figure.code, figure.domain) for fit, figure in group.populations)


def _fractions(group: Group) -> list[Fraction]:
    """The rates are of the period as it is, or annualised."""
    whole = year_fraction(group.period)
    return [Fraction(1), whole] if whole < 1 else [Fraction(1)]


def different_denominators(system: System, own: Domains, apart: Domains | None,
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
