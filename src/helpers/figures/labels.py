"""Every word a reader sees, in Chinese or English: the rows of `data/catalogue/labels.csv`.

A label may hold `{fields}`; both languages must hold the same ones, which is checked while loading.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from string import Formatter
from types import MappingProxyType

from helpers.catalogue import LANGUAGES, indicators, read_rows, units
from helpers.errors import CatalogueError, InputError

_MONTH = r"(\d{4}|\d{2}XX|XXXX)-(\d{2})"
_SPAN = re.compile(f"{_MONTH}(?:-\\d{{2}})?/{_MONTH}(?:-\\d{{2}})?")
_DAY = re.compile(f"{_MONTH}-(\\d{{2}})")


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@cache
def _table() -> MappingProxyType[str, MappingProxyType[str, str]]:
    found: dict[str, MappingProxyType[str, str]] = {}
    for row in read_rows("labels", key="key"):
        if not (row["zh"] and row["en"]):
            raise row.refuse("key", "needs words in both languages")
        if _fields(row["zh"]) != _fields(row["en"]):
            raise row.refuse("key", "has other {fields} in Chinese than in English")
        found[row["key"]] = MappingProxyType({"zh": row["zh"], "en": row["en"]})
    return MappingProxyType(found)


@cache
def _names(table: str, key: str) -> MappingProxyType[str, MappingProxyType[str, str]]:
    """Names of the rows of another catalogue file (measures, flags, …) by their id."""
    return MappingProxyType({
        row[key]: MappingProxyType({"zh": row["name_zh"], "en": row["name_en"]}) for row in read_rows(table)
    })


@dataclass(frozen=True)
class Labels:
    """The words of one language.

    >>> Labels("zh")("among.title")
    '在同级各地中的位置'
    >>> Labels("en").period("2014-01/2014-06")
    'January–June 2014'
    """

    language: str

    def __post_init__(self) -> None:
        if self.language not in LANGUAGES:
            raise InputError(f"language {self.language!r} is not one of {', '.join(LANGUAGES)}.")

    def __call__(self, key: str, **fields: object) -> str:
        """The label `key` with its fields filled in; CatalogueError when there is none."""
        try:
            text = _table()[key][self.language]
        except KeyError:
            raise CatalogueError(f"data/catalogue/labels.csv has no label {key!r}: add the row.") from None
        return text.format(**fields) if fields else text

    @property
    def gap(self) -> str:
        """What stands between two sentences: nothing in Chinese, a space in English."""
        return "" if self.language == "zh" else " "

    def join(self, items: Iterable[str], mark: str = "list") -> str:
        """Items with a comma (、) or `mark="semicolon"` between them."""
        return (self(f"mark.{mark}") + self.gap).join(items)

    def get(self, key: str, default: str) -> str:
        """The label `key`, or `default` where the catalogue has none."""
        words = _table().get(key)
        return words[self.language] if words else default

    def indicator(self, code: str) -> str:
        """The name of an indicator; its code where the catalogue does not know it."""
        known = indicators().get(code)
        return known.name(self.language) if known else code

    def measure(self, measure: str) -> str:
        """The name of a computed measure."""
        words = _names("measures", "measure").get(measure)
        return words[self.language] if words else self.indicator(measure)

    def flag(self, flag: str) -> str:
        """What a flag of the rates says."""
        words = _names("flags", "flag").get(flag)
        return words[self.language] if words else flag

    def finding(self, kind: str) -> str:
        """The name of a class of findings."""
        words = _names("audit_classes", "class").get(kind)
        return words[self.language] if words else kind

    def unit(self, unit: str) -> str:
        """The unit as it stands behind a number: ‰, %, 人."""
        known = units().get(unit)
        if known is None:
            return unit
        if self.language == "zh" or (known.kind == "rate" and "万" not in known.symbol):
            return known.symbol
        return "" if unit in ("person", "per_100_females") else f" {known.name_en}"

    def dims(self, dims: str | Mapping[str, str]) -> str:
        """Dims in words: `{"sex": "male"}` becomes 男; unknown ones stand as they are."""
        pairs = json.loads(dims or "{}") if isinstance(dims, str) else dims
        words = [self.get(f"dim.{key}.{value}", value) for key, value in pairs.items()]
        return self.join(words)

    def name(self, code: str, dims: str | Mapping[str, str] = "{}") -> str:
        """An indicator or measure with its dims: 出生人数（男）; what the name says itself (规范管理率) is not said twice."""
        pairs = json.loads(dims or "{}") if isinstance(dims, str) else dims
        name = self.measure(code)
        extra = self.dims({key: value for key, value in pairs.items() if key != "group" or value not in name})
        return self("mark.of", name=name, extra=extra) if extra else name

    def month(self, month: str) -> str:
        return self(f"month.{int(month)}")

    def period(self, period: str) -> str:
        """An ISO period in words; 20XX stays visibly unknown."""
        if not period:
            return self("period.none")
        if found := _SPAN.fullmatch(period):
            first_year, first, last_year, last = found.groups()
            fields = {"first": self.month(first), "last": self.month(last)}
            same = first_year == last_year and int(first) <= int(last)
            if "X" in first_year + last_year:
                key = "period.span.unknown" if same else "period.span.across.unknown"
                return self(key, **fields)
            key = "period.span" if same else "period.span.across"
            return self(key, year=first_year, last_year=last_year, **fields)
        if found := _DAY.fullmatch(period):
            year, month, day = found.groups()
            return self("period.day", year=year, month=self.month(month), day=int(day))
        if found := re.fullmatch(_MONTH, period):
            year, month = found.groups()
            if "X" in year:
                return self("period.month.unknown", month=self.month(month))
            return self("period.month", year=year, month=self.month(month))
        if "X" in period:
            return self("period.year.unknown")
        return self("period.year", year=period)
