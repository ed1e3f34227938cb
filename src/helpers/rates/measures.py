"""The measures of `data/catalogue/measures.csv`: which counts make which rate."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from helpers.catalogue import Row, indicators, read_rows

KINDS = {"rate", "increase", "births", "sex_ratio", "share"}
STATUSES = {"observed", "target"}
WHOLE_POPULATIONS = ("pop_total", "pop_rural")
_TERM = re.compile(r"(?P<sign>[+-])?\s*(?P<code>[a-z][a-z0-9_]*)(?:\[(?P<dims>[^\]]+)\])?(?:@(?P<status>[a-z]+))?\s*")


@dataclass(frozen=True)
class Term:
    """A count by its code and dims: `fixed` ones have a value, `free` ones (`age=*`) any, the same in every term."""

    code: str
    fixed: tuple[tuple[str, str], ...] = ()
    free: tuple[str, ...] = ()
    status: str = "observed"
    sign: int = 1


@dataclass(frozen=True)
class Recipe:
    """One way to a measure; the terms of each part are summed."""

    numerator: tuple[Term, ...]
    minus: tuple[Term, ...]
    denominator: tuple[Term, ...]
    stated: Term | None
    births_stand_in: bool

    @property
    def derived(self) -> bool:
        """Whether a count is not stated as such but added or subtracted from others."""
        return any(len(part) > 1 for part in (self.numerator, self.minus, self.denominator))

    def possible(self, codes: Container[str]) -> bool:
        """Whether every indicator it counts is among `codes`."""
        return all(term.code in codes for term in (*self.numerator, *self.minus, *self.denominator))

    @property
    def of_whole_population(self) -> bool:
        """Whether it divides by all people of a place."""
        return self.denominator[0].code in WHOLE_POPULATIONS


@dataclass(frozen=True)
class Measure:
    """What a rate can be: the rows of measures.csv with one name."""

    measure: str
    name_zh: str
    name_en: str
    group: str
    kind: str
    per: float
    polarity: str
    least: float
    reference: str
    recipes: tuple[Recipe, ...]

    def name(self, language: str) -> str:
        return self.name_zh if language == "zh" else self.name_en

    @property
    def of_population(self) -> bool:
        """Whether it is a rate over the person-years of a population."""
        return self.kind in ("rate", "increase")

    @property
    def stocks(self) -> set[str]:
        """The indicators it divides by."""
        return {term.code for recipe in self.recipes for term in recipe.denominator}

    @property
    def codes(self) -> set[str]:
        """Every indicator its recipes use."""
        parts = [(*recipe.numerator, *recipe.minus, *recipe.denominator, recipe.stated) for recipe in self.recipes]
        return {term.code for part in parts for term in part if term}

    def arises(self, codes: Container[str]) -> bool:
        """Whether figures of these indicators could state it or let it be computed."""
        events = [(*recipe.numerator, *recipe.minus) for recipe in self.recipes]
        counted = any(all(term.code in codes for term in part) for part in events)
        return counted or any(recipe.stated and recipe.stated.code in codes for recipe in self.recipes)


def _terms(row: Row, column: str) -> tuple[Term, ...]:
    """The terms of a cell: `births[sex=male] + births[sex=female]`."""
    text, position, terms = row[column], 0, []
    while position < len(text):
        found = _TERM.match(text, position)
        if not found or bool(found["sign"]) != bool(terms):
            raise row.refuse(column, "is not a sum of terms such as births[sex=male] + births[sex=female]")
        if found["code"] not in indicators():
            raise row.refuse(column, f"names {found['code']}, which is not in indicators.csv")
        if found["status"] not in {None, *STATUSES}:
            raise row.refuse(column, f"has the status {found['status']}: only {', '.join(sorted(STATUSES))} are possible")
        pairs = [tuple(part.strip() for part in pair.split("=", 1)) for pair in (found["dims"] or "").split(",") if pair]
        if any(len(pair) != 2 for pair in pairs):
            raise row.refuse(column, "has dims that are not name=value")
        terms.append(Term(
            found["code"], tuple(sorted(pair for pair in pairs if pair[1] != "*")),
            tuple(sorted(name for name, value in pairs if value == "*")),
            found["status"] or "observed", -1 if found["sign"] == "-" else 1,
        ))
        position = found.end()
    return tuple(terms)


def _recipe(row: Row) -> Recipe:
    numerator, minus, denominator = (_terms(row, column) for column in ("numerator", "minus", "denominator"))
    if not numerator or not denominator:
        raise row.refuse("measure", "needs a numerator and a denominator")
    if row["kind"] in {"rate", "increase"} and (len(denominator) != 1 or denominator[0].fixed or denominator[0].free):
        raise row.refuse("denominator", "must be one stock, such as pop_total, for person-years")
    if (row["kind"] == "increase") != bool(minus):
        raise row.refuse("minus", "belongs to kind increase, and only to it")
    stated = _terms(row, "stated")
    stand_in = row["kind"] == "births" and denominator[0].code == "births"
    return Recipe(numerator, minus, denominator, stated[0] if stated else None, stand_in)


@cache
def measures() -> MappingProxyType[str, Measure]:
    """Measure by its id, in the order of the file. Raises CatalogueError for a row that does not fit."""
    rows: dict[str, list[Row]] = {}
    for row in read_rows("measures"):
        rows.setdefault(row["measure"], []).append(row)
    found = {}
    for name, recipes in rows.items():
        first = recipes[0]
        for row in recipes:
            for column in ("name_zh", "name_en", "group", "kind", "per", "polarity", "least", "reference"):
                if row[column] != first[column]:
                    raise row.refuse(column, f"differs from line {first.line}, where {name} is {first[column]!r}")
        for column in ("per", "least"):
            if not first[column].isdigit():
                raise first.refuse(column, "is not a whole number")
        found[name] = Measure(
            name, first["name_zh"], first["name_en"], first["group"], first.one_of("kind", KINDS), float(first["per"]),
            first.one_of("polarity", {"high", "low", "none"}), float(first["least"]), first["reference"], tuple(_recipe(row) for row in recipes),
        )
    return MappingProxyType(found)


@dataclass(frozen=True)
class Flag:
    """What a rate can be flagged with: a row of flags.csv."""

    flag: str
    level: str
    name_zh: str
    name_en: str

    def name(self, language: str) -> str:
        return self.name_zh if language == "zh" else self.name_en


@cache
def flags() -> MappingProxyType[str, Flag]:
    """Flag by its code."""
    return MappingProxyType({
        row["flag"]: Flag(row["flag"], row.one_of("level", {"info", "caution", "stop"}), row["name_zh"], row["name_en"])
        for row in read_rows("flags")
    })
