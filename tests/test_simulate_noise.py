"""Noise keeps the way back: whatever is done to a document, its facts and persons are still where they are said to be."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.simulate import NOISES, Draft, Edit, Stated, edited, render, simulate, with_noise

NOTE = re.compile(r"\([a-zü\u00e0-\u01dc]+\)")
FULL = str.maketrans("０１２３４５６７８９．Ol。", "0123456789.01.")


@pytest.fixture(scope="module")
def documents():
    """Plain documents with everything in them: prose, tables, persons, comparisons."""
    return [document.draft for document in simulate(6, 8, seed=21, style="plain")]


def number(draft: Draft, fact: Stated) -> str:
    """The figure as a reader would restore it."""
    return re.sub(r"\s", "", draft.text[fact.value_start:fact.value_end]).translate(FULL)


@pytest.mark.parametrize("name", sorted(NOISES))
def test_after_any_noise_every_fact_still_stands_where_it_is_said_to(documents, name):
    for seed, before in enumerate(documents):
        after = with_noise(before, [name], seed)
        for old, new in zip(before.facts, after.facts, strict=True):
            assert number(after, new) == before.text[old.value_start:old.value_end]
            assert new.start <= new.value_start < new.value_end <= new.end
            assert (old.code, old.value, old.unit, old.period) == (new.code, new.value, new.unit, new.period)
        for person in after.persons:
            assert after.text[person.start:person.end].strip()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(sorted(NOISES)), max_size=4), st.integers(0, 10_000), st.integers(0, 47))
def test_noises_can_be_put_one_upon_the_other(documents, names, seed, at):
    before = documents[at]
    after = with_noise(before, names, seed)
    assert [number(after, fact) for fact in after.facts] == [
        before.text[fact.value_start:fact.value_end] for fact in before.facts]
    assert render(before, names, seed) == after.text


def test_taking_the_notes_out_and_the_characters_back_gives_the_text_again(documents):
    import opencc

    simplified = opencc.OpenCC("t2s")
    for draft in documents[:10]:
        noisy = render(draft, ["half_width", "traditional_with_pinyin"])
        assert NOTE.search(noisy)
        assert simplified.convert(NOTE.sub("", noisy)) == simplified.convert(render(draft, ["half_width"]))


def test_hard_wrapped_text_is_the_same_text_with_breaks(documents):
    for draft in documents[:10]:
        wrapped = render(draft, ["hard_wrap"], 3)
        assert wrapped.replace("\n", "") == draft.text.replace("\n", "")
        assert max(map(len, wrapped.splitlines())) < 50


def test_a_page_mark_may_stand_within_a_sentence_but_never_within_a_number(documents):
    marked = [with_noise(draft, ["hard_wrap", "page_marks"], seed) for seed, draft in enumerate(documents)]
    assert any(re.search(r"[^。；：\n]\n+— \d+ —\n", draft.text) for draft in marked)
    assert not any("—" in draft.text[fact.value_start:fact.value_end] for draft in marked for fact in draft.facts)


def test_a_space_within_a_number_leaves_three_digits_after_it():
    assert {render(Draft("2014年人口30317人"), ["spaced_numbers"], seed) for seed in range(40)} == {
        "2014年人口30317人", "2014年人口30 317人"}


def test_no_place_and_no_person_is_left_after_redaction(documents):
    for draft in documents:
        after = with_noise(draft, ["redact_names"])
        assert draft.place[:-1] not in after.text and draft.place[:-1] not in after.title
        assert not any(draft.text[one.start:one.end] in after.text for one in draft.persons)
        assert not after.persons and {fact.place for fact in after.facts} <= {""}


def test_a_flattened_table_has_one_cell_a_line_and_loses_empty_cells():
    assert render(Draft("人群\t总数\t签约\n残疾人\t492\t\t100.00\n"), ["flatten_tables"]).split("\n") == [
        "人群", "总数", "签约", "残疾人", "492", "100.00", ""]


def test_noise_depends_on_its_seed_only(documents):
    draft = documents[0]
    assert render(draft, ["ocr_slips", "hard_wrap"], 1) == render(draft, ["ocr_slips", "hard_wrap"], 1)
    assert len({render(draft, ["ocr_slips", "hard_wrap"], seed) for seed in range(6)}) > 1


def test_an_unknown_noise_is_refused(documents):
    with pytest.raises(KeyError):
        render(documents[0], ["thunder"])


@st.composite
def texts_with_edits(draw):
    text = draw(st.text("甲乙丙丁12", min_size=1, max_size=40))
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8)))
    edits = [Edit(a, b, draw(st.text("x", max_size=3))) for a, b in zip(cuts[::2], cuts[1::2], strict=False)]
    start = draw(st.integers(0, len(text) - 1))
    return text, edits, start, draw(st.integers(start + 1, len(text)))


@given(texts_with_edits())
def test_a_span_outside_the_edits_keeps_its_characters(case):
    text, edits, start, end = case
    draft = Draft(text, facts=(Stated("births", (), "1", "person", "observed", "", "", start, end, start, end),))
    after = edited(draft, edits)
    moved = after.facts[0]
    if all(edit.end <= start or edit.start >= end for edit in edits):
        kept = after.text[moved.start:moved.end]
        assert kept.replace("x", "") == text[start:end]
    assert 0 <= moved.start <= len(after.text) and 0 <= moved.end <= len(after.text)


def test_edits_that_overlap_are_refused():
    with pytest.raises(ValueError, match="overlap"):
        edited(Draft("甲乙丙"), [Edit(0, 2, ""), Edit(1, 3, "")])
