"""What goes out beside the pages: letters back to the townships, PDF of pages and letters."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from helpers.report import letters, printing
from helpers.workspace import Workspace


def hand_out(workspace: Workspace, out: Path, language: str, places: Iterable[str] | None = None, *,
             with_letters: bool = False, pdf: bool = False) -> list[str]:
    """Letters and PDF for the places whose page is in `out` (or for `places` alone); gives back what failed, a sentence each.

    Raises InputError where PDF are wanted and no browser is found.
    """
    known = workspace.read("places")["place_id"] if places is None else places
    there = [place for place in known if (out / f"{place}.html").is_file()]
    written = letters.write_all(workspace, out, there, language) if with_letters else []
    return printing.print_pages([*(out / f"{place}.html" for place in there), *written]) if pdf else []
