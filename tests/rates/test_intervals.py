"""Intervals: published anchors, the edges, and what must hold for any input."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import rates
from helpers.errors import InputError

ANCHORS = pd.read_csv(Path(__file__).with_name("anchors.csv"), comment="#", skip_blank_lines=True)
COLUMNS = ["value", "low", "high", "method", "status"]
NAN = float("nan")


@pytest.mark.parametrize("anchor", ANCHORS.to_dict("records"), ids=lambda a: f"{a['call']}-{a['first']}-{a['second']}-{a['method']}-{a['confidence']}")
def test_published_figures_come_out(anchor):
    how = {"confidence": anchor["confidence"]}
    if isinstance(anchor["method"], str):
        how["method"] = anchor["method"]
    if anchor["call"] != "sex_ratio":
        how["per"] = anchor["per"]
    call = {"rate": rates.rate_interval, "proportion": rates.proportion_interval, "sex_ratio": rates.sex_ratio_interval,
            "increase": rates.natural_increase_interval}[anchor["call"]]
    inputs = [anchor["first"], anchor["second"]] + ([anchor["third"]] if anchor["call"] == "increase" else [])
    found = call(*inputs, **how).iloc[0]
    assert found["status"] == "ok"
    for name in ("value", "low", "high"):
        assert found[name] == pytest.approx(anchor[name], abs=anchor["tolerance"] * max(1, abs(anchor[name]) if np.isfinite(anchor[name]) else 1)), name


# call, status, why
STATUSES = [
    (rates.rate_interval(NAN, 100), "missing", "no numerator"),
    (rates.rate_interval(1, None), "missing", "no denominator"),
    (rates.rate_interval(None, 0), "missing", "missing goes before invalid"),
    (rates.rate_interval(pd.NA, 100), "missing", "pandas' own missing value"),
    (rates.rate_interval("", 100), "missing", "an empty cell"),
    (rates.rate_interval(-1, 100), "invalid", "a negative count"),
    (rates.rate_interval(1, 0), "invalid", "a denominator of zero"),
    (rates.rate_interval(0, 0), "invalid", "nothing of nothing is no rate"),
    (rates.rate_interval(1, -5), "invalid", "a negative denominator"),
    (rates.rate_interval(np.inf, 5), "invalid", "an infinite count"),
    (rates.rate_interval(1, np.inf), "invalid", "an infinite denominator"),
    (rates.rate_interval(250, 220), "ok", "events may exceed person-years"),
    (rates.proportion_interval(NAN, 10), "missing", "no numerator"),
    (rates.proportion_interval(11, 10), "invalid", "a part above the whole"),
    (rates.proportion_interval(-1, 10), "invalid", "a negative part"),
    (rates.proportion_interval(0, 0), "invalid", "a whole of zero"),
    (rates.proportion_interval(0.445, 1), "ok", "fractions are allowed"),
    (rates.natural_increase_interval(1, NAN, 100), "missing", "no deaths stated"),
    (rates.natural_increase_interval(1, -1, 100), "invalid", "negative deaths"),
    (rates.natural_increase_interval(1, 1, 0), "invalid", "nobody"),
    (rates.sex_ratio_interval(0, 0), "invalid", "no birth"),
    (rates.sex_ratio_interval(5, -1), "invalid", "negative girls"),
    (rates.sex_ratio_interval(5, None), "missing", "no girls stated"),
    (rates.sex_ratio_power(0, 115), "invalid", "no birth"),
    (rates.sex_ratio_power(100, 106), "refused", "not defined at the reference"),
    (rates.sex_ratio_power(NAN, 115), "missing", "births not known"),
    (rates.compare_to_reference(1, 100, NAN), "missing", "no benchmark"),
    (rates.compare_to_reference(1, 100, -1), "invalid", "a negative benchmark"),
    (rates.compare_two(1, 100, 1, 0), "invalid", "the other place has nobody"),
    (rates.funnel_limits(0, 5, per=1000, confidence=95), "invalid", "no exposure"),
    (rates.funnel_limits(10, 101, per=100, confidence=95, kind="proportion"), "invalid", "over a hundred percent"),
    (rates.adjust_p(1.5), "invalid", "a p-value above one"),
    (rates.adjust_p(NAN), "missing", "no p-value"),
]


@pytest.mark.parametrize(("frame", "status", "why"), STATUSES, ids=[f"{i}-{case[2]}" for i, case in enumerate(STATUSES)])
def test_a_row_that_cannot_be_computed_says_so_and_gives_no_number(frame, status, why):
    assert frame["status"].tolist() == [status], why
    if status != "ok":
        assert frame[["value", "low", "high"]].isna().all(axis=None)


def test_missing_and_impossible_rows_do_not_disturb_the_others():
    found = rates.rate_interval([336, None, -1, 0], 30317)
    assert found["status"].tolist() == ["ok", "missing", "invalid", "ok"]
    assert found["value"].iloc[0] == pytest.approx(11.08289, abs=1e-5)
    assert found.loc[3, ["value", "low"]].tolist() == [0, 0] and found.loc[3, "high"] > 0


def test_strict_users_can_ask_for_an_error():
    assert rates.require_valid(rates.rate_interval(1, 10)) is not None
    with pytest.raises(InputError, match="1 of 2 rows"):
        rates.require_valid(rates.rate_interval([1, -1], 10))


@pytest.mark.parametrize("call", [
    lambda **how: rates.rate_interval([], [], **how), lambda **how: rates.proportion_interval([], [], **how),
    lambda **how: rates.natural_increase_interval([], [], [], **how), lambda **how: rates.sex_ratio_interval([], [], **how),
    lambda **how: rates.compare_to_reference([], [], [], **how), lambda **how: rates.compare_two([], [], [], [], **how),
    lambda **how: rates.annualised_rate([], [], [], [], [], **how), lambda confidence: rates.adjust_p([]),
    lambda confidence: rates.funnel_limits([], 5, per=1000, confidence=confidence), lambda confidence: rates.smooth_marshall([], []),
])
@pytest.mark.parametrize("confidence", [0.95, 1.0])
def test_empty_input_gives_an_empty_frame_with_the_usual_columns(call, confidence):
    found = call(confidence=confidence)
    assert len(found) == 0 and list(found.columns[:5]) == COLUMNS


def test_scalars_stretch_and_labels_survive():
    counts = pd.Series([1, 2, 3], index=["a", "b", "c"], dtype="Int64")
    found = rates.rate_interval(counts, 1000)
    assert found.index.tolist() == ["a", "b", "c"] and found["value"].tolist() == [1, 2, 3]
    assert rates.rate_interval(counts, [1000, 1000, 500]).loc["c", "value"] == 6


def test_one_series_of_one_row_keeps_its_label():
    assert rates.rate_interval(pd.Series([3], index=["a"]), 100).index.tolist() == ["a"]
    assert len(rates.rate_interval(pd.Series([3], index=["a"]), [100, 200])) == 2


@pytest.mark.parametrize(("inputs", "message"), [
    (([1, 2, 3], [1, 2]), "differ in length"),
    ((pd.Series([1, 2], index=["a", "b"]), pd.Series([1, 2], index=["b", "c"])), "different row labels"),
    (([[1, 2]], [1, 2]), "dimensions"),
    ((["many"], [1]), "no number"),
    (([1, 2], []), "differ in length"),
])
def test_inputs_that_do_not_belong_together_are_refused_in_words(inputs, message):
    with pytest.raises(InputError, match=message):
        rates.rate_interval(*inputs)


@pytest.mark.parametrize("confidence", [0, -1, 30, 101, 950, "95", None, NAN, [0.95], True])
def test_a_confidence_that_is_none_is_refused(confidence):
    with pytest.raises(InputError, match="confidence"):
        rates.rate_interval(1, 10, confidence=confidence)


@pytest.mark.parametrize(("percent", "share"), [(95, 0.95), (99.8, 0.998), (90, 0.9)])
def test_confidence_in_percent_or_as_a_share_is_the_same(percent, share):
    for call in (rates.rate_interval, rates.proportion_interval, rates.sex_ratio_interval):
        pd.testing.assert_frame_equal(call(7, 40, confidence=percent), call(7, 40, confidence=share))


@pytest.mark.parametrize(("method", "call"), [("wald", rates.rate_interval), ("wald", rates.proportion_interval), ("mover", rates.sex_ratio_interval)])
def test_an_unknown_method_names_the_known_ones(method, call):
    with pytest.raises(InputError, match="it can be"):
        call(1, 10, method=method)


@pytest.mark.parametrize("per", [0, -1, NAN, np.inf, "many"])
def test_a_multiplier_must_be_above_zero(per):
    with pytest.raises(InputError, match="per is"):
        rates.rate_interval(1, 10, per=per)


def test_certainty_gives_the_whole_range():
    assert rates.proportion_interval(3, 10, confidence=1).loc[0, ["low", "high"]].tolist() == [0, 100]
    for method in ("exact", "byar", "auto", "score"):
        assert rates.rate_interval(30, 10, confidence=100, method=method).loc[0, ["low", "high"]].tolist() == [0, np.inf]


def test_byar_below_zero_is_empty_and_auto_never_is():
    byar = rates.rate_interval(1, 1, per=1, confidence=0.998, method="byar").iloc[0]
    assert np.isnan(byar["low"]) and byar["high"] == pytest.approx(9.362180217908362)
    auto = rates.rate_interval(10, 1, per=1, confidence=1 - 1e-9).iloc[0]
    assert auto["low"] > 0


def test_auto_says_which_method_a_row_had():
    assert rates.rate_interval([9, 9.99, 10], 1)["method"].tolist() == ["exact", "exact", "byar"]


counts = st.integers(0, 100_000)


@given(counts, st.floats(1, 1e7), st.sampled_from(["auto", "exact", "byar", "score", "jeffreys"]), st.sampled_from([0.9, 0.95, 0.99]))
def test_the_interval_holds_the_rate(count, exposure, method, confidence):
    row = rates.rate_interval(count, exposure, method=method, confidence=confidence).iloc[0]
    assert row["low"] <= row["value"] <= row["high"] and (row["low"] == 0) >= (count == 0) and row["high"] > 0


@given(st.integers(0, 5000), st.integers(1, 5000), st.sampled_from(["wilson", "clopper-pearson", "jeffreys", "agresti-coull"]))
def test_the_interval_holds_the_share_and_stays_within_bounds(count, more, method):
    n = count + more
    row = rates.proportion_interval(count, n, method=method).iloc[0]
    assert 0 <= row["low"] <= row["value"] + 1e-9 and row["value"] - 1e-9 <= row["high"] <= 100
    other = rates.proportion_interval(n - count, n, method=method).iloc[0]
    assert row["low"] == pytest.approx(100 - other["high"], abs=1e-8)


@given(st.integers(1, 3000), st.integers(2, 50))
def test_more_events_at_the_same_rate_give_a_narrower_interval(count, times):
    few = rates.rate_interval(count, 1000, method="exact").iloc[0]
    many = rates.rate_interval(times * count, times * 1000, method="exact").iloc[0]
    assert many["high"] - many["low"] < few["high"] - few["low"]


@given(st.integers(0, 500), st.integers(0, 500), st.floats(10, 1e6))
def test_natural_increase_turns_its_sign_when_births_and_deaths_swap(births, deaths, exposure):
    one = rates.natural_increase_interval(births, deaths, exposure).iloc[0]
    other = rates.natural_increase_interval(deaths, births, exposure).iloc[0]
    assert one["low"] == pytest.approx(-other["high"]) and one["value"] == pytest.approx(-other["value"])
    assert one["low"] <= one["value"] <= one["high"]


@given(st.integers(0, 2000), st.integers(0, 2000))
def test_the_sex_ratio_interval_is_that_of_the_share_of_boys(boys, girls):
    row = rates.sex_ratio_interval(boys, girls).iloc[0]
    if boys + girls == 0:
        assert row["status"] == "invalid"
        return
    share = rates.proportion_interval(boys, boys + girls, per=1).iloc[0]
    assert row["low"] == pytest.approx(100 * share["low"] / (1 - share["low"]))
    assert row["low"] <= row["value"] <= row["high"]
    assert np.isinf(row["value"]) == (girls == 0)


@pytest.mark.parametrize(("births", "to_115", "to_120"), [
    (50, 0.03, 0.04), (100, 0.05, 0.08), (200, 0.07, 0.12), (500, 0.12, 0.24), (1000, 0.19, 0.42), (1500, 0.28, 0.60),
    (5000, 0.71, 0.98), (20000, 1.00, 1.00),
])
def test_power_of_the_sex_ratio_is_the_tabulated_one(births, to_115, to_120):
    found = rates.sex_ratio_power(births, [115, 120], 107)["value"]
    assert found.round(2).tolist() == [to_115, to_120]


def test_power_looks_to_the_side_the_ratio_lies_on():
    low = rates.sex_ratio_power(5000, 95, 106)["value"].iloc[0]
    assert low > 0.9 and rates.sex_ratio_power(5000, 105.9, 106)["value"].iloc[0] < 0.05


def test_births_to_tell_keeps_its_power_from_there_on():
    needed = rates.births_to_tell(120)
    power = rates.sex_ratio_power(np.arange(needed - 1, needed + 300), 120)["value"]
    assert power.iloc[0] < 0.8 <= power.iloc[1:].min()
    with pytest.raises(InputError, match="cannot be told"):
        rates.births_to_tell(106)
