"""A table's cells, rows and grid, as every reader of tables hands them on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from helpers.extract.lexicon import phrase
from helpers.extract.times import CENSUSES, TimePhrase, find_times

_CENSUS_CELL = phrase("census_cell")
_YEAR_CELL_REST = phrase("year_cell_rest")
_NUMERIC = re.compile(r"[≥≤＞＜><]?\s?[-+－−]?\s?\d{1,3}(?:(?:,\d{3})+|(?: \d{3})+)(?:\.\d+)?\s?[%‰]?|[≥≤＞＜><]?\s?[-+－−]?\s?\d+(?:\.\d+)?\s?[%‰]?(?:以[上下内])?")
_MINUS = str.maketrans("－−", "--")
_EMPTY = re.compile(r"NA|N/A|[-—–－/·…]{1,12}|0?\s?[-—]+")


@dataclass(frozen=True)
class Cell:
    """A cell's text and where it begins in the article."""

    text: str
    start: int

    @property
    def numeric(self) -> bool:
        return _NUMERIC.fullmatch(self.text) is not None

    @property
    def empty(self) -> bool:
        return _EMPTY.fullmatch(self.text) is not None

    @property
    def value(self) -> Decimal | None:
        """The number printed in the cell (`- 1,204` is -1204), None where it holds words."""
        if not self.numeric:
            return None
        return Decimal(re.sub(r"[,\s%‰≥≤＞＜><以上下内]", "", self.text).translate(_MINUS))

    @property
    def year(self) -> TimePhrase | None:
        """The year a header cell or a row label stands for: 2005年, 2005, 民国109年."""
        if re.fullmatch(r"(?:19|20)\d{2}", self.text):
            return TimePhrase(0, 0, year=self.text)
        census = _CENSUS_CELL.fullmatch(self.text)
        if census:
            return TimePhrase(0, 0, year=CENSUSES[census.group(1)], census=True)
        phrases = list(find_times(self.text))
        if len(phrases) == 1 and (phrases[0].year or phrases[0].shift is not None):
            rest = self.text[:phrases[0].start] + self.text[phrases[0].end:]
            if _YEAR_CELL_REST.fullmatch(rest):
                return phrases[0]
        return None


@dataclass(frozen=True)
class Row:
    """A row: the cells of its label, and its figures in order (None for a cell that is marked empty)."""

    label: tuple[Cell, ...]
    figures: tuple[Cell | None, ...]

    @property
    def name(self) -> str:
        return "".join(cell.text for cell in self.label)


@dataclass(frozen=True)
class Grid:
    """A table: lines before it that may name it, header cells without the label's own, rows."""

    title: str
    header: tuple[Cell, ...]
    rows: tuple[Row, ...]
    end: int
    corner: str = ""
