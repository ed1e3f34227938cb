"""Births of the coming years on a page: where they lead, why they are refused, what they rest on; and the first lines of a report."""

from __future__ import annotations

import pytest
from county import small_county

from helpers import figures, report
from helpers.report.ahead import ANCHOR
from helpers.schema import TABLES
from helpers.workspace import Workspace


@pytest.fixture(scope="module")
def six_years(county_data):
    return report.load("place-0", county_data)


def in_question(data, doc: str) -> Workspace:
    """The county with the birth rate of one document called into question."""
    workspace = Workspace(data=data)
    for name, column in (("panel", "doc"), ("rates", "facts")):
        frame = workspace.read(name)
        rows = frame[column].str.contains(doc)
        if name == "panel":
            frame["questioned"] = rows
        else:
            frame.loc[rows, "flags"] = frame.loc[rows, "flags"] + ";questioned"
        workspace.write(name, frame)
    return workspace


def test_three_years_are_told_with_intervals_that_widen(six_years):
    found = report.births_ahead(six_years)
    assert found.refused == "" and found.ahead["year"].tolist() == [2022, 2023, 2024]
    assert (found.ahead["low"] < found.ahead["value"]).all() and (found.ahead["value"] < found.ahead["high"]).all()
    assert (found.ahead["high"] - found.ahead["low"]).is_monotonic_increasing


def test_the_years_ahead_lead_to_the_births_they_rest_on(six_years):
    html = str(report.outlook(six_years).html) + str(report.sources(six_years).html)
    assert html.count(f'href="#{ANCHOR}"') == 5 and html.count(f'id="{ANCHOR}"') == 1
    facts = html.partition(f'id="{ANCHOR}" data-facts="')[2].partition('"')[0].split()
    assert len(facts) == len(set(facts)) == 12 and all(f'id="f-{fact}"' in html for fact in facts)


def test_four_years_are_refused_with_their_number(tmp_path):
    data = small_county(places=1, years=range(2018, 2022)).write(tmp_path / "data").data
    township = report.load("place-0", data)
    told = report.outlook(township).html.striptags()
    assert "只有4年" in told and "不作推算" in told
    assert figures.caption(figures.plot_outlook(report.births_ahead(township).history, report.births_ahead(township).ahead, ax=figures.canvas())) is None
    assert ANCHOR not in str(report.sources(township).html)


def test_births_in_question_are_not_carried_forward(tmp_path):
    data = small_county(places=1).write(tmp_path / "data").data
    workspace = in_question(data, "place-0-2018")
    found = report.births_ahead(report.load("place-0", workspace.data))
    assert found.history["year"].tolist() == [2016, 2017, 2019, 2020, 2021]


def test_births_without_a_population_still_make_a_series(tmp_path):
    data = small_county(places=1).write(tmp_path / "data").data
    workspace = Workspace(data=data)
    workspace.write("rates", TABLES["rates"].conform([]))
    found = report.births_ahead(report.load("place-0", data))
    assert found.refused == "" and found.history["exposure"].isna().all() and len(found.history) == 6


@pytest.mark.parametrize(("language", "title"), [("zh", "照惯性推算，2024年出生约"), ("en", "Carried forward, about")])
def test_the_figure_says_where_the_births_lead(county_data, language, title):
    found = report.births_ahead(report.load("place-0", county_data, language))
    told = figures.caption(figures.plot_outlook(found.history, found.ahead, ax=figures.canvas(), place="柳溪镇", base=found.base, language=language))
    assert told.title.startswith(title) and len(told.data) == 9 and set(told.data["kind"]) == {"observed", "outlook"}


def test_the_first_lines_name_the_gravest_finding_and_lead_to_its_sentence(tmp_path):
    data = small_county(places=1).write(tmp_path / "data").data
    workspace = Workspace(data=data)
    births = workspace.read("facts").query("fact == 'place-0-2021-births'").iloc[0]
    mild = workspace.read("findings").iloc[0].to_dict()
    grave = mild | {"finding": "grave", "severity": 4, "stated": float(births["value"]), "recomputed": 300.0}
    workspace.write("findings", TABLES["findings"].conform([mild, grave]))
    told = str(report.header(report.load("place-0", data)).html)
    assert f'最要紧的是2021年的出生人数：原文作<a class="n" href="#f-place-0-2021-births">{births["value"]}人</a>，由所列各数算得300人。' in told


def test_a_finding_is_told_without_the_place_and_period_before_it(tmp_path):
    data = small_county(places=1).write(tmp_path / "data").data
    workspace = Workspace(data=data)
    row = workspace.read("findings").iloc[0].to_dict()
    workspace.write("findings", TABLES["findings"].conform([row | {"text_zh": "柳溪镇2021：文中列出生人数210人。", "text_en": "柳溪镇 2021: the document states births 210."}]))
    for language, text in (("zh", "</span> 文中列出生人数210人。</p>"), ("en", "</span> The document states births 210.</p>")):
        assert text in str(report.findings(report.load("place-0", data, language)).html)


def test_the_course_of_a_key_figure_is_told_in_a_word(six_years):
    html = str(report.key_figures(six_years).html)
    assert html.count("↓</span> 降") == 2 and "分辨不出升降" in html
