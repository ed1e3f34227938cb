"""Tables flattened to one cell a line: which of a run of short lines head columns, which label rows."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Sequence

from helpers.extract.cells import Cell, Grid, Row
from helpers.extract.headers import lost_spans, under_spans, without_group_heads
from helpers.extract.lexicon import phrase
from helpers.extract.places import name_level

CORNER = phrase("corner")
UNIT_COLUMN = phrase("unit_column")
# Longest cell; and longest name of what a row counts, right behind the number of the row.
_CELL, _NAMED_CELL = 24, 48
_YEAR_LABEL = phrase("year_label")
_LAST_COLUMN = phrase("last_column")
# Joins the place and the column it heads in a header cell.
BESIDE = "\u2502"
# (一)出生人口 over 人 or a figure is the label of a row; over words it is a heading of the text.
_ITEM = re.compile("[一二三四五六七八九十]、|[(（][一二三四五六七八九十][)）]")
_UNDER_ITEM = phrase("under_item")
_NO_PLACE = phrase("no_place")
_SERIALS = phrase("serials")
_UNIT_CELL = phrase("unit_cell")
_TABLE_TITLE = phrase("table_title")
MIN_CELLS, MIN_FIGURES, MOST_COLUMNS = 6, 3, 14
_UNIT_ALONE = re.compile(r"[(（][^()（）\d]{1,6}[)）]")


def flattened(lines: Sequence[tuple[int, str]], at: int) -> tuple[int, Grid | None]:
    """One cell a line: a run of short lines with figures among them."""
    cells, end = [], at
    while end < len(lines):
        start, line = lines[end]
        text, barred = line.strip(" \t|"), "|" in line
        if not text and barred:
            end += 1
            continue
        if len(text) > (_NAMED_CELL if cells and cells[-1].text.isdigit() else _CELL) or re.search(r"[。;,!?](?!\d{3})", text) or text.startswith(("注:", "注：")):
            break
        if not barred and _ITEM.match(text) and not _labels_rows(lines, end):
            break
        cells.append(Cell(text, start + line.index(text)))
        end += 1
    while cells and not (cells[-1].numeric or cells[-1].empty):
        cells.pop()
    if len(cells) < MIN_CELLS or sum(c.numeric for c in cells) < MIN_FIGURES:
        return end, None
    grid, united = _grid(joined(cells), end), _with_units(cells)
    if grid is not None and len(united) < len(cells) and (other := _grid(joined(united), end)) is not None and len(other.rows) > len(grid.rows):
        return end, other
    return end, grid


def _with_units(cells: list[Cell]) -> list[Cell]:
    """参合率 over (%): the cells with each unit in brackets joined to the name of its column."""
    out: list[Cell] = []
    for cell in cells:
        if out and _UNIT_ALONE.fullmatch(cell.text) and not (out[-1].numeric or out[-1].empty):
            out[-1] = Cell(out[-1].text + cell.text, out[-1].start)
        else:
            out.append(cell)
    return out


def _said_once(head: list[Cell]) -> list[Cell]:
    """名称 人数 名称 人数: a head that stands twice, side by side, once."""
    half = next((n for n in range(len(head) // 2, 1, -1) if [c.text for c in head[-n:]] == [c.text for c in head[-2 * n:-n]]), 0)
    return head[:-half] if half and not any(c.year for c in head[-half:]) else head


def _labels_rows(lines: Sequence[tuple[int, str]], at: int) -> bool:
    """Whether an enumerated line is the label of a row, or heads rows (二、城乡人口 over 城镇人口 over 30.12), and is no heading of the text."""
    for _, line in lines[at + 1:at + 4]:
        text = line.strip()
        if _UNDER_ITEM.fullmatch(text):
            return True
        if len(text) > _CELL or re.search("[。;,!?:]", text) or _ITEM.match(text):
            return False
    return False


def joined(cells: list[Cell]) -> list[Cell]:
    """`指` `标` on two lines are one header cell."""
    out: list[Cell] = []
    for cell in cells:
        if out and out[-1].text in ("#", "＃", "其中:", "△"):
            out[-1] = Cell("#" + cell.text, cell.start) if not cell.numeric else cell
        elif out and cell.text == "总人口" and out[-1].text in ("年末户籍", "年末常住"):
            out[-1] = Cell(out[-1].text + cell.text, out[-1].start)
        elif out and cell.text == "年" and re.fullmatch(r"(?:19|20)\d\d", out[-1].text):
            out[-1] = Cell(out[-1].text + "年", out[-1].start)
        elif out and len(cell.text) == 1 and len(out[-1].text) == 1 and not cell.numeric and not out[-1].numeric and not cell.empty \
                and ((cell.text not in "男女县市区" and out[-1].text not in "男女县市区") or out[-1].text in "全地"):
            out[-1] = Cell(out[-1].text + cell.text, out[-1].start)
        else:
            out.append(cell)
    return out


def _grid(cells: list[Cell], end: int) -> Grid | None:
    first = next((i for i, c in enumerate(cells) if (c.numeric or c.empty) and not _is_year_header(cells, i)), None)
    if first is None or first < 2:
        return None
    years_down = cells[first].numeric and (cells[first].year is not None or cells[first].text.isdigit()) and _counts_years(cells, first)
    if not years_down and any(_SERIALS.fullmatch(c.text) for c in cells[:first]) and (counted := _counted_rows(cells, first)) is not None:
        head, rows = counted
        return Grid("", tuple(head), tuple(rows), end, "")
    # 项目 单位 数量: two cells make the label of a row; but 单位 over 城关镇 heads places
    measured = first > 3 and not name_level(cells[first - 1].text)
    label = 0 if years_down else 2 if measured and any(UNIT_COLUMN.fullmatch(c.text) and i and not _titular(cells[i - 1].text) for i, c in enumerate(cells[:first - 2])) else 1
    head, body = _said_once(list(cells[:first - label])), cells[first - label:]
    titles = [c for c in head if _titular(c.text)]
    head = [c for c in head if not _titular(c.text)]
    width = max(0, len(head) - 1)
    head, width = _by_place(head, width) if years_down else (head, width)
    rows = [] if years_down else _rows(body, units=label == 2)
    given = _years_apart(body) if years_down else Counter(len(row.figures) for row in rows).most_common(1)[0][0]
    corner = next((i for i, c in enumerate(head) if CORNER.fullmatch(c.text)), 0)
    if not years_down and given < len(head) - 1 - corner and (slim := without_group_heads(head[corner:], given + 1)) is not None \
            and not (lost_spans(head) and under_spans(head, given + 1)):
        titles, head, width, corner = [*titles, *head[:corner]], slim, given, 0
    if not years_down and given < width and len(head) - 1 - corner == given:
        # 2013年年末常住人口数及其构成 / 指标 / 年末数 / 比重: what stands before the corner is the title
        titles, head, width = [*titles, *head[:corner]], head[corner:], given
    if not years_down and given == width + 1 and rows[0].label and _LAST_COLUMN.search(rows[0].name):
        # 2005年 | 2004年 | 2005年为上年% over a row that lost its label: the last column's name is none
        head, width, rows[0] = [*head, Cell(rows[0].name, rows[0].label[0].start)], given, Row((), rows[0].figures)
    if given < width and lost_spans(head):
        columns = under_spans(head, given + 1)
        if columns is None:
            return None
        head, width = columns, given
    rows = _rows_by_year(body, width) if years_down else rows
    if not rows or not head:
        return None
    title = " ".join(c.text for c in titles)
    head, rows = _side_by_side(head, rows)
    years = [c for c in head if c.year]
    if not years_down and len(years) == given:
        # as many years as figures in a row: they head the columns, whatever was taken along before and after them
        before = next((c.text for c in head if not c.year), "")
        return Grid(title, tuple(years), tuple(rows), end, before)
    return Grid(title, tuple(head[1:]) if len(head) > 1 else tuple(head), tuple(rows), end, head[0].text)


def _side_by_side(head: list[Cell], rows: list[Row]) -> tuple[list[Cell], list[Row]]:
    """疫苗名称 卡介苗 乙肝 / 接种率 99.6 100 / 疫苗名称 脊灰 …: a table printed block below block, its head told again, is one beside the other."""
    told = [cell.text for cell in head]
    again = [i for i, row in enumerate(rows) if i and len(row.label) > 2 and row.label[0].text in told]
    if not again:
        return head, rows
    head = head[told.index(rows[again[0]].label[0].text):]
    blocks, columns = [rows[low:high] for low, high in itertools.pairwise([0, *again, len(rows)])], list(head)
    names = [row.label[-1].text for row in blocks[0]]
    for block in blocks[1:]:
        columns += block[0].label[1:-1]
        if [row.label[-1].text for row in block] != names:
            return head, rows
    joined = [Row(rows[i].label, tuple(cell for block in blocks for cell in block[i].figures)) for i in range(len(names))]
    return columns, joined


def _titular(text: str) -> bool:
    return bool(_TABLE_TITLE.match(text))


def _is_year_header(cells: list[Cell], i: int) -> bool:
    """A bare year among header cells, other years or words beside it, is a header and no figure."""
    if cells[i].year is None or not cells[i].numeric:
        return False
    beside = [cells[j] for j in (i - 1, i + 1) if 0 <= j < len(cells)]
    return any(c.numeric and c.year is not None for c in beside)


def _by_place(head: list[Cell], width: int) -> tuple[list[Cell], int]:
    """甲乡 乙县 | 年度 人口数 成长率 人口数 成长率: the places head as many columns each."""
    label = next((i for i, cell in enumerate(head) if _YEAR_LABEL.fullmatch(cell.text)), None)
    if not label:
        return head, width
    places, columns = head[:label], head[label + 1:]
    if any(_NO_PLACE.search(place.text) for place in places):
        return head[label:], len(columns)
    if not columns or len(columns) % len(places):
        return head, width
    each = len(columns) // len(places)
    named = [Cell(places[i // each].text + BESIDE + cell.text, cell.start) for i, cell in enumerate(columns)]
    return [head[label], *named], len(named)


def _counts_years(cells: list[Cell], first: int) -> bool:
    """Whether the figures that begin the rows count years: 1978, 1979 … or, under 年度, 72, 73 …"""
    years = [int(c.text) for c in cells[first:] if re.fullmatch(r"(?:19|20)\d{2}", c.text)]
    apart = 40 if any(_YEAR_LABEL.fullmatch(c.text) for c in cells[:first]) else 10
    if apart > 10 and _stride(cells[first:]):
        return True
    if len(years) >= 2 and all(abs(b - a) <= apart for a, b in itertools.pairwise(years[:6])):
        return True
    if not any(_YEAR_LABEL.fullmatch(c.text) for c in cells[:first]) or not cells[first].text.isdigit():
        return False
    start = int(cells[first].text)
    return 30 <= start <= 130 and all(any(c.text == str(start + step) for c in cells[first:]) for step in (1, 2))


def _stride(cells: Sequence[Cell]) -> int:
    """How many cells on the next row begins, where each begins with a year later than the one before (1965 … 1972 …); 0 where none does."""
    for stride in range(3, min(MOST_COLUMNS, len(cells) // 2) + 1):
        labels = [cell.text for cell in cells[::stride]]
        if all(re.fullmatch(r"(?:19|20)\d{2}", text) for text in labels) and all(int(a) < int(b) for a, b in itertools.pairwise(labels)):
            return stride
    return 0


def _counted_rows(cells: list[Cell], first: int) -> tuple[list[Cell], list[Row]] | None:
    """序号 指标 单位 2020年 完成情况 2020年 规划目标 / 2 孕产妇死亡率 1/10万 3.18 ≤6: rows told apart by the number that counts them.

    The unit may be missing, notes in brackets stand among the figures, and the names of groups before the number.
    """
    rows: list[Row] = []
    label, figures, count = [], [], 0
    for at, cell in enumerate(cells[first:], first):
        after = cells[at + 1] if at + 1 < len(cells) else None
        if cell.text.isdigit() and count < int(cell.text) <= count + 3 and after is not None and not after.numeric and (figures or not count):
            rows += [Row(tuple(label), tuple(figures))] if figures else []
            label, figures, count = [], [], int(cell.text)
        elif cell.numeric:
            figures.append(cell)
        elif not figures and not re.fullmatch(r"[(（][^()（）]*[)）]", cell.text):
            label.append(cell)
    rows += [Row(tuple(label), tuple(figures))] if figures else []
    width = Counter(len(row.figures) for row in rows).most_common(1)[0][0] if rows else 0
    told = [c for c in cells[:first] if not _SERIALS.fullmatch(c.text)]
    known = next((i for i, c in enumerate(told) if UNIT_COLUMN.fullmatch(c.text)), next((i for i, c in enumerate(told) if CORNER.fullmatch(c.text)), 0))
    head = told[known + 1:]
    for extra in range(3):
        # the names of groups before the first number are no columns
        if width and (len(head) - extra) % width == 0 and len(head) > extra:
            each = (len(head) - extra) // width
            columns = [Cell("".join(c.text for c in head[i:i + each]), head[i].start) for i in range(0, each * width, each)]
            return columns, [_united(row) for row in rows if width - 1 <= len(row.figures) <= width and row.label]
    return None


def _united(row: Row) -> Row:
    """孕产妇死亡率 1/10万: a unit among the cells of a label is its unit."""
    *name, last = row.label
    if not name or not _UNIT_CELL.fullmatch(last.text):
        return row
    return Row((Cell("".join(c.text for c in name) + f"({last.text})", name[0].start),), row.figures)


def _years_apart(cells: list[Cell]) -> int:
    """How many figures stand between one year and the next, as most rows have it."""
    if stride := _stride(cells):
        return stride - 1
    years = [i for i, cell in enumerate(cells) if cell.year is not None or i == 0]
    return Counter(b - a - 1 for a, b in itertools.pairwise(years)).most_common(1)[0][0] if len(years) > 1 else len(cells)


def _rows(cells: list[Cell], *, units: bool = False) -> list[Row]:
    """Labels and the figures after them; with `units` a label is a name and its unit, and names without figures head the rows below."""
    rows, label, figures = [], [], []
    for cell in cells:
        if cell.numeric or cell.empty:
            figures.append(None if cell.empty else cell)
            continue
        if figures:
            rows.append(Row(tuple(label), tuple(figures)))
            label, figures = [], []
        if units and len(label) == 2:
            rows.append(Row(tuple(label), ()))
            label = []
        label.append(cell)
    if figures:
        rows.append(Row(tuple(label), tuple(figures)))
    return rows


def _roc(cell: Cell) -> Cell:
    """A year of the Republic under 年度: 84 stands for 民国84年."""
    return Cell(f"民国{cell.text}年", cell.start) if re.fullmatch(r"\d{2,3}", cell.text) else cell


def _rows_by_year(cells: list[Cell], width: int) -> list[Row]:
    rows: list[Row] = []
    for i in range(0, len(cells) - width, width + 1):
        label, figures = cells[i], cells[i + 1:i + 1 + width]
        label = _roc(label)
        if label.year is None or not all(c.numeric or c.empty for c in figures):
            break
        rows.append(Row((label,), tuple(None if c.empty else c for c in figures)))
    return rows
