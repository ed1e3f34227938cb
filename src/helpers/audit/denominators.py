"""Which population the rates of a group were computed on, and how far it lies from the ones printed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import inf

from helpers.identities.propagate import Domain
from helpers.periods import days_in_year_from, parse

# A mean population may differ from the closing one by half a year's growth; beyond 5 % a year it is a
# boundary change or migration, and no hypothesis of ours (METHODS 1.1, 3.4).
GROWTH = Fraction(5, 100)
NOTE, DIFFERS = Fraction(1, 100), Fraction(5, 100)
STATED, MEAN, AVERAGE, GROWN, OPENING, MIDDLE = "stated", "mean", "average", "grown", "opening", "middle"


@dataclass(frozen=True)
class Candidate:
    """A population the rates may rest on: what it is, its range, and whether it is one of the proper ones."""

    kind: str
    low: Fraction
    high: Fraction
    proper: bool


@dataclass(frozen=True)
class Match:
    """How the implied population compares: nearest candidate, fraction of the year, relative distance (0 = meets)."""

    candidate: Candidate
    fraction: Fraction
    distance: Fraction


def year_fraction(period: str) -> Fraction:
    """Length of a period in years: by days where the dates are known, else by months; 1 when nothing is known.

    >>> year_fraction("20XX-10/20XX-06")
    Fraction(3, 4)
    """
    read = parse(period)
    if read.start and read.days and read.days > 1:
        return Fraction(read.days, days_in_year_from(read.start)) if read.months != 12 else Fraction(1)
    return Fraction(read.months, 12) if read.months else Fraction(1)


def candidates(populations: Iterable[tuple[str, str, Domain]]) -> list[Candidate]:
    """What the rates may rest on, from the populations printed: (fit, code, range) as `groups` found them.

    With an opening population within 5 % of the closing one the mean is known, and the opening one alone
    is a note; without it every mean that growth within 5 % allows is admitted.
    """
    found: list[Candidate] = []
    printed = sorted(populations)
    closing = [domain for fit, code, domain in printed if fit in ("exact", "closing") and code == "pop_total"]
    opening = [domain for fit, code, domain in printed if fit == "opening" and code == "pop_total"]
    found += [Candidate(AVERAGE, *domain, True) for fit, code, domain in printed if code == "pop_avg" and fit != "opening"]
    found += [Candidate(STATED, *domain, True) for domain in closing]
    found += [Candidate(MIDDLE, *domain, True) for fit, code, domain in printed if fit == "middle" and code == "pop_total"]
    for last in closing:
        first = [domain for domain in opening if abs(last[0] - domain[0]) <= GROWTH * domain[0]]
        found += [Candidate(MEAN, (last[0] + one[0]) / Fraction(2), (last[1] + one[1]) / Fraction(2), True) for one in first]
        found += [Candidate(OPENING, *one, False) for one in first]
        if not first:
            low, high = (last[0] + last[0] / (1 + GROWTH)) / 2, (last[1] + last[1] / (1 - GROWTH)) / 2
            found.append(Candidate(GROWN, low, high, True))
    if not closing:
        found += [Candidate(GROWN, one[0] * (1 - GROWTH / 2), one[1] * (1 + GROWTH / 2), True) for one in opening]
    return [one for one in found if one.low > 0 and one.high < inf]


def compare(implied: Domain, populations: Iterable[Candidate], fractions: Iterable[Fraction]) -> Match | None:
    """The best match of an implied population: proper candidates first, the whole year before a part of it."""
    best: tuple | None = None
    for step, fraction in enumerate(fractions):
        low, high = implied[0] / fraction, (inf if implied[1] == inf else implied[1] / fraction)
        for rank, candidate in enumerate(populations):
            if low <= candidate.high and high >= candidate.low:
                distance = Fraction(0)
            elif low > candidate.high:
                distance = Fraction(low) / Fraction(candidate.high) - 1
            else:
                distance = 1 - Fraction(high) / Fraction(candidate.low)
            order = (distance if candidate.proper else max(distance, NOTE), step, rank)
            if best is None or order < best[0]:
                best = order, Match(candidate, fraction, distance)
    return best[1] if best else None


def classify(distance: Fraction | float) -> tuple[str, int]:
    """Class and severity by the relative distance from the nearest proper population (METHODS 3.4)."""
    if distance <= 0:
        return "consistent", 0
    if distance < NOTE:
        return "note", 1
    return "denominator_differs", 2 if distance <= DIFFERS else 3
