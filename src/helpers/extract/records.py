"""What extraction gives: facts, and the doubts about what was seen and not read."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cache

from helpers.catalogue import read_rows
from helpers.schema import dims_text


@cache
def reasons() -> dict[str, str]:
    """The reasons for doubt, with their words: the rows of data/catalogue/doubts.csv.

    >>> "no_subject" in reasons()
    True
    """
    return {row["code"]: row["text_zh"] for row in read_rows("doubts")}


@dataclass(frozen=True)
class Fact:
    """One stated figure; keys as in gold/SCHEMA.md, with its half-open span in the raw text."""

    code: str
    dims: dict[str, str]
    value: str
    unit: str
    status: str
    place: str
    level: str
    period: str
    section: int
    quote: str
    start: int
    end: int
    written: str = ""
    low: float = float("nan")
    high: float = float("nan")
    place_id: str = ""
    year_kind: str = "unknown"
    rule: str = ""
    doubts: tuple[str, ...] = ()
    state: str = "stated"

    @property
    def base(self) -> str:
        """The population base the text gives for the figure."""
        return self.dims.get("residence", "unstated")

    def key(self) -> tuple:
        """What makes two statements the same: code, dims, value, status, place and period."""
        return self.code, dims_text(self.dims), self.value, self.unit, self.status, self.place, self.period, self.section

    def gold(self) -> dict:
        """The keys of SCHEMA.md plus start and end, in their order."""
        return {"code": self.code, "dims": self.dims, "value": self.value, "unit": self.unit, "status": self.status,
                "place": self.place, "level": self.level, "period": self.period, "section": self.section,
                "quote": self.quote, "start": self.start, "end": self.end}

    def row(self, doc: str) -> dict:
        """A row of the FACTS table."""
        text = f"{doc}\x00{self.start}\x00{self.end}\x00{self.code}\x00{dims_text(self.dims)}\x00{self.status}"
        return {**self.gold(), "dims": dims_text(self.dims), "doc": doc, "written": self.written, "low": self.low, "high": self.high,
                "place_id": self.place_id, "year_kind": self.year_kind, "base": self.base, "rule": self.rule,
                "state": self.state, "doubts": ";".join(self.doubts),
                "fact": hashlib.blake2s(text.encode(), digest_size=8).hexdigest()}


@dataclass(frozen=True)
class Doubt:
    """A figure seen and not read, or rejected, with the reason (a row of data/catalogue/doubts.csv)."""

    section: int
    start: int
    end: int
    quote: str
    reason: str
    note: str = ""


@dataclass
class Extraction:
    """All that was read from one document."""

    doc: str
    facts: list[Fact] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    sections: int = 1
