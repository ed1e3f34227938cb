"""Corrections: what a person ruled is replayed, what was stated stays, and a ruling that no longer holds stops the run."""

import csv
import json
from dataclasses import replace

import pandas as pd
import pytest
from openpyxl import load_workbook

from helpers import panel
from helpers.audit.queries import read_answers, write_queries
from helpers.curate import Correction, apply, curate, find_corrections, gold, in_force, take_in, write_gold
from helpers.curate.corrections import COLUMNS, NAME, append_corrections, read_corrections
from helpers.errors import CorrectionError, InputError
from helpers.extract import evaluation, extract
from helpers.schema import FACTS, FINDINGS
from helpers.workspace import CURATION, SAMPLE

TEXT = "长汀镇2014年工作小结\n2014年全镇出生251人，其中男孩112人，女孩103人，出生率11.1‰。贺卡1200张。\n"
SIGNED = {"reason": "对照台账，抄录有误", "author": "李某", "date": "2026-01-05"}


@pytest.fixture
def facts():
    return FACTS.conform(fact.row("a") for fact in extract(TEXT, "a").facts)


def on(quote, action, **said):
    """A correction of the characters `quote` of the text."""
    start = TEXT.index(quote)
    return Correction("a", str(start), str(start + len(quote)), action=action, **{**SIGNED, **said})


def test_a_fixed_figure_stands_beside_the_stated_one_and_counts_instead_of_it(facts):
    ruled = apply(facts, [on("251", "fix", value="215", expected="251")])
    stated, corrected = ruled[ruled["code"].eq("births") & ruled["dims"].eq("{}")].to_dict("records")
    assert (stated["value"], stated["state"], stated["ruling"]) == ("251", "stated", "superseded")
    assert (corrected["value"], corrected["state"], corrected["corrects"]) == ("215", "corrected", stated["fact"])
    assert (corrected["quote"], corrected["start"]) == (stated["quote"], stated["start"])
    assert (corrected["low"], corrected["high"]) == (215, 215)
    assert corrected["reason"] == "对照台账，抄录有误 (李某, 2026-01-05)"
    cells = panel.build(in_force(ruled).assign(place_id="p"))
    births = cells[cells["code"].eq("births") & cells["dims"].eq("{}")]
    assert births["value"].tolist() == [215] and not births["conflict"].any()


def test_a_fix_of_the_meaning_moves_the_figure_to_another_cell(facts):
    ruled = in_force(apply(facts, [on("251", "fix", expected="251", code="live_births", period="20XX-01/20XX-06", dims='{"residence": "resident"}')]))
    moved = ruled[ruled["code"] == "live_births"].iloc[0]
    assert (moved["value"], moved["base"], moved["year_kind"]) == ("251", "resident", "partial")
    assert "births" not in set(ruled.loc[ruled["dims"].eq("{}"), "code"])


def test_the_interval_of_a_corrected_rate_is_what_its_digits_allow(facts):
    ruled = apply(facts, [on("11.1", "fix", value="11.10", expected="11.1")])
    assert ruled.loc[ruled["state"] == "corrected", ["low", "high"]].values.tolist() == [[pytest.approx(11.095), pytest.approx(11.105)]]


def test_a_rejected_figure_stays_in_the_table_and_counts_nowhere(facts):
    ruled = apply(facts, [on("112", "reject", expected="112")])
    assert len(ruled) == len(facts) and len(in_force(ruled)) == len(facts) - 1


def test_an_added_figure_has_its_characters_and_the_place_of_the_figure_before_it(facts):
    ruled, places = curate(facts, {}, [on("1200", "add", value="1200", code="one_child_certs", period="2014", expected="1200")], texts={"a": TEXT})
    added = ruled[ruled["rule"] == "by hand"].iloc[0]
    assert TEXT[added["start"]:added["end"]] == added["quote"] == "1200"
    assert (added["state"], added["ruling"], added["unit"]) == ("stated", "accepted", "document")
    assert added["place_id"] == ruled["place_id"].iloc[0] and len(places) == 1


def test_nothing_is_changed_where_nobody_has_ruled(facts):
    before = facts.copy()
    pd.testing.assert_frame_equal(apply(facts, []), before)
    apply(facts, [on("251", "reject", expected="251")])
    pd.testing.assert_frame_equal(facts, before)


@pytest.mark.parametrize(("correction", "sentence"), [
    (on("贺卡", "reject", expected="1"), "no figure was read at"),
    (Correction("a", fact="0000", action="accept", expected="1", **SIGNED), "no figure has the id 0000"),
    (Correction("b", fact="0000", action="accept", expected="1", **SIGNED), "no figure has the id 0000"),
    (on("251", "fix", value="215", expected="250"), "250 was expected in document a .* but 251 is read now"),
    (on("251", "add", value="251", code="births", expected="251"), "is now read from the text"),
    (on("1200", "add", value="1200", code="one_child_certs", expected="1300"), "has '1200' at .*not '1300'"),
])
def test_a_correction_that_no_longer_holds_stops_the_run_with_file_and_line(facts, correction, sentence):
    with pytest.raises(CorrectionError, match=f"{NAME}, line 7: .*{sentence}"):
        apply(facts, [replace(correction, line=7)], texts={"a": TEXT})


def test_two_rulings_on_one_figure_stop_the_run(facts):
    with pytest.raises(CorrectionError, match=r"line 3: .*line 2 rules about the same figure"):
        apply(facts, [replace(on("251", "accept", expected="251"), line=2), replace(on("251", "reject", expected="251"), line=3)])


def test_a_span_over_two_equal_figures_asks_for_one(facts):
    twice = pd.concat([facts, facts.assign(code="live_births", fact=facts["fact"] + "x")])
    with pytest.raises(CorrectionError, match=r"2 figures .* put the id of one into `fact`: \w+ \(births\), \w+ \(live_births\)"):
        apply(twice, [on("251", "accept", expected="251")])


def test_corrections_of_a_document_that_cannot_be_read_wait(facts):
    waiting = Correction("b", fact="0000", action="accept", expected="1", **SIGNED)
    assert len(apply(facts, [waiting], unread={"b"})) == len(facts)


@pytest.mark.parametrize(("cells", "sentence"), [
    ({"action": "change"}, "the action 'change' is none of accept, fix, reject, add"),
    ({"reason": ""}, "the cell `reason` is empty"),
    ({"author": ""}, "the cell `author` is empty"),
    ({"date": "5.1.2026"}, "not written YYYY-MM-DD"),
    ({"fact": ""}, "it names no figure"),
    ({"start": "5", "end": "5"}, "is no span"),
    ({"start": "5"}, "start and end stand together"),
    ({"value": "2l5"}, "is no plain decimal"),
    ({"value": "1e3"}, "is no plain decimal"),
    ({"value": "NaN"}, "is no plain decimal"),
    ({"expected": ""}, "`expected` is empty"),
    ({"value": ""}, "it fixes nothing"),
    ({"action": "accept"}, "changes nothing of it"),
    ({"code": "birth"}, "the code 'birth' is not known"),
    ({"unit": "头"}, "the unit '头' is not known"),
    ({"period": "2014-13"}, "the period '2014-13' does not fit"),
    ({"dims": "sex=male"}, "are not JSON"),
    ({"dims": '{"sex": 1}'}, "are not JSON"),
    ({"action": "add"}, "can only be added with the `start` and `end`"),
])
def test_a_line_that_cannot_be_meant_is_refused_with_its_place(tmp_path, cells, sentence):
    sound = {"doc": "a", "fact": "00", "action": "fix", "value": "215", "expected": "251", **SIGNED}
    write(tmp_path / NAME, [{**sound, **cells}])
    with pytest.raises(CorrectionError, match=f"{NAME}, line 3: .*{sentence}"):
        read_corrections(tmp_path / NAME)


def test_an_unknown_column_and_a_short_line_are_refused(tmp_path):
    (tmp_path / NAME).write_text("doc,action,grund\n", encoding="utf-8")
    with pytest.raises(CorrectionError, match="the first line has grund"):
        read_corrections(tmp_path / NAME)
    (tmp_path / NAME).write_text("doc,action\na\n", encoding="utf-8")
    with pytest.raises(CorrectionError, match="line 2: 1 cells where the header has 2"):
        read_corrections(tmp_path / NAME)


def test_a_file_saved_by_a_chinese_spreadsheet_is_read(tmp_path):
    (tmp_path / NAME).write_bytes("doc,fact,action,expected,reason,author,date\na,00,accept,251,对照台账属实,李某,2026-01-05\n".encode("gb18030"))
    assert read_corrections(tmp_path / NAME)[0].reason == "对照台账属实"


def write(file, rows):
    """A corrections.csv with a comment on its first line."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        stream.write("# what people ruled\n")
        writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def test_corrections_beside_the_documents_are_used_and_must_name_one_of_them(tmp_path):
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "2014.txt").write_text(TEXT, encoding="utf-8")
    line = {"doc": "2014", "fact": "00", "action": "accept", "expected": "251", **SIGNED}
    write(tmp_path / "y" / NAME, [line])
    assert [correction.doc for correction in find_corrections([tmp_path])] == ["2014-2"]
    write(tmp_path / "y" / NAME, [{**line, "doc": "2015"}])
    with pytest.raises(CorrectionError, match="line 3: there is no document '2015' here"):
        find_corrections([tmp_path])


def test_the_projects_own_corrections_leave_other_peoples_documents_alone(tmp_path):
    (tmp_path / "2014.txt").write_text(TEXT, encoding="utf-8")
    assert find_corrections([tmp_path]) == []


def test_the_projects_own_corrections_hold_for_the_sample_documents():
    corrections = find_corrections([SAMPLE])
    assert corrections and all(correction.file == str(CURATION / NAME) for correction in corrections)
    for correction in corrections:
        text = next(SAMPLE.rglob(f"{correction.doc}.txt")).read_text(encoding="utf-8")
        facts = FACTS.conform(fact.row(correction.doc) for fact in extract(text, correction.doc).facts)
        assert len(in_force(apply(facts, [correction], texts={correction.doc: text}))) >= len(facts) - 1


def test_gold_is_what_people_confirmed_as_the_document_prints_it(facts):
    misread = facts.assign(value=facts["value"].where(facts["value"] != "112", "12"))
    lines = gold(apply(misread, [
        on("251", "fix", value="215", expected="251"),  # the township says so: the document still prints 251
        on("112", "fix", value="112", expected="12"),  # it was misread
        on("103", "accept", expected="103"),
        on("11.1", "reject", expected="11.1"),
    ]))
    assert [(line["value"], line["dims"]) for line in lines["a"]] == [("251", {}), ("112", {"sex": "male"}), ("103", {"sex": "female"})]
    assert all(TEXT[line["start"]:line["end"]] == line["quote"] for line in lines["a"])
    assert json.loads(json.dumps(lines, ensure_ascii=False)) == lines


@pytest.fixture
def query(tmp_path, facts):
    """A 查询单 about the births of the text, as the township gets it."""
    births = facts.iloc[0]
    finding = {"finding": "f1", "doc": "a", "section": 1, "place_id": "changtingzhen-0000", "place": "长汀镇", "period": "2014", "severity": 3,
               "stated": 251.0, "recomputed": 215.0, "low": 215.0, "high": 215.0, "facts": births["fact"], "text_zh": "男女之和为215"}
    return write_queries(FINDINGS.conform([finding]), tmp_path / "queries")[0]


def answer(path, *cells):
    book = load_workbook(path)
    for column, cell in enumerate(cells, 10):
        book.active.cell(row=4, column=column, value=cell)
    book.save(path)


def test_an_answered_query_becomes_a_correction_once(tmp_path, facts, query):
    answer(query, "更正", 215, "数字抄错", "张某", "2026-03-01")
    answers = [Correction(**row, file=str(query)) for row in read_answers(query)]
    file = tmp_path / NAME
    assert [take_in(answers, facts, file), take_in(answers, facts, file)] == [1, 0]
    ruled = apply(facts, read_corrections(file))
    assert ruled.loc[ruled["state"] == "corrected", "value"].tolist() == ["215"]
    assert take_in(answers, ruled, file) == 0, "the same answers on facts that were corrected already"


def test_an_answer_that_does_not_hold_is_not_written(tmp_path, facts, query):
    answer(query, "更正", 215, "数字抄错", "张某", "2026-03-01")
    answers = [Correction(**row, file=str(query)) for row in read_answers(query)]
    with pytest.raises(CorrectionError, match="251 was expected"):
        take_in(answers, facts.assign(value="260"), tmp_path / NAME)
    with pytest.raises(CorrectionError, match="the cell `author` is empty"):
        take_in([replace(answers[0], author="")], facts, tmp_path / NAME)
    assert not (tmp_path / NAME).exists()


def test_answers_keep_the_comments_of_the_file_and_contradictions_stop(tmp_path):
    file = tmp_path / NAME
    write(file, [{"doc": "a", "fact": "00", "action": "accept", "expected": "251", **SIGNED}])
    other = Correction("b", fact="11", action="reject", expected="3", **SIGNED)
    assert append_corrections([other], file) == 1
    assert file.read_text(encoding="utf-8").startswith("# what people ruled\n") and len(read_corrections(file)) == 2
    with pytest.raises(CorrectionError, match="rules otherwise about the figure 00"):
        append_corrections([Correction("a", fact="00", action="reject", expected="251", **SIGNED)], file)


def test_a_file_with_fewer_columns_grows_those_it_needs(tmp_path):
    file = tmp_path / NAME
    file.write_text("# note\ndoc,fact,action,expected,reason,author,date\na,00,accept,251,属实,李某,2026-01-05", encoding="utf-8")
    assert append_corrections([Correction("b", fact="11", action="fix", value="4", expected="3", **SIGNED)], file) == 1
    assert [c.value for c in read_corrections(file)] == ["", "4"] and file.read_text(encoding="utf-8").startswith("# note\n")


def test_a_workbook_that_is_no_query_is_refused(tmp_path, query):
    (tmp_path / "broken.xlsx").write_bytes(b"PK\x03\x04 broken")
    with pytest.raises(InputError, match=r"broken.xlsx: it cannot be opened"):
        read_answers(tmp_path / "broken.xlsx")
    book = load_workbook(query)
    book.active.delete_cols(3)
    book.save(query)
    with pytest.raises(InputError, match="has not the headings of a 查询单"):
        read_answers(query)


def test_what_people_confirmed_is_written_as_gold_that_evaluate_reads(tmp_path, facts):
    ruled = apply(facts, [on("112", "accept", expected="112"), on("251", "fix", value="215", expected="251"), on("103", "reject", expected="103")])
    assert write_gold(ruled, tmp_path) == 2
    lines = evaluation.read_folder(tmp_path)["a"]
    assert [(line["code"], line["value"], line["quote"][-4:]) for line in lines] == [("births", "251", "251人"), ("births", "112", "112人")]
