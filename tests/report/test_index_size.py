"""The index at the size of a country: 41,000 townships in one page, opened and searched in a browser."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from helpers.figures.labels import Labels
from helpers.report import index
from helpers.report.fragments import TEMPLATES
from helpers.report.record import RunRecord
from helpers.schema import FINDINGS, TABLES
from helpers.simulate import write as simulate
from helpers.workspace import Workspace

CHROMIUM = Path("/usr/bin/chromium")
PLACES, YEARS = 41_000, 6


def country(folder: Path, places: int = PLACES, years: int = YEARS) -> Workspace:
    """A simulated panel with its birth rates, and findings in every tenth place."""
    simulate(folder / "data", townships=places, years=years, seed=11, form="panel")
    workspace = Workspace(data=folder / "data", reports=folder / "out")
    panel = workspace.read("panel")
    births = panel[(panel["code"] == "births") & (panel["dims"] == "{}")].set_index(["place_id", "year"])
    people = panel[(panel["code"] == "pop_total") & (panel["dims"] == "{}")].drop_duplicates(["place_id", "year"]).set_index(["place_id", "year"])
    both = births.join(people["value"].rename("people"), how="inner").reset_index()
    rate = 1000 * both["value"] / both["people"]
    rows = both[["place_id", "period", "year", "year_kind", "dims", "base"]].assign(
        measure="cbr", value=rate, low=rate * 0.9, high=rate * 1.1, numerator=both["value"], denominator=both["people"], per=1000.0, status="ok", flags="")
    workspace.write("rates", TABLES["rates"].conform(rows))
    ids = workspace.read("places")["place_id"].to_numpy()[::10]
    workspace.write("findings", FINDINGS.conform({"finding": place, "place_id": place, "class": "conflict", "severity": 2 + number % 3} for number, place in enumerate(ids)))
    (folder / "out").mkdir()
    return workspace


def test_every_place_travels_once_and_closes_no_script(tmp_path):
    workspace = country(tmp_path, places=300, years=5)
    rows = index.index_rows(workspace, workspace.reports, RunRecord(), Labels("zh"))
    assert len(rows) == 300 and all(row["wanted"] == 5 == row["known"] for row in rows) and sum(row["findings"] for row in rows) == 30
    rows[0]["name"] = "</script><script>alert(1)</script>"
    assert "<" not in index.inlined(rows, {})
    text = index.write(workspace, workspace.reports, RunRecord(), "zh").read_text(encoding="utf-8")
    assert text.count("<tr>") < 250, "plain rows are for browsers without script"
    assert (TEMPLATES / "index.js").read_text(encoding="utf-8") in text


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium at /usr/bin/chromium")
def test_forty_one_thousand_places_open_search_and_sort(tmp_path):
    from playwright.sync_api import sync_playwright

    workspace = country(tmp_path)
    started = time.perf_counter()
    page_file = index.write(workspace, workspace.reports, RunRecord(), "zh")
    made = time.perf_counter() - started
    names = workspace.read("places")["name"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        page = browser.new_page()
        problems: list[str] = []
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        started = time.perf_counter()
        page.goto(page_file.as_uri())
        page.wait_for_selector("#places.live tbody a, #places.live tbody th")
        opened = time.perf_counter() - started
        drawn = page.locator("#places tbody tr").count()
        started = time.perf_counter()
        page.fill("#search", "sim-40999")
        page.wait_for_function("document.getElementById('count').textContent.includes('1') && document.querySelectorAll('#places tbody tr').length === 1")
        searched = time.perf_counter() - started
        page.fill("#search", names.iloc[7])
        assert page.locator("#places tbody tr").count() >= 1
        page.fill("#search", "")
        started = time.perf_counter()
        page.click("button[data-key=rate]")
        sorted_in = time.perf_counter() - started
        page.evaluate("window.scrollTo(0, document.body.scrollHeight / 2)")
        page.wait_for_timeout(200)
        middle = page.locator("#places tbody tr[aria-rowindex]").first.get_attribute("aria-rowindex")
        browser.close()
    print(f"made {made:.1f} s, {page_file.stat().st_size / 1e6:.1f} MB, opened {opened:.2f} s, searched {searched:.2f} s, sorted {sorted_in:.2f} s")
    assert problems == [] and drawn < 100 and int(middle) > 10_000
    print(f"41,000 places: opened in {opened:.2f} s, searched in {searched:.2f} s, sorted in {sorted_in:.2f} s")
    assert np.isfinite(made) and made < 120
