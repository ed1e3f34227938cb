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


def candidates(closing: Domain | None, opening: Domain | None, average: Domain | None,
               middle: Domain | None) -> list[Candidate]:
    """Populations to compare with, proper ones first, from the populations printed (None where not)."""
    found = []
    if average:
        found.append(Candidate(AVERAGE, *average, True))
    if closing:
        found.append(Candidate(STATED, *closing, True))
    if closing and opening and abs(closing[0] - opening[0]) <= GROWTH * opening[0]:
        mean = (closing[0] + opening[0]) / Fraction(2), (closing[1] + opening[1]) / Fraction(2)
        found.append(Candidate(MEAN, *mean, True))
        found.append(Candidate(OPENING, *opening, False))
    elif closing:
        low = (closing[0] + closing[0] / (1 + GROWTH)) / 2
        high = (closing[1] + closing[1] / (1 - GROWTH)) / 2
        found.append(Candidate(GROWN, low, high, True))
    elif opening:
        found.append(Candidate(GROWN, opening[0] * (1 - GROWTH / 2), opening[1] * (1 + GROWTH / 2), True))
    if middle:
        found.append(Candidate(MIDDLE, *middle, True))
    return [one for one in found if one.high > 0]


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
