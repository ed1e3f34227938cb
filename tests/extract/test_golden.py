"""Whole documents: the restated ones the project carries, the mission's gold, and simulated ones in any state."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from notation import as_expected as expected_of
from notation import cases, read_expected, written

from helpers.extract import evaluation, extract
from helpers.simulate import Draft, render, simulate, with_noise

PROJECT = Path(__file__).resolve().parents[2]
GOLDEN = PROJECT / "tests" / "golden"
GOLD = PROJECT / ".." / "shared" / "gold" / "facts"
# Measured, less a little: a change of the reader must not fall below.
FLOOR, FLOOR_ATTRIBUTES = 0.975, {"period": 0.97, "section": 0.99, "level": 0.95, "unit": 0.99}
DOCUMENTS = sorted(path.stem for path in GOLDEN.glob("*.jsonl"))


def missed_and_spurious(gold: dict, predicted: dict) -> str:
    """Gained and lost facts of the reader against the gold facts, as text for a failing test."""
    told = evaluation.changes(gold, gold, {doc: predicted.get(doc, []) for doc in gold})
    return "\n".join(f"{one.kind} {one.doc} " + json.dumps(one.after or one.before, ensure_ascii=False) for one in told)


def test_the_restated_documents_are_read_as_by_hand(predicted_golden):
    gold, ours = evaluation.read_folder(GOLDEN), evaluation.read_folder(predicted_golden)
    result = evaluation.score(gold, ours)
    print(evaluation.report(GOLDEN, predicted_golden, by=["doc"], earlier=GOLDEN))
    assert result.total().f1 >= FLOOR, missed_and_spurious(gold, ours)
    for attribute, floor in FLOOR_ATTRIBUTES.items():
        assert result.share_right(attribute) >= floor, missed_and_spurious(gold, ours)


@pytest.mark.parametrize("doc", DOCUMENTS)
def test_what_is_read_from_a_restated_document_is_nearly_always_right(doc, predicted_golden):
    gold, ours = evaluation.read_folder(GOLDEN), evaluation.read_folder(predicted_golden)
    count = evaluation.score({doc: gold[doc]}, {doc: ours[doc]}).strict[doc]
    assert count.precision >= 0.8 and count.recall >= 0.85, missed_and_spurious({doc: gold[doc]}, ours)


def test_the_gold_documents_are_read_as_well_as_by_a_second_reader(predicted_gold):
    gold, ours = evaluation.read_folder(GOLD), evaluation.read_folder(predicted_gold)
    result = evaluation.score(gold, ours)
    assert result.total().f1 >= 0.95, missed_and_spurious(gold, ours)
    for attribute, floor in {"period": 0.95, "unit": 0.99, "section": 0.98, "level": 0.95}.items():
        assert result.share_right(attribute) >= floor, attribute


# ---- simulated documents: the truth is known to the character --------------------------------------------------

STATES = {  # steps of noise, and the F1 against the truth measured for them, less a little
    "clean": ((), 0.97), "flattened": (("flatten_tables",), 0.97), "full width": (("full_width_digits",), 0.97),
    "half width": (("half_width",), 0.97), "Traditional": (("traditional",), 0.97),
    "pinyin": (("half_width", "traditional_with_pinyin"), 0.97), "scanned": (("flatten_tables", "ocr_slips"), 0.97),
    "spaced": (("spaced_numbers",), 0.97), "wrapped": (("hard_wrap",), 0.96), "pages": (("hard_wrap", "page_marks"), 0.93),
    "redacted": (("redact_names",), 0.97),
}
# States that must not change what is read at all.
HARMLESS = ["full width", "half width", "Traditional", "pinyin", "spaced", "redacted"]


@pytest.fixture(scope="module")
def drafts():
    """Twelve reports of four townships as their authors wrote them."""
    return {document.stem: document.draft for document in simulate(4, 3, seed=5, style="plain")}


@pytest.fixture(scope="module")
def read(drafts):
    """Truth and reading of every document in every state."""
    noisy = {state: {stem: with_noise(draft, steps, stem) for stem, draft in drafts.items()} for state, (steps, _) in STATES.items()}
    return {state: ({stem: draft.rows() for stem, draft in some.items()},
                    {stem: [fact.gold() for fact in extract(draft.text).facts] for stem, draft in some.items()})
            for state, some in noisy.items()}


@pytest.mark.parametrize("state", STATES)
def test_a_simulated_document_gives_back_its_facts_in_any_state(state, read):
    truth, ours = read[state]
    result = evaluation.score(truth, ours)
    assert result.total().f1 >= STATES[state][1], missed_and_spurious(truth, ours)
    assert result.total().precision >= 0.98 and result.share_right("unit") >= 0.99
    assert result.share_right("period") >= 0.95


@pytest.mark.parametrize("state", HARMLESS)
def test_noise_that_changes_no_word_changes_no_fact(state, read):
    clean, ours = read["clean"][1], read[state][1]
    assert {stem: sorted(map(str, {evaluation.strict_key(f) for f in facts})) for stem, facts in ours.items()} == {
        stem: sorted(map(str, {evaluation.strict_key(f) for f in facts})) for stem, facts in clean.items()}


def test_evidence_stands_at_the_figure_the_simulator_wrote(read, drafts):
    truth, ours = read["clean"]
    apart = []
    for stem, facts in truth.items():
        spans = {evaluation.strict_key(fact): [(f["start"], f["end"]) for f in facts if evaluation.strict_key(f) == evaluation.strict_key(fact)]
                 for fact in facts}
        apart += [(stem, fact["quote"]) for fact in ours[stem] for known in [spans.get(evaluation.strict_key(fact))]
                  if known and not any(fact["start"] < end and start < fact["end"] for start, end in known)]
    assert apart == []


# ---- the same sentence in another dress ------------------------------------------------------------------------

SENTENCES = [case for case in cases() if case.name.startswith(("meaning", "time", "numbers")) and not case.expect_failure]


@pytest.mark.parametrize("steps", [("traditional",), ("half_width", "traditional_with_pinyin"), ("full_width_digits",), ("half_width",)],
                         ids="+".join)
def test_a_sentence_states_the_same_in_another_dress(steps):
    changed = {}
    for case in SENTENCES:
        text = render(Draft(case.text), steps, case.name)
        found = written([expected_of(fact) for fact in extract(text).facts])
        if found != written(list(case.facts)):
            changed[text] = found
    assert changed == {}


def test_the_values_of_the_golden_facts_are_decimals_of_known_indicators():
    for facts in evaluation.read_folder(GOLDEN).values():
        for fact in facts:
            assert Decimal(fact["value"]).is_finite()
            assert read_expected(f"{fact['code']} {fact['value']} {fact['unit']} {fact['status']}")
