"""Which single slip of the pen would explain a contradiction; named only if it is the only one of its kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from helpers.audit.figures import Figure
from helpers.audit.localise import Domains, without
from helpers.audit.verdicts import Verdict
from helpers.errors import InputError
from helpers.identities import Key, System
from helpers.identities.propagate import Domain

_SPLIT = re.compile(r"(?P<sign>[-−－]?)(?P<digits>[0-9.]+)(?P<rest>.*)")
# What is easily set down in the wrong place: the two sexes, in and outside policy, births and deaths.
_TWINS = (("sex", "male", "female"), ("policy", "in", "out"))


@dataclass(frozen=True)
class Repair:
    """A slip that would explain the contradiction: the figure, what it would read, the kind of slip."""

    key: Key
    text: str
    kind: str
    other: Key | None = None


def transpositions(digits: str) -> Iterator[str]:
    """Two neighbouring digits exchanged, also across the decimal point.

    >>> list(transpositions("19.21"))
    ['91.21', '12.91', '19.12']
    """
    places = [place for place, character in enumerate(digits) if character != "."]
    for a, b in pairwise(places):
        if digits[a] != digits[b]:
            swapped = list(digits)
            swapped[a], swapped[b] = swapped[b], swapped[a]
            yield "".join(swapped)


def powers_of_ten(digits: str) -> Iterator[str]:
    """The decimal point one to three places off, which is also % written for ‰."""
    for shift in (-1, 1, -2, 2, -3, 3):
        yield format(Decimal(digits).scaleb(shift), "f")


def one_digit(digits: str) -> Iterator[str]:
    """One digit wrong, missing or too many (Damerau-Levenshtein distance one)."""
    seen = {digits}
    for place in range(len(digits) + 1):
        changed = [digits[:place] + digit + digits[place:] for digit in "0123456789"]
        if place < len(digits) and digits[place] != ".":
            changed += [digits[:place] + digit + digits[place + 1:] for digit in "0123456789"]
            changed.append(digits[:place] + digits[place + 1:])
        for text in changed:
            if text not in seen and _well_formed(text):
                seen.add(text)
                yield text


def _well_formed(digits: str) -> bool:
    leading_zero = len(digits) > 1 and digits[0] == "0" and digits[1] != "."
    return bool(digits) and digits[0] != "." and digits[-1] != "." and not leading_zero


# From the most to the least particular slip: where a transposition fits, a digit that could be anything
# is not weighed against it.
SLIPS: tuple[tuple[str, Callable[[str], Iterable[str]]], ...] = (
    ("transposition", transpositions), ("power_of_ten", powers_of_ten), ("digit", one_digit),
)


def slips(text: str, kind: Callable[[str], Iterable[str]]) -> Iterator[str]:
    """Other readings of a printed figure, its sign and its 万 kept."""
    found = _SPLIT.match(text.strip())
    if found:
        for digits in kind(found["digits"]):
            yield found["sign"] + digits + found["rest"]


def one_slip_apart(one: str, other: str) -> bool:
    """True when a single slip of the pen turns one printed figure into the other.

    >>> one_slip_apart("586", "56"), one_slip_apart("310", "2")
    (True, False)
    """
    return any(Decimal(text) == Decimal(other) for _, kind in SLIPS for text in slips(one, kind))


def _twin(key: Key) -> Key | None:
    code, dims = key
    if code in ("births", "deaths") and not dims:
        return ("deaths" if code == "births" else "births"), dims
    for name, one, other in _TWINS:
        if (name, one) in dims:
            return code, tuple(sorted({**dict(dims), name: other}.items()))
    return None


def find_exchange(system: System, stated: Domains, core: Iterable[Key]) -> Repair | None:
    """Two figures set down in each other's place, if that is the only pair whose exchange puts everything right."""
    found: dict[frozenset, Repair] = {}
    for key in core:
        twin = _twin(key)
        if key in stated and twin in stated and stated[twin] != stated[key]:
            exchanged = {**stated, key: stated[twin], twin: stated[key]}
            if system.check(exchanged).feasible:
                found.setdefault(frozenset((key, twin)), Repair(key, "", "exchange", twin))
    return next(iter(found.values())) if len(found) == 1 else None


def find_repair(system: System, stated: Domains, figures: Mapping[Key, Figure], core: Iterable[Key],
                single: Iterable[Key]) -> Repair | None:
    """The only slip of the most particular kind that puts everything right, None when there is none or several.

    `single` are the figures to try (each alone would settle it), `core` those of the contradiction. A
    repair never breaks another identity: the whole system is solved again.
    """
    tries = [(key, figures[key], _room(system, stated, key)) for key in single if key in figures]
    tries = [(key, figure, room) for key, figure, room in tries if room]
    for kind, readings in SLIPS:
        found = []
        for key, figure, room in tries:
            for text, domain in _readings(figure, readings):
                within = domain[0] <= room[1] and room[0] <= domain[1]
                if within and system.check({**stated, key: domain}).feasible:
                    found.append(Repair(key, text, kind))
        if kind == "transposition" and not found:
            exchange = find_exchange(system, stated, core)
            found = [exchange] if exchange else []
        if kind == "power_of_ten" and not found:
            found = _signs(system, stated, tries)
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _room(system: System, stated: Domains, key: Key) -> Domain | None:
    """What the others leave for a figure; None when they contradict each other without it."""
    outcome = system.check(without(stated, [key]))
    return outcome.domains[key] if outcome.feasible else None


def _readings(figure: Figure, kind: Callable[[str], Iterable[str]]) -> Iterator[tuple[str, Domain]]:
    if kind is powers_of_ten and figure.domain[0] == figure.domain[1]:
        # A whole number has no decimal point to set wrongly; 123 is not 123,000 because that fits a rate.
        return
    for text in slips(figure.text, kind):
        try:
            yield text, figure.written_as(text).domain
        except InputError:
            continue


def _signs(system: System, stated: Domains, tries: list[tuple[Key, Figure, Domain]]) -> list[Repair]:
    found = []
    for key, figure, _ in tries:
        low, high = figure.domain
        if system.check({**stated, key: (-high, -low)}).feasible:
            text = figure.text.lstrip("-−－") if high < 0 else f"-{figure.text}"
            found.append(Repair(key, text, "sign"))
    return found


def repaired(verdict: Verdict) -> Iterator[tuple[str, Domain]]:
    """What the figures of a verdict should read by its repair: fact and range."""
    repair = verdict.details.get("repair")
    figures = {figure.key: figure for figure in (*verdict.figures, *verdict.details.get("beside", ()))}
    if repair is None or repair.key not in figures:
        return
    one = figures[repair.key]
    if repair.other in figures:
        other = figures[repair.other]
        yield from ((one.fact, other.domain), (other.fact, one.domain))
    elif repair.text:
        yield one.fact, one.written_as(repair.text).domain
