"""The method, one call a stage: documents → facts → panel → rates → findings.

    sources   = find_sources(paths)          what there is to read
    facts     = extract(document)            one row per stated figure, with its span
    facts     = settle(facts, manifest)      each figure's place
    panel     = panel.build(facts)           place × period × indicator
    rates     = rates.build(panel, …)        with numerator, denominator, interval, method
    findings  = audit.build(facts, …)        what does not add up
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from helpers import audit, panel, rates
from helpers.curate.places import settle
from helpers.documents.clean import clean
from helpers.documents.manifest import Entry, line_to_add, read_manifests
from helpers.documents.read import RawDocument, Source, find_sources, read_source
from helpers.errors import DocumentError, InputError
from helpers.extract import Extraction, extract
from helpers.extract.times import PUBLISHED
from helpers.schema import DOCUMENTS, DOUBTS, FACTS
from helpers.workspace import Workspace, write_text

Say = Callable[[str], None]


def _silent(line: str) -> None:
    """The default for `say`: nobody listens."""


@dataclass
class Built:
    """What a run read and made: one row per document, and the sentences of those that failed."""

    documents: pd.DataFrame
    facts: pd.DataFrame
    failures: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class ReadDocument:
    """A document with what was read from it, or with the reason why nothing was."""

    source: Source
    raw: RawDocument | None
    found: Extraction | None
    error: str = ""


def build(paths: Sequence[Path], workspace: Workspace, say: Say = _silent) -> Built:
    """Read the documents under `paths` and write every table of the workspace.

    A document that fails is listed and the rest goes on; when none can be read, raises InputError
    and leaves the tables as they were.
    """
    manifest = read_manifests(paths)
    read = read_documents(paths, say)
    documents, facts, doubts = _tables(read, manifest)
    facts, places = settle(facts, manifest, dict(zip(documents["doc"], documents["title"], strict=True)))
    cells = panel.build(facts)
    table = rates.build(cells, places)
    comparisons = rates.compare(table, places)
    findings = audit.build(facts, places)
    for name, frame in (("documents", documents), ("facts", facts), ("doubts", doubts), ("places", places),
                        ("panel", cells), ("rates", table), ("comparisons", comparisons), ("findings", findings)):
        workspace.write(name, frame)
    for item in read:
        if item.raw is not None:
            write_text(workspace.interim / "text" / f"{item.source.doc}.txt", item.raw.text)
    _say_summary(say, documents, facts, findings, workspace)
    _say_unsettled(say, places, facts, documents)
    return Built(documents, facts, [item.error for item in read if item.error])


def read_documents(paths: Sequence[Path], say: Say = _silent) -> list[ReadDocument]:
    """Every document under `paths`, read; raises InputError when not one of them could be."""
    sources = find_sources(paths)
    read = [_read(source) for source in sources]
    for item in read:
        if item.error:
            say(f"failed: {item.error}")
    if all(item.error for item in read):
        raise InputError(f"none of the {len(read)} documents could be read: {read[0].error}")
    return read


def _read(source: Source) -> ReadDocument:
    try:
        raw = read_source(source)
        return ReadDocument(source, raw, extract(raw.text, source.doc))
    except DocumentError as error:
        return ReadDocument(source, None, None, str(error))


def _tables(read: list[ReadDocument], manifest: dict[str, Entry]) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    documents, facts, doubts = [], [], []
    for item in read:
        entry = manifest.get(item.source.doc, Entry(item.source.doc))
        row = {"doc": item.source.doc, "path": item.source.relative, "title": entry.title, "simulated": entry.simulated,
               "provenance": entry.source, "error": item.error}
        if item.raw is not None:
            found = item.found
            facts += [fact.row(item.source.doc) for fact in found.facts]
            doubts += [{"doc": item.source.doc, **vars(doubt)} for doubt in found.doubts]
            row |= {"title": entry.title or _title(item.raw.text), "sha256": item.raw.sha256, "encoding": item.raw.encoding,
                    "characters": len(item.raw.text), "sections": found.sections, "facts": len(found.facts), "doubts": len(found.doubts)}
        documents.append(row)
    return DOCUMENTS.conform(documents), FACTS.conform(facts), DOUBTS.conform(doubts)


def _title(text: str) -> str:
    """The first line that reads like a title."""
    lines = [line.strip() for line in clean(text[:2000]).text.splitlines() if line.strip() and not PUBLISHED.search(line)]
    return next((line for line in lines if 4 <= len(line) <= 60 and not line.endswith(("。", ":", "："))), lines[0][:60] if lines else "")


def extract_to(paths: Sequence[Path], out: Path, say: Say = _silent) -> list[str]:
    """`township extract`: `<doc>.jsonl` and, where there are doubts, `<doc>.doubts.jsonl`; the failures come back."""
    read = read_documents(paths, say)
    for item in read:
        if item.found is not None:
            write_text(out / f"{item.source.doc}.jsonl", _lines(fact.gold() for fact in item.found.facts))
            if item.found.doubts:
                write_text(out / f"{item.source.doc}.doubts.jsonl", _lines(vars(doubt) for doubt in item.found.doubts))
    say(f"{sum(len(i.found.facts) for i in read if i.found)} facts from {sum(i.found is not None for i in read)} documents → {out}")
    return [item.error for item in read if item.error]


def _lines(rows) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _say_summary(say: Say, documents: pd.DataFrame, facts: pd.DataFrame, findings: pd.DataFrame, workspace: Workspace) -> None:
    good = documents["error"].eq("").sum()
    found = int(findings["severity"].ge(2).sum())
    say(f"{good} of {len(documents)} documents read, {len(facts)} figures, {found} findings → {workspace.data}")


def _say_unsettled(say: Say, places: pd.DataFrame, facts: pd.DataFrame, documents: pd.DataFrame) -> None:
    """The places and years no document settles, with the manifest line that would."""
    hidden = set(places.loc[places["redacted"], "place_id"])
    undated = facts["period"].eq("") | facts["period"].str.contains("X", regex=False)
    open_cases = facts[facts["place_id"].isin(hidden) | undated]
    if open_cases.empty:
        return
    titles = documents.set_index("doc")["title"]
    say("not settled by the documents (add lines like these to manifest.csv, with ? filled in):")
    for (doc,), rows in list(open_cases.groupby(["doc"]))[:20]:
        first = rows.iloc[0]
        place = "" if first["place_id"] in hidden else first["place"]
        period = "" if "X" in first["period"] else first["period"]
        say("  " + line_to_add(doc, titles.get(doc, ""), place, first["level"], period))
