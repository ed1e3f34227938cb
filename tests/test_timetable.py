"""The main job on a timetable: due when cron would say so, missed runs made up for once, one at a time, stopped cleanly."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from helpers import timetable
from helpers.cli import main
from helpers.errors import InputError
from processes import gone

PROJECT = Path(__file__).resolve().parents[1]
SOON = 90  # seconds within which a loaded machine gets something done


@pytest.mark.parametrize(("line", "after", "expected", "why"), [
    ("0 6 1 * *", "2026-01-31 23:59", "2026-02-01 06:00", "the first of a month"),
    ("0 6 1 * *", "2026-02-01 06:00", "2026-03-01 06:00", "after, not at"),
    ("0 6 * * 0", "2026-11-16 12:00", "2026-11-22 06:00", "0 is Sunday, as in cron"),
    ("0 6 * * 7", "2026-11-16 12:00", "2026-11-22 06:00", "and so is 7"),
    ("0 6 1 * 1", "2026-11-17 12:00", "2026-11-23 06:00", "a day of the month or a weekday, whichever comes first"),
    ("*/15 8-9 * * *", "2026-11-17 08:50", "2026-11-17 09:00", "steps and ranges"),
    ("0 0 29 2 *", "2026-03-01 00:00", "2028-02-29 00:00", "a leap day"),
])
def test_a_line_is_due_when_cron_says_so(line, after, expected, why):
    assert timetable.due_after(line, datetime.fromisoformat(after)) == datetime.fromisoformat(expected), why


@pytest.mark.parametrize(("line", "message"), [
    ("0 6 1 *", "4 fields"), ("", "0 fields"), ("0 0 6 1 * *", "6 fields"), ("61 6 1 * *", "bad minute"),
    ("0 6 32 * *", "bad day-of-month"), ("0 6 30 2 *", "bad day-of-month|never comes"), ("@monthly", "1 fields"), ("a b c d e", "bad minute"),
])
def test_a_line_that_is_none_is_refused_with_an_example(line, message):
    with pytest.raises(InputError, match=f"(?i)({message})") as caught:
        timetable.check_line(line)
    assert "'0 6 1 * *'" in str(caught.value) or "never comes" in str(caught.value)


@pytest.fixture(autouse=True)
def hurried(monkeypatch):
    """Looks at the clock hours apart, short farewells: tests have less time than a timetable."""
    monkeypatch.setattr(timetable, "GLANCE", 3 * 3600.0)
    monkeypatch.setattr(timetable, "FAREWELL", 0.5)


class Clock:
    """A clock that a test moves, and the event that moves it: waiting takes no time."""

    def __init__(self, start: str, runs: int, lasting: timedelta = timedelta(0)) -> None:
        self.now, self.left, self.lasting, self.began = datetime.fromisoformat(start), runs, lasting, []
        self.stop = threading.Event()
        self.stop.wait = self._wait

    def __call__(self) -> datetime:
        return self.now

    def _wait(self, seconds: float) -> bool:
        self.now += timedelta(seconds=max(seconds, 1))
        return self.stop.is_set()

    def job(self, stop: threading.Event) -> int:
        """A run that takes its time; the last one ends the timetable."""
        self.began.append(self.now)
        self.now += self.lasting
        self.left -= 1
        if not self.left:
            stop.set()
        return 0


def follow(clock: Clock, folder: Path, line: str = "0 6 1 * *") -> list[str]:
    said: list[str] = []
    timetable.follow(line, clock.job, folder, clock.stop, said.append, clock)
    return said


def test_the_job_runs_at_its_hour_and_not_at_the_start(tmp_path):
    clock = Clock("2026-01-31 20:00", runs=2)
    said = follow(clock, tmp_path)
    assert [f"{began:%m-%d %H:%M}" for began in clock.began] == ["02-01 06:00", "03-01 06:00"]
    assert said[0] == "next run: 2026-02-01 06:00" and "missed" not in " ".join(said)


def test_runs_that_were_missed_are_made_up_for_by_one(tmp_path):
    follow(Clock("2026-01-31 20:00", runs=1), tmp_path)
    clock = Clock("2026-05-20 09:30", runs=1)
    said = follow(clock, tmp_path)
    assert clock.began == [datetime(2026, 5, 20, 9, 30)] and "2026-05-01 06:00 begins (it was missed)" in said[0]
    clock = Clock("2026-05-20 10:00", runs=1)
    follow(clock, tmp_path)
    assert clock.began[0] == datetime(2026, 6, 1, 6, 0), "once is enough"


def test_a_run_that_outlasts_the_next_hours_is_followed_by_one(tmp_path):
    clock = Clock("2026-01-01 00:30", runs=3, lasting=timedelta(hours=3, minutes=20))
    follow(clock, tmp_path, "0 * * * *")
    assert [f"{began:%H:%M}" for began in clock.began] == ["01:00", "04:20", "07:40"]


def test_a_new_line_owes_nothing_of_the_old_one(tmp_path):
    follow(Clock("2026-01-31 20:00", runs=1), tmp_path)
    clock = Clock("2026-05-20 09:30", runs=1)
    follow(clock, tmp_path, "0 7 * * *")
    assert clock.began[0] == datetime(2026, 5, 21, 7, 0)


def test_a_run_that_failed_is_noted_and_the_next_one_comes(tmp_path):
    clock = Clock("2026-01-31 20:00", runs=1)
    job = clock.job
    clock.job = lambda stop: job(stop) or 1
    said = follow(clock, tmp_path)
    assert said[-1].endswith("ended with exit code 1")
    assert json.loads((tmp_path / timetable.FILE).read_text())["exit"] == 1


def test_a_state_that_cannot_be_read_is_begun_anew(tmp_path):
    (tmp_path / timetable.FILE).write_text('{"line": 3', encoding="utf-8")
    clock = Clock("2026-01-31 20:00", runs=1)
    follow(clock, tmp_path)
    assert clock.began == [datetime(2026, 2, 1, 6, 0)]


def test_two_timetables_for_one_folder_are_refused(tmp_path):
    with timetable.held(tmp_path), pytest.raises(InputError, match="another timetable"), timetable.held(tmp_path):
        pass
    with timetable.held(tmp_path):
        pass


def test_a_stopped_run_ends_with_everything_it_started_and_is_begun_again(tmp_path):
    stop, mark = threading.Event(), tmp_path / "child"
    command = ["sh", "-c", f"trap '' TERM; sleep 600 & echo $! > {mark}; wait"]
    now = datetime(2026, 1, 31, 20, 0)
    timetable.Kept("0 6 1 * *", datetime(2026, 1, 1).isoformat()).write(tmp_path)
    threading.Thread(target=lambda: (written(mark), stop.set())).start()
    said: list[str] = []
    timetable.follow("0 6 1 * *", lambda stop: timetable.run_command(command, stop), tmp_path, stop, said.append, lambda: now)
    assert "begun again at the next start" in said[-1]
    assert gone(int(mark.read_text())), "a child left behind would meet the next run"
    assert timetable.Kept.read(tmp_path, "0 6 1 * *", now).due == "2026-01-01T00:00:00"


@pytest.mark.slow
def test_the_command_makes_up_for_a_missed_run_and_ends_cleanly_on_sigterm(tmp_path):
    report = tmp_path / "2019年工作总结.txt"
    report.write_text("云岭县青石镇2019年计划生育工作总结\n全镇总人口21034人，全年出生203人，出生率9.65‰。\n", encoding="utf-8")
    out = tmp_path / "pages"
    out.mkdir()
    timetable.Kept("0 6 1 1 *", datetime(2020, 1, 1).isoformat()).write(out)
    heard = tmp_path / "stderr.txt"
    with heard.open("w") as stream:
        process = subprocess.Popen([sys.executable, "-m", "helpers.cli", "schedule", "0 6 1 1 *", str(report), "--out", str(out)],
                                   stderr=stream, text=True, env=os.environ | {"PYTHONPATH": str(PROJECT / "src")})
    try:
        written(out / "index.html")
        assert json.loads(written(out / timetable.FILE, '"exit"', "null"))["exit"] == 0
        written(heard, "next run: ")  # the record is written first, and the signal must not come between
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=SOON)
    finally:
        process.kill()
    said = heard.read_text(encoding="utf-8")
    assert process.returncode == 0 and "(it was missed)" in said and "ended with exit code 0" in said and "next run: " in said


def written(path: Path, holding: str = "", lacking: str = "\0") -> str:
    """The text of a file as soon as it is there and holds the one and lacks the other."""
    end = time.monotonic() + SOON
    while time.monotonic() < end:
        if path.exists() and (text := path.read_text(encoding="utf-8")) and holding in text and lacking not in text:
            return text
        time.sleep(0.05)
    raise AssertionError(f"{path} was not written in time")


@pytest.mark.parametrize(("arguments", "message"), [
    (["0 6 1 *"], "4 fields"), (["0 6 1 * *", "/no/such/folder"], "/no/such/folder"), (["0 6 1 * *", "--jobs", "0"], "0 is not in the range"),
    (["0 6 1 * *", "--colour", "red"], "--colour"),
])
def test_a_wrong_call_is_refused_at_once_and_not_in_a_month(arguments, message):
    result = CliRunner().invoke(main, ["schedule", *arguments])
    assert result.exit_code == 2 and message in result.output
