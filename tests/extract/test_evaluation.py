"""The score counts as it says: strict and loose, repeats once, optional lines neither way, limits as published."""

import contextlib
import io
import json
import re
import runpy
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from helpers.cli import main
from helpers.errors import InputError
from helpers.extract import evaluation
from helpers.extract.evaluation import Count, changes, f1_limits, score, wilson

PROJECT = Path(__file__).resolve().parents[2]
GOLDEN = PROJECT / "tests" / "golden"
SHARED = PROJECT / ".." / "shared"


def fact(code="births", value="336", **more) -> dict:
    usual = {"dims": {}, "unit": "person", "status": "observed", "period": "2014", "section": 1, "level": "township"}
    return {"code": code, "value": value, **usual, **more}


@pytest.mark.parametrize(("gold", "predicted", "strict", "loose"), [
    ([fact()], [fact()], (1, 0, 0), (1, 0, 0)),
    ([fact()], [], (0, 0, 1), (0, 0, 1)),
    ([fact()], [fact(value="337")], (0, 1, 1), (0, 1, 1)),
    ([fact()], [fact(value="336.0")], (1, 0, 0), (1, 0, 0)),
    ([fact()], [fact(), fact(period="2013")], (1, 0, 0), (1, 0, 0)),  # an exact repeat counts once
    ([fact()], [fact(status="target")], (0, 1, 1), (1, 0, 0)),
    ([fact(dims={"sex": "male"})], [fact()], (0, 1, 1), (1, 0, 0)),
    ([fact(dims={"residence": "registered"})], [fact()], (1, 0, 0), (1, 0, 0)),  # no core dim
    ([fact(dims={"group": "老年人"})], [fact()], (1, 0, 0), (1, 0, 0)),
    ([fact("imr", "5.2", dims={"age": "0"})], [fact("imr", "5.2")], (1, 0, 0), (1, 0, 0)),  # the code says its age
    ([fact("elderly_managed", "9", dims={"age": "65+"})], [fact("elderly_managed", "9")], (1, 0, 0), (1, 0, 0)),
    ([fact("pop_age", "9", dims={"age": "65+"})], [fact("pop_age", "9")], (0, 1, 1), (1, 0, 0)),
    ([fact(optional=True)], [fact()], (0, 0, 0), (0, 0, 0)),
    ([fact(optional=True)], [], (0, 0, 0), (0, 0, 0)),
    ([fact(), fact("deaths", "210", optional=True)], [fact(), fact("deaths", "210")], (1, 0, 0), (1, 0, 0)),
    ([fact(), fact(status="previous", optional=True)], [fact()], (1, 0, 0), (0, 0, 0)),  # loosely they are one key
])
def test_facts_are_counted_as_the_rules_say(gold, predicted, strict, loose):
    result = score({"a": gold}, {"a": predicted})
    assert result.total("strict") == Count(*strict)
    assert result.total("loose") == Count(*loose)


def test_attributes_are_right_or_not_of_what_was_found():
    gold = [fact(), fact("deaths", "210", period="20XX"), fact("cbr", "11.1", unit="permille")]
    ours = [fact(section="1"), fact("deaths", "210", period="20xx", level="county"), fact("cbr", "11.2", unit="percent")]
    result = score({"a": gold}, {"a": ours})
    assert result.total() == Count(2, 1, 1)
    assert {name: result.share_right(name) for name in evaluation.ATTRIBUTES} == {
        "period": 1.0, "section": 1.0, "level": 0.5, "unit": 1.0}


def test_a_document_without_a_prediction_is_missed_whole_and_one_without_gold_is_not_looked_at():
    result = score({"a": [fact()], "b": [fact()]}, {"b": [fact()], "c": [fact()]})
    assert result.strict == {"a": Count(missed=1), "b": Count(found=1)}


def test_indicators_add_up_to_the_total():
    gold = {"a": [fact(), fact("deaths", "2")], "b": [fact("deaths", "3")]}
    ours = {"a": [fact(), fact("cbr", "1")], "b": [fact("deaths", "3")]}
    result = score(gold, ours)
    assert result.codes == {"births": Count(1), "deaths": Count(1, 0, 1), "cbr": Count(0, 1)}
    assert sum(result.codes.values(), Count()) == result.total()


# statsmodels.stats.proportion.proportion_confint(method="wilson")
@pytest.mark.parametrize(("successes", "trials", "low", "high"), [
    (9, 10, 0.5958499732, 0.9821237869), (0, 20, 0.0, 0.1611251581), (20, 20, 0.8388748419, 1.0),
    (320, 337, 0.9207072277, 0.9682691341), (1, 2, 0.0945312057, 0.9054687943)])
def test_the_limits_of_a_share_are_those_published(successes, trials, low, high):
    assert wilson(successes, trials) == pytest.approx((low, high), abs=1e-9)


@given(st.integers(1, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_limits_of_a_share_hold_it(pair):
    low, high = wilson(*pair)
    assert 0 <= low <= pair[0] / pair[1] + 1e-12 and pair[0] / pair[1] - 1e-12 <= high <= 1


def test_limits_of_f1_come_out_the_same_again_and_hold_the_figure():
    counts = [Count(10, 1, 2), Count(20, 0, 0), Count(3, 4, 1), Count(15, 1, 1), Count(8, 0, 3)]
    low, high = f1_limits(counts)
    assert (low, high) == f1_limits(counts)
    assert low < sum(counts, Count()).f1 < high
    assert f1_limits([Count(5)] * 6) == (1.0, 1.0)


@pytest.mark.parametrize("counts", [[], [Count(3, 1, 1)]])
def test_one_document_says_nothing_of_how_documents_differ(counts):
    assert f1_limits(counts) == (0.0, 1.0)


def test_facts_gained_lost_and_changed_are_told_apart():
    gold = {"a": [fact(), fact("deaths", "210"), fact("cbr", "11.1")]}
    before = {"a": [fact(period="2013"), fact("deaths", "210", status="previous"), fact("imr", "5")]}
    after = {"a": [fact(), fact("deaths", "210"), fact("cbr", "11.1"), fact("cdr", "6.9")]}
    told = {(one.kind, (one.after or one.before)["code"], one.right) for one in changes(gold, before, after)}
    assert told == {("changed", "births", True), ("changed", "deaths", True), ("gained", "cbr", True),
                    ("gained", "cdr", False), ("lost", "imr", False)}
    assert changes(gold, after, after) == []


def write(folder: Path, **documents: list[dict]) -> Path:
    folder.mkdir()
    for name, facts in documents.items():
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(one) + "\n" for one in facts), encoding="utf-8")
    return folder


def test_the_command_prints_every_part_that_was_asked_for(tmp_path):
    gold = write(tmp_path / "gold", a=[fact(), fact("deaths", "210")], b=[fact()])
    ours = write(tmp_path / "ours", a=[fact()], b=[fact(value="335")])
    earlier = write(tmp_path / "earlier", a=[fact(), fact("deaths", "210")], b=[])
    (ours / "a.doubts.jsonl").write_text('{"reason": "unread"}\n', encoding="utf-8")
    done = CliRunner().invoke(main, ["evaluate", str(gold), str(ours), "--by", "code", "--by", "doc", "--earlier", str(earlier)])
    assert done.exit_code == 0, done.output
    assert "strict: precision 0.500 [0.095–0.905] recall 0.333" in done.output
    assert "F1 0.400" in done.output and "(gold 3, predicted 2)" in done.output
    assert re.search(r"^births +2 +1 +1 +1", done.output, re.MULTILINE)
    assert re.search(r"^b +1 +0 +1 +1", done.output, re.MULTILINE)
    assert "gained 1 (0 right), lost 1 (1 right), changed 0 (0 right)" in done.output
    assert re.search(r"^lost +right a  deaths 210", done.output, re.MULTILINE)


@pytest.mark.parametrize(("text", "told"), [
    ("{", "line 1"), ('{"code": "births"}', "`code` and `value`"), ('{"code": "births", "value": "3"}\n[]', "line 2")])
def test_a_line_that_is_no_fact_is_named(tmp_path, text, told):
    (tmp_path / "a.jsonl").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=told):
        evaluation.report(tmp_path, tmp_path)


def test_a_folder_without_gold_facts_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"no <document>\.jsonl"):
        evaluation.report(tmp_path, tmp_path)


FIGURES = re.compile(r"(\w+) right on (\d+)/(\d+)|(loose|strict): precision (\S+).*? recall (\S+).*? F1 (\S+).*?\(gold (\d+), predicted (\d+)\)")


def counted_elsewhere(gold: Path, predicted: Path) -> list[tuple]:
    """What the mission's own counter prints of the same two folders."""
    script = SHARED / "tools" / "score.py"
    if not script.is_file():
        pytest.skip(f"{script} is absent: there is no other counter to compare with")
    printed, arguments = io.StringIO(), sys.argv
    sys.argv = [str(script), str(gold), str(predicted)]
    try:
        with contextlib.redirect_stdout(printed):
            runpy.run_path(str(script), run_name="__main__")
    finally:
        sys.argv = arguments
    return FIGURES.findall(printed.getvalue())


def test_another_counter_comes_to_the_same_figures(tmp_path, predicted_golden):
    ours = FIGURES.findall(evaluation.report(GOLDEN, predicted_golden))
    assert len(ours) == 6 and ours == counted_elsewhere(GOLDEN, predicted_golden)


def test_another_counter_comes_to_the_same_figures_on_the_gold_documents(predicted_gold):
    gold = SHARED / "gold" / "facts"
    assert FIGURES.findall(evaluation.report(gold, predicted_gold)) == counted_elsewhere(gold, predicted_gold)


@given(st.lists(st.tuples(st.sampled_from(["births", "deaths", "imr", "elderly_rate"]), st.sampled_from(["3", "3.0", "4"]),
                          st.sampled_from(["observed", "target"]), st.sampled_from(["", "male", "female"]), st.booleans()), max_size=8),
       st.lists(st.tuples(st.sampled_from(["births", "deaths", "imr"]), st.sampled_from(["3", "3.0", "4"]),
                          st.sampled_from(["observed", "target"]), st.sampled_from(["", "male"])), max_size=8))
def test_every_fact_counts_once_on_its_side(gold, predicted):
    expected = [fact(code, value, status=status, dims={"sex": sex} if sex else {}, optional=optional)
                for code, value, status, sex, optional in gold]
    ours = [fact(code, value, status=status, dims={"sex": sex} if sex else {}) for code, value, status, sex in predicted]
    total = score({"a": expected}, {"a": ours}).total()
    assert total.gold <= len(expected) and total.predicted <= len(ours)
    assert score({"a": ours}, {"a": ours}).total().f1 == (1.0 if ours else 0.0)
