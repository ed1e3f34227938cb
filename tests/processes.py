"""Has a process ended? What the tests that kill processes ask."""

from __future__ import annotations

import time
from pathlib import Path


def gone(pid: int, seconds: float = 20) -> bool:
    """True as soon as the process has ended (a zombie has), False if it is still there after so many seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        except (FileNotFoundError, ProcessLookupError):  # the latter: it ended between opening and reading
            return True
        if status.rsplit(")", 1)[1].split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False
