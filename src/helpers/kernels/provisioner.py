"""The kernel provisioner `township-fork`: real IPython kernels for any Jupyter program, forked instead of started.

    JUPYTER_DEFAULT_PROVISIONER_NAME=township-fork jupyter execute notebook.ipynb

or `"metadata": {"kernel_provisioner": {"provisioner_name": "township-fork"}}` in a kernel.json. The kernel talks over
`ipc` sockets. Kernels of another Python, and systems without fork, are started as always.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from helpers.kernels.forks import Child, ForkError, can_fork


class ForkedKernel:
    """A forked child with the methods of `subprocess.Popen` that a provisioner uses."""

    stdin = stdout = stderr = None

    def __init__(self, child: Child) -> None:
        self.child, self.pid, self.returncode = child, child.pid, None

    def poll(self) -> int | None:
        """0 once it has ended, None before; its line closes with it."""
        if self.returncode is None and self.child.line.poll(0):
            self.returncode = 0
            self.child.line.close()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; raises subprocess.TimeoutExpired."""
        if self.returncode is None and not self.child.line.poll(timeout):
            raise subprocess.TimeoutExpired("kernel", timeout)
        return self.poll()

    def send_signal(self, number: int) -> None:
        """Send it a signal while it runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)


class ForkProvisioner(LocalProvisioner):
    """Launches kernels as forks of the template this process shares."""

    sockets: str = ""

    async def pre_launch(self, **kwargs):
        """Choose `ipc` sockets in a folder of their own before the connection file is written."""
        if self.parent is not None and can_fork() and not self.has_process and not self.sockets:
            self.sockets = tempfile.mkdtemp(prefix="kernel-")
            self.parent.transport, self.parent.ip = "ipc", str(Path(self.sockets) / "s")
        return await super().pre_launch(**kwargs)

    async def launch_kernel(self, cmd, **kwargs):
        """Fork the kernel; start it as always where that cannot be."""
        if can_fork() and _is_ipykernel(cmd):
            from helpers.kernels.stack import shared_template

            try:
                child = shared_template().submit("helpers.kernels.provisioner:become_kernel", cmd, str(kwargs.get("cwd") or Path.cwd()),
                                                 dict(kwargs.get("env") or os.environ))
            except ForkError as error:
                self.log.warning("%s The kernel is started as always.", error)
            else:
                self.process, self.pid, self.pgid, self.cwd = ForkedKernel(child), child.pid, child.pid, kwargs.get("cwd")
                return self.connection_info
        return await super().launch_kernel(cmd, **kwargs)

    async def cleanup(self, restart=False):
        """Remove the folder of the sockets."""
        await super().cleanup(restart=restart)
        if self.sockets and not restart:
            shutil.rmtree(self.sockets, ignore_errors=True)


def _is_ipykernel(command: list[str]) -> bool:
    same = Path(command[0]).resolve() == Path(sys.executable).resolve() and Path(command[0]).parent == Path(sys.executable).parent
    return same and command[1:3] == ["-m", "ipykernel_launcher"]


def become_kernel(command: list[str], folder: str, environment: dict[str, str]) -> None:
    """In a child: be the kernel that `command` would have started, until it is shut down."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    import ipykernel_launcher
    from ipykernel.kernelapp import IPKernelApp

    sys.argv = [str(Path(ipykernel_launcher.__file__)), *command[3:]]
    IPKernelApp.launch_instance([*command[3:], "--IPKernelApp.parent_handle=1"])
