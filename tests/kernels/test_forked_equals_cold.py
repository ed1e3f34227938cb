"""A forked notebook shows what a cold kernel shows, cell by cell."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from comparing import execute, shown, whole
from leaky import BELOW, leaky_notebook

from helpers.report.execute import NOTEBOOK

pytestmark = pytest.mark.usefixtures("needs_fork")


@pytest.fixture(scope="module")
def leaky(tmp_path_factory) -> Path:
    """The notebook that leaks, in a folder of its own."""
    path = tmp_path_factory.mktemp("leaky") / "leaky.ipynb"
    nbformat.write(leaky_notebook(), path)
    return path


@pytest.fixture(scope="module")
def cold_leaky(leaky):
    return whole(lambda: execute(leaky, leaky.with_name("cold.ipynb"), cwd=leaky.parent), BELOW)


@pytest.mark.parametrize("turn", ["first", "second"])
def test_a_notebook_that_leaks_shows_the_same_forked_and_cold_however_often(leaky, cold_leaky, turn):
    forked = execute(leaky, leaky.with_name(f"{turn}.ipynb"), cwd=leaky.parent, engine_name="township")
    for cold_cell, forked_cell in zip(shown(cold_leaky), shown(forked), strict=True):
        assert forked_cell == cold_cell
    assert forked.metadata.language_info == cold_leaky.metadata.language_info
    assert [status for *_, status, _ in shown(forked)][-2:] == ["failed", "pending"]


@pytest.mark.slow
def test_the_report_shows_the_same_forked_and_cold(kernels_county, tmp_path):
    options = {"parameters": {"place": "place-3", "data": str(kernels_county), "language": "zh"}, "cwd": tmp_path}
    cold = execute(NOTEBOOK, tmp_path / "cold.ipynb", **options)
    forked = execute(NOTEBOOK, tmp_path / "forked.ipynb", engine_name="township", **options)
    assert shown(forked) == shown(cold)
    assert any(cell.get("outputs") for cell in cold.cells) and not cold.metadata.papermill.exception


def test_the_page_of_a_bulk_run_is_byte_for_byte_that_of_a_cold_kernel(kernels_county, tmp_path):
    from helpers.kernels import Template
    from helpers.report.execute import Job, run

    jobs = {name: Job("place-2", kernels_county, tmp_path / name, "zh") for name in ("cold", "forked")}
    for job in jobs.values():
        job.out.mkdir()
    with Template("helpers.report.execute:prepare", (kernels_county, "zh")) as template:
        assert template.call("helpers.report.execute:run", jobs["forked"]).error == ""
        assert template.count_threads() == 1, "a thread in the template could hold a lock at the moment of a fork"
    assert run(jobs["cold"]).error == ""
    assert jobs["forked"].page.read_bytes() == jobs["cold"].page.read_bytes()
    assert shown(nbformat.read(jobs["forked"].executed, 4)) == shown(nbformat.read(jobs["cold"].executed, 4))


@pytest.mark.slow
def test_the_provisioner_gives_any_jupyter_program_a_forked_kernel_with_the_same_outputs(leaky, cold_leaky, tmp_path):
    out = tmp_path / "provisioned.ipynb"
    os.environ.pop("PYTEST_CURRENT_TEST", None)
    environment = {**os.environ, "JUPYTER_DEFAULT_PROVISIONER_NAME": "township-fork"}

    def provisioned() -> nbformat.NotebookNode:
        run = subprocess.run([sys.executable, "-m", "papermill", "--no-progress-bar", str(leaky), str(out), "--cwd", str(leaky.parent)],
                             env=environment, capture_output=True, text=True, timeout=300)
        assert "SystemError: the end" in run.stderr and "encryption" not in run.stderr
        return nbformat.read(out, 4)

    for cold_cell, forked_cell in zip(shown(cold_leaky), shown(whole(provisioned, BELOW)), strict=True):
        assert forked_cell == cold_cell
