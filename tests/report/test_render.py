"""The run over the places: stock papermill, failures kept, unchanged pages left alone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from helpers.errors import InputError
from helpers.report import digests, explain, index, keys, render
from helpers.report.execute import NOTEBOOK, Outcome
from helpers.report.record import RunRecord
from helpers.workspace import Workspace


@pytest.fixture(scope="module")
def rendered(county_data, tmp_path_factory) -> tuple[Workspace, RunRecord]:
    """Two places rendered, one of which cannot be (its panel holds a cell that is no JSON)."""
    folder = tmp_path_factory.mktemp("render")
    shutil.copytree(county_data, folder / "data")
    workspace = Workspace(data=folder / "data", reports=folder / "out")
    panel = workspace.read("panel")
    panel.loc[panel["place_id"] == "place-1", "dims"] = "not JSON"
    workspace.write("panel", panel)
    return workspace, render(workspace, ["place-0", "place-1"], jobs=2, progress=False)


def test_a_failing_place_is_kept_with_its_error_and_the_other_has_its_page(rendered):
    workspace, record = rendered
    assert list(record.failures) == ["place-1"] and "cell" in record.failures["place-1"]
    assert (workspace.reports / "place-0.html").is_file() and not (workspace.reports / "place-1.html").exists()
    assert (workspace.reports / "notebooks" / "place-0.ipynb").is_file() and (workspace.reports / "notebooks" / "place-1.ipynb").is_file()
    listed = (workspace.reports / "index.html").read_text(encoding="utf-8")
    assert 'href="place-0.html"' in listed and 'href="place-1.html"' not in listed and "未能生成" in listed


def test_the_run_record_names_versions_times_and_failures(rendered):
    stored = json.loads((rendered[0].reports / "run.json").read_text(encoding="utf-8"))
    assert stored["run"]["complete"] and stored["run"]["rendered"] == 1 and list(stored["run"]["failures"]) == ["place-1"]
    assert stored["run"]["libraries"]["papermill"] and stored["pages"]["place-0"]["seconds"] > 0 and stored["pages"]["place-0"]["size"] > 10_000


def test_nothing_partial_is_left(rendered):
    assert not [path for path in rendered[0].reports.rglob(".*")]


def test_an_unchanged_page_is_left_alone_and_a_failed_one_tried_again(rendered, monkeypatch):
    workspace, _ = rendered
    asked = []
    monkeypatch.setattr("helpers.report.bulk._outcomes", lambda due, jobs: (asked.append(job.place) or Outcome(job.place, 0.1, 1) for job in due))
    out = workspace.reports.parent / "again"
    shutil.copytree(workspace.reports, out)
    record = render(workspace, ["place-0", "place-1"], out=out, progress=False)
    assert asked == ["place-1"] and record.run["why"] == {"place-1": "failed"} and record.run["unchanged"] == 1
    asked.clear()
    assert render(workspace, ["place-0"], out=out, force=True, progress=False).run["why"] == {"place-0": "forced"}
    (out / "place-0.html").unlink()
    assert render(workspace, ["place-0"], out=out, progress=False).run["why"] == {"place-0": "missing"}


def test_a_key_follows_the_rows_of_its_own_place_and_of_its_peers(county_data, tmp_path):
    shutil.copytree(county_data, tmp_path / "data")
    workspace = Workspace(data=tmp_path / "data")
    places = [f"place-{number}" for number in range(6)]
    before = keys.all_keys(workspace, places, "zh")
    facts = workspace.read("facts")
    facts.loc[facts["place_id"] == "place-2", "written"] = "7"
    workspace.write("facts", facts)
    after = keys.all_keys(workspace, places, "zh")
    assert [place for place in places if before[place] != after[place]] == ["place-2"]
    rates = workspace.read("rates")
    rates.loc[(rates["place_id"] == "place-3") & (rates["measure"] == "cbr"), "value"] += 1
    workspace.write("rates", rates)
    assert all(after[place] != key for place, key in keys.all_keys(workspace, places, "zh").items()), "the funnel of every peer shows it"
    assert keys.all_keys(workspace, places, "en") != keys.all_keys(workspace, places, "zh")


def test_the_record_says_why_each_page_was_built_and_what_of_it_changed(rendered, monkeypatch):
    workspace, _ = rendered
    monkeypatch.setattr("helpers.report.bulk._outcomes", lambda due, jobs: (Outcome(job.place, 0.1, 1) for job in due))
    folder = workspace.reports.parent / "why"
    shutil.copytree(workspace.data, folder / "data")
    copy = Workspace(data=folder / "data", reports=folder / "out")
    shutil.copytree(workspace.reports, copy.reports)
    findings = copy.read("findings")
    findings.loc[findings["place_id"] == "place-0", "severity"] = 4
    copy.write("findings", findings)
    assert explain(copy, ["place-0"]) == {"place-0": "changed: findings"}
    record = render(copy, ["place-0"], progress=False)
    assert record.told() == ["place-0: changed: findings"]
    unchanged = render(copy, ["place-0"], progress=False)
    assert unchanged.run["why"] == {} and unchanged.told() == [f"place-0: up to date (built {unchanged.pages['place-0']['made']}: changed: findings)"]
    assert explain(copy, ["place-0"], language="en") == {"place-0": "changed: language zh → en"}
    record.made_with[record.pages["place-0"]["with"]]["numpy"] = "1.0"
    record.pages["place-0"]["with"] = "another"
    record.made_with["another"] = next(iter(record.made_with.values()))
    record.write(copy.reports)
    assert explain(copy, ["place-0"])["place-0"].startswith("changed: numpy 1.0 → 2.")


def test_nothing_is_listed_anew_where_nothing_changed(rendered, monkeypatch):
    workspace, _ = rendered
    monkeypatch.setattr("helpers.report.bulk._outcomes", lambda due, jobs: (Outcome(job.place, 0.1, 1) for job in due))
    out = workspace.reports.parent / "listed"
    shutil.copytree(workspace.reports, out)
    render(workspace, ["place-0", "place-1"], out=out, progress=False)
    before = (out / "index.html").stat().st_mtime_ns
    render(workspace, ["place-0", "place-1"], out=out, progress=False)
    assert (out / "index.html").stat().st_mtime_ns == before
    for page in out.glob("county-*.html"):
        page.unlink()
        render(workspace, ["place-0", "place-1"], out=out, progress=False)
        assert page.exists(), "a page that is gone is written again"


def test_a_digest_follows_every_row_its_order_and_its_number_whatever_the_batch(tmp_path):
    frame = pd.DataFrame({"place_id": ["a", "b", "a", "b", "c"], "value": [1.0, 2.0, None, 4.0, 5.0], "text": ["x", "", "y", "乡", "x"]})

    def digest(rows: pd.DataFrame, batch: int = 1000) -> dict[str, str]:
        rows.to_parquet(tmp_path / "t.parquet", index=False)
        return digests.row_digests(tmp_path / "t.parquet", "place_id", batch)

    whole = digest(frame)
    assert set(whole) == {"a", "b", "c"} and len(set(whole.values())) == 3
    assert all(digest(frame, batch) == whole for batch in (1, 2, 3))
    assert digest(frame.iloc[[2, 1, 0, 3, 4]]) == whole | {"a": digest(frame.iloc[[2, 1, 0, 3, 4]])["a"]} != whole, "the order of a place's own rows"
    assert digest(frame.iloc[[1, 0, 3, 2, 4]]) == whole, "not how places lie among each other"
    assert digest(frame.iloc[[0, 1, 3, 4]])["a"] != whole["a"] and digest(pd.concat([frame, frame.iloc[[4]]]))["c"] != whole["c"]
    assert digest(frame.assign(text=frame["text"].replace("乡", "镇")))["b"] != whole["b"]


def test_digests_are_kept_until_the_file_changes(county_data, tmp_path, monkeypatch):
    shutil.copytree(county_data, tmp_path / "data")
    workspace = Workspace(data=tmp_path / "data")
    first = digests.of_rows(workspace, "facts")
    monkeypatch.setattr(digests, "row_digests", lambda *_: pytest.fail("read again"))
    assert digests.of_rows(workspace, "facts") == first
    workspace.write("facts", workspace.read("facts"))
    assert digests.of_rows(workspace, "facts") == first, "a table that is the same is not written again"


@pytest.mark.parametrize(("change", "message"), [
    ({"places": ["nowhere"]}, "no place nowhere"), ({"places": ["../x"]}, "not a place id"), ({"jobs": 0}, "1 or more"), ({"language": "fr"}, "zh, en"),
    ({"notebook": Path("/no/such.ipynb")}, "no notebook"), ({"notebook": Path(__file__)}, "is not a notebook"),
    ({"places": ["/etc/passwd"]}, "not a place id"), ({"places": [".."]}, "not a place id"), ({"parameters": {"colour": "red"}}, "no parameter colour"),
])
def test_a_wrong_call_is_refused_in_a_sentence_and_writes_nothing(change, message, county_data, tmp_path):
    with pytest.raises(InputError, match=message):
        render(Workspace(data=county_data), out=tmp_path / "out", progress=False, **change)
    assert not (tmp_path / "out").exists()


def test_an_output_folder_that_is_a_file_is_refused(county_data, tmp_path):
    (tmp_path / "out").write_text("x")
    with pytest.raises(InputError, match="--out"):
        render(Workspace(data=county_data), out=tmp_path / "out", progress=False)


def test_data_not_built_yet_are_named(tmp_path):
    with pytest.raises(InputError, match="township build"):
        render(Workspace(data=tmp_path), out=tmp_path / "out", progress=False)


def test_a_run_record_that_cannot_be_read_is_begun_anew(tmp_path):
    (tmp_path / "run.json").write_text('{"pages": 3', encoding="utf-8")
    assert RunRecord.read(tmp_path).pages == {}


def test_the_index_escapes_names_and_errors(hostile_data, tmp_path):
    record = RunRecord(pages={"place-0": {"error": "</pre><script>alert(1)</script>"}})
    text = index.write(Workspace(data=hostile_data), tmp_path, record, "zh").read_text(encoding="utf-8")
    assert text.count("<script>") == 1 and "onerror=alert(1)>" not in text.replace("&gt;", "")


def test_index_entries_put_townships_first(county_data, tmp_path):
    workspace = Workspace(data=county_data)
    places = workspace.read("places")
    places.loc[0, "level"] = "county"
    moved = Workspace(data=tmp_path / "data")
    for name in ("rates", "findings", "facts", "panel"):
        moved.write(name, workspace.read(name))
    moved.write("places", pd.DataFrame(places))
    from helpers.figures.labels import Labels

    rows = index.index_rows(moved, tmp_path, RunRecord(), Labels("zh"))
    assert [row["level"] for row in rows] == ["township"] * 5 + ["county"]


@pytest.mark.slow
def test_stock_papermill_renders_the_notebook_with_a_cold_kernel_from_any_folder(county_data, tmp_path):
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run([sys.executable, "-m", "papermill", str(NOTEBOOK), str(tmp_path / "out.ipynb"), "-p", "place", "place-3", "-p", "data", str(county_data)],
                   cwd=tmp_path, check=True, capture_output=True, env=environment, timeout=300)
    from nbformat import read

    from helpers.report.page import to_html

    assert "北坪镇" in to_html(read(tmp_path / "out.ipynb", 4)) or "南坪镇" in to_html(read(tmp_path / "out.ipynb", 4))


def test_the_template_is_a_papermill_notebook_of_short_cells():
    notebook = json.loads(Path(NOTEBOOK).read_text(encoding="utf-8"))
    code = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert notebook["cells"][1]["metadata"]["tags"] == ["parameters"]
    assert all(line.count("=") == 1 and "#" in line for line in code[0].splitlines())
    assert max(len(cell.splitlines()) for cell in code) <= 4 and not any("def " in cell or "for " in cell for cell in code)
