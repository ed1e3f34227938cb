"""Running the report notebook for one place: the only module that knows how a notebook is executed.

That is papermill, always: with a cold kernel, or, in a process forked from a template (`helpers.kernels`) for which
`prepare` has loaded everything beforehand, with the engine that executes right there.
"""

from __future__ import annotations

import ast
import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from types import MappingProxyType

from helpers.errors import InputError, ReportError, TownshipError
from helpers.kernels import is_child
from helpers.report import tables
from helpers.report.township import check_place_id
from helpers.workspace import NOTEBOOKS, Workspace, write_text

NOTEBOOK = NOTEBOOKS / "township_report.ipynb"
PARAMETERS = ("place", "data", "language")  # what the report notebook is given
QUIET = ["--IPKernelApp.log_level=40"]  # a cold kernel warns at each start that it talks over TCP, on this machine


@dataclass(frozen=True)
class Job:
    """One report to make: the place, where its data lie, where its page goes."""

    place: str
    data: Path
    out: Path
    language: str
    notebook: Path = NOTEBOOK
    timeout: float | None = None  # seconds a cell may take
    parameters: Mapping[str, object] = field(default_factory=dict)  # of a notebook that takes more than the report's own

    @property
    def page(self) -> Path:
        return self.out / f"{check_place_id(self.place)}.html"

    @property
    def executed(self) -> Path:
        return self.out / "notebooks" / f"{check_place_id(self.place)}.ipynb"


@dataclass(frozen=True)
class Outcome:
    """What became of a job: seconds taken, size of the page in bytes, and why it failed (empty when it did not)."""

    place: str
    seconds: float
    size: int = 0
    error: str = ""


def check_template(notebook: Path, extra: Mapping[str, str] = MappingProxyType({})) -> None:
    """See that a notebook takes the report's parameters and those of `extra`: papermill would only warn.

    Raises InputError when there is no such notebook, it is no notebook, or its parameters cell sets one of them not.
    """
    if not notebook.is_file():
        raise InputError(f"there is no notebook {notebook}.")
    taken = [name for name in extra if name in PARAMETERS]
    if taken:
        raise InputError(f"the parameter {', '.join(taken)} is not free: each report is given its own.")
    known = _parameters_of(notebook)
    unknown = [name for name in (*PARAMETERS, *extra) if name not in known]
    if unknown:
        raise InputError(f"{notebook} has no parameter {', '.join(unknown)}: its cell tagged `parameters` sets {', '.join(known) or 'none'}.")


def _parameters_of(notebook: Path) -> list[str]:
    """The names that the cell tagged `parameters` sets; read without nbformat, whose import takes seconds."""
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        tagged = [cell for cell in cells if "parameters" in cell["metadata"].get("tags", ())]
        code = ast.parse("".join(tagged[0]["source"]) if tagged else "")
    except (ValueError, KeyError, TypeError, AttributeError, SyntaxError) as error:
        raise InputError(f"{notebook} is not a notebook that can be read ({type(error).__name__}): take a copy of notebooks/township_report.ipynb.") from error
    targets = [target for line in code.body if isinstance(line, ast.Assign | ast.AnnAssign)
               for target in (line.targets if isinstance(line, ast.Assign) else [line.target])]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def prepare(data: Path, language: str) -> None:
    """Import, load and compile, once, what every report needs: all that a template of reports has to do."""
    from helpers.kernels.stack import import_stack
    from helpers.report import page
    from helpers.report.rehearsal import rehearse

    import_stack()
    logging.getLogger("papermill").setLevel(logging.ERROR)
    workspace = Workspace(data=data)
    tables.hold(workspace)
    page.warm_up()
    rehearse(workspace, language)


def run(job: Job) -> Outcome:
    """Execute the notebook for `job` and put its page in place in one step; never raises for a failing report.

    A failed report leaves the executed notebook up to the failing cell, and no page.
    """
    started = perf_counter()
    try:
        size = _make(job)
    except OSError as error:
        why = f"{job.page} could not be made: {error.strerror or error}."
        return Outcome(job.place, perf_counter() - started, error=_one_line(ReportError(why)))
    except (TownshipError, ValueError, RuntimeError) as error:
        return Outcome(job.place, perf_counter() - started, error=_one_line(error))
    return Outcome(job.place, perf_counter() - started, size=size)


def _make(job: Job) -> int:
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillException, PapermillExecutionError

    from helpers.report.page import to_html

    logging.getLogger("papermill").setLevel(logging.ERROR)
    job.executed.parent.mkdir(parents=True, exist_ok=True)
    partial = job.executed.with_name(f".{job.place}.{os.getpid()}.ipynb")
    engine = {"engine_name": "township"} if is_child() else {"extra_arguments": QUIET}
    parameters = {**job.parameters, "place": job.place, "data": str(job.data), "language": job.language}
    try:
        notebook = papermill.execute_notebook(str(job.notebook), str(partial), parameters=parameters, kernel_name="python3",
                                              progress_bar=False, cwd=str(job.out), autosave_cell_every=0,
                                              execution_timeout=job.timeout, **engine)
        text = to_html(notebook)
    except PapermillExecutionError as error:
        raise ReportError(f"{job.executed}, cell {error.exec_count}: {error.ename}: {error.evalue}") from error
    except PapermillException as error:
        raise ReportError(f"{job.notebook}: {error}") from error
    except CellTimeoutError as error:
        raise ReportError(f"{job.notebook}: a cell took longer than {job.timeout:g} s (--timeout gives it more time): {error}") from error
    except DeadKernelError as error:
        raise ReportError(f"{job.notebook}: the kernel died while a cell ran; memory may have run out, try fewer --jobs.") from error
    finally:
        if partial.exists():
            partial.replace(job.executed)
    write_text(job.page, text)
    return len(text.encode("utf-8"))


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:600] or type(error).__name__
