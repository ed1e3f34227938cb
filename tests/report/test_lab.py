"""Notebook 03 in a real JupyterLab: another place is chosen, another figure is seen."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from helpers.workspace import NOTEBOOKS

CHROMIUM = Path("/usr/bin/chromium")
NOTEBOOK = "03_explore_trends.ipynb"
PATIENCE = 300_000  # milliseconds for the whole notebook on a machine with other work to do

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium at /usr/bin/chromium")]


@pytest.fixture
def lab(tmp_path):
    """The address of a JupyterLab on a copy of the notebook, with settings of its own; ended when the test ends."""
    shutil.copy(NOTEBOOKS / NOTEBOOK, tmp_path)
    # A notebook longer than the window is otherwise kept in the document only as far as it is in sight.
    tracker = tmp_path / "s" / "@jupyterlab" / "notebook-extension" / "tracker.jupyterlab-settings"
    tracker.parent.mkdir(parents=True)
    tracker.write_text('{"windowingMode": "none"}', encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = {f"JUPYTER_{name}_DIR": str(tmp_path / name.lower()) for name in ("CONFIG", "RUNTIME")} | {"JUPYTERLAB_SETTINGS_DIR": str(tmp_path / "s"),
            "JUPYTERLAB_WORKSPACES_DIR": str(tmp_path / "w")}
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}", "--ServerApp.token=", "--ServerApp.password=",
               "--ServerApp.port_retries=0", f"--ServerApp.root_dir={tmp_path}"]
    with (tmp_path / "lab.log").open("wb") as log:
        server = subprocess.Popen(command, cwd=tmp_path, env={**os.environ, **home}, stdout=log, stderr=subprocess.STDOUT)
        try:
            _wait_for(f"http://127.0.0.1:{port}/api", server, tmp_path / "lab.log")
            yield f"http://127.0.0.1:{port}/lab/tree/{NOTEBOOK}"
        finally:
            server.terminate()
            server.wait(timeout=30)


def _wait_for(address: str, server: subprocess.Popen, log: Path) -> None:
    for _ in range(120):
        assert server.poll() is None, log.read_text()
        try:
            urllib.request.urlopen(address, timeout=2).close()
            return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(1)
    pytest.fail(f"JupyterLab did not answer: {log.read_text()[-2000:]}")


def test_another_place_in_the_widget_shows_another_figure(lab):
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        shown = browser.new_page(viewport={"width": 1400, "height": 1000})
        shown.set_default_timeout(PATIENCE)
        shown.goto(lab)
        shown.wait_for_selector(".jp-Notebook .jp-Cell")
        shown.get_by_text("| Idle").wait_for()  # the status bar: asked to run before, JupyterLab asks which kernel to start
        shown.get_by_role("menuitem", name="Run", exact=True).click()
        shown.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        picture = shown.locator(".jp-OutputArea .widget-html-content img")
        picture.wait_for(state="attached")
        before, alt = picture.get_attribute("src"), picture.get_attribute("alt")
        place = shown.locator(".widget-dropdown select").first
        names = place.locator("option").all_inner_texts()
        other = next(name for name in names if name not in alt)
        place.select_option(label=other)
        shown.wait_for_function("([before]) => { const seen = document.querySelector('.widget-html-content img'); return seen && seen.src !== before; }", arg=[before])
        assert other in picture.get_attribute("alt")
        browser.close()
