"""Which files of a folder are documents: those of a kind that can be read, and not the suite's own papers."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

from helpers.documents.files import SUFFIXES
from helpers.workspace import MARK

# What stands beside documents: read by the manifest and by curation.
OWN_NAMES = frozenset({"manifest.csv", "corrections.csv"})
# The first column of tables the suite writes: manifests, answers to a simulation, findings, exports.
_OWN_COLUMNS = (b"doc", b"finding", b"fact", b"place_id")
# Sheet of the workbooks that `township audit --queries` sends out.
QUERY_SHEET = "数据核对查询单"
_OFFICE_LOCK = "~$"


def documents_below(folder: Path) -> list[Path]:
    """The documents of a folder and its folders, sorted; not what is hidden, and not what the suite wrote there."""
    return sorted(file for file in _visible(folder) if file.suffix.lower() in SUFFIXES and not _own(file))


def others_below(folder: Path) -> list[Path]:
    """The files beside them that are of no kind the suite reads (pictures, slides, archives), sorted."""
    return sorted(file for file in _visible(folder) if file.suffix.lower() not in SUFFIXES)


def _visible(folder: Path) -> Iterator[Path]:
    written = {mark.parent for mark in folder.rglob(MARK)} - {folder}
    for file in folder.rglob("*"):
        hidden = any(part.startswith((".", _OFFICE_LOCK)) for part in file.relative_to(folder).parts)
        if not hidden and file.is_file() and written.isdisjoint(file.parents):
            yield file


def _own(file: Path) -> bool:
    """Whether a file is one of the suite's tables, or one of its queries."""
    suffix = file.suffix.lower()
    try:
        if suffix == ".csv":
            with file.open("rb") as stream:
                first = stream.readline(400).removeprefix(b"\xef\xbb\xbf").partition(b",")[0].strip(b' "\r\n')
            return file.name.lower() in OWN_NAMES or first in _OWN_COLUMNS
        if suffix == ".xlsx":
            with zipfile.ZipFile(file) as book, book.open("xl/workbook.xml") as part:
                return QUERY_SHEET.encode() in part.read(20_000)
    except (OSError, KeyError, ValueError, NotImplementedError, RuntimeError, zipfile.BadZipFile):
        return False  # whoever reads it will say what is wrong with it
    return False
