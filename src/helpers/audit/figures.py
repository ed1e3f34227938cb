"""Facts as the audit sees them: exact intervals, grouped by place, period and population base."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from math import inf

import numpy as np
import pandas as pd

from helpers.catalogue import indicators
from helpers.errors import InputError
from helpers.identities import Key, printed, stated_interval
from helpers.identities.propagate import Domain

STATED = ("observed", "previous")
# A goal is not a result, but the target group of a check-up is the denominator of its rate.
TARGET_CODES = ("prepreg_target", "folic_target")
_SCALE = {"percent": 100, "permille": 1000, "per_100k": 100000}
_FIXED_BASES = ("registered", "resident", "floating")


@dataclass(frozen=True)
class Figure:
    """One stated figure: where it stands, and the numbers it stands for, in the unit of its indicator."""

    fact: str
    doc: str
    key: Key
    text: str
    domain: Domain
    unit: str
    factor: Fraction
    status: str
    period: str
    start: int
    end: int
    quote: str
    doubts: str = ""

    @property
    def code(self) -> str:
        return self.key[0]

    @property
    def dims(self) -> dict[str, str]:
        return dict(self.key[1])

    def loosely(self) -> Iterator[tuple[str, Domain]]:
        """What a rate may stand for if its writer was careless with the last digit: a name and a range each.

        cut_off: digits cut off instead of rounded. rounded_twice: 96.748 by way of 96.75 to 96.8. padded: rounded to fewer digits, a zero put behind ("125.20" of
        125.191; no more than one unit of the last digit away). bound_rounded: a bound met after rounding only ("95%以上" of 94.85).
        """
        cut = stated_interval(self.text, self.unit, mode="truncation")
        low, high = self.domain
        if high == inf:
            yield "bound_rounded", (low - self.unit_size / 2, high)
        elif low == 0 < high == printed(self.text, self.unit).value * self.factor:
            yield "bound_rounded", (low, high + self.unit_size / 2)
        else:
            yield "cut_off", (cut.low * self.factor, cut.high * self.factor)
            yield "rounded_twice", (low - self.unit_size / 20, high)
            if "." in self.text and self.text.rstrip("%‰ ").endswith("0"):
                yield "padded", self.within_a_unit()

    @property
    def unit_size(self) -> Fraction:
        """One unit of the last printed digit, in the unit of the indicator."""
        return printed(self.text, self.unit).unit * self.factor

    def within_a_unit(self) -> Domain:
        """What would print as a figure no more than one unit of the last digit away."""
        middle = printed(self.text, self.unit).value * self.factor
        return middle - self.unit_size * 3 / 2, middle + self.unit_size * 3 / 2

    def written_as(self, text: str) -> Figure:
        """The same figure with other digits."""
        read = stated_interval(text, self.unit)
        return replace(self, text=text, domain=(read.low * self.factor, read.high * self.factor))


@dataclass(frozen=True)
class Group:
    """Figures of one place, period and base in one article; a figure stated twice is kept twice.

    `populations` are those that may be the denominator, each with how its date fits.
    """

    doc: str
    section: int
    place_id: str
    place: str
    level: str
    period: str
    base: str
    figures: tuple[Figure, ...]
    populations: tuple[tuple[str, Figure], ...] = ()

    def by_key(self) -> dict[Key, list[Figure]]:
        """Figures by name, in the order of the document."""
        found: dict[Key, list[Figure]] = {}
        for figure in self.figures:
            found.setdefault(figure.key, []).append(figure)
        return found


@lru_cache(maxsize=65536)
def read_dims(dims: str) -> tuple[tuple[tuple[str, str], ...], str]:
    """Dims without residence, sorted, and the residence (empty when none is said)."""
    found = json.loads(dims or "{}")
    residence = str(found.pop("residence", ""))
    return tuple(sorted((str(name), str(value)) for name, value in found.items())), residence


def _factor(code: str, unit: str) -> Fraction:
    """What turns a figure in `unit` into the unit of its indicator: a birth rate of 1.2% is 12 per mille."""
    wanted = indicators()[code].unit
    if unit in _SCALE and wanted in _SCALE:
        return Fraction(_SCALE[wanted], _SCALE[unit])
    return Fraction(1)


def _text(value: str, written: str, unit: str) -> str:
    """The printed form if it says the same as the value (万 and trailing zeros tell the digits), else the value."""
    try:
        if written and printed(written, unit).value == Fraction(value):
            return written
    except InputError:
        pass
    return value


def _hedged(digits: Domain, low: float, high: float) -> Domain:
    """The facts table's interval where hedge words make it wider than the digits alone."""
    if low != low or high != high:
        return digits
    width = max(abs(float(digits[1])), abs(float(digits[0])), 1.0) * 1e-9
    if low >= float(digits[0]) - width and high <= float(digits[1]) + width:
        return digits
    return (Fraction(str(low)) if abs(low) < inf else low), (Fraction(str(high)) if abs(high) < inf else high)


@lru_cache(maxsize=65536)
def name_figure(code: str, dims: str) -> Key:
    """The figure's name; "65岁以上" said of older people adds nothing to their code."""
    pairs, _ = read_dims(dims)
    if code.startswith("elderly_"):
        pairs = tuple(pair for pair in pairs if pair[0] != "age")
    return code, pairs


_PRINTED = ["code", "unit", "value", "written", "low", "high", "status"]


def ranges(facts: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Low and high end of every fact in the unit of its indicator, as floats; NaN where it is not a figure."""
    low, high = np.full(len(facts), np.nan), np.full(len(facts), np.nan)
    codes = facts.groupby(_PRINTED, dropna=False, sort=False).ngroup().to_numpy()
    _, first = np.unique(codes, return_index=True)
    ends = np.full((len(first), 2), np.nan)
    columns = [facts[name].to_numpy()[first] for name in _PRINTED]
    for number, (code, *read_as) in enumerate(zip(*columns, strict=True)):
        if code in indicators():
            read = _domain(code, *read_as)
            if read is not None:
                ends[number] = float(read[1][0]), float(read[1][1])
    low[:], high[:] = ends[codes].T
    return low, high


def _domain(code: str, unit: str, value: str, written: str, low: float, high: float,
            status: str) -> tuple[str, Domain, Fraction] | None:
    """The printed text, the exact range in the indicator's unit and the factor; None when it is not a figure.

    A change keeps the unit it is printed in: a mortality of 4.54‰ that fell by 7.72% did not fall by 77 per mille.
    """
    try:
        text = _text(value, written, unit)
        read = stated_interval(text, unit)
        if read.low > Fraction(value) or read.high < Fraction(value):
            return None
    except (InputError, ValueError):
        return None
    if indicators()[code].kind == "count" and code != "pop_avg" and unit not in _SCALE and "point" not in unit \
            and Fraction(value).denominator != 1:
        # 43.36 persons is a misreading, not a statement.
        return None
    factor = Fraction(1) if status == "change" else _factor(code, unit)
    least, most = _hedged((read.low, read.high), low, high)
    return text, (least * factor, most * factor), factor


def read_figure(row: Mapping) -> Figure | None:
    """A row of the facts table as a figure; None when its value is not a number or its code is unknown."""
    if row["code"] not in indicators():
        return None
    read = _domain(*(row[name] for name in _PRINTED))
    if read is None:
        return None
    text, domain, factor = read
    start, end = (-1 if pd.isna(row[name]) else int(row[name]) for name in ("start", "end"))
    return Figure(row["fact"], row["doc"], name_figure(row["code"], row["dims"]), text, domain, row["unit"], factor,
                  row["status"], row["period"], start, end, row["quote"], row.get("doubts", ""))


def population_base(base: str, dims: str) -> str:
    """registered, resident, floating or unstated."""
    _, residence = read_dims(dims)
    return residence if residence in _FIXED_BASES else base if base in _FIXED_BASES else "unstated"
