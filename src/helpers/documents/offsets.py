"""Text that remembers where each of its characters came from.

Cleaning never works on bare strings: each step names the edits it wants, and `Text.edit` applies them
and carries the map to the raw text along. Nothing is diffed afterwards.
"""

from __future__ import annotations

import itertools
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

Edit = tuple[int, int, str]
# Characters replaced at a time: what is held besides the text does not grow with it.
BLOCK = 1 << 18


@dataclass(frozen=True, eq=False)
class Text:
    """A string and, for each of its characters, the half-open range of raw characters it stands for.

    `begin` and `end` are int32 arrays as long as `text`; `raw` is the untouched string they point into.

    >>> text = Text.of("鄉(xiāng)鎮").edit([(1, 8, "")])
    >>> text.text, text.raw[slice(*text.span(0, 2))]
    ('鄉鎮', '鄉(xiāng)鎮')
    """

    raw: str
    text: str
    begin: np.ndarray
    end: np.ndarray

    @classmethod
    def of(cls, raw: str) -> Text:
        """The raw text itself, each character standing for itself."""
        begin = np.arange(len(raw), dtype=np.int32)
        return cls(raw, raw, begin, begin + 1)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The raw range behind `text[start:end]`; an empty range maps to an empty one."""
        if start >= end:
            at = int(self.begin[start]) if start < len(self.text) else len(self.raw)
            return at, at
        return int(self.begin[start]), int(self.end[end - 1])

    def edit(self, edits: Iterable[Edit]) -> Text:
        """A new Text with each `(start, end, replacement)` carried out, positions being those of this text.

        Edits must be in order and must not overlap. Every character of a replacement stands for the
        whole raw range it replaces; an insertion stands for the empty range at its place.
        """
        edits = list(edits)
        if not edits:
            return self
        starts, stops, replacements = zip(*edits, strict=True)
        low, high = np.array(starts), np.array(stops)
        if (low > high).any() or (low[1:] < high[:-1]).any() or low[0] < 0 or high[-1] > len(self.text):
            raise ValueError(f"edits must be in order, within the text, and must not overlap: {edits[:3]!r} …")
        kept = [self.text[start:stop] for start, stop in zip((0, *stops), (*starts, len(self.text)), strict=True)]
        text = "".join(itertools.chain.from_iterable(zip(kept, replacements, strict=False))) + kept[-1]
        return Text(self.raw, text, *self._edited_map(low, high, np.array([len(new) for new in replacements])))

    def _edited_map(self, low: np.ndarray, high: np.ndarray, new: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The map after ranges `low` to `high` of this text gave way to `new` characters each."""
        length = len(self.text)
        change = np.zeros(length + 1, dtype=np.int8)
        np.add.at(change, low, 1)
        np.add.at(change, high, -1)
        stays = np.cumsum(change[:-1], dtype=np.int8) == 0
        if not new.any():
            return self.begin[stays], self.end[stays]
        # the raw range an edit stands for; an empty one begins where the next character does
        first = np.append(self.begin, len(self.raw))[low]
        last = np.where(high > low, self.end[high - 1] if length else 0, first)
        lengths = np.empty(2 * len(low) + 1, dtype=np.int64)
        lengths[0::2] = np.append(low, length) - np.append(0, high)
        lengths[1::2] = new
        inserted = np.repeat(np.arange(len(lengths)) % 2 == 1, lengths)
        begin, end = np.empty(len(inserted), dtype=np.int32), np.empty(len(inserted), dtype=np.int32)
        begin[~inserted], end[~inserted] = self.begin[stays], self.end[stays]
        begin[inserted], end[inserted] = np.repeat(first, new), np.repeat(last, new)
        return begin, end

    def substitute(self, pattern: re.Pattern, replacement: str | Callable[[re.Match], str]) -> Text:
        """`pattern.sub` with the map kept; matches whose replacement equals themselves cost nothing."""
        if not callable(replacement):
            return self.edit((*match.span(), replacement) for match in pattern.finditer(self.text) if match.group() != replacement)
        found = ((match, replacement(match)) for match in pattern.finditer(self.text))
        return self.edit((*match.span(), new) for match, new in found if new != match.group())

    def replace_all(self, text: str) -> Text:
        """The same map under a text of equal length (1:1 character conversions)."""
        if len(text) != len(self.text):
            raise ValueError(f"a 1:1 conversion changed the length from {len(self.text)} to {len(text)}")
        return Text(self.raw, text, self.begin, self.end)


def character_table(meant: Mapping[str, str]) -> np.ndarray:
    """A table of code points for `replace_characters`: each character to the one it is replaced by.

    Raises ValueError where a replacement is not one character.
    """
    table = np.arange(sys.maxunicode + 1, dtype=np.uint32)
    for found, new in meant.items():
        if len(found) != 1 or len(new) != 1:
            raise ValueError(f"{found!r} stands for {new!r}: a character is replaced by one character")
        table[ord(found)] = ord(new)
    return table


def replace_characters(text: str, table: np.ndarray) -> str:
    """`str.translate` of one character to one other, a block at a time, for texts beyond ASCII some ten times as fast.

    >>> replace_characters("１.1‰", character_table({"１": "1"}))
    '1.1‰'
    """
    return "".join(_replaced(text[at:at + BLOCK], table) for at in range(0, len(text), BLOCK))


def _replaced(text: str, table: np.ndarray) -> str:
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    return table[codes].astype("<u4", copy=False).tobytes().decode("utf-32-le", "surrogatepass")
