"""A table as a link to its own CSV, carried inside the page and safe to open in a spreadsheet."""

from __future__ import annotations

from urllib.parse import quote

import pandas as pd

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def neutral(cell: object) -> object:
    """A text that a spreadsheet would run as a formula, with an apostrophe before it; anything else as it is.

    >>> neutral("=1+1"), neutral("乡镇"), neutral(-3)
    ("'=1+1", '乡镇', -3)
    """
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def csv_text(frame: pd.DataFrame) -> str:
    """The frame as CSV with a byte order mark, so that Excel reads the Chinese; no cell is a live formula."""
    safe = frame.map(neutral)
    return "\ufeff" + safe.to_csv(index=False, lineterminator="\r\n", float_format="%.6g")


def csv_address(frame: pd.DataFrame) -> str:
    """The CSV of a frame as a `data:` address."""
    return f"data:text/csv;charset=utf-8,{quote(csv_text(frame))}"
