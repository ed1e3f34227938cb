"""The phenomena of the reports, one row each in spec/*.csv: a sentence, the facts it states, and nothing else."""

from collections import Counter

import pytest
from notation import Case, as_expected, cases, written

from helpers.extract import extract

CASES = list(cases())
ROWS = [pytest.param(case, id=case.name, marks=pytest.mark.xfail(reason=case.expect_failure, strict=False) if case.expect_failure else ())
        for case in CASES]


@pytest.mark.parametrize("case", ROWS)
def test_the_text_states_these_facts_and_no_others(case: Case):
    found = extract(case.text).facts
    assert written([as_expected(fact) for fact in found]) == written(list(case.facts)), f"{case.text!r}: {case.why}"
    for expected in case.facts:
        matching = [fact for fact in found if as_expected(fact) == expected]
        assert any(all(getattr(fact, name) == value for name, value in expected.looked_at.items()) for fact in matching), (
            expected.looked_at, [{name: getattr(fact, name) for name in expected.looked_at} for fact in matching])
    for fact in found:
        assert case.text[fact.start:fact.end] == fact.quote
    if case.spans:
        assert [fact.quote for fact in found] == list(case.spans)


def test_there_are_hundreds_of_phenomena_and_each_says_why_it_is_there():
    assert len(CASES) >= 500
    assert all(case.why for case in CASES)


def test_no_sentence_stands_twice():
    assert [text for text, times in Counter(case.text for case in CASES).items() if times > 1] == []


def test_few_rows_wait_for_a_better_reader():
    assert sum(bool(case.expect_failure) for case in CASES) <= 0.06 * len(CASES)
