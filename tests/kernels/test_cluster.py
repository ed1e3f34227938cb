"""Reports rendered by the workers of a real Dask scheduler: the same pages, also when a worker is lost on the way."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from test_faults import PLACES, altered, rendered

from helpers.errors import InputError
from helpers.report import cluster, render
from helpers.workspace import Workspace

pytestmark = pytest.mark.usefixtures("needs_fork")
PROJECT = Path(__file__).resolve().parents[2]
PATIENCE = 120  # seconds a loaded machine may take to start a process


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def start(*arguments: str, folder: Path) -> subprocess.Popen:
    environment = os.environ | {"PYTHONPATH": str(PROJECT / "src"), "DASK_DISTRIBUTED__WORKER__MEMORY__TERMINATE": "False"}
    log = (folder / f"{arguments[0]}.log").open("a")
    return subprocess.Popen([sys.executable, "-m", "dask", *arguments], cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True)


@pytest.fixture
def scheduler(tmp_path):
    """Address of a scheduler with two worker processes, and those processes."""
    port = free_port()
    address = f"tcp://127.0.0.1:{port}"
    processes = [start("scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard", folder=tmp_path)]
    try:
        until_there(port)
        workers = [start("worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(tmp_path / name), folder=tmp_path)
                   for name in ("one", "two")]
        processes += workers
        with cluster.connected(address) as client:
            client.wait_for_workers(2, timeout=PATIENCE)
        yield address, workers
    finally:
        for process in reversed(processes):
            process.kill()
            process.wait()


def until_there(port: int) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with socket.socket() as line:
            if line.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("the scheduler did not start")


@pytest.mark.slow
def test_a_worker_killed_in_mid_run_loses_no_report_and_the_pages_are_those_of_one_machine(scheduler, kernels_county, tmp_path, monkeypatch):
    address, workers = scheduler
    marker = tmp_path / "killed"
    code = ("import os, time\nfrom pathlib import Path\n"
            f"if place == 'place-3' and not Path({str(marker)!r}).exists():\n"
            "    template = Path(f'/proc/{os.getppid()}/stat').read_text()\n"
            f"    Path({str(marker)!r}).write_text(template.rsplit(')', 1)[1].split()[1])\n    time.sleep(600)\n"
            "if place == 'place-5': raise ValueError('not this one')")
    notebook = altered(tmp_path / "nb", code)
    far = Workspace(data=kernels_county, reports=tmp_path / "far")
    killer = threading.Thread(target=kill_who_is_named, args=(marker,), daemon=True)
    killer.start()
    record = render(far, PLACES, scheduler=address, notebook=notebook, progress=False, timeout=900)
    killer.join()
    assert sum(worker.poll() is not None for worker in workers) == 1, "one worker was killed"
    assert rendered(far) == set(PLACES) - {"place-5"} and list(record.failures) == ["place-5"]
    assert "not this one" in record.failures["place-5"] and str(far.reports) in record.failures["place-5"]
    near = Workspace(data=kernels_county, reports=tmp_path / "near")
    render(near, PLACES, notebook=notebook, progress=False)
    for place in rendered(near):
        assert (far.reports / f"{place}.html").read_bytes() == (near.reports / f"{place}.html").read_bytes()
    assert {path.name for path in (far.reports / "notebooks").iterdir()} == {path.name for path in (near.reports / "notebooks").iterdir()}
    assert render(far, PLACES[:5], scheduler=address, notebook=notebook, progress=False).run["unchanged"] == 5
    theirs = cluster.fingerprint
    monkeypatch.setattr(cluster, "fingerprint", lambda job: theirs(job) | {"code": "000000000000"})
    other = render(Workspace(data=kernels_county, reports=tmp_path / "other"), PLACES[:1], scheduler=address, progress=False)
    assert "would make another page (code)" in other.failures["place-0"], "a worker with other code makes no page"


def kill_who_is_named(marker: Path) -> None:
    """Wait for the report that writes its worker's process id down and sleeps; kill that worker."""
    end = time.monotonic() + 3 * PATIENCE
    while not (marker.exists() and marker.read_text()):
        assert time.monotonic() < end, "no report named its worker"
        time.sleep(0.05)
    os.kill(int(marker.read_text()), signal.SIGKILL)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "no address", "tcp://"])
def test_a_scheduler_that_does_not_answer_is_named_and_nothing_is_written(address, kernels_county, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "ANSWER", 1.0)
    with pytest.raises(InputError, match=r"no scheduler answers at .*dask scheduler"):
        render(Workspace(data=kernels_county), PLACES, out=tmp_path / "out", scheduler=address, progress=False)
    assert not (tmp_path / "out").exists()
