"""What was seen and not read goes to the doubts, with its place and a reason a person can look up."""

from pathlib import Path

import pytest
from notation import cases

from helpers.catalogue import read_rows
from helpers.extract import extract

RESTATED = sorted((Path(__file__).resolve().parents[2] / "data" / "raw" / "restated").glob("*.txt"))


def reasons(text: str) -> list[tuple[str, str]]:
    return [(doubt.reason, doubt.quote) for doubt in extract(text).doubts]


def test_a_swallowed_digit_that_nothing_proves_is_reported():
    found = reasons("總?cè)丝跒?0317人")
    assert [reason for reason, _ in found] == ["digit_lost"]
    assert "0317" in found[0][1]


@pytest.mark.parametrize(("text", "reason", "quote"), [
    ("高血压患者占12.5%", "no_subject", "12.5%"),
    ("孕产妇占31.2%。", "no_subject", "31.2%"),
    ("政策内占12.5%，政策符合率88.9%", "no_subject", "12.5%"),
    ("计划生育率315", "not_a_share", "315"),
])
def test_a_figure_that_could_not_be_told_is_reported_where_it_stands(text, reason, quote):
    assert reasons(text) == [(reason, quote)]
    assert all(text[doubt.start:doubt.end] == doubt.quote for doubt in extract(text).doubts)


@pytest.mark.parametrize("text", ["2014年工作总结", "电话0512-85601234", "第3季度", ""])
def test_what_is_no_figure_is_no_doubt_either(text):
    assert reasons(text) == []


def test_every_reason_stands_in_the_catalogue():
    known = {row["code"] for row in read_rows("doubts")}
    texts = [case.text for case in cases()] + [path.read_text(encoding="utf-8") for path in RESTATED]
    used = {doubt.reason for text in texts for doubt in extract(text).doubts}
    carried = {reason for text in texts for fact in extract(text).facts for reason in fact.doubts}
    assert used and used | carried <= known


@pytest.mark.parametrize("path", RESTATED, ids=lambda path: path.stem)
def test_a_figure_is_read_or_doubted_never_both(path):
    found = extract(path.read_text(encoding="utf-8"))
    both = [(doubt.quote, fact.quote) for doubt in found.doubts for fact in found.facts
            if doubt.start < fact.end and fact.start < doubt.end and doubt.quote in fact.quote]
    assert both == []
