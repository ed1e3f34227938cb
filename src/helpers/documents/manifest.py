"""manifest.csv: what a person knows of the documents that the documents do not say."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from helpers.documents.read import decode, find_sources
from helpers.errors import InputError

NAME = "manifest.csv"
COLUMNS = ("doc", "title", "place", "level", "county", "province", "period", "source", "simulated", "sha256")
ARTICLE = "#"  # between a document and the number of one of its articles
OPEN = "?"  # a cell nobody has filled in yet


@dataclass(frozen=True)
class Entry:
    """One line of a manifest: the place and period of a document (`name`) or of its fourth article (`name#4`)."""

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
    """The entries of all manifests in the given folders (at any depth) by document id.

    A manifest speaks of the documents of its own folder and below, so that two folders may each hold a
    `2014.txt`; the one nearest to a document is heard. Lines about files that are not there are passed over.
    Raises InputError, naming file and line, when a manifest lacks the column `doc`, a line names no document,
    or two lines name the same one.
    """
    paths = list(paths)
    entries: dict[str, Entry] = {}
    for file in sorted({file for path in paths if path.is_dir() for file in path.rglob(NAME)}, key=lambda file: (len(file.parts), file)):
        known = names_below(paths, file.parent)
        for entry in _read(file):
            name, mark, article = _parts(entry.doc) if entry.doc not in known else (entry.doc, "", "")
            if name in known:
                doc = known[name] + mark + article
                entries[doc] = replace(entry, doc=doc)
    return entries


def entry_of(entries: Mapping[str, Entry], doc: str, section: int) -> Entry | None:
    """What a manifest says of an article: its own line, else that of the whole document."""
    return entries.get(f"{doc}{ARTICLE}{section}") or entries.get(doc)


def _parts(name: str) -> tuple[str, str, str]:
    """`compilation#4` as document, mark and article number; a name without a number is left whole."""
    doc, mark, article = name.rpartition(ARTICLE)
    return (doc, mark, article) if article.isdecimal() and doc else (name, "", "")


def names_below(paths: Sequence[Path], folder: Path | None) -> dict[str, str]:
    """What a manifest in `folder` may call the documents below it (all of `paths` where None): name → document id.

    A document is called by its id, or by its file's stem where no other below `folder` has it.
    """
    below = [s for s in find_sources(paths) if folder is None or s.path.resolve().is_relative_to(folder.resolve())]
    stems = Counter(source.path.stem for source in below)
    return {s.path.stem: s.doc for s in below if stems[s.path.stem] == 1} | {s.doc: s.doc for s in below}


def _read(file: Path) -> list[Entry]:
    text, _ = decode(file.read_bytes(), str(file))
    rows = csv.DictReader(io.StringIO(text, newline=""))
    if "doc" not in (rows.fieldnames or []):
        raise InputError(f"{file}: the first line has no column `doc`: it must be {','.join(COLUMNS)}.")
    found: dict[str, Entry] = {}
    for row in rows:
        cells = {name: (row.get(name) or "").strip() for name in COLUMNS}
        cells = {name: "" if cell == OPEN else cell for name, cell in cells.items()}
        if not cells["doc"]:
            raise InputError(f"{file}, line {rows.line_num}: the cell `doc` is empty: name the document (its file without the ending).")
        if cells["doc"] in found:
            raise InputError(f"{file}, line {rows.line_num}: the document {cells['doc']} stands here a second time: keep one of the lines.")
        found[cells["doc"]] = Entry(**{**cells, "simulated": cells["simulated"].lower() in ("true", "yes", "1", "是")})
    return list(found.values())


def line_to_add(entry: Entry) -> str:
    """A manifest line a person can complete: what is known, and `?` where place or period are open.

    >>> line_to_add(Entry("a", title="小结,初步", level="township", period="2014"))
    'a,"小结,初步",?,township,,,2014,,,'
    """
    cells = {**vars(entry), "place": entry.place or OPEN, "period": entry.period or OPEN, "simulated": "true" if entry.simulated else ""}
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells[name] for name in COLUMNS)
    return line.getvalue().removesuffix("\n")
