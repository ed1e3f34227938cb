"""Errors put into a document on purpose, each at least two units of the last printed digit away from the truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from random import Random

from helpers.simulate.draft import Draft, Edit, Stated, edited
from helpers.simulate.knowledge import Plant, plants, slots
from helpers.simulate.report import Report, amount

SIGNS = {"‰": ("%", "percent"), "%": ("‰", "permille")}


@dataclass(frozen=True)
class Answer:
    """One planted error: what stood there and what stands there now."""

    kind: str
    indicator: str
    true: str
    stated: str
    dims: tuple[tuple[str, str], ...]
    slot: str


def _display_unit(printed: str) -> Decimal:
    return Decimal(1).scaleb(Decimal(printed).as_tuple().exponent)


def _far_enough(true: str, stated: str, slot: str) -> bool:
    """Two display units away; four for a rate of the population with one decimal, whose fellow rates leave more room."""
    coarse = slots()[slot].denominator == "exposure" and _display_unit(true) >= Decimal("0.1")
    return abs(Decimal(true) - Decimal(stated)) >= (4 if coarse else 2) * _display_unit(true)


# Each way to be wrong gives all the values it could print; `whole` is the first figure a plant is checked against.
def _wrong_digit(true: str, whole: Decimal) -> list[str]:
    found = []
    for at, old in enumerate(true):
        if old.isdigit():
            for new in "0123456789":
                if new != old and not (new == "0" and (at == 0 or true[:at] == "-")):
                    found.append(true[:at] + new + true[at + 1:])
    return found


def _transposed(true: str, whole: Decimal) -> list[str]:
    return [true[:at] + true[at + 1] + true[at] + true[at + 2:] for at in range(len(true) - 1)
            if true[at].isdigit() and true[at + 1].isdigit() and true[at] != true[at + 1]
            and not (true[at + 1] == "0" and (at == 0 or true[:at] == "-"))]


def _wrong_sum(true: str, whole: Decimal) -> list[str]:
    return [str(Decimal(true) + step) for step in (*range(-9, -1), *range(2, 10)) if Decimal(true) + step > 0]


def _over_whole(true: str, whole: Decimal) -> list[str]:
    return [str(whole + step) for step in range(2, max(3, int(whole) // 20))]


_CHANGES: dict[str, Callable[[str, Decimal], list[str]]] = {
    "wrong_digit": _wrong_digit, "transposed_digits": _transposed, "wrong_sum": _wrong_sum,
    "part_over_whole": _over_whole,
}


def _once(draft: Draft, slot: str) -> Stated | None:
    """The fact of a slot that is stated exactly once as observed and printed in full."""
    found = [fact for fact in draft.facts if fact.slot == slot and fact.status == "observed"]
    if len(found) != 1 or draft.text[found[0].value_start:found[0].value_end] != found[0].value:
        return None
    return found[0]


def _printed(draft: Draft, fact: Stated, text: str, unit: str = "") -> Draft:
    """The draft with another value printed where `fact` stands."""
    new = replace(fact, value=text, unit=unit or fact.unit)
    swapped = replace(draft, facts=tuple(new if one is fact else one for one in draft.facts))
    return edited(swapped, [Edit(fact.value_start, fact.value_end, text)])


def _apply(plant: Plant, draft: Draft, report: Report, random: Random) -> tuple[Draft, Answer] | None:
    """Plant one error; None when this document does not allow it."""
    fact = _once(draft, plant.slot)
    if fact is None or not set(plant.needs) <= draft.slots:
        return None
    true = fact.value
    if plant.kind == "permille_for_percent":
        sign = draft.text[fact.value_end:fact.value_end + 1]
        if sign not in SIGNS:
            return None
        other, unit = SIGNS[sign]
        after = edited(_printed(draft, fact, true, unit), [Edit(fact.value_end, fact.value_end + 1, other)])
        return after, Answer(plant.kind, fact.code, true + sign, true + other, fact.dims, plant.slot)
    if plant.kind == "births_deaths_swapped":
        deaths = _once(draft, "deaths")
        if deaths is None or not _far_enough(true, deaths.value, plant.slot):
            return None
        after = _printed(draft, fact, deaths.value)
        after = _printed(after, _once(after, "deaths"), true)
        return after, Answer(plant.kind, fact.code, true, deaths.value, fact.dims, plant.slot)
    if plant.kind == "rate_of_another_period":
        past = amount(slots()[plant.slot], report.before, report.habits)
        choices = [] if past is None else [str(past)]
    else:
        choices = _CHANGES[plant.kind](true, Decimal(report.now[plant.needs[0]]))
    choices = [choice for choice in choices if _far_enough(true, choice, plant.slot)]
    if not choices:
        return None
    stated = random.choice(choices)
    return _printed(draft, fact, stated), Answer(plant.kind, fact.code, true, stated, fact.dims, plant.slot)


def plant_error(draft: Draft, report: Report, random: Random, used: Counter) -> tuple[Draft, Answer] | None:
    """The draft with one error of the kind planted least so far (`used`, not changed) that it has room for.

    None when the document states nothing that an error could be noticed by.
    """
    candidates = list(plants())
    random.shuffle(candidates)
    for plant in sorted(candidates, key=lambda one: used[one.kind]):
        done = _apply(plant, draft, report, random)
        if done is not None:
            return done
    return None
