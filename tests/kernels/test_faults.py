"""Nothing is lost and nothing is done twice, whatever goes wrong while reports are rendered."""

from __future__ import annotations

import errno
import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from nbformat import read, write
from nbformat.v4 import new_code_cell

from helpers.errors import InputError, ReportError
from helpers.report import execute, explain, folder, render
from helpers.report.execute import NOTEBOOK, Job
from helpers.report.record import JOURNAL, LOG, RunRecord
from helpers.workspace import Workspace

pytestmark = pytest.mark.usefixtures("needs_fork")
AMPLE = 12  # seconds that a cell of these notebooks never takes, also where many want the processor
PLACES = [f"place-{number}" for number in range(6)]


def altered(folder_: Path, code: str) -> Path:
    """The report notebook with nothing but its header, and one more cell, which a fault is planted in."""
    notebook = read(NOTEBOOK, 4)
    header = next(index for index, cell in enumerate(notebook.cells) if "report.header" in cell.source)
    notebook.cells = [*notebook.cells[:header + 1], new_code_cell(code, id="fault")]
    folder_.mkdir(exist_ok=True)
    write(notebook, folder_ / "altered.ipynb")
    return folder_ / "altered.ipynb"


@pytest.fixture
def workspace(kernels_county, tmp_path) -> Workspace:
    return Workspace(data=kernels_county, reports=tmp_path / "out")


def rendered(workspace: Workspace) -> set[str]:
    return {path.stem for path in workspace.reports.glob("place-*.html")}


def test_a_failing_a_hung_and_a_dying_report_take_nobody_with_them(workspace, tmp_path):
    code = ("import os, signal, time\n"
            "if place == 'place-1': raise ValueError('no such thing')\n"
            "if place == 'place-2': time.sleep(600)\n"
            "if place == 'place-3': os.kill(os.getpid(), signal.SIGKILL)\n"
            "if place == 'place-4': os._exit(0)")
    notebook = altered(tmp_path / "nb", code)
    record = render(workspace, PLACES, jobs=3, timeout=AMPLE, notebook=notebook, progress=False)
    assert rendered(workspace) == {"place-0", "place-5"}
    assert set(record.failures) == {"place-1", "place-2", "place-3", "place-4"}
    assert "no such thing" in record.failures["place-1"] and f"longer than {AMPLE} s" in record.failures["place-2"]
    assert "ended from outside" in record.failures["place-3"] and "ended from outside" in record.failures["place-4"]
    kept = read(workspace.reports / "notebooks" / "place-2.ipynb", 4)
    assert any("report.header" in cell.source and cell.outputs for cell in kept.cells if cell.cell_type == "code"), "what was shown before is kept"
    assert "未能生成" in (workspace.reports / "index.html").read_text(encoding="utf-8")
    stored = json.loads((workspace.reports / "run.json").read_text(encoding="utf-8"))
    assert stored["run"]["complete"] and stored["run"]["failed"] == 4
    due = explain(workspace, PLACES, notebook=altered(tmp_path / "nb", code))
    assert due == {place: "failed" if place in record.failures else "" for place in PLACES}, "what failed is tried again, and nothing else"


@pytest.mark.slow
def test_a_hang_that_hears_no_alarm_is_ended_from_outside(workspace, tmp_path, monkeypatch):
    monkeypatch.setattr("helpers.report.bulk.GRACE", 1.0)
    notebook = altered(tmp_path / "nb", "import signal, time\nif place == 'place-0':\n    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])\n    time.sleep(600)")
    started = time.monotonic()
    record = render(workspace, PLACES[:2], timeout=AMPLE, notebook=notebook, progress=False)
    assert list(record.failures) == ["place-0"] and "no word from it" in record.failures["place-0"]
    assert rendered(workspace) == {"place-1"} and time.monotonic() - started < 500


@pytest.mark.slow
def test_a_template_that_is_killed_is_started_again_and_its_reports_too(workspace, tmp_path):
    marker = tmp_path / "killed"
    code = (f"import os, signal, time\nfrom pathlib import Path\nif not Path({str(marker)!r}).exists():\n"
            f"    Path({str(marker)!r}).touch()\n    os.kill(os.getppid(), signal.SIGKILL)\n    time.sleep(5)")
    record = render(workspace, PLACES, jobs=2, notebook=altered(tmp_path / "nb", code), progress=False)
    assert marker.exists() and not record.failures and rendered(workspace) == set(PLACES)


def start(workspace: Workspace, notebook: Path, **options) -> subprocess.Popen:
    """A run in a process of its own."""
    code = ("import sys\nfrom pathlib import Path\nfrom helpers.report import render\nfrom helpers.workspace import Workspace\n"
            f"render(Workspace(Path({str(workspace.data)!r}), Path({str(workspace.reports)!r})), {PLACES!r}, jobs=2, notebook=Path({str(notebook)!r}))")
    return subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True, **options)


def wait_for(count: int, workspace: Workspace, seconds: float = 240) -> None:
    end = time.monotonic() + seconds
    while len(rendered(workspace)) < count:
        assert time.monotonic() < end, "no page in time"
        time.sleep(0.02)


@pytest.mark.slow
def test_a_run_killed_in_the_middle_is_completed_by_the_next_and_leaves_no_process(workspace, tmp_path):
    notebook = altered(tmp_path / "nb", "import time\nif place >= 'place-3': time.sleep(1.5)")
    process = start(workspace, notebook)
    wait_for(3, workspace)
    time.sleep(0.3)
    process.send_signal(signal.SIGKILL)
    process.wait()
    journal = RunRecord.read(workspace.reports)
    assert len(journal.pages) >= 2 and (workspace.reports / JOURNAL).exists()
    time.sleep(2.5)
    assert len(rendered(workspace)) < len(PLACES), "the children went with it"
    before = {path.name: path.stat().st_mtime_ns for path in workspace.reports.glob("place-*.html") if path.stem in journal.pages}
    record = render(workspace, PLACES, notebook=notebook, progress=False)
    assert rendered(workspace) == set(PLACES) and not record.failures
    assert set(record.run["why"]) == set(PLACES) - set(journal.pages), "exactly what was missing"
    assert before == {name: (workspace.reports / name).stat().st_mtime_ns for name in before}, "what was finished is left alone"
    assert not (workspace.reports / JOURNAL).exists() and not list(workspace.reports.rglob(".place*"))


@pytest.mark.slow
def test_two_runs_at_once_are_told_apart_in_a_sentence(workspace, tmp_path):
    process = start(workspace, altered(tmp_path / "nb", "import time; time.sleep(1)"))
    try:
        wait_for(1, workspace)
        with pytest.raises(InputError, match=r"another run is writing to .*--out"):
            render(workspace, PLACES, progress=False)
    finally:
        process.kill()
        process.wait()
    with folder.held(workspace.reports):
        pass


def test_no_space_left_for_a_page_is_that_reports_failure_and_leaves_no_half_page(workspace, monkeypatch, tmp_path):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(execute, "write_text", full)
    workspace.reports.mkdir()
    outcome = execute.run(Job("place-0", workspace.data, workspace.reports, "zh", altered(tmp_path / "nb", "1")))
    assert "No space left on device" in outcome.error and "place-0.html" in outcome.error
    assert not list(workspace.reports.glob("*.html*"))


@pytest.mark.slow
def test_a_system_that_refuses_to_write_more_fails_the_pages_it_refuses_and_the_next_run_makes_them(workspace, tmp_path):
    notebook = altered(tmp_path / "nb", "from IPython.display import HTML\nHTML('<p>x</p>' * (60_000 if place == 'place-1' else 1))")
    process = start(workspace, notebook, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000)))
    _, told = process.communicate(timeout=400)
    assert "place-1" in told and "File too large" in told
    assert rendered(workspace) == set(PLACES) - {"place-1"}
    record = render(workspace, PLACES, notebook=notebook, progress=False)
    assert record.run["why"] == {"place-1": "failed"} and rendered(workspace) == set(PLACES)


@pytest.mark.slow
def test_no_space_left_for_the_record_stops_the_run_in_a_sentence_and_loses_no_page(workspace, tmp_path):
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full on this system")
    notebook = altered(tmp_path / "nb", "1")
    workspace.reports.mkdir()
    (workspace.reports / LOG).symlink_to("/dev/full")  # takes no byte; is written to and never read
    with pytest.raises(ReportError, match=r"takes no more .No space left on device.*run again"):
        render(workspace, PLACES[:3], notebook=notebook, progress=False)
    (workspace.reports / LOG).unlink()
    record = render(workspace, PLACES[:3], notebook=notebook, progress=False)
    assert rendered(workspace) == set(PLACES[:3]) and not record.failures


def test_a_parameter_the_notebook_does_not_have_is_refused_where_papermill_only_warns(workspace, tmp_path):
    import papermill

    with pytest.raises(InputError, match=r"no parameter plaec: .*place, data, language"):
        papermill.execute_notebook(str(NOTEBOOK), str(tmp_path / "out.ipynb"), parameters={"plaec": "place-0"}, engine_name="township", progress_bar=False)
    for parameters, message in (({"colour": "red"}, "no parameter colour"), ({"place": "place-1"}, "parameter place is not free")):
        with pytest.raises(InputError, match=message):
            render(workspace, PLACES[:1], parameters=parameters, progress=False)
    assert not workspace.reports.exists()


@pytest.mark.slow
def test_a_notebook_of_ones_own_may_take_parameters_of_its_own(workspace, tmp_path):
    path = altered(tmp_path / "nb", "print('colour', colour)")
    notebook = read(path, 4)
    notebook.cells[1].source += '\ncolour = "blue"  # str: of the page'
    write(notebook, path)
    render(workspace, PLACES[:1], notebook=path, parameters={"colour": "red"}, progress=False)
    assert "colour red" in str(read(workspace.reports / "notebooks" / "place-0.ipynb", 4).cells)
    again = render(workspace, PLACES[:1], notebook=path, parameters={"colour": "green"}, progress=False)
    assert again.run["why"] == {"place-0": "changed: parameters"}


@pytest.mark.slow
def test_without_fork_the_same_run_is_made_with_cold_kernels(workspace, tmp_path, monkeypatch):
    monkeypatch.setenv("TOWNSHIP_FORK", "0")
    notebook = altered(tmp_path / "nb", "import os; assert place != 'place-1', 'not this one'")
    record = render(workspace, PLACES[:2], notebook=notebook, progress=False)
    assert rendered(workspace) == {"place-0"} and "not this one" in record.failures["place-1"]


@pytest.mark.slow
def test_when_the_template_cannot_be_prepared_cold_kernels_take_over(workspace, tmp_path, monkeypatch, caplog):
    monkeypatch.setattr("helpers.kernels.forks.START", "raise SystemExit(3)")
    record = render(workspace, PLACES[:2], notebook=altered(tmp_path / "nb", "1"), progress=False)
    assert rendered(workspace) == {"place-0", "place-1"} and not record.failures
    assert "cold kernels" in caplog.text
