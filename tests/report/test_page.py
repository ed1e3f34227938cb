"""The page of a report: complete, self-contained, every number leads home, nothing of a document is live."""

from __future__ import annotations

import ast
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest

from helpers import report
from helpers.errors import InputError, ReportError
from helpers.report import evidence
from helpers.report.execute import NOTEBOOK
from helpers.report.page import to_html

sys.path.insert(0, str(Path(__file__).parent))
CHROMIUM = Path("/usr/bin/chromium")


def page(data: Path, place: str, language: str = "zh") -> str:
    """The page of the report notebook with its cells run here, in the order they stand."""
    notebook = nbformat.read(NOTEBOOK, 4)
    names: dict = {}
    for cell in (cell for cell in notebook.cells if cell.cell_type == "code"):
        source = cell.source if "parameters" not in cell.metadata.get("tags", []) else f"place, data, language = {place!r}, {str(data)!r}, {language!r}"
        tree = ast.parse(source)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, "cell", "exec"), names)
        if last is not None:
            shown, about = eval(compile(ast.Expression(last.value), "cell", "eval"), names)._repr_mimebundle_()
            cell.outputs = [nbformat.v4.new_output("execute_result", data=shown, metadata=about, execution_count=1)]
    return to_html(notebook)


class Reader(HTMLParser):
    """Collects ids, links inside the page, addresses loaded, and scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids, self.anchors, self.loads, self.tags = [], [], [], []
        self.handlers: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value)
            if name == "href" and value.startswith("#"):
                self.anchors.append(value[1:])
            if name in ("src", "srcset", "action", "data", "poster") or (tag == "link" and name == "href"):
                self.loads.append(value)
            if name.startswith("on"):
                self.handlers.append(name)


@pytest.fixture(scope="module")
def text(county_data) -> str:
    return page(county_data, "place-0")


def test_sections_stand_in_the_order_of_the_house(text):
    order = re.findall(r'<section id="([a-z]+)"', text)
    assert order == ["key", "findings", "vital", "ratio", "services", "targets", "among", "ahead", "sources", "method"]


def test_every_link_inside_the_page_has_its_target_and_ids_stand_once(text):
    reader = Reader(text)
    assert set(reader.anchors) - set(reader.ids) == set()
    assert len(reader.ids) == len(set(reader.ids))
    assert sum(anchor.startswith(("f-", "r-")) for anchor in reader.anchors) > 60


def test_every_value_of_the_key_table_leads_to_its_source(text):
    table = text[text.index('<table class="key'):text.index("</table>")]
    values = re.findall(r'<td class="r big"[^>]*>(.*?)</td>', table)
    assert len(values) == 5 and all(re.match(r'<a class="n" href="#[fr]-', value) for value in values)


def test_a_number_is_marked_in_its_own_sentence(text):
    assert re.search(r'全年出生<mark id="f-[0-9]+"[^>]*>210</mark>人，其中男孩<mark[^>]*>109</mark>', text)


def test_nothing_is_loaded_from_anywhere(text):
    reader = Reader(text)
    assert reader.loads == [] and reader.handlers == []
    outside = re.findall(r'(?:https?:)?//[a-z][^\s"\')<]*', re.sub(r"data:[^\"')]*", "", text))
    assert set(outside) <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert "default-src &#39;none&#39;" in text and reader.tags.count("script") == 1


def test_simulated_data_say_so_first_and_real_data_do_not(text, tmp_path):
    from county import small_county

    assert text.count("模拟数据：") == 2
    real = small_county(places=1, simulated=False).write(tmp_path / "data").data
    assert "模拟数据：" not in page(real, "place-0")


def test_persons_of_the_documents_do_not_reach_the_page(text):
    assert "王建国" not in text and "镇长×××" in text


def test_a_page_stays_small(text):
    assert len(text.encode()) < 200_000


def test_english_and_chinese_pages_tell_the_same_numbers(text, county_data):
    english = page(county_data, "place-0", "en")
    numbers = [re.findall(r'href="#([fr]-[^"]+)"', part) for part in (text, english)]
    assert numbers[0] == numbers[1]
    assert '<html lang="en">' in english and "Births, deaths and natural increase" in english
    body = re.sub(r'<blockquote>.*?</blockquote>|<h3 id="d-.*?</h3>|<details>.*?</details>|<li class="where">.*?</li>|云岭县|柳溪镇', "", english[english.index("<main>"):], flags=re.S)
    body = re.sub(r'data:text/csv[^"]*|<li class="finding.*?</li>', "", body, flags=re.S)
    assert not re.findall(r"[\u4e00-\u9fff]+", body)


def test_hostile_text_is_shown_and_never_live(hostile_data):
    reader = Reader(page(hostile_data, "place-0"))
    assert reader.tags.count("script") == 1 and "img" not in reader.tags and reader.handlers == [] and reader.loads == []
    assert "49" not in page(hostile_data, "place-5").split("{{ 7*7 }}")[0][-40:]


def test_the_csv_of_a_figure_holds_no_formula():
    import pandas as pd

    from helpers.report.download import csv_text

    text = csv_text(pd.DataFrame({"name": ["=HYPERLINK(1)", "+1", "@x", "-2", "乡镇"], "value": [-1.5, 2, 3, 4, 5]}))
    assert text.startswith("\ufeff") and not re.search(r'(?m)^"?[=+@]|,"?[=+@]', text)
    assert "-1.5" in text


def test_passages_give_back_the_raw_text_and_mark_each_fact_where_it_stands(county_data):
    township = report.load("place-0", county_data)
    found = evidence.passages(township)
    marked = {}
    for passage in found:
        raw = township.texts[passage.doc][passage.start:passage.end].replace("\n", "↵").replace("王建国", "×××")
        assert "".join(piece.text for piece in passage.pieces) == raw
        for piece in passage.pieces:
            for fact in piece.facts:
                marked[fact] = marked.get(fact, "") + piece.text
    assert marked == dict(zip(township.facts["fact"], township.facts["quote"], strict=True))


def test_without_the_text_the_quote_stands_alone(county_data, tmp_path):
    import shutil

    shutil.copytree(county_data, tmp_path / "data")
    shutil.rmtree(tmp_path / "data" / "interim" / "text")
    township = report.load("place-0", tmp_path / "data")
    assert not any(passage.complete for passage in evidence.passages(township))
    assert "只存所引的字" in str(report.sources(township).html)


@pytest.mark.parametrize("place", ["../../x", "<script>", "", "A", "a" * 65, "x/y"])
def test_a_place_id_that_is_none_is_refused(place, county_data):
    with pytest.raises(InputError, match="not a place id"):
        report.load(place, county_data)


def test_an_unknown_place_is_named(county_data):
    with pytest.raises(InputError, match=r"no place nowhere .*`township places`"):
        report.load("nowhere", county_data)


def test_a_notebook_without_a_header_makes_no_page():
    with pytest.raises(ReportError, match="header"):
        to_html(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")]))


@pytest.mark.browser
@pytest.mark.parametrize("width", [400, 1280])
def test_in_a_browser_nothing_runs_nothing_scrolls_sideways_and_a_number_opens_its_source(hostile_data, tmp_path, width):
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip(f"no Chromium at {CHROMIUM}")
    path = tmp_path / "page.html"
    path.write_text(page(hostile_data, "place-0"), encoding="utf-8")
    heard = []
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        shown = browser.new_page(viewport={"width": width, "height": 900})
        shown.on("dialog", lambda dialog: (heard.append(dialog.message), dialog.dismiss()))
        shown.on("console", lambda message: heard.append(message.text))
        shown.on("request", lambda request: heard.append(request.url) if not request.url.startswith(("file:", "data:")) else None)
        shown.goto(path.as_uri())
        assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert "ok" in shown.evaluate("document.fonts.ready.then(() => [...document.fonts].every(f => f.status !== 'error') ? 'ok' : 'font')")
        link = shown.locator("table.key a.n").first
        link.focus()
        shown.keyboard.press("Enter")
        assert shown.locator("dialog[open] mark.now").count() >= 2
        shown.keyboard.press("Escape")
        assert shown.locator("dialog[open]").count() == 0
        browser.close()
    assert heard == []


@pytest.mark.parametrize("kept", ["nothing", "facts", "facts and panel", "panel without dates"])
def test_a_place_with_little_known_still_has_a_page_whose_sections_shrink(county_data, tmp_path, kept):
    import shutil

    from helpers.workspace import Workspace

    shutil.copytree(county_data, tmp_path / "data")
    workspace = Workspace(data=tmp_path / "data")
    for name in ("facts", "panel", "rates", "findings"):
        frame = workspace.read(name)
        if name not in kept:
            frame = frame[frame["place_id"] != "place-0"]
        if "without dates" in kept and name == "panel":
            frame = frame.assign(period="20XX", year=None, period_start="", period_end="", year_kind="unknown")
        workspace.write(name, frame)
    text = page(tmp_path / "data", "place-0")
    assert "资料中没有可以相互核算的表述" in text and text.count('class="empty"') >= (3 if "panel" in kept else 7)
