"""All reports of a run: which are due, rendered side by side, recorded, listed on the index."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter
from types import MappingProxyType

from helpers.errors import InputError
from helpers.figures.labels import Labels
from helpers.kernels import GRACE, ForkError, Template, can_fork, run_all
from helpers.report import cluster, county, exports, folder, index, keys
from helpers.report.execute import NOTEBOOK, Job, Outcome, check_template, run
from helpers.report.record import FORCED, RunRecord, pages_in
from helpers.report.township import check_place_id
from helpers.workspace import Workspace

NAMED = 10  # unknown places named in an error


def render(workspace: Workspace, places: Iterable[str] | None = None, *, out: Path | None = None, jobs: int | None = None,
           language: str = "zh", force: bool = False, progress: bool = True, timeout: float | None = None, scheduler: str = "",
           notebook: Path = NOTEBOOK, parameters: Mapping[str, object] = MappingProxyType({})) -> RunRecord:
    """Render the report notebook for every place (or the given ones) into `out` (`workspace.reports`).

    Writes `<place>.html`, `notebooks/<place>.ipynb`, `county-….html`, `index.html`, `data/exports`, `run.json` and
    `run.log`, each page in one step. A page whose rows, template, code and parameters have not changed is left alone
    unless `force`. A failing report is recorded with its error and the others go on, also one with a cell that takes
    longer than `timeout` seconds. At most `jobs` run at once, by default as many as there are cores. A run that was
    killed is taken up where it ended. With the address of a Dask `scheduler` its workers render, see
    `helpers.report.cluster`. `parameters` are those a `notebook` of one's own takes besides the report's.

    Raises InputError for a place the data do not have, `jobs` below 1, a language there is none of, a parameter the
    notebook does not have, an `out` that cannot be written or that another run is writing to, a scheduler
    that does not answer; ReportError when there
    is no more room to write.
    """
    started = perf_counter()
    _check(jobs, language, notebook, parameters)
    out, notebook = Path(out or workspace.reports).resolve(), Path(notebook).resolve()
    known, chosen = _chosen(places, workspace)
    if scheduler:
        cluster.check(scheduler)
    folder.make(out)
    with folder.held(out):
        folder.sweep(out)
        record = RunRecord.read(out)
        wanted = keys.all_keys(workspace, chosen, language, notebook, parameters)
        reasons = _reasons(chosen, record, out, force, wanted)
        due = [Job(place, workspace.data.resolve(), out, language, notebook, timeout, dict(parameters)) for place in chosen if reasons[place]]
        record.begin(chosen, wanted, reasons, out)
        made = cluster.outcomes(due, scheduler, jobs) if scheduler else _outcomes(due, jobs or os.cpu_count() or 1)
        for outcome in _bar(made, len(due), progress, reasons):
            record.note(outcome, out)
        record.finish(perf_counter() - started, known)
        record.write(out)
        exports.write(workspace, out)
        if _list(workspace, out, record, language):
            record.write(out)
    return record


def explain(workspace: Workspace, places: Iterable[str] | None = None, *, out: Path | None = None, language: str = "zh",
            force: bool = False, notebook: Path = NOTEBOOK, parameters: Mapping[str, object] = MappingProxyType({})) -> dict[str, str]:
    """Why each page would be built now, by place; empty for one that is up to date. No page is written.

    Raises InputError as `render` does.
    """
    _check(None, language, notebook, parameters)
    out = Path(out or workspace.reports).resolve()
    _, chosen = _chosen(places, workspace)
    wanted = keys.all_keys(workspace, chosen, language, notebook, parameters)
    return _reasons(chosen, RunRecord.read(out), out, force, wanted)


def _check(jobs: int | None, language: str, notebook: Path, parameters: Mapping[str, object]) -> None:
    Labels(language)
    if jobs is not None and jobs < 1:
        raise InputError(f"jobs must be 1 or more, not {jobs}.")
    check_template(notebook, parameters)


def _reasons(chosen: list[str], record: RunRecord, out: Path, force: bool, wanted: Mapping[str, keys.Key]) -> dict[str, str]:
    """Why each page is due; empty where it is not."""
    there = pages_in(out) if out.is_dir() else set()
    return {place: FORCED if force else record.why(place, wanted[place], there) for place in chosen}


def _list(workspace: Workspace, out: Path, record: RunRecord, language: str) -> bool:
    """Write the index and the county pages where something they show has changed; True when they were written."""
    key = keys.listing_key(workspace, record.pages, language)
    before = record.listing
    if before.get("key") == key and {"index", *before.get("counties", ())} <= pages_in(out):
        return False
    pages = county.write_all(workspace, out, language)
    index.write(workspace, out, record, language, pages)
    record.listing = {"key": key, "counties": sorted(Path(page).stem for page in pages.values())}
    return True


def _chosen(places: Iterable[str] | None, workspace: Workspace) -> tuple[set[str], list[str]]:
    """All places of the data, and those asked for."""
    known = workspace.read("places")["place_id"].tolist()
    wanted = [check_place_id(place) for place in (places if places is not None else known)]
    unknown = sorted(set(wanted) - set(known))
    if unknown:
        raise InputError(f"there is no place {', '.join(unknown[:NAMED])}{' …' if len(unknown) > NAMED else ''} in {workspace.data}: "
                         "`township places` lists them.")
    if not wanted:
        raise InputError(f"{workspace.data} holds no places: no figure was read from the documents.")
    return set(known), list(dict.fromkeys(wanted))


def _outcomes(due: list[Job], jobs: int) -> Iterable[Outcome]:
    """Outcomes as they come: from forks of a template that has everything loaded, else from cold kernels."""
    left = {job.place: job for job in due}
    if len(due) > 1 and can_fork():
        try:
            for outcome in _forked(due, jobs):
                del left[outcome.place]
                yield outcome
        except ForkError as error:
            logging.getLogger(__name__).warning("%s Reports are rendered with cold kernels.", error)
    yield from _cold(list(left.values()), jobs)


def _forked(due: list[Job], jobs: int) -> Iterable[Outcome]:
    """Each report in a fork of its own; one that hangs where no alarm is heard, or dies, takes only itself with it."""
    first = due[0]
    limit = first.timeout and first.timeout + GRACE
    with Template("helpers.report.execute:prepare", (first.data, first.language)) as template:
        for done in run_all(template, "helpers.report.execute:run", due, workers=min(jobs, len(due)), limit=limit):
            yield done.value if done.error is None else Outcome(done.item.place, 0.0, error=str(done.error))


def _cold(due: list[Job], jobs: int) -> Iterable[Outcome]:
    """Each report with a kernel started for it; a worker that dies takes only its own report with it."""
    if not due:
        return
    with ProcessPoolExecutor(min(jobs, len(due)), mp_context=get_context("spawn")) as pool:
        waiting = {pool.submit(run, job): job for job in due}
        for future in as_completed(waiting):
            job = waiting[future]
            try:
                yield future.result()
            except BrokenProcessPool:
                yield Outcome(job.place, 0.0, error="the process rendering it was ended from outside: run again.")


def _bar(outcomes: Iterable[Outcome], total: int, progress: bool, reasons: Mapping[str, str]) -> Iterable[Outcome]:
    """The outcomes, with a progress bar on a terminal and elsewhere a line each, with its reason (on stderr)."""
    import sys

    from tqdm import tqdm

    if not progress:
        yield from outcomes
        return
    if sys.stderr.isatty():
        yield from tqdm(outcomes, total=total, unit="report", dynamic_ncols=True)
        return
    for count, outcome in enumerate(outcomes, 1):
        told = outcome.error or f"{outcome.seconds:.1f} s"
        tqdm.write(f"[{count}/{total}] {outcome.place} ({reasons[outcome.place]}): {told}", file=sys.stderr)
        yield outcome
