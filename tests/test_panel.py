"""The panel: one value a cell, rivals kept, conflicts said, nothing averaged."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fact_tables import facts_frame
from helpers import panel
from helpers.errors import InputError
from helpers.schema import PANEL


def births(value, **more) -> dict:
    return {"code": "births", "value": value, **more}


def test_every_cell_of_the_facts_has_one_row_and_the_tables_columns():
    table = panel.build(facts_frame([births("336"), births("167", dims={"sex": "male"}), {"code": "deaths", "value": "178"}]))
    assert list(table.columns) == PANEL.names
    assert table[["code", "dims", "value"]].values.tolist() == [
        ["births", '{"sex": "male"}', 167], ["births", "{}", 336], ["deaths", "{}", 178]]
    assert not table["conflict"].any() and (table["rivals"] == "").all()


# facts, chosen value, rivals, conflict, why
CHOICES = [
    ([births("336"), births("336", section=2)], 336, 1, False, "the same value twice is one statement with a rival"),
    ([births("336"), births("363", section=2)], 336, 1, True, "two values are a conflict; the first stands"),
    ([births("350", section=2), births("336", section=1)], 336, 1, True, "first means first in the document"),
    ([{"code": "cbr", "value": "11", "unit": "permille"}, {"code": "cbr", "value": "11.08", "unit": "permille", "section": 2}],
     11.08, 1, False, "the one printed more precisely stands; rounding reconciles the other"),
    ([{"code": "cbr", "value": "11.2", "unit": "permille"}, {"code": "cbr", "value": "11.08", "unit": "permille", "section": 2}],
     11.08, 1, True, "11.2 and 11.08 cannot be one number"),
    ([births("336"), births("336", state="derived", section=2)], 336, 1, False, "stated goes before derived"),
    ([births("340", state="derived"), births("336", section=2)], 336, 1, False, "a derived figure is no statement to conflict with"),
    ([births("336", section=2), births("339", state="corrected", section=3)], 339, 1, True, "corrected goes before stated; another's statement remains"),
    ([births("336", start=10), births("386", state="corrected", start=10)], 386, 1, False, "a correction does not contradict what it corrects"),
    ([births("336", period="2014"), births("336", period="2014-01/2014-12", section=2)], 336, 1, False, "one year written two ways is one period"),
]


@pytest.mark.parametrize(("lines", "value", "rivals", "conflict", "why"), CHOICES, ids=[case[-1] for case in CHOICES])
def test_of_two_statements_one_is_chosen_and_the_other_kept(lines, value, rivals, conflict, why):
    facts = facts_frame(lines)
    table = panel.build(facts)
    assert len(table) == 1, why
    row = table.iloc[0]
    assert (row["value"], bool(row["conflict"])) == (value, conflict), why
    named = [row["fact"], *filter(None, row["rivals"].split(";"))]
    assert len(named) == 1 + rivals and set(named) == set(facts["fact"])


# Things that look alike and are not one cell.
APART = [
    ([births("320", period="2016"), births("320", period="2017")], "two years"),
    ([births("320", status="previous"), births("284")], "an earlier report's figure beside this one's"),
    ([births("-36", status="change"), births("-11.25", status="change", unit="percent")], "a change in persons and one in percent"),
    ([births("381", dims={"residence": "registered"}), births("281", dims={"residence": "resident"})], "two populations"),
    ([births("336", place="甲镇"), births("336", place="乙镇")], "two places"),
    ([births("336", period="20XX", doc="a", place_id="p"), births("340", period="20XX", doc="b", place_id="p")], "a struck-out year in two documents"),
    ([births("336", period="20XX", section=1), births("340", period="20XX", section=2)], "a struck-out year in two sections"),
    ([births("336", period="", section=1), births("340", period="", section=2)], "no period in two sections"),
    ([births("336", place_id="", section=1), births("340", place_id="", section=2)], "a place that is not settled"),
]


@pytest.mark.parametrize(("lines", "why"), APART, ids=[case[-1] for case in APART])
def test_figures_of_different_things_never_meet(lines, why):
    table = panel.build(facts_frame(lines))
    assert len(table) == 2 and not table["conflict"].any(), why


def test_residence_leaves_the_dims_and_becomes_the_base():
    row = panel.build(facts_frame([births("196", dims={"residence": "resident", "sex": "male"})])).iloc[0]
    assert (json.loads(row["dims"]), row["base"]) == ({"sex": "male"}, "resident")


def test_a_base_the_extraction_found_governing_is_kept():
    facts = facts_frame([births("196")]).assign(base="registered")
    assert panel.build(facts)["base"].tolist() == ["registered"]


@pytest.mark.parametrize(("code", "period", "start", "end", "year", "kind"), [
    ("births", "2014-10/2015-06", "2014-10-01", "2015-06-30", 2015, "partial"),
    ("births", "2014-10/2015-09", "2014-10-01", "2015-09-30", 2015, "family_planning"),
    ("births", "2014", "2014-01-01", "2014-12-31", 2014, "calendar"),
    ("pop_total", "2016-05", "2016-05-01", "2016-05-31", 2016, "point"),
    ("births", "20XX-10/20XX-06", "", "", None, "partial"),
    ("births", "", "", "", None, "unknown"),
    ("births", "2015-06/2014-10", "", "", None, "unknown"),
])
def test_the_period_is_dated_where_its_year_is_known(code, period, start, end, year, kind):
    row = panel.build(facts_frame([{"code": code, "value": "5", "period": period}])).iloc[0]
    assert (row["period_start"], row["period_end"], row["year_kind"]) == (start, end, kind)
    assert (row["year"] == year) if year else row.isna()["year"]


def test_a_value_that_is_no_number_is_refused_with_its_place():
    facts = facts_frame([births("336")]).assign(value="三百", quote="出生三百人")
    with pytest.raises(InputError, match=r"出生三百人.*no number"):
        panel.build(facts)


def test_no_facts_make_an_empty_panel():
    assert list(panel.build(facts_frame([])).columns) == PANEL.names


def test_missing_bounds_are_the_value_itself():
    facts = facts_frame([births("336")]).assign(low=None, high=None)
    assert panel.build(facts)[["low", "high"]].values.tolist() == [[336, 336]]


@settings(max_examples=15)
@given(st.permutations(range(6)))
def test_the_order_of_the_facts_does_not_matter(order):
    facts = facts_frame([births("336"), births("363", section=2), births("336", section=3), {"code": "deaths", "value": "178"},
                         births("167", dims={"sex": "male"}), births("20", period="20XX")])
    one, other = panel.build(facts), panel.build(facts.iloc[list(order)])
    assert one.equals(other)


def test_the_gold_documents_hold_two_cells_with_two_values(gold_facts):
    table = panel.build(gold_facts)
    found = table[table["conflict"]]
    # B03 states 12 575 and 12 900 insured; document 002 two totals of operations (both marked optional).
    assert sorted(zip(found["doc"].str[:3], found["code"], strict=True)) == [("002", "fp_operations"), ("B03", "ncms_enrolled")]
    named = set(";".join([*table["fact"], *table["rivals"]]).split(";")) - {""}
    assert named == set(gold_facts["fact"])
