"""Files of every kind: what is text is read as what it is, what is not gets one sentence with a way out."""

import csv
import os
import random
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.documents.manifest import Entry, line_to_add, read_manifests
from helpers.documents.read import MAX_BYTES, Source, decode, find_sources, read_source
from helpers.errors import DocumentError, InputError
from helpers.extract import extract
from helpers.reading import read_each
from helpers.workspace import MARK

SIMPLIFIED = "2014年全镇出生336人，出生率11.1‰。其中男孩167人，女孩169人，政策符合率85.12%。\n"
TRADITIONAL = "2014年全鎮出生336人，其中男孩167人，女孩169人，計劃生育率85.12%。\n"


@pytest.mark.parametrize(("text", "data", "encoding"), [
    (SIMPLIFIED, SIMPLIFIED.encode(), "utf-8"),
    (SIMPLIFIED, SIMPLIFIED.encode("utf-8-sig"), "utf-8"),
    (SIMPLIFIED, b"\xff\xfe" + SIMPLIFIED.encode("utf-16-le"), "utf-16-le"),
    (SIMPLIFIED, b"\xfe\xff" + SIMPLIFIED.encode("utf-16-be"), "utf-16-be"),
    (SIMPLIFIED, SIMPLIFIED.encode("utf-16-le"), "utf-16-le"),
    (SIMPLIFIED, SIMPLIFIED.encode("utf-16-be"), "utf-16-be"),
    (SIMPLIFIED, SIMPLIFIED.encode("gb18030"), "gb18030"),
    (SIMPLIFIED.replace("‰", "%"), SIMPLIFIED.replace("‰", "%").encode("gb2312"), "gb18030"),
    (TRADITIONAL, TRADITIONAL.encode("big5"), "big5"),
    (TRADITIONAL, TRADITIONAL.encode("gb18030"), "gb18030"),
    ("births 336\n", b"births 336\n", "utf-8"),
    ("births 336\n", "births 336\n".encode("utf-16-le"), "utf-16-le"),
    ("出生336人\r\n死亡178人\r\n", "出生336人\r\n死亡178人\r\n".encode("gb18030"), "gb18030"),
], ids=lambda value: value if isinstance(value, str) and value.isascii() and len(value) < 12 else "")
def test_text_is_read_in_the_encoding_it_is_in(text, data, encoding):
    assert decode(data) == (text, encoding)


@pytest.mark.parametrize(("data", "why"), [
    (b"", "empty"),
    (b"\xef\xbb\xbf\r\n ", "empty"),
    (b"\x00" * 100, "empty"),
    (b"PK\x03\x04" + bytes(200), "ZIP container"),
    (b"%PDF-1.7\n%\xe2\xe3", "a PDF"),
    (b"\x89PNG\r\n\x1a\n", "picture"),
    (bytes(range(256)) * 40, "not|neither"),
    (random.Random(1).randbytes(5000), "neither"),
    (SIMPLIFIED.encode("utf-32"), "not text"),
    ("naïve café élève à Paris, où naît l'été".encode("latin-1"), "neither"),
    ("出生率は高いです。人口について報告します".encode("shift_jis"), "neither"),
], ids=["0 bytes", "only a mark", "zeros", "docx", "pdf", "png", "all bytes", "noise", "utf-32", "latin-1", "shift-jis"])
def test_what_is_not_chinese_text_is_refused_with_a_sentence_that_names_the_file(data, why):
    with pytest.raises(DocumentError, match=f"^report.txt: .*(?:{why})"):
        decode(data, "report.txt")


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_a_download_cut_off_within_a_character_is_still_read(encoding):
    text, _ = decode((SIMPLIFIED * 20 + "人").encode(encoding)[:-1])
    assert text.startswith(SIMPLIFIED * 20) and len(text) <= len(SIMPLIFIED) * 20 + 1


def test_one_bad_byte_is_kept_as_a_mark_and_many_are_refused():
    text, encoding = decode((SIMPLIFIED * 20).encode() + b"\xff" + SIMPLIFIED.encode())
    assert (text, encoding) == (SIMPLIFIED * 20 + "\ufffd" + SIMPLIFIED, "utf-8")
    with pytest.raises(DocumentError):
        decode(b"\xff".join([SIMPLIFIED[:9].encode()] * 50))


@given(st.text(alphabet="出生死亡人口率镇乡年月日的0123456789.,%，。\n", min_size=1).filter(lambda text: text.strip()),
       st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_whatever_is_written_with_a_mark_or_in_utf_8_is_read_back(text, encoding):
    assert decode(text.encode(encoding))[0] == text


@given(st.binary(max_size=300))
def test_no_bytes_whatever_make_reading_fail_in_another_way(data):
    try:
        text, encoding = decode(data, "x")
    except DocumentError as error:
        assert str(error).startswith("x: ")
    else:
        assert text.strip("\x00 \t\r\n") and encoding


def test_two_documents_of_one_name_get_two_ids_and_their_own_manifest_lines(tmp_path):
    for folder, place in (("甲县", "长汀镇"), ("乙县", "丹阳镇")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "2014.txt").write_text(SIMPLIFIED, encoding="utf-8")
        (tmp_path / folder / "manifest.csv").write_text(f"doc,place,period\n2014,{place},?\n", encoding="gb18030")
    sources, entries = find_sources([tmp_path]), read_manifests([tmp_path])
    assert [source.doc for source in sources] == ["2014", "2014-2"]
    assert {source.relative: entries[source.doc].place for source in sources} == {"甲县/2014.txt": "长汀镇", "乙县/2014.txt": "丹阳镇"}
    assert entries["2014"].period == ""  # a question mark is no answer


def test_the_facts_of_one_document_are_never_the_doubts_of_another(tmp_path):
    for name in ("a.txt", "a.doubts.txt", "A.md"):
        (tmp_path / name).write_text(SIMPLIFIED, encoding="utf-8")
    docs = [source.doc for source in find_sources([tmp_path])]
    files = [f"{doc}{ending}".casefold() for doc in docs for ending in (".jsonl", ".doubts.jsonl")]
    assert len(docs) == 3 and len(set(files)) == 6


def test_a_title_as_a_file_name_leaves_room_for_an_ending(tmp_path):
    for number in "12":
        (tmp_path / ("乡" * 80 + number + ".txt")).write_text(SIMPLIFIED, encoding="utf-8")
    docs = [source.doc for source in find_sources([tmp_path])]
    assert len(set(docs)) == 2 and all(len(f"{doc}.doubts.jsonl".encode()) < 240 for doc in docs)


def test_what_the_suite_has_written_is_not_read_as_documents(tmp_path):
    (tmp_path / "a.txt").write_text(SIMPLIFIED, encoding="utf-8")
    pages = tmp_path / "pages" / "data" / "interim" / "text"
    pages.mkdir(parents=True)
    (pages / "a.txt").write_text(SIMPLIFIED, encoding="utf-8")
    (tmp_path / "pages" / MARK).write_text("", encoding="utf-8")
    assert [source.relative for source in find_sources([tmp_path])] == ["a.txt"]


@pytest.mark.parametrize(("name", "sentence"), [("missing", "does not exist"), ("empty", "no document in")])
def test_a_missing_path_and_an_empty_folder_are_refused_with_a_way_out(tmp_path, name, sentence):
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=f"{sentence}.*:"):
        find_sources([tmp_path / name])


def test_a_pipe_is_no_document(tmp_path):
    os.mkfifo(tmp_path / "report.txt")
    with pytest.raises(DocumentError, match="no ordinary file"):
        read_source(Source("report", tmp_path / "report.txt", "report.txt"))


def test_a_file_beyond_any_report_is_refused_before_it_is_read(tmp_path):
    with (tmp_path / "big.txt").open("wb") as stream:
        stream.truncate(MAX_BYTES + 1)
    with pytest.raises(DocumentError, match="split the file"):
        read_source(Source("big", tmp_path / "big.txt", "big.txt"))


@pytest.mark.parametrize(("manifest", "sentence"), [
    ("title,place\n小结,长汀镇\n", "no column `doc`"),
    ("doc,place\n,长汀镇\n", "line 2: the cell `doc` is empty"),
    ("doc,place\na,长汀镇\na,丹阳镇\n", "line 3: the document a stands here a second time"),
])
def test_a_manifest_that_does_not_fit_is_refused_with_file_and_line(tmp_path, manifest, sentence):
    (tmp_path / "a.txt").write_text(SIMPLIFIED, encoding="utf-8")
    (tmp_path / "manifest.csv").write_text(manifest, encoding="utf-8")
    with pytest.raises(InputError, match=f"manifest.csv.*{sentence}"):
        read_manifests([tmp_path])


@given(st.text(alphabet='abc镇",\n?;\'', max_size=12))
def test_a_manifest_line_is_read_back_as_it_was_meant(title):
    cells = next(csv.reader(line_to_add(Entry("a", title=title)).splitlines(keepends=True)))
    assert cells == ["a", title, "?", "", "", "", "?", "", "", ""]


@pytest.mark.parametrize("text", [
    "(" * 20_000 + "出生336人" + ")" * 20_000,
    "出生336人\x07\x00\x1b[31m死亡178人",
    "，" * 200_000,
    "2014年" * 20_000,
], ids=["nested brackets", "control characters", "only commas", "only years"])
def test_hostile_text_is_read_in_good_time_and_every_span_is_its_evidence(text):
    started = time.process_time()
    found = extract(text)
    assert time.process_time() - started < 20
    assert all(text[fact.start:fact.end] == fact.quote for fact in found.facts)


def test_a_line_of_a_million_digits_costs_at_most_its_own_document(tmp_path):
    (tmp_path / "a.txt").write_text("出生" + "1" * 1_000_000 + "人。\n" + SIMPLIFIED, encoding="utf-8")
    (tmp_path / "b.txt").write_text(SIMPLIFIED, encoding="utf-8")
    started = time.process_time()
    digits, sound = read_each(find_sources([tmp_path]), lambda line: None)
    assert time.process_time() - started < 30
    assert digits.error.startswith("a.txt: ") if digits.error else digits.found.facts
    assert len(sound.found.facts) >= 4


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak memory of a process is read from /proc, which only Linux has")
def test_fifty_megabytes_are_read_within_a_gibibyte(tmp_path):
    # As dense in figures as public reports are: some 700 to the megabyte.
    prose = "我们召开会议，发放宣传单，走访农户，落实各项措施，群众满意。" * 60
    paragraph = "".join(f"{year}年全镇总人口{30000 + year}人，出生{year - 1700}人，出生率11.1‰，死亡{year - 1800}人。{prose}\n"
                        for year in range(2000, 2020))
    one = paragraph * (50_000_000 // len(paragraph.encode()))
    (tmp_path / "big.txt").write_text(one, encoding="utf-8")
    # What a process says of its peak in getrusage begins with the peak of the process that started it: a test run that
    # has held 4 GB makes every child seem to hold 4 GB. VmHWM is the process's own.
    code = ("import sys, pathlib; from helpers.pipeline import extract_to; "
            "extract_to([pathlib.Path(sys.argv[1])], pathlib.Path(sys.argv[2])); "
            "print(pathlib.Path('/proc/self/status').read_text())")
    # How long it takes is measured in benchmarks/extract.py.
    done = subprocess.run([sys.executable, "-c", code, tmp_path / "big.txt", tmp_path / "out"], capture_output=True, text=True, check=True)
    assert (tmp_path / "out" / "big.jsonl").stat().st_size > 1_000_000
    peak = int(re.search(r"VmHWM:\s*(\d+) kB", done.stdout)[1])
    assert peak < 1024 * 1024, f"{peak // 1024} MiB"
