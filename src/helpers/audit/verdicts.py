"""A verdict: what the audit has to say about some figures, before it is put into words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import inf

from helpers.audit.figures import Figure
from helpers.identities.propagate import Domain

VITAL_RATES = ("cbr", "cdr", "nir")
CBR, CDR, NIR = ((code, ()) for code in VITAL_RATES)
BIRTHS, DEATHS, POP_TOTAL = ((code, ()) for code in ("births", "deaths", "pop_total"))


# Characters: 孕产妇267人，系统管理213人，系统管理率79% is 25 long; a sentence that relates three figures rarely passes this.
ONE_SENTENCE = 80


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


def centre(figure: Figure) -> Fraction:
    """The middle of what a figure stands for, its low end where it is open upwards."""
    low, high = figure.domain
    return (low + high) / 2 if abs(low) < inf and abs(high) < inf else low


def in_one_sentence(figures: Iterable[Figure]) -> bool:
    """True where figures stand so close together that the sentence itself relates them."""
    places = [(figure.start, figure.end) for figure in figures]
    return max(end for _, end in places) - min(start for start, _ in places) <= ONE_SENTENCE
