"""Persons named in documents never reach a report."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.report.masking import COVER, mask
from helpers.workspace import SAMPLE

CASES = list(csv.DictReader((Path(__file__).parent / "persons.csv").open(encoding="utf-8")))


@pytest.mark.parametrize("case", CASES, ids=[case["text"] for case in CASES])
def test_names_are_covered_and_nothing_else_is(case):
    covered = [name for name in case["covered"].split("|") if name]
    masked = mask(case["text"])
    assert not [name for name in covered if name in masked], case["why"]
    expected_same = case["text"] if not covered else None
    assert expected_same is None or masked == expected_same, case["why"]
    assert len(masked) == len(case["text"])


@given(st.text(alphabet="镇长王建国书记李同志：、0123456789人(wáng) \n", max_size=60))
def test_masking_keeps_every_position(text):
    masked = mask(text)
    assert len(masked) == len(text)
    assert all(new in (old, COVER) for old, new in zip(text, masked, strict=True))


def test_a_stated_figure_is_never_covered():
    text = "联系电话：13812345678"
    start = text.index("138")
    assert mask(text, keep=((start, len(text)),)).endswith("13812345678")


def test_every_person_the_sample_county_names_is_covered_and_little_else():
    folder = SAMPLE / "simulated_county"
    with (folder / "persons.csv").open(encoding="utf-8-sig") as stream:
        persons = list(csv.DictReader(stream))
    texts = {person["doc"]: (folder / f"{person['doc']}.txt").read_text(encoding="utf-8") for person in persons}
    masked = {doc: mask(text) for doc, text in texts.items()}
    shown = [person["name"] for person in persons
             if any(char != COVER for char in masked[person["doc"]][int(person["start"]):int(person["end"])] if "\u4e00" <= char <= "\u9fff")]
    assert len(persons) > 100 and shown == []
    known = {(person["doc"], at) for person in persons for at in range(int(person["start"]), int(person["end"]))}
    beside = [(doc, at) for doc, text in masked.items() for at, char in enumerate(text) if char == COVER != texts[doc][at] and (doc, at) not in known]
    assert len(beside) <= len(persons) // 20


def _found(path: Path) -> tuple[int, int, int]:
    """Of a list of sentences with `text,names`: names covered (every character of them), names, sentences with more covered."""
    covered = names = more = 0
    with path.open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            masked, at, spans = mask(row["text"]), 0, []
            for name in (name for name in row["names"].split("|") if name and not name.isdigit()):
                start = row["text"].index(name, at)
                at = start + len(name)
                spans.append((start, at))
                covered += all(masked[index] == COVER for index in range(start, at) if row["text"][index] not in "·女士")
                names += 1
            digits = any(name.isdigit() for name in row["names"].split("|"))
            beside = [index for index, (old, new) in enumerate(zip(row["text"], masked, strict=True))
                      if old != new and not any(start <= index < end for start, end in spans) and not (digits and old.isdigit())]
            more += bool(beside)
    return covered, names, more


def test_the_rules_keep_what_they_found_in_sentences_they_were_not_made_from():
    """docs/decisions/011: 8 of 18, run once; the list is there to be compared with, not to be fitted."""
    covered, names, more = _found(Path(__file__).parent / "persons_held_out.csv")
    assert names == 18 and covered >= 8 and more <= 2


def test_the_rules_keep_what_they_were_mended_to_find():
    covered, names, more = _found(Path(__file__).parent / "persons_seen.csv")
    assert covered >= 49 and names == 52 and more <= 3


def test_names_written_into_the_restated_documents_are_covered():
    """Nine documents with an invented name each, put there for this test; the one missed is a Traditional name with pinyin."""
    golden = list(csv.DictReader((Path(__file__).parents[1] / "golden" / "persons.csv").open(encoding="utf-8")))
    texts = {path.stem: path.read_bytes().decode("utf-8").removeprefix("\ufeff") for path in (SAMPLE / "restated").glob("*.txt")}
    assert golden and {person["doc"] for person in golden} <= set(texts)
    shown = []
    for person in golden:
        start, end = int(person["start"]), int(person["end"])
        text, masked = texts[person["doc"]], mask(texts[person["doc"]])
        if any(masked[index] != COVER for index in range(start, end) if "\u4e00" <= text[index] <= "\u9fff"):
            shown.append(person["name"])
    assert len(shown) <= 1, shown
