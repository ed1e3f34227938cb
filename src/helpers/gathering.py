"""Many documents to tables: one is held at a time, what was read of the others is rows, and their texts are on disk."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path

import pandas as pd

from helpers.documents.clean import clean
from helpers.documents.manifest import Entry
from helpers.extract.times import is_publication_line
from helpers.reading import ReadDocument
from helpers.schema import DOCUMENTS, DOUBTS, FACTS, Table
from helpers.workspace import write_text

# Rows kept as Python objects before they become a part of a table, which takes a tenth of the room.
PART = 20_000
# Texts read back that are held: what is asked for next is mostly of the same document.
HELD = 4


class StagedTexts(Mapping[str, str]):
    """The raw texts of a run by document, on disk: in `.new` beside their folder until the run has its tables.

    A run that is stopped leaves the texts of the run before as they were, like its tables.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.staged = folder, folder.with_name(f"{folder.name}.new")
        shutil.rmtree(self.staged, ignore_errors=True)
        self.docs: dict[str, None] = {}
        self._read = lru_cache(HELD)(self._read_back)

    def add(self, doc: str, text: str) -> None:
        """Keep the text of a document."""
        write_text(self.staged / f"{doc}.txt", text)
        self.docs[doc] = None

    def publish(self) -> None:
        """Put the texts in their folder, each in one step."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for doc in self.docs:
            (self.staged / f"{doc}.txt").replace(self.folder / f"{doc}.txt")
        shutil.rmtree(self.staged, ignore_errors=True)
        self.staged = self.folder

    def __getitem__(self, doc: str) -> str:
        if doc not in self.docs:
            raise KeyError(doc)
        return self._read(doc)

    def __iter__(self) -> Iterator[str]:
        return iter(self.docs)

    def __len__(self) -> int:
        return len(self.docs)

    def _read_back(self, doc: str) -> str:
        # newline="": carriage returns are characters too, and every offset counts them
        with (self.staged / f"{doc}.txt").open(encoding="utf-8", newline="") as stream:
            return stream.read()


class _Rows:
    """Rows on their way to a table, conformed part by part."""

    def __init__(self, table: Table) -> None:
        self.table, self.rows, self.parts = table, [], []

    def add(self, rows: Iterable[Mapping]) -> None:
        self.rows.extend(rows)
        if len(self.rows) >= PART:
            self._conform()

    def _conform(self) -> None:
        self.parts.append(self.table.conform(self.rows))
        self.rows = []

    def frame(self) -> pd.DataFrame:
        if self.rows or not self.parts:
            self._conform()
        return pd.concat(self.parts, ignore_index=True) if len(self.parts) > 1 else self.parts[0]


def gather(read: Iterable[ReadDocument], manifest: Mapping[str, Entry], texts: StagedTexts) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """The tables documents, facts and doubts of what is read; the texts go to `texts`.

    A document that failed is a row of documents with its `error`.
    """
    documents, facts, doubts = _Rows(DOCUMENTS), _Rows(FACTS), _Rows(DOUBTS)
    for item in read:
        doc = item.source.doc
        entry = manifest.get(doc, Entry(doc))
        row = {"doc": doc, "path": item.source.relative, "title": entry.title, "simulated": entry.simulated,
               "provenance": entry.source, "error": item.error}
        if item.raw is not None:
            found = item.found
            texts.add(doc, item.raw.text)
            facts.add(fact.row(doc) for fact in found.facts)
            doubts.add({"doc": doc, **vars(doubt)} for doubt in found.doubts)
            row |= {"title": entry.title or _title(item.raw.text), "sha256": item.raw.sha256, "encoding": item.raw.encoding,
                    "notes": "; ".join(item.raw.notes),
                    "characters": len(item.raw.text), "sections": found.sections, "facts": len(found.facts), "doubts": len(found.doubts)}
        documents.add([row])
    return documents.frame(), facts.frame(), doubts.frame()


def _title(text: str) -> str:
    """The first line that reads like a title."""
    lines = [line.strip() for line in clean(text[:2000]).text.splitlines() if line.strip() and not is_publication_line(line)]
    return next((line for line in lines if 4 <= len(line) <= 60 and not line.endswith(("。", ":", "："))), lines[0][:60] if lines else "")
