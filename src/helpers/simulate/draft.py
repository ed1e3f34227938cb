"""A document that knows what it states: text, the facts in it, the persons in it, and edits that move them all along."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import accumulate


@dataclass(frozen=True)
class Stated:
    """One stated figure, as in gold/SCHEMA.md; offsets are half-open and point into the draft's text."""

    code: str
    dims: tuple[tuple[str, str], ...]
    value: str
    unit: str
    status: str
    place: str
    period: str
    start: int
    end: int
    value_start: int
    value_end: int
    section: int = 1
    level: str = "township"
    slot: str = ""

    def as_row(self, text: str) -> dict:
        """The line of a gold file: the keys of SCHEMA.md with `start`, `end` and where the number itself stands."""
        return {
            "code": self.code, "dims": dict(self.dims), "value": self.value, "unit": self.unit,
            "status": self.status, "place": self.place, "level": self.level, "period": self.period,
            "section": self.section, "quote": text[self.start:self.end], "start": self.start, "end": self.end,
            "value_start": self.value_start, "value_end": self.value_end,
        }


@dataclass(frozen=True)
class Person:
    """An invented personal name that stands in the text and must never reach a report."""

    name: str
    start: int
    end: int


@dataclass(frozen=True)
class Edit:
    """Replace text[start:end] by `new`; start == end inserts."""

    start: int
    end: int
    new: str


@dataclass(frozen=True)
class Draft:
    """Text, the facts stated in it and the persons named in it."""

    text: str
    title: str = ""
    place: str = ""
    county: str = ""
    facts: tuple[Stated, ...] = ()
    persons: tuple[Person, ...] = ()
    slots: frozenset[str] = field(default=frozenset())

    def rows(self) -> list[dict]:
        """The truth, one row a fact, in order of appearance."""
        return [fact.as_row(self.text) for fact in sorted(self.facts, key=lambda one: (one.value_start, one.code))]


def edited(draft: Draft, edits: Iterable[Edit]) -> Draft:
    """The draft after all edits at once (offsets refer to the text before); facts and persons move along.

    Edits must not overlap. Raises ValueError when they do.

    >>> fact = Stated("deaths", (), "7", "person", "observed", "", "2012", 0, 4, 2, 3)
    >>> after = edited(Draft("死亡7人", facts=(fact,)), [Edit(1, 1, "(sǐ)"), Edit(2, 3, "柒")])
    >>> after.text, after.text[after.facts[0].value_start:after.facts[0].value_end]
    ('死(sǐ)亡柒人', '柒')
    """
    ordered = sorted(edits, key=lambda edit: (edit.start, edit.end))
    if not ordered:
        return draft
    pieces, cursor = [], 0
    for edit in ordered:
        if edit.start < cursor:
            raise ValueError(f"edits overlap at character {edit.start}")
        pieces += [draft.text[cursor:edit.start], edit.new]
        cursor = edit.end
    pieces.append(draft.text[cursor:])
    moved = _Moved(ordered)
    return replace(
        draft, text="".join(pieces),
        facts=tuple(replace(fact, start=moved.start(fact.start), end=moved.end(fact.end),
                            value_start=moved.start(fact.value_start), value_end=moved.end(fact.value_end))
                    for fact in draft.facts),
        persons=tuple(replace(one, start=moved.start(one.start), end=moved.end(one.end)) for one in draft.persons),
    )


class _Moved:
    """Where a position goes. What is inserted at the edge of a span stays outside of it."""

    def __init__(self, ordered: list[Edit]) -> None:
        self._edits = ordered
        self._starts = [edit.start for edit in ordered]
        self._ends = [edit.end for edit in ordered]
        self._growth = [0, *accumulate(len(edit.new) - (edit.end - edit.start) for edit in ordered)]

    def start(self, position: int) -> int:
        done = bisect_right(self._ends, position)
        inside = done < len(self._edits) and self._starts[done] < position
        return (self._starts[done] if inside else position) + self._growth[done]

    def end(self, position: int) -> int:
        done = bisect_left(self._ends, position)
        while done < len(self._edits) and self._starts[done] < position == self._ends[done]:
            done += 1
        if done < len(self._edits) and self._starts[done] < position:
            return self._starts[done] + len(self._edits[done].new) + self._growth[done]
        return position + self._growth[done]
