"""What real pages taught: figures that differ without contradicting each other are questions or notes, never findings."""

import math

import pytest
from gold import as_facts, stated

from helpers.audit import build
from helpers.curate import curate, in_force
from helpers.extract import extract
from helpers.schema import FACTS

S = stated


def audited(*lines):
    return build(as_facts({"report": list(lines)}))


def read_and_audited(text, facts=None):
    """Findings of a text through the extractor, or with facts laid onto it (so that the audit alone is tested)."""
    if facts is None:
        facts, _ = curate(FACTS.conform([fact.row("report") for fact in extract(text, "report").facts]), {}, [], texts={"report": text})
        facts = in_force(facts)
    return build(facts, texts={"report": text})


def on_text(text, *lines):
    """Facts whose evidence stands in the text; each line is (quote, fact line)."""
    placed = [{**line, "quote": quote, "start": text.index(quote)} for quote, line in lines]
    return read_and_audited(text, as_facts({"report": placed}))


def severities(found):
    return set(found["severity"].dropna().astype(int)) - {0}


def test_a_fall_in_per_cent_of_a_mortality_per_mille_is_growth_and_not_points():
    found = audited(S("imr", "4.54", period="2018"), S("imr", "4.92", period="2017", status="previous"),
                    S("imr", "-7.72", period="2018", status="change", unit="percent"),
                    S("mmr", "9.80", period="2018"), S("mmr", "9.87", period="2017", status="previous"),
                    S("mmr", "-0.71", period="2018", status="change", unit="percent"))
    assert not severities(found)


def test_a_wrong_fall_in_per_cent_is_reported_in_per_cent():
    found = audited(S("imr", "4.54", period="2018"), S("imr", "4.92", period="2017", status="previous"),
                    S("imr", "-9.72", period="2018", status="change", unit="percent"))
    row = found[found["identity"] == "year_on_year"].iloc[0]
    assert row["severity"] == 3 and row["unit"] == "percent" and -7.93 < row["low"] <= row["high"] < -7.5


def test_one_figure_told_twice_under_two_years_is_no_series():
    found = audited(S("births", "2425", period="2021"), S("births", "2425", period="2020"), S("births", "-491", period="2021", status="change"))
    assert not severities(found)


@pytest.mark.parametrize(("lines", "why"), [
    ([S("births", "295"), S("births", "164", sex="male"), S("births", "131", sex="female"), S("srb", "125.20")], "padded"),
    ([S("births", "123"), S("births", "119", policy="in"), S("policy_rate", "96.8")], "rounded twice"),
    ([S("births", "2425"), S("births", "1408", order="1"), S("births", "965", order="2"), S("births", "52", order="3+"),
      S("order_rate", "58.06", order="1"), S("order_rate", "39.79", order="2"), S("order_rate", "2.15", order="3+")], "made to add up"),
    ([S("pop_age", "1049", age="0-2"), S("children_managed", "995", age="0-2"),
      {**S("child_mgmt_rate", "95", age="0-2"), "low": 95.0, "high": math.inf}], "at least 95 after rounding"),
], ids=lambda value: value if isinstance(value, str) else "")
def test_careless_last_digits_are_notes(lines, why):
    assert severities(audited(*lines)) == {1}, why


@pytest.mark.parametrize("lines", [
    [S("births", "295"), S("births", "164", sex="male"), S("births", "131", sex="female"), S("srb", "125.30")],
    [S("births", "123"), S("births", "119", policy="in"), S("policy_rate", "97.1")],
    [S("pop_age", "1049", age="0-2"), S("children_managed", "985", age="0-2"),
     {**S("child_mgmt_rate", "95", age="0-2"), "low": 95.0, "high": math.inf}],
    [S("pop_age", "5323", age="65+"), S("elderly_managed", "3615"), S("elderly_mgmt_rate", "67.97")],
], ids=["ratio", "share", "bound", "rate"])
def test_two_units_of_the_last_digit_are_still_findings(lines):
    assert max(severities(audited(*lines)), default=0) >= 3


def test_sexes_in_a_bracket_may_be_those_of_the_wider_whole():
    found = audited(S("births", "123"), S("births", "119", policy="in"), S("births", "62", policy="in", sex="male"),
                    S("births", "61", policy="in", sex="female"), S("srb", "101.63"))
    assert severities(found) <= {1}
    assert "attached" not in set(found["class"]) and found["text_zh"].str.contains("分性别数").any()


def test_a_share_without_its_numerator_gets_no_invented_repair():
    found = audited(S("births", "126"), S("policy_rate", "96.05"))
    row = found[found["severity"] == 4].iloc[0]
    assert row["class"] == "impossible" and row["hypothesis"] == "" and "没有一个整数" in row["text_zh"]


def test_contradictions_that_run_away_give_no_astronomical_number():
    found = audited(S("births", "123"), S("births", "119", policy="in"), S("births", "62", policy="in", sex="male"),
                    S("births", "71", policy="in", sex="female"), S("policy_rate", "96.8"), S("srb", "131.63"))
    assert max(severities(found)) >= 3
    assert not (found[["recomputed", "low", "high"]].abs() > 1e9).any(axis=None)


def test_a_repair_fits_a_printed_population_and_not_one_between_two():
    """128 births on 33,342 people are 3.84 per mille; 4.2 for 2.4 would need 30,476, which nobody printed."""
    period = "2008-10/2009-04"
    found = audited(S("pop_total", "33342", period="2009-04"), S("pop_total", "28132", period="2009-04", residence="resident"),
                    S("births", "128", period=period), S("births", "76", period=period, order="1"), S("births", "29", period=period, order="2+"),
                    S("cbr", "2.4", period=period))
    assert not found["text_zh"].str.contains("4.2").any()


HOUSEHOLDS = "全县共有家庭户270637户，集体户3596户，家庭户人口为707389人，集体户人口为39000人。"
BASES = "全区户籍人口共出生8802人，政策生育率为85.34%。全区居住半年以上流动人口32.3万人，全年出生4103人，计划生育率为75.04%。"
MISSED = "上半年出生1070人。抽样调查3个样本点，甲社区漏报出生6例。"


@pytest.mark.parametrize(("text", "lines"), [
    (HOUSEHOLDS, [("家庭户人口为707389人", S("pop_total", "707389")), ("集体户人口为39000人", S("pop_total", "39000"))]),
    (BASES, [("出生8802人", S("births", "8802")), ("出生4103人", S("births", "4103"))]),
    (MISSED, [("出生1070人", S("births", "1070")), ("漏报出生6例", S("births", "6"))]),
    ("年报出生310人，从计划外出生的时间看当年出生2人。", [("出生310人", S("births", "310")), ("当年出生2人", S("births", "2"))]),
    ("全镇期初总人口33264人，期末总人口33342人。", [("期初总人口33264人", S("pop_total", "33264")), ("期末总人口33342人", S("pop_total", "33342"))]),
], ids=["households", "bases", "missed", "part", "opening"])
def test_values_told_in_different_words_are_a_question(text, lines):
    found = on_text(text, *lines)
    assert not severities(found) and (found["class"] == "needs_external").any()


def test_two_values_told_in_the_same_words_are_a_finding():
    text = "全镇共出生310人，其中男160人。\n二、存在的问题\n全镇共出生301人，比上年少。"
    found = on_text(text, ("共出生310人", S("births", "310")), ("共出生301人", S("births", "301")))
    assert severities(found) == {3}


def test_rates_of_the_residents_beside_events_of_the_registered_are_a_question():
    text = "全区常住人口162.57万人，出生率8.29‰。" + "城市建设、教育、文化、体育事业继续发展。" * 6 + "年末户籍人口101.18万人，全年出生人口1.13万人。"
    found = on_text(text, ("常住人口162.57万人", S("pop_total", "1625700", residence="resident", level="county")),
                    ("出生率8.29‰", S("cbr", "8.29", residence="resident", level="county")),
                    ("户籍人口101.18万人", S("pop_total", "1011800", residence="registered", level="county")),
                    ("出生人口1.13万人", S("births", "11300", residence="resident", level="county")))
    assert not severities(found)


def test_a_count_of_another_office_is_a_question():
    text = "全镇登记总人口59507人。计生部门同期掌握的出生人数为578人，出生率为9.93‰。"
    found = on_text(text, ("总人口59507人", S("pop_total", "59507")), ("出生人数为578人", S("births", "578")), ("出生率为9.93‰", S("cbr", "9.93")))
    assert not severities(found)


def test_a_calendar_year_is_no_match_for_an_assessment_year_of_the_next_report():
    before = [S("deaths", "231", period="2013")]
    after = [S("births", "415", period="2013-10/2014-09"), S("deaths", "224", period="2014"), S("deaths", "-6", period="2014", status="change")]
    facts = as_facts({"one": before, "two": after})
    facts["place_id"] = "qingshi"
    found = build(facts)
    assert not severities(found) and (found["class"] == "needs_external").any()


def test_an_order_of_errors_that_broke_the_audit_is_judged():
    """Several contradictions at once, where the first to be left out is one of a pair that might be exchanged."""
    found = audited(S("births", "123"), S("births", "119", policy="in"), S("births", "62", policy="in", sex="male"),
                    S("births", "61", policy="in", sex="female"), S("policy_rate", "86.8"), S("srb", "121.63"), S("births", "9", policy="out"))
    assert max(severities(found)) >= 3
