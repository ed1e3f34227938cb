"""Reports rendered by the workers of a Dask scheduler: each holds one template, whose forks make its pages.

Pages and notebooks come back to the run that asked for them, which puts them in place as it does its own: one
writer, one lock, one journal. The data folder has to lie under the same path on every machine, and every worker has
to run the same code, catalogue and libraries; a worker that does not is told apart before it makes a page.
"""

from __future__ import annotations

import hashlib
import logging
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from pathlib import Path
from queue import Queue
from time import perf_counter
from uuid import uuid4

from helpers.errors import InputError, ReportError
from helpers.kernels import GRACE, ForkError, Template, run_all
from helpers.report import keys, tables
from helpers.report.execute import Job, Outcome, run
from helpers.workspace import Workspace, write_bytes

ANSWER = 10.0  # seconds a scheduler may take to answer
WORKERS = 60.0  # seconds until its first worker must be there
AHEAD = 3  # reports given out for each thread of a worker: the next is there when one is done
LOST = 3  # times a report is given out again after its worker was lost
FOOTER = 64 * 1024  # bytes at the end of a Parquet file, which say what is in it


@dataclass(frozen=True)
class Made:
    """What a worker sends back: the outcome, the page and the executed notebook (empty where there is none)."""

    outcome: Outcome
    page: bytes
    notebook: bytes


@contextmanager
def connected(address: str) -> Iterator[object]:
    """A client of the scheduler at `address`, with at least one worker behind it.

    Raises InputError when the address is none, no scheduler answers there, or it has no worker.
    """
    from distributed import Client

    for name in ("distributed", "tornado"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        client = Client(address, timeout=ANSWER, set_as_default=False, name="township")
    except (OSError, ValueError, TimeoutError) as error:
        raise InputError(f"no scheduler answers at {address} ({_first_line(error)}): start one with `dask scheduler`, and give its "
                         "address, such as --scheduler tcp://192.168.0.10:8786.") from error
    try:
        try:
            client.wait_for_workers(1, timeout=WORKERS)
        except TimeoutError as error:
            raise InputError(f"the scheduler at {address} has no workers: start some with `dask worker {address}`.") from error
        yield client
    finally:
        client.close(timeout=ANSWER)


def check(address: str) -> None:
    """See that a scheduler answers and has a worker; raises InputError otherwise."""
    with connected(address):
        pass


def outcomes(due: list[Job], address: str, most: int | None = None) -> Iterator[Outcome]:
    """Outcomes as they come from the workers; at most `most` reports are given out at once.

    Raises InputError when the scheduler cannot be used; a report whose worker was lost again and again, or whose
    scheduler went away, is a failure of its own.
    """
    if not due:
        return
    done: Queue = Queue()
    with connected(address) as client:
        ours = fingerprint(due[0])
        threads = sum(client.nthreads().values())
        window = most or max(1, threads * AHEAD)
        waiting, run_id = iter(due), uuid4().hex[:8]
        given = {}
        for job in islice(waiting, window):
            given[_give(client, job, ours, run_id, done)] = job
        while given:
            future = done.get()
            job = given.pop(future)
            yield _taken(future, job, address)
            future.release()
            for job in islice(waiting, 1):
                given[_give(client, job, ours, run_id, done)] = job


def _give(client, job: Job, ours: Mapping[str, str], run_id: str, done: Queue):
    future = client.submit(render_there, job, dict(ours), pure=False, retries=LOST, key=f"township-{run_id}-{job.place}")
    future.add_done_callback(done.put)
    return future


def _taken(future, job: Job, address: str) -> Outcome:
    """The outcome of a report that is over, its page and notebook put in place."""
    from distributed import CancelledError, KilledWorker

    try:
        made: Made = future.result()
    except KilledWorker:
        return Outcome(job.place, 0.0, error="the workers rendering it were lost one after the other: run again, with fewer threads a worker if memory ran out.")
    except (CancelledError, OSError) as error:
        return Outcome(job.place, 0.0, error=f"the scheduler {address} was lost ({_first_line(error)}): run again.")
    except (InputError, ReportError) as error:
        return Outcome(job.place, 0.0, error=str(error))
    try:
        if made.notebook:
            write_bytes(job.executed, made.notebook)
        if made.page:
            write_bytes(job.page, made.page)
    except OSError as error:
        return Outcome(job.place, made.outcome.seconds, error=f"{job.page} could not be made: {error.strerror or error}.")
    return made.outcome


def fingerprint(job: Job) -> dict[str, str]:
    """What has to be the same on every machine: the parts all pages share, and the tables behind them."""
    shared = keys.shared_parts(job.language, job.notebook, job.parameters)
    return shared | {f"table {name}": digest for name, digest in _ends(job.data, _stamps(job.data)).items()}


def _stamps(data: Path) -> tuple:
    """Changes when one of the tables is written anew; raises InputError where one is missing."""
    return tuple((name, *tables.stamp(Workspace(data=data).existing(name))) for name in (*keys.OWN_TABLES, "documents"))


@cache
def _ends(data: Path, stamps: tuple) -> dict[str, str]:
    digests = {}
    for name, *_ in stamps:
        path = Workspace(data=data).table_path(name)
        size = path.stat().st_size
        with path.open("rb") as stream:
            stream.seek(max(0, size - FOOTER))
            digests[name] = hashlib.sha256(f"{size}|".encode() + stream.read()).hexdigest()[:12]
    return digests


_templates: dict[tuple, Template] = {}
_lock = threading.Lock()


def render_there(job: Job, theirs: Mapping[str, str]) -> Made:
    """In a worker: one report in a fork of this worker's template, made in a folder that goes away.

    Raises InputError when this machine would make another page than the one that asks (`theirs`: its fingerprint).
    """
    _same_here(job, theirs)
    with tempfile.TemporaryDirectory(prefix="township-") as folder:
        here = replace(job, out=Path(folder))
        outcome = _in_a_fork(here)
        return Made(replace(outcome, error=outcome.error.replace(folder, str(job.out))), _read(here.page), _read(here.executed))


def _same_here(job: Job, theirs: Mapping[str, str]) -> None:
    import socket

    try:
        ours = fingerprint(job)
    except (InputError, OSError) as error:
        raise InputError(f"the worker on {socket.gethostname()} does not see the data: {error} The data folder has to lie under "
                         "the same path on every machine.") from error
    other = keys.difference(theirs, ours)
    if other:
        raise InputError(f"the worker on {socket.gethostname()} would make another page ({', '.join(other)}): give it the same "
                         "project, libraries and data, and run again.")


def _in_a_fork(job: Job) -> Outcome:
    started = perf_counter()
    try:
        template = _template(job)
        limit = job.timeout and job.timeout + GRACE
        done = next(iter(run_all(template, "helpers.report.execute:run", [job], workers=1, limit=limit)))
    except ForkError as error:
        logging.getLogger(__name__).warning("%s The report is rendered with a cold kernel.", error)
        return run(job)
    return done.value if done.error is None else Outcome(job.place, perf_counter() - started, error=str(done.error))


def _template(job: Job) -> Template:
    """This worker's template for these tables; one that held others is closed."""
    key = (job.data, job.language, _stamps(job.data))
    with _lock:
        if key not in _templates:
            for old in list(_templates):
                _templates.pop(old).close()
            _templates[key] = Template("helpers.report.execute:prepare", (job.data, job.language))
        _templates[key].start()
        return _templates[key]


def _read(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


def _first_line(error: BaseException) -> str:
    lines: Iterable[str] = str(error).strip().splitlines()
    return next(iter(lines), "") or type(error).__name__
