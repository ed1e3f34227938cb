"""A verdict: what the audit has to say about some figures, before it is put into words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import inf

from helpers.audit.figures import Figure
from helpers.identities.propagate import Domain

VITAL_RATES = ("cbr", "cdr", "nir")
CBR, CDR, NIR = ((code, ()) for code in VITAL_RATES)
BIRTHS, DEATHS, POP_TOTAL = ((code, ()) for code in ("births", "deaths", "pop_total"))


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
