"""Tables in text: where they are, and their cells as rows and columns.

A table may be flattened to one cell a line, have its cells parted by bars, tabs or spaces, or stand column
after column. What the cells mean is the business of `tables`.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from helpers.extract.cells import Cell, Grid, Row
from helpers.extract.flattened import CORNER, MIN_FIGURES, UNIT_COLUMN, flattened, joined
from helpers.extract.headers import spanned, stacked, without_serials
from helpers.extract.lexicon import phrase
from helpers.extract.piped import drawn, parted, piped, tabbed
from helpers.extract.solved import solved

_LABELLED = phrase("labelled")
_CAPTION = phrase("caption")
_FOREIGN = re.compile(r"\s*[A-Za-z][^\u3400-\u9fff|\t]*")
_HAN, _SENTENCE = re.compile("[\u4e00-\u9fff]"), re.compile("[。;!?]")
# The English half of a bilingual row, and the figures that close it.
_ENGLISH = re.compile(r"(?<=[\s)])[A-Z][A-Za-z']+(?=[ :,(]|\s*$)")
_LATIN = re.compile(r"[A-Z][A-Za-z']+(?:[ ,.:()'/-]+(?:[A-Za-z(][A-Za-z()]*|\d[\d ]*(?=[a-z])))*")
_LAST_FIGURES = re.compile(r"(?:\s+[-−]?[\d,]+(?:\.\d+)?){1,12}\s*$")
_GROUP_LINE = phrase("group_line")
_YEARS_HEAD = phrase("years_head")
_LEADS_TO_TABLE, _ONLY_FIGURES = phrase("leads_to_table"), re.compile(r"[\d\s,.%‰±+−|—-]+")
_YEARS_RUN, _ONE_YEAR = phrase("years_run"), re.compile("(?:19|20)\\d\\d年[末底]?")
# 18,649−1.1%: a figure and its change run together.
_RUN_ON = re.compile(r"(?<=\d)(?=[—−±+][\d.]*%?\s*$|[—−±+][\d.]+%\s)")
_SPACES = re.compile(r"[\s|]+")
# 65岁及以上 11.48: a label and its figure with a single space between, among cells that have more
_LABEL_AND_FIGURE = re.compile(r"([^\d\s]*\d{0,2}[\u4e00-\u9fff:：]*[\u4e00-\u9fff]) (-?\d[\d,]*(?:\.\d+)?)")
# 188395 36.76: figures with a single space between, in a row whose other cells have more
_FIGURES_APART = re.compile(r"-?\d[\d,]*(?:\.\d+)?%?(?: -?\d[\d,]*(?:\.\d+)?%?)+")
_BROKEN_HEAD = re.compile("自然 (?:增长|变动)率?.*|.*非?农业 人口.*")
# --- | :---: what parts a head from its rows
_RULED = re.compile(":?-{2,}:?")
# 61 284: a single space that parts thousands
_GROUPED = re.compile(r"(?<![\d.])(?<!\d )\d{1,3}(?: \d{3})+(?:\.\d+)?(?![\d.]| \d)")
_SPLIT = re.compile(r"\t+|\s*\|\s*| {2,}")
MAX_STARTS = 12
# A cell of words of another language, and how many lines it may go on for.
_FOREIGN_CELL, CELL_LINES = re.compile(r"\s*\(?[A-Za-z][^\u3400-\u9fff|\t]*\|?\s*|\s*\(\d[\d ]*[a-z]+\)\s*\|?\s*"), 3
# Lines the head of a table told column by column may have.
HEAD_LINES = 2
_WHOLE = phrase("whole")
_GAPS = re.compile(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])|\[\d+\]$")


def find_tables(lines: Sequence[tuple[int, str]]) -> list[tuple[int, int, Grid]]:
    """The tables among the lines of an article, as (first line, line after the last, grid).

    The surest reading goes first: cells between strokes under a rule, cells that are parted, then columns one after another, then one cell a line; last what only arithmetic can read.
    """
    lines = _without_foreign_cells([(start, _without_english(line)) for start, line in lines])
    found: list[tuple[int, int, Grid]] = []
    taken: dict[int, int] = {}  # lines inside a table, with the line after its last
    for find in (_piped, _delimited, _by_column, _flattened, solved):
        at = run = tries = 0
        while at < len(lines):
            if at in taken:
                at = taken[at]
                continue
            end, grid = find(lines, at)
            if grid is not None and not any(line in taken for line in range(at, end)):
                found.append((at, end, grid))
                taken |= dict.fromkeys(range(at, end), end)
                at = end
                continue
            # A run of cells that is no table from its first lines on is none: time stays linear in its length.
            tries, run = (tries + 1, run) if end == run else (1, end)
            at = max(at + 1, run) if tries >= MAX_STARTS else at + 1
    return [(first, after, _units_in_labels(grid)) for first, after, grid in sorted(found, key=lambda item: item[0])]


def _without_english(line: str) -> str:
    """家庭户(万户) Number of Households (10 000 households) 1862.57: what a bilingual row says twice is blanked out."""
    if not _HAN.search(line) or _SENTENCE.search(line) or not (match := _ENGLISH.search(line)):
        return line
    figures = _LAST_FIGURES.search(line, match.start())
    if figures is None:
        return _LATIN.sub(lambda m: " " * len(m.group()), line)
    return line[:match.start()] + " " * (figures.start() - match.start()) + line[figures.start():]


def _without_foreign_cells(lines: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    """常住人口 | / Resident Population | / 2808.00 |: the cells of another language go, to the stroke that ends them; the strokes stay."""
    if sum("|" in line for _, line in lines) <= MIN_FIGURES:
        return list(lines)
    kept, inside = [], 0
    for start, line in lines:
        inside = CELL_LINES if _FOREIGN_CELL.fullmatch(line) else inside
        kept.append((start, re.sub(r"[^|]", " ", line) if inside and not _HAN.search(line) else line))
        inside = 0 if "|" in line or _HAN.search(line) else max(0, inside - 1)
    return kept


def _units_in_labels(grid: Grid) -> Grid:
    """项目 单位 数量: the unit a column gives each row goes into the row's label, as 出生(人)."""
    at = next((i for i, cell in enumerate(grid.header) if UNIT_COLUMN.fullmatch(cell.text)), None)
    if at is None or not all(len(row.label) >= 2 for row in grid.rows):
        return grid
    rows = []
    for row in grid.rows:
        *name, unit = row.label
        text = "".join(cell.text for cell in name)
        rows.append(Row((Cell(f"{text}({unit.text})", name[0].start),), row.figures))
    return replace(grid, header=grid.header[:at] + grid.header[at + 1:], rows=tuple(rows))


def _piped(lines: Sequence[tuple[int, str]], at: int) -> tuple[int, Grid | None]:
    """A table whose head is parted from its rows by a rule of dashes; its empty cells are kept."""
    end, grid = drawn(lines, at)
    end, grid = (end, grid) if grid is not None else piped(lines, at)
    end, grid = (end, grid) if grid is not None or "\t" not in lines[at][1] else tabbed(lines, at)
    return end, replace(grid, title=_title(lines, at)) if grid is not None else None


def _delimited(lines: Sequence[tuple[int, str]], at: int) -> tuple[int, Grid | None]:
    """Rows whose cells are parted by bars, tabs or runs of spaces."""
    rows, end = _rows_of(lines, at)
    if any(_GROUPED.search(line) for _, line in lines[at:end]):
        grouped, after = _rows_of(lines, at, grouped=True)
        rows, end = (grouped, after) if _beyond_head(grouped) < _beyond_head(rows) else (rows, end)
    if len(rows) < 2 or sum(c.numeric for row in rows for c in row) < MIN_FIGURES:
        return end, None
    first = next((i for i, row in enumerate(rows) if sum(c.numeric and not c.year for c in row) >= 1), None)
    if first is None or not rows[:first]:
        return end, None
    first, rows = stacked(*without_serials(first, rows))
    rows = _years_side_by_side(first, rows)
    header = tuple(_with_notes([c for row in rows[:first] for c in row]))
    corner = next((i for i, c in enumerate(header) if CORNER.fullmatch(c.text.replace(" ", ""))), 0)
    header = header[corner:]
    header, rows[first:] = _one_block(header, rows[first:])
    width = Counter(len(row) for row in rows[first:]).most_common(1)[0][0]
    if first == 2 and (columns := spanned(rows[0], rows[1], width)) is not None:
        header = tuple(columns)
    whole = next((row for row in reversed(rows[:first]) if len(row) == width), None)
    if whole is not None and len(header) > width:
        # a header of several lines, one of which names every column
        header = tuple(whole)
    elif whole is None and first > 1 and len(rows[first - 1]) == width - 1:
        header = tuple(rows[first - 1])  # the names of the columns alone, none over the labels
    body = []
    for row in rows[first:]:
        label = tuple(itertools.takewhile(lambda c: not c.numeric and not c.empty, row)) or (row[:1] if row[0].year else ())
        rest = row[len(label):]
        while rest and not rest[-1].numeric and not rest[-1].empty:
            rest = rest[:-1]  # a remark
        body.append(Row(tuple(label), tuple(None if c.empty else c for c in rest)))
    headed = CORNER.fullmatch(header[0].text.replace(" ", "")) is not None
    columns = header[1:] if headed or len(header) >= width else header
    above = " ".join(c.text for row in itertools.takewhile(lambda row: row is not whole, rows[:first]) for c in row) if whole is not None and header == tuple(whole) else ""
    return end, Grid(f"{_title(lines, at)} {above}".strip(), tuple(columns), tuple(body), end, header[0].text)


def _rows_of(lines: Sequence[tuple[int, str]], at: int, *, grouped: bool = False) -> tuple[list[list[Cell]], int]:
    """The rows that begin at a line, and the line after them; `grouped` where a single space parts thousands (61 284) and no cells."""
    rows: list[list[Cell]] = []
    end, tabs = at, lines[at][1].count("\t")
    while end < len(lines) and not _CAPTION.match(lines[end][1]):
        # as many tabs as the head has: an empty cell stands in its place
        empty = bool(rows) and tabs > 1 and "\t\t" in lines[end][1] and lines[end][1].count("\t") == tabs
        cells = [cell if cell.text else Cell("—", cell.start) for cell in parted(*lines[end], "\t")] if empty else _cells_of(*lines[end], grouped=grouped)
        if not rows and len(cells) > 1 and all(_LABELLED.match(cell.text) for cell in cells):
            break  # 统计期:2004年10月1日至… 填报单位:青石乡 单位:人
        if cells and all(_RULED.fullmatch(c.text) for c in cells):
            end += 1  # --- | --- | ---
            continue
        if rows and any(c.numeric for c in rows[-1]) and _FOREIGN.fullmatch(lines[end][1]):
            # the English line of a bilingual table says what the Chinese one said
            end += 1
            continue
        if len(cells) == 1 and rows and _GROUP_LINE.fullmatch(cells[0].text):
            rows.append(cells)
        elif len(cells) == 1 and rows and len(cells[0].text) <= 8 and not any(c.numeric for row in rows for c in row):
            rows[-1] = [*rows[-1], cells[0]]
        elif len(cells) < 2 or any(len(c.text) > 40 for c in cells):
            break
        else:
            rows.append(joined([replace(cell, text=_GAPS.sub("", cell.text)) for cell in cells] if "|" in lines[end][1] else cells))
        end += 1
    return rows, end


def _beyond_head(rows: list[list[Cell]]) -> int:
    """How far the width of most rows is from that of the last line of their head."""
    first = next((i for i, row in enumerate(rows) if sum(c.numeric and not c.year for c in row) >= 1), 0)
    width = Counter(len(row) for row in rows[first:]).most_common(1)
    return abs(width[0][0] - len(rows[first - 1])) if first and width else 0


def _years_side_by_side(first: int, rows: list[list[Cell]]) -> list[list[Cell]]:
    """年份 总人口 年份 总人口 over 1991 333 2008 353: years that go on in a second block of the same head are rows below the first."""
    body, heads = rows[first:], []
    half = len(body[0]) // 2 if body else 0
    if half < 2 or any(len(row) != 2 * half or not (row[0].year and row[half].year) for row in body):
        return rows
    for head in rows[:first]:
        each = len(head) // 2
        if [cell.text for cell in head[:each]] != [cell.text for cell in head[each:]]:
            return rows
        heads.append(head[:each])
    return [*heads, *(row[:half] for row in body), *(row[half:] for row in body)]


def _one_block(header: tuple[Cell, ...], rows: list[list[Cell]]) -> tuple[tuple[Cell, ...], list[list[Cell]]]:
    """乡镇 人口数 乡镇 人口数: a table printed in blocks side by side is one below the other."""
    texts = [c.text for c in header]
    for times in (2, 3):
        each = len(texts) // times
        if each >= 2 and len(texts) == each * times and texts == texts[:each] * times:
            return header[:each], [row[i:i + each] for row in rows for i in range(0, len(row), each)]
    return header, rows


def _with_notes(cells: list[Cell]) -> list[Cell]:
    """A header cell `(%)` on a line of its own is the unit of the one before."""
    out: list[Cell] = []
    for cell in cells:
        if out and re.fullmatch(r"[(（][^)）]{1,6}[)）]", cell.text):
            out[-1] = Cell(out[-1].text + cell.text, out[-1].start)
        elif out and (_BROKEN_HEAD.fullmatch(f"{out[-1].text} {cell.text}")):
            out[-1] = Cell(out[-1].text + cell.text, out[-1].start)  # 自然 / 增长率(‰)
        else:
            out.append(cell)
    return out


def _cells_of(start: int, line: str, *, grouped: bool = False) -> list[Cell]:
    """The cells of a line: by bars, tabs or runs of spaces; by single spaces where figures stand side by side, unless they part thousands (`grouped`)."""
    stripped = line.strip()
    if head := _YEARS_HEAD.fullmatch(stripped):
        lead = start + len(line) - len(line.lstrip())
        return [Cell(text, lead + head.start(i)) for i, text in enumerate(head.groups(), 1) if text]
    if _YEARS_RUN.fullmatch(stripped):
        return [Cell(match.group(), start + match.start()) for match in _ONE_YEAR.finditer(line)]
    single = " " in stripped and (re.search(r"\d[%‰]?\s+[-－]?\d", stripped) or re.fullmatch(r"\S{1,12}(?:\s+\S{1,16}){1,8}", stripped)) \
        and not re.search(r"[。;!?]|[,:](?!\d{3})", stripped)
    single = single and (not grouped or re.search(r"\d[%‰]? [-－]?\d", _GROUPED.sub("", stripped)) is not None)
    if not single and "\t" not in line and "|" not in line and "  " not in stripped:
        return [Cell(stripped, start + len(line) - len(line.lstrip()))] if stripped and len(stripped) <= 8 else []
    line = _RUN_ON.sub(" ", line) if single and _RUN_ON.search(line) else line
    cells, position = [], 0
    for match in itertools.chain((_SPACES if single else _SPLIT).finditer(line), [None]):
        stop = match.start() if match else len(line)
        text = line[position:stop]
        if text.strip():
            at = start + position + len(text) - len(text.lstrip())
            label = None if single else _LABEL_AND_FIGURE.fullmatch(text.strip())
            figures = list(re.finditer(r"\S+", text)) if not single and _FIGURES_APART.fullmatch(text.strip()) and not (grouped and _GROUPED.fullmatch(text.strip())) else []
            cells += [Cell(m.group(), start + position + m.start()) for m in figures] or (
                [Cell(label[1], at), Cell(label[2], at + label.start(2))] if label else [Cell(text.strip(), at)])
        position = match.end() if match else stop
    return [c for c in cells if not re.fullmatch(r"[-:\s]+", c.text) or c.empty]


def _by_column(lines: Sequence[tuple[int, str]], at: int) -> tuple[int, Grid | None]:
    """Header lines, then all labels, then all figures of one column after another; where a row is the whole of the others they must add up to it."""
    heads: list[list[Cell]] = []
    while at + len(heads) < len(lines) and len(heads) < HEAD_LINES and len(cells := joined(_cells_of(*lines[at + len(heads)]))) > 1 \
            and not any(cell.numeric and not cell.year for cell in cells):
        heads.append(cells)
    if not heads:
        return at, None
    cells, end = [], at + len(heads)
    while end < len(lines) and len(lines[end][1].strip()) <= 16:
        start, line = lines[end]
        cells.append(Cell(line.strip(), start + len(line) - len(line.lstrip())))
        end += 1
    labels = [replace(c, text=_GAPS.sub("", c.text)) for c in itertools.takewhile(lambda c: not c.numeric, cells)]
    figures = list(itertools.takewhile(lambda c: c.numeric or c.empty, cells[len(labels):]))
    if len(labels) < MIN_FIGURES or not figures or len(figures) % len(labels):
        return end, None
    blocks = [figures[i:i + len(labels)] for i in range(0, len(figures), len(labels))]
    cornered = at > 0 and CORNER.fullmatch(lines[at - 1][1].replace(" ", "").strip()) is not None
    header = _heads_of(heads, len(blocks), cornered=cornered)
    if header is None or not all(_adds_up(labels, block) for block in blocks):
        return end, None
    rows = tuple(Row((label,), tuple(None if block[i].empty else block[i] for block in blocks)) for i, label in enumerate(labels))
    return at + len(heads) + len(labels) + len(figures), Grid(_title(lines, at), tuple(header), rows, end)


def _heads_of(heads: list[list[Cell]], width: int, *, cornered: bool) -> list[Cell] | None:
    """The names of `width` columns from header lines of which the first begins with the corner, unless that stands above (`cornered`)."""
    first = heads[0] if cornered else heads[0][1:]
    if len(heads) == 1:
        return first if len(first) == width else None
    return spanned(first, heads[1], width) if len(heads) == HEAD_LINES else None


def _adds_up(labels: Sequence[Cell], block: Sequence[Cell]) -> bool:
    """Whether the first figure of a column is the sum of the others, where its label calls it the whole."""
    if not _WHOLE.fullmatch(labels[0].text) or any(cell.value is None for cell in block):
        return True
    return abs(block[0].value - sum(cell.value for cell in block[1:])) <= Decimal("0.005") * len(block) + (abs(block[0].value) / 1000 if block[0].value <= 100 else 0)


def _flattened(lines: Sequence[tuple[int, str]], at: int) -> tuple[int, Grid | None]:
    """One cell a line."""
    end, grid = flattened(lines, at)
    return end, replace(grid, title=" ".join(filter(None, (_title(lines, at), grid.title)))) if grid is not None else None


def _title(lines: Sequence[tuple[int, str]], at: int) -> str:
    """The short lines just before a table, and the line a little above that tells its unit."""
    near = [line.strip(" \t|") for _, line in lines[max(0, at - 3):at] if len(line.strip()) <= 60 and "。" not in line and not _ONLY_FIGURES.fullmatch(line)]
    above = [line.strip() for _, line in lines[max(0, at - 6):max(0, at - 3)] if re.match(r"\s*(?:计量)?单位\s?:", line)]
    if at and len(last := lines[at - 1][1].strip()) > 60 and _LEADS_TO_TABLE.search(last):
        # …以下为2021年12月底各村统计: the last words of a long line lead to the table
        near.append(re.split("[。；;]", last)[-1][-60:])
    return " ".join([*above, *near])
