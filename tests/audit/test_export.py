"""Findings as JSON, CSV, workbook and 查询单; no cell is ever a formula, no file outside its folder."""

import csv
import io
import json

import pytest
from gold import as_facts, stated
from openpyxl import load_workbook

from helpers.audit import build
from helpers.audit.export import JSON_KEYS, chosen, to_csv, to_json, to_lines, to_workbook
from helpers.audit.queries import file_name, read_answers, write_queries
from helpers.errors import InputError

EVIL = "=HYPERLINK(\"http://x\")"


@pytest.fixture(scope="module")
def found():
    return build(as_facts({"报告": [
        stated("births", "386", place=EVIL, quote="=1+1"), stated("births", "167", sex="male", place=EVIL, quote="+167"),
        stated("births", "169", sex="female", place=EVIL), stated("prepreg_target", "90", status="target", place=EVIL),
        stated("prepreg_checked", "41", place=EVIL), stated("prepreg_rate", "45", place=EVIL)]}))


def test_json_has_the_public_keys_and_no_nan(found):
    items = json.loads(to_json(found), parse_constant=lambda name: pytest.fail(name))
    assert [tuple(item) for item in items] == [JSON_KEYS] * len(found)
    worst = json.loads(to_json(chosen(found, 2)))[0]
    assert worst["stated"] == 386 and worst["low"] == worst["high"] == 336
    assert worst["evidence"][0].keys() == {"start", "end", "quote"} and worst["flags"] == []


@pytest.mark.parametrize(("severity", "least"), [(0, 0), (1, 1), (2, 2), (4, 4)])
def test_severity_is_a_floor(found, severity, least):
    assert chosen(found, severity)["severity"].fillna(1).ge(least).all()


def test_the_worst_comes_first(found):
    assert chosen(found, 0)["severity"].tolist() == sorted(found["severity"].tolist(), reverse=True)


def test_no_csv_cell_begins_a_formula(found):
    cells = [cell for row in csv.reader(io.StringIO(to_csv(found))) for cell in row]
    assert any(EVIL in cell for cell in cells) and not any(cell.startswith(("=", "+", "@")) for cell in cells)


def test_no_workbook_cell_is_a_formula(found, tmp_path):
    to_workbook(found, tmp_path / "findings.xlsx")
    written = write_queries(found, tmp_path / "queries")
    for path in [tmp_path / "findings.xlsx", *written]:
        cells = [cell for row in load_workbook(path).active.iter_rows() for cell in row]
        assert not [cell.coordinate for cell in cells if cell.data_type == "f"]


def test_a_query_has_one_line_a_finding_and_is_taken_in_again(found, tmp_path):
    path, = write_queries(found, tmp_path)
    assert path.parent == tmp_path and read_answers(path) == []
    book = load_workbook(path)
    sheet = book.active
    assert sheet.max_row == 3 + len(chosen(found, 2))
    sheet.cell(row=4, column=10).value, sheet.cell(row=4, column=11).value = "更正", 336
    sheet.cell(row=4, column=13).value = "张"
    book.save(path)
    answer, = read_answers(path)
    assert (answer["doc"], answer["action"], answer["value"], answer["expected"]) == ("报告", "fix", "336", "386")
    assert answer["fact"] == "报告-000" and answer["reason"]


@pytest.mark.parametrize(("answer", "value"), [("大概", ""), ("更正", "")])
def test_an_answer_that_says_nothing_is_refused_with_its_line(found, tmp_path, answer, value):
    path, = write_queries(found, tmp_path)
    book = load_workbook(path)
    book.active.cell(row=4, column=10).value, book.active.cell(row=4, column=11).value = answer, value
    book.save(path)
    with pytest.raises(InputError, match="line 4"):
        read_answers(path)


@pytest.mark.parametrize("place_id", ["../../x", "", "A B", "x" * 65, "<script>"])
def test_no_place_gets_out_of_the_folder(place_id):
    assert "/" not in file_name(place_id, "../../etc") and ".." not in file_name(place_id, "..")


def test_a_terminal_gets_the_sentence_in_either_language(found):
    assert "与所列数不符" in "\n".join(to_lines(chosen(found, 2), "zh"))
    assert "The two do not agree" in "\n".join(to_lines(chosen(found, 2), "en"))
    assert list(to_lines(found.iloc[:0], "zh")) == ["没有发现不符之处。"]
