"""The pipeline: what changed is read, what failed is said, what is written is written whole."""

import os
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest

from helpers import audit, pipeline, rates, reading
from helpers.errors import CorrectionError, InputError
from helpers.schema import TABLES
from helpers.workspace import Workspace, write_text

TEXT = "{place}{year}年工作小结\n{year}年全镇总人口30210人，出生{births}人，出生率11.1‰，死亡178人。\n"


@pytest.fixture(autouse=True)
def _no_rates(monkeypatch):
    """The stages after the panel have tests of their own, and take most of the time of a small run."""
    empty = {name: TABLES[name].conform([]) for name in ("rates", "comparisons", "findings")}
    for stage, function, name in ((rates, "build", "rates"), (rates, "compare", "comparisons"), (audit, "build", "findings")):
        monkeypatch.setattr(stage, function, lambda *_, name=name, **options: empty[name])


@pytest.fixture
def folder(tmp_path):
    """Three documents of two townships."""
    documents = tmp_path / "documents"
    documents.mkdir()
    for doc, place, year in (("a", "长汀镇", 2013), ("b", "长汀镇", 2014), ("c", "丹阳镇", 2014)):
        (documents / f"{doc}.txt").write_text(TEXT.format(place=place, year=year, births=year - 1680), encoding="utf-8")
    return documents


@pytest.fixture
def workspace(tmp_path):
    return Workspace.under(tmp_path / "pages")


@pytest.fixture
def extracted(monkeypatch):
    """The ids of the documents the extractor was given, in order."""
    seen, extract = [], reading.extract

    def counting(text, doc):
        seen.append(doc)
        return extract(text, doc)

    monkeypatch.setattr(reading, "extract", counting)
    return seen


def tables(workspace):
    return {name: workspace.table_path(name).read_bytes() for name in TABLES if workspace.table_path(name).exists()}


def hidden_files(workspace):
    return [path for path in workspace.data.rglob(".*") if path.is_file() and path.name != ".township"]


def test_only_what_changed_is_read_again_and_the_tables_are_the_same(folder, workspace, extracted, tmp_path):
    pipeline.build([folder], workspace)
    first = tables(workspace)
    pipeline.build([folder], workspace)
    assert extracted == ["a", "b", "c"] and tables(workspace) == first
    (folder / "b.txt").write_text(TEXT.format(place="长汀镇", year=2014, births=350), encoding="utf-8")
    pipeline.build([folder], workspace)
    assert extracted[3:] == ["b"]
    afresh = Workspace.under(tmp_path / "afresh")
    pipeline.build([folder], afresh)
    assert tables(afresh) == tables(workspace)


def test_another_extractor_or_force_reads_everything_again(folder, workspace, extracted, monkeypatch):
    pipeline.build([folder], workspace)
    pipeline.build([folder], workspace, force=True)
    assert extracted[3:] == ["a", "b", "c"]
    monkeypatch.setattr(reading, "extractor_version", lambda: "another")
    pipeline.build([folder], workspace)
    assert extracted[6:] == ["a", "b", "c"]


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"doc": "a"}'])
def test_a_damaged_reading_is_read_again(folder, workspace, extracted, damage):
    pipeline.build([folder], workspace)
    (workspace.interim / "read" / "a.json").write_text(damage, encoding="utf-8")
    pipeline.build([folder], workspace)
    assert extracted[3:] == ["a"]


def test_a_stopped_run_goes_on_where_it_was(folder, workspace, extracted, monkeypatch):
    counted = reading.extract

    def stopped(text, doc):
        if doc == "c":
            raise KeyboardInterrupt
        return counted(text, doc)

    with monkeypatch.context() as patch:
        patch.setattr(reading, "extract", stopped)
        with pytest.raises(KeyboardInterrupt):
            pipeline.build([folder], workspace)
    assert not tables(workspace)
    pipeline.build([folder], workspace)
    assert extracted == ["a", "b", "c"]


def test_long_work_says_how_far_it_is(folder, workspace, monkeypatch):
    monkeypatch.setattr(reading, "STEP", 2)
    said = []
    pipeline.build([folder], workspace, say=said.append)
    assert said[0] == "2 of 3 documents read"


def test_a_document_that_cannot_be_read_is_listed_and_the_rest_goes_on(folder, workspace):
    (folder / "empty.txt").write_bytes(b"")
    (folder / "program.txt").write_bytes(b"\x7fELF" + bytes(range(256)))
    said = []
    built = pipeline.build([folder], workspace, say=said.append)
    assert [line for line in said if line.startswith("failed: ")] == [f"failed: {failure}" for failure in built.failures]
    assert len(built.failures) == 2 and "empty.txt: the file is empty" in built.failures[0] and "a program" in built.failures[1]
    documents = workspace.read("documents").set_index("doc")
    assert documents["error"].ne("").to_dict() == {"a": False, "b": False, "c": False, "empty": True, "program": True}


def test_a_fault_of_the_extractor_costs_one_document(folder, workspace, monkeypatch):
    extract = reading.extract
    monkeypatch.setattr(reading, "extract", lambda text, doc: {}["lost"] if doc == "a" else extract(text, doc))
    built = pipeline.build([folder], workspace)
    assert [failure[:24] for failure in built.failures] == ["a.txt: reading it failed"]
    assert set(built.facts["doc"]) == {"b", "c"}


def test_when_nothing_can_be_read_the_tables_stay_as_they_were(folder, workspace):
    pipeline.build([folder], workspace)
    before = tables(workspace)
    for file in folder.glob("*.txt"):
        file.write_bytes(b"")
    with pytest.raises(InputError, match=r"none of the 3 documents could be read: .*a.txt: the file is empty"):
        pipeline.build([folder], workspace)
    assert tables(workspace) == before


def test_a_correction_that_no_longer_holds_leaves_the_tables_as_they_were(folder, workspace):
    pipeline.build([folder], workspace)
    before = tables(workspace)
    start = TEXT.format(place="长汀镇", year=2013, births=333).index("333")
    line = f"a,{start},{start + 3},fix,331,{{}},对照台账,李某,2026-01-05\n"
    head = "doc,start,end,action,value,expected,reason,author,date\n"
    (folder / "corrections.csv").write_text(head + line.format(332), encoding="utf-8")
    with pytest.raises(CorrectionError, match=r"corrections.csv, line 2: 332 was expected"):
        pipeline.build([folder], workspace)
    assert tables(workspace) == before
    (folder / "corrections.csv").write_text(head + line.format(333), encoding="utf-8")
    built = pipeline.build([folder], workspace)
    states = built.facts[built.facts["code"].eq("births") & built.facts["doc"].eq("a")]
    assert states[["value", "state", "ruling"]].values.tolist() == [["333", "stated", "superseded"], ["331", "corrected", ""]]
    panel = workspace.read("panel")
    assert panel.loc[panel["code"].eq("births") & panel["year"].eq(2013), "value"].tolist() == [331]


@pytest.mark.parametrize("place", ["../../x", "<script>alert(1)</script>", "/etc/passwd", "a\x00b"])
def test_a_hostile_place_in_the_manifest_writes_nowhere_else(folder, workspace, tmp_path, place):
    (folder / "a.txt").write_text("工作小结\n2013年出生333人，死亡178人。\n", encoding="utf-8")
    (folder / "manifest.csv").write_text(f'doc,place,level\na,"{place}",township\n', encoding="utf-8")
    outside = {path for path in tmp_path.rglob("*") if workspace.reports not in path.parents}
    pipeline.build([folder], workspace)
    assert {path for path in tmp_path.rglob("*") if workspace.reports not in path.parents} - outside == {workspace.reports}
    assert workspace.read("places")["place_id"].str.fullmatch("[a-z0-9-]{1,64}").all()


def test_pages_are_not_written_among_the_documents_and_not_read_as_documents(folder, extracted):
    with pytest.raises(InputError, match="write to a folder of its own"):
        pipeline.build([folder], Workspace.under(folder))
    below = Workspace.under(folder / "报告")
    pipeline.build([folder], below)
    (folder / "报告" / "changtingzhen.html").write_text("<p>出生999人</p>", encoding="utf-8")
    pipeline.build([folder], below)
    assert extracted == ["a", "b", "c"]


def test_a_folder_that_cannot_be_written_is_said_before_the_work(folder, tmp_path, extracted):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match=r"file.*nothing can be written there"):
        pipeline.build([folder], Workspace.under(tmp_path / "file" / "pages"))
    assert not extracted


def test_a_write_that_fails_half_way_leaves_the_old_table_and_nothing_else(folder, workspace, monkeypatch):
    pipeline.build([folder], workspace)
    before = tables(workspace)

    def half(self, path, **options):
        path.write_bytes(b"PAR1 half")
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(pd.DataFrame, "to_parquet", half)
    with pytest.raises(OSError, match="No space left"):
        pipeline.build([folder], workspace)
    assert tables(workspace) == before and not hidden_files(workspace)


def test_a_text_that_cannot_be_written_leaves_the_old_one(tmp_path):
    write_text(tmp_path / "a.txt", "before")
    with pytest.raises(UnicodeEncodeError):
        write_text(tmp_path / "a.txt", "after" * 10_000 + "\ud800")
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"] and (tmp_path / "a.txt").read_text(encoding="utf-8") == "before"


def test_a_run_killed_while_it_writes_leaves_whole_tables(folder, workspace):
    pipeline.build([folder], workspace)
    code = ("import sys, pathlib, pandas, time\n"
            "def slow(self, path, **options):\n"
            "    path.write_bytes(b'PAR1 half'); print('writing', flush=True); time.sleep(60)\n"
            "pandas.DataFrame.to_parquet = slow\n"
            "from helpers.pipeline import build; from helpers.workspace import Workspace\n"
            "build([pathlib.Path(sys.argv[1])], Workspace.under(pathlib.Path(sys.argv[2])))\n")
    run = subprocess.Popen([sys.executable, "-c", code, folder, workspace.reports], stdout=subprocess.PIPE, text=True)
    assert run.stdout.readline() == "writing\n"
    os.kill(run.pid, signal.SIGKILL)
    run.wait(10)
    assert all(len(workspace.read(name)) >= 0 for name in tables(workspace))
    os.utime(hidden_files(workspace)[0], (time.time() - 86_400,) * 2)
    pipeline.build([folder], workspace)
    assert not hidden_files(workspace), "what the killed run left is swept away"


def test_what_is_not_settled_is_listed_once_with_a_line_that_settles_it(folder, workspace):
    (folder / "d.txt").write_text('某镇"小结",初步\n今年全镇出生333人，死亡178人。\n', encoding="utf-8")
    said = []
    pipeline.build([folder], workspace, say=said.append)
    asked = [line.strip() for line in said if line.startswith("  ")]
    assert asked[0].startswith("doc,title,place") and [line.split(",")[0] for line in asked[1:]] == ["d"]
    (folder / "manifest.csv").write_text("\n".join([asked[0], asked[1].replace("?", "长汀镇", 1).replace("?", "2015", 1)]), encoding="utf-8")
    said.clear()
    built = pipeline.build([folder], workspace, say=said.append)
    assert not [line for line in said if line.startswith("  ")]
    own = built.facts[built.facts["doc"] == "d"]
    assert set(own["period"]) == {"2015"} and set(own["place"]) == {"长汀镇"}
    assert workspace.read("documents").set_index("doc").loc["d", "title"] == '某镇"小结",初步'


def test_what_the_manifest_says_nobody_knows_is_not_asked_again(folder, workspace):
    (folder / "d.txt").write_text("某镇小结\n20XX年全镇出生333人。\n", encoding="utf-8")
    (folder / "manifest.csv").write_text("doc,place,period\nd,**镇,20XX\n", encoding="utf-8")
    said = []
    pipeline.build([folder], workspace, say=said.append)
    assert not [line for line in said if "not settled" in line]


def test_a_document_that_changed_since_its_manifest_line_is_noticed(folder, workspace):
    (folder / "manifest.csv").write_text(f"doc,sha256\na,{'0' * 64}\n", encoding="utf-8")
    said = []
    pipeline.build([folder], workspace, say=said.append)
    assert [line for line in said if line.startswith("a has changed since")]


def test_extraction_leaves_no_doubts_of_an_earlier_run(folder, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "a.doubts.jsonl").write_text("{}\n", encoding="utf-8")
    assert pipeline.extract_to([folder], out) == []
    assert sorted(path.name for path in out.iterdir()) == ["a.jsonl", "b.jsonl", "c.jsonl"]
