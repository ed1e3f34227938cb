"""The process that opens files for `apart`: requests come in on stdin, answers go out on stdout, a line of JSON each."""

from __future__ import annotations

import importlib
import json
import os
import resource
import signal
import sys

from helpers.documents.files.apart import MEMORY, SECONDS
from helpers.documents.files.taken import Taken, Unreadable

_READERS = {"docx": ("word", "take"), "doc": ("word", "take_old"), "xlsx": ("sheets", "take_xlsx"), "xls": ("sheets", "take_xls"),
            "csv": ("sheets", "take_csv"), "html": ("web", "take"), "pdf": ("pdf", "take")}
_DECODED = ("csv", "html")


def take(kind: str, body: bytes) -> Taken:
    """The text of a file, by the module that knows its kind. Raises Unreadable."""
    module, function = _READERS[kind]
    reader = getattr(importlib.import_module(f"helpers.documents.files.{module}"), function)
    try:
        return reader(body.decode("utf-8", "surrogatepass") if kind in _DECODED else body)
    except Unreadable:
        raise
    except MemoryError as error:
        raise Unreadable("reading it needs more than 1 GiB of memory: split it, or save only its text anew") from error
    except RecursionError as error:
        raise Unreadable("its parts lie too deep within each other: save its text anew") from error
    except Exception as error:
        # A library that meets a file it was not made for may raise anything; here it costs one document.
        raise Unreadable(f"it cannot be read ({type(error).__name__}: {error}): open it and save it anew") from error


def main() -> None:
    """Answer requests until there are no more."""
    # What libraries print must not get between the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    while line := sys.stdin.buffer.readline():
        asked = json.loads(line)
        body = sys.stdin.buffer.read(asked["size"])
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        try:
            taken = take(asked["kind"], body)
            answer = {"text": taken.text, "notes": taken.notes}
        except Unreadable as error:
            answer = {"error": str(error)}
        signal.setitimer(signal.ITIMER_PROF, 0)
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()


if __name__ == "__main__":
    main()
