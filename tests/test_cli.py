"""`township` from outside: exit codes, sentences on stderr, results on stdout."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from helpers.cli import main

TEXT = "长汀镇2014年工作小结\n2014年全镇总人口30210人，出生336人，其中男孩167人，女孩151人，出生率11.1‰。\n"
LISTED = {"report", "extract", "evaluate", "build", "audit", "places", "render", "simulate", "lab"}


@pytest.fixture
def township():
    """Calls the command line in this process."""
    def call(*words):
        return CliRunner().invoke(main, [str(word) for word in words])
    return call


@pytest.fixture
def folder(tmp_path):
    """A folder with one document."""
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "a.txt").write_text(TEXT, encoding="utf-8")
    return tmp_path / "documents"


def test_every_command_is_listed_and_has_an_example(township):
    listing = township("--help")
    assert listing.exit_code == 0 and all(f"  {name} " in listing.output for name in LISTED)
    for name in LISTED:
        assert "Example" in township(name, "--help").output, name


@pytest.mark.parametrize(("words", "sentence"), [
    (["extract", "{missing}", "--out", "{out}"], "missing does not exist: give a document or a folder"),
    (["extract", "{empty}", "--out", "{out}"], "no document in .*empty: put work reports there"),
    (["extract", "{zero}", "--out", "{out}"], "zero.txt: the file is empty"),
    (["extract", "{binary}", "--out", "{out}"], "binary.txt: .*save it as"),
    (["extract", "{document}", "--out", "{document}/below"], "nothing can be written there"),
    (["build", "{missing}", "--data", "{out}"], "missing does not exist"),
    (["report", "{empty}", "--out", "{out}"], "no document in"),
    (["audit", "{missing}"], "missing does not exist"),
    (["audit", "--data", "{out}"], "does not exist yet: run `township build`"),
    (["audit", "--data", "{out}", "--answers", "{empty}"], "no 查询单"),
    (["places", "--data", "{out}"], "run `township build`"),
    (["extract"], "Missing argument"),
    (["simulate", "--townships", "0", "--years", "1", "--out", "{out}"], "Invalid value"),
    (["nonsense"], "No such command"),
])
def test_what_cannot_be_done_ends_with_2_and_one_sentence(township, tmp_path, words, sentence):
    names = {name: tmp_path / name for name in ("missing", "empty", "out")}
    names |= {name: tmp_path / f"{name}.txt" for name in ("zero", "binary", "document")}
    names["empty"].mkdir()
    names["zero"].write_bytes(b"")
    names["binary"].write_bytes(bytes(range(256)) * 10)
    names["document"].write_text(TEXT, encoding="utf-8")
    result = township(*(word.format(**names) for word in words))
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.output and result.stdout == ""
    assert re.search(sentence, result.stderr.replace("\n", " ")), result.stderr
    assert not [path for path in names["out"].rglob("*") if path.is_file() and path.name != ".township"], "nothing partial is left"


def test_extraction_goes_on_after_a_bad_document_and_ends_with_1(township, folder, tmp_path):
    (folder / "b.txt").write_bytes(b"")
    (folder / "c.txt").write_bytes(TEXT.encode("gb18030"))
    (folder / "sub").mkdir()
    (folder / "sub" / "a.txt").write_text(TEXT, encoding="utf-16")
    result = township("extract", folder, "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert result.stderr.count("failed: ") == 1 and "b.txt: the file is empty" in result.stderr
    lines = {path.name: path.read_text(encoding="utf-8").splitlines() for path in (tmp_path / "out").iterdir()}
    assert set(lines) == {"a.jsonl", "a-2.jsonl", "c.jsonl"}
    assert lines["a.jsonl"] == lines["a-2.jsonl"] == lines["c.jsonl"]
    births = json.loads(lines["a.jsonl"][1])
    assert (births["code"], births["value"], TEXT[births["start"]:births["end"]]) == ("births", "336", births["quote"])


def test_tables_places_and_audit_of_one_folder(township, folder, tmp_path):
    data = tmp_path / "data"
    assert township("build", folder, "--data", data).exit_code == 0
    listed = township("places", "--data", data)
    assert listed.exit_code == 0 and listed.stdout.splitlines() == [json.loads(township("places", "--data", data, "--format", "json").stdout)[0]["place_id"]]
    current = json.loads(township("audit", "--data", data, "--format", "json").stdout)
    assert [finding["identity"] for finding in current] == ["births_by_sex"], "167 + 151 is not 336"
    assert json.loads(township("audit", folder, "--format", "json").stdout) == current


def test_queries_go_out_and_answers_come_in(township, folder, tmp_path):
    data, queries = tmp_path / "data", tmp_path / "queries"
    township("build", folder, "--data", data)
    assert township("audit", "--data", data, "--queries", queries).exit_code == 0
    (book,) = queries.glob("*.xlsx")
    workbook = load_workbook(book)
    for column, cell in enumerate(("更正", "318", "核对台账", "张某", "2026-03-01"), 10):
        workbook.active.cell(row=4, column=column, value=cell)
    stated = workbook.active.cell(row=4, column=7).value
    workbook.save(book)
    taken = township("audit", folder, "--data", data, "--answers", queries)
    assert taken.exit_code == 0 and "1 corrections from 1" in taken.stderr
    assert f",318,{stated},核对台账,张某,2026-03-01," in (folder / "corrections.csv").read_text(encoding="utf-8")
    assert "0 corrections" in township("audit", folder, "--data", data, "--answers", queries).stderr


def test_a_correction_that_no_longer_holds_ends_with_2(township, folder, tmp_path):
    (folder / "corrections.csv").write_text("doc,fact,action,expected,reason,author,date\na,00,accept,1,试,李某,2026-01-05\n", encoding="utf-8")
    result = township("build", folder, "--data", tmp_path / "data")
    assert result.exit_code == 2 and "corrections.csv, line 2: in document a no figure has the id 00" in result.stderr


def test_the_main_job_writes_pages_from_hostile_names_and_ends_with_1_for_a_bad_document(folder, tmp_path):
    (folder / "b.txt").write_text("工作小结\n2014年出生333人，死亡178人。\n", encoding="utf-8")
    (folder / "c.txt").write_text("工作小结\n2014年出生335人，死亡178人。\n", encoding="utf-8")
    (folder / "d.txt").write_bytes(b"\x7fELF" + bytes(range(256)))
    (folder / "manifest.csv").write_text("doc,place,level\nb,../../x,township\nc,<script>alert(1)</script>,township\n", encoding="utf-8")
    township = Path(sys.executable).with_name("township")
    done = subprocess.run([township, "report", folder, "--out", tmp_path / "pages", "--jobs", "1"], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "Traceback" not in done.stderr, done.stderr
    assert "d.txt: this is a program, not text" in done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"documents", "pages"}
    pages = list((tmp_path / "pages").glob("*.html"))
    assert len(pages) == 4, "an index, and a page for each of three places"
    assert all("<script>alert(1)" not in page.read_text(encoding="utf-8") for page in pages)
    assert json.loads((tmp_path / "pages" / "run.json").read_text(encoding="utf-8"))
