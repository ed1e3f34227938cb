"""The simulated county: reproducible, labelled, true where it should be and wrong only where answers.csv says so."""

import csv
import json
from collections import Counter, defaultdict
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from helpers.catalogue import read_rows
from helpers.errors import InputError
from helpers.schema import TABLES
from helpers.simulate import STYLES, simulate, write
from helpers.simulate.county import LARGEST, SMALLEST, draw_county
from helpers.simulate.knowledge import ERROR_KINDS, layouts, levels, plants, sentences, slots, targets
from helpers.simulate.places import invent_names, invent_places
from helpers.simulate.report import Habits, Report, figure, half_up
from helpers.simulate.services import figures
from helpers.workspace import Workspace


@pytest.fixture(scope="module")
def plain():
    """120 documents without errors or noise that hides a number."""
    return list(simulate(15, 8, seed=5, style="plain"))


@pytest.fixture(scope="module")
def wrong():
    """The same county with an error in every second document."""
    return list(simulate(40, 8, seed=6, errors=0.5, style="plain"))


def by_slot(document) -> dict:
    """Values by slot, those of other years and plans left out; a slot stated twice must have one value."""
    found = {}
    for fact in document.draft.facts:
        if fact.status == slots()[fact.slot].status:
            assert found.setdefault(fact.slot, fact.value) == fact.value or fact.slot == "pop_registered"
    return {slot: Decimal(value) for slot, value in found.items()}


def rounds_to(value: Decimal, numerator: Decimal, denominator: Fraction, per: int) -> bool:
    """Whether the printed value is the ratio rounded half up to its own digits."""
    return half_up(Fraction(numerator) * per / Fraction(denominator), -value.as_tuple().exponent) == value


def folder(path) -> dict[str, bytes]:
    return {file.relative_to(path).as_posix(): file.read_bytes() for file in sorted(path.rglob("*")) if file.is_file()}


def test_the_same_seed_writes_the_same_bytes_and_another_seed_does_not(tmp_path):
    for name, seed in (("a", 4), ("b", 4), ("c", 5)):
        write(tmp_path / name, townships=3, years=3, seed=seed, errors=0.4)
    assert folder(tmp_path / "a") == folder(tmp_path / "b")
    assert folder(tmp_path / "a") != folder(tmp_path / "c")


def test_a_county_is_written_with_its_truth_manifest_answers_and_persons(tmp_path):
    total = write(tmp_path, townships=4, years=4, seed=2, errors=0.5)
    texts = sorted(path.stem for path in tmp_path.glob("*.txt"))
    manifest = list(csv.DictReader((tmp_path / "manifest.csv").open(encoding="utf-8")))
    assert total["documents"] == len(texts) == 16
    assert sorted(row["doc"] for row in manifest) == texts
    assert {row["simulated"] for row in manifest} == {"true"}
    assert all("simulated" in row["source"] and "（模拟）" in row["county"] for row in manifest)
    for stem in texts:
        text = (tmp_path / f"{stem}.txt").read_text(encoding="utf-8")
        for line in (tmp_path / "truth" / f"{stem}.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            assert text[row["start"]:row["end"]] == row["quote"] != ""
    for row in csv.DictReader((tmp_path / "persons.csv").open(encoding="utf-8")):
        text = (tmp_path / f"{row['doc']}.txt").read_text(encoding="utf-8")
        assert text[int(row["start"]):int(row["end"])] == row["name"]


@pytest.mark.parametrize("style", ["mixed", *STYLES])
def test_every_document_says_that_it_is_simulated(style):
    for document in simulate(3, 3, seed=9, style=style):
        assert document.draft.text.splitlines()[1].startswith("【模拟数据】")


def test_in_a_plain_document_the_printed_number_is_the_true_value(plain):
    for document in plain:
        for fact in document.draft.facts:
            printed = document.draft.text[fact.value_start:fact.value_end]
            assert abs(Decimal(printed)) in (abs(Decimal(fact.value)), abs(Decimal(fact.value)) / 10_000), fact
            assert fact.start <= fact.value_start < fact.value_end <= fact.end
            assert fact.end - fact.start <= 25


def test_counts_add_up_in_a_document_without_errors(plain):
    sums = {"births": [("births_male", "births_female"), ("births_1", "births_2", "births_3"), ("births_in", "births_out")],
            "floating": [("floating_in", "floating_out")], "fd_hyper_n": [("fd_hyper", "fd_hyper_not")],
            "operations": [("iud", "iud_removed", "sterilized", "terminated")]}
    seen = Counter()
    for document in plain:
        stated = by_slot(document)
        for whole, splits in sums.items():
            for parts in splits:
                if whole in stated and stated.keys() >= set(parts):
                    assert stated[whole] == sum(stated[part] for part in parts), (document.stem, whole)
                    seen[whole] += 1
        if {"natural", "births", "deaths"} <= stated.keys():
            assert stated["natural"] == stated["births"] - stated["deaths"]
            seen["natural"] += 1
    assert min(seen.values()) > 10 and len(seen) == 5


def test_rates_are_their_counts_rounded_half_up(plain):
    seen = Counter()
    for document in plain:
        stated = by_slot(document)
        for name, value in stated.items():
            slot = slots()[name]
            if slot.denominator in stated and slot.numerator in stated:
                assert rounds_to(value, stated[slot.numerator], Fraction(stated[slot.denominator]), slot.per), (document.stem, name)
                seen[name] += 1
    assert {"srb", "policy_rate", "maternal_rate", "child_rate", "elderly_rate", "hyper_rate", "record_rate",
            "fd_hyper_rate", "rate_1", "prepreg_rate"} <= seen.keys()


def test_birth_and_death_rates_fit_one_population_near_the_stated_one(plain):
    for document in plain:
        stated = by_slot(document)
        registered = stated.get("pop_registered", stated.get("pop_stated"))
        low, high = Fraction(0), Fraction(10**9)
        for rate, count in (("cbr", "births"), ("cdr", "deaths")):
            half = Fraction(stated[rate].as_tuple().exponent and Decimal(1).scaleb(stated[rate].as_tuple().exponent)) / 2
            low = max(low, Fraction(stated[count]) * 1000 / (Fraction(stated[rate]) + half))
            high = min(high, Fraction(stated[count]) * 1000 / (Fraction(stated[rate]) - half))
        assert low <= high, document.stem
        assert low < Fraction(registered) * Fraction(103, 100) and high > Fraction(registered) * Fraction(97, 100)


def test_every_planted_error_is_two_display_units_away_and_stands_in_the_text(wrong):
    kinds = Counter()
    for document in wrong:
        if document.answer is None:
            continue
        answer = document.answer
        kinds[answer.kind] += 1
        fact = next(one for one in document.draft.facts if one.slot == answer.slot and one.status == "observed")
        printed = document.draft.text[fact.value_start:fact.value_end]
        assert printed == answer.stated.rstrip("%‰")
        if answer.kind == "permille_for_percent":
            assert document.draft.text[fact.value_end] == answer.stated[-1] != answer.true[-1]
        else:
            unit = Decimal(1).scaleb(Decimal(answer.true).as_tuple().exponent)
            assert abs(Decimal(answer.true) - Decimal(answer.stated)) >= 2 * unit
    assert set(kinds) == set(ERROR_KINDS)
    assert max(kinds.values()) - min(kinds.values()) <= 2


def test_nothing_but_the_planted_figure_changes(wrong):
    after_wrong, checked = False, 0
    for document, true in zip(wrong, simulate(40, 8, seed=6, errors=0.0, style="plain"), strict=True):
        assert document.stem == true.stem
        if document.answer is not None and (document.stem.endswith("-2012") or not after_wrong):
            changed = [old.slot for old, new in zip(true.draft.facts, document.draft.facts, strict=True)
                       if (old.value, old.unit) != (new.value, new.unit)]
            swapped = document.answer.kind == "births_deaths_swapped"
            assert changed == (["births", "deaths"] if swapped else [document.answer.slot])
            checked += 1
        after_wrong = document.answer is not None
    assert checked > 50


def test_a_report_after_one_with_an_error_says_nothing_of_the_year_before(wrong):
    for before, after in pairwise(wrong):
        if before.place == after.place and before.answer is not None:
            assert not any(fact.status in ("previous", "change") for fact in after.draft.facts)


def test_what_is_said_of_the_year_before_is_what_that_report_said(plain):
    told, compared = {}, 0
    for document in plain:
        for fact in document.draft.facts:
            key = (document.place.name, fact.slot, fact.period)
            if fact.status == "observed":
                told[key] = fact.value
            elif fact.status == "previous" and key in told:
                assert told[key] == fact.value
                compared += 1
    assert compared > 3


@pytest.mark.parametrize(("ratio", "decimals", "expected"), [
    (Fraction(1, 8), 2, "0.13"), (Fraction(-1, 8), 2, "-0.12"), (Fraction(2, 3), 1, "0.7"),
    (Fraction(5), 2, "5.00"), (Fraction(999, 1000), 2, "1.00"), (Fraction(25, 10), 0, "3"),
])
def test_half_up_rounds_as_a_clerk_does(ratio, decimals, expected):
    assert str(half_up(ratio, decimals)) == expected


def test_a_large_county_follows_the_levels():
    county = draw_county(400, 14, seed=3)
    counts = figures(county, 3, spans=("calendar",))["calendar"]
    population = (counts["pop_open"] + counts["pop_registered"]).sum(axis=0) / 2
    cbr = counts["births"].sum(axis=0) * 1000 / population
    srb = counts["births_male"].sum(axis=0) * 100 / counts["births_female"].sum(axis=0)
    policy = counts["births_in"].sum(axis=0) * 100 / counts["births"].sum(axis=0)
    wanted = [levels()[year] for year in county.years[1:]]
    np.testing.assert_allclose(cbr, [level["cbr"] for level in wanted], rtol=0.06)
    np.testing.assert_allclose(srb, [level["srb"] for level in wanted], rtol=0.02)
    np.testing.assert_allclose(policy, [level["policy"] for level in wanted], atol=3)
    assert cbr[2] > cbr[1] and cbr[2] > cbr[3] and cbr[6] > cbr[5] and cbr[-1] < 7
    first = county.population[:, 1, 0]
    assert first.min() >= SMALLEST and first.max() <= LARGEST


def test_a_family_planning_year_is_made_of_the_quarters_it_covers():
    county = draw_county(5, 3, seed=8)
    counts = figures(county, 8)
    by_part = county.births.sum(axis=(3, 4, 5))
    assert (counts["fp"]["births"] == by_part[:, :-1, 2] + by_part[:, 1:, 0] + by_part[:, 1:, 1]).all()
    assert (counts["half"]["births"] + by_part[:, 1:, 1:].sum(axis=2) == counts["calendar"]["births"]).all()


def test_population_changes_by_births_deaths_and_migration_only_slowly():
    population = draw_county(200, 10, seed=1).population
    growth = population[:, 1:, 3] / population[:, 1:, 0] - 1
    assert np.abs(growth).max() < 0.04
    assert (population[:, 1:, 0] == population[:, :-1, 3]).all()


def test_names_are_different_invented_and_never_on_the_list_of_real_ones():
    names = invent_names(1200, seed=2)
    real = {row["characters"] for row in read_rows("simulate_names") if row["part"] == "real"}
    assert len(set(names)) == 1200
    assert not {name[:-1] for name in names} & set(" ".join(real).split())
    assert all(place.county.endswith("县（模拟）") for place in invent_places(60, seed=2))


@pytest.mark.parametrize("call", [
    {"townships": 0, "years": 3}, {"townships": 3, "years": 0}, {"townships": 3, "years": 15},
    {"townships": 5000, "years": 1}, {"townships": 3, "years": 3, "errors": 1.5},
    {"townships": 3, "years": 3, "style": "baroque"}, {"townships": 3, "years": 3, "form": "xml"},
])
def test_a_county_that_cannot_be_drawn_is_refused_with_a_sentence(tmp_path, call):
    with pytest.raises(InputError, match=r"--(townships|years|errors|style|format)"):
        write(tmp_path / "out", **call)
    assert not (tmp_path / "out").exists()


def test_every_sentence_of_the_catalogue_can_be_said():
    county = draw_county(1, 2, seed=1)
    counts = figures(county, 1)["calendar"]
    now, before = ({name: int(values[0, at]) for name, values in counts.items()} for at in (1, 0))
    report = Report(invent_places(1, 1)[0], 2013, "calendar", now, before, Habits(False, 2, False))
    frame = {"span", "asof", "last", "ahead", "goal", "person", "place", "T", "county", "head", "head_before"}
    for block, texts in sentences().items():
        for text in texts:
            assert text.count("<") == text.count(">"), (block, text)
            for name in set(_placeholders(text)) - frame:
                stated = figure(name, report)  # a placeholder that is no slot raises
                assert stated is None or stated.text


def _placeholders(text: str) -> list[str]:
    return [part.split("}")[0] for part in text.split("{")[1:]]


def test_every_block_belongs_to_a_layout_and_every_year_has_one():
    used = {name for layout in layouts() for block in layout.blocks for name in block.strip("#?").split("/")}
    assert set(sentences()) - used == {"close"}
    for year in range(2010, 2024):
        assert any(layout.first <= year <= layout.last for layout in layouts())
    assert {plant.kind for plant in plants()} == set(ERROR_KINDS)
    assert set(targets()) <= set(slots())


def test_a_panel_conforms_to_the_schema_and_its_rates_to_its_counts(tmp_path):
    total = write(tmp_path, townships=30, years=5, seed=4, form="panel")
    panel = pd.read_parquet(tmp_path / "processed" / "panel.parquet")
    places = pd.read_parquet(tmp_path / "processed" / "places.parquet")
    assert total["panel"] == len(panel) and total["places"] == len(places) == 30
    pd.testing.assert_frame_equal(TABLES["panel"].conform(panel), panel, check_dtype=False)
    assert Workspace(data=tmp_path).read("documents")["simulated"].tolist() == [True]
    assert places["simulated"].all() and set(panel["place_id"]) == set(places["place_id"])
    one = panel[(panel["place_id"] == "sim-00003") & (panel["dims"] == "{}")]
    values = defaultdict(dict)
    for row in one.itertuples():
        if row.base == "registered":
            values[row.year][row.code] = Decimal(row.written)
    for year in sorted(values)[1:]:
        now = values[year]
        mean = Fraction(values[year - 1]["pop_total"] + now["pop_total"]) / 2
        assert rounds_to(now["cbr"], now["births"], mean, 1000) and rounds_to(now["nir"], now["natural_increase"], mean, 1000)
    assert (panel["low"] <= panel["value"]).all() and (panel["value"] <= panel["high"]).all()
    assert not panel.duplicated(["place_id", "period", "code", "dims", "base"]).any()


def test_policy_rates_stop_when_reports_stop_stating_them(tmp_path):
    write(tmp_path, townships=3, years=8, seed=4, form="panel")
    panel = pd.read_parquet(tmp_path / "processed" / "panel.parquet")
    assert panel.loc[panel["code"] == "policy_rate", "year"].max() == 2015


def test_the_command_says_what_it_wrote_and_refuses_what_it_cannot(tmp_path):
    from helpers.cli import main

    good = CliRunner().invoke(main, ["simulate", "--townships", "2", "--years", "2", "--out", str(tmp_path / "a")])
    assert good.exit_code == 0 and len(list((tmp_path / "a").glob("*.txt"))) == 4
    bad = CliRunner().invoke(main, ["simulate", "--townships", "2", "--years", "2", "--style", "x", "--out", str(tmp_path / "b")])
    assert bad.exit_code != 0
