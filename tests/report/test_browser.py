"""The pages in a real browser: nothing of a hostile document runs, nothing is loaded, and axe-core finds no violation."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from test_page import CHROMIUM, page

from helpers.report import county, index
from helpers.report.record import RunRecord
from helpers.workspace import PROJECT, Workspace

AXE = Path(os.environ.get("AXE_CORE", PROJECT / "node_modules" / "axe-core" / "axe.min.js"))
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
LOOKS = [("light", 1280), ("dark", 1280), ("light", 400), ("dark", 400)]

pytestmark = [pytest.mark.browser, pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium at /usr/bin/chromium")]


def pages_of(data: Path, out: Path) -> list[Path]:
    """Two reports, the county page and the index (with a failed report) of a county."""
    workspace = Workspace(data=data)
    out.mkdir()
    for place in ("place-0", "place-1"):
        (out / f"{place}.html").write_text(page(data, place), encoding="utf-8")
    counties = county.write_all(workspace, out, "zh")
    failed = RunRecord(pages={"place-2": {"error": "</pre><script>alert(1)</script>"}})
    return [out / "place-0.html", out / "place-1.html", *(out / file for file in counties.values()), index.write(workspace, out, failed, "zh", counties)]


@pytest.fixture(scope="module")
def hostile_pages(hostile_data, tmp_path_factory) -> list[Path]:
    return pages_of(hostile_data, tmp_path_factory.mktemp("hostile-pages") / "out")


@pytest.fixture(scope="module")
def plain_pages(county_data, tmp_path_factory) -> list[Path]:
    return pages_of(county_data, tmp_path_factory.mktemp("plain-pages") / "out")


@pytest.fixture(scope="module")
def chromium():
    """A Chromium for the tests of this module."""
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield browser
        browser.close()


def test_nothing_of_a_hostile_county_runs_and_nothing_is_loaded(chromium, hostile_pages):
    for file in hostile_pages:
        shown, seen = chromium.new_page(), []
        shown.on("dialog", lambda dialog: (seen.append(f"dialog {dialog.message}"), dialog.dismiss()))
        shown.on("console", lambda message: seen.append(f"console {message.text}") if message.type in ("error", "warning") else None)
        shown.on("pageerror", lambda error: seen.append(f"error {error}"))
        shown.on("request", lambda request, own=file.as_uri(): None if request.url == own or request.url.startswith("data:") else seen.append(f"request {request.url}"))
        shown.goto(file.as_uri())
        for details in shown.locator("details").all():
            details.evaluate("element => element.open = true")
        if shown.locator("a.n").count():
            shown.locator("a.n").first.click()
        if shown.locator("#search").count():
            shown.fill("#search", '<img src=x onerror="alert(1)">')
            shown.fill("#search", "")
            shown.locator("thead button").first.click()
        shown.wait_for_timeout(150)
        assert seen == [], file.name
        assert shown.evaluate("document.querySelectorAll('img,iframe,object,embed,svg[onload],[onerror],[onclick]').length") == 0
        shown.close()


@pytest.mark.slow
@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_axe_finds_no_violation(chromium, plain_pages, scheme, width):
    if not AXE.is_file():
        pytest.skip(f"axe-core is not at {AXE}: `npm install --no-save axe-core` puts it there, or AXE_CORE names its axe.min.js")
    found = []
    for file in plain_pages:
        shown = chromium.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        shown.goto(file.as_uri())
        shown.evaluate(AXE.read_text(encoding="utf-8"))
        result = shown.evaluate("rules => axe.run(document, rules)", RULES)
        assert len(result["passes"]) > 10, "axe looked at the page"
        found += [f"{file.name}: {one['id']} ({one['impact']}) {node['html'][:160]} {node['failureSummary'][:200]}" for one in result["violations"] for node in one["nodes"][:3]]
        assert shown.evaluate("document.documentElement.scrollWidth") <= width, f"{file.name} scrolls sideways at {width} px"
        shown.close()
    assert found == []


def test_the_list_of_places_is_used_with_the_keyboard_alone(chromium, plain_pages):
    shown = chromium.new_page()
    shown.goto(plain_pages[-1].as_uri())
    shown.focus("#search")
    shown.keyboard.type("place 3")
    assert shown.locator("#places tbody tr").count() == 1 and "1" in shown.inner_text("#count")
    shown.fill("#search", "")
    shown.locator("thead button").first.focus()
    shown.keyboard.press("Enter")
    assert shown.locator("thead th").first.get_attribute("aria-sort") == "ascending"
    shown.select_option("#complete", "gaps")
    assert shown.locator("#places tbody tr").count() == 0
    shown.select_option("#complete", "all")
    assert shown.locator("#places tbody tr").count() == 6
    shown.select_option("#severity", "4")
    assert shown.locator("#places tbody tr").count() == 0
    shown.close()
