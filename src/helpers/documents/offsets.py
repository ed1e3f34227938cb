"""Text that remembers where each of its characters came from.

Cleaning never works on bare strings: each step names the edits it wants, and `Text.edit` applies them
and carries the map to the raw text along. Nothing is diffed afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

Edit = tuple[int, int, str]


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
        parts, begins, ends, position = [], [], [], 0
        for start, stop, replacement in edits:
            if start < position or stop < start:
                raise ValueError(f"edit {(start, stop, replacement)!r} overlaps the one before it")
            parts += [self.text[position:start], replacement]
            begins.append(self.begin[position:start])
            ends.append(self.end[position:start])
            if replacement:
                low, high = self.span(start, stop)
                begins.append(np.full(len(replacement), low, dtype=np.int32))
                ends.append(np.full(len(replacement), high, dtype=np.int32))
            position = stop
        if position == 0 and not parts:
            return self
        parts.append(self.text[position:])
        begins.append(self.begin[position:])
        ends.append(self.end[position:])
        return Text(self.raw, "".join(parts), np.concatenate(begins), np.concatenate(ends))

    def substitute(self, pattern: re.Pattern, replacement: str | Callable[[re.Match], str]) -> Text:
        """`pattern.sub` with the map kept; matches whose replacement equals themselves cost nothing."""
        edits = []
        for match in pattern.finditer(self.text):
            new = replacement(match) if callable(replacement) else replacement
            if new != match.group():
                edits.append((match.start(), match.end(), new))
        return self.edit(edits) if edits else self

    def replace_all(self, text: str) -> Text:
        """The same map under a text of equal length (1:1 character conversions)."""
        if len(text) != len(self.text):
            raise ValueError(f"a 1:1 conversion changed the length from {len(self.text)} to {len(text)}")
        return Text(self.raw, text, self.begin, self.end)
