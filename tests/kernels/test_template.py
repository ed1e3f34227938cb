"""The template process: one thread, fresh forks, nothing that grows, nothing left behind."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from tasks import HERE

from helpers.kernels import ForkError, Template, can_fork, run_all
from helpers.kernels.template import count_threads, resolve
from processes import gone

pytestmark = pytest.mark.usefixtures("needs_fork")


@pytest.fixture(scope="module")
def template():
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = str(HERE)
    with Template("tasks:prepare", (41,)) as made:
        made.start()
        yield made
    os.environ.pop("PYTHONPATH")
    if before is not None:
        os.environ["PYTHONPATH"] = before


def test_a_template_with_the_whole_stack_has_one_thread():
    with Template("helpers.kernels.stack:import_stack") as made:
        made.start()
        assert made.count_threads() == count_threads(made.pid) == 1


def test_a_template_with_a_second_thread_is_refused(template):
    with pytest.raises(ForkError, match="2 threads"), Template("tasks:start_a_thread") as made:
        made.start()


def test_every_task_finds_the_template_as_it_was_prepared(template):
    assert [template.call("tasks:leak") for _ in range(3)] == [42, 42, 42]


def test_forks_have_random_numbers_of_their_own(template):
    drawn = [template.call("tasks:draw") for _ in range(3)]
    assert len(set(drawn)) == 3


def test_what_a_task_raises_is_raised_where_it_was_asked_for(template):
    with pytest.raises(FileNotFoundError):
        template.call("os:remove", "/no/such/file")
    with pytest.raises(RuntimeError, match="no pickle of this"):
        template.call("tasks:raise_what_cannot_be_sent")
    with pytest.raises(ChildProcessError):
        template.call("tasks:die")
    assert template.call("os:getpid") > 0


def test_a_task_without_news_is_ended_and_one_with_news_goes_on(template):
    done = {done.item: done for done in run_all(template, "tasks:work", [("silent", 5.0), ("telling", 2.0)], workers=2, limit=1.0)}
    assert isinstance(done["silent", 5.0].error, TimeoutError) and done["telling", 2.0].value == "telling"


def test_no_more_tasks_run_at_once_than_there_are_workers(template, tmp_path):
    most = [done.value for done in run_all(template, "tasks:count_neighbours", [(str(tmp_path), number) for number in range(8)], workers=3)]
    assert len(most) == 8 and 1 <= max(most) <= 3


def test_children_end_with_their_template_and_the_template_with_its_owner(template):
    with Template("tasks:prepare", (1,)) as made:
        child = made.submit("time:sleep", 60)
        assert Path(f"/proc/{child.pid}").exists()
        os.kill(made.pid, signal.SIGKILL)
        assert gone(child.pid), "a child without its template would write to nobody"
        again = made.call("os:getppid")
        assert again == made.pid
    assert gone(again)


def test_nothing_grows_over_three_hundred_tasks(template):
    def descriptors(pid: int) -> int:
        return len(list(Path(f"/proc/{pid}/fd").iterdir()))

    template.call("os:getpid")
    before = (descriptors(template.pid), descriptors(os.getpid()), memory(template.pid))
    assert sum(1 for _ in run_all(template, "tasks:square", range(300), workers=2)) == 300
    after = (descriptors(template.pid), descriptors(os.getpid()), memory(template.pid))
    assert after[:2] == before[:2] and after[2] - before[2] < 2_000, f"kB resident: {before[2]} then {after[2]}"
    assert all(gone(pid) for pid in children(template.pid))


def test_forking_can_be_turned_off(monkeypatch):
    monkeypatch.setenv("TOWNSHIP_FORK", "0")
    assert not can_fork()
    with pytest.raises(ForkError, match="TOWNSHIP_FORK=0"), Template() as made:
        made.start()


def test_a_preparation_that_fails_says_why():
    with pytest.raises(ForkError, match="ModuleNotFoundError: No module named 'no_such_module'"), Template("no_such_module:f") as made:
        made.start()


def test_a_function_is_found_by_its_name():
    assert resolve("os.path:join")("a", "b") == "a/b"


def memory(pid: int) -> int:
    """Resident memory in kB."""
    return next(int(line.split()[1]) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
