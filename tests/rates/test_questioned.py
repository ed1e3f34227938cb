"""A rate that rests on a figure called into question says so, is compared with nothing and stands in no benchmark."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers import audit, rates
from helpers.schema import FINDINGS, PANEL, PLACES, flagged


def county(places: int = 5) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Townships of one county with births and population of 2019; the facts are named `<code>-<number>`."""
    cells, homes = [], []
    for number in range(places):
        homes.append({"place_id": f"p{number}", "name": f"乡{number}", "level": "township", "county": "云岭县"})
        for code, value in (("births", 300 + 10 * number), ("pop_total", 30000), ("cbr", 10 + number / 3)):
            unit = "permille" if code == "cbr" else "person"
            cells.append({"place_id": f"p{number}", "period": "2019", "period_start": "2019-01-01", "period_end": "2019-12-31", "year": 2019,
                          "year_kind": "calendar", "code": code, "dims": "{}", "base": "registered", "status": "observed", "value": value,
                          "low": value, "high": value, "written": str(value), "unit": unit, "fact": f"{code}-{number}", "doc": f"d{number}"})
    return PANEL.conform(cells), PLACES.conform(homes)


def asked(panel: pd.DataFrame, fact: str) -> pd.DataFrame:
    """The panel after a finding of conflict about one fact."""
    return audit.question(panel, FINDINGS.conform([finding("conflict", fact)]))


def finding(kind: str, facts: str, stated: float | None = None, severity: int = 3) -> dict:
    return {"finding": facts, "class": kind, "severity": severity, "facts": facts, "stated": stated}


@pytest.mark.parametrize(("row", "expected", "why"), [
    (finding("conflict", "a;b"), {"a", "b"}, "either of two values may be the wrong one"),
    (finding("arithmetic_error", "a;b", 7.0), {"a"}, "the error is traced to the figure that stands first"),
    (finding("arithmetic_error", "a;b"), {"a", "b"}, "not traced to one figure"),
    (finding("impossible", "a;b", 7.0, 4), {"a", "b"}, "which of them is wrong is a guess"),
    (finding("denominator_differs", "a;b", 7.0, 2), set(), "the figures may all be right"),
    (finding("consistent", "a;b", 7.0, 0), set(), "nothing is in question"),
])
def test_a_finding_questions_the_figures_it_cannot_clear(row, expected, why):
    assert audit.questioned_facts(FINDINGS.conform([row])) == expected, why


def test_a_rate_on_questioned_births_is_flagged_and_compared_with_nothing():
    panel, places = county()
    table = rates.build(asked(panel, "births-2"), places)
    marked = table[flagged(table, "questioned")]
    assert set(marked["place_id"]) == {"p2"} and "cbr" in set(marked["measure"])
    assert marked["benchmark"].eq("").all() and marked["judgement"].eq("").all() and marked["benchmark_value"].isna().all()
    assert marked["value"].notna().all(), "the figure is still there to be looked at"
    assert "p2" not in set(rates.compare(table, places)["place_id"])


def test_the_county_benchmark_leaves_a_questioned_rate_out():
    panel, places = county()
    panel.loc[panel["fact"] == "births-4", "value"] = 3000
    table = rates.build(asked(panel, "births-4"), places)
    own = table[(table["place_id"] == "p0") & (table["measure"] == "cbr")].iloc[0]
    assert own["benchmark"] == "county" and own["benchmark_value"] == pytest.approx(1000 * (310 + 320 + 330) / 90000)


def test_a_questioned_printed_rate_leaves_the_computed_one_standing():
    panel, places = county()
    table = rates.build(asked(panel, "cbr-1"), places)
    assert not flagged(table, "questioned").any()


def test_without_questions_nothing_changes():
    panel, places = county()
    pd.testing.assert_frame_equal(rates.build(panel, places), rates.build(asked(panel, "births of nobody"), places))
