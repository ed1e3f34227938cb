"""What the header cells and row labels of a table stand for, and the unit their figures are in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from helpers.catalogue import indicators
from helpers.extract import binding
from helpers.extract.binding import Subject, Topic
from helpers.extract.cells import Cell
from helpers.extract.flattened import BESIDE
from helpers.extract.lexicon import Word, find_words, narrower, phrase, topic_of, topic_roles
from helpers.extract.numbers import Number
from helpers.extract.places import Scope, name_level
from helpers.extract.times import TimePhrase, find_times
from helpers.extract.tokens import Age, dims_of, tokenize

UNIT_NOTE = phrase("unit_note")
_CHANGE = phrase("change")
_SHARE_REACHED = phrase("share_reached")
_AIM_OF_YEAR = phrase("aim_of_year")
_AIMS, _OF_THOSE_BEFORE = phrase("aims"), phrase("of_those_before")
_YEARLY_GROWTH = phrase("yearly_growth")
SKIP = phrase("skip")
_VALUES_COLUMN, _OWN_PERIOD, _SO_FAR = phrase("values_column"), phrase("own_period"), phrase("so_far_column")
_COLUMN_DOSES = phrase("column_doses")
_COLUMN_COUNT, _COLUMN_MANAGED, _COLUMN_RATE = phrase("column_count"), phrase("column_managed"), phrase("column_rate")
_HELD_AGAINST_COLUMN = phrase("held_against_column")


@dataclass(frozen=True)
class Column:
    """What a header cell stands for: a year, an indicator, a change, or nothing we read."""

    text: str
    kind: str
    unit: str = ""
    subject: Subject | None = None
    year_phrase: TimePhrase | None = None
    scope: Scope | None = None
    role: str = ""

    @property
    def year(self) -> str:
        return self.year_phrase.year if self.year_phrase else ""


def column_of(cell: Cell, topic: Topic | None, table_unit: str, around: str = "") -> Column:
    """The meaning of a header cell."""
    place, _, text = cell.text.rpartition(BESIDE)
    if place:
        return replace(column_of(Cell(text, cell.start), topic, table_unit, around), scope=Scope(place, name_level(place)))
    note = UNIT_NOTE.search(cell.text)
    unit = note.group("unit") if note else table_unit
    bare = cell.text[:note.start()] if note else cell.text
    if SKIP.search(cell.text):
        return Column(cell.text, "skip")
    if _OWN_PERIOD.fullmatch(bare):
        return Column(cell.text, "value", unit)
    if (months := _SO_FAR.fullmatch(bare)) is not None:
        return Column(cell.text, "value", unit, None, next(iter(find_times(months["months"])), None))  # 1-9月累计
    if (aim := _AIM_OF_YEAR.fullmatch(cell.text)) is not None:
        return Column(cell.text, "target", unit, None, Cell(aim["year"], cell.start).year)
    if cell.year is not None:
        return Column(cell.text, "year", unit, None, cell.year)
    if cell.text.startswith("±"):
        return Column(cell.text, "change", "%" if "%" in cell.text else unit)
    if _YEARLY_GROWTH.fullmatch(bare):
        return Column(cell.text, "indicator", unit or "%", Subject("nir" if "‰" in unit and "出生率" in around else "growth_rate"))
    bare, told = _without_year(bare)
    if _COLUMN_DOSES.fullmatch(bare) and "应种" in around and "接种率" in around:
        return Column(cell.text, "indicator", "剂次", Subject("vaccination_doses"), told)
    subject = named_by(bare, probe(unit, bare), topic, around)
    if subject is None and topic is not None and (code := narrower().get((topic.name, bare))):
        subject = Subject(code)
    if subject is not None and not _HELD_AGAINST_COLUMN.search(bare):
        return Column(cell.text, "indicator", unit, subject, told)
    if _CHANGE.search(bare):
        return Column(cell.text, "change", unit)
    if _SHARE_REACHED.fullmatch(bare):
        return Column(cell.text, "rate", unit)
    if _AIMS.fullmatch(bare):
        return Column(cell.text, "target", unit)
    if _VALUES_COLUMN.fullmatch(bare):
        return Column(cell.text, "value", unit)
    return Column(cell.text, "split" if dims_of(tokenize(bare)) else "skip", unit)


def columns_of(header: Sequence[Cell], topic: Topic | None, table_unit: str, around: str) -> list[Column]:
    """The columns of a head in their order; one that says only what was done (完成, 管理率) is of whom the one before it speaks of."""
    columns, told = [], topic
    for cell in header:
        column = column_of(cell, topic, table_unit, around)
        whole = next((c for c in reversed(columns) if c.subject is not None and c.subject.code == "pop_total"), None)
        column = _part_of(whole, column) if whole is not None else column
        if cell.text.startswith(("#", "其中")) and not column.unit and columns and columns[-1].unit:
            column = column_of(cell, topic, columns[-1].unit, around)  # 年末总人口(万人) | # 非农业人口
        if column.subject is None and told is not None and _OF_THOSE_BEFORE.fullmatch(cell.text):
            column = column_of(cell, told, table_unit, around)
        columns.append(column)
        spoken = [about for word in find_words(cell.text) for m in word.meanings if (about := m.value if m.kind == "topic" else topic_of(m.value))]
        told = Topic(spoken[-1]) if spoken else told
    return columns


def _part_of(whole: Column, column: Column) -> Column:
    """年末人口(万人) | 男 | 女 | 非农业 | 农业: a column of part of the people that one before it counts, in its unit where it has none of its own."""
    if column.subject is None and column.kind == "skip" and (code := narrower().get(("pop_total", column.text))):
        column = Column(column.text, "indicator", "", Subject(code))
    part = column.kind == "split" or (column.subject is not None and column.subject.code in ("pop_urban", "pop_rural"))
    return replace(column, unit=whole.unit) if part and not column.unit and "万" in whole.unit else column


def with_roles(columns: Sequence[Column]) -> list[Column]:
    """服务对象数 | 管理数 | 管理率 | 上级要求: columns with what each says of whom its rows name; no role where it says nothing of the kind.

    Only a table that has both a count and a rate of those managed, and names neither of whom, is one of roles.
    """
    found = []
    for column in columns:
        bare = UNIT_NOTE.sub("", column.text)
        role = next((role for role, words in (("count", _COLUMN_COUNT), ("managed", _COLUMN_MANAGED), ("rate", _COLUMN_RATE)) if words.fullmatch(bare) and column.subject is None), "")
        found.append(role or ("aim" if column.kind == "target" else ""))
    return [replace(column, role=role) for column, role in zip(columns, found, strict=True)] if {"managed", "rate"} <= set(found) else list(columns)


def in_role(label: str, role: str) -> Subject | None:
    """What a column of a role counts of whom a row names: those managed under 65岁以上老年人, the files under 居民健康档案."""
    role = "rate" if role == "aim" else role
    if "档案" in label:
        code = {"managed": "health_records", "rate": "health_record_rate"}.get(role)
        return Subject(code) if code else None
    tokens = tokenize(label)
    topic = next((m.value for t in reversed(tokens) if isinstance(t, Word) and (m := t.meaning("topic"))), "")
    code = topic_roles().get((topic, role))
    age = next((t.age for t in tokens if isinstance(t, Age)), "65+" if topic == "elderly" else "")
    if code is None or (role == "count" and code.endswith("_managed")) or (code == "pop_age" and not age):
        return None
    return Subject(code, {"age": age} if age and code in binding.AGED else {})


def _without_year(text: str) -> tuple[str, TimePhrase | None]:
    """人口数2020年, 2019年出生人数: what a column counts, and the year it counts it of."""
    times = [time for time in find_times(text) if time.year]
    if len(times) != 1 or times[0].months:
        return text, None
    return text[:times[0].start] + text[times[0].end:].removeprefix("的"), times[0]


def named_by(text: str, figure: Number, topic: Topic | None, around: str = "") -> Subject | None:
    """The indicator a label names as a whole: nothing else may stand in it; `around` is what the table speaks of."""
    tokens = tokenize(text)
    at = len(tokens)
    tied = binding.chain(text + "0", [*tokens, replace(figure, start=len(text), end=len(text) + 1)], at, 0)
    if not tied.open:
        return None
    subject = binding.subject_of(tied.tokens, topic, figure, text + around)
    if subject is not None and subject.code == "srb" and around and "出生" not in text + around:
        return Subject("sex_ratio_pop", subject.dims)
    return subject


def probe(unit_word: str, label: str) -> Number:
    """A stand-in figure in the unit a label says its figures are in."""
    word = unit_word.lstrip("万") if "10万" not in unit_word else "/10万"
    listed = re.split("[,、/(（]", unit_word)
    if len(listed) > 1 and "万户" in listed and "万人" in listed:
        word = "户" if "户" in label or "ousehold" in label else "人"
    if not word and label.endswith("面积"):
        word = "平方公里"
    unit = {"人": "person", "户": "household", "‰": "permille", "%": "percent", "例": "case", "对": "couple", "份": "document",
            "平方公里": "km2", "剂次": "dose", "/10万": "per_100k", "个": "item", "人/平方公里": None}.get(word, "")
    if label.endswith("性别比"):
        unit = ""  # in a table of per cents, too
    if not unit and label.endswith("率"):
        unit = "percent"
    return Number(0, 0, "0", "0", unit, word, "", 0.0, 0.0, 0)


def unit_of(word: str, subject: Subject, number: Number) -> str:
    """The unit of a figure: its own, else the one the table says (`word`); empty where the subject takes none of them."""
    if subject.code == "growth_rate" and "%" in word:
        return "percent"
    unit = number.unit or probe(word, "户" if subject.code == "households" else "").unit or (indicators()[subject.code].unit if "万" in word else "")
    return unit if unit and subject.admits(unit) else ""


def scaled(number: Number, word: str, unit: str) -> Number:
    """The figure in persons or households where the table counts in 万人, 万户."""
    if "万" not in word or "10万" in word or ("." not in number.value and word not in ("万人", "万户")) or unit in ("percent", "permille"):
        return replace(number, unit=unit)
    factor = Decimal(10_000)
    value = format((Decimal(number.value) * factor).normalize(), "f")
    return replace(number, unit=unit, value=value, low=number.low * 1e4, high=number.high * 1e4)


def part_played(code: str) -> str:
    """The role a column plays in the identity whole = part + rest, rate = part / whole."""
    if code.endswith("_unsigned"):
        return "rest"
    kind = indicators()[code].kind
    if kind in ("rate", "share"):
        return "rate"
    return "part" if code.endswith(("_signed", "_managed", "_checked", "_given", "_enrolled")) else "whole"


def identities_held(values: dict[str, Decimal]) -> int:
    """How many of the identities among a row's figures hold, less those that fail."""
    whole, part, rest, rate = (values.get(name) for name in ("whole", "part", "rest", "rate"))
    score = 0
    if whole is not None and part is not None and rest is not None:
        score += 1 if whole == part + rest else -1
    if whole and part is not None and rate is not None:
        score += 1 if abs(100 * part / whole - rate) <= Decimal("0.6") else 0
    return score
