"""The real IPython kernel without its sockets: cells run in this process, messages stay in memory.

`ipykernel` makes the messages and `nbclient` turns them into outputs, exactly as they do over ZMQ; what is left out
is the transport between them, with its threads, ports and waiting. Meant for a process that ends with the
notebook (`helpers.kernels.template`): nothing here is cleaned up for a second one.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import ipykernel_launcher
import zmq
from ipykernel.iostream import BackgroundSocket, IOPubThread, OutStream
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.clientwrap import PapermillNotebookClient
from tornado.ioloop import IOLoop
from traitlets import Any

STREAMS = {"stdout": 1, "stderr": 2}


class Outbox(IOPubThread):
    """Where the kernel's published messages gather; stands in for the thread that would send them."""

    def __init__(self, session) -> None:
        self.session, self.pid, self.messages = session, os.getpid(), deque()
        self.thread = threading.Thread()  # never started, which makes ipykernel send at once
        self.io_loop = SimpleNamespace(call_later=lambda *_: None)
        self.background_socket = BackgroundSocket(self)
        self.socket = self

    def schedule(self, f: Callable[[], None]) -> None:
        """Call at once."""
        f()

    def send_multipart(self, parts, *_args, **_options) -> None:
        """Keep a message; a process forked by a cell hands its text on through the file descriptors."""
        message = _decoded(self.session, parts)
        if os.getpid() == self.pid:
            self.messages.append(message)
        elif message["msg_type"] == "stream":
            os.write(STREAMS[message["content"]["name"]], message["content"]["text"].encode())


class Replies:
    """The shell channel's way back: one list of replies."""

    def __init__(self, session) -> None:
        self.session, self.messages = session, deque()

    def send_multipart(self, parts, *_args, **_options) -> None:
        """Keep a reply."""
        self.messages.append(_decoded(self.session, parts))


def _decoded(session, parts) -> dict:
    """A message as it would arrive: through JSON, so that a tuple is a list there as well."""
    _, frames = session.feed_identities([part if isinstance(part, bytes) else bytes(part) for part in parts])
    return session.deserialize(frames)


class DirectStream(OutStream):
    """stdout or stderr of the cells: what Python prints, and what is written to the file descriptor below it."""

    def __init__(self, session, outbox: Outbox, name: str, **options) -> None:
        options["watchfd"] = False
        super().__init__(session, outbox, name, **options)
        descriptor = STREAMS[name]
        self._original_stdstream_copy = os.dup(descriptor)
        self._below = os.memfd_create(name) if hasattr(os, "memfd_create") else None
        self._read = 0
        if self._below is not None:
            os.dup2(self._below, descriptor)

    def _flush(self) -> None:
        if self._below is not None and os.getpid() == self._master_pid:
            size = os.fstat(self._below).st_size
            if size > self._read:
                text = os.pread(self._below, size - self._read, self._read).decode(errors="replace")
                self._read = size
                self.write(text)
        super()._flush()


class DirectKernel(IPythonKernel):
    """The IPython kernel, its requests handed over in memory."""

    shell_stream = Any()

    @property
    def _supports_kernel_subshells(self) -> bool:
        return False

    def _abort_queues(self, subshell_id: str | None = None) -> None:
        """No request ever waits behind another here."""


class DirectApp(IPKernelApp):
    """The kernel application up to the point where it would open sockets and start threads."""

    def init_connection_file(self) -> None:
        """No connection: messages stay in this process."""

    write_connection_file = log_connection_info = init_heartbeat = init_poller = init_connection_file

    def init_sockets(self) -> None:
        """Boxes in place of sockets."""
        self.session.key = b""  # no signatures: nobody else can write to the boxes
        self.session.check_pid = False
        self.iopub_thread = Outbox(self.session)
        self.iopub_socket = self.iopub_thread.background_socket
        self.outstream_class = f"{__name__}.DirectStream"

    def init_kernel(self) -> None:
        """The kernel with the boxes in place of its streams."""
        self.kernel = DirectKernel.instance(
            parent=self, session=self.session, shell_stream=Replies(self.session), iopub_thread=self.iopub_thread,
            iopub_socket=self.iopub_socket, log=self.log, profile_dir=self.profile_dir, user_ns=self.user_ns,
            shell_channel_thread=SimpleNamespace(parent_thread=threading.main_thread()))
        self.displayhook.get_execution_count = lambda: self.kernel.execution_count


def start_kernel() -> DirectKernel:
    """A kernel in this process, as `python -m ipykernel_launcher` would start it for nbclient; once a process."""
    arguments = ["--HistoryManager.hist_file=:memory:"]
    sys.argv = [str(Path(ipykernel_launcher.__file__)), *arguments]
    app = DirectApp.instance()
    app.initialize(arguments)
    app.kernel.shell.exit_now = False
    return app.kernel


class Channel:
    """One direction of a kernel client: waiting messages, first come first served."""

    def __init__(self, client: DirectClient, messages: deque) -> None:
        self._client, self._messages = client, messages

    async def get_msg(self, timeout: float | None = None) -> dict:
        """The next message; raises DeadKernelError when there is none, for none can come later."""
        if not self._messages:
            await self._client.catch_up()
        if not self._messages:
            raise DeadKernelError("The kernel gave no answer.")
        return self._messages.popleft()

    def send(self, message: dict) -> None:
        """Hand the kernel a message (a widget's answer) before its next request."""
        self._client.waiting.append(message)


class DirectClient:
    """What nbclient needs of a kernel client and a kernel manager, for a kernel in this process."""

    has_kernel = True
    allow_stdin = False

    def __init__(self, kernel: DirectKernel) -> None:
        self.kernel, self.session, self.waiting = kernel, kernel.session, deque()
        self.shell_channel = Channel(self, kernel.shell_stream.messages)
        self.iopub_channel = Channel(self, kernel.iopub_thread.messages)

    def client(self) -> DirectClient:
        """The manager's client: itself."""
        return self

    def start_channels(self) -> None:
        """Nothing to open."""

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Ready as soon as it is made."""

    async def is_alive(self) -> bool:
        """As alive as this process."""
        return True

    async def execute(self, code: str, store_history: bool = True, stop_on_error: bool = True) -> str:
        """Run `code` to its end; gives back the message id its outputs carry."""
        name = self._queue("execute_request", {
            "code": code, "silent": False, "store_history": store_history, "user_expressions": {}, "allow_stdin": False,
            "stop_on_error": stop_on_error})
        await self.catch_up()
        return name

    def kernel_info(self) -> str:
        """Ask the kernel about itself; gives back the message id of its answer."""
        return self._queue("kernel_info_request", {})

    def _queue(self, kind: str, content: dict) -> str:
        message = self.session.msg(kind, content)
        self.waiting.append(message)
        return message["msg_id"]

    async def catch_up(self) -> None:
        """Let the kernel answer every request that waits."""
        self.kernel.io_loop = IOLoop.current()
        while self.waiting:
            message = self.waiting.popleft()
            frames = [*self.session.serialize(message, b"here"), *message.get("buffers", [])]
            await self.kernel.dispatch_shell([zmq.Message(frame) for frame in frames])


class CellOverran(BaseException):
    """Raised inside a cell that has had its time; no `except Exception` of the cell may keep it."""


class DirectNotebookClient(PapermillNotebookClient):
    """Papermill's own client on a kernel in this process; a cell's time limit is an alarm."""

    def execute_cell(self, cell, cell_index, *args, **options):
        """Run one cell; raises CellTimeoutError when it takes longer than its limit."""
        limit = self._get_timeout(cell) if cell.cell_type == "code" else None
        with _alarm(limit) as rung:
            try:
                return super().execute_cell(cell, cell_index, *args, **options)
            except BaseException:
                if not rung:
                    raise
            cell.outputs = [output for output in cell.outputs if output.get("ename") != CellOverran.__name__]
            raise CellTimeoutError.error_from_timeout_and_cell("Cell execution timed out", limit, cell) from None


@contextmanager
def _alarm(seconds: float | None) -> Iterator[list[float]]:
    """Raise CellOverran in the main thread after `seconds`, again each second until the block is left."""
    rung: list[float] = []

    def ring(*_) -> None:
        rung.append(seconds)
        raise CellOverran

    if not seconds:
        yield rung
        return
    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
    try:
        yield rung
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def execute_here(nb_man, **options) -> None:
    """Execute a papermill-managed notebook in this process (once a process); outputs as a kernel's would be.

    `options` are those of `papermill.clientwrap.PapermillNotebookClient`. Raises CellTimeoutError; an error in a
    cell is left in the notebook, as papermill expects it.
    """
    client = DirectNotebookClient(nb_man, km=DirectClient(start_kernel()), **options)
    try:
        client.execute()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
