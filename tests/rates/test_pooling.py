"""Years pooled until a sex ratio can be spoken of, and births as several offices count them."""

import math

import numpy as np
import pandas as pd
import pytest

from helpers.errors import InputError
from helpers.rates import (
    births_by_source,
    births_to_tell,
    pool_sex_ratio,
    sex_ratio_interval,
    trend,
    trend_of_share,
)
from helpers.schema import PANEL


def test_the_latest_years_are_pooled_until_the_test_has_its_power():
    years, needed = list(range(2006, 2016)), births_to_tell(120)
    row = pool_sex_ratio(years, [260] * 10, [240] * 10, ratio=120).iloc[0]
    assert row["needed"] == needed and row["births"] >= needed > row["births"] - 500
    assert (row["first_year"], row["last_year"], row["flags"]) == (2016 - math.ceil(needed / 500), 2015, "pooled_years")
    assert row["power"] >= 0.8


def test_sums_are_taken_before_the_ratio():
    row = pool_sex_ratio([2014, 2015], [300, 700], [200, 800]).iloc[0]
    same = sex_ratio_interval(1000, 1000).iloc[0]
    assert (row["value"], row["low"], row["high"]) == (same["value"], same["low"], same["high"])


def test_a_place_too_small_even_over_all_its_years_says_so():
    row = pool_sex_ratio(range(2011, 2016), [55] * 5, [45] * 5).iloc[0]
    assert row["status"] == "ok" and row["flags"] == "pooled_years;too_few_to_tell" and row["power"] < 0.8
    assert row["births"] == 500 < row["needed"]


def test_below_two_hundred_births_no_ratio_is_given():
    row = pool_sex_ratio([2014, 2015], [40, 45], [42, 39]).iloc[0]
    assert row["status"] == "refused" and math.isnan(row["value"]) and "too_few_for_level" in row["flags"]


def test_one_large_year_needs_no_pooling():
    row = pool_sex_ratio([2014, 2015], [6000, 6000], [5000, 5000]).iloc[0]
    assert row["years"] == 1 and row["flags"] == "" and row["p_value"] < 0.001


@pytest.mark.parametrize(("year", "boys", "girls", "status", "flags"), [
    ([], [], [], "missing", ""),
    ([2014], [np.nan], [3], "missing", ""),
    ([2014, 2015], [-1, 5], [3, 5], "invalid", "impossible_input"),
    ([2014, 2014], [300, 310], [290, 300], "invalid", "year_twice"),
    ([2014, 2015], [0, 0], [0, 0], "refused", "too_few_for_level;pooled_years;too_few_to_tell"),
], ids=["nothing", "missing", "negative", "told twice", "no births"])
def test_bad_input_gives_a_status_and_no_number(year, boys, girls, status, flags):
    row = pool_sex_ratio(year, boys, girls).iloc[0]
    assert (row["status"], row["flags"]) == (status, flags) and math.isnan(row["value"])


def test_the_reference_itself_cannot_be_told():
    with pytest.raises(InputError, match="cannot be told"):
        pool_sex_ratio([2014], [300], [290], ratio=106)


def test_a_year_told_twice_has_no_trend():
    twice = [2015, 2015, 2016, 2017, 2018, 2019]
    for row in (trend(twice, [5, 6, 8, 9, 3, 4], 1000).iloc[0], trend_of_share(twice, [5, 6, 8, 9, 3, 4], 10).iloc[0]):
        assert row["status"] == "invalid" and row["flags"] == "year_twice" and math.isnan(row["value"])


def cells(*rows):
    names = ("code", "base", "value", "questioned")
    frame = [dict(zip(names, row, strict=False)) | {"low": row[2], "high": row[2]} for row in rows]
    fixed = {"place_id": "qingshi", "period": "2015", "dims": "{}", "status": "observed", "unit": "person", "doc": "r", "section": 1}
    return PANEL.conform([fixed | row | {"fact": str(number)} for number, row in enumerate(frame)])


def test_offices_that_count_births_stand_side_by_side_with_what_their_difference_implies():
    found = births_by_source(cells(("live_births", "unstated", 412.0), ("births", "registered", 401.0), ("births", "resident", 380.0),
                                   ("newborn_screened", "unstated", 401.0))).set_index("source")
    assert list(found.index) == ["registered", "resident", "live_births", "screened"]
    assert found.loc["live_births", "difference"] == 11 and "登记" in found.loc["live_births", "meaning_zh"]
    assert round(found.loc["live_births", "percent"], 2) == 2.74 and found.loc["live_births", "against"] == "registered"
    assert "away" in found.loc["resident", "meaning_en"] and found.loc["screened", "meaning_zh"] == ""
    assert found.loc["registered", ["against", "meaning_zh"]].tolist() == ["", ""]


def test_births_of_migrants_are_a_part_and_not_another_count():
    found = births_by_source(cells(("births", "registered", 401.0), ("births", "floating", 30.0))).set_index("source")
    assert math.isnan(found.loc["floating", "difference"]) and found.loc["floating", "meaning_zh"] == ""


def test_a_doubted_count_is_marked_and_one_source_alone_is_no_comparison():
    found = births_by_source(cells(("births", "registered", 401.0, True), ("live_births", "unstated", 412.0)))
    assert set(found["status"]) == {"questioned"}
    assert births_by_source(cells(("births", "registered", 401.0))).empty


def test_counts_of_different_reports_are_not_mixed():
    both = cells(("births", "registered", 401.0), ("live_births", "unstated", 412.0))
    both.loc[1, "doc"] = "another"
    assert births_by_source(both).empty and births_by_source(pd.DataFrame(columns=PANEL.names)).empty
