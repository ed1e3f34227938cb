"""Rendering: forked kernels against the stock loop (papermill with a cold kernel, nbconvert to HTML), in one run.

    python benchmarks/render.py [--data DIR] [--reports 5] [--workers 2]

For each report, one after the other: stock, ours, stock, ours. What a report costs beyond its cells is
    overhead = wall time − CPU time of the same cells run in one warm process.
The same in CPU time throughout is less at the mercy of what else the machine does.
Printed: a line a pair, the median ratios, where the time of our reports goes, and reports per minute with the same
number of workers. A loaded machine slows both sides; the ratios are what to read.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

HERE = Path(__file__).resolve().parent
STAGES = ("fork", "kernel", "cells", "figures", "convert", "write", "rest")


def stock(place: str, data: str, out: str) -> tuple[float, float]:
    """One report as papermill's and nbconvert's own pages show it; wall and CPU seconds, the kernel's included."""
    import papermill
    from nbconvert import HTMLExporter

    from helpers.report.execute import NOTEBOOK

    started, used = perf_counter(), _cpu()
    executed = str(Path(out) / f"{place}.stock.ipynb")
    notebook = papermill.execute_notebook(str(NOTEBOOK), executed, parameters={"place": place, "data": data, "language": "zh"},
                                          progress_bar=False, kernel_name="python3")
    html, _ = HTMLExporter(exclude_input=True).from_notebook_node(notebook)
    (Path(out) / f"{place}.stock.html").write_text(html, encoding="utf-8")
    return perf_counter() - started, _cpu() - used


def _cpu() -> float:
    """CPU seconds of this process and of its children that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def staged(job) -> dict[str, float]:
    """In a fork: one report, with the seconds of each stage."""
    from helpers import report
    from helpers.kernels import direct
    from helpers.report import execute, page

    spent = dict.fromkeys(STAGES, 0.0)
    spent["forked"], used = perf_counter(), _cpu()
    for module, name, stage in ((direct, "start_kernel", "kernel"), (report, "figure", "figures"), (page, "to_html", "convert"),
                                (execute, "write_text", "write"), (direct.DirectNotebookClient, "execute_cell", "cells")):
        setattr(module, name, _timed(getattr(module, name), stage, spent))
    outcome = execute.run(job)
    if outcome.error:
        raise RuntimeError(outcome.error)
    spent["cpu"] = _cpu() - used
    spent["cells"] -= spent["figures"]
    spent["rest"] = outcome.seconds - sum(spent[stage] for stage in ("kernel", "cells", "figures", "convert", "write"))
    return spent


def _timed(function, stage: str, spent: dict[str, float]):
    def timed(*arguments, **options):
        started = perf_counter()
        try:
            return function(*arguments, **options)
        finally:
            spent[stage] += perf_counter() - started

    return timed


def cells_alone(place: str, data: str) -> float:
    """CPU seconds of a report's cells in one warm process: one that has run them once already."""
    from nbformat import read

    from helpers.report.execute import NOTEBOOK

    code = [compile(cell.source, cell.id, "exec") for cell in read(NOTEBOOK, 4).cells if cell.cell_type == "code"]
    for _ in range(2):
        names: dict = {}
        started = process_time()
        for cell in code:
            exec(cell, names)
            names |= {"place": place, "data": data, "language": "zh"}
    return process_time() - started


def one(job) -> str:
    """In a fork: one report, as `township render` makes it; gives back its error."""
    from helpers.report.execute import run

    return run(job).error


def pairs(template, places: list[str], data: Path, out: Path) -> None:
    """Stock and ours for each place in turn, and the stage budget of ours."""
    from helpers.report.execute import Job

    budget: dict[str, list[float]] = {stage: [] for stage in STAGES}
    rows = []
    print(f"{'place':24} {'cells':>7} | {'stock':>7} {'ours':>7} | {'overhead':>8} {'ours':>7} {'ratio':>6} | {'in CPU':>7} {'ours':>7} {'ratio':>6}")
    for place in places:
        slow, slow_cpu = stock(place, str(data), str(out))
        before = template.call("render:cells_alone", place, str(data))
        started = perf_counter()
        spent = template.call("render:staged", Job(place, data, out, "zh"))
        fast = perf_counter() - started
        alone = (before + template.call("render:cells_alone", place, str(data))) / 2  # the machine's pace changes by the minute
        spent["fork"] = spent["forked"] - started
        for stage in STAGES:
            budget[stage].append(spent[stage])
        wall = [slow - alone, fast - alone]
        cpu = [slow_cpu - alone, max(spent["cpu"] - alone, 0.01)]
        rows.append((slow / fast, wall[0] / wall[1], cpu[0] / cpu[1]))
        print(f"{place:24} {alone:6.2f}s | {slow:6.2f}s {fast:6.2f}s | {wall[0]:7.2f}s {wall[1]:6.2f}s {rows[-1][1]:6.1f} | "
              f"{cpu[0]:6.2f}s {cpu[1]:6.2f}s {rows[-1][2]:6.1f}", flush=True)
    faster, smaller, leaner = (median(column) for column in zip(*rows, strict=True))
    print(f"\nmedian ratios, one worker: a report {faster:.1f} times faster, overhead {smaller:.1f} times smaller in time, {leaner:.1f} in CPU")
    print("where ours goes, median: " + ", ".join(f"{stage} {median(budget[stage]) * 1000:.0f} ms" for stage in STAGES))


def throughput(template, places: list[str], data: Path, out: Path, workers: int) -> None:
    """Reports per minute with the same number of workers; each side starts with its processes running."""
    from helpers.kernels import run_all
    from helpers.report.execute import Job

    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        started = perf_counter()
        list(pool.map(stock, places, [str(data)] * len(places), [str(out)] * len(places)))
        slow = perf_counter() - started
    started = perf_counter()
    errors = [done.value or done.error for done in run_all(template, "render:one", [Job(place, data, out, "zh") for place in places], workers=workers)]
    fast = perf_counter() - started
    if any(errors):
        sys.exit(f"a report failed: {errors}")
    print(f"{workers} workers, {len(places)} reports: stock {60 * len(places) / slow:.1f} a minute, ours {60 * len(places) / fast:.1f} "
          f"a minute: {slow / fast:.1f} times as many")


@contextmanager
def tables(given: Path | None):
    """The data folder given, or the sample documents' tables in a folder that goes away."""
    if given is not None:
        yield given.resolve()
        return
    from helpers import pipeline
    from helpers.workspace import SAMPLE, Workspace

    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(data=Path(folder) / "data")
        pipeline.build([SAMPLE], workspace)
        yield workspace.data


def main() -> None:
    """Measure and print."""
    from helpers.kernels import Template
    from helpers.workspace import Workspace

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="a data folder with built tables (default: the sample documents')")
    parser.add_argument("--reports", type=int, default=5)
    parser.add_argument("--workers", type=int, default=min(2, os.cpu_count() or 1))
    options = parser.parse_args()
    os.environ["PYTHONPATH"] = str(HERE)
    with tables(options.data) as data, tempfile.TemporaryDirectory() as out:
        places = Workspace(data=data).read("places").sort_values(["facts", "place_id"], ascending=[False, True])["place_id"]
        chosen = places.iloc[:: max(1, len(places) // options.reports)].tolist()[:options.reports]
        with Template("helpers.report.execute:prepare", (data, "zh")) as template:
            started = perf_counter()
            template.start()
            print(f"template ready in {perf_counter() - started:.1f} s, {template.count_threads()} thread\n", flush=True)
            pairs(template, chosen, data, Path(out))
            throughput(template, chosen, data, Path(out), options.workers)


if __name__ == "__main__":
    main()
