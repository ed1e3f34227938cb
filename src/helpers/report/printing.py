"""Pages as PDF, one file each, printed by the Chromium of this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from helpers.errors import InputError

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
SECONDS = 120  # a page may take


def browser() -> str:
    """The Chromium (or Chrome, or Edge) that prints; CHROMIUM names another.

    Raises InputError where there is none.
    """
    named = os.environ.get("CHROMIUM", "")
    found = (shutil.which(named) if named else None) or next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        raise InputError("no Chromium, Chrome or Edge was found to print PDF with: install one (Debian: apt install chromium), name it in "
                         "CHROMIUM, or leave --pdf out and print the pages from any browser.")
    return found


def print_pages(pages: Iterable[Path]) -> list[str]:
    """Print each page that has no PDF beside it, or an older one; gives back what failed, a sentence a page.

    Raises InputError where no browser is found.
    """
    program = browser()
    failed = []
    for page in pages:
        target = page.with_suffix(".pdf")
        if target.is_file() and target.stat().st_mtime_ns >= page.stat().st_mtime_ns:
            continue
        if why := _print(program, page, target):
            failed.append(f"{target} could not be printed: {why}: try again, or print {page.name} from a browser.")
    return failed


def _print(program: str, page: Path, target: Path) -> str:
    """Print one page and move the file into place; why it failed, empty when it did not."""
    with TemporaryDirectory(prefix="township-print-") as folder:
        made = Path(folder) / "page.pdf"
        command = [program, "--headless", "--disable-gpu", "--no-pdf-header-footer", f"--user-data-dir={folder}/profile", f"--print-to-pdf={made}"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.append("--no-sandbox")  # Chromium keeps no sandbox for root
        try:
            done = subprocess.run([*command, page.resolve().as_uri()], capture_output=True, text=True, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired:
            return f"it took longer than {SECONDS} s"
        except OSError as error:
            return str(error.strerror or error)
        if not made.is_file() or not made.stat().st_size:
            return f"{Path(program).name} ended with {done.returncode} and printed nothing"
        partial = target.with_name(f".{target.name}.{os.getpid()}")
        shutil.copyfile(made, partial)
        partial.replace(target)
    return ""
