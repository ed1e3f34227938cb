"""Tables of any kind of file as lines with bars, the form in which the reader of tables takes them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

EMPTY = "—"  # stands for a cell with nothing in it
LONGEST_CELL = 40  # a longer text is no cell of a statistical table
_NUMERIC = re.compile(r"[-+－−]?\s?[\d,，.]+\s?[%‰％]?")
_YEAR = re.compile(r"(?:19|20)\d{2}")
_EMPTY = re.compile(r"[-—–－/·…\s]*")
WIDEST = 16_384  # columns
MOST_CELLS = 2_000_000


@dataclass(frozen=True)
class Span:
    """A cell of a table as a file states it: its text, and how many columns and rows it takes."""

    text: str
    columns: int = 1
    rows: int = 1


def laid_out(rows: Sequence[Sequence[Span]]) -> list[list[str]]:
    """The rows with merged cells repeated in every place they cover.

    >>> laid_out([[Span("单位", rows=2), Span("出生", columns=2)], [Span("男"), Span("女")]])
    [['单位', '出生', '出生'], ['单位', '男', '女']]
    """
    grid: list[list[str]] = []
    hanging: dict[int, tuple[int, str]] = {}  # column -> rows still covered from above, and with what
    for row in rows:
        cells: list[str] = []
        hanging, above = {}, hanging
        for span in row:
            _let_hang(cells, above, hanging)
            text, width = span.text, min(max(1, span.columns), WIDEST - len(cells))
            for _ in range(width):
                if span.rows > 1:
                    hanging[len(cells)] = (span.rows - 1, text)
                cells.append(text)
        _let_hang(cells, above, hanging)
        grid.append(cells)
    return grid


def _let_hang(cells: list[str], above: dict[int, tuple[int, str]], hanging: dict[int, tuple[int, str]]) -> None:
    """Fill the places that cells of rows above reach into."""
    while len(cells) in above:
        left, text = above[len(cells)]
        if left > 1:
            hanging[len(cells)] = (left - 1, text)
        cells.append(text)


def lines_of(grid: Sequence[Sequence[str]]) -> list[str]:
    """A table as lines: `甲村 | 336 | 11.1`; a row that is one cell, or holds a text too long for one, as plain lines.

    Empty cells of the columns that hold figures are —, so that no figure slips into its neighbour's column; in
    the columns of labels they are left out. Behind a line that parts a table its header stands again.

    >>> lines_of([["单位", "出生", "死亡"], ["一、山区"], ["甲村", "12", ""]])
    ['单位 | 出生 | 死亡', '一、山区', '单位 | 出生 | 死亡', '甲村 | 12 | —']
    """
    rows = _compact(grid)
    labels = _label_columns(rows)
    lines: list[str] = []
    header: list[str] = []
    parted = told = False
    for row in rows:
        if is_plain(row):
            lines += [line for cell in dict.fromkeys(row) for line in cell.splitlines() if line.strip()]
            parted = True
            continue
        line = " | ".join(_squeezed(cell) or EMPTY for at, cell in enumerate(row) if cell or at >= labels)
        if not has_figures(row):
            header, told = ([] if told else header), False
            header.append(line)
        else:
            lines += header if parted else []
            told = True
        lines.append(line)
        parted = False
    return lines


def is_plain(row: Sequence[str]) -> bool:
    """Whether a row is no row of a table: one text over all its columns, or a text too long for a cell."""
    return len(set(filter(None, row))) <= 1 or any(len(cell) > LONGEST_CELL for cell in row)


def has_figures(row: Sequence[str]) -> bool:
    """Whether a row holds figures other than years, and so is not a header."""
    return any(_NUMERIC.fullmatch(cell) and not _YEAR.fullmatch(cell) for cell in row)


def _compact(grid: Sequence[Sequence[str]]) -> list[list[str]]:
    """The rows, equally wide, without rows and columns that hold nothing."""
    rows = [[cell.strip() for cell in row] for row in grid]
    used = [at for at in range(max(map(len, rows), default=0)) if any(at < len(row) and row[at] for row in rows)]
    return [[row[at] if at < len(row) else "" for at in used] for row in rows if any(row)]


def _squeezed(text: str) -> str:
    """A cell on one line: line ends between words are only the width of the cell; bars would part it."""
    text = re.sub(r"\s*\n\s*", lambda m: " " if text[m.start() - 1:m.start()].isdigit() and text[m.end():m.end() + 1].isdigit() else "", text)
    return re.sub(r"[\s\u3000]+", " ", text.replace("|", "/")).strip()


def _label_columns(rows: Sequence[Sequence[str]]) -> int:
    """How many columns at the left hold words and never a figure, in the rows that hold figures."""
    told = [row for row in rows if has_figures(row) and not is_plain(row)]
    width = max(map(len, told), default=0)
    for at in range(width):
        column = [row[at] for row in told if at < len(row)]
        if any(_NUMERIC.fullmatch(cell) for cell in column) or all(_EMPTY.fullmatch(cell) for cell in column):
            return at
    return width
