"""What a reader asked for after looking: nothing repeated in every row, what can be reckoned reckoned, the print kept whole."""

from __future__ import annotations

import re
import shutil

import pandas as pd
import pytest
from county import County, small_county

from helpers import report
from helpers.figures.labels import Labels
from helpers.report import choices, index
from helpers.report.fragments import TEMPLATES
from helpers.report.record import RunRecord


def _county(**how) -> County:
    return small_county(places=2, years=range(2019, 2022), **how)


def _load(county: County, folder, language: str = "zh"):
    return report.load("place-0", county.write(folder / "data").data, language)


def test_an_increase_nobody_stated_is_reckoned_marked_and_leads_to_births_and_deaths(tmp_path):
    county = _county()
    county.panel = [row for row in county.panel if row["code"] != "natural_increase"]
    township = _load(county, tmp_path)
    vital, sources = str(report.vital(township).html), str(report.sources(township).html)
    cells = re.findall(r'<a class="n" href="#(r-[0-9a-f]+)">(\d+)</a> <abbr class="calc"', vital)
    assert [int(value) for _, value in cells] == [births - deaths for births, deaths in ((282, 196), (306, 193), (330, 190))]
    for anchor, value in cells:
        entry = re.search(rf'<li id="{anchor}" data-facts="([^"]+)">.*?− \d+ = {value}</span>', sources, re.S)
        assert [fact.rpartition("-")[2] for fact in entry[1].split()] == ["births", "deaths"]


def test_a_stated_increase_stays_as_stated(tmp_path):
    township = _load(_county(), tmp_path)
    assert choices.increases(township) == {} and "calc" not in str(report.vital(township).html)


def test_births_and_deaths_of_different_bases_give_no_increase(tmp_path):
    county = _county()
    county.panel = [row | ({"base": "resident"} if row["code"] == "deaths" else {}) for row in county.panel if row["code"] != "natural_increase"]
    assert choices.increases(_load(county, tmp_path)) == {}


def test_an_increase_from_a_questioned_figure_is_marked(tmp_path):
    county = _county()
    county.panel = [row | {"questioned": row["code"] == "births"} for row in county.panel if row["code"] != "natural_increase"]
    html = str(report.vital(_load(county, tmp_path)).html)
    assert re.search(r'class="calc"[^>]*>算</abbr> <abbr class="warn"', html)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_period_all_rows_share_is_told_once(tmp_path, language):
    words = Labels(language)
    township = _load(_county(), tmp_path, language)
    table = report.services(township).html.striptags()
    assert table.count(words.period("2021")) == 1
    keys = report.key_figures(township).html.striptags()
    assert keys.count(words.period("2021")) == 1


def test_a_struck_out_year_is_named_once_in_the_first_lines(tmp_path):
    county = small_county(places=1, years=range(2021, 2022))
    for row in (*county.facts, *county.panel, *county.rates, *county.findings):
        row["period"] = "XXXX"
        if "year" in row:
            row["year"] = None
    lead = report.header(_load(county, tmp_path)).html.split('class="lead">')[1].split("</p>")[0]
    assert lead.count("某年（原文隐去）") == 1 and lead.count("当年") >= 2


def test_sex_ratios_of_different_bases_say_which(tmp_path):
    county = _county()
    for row in county.rates:
        if row["measure"] == "srb" and row["period"] == "2021":
            row["base"] = "resident"
    html = str(report.sex_ratio(_load(county, tmp_path)).html)
    assert html.count("<small>户籍人口</small>") == 2 and html.count("<small>常住人口</small>") == 1 and "同一口径（户籍人口）的2年" in html


def test_the_provenance_all_documents_share_is_told_once(tmp_path):
    assert str(report.header(_load(_county(), tmp_path)).html).count("<small>虚构</small>") == 1


def test_the_index_puts_first_what_needs_a_look(tmp_path):
    county = small_county(places=4)
    grave = [row | {"severity": 4} for row in county.findings if row["place_id"] == "place-3"]
    county.findings = [row for row in county.findings if row["place_id"] == "place-2"] + grave
    for row in county.places:
        row["facts"] = {"place-0": 5}.get(row["place_id"], 50)
    rows = index.index_rows(county.write(tmp_path / "data"), tmp_path, RunRecord(), Labels("zh"))
    assert [row["id"] for row in rows] == ["place-3", "place-2", "place-1", "place-0"]


def test_a_unit_of_the_other_script_stays_out_of_english():
    assert Labels("en").unit("per_100k") == " per 100 000" and Labels("zh").unit("per_100k") == "/10万"


def test_the_axis_of_the_increase_holds_zero():
    from matplotlib import pyplot as plt

    from helpers.figures.trends import plot_trend

    rates = pd.DataFrame(small_county(places=1).rates)
    ax = plot_trend(rates, "nir", ax=plt.figure().subplots())
    assert ax.get_ylim()[0] == 0
    plt.close(ax.figure)


def test_a_rate_of_the_county_page_leads_to_its_computation_on_the_township_page(county_data, tmp_path):
    from helpers.report import county as county_page
    from helpers.workspace import Workspace

    pages = county_page.write_all(Workspace(data=county_data), tmp_path, "zh")
    html = "".join((tmp_path / page).read_text(encoding="utf-8") for page in pages.values())
    links = re.findall(r'<a class="far" href="(place-\d)\.html#(r-[0-9a-f]+)">', html)
    assert len(links) == 6
    for place, anchor in links:
        assert f'<li id="{anchor}"' in str(report.sources(report.load(place, county_data)).html)


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("chromium"), reason="no Chromium here")
def test_on_paper_no_column_is_crushed_and_dark_screens_print_light(tmp_path):
    from playwright.sync_api import sync_playwright

    township = _load(_county(), tmp_path)
    css = (TEMPLATES / "page.css").read_text(encoding="utf-8")
    body = "".join(str(part(township).html) for part in (report.header, report.key_figures, report.vital, report.services))
    (tmp_path / "page.html").write_text(f'<!DOCTYPE html><html lang="zh"><meta charset="utf-8"><style>{css}</style><main>{body}</main></html>', encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        page = browser.new_page(viewport={"width": 794 - 106, "height": 1000}, color_scheme="dark")
        page.emulate_media(media="print", color_scheme="dark")
        page.goto((tmp_path / "page.html").as_uri())
        narrow = page.evaluate("[...document.querySelectorAll('tbody th')].filter(th => th.getBoundingClientRect().width < 90).length")
        wide = page.evaluate("[...document.querySelectorAll('table')].filter(t => t.scrollWidth > t.parentElement.clientWidth).length")
        ink = page.evaluate("getComputedStyle(document.querySelector('.r a.n')).color + getComputedStyle(document.body).backgroundColor")
        browser.close()
    assert (narrow, wide) == (0, 0) and ink == "rgb(0, 0, 0)rgb(255, 255, 255)"
