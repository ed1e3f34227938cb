"""Figures that may not speak of one thing are asked about; the same figures told of one thing are still found."""

import pytest
from gold import as_facts, stated
from test_false_cries import audited, on_text, read_and_audited, severities

from helpers.audit import questioned_facts

S = stated


def mothers(text):
    return on_text(text, ("活产3010人", S("live_births", "3010")), ("系统管理2712人", S("maternal_managed", "2712")),
                   ("系统管理率89.77%", S("maternal_mgmt_rate", "89.77")))


def test_a_rate_that_follows_from_another_number_of_its_sentence_is_a_question():
    found = mothers("全县有产妇3021人，活产3010人，系统管理2712人，系统管理率89.77%。")
    assert not severities(found) and found["text_zh"].str.contains("另一个数为分母").any()


@pytest.mark.parametrize("text", [
    "全县有产妇3029人，活产3010人，系统管理2712人，系统管理率89.77%。",
    "全县有产妇3021人。全年活产3010人，系统管理2712人，系统管理率89.77%。",
], ids=["another number", "another sentence"])
def test_a_number_from_which_the_rate_does_not_follow_excuses_nothing(text):
    assert max(severities(mothers(text)), default=0) >= 3


def births_and_sexes(text):
    return on_text(text, ("出生2480人", S("births", "2480")), ("男96人", S("births", "96", sex="male")),
                   ("女80人", S("births", "80", sex="female")), ("性别比120.00", S("srb", "120.00")))


def test_figures_of_a_survey_are_not_held_against_those_of_the_returns():
    found = births_and_sexes("统计报表出生2480人。本次调查的孩子中，男96人，女80人，性别比120.00。")
    assert not severities(found) and found["text_zh"].str.contains("来源不同").any()


def test_the_same_figures_without_a_source_are_a_finding():
    assert max(severities(births_and_sexes("全县出生2480人，其中男96人，女80人，性别比120.00。"))) >= 3


def test_a_source_named_in_a_bracket_does_not_govern_what_follows():
    found = on_text("全镇出生310人（统计报表口径），其中男160人，女140人。", ("出生310人", S("births", "310")),
                    ("男160人", S("births", "160", sex="male")), ("女140人", S("births", "140", sex="female")))
    assert max(severities(found)) >= 3


def test_two_columns_of_a_table_row_read_as_one_thing_are_a_question():
    lines = [("301", S("births", "301")), ("322", S("births", "322"))]
    assert not severities(on_text("项目 | 全县 | 城关\n出生 | 301 | 322 |\n", *lines))
    assert severities(on_text("共出生301人。\n\n共出生322人。", *lines)) == {3}


def test_columns_of_two_years_are_two_things():
    text = "项目 | 2015年 | 2014年\n出生 | 170 | 190 |\n\n同上年比，出生减少29人。"
    found = on_text(text, ("170", S("births", "170", period="2015")), ("190", S("births", "190", period="2014", status="previous")),
                    ("减少29人", S("births", "-29", period="2015", status="change")))
    assert severities(found) == {3}


def test_a_value_in_a_bracket_behind_another_count_is_of_that_count():
    lines = [("出生171人", S("births", "171")), ("出生新生儿174人", S("births", "174"))]
    assert not severities(on_text("全年随访孕妇230人(已出生171人，待产59人)，共出生新生儿174人。", *lines))


def test_a_whole_far_above_its_parts_in_another_sentence_is_a_question():
    lines = [("结扎8120人", S("fp_sterilized", "8120")), ("男扎6例", S("fp_sterilized", "6", sex="male")),
             ("女扎412例", S("fp_sterilized", "412", sex="female"))]
    assert not severities(on_text("已婚妇女中使用各种方法的，结扎8120人。全年手术：男扎6例，女扎412例。", *lines))
    assert max(severities(on_text("全年结扎8120人，其中男扎6例，女扎412例。", *lines))) >= 3


def test_several_kinds_of_a_service_are_added_and_no_more_than_added():
    kinds = [S("fp_iud", "300"), S("fp_iud_removed", "40"), S("fp_sterilized", "60"), S("fp_terminated", "25"), S("fp_terminated", "15")]
    assert not severities(audited(*kinds, S("fp_operations", "440")))
    assert max(severities(audited(*kinds, S("fp_operations", "460")))) >= 3


def test_a_printed_population_is_stronger_than_the_limits_of_a_level():
    people = [S("pop_total", "6120", level="county"), S("deaths", "31", level="county"), S("cdr", "5.07", level="county")]
    assert not severities(audited(*people, S("births", "52", level="county"), S("cbr", "8.50", level="county")))
    assert severities(audited(*people, S("births", "52", level="county"), S("cbr", "5.80", level="county")))


def test_births_and_deaths_in_each_others_place_are_both_questioned():
    lines = [S("pop_total", "30000"), S("births", "190"), S("deaths", "336"), S("natural_increase", "146"),
             S("births", "172", sex="male"), S("births", "164", sex="female")]
    found = audited(*lines)
    row = found[found["flags"] == "exchanged"].iloc[0]
    facts = as_facts({"report": lines}).set_index("fact")
    assert "对调" in row["hypothesis"]
    assert set(facts.loc[sorted(questioned_facts(found)), "code"] + facts.loc[sorted(questioned_facts(found)), "dims"]) == {"births{}", "deaths{}"}


def inhabitants(text):
    return on_text(text, ("18592人", S("pop_total", "18592")), ("农业人口16347人", S("pop_rural", "16347")), ("非农业人口2213人", S("pop_urban", "2213")))


def test_a_whole_whose_missing_part_stands_in_its_sentence_is_a_question():
    assert not severities(inhabitants("全镇共有18592人，其中农业人口16347人，非农业人口2213人，常住流入32人。"))


def test_a_whole_that_nothing_in_its_sentence_completes_is_a_finding():
    assert max(severities(inhabitants("全镇共有18592人，其中农业人口16347人，非农业人口2213人，常住流入30人。"))) >= 3


def test_a_share_that_does_not_say_of_whom_is_held_against_nothing():
    said = ("活产4010人", S("live_births", "4010")), ("系统管理3500人", S("maternal_managed", "3500"))
    text = "1988年活产4010人，早孕建册3023人；系统管理3500人，{}87.0%。"
    assert not severities(on_text(text.format("占"), *said, ("占87.0%", S("maternal_mgmt_rate", "87.0"))))
    assert severities(on_text(text.format("管理率"), *said, ("管理率87.0%", S("maternal_mgmt_rate", "87.0"))))


@pytest.mark.parametrize("lead", ["登记管理高血压患者{}人", "在册高血压患者{}人，其中", "高血压患者登记{}人"])
def test_more_managed_by_the_standard_than_are_on_the_register_is_found_in_the_text(lead):
    told = "{}，规范管理{}人，规范管理率{}%。"
    assert not severities(read_and_audited("2016年" + told.format(lead.format(661), 407, 61.6)))
    assert severities(read_and_audited("2016年" + told.format(lead.format(661), 707, 61.6)))


def test_sex_ratios_of_town_and_country_are_two_things():
    assert not severities(read_and_audited("1982年全县城镇人口28265人，其中男性15331人，女性12934人，性别比为118.53；"
                                           "乡村人口625192人，其中男性312065人，女性313127人，性别比为99.66。"))


def test_growth_over_a_month_and_over_a_year_are_two_things():
    assert not severities(read_and_audited("2013年8月底全国人口23354061人，与上年同月比较增加77620人，人口增加率为3.33‰，与上月比较增加4337人，增加率为0.19‰。"))
