"""Years struck out or not given, as the manifest settles them."""

import pytest

from helpers.curate import settle_years
from helpers.curate.years import fill
from helpers.documents.manifest import Entry
from helpers.schema import FACTS


def facts(*rows):
    """FACTS of (code, value, period, status)."""
    return FACTS.conform([{"fact": f"f{n}", "doc": "a", "section": 1, "code": code, "value": value, "period": period, "status": status,
                           "unit": "person", "year_kind": "unknown"} for n, (code, value, period, status) in enumerate(rows)])


@pytest.mark.parametrize(("period", "told", "expected", "why"), [
    ("20XX", "2014", "2014", "one year told, one struck out"),
    ("XXXX-10/XXXX-06", "2014", "2013-10/2014-06", "the year a period ends in"),
    ("20XX-01/20XX-06", "2014", "2014-01/2014-06", ""),
    ("20XX-10/20XX-06", "2013-10/2014-06", "2013-10/2014-06", "two years told"),
    ("20XX-12", "2013-10/2014-09", "2013-12", "the only December in it"),
    ("20XX-03", "2013-10/2014-09", "2014-03", "the only March in it"),
    ("", "2014", "2014", "no period in the text"),
    ("20XX", "2013-10/2014-09", "20XX", "either year would do"),
    ("19XX", "2014", "19XX", "another century"),
    ("201X", "2014", "2014", "one digit struck out"),
    ("20XX", "20XX", "20XX", "the manifest does not know either"),
    ("20XX", "", "20XX", "the manifest does not say"),
    ("20XX-02-30", "2014", "20XX-02-30", "no such day"),
])
def test_a_struck_out_year_is_filled_only_where_one_year_fits(period, told, expected, why):
    assert fill(period, told) == expected, why


def test_what_is_dated_or_of_an_earlier_year_stays_as_read():
    before = facts(("births", "336", "20XX", "observed"), ("births", "340", "20XX", "previous"), ("deaths", "12", "2012", "observed"))
    after = settle_years(before, {"a": Entry("a", period="2014")})
    assert list(after["period"]) == ["2014", "20XX", "2012"]
    assert list(after["year_kind"]) == ["calendar", "unknown", "unknown"]
    assert list(before["period"]) == ["20XX", "20XX", "2012"], "the argument is not changed"


def test_two_struck_out_years_of_one_article_are_not_made_one():
    before = facts(("births", "336", "20XX", "observed"), ("births", "340", "20XX", "observed"), ("deaths", "12", "20XX", "observed"))
    assert list(settle_years(before, {"a": Entry("a", period="2014")})["period"]) == ["20XX", "20XX", "2014"]


def test_a_line_about_an_article_settles_that_article():
    before = facts(("births", "336", "", "observed"))
    assert list(settle_years(before, {"a#1": Entry("a#1", period="2014"), "a": Entry("a", period="2015")})["period"]) == ["2014"]
