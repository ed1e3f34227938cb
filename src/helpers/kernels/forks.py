"""Tasks in fresh forks of a template process: the asking side.

>>> from helpers.kernels import Template
>>> with Template() as template:                                          # doctest: +SKIP
...     template.call("os:getpid")
"""

from __future__ import annotations

import os
import pickle
import signal
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from time import monotonic

from helpers.errors import TownshipError
from helpers.kernels.template import FORK, ONE_THREAD, READY, count_threads

GRACE = 10.0  # seconds a child may overrun its limit before it is ended from outside
START = "from helpers.kernels.template import main; main()"
SWITCH = "TOWNSHIP_FORK"  # 0 turns forking off, 1 tries it on systems where it is not the rule


class ForkError(TownshipError):
    """No fork is to be had: the template could not be started, or ended. The work can be done without."""


def can_fork() -> bool:
    """Whether kernels are forked here: on Linux, unless the environment says `TOWNSHIP_FORK=0`."""
    wish = os.environ.get(SWITCH, "")
    return hasattr(os, "fork") and (wish == "1" or (wish != "0" and sys.platform == "linux"))


@dataclass
class Child:
    """A fork at work on one task, and the process it was forked from; `note` is the last news it sent."""

    line: Connection
    pid: int
    template: subprocess.Popen
    note: dict = field(default_factory=dict)

    def kill(self) -> None:
        """End it and what it started, at once."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)


class Template:
    """A template process; `prepare` (`module:function`, called with `arguments`) imports and loads in it.

    Started by the first task, and again should it have been ended from outside. A context manager; closing it ends
    its children too.
    """

    def __init__(self, prepare: str = "", arguments: tuple = (), *, start_limit: float = 300.0) -> None:
        self.prepare, self.arguments, self.start_limit = prepare, arguments, start_limit
        self._process: subprocess.Popen | None = None
        self._control: socket.socket | None = None

    def __enter__(self) -> Template:
        return self

    def __exit__(self, *_) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The process id; None while it does not run."""
        return self._process.pid if self.alive else None

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    def count_threads(self) -> int:
        """The template's threads; it must have one."""
        return count_threads(self.pid)

    def start(self) -> None:
        """Start the process and wait until it is prepared; nothing to do when it runs.

        Raises ForkError when there is no fork here or the preparation failed.
        """
        if self.alive:
            return
        self.close()
        if not can_fork():
            raise ForkError(f"processes are not forked here (system {sys.platform}, {SWITCH}={os.environ.get(SWITCH, '')}).")
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        environment = {**os.environ, **ONE_THREAD}
        environment.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")  # as ipykernel sets it
        environment.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")  # no advice on debugging on stderr
        with theirs:
            self._process = subprocess.Popen([sys.executable, "-c", START, str(theirs.fileno())],
                                             pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, env=environment, start_new_session=True)
        self._control = ours
        ours.settimeout(self.start_limit)
        try:
            ours.sendall(pickle.dumps((self.prepare, self.arguments)))
            answer = ours.recv(4096)
        except OSError as error:
            answer = str(error).encode()
        if answer != READY:
            self.close()
            raise ForkError(f"the template process could not be prepared: {answer.decode(errors='replace') or 'it ended'}.")

    def submit(self, function: str, *arguments: object, **options: object) -> Child:
        """A fresh fork that calls `function` (`module:name`) with these arguments; they must be picklable.

        Raises ForkError when no fork is to be had.
        """
        self.start()
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                socket.send_fds(self._control, [FORK], [theirs.fileno()])
            line = Connection(ours.detach())
            _, pid = line.recv()
            line.send((function, arguments, options))
        except (OSError, EOFError) as error:
            raise ForkError(f"the template process could not fork ({error or 'it ended'}).") from error
        finally:
            ours.close()
        return Child(line, pid, self._process)

    def call(self, function: str, *arguments: object, limit: float | None = None, **options: object) -> object:
        """The value `function` returns in a fresh fork; what it raises is raised here.

        Raises TimeoutError after `limit` seconds without news, ChildProcessError when the fork ended without a word.
        """
        child = self.submit(function, *arguments, **options)
        for message in messages(child, limit):
            kind, value = message
            if kind == "failed":
                raise value
            if kind == "done":
                return value
        raise ChildProcessError("the process ended from outside.")

    def close(self) -> None:
        """End the template and its children."""
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            try:
                self._process.wait(2)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None


def messages(child: Child, limit: float | None = None) -> Iterator[tuple[str, object]]:
    """What a child sends until it ends; kills it and raises TimeoutError after `limit` seconds without a word."""
    try:
        while True:
            if limit is not None and not child.line.poll(limit):
                child.kill()
                raise TimeoutError(f"no word for {limit:g} s")
            try:
                yield child.line.recv()
            except (EOFError, OSError):
                return
    finally:
        child.line.close()


@dataclass(frozen=True)
class Done:
    """A finished task: its item, the value, or what went wrong with it (then the value is None)."""

    item: object
    value: object = None
    error: Exception | None = None


def run_all(template: Template, function: str, items: Iterable[object], *, workers: int, limit: float | None = None) -> Iterator[Done]:
    """Call `function` with each item in a fork of its own, at most `workers` at once; results as they come.

    A child without news for `limit` seconds is ended (its error is a TimeoutError); one that ends without a word
    brings a ChildProcessError. When the template itself was ended, its children's tasks are given out again, once.
    Raises ForkError when no fork is to be had, with everything that was running given up.
    """
    waiting, again = deque(items), set()
    running: dict[Connection, _Running] = {}
    try:
        while waiting or running:
            while waiting and len(running) < workers:
                item = waiting.popleft()
                child = template.submit(function, item)
                running[child.line] = _Running(item, child, limit)
            for task in _finished(running, limit):
                done = task.done()
                if isinstance(done.error, ChildProcessError) and id(task.item) not in again and not _outlived(task.child):
                    again.add(id(task.item))
                    waiting.append(task.item)
                else:
                    yield done
    finally:
        for task in running.values():
            task.child.kill()
            task.child.line.close()


class _Running:
    """A task at work: when it is overdue, and what came of it."""

    def __init__(self, item: object, child: Child, limit: float | None) -> None:
        self.item, self.child, self.limit = item, child, limit
        self.outcome: tuple[str, object] | None = None
        self.deadline = None
        self._extend()

    def _extend(self) -> None:
        self.deadline = None if self.limit is None else monotonic() + self.limit

    def read(self) -> bool:
        """Take one message; True when the task is over."""
        try:
            kind, value = self.child.line.recv()
        except (EOFError, OSError):
            self.outcome = ("failed", ChildProcessError("the process rendering it was ended from outside: run again."))
            return True
        if kind == "news":
            self.child.note = value
            self._extend()
            return False
        self.outcome = (kind, value)
        return True

    def overdue(self) -> bool:
        """End the child when its time is over; True when it was."""
        if self.deadline is None or monotonic() < self.deadline:
            return False
        self.child.kill()
        where = "".join(f" ({key} {value})" for key, value in self.child.note.items())
        self.outcome = ("failed", TimeoutError(f"no word from it for {self.limit:g} s{where}, so it was ended."))
        return True

    def done(self) -> Done:
        """The outcome for whoever asked."""
        self.child.line.close()
        kind, value = self.outcome
        return Done(self.item, value) if kind == "done" else Done(self.item, error=value)


def _finished(running: dict[Connection, _Running], limit: float | None) -> Iterator[_Running]:
    """The tasks that are over, taken out of `running`; waits for at least one message or deadline."""
    deadlines = [task.deadline for task in running.values() if task.deadline is not None]
    patience = max(0.0, min(deadlines) - monotonic()) if deadlines else None
    ready = set(wait(list(running), patience))
    for line in list(running):
        task = running[line]
        if (line in ready and task.read()) or (line not in ready and task.overdue()):
            yield running.pop(line)


def _outlived(child: Child, patience: float = 0.5) -> bool:
    """Whether the template a child was forked from is still there a moment after the child ended."""
    with suppress(subprocess.TimeoutExpired):
        child.template.wait(patience)
    return child.template.returncode is None
