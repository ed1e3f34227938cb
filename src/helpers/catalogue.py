"""What an analyst may edit without touching code: the rows of `data/catalogue`.

Every table is read once, validated as it loads, and given back as an immutable mapping or frame.
A row that does not fit raises `CatalogueError` with the file, the line and the column.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from helpers.errors import CatalogueError
from helpers.workspace import CATALOGUE

LANGUAGES = ("zh", "en")


@dataclass(frozen=True)
class Row:
    """One row of a catalogue file with the line it stands on, for error messages."""

    path: Path
    line: int
    cells: MappingProxyType

    def __getitem__(self, column: str) -> str:
        try:
            return self.cells[column]
        except KeyError:
            raise CatalogueError(f"{self.path}: the file has no column {column!r}.") from None

    def refuse(self, column: str, why: str) -> CatalogueError:
        return CatalogueError(f"{self.path}, line {self.line}, column {column}: {self[column]!r} {why}.")

    def one_of(self, column: str, allowed) -> str:
        if self[column] not in allowed:
            raise self.refuse(column, f"is not one of {', '.join(sorted(allowed))}")
        return self[column]


def read_rows(name: str, folder: Path = CATALOGUE, *, key: str = "") -> Iterator[Row]:
    """The rows of `data/catalogue/<name>.csv`; cells are stripped, `#` starts a comment line.

    Raises CatalogueError when the file is missing, a row has too many or too few cells, or two have the same cell in column `key`.
    """
    told: set[str] = set()
    path = folder / f"{name}.csv"
    try:
        stream = path.open(encoding="utf-8-sig", newline="")
    except OSError as error:
        raise CatalogueError(f"{path} cannot be read ({error.strerror}): restore it from the repository.") from error
    with stream:
        lines = csv.reader(stream)
        header: list[str] | None = None
        for cells in lines:
            if not cells or cells[0].startswith("#"):
                continue
            if header is None:
                header = [cell.strip() for cell in cells]
                continue
            if len(cells) != len(header):
                raise CatalogueError(f"{path}, line {lines.line_num}: {len(cells)} cells where the header has {len(header)}.")
            cells_by_name = dict(zip(header, (cell.strip() for cell in cells), strict=True))
            row = Row(path, lines.line_num, MappingProxyType(cells_by_name))
            if key:
                if row[key] in told:
                    raise row.refuse(key, "stands twice")
                told.add(row[key])
            yield row


@dataclass(frozen=True)
class Indicator:
    """What a figure can be: a row of indicators.csv."""

    code: str
    name_zh: str
    name_en: str
    group: str
    kind: str
    unit: str
    flow: str
    polarity: str
    note: str

    @property
    def relative(self) -> bool:
        """Whether it is a rate, a share or a ratio, and no count."""
        return self.kind in ("rate", "share", "ratio")

    def name(self, language: str) -> str:
        return self.name_zh if language == "zh" else self.name_en


@dataclass(frozen=True)
class Unit:
    """What a figure is counted in: a row of units.csv."""

    unit: str
    name_zh: str
    name_en: str
    symbol: str
    kind: str

    def name(self, language: str) -> str:
        return self.name_zh if language == "zh" else self.name_en


@cache
def units() -> MappingProxyType[str, Unit]:
    """Unit by its id."""
    return MappingProxyType({
        row["unit"]: Unit(row["unit"], row["name_zh"], row["name_en"], row["symbol"],
                          row.one_of("kind", {"count", "rate", "ratio", "area", "change"}))
        for row in read_rows("units")
    })


@cache
def indicators() -> MappingProxyType[str, Indicator]:
    """Indicator by its code, in the order of the file (which is the order of reports)."""
    found: dict[str, Indicator] = {}
    for row in read_rows("indicators", key="code"):
        found[row["code"]] = Indicator(
            row["code"], row["name_zh"], row["name_en"], row["group"],
            row.one_of("kind", {"count", "rate", "share", "ratio", "area"}),
            row.one_of("unit", units()),
            row.one_of("flow", {"stock", "flow"}),
            row.one_of("polarity", {"high", "low", "none"}),
            row["note"],
        )
    return MappingProxyType(found)
