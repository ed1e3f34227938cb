"""What a finding calls into question stays on the page, marked, and speaks nowhere."""

from __future__ import annotations

import shutil

from helpers.figures.labels import Labels
from helpers.report import funnel_rows, key_figures, load, sentences, vital
from helpers.report.index import index_rows
from helpers.report.record import RunRecord
from helpers.workspace import Workspace


def test_a_rate_in_question_is_marked_and_is_no_headline(county_data, tmp_path):
    """Births of the last year of place-0 are in question: its rate stays in the tables, marked; the year before speaks."""
    shutil.copytree(county_data, tmp_path / "data")
    workspace = Workspace(data=tmp_path / "data")
    rates = workspace.read("rates")
    own = (rates["place_id"] == "place-0") & (rates["measure"] == "cbr")
    rates.loc[own & (rates["year"] == 2021), ["flags", "value"]] = ["closing_population_used;questioned", 42.4]
    workspace.write("rates", rates)
    township = load("place-0", tmp_path / "data", "zh")
    assert "42.4" not in key_figures(township).html and "42.4" not in str(sentences.lead(township))
    page = vital(township).html
    assert "42.4" in page and "≠" in page and "存疑" in page
    assert "place-0" not in set(funnel_rows(township).query("year == 2021")["place_id"])
    listed = next(row for row in index_rows(workspace, tmp_path, RunRecord(), Labels("zh")) if row["id"] == "place-0")
    assert listed["rate_year"] == "2020"
    rates.loc[own, "flags"] = "questioned"
    workspace.write("rates", rates)
    township = load("place-0", tmp_path / "data", "zh")
    assert "存疑" in key_figures(township).html and "互不相符" in str(sentences.lead(township))
    assert next(row for row in index_rows(workspace, tmp_path, RunRecord(), Labels("zh")) if row["id"] == "place-0")["rate"] == ""
