"""Numbers and periods as a reader sees them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.errors import CatalogueError, InputError
from helpers.figures.labels import Labels
from helpers.figures.numbers import decimals_for, interval, number


@pytest.mark.parametrize(("value", "decimals", "shown"), [
    (30317, None, "30,317"), (float("nan"), None, "—"), (None, None, "—"), (0, None, "0"), (-0.35, 2, "−0.35"),
    (-0.001, 2, "0.00"), (float("inf"), None, "∞"), (11.083, None, "11.08"),
])
def test_a_number_is_rounded_only_for_display_and_missing_is_a_dash(value, decimals, shown):
    assert number(value, decimals) == shown


@given(st.floats(-1e9, 1e9), st.integers(0, 3))
def test_a_shown_number_reads_back_to_its_rounding(value, decimals):
    back = float(number(value, decimals).replace(",", "").replace("−", "-"))
    assert math.isclose(back, value, abs_tol=0.5000001 * 10 ** -decimals, rel_tol=1e-12)


def test_wider_intervals_get_fewer_decimals():
    assert [decimals_for(10 - half, 10 + half) for half in (0.4, 0.99, 1.5, 60)] == [2, 2, 1, 0]


def test_a_minus_sign_keeps_the_dash_apart():
    assert interval(-0.875, 0.171, 2) == "−0.88 – 0.17"
    assert interval(3.7, 6.7, 1) == "3.7–6.7"


@pytest.mark.parametrize(("period", "zh", "en"), [
    ("2017", "2017年", "2017"), ("2014-01/2014-06", "2014年1月—6月", "January–June 2014"),
    ("2014-10/2015-09", "2014年10月—2015年9月", "October 2014–September 2015"), ("2016-05", "2016年5月", "May 2016"),
    ("2018-01-05", "2018年1月5日", "5 January 2018"), ("20XX", "某年（原文隐去）", "a year struck out"),
    ("20XX-10/20XX-06", "某年10月—次年6月", "October to June of the next year (year struck out)"), ("", "时期不详", "period not stated"),
])
def test_periods_are_told_in_words_and_unknown_years_stay_unknown(period, zh, en):
    assert Labels("zh").period(period) == zh
    assert Labels("en").period(period) == en


def test_a_label_that_does_not_exist_is_named():
    with pytest.raises(CatalogueError, match=r"no-such-label.*add the row"):
        Labels("zh")("no-such-label")


def test_a_language_that_does_not_exist_is_refused():
    with pytest.raises(InputError, match="zh, en"):
        Labels("fr")
