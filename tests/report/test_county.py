"""The county page: totals against the county's own, townships side by side, who reported what, what changed."""

from __future__ import annotations

import shutil

import pandas as pd
import pytest

from helpers.figures.labels import Labels
from helpers.figures.series import series
from helpers.report import county
from helpers.report.overview import completeness, courses, overview, reported
from helpers.schema import PANEL, PLACES
from helpers.workspace import Workspace

WORDS = Labels("zh")


def cells(*values: tuple[str, float], low: float | None = None, questioned: bool = False) -> pd.DataFrame:
    """Births of 2019 by place."""
    return PANEL.conform([{"place_id": place, "year": 2019, "period": "2019", "code": "births", "dims": "{}", "value": value, "low": low or value,
                           "high": value, "questioned": questioned} for place, value in values])


@pytest.mark.parametrize(("townships", "own", "members", "verdict", "bad", "why"), [
    ((("a", 300), ("b", 200)), 500, 2, "相符", False, "all townships, the same sum"),
    ((("a", 300), ("b", 200)), 510, 2, "不符，相差10", True, "all townships, another sum"),
    ((("a", 300),), 500, 2, "缺1个乡镇，不能核对", False, "a township is missing"),
    ((("a", 600),), 500, 2, "不符，相差100", True, "one township alone exceeds the county"),
])
def test_the_sum_of_townships_is_held_against_the_countys_own_total(townships, own, members, verdict, bad, why):
    row = county.totals(cells(*townships), cells(("county", own)), members, WORDS)[0]
    cell = next(cell for cell in row["cells"] if cell["code"] == "births")
    assert (cell["verdict"], cell["bad"]) == (verdict, bad), why


def test_rounding_of_the_countys_total_is_no_difference():
    own = cells(("county", 510), low=490.0)
    assert county.totals(cells(("a", 300), ("b", 200)), own, 2, WORDS)[0]["cells"][1]["verdict"] == "相符"


def test_a_sum_over_a_questioned_figure_is_marked():
    assert county.totals(cells(("a", 300), questioned=True), cells(), 2, WORDS)[0]["cells"][1]["doubt"]


def test_the_lines_of_all_places_are_those_of_each(county_data):
    rates = Workspace(data=county_data).read("rates")
    rates.loc[rates["year"] == 2018, "flags"] = "questioned"
    together = courses(rates)
    for place, rows in rates.groupby("place_id"):
        one = series(rows, "cbr")
        pd.testing.assert_series_equal(together.loc[together["place_id"] == place, "value"].reset_index(drop=True), one["value"], check_names=False)


def test_completeness_counts_the_years_of_the_whole_county():
    places = PLACES.conform([{"place_id": name, "county": "云岭县", "level": "township"} for name in "ab"] + [{"place_id": "c", "level": "township"}])
    rows = [{"place_id": place, "year": year, "year_kind": "calendar", "code": "births", "dims": "{}", "status": "observed", "value": 1}
            for place, years in (("a", (2015, 2016, 2018)), ("b", (2016,)), ("c", (2010,))) for year in years]
    told = completeness(places, reported(PANEL.conform(rows))).set_index("place_id")
    assert told.loc["a"].tolist() == [3, 4] and told.loc["b"].tolist() == [1, 4] and told.loc["c"].tolist() == [1, 1]


def test_the_page_shows_every_township_and_loads_nothing(county_data, tmp_path):
    pages = county.write_all(Workspace(data=county_data), tmp_path, "zh")
    assert list(pages) == ["云岭县"]
    text = (tmp_path / pages["云岭县"]).read_text(encoding="utf-8")
    assert all(f"place-{number}.html" in text for number in range(6)) and "http://" not in text and "https://" not in text
    assert "可能的名次" in text and "谁报了什么" in text and len(text.encode()) < 60_000


def test_an_english_page_has_no_chinese_but_names(county_data, tmp_path):
    import re

    pages = county.write_all(Workspace(data=county_data), tmp_path, "en")
    text = re.sub(r"<style>.*?</style>", "", (tmp_path / pages["云岭县"]).read_text(encoding="utf-8"), flags=re.S)
    for name in ("云岭县", "柳溪镇", "石桥乡", "东塘镇", "南坪镇", "北岭乡", "西河镇"):
        text = text.replace(name, "")
    assert not re.findall(r"[\u4e00-\u9fff]+", text)


def test_what_changed_since_the_last_data_is_told_until_they_change_again(county_data, tmp_path):
    shutil.copytree(county_data, tmp_path / "data")
    workspace, out = Workspace(data=tmp_path / "data"), tmp_path / "out"
    tables = [workspace.read(name) for name in ("places", "panel", "rates", "findings")]
    assert county.changes(overview(*tables), out, WORDS) == {}
    tables[0].loc[0, "facts"] += 5
    tables[0] = tables[0].drop(index=5)
    told = county.changes(overview(*tables), out, WORDS)
    assert told == {"place-0": ["读到的数54→59"]} == county.changes(overview(*tables), out, WORDS)
    tables[0] = workspace.read("places")
    assert county.changes(overview(*tables), out, WORDS)["place-5"] == ["新增"]


def test_hostile_names_are_escaped_and_make_no_file_elsewhere(hostile_data, tmp_path):
    workspace = Workspace(data=hostile_data)
    pages = county.write_all(workspace, tmp_path / "out", "zh")
    assert all(file.parent == tmp_path / "out" for file in (tmp_path / "out").glob("*.html")) and len(pages) == 1
    text = (tmp_path / "out" / next(iter(pages.values()))).read_text(encoding="utf-8")
    assert "<script" not in text and "<img" not in text
