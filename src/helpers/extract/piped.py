"""Tables drawn with strokes under a rule of dashes (| 年份 | 人口 | over |---|---|): their empty cells stand in place.

A head whose cells were broken over lines is put together until it has as many cells as the rule. Anything else
that does not fit the rule is left to the other readers of tables.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from helpers.extract.cells import Cell, Grid, Row
from helpers.extract.headers import spanned, without_serials
from helpers.extract.lexicon import phrase

_RULE = re.compile(r"\s*\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)+\|?\s*")
_GAPS = re.compile(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])")
_UNIT, _HAN = phrase("unit"), re.compile("[\u4e00-\u9fff]")
_DRAWN, _DRAWN_RULE = re.compile(r"\s*[│┃┌├└╔╠╚┏┣┗|]"), re.compile(r"[\s┌┬┐├┼┤└┴┘─━┏┳┓┣╋┫┗┻┛╔╦╗╠╬╣╚╩╝═┠┨┯┷┿╂|+-]+")
# Lines a head may be broken over.
HEAD_LINES, LEAST = 16, 3


def piped(lines: Sequence[tuple[int, str]], at: int) -> tuple[int, Grid | None]:
    """The table that begins at line `at`, and the line after its last; None where no rule stands under a head."""
    if not lines[at][1].lstrip().startswith("|"):
        return at, None
    rule = next((i for i in range(at, min(len(lines), at + HEAD_LINES)) if _RULE.fullmatch(lines[i][1])), None)
    if rule is None or rule == at:
        return at, None
    width = len(_between(*lines[rule]))
    told = [line for line in lines[at:rule] if _HAN.search(line[1])] or lines[at:rule]  # 年份 | 总户数 over Year | Households
    head = [cell for line in told for cell in _between(*line)]
    end = rule + 1
    rows = []
    while end < len(lines) and lines[end][1].lstrip().startswith("|"):
        rows.append(_between(*lines[end]))
        end += 1
    if len(head) != width or not rows:
        return end, None
    return end, _grid([replace(c, text=_GAPS.sub("", c.text)) for c in head], rows)


def drawn(lines: Sequence[tuple[int, str]], at: int) -> tuple[int, Grid | None]:
    """A table drawn with lines (┌──┬──┐ │ 年度 │): what stands between two rules is a row, its cells broken over lines."""
    if not _DRAWN.match(lines[at][1]) or ("─" not in lines[at][1] and "━" not in lines[at][1] and "═" not in lines[at][1]):
        return at, None
    rows, parts, end = [], [], at
    while end < len(lines) and _DRAWN.match(lines[end][1]):
        if _DRAWN_RULE.fullmatch(lines[end][1]):
            rows, parts = rows + ([_stacked(parts)] if parts else []), []
        else:
            parts.append(_between(lines[end][0], lines[end][1].replace("│", "|").replace("┃", "|")))
        end += 1
    rows += [_stacked(parts)] if parts else []
    first = next((i for i, row in enumerate(rows) if any(c.numeric and not c.year for c in row)), 0)
    if not first or len(rows) <= first:
        return end, None
    head = _drawn_head([[c for c in row if c.text] for row in rows[:first]], len(rows[first]))
    return end, _grid(head, rows[first:]) if head is not None else None


def tabbed(lines: Sequence[tuple[int, str]], at: int) -> tuple[int, Grid | None]:
    """A table parted by single tabs, some of its cells empty: each stands in its place, and the name of a group holds for the rows below it.

    None where no cell is empty: then any other reader of tables does as well.
    """
    head = parted(*lines[at], "\t")
    if len(head) < LEAST or not all(c.text and not c.numeric for c in head):
        return at, None
    rows: list[list[Cell]] = []
    end = at + 1
    while end < len(lines) and "\t" in lines[end][1] and len(cells := parted(*lines[end], "\t")) <= len(head):
        rows.append([*cells, *[Cell("", lines[end][0])] * (len(head) - len(cells))])
        end += 1
    labels = next((i for i in range(len(head)) if i and any(row[i].numeric for row in rows)), 0)
    if len(rows) < LEAST or labels < 2 or not any(not row[0].text for row in rows[1:]) or not rows[0][0].text:
        return end, None
    body, above = [], rows[0][:labels]
    for row in rows:
        # what is left empty at the head of a row is what stood there above
        first = next((i for i in range(labels) if row[i].text), labels)
        above = [*above[:first], *row[first:labels]]
        names = tuple(replace(c, text=_GAPS.sub("", c.text)) for c in above if c.text and not c.numeric)
        body.append(Row(names, tuple(c if c.numeric else None for c in row[labels:])))
    return end, Grid("", tuple(head[labels:]), tuple(body), end, head[labels - 1].text)


def _stacked(parts: list[list[Cell]]) -> list[Cell]:
    """The cells of a row from the lines it is broken over, each put together from above down."""
    width = max(map(len, parts))
    columns = [[line[i] for line in parts if i < len(line) and line[i].text] for i in range(width)]
    return [replace(cells[0], text="".join(re.sub(r"\s", "", c.text) for c in cells)) if cells else Cell("", 0) for cells in columns]


def _drawn_head(told: list[list[Cell]], width: int) -> list[Cell] | None:
    """The columns of a head of one line or two: as wide as the rows, or with its spans lost."""
    if len(told) == 1 or len(told[-1]) == width:
        return told[-1] if len(told[-1]) == width else None
    return spanned(told[0], told[1], width) if len(told) == 2 else None


def _grid(head: list[Cell], rows: list[list[Cell]]) -> Grid | None:
    """Head and rows as a grid; None where the first column names nothing or two columns are named alike."""
    if not any(cell.text for cell in head):
        head, rows = rows[0], rows[1:]
    while rows and len(rows[0]) == len(head) and all(c.text and not c.numeric and not c.empty and not c.year for c in rows[0]):
        head = [replace(low, text="".join(dict.fromkeys((high.text, low.text)))) for high, low in zip(head, rows[0], strict=True)]
        rows = rows[1:]
    _, (head, *rows) = without_serials(1, [head, *rows])
    rows = [row for row in rows if len(row) > 1 and any(c.numeric for c in row[1:])]
    names = [cell.text for cell in head]
    if not rows or len(set(names)) != len(names) or any(row[0].numeric and row[0].year is None for row in rows):
        return None
    labels = 1
    while labels < len(head) and all(len(row) == len(head) and row[labels].text and not row[labels].numeric and not row[labels].empty for row in rows):
        labels += 1
    body = []
    for row in rows:
        figures = tuple(None if c.empty or not c.text else c for c in row[labels:])
        body.append(Row(tuple(c for c in row[:labels] if c.text), figures if len(row) == len(head) else tuple(c for c in figures if c)))
    units = any(_UNIT.fullmatch(c.text) for c in head[1:labels])
    return Grid("", tuple(head[1 if units else labels:]), tuple(body), 0, head[0].text)


def _between(start: int, line: str) -> list[Cell]:
    """The cells between the strokes of a line, the empty ones too."""
    cells = parted(start, line, "|")
    if cells and not cells[0].text:
        cells = cells[1:]
    return cells[:-1] if cells and not cells[-1].text else cells


def parted(start: int, line: str, mark: str) -> list[Cell]:
    """The cells of a line between marks, the empty ones too."""
    cells, position = [], 0
    for piece in line.split(mark):
        cells.append(Cell(piece.strip(), start + position + len(piece) - len(piece.lstrip())))
        position += len(piece) + 1
    return cells
