"""Words against numbers: what is contradicted, and everything that is left alone."""

import json

import pytest
from gold import as_facts, stated

from helpers.audit import build


def said(text, *lines):
    """Findings of words in `text`; a line is a fact whose quote stands in the text (or in another document)."""
    placed = []
    for line in lines:
        start = text.find(line["quote"])
        placed.append(line | {"start": start if start >= 0 else 0, "place_id": "here"})
    own = [line for line in placed if line["quote"] in text]
    other = [line for line in placed if line["quote"] not in text]
    found = build(as_facts({"report": own, "earlier": other}), texts={"report": text})
    return found[found["identity"] == "words_and_numbers"]


def S(code, value, quote, **more):
    line = stated(code, value, quote=quote, **{name: more.pop(name) for name in ("period", "status") if name in more})
    return line | more


NOW, BEFORE = S("cbr", "9.19", "出生率9.19‰"), S("cbr", "8.10", "8.10‰", period="2016")
AIM = S("policy_rate", "95", "95%以上", status="target", low=95, high=float("inf"))
CONTRADICTED = [
    ("全镇出生率9.19‰，比上年有所下降。", [NOW, BEFORE], "有所下降"),
    ("全镇出生率9.19‰，上年为8.10‰。出生率稳中有降。", [NOW, S("cbr", "8.10", "8.10‰", period="2016", status="previous")], "稳中有降"),
    ("死亡率5.10‰，同比略有上升。", [S("cdr", "5.10", "死亡率5.10‰"), S("cdr", "6.02", "6.02‰", period="2016")], "略有上升"),
    ("全鎮(zhèn)出生率9.19‰，比上年下降。", [NOW, BEFORE], "下降"),
    ("符合政策生育率目标95%以上，实际为91.2%，超额完成任务。", [AIM, S("policy_rate", "91.2", "91.2%")], "超额完成"),
    ("出生1430人，出生人口性别比131.2，保持正常。", [S("births", "1430", "出生1430人"), S("srb", "131.2", "出生人口性别比131.2")], "保持正常"),
]


@pytest.mark.parametrize(("text", "lines", "word"), CONTRADICTED)
def test_words_that_the_figures_contradict_are_a_finding(text, lines, word):
    found = said(text, *lines)
    assert found["severity"].tolist() == [2] and found["flags"].tolist() == ["wording"]
    row = found.iloc[0]
    assert f"“{word}”" in row["text_zh"] and row["settle"] and row["settle_en"]
    assert all(text[one["start"]:one["end"]] == one["quote"] for one in json.loads(row["evidence"])[-1:])
    assert word in json.loads(row["evidence"])[-1]["quote"]


LEFT_ALONE = [
    ("全镇出生率9.19‰，比上年有所上升。", [NOW, BEFORE], "the figures say so too"),
    ("全镇出生率9.19‰，比上年下降1.09个千分点。", [NOW, BEFORE], "a change with its figure is held against the series elsewhere"),
    ("全镇出生率9.19‰，下降到低水平8‰。", [NOW, BEFORE], "a fall to a value"),
    ("出生率9.19‰。力争出生率稳中有降。", [NOW, BEFORE], "a wish"),
    ("出生率9.19‰。近年来出生率持续下降。", [NOW, BEFORE], "several years"),
    ("出生率9.19‰。与2010年相比，出生率下降。", [NOW, BEFORE], "another year"),
    ("出生率9.19‰。孕产妇死亡率下降。", [NOW, BEFORE], "another indicator"),
    ("出生率9.19‰，计划外生育下降。", [NOW, BEFORE], "something unread in between"),
    ("出生率9.19‰，比上年有所下降。", [NOW, S("cbr", "9.19", "9.19‰", period="2016") | {"quote": "另9.19‰"}], "equal as printed"),
    ("出生率9.19‰，比上年有所下降。", [NOW], "nothing to compare with"),
    ("出生率9.19‰，比上年有所下降。", [NOW, S("cbr", "8.10", "8.10‰", period="2015")], "two years earlier"),
    ("符合政策生育率目标95%以上，实际为96.1%，超额完成任务。", [AIM, S("policy_rate", "96.1", "96.1%")], "reached"),
    ("实际为91.2%，圆满完成了各项任务。", [S("policy_rate", "91.2", "91.2%")], "no target printed"),
    ("出生60人，出生人口性别比131.2，保持正常。", [S("births", "60", "出生60人"), S("srb", "131.2", "出生人口性别比131.2")], "chance"),
    ("出生人口性别比131.2。关爱女孩是促使性别比保持正常的途径。", [S("srb", "131.2", "出生人口性别比131.2")], "a means"),
]


@pytest.mark.parametrize(("text", "lines", "why"), LEFT_ALONE)
def test_words_that_fit_or_may_mean_something_else_are_left_alone(text, lines, why):
    assert said(text, *lines).empty, why


def test_a_figure_held_within_a_limit_in_words_disagrees_with_one_beyond_it():
    within = S("cbr", "8", "出生率控制在8‰以内", low=0, high=8)
    found = build(as_facts({"report": [within, NOW]}))
    assert found.loc[found["severity"].fillna(0) >= 2, "class"].tolist() == ["conflict"]


def test_words_do_not_call_the_figures_into_question():
    from helpers.audit import questioned_facts
    text, lines, _ = CONTRADICTED[0]
    assert questioned_facts(said(text, *lines)) == frozenset()
