"""The documents that come with the project: all listed, all as they were made, all in our own words."""

import csv
import hashlib
import json
import re
import shlex
from functools import cache
from pathlib import Path

import opencc
import pytest

from helpers.catalogue import indicators, units
from helpers.simulate import write

PROJECT = Path(__file__).resolve().parents[1]
RAW = PROJECT / "data" / "raw"
GOLDEN = PROJECT / "tests" / "golden"
SHARED = PROJECT / ".." / "shared"
COLUMNS = ["doc", "title", "place", "level", "county", "province", "period", "source", "simulated", "sha256"]
LONGEST_SHARED = 11
NOTE = re.compile(r"\([a-zü\u00e0-\u01dc]+\)")


def rows(path: Path) -> list[dict]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


MANIFEST = rows(RAW / "manifest.csv")
RESTATED = [row["doc"] for row in MANIFEST if row["simulated"] == "false"]
SIMULATED = [row["doc"] for row in MANIFEST if row["simulated"] == "true"]


def file_of(doc: str) -> Path:
    found = list(RAW.rglob(f"{doc}.txt"))
    assert len(found) == 1, f"{doc}: {len(found)} files"
    return found[0]


def test_the_manifest_lists_every_document_once_with_its_checksum():
    assert list(MANIFEST[0]) == COLUMNS
    assert sorted(row["doc"] for row in MANIFEST) == sorted(path.stem for path in RAW.rglob("*.txt"))
    for row in MANIFEST:
        assert hashlib.sha256(file_of(row["doc"]).read_bytes()).hexdigest() == row["sha256"], row["doc"]
        assert row["title"] and row["place"] and row["level"] and row["source"]
        assert row["period"] or row["simulated"] == "false"


def test_there_are_twelve_simulated_townships_over_eight_years_and_at_least_eight_restated_documents():
    assert len(SIMULATED) == 96 and len(RESTATED) >= 8
    assert len({row["place"] for row in MANIFEST if row["simulated"] == "true"}) == 12
    assert {row["source"] for row in MANIFEST if row["simulated"] == "false"} == {
        "restated: figures real, wording and names ours"}


def test_the_simulated_county_comes_out_of_its_command_byte_for_byte(tmp_path):
    source = next(row["source"] for row in MANIFEST if row["simulated"] == "true")
    words = shlex.split(source.partition("township simulate ")[2])
    options = dict(zip(words[::2], words[1::2], strict=True))
    write(tmp_path, townships=int(options["--townships"]), years=int(options["--years"]),
          seed=int(options["--seed"]), errors=float(options["--errors"]))
    made = {path.relative_to(tmp_path).as_posix(): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    kept = {path.relative_to(RAW / "simulated_county").as_posix(): path.read_bytes()
            for path in (RAW / "simulated_county").rglob("*") if path.is_file()}
    assert sorted(made) == sorted(kept)
    assert [name for name in made if made[name] != kept[name]] == []


def test_the_county_lists_the_same_documents_as_the_manifest():
    assert rows(RAW / "simulated_county" / "manifest.csv") == [row for row in MANIFEST if row["simulated"] == "true"]


@pytest.mark.parametrize("doc", SIMULATED)
def test_a_simulated_document_says_so_under_its_title(doc):
    assert file_of(doc).read_text(encoding="utf-8").splitlines()[1].startswith("【模拟数据】")


@pytest.mark.parametrize("doc", RESTATED)
def test_the_golden_facts_of_a_restated_document_quote_it(doc):
    text = file_of(doc).read_text(encoding="utf-8")
    facts = [json.loads(line) for line in (GOLDEN / f"{doc}.jsonl").read_text(encoding="utf-8").splitlines()]
    assert facts
    for fact in facts:
        assert text[fact["start"]:fact["end"]] == fact["quote"]
        assert fact["code"] in indicators() and fact["unit"] in units()
        assert fact["status"] in ("observed", "target", "previous", "change")
        digits = re.sub(r"\D", "", fact["value"]).lstrip("0").rstrip("0")
        assert digits in re.sub(r"\D", "", fact["quote"].replace("O", "0").replace("l", "1")), fact


@pytest.mark.parametrize("path", [GOLDEN / "persons.csv", RAW / "simulated_county" / "persons.csv"],
                         ids=["restated", "simulated"])
def test_invented_persons_stand_where_they_are_said_to(path):
    people = rows(path)
    assert len(people) > 5
    for one in people:
        text = file_of(one["doc"]).read_text(encoding="utf-8")
        assert text[int(one["start"]):int(one["end"])] == one["name"]


def test_the_restated_documents_come_in_the_styles_reports_are_found_in():
    texts = {doc: file_of(doc).read_text(encoding="utf-8") for doc in RESTATED}
    styles = {
        "pinyin notes": lambda text: NOTE.search(text),
        "hard line breaks": lambda text: re.search(r"[^。；：\n]\n\s?[^（一二三四\n]", text) and len(text) > 150,
        "flattened table": lambda text: re.search(r"\n-?[\d.]+\n-?[\d.]+\n", text),
        "redacted names": lambda text: "**" in text,
        "compilation": lambda text: "篇1" in text or "第一篇" in text,
        "half year": lambda text: "上半年" in text,
        "family-planning year": lambda text: "10月1日" in text,
        "plan": lambda text: "以內" in text or "以内" in text,
    }
    for style, present in styles.items():
        assert any(present(text) for text in texts.values()), style


@cache
def _runs(text: str) -> tuple[str, ...]:
    """Runs of Han characters in simplified form, notes and line breaks taken out."""
    plain = re.sub(r"\s", "", NOTE.sub("", text))
    return tuple(re.findall(r"[\u3400-\u9fff]+", opencc.OpenCC("t2s").convert(plain)))


def _windows(text: str) -> set[str]:
    size = LONGEST_SHARED + 1
    return {run[at:at + size] for run in _runs(text) for at in range(len(run) - size + 1)}


@pytest.mark.skipif(not (SHARED / "seeds").is_dir(), reason="../shared is not here: nothing to compare the wording with")
def test_no_document_shares_a_sentence_with_the_reports_its_figures_come_from():
    theirs: set[str] = set()
    for path in [*(SHARED / "seeds").glob("*.txt"), *(SHARED / "gold" / "docs").glob("*.txt")]:
        theirs |= _windows(path.read_text(encoding="utf-8"))
    shared = {window: row["doc"] for row in MANIFEST
              for window in _windows(file_of(row["doc"]).read_text(encoding="utf-8")) & theirs}
    assert shared == {}


def test_the_comparison_of_wordings_finds_a_shared_sentence():
    ours = "我們(men)把有限的收入花在孩子的教育和健康\n上面"
    assert _windows(ours) & _windows("他们愿意把有限的收入花在孩子的教育和健康上面，别的不多想")
