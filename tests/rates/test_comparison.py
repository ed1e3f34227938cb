"""Comparison, funnels, over-dispersion, smoothing, trend and many tests at once."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from helpers import rates
from helpers.errors import InputError
from helpers.rates.benchmarks import adjusted
from helpers.rates.comparison import hypergeometric_p_value


def test_the_p_value_and_the_interval_of_two_rates_agree():
    row = rates.compare_two(2, 17877, 10, 20000).iloc[0]
    assert row["p_value"] == pytest.approx(0.0606, abs=5e-5)
    assert row["low"] == pytest.approx(0.024, abs=5e-4) and row["high"] == pytest.approx(1.05, abs=5e-3)


@given(st.integers(0, 60), st.integers(0, 60), st.floats(0.2, 5))
def test_a_ratio_of_one_lies_outside_the_interval_just_when_p_is_small(first, second, ratio):
    row = rates.compare_two(first, 1000, second, 1000 * ratio).iloc[0]
    if abs(row["p_value"] - 0.05) > 1e-6:
        assert (row["p_value"] < 0.05) == (not row["low"] <= 1 <= row["high"])


@given(st.integers(0, 80), st.floats(0.1, 90))
def test_a_benchmark_lies_outside_the_interval_just_when_p_is_small(count, expected):
    row = rates.compare_to_reference(count, 1000, expected).iloc[0]
    if abs(row["p_value"] - 0.05) > 1e-6:
        assert (row["p_value"] < 0.05) == (not row["low"] <= expected <= row["high"])


@pytest.mark.parametrize(("count", "reference", "p", "ratio", "flags"), [
    (0, 0, 1, np.nan, ""), (3, 0, 0, np.inf, "zero_expected"), (0, 5, 2 * np.exp(-5), 0, ""), (5, 5, 1, 1, ""),
])
def test_nothing_expected_is_certain_only_where_nothing_happened(count, reference, p, ratio, flags):
    row = rates.compare_to_reference(count, 1000, reference).iloc[0]
    assert row["p_value"] == pytest.approx(p) and row["flags"] == flags
    assert row["ratio"] == pytest.approx(ratio, nan_ok=True)


@pytest.mark.parametrize(("first", "second", "value", "low", "high"), [(0, 0, np.nan, 0, np.inf), (0, 5, 0, 0, None), (5, 0, np.inf, None, np.inf)])
def test_two_rates_without_events_have_open_intervals(first, second, value, low, high):
    row = rates.compare_two(first, 100, second, 100).iloc[0]
    assert row["status"] == "ok" and row["value"] == pytest.approx(value, nan_ok=True)
    assert low is None or row["low"] == low
    assert high is None or row["high"] == high
    assert row["p_value"] == pytest.approx(1 if first == second else 2 * 0.5**5)


@given(st.integers(1, 60), st.integers(1, 400), st.data())
def test_the_summed_hypergeometric_test_is_scipys(drawn, others, data):
    count1, count2 = data.draw(st.integers(0, drawn)), data.draw(st.integers(0, others))
    total, hits = drawn + others, count1 + count2
    tails = stats.hypergeom.cdf(count1, total, hits, drawn), stats.hypergeom.sf(count1 - 1, total, hits, drawn)
    found = hypergeometric_p_value([count1], [drawn], [count2], [others])
    assert found[0] == pytest.approx(min(1, 2 * min(tails)), abs=1e-9)


def test_funnel_limits_narrow_with_exposure_and_hold_the_reference():
    found = rates.funnel_limits([1, 10, 100, 1000, 100000], 9, per=1000, confidence=99.8)
    assert ((found["low"] <= 9) & (found["high"] >= 9)).all()
    assert found["high"].is_monotonic_decreasing and found["low"].is_monotonic_increasing
    assert found["low"].iloc[0] == 0, "a count of 0 is never too low where few are expected"


def test_a_spread_between_places_widens_the_funnel():
    plain = rates.funnel_limits(10000, 9, per=1000, confidence=95)
    wide = rates.funnel_limits(10000, 9, per=1000, confidence=95, spread=2)
    assert wide["high"].iloc[0] > plain["high"].iloc[0] and wide["method"].iloc[0] == "normal"


@given(st.integers(1, 200), st.sampled_from([0.95, 0.998]))
def test_a_count_at_the_funnels_edge_has_an_interval_that_just_reaches_the_reference(count, level):
    interval = rates.rate_interval(count, 1, per=1, confidence=level, method="exact").iloc[0]
    high = rates.funnel_limits(interval["low"], 1, per=1, confidence=level)["high"].iloc[0]
    assert high * interval["low"] == pytest.approx(count, rel=1e-6)


def test_benjamini_hochberg_rejects_four_of_the_fifteen_of_1995():
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.000]
    assert (rates.adjust_p(p)["value"] <= 0.05).sum() == 4
    assert (rates.adjust_p(p, "bonferroni")["value"] <= 0.05).sum() == 3


def test_missing_p_values_are_not_counted_and_ties_stay_equal():
    found = rates.adjust_p([0.01, None, 0.01, 0.5])
    assert found["value"].round(6).tolist()[0] == found["value"].round(6).tolist()[2] == 0.015
    assert np.isnan(found["value"].iloc[1]) and found["status"].tolist() == ["ok", "missing", "ok", "ok"]


@given(st.lists(st.tuples(st.floats(0, 1) | st.just(float("nan")), st.sampled_from("abc")), min_size=1, max_size=30))
def test_families_adjusted_at_once_are_as_adjusted_one_by_one(rows):
    frame = pd.DataFrame(rows, columns=["p", "family"])
    one_by_one = frame.groupby("family")["p"].transform(lambda p: rates.adjust_p(p)["value"])
    np.testing.assert_allclose(adjusted(frame["p"], frame["family"]), one_by_one, atol=1e-12)


@pytest.mark.parametrize(("count", "exposure", "status", "flags"), [
    ([1, 2, 3, 4], [100] * 4, "refused", "too_few_areas"), ([10] * 6, [1000] * 6, "ok", "no_signal"), ([0] * 6, [1000] * 6, "ok", "no_signal"),
])
def test_smoothing_says_when_there_is_nothing_to_smooth(count, exposure, status, flags):
    found = rates.smooth_marshall(count, exposure)
    assert set(found["status"]) == {status} and set(found["flags"]) == {flags}
    if status == "ok":
        assert (found["value"] == found["mean"]).all()


def test_an_area_without_exposure_gets_the_common_rate_and_a_missing_one_nothing():
    found = rates.smooth_marshall([1, 5, 30, 2, 9, 0, None], [100, 900, 1000, 400, 300, 0, 50])
    assert found["value"].iloc[5] == found["mean"].iloc[0] and np.isnan(found["value"].iloc[6])
    inside = (found["value"] - found["raw"]) * (found["value"] - found["mean"])
    assert (inside.iloc[:5] <= 0).all(), "a smoothed rate lies between its own and the common one"


def test_fewer_than_ten_places_are_not_adjusted_for_over_dispersion():
    few = rates.overdispersion([1, 90] * 4, 30).iloc[0]
    assert (few["value"], few["flags"], few["tau2"]) == (1, "too_few_areas", 0)
    many = rates.overdispersion([1, 90] * 20, 30).iloc[0]
    assert many["value"] > 10 and many["tau2"] > 0


def test_counts_of_pure_chance_are_not_over_dispersed():
    drawn = np.random.default_rng(7).poisson(50, 300)
    found = rates.overdispersion(drawn, 50).iloc[0]
    assert found["value"] == 1 and found["phi_raw"] == pytest.approx(1, abs=0.25)


def test_areas_of_pure_chance_show_no_variance_of_the_sex_ratio():
    births = np.full(200, 300)
    boys = np.random.default_rng(3).binomial(births, 0.5146)
    found = rates.smooth_sex_ratio(boys, births - boys)
    assert found["value"].std() < 1.5
    different = np.random.default_rng(3).binomial(births, np.repeat([0.45, 0.58], 100))
    assert rates.smooth_sex_ratio(different, births - different)["value"].std() > 10


YEARS = list(range(2010, 2020))


def test_a_constant_decline_is_found():
    count = np.round(10000 * 0.97 ** np.arange(10))
    row = rates.trend(YEARS, count, 1e6).iloc[0]
    assert row["value"] == pytest.approx(-3, abs=0.05) and row["low"] < -3 < row["high"] < 0
    assert (row["method"], row["years"]) == ("quasi-poisson", 10)


@pytest.mark.parametrize(("years", "status", "method", "flags"), [
    (2, "refused", "", "too_few_years"), (3, "ok", "slope only", "too_few_years_for_interval"),
    (4, "ok", "slope only", "too_few_years_for_interval"), (5, "ok", "quasi-poisson", ""),
])
def test_short_series_get_no_more_than_they_can_bear(years, status, method, flags):
    row = rates.trend(YEARS[:years], [100, 95, 92, 85, 83][:years], 10000).iloc[0]
    assert (row["status"], row["method"], row["flags"]) == (status, method, flags)
    assert np.isnan(row["low"]) == (years < 5)


def test_years_without_a_count_are_left_out_and_listed():
    row = rates.trend(YEARS, [None, 95, 92, 85, 83, None, 80, 78, 77, 70], 10000).iloc[0]
    assert (row["dropped"], row["years"], row["status"]) == ("2010;2015", 8, "ok")


def test_a_part_year_enters_with_its_own_person_years():
    whole = rates.trend(YEARS, [100] * 10, [1000] * 10).iloc[0]
    part = rates.trend(YEARS, [100] * 9 + [50], [1000] * 9 + [500]).iloc[0]
    assert whole["value"] == pytest.approx(part["value"], abs=1e-9)


@pytest.mark.parametrize(("count", "status"), [([0] * 10, "refused"), ([-1] + [3] * 9, "invalid"), ([None] * 10, "missing")])
def test_series_without_sense_are_refused(count, status):
    row = rates.trend(YEARS, count, 1000).iloc[0]
    assert row["status"] == status and np.isnan(row["value"])


def test_events_in_an_end_year_alone_give_no_trend():
    assert rates.trend(YEARS, [0] * 9 + [3], 1000)["status"].tolist() == ["refused"]


def test_over_dispersion_widens_the_trends_interval():
    count = [100, 160, 80, 150, 60, 140, 70, 130, 90, 60]
    quasi, plain = (rates.trend(YEARS, count, 1000, method=method).iloc[0] for method in ("auto", "poisson"))
    assert quasi["phi"] > 1.5 and quasi["high"] - quasi["low"] > plain["high"] - plain["low"]
    other = rates.trend(YEARS, count, 1000, method="negative-binomial").iloc[0]
    assert other["method"] == "negative-binomial" and other["low"] < other["value"] < other["high"]


def test_a_trend_of_shares_moves_the_odds():
    share = 1 / (1 + np.exp(-(0.2 + 0.1 * np.arange(10))))
    row = rates.trend_of_share(YEARS, np.round(10000 * share), 10000).iloc[0]
    assert row["value"] == pytest.approx(100 * np.expm1(0.1), abs=0.1)
    with pytest.raises(InputError, match="above its n"):
        rates.trend_of_share(YEARS, [11] * 10, 10)
