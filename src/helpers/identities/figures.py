"""What a printed figure stands for: the interval its digits, its multiplier and its hedge words allow.

All arithmetic is exact (`fractions.Fraction`); figures reach this module as text, because 58.60 and 58.6
are not the same statement.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import inf

from helpers.catalogue import read_rows
from helpers.errors import InputError

MODES = ("half-up", "half-even", "truncation", "ceiling", "any")
_MULTIPLIERS = {"百": 2, "千": 3, "万": 4, "萬": 4, "亿": 8, "億": 8}
_FIGURE = re.compile(r"(?P<sign>[-−－]?)(?P<whole>[0-9]+)(?:\.(?P<part>[0-9]+))?(?P<multiplier>[百千万萬亿億]{0,2})")
_NARROW = str.maketrans("０１２３４５６７８９．，－", "0123456789.,-")


@dataclass(frozen=True)
class Interval:
    """A stretch of the number line; an end that is `open` does not belong to it."""

    low: Fraction | float
    high: Fraction | float
    low_open: bool = False
    high_open: bool = False

    def __contains__(self, value) -> bool:
        above = value > self.low if self.low_open else value >= self.low
        return above and (value < self.high if self.high_open else value <= self.high)

    def meets(self, other: Interval) -> bool:
        """True when some number belongs to both."""
        low, high = max(self.low, other.low), min(self.high, other.high)
        return low < high or (low == high and low in self and low in other)


@dataclass(frozen=True)
class Printed:
    """A figure as printed: its value, and the size of one unit of its last digit."""

    value: Fraction
    unit: Fraction
    exact: bool

    @property
    def half(self) -> Fraction:
        return self.unit / 2


@cache
def hedges() -> dict[str, str]:
    """Hedge word -> what it does to a figure (rows of data/catalogue/hedges.csv)."""
    kinds = {"around", "nearly", "and_more", "at_least", "above", "below", "at_most"}
    return {row["word"]: row.one_of("kind", kinds) for row in read_rows("hedges")}


def printed(written: str, unit: str = "") -> Printed:
    """Read a printed figure: digits, decimal point, 百 千 万 亿.

    A whole number without a multiplier is exact when its unit counts something (or no unit is given).
    Raises InputError for text that is not a figure.

    >>> printed("71.50万").value, printed("71.50万").unit
    (Fraction(715000, 1), Fraction(100, 1))
    """
    text = written.translate(_NARROW).replace(",", "").replace(" ", "")
    found = _FIGURE.match(text)
    if not found:
        raise InputError(f"{written!r} is not a printed figure: give its digits, as in 98.80 or 71.50万.")
    shift = sum(_MULTIPLIERS[character] for character in found["multiplier"])
    decimals = len(found["part"] or "")
    value = Fraction(int(found["whole"] + (found["part"] or "")), 10**decimals) * 10**shift
    exact = not decimals and not shift and unit not in _RATE_UNITS
    return Printed(-value if found["sign"] else value, Fraction(10**shift, 10**decimals), exact)


# Units in which a figure without decimals is still rounded: 79% stands for 78.5 to 79.5.
_RATE_UNITS = {"percent", "permille", "per_100k", "per_100_females", "km2", "percentage_point", "permille_point", "rate"}


def _digits(figure: Printed, mode: str) -> Interval:
    value, half, unit = figure.value, figure.half, figure.unit
    if figure.exact:
        return Interval(value, value)
    # Below zero a figure is rounded by its size: -0.36 stands for (-0.365, -0.355].
    inward, outward = {
        "half-up": (half, half), "half-even": (half, half), "truncation": (0, unit),
        "ceiling": (unit, 0), "any": (unit, unit),
    }[mode]
    inward_open = mode in ("ceiling", "any") or (mode == "half-even" and (abs(value) / unit) % 2 == 1)
    outward_open = mode in ("half-up", "truncation", "any") or (mode == "half-even" and (abs(value) / unit) % 2 == 1)
    if value < 0:
        return Interval(value - outward, value + inward, outward_open, inward_open)
    return Interval(value - inward, value + outward, inward_open, outward_open)


def _last_place(figure: Printed) -> Fraction:
    """One unit of the last digit that is not zero: 3000 -> 1000, 58.6 -> 0.1."""
    steps = abs(figure.value) / figure.unit
    unit = figure.unit
    while steps and steps % 10 == 0:
        steps, unit = steps / 10, unit * 10
    return unit


def stated_interval(written: str, unit: str = "", hedge: str = "", *, mode: str = "half-up") -> Interval:
    """The numbers a printed figure stands for.

    `unit` is a unit of the catalogue; one that counts makes a whole number exact. `hedge` is a word of
    data/catalogue/hedges.csv. `mode` is one of `MODES`. Raises InputError for text that is not a figure,
    an unknown hedge or mode. Source: METHODS 3.1; the interval idea is statcheck's, the trailing zeros scrutiny's.

    >>> stated_interval("58.60", "percent").low == Fraction("58.595")
    True
    >>> stated_interval("30317", "person").high
    Fraction(30317, 1)
    """
    if mode not in MODES:
        raise InputError(f"{mode!r} is not a way of rounding: use one of {', '.join(MODES)}.")
    figure = printed(written, unit)
    if not hedge:
        return _digits(figure, mode)
    kind = hedges().get(hedge)
    value, place = figure.value, _last_place(figure)
    shapes = {
        "around": Interval(value - place, value + place),
        "nearly": Interval(value * Fraction(9, 10), value, True, True),
        "and_more": Interval(value, value + place),
        "at_least": Interval(value, inf, False, True),
        "above": Interval(value, inf, True, True),
        "below": Interval(Fraction(0), value, False, True),
        "at_most": Interval(Fraction(0), value),
    }
    if kind not in shapes:
        raise InputError(f"{hedge!r} is not a hedge word of data/catalogue/hedges.csv: add it there with its kind.")
    return shapes[kind]
