"""Every table as CSV, Excel and Parquet in `<out>/data/exports`, with the dictionary that says what the columns mean.

Persons' names are covered as on the pages; no cell is a live formula.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from helpers import __version__
from helpers.catalogue import indicators, read_rows
from helpers.report.download import csv_text, is_live
from helpers.report.masking import mask
from helpers.schema import TABLES, Table
from helpers.workspace import CATALOGUE, Workspace, write_text

FOLDER = Path("data") / "exports"
BOOK, DICTIONARY, README, KEY = "township.xlsx", "dictionary.csv", "README.md", "key.txt"
# Columns that hold words of a document or of a person; the others hold codes, numbers and ids.
WORDS = ("title", "path", "provenance", "error", "quote", "statement", "evidence", "place", "name", "aliases", "county", "note", "reason", "text_zh", "text_en",
         "hypothesis", "hypothesis_en", "settle", "settle_en")
MOST_ROWS = 100_000  # of a sheet: beyond, Excel is slow to open it, and the other two formats hold all


def write(workspace: Workspace, out: Path) -> Path:
    """Write all tables that have been built; gives back the folder. Nothing is done where nothing changed."""
    folder = out / FOLDER
    there = {name: workspace.table_path(name) for name in TABLES if workspace.table_path(name).exists()}
    key = _key(there)
    if (folder / KEY).is_file() and (folder / KEY).read_text(encoding="utf-8") == key:
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    told = dictionary()
    book = Workbook(write_only=True)
    for name in there:
        frame = covered(workspace.read(name))
        write_text(folder / f"{name}.csv", csv_text(frame, "%.10g"))
        _parquet(frame, TABLES[name], folder / f"{name}.parquet")
        _sheet(book, chinese_names()[name, ""], chinese_header(TABLES[name]), frame)
    _sheet(book, "数据字典", list(told.columns), told)
    _save(book, folder / BOOK)
    write_text(folder / DICTIONARY, csv_text(told))
    write_text(folder / README, _readme(there))
    write_text(folder / KEY, key)
    return folder


def _key(tables: dict[str, Path]) -> str:
    """What the exports depend on: the bytes' stamps, the words, this version."""
    parts = [__version__]
    for path in (*tables.values(), *(CATALOGUE / f"{name}.csv" for name in ("columns", "indicators", "persons")), Path(__file__)):
        status = path.stat()
        parts.append(f"{path.name}|{status.st_mtime_ns}|{status.st_size}")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def covered(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with persons' names covered in every column that holds words."""
    words = [name for name in WORDS if name in frame]
    texts = {text for name in words for text in frame[name].unique()}
    hidden = {text: mask(text) for text in texts}
    return frame.assign(**{name: frame[name].map(hidden) for name in words})


@cache
def chinese_names() -> dict[tuple[str, str], str]:
    """Chinese name by (table, column); a table's own name has an empty column, a name for every table an empty table."""
    return {(row["table"], row["column"]): row["name_zh"] for row in read_rows("columns")}


def chinese_header(table: Table) -> list[str]:
    """The column names of a table in Chinese; a column without one keeps its own."""
    names = chinese_names()
    return [names.get((table.name, column.name)) or names.get(("", column.name)) or column.name for column in table.columns]


def dictionary() -> pd.DataFrame:
    """What every column and every indicator code means: `table column 中文 stored meaning`."""
    rows = []
    for table in TABLES.values():
        names = chinese_header(table)
        rows += [{"table": table.name, "column": column.name, "中文": name, "stored": column.kind, "meaning": column.meaning}
                 for column, name in zip(table.columns, names, strict=True)]
    rows += [{"table": "indicators", "column": one.code, "中文": one.name_zh, "stored": one.unit, "meaning": one.name_en} for one in indicators().values()]
    return pd.DataFrame(rows)


def _parquet(frame: pd.DataFrame, table: Table, path: Path) -> None:
    """Parquet whose fields carry their meaning and Chinese name as metadata, written in one step."""
    arrow = pa.Table.from_pandas(frame, preserve_index=False)
    fields = [field.with_metadata({"meaning": column.meaning, "name_zh": name})
              for field, column, name in zip(arrow.schema, table.columns, chinese_header(table), strict=True)]
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    pq.write_table(arrow.cast(pa.schema(fields)), partial)
    partial.replace(path)


def _sheet(book: Workbook, title: str, header: list[str], frame: pd.DataFrame) -> None:
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    sheet.append(header)
    for record in _records(frame.iloc[:MOST_ROWS]):
        sheet.append([_cell(sheet, value) for value in record])
    if len(frame) > MOST_ROWS:
        sheet.append([f"共{len(frame)}行，此处只列前{MOST_ROWS}行，其余见同名CSV或Parquet文件。"])


def _records(frame: pd.DataFrame) -> Iterator[tuple]:
    plain = frame.astype(object).where(frame.notna(), None)
    return plain.itertuples(index=False, name=None)


def _cell(sheet, value: object):
    """A value as what it is: text stays text whatever it begins with."""
    if not isinstance(value, str):
        return value if value is None or abs(value) != float("inf") else str(value)
    text = ILLEGAL_CHARACTERS_RE.sub("", value)[:32_000]
    if not is_live(text):
        return text
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    return cell


def _save(book: Workbook, path: Path) -> None:
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    book.save(partial)
    partial.replace(path)


def _readme(tables: dict[str, Path]) -> str:
    lines = ["# 数据 · Data", "", "CSV（UTF-8，带BOM，可直接用Excel打开）、Parquet（字段附中文名和含义）各一份；Excel工作簿每表一页。",
             "Each table as CSV (UTF-8 with BOM) and Parquet (fields carry their meaning); one Excel workbook with a sheet a table.",
             "", f"- `{BOOK}`: 全部各表 · all tables", f"- `{DICTIONARY}`: 数据字典 · what every column and code means", ""]
    lines += [f"- `{name}.csv`, `{name}.parquet`: {chinese_names()[name, '']} · {TABLES[name].meaning}" for name in tables]
    return "\n".join([*lines, "", "Absent, unclear and zero are three different things: a missing number is empty, never 0.", ""])
