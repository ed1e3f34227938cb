"""The period notation, as the facts write it."""

from __future__ import annotations

import calendar
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.periods import Period, days_in_year_from, parse, year_kind

# text, first day, last day, months, days, redacted, kind for a flow, kind for a stock
CASES = [
    ("2017", "2017-01-01", "2017-12-31", 12, 365, False, "calendar", "calendar"),
    ("2016", "2016-01-01", "2016-12-31", 12, 366, False, "calendar", "calendar"),
    ("2014-01/2014-06", "2014-01-01", "2014-06-30", 6, 181, False, "partial", "partial"),
    ("2014-01/2014-12", "2014-01-01", "2014-12-31", 12, 365, False, "calendar", "calendar"),
    ("2014-10/2015-06", "2014-10-01", "2015-06-30", 9, 273, False, "partial", "partial"),
    ("2015-10/2016-06", "2015-10-01", "2016-06-30", 9, 274, False, "partial", "partial"),
    ("2014-10/2015-09", "2014-10-01", "2015-09-30", 12, 365, False, "family_planning", "family_planning"),
    ("2014-04/2015-03", "2014-04-01", "2015-03-31", 12, 365, False, "partial", "partial"),
    ("2016-05", "2016-05-01", "2016-05-31", 1, 31, False, "partial", "point"),
    ("2016-02", "2016-02-01", "2016-02-29", 1, 29, False, "partial", "point"),
    ("2018-01-05", "2018-01-05", "2018-01-05", None, 1, False, "point", "point"),
    ("2014-10-01/2015-06-30", "2014-10-01", "2015-06-30", 9, 273, False, "partial", "partial"),
    ("2014-10-01/2015-09-30", "2014-10-01", "2015-09-30", 12, 365, False, "family_planning", "family_planning"),
    ("2014-10-01/2015-06-20", "2014-10-01", "2015-06-20", None, 263, False, "partial", "partial"),
    ("2010-01/2012-12", "2010-01-01", "2012-12-31", 36, 1096, False, "partial", "partial"),
    ("2010/2012", "2010-01-01", "2012-12-31", 36, 1096, False, "partial", "partial"),
    ("20XX-10/20XX-06", None, None, 9, None, True, "partial", "partial"),
    ("20XX-01/20XX-06", None, None, 6, None, True, "partial", "partial"),
    ("20XX-10/20XX-09", None, None, 12, None, True, "family_planning", "family_planning"),
    ("20XX-01/20XX-12", None, None, 12, None, True, "calendar", "calendar"),
    ("20XX-05", None, None, 1, None, True, "partial", "point"),
    ("XXXX-XX", None, None, None, None, True, "unknown", "unknown"),
    ("20XX-05-31", None, None, None, 1, True, "point", "point"),
    ("20XX", None, None, 12, None, True, "calendar", "calendar"),
    ("XXXX", None, None, 12, None, True, "calendar", "calendar"),
    ("20XX/20XX", None, None, None, None, True, "unknown", "unknown"),
    ("", None, None, None, None, False, "unknown", "unknown"),
]


@pytest.mark.parametrize(("text", "start", "end", "months", "days", "redacted", "flow", "stock"), CASES)
def test_a_period_is_read_as_its_notation_says(text, start, end, months, days, redacted, flow, stock):
    period = parse(text)
    day = date.fromisoformat
    assert period == Period(text, start and day(start), end and day(end), months, days, redacted)
    assert (year_kind(period), year_kind(period, "stock")) == (flow, stock)


@pytest.mark.parametrize("text", ["2014-13", "2014-00", "2014-02-30", "0000", "9999", "14", "2014-1", "2014-01/2014-06/2015", "去年", "2014-01/", "/"])
def test_text_outside_the_notation_says_so_and_gives_no_dates(text):
    period = parse(text)
    assert period.problem and period.start is None and period.months is None
    assert year_kind(period) == "unknown"


def test_a_period_that_ends_before_it_starts_says_so():
    period = parse("2015-06/2014-10")
    assert period.problem == "it ends before it starts"
    assert (period.start, period.days, year_kind(period)) == (None, None, "unknown")


def test_the_year_is_the_one_the_period_ends_in():
    assert parse("2014-10/2015-06").year == 2015
    assert parse("20XX-10/20XX-06").year is None


@given(st.dates(date(1949, 1, 1), date(2100, 12, 1)), st.integers(0, 60))
def test_months_and_days_agree_with_the_calendar(start, further):
    last = start.year * 12 + start.month - 1 + further
    year, month = divmod(last, 12)
    period = parse(f"{start.year}-{start.month:02}/{year}-{month + 1:02}")
    assert period.months == further + 1
    assert period.start == start.replace(day=1)
    assert period.end == date(year, month + 1, calendar.monthrange(year, month + 1)[1])
    assert period.days == (period.end - period.start).days + 1


@given(st.integers(1, 12), st.integers(0, 11))
def test_striking_out_the_year_keeps_months_and_kind(month, further):
    year, last = divmod(2013 * 12 + month - 1 + further, 12)
    known = parse(f"2013-{month:02}/{year}-{last + 1:02}")
    hidden = parse(f"20XX-{month:02}/20XX-{last + 1:02}")
    assert hidden.months == known.months
    assert year_kind(hidden) == year_kind(known)


@given(st.text(max_size=25))
def test_no_text_makes_the_parser_fail(text):
    period = parse(text)
    assert period.start is None or period.start <= period.end


@given(st.dates(date(1949, 1, 1), date(2100, 1, 1)))
def test_a_year_from_any_day_has_365_or_366_days(day):
    assert days_in_year_from(day) in (365, 366)
