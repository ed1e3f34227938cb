"""Documents read into facts, one after the other; what has not changed since is taken from where it was kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from helpers.documents import files
from helpers.documents.read import RawDocument, Source, read_source
from helpers.errors import DocumentError
from helpers.extract import Doubt, Extraction, Fact, extract
from helpers.workspace import CATALOGUE, write_text

Say = Callable[[str], None]
# Documents between two lines of progress.
STEP = 200
# What decides how a document is read; the catalogue besides.
_CODE = ("documents", "extract", "identities", "catalogue.py", "periods.py", "reading.py")


@dataclass(frozen=True)
class ReadDocument:
    """A document with what was read from it, or with the reason why nothing was."""

    source: Source
    raw: RawDocument | None
    found: Extraction | None
    error: str = ""


@cache
def extractor_version() -> str:
    """A hash of the code and the catalogue that reading depends on: another hash may mean other facts."""
    here = Path(__file__).parent
    files = [file for name in _CODE for file in ([here / name] if name.endswith(".py") else sorted((here / name).rglob("*.py")))]
    digest = hashlib.sha256()
    for file in [*files, *sorted(CATALOGUE.glob("*.csv"))]:
        digest.update(file.name.encode() + b"\x00" + file.read_bytes() + b"\x00")
    return digest.hexdigest()[:16]


def read_each(sources: Sequence[Source], say: Say, kept: Path | None = None) -> Iterator[ReadDocument]:
    """Each document read, in order; what fails is said and comes with its error.

    `kept` is a folder of earlier readings, added to as documents are read, so that a run that was stopped goes on
    where it was: a document is read again only when its bytes, its id or the extractor have changed.
    """
    try:
        for number, source in enumerate(sources, 1):
            item = _read(source, kept)
            if item.error:
                say(f"failed: {item.error}")
            for note in item.raw.notes if item.raw else ():
                say(f"{source.path}: {note}")
            yield item
            if number % STEP == 0 and number < len(sources):
                say(f"{number:,} of {len(sources):,} documents read")
    finally:
        files.close()


def _read(source: Source, kept: Path | None) -> ReadDocument:
    try:
        raw = _taken_before(source, kept) or read_source(source)
        found = _kept(source, raw, kept)
        if found is None:
            found = _extract(raw)
            _keep(found, raw, kept)
        return ReadDocument(source, raw, found)
    except DocumentError as error:
        return ReadDocument(source, None, None, str(error))


def _extract(raw: RawDocument) -> Extraction:
    """What the document states. A fault of the extractor costs this document, never the run."""
    try:
        return extract(raw.text, raw.doc)
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise DocumentError(f"{raw.path}: reading it failed ({type(error).__name__}: {error}): please report this, with the file "
                            "if it may be shown; the other documents are not affected.") from error


def _kept(source: Source, raw: RawDocument, kept: Path | None) -> Extraction | None:
    """The reading kept of a document, None where there is none that still holds."""
    path = _path(raw.doc, kept)
    if path is None or not path.exists():
        return None
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        if (stored["sha256"], stored["extractor"], stored["doc"]) != (raw.sha256, extractor_version(), source.doc):
            return None
        facts = [Fact(**{**fact, "doubts": tuple(fact["doubts"])}) for fact in stored["facts"]]
        return Extraction(source.doc, facts, [Doubt(**doubt) for doubt in stored["doubts"]], stored["sections"])
    except (KeyError, TypeError, ValueError):
        return None  # not a whole reading, or of another version: read the document again


def _taken_before(source: Source, kept: Path | None) -> RawDocument | None:
    """The text taken out of a file in an earlier run, None where the file or the code has changed since: opening a PDF is slow."""
    path = _path(source.doc, kept)
    if path is None or source.path.suffix.lower() in files.TEXT or not path.exists():
        return None
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        taken = stored["taken"]
        if not taken or stored["extractor"] != extractor_version() or stored["sha256"] != hashlib.sha256(source.path.read_bytes()).hexdigest():
            return None
        return RawDocument(source.doc, source.relative, taken["text"], taken["encoding"], stored["sha256"], taken["kind"], tuple(taken["notes"]))
    except (KeyError, TypeError, ValueError, OSError):
        return None  # not a whole reading, or of another version, or the file is gone: whoever opens it will say so


def _keep(found: Extraction, raw: RawDocument, kept: Path | None) -> None:
    path = _path(raw.doc, kept)
    if path is not None:
        stored = {"doc": raw.doc, "sha256": raw.sha256, "extractor": extractor_version(), "sections": found.sections,
                  "taken": {name: getattr(raw, name) for name in ("text", "encoding", "kind", "notes")} if raw.kind else None,
                  "facts": [vars(fact) for fact in found.facts], "doubts": [vars(doubt) for doubt in found.doubts]}
        write_text(path, json.dumps(stored, ensure_ascii=False))


def _path(doc: str, kept: Path | None) -> Path | None:
    return None if kept is None else kept / f"{doc}.json"
