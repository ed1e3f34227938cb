"""A table as a link to its own CSV, carried inside the page and safe to open in a spreadsheet."""

from __future__ import annotations

import re
from urllib.parse import quote

import pandas as pd

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def is_live(text: str) -> bool:
    """Whether a spreadsheet could run a text as a formula; a plain signed number is none.

    >>> is_live("=1+1"), is_live("-0.87"), is_live("-1+2"), is_live("乡镇")
    (True, False, True, False)
    """
    return text.startswith(_FORMULA) and not _NUMBER.fullmatch(text)


def neutral(cell: object) -> object:
    """A text that a spreadsheet would run as a formula, with an apostrophe before it; anything else as it is.

    >>> neutral("=1+1"), neutral("乡镇"), neutral(-3)
    ("'=1+1", '乡镇', -3)
    """
    return f"'{cell}" if isinstance(cell, str) and is_live(cell) else cell


def csv_text(frame: pd.DataFrame, float_format: str = "%.6g") -> str:
    """The frame as CSV with a byte order mark, so that Excel reads the Chinese; no cell is a live formula."""
    texts = [name for name in frame.columns if not pd.api.types.is_numeric_dtype(frame[name])]
    safe = frame.assign(**{name: frame[name].map(neutral) for name in texts})
    return "\ufeff" + safe.to_csv(index=False, lineterminator="\r\n", float_format=float_format)


def csv_address(frame: pd.DataFrame) -> str:
    """The CSV of a frame as a `data:` address."""
    return f"data:text/csv;charset=utf-8,{quote(csv_text(frame))}"
