"""The figures a reader of the published tables would hold: one interval a cell, whatever documents state it.

A cell is place, period, indicator and dims. The population base is no part of it: births of the registered population
and births without a base are often the same number, and hiding one of them would hide nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import pandas as pd

from helpers.catalogue import indicators
from helpers.identities import Key

# Units of counts that count no people and no events of people's lives.
_NO_PERSONS = ("village", "township")
_SCALE = {"percent": 100.0, "permille": 1000.0, "per_100k": 100000.0}
# The target group of a programme is the denominator of its coverage, whether met or set.
_TASKS = ("prepreg_target", "folic_target")
_YEAR_END = re.compile(r"(\d{4})-12(?:-31)?")
_WHOLE_YEAR = re.compile(r"(\d{4})-01(?:-01)?/(\d{4})-12(?:-31)?")


class Cell(NamedTuple):
    """What one number is about; `key` is the figure's name in the identities."""

    place: str
    period: str
    key: Key


@dataclass(frozen=True)
class Stated:
    """What the documents say of one cell: the numbers it may be (in the indicator's unit), and the facts that say so."""

    low: float
    high: float
    facts: tuple[str, ...]


@lru_cache(maxsize=65536)
def same_year(period: str) -> str:
    """A year under one name, however it is written.

    >>> same_year("2017-01/2017-12"), same_year("2017-12-31"), same_year("2017-01/2017-06")
    ('2017', '2017', '2017-01/2017-06')
    """
    if found := _WHOLE_YEAR.fullmatch(period):
        return found[1] if found[1] == found[2] else period
    found = _YEAR_END.fullmatch(period)
    return found[1] if found else period


@lru_cache(maxsize=65536)
def key_of(code: str, dims: str) -> Key:
    """The figure's name: dims sorted, the residence left out (and the age of older people, who are 65 and over anyhow)."""
    unsaid = ("residence", "age") if code.startswith("elderly_") else ("residence",)
    pairs = json.loads(dims or "{}")
    return code, tuple(sorted((str(name), str(value)) for name, value in pairs.items() if name not in unsaid))


def is_count(key: Key) -> bool:
    """Whether a figure counts people or events."""
    known = indicators().get(key[0])
    return known is not None and known.kind == "count" and known.unit not in _NO_PERSONS


def cell_of(row) -> Cell:
    """The cell of a row of FACTS; a period that is not settled is its document's own."""
    period = same_year(row.period)
    return Cell(row.place_id, period if period and "X" not in period else f"{period}@{row.doc}#{row.section}", key_of(row.code, row.dims))


def stated_cells(facts: pd.DataFrame) -> dict[Cell, Stated]:
    """What the observed and earlier figures of FACTS say, cell by cell; of rivals the widest interval."""
    told = facts["status"].isin(("observed", "previous")) | facts["code"].isin(_TASKS)
    rows = facts[told & facts["code"].isin(set(indicators())) & facts["low"].notna() & facts["high"].notna()]
    found: dict[Cell, Stated] = {}
    for row in rows.itertuples():
        cell = cell_of(row)
        scale = _scale(row.code, row.unit)
        before = found.get(cell, Stated(float("inf"), float("-inf"), ()))
        found[cell] = Stated(min(before.low, scale * row.low), max(before.high, scale * row.high), (*before.facts, row.fact))
    return found


def _scale(code: str, unit: str) -> float:
    """What turns a figure in `unit` into the unit of its indicator: 1.2% is 12 per mille."""
    wanted = indicators()[code].unit
    return _SCALE[wanted] / _SCALE[unit] if unit in _SCALE and wanted in _SCALE else 1.0


def is_small(stated: Stated, below: int) -> bool:
    """Whether a count is sure to lie from 1 to below - 1, or may for all that is said.

    >>> is_small(Stated(3, 3, ()), 5), is_small(Stated(0, 0, ()), 5), is_small(Stated(5, 5, ()), 5)
    (True, False, False)
    """
    return stated.high >= 1 and stated.high < below


def by_place(cells: Mapping[Cell, Stated]) -> dict[str, dict[str, dict[Key, Stated]]]:
    """The cells sorted by place and period."""
    found: dict[str, dict[str, dict[Key, Stated]]] = {}
    for cell, stated in cells.items():
        found.setdefault(cell.place, {}).setdefault(cell.period, {})[cell.key] = stated
    return found
