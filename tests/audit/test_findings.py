"""What must be found and what must not: real figures, restated as facts (places and wording ours)."""

import pytest
from gold import as_facts, stated

from helpers.audit import build

S = stated


def findings(*lines):
    found = build(as_facts({"report": list(lines)}))
    return found[found["severity"].fillna(-1) >= 2]


def everything(*lines):
    return build(as_facts({"report": list(lines)}))


PARTIAL = "20XX-10/20XX-06"
# Worked example (a): a township, 1 October to 30 June, rates on a mean population.
NINE_MONTHS = [
    S("pop_total", "30317", period="20XX-06", residence="registered"), S("births", "336", period=PARTIAL, residence="registered"),
    S("births", "286", period=PARTIAL, policy="in"), S("births", "50", period=PARTIAL, policy="out"),
    S("policy_rate", "85.12", period=PARTIAL), S("cbr", "11.1", period=PARTIAL), S("births", "167", period=PARTIAL, sex="male"),
    S("births", "169", period=PARTIAL, sex="female"), S("srb", "98.8", period=PARTIAL), S("deaths", "178", period=PARTIAL),
    S("cdr", "5.88", period=PARTIAL), S("nir", "5.22", period=PARTIAL),
]
# Worked example (c): the opening population fits exactly, a mean population is admitted.
OPENING = [
    S("pop_total", "23449"), S("births", "215"), S("births", "120", sex="male"), S("births", "95", sex="female"),
    S("births", "126", order="1"), S("births", "89", order="2+"), S("order_rate", "58.60", order="1"),
    S("order_rate", "41.40", order="2+"), S("deaths", "149"), S("natural_increase", "66"), S("cbr", "9.19"), S("cdr", "6.37"), S("nir", "2.82"),
]
HALF_YEAR = "2010-01/2010-06"
MUST_NOT = {
    "rates over nine months on a mean population": NINE_MONTHS,
    "rates on the opening population": OPENING,
    "half a year on a mean population": [
        S("pop_total", "57727", period=HALF_YEAR, residence="registered"), S("births", "436", period=HALF_YEAR, residence="registered"),
        S("births", "429", period="2009-01/2009-06", status="previous", residence="registered"),
        S("births", "7", period=HALF_YEAR, status="change", residence="registered"), S("policy_rate", "99.54", period=HALF_YEAR),
        S("cbr", "7.57", period=HALF_YEAR), S("cbr", "7.53", period="2009-01/2009-06", status="previous"),
        S("cbr", "0.04", period=HALF_YEAR, status="change", unit="permille_point"), S("nir", "5.19", period=HALF_YEAR),
        S("nir", "5.6", period="2009-01/2009-06", status="previous"),
        S("nir", "-0.41", period=HALF_YEAR, status="change", unit="permille_point"), S("srb", "136", period=HALF_YEAR),
        S("srb", "130", period="2009-01/2009-06", status="previous"),
    ],
    "resident rates on a mean population 2 % below the closing one": [
        S("pop_total", "40248", residence="resident"), S("births", "281", residence="resident"), S("cbr", "7.14", residence="resident"),
        S("deaths", "266", residence="resident"), S("cdr", "6.76", residence="resident"), S("nir", "0.38", residence="resident"),
        S("pop_total", "52746", residence="registered"), S("births", "381", residence="registered"), S("cbr", "7.23", residence="registered"),
        S("deaths", "301", residence="registered"), S("cdr", "5.71", residence="registered"), S("nir", "1.52", residence="registered"),
    ],
    "a city of six million on the mean of two years": [
        S("pop_total", "5957992", period="2005", level="city"), S("pop_total", "5836016", period="2004", status="previous", level="city"),
        S("births", "45331", period="2005", level="city"), S("deaths", "31567", period="2005", level="city"),
        S("natural_increase", "13764", period="2005", level="city"), S("cbr", "7.69", period="2005", level="city"),
        S("cdr", "5.35", period="2005", level="city"), S("nir", "2.34", period="2005", level="city"),
    ],
    "a natural increase rate taken from rounded rates, the death rate unprinted": [
        S("births", "858", level="county", period=PARTIAL), S("births", "832", level="county", period=PARTIAL, policy="in"),
        S("births", "26", level="county", period=PARTIAL, policy="out"), S("deaths", "914", level="county", period=PARTIAL),
        S("cbr", "5.39", level="county", period=PARTIAL), S("nir", "-0.36", level="county", period=PARTIAL),
        S("policy_rate", "96.97", level="county", period=PARTIAL), S("order_rate", "0.12", level="county", period=PARTIAL, order="3+"),
        S("srb", "117", level="county", period=PARTIAL),
    ],
    "digits cut off": [S("pregnant_women", "267", start=10), S("maternal_managed", "213", start=20), S("maternal_mgmt_rate", "79", start=30),
                       S("prepreg_target", "90", status="target"), S("prepreg_checked", "41"), S("prepreg_rate", "45")],
    "groups that overlap add up to more than the total": [
        S("fd_signed", "24211"), *[S("fd_signed", value, group=name) for name, value in
                                   (("贫困人口", "13814"), ("老年人", "9097"), ("慢病", "6435"))]],
    "records and enrolment counted among other people than those printed": [
        S("pop_total", "14270"), S("ncms_enrolled", "12575"), S("ncms_rate", "95.1"), S("health_records", "11000"), S("health_record_rate", "95")],
    "a subgroup and two campaigns with counts of their own": [
        S("fp_operations", "206"), S("fp_operations", "38"), S("fp_sterilized", "10"), S("fp_terminated", "3")],
}


@pytest.mark.parametrize("name", MUST_NOT)
def test_what_is_consistent_is_not_a_finding(name):
    found = findings(*MUST_NOT[name])
    assert found.empty, found[["identity", "text_en"]].to_string()


MUST = {
    "more people signed than there are": ([S("fd_population", "1275", group="高血压"), S("fd_signed", "1435", group="高血压"),
                                           S("fd_rate", "100.00", group="高血压")], "impossible", 4),
    "the same for diabetes": ([S("fd_population", "359", group="糖尿病"), S("fd_signed", "406", group="糖尿病"),
                               S("fd_rate", "100.00", group="糖尿病")], "impossible", 4),
    "193 of 195 as 100 %": ([S("fd_population", "195", group="重精"), S("fd_signed", "193", group="重精"),
                             S("fd_rate", "100.00", group="重精")], "arithmetic_error", 3),
    "first and second births outnumber all": ([S("births", "278"), S("births", "145", sex="male"), S("births", "133", sex="female"),
                                               S("srb", "109"), S("births", "202", order="1", policy="in"),
                                               S("births", "76", order="2", policy="in"), S("births", "3", order="2", policy="out")],
                                              "impossible", 4),
    "a total that is neither the registered nor the resident one": ([
        S("births", "284", residence="registered"), S("births", "285", residence="resident"), S("births", "586")], "conflict", 3),
    "two digits exchanged in a natural increase rate": ([S("cbr", "24.91", level="province"), S("cdr", "5.79", level="province"),
                                                         S("nir", "19.21", level="province")], "arithmetic_error", 3),
    "a rate no whole number gives": ([S("births", "120"), S("policy_rate", "85.12")], "impossible", 4),
    "% for ‰": ([S("births", "336"), S("deaths", "178"), S("cbr", "11.08", unit="percent"), S("cdr", "5.87"), S("pop_total", "30317")],
                "arithmetic_error", 3),
    "births and deaths in each other's place": ([S("births", "178"), S("births", "167", sex="male"), S("births", "169", sex="female"),
                                                 S("deaths", "336"), S("natural_increase", "158")], "arithmetic_error", 3),
    "a rate on quite another population": ([S("births", "336"), S("deaths", "178"), S("cbr", "11.20"), S("cdr", "5.93"),
                                            S("pop_total", "33000")], "denominator_differs", 3),
    "birth and death rate on two populations": ([S("births", "336"), S("deaths", "178"), S("cbr", "11.20"), S("cdr", "6.20"), S("nir", "5.00")],
                                                "denominator_differs", 2),
    "a change that is not the difference": ([S("births", "320", period="2016", status="previous"), S("births", "284"),
                                             S("births", "-26", status="change")], "arithmetic_error", 3),
    "more in half a year than in the year": ([S("births", "300"), S("births", "320", period="2017-01/2017-06")], "impossible", 4),
    "a negative count": ([S("births", "-3")], "impossible", 4),
    "nobody lives there": ([S("pop_total", "0"), S("births", "3")], "impossible", 4),
    "more than all": ([S("hospital_delivery_rate", "101.5")], "impossible", 4),
}


@pytest.mark.parametrize("name", MUST)
def test_what_does_not_add_up_is_one_finding_of_its_class(name):
    lines, kind, severity = MUST[name]
    found = findings(*lines)
    assert found["class"].tolist() == [kind], found[["identity", "class", "text_en"]].to_string()
    assert found["severity"].tolist() == [severity]


def test_the_population_found_is_printed_beside_what_agrees():
    found = everything(*NINE_MONTHS)
    rates = found[found["identity"] == "crude_birth_rate"].iloc[0]
    assert rates["class"] == "consistent" and rates["flags"] == "partial_year"
    assert (round(rates["low"]), round(rates["high"])) == (30246, 30297)
    found = everything(*OPENING)
    rates = found[found["identity"] == "crude_birth_rate"].iloc[0]
    assert (round(rates["low"]), round(rates["high"])) == (23382, 23408)


def test_the_only_slip_that_explains_it_is_named():
    found = findings(*MUST["two digits exchanged in a natural increase rate"][0]).iloc[0]
    assert "19.12" in found["hypothesis"] and "19.12" in found["text_en"]
    assert (found["stated"], round(found["low"], 2), round(found["high"], 2)) == (19.21, 19.11, 19.13)


def test_several_slips_that_would_explain_it_are_not_named():
    assert findings(*MUST["193 of 195 as 100 %"][0]).iloc[0]["hypothesis"] == ""


def test_cut_digits_are_a_note_with_the_value_computed():
    notes = everything(*MUST_NOT["digits cut off"])
    notes = notes[notes["severity"] == 1]
    assert sorted(notes["recomputed"].round(3)) == [45.556, 79.775]


def test_every_finding_says_what_where_why_and_what_would_settle_it_in_neutral_words():
    for lines, _, _ in MUST.values():
        for row in findings(*lines).to_dict("records"):
            for column in ("statement", "evidence", "facts", "text_zh", "text_en", "settle", "identity"):
                assert row[column], (column, row["text_zh"])
            assert "造假" not in row["text_zh"] + row["settle"] and "{" not in row["text_zh"] + row["text_en"]


def test_one_group_with_two_errors_gives_two_findings():
    found = findings(S("births", "386"), S("births", "167", sex="male"), S("births", "169", sex="female"),
                     S("fd_population", "359", group="糖尿病"), S("fd_signed", "406", group="糖尿病"))
    assert sorted(found["class"]) == ["arithmetic_error", "impossible"]


def test_figures_of_two_places_never_meet():
    found = findings(S("births", "336", place="甲镇"), S("births", "386", place="乙镇"),
                     S("births", "167", sex="male", place="甲镇"), S("births", "169", sex="female", place="甲镇"))
    assert found.empty


def test_registered_and_resident_figures_never_meet():
    found = findings(S("births", "336", residence="registered"), S("births", "300", residence="resident"),
                     S("births", "167", sex="male", residence="registered"), S("births", "169", sex="female", residence="registered"))
    assert found.empty


def test_nothing_stated_gives_no_findings():
    assert build(as_facts({})).empty


def test_values_that_are_not_figures_are_left_alone():
    lines = [S("births", "336"), {**S("births", "1", sex="male"), "value": "若干", "written": "若干"}, {**S("deaths", "1"), "value": "", "written": ""}]
    assert findings(*lines).empty


QUESTIONS = {
    "enrolment beside the population in one sentence": [
        S("pop_total", "14270", start=31), S("ncms_enrolled", "12575", start=63), S("ncms_rate", "95.1", start=79)],
    "key groups signed beside the population": [
        S("pop_total", "24211", start=31), S("fd_signed", "13814", start=63), S("fd_rate", "75.2", start=79)],
    "records beside a resident population of another sentence": [
        S("pop_total", "21164", start=31, residence="resident"), S("health_records", "17676", start=663, residence="resident"),
        S("health_record_rate", "95", start=679, residence="resident")],
    "the registered and then the resident population, rates without a base": [
        S("pop_total", "52746", start=0, residence="registered"), S("cbr", "7.23", start=100),
        S("pop_total", "40248", start=300, residence="resident"), S("cbr", "7.14", start=400)],
    "a figure in the clause of the year before": [
        S("deaths", "55", start=10, quote="死亡人员55人"), S("births", "79", start=50, period="2016", status="previous", quote="去年同期出生79人"),
        S("deaths", "40", start=60, quote="死亡40人")],
    "the year before of a family planning year": [
        S("births", "798", start=500, period="2014"), S("births", "803", start=10, period="2014-10/2015-09"),
        S("births", "787", start=300, period="2014", status="previous")],
    "a digit put back": [S("births", "336") | {"doubts": "digit_restored"}, S("births", "177", sex="male"), S("births", "169", sex="female")],
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_what_the_document_alone_cannot_settle_is_a_question(name):
    found = everything(*QUESTIONS[name])
    assert not found["severity"].fillna(0).ge(2).any(), found[["identity", "text_en"]].to_string()
    assert found["severity"].isna().any()


def test_a_change_that_agrees_once_an_error_is_put_right_is_not_reported_again():
    swapped = [S("births", "77"), S("births", "50", sex="male"), S("births", "45", sex="female"), S("deaths", "95"),
               S("deaths", "72", period="2016", status="previous"), S("deaths", "5", status="change")]
    found = findings(*swapped)
    assert found["identity"].tolist() == ["births_by_sex"]
    assert "deaths95" in found["evidence"].iloc[0]
    assert set(findings(*swapped[:3], S("deaths", "99"), *swapped[4:])["identity"]) == {"births_by_sex", "year_on_year"}


def test_the_figures_named_are_those_the_recomputed_value_rests_on():
    row = findings(S("births", "144"), S("cbr", "12.48"), S("deaths", "72"), S("cdr", "6.42"), S("pop_total", "11000")).iloc[0]
    assert round(row["low"], 1) == 12.8 and all(name in row["text_en"] for name in ("deaths", "crude death rate"))


def test_hypothesis_and_what_would_settle_it_are_there_in_english():
    row = findings(*MUST["two digits exchanged in a natural increase rate"][0]).iloc[0]
    assert "19.12" in row["hypothesis_en"] and "register" in row["settle_en"]
    assert row["hypothesis_en"].isascii() or "‰" in row["hypothesis_en"]
