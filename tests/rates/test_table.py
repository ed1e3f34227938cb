"""The table of rates: which counts make which rate, over which population, and whether the printed one agrees."""

from __future__ import annotations

import pandas as pd
import pytest

from fact_tables import facts_frame
from helpers import panel, rates
from helpers.schema import RATES


def fact(code: str, value, period="2014", **dims) -> dict:
    """A fact line: dims by keyword; unit by the code."""
    special = {name: dims.pop(name) for name in ("unit", "status", "place", "section", "doc", "place_id") if name in dims}
    units = {"cbr": "permille", "cdr": "permille", "nir": "permille", "imr": "permille", "srb": "per_100_females", "policy_rate": "percent",
             "order_rate": "percent", "maternal_mgmt_rate": "percent", "child_mgmt_rate": "percent", "fd_rate": "percent",
             "health_record_rate": "percent", "prepreg_checked": "couple", "prepreg_target": "couple", "health_records": "document"}
    return {"code": code, "value": str(value), "period": period, "dims": dims, "unit": units.get(code, "person"), **special}


def build(*lines: dict) -> pd.DataFrame:
    return rates.build(panel.build(facts_frame(list(lines))))


def one(table: pd.DataFrame, measure: str, **where) -> pd.Series:
    """The single row of a measure."""
    rows = table[table["measure"] == measure]
    for name, value in where.items():
        rows = rows[rows[name] == value]
    assert len(rows) == 1, rows
    return rows.iloc[0]


def test_a_half_redacted_half_year_report_gives_every_rate_its_counts_allow():
    # Worked example (a) of METHODS: nine months of a struck-out year on the registered population.
    period, month = "20XX-10/20XX-06", "20XX-06"
    table = build(
        fact("pop_total", 30317, month, residence="registered"), fact("births", 336, period, residence="registered"),
        fact("births", 286, period, policy="in"), fact("births", 167, period, sex="male"), fact("births", 169, period, sex="female"),
        fact("deaths", 178, period), fact("cbr", "11.1", period), fact("cdr", "5.88", period), fact("nir", "5.22", period),
        fact("policy_rate", "85.12", period), fact("srb", "98.8", period),
    )
    assert list(table.columns) == RATES.names
    assert (table["status"] == "ok").all() and (table["base"] == "registered").all() and (table["agrees"] == "yes").all()
    cbr = one(table, "cbr")
    assert cbr["denominator"] == 30317 * 9 / 12 and cbr["value"] == pytest.approx(1000 * 336 / (30317 * 0.75))
    assert set(cbr["flags"].split(";")) >= {"redacted_year", "partial_year", "seasonal", "closing_population_used", "stated_not_annualised"}
    assert one(table, "nir")["value"] == pytest.approx(1000 * 158 / (30317 * 0.75)) and "base_assumed" in one(table, "nir")["flags"]
    assert one(table, "policy_share")["value"] == pytest.approx(85.119, abs=1e-3)
    srb = one(table, "srb")
    assert (srb["numerator"], srb["denominator"], srb["benchmark"]) == (167, 169, "norm")
    assert "closing_population_used" not in srb["flags"]


# populations, kind, population, flag, why
POPULATIONS = [
    ([fact("pop_total", 10200), fact("pop_total", 10000, "2013")], "mean", 10100, "", "opening and closing"),
    ([fact("pop_total", 10200)], "closing", 10200, "closing_population_used", "closing only"),
    ([fact("pop_total", 10000, "2013")], "opening", 10000, "opening_population_used", "opening only"),
    ([fact("pop_total", 10100, "2014-06")], "mid_year", 10100, "mid_year_population_used", "mid-year only"),
    ([fact("pop_avg", 10123), fact("pop_total", 10200)], "mean", 10123, "", "a stated mean goes first"),
    ([fact("pop_total", 10200), fact("pop_total", 10000, "2013", status="previous")], "mean", 10100, "", "an opening population quoted by the report"),
    ([fact("pop_total", 10200, "2014-12-31")], "closing", 10200, "closing_population_used", "a day at the end"),
    ([fact("pop_total", 10200), fact("pop_total", 9500, "2013")], "mean", 9850, "boundary_change", "more than five percent apart"),
]


@pytest.mark.parametrize(("people", "kind", "population", "flag", "why"), POPULATIONS, ids=[case[-1] for case in POPULATIONS])
def test_the_population_is_the_best_there_is_and_said(people, kind, population, flag, why):
    row = one(build(fact("births", 100), *people), "cbr")
    assert (row["denominator_kind"], row["denominator"], row["flags"]) == (kind, population, flag), why


def test_populations_half_as_large_again_are_refused():
    row = one(build(fact("births", 100), fact("pop_total", 10000, "2013"), fact("pop_total", 15000)), "cbr")
    assert row["status"] == "refused" and "population_break" in row["flags"] and pd.isna(row["value"])


def test_population_bases_never_mix():
    table = build(
        fact("births", 381, residence="registered"), fact("births", 281, residence="resident"),
        fact("pop_total", 52746, residence="registered"), fact("pop_total", 40248, residence="resident"), fact("pop_total", 9000, residence="floating"),
    )
    found = table[table["measure"] == "cbr"].set_index("base")["denominator"].to_dict()
    assert found == {"registered": 52746, "resident": 40248}
    lone = build(fact("births", 381, residence="resident"), fact("pop_total", 52746, residence="registered"))
    assert one(lone, "cbr")["status"] == "missing" and "no_population" in one(lone, "cbr")["flags"]


def test_two_stated_populations_leave_the_base_open_unless_a_rate_tells():
    people = [fact("pop_total", 11174, residence="registered"), fact("pop_total", 8810, residence="resident")]
    silent = one(build(fact("births", 101), *people), "cbr")
    assert silent["status"] == "missing" and silent["base"] == "unstated"
    told = one(build(fact("births", 101), fact("cbr", "9.02"), *people), "cbr")
    assert (told["base"], told["denominator"], told["agrees"]) == ("registered", 11174, "yes") and "base_by_rate" in told["flags"]
    other = one(build(fact("births", 101), fact("cbr", "11.46"), *people), "cbr")
    assert other["base"] == "resident"


def test_figures_of_two_struck_out_years_never_meet():
    table = build(fact("births", 336, "20XX", doc="a", place_id="p"), fact("pop_total", 30317, "20XX", doc="b", place_id="p"))
    assert one(table, "cbr")["status"] == "missing"


@pytest.mark.parametrize(("period", "status", "flag"), [
    ("2014-01/2014-06", "ok", "partial_year;seasonal"), ("2014-01/2014-03", "ok", "under_six_months"), ("2014-02-01/2014-02-20", "refused", "period_too_short"),
    ("", "missing", "period_unknown"), ("2010-01/2012-12", "ok", "partial_year"), ("2013-10/2014-09", "ok", ""),
])
def test_rates_of_part_of_a_year_are_brought_to_a_year_or_refused(period, status, flag):
    end = period.split("/")[-1]
    row = one(build(fact("births", 100, period), fact("pop_total", 10000, end)), "cbr")
    assert row["status"] == status and flag in row["flags"]
    if period.startswith("2010"):
        assert row["value"] == pytest.approx(100 / 30) and "seasonal" not in row["flags"]


# lines, measure, value, agrees, flag, why
AGREEMENT = [
    ([fact("births", 286, policy="in"), fact("births", 336), fact("policy_rate", "85.12")], "policy_share", 85.119, "yes", "", "rounded"),
    ([fact("births", 286, policy="in"), fact("births", 336), fact("policy_rate", "85.11")], "policy_share", 85.119, "note", "stated_truncated", "cut off"),
    ([fact("births", 286, policy="in"), fact("births", 336), fact("policy_rate", "85.21")], "policy_share", 85.119, "no", "", "transposed"),
    ([fact("maternal_managed", 213), fact("pregnant_women", 267), fact("maternal_mgmt_rate", 79)], "maternal_coverage", 79.775, "note", "stated_truncated", "seed 002"),
    ([fact("births", 215), fact("pop_total", 23449), fact("cbr", "9.19")], "cbr", 9.1688, "yes", "", "a mean population (worked example c)"),
    ([fact("births", 215), fact("pop_total", 23449), fact("pop_total", 23300, "2013"), fact("cbr", "9.26")], "cbr", 9.198, "note", "stated_other_denominator", "within one percent"),
    ([fact("births", 215), fact("pop_total", 23449), fact("cbr", "9.91")], "cbr", 9.1688, "no", "", "digits swapped"),
    ([fact("births", 45331), fact("deaths", 31567), fact("pop_total", 5957992), fact("pop_total", 5836016, "2013"),
      fact("cbr", "7.69"), fact("cdr", "5.35"), fact("nir", "2.34")], "nir", 2.334, "yes", "stated_by_difference", "difference of rounded rates"),
    ([fact("health_records", 17676), fact("pop_total", 21164), fact("health_record_rate", 95)], "health_record_coverage", 83.519, "", "", "of which population is not said"),
]


@pytest.mark.parametrize(("lines", "measure", "value", "agrees", "flag", "why"), AGREEMENT, ids=[case[-1] for case in AGREEMENT])
def test_a_printed_rate_is_met_within_what_rounding_allows(lines, measure, value, agrees, flag, why):
    row = one(build(*lines), measure)
    assert row["value"] == pytest.approx(value, abs=1e-3) and row["agrees"] == agrees
    assert flag in row["flags"], why


def test_impossible_counts_are_said_and_not_clipped():
    table = build(fact("fd_signed", 1435, group="高血压"), fact("fd_population", 1275, group="高血压"), fact("fd_rate", "100.00", group="高血压"))
    row = one(table, "fd_coverage")
    assert (row["status"], row["agrees"], row["numerator"], row["denominator"]) == ("invalid", "no", 1435, 1275) and pd.isna(row["value"])
    assert one(build(fact("births", -5), fact("pop_total", 1000)), "cbr")["status"] == "invalid"
    assert one(build(fact("births", 5), fact("pop_total", 0)), "cbr")["status"] == "invalid"


def test_counts_that_others_give_are_used_and_flagged():
    table = build(fact("births", 54, sex="male"), fact("births", 50), fact("births", 3, policy="out"), fact("natural_increase", 20), fact("pop_total", 5000))
    assert one(table, "srb")["status"] == "invalid", "54 boys of 50 births leave no girls"
    assert one(table, "policy_share")["numerator"] == 47 and "derived_count" in one(table, "policy_share")["flags"]
    assert one(table, "cdr")["numerator"] == 30 and one(table, "nir")["numerator"] == 20
    assert one(build(fact("births", 54, sex="male"), fact("births", 50, sex="female"), fact("pop_total", 5000)), "cbr")["numerator"] == 104


def test_coverage_pairs_only_what_has_the_same_age_or_group():
    table = build(
        fact("children_managed", 6881, age="0-6"), fact("pop_age", 7111, age="0-6"), fact("children_managed", 2655, age="0-2"),
        fact("pop_age", 2935, age="0-2"), fact("pop_age", 2409, age="65+"), fact("elderly_managed", 312, group="辅助检查规范管理"),
        fact("prepreg_checked", 41), fact("prepreg_target", 90, status="target"),
    )
    assert table[table["measure"] == "child_coverage"].set_index("dims")["denominator"].to_dict() == {'{"age": "0-2"}': 2935, '{"age": "0-6"}': 7111}
    assert one(table, "elderly_coverage")["denominator"] == 2409 and one(table, "prepreg_coverage")["value"] == pytest.approx(45.556, abs=1e-3)


def test_infant_deaths_over_registered_births_say_so():
    row = one(build(fact("infant_deaths", 0), fact("births", 200)), "imr")
    assert (row["value"], row["method"]) == (0, "exact") and row["high"] == pytest.approx(18.444, abs=1e-3)
    assert set(row["flags"].split(";")) == {"births_as_live_births", "small_count", "too_few_for_level"}
    assert row["judgement"] == ""


def test_a_zero_far_below_the_nations_level_asks_about_under_reporting():
    few, many = (one(build(fact("infant_deaths", 0), fact("live_births", births)), "imr") for births in (200, 2000))
    assert "possible_under_reporting" not in few["flags"] and "possible_under_reporting" in many["flags"]


def test_a_rate_printed_without_its_counts_stands_as_stated_only():
    row = one(build(fact("policy_rate", "97.9")), "policy_share")
    assert (row["status"], row["stated"], row["flags"], row["agrees"]) == ("missing", 97.9, "stated_only", "")


def test_an_earlier_figure_quoted_by_a_later_report_serves_where_there_is_no_other():
    row = one(build(fact("births", 320, "2013", status="previous"), fact("pop_total", 10000, "2013")), "cbr")
    assert row["value"] == 32 and "previous_value" in row["flags"]
    assert one(build(fact("births", 320, "2013", status="previous"), fact("births", 318, "2013"), fact("pop_total", 10000, "2013")), "cbr")["numerator"] == 318


def test_every_rate_names_the_facts_it_rests_on():
    facts = facts_frame([fact("births", 100), fact("pop_total", 10000), fact("cbr", "10.0")])
    row = one(rates.build(panel.build(facts)), "cbr")
    assert set(row["facts"].split(";")) == set(facts["fact"])


def test_households_and_targets_are_not_counted_as_persons():
    assert build(fact("fd_signed", 2621, unit="household"), fact("fd_population", 11793)).empty
    assert build(fact("births", 100, status="target"), fact("births", 10, status="change"), fact("pop_total", 10000)).empty


def test_an_empty_panel_gives_an_empty_table():
    assert list(build().columns) == RATES.names and build().empty


def test_the_same_panel_gives_the_same_table_whatever_its_order():
    lines = [fact("births", 100 + year, str(year)) for year in range(2010, 2016)] + [fact("pop_total", 10000 + year, str(year)) for year in range(2010, 2016)]
    table = panel.build(facts_frame(lines))
    assert rates.build(table).equals(rates.build(table.sample(frac=1, random_state=1)))


def test_the_gold_documents_disagree_only_where_they_are_known_to(gold_facts):
    table = rates.build(panel.build(gold_facts))
    no = table[table["agrees"] == "no"]
    # Seed 002's family-doctor table: 1435 signed of 1275, 406 of 359, 193 of 195 printed as 100 %.
    assert sorted(no["numerator"].astype(int)) == [193, 406, 1435] and set(no["measure"]) == {"fd_coverage"}
    assert set(table.loc[table["agrees"] == "note", "numerator"].astype(int)) == {213, 41, 312}, "213/267 as 79 %, 41/90 as 45 %, 312/2409 as 12.9 %: cut off"
    assert (table["agrees"] == "yes").sum() >= 40
