"""The papermill engine `township`: a notebook runs in a fresh fork of a process that has imported the stack.

    papermill notebooks/township_report.ipynb out.ipynb -p place ID --engine township

Outputs are those of a cold kernel. Where forking is not possible, or the notebook's kernel is not this Python, the
engine does what stock papermill does. It is papermill that imports this module, never the other way round.
"""

from __future__ import annotations

import logging
import os
import pickle
import sys
from pathlib import Path

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, NotebookExecutionManager
from papermill.log import logger

from helpers.errors import InputError
from helpers.kernels.forks import GRACE, ForkError, can_fork, messages
from helpers.kernels.stack import shared_template
from helpers.kernels.template import is_child, tell


class ForkEngine(NBClientEngine):
    """Executes a notebook in a forked child; in a child of a template already, right there."""

    @classmethod
    def execute_managed_notebook(cls, nb_man, kernel_name, log_output=False, stdout_file=None, stderr_file=None,
                                 start_timeout=60, execution_timeout=None, **kwargs):
        """See `papermill.engines.NBClientEngine.execute_managed_notebook`, whose arguments and errors these are."""
        refuse_unknown_parameters(nb_man.nb, kernel_name)
        options = {"log_output": log_output, "stdout_file": stdout_file, "stderr_file": stderr_file}
        limit = execution_timeout or kwargs.get("timeout")
        if is_child():
            from helpers.kernels.direct import execute_here

            path, nb_man.output_path = nb_man.output_path, None  # saved once, at its end, instead of around each cell
            try:
                execute_here(nb_man, log=logger, timeout=limit, **options)
            finally:
                nb_man.output_path = path
            return
        if can_fork() and _is_this_python(kernel_name):
            try:
                _execute_in_fork(nb_man, limit, options)
                return
            except ForkError as error:
                logger.warning("%s The notebook runs with a cold kernel.", error)
        super().execute_managed_notebook(nb_man, kernel_name, start_timeout=start_timeout, execution_timeout=execution_timeout,
                                         **options, **kwargs)


def refuse_unknown_parameters(notebook: NotebookNode, kernel_name: str) -> None:
    """Papermill warns of a parameter that the notebook's parameters cell does not set, and goes on without effect.

    Raises InputError instead. A notebook without such a cell takes what it is given, as with papermill.
    """
    from papermill.translators import papermill_translators

    given = notebook.metadata.get("papermill", {}).get("parameters", {})
    cell = next((cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])), None)
    if not given or cell is None:
        return
    language = notebook.metadata.get("kernelspec", {}).get("language", "python")
    known = [one.name for one in papermill_translators.find_translator(kernel_name, language).inspect(cell)]
    unknown = [name for name in given if name not in known]
    if unknown:
        raise InputError(f"the notebook has no parameter {', '.join(unknown)}: its cell tagged `parameters` sets {', '.join(known) or 'none'}.")


def _is_this_python(kernel_name: str) -> bool:
    """Whether the kernel of that name would be an IPython kernel of this interpreter."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        command = KernelSpecManager().get_kernel_spec(kernel_name).argv
    except NoSuchKernel:
        return False
    mine = {"python", "python3", sys.executable, str(Path(sys.executable).resolve())}
    return command[0] in mine and "ipykernel_launcher" in command


def _execute_in_fork(nb_man: NotebookExecutionManager, limit: float | None, options: dict) -> None:
    """Have a child execute the notebook, taking over each cell as it is done."""
    template = shared_template()
    child = template.submit("helpers.kernels.engine:execute_for", nb_man.nb, limit, str(Path.cwd()))
    client = PapermillNotebookClient(nb_man, log=logger, **options)
    index = None
    try:
        for kind, value in messages(child, limit and limit + GRACE):
            if kind == "failed":
                raise value
            if kind == "done":
                metadata, changed = value
                nb_man.nb.metadata.update(metadata)
                for position, outputs in changed.items():
                    nb_man.nb.cells[position].outputs = outputs
                return
            if kind == "news":
                index = _take_over(nb_man, client, **value)
    except TimeoutError:
        raise CellTimeoutError.error_from_timeout_and_cell("Cell execution timed out", limit, nb_man.nb.cells[index or 0]) from None
    finally:
        child.kill()
    raise DeadKernelError("Kernel died")


def _take_over(nb_man: NotebookExecutionManager, client: PapermillNotebookClient, cell: int, done: NotebookNode | None = None) -> int:
    """Tell papermill that a cell begins or, with the cell as it was left, that it is done."""
    if done is None:
        nb_man.cell_start(nb_man.nb.cells[cell], cell)
        return cell
    done.metadata.papermill = nb_man.nb.cells[cell].metadata.papermill | {
        key: done.metadata.papermill[key] for key in ("exception", "status")}
    nb_man.nb.cells[cell] = done
    for output in done.get("outputs", []):
        client.log_output_message(output)
    if done.metadata.papermill["exception"]:
        nb_man.cell_exception(done, cell)
    nb_man.cell_complete(done, cell)
    return cell


class _ReportingManager(NotebookExecutionManager):
    """Papermill's bookkeeping in a child: passes every cell on as it begins and ends."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.told: dict[int, bytes] = {}

    def cell_start(self, cell, cell_index=None, **kwargs):
        super().cell_start(cell, cell_index, **kwargs)
        tell(cell=cell_index)

    def cell_complete(self, cell, cell_index=None, **kwargs):
        super().cell_complete(cell, cell_index, **kwargs)
        self.told[cell_index] = pickle.dumps(cell.get("outputs"))
        tell(cell=cell_index, done=cell)

    def changed(self) -> dict[int, list]:
        """Outputs by cell of those a later cell has changed since (`display(..., display_id=…, update=True)`)."""
        return {index: self.nb.cells[index].outputs for index, told in self.told.items()
                if told != pickle.dumps(self.nb.cells[index].get("outputs"))}


def execute_for(notebook: NotebookNode, limit: float | None, folder: str) -> tuple[dict, dict[int, list]]:
    """In a child: execute the notebook in `folder`, its cells told one by one.

    Gives back the notebook's metadata, and the outputs that changed after they were told.
    """
    from helpers.kernels.direct import execute_here

    os.chdir(folder)
    logger.setLevel(logging.ERROR)
    manager = _ReportingManager(notebook, progress_bar=False, autosave_cell_every=0)
    execute_here(manager, log=logger, timeout=limit)
    return {key: value for key, value in notebook.metadata.items() if key != "papermill"}, manager.changed()
