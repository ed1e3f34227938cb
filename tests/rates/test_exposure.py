"""Person-years: whole years, parts of years, and the populations they are counted with."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import rates
from helpers.errors import InputError
from helpers.rates.exposure import months_between, years_between


def day(text: str) -> np.datetime64:
    return np.datetime64(text)


# first day, last day, years, completed months, why
LENGTHS = [
    ("2014-01-01", "2014-12-31", 1, 12, "a calendar year"),
    ("2016-01-01", "2016-12-31", 1, 12, "a leap year is one year"),
    ("2014-10-01", "2015-09-30", 1, 12, "a family-planning year"),
    ("2015-10-01", "2016-09-30", 1, 12, "one with 29 February"),
    ("2014-10-01", "2015-06-30", 273 / 365, 9, "October to June"),
    ("2015-10-01", "2016-06-30", 274 / 366, 9, "October to June over 29 February"),
    ("2014-01-01", "2014-06-30", 181 / 365, 6, "half a year"),
    ("2016-03-01", "2016-03-31", 31 / 366, 1, "a month is counted against its calendar year"),
    ("2010-01-01", "2012-12-31", 3, 36, "three years"),
    ("2012-02-29", "2013-02-28", 1, 12, "a year from 29 February"),
    ("2014-01-01", "2014-01-30", 30 / 365, 0, "not quite a month"),
    ("2014-01-15", "2014-02-14", 31 / 365, 1, "a month from its middle"),
]


@pytest.mark.parametrize(("start", "end", "years", "months", "why"), LENGTHS, ids=[case[-1] for case in LENGTHS])
def test_periods_are_as_long_as_their_days(start, end, years, months, why):
    assert float(years_between(day(start), day(end))) == pytest.approx(years), why
    assert int(months_between(day(start), day(end))) == months, why


def test_a_period_that_ends_before_it_starts_has_no_length():
    assert np.isnan(years_between(day("2015-06-30"), day("2014-10-01")))
    assert np.isnan(years_between(np.datetime64("NaT"), day("2014-10-01")))


@given(st.dates(date(1950, 1, 1), date(2080, 1, 1)), st.integers(1, 6))
def test_any_whole_number_of_years_counts_as_such(start, years):
    end = np.datetime64(start.replace(year=start.year + years) if (start.month, start.day) != (2, 29) else date(start.year + years, 3, 1)) - 1
    assert float(years_between(np.datetime64(start), end)) == pytest.approx(years)


# events, opening, closing, first, last day, status, flags
ANNUALISED = [
    (858, 159184, 159184, "2014-10-01", "2015-06-30", "ok", "seasonal"),
    (100, 10000, 10200, "2014-01-01", "2014-12-31", "ok", ""),
    (100, None, 10200, "2014-01-01", "2014-12-31", "ok", "closing_population_used"),
    (100, 10000, None, "2014-01-01", "2014-12-31", "ok", "opening_population_used"),
    (100, 10000, 10600, "2014-01-01", "2014-12-31", "ok", "boundary_change"),
    (100, 10000, 15000, "2014-01-01", "2014-12-31", "refused", "boundary_change"),
    (40, 10000, 10000, "2014-01-01", "2014-05-31", "ok", "seasonal;under_six_months"),
    (4, 10000, 10000, "2014-01-01", "2014-01-20", "refused", ""),
    (100, None, None, "2014-01-01", "2014-12-31", "missing", ""),
    (None, 10000, 10000, "2014-01-01", "2014-12-31", "missing", ""),
    (100, 10000, 10000, None, "2014-12-31", "missing", ""),
    (100, 10000, 10000, "2014-12-31", "2014-01-01", "invalid", ""),
    (-1, 10000, 10000, "2014-01-01", "2014-12-31", "invalid", ""),
    (1, 0, 10000, "2014-01-01", "2014-12-31", "invalid", ""),
]


@pytest.mark.parametrize(("events", "opening", "closing", "start", "end", "status", "flags"), ANNUALISED)
def test_annualised_rates_say_what_they_rest_on(events, opening, closing, start, end, status, flags):
    row = rates.annualised_rate(events, opening, closing, start, end).iloc[0]
    assert (row["status"], row["flags"]) == (status, flags)
    assert np.isnan(row["value"]) == (status != "ok")


def test_a_part_of_a_year_is_scaled_by_days_and_its_interval_widened():
    nine = rates.annualised_rate(858, 159184, 159184, "2014-10-01", "2015-06-30").iloc[0]
    exact = rates.rate_interval(858, 159184 * 273 / 365, method="exact").iloc[0]
    assert nine["value"] == pytest.approx(exact["value"])
    assert nine["high"] - nine["value"] == pytest.approx(1.08 * (exact["high"] - exact["value"]))
    assert nine["value"] - nine["low"] == pytest.approx(1.08 * (exact["value"] - exact["low"]))


def test_no_event_in_part_of_a_year_keeps_its_lower_limit_at_zero():
    row = rates.annualised_rate([0, 1], 5000, 5000, "2014-01-01", "2014-06-30")
    assert (row["low"] == 0).all() and row["high"].iloc[0] > 0


def test_a_month_of_a_leap_year_is_scaled_by_its_calendar_year():
    row = rates.annualised_rate([10, 10], 5000, 5000, ["2016-03-01", "2015-03-01"], ["2016-03-31", "2015-03-31"])
    assert row["value"].tolist() == pytest.approx([2 * 366 / 31, 2 * 365 / 31])


def test_dates_come_in_any_usual_form():
    forms = ["2014-01-01", date(2014, 1, 1), pd.Timestamp("2014-01-01"), np.datetime64("2014-01-01")]
    values = [rates.annualised_rate(100, 10000, 10000, form, "2014-06-30")["value"].iloc[0] for form in forms]
    assert len(set(values)) == 1
    with pytest.raises(InputError, match="no date"):
        rates.annualised_rate(100, 10000, 10000, "去年", "2014-06-30")
