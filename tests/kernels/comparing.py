"""Executed notebooks side by side: everything a reader could see, and nothing that is a matter of the clock."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

import papermill
from nbformat import NotebookNode, read
from papermill.exceptions import PapermillExecutionError

# A process has another number, and an object another address, each time.
PASSING = [(re.compile(r"ipykernel_\d+"), "ipykernel_N"), (re.compile(r"0x[0-9a-f]{6,}"), "0xADDRESS")]


def execute(source: Path, out: Path, **options) -> NotebookNode:
    """Execute with papermill, cold without an engine; the notebook as it was written, failed or not."""
    os.environ.pop("PYTEST_CURRENT_TEST", None)  # under pytest ipykernel would leave the file descriptors alone
    with suppress(PapermillExecutionError):
        papermill.execute_notebook(str(source), str(out), progress_bar=False, **options)
    return read(out, 4)


def whole(run: Callable[[], NotebookNode], pieces: Iterable[str], tries: int = 8) -> NotebookNode:
    """What `run` executes, again until all `pieces` are among the outputs.

    What a cell writes to a file descriptor is handed on by a thread of ipykernel, which on a busy machine may come
    after the cell has ended: then it is in no output.
    """
    for _ in range(tries - 1):
        notebook = run()
        text = "".join(str(cell.get("outputs", "")) for cell in notebook.cells)
        if all(piece in text for piece in pieces):
            return notebook
    return run()


def shown(notebook: NotebookNode) -> list[tuple]:
    """For each cell (papermill's own error marks aside): source, execution count, papermill's verdict, outputs (the pieces of a stream joined)."""
    return [(cell.source, cell.get("execution_count"), cell.metadata.papermill.get("exception"),
             cell.metadata.papermill.get("status"), _outputs(cell)) for cell in notebook.cells if "papermill-error-cell-tag" not in cell.metadata.get("tags", [])]


def _outputs(cell: NotebookNode) -> list[str]:
    """A stream arrives in as many pieces as the clock decides, so that only its whole text can be compared."""
    streams: dict[str, str] = {}
    others = []
    for output in cell.get("outputs", []):
        if output.output_type == "stream":
            streams[output.name] = streams.get(output.name, "") + output.text
        else:
            others.append(output)
    text = [*(f"{name}: {text}" for name, text in sorted(streams.items())), *(str(dict(sorted(output.items()))) for output in others)]
    for pattern, word in PASSING:
        text = [pattern.sub(word, piece) for piece in text]
    return text
