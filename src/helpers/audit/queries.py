"""查询单: what does not add up, one workbook per township to send back, and its answers taken in again."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from zipfile import BadZipFile

import pandas as pd
from openpyxl import Workbook, load_workbook
from openpyxl.styles import PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.datavalidation import DataValidation

from helpers.audit.export import put, save
from helpers.documents.found import QUERY_SHEET
from helpers.errors import InputError

_ID = re.compile(r"[a-z0-9-]{1,64}")
# heading, column of the findings table (empty: for the township to fill in), width
_COLUMNS = (
    ("序号", "", 6), ("文件", "doc", 20), ("篇", "section", 5), ("时期", "period", 16), ("问题", "text_zh", 60),
    ("原文", "statement", 36), ("所列数", "stated_text", 12), ("推算", "recomputed_text", 14), ("请核实", "settle", 36),
    ("处理（属实/更正/删除）", "", 14), ("更正为", "", 12), ("说明", "", 30), ("填报人", "", 10), ("日期", "", 12),
    ("查询编号", "finding", 16), ("事实编号", "fact", 16),
)
_ANSWER, _VALUE, _REASON, _AUTHOR, _DATE, _FINDING, _FACT, _STATED = 10, 11, 12, 13, 14, 15, 16, 7
_ACTIONS = {"属实": "accept", "更正": "fix", "删除": "reject"}
_HEAD = 3
CORRECTION = ("doc", "fact", "action", "value", "expected", "reason", "author", "date")


def file_name(place_id: str, place: str) -> str:
    """A file name no place can escape from: its id, or a hash where it has none."""
    if _ID.fullmatch(place_id):
        return f"{place_id}.xlsx"
    return f"place-{hashlib.sha256(place.encode()).hexdigest()[:12]}.xlsx"


def _number(value: float) -> str:
    return "" if pd.isna(value) else f"{value:.10g}"


def _rows(findings: pd.DataFrame) -> pd.DataFrame:
    rows = findings.sort_values(["severity", "doc", "section", "finding"], ascending=[False, True, True, True])
    low, high = rows["low"].map(_number), rows["high"].map(_number)
    between = low.where(low == high, low + "–" + high)
    return rows.assign(stated_text=rows["stated"].map(_number), recomputed_text=between,
                       fact=rows["facts"].str.split(";").str[0])


def write_queries(findings: pd.DataFrame, folder: Path) -> list[Path]:
    """One workbook per place with its findings (severity 2 or more), one line each, with room for the answer."""
    serious = findings[findings["severity"].fillna(0) >= 2]
    written = []
    for (place_id, place), rows in serious.groupby(["place_id", "place"], sort=True):
        path = folder / file_name(place_id, place)
        save(_workbook(place, _rows(rows)), path)
        written.append(path)
    return written


def _workbook(place: str, rows: pd.DataFrame) -> Workbook:
    book = Workbook()
    sheet = book.active
    sheet.title = QUERY_SHEET
    put(sheet, 1, 1, f"数据核对查询单  {place}", bold=True)
    put(sheet, 2, 1, "以下各处所列数与其他数推算的结果不符，请对照原始台账核实，在涂色的栏内填写处理意见后退回。一行一处。")
    shade = PatternFill("solid", start_color="FFF4D6")
    for column, (heading, _, width) in enumerate(_COLUMNS, 1):
        put(sheet, _HEAD, column, heading, bold=True)
        sheet.column_dimensions[get_column_letter(column)].width = width
    for number, record in enumerate(rows.to_dict("records"), 1):
        for column, (_, name, _) in enumerate(_COLUMNS, 1):
            put(sheet, _HEAD + number, column, record[name] if name else number if column == 1 else "")
            if _ANSWER <= column <= _DATE:
                sheet.cell(row=_HEAD + number, column=column).fill = shade
    choice = DataValidation(type="list", formula1=f'"{",".join(_ACTIONS)}"', allow_blank=True)
    sheet.add_data_validation(choice)
    letter = get_column_letter(_ANSWER)
    choice.add(f"{letter}{_HEAD + 1}:{letter}{_HEAD + len(rows)}")
    sheet.merge_cells(start_row=2, start_column=1, end_row=2, end_column=9)
    sheet.freeze_panes = f"A{_HEAD + 1}"
    sheet.page_setup.orientation, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = "landscape", 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    return book


def read_answers(path: Path) -> list[dict[str, str]]:
    """The answered lines of a returned 查询单 as corrections (columns `CORRECTION`); unanswered lines are left out.

    Raises InputError naming the file, and the line, when it is no 查询单, an answer is none of 属实, 更正, 删除, or a
    correction gives no value.
    """
    try:
        sheet = load_workbook(path, read_only=True, data_only=True).active
        head = [cell for row in sheet.iter_rows(min_row=_HEAD, max_row=_HEAD, values_only=True) for cell in row]
    except (BadZipFile, InvalidFileException, KeyError, OSError, ValueError) as error:
        raise InputError(f"{path}: it cannot be opened as a workbook ({error}): save it anew as .xlsx.") from error
    if head[:len(_COLUMNS)] != [heading for heading, _, _ in _COLUMNS]:
        raise InputError(f"{path}: line {_HEAD} has not the headings of a 查询单: answer in the workbook that was sent, without moving its columns.")
    answers = []
    for line, cells in enumerate(sheet.iter_rows(min_row=_HEAD + 1, values_only=True), _HEAD + 1):
        cells = [*cells, *[None] * len(_COLUMNS)]
        text = ["" if cell is None else str(cell).strip() for cell in cells]
        if not text[_ANSWER - 1]:
            continue
        if text[_ANSWER - 1] not in _ACTIONS:
            raise InputError(f"{path}, line {line}: {text[_ANSWER - 1]!r} is not an answer: write 属实, 更正 or 删除.")
        action, value = _ACTIONS[text[_ANSWER - 1]], text[_VALUE - 1]
        if action == "fix" and not value:
            raise InputError(f"{path}, line {line}: 更正 needs the corrected figure in the column 更正为.")
        answers.append({"doc": text[1], "fact": text[_FACT - 1], "action": action, "value": value,
                        "expected": text[_STATED - 1], "reason": text[_REASON - 1] or f"查询单 {text[_FINDING - 1]}",
                        "author": text[_AUTHOR - 1], "date": text[_DATE - 1][:10]})
    return answers
