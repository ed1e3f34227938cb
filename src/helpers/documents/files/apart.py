"""Files are opened by a process of its own: one that breaks the program reading it, or eats its memory, costs one document.

The process is started with the first file, reads one after the other, and ends with `close` or with its parent. It
may use a gibibyte of memory and, for each file, 60 seconds of a processor.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import helpers
from helpers.documents.files.taken import Taken, Unreadable

MEMORY = 1 << 30  # bytes
SECONDS = 60  # of processor time, for one file
_PLACE = str(Path(helpers.__file__).resolve().parents[1])
_reader: subprocess.Popen | None = None
_owner = 0


def take_text(data: bytes | str, kind: str) -> Taken:
    """The text of a file of this kind (see `kinds`); web pages and CSV are given as decoded text.

    Raises Unreadable, with the reason and the way out, when there is none to be had.
    """
    body = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    reader = _started()
    try:
        reader.stdin.write(json.dumps({"kind": kind, "size": len(body)}).encode() + b"\n" + body)
        reader.stdin.flush()
        answer = reader.stdout.readline()
    except BrokenPipeError:
        answer = b""
    if not answer:
        code = reader.wait()
        close()
        raise Unreadable(_why(code))
    told = json.loads(answer)
    if "error" in told:
        raise Unreadable(told["error"])
    return Taken(told["text"], tuple(told["notes"]))


def close() -> None:
    """End the reading process, if there is one."""
    global _reader
    if _reader is not None and _owner == os.getpid():
        _reader.stdin.close()
        _reader.stdout.close()
        _reader.wait()
    _reader = None


def _started() -> subprocess.Popen:
    """The reading process of this one, started where there is none."""
    global _reader, _owner
    if _reader is None or _owner != os.getpid() or _reader.poll() is not None:
        paths = [_PLACE, *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "1"}
        _reader = subprocess.Popen([sys.executable, "-m", "helpers.documents.files.child"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL, env=environment)
        _owner = os.getpid()
    return _reader


def _why(code: int) -> str:
    """What the end of the reading process says of the file it read."""
    if code == -signal.SIGPROF:
        return f"reading it took more than {SECONDS} seconds: split it, or save only its text anew"
    return f"the program that reads such files broke off at it ({code}): it is broken, or needs more than 1 GiB of memory; save it anew, or split it"


atexit.register(close)
