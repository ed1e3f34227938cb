"""A folder without small counts, attacked: nothing that is written says one, and nothing lets one be reckoned back."""

from __future__ import annotations

import re
from itertools import combinations
from math import inf
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook
from test_page import page

from helpers import pipeline, publish, report
from helpers.catalogue import indicators
from helpers.curate import in_force
from helpers.errors import InputError
from helpers.identities import build_system
from helpers.report import county, exports, index
from helpers.report.record import RunRecord
from helpers.simulate import write
from helpers.suppress.figures import is_count, is_small, stated_cells
from helpers.suppress.texts import COVER
from helpers.workspace import Workspace

pytestmark = pytest.mark.slow

BELOW = 8


@pytest.fixture(scope="module")
def private(tmp_path_factory) -> Workspace:
    """Three simulated townships over two years, read and audited, every count in the tables."""
    folder = tmp_path_factory.mktemp("small")
    write(folder / "documents", townships=3, years=2, seed=11, form="documents", errors=0.2, style="mixed")
    workspace = Workspace(data=folder / "private", reports=folder / "reports")
    pipeline.build([folder / "documents"], workspace)
    return workspace


@pytest.fixture(scope="module")
def out(private, tmp_path_factory) -> Path:
    """What is handed out: pages, county page, index and exports, made from the published tables."""
    folder = tmp_path_factory.mktemp("handed") / "out"
    public = publish.publish(private, folder, BELOW)
    exports.write(public, folder)
    index.write(public, folder, RunRecord(), "zh", county.write_all(public, folder, "zh"))
    for place in public.read("places")["place_id"][:2]:
        (folder / f"{place}.html").write_text(page(public.data, place), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def secrets(private) -> dict:
    """The small counts of the documents: what must not be found out."""
    cells = stated_cells(in_force(private.read("facts")))
    return {cell: one for cell, one in cells.items() if is_count(cell.key) and cell.key[0] != "natural_increase" and is_small(one, BELOW)}


def words_of(path: Path) -> str:
    """All that a reader could get out of a file, as text."""
    if path.suffix == ".xlsx":
        book = load_workbook(path, read_only=True)
        return "\n".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None)
    if path.suffix == ".parquet":
        return pd.read_parquet(path).to_csv(index=False)
    text = path.read_text(encoding="utf-8")
    return re.sub(r"<[^>]+>", "", text) + text if path.suffix == ".html" else text


def test_the_county_has_small_counts_worth_hiding(secrets, private):
    assert len(secrets) >= 5 and len({cell.place for cell in secrets}) >= 2


def test_no_file_holds_a_sentence_that_tells_a_small_count(out, private, secrets):
    facts = in_force(private.read("facts")).set_index("fact")
    quotes = {facts.loc[fact, "quote"] for one in secrets.values() for fact in one.facts if len(facts.loc[fact, "quote"]) >= 4}
    assert len(quotes) >= 4
    files = [path for path in out.rglob("*") if path.is_file()]
    assert len(files) > 20
    for path in files:
        words = words_of(path)
        assert not [quote for quote in quotes if quote in words], path.name


def test_no_table_holds_a_small_count_in_any_column_of_figures(out):
    exported = {name: pd.read_csv(out / "data" / "exports" / f"{name}.csv", encoding="utf-8-sig", keep_default_na=False) for name in ("facts", "panel", "rates")}
    for name in ("facts", "panel"):
        rows = exported[name]
        counted = rows[rows["code"].map(lambda code: is_count((code, ()))) & (rows["code"] != "natural_increase") & (rows["status"] != "change")]
        values = pd.to_numeric(counted["value"])
        assert not ((values >= 1) & (values < BELOW)).any()
    numerators = pd.to_numeric(exported["rates"].loc[exported["rates"]["measure"] != "nir", "numerator"])
    assert len(numerators) > 30 and not ((numerators >= 1) & (numerators < BELOW)).any()


def test_the_suites_own_identities_cannot_reckon_a_small_count_back(out, secrets):
    """The audit's propagation, an attacker other than the one that chose what to hide."""
    published = stated_cells(Workspace.under(out).read("facts"))
    pinned = []
    for cell in secrets:
        around = {one.key: (stated.low, stated.high) for one, stated in published.items() if one[:2] == cell[:2]}
        system = build_system(around, admit=lambda equation: True)
        told = system.check(around)
        low, high = told.domains.get(cell.key, (0, inf)) if told.feasible else (0, inf)
        if low > 1 or high < BELOW - 1:
            pinned.append((cell, low, high))
    assert pinned == []


def test_no_two_published_figures_differ_by_a_small_part(out, private):
    """Whole less part, for every pair that the catalogue calls whole and part: 148 births less 147 within policy."""
    published = stated_cells(Workspace.under(out).read("facts"))
    births = [(cell, one) for cell, one in published.items() if cell.key[0] == "births"]
    for (first, one), (second, other) in combinations(births, 2):
        dims = sorted((dict(first.key[1]), dict(second.key[1])), key=len)
        if first[:2] == second[:2] and dims[0].items() < dims[1].items() and set(dims[1]) - set(dims[0]) == {"policy"}:
            assert not 1 <= abs(one.low - other.low) < BELOW


def test_percentages_of_births_leave_no_small_remainder(out):
    published = stated_cells(Workspace.under(out).read("facts"))
    for cell, rate in published.items():
        whole = next((published[one] for code in ("live_births", "births") if (one := cell._replace(key=(code, ()))) in published), None)
        if indicators()[cell.key[0]].kind == "share" and cell.key[0] in ("hospital_delivery_rate", "policy_rate") and whole:
            for low, high in ((rate.low, rate.high), (100 - rate.high, 100 - rate.low)):
                assert not (1 <= int(high * whole.high / 100 + 1e-6) < BELOW), (cell, low)


def test_the_page_says_what_is_hidden_and_marks_it_in_the_sentences(out, secrets):
    public = Workspace.under(out)
    hidden = public.read("hidden")
    place = hidden["place_id"].iloc[0]
    township = report.load(place, public.data)
    html = (out / f"{place}.html").read_text(encoding="utf-8")
    assert f"本页不公开1至{BELOW - 1}的人数" in html and f"共隐去{len(township.hidden)}个" in html and COVER in html
    assert "Counts from 1 to 7 are not published" in page(public.data, place, "en")


def test_hidden_is_told_from_missing_in_the_table_of_years_and_on_the_county_page(private, tmp_path):
    facts = private.read("facts")
    place = private.read("places").query("level == 'township'")["place_id"].iloc[0]
    chosen = facts[(facts["place_id"] == place) & (facts["code"] == "births") & (facts["dims"] == "{}") & (facts["status"] == "observed") & (facts["year_kind"] == "calendar")]
    year = chosen["period"].iloc[0]
    workspace = Workspace(data=tmp_path / "data", reports=tmp_path)
    small = facts["place_id"].eq(place) & facts["period"].eq(year) & facts["code"].eq("births") & facts["dims"].eq("{}")
    facts.loc[small, ["value", "written", "low", "high"]] = ["3", "3", 3.0, 3.0]
    for name in ("places", "documents", "findings"):
        workspace.write(name, private.read(name))
    workspace.write("facts", facts)
    public = publish.publish(workspace, tmp_path / "out", 5)
    shown = str(report.vital(report.load(place, public.data)).html)
    assert '<abbr class="limits" title="按规则不公开的小数目，或可由此推算出小数目的数">隐</abbr>' in shown
    pages = county.write_all(public, tmp_path / "out", "zh")
    assert "其中0格没有出生数" in (tmp_path / "out" / next(iter(pages.values()))).read_text(encoding="utf-8") or len(chosen) < 3


def test_pages_with_and_without_small_counts_never_share_a_folder(private, out, tmp_path):
    with pytest.raises(InputError, match="give another folder"):
        publish.check(out, None)
    publish.check(out, BELOW)
    mixed = Workspace.under(tmp_path / "plain")
    mixed.write("facts", private.read("facts"))
    with pytest.raises(InputError, match="a folder of its own"):
        publish.publish(private, tmp_path / "plain", BELOW)


def test_the_tables_with_every_count_are_kept_outside_the_folder(tmp_path):
    workspace = publish.private_workspace(tmp_path / "报告")
    assert workspace.data == tmp_path / "报告.private" and workspace.reports == tmp_path / "报告"
