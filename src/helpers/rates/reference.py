"""National and provincial series to compare with: the rows of `data/reference`, one vintage throughout."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.catalogue import Row, read_rows
from helpers.errors import CatalogueError, InputError
from helpers.periods import Period
from helpers.workspace import REFERENCE

NATION = "national"
VINTAGES = ("revised", "first")
# Value of each unit in terms of the measures' own (per 1000, per 100, per 100 000, persons).
UNITS = {"per_mille": 1, "percent": 1, "per_mille_live_births": 1, "per_100k_live_births": 1, "males_per_100_females": 1,
         "10k_persons": 10_000}
# A value this many years off may stand in, and is said to.
YEARS_OFF = 2
COLUMNS = ["indicator", "area", "year", "value", "unit", "vintage", "publisher", "note"]


def _record(row: Row) -> dict:
    year, value = row["year"], row["value"]
    if not (year.isdigit() and len(year) == 4):
        raise row.refuse("year", "is not a year")
    try:
        number = float(value)
    except ValueError:
        raise row.refuse("value", "is not a number") from None
    if not np.isfinite(number):
        raise row.refuse("value", "is not a finite number")
    scale = UNITS[row.one_of("unit", UNITS)]
    row.one_of("vintage", {"", *VINTAGES})
    return {**{name: row[name] for name in COLUMNS}, "year": int(year), "value": number * scale, "left_out": row["left_out"]}


def load(folder: Path = REFERENCE, *, vintage: str = "revised") -> pd.DataFrame:
    """The series in use, one value for each indicator, area and year: columns `COLUMNS`.

    folder: every CSV file in it is read, so that a series of one's own is a file of one's own; vintage:
    "revised" (after the 2020 census) or "first" for years published twice. Rows with a reason in `left_out`
    stay out. Populations and counts come in persons. Raises CatalogueError for a row that does not fit or a
    second value for one indicator, area and year; InputError for another vintage.

    >>> series = load()
    >>> nation = series[(series["area"] == "national") & (series["year"] == 2016)].set_index("indicator")["value"]
    >>> float(nation["birth_rate"])
    13.57
    """
    return _load(folder, vintage).copy()


@cache
def _load(folder: Path, vintage: str) -> pd.DataFrame:
    if vintage not in VINTAGES:
        raise InputError(f"vintage is {vintage!r}: it can be {' or '.join(VINTAGES)}.")
    records = [_record(row) for path in sorted(folder.glob("*.csv")) for row in read_rows(path.stem, folder)]
    frame = pd.DataFrame(records, columns=[*COLUMNS, "left_out"])
    other = next(name for name in VINTAGES if name != vintage)
    frame = frame[(frame["left_out"] == "") & (frame["vintage"] != other)][COLUMNS]
    twice = frame[frame.duplicated(["indicator", "area", "year"])]
    if len(twice):
        row = twice.iloc[0]
        raise CatalogueError(
            f"{folder} holds two values of {row['indicator']} for {row['area']} in {row['year']}: "
            "give one of them a reason in the column left_out."
        )
    return frame.sort_values(["indicator", "area", "year"], ignore_index=True)


def area_of(province: str, areas: set[str]) -> str:
    """The area of the series that a province is, written with or without 省, 市, 自治区.

    >>> area_of("湖南省", {"湖南", "湖北"}), area_of("内蒙古自治区", {"内蒙古"}), area_of("", {"湖南"})
    ('湖南', '内蒙古', '')
    """
    return next((area for area in areas if area and province.startswith(area)), "")


def _year_value(series: dict[int, float], year: int) -> tuple[float, bool]:
    """The value of a year, else of the nearest within two years (the earlier of two), and whether it is another's."""
    if year in series:
        return series[year], False
    near = [candidate for candidate in series if abs(candidate - year) <= YEARS_OFF]
    return (series[min(near, key=lambda candidate: (abs(candidate - year), candidate))], True) if near else (np.nan, False)


def benchmark(series: dict[int, float], period: Period) -> tuple[float, str]:
    """A yearly series brought to a period: its years weighted by the days the period has in each.

    A family-planning year (1 October to 30 September) so becomes 92/365 of the year before and 273/365 of
    its own, with the flag `mixed_benchmark`; a value up to two years off is flagged `benchmark_other_year`.
    NaN where a year has none, or the period's year is not known.

    >>> from helpers.periods import parse
    >>> benchmark({2014: 10.0, 2015: 20.0}, parse("2014-10/2015-09"))
    (17.47945205479452, 'mixed_benchmark')
    """
    if period.start is None:
        return np.nan, ""
    total, weights, stood_in = 0.0, 0, False
    for year in range(period.start.year, period.end.year + 1):
        first, last = max(period.start, date(year, 1, 1)), min(period.end, date(year, 12, 31))
        value, other = _year_value(series, year)
        days = (last - first + timedelta(days=1)).days
        total, weights, stood_in = total + days * value, weights + days, stood_in or other
    mixed = period.start.year != period.end.year
    flags = [flag for flag, holds in (("mixed_benchmark", mixed), ("benchmark_other_year", stood_in)) if holds]
    value = total / weights
    return (value, ";".join(flags)) if np.isfinite(value) else (np.nan, "")
