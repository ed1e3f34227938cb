"""Reference series and comparison: one vintage, the right years, never the place with itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fact_tables import facts_frame
from helpers import panel, rates, simulate
from helpers.errors import CatalogueError, InputError
from helpers.periods import parse
from helpers.rates import reference as series
from helpers.schema import COMPARISONS, PLACES
from helpers.workspace import REFERENCE, Workspace

SHARED = Path(__file__).resolve().parents[3] / "shared" / "reference" / "reference_cn.csv"


def nation(indicator: str, **how) -> dict[int, float]:
    table = series.load(**how)
    return table[(table["area"] == "national") & (table["indicator"] == indicator)].set_index("year")["value"].to_dict()


def test_one_vintage_is_used_throughout():
    revised, first = nation("birth_rate"), nation("birth_rate", vintage="first")
    assert (revised[2016], first[2016], revised[2020]) == (13.57, 12.95, first[2020])
    assert not {2011, 2016, 2019} & set(nation("births")), "counts of those years exist only as first published"
    assert 2016 in nation("births", vintage="first")
    table = series.load()
    assert not table.duplicated(["indicator", "area", "year"]).any() and (table["publisher"] != "").all()


def test_published_rates_add_up_within_the_vintage():
    births, deaths, increase = (nation(name) for name in ("birth_rate", "death_rate", "natural_increase_rate"))
    for year in range(2011, 2020):
        assert births[year] - deaths[year] == pytest.approx(increase[year], abs=0.0101), year


def test_years_with_two_published_values_are_left_out():
    assert not {1998, 2009} & set(nation("birth_rate"))
    assert series.benchmark(nation("birth_rate"), parse("2009")) == (nation("birth_rate")[2008], "benchmark_other_year")


@pytest.mark.skipif(not SHARED.exists(), reason=f"{SHARED} is absent: it stays outside the repository")
def test_every_row_is_one_of_the_published_rows():
    published = pd.read_csv(SHARED).astype({"year": str})
    ours = pd.read_csv(REFERENCE / "series.csv", dtype={"year": str})
    key = ["indicator", "area", "year", "value", "unit", "publisher"]
    assert not ours[key].merge(published[key], how="left", indicator=True)["_merge"].eq("left_only").any()
    assert not published[key].merge(ours[key], how="left", indicator=True)["_merge"].eq("left_only").any()


HEADER = "indicator,area,year,value,unit,vintage,publisher,seen_at,left_out,note\n"


@pytest.mark.parametrize(("rows", "message"), [
    ("birth_rate,x,20,1,per_mille,,p,,,\n", "not a year"), ("birth_rate,x,2020,many,per_mille,,p,,,\n", "not a number"),
    ("birth_rate,x,2020,nan,per_mille,,p,,,\n", "finite"), ("birth_rate,x,2020,1,miles,,p,,,\n", "is not one of"),
    ("birth_rate,x,2020,1,per_mille,,p,,,\nbirth_rate,x,2020,2,per_mille,,p,,,\n", "two values"),
])
def test_a_series_that_does_not_fit_is_refused_with_its_place(tmp_path, rows, message):
    (tmp_path / "mine.csv").write_text(HEADER + rows, encoding="utf-8")
    with pytest.raises(CatalogueError, match=message):
        series.load(tmp_path)
    with pytest.raises(InputError, match="vintage"):
        series.load(vintage="last")


@pytest.mark.parametrize(("period", "value", "flags"), [
    ("2015", 20, ""), ("2014-10/2015-09", (92 * 10 + 273 * 20) / 365, "mixed_benchmark"), ("2015-01/2015-06", 20, ""),
    ("2017", 20, "benchmark_other_year"), ("2018", np.nan, ""), ("20XX", np.nan, ""), ("", np.nan, ""),
])
def test_a_benchmark_is_weighted_by_the_days_of_the_period(period, value, flags):
    found = series.benchmark({2014: 10.0, 2015: 20.0}, parse(period))
    assert found[0] == pytest.approx(value, nan_ok=True) and found[1] == flags


def county(births: list[int], *, deaths: int = 60, years=("2014",)) -> tuple[pd.DataFrame, pd.DataFrame]:
    """RATES and PLACES of a county of townships of 10 000 people with these births each year."""
    lines = []
    for year in years:
        for number, count in enumerate(births):
            place = {"place": f"{number}镇", "place_id": f"t{number}", "period": year}
            lines += [{"code": "births", "value": str(count), **place}, {"code": "deaths", "value": str(deaths), **place},
                      {"code": "pop_total", "value": "10000", **place},
                      {"code": "maternal_managed", "value": str(min(count, 95)), **place}, {"code": "pregnant_women", "value": str(count), **place}]
    places = PLACES.conform([{"place_id": f"t{i}", "level": "township", "county": "甲县", "province": "江苏省"} for i in range(len(births))])
    return rates.build(panel.build(facts_frame(lines)), places), places


def test_the_county_is_the_sum_of_its_other_townships():
    table, places = county([100, 120, 140, 400])
    compared = rates.compare(table, places)
    assert list(compared.columns) == COMPARISONS.names
    row = compared[(compared["place_id"] == "t3") & (compared["measure"] == "cbr") & (compared["benchmark"] == "county")].iloc[0]
    assert row["benchmark_value"] == pytest.approx(12) and row["members"] == 3 and row["judgement"] == "higher"
    exact = rates.compare_two(400, 10000, 360, 30000)["p_value"].iloc[0]
    assert row["p_value"] == pytest.approx(exact) and row["ratio"] == pytest.approx(40 / 12)
    assert table.loc[(table["place_id"] == "t3") & (table["measure"] == "cbr"), "benchmark"].tolist() == ["county"]


def test_three_townships_make_no_county():
    table, places = county([100, 120, 140])
    assert "county" not in set(rates.compare(table, places)["benchmark"])


def test_more_is_better_only_where_polarity_says_so():
    table, places = county([95, 300, 300, 300, 300])
    compared = rates.compare(table, places)
    words = compared[(compared["benchmark"] == "county") & (compared["place_id"] == "t0")].set_index("measure")["judgement"]
    assert words["maternal_coverage"] == "better" and words["cbr"] == "lower" and words["cdr"] == "similar"


def test_q_values_are_adjusted_over_the_places_of_one_measure_and_period():
    table, places = county([100, 110, 120, 90, 105, 160])
    rows = rates.compare(table, places)
    rows = rows[(rows["benchmark"] == "county") & (rows["measure"] == "cbr")]
    assert rows["q_value"].tolist() == pytest.approx(rates.adjust_p(rows["p_value"])["value"].tolist())


def test_the_nation_and_the_province_are_taken_for_the_same_year():
    table, places = county([100])
    rows = rates.compare(table, places)
    cbr = rows[rows["measure"] == "cbr"].set_index("benchmark")["benchmark_value"]
    assert cbr["nation"] == 13.83 and set(cbr.index) == {"nation", "province"}
    own = table[table["measure"] == "cbr"].iloc[0]
    assert own["benchmark"] == "province" and own["p_value"] == rows.set_index(["measure", "benchmark"]).loc[("cbr", "province"), "p_value"]


def test_a_places_own_past_is_the_sum_of_its_earlier_years():
    table, places = county([100], years=[str(year) for year in range(2010, 2018)])
    rows = rates.compare(table, places)
    own = rows[(rows["benchmark"] == "own") & (rows["measure"] == "cbr")].set_index("year")
    assert own["members"].tolist() == [2, 3, 4, 5, 5, 5] and own.index.min() == 2012
    assert own["benchmark_value"].round(9).eq(10).all() and own["judgement"].eq("similar").all()


def test_sex_ratios_of_few_births_get_no_judgement():
    lines = [{"code": "births", "dims": {"sex": sex}, "value": value} for sex, value in (("male", "120"), ("female", "60"))]
    row = rates.build(panel.build(facts_frame(lines))).set_index("measure").loc["srb"]
    assert (row["benchmark"], row["benchmark_value"], row["judgement"]) == ("norm", 106, "") and row["p_value"] < 0.05
    many = [{**line, "value": str(10 * int(line["value"]))} for line in lines]
    assert rates.build(panel.build(facts_frame(many))).set_index("measure").loc["srb", "judgement"] == "higher"


def test_an_over_dispersed_county_has_no_outliers_but_a_calm_one_has():
    calm, places = county([100] * 14 + [300])
    wild, _ = county([60, 200, 90, 260, 70, 180, 110, 220, 80, 150, 100, 240, 130, 170, 300])
    for table, expected in ((calm, "high"), (wild, "inside")):
        rows = rates.compare(table, places)
        assert rows[(rows["measure"] == "cbr") & (rows["place_id"] == "t14") & (rows["benchmark"] == "county")]["funnel"].tolist() == [expected]


def test_no_rate_compares_with_nothing():
    assert list(rates.compare(rates.build(panel.build(facts_frame([]))), PLACES.conform([])).columns) == COMPARISONS.names


def test_rates_and_comparisons_made_at_once_are_those_made_one_after_the_other(tmp_path):
    simulate.write(tmp_path, townships=12, years=4, form="panel")
    space = Workspace(data=tmp_path)
    cells, places = space.read("panel"), space.read("places")
    table, comparisons = rates.build_and_compare(cells, places)
    pd.testing.assert_frame_equal(table, rates.build(cells, places))
    pd.testing.assert_frame_equal(comparisons, rates.compare(table, places))
    assert len(comparisons) > len(table) == 480
