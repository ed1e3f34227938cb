"""Findings as JSON, CSV, a workbook or lines for a terminal. Cells never become formulas."""

from __future__ import annotations

import json
from collections.abc import Iterable
from math import isnan
from pathlib import Path

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.worksheet import Worksheet

from helpers.audit.wording import texts
from helpers.catalogue import read_rows

# The keys of METHODS section 0, in its order.
JSON_KEYS = ("doc", "section", "place", "period", "identity", "class", "severity", "flags", "statement", "stated",
             "recomputed", "low", "high", "hypothesis", "evidence", "text_zh", "text_en")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_WIDTHS = {"text_zh": 70, "text_en": 70, "statement": 40, "evidence": 40, "settle": 40, "settle_en": 40, "hypothesis": 30,
           "hypothesis_en": 30}


def class_names(language: str) -> dict[str, str]:
    """Class of findings -> its name in `zh` or `en`."""
    return {row["class"]: row[f"name_{language}"] for row in read_rows("audit_classes")}


def chosen(findings: pd.DataFrame, severity: int) -> pd.DataFrame:
    """Findings of at least this severity, worst first; what needs another source counts as a note."""
    level = findings["severity"].astype("Float64").fillna(1.0)
    order = ["level", "doc", "section", "place", "period", "identity", "finding"]
    kept = findings.assign(level=level)[level >= severity]
    return kept.sort_values(order, ascending=[False, *[True] * 6], ignore_index=True).drop(columns="level")


def _plain(value):
    """A cell as JSON can hold it: no NaN, no numpy."""
    if value is None or value is pd.NA or (isinstance(value, float) and isnan(value)):
        return None
    return value.item() if hasattr(value, "item") else value


def records(findings: pd.DataFrame) -> list[dict]:
    """Findings as JSON objects with the keys of METHODS section 0; `flags` and `evidence` are lists."""
    found = []
    for row in findings.to_dict("records"):
        item = {key: _plain(row[key]) for key in JSON_KEYS}
        item["flags"] = [flag for flag in row["flags"].split(";") if flag]
        item["evidence"] = json.loads(row["evidence"] or "[]")
        found.append(item)
    return found


def to_json(findings: pd.DataFrame) -> str:
    """The findings as a JSON list."""
    return json.dumps(records(findings), ensure_ascii=False, indent=1)


def harmless(text: str) -> str:
    """Text that a spreadsheet will not take for a formula.

    >>> harmless("=1+1")
    "'=1+1"
    """
    return f"'{text}" if text.startswith(_FORMULA) else text


def to_csv(findings: pd.DataFrame) -> str:
    """The findings as CSV text (write it with a BOM for Excel)."""
    frame = findings.copy()
    for name in frame.columns[[dtype == "str" for dtype in frame.dtypes]]:
        frame[name] = frame[name].map(harmless)
    return frame.to_csv(index=False, lineterminator="\n")


def put(sheet: Worksheet, row: int, column: int, value: object, *, bold: bool = False) -> None:
    """Write one cell as what it is: text stays text whatever it begins with."""
    cell = sheet.cell(row=row, column=column)
    if isinstance(value, str):
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)
        cell.data_type, cell.quotePrefix = "s", value.startswith(_FORMULA)
    else:
        cell.value = _plain(value)
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    cell.font = Font(bold=bold)


def to_workbook(findings: pd.DataFrame, path: Path) -> None:
    """The findings as an .xlsx file."""
    book = Workbook()
    sheet = book.active
    sheet.title = "findings"
    for column, name in enumerate(findings.columns, 1):
        put(sheet, 1, column, name, bold=True)
        sheet.column_dimensions[sheet.cell(row=1, column=column).column_letter].width = _WIDTHS.get(name, 14)
    for number, record in enumerate(findings.itertuples(index=False), 2):
        for column, value in enumerate(record, 1):
            put(sheet, number, column, value)
    sheet.freeze_panes = "A2"
    save(book, path)


def save(book: Workbook, path: Path) -> None:
    """Write a workbook in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    book.save(partial)
    partial.replace(path)


def to_lines(findings: pd.DataFrame, language: str) -> Iterable[str]:
    """The findings as a table for a terminal: one head line each, the sentence and what would settle it below."""
    names = class_names(language)
    for row in findings.to_dict("records"):
        mark = "·" if pd.isna(row["severity"]) else str(row["severity"])
        where = "  ".join(str(part) for part in (row["doc"], f"§{row['section']}", row["place"], row["period"]) if part)
        flags = f"  [{row['flags']}]" if row["flags"] else ""
        yield f"{mark} {names[row['class']]}  {where}{flags}"
        yield f"    {row[f'text_{language}']}"
        if not pd.isna(row["severity"]) and row["severity"] >= 2:
            yield f"    {row['settle' if language == 'zh' else 'settle_en']}"
    count = len(findings)
    yield texts()["count"][language].format(count=count) if count else texts()["none_found"][language]
