"""The template process: everything is imported and loaded once, then each task gets a fresh fork of it.

`main` serves the socket the process was started with (`helpers.kernels.forks` is the other end). It has one thread and no ZMQ context, no event loop and no subprocess of its own, so that a child
finds no lock that somebody held at the moment of the fork. A child runs one task and ends; its line to whoever
asked is a socket of its own, so nothing passes through the template but the request to fork.
"""

from __future__ import annotations

import atexit
import ctypes
import gc
import importlib
import os
import pickle
import random
import signal
import socket
import sys
import warnings
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

# Native pools start their threads when they are imported, or read their first file; Arrow's allocator has one as well.
ONE_THREAD = {
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS",
                     "VECLIB_MAXIMUM_THREADS", "BLIS_NUM_THREADS", "ARROW_IO_THREADS"), "1"),
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}
READY, FORK = b"ready", b"fork"
_PR_SET_PDEATHSIG = 1

_line: Connection | None = None


def is_child() -> bool:
    """Whether this process was forked from a template to run one task."""
    return _line is not None


def tell(**news: object) -> None:
    """Send word to whoever gave this child its task; a time limit on the task begins anew. Nothing elsewhere."""
    if _line is not None:
        _line.send(("news", news))


def resolve(name: str) -> Callable:
    """The function `package.module:function`.

    >>> resolve("os.path:basename")("/a/b")
    'b'
    """
    module, _, attribute = name.partition(":")
    return getattr(importlib.import_module(module), attribute)


def count_threads(pid: int | None = None) -> int:
    """How many threads a process has (this one without `pid`); counted by the system, native ones too.

    >>> count_threads() >= 1
    True
    """
    return sum(1 for _ in Path(f"/proc/{pid or 'self'}/task").iterdir())


def serve(control: socket.socket) -> None:
    """Prepare as told, say so, then fork a child for every request until the line is closed."""
    name, arguments = pickle.loads(control.recv(1 << 16))
    try:
        _prepare(name, arguments)
    except Exception as error:
        control.sendall(f"{type(error).__name__}: {error}".encode()[:4000])
        return
    control.sendall(READY)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children are reaped by the system
    own = os.getpid()
    while True:
        request, descriptors, _, _ = socket.recv_fds(control, len(FORK), 1)
        if request != FORK or len(descriptors) != 1:
            return
        if os.fork() == 0:
            control.close()
            _child(descriptors[0], own)
        os.close(descriptors[0])


def _prepare(name: str, arguments: tuple) -> None:
    """Call the preparing function; what it drew, warned or counted must not show in a child."""
    with warnings.catch_warnings():  # leaving the block forgets which warnings were given already
        warnings.simplefilter("ignore")
        if name:
            resolve(name)(*arguments)
    threads = count_threads()
    if threads > 1:
        raise RuntimeError(f"the template has {threads} threads after {name}: a fork of it would not be safe.")
    gc.collect()
    gc.freeze()


def _child(descriptor: int, template: int) -> None:
    """One task, then the end of the process; never returns."""
    global _line
    status = 1
    try:
        _become_fresh(template)
        _line = Connection(descriptor)
        _line.send(("pid", os.getpid()))
        function, arguments, options = _line.recv()
        _send_result(_line, function, arguments, options)
        status = 0
    except (OSError, EOFError):
        status = 2  # whoever asked has gone
    finally:
        os._exit(status)


def _send_result(line: Connection, function: str, arguments: tuple, options: dict) -> None:
    try:
        result = ("done", resolve(function)(*arguments, **options))
    except Exception as error:
        result = ("failed", error)
    atexit._run_exitfuncs()
    try:
        line.send(result)
    except (pickle.PicklingError, TypeError, AttributeError):
        line.send(("failed", RuntimeError(f"{type(result[1]).__name__}: {result[1]}")))


def _become_fresh(template: int) -> None:
    """What a process started anew would have for itself: signals, a session, random numbers, its own end."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != template:
            os._exit(2)
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    atexit._clear()
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()


def main() -> None:
    """Serve the socket whose descriptor is the first argument."""
    if sys.path[0] == "":
        del sys.path[0]  # as `ipykernel_launcher` does: the folder a kernel is started in holds no modules
    serve(socket.socket(fileno=int(sys.argv[1])))

