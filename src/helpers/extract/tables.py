"""Tables to facts: what the rows and columns of a grid stand for.

A flattened table has lost its empty cells. Rows that are short are set right by arithmetic (a rate is its
part over its whole, the rest is the whole less the part) and by how the figures of a column are printed;
where both leave a choice the row is not read.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from helpers.catalogue import indicators
from helpers.extract import binding
from helpers.extract.binding import Subject, Topic
from helpers.extract.cells import Cell, Grid, Row
from helpers.extract.columns import (
    SKIP,
    UNIT_NOTE,
    Column,
    column_of,
    columns_of,
    identities_held,
    in_role,
    named_by,
    part_played,
    probe,
    scaled,
    unit_of,
    with_roles,
)
from helpers.extract.lexicon import narrower, phrase, sibling
from helpers.extract.numbers import Number, find_numbers
from helpers.extract.places import Scope, name_level
from helpers.extract.readings import Reading
from helpers.extract.shifted import layouts_by_sums, layouts_by_total
from helpers.extract.solved import growth_between
from helpers.extract.table_places import TablePlaces
from helpers.extract.times import TimePhrase, find_times
from helpers.extract.tokens import Age, dims_of, tokenize

_TABLE_UNIT = phrase("table_unit")
_GAPS = re.compile(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])")
_RANK, _AGE_ALONE, GROSSLY = phrase("rank_column"), phrase("age_alone"), 5
_THOUSANDS = re.compile(r"(?<=\d) (?=\d{3}(?!\d))")  # 61 284
_GROUP = re.compile("[一二三四五六七八九十]{1,2}、")
_ORDINAL = re.compile(r"^(?:[一二三四五六七八九十]{1,3}、|[(（][一二三四五六七八九十\d]{1,2}[)）]|\d{1,2}[、.])(?=[\u4e00-\u9fff])")
_FOR_EACH = phrase("for_each")  # 以镇(街道)为单位适龄儿童疫苗接种率
_MOVED_BY = phrase("moved_by")
_ROW_PARTED = phrase("row_parted")
_ROW_REMARKS = phrase("row_remarks")
_SHARE_HEADING = phrase("share_heading")
MAX_LAYOUTS = 500
# As many figures of a column, all printed alike, say how finely it is told.
FEW_ROWS = 3


class TableReader(TablePlaces):
    """A grid on its way to readings: what its columns and rows stand for."""

    def __init__(self, grid: Grid, scope: Scope, topic: Topic | None = None) -> None:
        super().__init__(grid, scope)
        self.topic = self._topic() or topic
        self.around = grid.title + " ".join(cell.text for cell in grid.header)
        self.table_unit = (m.group("units") if (m := _TABLE_UNIT.search(grid.title)) else "")
        self.columns = with_roles(self._columns())
        self.years = sorted({c.year for c in self.columns if c.year}, reverse=True)
        self.told = self._told()
        self.last: Subject | None = None
        self.unread: list[tuple[int, int, str]] = []
        self.row_unit = self.group_unit = self.sum_unit = ""
        self.whole: Subject | None = None
        self.named = None if any(self._label_subject(row.name) for row in grid.rows) else self._named_by_title(grid.title)
        self.by_indicator = all(c.subject is not None or c.kind == "skip" for c in self.columns) and any(c.subject for c in self.columns)

    def _topic(self) -> Topic | None:
        text = " ".join(c.text for c in self.grid.header) + self.grid.title
        return Topic("fd") if "签约" in text else None

    def _told(self) -> TimePhrase | None:
        """The time a table's title tells last: 根据2020年12月户政事务所统计 …"""
        times = [t for t in find_times(self.grid.title) if t.year]
        return times[-1] if times else None

    def _named_by_title(self, title: str) -> Subject | None:
        """The one indicator a table's title names, for tables of places by years."""
        found: dict[str, Subject] = {}
        for token in tokenize(title):
            for meaning in getattr(token, "meanings", ()):
                if meaning.kind == "indicator" and meaning.value in ("pop_total", "births", "deaths", "households", "fp_operations"):
                    found.setdefault(meaning.value, Subject(meaning.value, dict(meaning.dims)))
        if not found and "人口普查" in title:
            return Subject("pop_total")
        return next(iter(found.values())) if len(found) == 1 else None

    def _columns(self) -> list[Column]:
        header = self._spread()
        named = self._places_beside(columns_of(header, self.topic, self.table_unit, self.around))
        return self._grown(header) or self._places_across(header, named) or named

    def _grown(self, header: Sequence[Cell]) -> list[Column] | None:
        """2020年 2010年 比重 年均增速 2020年 2010年 over five columns: a head whose spans went astray, read by what the growth is of."""
        width = Counter(len(row.figures) for row in self.grid.rows).most_common(1)[0][0]
        years = sorted({cell.year.year for cell in header if cell.year}, reverse=True)
        rows = [[cell.value for cell in row.figures] for row in self.grid.rows if len(row.figures) == width and all(cell is not None and cell.value is not None for cell in row.figures)]
        people = self._named_by_title(self.grid.title)
        if len(header) == width or len(years) != 2 or people is None or people.code != "pop_total" or not rows or (found := growth_between(rows)) is None:
            return None
        now, before, rate = found
        told = {now: Column("人口数", "indicator", "", people, TimePhrase(0, 0, year=years[0])), before: Column("人口数", "indicator", "", people, TimePhrase(0, 0, year=years[1])),
                rate: Column("年均增长率", "indicator", "%", Subject("growth_rate"))}
        return [told.get(at, Column("", "skip")) for at in range(width)]

    def _spread(self) -> list[Cell]:
        """Header cells in the order of the figures; a heading over several years counts once a year."""
        header = list(self.grid.header)
        widths = Counter(len(row.figures) for row in self.grid.rows)
        width = widths.most_common(1)[0][0]
        years, words = [c for c in header if c.year], [c for c in header if not c.year]
        spanned = bool(years and words) and header[-len(years):] == years and len(words) - 1 + len(years) == width != len(header)
        if len(header) > width and not (spanned and SKIP.search(words[-1].text)):
            telling = [c for c in header if c.year or name_level(c.text)
                       or column_of(c, self.topic, self.table_unit, self.around).kind in ("indicator", "split", "change")]
            # what is left out stands before or after the columns, never among them
            beside = bool(telling) and header.index(telling[-1]) - header.index(telling[0]) + 1 == len(telling)
            header = telling if len(telling) == width and beside else header
        shares = [i for i, c in enumerate(header) if _SHARE_HEADING.search(c.text)]
        if len(header) < width and len(shares) == 1 and not years:
            # 占总人口比重(%) over 男 and 女, whose line was lost
            at = shares[0]
            return [*header[:at], *[header[at]] * (width - len(header) + 1), *header[at + 1:]]
        if len(header) != width and spanned:
            span = words[-1]
            return [*words[:-1], *(Cell(span.text + year.text, year.start) for year in years)]
        return header

    def _contradicted(self) -> bool:
        """Whether men and women under their columns come nowhere near the whole under its own, row after row: the head was read against the wrong columns."""
        men, women = [next((i for i, c in enumerate(self.columns) if c.kind in ("split", "indicator") and dims_of(tokenize(c.text)).get("sex") == sex), None) for sex in ("male", "female")]
        whole = self.columns[men - 1].subject if men and women == men + 1 else None
        if whole is None or whole.code not in ("births", "pop_total") or set(whole.dims) - {"residence"}:
            return False
        beside = [row.figures[men - 1:women + 1] for row in self.grid.rows if len(row.figures) == len(self.columns)]
        told = [[cell.value for cell in cells] for cells in beside if all(cell is not None and cell.value is not None for cell in cells)]
        return len(told) > 1 and 2 * sum(abs(both - male - female) > abs(both) / GROSSLY for both, male, female in told) > len(told)

    def read(self) -> Iterator[Reading]:
        if self._contradicted():
            self.unread += [(cells[0].start, cells[-1].start + len(cells[-1].text), "row_unsettled") for row in self.grid.rows if (cells := [c for c in row.figures if c is not None])]
            return
        layouts = [self._layouts(row) for row in self.grid.rows]
        sure = Counter(tied[0] for tied in layouts if len(tied) == 1)
        summed = layouts_by_sums(self.grid.rows, len(self.columns)) if all(c.year_phrase for c in self.columns) else {}
        completed = layouts_by_total(self.grid.rows, len(self.columns))
        for at, (row, tied) in enumerate(zip(self.grid.rows, layouts, strict=True)):
            if not row.figures:
                # 总人口中: says whose parts the rows below it are
                self._subject(row)
                continue
            tied = [summed[at][0]] if at in summed else [completed[at]] if at in completed else tied
            # Parts that add up to a whole are counted in its unit.
            note = UNIT_NOTE.search(self.grid.rows[summed[at][1]].name) if at in summed else None
            self.sum_unit = note.group("unit") if note else ""
            known = [layout for layout in tied if sure[layout] >= 2] if len(tied) > 1 else tied
            if len(known) != 1:
                cells = [cell for cell in row.figures if cell is not None]
                if cells and (self._label_subject(row.name) or self.by_indicator):
                    self.unread.append((cells[0].start, cells[-1].start + len(cells[-1].text), "row_unsettled"))
                continue
            cells: list[Cell | None] = [None] * len(self.columns)
            for place, cell in zip(known[0], row.figures, strict=True):
                cells[place] = cell
            readings = self._row(row, cells)
            yield from (replace(r, doubts=(*r.doubts, "row_merged")) for r in readings) if self._merged(at) else readings

    def _merged(self, at: int) -> bool:
        """白马湖街道 82123 43960 over 环翠街道 36178: rows below with one figure only say that a cell above stands for several rows."""
        given = [len(row.figures) for row in self.grid.rows]
        below = given[at + 1:at + 2]
        return (given[at] > 2 and below == [1]) or (given[at] == 1 and at > 0 and max(given) > 2 and (given[at - 1] > 2 or self._merged(at - 1)))

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
            value = cell.value
            rate = column.subject is not None and indicators()[column.subject.code].kind in ("rate", "share")
            if _RANK.search(column.text) and value is not None:
                score += 1 if value == value.to_integral_value() and value <= len(self.grid.rows) + 3 else -2
                continue
            if column.subject is None or value is None:
                score -= 2
                continue
            score += 1 if rate == ("." in cell.text) else -0.5
            if rate and value > 100:
                score -= 3
            if not rate and value == 100 and place == places[-1]:
                score -= 1
            if "group" not in column.subject.dims:
                values[part_played(column.subject.code)] = value
        score += 3 * identities_held(values)
        return score

    def _row(self, row: Row, cells: list[Cell | None]) -> Iterator[Reading]:
        subject = self._subject(row)
        scope = self._place(row, subject)
        time = row.label[-1].year if row.label else None
        for column, cell in zip(self.columns, cells, strict=True):
            if cell is None or (column.kind == "skip" and not column.role):
                continue
            reading = self._reading(row, subject, scope, time, column, cell)
            if reading is not None:
                yield reading

    def _subject(self, row: Row) -> Subject | None:
        """What a row's label names: an indicator, or a part (男, 女) of the one before."""
        if self.by_indicator:
            return None
        self._heading_of(row)
        text, parted = _ROW_PARTED.subn("", self._own_name(row))
        text = _ROW_REMARKS.sub("", text)
        if parted:
            self.last = self.whole
        bare, subject = UNIT_NOTE.sub("", text), self._label_subject(text) or (self._label_subject(row.label[-1].text) if len(row.label) > 1 else None)
        dims = dims_of(tokenize(bare))
        if (part := narrower().get((self.whole.code if self.whole else "", bare))) is not None:
            subject = Subject(part, {k: v for k, v in self.whole.dims.items() if k == "residence"})  # 城镇 under 常住人口
        if subject is None and dims and self.last is not None and len(bare) <= 6:
            whole = self.whole if self.whole and ("age" in dims or ("sex" in dims and self.last.code in ("pop_urban", "pop_rural"))) else self.last
            subject = Subject(whole.code, {k: v for k, v in whole.dims.items() if k in ("residence", "group", "age")}).split(dims, bare)
        if subject is not None and subject.code == "households" and not UNIT_NOTE.search(text) and self.row_unit == "万人":
            subject = Subject("pop_total", {"group": bare})  # 家庭户 under 总人口(万人): the persons in households
        if subject is not None and subject.code == "srb" and self.last is not None and self.last.code in ("pop_total", "pop_urban", "pop_rural") and "出生" not in bare:
            subject = Subject("sex_ratio_pop", dict(subject.dims))
        if subject is None and self.named is not None and self.named.code == "pop_total" and set(dims) == {"age"} and bare == text and _AGE_ALONE.fullmatch(bare):
            return Subject("pop_age", dims)  # 0-4岁, in a table of the people by age
        if subject is None and not dims:
            # A row that lost its label says nothing of those after it.
            self.last = None if bare else self.last
        elif subject is not None:
            self.last = subject
            self.whole = subject if not set(dims) - {"residence"} and not parted and "sex" in binding.SPLITS.get(subject.code, ()) and subject.code in (
                "pop_total", "births", "deaths") else self.whole
        return subject

    def _heading_of(self, row: Row) -> None:
        """二、城乡人口(万人) on a line of its own: the unit of the rows under it."""
        for cell in row.label[:-1]:
            if _GROUP.match(cell.text):
                note = UNIT_NOTE.search(cell.text)
                self.group_unit = note.group("unit") if note else ""

    def _own_name(self, row: Row) -> str:
        """What a row's label says without the heading of the rows it opens."""
        cells = row.label
        last = max((i for i, cell in enumerate(cells[:-1]) if _GROUP.match(cell.text)), default=-1)
        return _GAPS.sub("", "".join(cell.text for cell in cells[last + 1:]))

    def _label_subject(self, text: str) -> Subject | None:
        text = _FOR_EACH.sub("", _ORDINAL.sub("", text))
        note = UNIT_NOTE.search(text)
        bare = text[:note.start()] if note else text
        return named_by(bare, probe(note.group("unit") if note else self.group_unit or self.table_unit, bare), self.topic)

    def _reading(self, row: Row, subject: Subject | None, scope: Scope | None, time: TimePhrase | None,
                 column: Column, cell: Cell) -> Reading | None:
        number = next(find_numbers(_THOUSANDS.sub("", cell.text)), None)
        if number is None:
            return None
        number = self._rounded(replace(number, start=cell.start, end=cell.start + len(cell.text)), column)
        if column.role:
            if (whose := in_role(row.name, column.role)) is None:
                return None
            unit = "percent" if indicators()[whose.code].relative else number.unit or indicators()[whose.code].unit
            return self._made(whose, replace(number, unit=unit), "target" if column.role == "aim" else "observed", time or column.year_phrase, scope)
        if subject is None and column.kind == "split" and (time is not None or scope is not None):
            subject = self._whole_before(column) or (self.named if self.named is not None and self.named.code == "pop_total" and self.named.split(dims_of(tokenize(column.text))) else None)
        moved = self._moved_beside(column) if subject is None and (scope is not None or time is not None) else None
        if moved is not None:
            number = replace(number, unit="percent") if "%" in column.unit or number.unit == "percent" else scaled(number, column.unit, unit_of(column.unit, moved, number))
            when = time or (replace(self.told, months=None, year_end=False) if self.told and "年" in column.text else self.told)
            return Reading(moved, number, "change", -1 if number.value.startswith("-") else 1, when, scope, number.start, number.end, "table")
        if subject is None and column.kind in ("year", "value", "change") and self.named and (scope is not None or time is not None):
            subject = self.named
        if subject is not None:
            return self._cell_of_row(row, subject, column, number, scope, time)
        if column.subject is None or column.kind == "change":
            return None
        scope, counted, dims = column.scope or scope, column.subject, dict(column.subject.dims)
        if scope is None and time is None:
            if (part := self._split_by(row, counted)) is not None:
                counted, dims = part, dict(part.dims)  # 年龄 | 人口数 over 0—14岁 | 66927
            elif counted.code.startswith(("fd_", "vaccination_")):
                # 老年人 | 签约人数 5238: a row for each group that signs; 卡介苗 | 接种率 99.52; 白破(6岁)
                aged = dims_of([t for t in tokenize(row.name) if isinstance(t, Age)]) if counted.code.startswith("vaccination_") else {}
                dims = {"group": row.name, **aged, **dims}
            else:
                return None
        unit = "km2" if column.subject.code == "area_km2" and not column.unit else unit_of(column.unit or "", column.subject, number)
        return self._made(Subject(counted.code, dims), scaled(number, column.unit, unit), self._beside_later(column), time or column.year_phrase, scope)

    def _split_by(self, row: Row, counted: Subject) -> Subject | None:
        """What a column counts, of the part that a row's label names and nothing else (0—14岁, 其中:65岁及以上, 男)."""
        label = _ROW_PARTED.sub("", self._own_name(row)).removeprefix("其中").lstrip(":：#")
        tokens = tokenize(label)
        alone = len(tokens) == 1 and (tokens[0].start, tokens[0].end) == (0, len(label)) and counted.code in ("pop_total", "births", "deaths")
        return counted.split(dims, label) if alone and (dims := dims_of(tokens)) else None

    def _beside_later(self, column: Column) -> str:
        """Of two years side by side the earlier is told for comparison."""
        return "previous" if len(self.years) == 2 and column.year == self.years[1] else "observed"

    def _rounded(self, number: Number, column: Column) -> Number:
        """10.80, 11.00, 10.30; 9100, 7700, 15300: a column whose figures all end in zeros is told to so many digits less."""
        at = next(i for i, other in enumerate(self.columns) if other is column)
        printed = [cell.text.rstrip("%‰") for row in self.grid.rows if len(row.figures) == len(self.columns) and (cell := row.figures[at]) is not None and cell.numeric]
        zeros = min((len(text) - len(text.rstrip("0")) for text in printed), default=0)
        decimals = {len(text.partition(".")[2]) for text in printed}
        if len(printed) < FEW_ROWS or len(decimals) != 1 or zeros < (1 if 0 not in decimals else 2) or number.value.rstrip("0") in ("", "-"):
            return number
        half = Decimal(10) ** (zeros - decimals.pop()) / 2
        return replace(number, low=float(Decimal(number.value) - half), high=float(Decimal(number.value) + half))

    def _whole_before(self, column: Column) -> Subject | None:
        """总人口 男 女 出生 其中女孩: columns that split the whole told in a column before them, else the first after."""
        at, dims = next(i for i, other in enumerate(self.columns) if other is column), dims_of(tokenize(column.text))
        told = [*reversed(self.columns[:at]), *self.columns[at:]]
        return next((c.subject for c in told if c.subject and c.subject.code in ("pop_total", "births", "deaths") and c.subject.split(dims, column.text)), None)

    def _moved_beside(self, column: Column) -> Subject | None:
        """总人口数 | 年度增减: a bare column of changes is of the count beside it, where its figures are no rates."""
        at = next((i for i, other in enumerate(self.columns) if other is column), 0)
        before = self.columns[at - 1].subject if at else None
        if column.kind != "change" or before is None or not (_MOVED_BY.fullmatch(column.text) or column.text.startswith("±")) or indicators()[before.code].kind != "count":
            return None
        return before

    def _cell_of_row(self, row: Row, subject: Subject, column: Column, number: Number, scope: Scope | None,
                     time: TimePhrase | None) -> Reading | None:
        note = UNIT_NOTE.search(row.name)
        if note:
            self.row_unit = note.group("unit")
        word = (note.group("unit") if note else "") or (column.unit if column.kind in ("value", "split") else "") or self.group_unit or self.sum_unit or self.table_unit
        if not word and "万" in self.row_unit and "." in number.value and indicators()[subject.code].kind == "count":
            word = self.row_unit
            if (counted := probe(word, "").unit) and not subject.admits(counted):
                # 家庭户 under 总人口(万人): persons in households, which no indicator counts
                return None
        if column.kind == "change" or (column.subject and column.subject.code == "growth_rate" != subject.code):
            unit = "percent" if "%" in column.unit or "率" in column.text or "幅" in column.text else unit_of(word, subject, number)
            sign = -1 if number.value.startswith("-") else 1
            number = replace(number, unit=unit)
            return Reading(subject, number, "change", sign, column.year_phrase or self._latest(), scope, number.start, number.end, "table")
        if column.kind == "rate" and (indicators()[subject.code].kind == "count" or any(c.kind == "value" for c in self.columns)):
            # 出生人口 412 | 完成率 91.6: how much of its task was done is no figure of it
            rate = sibling(subject.code, "rate") if subject.code.endswith("_managed") else None
            number = replace(number, unit="percent")
            return self._made(Subject(rate, {k: v for k, v in subject.dims.items() if k == "age"}), number, "observed", column.year_phrase or time, scope) if rate else None
        if column.subject is not None and column.subject.code != subject.code:
            return None
        status = "target" if column.kind == "target" else self._beside_later(column)
        dims = dims_of(tokenize(column.text)) if column.year_phrase is None and column.kind != "place" else {}
        split = subject.split(dims, column.text) if dims else subject
        if split is None:
            return None
        when = column.year_phrase or time
        if when is not None and when.months and not when.year and self.told is not None:
            when = replace(when, year=self.told.year)  # 1-9月累计, in a table of 2012年第三季度
        return self._made(split, scaled(number, word, unit_of(word, subject, number)), status, when, column.scope or scope)

    def _latest(self) -> TimePhrase | None:
        return next((c.year_phrase for c in self.columns if c.year and c.year == self.years[0]), None) if self.years else None

    def _made(self, subject: Subject, number: Number, status: str, time: TimePhrase | None, scope: Scope | None) -> Reading | None:
        if not subject.admits(number.unit) or (indicators()[subject.code].kind == "count" and "." in number.value.rstrip("0").rstrip(".")):
            return None  # 4.5 is no count of persons: a column of shares that lost its head
        status = "target" if subject.code.endswith("_target") else status
        return Reading(subject, number, status, 0, time or self.told, scope, number.start, number.end, "table")
