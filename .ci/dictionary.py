"""Writes docs/data-dictionary.md from the schema and the catalogue: `make dictionary`."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from itertools import groupby, takewhile
from pathlib import Path

from helpers.catalogue import indicators, units
from helpers.schema import TABLES, Table
from helpers.workspace import CATALOGUE, PROJECT, Workspace, write_text

TARGET = PROJECT / "docs" / "data-dictionary.md"

STORED = {"str": "text", "Int64": "whole number", "float64": "number", "bool": "yes or no"}

OPENING = """\
# Data dictionary

Written by `make dictionary` from `src/helpers/schema.py` and `data/catalogue`: change those, not this page.

The tables are Parquet files. Data moves one way, in this order: each table is written by one stage and
read by the stages after it. Absent, unclear and zero are three different things: a number
that is not known is missing, never 0; a text that is not known is empty.
"""


def markdown_table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table in Markdown; a bar in a cell is escaped.

    >>> print(markdown_table(["a", "b"], [["1", "x|y"]]))
    | a | b |
    |---|---|
    | 1 | x\\\\|y |
    """
    header = list(header)
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    lines += ["| " + " | ".join(str(cell).replace("|", r"\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def table_section(table: Table) -> str:
    """The heading, file and columns of one table."""
    file = Workspace().table_path(table.name).relative_to(PROJECT).as_posix()
    rows = ([f"`{column.name}`", STORED[column.kind], column.meaning] for column in table.columns)
    return f"## {table.name}\n\n`{file}`: {table.meaning}.\n\n{markdown_table(['column', 'stored as', 'meaning'], rows)}\n"


def indicator_section() -> str:
    """Every indicator, under the group it is shown in."""
    header = ["code", "中文", "English", "kind", "unit", "of", "better when", "note"]
    better = {"high": "higher", "low": "lower", "none": "—"}
    span = {"stock": "a moment", "flow": "a period"}
    parts = ["## Indicators\n\nThe codes in the column `code`: rows of `data/catalogue/indicators.csv`.\n"]
    for group, members in groupby(indicators().values(), key=lambda one: one.group):
        rows = ([f"`{one.code}`", one.name_zh, one.name_en, one.kind, one.unit, span[one.flow],
                 better[one.polarity], one.note] for one in members)
        parts.append(f"### {group}\n\n{markdown_table(header, rows)}\n")
    return "\n".join(parts)


def unit_section() -> str:
    """Every unit a figure may be in."""
    rows = ([f"`{one.unit}`", one.name_zh, one.name_en, one.symbol, one.kind] for one in units().values())
    return ("## Units\n\nThe codes in the column `unit`: rows of `data/catalogue/units.csv`.\n\n"
            + markdown_table(["unit", "中文", "English", "printed as", "kind"], rows) + "\n")


def catalogue_section() -> str:
    """Every file an analyst may edit: what its opening comment says it holds, and its columns."""
    rows = ([f"`{path.name}`", *opening(path)] for path in sorted(CATALOGUE.glob("*.csv")))
    return ("## Catalogue\n\nThe files of `data/catalogue`, which may be edited without touching code; each row is "
            "checked as it is read.\n\n" + markdown_table(["file", "holds", "columns"], rows) + "\n")


def opening(path: Path) -> tuple[str, str]:
    """The first sentence of a catalogue file's opening comment, and the names of its columns."""
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    comment = list(takewhile(lambda line: line.startswith("#"), lines))
    header = next(csv.reader(lines[len(comment):]))
    first, _, _ = " ".join(line.lstrip("# ") for line in comment).partition(". ")
    return first.rstrip("."), " ".join(f"`{name.strip()}`" for name in header)


def current() -> str:
    """What docs/data-dictionary.md has to say now."""
    return "\n".join([OPENING, *map(table_section, TABLES.values()), catalogue_section(),
                      indicator_section(), unit_section()])


if __name__ == "__main__":
    write_text(TARGET, current())
