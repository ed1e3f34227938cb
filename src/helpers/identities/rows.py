"""The identities of data/catalogue/identities.csv, read and validated."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from types import MappingProxyType

from helpers.catalogue import Row, indicators, read_rows

FORMS = {"partition", "sum", "difference", "bound", "ratio", "total", "limit", "change", "conflict", "span", "target", "wording"}
TRUST = {"exact", "population", "custom", "open", "resident"}
MEAN_POPULATION = "mean_population"
# The mean population is nobody's printed figure: it lives in the equations under this name.
ANY = "$"
_TERM = re.compile(r"(?P<code>[a-z0-9_]+)(?:\[(?P<dims>[^\]]+)\])?")

Key = tuple[str, tuple[tuple[str, str], ...]]
"""A figure's name inside one group: indicator code and dims, sorted; residence is the group's, not the figure's."""


@dataclass(frozen=True)
class Term:
    """`code[dim=value;dim=$]`: one figure, or one figure for every value of a dimension."""

    code: str
    dims: tuple[tuple[str, str], ...] = ()

    @property
    def free(self) -> tuple[str, ...]:
        """Dimensions bound to `$`."""
        return tuple(name for name, value in self.dims if value == ANY)

    def bind(self, bound: dict[str, str]) -> Key:
        """The figure this term means when `$` stands for the values in `bound`."""
        return self.code, tuple(sorted((name, bound[name] if value == ANY else value) for name, value in self.dims))

    def match(self, key: Key) -> dict[str, str] | None:
        """Values of the free dimensions if `key` is a figure of this term, else None."""
        code, dims = key
        if code != self.code or len(dims) != len(self.dims):
            return None
        bound = {}
        for (name, value), (printed_name, printed_value) in zip(self.dims, dims, strict=True):
            if name != printed_name or value not in (ANY, printed_value):
                return None
            if value == ANY:
                bound[name] = printed_value
        return bound


@dataclass(frozen=True)
class Identity:
    """One row: `left` against `terms`, by `form`; `denominators` are alternatives, cheapest first."""

    identity: str
    rule: str
    form: str
    left: Term | None
    terms: tuple[Term, ...]
    denominators: tuple[Term, ...]
    dimension: str
    limits: tuple[Fraction, Fraction] | None
    per: Fraction
    trust: str
    name_zh: str
    name_en: str

    def name(self, language: str) -> str:
        """The identity in words, in `zh` or `en`."""
        return self.name_zh if language == "zh" else self.name_en


def parse_term(text: str, row: Row, column: str) -> Term:
    """Read one term; raises CatalogueError naming the row when it is not `code[dim=value]`."""
    found = _TERM.fullmatch(text.strip())
    if not found or (found["code"] not in indicators() and found["code"] != MEAN_POPULATION):
        raise row.refuse(column, f"holds {text.strip()!r}, which is not an indicator of indicators.csv with [dim=value]")
    dims = [part.split("=", 1) for part in (found["dims"] or "").split(";") if part]
    if any(len(pair) != 2 for pair in dims):
        raise row.refuse(column, "has a dimension without =")
    return Term(found["code"], tuple(sorted((name.strip(), value.strip()) for name, value in dims)))


def _split_right(row: Row, form: str) -> tuple[tuple[Term, ...], tuple[Term, ...], str, tuple[Fraction, Fraction] | None]:
    right = row["right"]
    if form in ("partition", "total"):
        return (), (), right, None
    if form == "limit" and right:
        low, _, high = right.partition("..")
        return (), (), "", (Fraction(low), Fraction(high))
    if form == "ratio":
        numerator, _, denominators = right.partition("/")
        read = tuple(parse_term(part, row, "right") for part in denominators.split("|"))
        return (parse_term(numerator, row, "right"),), read, "", None
    separator = {"sum": "+", "difference": " - ", "bound": None}.get(form, "+")
    parts = [right] if separator is None else right.split(separator)
    return tuple(parse_term(part, row, "right") for part in parts if part.strip()), (), "", None


@cache
def identities() -> MappingProxyType[str, Identity]:
    """Identity by its name, in the order of the file. Raises CatalogueError naming the row at fault."""
    found: dict[str, Identity] = {}
    for row in read_rows("identities", key="identity"):
        form = row.one_of("form", FORMS)
        left = parse_term(row["left"], row, "left") if row["left"] else None
        terms, denominators, dimension, limits = _split_right(row, form)
        found[row["identity"]] = Identity(
            row["identity"], row["rule"], form, left, terms, denominators, dimension, limits,
            Fraction(row["per"] or 1), row.one_of("trust", TRUST), row["name_zh"], row["name_en"],
        )
    return MappingProxyType(found)
