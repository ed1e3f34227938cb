"""The header lines of a table: of several, one; and without the column that counts the rows."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from helpers.extract.cells import Cell

_SERIAL = re.compile("序号|编号|序|号")


def without_serials(first: int, rows: list[list[Cell]]) -> tuple[int, list[list[Cell]]]:
    """序号 单位 出生人数: the rows without the column that counts them; `first` is the first row with figures."""
    counted = any(_SERIAL.fullmatch(row[0].text) for row in rows[:first])
    if not counted or not all(len(row) > 2 and row[0].numeric for row in rows[first:]):
        return first, rows
    return first, [row[1:] if i >= first or _SERIAL.fullmatch(row[0].text) else row for i, row in enumerate(rows)]


def stacked(first: int, rows: list[list[Cell]]) -> tuple[int, list[list[Cell]]]:
    """单位 出生 出生 over 单位 男 女: header lines as wide as the rows below name their columns from above down."""
    heads = rows[:first]
    if first < 2 or any(len(row) != len(heads[0]) for row in rows) or any(cell.year or cell.empty for row in heads for cell in row):
        return first, rows
    named = [replace(column[-1], text="".join(dict.fromkeys(cell.text for cell in column))) for column in zip(*heads, strict=True)]
    return 1, [named, *rows[first:]]
