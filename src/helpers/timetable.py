"""The main job on a timetable: a crontab line, one run at a time, a missed one caught up once.

What was due last and came of it stands in `schedule.json` beside the pages. A run that was due while nobody waited
for it (the machine was off, the run before it was still going) is made up for, once, however many were missed; one
that was stopped half-way is begun again at the next start.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from helpers.errors import InputError
from helpers.workspace import MARK, make_writable, write_text

FILE, LOCK = "schedule.json", ".schedule.lock"
GLANCE = 30.0  # seconds between looks at the clock: it may be set, or the machine sleep
LATE = timedelta(minutes=1)  # a run that begins later than this was missed
FAREWELL = 30.0  # seconds a run that was asked to end may take
STOPPED = -int(signal.SIGTERM)


def check_line(line: str) -> str:
    """The five fields of a crontab line, blanks tidied.

    Raises InputError where it is none, or names a day that never comes.

    >>> check_line(" 0 6  1 * * ")
    '0 6 1 * *'
    """
    fields = line.split()
    if len(fields) != 5:
        raise InputError(f"the timetable {line!r} has {len(fields)} fields, not five: minute hour day month weekday, such as '0 6 1 * *'.")
    due_after(" ".join(fields), datetime(2000, 1, 1))
    return " ".join(fields)


def due_after(line: str, moment: datetime) -> datetime:
    """The next time after `moment` (local time, no zone) that the line names, read as Debian's cron reads it.

    Weekday 0 and 7 are Sunday; a day of the month and a weekday given together are alternatives.
    Raises InputError for a line that is none.

    >>> due_after("0 6 1 * *", datetime(2026, 1, 1, 6, 0))
    datetime.datetime(2026, 2, 1, 6, 0)
    >>> due_after("30 7 * * 0", datetime(2026, 1, 1)).strftime("%A")
    'Sunday'
    """
    return next(_times(line, moment))


def missed_by(line: str, since: datetime, now: datetime) -> datetime | None:
    """The last time after `since` and up to `now` that the line names; None where there is none.

    >>> missed_by("0 6 1 * *", datetime(2026, 1, 1, 6, 0), datetime(2026, 4, 15))
    datetime.datetime(2026, 4, 1, 6, 0)
    >>> missed_by("0 6 1 * *", datetime(2026, 4, 1, 6, 0), datetime(2026, 4, 15)) is None
    True
    """
    last = next(_times(line, now + timedelta(seconds=1), backwards=True))
    return last if last > since else None


def _times(line: str, moment: datetime, backwards: bool = False) -> Iterator[datetime]:
    from cronsim import CronSim, CronSimError

    try:
        yield from CronSim(line, moment.replace(microsecond=0), reverse=backwards)
    except CronSimError as error:
        raise InputError(f"the timetable {line!r} cannot be read ({str(error).lower()}): minute hour day month weekday, such as '0 6 1 * *'.") from error
    raise InputError(f"the timetable {line!r} names a day that never comes.")


@dataclass
class Kept:
    """What `schedule.json` holds: the line, the time that was due last, when its run ended and its exit code."""

    line: str
    due: str
    ended: str = ""
    exit: int | None = None

    @classmethod
    def read(cls, folder: Path, line: str, now: datetime) -> Kept:
        """What was kept of this line; of a line that is new, that nothing was due before now."""
        with suppress(OSError, ValueError, TypeError, KeyError):
            kept = cls(**json.loads((folder / FILE).read_text(encoding="utf-8")))
            if kept.line == line and datetime.fromisoformat(kept.due) <= now:
                return kept
        return cls(line, now.isoformat(timespec="seconds"))

    def write(self, folder: Path) -> None:
        write_text(folder / FILE, json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n")


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Keep `folder` to one timetable; the system lets go when the process ends, however it ends.

    Raises InputError while another one runs there, or where nothing can be written.
    """
    make_writable(folder)
    write_text(folder / MARK, "Written by township; documents are not looked for here.\n")
    try:
        import fcntl
    except ImportError:
        yield
        return
    with (folder / LOCK).open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InputError(f"another timetable is running for {folder}: stop that one first, or give another folder with --out.") from error
        except OSError:
            pass  # a network file system without locks
        yield


def follow(line: str, job: Callable[[threading.Event], int], folder: Path, stop: threading.Event, say: Callable[[str], None],
           clock: Callable[[], datetime] = datetime.now) -> None:
    """Call `job` whenever the line is due, one call at a time, until `stop` is set.

    `job` is handed `stop`, ends soon after it is set, and gives back an exit code. Raises InputError for a line that
    is none and while another timetable runs for `folder`.
    """
    line = check_line(line)
    with held(folder):
        kept = Kept.read(folder, line, clock())
        kept.write(folder)
        announced = None
        while not stop.is_set():
            last = datetime.fromisoformat(kept.due)
            due = missed_by(line, last, clock())
            if due is None:
                due = due_after(line, last)
                if due != announced:
                    say(f"next run: {due:%Y-%m-%d %H:%M}")
                    announced = due
                stop.wait(max(0.05, min(GLANCE, (due - clock()).total_seconds())))
                continue
            say(f"run of {due:%Y-%m-%d %H:%M} begins" + (" (it was missed)" if clock() - due > LATE else ""))
            code = job(stop)
            if stop.is_set() and code < 0:
                say(f"run of {due:%Y-%m-%d %H:%M} was stopped: it is begun again at the next start")
                return
            kept = Kept(line, due.isoformat(), clock().isoformat(timespec="seconds"), code)
            kept.write(folder)
            say(f"run of {due:%Y-%m-%d %H:%M} ended with exit code {code}")


def run_command(command: Sequence[str], stop: threading.Event) -> int:
    """Run a command in a process group of its own; its exit code, negative where it ended by a signal.

    When `stop` is set it is asked to end (SIGTERM, with what it started), and ended when it does not.
    """
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        while process.poll() is None and not stop.wait(0.1):
            pass
        if process.poll() is None:
            _signal(process, signal.SIGTERM)
            process.wait(FAREWELL)
            return STOPPED
    except subprocess.TimeoutExpired:
        pass
    finally:
        _signal(process, signal.SIGKILL)  # what a run leaves behind must not meet the next one
        process.wait()
    return process.returncode


def _signal(process: subprocess.Popen, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


@contextmanager
def stopped_by_signal(stop: threading.Event) -> Iterator[None]:
    """SIGTERM and Ctrl-C set `stop`, as long as the block lasts."""
    def hear(*_: object) -> None:
        stop.set()

    before = {number: signal.signal(number, hear) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
