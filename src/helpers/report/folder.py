"""The folder a run writes to: made, held by one run at a time, cleared of what a killed run left half done."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from helpers.errors import InputError
from helpers.workspace import make_writable

# Files are written under a name that begins with a dot and moved into place when they are whole.
LEFT_BEHIND = (".*.html.*", ".run.json.*", "notebooks/.*.ipynb", "notebooks/.*.ipynb.*")


def make(out: Path) -> None:
    """Make the folder where it is not there yet.

    Raises InputError when it cannot be made, or not be written.
    """
    try:
        make_writable(out)
    except InputError as error:
        raise InputError(f"{error} Another folder is given with --out.") from error


@contextmanager
def held(out: Path) -> Iterator[None]:
    """Hold the folder for this run; the system lets go of it when the process ends, however it ends.

    Raises InputError while another run holds it. Where folders cannot be locked, two runs are not kept apart.
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    descriptor = os.open(out, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InputError(f"another run is writing to {out}: wait until it has ended, or give another folder with --out.") from error
        except OSError:
            pass  # a network file system without locks
        yield
    finally:
        os.close(descriptor)


def sweep(out: Path) -> int:
    """Remove what a killed run left half written; gives back how many files that were. Call it while holding `out`."""
    left = [path for pattern in LEFT_BEHIND for path in out.glob(pattern) if path.is_file()]
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)
