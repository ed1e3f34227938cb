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
