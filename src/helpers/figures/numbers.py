"""Numbers as a reader sees them: rounded only here, a dash for what is missing, never a zero for it."""

from __future__ import annotations

import math

MISSING = "—"
MINUS = "\N{MINUS SIGN}"


def is_known(value: object) -> bool:
    """True for a finite number."""
    is_number = isinstance(value, int | float) or hasattr(value, "item")
    return is_number and math.isfinite(float(value))


def decimals_for(low: float, high: float, value: float = math.nan) -> int:
    """How many decimals an interval deserves: one where its half-width is 1 or more, else two.

    Source: `METHODS` 1.12, the suite's own display rule; whole numbers from a half-width of 10 on.
    """
    half = (high - low) / 2 if is_known(low) and is_known(high) else math.nan
    if math.isnan(half):
        return 2 if is_known(value) and abs(value) < 20 else 1
    return 0 if half >= 50 else 1 if half >= 1 else 2


def number(value: float, decimals: int | None = None) -> str:
    """A number with thousands separators, a real minus sign and a dash for what is missing.

    >>> number(30317), number(-0.35, 2), number(float("nan"))
    ('30,317', '−0.35', '—')
    """
    if not is_known(value):
        return "∞" if isinstance(value, float) and math.isinf(value) else MISSING
    value = float(value)
    if decimals is None:
        decimals = 0 if value == round(value) else 2
    text = f"{abs(value):,.{decimals}f}"
    negative = value < 0 and float(text.replace(",", "")) != 0
    return f"{MINUS}{text}" if negative else text


def interval(low: float, high: float, decimals: int) -> str:
    """Two limits with a dash between; a minus sign makes the dash a word apart.

    >>> interval(3.7312, 6.7133, 1), interval(-0.875, 0.171, 2)
    ('3.7–6.7', '−0.88 – 0.17')
    """
    if not (is_known(low) or is_known(high)):
        return MISSING
    left, right = number(low, decimals), number(high, decimals)
    return f"{left} – {right}" if MINUS in left + right else f"{left}–{right}"
