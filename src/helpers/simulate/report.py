"""One report of one township and period: what its figures are and how its author prints them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from helpers.errors import CatalogueError
from helpers.simulate.knowledge import Slot, slots, targets
from helpers.simulate.places import Place

CHANGE_UNITS = {"percent": "percentage_point", "permille": "permille_point"}


@dataclass(frozen=True)
class Habits:
    """How an author works: mean or closing population, places after the point, NIR from counts or from the printed rates."""

    closing: bool
    decimals: int
    nir_by_difference: bool


@dataclass(frozen=True)
class Report:
    """The counts of one township over one period and over the same period a year before."""

    place: Place
    year: int
    span: str
    now: dict[str, int]
    before: dict[str, int]
    habits: Habits

    @property
    def kind(self) -> str:
        """镇 or 乡."""
        return self.place.name[-1]

    def period(self, time: str, back: int = 0) -> str:
        """ISO period of what happened (`span`), of a count at its end (`asof`) or of the place (`year`), `back` years ago."""
        year = self.year - back
        if time == "year" or self.span == "calendar":
            return str(year)
        if time == "asof":
            return f"{year}-06" if self.span == "half" else f"{year}-09"
        return f"{year}-01/{year}-06" if self.span == "half" else f"{year - 1}-10/{year}-09"


@dataclass(frozen=True)
class Figure:
    """A figure as printed (`text`, with a word of direction where it is a change) and as it counts (`value`)."""

    slot: Slot
    text: str
    value: str
    unit: str
    status: str
    period: str


def half_up(ratio: Fraction, decimals: int) -> Decimal:
    """The ratio rounded half up, as clerks and spreadsheets do.

    >>> half_up(Fraction(1, 8), 2), half_up(Fraction(-1, 3), 1)
    (Decimal('0.13'), Decimal('-0.3'))
    """
    scaled = ratio * 10**decimals
    return Decimal((2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)).scaleb(-decimals)


def _exposure(counts: dict[str, int], habits: Habits) -> Fraction:
    closing = counts["pop_registered"]
    return Fraction(closing) if habits.closing else Fraction(counts["pop_open"] + closing, 2)


def amount(slot: Slot, counts: dict[str, int], habits: Habits) -> Decimal | None:
    """The figure of a slot as its author prints it; None where there is nothing to divide by."""
    if not slot.numerator:
        if slot.decimals[1]:
            return Decimal(counts[slot.slot]).scaleb(-slot.decimals[1])
        return Decimal(counts[slot.slot])
    if slot.slot == "nir" and habits.nir_by_difference:
        return amount(slots()["cbr"], counts, habits) - amount(slots()["cdr"], counts, habits)
    below = _exposure(counts, habits) if slot.denominator == "exposure" else Fraction(counts[slot.denominator])
    if not below:
        return None
    decimals = min(max(habits.decimals, slot.decimals[0]), slot.decimals[1])
    return half_up(counts[slot.numerator] * slot.per / below, decimals)


def _changed(slot: Slot, report: Report) -> Figure | None:
    now, before = (amount(slot, counts, report.habits) for counts in (report.now, report.before))
    if now is None or before is None or now == before:
        return None
    unit = CHANGE_UNITS.get(slot.unit, slot.unit)
    more, less = ("增加", "减少") if unit == slot.unit else ("上升", "下降")
    change = now - before
    return Figure(slot, f"{more if change > 0 else less}{abs(change)}", str(change), unit, "change",
                  report.period(slot.time))


def _aimed(slot: Slot, report: Report) -> Figure | None:
    rule, now = targets()[slot.slot], amount(slot, report.now, report.habits)
    if now is None:
        return None
    steps = int(now // rule.step) + (1 if rule.direction == "up" else 0)
    goal = min(max(steps * rule.step, rule.least), rule.most)
    year = report.year if report.span == "half" else report.year + 1
    return Figure(slot, str(goal), str(goal), slot.unit, "target", str(year))


def figure(name: str, report: Report) -> Figure | None:
    """The figure a placeholder asks for; None when this report cannot state it (nothing changed, nothing to divide by).

    Raises CatalogueError for a placeholder that is no slot.
    """
    base, _, style = name.partition(":")
    stem, _, variant = base.rpartition("_")
    if base not in slots() and variant in ("prev", "change", "target") and stem in slots():
        slot = slots()[stem]
        if variant == "change":
            return _changed(slot, report)
        if variant == "target":
            return _aimed(slot, report)
        past = amount(slot, report.before, report.habits)
        return None if past is None else Figure(slot, str(past), str(past), slot.unit, "previous",
                                                report.period(slot.time, back=1))
    if base not in slots():
        raise CatalogueError(f"simulate_sentences.csv: {{{name}}} is no slot of simulate_slots.csv.")
    slot = slots()[base]
    now = amount(slot, report.now, report.habits)
    if now is None:
        return None
    text, value = str(now), str(now)
    if style == "wan":
        short = half_up(Fraction(int(now), 10_000), 2)
        text, value = str(short), str(int(short * 10_000))
    return Figure(slot, text, value, slot.unit, slot.status, report.period(slot.time))
