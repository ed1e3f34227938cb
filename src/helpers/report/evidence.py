"""Back to the sentence: each figure's passage of the raw text, with its characters marked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise

import pandas as pd

from helpers.catalogue import read_rows
from helpers.report.masking import mask
from helpers.report.township import Township

REACH = 64  # characters shown on either side at most
LONGEST = 360  # a passage with many figures is cut here
_ENDS = "。！？；!?;"


@dataclass(frozen=True)
class Piece:
    """A stretch of a passage and the facts whose characters it belongs to; `first` lists those that begin here."""

    text: str
    facts: tuple[str, ...]
    first: tuple[str, ...]


@dataclass(frozen=True)
class Passage:
    """Part of a document with the facts read from it (rows of FACTS); `start` and `end` are raw offsets, half-open."""

    doc: str
    section: int
    start: int
    end: int
    pieces: tuple[Piece, ...]
    facts: tuple
    complete: bool


def passages(township: Township) -> list[Passage]:
    """All facts of the place, sentence by sentence, in the order of documents and characters."""
    found = []
    facts = township.facts.sort_values(["doc", "section", "start", "end", "fact"]).itertuples(index=False, name="Fact")
    for (doc, section), own in groupby(facts, key=lambda fact: (fact.doc, fact.section)):
        text = township.texts.get(doc)
        found += [_passage(doc, section, text, *window) for window in _windows(text, own)]
    return found


def _windows(text: str | None, facts: Iterable[tuple]) -> Iterator[tuple[int, int, tuple]]:
    """Stretches of text that hold the facts, neighbours joined."""
    windows: list[tuple[int, int, tuple]] = []
    for fact in facts:
        left, right = (fact.start, fact.end) if text is None else sentence(text, fact.start, fact.end)
        if windows and text is not None and left < windows[-1][1] and right - windows[-1][0] <= LONGEST:
            windows[-1] = (windows[-1][0], max(right, windows[-1][1]), (*windows[-1][2], fact))
        else:
            windows.append((left, right, (fact,)))
    yield from windows


def sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """The sentence around `text[start:end]`, at most REACH characters further on either side."""
    left = start
    while left > max(0, start - REACH) and text[left - 1] not in _ENDS and text[left - 2:left] != "\n\n":
        left -= 1
    right = end
    while right < min(len(text), end + REACH) and text[right - 1] not in _ENDS and text[right:right + 2] != "\n\n":
        right += 1
    while left < start and text[left].isspace():
        left += 1
    while right > end and text[right - 1].isspace():
        right -= 1
    return left, right


def _passage(doc: str, section: int, text: str | None, left: int, right: int, facts: tuple) -> Passage:
    if text is None:
        shown = mask(facts[0].quote, keep=((0, len(facts[0].quote)),))
        ids = tuple(fact.fact for fact in facts)
        return Passage(doc, int(section), left, right, (Piece(shown, ids, ids),), facts, complete=False)
    spans = [(fact.start, fact.end, fact.fact) for fact in facts]
    shown = mask_within(text, left, right, tuple((start, end) for start, end, _ in spans)).replace("\n", "↵").replace("\r", "")
    shown = shown if len(shown) == right - left else text[left:right]
    return Passage(doc, int(section), left, right, _pieces(shown, left, right, spans), facts, complete=True)


def whole_text(text: str, facts: pd.DataFrame) -> tuple[Piece, ...]:
    """A whole raw text cut where its facts begin and end, persons' names covered.

    `facts`: rows with `fact start end`, of this text only.
    """
    spans = [(int(fact.start), int(fact.end), fact.fact) for fact in facts.itertuples()]
    shown = mask(text, tuple((start, end) for start, end, _ in spans))
    return _pieces(shown, 0, len(text), spans)


def _pieces(shown: str, left: int, right: int, spans: list[tuple[int, int, str]]) -> tuple[Piece, ...]:
    cuts = sorted({left, right, *(max(left, start) for start, _, _ in spans), *(min(right, end) for _, end, _ in spans)})
    pieces, seen = [], set()
    for start, end in pairwise(cuts):
        ids = tuple(fact for first, last, fact in spans if first <= start and end <= last)
        pieces.append(Piece(shown[start - left:end - left], ids, tuple(fact for fact in ids if fact not in seen)))
        seen.update(ids)
    return tuple(pieces)


def mask_within(text: str, left: int, right: int, keep: tuple[tuple[int, int], ...] = ()) -> str:
    """`text[left:right]` with names covered, judged with some text around so that a cut name is seen whole."""
    before, after = max(0, left - 24), min(len(text), right + 24)
    masked = mask(text[before:after], tuple((start - before, end - before) for start, end in keep))
    return masked[left - before:len(masked) - (after - right)]


def rate_id(row) -> str:
    """The anchor of a computed rate on its page."""
    parts = "|".join(str(getattr(row, name)) for name in ("place_id", "measure", "dims", "period", "base"))
    return hashlib.sha1(parts.encode(), usedforsecurity=False).hexdigest()[:8]


def reasons(language: str = "zh") -> dict[str, str]:
    """Why a figure was read with a doubt, or not read: the codes of the catalogue in words."""
    return {row["code"]: row[f"text_{language}"] for row in read_rows("doubts")}
