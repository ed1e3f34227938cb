"""Tables to facts: flattened to one cell a line, or with cells parted by bars, tabs or spaces.

A flattened table has lost its empty cells. Rows that are short are set right by arithmetic (a rate is its
part over its whole, the rest is the whole less the part) and by how the figures of a column are printed;
where both leave a choice the row is not read.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from helpers.catalogue import indicators
from helpers.extract import binding
from helpers.extract.binding import Subject, Topic
from helpers.extract.numbers import Number, find_numbers
from helpers.extract.places import Scope, name_level
from helpers.extract.prose import Reading
from helpers.extract.times import TimePhrase, find_times
from helpers.extract.tokens import dims_of, tokenize

_NUMERIC = re.compile(r"[-+－−]?\s?\d{1,3}(?:,\d{3})+(?:\.\d+)?\s?[%‰]?|[-+－−]?\s?\d+(?:\.\d+)?\s?[%‰]?")
_EMPTY = re.compile(r"[-—–－/·…]{1,4}|0?\s?[-—]+")
_SPLIT = re.compile(r"\t+|\s*\|\s*| {2,}")
_UNIT_NOTE = re.compile(r"[(（]\s?(?:单位\s?[:：]?\s?)?(?P<unit>万人|人|户|万户|‰|%|例|对|份|个|平方公里|人/平方公里|男/女|[^)）]{1,8})\s?[)）]$")
_TABLE_UNIT = re.compile(r"(?:计量)?单位\s?[:：]\s?(?P<units>[^\s]{1,20})")
_CHANGE = re.compile(r"增减|对比|比上年|同比|增长|增幅|升降|增加|减少")
_SKIP = re.compile(r"为上年|比重|构成|占|位次|排名|指数|序号|备注|密度|%$(?<=年%)")
_CELL = 24
MIN_CELLS, MIN_FIGURES = 6, 3
MAX_LAYOUTS = 500


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
    def year(self) -> TimePhrase | None:
        """The year a header cell or a row label stands for: 2005年, 2005, 民国109年."""
        if re.fullmatch(r"(?:19|20)\d{2}", self.text):
            return TimePhrase(0, 0, year=self.text)
        phrases = list(find_times(self.text))
        if len(phrases) == 1 and (phrases[0].year or phrases[0].shift is not None):
            rest = self.text[:phrases[0].start] + self.text[phrases[0].end:]
            if re.fullmatch(r"\s*(?:年?末|年?底|合计|数|全年|实际|完成|数据)?\s*", rest):
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


def find_tables(lines: Sequence[tuple[int, str]]) -> list[tuple[int, int, Grid]]:
    """The tables among the lines of an article, as (first line, line after the last, grid)."""
    found, at = [], 0
    while at < len(lines):
        end, grid = _delimited(lines, at)
        if grid is None:
            end, grid = _flattened(lines, at)
        if grid is None:
            at += 1
        else:
            found.append((at, end, grid))
            at = end
    return found


def _delimited(lines: Sequence[tuple[int, str]], at: int) -> tuple[int, Grid | None]:
    """Rows whose cells are parted by bars, tabs or runs of spaces."""
    rows, end = [], at
    while end < len(lines):
        cells = _cells_of(*lines[end])
        if len(cells) < 2 or any(len(c.text) > 40 for c in cells):
            break
        rows.append(cells)
        end += 1
    if len(rows) < 2 or sum(c.numeric for row in rows for c in row) < MIN_FIGURES:
        return at, None
    first = next((i for i, row in enumerate(rows) if sum(c.numeric and not c.year for c in row) >= 1), None)
    if first is None or not rows[:first]:
        return at, None
    header = tuple(c for row in rows[:first] for c in row)
    width = Counter(len(row) for row in rows[first:]).most_common(1)[0][0]
    body = []
    for row in rows[first:]:
        label = tuple(itertools.takewhile(lambda c: not c.numeric and not c.empty, row)) or (row[:1] if row[0].year else ())
        rest = row[len(label):]
        body.append(Row(tuple(label), tuple(None if c.empty else c for c in rest)))
    columns = header[1:] if len(header) == width else header
    return end, Grid(_title(lines, at), tuple(columns), tuple(body), end)


def _cells_of(start: int, line: str) -> list[Cell]:
    if "\t" not in line and "|" not in line and "  " not in line.strip():
        return []
    cells, position = [], 0
    for match in itertools.chain(_SPLIT.finditer(line), [None]):
        stop = match.start() if match else len(line)
        text = line[position:stop]
        if text.strip():
            cells.append(Cell(text.strip(), start + position + len(text) - len(text.lstrip())))
        position = match.end() if match else stop
    return [c for c in cells if not re.fullmatch(r"[-:\s]+", c.text) or c.empty]


def _flattened(lines: Sequence[tuple[int, str]], at: int) -> tuple[int, Grid | None]:
    """One cell a line: a run of short lines with figures among them."""
    cells, end = [], at
    while end < len(lines):
        start, line = lines[end]
        text = line.strip()
        if len(text) > _CELL or re.search(r"[。;,!?](?!\d{3})", text) or (re.match(r"[一二三四五六七八九十]、|[(（][一二三四五六七八九十][)）]|注[:：]", text)):
            break
        cells.append(Cell(text, start + len(line) - len(line.lstrip())))
        end += 1
    while cells and not (cells[-1].numeric or cells[-1].empty):
        cells.pop()
        end -= 1
    if len(cells) < MIN_CELLS or sum(c.numeric for c in cells) < MIN_FIGURES:
        return at, None
    grid = _grid(_joined(cells), lines, at, end)
    return (end, grid) if grid else (at, None)


def _joined(cells: list[Cell]) -> list[Cell]:
    """`指` `标` on two lines are one header cell."""
    out: list[Cell] = []
    for cell in cells:
        if out and len(cell.text) == 1 and len(out[-1].text) == 1 and not cell.numeric and not out[-1].numeric and not cell.empty \
                and cell.text not in "男女县市区" and out[-1].text not in "男女县市区":
            out[-1] = Cell(out[-1].text + cell.text, out[-1].start)
        else:
            out.append(cell)
    return out


def _grid(cells: list[Cell], lines: Sequence[tuple[int, str]], at: int, end: int) -> Grid | None:
    first = next((i for i, c in enumerate(cells) if (c.numeric or c.empty) and not _is_year_header(cells, i)), None)
    if first is None or first < 2:
        return None
    years_down = cells[first].numeric and cells[first].year is not None and _counts_years(cells, first)
    head = list(cells[:first] if years_down else cells[:first - 1])
    body = cells[first:] if years_down else cells[first - 1:]
    titles = [c for c in head if _titular(c.text)]
    head = [c for c in head if not _titular(c.text)]
    width = max(0, len(head) - 1)
    rows = _rows_by_year(body, width) if years_down else _rows(body)
    if not rows or not head:
        return None
    title = " ".join([_title(lines, at), *(c.text for c in titles)])
    return Grid(title, tuple(head[1:]) if len(head) > 1 else tuple(head), tuple(rows), end)


def _titular(text: str) -> bool:
    return bool(re.match(r"表\s?[\d一二三四五六七八九十]|续表|.{2,20}(?:情况|对照|统计|一览|主要指标|分布|明细)表?$|(?:计量)?单位\s?[:：]", text))


def _is_year_header(cells: list[Cell], i: int) -> bool:
    """A bare year among header cells, other years or words beside it, is a header and no figure."""
    if cells[i].year is None or not cells[i].numeric:
        return False
    beside = [cells[j] for j in (i - 1, i + 1) if 0 <= j < len(cells)]
    return any(c.numeric and c.year is not None for c in beside)


def _counts_years(cells: list[Cell], first: int) -> bool:
    years = [int(c.text) for c in cells[first:] if re.fullmatch(r"(?:19|20)\d{2}", c.text)]
    return len(years) >= 2 and all(abs(b - a) <= 10 for a, b in itertools.pairwise(years[:6]))


def _rows(cells: list[Cell]) -> list[Row]:
    rows, label, figures = [], [], []
    for cell in cells:
        if cell.numeric or cell.empty:
            figures.append(None if cell.empty else cell)
            continue
        if figures:
            rows.append(Row(tuple(label), tuple(figures)))
            label, figures = [], []
        label.append(cell)
    if figures:
        rows.append(Row(tuple(label), tuple(figures)))
    return rows


def _rows_by_year(cells: list[Cell], width: int) -> list[Row]:
    rows: list[Row] = []
    for i in range(0, len(cells) - width, width + 1):
        label, figures = cells[i], cells[i + 1:i + 1 + width]
        if label.year is None or not all(c.numeric or c.empty for c in figures):
            return []
        rows.append(Row((label,), tuple(None if c.empty else c for c in figures)))
    return rows


def _title(lines: Sequence[tuple[int, str]], at: int) -> str:
    return " ".join(line.strip() for _, line in lines[max(0, at - 3):at] if len(line.strip()) <= 60)


class TableReader:
    """A grid on its way to readings: what its columns and rows stand for."""

    def __init__(self, grid: Grid, scope: Scope, topic: Topic | None = None) -> None:
        self.grid, self.scope = grid, scope
        self.topic = self._topic() or topic
        self.table_unit = (m.group("units") if (m := _TABLE_UNIT.search(grid.title)) else "")
        self.columns = self._columns()
        self.years = sorted({c.year for c in self.columns if c.year}, reverse=True)
        self.last: Subject | None = None
        self.whole: Subject | None = None
        self.by_indicator = all(c.subject is not None or c.kind == "skip" for c in self.columns) and any(c.subject for c in self.columns)

    def _topic(self) -> Topic | None:
        text = " ".join(c.text for c in self.grid.header) + self.grid.title
        return Topic("fd") if "签约" in text else None

    def _columns(self) -> list[Column]:
        header = self._spread()
        return [column_of(cell, self.topic, self.table_unit) for cell in header]

    def _spread(self) -> list[Cell]:
        """Header cells in the order of the figures; a heading over several years counts once a year."""
        header = list(self.grid.header)
        widths = Counter(len(row.figures) for row in self.grid.rows)
        width = widths.most_common(1)[0][0]
        years = [c for c in header if c.year]
        words = [c for c in header if not c.year]
        if len(header) != width and years and words and len(words) - 1 + len(years) == width and header[-len(years):] == years:
            span = words[-1]
            return [*words[:-1], *(Cell(span.text + year.text, year.start) for year in years)]
        return header

    def read(self) -> Iterator[Reading]:
        layouts = [self._layouts(row) for row in self.grid.rows]
        sure = Counter(tied[0] for tied in layouts if len(tied) == 1)
        for row, tied in zip(self.grid.rows, layouts, strict=True):
            known = [layout for layout in tied if sure[layout] >= 2] if len(tied) > 1 else tied
            if len(known) != 1:
                continue
            cells: list[Cell | None] = [None] * len(self.columns)
            for place, cell in zip(known[0], row.figures, strict=True):
                cells[place] = cell
            yield from self._row(row, cells)

    def _layouts(self, row: Row) -> list[tuple[int, ...]]:
        """The columns a row's figures may stand under, best fits only: one when it is sure, none when it cannot be."""
        width, given = len(self.columns), len(row.figures)
        if given >= width:
            return [tuple(range(width))] if given == width else []
        if not any(c.subject for c in self.columns):
            return [tuple(range(given))] if all(c.kind == "skip" for c in self.columns[given:]) else []
        layouts = list(itertools.combinations(range(width), given))
        if len(layouts) > MAX_LAYOUTS:
            return []
        scores = [self._fits(row, places) for places in layouts]
        return [places for places, score in zip(layouts, scores, strict=True) if score == max(scores)]

    def _fits(self, row: Row, places: tuple[int, ...]) -> float:
        """How well figures fit columns: identities that hold, how the column's other figures are printed."""
        score = 0.0
        values: dict[str, Decimal] = {}
        for place, cell in zip(places, row.figures, strict=True):
            column = self.columns[place]
            if cell is None:
                continue
            value = Decimal(cell.text.replace(",", "").rstrip("%‰ "))
            rate = column.subject is not None and indicators()[column.subject.code].kind in ("rate", "share")
            if column.subject is None:
                score -= 2
                continue
            score += 1 if rate == ("." in cell.text) else -0.5
            if rate and value > 100:
                score -= 3
            if not rate and value == 100 and place == places[-1]:
                score -= 1
            values[_part(column.subject.code)] = value
        score += 3 * _holds(values)
        return score

    def _row(self, row: Row, cells: list[Cell | None]) -> Iterator[Reading]:
        subject = self._subject(row)
        scope = self._place(row, subject)
        time = row.label[-1].year if row.label else None
        for column, cell in zip(self.columns, cells, strict=True):
            if cell is None or column.kind == "skip":
                continue
            reading = self._reading(row, subject, scope, time, column, cell)
            if reading is not None:
                yield reading

    def _subject(self, row: Row) -> Subject | None:
        """What a row's label names: an indicator, or a part (男, 女) of the one before."""
        if self.by_indicator:
            return None
        text, parted = re.subn(r"^(?:其中|#)?按[^:：]{1,12}分(?:组)?[:：]?", "", row.name)
        text = re.sub(r"^(?:其中|#)[:：]?", "", text)
        if parted:
            self.last = self.whole
        note = _UNIT_NOTE.search(text)
        bare = text[:note.start()] if note else text
        subject = named_by(bare, _probe(note.group("unit") if note else self.table_unit, bare), self.topic)
        dims = dims_of(tokenize(bare))
        if subject is None and dims and self.last is not None and len(bare) <= 6:
            subject = Subject(self.last.code, {"residence": v for k, v in self.last.dims.items() if k == "residence"}).split(dims, bare)
        if subject is not None and subject.code == "srb" and self.last is not None and self.last.code in ("pop_total", "pop_urban", "pop_rural") and "出生" not in bare:
            subject = Subject("sex_ratio_pop", dict(subject.dims))
        if subject is None and not dims:
            self.last = None
        elif subject is not None:
            self.last = subject
            self.whole = subject if not dims and not parted and "sex" in binding.SPLITS.get(subject.code, ()) and subject.code in (
                "pop_total", "births", "deaths") else self.whole
        return subject

    def _place(self, row: Row, subject: Subject | None) -> Scope | None:
        if subject is not None or not row.label:
            return None
        name = row.label[-1].text
        level = name_level(name)
        if level:
            return Scope(name, level)
        return self.scope if re.fullmatch(r"(?:合计|总计|全[县市区镇乡国省])", name) else None

    def _reading(self, row: Row, subject: Subject | None, scope: Scope | None, time: TimePhrase | None,
                 column: Column, cell: Cell) -> Reading | None:
        number = next(find_numbers(cell.text), None)
        if number is None:
            return None
        number = replace(number, start=cell.start, end=cell.start + len(cell.text))
        if subject is not None:
            return self._cell_of_row(row, subject, column, number)
        if column.subject is None or column.kind == "change":
            return None
        dims = dict(column.subject.dims)
        group = row.name if column.subject.code.startswith("fd_") else ""
        if not group and scope is None and time is None:
            return None
        if group:
            dims["group"] = group
        unit = _unit_of(column.unit or "", column.subject, number)
        return self._made(Subject(column.subject.code, dims), _scaled(number, column.unit, unit), "observed", time or column.year_phrase, scope)

    def _cell_of_row(self, row: Row, subject: Subject, column: Column, number: Number) -> Reading | None:
        note = _UNIT_NOTE.search(row.name)
        word = (note.group("unit") if note else "") or self.table_unit
        if column.kind == "change":
            unit = "percent" if "%" in column.unit or "率" in column.text or "幅" in column.text else _unit_of(word, subject, number)
            sign = -1 if number.value.startswith("-") else 1
            number = replace(number, unit=unit)
            return Reading(subject, number, "change", sign, column.year_phrase or self._latest(), None, number.start, number.end, "table")
        if column.year_phrase is None and (column.subject is not None or column.text):
            if column.subject is not None and column.subject.code != subject.code:
                return None
        status = "observed"
        if len(self.years) == 2 and column.year == self.years[1]:
            status = "previous"
        dims = dims_of(tokenize(column.text)) if column.year_phrase is None else {}
        split = subject.split(dims, column.text) if dims else subject
        if split is None:
            return None
        return self._made(split, _scaled(number, word, _unit_of(word, subject, number)), status, column.year_phrase, None)

    def _latest(self) -> TimePhrase | None:
        return next((c.year_phrase for c in self.columns if c.year and c.year == self.years[0]), None) if self.years else None

    def _made(self, subject: Subject, number: Number, status: str, time: TimePhrase | None, scope: Scope | None) -> Reading | None:
        if not subject.admits(number.unit):
            return None
        return Reading(subject, number, status, 0, time, scope, number.start, number.end, "table")


@dataclass(frozen=True)
class Column:
    """What a header cell stands for: a year, an indicator, a change, or nothing we read."""

    text: str
    kind: str
    unit: str = ""
    subject: Subject | None = None
    year_phrase: TimePhrase | None = None

    @property
    def year(self) -> str:
        return self.year_phrase.year if self.year_phrase else ""


def column_of(cell: Cell, topic: Topic | None, table_unit: str) -> Column:
    """The meaning of a header cell."""
    note = _UNIT_NOTE.search(cell.text)
    unit = note.group("unit") if note else table_unit
    bare = cell.text[:note.start()] if note else cell.text
    if _SKIP.search(cell.text):
        return Column(cell.text, "skip")
    if cell.year is not None:
        return Column(cell.text, "year", unit, None, cell.year)
    subject = named_by(bare, _probe(unit, bare), topic)
    if subject is not None and not re.search(r"增减|对比|比上年", bare):
        return Column(cell.text, "indicator", unit, subject)
    if _CHANGE.search(bare):
        return Column(cell.text, "change", unit)
    return Column(cell.text, "split" if dims_of(tokenize(bare)) else "skip", unit)


def named_by(text: str, probe: Number, topic: Topic | None) -> Subject | None:
    """The indicator a label names as a whole: nothing else may stand in it."""
    tokens = tokenize(text)
    at = len(tokens)
    tied = binding.chain(text + "0", [*tokens, replace(probe, start=len(text), end=len(text) + 1)], at, 0)
    if not tied.open:
        return None
    return binding.subject_of(tied.tokens, topic, probe, text)


def _probe(unit_word: str, label: str) -> Number:
    """A stand-in figure in the unit a label says its figures are in."""
    word = unit_word.lstrip("万")
    unit = {"人": "person", "户": "household", "‰": "permille", "%": "percent", "例": "case", "对": "couple", "份": "document",
            "平方公里": "km2", "个": "item", "人/平方公里": None}.get(word, "")
    if not unit and label.endswith("率"):
        unit = "percent"
    return Number(0, 0, "0", "0", unit, word, "", 0.0, 0.0, 0)


def _unit_of(word: str, subject: Subject, number: Number) -> str:
    unit = number.unit or _probe(word, "").unit or ""
    return unit if unit and subject.admits(unit) else ""


def _scaled(number: Number, word: str, unit: str) -> Number:
    """The figure in persons where the table counts in 万人."""
    if not word.startswith("万") or unit in ("percent", "permille"):
        return replace(number, unit=unit)
    factor = Decimal(10_000)
    value = format((Decimal(number.value) * factor).normalize(), "f")
    return replace(number, unit=unit, value=value, low=number.low * 1e4, high=number.high * 1e4)


def _part(code: str) -> str:
    """The role a column plays in the identity whole = part + rest, rate = part / whole."""
    if code.endswith("_unsigned"):
        return "rest"
    kind = indicators()[code].kind
    if kind in ("rate", "share"):
        return "rate"
    return "part" if code.endswith(("_signed", "_managed", "_checked", "_given", "_enrolled")) else "whole"


def _holds(values: dict[str, Decimal]) -> int:
    """How many of the identities among a row's figures hold, less those that fail."""
    whole, part, rest, rate = (values.get(name) for name in ("whole", "part", "rest", "rate"))
    score = 0
    if whole is not None and part is not None and rest is not None:
        score += 1 if whole == part + rest else -1
    if whole and part is not None and rate is not None:
        score += 1 if abs(100 * part / whole - rate) <= Decimal("0.6") else 0
    return score
