"""What a person ruled is seen: on the page of a place, and on the analyst's desk."""

import re

import pytest

from helpers import pipeline, report
from helpers.curate import apply, read_corrections, rule_on, take_in
from helpers.curate.corrections import NAME, append_corrections
from helpers.errors import CorrectionError
from helpers.extract import extract
from helpers.report.desk import KINDS, Desk
from helpers.schema import DOUBTS, FACTS
from helpers.workspace import Workspace

TEXT = "长汀镇2014年工作小结\n2014年全镇出生251人，其中男孩112人，女孩103人，死亡178人，出生率11.1‰，办证数据88。\n"
SIGNED = {"author": "李某", "date": "2026-01-05"}
FACTS_READ = FACTS.conform(fact.row("a") for fact in extract(TEXT, "a").facts)
UNREAD = DOUBTS.conform([{"doc": "a", "section": 1, "start": TEXT.index("88"), "end": TEXT.index("88") + 2, "quote": "88", "reason": "no_subject", "note": ""}])


def figure(quote: str):
    return FACTS_READ[FACTS_READ["quote"].str.contains(quote)].iloc[0]


RULINGS = [rule_on(figure("251"), "fix", value="215", reason="台账为215", **SIGNED), rule_on(figure("178"), "reject", reason="不是本镇的数", **SIGNED),
           rule_on(figure("112"), "accept", reason="对过台账", **SIGNED), rule_on(figure("11.1"), "fix", code="nir", reason="说的是自然增长率", **SIGNED)]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ruled")
    (folder / "docs").mkdir()
    (folder / "docs" / "a.txt").write_text(TEXT, encoding="utf-8")
    append_corrections(RULINGS, folder / "docs" / NAME)
    pipeline.build([folder / "docs"], Workspace.under(folder / "out"))
    return folder / "out" / "data"


@pytest.mark.parametrize(("language", "sentences"), [
    ("zh", ["原文作251人，经核实更正：台账为215 (李某, 2026-01-05)", "经人工核实：对过台账 (李某, 2026-01-05)", "读法经人工更正：说的是自然增长率"]),
    ("en", ["printed as 251", "ruled otherwise: 台账为215 (李某, 2026-01-05)", "confirmed by hand: 对过台账", "reading corrected by hand: 说的是自然增长率"]),
])
def test_a_page_shows_the_printed_and_the_ruled_value_with_who_ruled_why(data, language, sentences):
    place = Workspace(data=data).read("places")["place_id"].iloc[0]
    township = report.load(place, data, language)
    page = str(report.sources(township).html)
    assert not [sentence for sentence in sentences if sentence not in page]
    readings = re.findall(r'<li data-f="(\w+)">.*?<b>([^<]*)</b>', page)
    assert sorted(fact for fact, _ in readings) == sorted(township.facts["fact"]) and len(readings) == 4
    values = " ".join(value for _, value in readings)
    assert "215" in values and "251" not in values and "178" not in values


def test_a_desk_marks_the_figures_of_one_indicator_or_one_kind():
    ruled = apply(FACTS_READ, RULINGS)
    desk = Desk(TEXT, ruled, UNREAD, "en")
    assert set(desk.rows["value"]) == {"215", "112", "103", "11.1"} and desk.page.value.count("<mark") == 4
    desk.indicator.value = "births"
    assert set(desk.rows["value"]) == {"215", "112", "103"} and desk.page.value.count("<mark") == 3
    desk.kind.value = "ruled"
    assert set(desk.rows["value"]) == {"215", "112"} and "台账为215" in desk.page.value
    desk.indicator.value = "nir"
    assert desk.rows["reason"].tolist() == ["说的是自然增长率 (李某, 2026-01-05)"]
    desk.kind.value = "doubted"
    assert desk.rows.empty and "no such figure" in desk.table.value
    desk.kind.value = "unread"
    assert desk.page.value.count("<mark") == 1 and "whose indicator could not be told" in desk.page.value
    assert {value for _, value in desk.kind.options} == set(KINDS)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_mark_says_what_was_read_and_nothing_of_the_text_is_lost(language):
    page = str(report.marked(TEXT, FACTS_READ, language).html)
    assert re.sub(r"<[^>]*>", "", page).strip() == TEXT.strip()
    assert ('title="出生人数 251人' if language == "zh" else 'title="births 251') in page


def test_a_text_with_markup_of_its_own_stays_text():
    hostile = '<script>alert(1)</script>"\'2014年全镇出生251人\n'
    facts = FACTS.conform(fact.row("a") for fact in extract(hostile, "a").facts)
    desk = Desk(hostile, facts, UNREAD.iloc[:0], "zh")
    assert "<script" not in desk.page.value + desk.table.value and len(facts) == 1


def test_a_ruling_is_tried_on_the_figures_before_it_is_written(tmp_path):
    file = tmp_path / NAME
    with pytest.raises(CorrectionError, match="was expected"):
        take_in([rule_on({**figure("251"), "value": "999"}, "accept", reason="对", **SIGNED)], FACTS_READ, file)
    assert not file.exists()
    assert [take_in(RULINGS, FACTS_READ, file) for _ in range(2)] == [4, 0]
    assert [correction.reason for correction in read_corrections(file)] == [ruling.reason for ruling in RULINGS]


@pytest.mark.parametrize(("said", "sentence"), [
    ({"action": "fix", "reason": "x"}, "it fixes nothing"), ({"action": "accept", "reason": ""}, "`reason` is empty"),
    ({"action": "fix", "reason": "x", "value": "2l5"}, "no plain decimal"), ({"action": "mend", "reason": "x"}, "is none of accept"),
])
def test_a_ruling_that_cannot_be_meant_is_refused_while_it_is_made(said, sentence):
    with pytest.raises(CorrectionError, match=sentence):
        rule_on(figure("251"), **said, **SIGNED)
