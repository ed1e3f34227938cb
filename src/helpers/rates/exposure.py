"""Person-years: how long a population was exposed, and rates of a part of a year brought to a year."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.errors import InputError
from helpers.rates.inputs import (
    REFUSED,
    as_numbers,
    broadcast,
    confidence_level,
    positive_number,
    result,
    shared_index,
    statuses,
)
from helpers.rates.intervals import exact_limits

DAY, MONTH, YEAR = "datetime64[D]", "datetime64[M]", "datetime64[Y]"
# Births swing 5 to 8 % over a year (METHODS 1.1): rates of part of a year get half-widths 8 % wider.
SEASONAL_WIDENING = 1.08
# Opening against closing population: above the first a boundary change or migration is likely, above the
# second no mean of the two is a population anybody lived in.
POPULATION_JUMP, POPULATION_BREAK = 1.05, 1.5


def as_days(name: str, values) -> np.ndarray:
    """Dates (date, Timestamp, "YYYY-MM-DD", one or many) as numpy days; NaT where missing.

    Raises InputError for text that is no date.
    """
    column = values if isinstance(values, pd.Series) else pd.Series(np.atleast_1d(np.asarray(values, dtype=object)))
    try:
        return pd.to_datetime(column.replace("", None), errors="raise").to_numpy().astype(DAY)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} holds something that is no date: {error}. Write dates as 2014-10-01.") from error


def _years_later(day: np.ndarray, years: np.ndarray) -> np.ndarray:
    """The same date so many years later (29 February gives 1 March)."""
    month_start = day.astype(MONTH)
    return (month_start + 12 * years).astype(DAY) + (day - month_start.astype(DAY))


def years_between(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Years from `start` to `end`, both days included, by days: 1 for any whole year.

    Part of one calendar year is counted against that year's 365 or 366 days (the practice of Taiwan's
    Ministry of the Interior); a period that crosses into another year against the days from its first day
    to the same date next year; of several years the whole ones count 1 each. NaN where a date is missing
    or the end lies before the start.

    >>> float(years_between(np.datetime64("2014-10-01"), np.datetime64("2015-06-30")).round(6))
    0.747945
    """
    start, end = np.asarray(start, dtype=DAY), np.asarray(end, dtype=DAY)
    known = ~np.isnat(start) & ~np.isnat(end)
    start = np.where(known, start, np.datetime64("2001-01-01"))
    after = np.where(known, end, np.datetime64("2001-12-31")) + 1
    whole = np.maximum(after.astype(YEAR).astype(int) - start.astype(YEAR).astype(int), 0)
    whole = np.where(_years_later(start, whole) > after, whole - 1, whole)
    whole = np.maximum(whole, 0)
    anniversary = _years_later(start, whole)
    rest = (after - anniversary).astype(float)
    one_calendar_year = (after - 1).astype(YEAR) == start.astype(YEAR)
    january = start.astype(YEAR).astype(DAY)
    length = np.where(one_calendar_year, _years_later(january, np.ones_like(whole)) - january,
                      _years_later(anniversary, np.ones_like(whole)) - anniversary).astype(float)
    return np.where(known & (after > start), whole + rest / length, np.nan)


def months_between(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Completed months from `start` to `end`, both days included; -1 where a date is missing.

    >>> int(months_between(np.datetime64("2014-10-01"), np.datetime64("2015-06-29")))
    8
    """
    start, end = np.asarray(start, dtype=DAY), np.asarray(end, dtype=DAY)
    known = ~np.isnat(start) & ~np.isnat(end)
    start = np.where(known, start, np.datetime64("2001-01-01"))
    after = np.where(known, end, np.datetime64("2000-12-01")) + 1
    months = (after.astype(MONTH) - start.astype(MONTH)).astype(int)
    day_of_month = (start - start.astype(MONTH).astype(DAY)).astype(int)
    reached = (after - after.astype(MONTH).astype(DAY)).astype(int) >= day_of_month
    return np.where(known, np.where(reached, months, months - 1), -1)


def mean_population(opening: np.ndarray, closing: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean of opening and closing population, or the only one there is; flags; whether to refuse.

    Official practice: 年平均人口 = (年初 + 年末) / 2. Populations that differ by more than 5 % are flagged
    `boundary_change`, by a factor of 1.5 or more refused.
    """
    both = ~np.isnan(opening) & ~np.isnan(closing)
    mean = np.where(both, (opening + closing) / 2, np.where(np.isnan(closing), opening, closing))
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.maximum(opening, closing) / np.minimum(opening, closing)
    flags = np.select(
        [both & (factor > POPULATION_JUMP), ~both & ~np.isnan(closing), ~both & ~np.isnan(opening)],
        ["boundary_change", "closing_population_used", "opening_population_used"], "",
    ).astype(object)
    return mean, flags, both & (factor >= POPULATION_BREAK)


def join_flags(*columns: np.ndarray) -> np.ndarray:
    """Flags of several columns, row by row, joined by a semicolon; empty ones are left out."""
    if not len(columns):
        return np.array([], dtype=object)
    joined = np.full(np.shape(columns[0]), "", dtype=object)
    for column in columns:
        column = np.asarray(column, dtype=object)
        joined = np.where(column == "", joined, np.where(joined == "", column, joined + (";" + column)))
    return joined


def widen(value, low, high, *, signed: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Limits 8 % farther from the value, for the season; not below 0 unless the figure is `signed`."""
    wider = value - SEASONAL_WIDENING * (value - low)
    return wider if signed else np.maximum(wider, 0.0), value + SEASONAL_WIDENING * (high - value)


def annualised_rate(events, population_start, population_end, start, end, *, per: float = 1000,
                    confidence: float = 0.95) -> pd.DataFrame:
    """The yearly rate that events of any period stand for: per · events / mean population / years by days.

    events: 0 or more; populations at the two ends, above 0, one of them may be missing; start, end: first and
    last day (date, Timestamp or YYYY-MM-DD). Gives `value low high method status flags years`: exact
    limits scaled alike, their half-widths 8 % wider under twelve months (season; flag `seasonal`); flags
    also say `under_six_months`, `closing_population_used`, `boundary_change`. Less than a month, or
    populations that differ by half, are `refused`; an end before the start is `invalid`.

    >>> annualised_rate(858, 159184, 159184, "2014-10-01", "2015-06-30").round(2)[["value", "low", "high", "flags"]]
       value   low  high     flags
    0   7.21  6.69  7.75  seasonal
    """
    level, per = confidence_level(confidence), positive_number("per", per)
    inputs = {"events": events, "population_start": population_start, "population_end": population_end}
    columns = {name: as_numbers(name, value) for name, value in inputs.items()}
    days = {"start": as_days("start", start), "end": as_days("end", end)}
    data, index = broadcast({**columns, **days}, shared_index({**inputs, "start": start, "end": end}))
    count, opening, closing = data["events"], data["population_start"], data["population_end"]
    mean, population_flags, broken = mean_population(opening, closing)
    undated = np.isnat(data["start"]) | np.isnat(data["end"])
    years, months = years_between(data["start"], data["end"]), months_between(data["start"], data["end"])
    impossible = (count < 0) | (opening <= 0) | (closing <= 0) | np.isinf(count) | np.isinf(mean) | np.isnan(years)
    status = statuses(np.isnan(count) | np.isnan(mean) | undated, impossible)
    status = np.where((status == "ok") & (broken | (months < 1)), REFUSED, status).astype(object)
    good = status == "ok"
    count, scale = np.where(good, count, 1.0), per / np.where(good, mean * years, 1.0)
    low, high = (limit * scale for limit in exact_limits(count, level))
    part = good & (months < 12)
    wide_low, wide_high = widen(count * scale, low, high)
    flags = join_flags(np.where(good | (status == REFUSED), population_flags, ""), np.where(part, "seasonal", ""),
                       np.where(good & (months < 6), "under_six_months", ""))
    return result(index, status, value=count * scale, low=np.where(part, wide_low, low),
                  high=np.where(part, wide_high, high), method=np.where(part, "exact, widened", "exact"), flags=flags, years=years)
