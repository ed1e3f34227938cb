"""manifest.csv: what a person knows of the documents that the documents do not say."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from helpers.errors import InputError

NAME = "manifest.csv"
COLUMNS = ("doc", "title", "place", "level", "county", "province", "period", "source", "simulated", "sha256")


@dataclass(frozen=True)
class Entry:
    """One line of a manifest: a document's place and period as a person settled them."""

    doc: str
    title: str = ""
    place: str = ""
    level: str = ""
    county: str = ""
    province: str = ""
    period: str = ""
    source: str = ""
    simulated: bool = False
    sha256: str = ""


def read_manifests(paths: Iterable[Path]) -> dict[str, Entry]:
    """The entries of all manifests in the given folders (at any depth) by document.

    Raises InputError, naming file and line, when a manifest lacks the column `doc` or a line names no document.
    """
    entries: dict[str, Entry] = {}
    for path in paths:
        for file in sorted(path.rglob(NAME)) if path.is_dir() else []:
            entries |= {entry.doc: entry for entry in _read(file)}
    return entries


def _read(file: Path) -> list[Entry]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        rows = csv.DictReader(stream)
        if "doc" not in (rows.fieldnames or []):
            raise InputError(f"{file}: the first line has no column `doc`: it must be {','.join(COLUMNS)}.")
        found = []
        for row in rows:
            cells = {name: (row.get(name) or "").strip() for name in COLUMNS}
            if not cells["doc"]:
                raise InputError(f"{file}, line {rows.line_num}: the cell `doc` is empty: name the document (its file without the ending).")
            found.append(Entry(**{**cells, "simulated": cells["simulated"].lower() in ("true", "yes", "1", "是")}))
        return found


def line_to_add(doc: str, title: str, place: str, level: str, period: str) -> str:
    """A manifest line a person can complete: what is known, the rest to fill in."""
    return ",".join('"' + cell.replace('"', "'") + '"' if "," in cell else cell
                    for cell in (doc, title, place or "?", level, "", "", period or "?", "", "", ""))
