"""Small counts: hidden in every cell, and not to be reckoned back from what is left."""

from __future__ import annotations

import json
from math import inf

import pandas as pd
import pytest

from helpers.errors import InputError
from helpers.schema import DOCUMENTS, FACTS, FINDINGS, PLACES, dims_text
from helpers.suppress import suppress
from helpers.suppress.attack import parts, reach
from helpers.suppress.choose import cells_to_hide
from helpers.suppress.figures import Cell, stated_cells
from helpers.suppress.links import links
from helpers.suppress.texts import covered, covered_title

TOWNSHIP = {"place_id": "a", "name": "甲镇", "level": "township", "county": "丙县"}


def figures(*stated, place: str = "a", period: str = "2016", status: str = "observed") -> list[dict]:
    """Facts of `code[dim=value]: number` pairs, one sentence a figure."""
    rows = []
    for name, value in stated:
        code, _, dims = name.rstrip("]").partition("[")
        pairs = dict(pair.split("=") for pair in dims.split(",")) if dims else {}
        half = 0.5 * 10 ** -len(str(value).partition(".")[2]) if "." in str(value) else 0
        unit = {"cbr": "permille", "cdr": "permille", "nir": "permille", "imr": "permille", "srb": "per_100_females"}.get(code, "percent" if code.endswith("rate") else "person")
        rows.append({"fact": f"{place}-{period}-{name}-{status}", "doc": f"{place}{period}", "section": 1, "code": code, "dims": dims_text(pairs), "value": str(value),
                     "written": str(value), "low": float(value) - half, "high": float(value) + half, "unit": unit, "status": status, "place_id": place,
                     "period": period, "year_kind": "calendar", "base": "registered", "quote": str(value), "start": -1, "end": -1})
    return rows


def hidden_of(rows: list[dict], below: int = 5, places: list[dict] | None = None) -> set[str]:
    cells = stated_cells(FACTS.conform(rows))
    return {f"{cell.key[0]}{dict(cell.key[1]) or ''}" for cell in cells_to_hide(cells, PLACES.conform(places or [TOWNSHIP]), below)}


def test_a_small_count_goes_and_zero_and_large_counts_stay():
    assert hidden_of(figures(("maternal_deaths", 0), ("tb_managed", 3), ("deaths", 5), ("pop_total", 9000))) == {"tb_managed"}


@pytest.mark.parametrize(("stated", "besides"), [
    ([("births", 100), ("births[policy=in]", 97), ("births[policy=out]", 3)], 1),
    ([("births", 100), ("births[policy=in]", 97)], 1),
    ([("births", 100), ("policy_rate", "97.00")], 1),
    ([("births", 100), ("births[policy=in]", 97), ("policy_rate", "97.00")], 2),
    ([("live_births", 137), ("hospital_delivery_rate", "99.27")], 1),
    ([("live_births", 500), ("imr", "6.00"), ("infant_deaths", 3)], 1),
    ([("births", 100), ("births[order=1]", 60), ("births[order=2]", 37), ("births[order=3+]", 3)], 1),
    ([("births", 60), ("deaths", 4), ("natural_increase", 56)], 1),
    ([("fd_population[group=孕产妇]", 60), ("fd_signed[group=孕产妇]", 57), ("fd_unsigned[group=孕产妇]", 3)], 1),
])
def test_what_would_give_a_small_count_away_goes_with_it(stated, besides):
    rows = figures(*stated)
    cells = stated_cells(FACTS.conform(rows))
    hidden = cells_to_hide(cells, PLACES.conform([TOWNSHIP]), 5)
    small = {cell for cell, one in cells.items() if one.high < 5 and cell.key[0] in ("births", "deaths", "infant_deaths", "fd_unsigned")}
    assert small <= hidden and len(hidden - small) == besides


def test_the_total_of_births_is_not_given_up_for_a_part_of_it():
    hidden = hidden_of(figures(("births", 100), ("births[sex=male]", 52), ("births[sex=female]", 48), ("births[order=1]", 60), ("births[order=2]", 37), ("births[order=3+]", 3), ("pop_total", 9000), ("cbr", "11.11")))
    assert "births" not in hidden and "births{'order': '3+'}" in hidden and len(hidden) == 2


def test_the_part_of_a_year_that_the_other_parts_leave_is_protected():
    rows = [*figures(("deaths", 40), ("pop_total", 9000)), *figures(("deaths", 3), period="2016-01/2016-06"), *figures(("deaths", 37), period="2016-07/2016-12")]
    cells = stated_cells(FACTS.conform(rows))
    hidden = cells_to_hide(cells, PLACES.conform([TOWNSHIP]), 5)
    assert len(hidden) == 2 and Cell("a", "2016-01/2016-06", ("deaths", ())) in hidden


def test_a_countys_own_sum_does_not_give_its_smallest_township_away():
    places = [TOWNSHIP, TOWNSHIP | {"place_id": "b", "name": "乙镇"}, TOWNSHIP | {"place_id": "d", "name": "丁镇"}, {"place_id": "c", "name": "丙县", "level": "county"}]
    rows = [*figures(("deaths", 3)), *figures(("deaths", 40), place="b"), *figures(("deaths", 90), place="d"), *figures(("deaths", 133), place="c")]
    cells = stated_cells(FACTS.conform(rows))
    hidden = cells_to_hide(cells, PLACES.conform(places), 5)
    assert {cell.place for cell in hidden} in ({"a", "b"}, {"a", "c"})
    assert len({cell.place for cell in cells_to_hide({cell: one for cell, one in cells.items() if cell.place != "c"}, PLACES.conform(places), 5)}) == 1


def test_changes_over_the_year_go_where_they_lead_to_a_hidden_count():
    rows = [*figures(("tb_managed", 3)), *figures(("tb_managed", 9), period="2015"), *figures(("tb_managed", 6), status="change"),
            *figures(("births", 8)), *figures(("births", 6), status="change"), *figures(("marriages", 80)), *figures(("marriages", 20), status="change")]
    kept = suppress(FACTS.conform(rows), FINDINGS.conform([]), DOCUMENTS.conform([]), PLACES.conform([TOWNSHIP]), {}, 5)
    left = kept.facts[kept.facts["status"] == "change"]
    assert left["code"].tolist() == ["marriages"]


def test_a_document_that_contradicts_itself_does_not_stop_the_hiding():
    hidden = hidden_of(figures(("births", 100), ("births[sex=male]", 70), ("births[sex=female]", 70), ("births[policy=out]", 3), ("births[policy=in]", 97), ("srb", "108.3")))
    assert {"births{'policy': 'out'}", "births{'policy': 'in'}"} <= hidden


def test_after_hiding_each_small_count_may_be_anything_the_rule_allows():
    rows = figures(("births", 148), ("births[policy=in]", 147), ("births[policy=out]", 1), ("policy_rate", "99.32"), ("births[order=1]", 95), ("births[order=2]", 51),
                   ("births[order=3+]", 2), ("births[sex=male]", 77), ("births[sex=female]", 71), ("srb", "108.45"), ("cbr", "13.91"), ("pop_total", 10683), ("deaths", 58), ("cdr", "5.45"))
    cells = stated_cells(FACTS.conform(rows))
    for below in (3, 5, 10):
        hidden = cells_to_hide(cells, PLACES.conform([TOWNSHIP]), below)
        for group in parts(links(cells, PLACES.conform([TOWNSHIP]))):
            for cell in {cell for cell in hidden if cells[cell].high < below and any(cell in link.cells for link in group)}:
                low, high = reach(cell, group, cells, hidden)
                assert low <= 1 + 1e-6 and high >= below - 1 - 1e-6


def test_nothing_bounds_a_count_that_nothing_is_tied_to():
    assert reach(Cell("a", "2016", ("deaths", ())), [], {}, set()) == (0.0, inf)


def test_fewer_than_two_is_refused():
    with pytest.raises(InputError, match="5 and 10 are usual"):
        suppress(*(table.conform([]) for table in (FACTS, FINDINGS, DOCUMENTS, PLACES)), {}, 1)


@pytest.mark.parametrize(("text", "shown", "expected"), [
    ("2016年1-6月出生336人，其中男•", (), "2016年•-6月出生•••人，其中男•"),
    ("全年死亡三人，一孩20例", (), "全年死亡•人，一孩••例"),
    ("符合率达百分之九十八点五", (), "符合率达百分之•••••"),
    ("１３人参加，２０１６年", (), "••人参加，••••年"),
    ("20XX年末7人", (), "20XX年末•人"),
    ("出生12人", ((0, 5),), "出生12人"),
])
def test_a_text_keeps_only_the_numbers_that_are_published(text, shown, expected):
    assert covered(text, shown) == expected and len(covered(text, shown)) == len(text)


def test_a_title_keeps_its_years():
    assert covered_title("石桥乡2016-2017年工作总结（第3稿）") == "石桥乡2016-2017年工作总结（第•稿）"


def test_findings_on_hidden_figures_keep_their_class_and_lose_their_numbers():
    text = "出生100人，政策内97人，政策外3人。"
    rows = figures(("births", 100), ("births[policy=in]", 97), ("births[policy=out]", 3))
    for row, quote in zip(rows, ("出生100人", "政策内97人", "政策外3人"), strict=True):
        row |= {"doc": "d", "start": text.index(quote), "end": text.index(quote) + len(quote), "quote": quote}
    finding = {"finding": "f", "doc": "d", "section": 1, "place_id": "a", "place": "甲镇", "period": "2016", "identity": "births_by_policy", "class": "impossible", "severity": 4,
               "statement": "政策外3人", "stated": 3, "recomputed": 3, "low": 3, "high": 3, "unit": "person", "hypothesis": "3", "settle": "核对台账。", "settle_en": "Check.",
               "evidence": json.dumps([{"start": 15, "end": 20, "quote": "政策外3人"}]), "facts": ";".join(row["fact"] for row in rows), "text_zh": "甲镇2016：3人", "text_en": "3"}
    births_only = finding | {"finding": "g", "facts": rows[0]["fact"], "statement": "出生100人", "text_zh": "出生100人", "hypothesis": "", "evidence": json.dumps([{"start": 0, "end": 6, "quote": "出生100人"}])}
    kept = suppress(FACTS.conform(rows), FINDINGS.conform([finding, births_only]), DOCUMENTS.conform([{"doc": "d", "title": "甲镇2016年", "sha256": "x"}]), PLACES.conform([TOWNSHIP]), {"d": text}, 5)
    told, other = kept.findings.to_dict("records")
    assert told["class"] == "impossible" and told["settle"] == "核对台账。" and told["evidence"] == "[]" and pd.isna(told["stated"]) and "3" not in told["text_zh"] + told["statement"]
    assert json.loads(other["evidence"])[0]["quote"] == "出生100人" and other["text_zh"] == "出生100人"
    assert kept.texts["d"] == "出生100人，政策内••人，政策外•人。"
    assert kept.documents["sha256"].tolist() != ["x"] and set(kept.hidden["below"]) == {5} and len(kept.hidden) == 2
