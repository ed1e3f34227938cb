"""The method, one call a stage: documents → facts → panel → findings → rates.

    sources   = find_sources(paths)          what there is to read
    facts     = extract(document)            one row per stated figure, with its span
    facts     = curate(facts, manifest, …)   what people ruled: corrections, places, years
    panel     = panel.build(facts)           place × period × indicator
    findings  = audit.build(facts, …)        what does not add up
    rates     = rates.build(panel, …)        with numerator, denominator, interval, method; none of doubt is compared
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from helpers import audit, panel, rates
from helpers.curate import curate, find_corrections, in_force
from helpers.documents.found import others_below
from helpers.documents.manifest import ARTICLE, COLUMNS, Entry, entry_of, line_to_add, read_manifests
from helpers.documents.read import find_sources
from helpers.errors import InputError
from helpers.gathering import StagedTexts, gather
from helpers.reading import ReadDocument, Say, read_each
from helpers.workspace import MARK, Workspace, make_writable, write_text

# Documents whose open place or year is listed; the rest is counted.
UNSETTLED_SHOWN = 20


def _silent(line: str) -> None:
    """The default for `say`: nobody listens."""


@dataclass
class Built:
    """What a run read and made: one row per document, and the sentences of those that failed."""

    documents: pd.DataFrame
    facts: pd.DataFrame
    failures: list[str] = field(default_factory=list)


def build(paths: Sequence[Path], workspace: Workspace, say: Say = _silent, *, force: bool = False) -> Built:
    """Read the documents under `paths` and write every table of the workspace.

    A document that fails is listed and the rest goes on; when none can be read, raises InputError
    and leaves the tables as they were. Documents that have not changed since they were last read into this
    workspace are not read again, unless `force`. Raises CorrectionError when a correction no longer holds.
    """
    _keep_apart(paths, workspace)
    manifest = read_manifests(paths)
    corrections = find_corrections(paths)
    workspace.prepare()
    sources = find_sources(paths)
    _say_passed_over(say, paths)
    texts = StagedTexts(workspace.interim / "text")
    documents, facts, doubts = gather(read_each(sources, say, None if force else workspace.interim / "read"), manifest, texts)
    failures = [error for error in documents["error"] if error]
    if len(failures) == len(sources):
        raise InputError(_none_read(len(sources), failures[0]))
    facts, places = curate(facts, manifest, corrections, titles=dict(zip(documents["doc"], documents["title"], strict=True)),
                           texts=texts, unread=set(documents["doc"]) - set(texts))
    valid = in_force(facts)
    findings = audit.build(valid, places, texts=texts)
    cells = audit.question(panel.build(valid), findings)
    table, comparisons = rates.build_and_compare(cells, places)
    for name, frame in (("documents", documents), ("facts", facts), ("doubts", doubts), ("places", places),
                        ("panel", cells), ("rates", table), ("comparisons", comparisons), ("findings", findings)):
        workspace.write(name, frame)
    texts.publish()
    _say_summary(say, documents, facts, findings, workspace)
    _say_changed(say, documents, manifest)
    _say_unsettled(say, places, valid, documents, manifest)
    return Built(documents, facts, failures)


def _keep_apart(paths: Sequence[Path], workspace: Workspace) -> None:
    """Pages and tables written among the documents would be read as documents the next time."""
    for path in paths:
        if path.is_dir() and path.resolve() in (workspace.reports.resolve(), workspace.data.resolve()):
            raise InputError(f"{path}: the documents are there: write to a folder of its own, such as --out {path / 'pages'}.")


def read_documents(paths: Sequence[Path], say: Say = _silent, kept: Path | None = None) -> list[ReadDocument]:
    """Every document under `paths`, read and held; raises InputError when not one of them could be.

    `kept` is a folder of earlier readings (see `helpers.reading`).
    """
    sources = find_sources(paths)
    _say_passed_over(say, paths)
    read = list(read_each(sources, say, kept))
    if all(item.error for item in read):
        raise InputError(_none_read(len(read), read[0].error))
    return read


def _say_passed_over(say: Say, paths: Sequence[Path]) -> None:
    """The files beside the documents that are of no kind that is read."""
    others = [file.name for path in paths if path.is_dir() for file in others_below(path)]
    if others:
        say(f"{len(others):,} files are of kinds that are not read ({', '.join(others[:5])}{' …' if len(others) > 5 else ''}): "
            "save what is a report among them as .docx, .xlsx, .pdf or .txt")


def _none_read(count: int, first: str) -> str:
    return f"none of the {count} documents could be read: {first}" if count > 1 else first


def extract_to(paths: Sequence[Path], out: Path, say: Say = _silent) -> list[str]:
    """`township extract`: `<doc>.jsonl` and, where there are doubts, `<doc>.doubts.jsonl`; the failures come back.

    The text taken out of a Word, Excel, PDF, CSV file or web page, into which its offsets point, is `text/<doc>.txt`.
    One document is held at a time. What is written is what was read: corrections are for `build`.
    Raises InputError when `out` cannot be written or no document could be read.
    """
    sources = find_sources(paths)
    make_writable(out)
    count, failed = 0, []
    for item in read_each(sources, say):
        if item.found is None:
            failed.append(item.error)
            continue
        count += len(item.found.facts)
        write_text(out / f"{item.source.doc}.jsonl", _lines(fact.gold() for fact in item.found.facts))
        if item.raw.kind:
            write_text(out / "text" / MARK, "Texts taken out of files; documents are not looked for here.\n")
            write_text(out / "text" / f"{item.source.doc}.txt", item.raw.text)
        doubts = out / f"{item.source.doc}.doubts.jsonl"
        if item.found.doubts:
            write_text(doubts, _lines(vars(doubt) for doubt in item.found.doubts))
        else:
            doubts.unlink(missing_ok=True)
    if len(failed) == len(sources):
        raise InputError(_none_read(len(failed), failed[0]))
    say(f"{count:,} facts from {len(sources) - len(failed):,} documents → {out}")
    return failed


def _lines(rows) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _say_summary(say: Say, documents: pd.DataFrame, facts: pd.DataFrame, findings: pd.DataFrame, workspace: Workspace) -> None:
    good = documents["error"].eq("").sum()
    found = int(findings["severity"].ge(2).sum())
    say(f"{good} of {len(documents)} documents read, {len(facts)} figures, {found} findings → {workspace.data}")


def _say_changed(say: Say, documents: pd.DataFrame, manifest: Mapping[str, Entry]) -> None:
    """The documents whose bytes are no longer those the manifest was written for."""
    for doc, sha256 in documents[["doc", "sha256"]].itertuples(index=False):
        told = manifest[doc].sha256 if doc in manifest else ""
        if told and sha256 and told.lower() != sha256:
            say(f"{doc} has changed since its line in manifest.csv was written: check the line, then put sha256 {sha256} there")


def _say_unsettled(say: Say, places: pd.DataFrame, facts: pd.DataFrame, documents: pd.DataFrame,
                   manifest: Mapping[str, Entry]) -> None:
    """The places and years no document settles, with the manifest line that would: one a document, or one an article
    where several of its articles hide their place.

    What the manifest answers is not asked again, even where the answer is that nobody knows (`**镇`, `20XX`).
    """
    hidden = facts["place_id"].isin(places.loc[places["redacted"], "place_id"])
    undated = facts["status"].ne("previous") & (facts["period"].eq("") | facts["period"].str.contains("X", regex=False))
    titles, lines = documents.set_index("doc")["title"], []
    for doc, article, part in _open_parts(facts.assign(hidden=hidden, undated=undated)[hidden | undated]):
        own = facts[facts["doc"].eq(doc) & (facts["section"].eq(article) if article else True)]
        name = f"{doc}{ARTICLE}{article}" if article else doc
        entry = (entry_of(manifest, doc, article) if article else manifest.get(doc)) or Entry(name, titles[doc])
        if (part["hidden"].any() and not entry.place) or (part["undated"].any() and not entry.period):
            lines.append(line_to_add(_known(entry, own, part)))
    if not lines:
        return
    say("not settled by the documents: add these lines to a manifest.csv beside them (or complete those there), with ? filled in:")
    for line in [",".join(COLUMNS), *lines[:UNSETTLED_SHOWN]]:
        say(f"  {line}")
    if len(lines) > UNSETTLED_SHOWN:
        say(f"  … and {len(lines) - UNSETTLED_SHOWN:,} documents more")


def _open_parts(open_cases: pd.DataFrame) -> Iterator[tuple[str, int, pd.DataFrame]]:
    """Document, article (0: the whole document) and open facts, one part a manifest line."""
    for doc, own in open_cases.groupby("doc", sort=False):
        if own.loc[own["hidden"], "section"].nunique() > 1:
            yield from ((doc, int(section), part) for section, part in own.groupby("section"))
        else:
            yield doc, 0, own


def _known(entry: Entry, facts: pd.DataFrame, open_cases: pd.DataFrame) -> Entry:
    """A manifest line with what the facts tell; place and period are left open only where they are."""
    unnamed = open_cases[open_cases["hidden"]]
    place = "" if len(unnamed) else facts["place"].mode().iloc[0]
    level = (unnamed if len(unnamed) else facts[facts["place"] == place])["level"].mode().iloc[0]
    period = "" if open_cases["undated"].any() else facts["period"].mode().iloc[0]
    return replace(entry, place=entry.place or place, level=entry.level or level, period=entry.period or period)
