"""The Makefile's set-up and the closing line of .ci/run, tried on copies without installing anything."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
TOOLS = ["make", "sh", "bash", "sed", "cat", "awk", "find", "rm", "env"]


@pytest.fixture
def machine(tmp_path):
    """A copy of what the set-up reads, and a PATH with nothing on it but the basic tools."""
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    clone = tmp_path / "a clone"
    clone.mkdir()
    for name in ("Makefile", "pyproject.toml", "uv.lock"):
        shutil.copy(PROJECT / name, clone)
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in TOOLS:
        (tools / tool).symlink_to(shutil.which(tool))
    return clone, tools


def script(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)


def make(clone: Path, tools: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(["make", *arguments], cwd=clone, capture_output=True, text=True, timeout=60,
                          env={"PATH": str(tools), "HOME": str(clone), "LC_ALL": "C", **environment})


def ready_environment(clone: Path) -> Path:
    """A stand-in for a finished .venv, whose programs write down how they were called."""
    log = clone / "calls.log"
    for program in ("python", "uv", "township"):
        script(clone / ".venv" / "bin" / program, f'echo "{program} $*" >> "{log}"')
    return log


def test_a_machine_without_a_new_enough_python_is_told_so_in_one_sentence(machine):
    clone, tools = machine
    script(tools / "python3", "exit 1")  # what an older Python answers when asked whether it is 3.11
    result = make(clone, tools, "report")
    assert result.returncode != 0
    assert "No Python 3.11 or newer was found: install one, or name it" in result.stderr
    assert not (clone / ".venv").exists()


def test_a_python_without_venv_is_told_what_to_install(machine):
    clone, tools = machine
    script(tools / "python3", 'case "$*" in *venv*) exit 1;; --version) echo "Python 3.12.0";; esac')
    result = make(clone, tools, "report")
    assert result.returncode != 0
    assert "apt install python3-venv" in result.stderr


def test_the_newest_python_is_chosen_and_a_broken_one_passed_over(machine):
    clone, tools = machine
    script(tools / "python3.13", "exit 127")  # a version manager's shim for a version that is switched off
    script(tools / "python3.12", 'case "$*" in *venv*) exit 1;; --version) echo "Python 3.12.0";; esac')
    script(tools / "python3", 'case "$*" in *venv*) exit 1;; --version) echo "Python 3.11.0";; esac')
    assert "with Python 3.12.0" in make(clone, tools, "report").stdout
    named = make(clone, tools, "report", f"PYTHON={tools / 'python3'}")
    assert "with Python 3.11.0" in named.stdout


def test_nothing_is_installed_twice_until_the_lock_changes(machine):
    clone, tools = machine
    log = ready_environment(clone)
    for _ in range(2):
        assert make(clone, tools, "report").returncode == 0
    assert log.read_text(encoding="utf-8").count("uv sync --frozen --compile-bytecode") == 1
    assert log.read_text(encoding="utf-8").count("township report") == 2
    later = (clone / ".venv" / ".ready").stat().st_mtime + 5
    os.utime(clone / "uv.lock", (later, later))
    assert make(clone, tools, "report").returncode == 0
    assert log.read_text(encoding="utf-8").count("uv sync") == 2


def test_a_project_that_was_moved_sets_itself_up_anew(machine):
    clone, tools = machine
    ready_environment(clone)
    make(clone, tools, "report")
    moved = clone.rename(clone.with_name("moved"))
    log = ready_environment(moved)
    assert make(moved, tools, "report").returncode == 0
    assert "uv sync" in log.read_text(encoding="utf-8")


def test_a_set_up_that_fails_is_not_taken_for_ready(machine):
    clone, tools = machine
    ready_environment(clone)
    script(clone / ".venv" / "bin" / "uv", 'test "$1" = --version')
    result = make(clone, tools, "report")
    assert result.returncode != 0
    assert "set-up needs the Python package index once, or 'make MIRROR=" in result.stderr
    assert not (clone / ".venv" / ".ready").exists()


@pytest.mark.parametrize(("arguments", "environment"), [
    (["MIRROR=https://mirror.example/simple"], {}),
    ([], {"PIP_INDEX_URL": "https://mirror.example/simple"}),
    ([], {"UV_DEFAULT_INDEX": "https://mirror.example/simple"}),
])
def test_a_mirror_is_used_for_the_locked_versions(machine, arguments, environment):
    clone, tools = machine
    log = ready_environment(clone)
    assert make(clone, tools, "report", *arguments, **environment).returncode == 0
    calls = log.read_text(encoding="utf-8")
    assert "uv export --frozen" in calls and "uv sync" not in calls
    assert "uv pip sync --default-index https://mirror.example/simple" in calls


def test_clean_removes_what_was_built_and_keeps_the_rest(machine):
    clone, tools = machine
    kept = ["data/raw/report.txt", "data/interim/.gitkeep", "data/processed/.gitkeep", "reports/.gitkeep", "src/x.py",
            "tests/x.py", "notebooks/x.ipynb", "benchmarks/x.py", ".ci/run"]
    built = ["data/interim/text/report.txt", "data/processed/panel.parquet", "reports/index.html", "src/__pycache__/x.pyc"]
    for name in [*kept, *built]:
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        (clone / name).touch()
    assert make(clone, tools, "clean").returncode == 0
    assert all((clone / name).exists() for name in kept)
    assert not any((clone / name).exists() for name in built)


@pytest.mark.parametrize(("printed", "expected", "why"), [
    (["= 3 passed, 1 skipped in 2.50s ="], "3 passed, 1 skipped in 2.50s", "one run"),
    (["= 3 passed, 1 skipped in 2.50s =", "== 1 failed, 4 passed, 9 deselected, 2 warnings in 70.00s (0:01:10) =="],
     "1 failed, 7 passed, 1 skipped, 2 warnings in 72.50s", "two runs; a failure comes first; what was left out is not counted"),
    (["= 3 passed in 2.50s =", "= 9 deselected in 1.00s ="], "3 passed in 3.50s", "an empty slow set"),
    (["= 1 error in 0.50s ="], "1 error in 0.50s", "a file that cannot be imported"),
    (["the report says: 3 passed in 2s", "= FAILURES ="], "no tests ran in 0.00s", "only pytest's own line counts"),
])
def test_the_closing_line_of_the_ci_adds_the_runs_up(tmp_path, printed, expected, why):
    log = tmp_path / "log"
    log.write_text("\n".join(printed) + "\n", encoding="utf-8")
    function = (PROJECT / ".ci" / "run").read_text(encoding="utf-8").split("closing_line() {")[1].split("\n}\n")[0]
    line = subprocess.run(["bash", "-c", f'closing_line() {{{function}\n}}; closing_line "$1"', "-", log],
                          capture_output=True, text=True, check=True).stdout
    assert line == f"===== {expected} =====\n", why
