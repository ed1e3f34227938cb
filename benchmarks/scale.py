"""A country of townships: a run with nothing to do, and what memory does over thousands of reports.

    python benchmarks/scale.py noop [--places 41000] [--years 10]
    python benchmarks/scale.py memory [--reports 2000] [--whole]

`noop` draws a panel with `township simulate`, with a birth rate for each year, facts and findings, writes a page and a
line of the run record for each place as if a run had made them, and times what `township render` then does: nothing.
`memory` renders reports of the same notebook as far as its header (`--whole`: all of it), and prints what the run, its
template and its children hold as it goes on.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd
from nbformat import read, write

from helpers import pipeline
from helpers.report import bulk, exports, keys
from helpers.report.execute import NOTEBOOK, Outcome
from helpers.report.record import FILE, RunRecord
from helpers.schema import FACTS, FINDINGS, TABLES, TEXT
from helpers.simulate import write as simulate
from helpers.workspace import SAMPLE, Workspace


def country(folder: Path, places: int, years: int) -> Workspace:
    """Tables of a simulated country: the panel, one birth rate and one fact a place and year, a finding in every tenth place."""
    simulate(folder / "data", townships=places, years=years, seed=11, form="panel")
    workspace = Workspace(data=folder / "data", reports=folder / "out")
    columns = [column.name for column in TABLES["panel"].columns if column.kind == TEXT or column.name in ("value", "year")]
    wanted = [("code", "in", ["births", "pop_total"]), ("dims", "==", "{}")]
    panel = pd.read_parquet(workspace.table_path("panel"), columns=columns, filters=wanted)
    births = panel[panel["code"] == "births"]
    people = panel[panel["code"] == "pop_total"].drop_duplicates(["place_id", "year"]).set_index(["place_id", "year"])["value"]
    both = births.join(people.rename("people"), on=["place_id", "year"])
    rate = 1000 * both["value"] / both["people"]
    rates = both[["place_id", "period", "year", "year_kind", "dims", "base"]].assign(
        measure="cbr", value=rate, low=rate * 0.9, high=rate * 1.1, numerator=both["value"], denominator=both["people"], per=1000.0, status="ok")
    workspace.write("rates", TABLES["rates"].conform(rates))
    names = ["place_id", "period", "dims", "base", "code", "unit", "written", "doc"]
    workspace.write("facts", FACTS.conform(births[names].assign(fact=[f"f{number}" for number in range(len(births))], status="observed", state="stated", section=1)))
    ids = workspace.read("places")["place_id"].to_numpy()[::10]
    workspace.write("findings", FINDINGS.conform({"finding": place, "place_id": place, "class": "conflict", "severity": 2} for place in ids))
    return workspace


def noop(places: int, years: int) -> None:
    """Time a run with nothing to do, each time in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = country(Path(folder), places, years)
        ids = workspace.read("places")["place_id"].tolist()
        print(f"{places:,} places × {years} years drawn, panel {workspace.table_path('panel').stat().st_size / 2**20:.0f} MB", flush=True)
        started = time.perf_counter()
        wanted = keys.all_keys(workspace, ids, "zh")
        print(f"keys the first time (every table read): {time.perf_counter() - started:.1f} s", flush=True)
        record_of_a_run(workspace, ids, wanted)
        for turn in ("first", "second", "third"):
            code = ("import sys, time; from pathlib import Path; from helpers.cli import main\n"
                    f"sys.argv[1:] = ['render', '--data', {str(workspace.data)!r}, '--out', {str(workspace.reports)!r}]; main()")
            started, before = time.perf_counter(), os.times()
            subprocess.run([sys.executable, "-c", code], check=True)
            seconds, after = time.perf_counter() - started, os.times()
            worked = after.children_user + after.children_system - before.children_user - before.children_system
            print(f"{turn} run with nothing to do: {seconds:.1f} s ({worked:.1f} s of processor time)", flush=True)
        unchanged = RunRecord.read(workspace.reports)
        print(f"run.json {(workspace.reports / FILE).stat().st_size / 2**20:.0f} MB, {len(unchanged.pages):,} pages")


def record_of_a_run(workspace: Workspace, ids: list[str], wanted: dict[str, keys.Key]) -> None:
    """Stubs of pages and index, exports marked as made, and the run record of the run that would have made them."""
    out = workspace.reports
    out.mkdir()
    record = RunRecord()
    record.begin(ids, wanted, dict.fromkeys(ids, "new"), out)
    for place in ids:
        (out / f"{place}.html").write_text("<!doctype html>\n", encoding="utf-8")
        record.note(Outcome(place, 0.5, 20), out)
    record.finish(1.0, set(ids))
    (out / exports.FOLDER).mkdir(parents=True)
    there = {name: workspace.table_path(name) for name in TABLES if workspace.table_path(name).exists()}
    (out / exports.FOLDER / exports.KEY).write_text(exports._key(there), encoding="utf-8")
    (out / "index.html").write_text("<!doctype html>\n", encoding="utf-8")
    record.listing = {"key": keys.listing_key(workspace, record.pages, "zh"), "counties": []}
    record.write(out)


def memory(reports: int, whole: bool, workers: int) -> None:
    """Render so many reports of the sample documents' places over and over, and say every tenth of the way what is held."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(data=Path(folder) / "data", reports=Path(folder) / "out")
        pipeline.build([SAMPLE], workspace)
        notebook = NOTEBOOK if whole else head_alone(Path(folder))
        ids = workspace.read("places")["place_id"].tolist()
        jobs = [bulk.Job(place, workspace.data, workspace.reports, "zh", notebook) for place in (ids * (1 + reports // len(ids)))[:reports]]
        print(f"{reports} reports of {len(ids)} places, {workers} at once; resident memory in MiB", flush=True)
        print(f"{'reports':>8} {'run':>8} {'template':>9} {'children':>9}", flush=True)
        started, errors = time.perf_counter(), 0
        for count, outcome in enumerate(bulk._forked(jobs, workers), 1):
            errors += bool(outcome.error)
            if count in (1, 10) or count % max(1, reports // 10) == 0:
                own, template, children = held()
                print(f"{count:8} {own:8.1f} {template:9.1f} {children:9.1f}", flush=True)
        print(f"{reports / (time.perf_counter() - started) * 60:.0f} a minute, {errors} failed", flush=True)


def head_alone(folder: Path) -> Path:
    """The report notebook as far as its header."""
    notebook = read(NOTEBOOK, 4)
    header = next(number for number, cell in enumerate(notebook.cells) if "report.header(" in cell.source)
    notebook.cells = notebook.cells[:header + 1]
    write(notebook, folder / "light.ipynb")
    return folder / "light.ipynb"


def held() -> tuple[float, float, float]:
    """Resident memory in MiB: of this process, of its template, and the largest private share of the template's children."""
    def of(pid: int, file: str, field: str) -> float:
        lines = Path(f"/proc/{pid}/{file}").read_text().splitlines()
        return sum(int(line.split()[1]) for line in lines if line.startswith(field)) / 1024

    def children(pid: int | str) -> list[int]:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    own, template, largest = of(os.getpid(), "status", "VmRSS"), 0.0, 0.0
    for pid in children(os.getpid()):
        template = max(template, of(pid, "status", "VmRSS"))
        for child in children(pid):
            try:
                largest = max(largest, of(child, "smaps_rollup", "Private_"))
            except OSError:  # it has ended
                continue
    return own, template, largest


def main(arguments: list[str]) -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["noop", "memory"], nargs="?", default="noop")
    parser.add_argument("--places", type=int, default=41_000)
    parser.add_argument("--years", type=int, default=10)
    parser.add_argument("--reports", type=int, default=2000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--whole", action="store_true", help="memory: the whole notebook")
    options = parser.parse_args(arguments)
    if options.what == "noop":
        noop(options.places, options.years)
    else:
        memory(options.reports, options.whole, options.workers)


if __name__ == "__main__":
    main(sys.argv[1:])
