"""What goes out beside the pages: a letter a township can answer, and PDF where a browser can print them."""

from __future__ import annotations

from pathlib import Path

import pytest
from county import small_county
from test_page import CHROMIUM, page

from helpers import report
from helpers.errors import InputError
from helpers.figures.labels import Labels
from helpers.report import handouts, letters, printing, sentences
from helpers.schema import TABLES
from helpers.workspace import Workspace


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    return small_county(places=2).write(tmp_path / "data")


def with_findings(workspace: Workspace, count: int) -> Workspace:
    """The first township with `count` findings, the second with none."""
    row = workspace.read("findings").iloc[0].to_dict()
    births = workspace.read("facts").query("fact == 'place-0-2021-births'").iloc[0]
    rows = [row | {"finding": f"f{number}", "stated": float(births["value"]), "recomputed": 300.0, "low": 299.0, "high": 301.0, "settle_en": "Check the register."}
            for number in range(count)]
    workspace.write("findings", TABLES["findings"].conform(rows))
    return workspace


def test_a_letter_says_what_is_stated_what_the_others_give_and_what_would_settle_it(workspace):
    told = letters.letter(report.load("place-0", with_findings(workspace, 1).data))
    for words in ("关于请柳溪镇核对有关数据的函", "“210”", "出生人数 299–301人", "核对登记册", "发函单位：", "模拟数据："):
        assert words in told
    assert "default-src &#39;none&#39;" in told and "<script" not in told and "造假" not in told


@pytest.mark.parametrize(("low", "high", "recomputed", "expected"), [
    (299, 301, 300, ("300人", "299–301人")), (300, 300, 300, ("300人", "")), (71, None, 71, ("不少于71人", "")),
    (None, 71, 71, ("不多于71人", "")), (0, 100, 50, ("0–100人", "")), (None, None, None, ("", "")),
])
def test_what_the_others_give_is_told_as_closely_as_it_is_known(low, high, recomputed, expected):
    row = TABLES["findings"].conform([{"low": low, "high": high, "recomputed": recomputed, "unit": "person"}]).iloc[0]
    assert sentences.recomputed(row, Labels("zh")) == expected


def test_a_letter_is_in_english_where_that_is_asked(workspace):
    told = letters.letter(report.load("place-0", with_findings(workspace, 1).data, "en"))
    assert "Request to 柳溪镇 to check some figures" in told and "Check the register." in told and "From: ____" in told


def test_a_letter_keeps_to_a_page_and_counts_the_rest(workspace):
    told = letters.letter(report.load("place-0", with_findings(workspace, letters.MOST + 4).data))
    assert told.count("核对登记册") == letters.MOST and "另有4处" in told and f"发现{letters.MOST + 4}处" in told


def test_letters_go_to_townships_with_findings_and_old_ones_are_removed(workspace, tmp_path):
    out = tmp_path / "out"
    (out / letters.FOLDER).mkdir(parents=True)
    for name in ("place-1.html", "place-1.pdf"):
        (out / letters.FOLDER / name).write_text("of an earlier run", encoding="utf-8")
    for place in ("place-0", "place-1"):
        (out / f"{place}.html").write_text("page", encoding="utf-8")
    assert handouts.hand_out(with_findings(workspace, 2), out, "zh", with_letters=True) == []
    assert [path.name for path in (out / letters.FOLDER).iterdir()] == ["place-0.html"]


def test_names_and_markup_of_a_document_are_harmless_in_a_letter(tmp_path):
    data = small_county(hostile=True).write(tmp_path / "data").data
    for number in range(6):
        told = letters.letter(report.load(f"place-{number}", data))
        assert "<script>" not in told and "<img" not in told and "王建国" not in told


def test_without_a_browser_the_way_out_is_said_before_any_work(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    with pytest.raises(InputError, match="apt install chromium"):
        printing.browser()


def test_a_page_that_cannot_be_printed_is_named_and_the_others_go_on(monkeypatch, tmp_path):
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\nexit 3\n", encoding="utf-8")
    broken.chmod(0o755)
    monkeypatch.setenv("CHROMIUM", str(broken))
    pages = [tmp_path / "a.html", tmp_path / "b.html"]
    for one in pages:
        one.write_text("page", encoding="utf-8")
    failed = printing.print_pages(pages)
    assert len(failed) == 2 and "a.pdf could not be printed: chromium ended with 3" in failed[0]
    assert not list(tmp_path.glob("*.pdf"))


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium at /usr/bin/chromium")
def test_a_page_and_a_letter_are_printed_once_and_the_letter_fits_one_page(workspace, monkeypatch, tmp_path):
    monkeypatch.setenv("CHROMIUM", str(CHROMIUM))
    out = tmp_path / "out"
    out.mkdir()
    (out / "place-0.html").write_text(page(workspace.data, "place-0"), encoding="utf-8")
    workspace = with_findings(workspace, letters.MOST + 4)
    assert handouts.hand_out(workspace, out, "zh", ["place-0"], with_letters=True, pdf=True) == []
    report_pdf, letter_pdf = (Path(out, name).read_bytes() for name in ("place-0.pdf", "letters/place-0.pdf"))
    assert report_pdf.startswith(b"%PDF") and report_pdf.count(b"/Type /Page\n") > 2
    assert letter_pdf.startswith(b"%PDF") and letter_pdf.count(b"/Type /Page\n") == 1
    before = (out / "place-0.pdf").stat().st_mtime_ns
    printing.print_pages([out / "place-0.html"])
    assert (out / "place-0.pdf").stat().st_mtime_ns == before
