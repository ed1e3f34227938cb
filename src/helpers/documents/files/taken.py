"""What comes out of a file, and what a reader of files says when nothing can."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Taken:
    """The text of a file; `notes` say in a sentence each what of the file is not in it."""

    text: str
    notes: tuple[str, ...] = ()


class Unreadable(Exception):
    """Why nothing can be taken out of a file, and the way out: a sentence that goes on after the file's name."""


@dataclass
class Page:
    """Text in the making: lines, each of which ends where a paragraph or a row of a table does."""

    lines: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, *lines: str) -> None:
        """Lines at the end, without blanks around them; what holds a line end is several lines."""
        self.lines += [part.strip() for line in lines for part in line.splitlines() if part.strip()]

    def taken(self) -> Taken:
        """The text so far; raises Unreadable where there is none."""
        if not self.lines:
            raise Unreadable("it holds no text: put its text there, or take it away")
        return Taken("\n".join(self.lines) + "\n", tuple(dict.fromkeys(self.notes)))
