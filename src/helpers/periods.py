"""The period notation of the facts: what stretch of time a figure speaks of.

    2017                    a calendar year
    2014-10/2015-06         months, first and last included
    2016-05, 2018-01-05     a month, a day
    20XX-10/20XX-06         the same with the year struck out by the publisher: nine months, year unknown
    (empty)                 the text gives none

Nothing here raises: a text that is not in the notation, or that ends before it starts, comes back with
`problem` in words and without dates, so that one bad row does not stop a table.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

CALENDAR, FAMILY_PLANNING, PARTIAL, POINT, UNKNOWN = "calendar", "family_planning", "partial", "point", "unknown"
YEAR_KINDS = (CALENDAR, FAMILY_PLANNING, PARTIAL, POINT, UNKNOWN)
# "从1998年起计生委年报的调查期为上年10月1日至当年9月30日" (天津统计年鉴2001, note to table 2-7)
FAMILY_PLANNING_FIRST_MONTH = 10

# Beyond these a "year" is some other number.
_YEARS = range(1000, 3000)
_MOMENT = re.compile(r"(?P<year>[0-9X]{4})(?:-(?P<month>[0-9X]{2})(?:-(?P<day>[0-9X]{2}))?)?")


@dataclass(frozen=True)
class Period:
    """A stretch of time: first and last day (both included), whole months, days; None where not known."""

    text: str
    start: date | None = None
    end: date | None = None
    months: int | None = None
    days: int | None = None
    redacted: bool = False
    problem: str = ""

    @property
    def year(self) -> int | None:
        """The calendar year the period ends in."""
        return self.end.year if self.end else None


@dataclass(frozen=True)
class _Moment:
    """One end of a period; `year` is None where it is struck out, `month` and `day` where not given."""

    printed_year: str
    year: int | None
    month: int | None
    day: int | None


def _moment(text: str) -> _Moment | None:
    found = _MOMENT.fullmatch(text)
    if not found:
        return None
    number = {name: int(part) if part and part.isdigit() else None for name, part in found.groupdict().items()}
    if number["month"] is not None and not 1 <= number["month"] <= 12:
        return None
    if number["year"] is not None and number["year"] not in _YEARS:
        return None
    if number["day"] is not None:
        # A day of a struck-out year is checked against a leap year: 29 February may be right.
        longest = monthrange(number["year"] or 2000, number["month"] or 1)[1]
        if not 1 <= number["day"] <= longest:
            return None
    return _Moment(found["year"], number["year"], number["month"], number["day"])


def _first_day(moment: _Moment) -> date:
    return date(moment.year, moment.month or 1, moment.day or 1)


def _last_day(moment: _Moment) -> date:
    month = moment.month or 12
    return date(moment.year, month, moment.day or monthrange(moment.year, month)[1])


def whole_months(start: date, end: date) -> int | None:
    """Months from `start` to `end` (both included), None unless they are whole.

    >>> whole_months(date(2014, 10, 1), date(2015, 6, 30))
    9
    >>> whole_months(date(2014, 10, 1), date(2015, 6, 29)) is None
    True
    """
    after = end + timedelta(days=1) if end < date.max else end
    if after.day != start.day:
        return None
    return (after.year - start.year) * 12 + after.month - start.month


def _redacted(text: str, first: _Moment, last: _Moment) -> Period:
    """Months of a period whose year is struck out: the shortest reading, as the reports mean it."""
    hidden = Period(text, redacted=True)
    if first is last and first.day is not None:
        return Period(text, days=1, redacted=True)
    if first is last and "X" in text.partition("-")[2]:
        return hidden
    if first.day is not None or last.day is not None or "X" in text.replace(first.printed_year, "").replace(last.printed_year, ""):
        return hidden
    if first.month is None and last.month is None:
        # "20XX" is one year; how many "20XX/20XX" spans is not said.
        return Period(text, months=12, redacted=True) if first is last else hidden
    months = ((last.month or 12) - (first.month or 1)) % 12 + 1
    return Period(text, months=months, redacted=True)


@lru_cache(maxsize=65536)
def parse(period: str) -> Period:
    """Read a period as written in the facts.

    Returns a `Period`; where the year is struck out (`20XX`) the dates are None and `months` holds what
    the months alone tell. Text outside the notation gives a Period with `problem` set and nothing else.
    Notation: `gold/SCHEMA.md` of the mission, repeated in docs/data-dictionary.md.

    >>> parse("2014-10/2015-06").days
    273
    >>> parse("20XX-10/20XX-06").months
    9
    >>> parse("2015-06/2014-10").problem
    'it ends before it starts'
    """
    text = period.strip()
    if not text:
        return Period(text)
    parts = text.split("/")
    moments = [_moment(part) for part in parts]
    if len(parts) > 2 or None in moments:
        return Period(text, problem="it is not YYYY, YYYY-MM, YYYY-MM-DD or two of them joined by a slash")
    first, last = moments[0], moments[-1]
    if "X" in text:
        return _redacted(text, first, last)
    start, end = _first_day(first), _last_day(last)
    if end < start:
        return Period(text, problem="it ends before it starts")
    return Period(text, start, end, whole_months(start, end), (end - start).days + 1)


def _first_month(period: Period) -> int:
    """The month a period starts in, also where its year is struck out; a bare year starts in January."""
    if period.start:
        return period.start.month
    found = _MOMENT.match(period.text)
    return int(found["month"] or 1)


def year_kind(period: Period | str, flow: str = "flow") -> str:
    """Which kind of year a period is: calendar, family_planning, partial, point or unknown.

    Twelve months from 1 January are `calendar`, from 1 October `family_planning`; any other stretch
    (part of a year, several years) is `partial` and must be annualised before it is compared. A day is a
    `point`; so is a single month, if the indicator is a stock (`flow="stock"`).

    >>> year_kind("2014-10/2015-09"), year_kind("2014-10/2015-06"), year_kind("2016-05", "stock")
    ('family_planning', 'partial', 'point')
    """
    if isinstance(period, str):
        period = parse(period)
    if period.days == 1:
        return POINT
    if period.months is None:
        return PARTIAL if period.days else UNKNOWN
    if period.months == 1 and flow == "stock":
        return POINT
    if period.months == 12 and (period.start is None or period.start.day == 1):
        return {1: CALENDAR, FAMILY_PLANNING_FIRST_MONTH: FAMILY_PLANNING}.get(_first_month(period), PARTIAL)
    return PARTIAL


def year_after(day: date) -> date:
    """The same date a year later (29 February gives 1 March)."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return date(day.year + 1, 3, 1)


def days_in_year_from(start: date) -> int:
    """Days from `start` to the same date a year later: 365 or 366.

    >>> days_in_year_from(date(2015, 10, 1)), days_in_year_from(date(2016, 10, 1))
    (366, 365)
    """
    return (year_after(start) - start).days
