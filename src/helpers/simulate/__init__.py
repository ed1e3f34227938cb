"""A synthetic county, clearly labelled: work reports with known truth, planted errors, and panels of any size.

`simulate` draws documents, `write` puts a county on disk, `render` and `with_noise` give one document in
the states it may be found in. Words and levels are rows of data/catalogue/simulate_*.csv. No stage of the
suite knows that this package exists.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from helpers.errors import InputError
from helpers.simulate.documents import STYLES, SimulatedDocument, simulate, write_documents
from helpers.simulate.draft import Draft, Edit, Person, Stated, edited
from helpers.simulate.noise import NOISES, render, with_noise

FORMS = ("documents", "panel")

__all__ = ["FORMS", "NOISES", "STYLES", "Draft", "Edit", "Person", "SimulatedDocument", "Stated", "edited",
           "render", "simulate", "with_noise", "write", "write_documents"]


def write(out: Path, *, townships: int, years: int, seed: int = 1, form: str = "documents", errors: float = 0.1,
          style: str = "mixed") -> Counter:
    """Write a simulated county to `out` and return how much of what was written.

    `form` documents: `<doc>.txt`, `truth/<doc>.jsonl`, manifest.csv, answers.csv, persons.csv.
    `form` panel: the tables PANEL, PLACES and DOCUMENTS (one row) of a workspace, without errors.
    Raises InputError for sizes, shares, styles or forms that cannot be had.
    """
    if form == "documents":
        return write_documents(out, townships, years, seed, errors=errors, style=style)
    if form == "panel":
        from helpers.simulate.panel import write_panel

        return write_panel(out, townships, years, seed)
    raise InputError(f"--format {form}: choose one of {', '.join(FORMS)}.")
