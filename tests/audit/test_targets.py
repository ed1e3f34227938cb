"""Targets against results: attained or not, how surely, and targets looser than what is reached."""

import pytest
from gold import as_facts, stated

from helpers.audit import build

S = stated


def goal(code, value, low, high, period="2017", doc="计划", **dims):
    return S(code, value, status="target", period=period, **dims) | {"low": low, "high": high}


def said(*lines):
    lines = [line | {"place_id": "elsewhere" if line["place"] == "别镇" else "here"} for line in lines]
    found = build(as_facts({"plan": [line for line in lines if line["status"] == "target"],
                            "report": [line for line in lines if line["status"] != "target"]}))
    return found[found["identity"] == "targets_and_results"]


CASES = [
    # target, result, severity, words of the English sentence, why
    (goal("srb", "115", 0, 115), S("srb", "112.3"), 0, "attains it.", "控制在115以内"),
    (goal("srb", "115", 0, 115), S("srb", "118.4"), 1, "does not attain it.", "too high"),
    (goal("policy_rate", "95", 95, float("inf")), S("policy_rate", "96.97"), 0, "attains it.", "95%以上"),
    (goal("policy_rate", "95", 95, float("inf")), S("policy_rate", "94.9"), 1, "does not attain it.", "too low"),
    (goal("child_mgmt_rate", "60", 59.5, 60.5), S("child_mgmt_rate", "60"), 0, "rounding leaves that open", "no words, more is better"),
    (goal("imr", "13", 0, 13), S("imr", "13.0"), 0, "rounding leaves that open", "just at the bound"),
    (goal("policy_rate", "90", 90, float("inf")), S("policy_rate", "95.2", period="2016"), 1, "looser than", "already reached"),
    (goal("srb", "115", 0, 115), S("srb", "106.1", period="2016"), 1, "looser than", "already below"),
]


@pytest.mark.parametrize(("target", "result", "severity", "words", "why"), CASES)
def test_a_target_is_held_against_the_result(target, result, severity, words, why):
    found = said(target, result)
    assert found["severity"].tolist() == [severity], why
    assert words in found["text_en"].iloc[0] and found["flags"].iloc[0] == "target"
    assert "{" not in found["text_zh"].iloc[0] + found["text_en"].iloc[0]


@pytest.mark.parametrize("lines", [
    [goal("srb", "115", 0, 115), S("srb", "112", period="2017-01/2017-06")],
    [goal("srb", "115", 0, 115), S("srb", "112", place="别镇")],
    [goal("cbr", "10", 9.5, 10.5), S("cbr", "11.2")],
    [goal("srb", "110", 0, 110), S("srb", "112", period="2016")],
    [goal("prepreg_target", "90", 90, 90), S("prepreg_target", "95")],
    [goal("policy_rate", "95", 95, float("inf")), S("policy_rate", "96"), S("policy_rate", "94")],
], ids=["part of the year", "another place", "no direction", "stricter than reached", "a target group", "two results"])
def test_nothing_is_said_where_they_do_not_compare(lines):
    assert said(*lines).empty


def test_a_missed_target_is_never_a_finding():
    found = build(as_facts({"report": [goal("policy_rate", "95", 95, float("inf")), S("policy_rate", "60.0")]}))
    assert not found["severity"].fillna(0).ge(2).any()
