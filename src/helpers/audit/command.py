"""`township audit`: the findings of the current data, or of documents given on the spot."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
import pandas as pd

from helpers.audit.export import chosen, to_csv, to_json, to_lines, to_workbook
from helpers.audit.findings import build
from helpers.audit.queries import read_answers, write_queries
from helpers.curate import Correction, corrections_file, curate, find_corrections, in_force, take_in
from helpers.documents.manifest import read_manifests
from helpers.documents.read import find_sources, read_source
from helpers.errors import DocumentError, InputError
from helpers.extract import extract
from helpers.schema import FACTS
from helpers.workspace import Workspace, write_text


def facts_of(paths: Sequence[Path]) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, str], list[str]]:
    """FACTS and PLACES of documents under their corrections, their raw texts, and a sentence for each not read.

    Raises InputError when none could be read.
    """
    facts, texts, failures = [], {}, {}
    sources = find_sources(paths)
    for source in sources:
        try:
            raw = read_source(source)
            facts += [fact.row(source.doc) for fact in extract(raw.text, source.doc).facts]
            texts[source.doc] = raw.text
        except DocumentError as error:
            failures[source.doc] = str(error)
    if len(failures) == len(sources):
        raise InputError(f"none of the {len(sources)} documents could be read: {next(iter(failures.values()))}")
    settled, places = curate(FACTS.conform(facts), read_manifests(paths), find_corrections(paths), texts=texts, unread=failures)
    return settled, places, texts, list(failures.values())


def findings_of(paths: Sequence[Path]) -> tuple[pd.DataFrame, list[str]]:
    """The findings of documents, and a sentence for each that could not be read.

    Raises InputError when none could be read.
    """
    facts, places, texts, failures = facts_of(paths)
    return build(in_force(facts), places, texts=texts), failures


def take_answers(folder: Path, paths: Sequence[Path], workspace: Workspace) -> list[str]:
    """Take the answered 查询单 of a folder in as corrections; what failed to be read comes back, as from `run`.

    They go to the corrections.csv in the folder of documents given, or to the project's own where none is.
    Raises InputError for a workbook that is no 查询单, CorrectionError for an answer that does not hold;
    nothing is written then.
    """
    file = corrections_file(paths)
    books = sorted(book for book in folder.rglob("*.xlsx") if not book.name.startswith(("~$", ".")))
    if not books:
        raise InputError(f"{folder}: no 查询单 (.xlsx) is there: give the folder the answered ones are in.")
    facts, *_, failures = facts_of(paths) if paths else (workspace.read("facts"), [])
    answers = [Correction(**row, file=str(book)) for book in books for row in read_answers(book)]
    added = take_in(answers, facts, file)
    click.echo(f"{added} corrections from {len(books)} 查询单 → {file} (run `township build` to apply them)", err=True)
    return failures


def run(paths: Sequence[Path], workspace: Workspace, *, form: str = "table", severity: int = 2, out: Path | None = None,
        language: str = "zh", queries: Path | None = None) -> list[str]:
    """Print or write the findings; gives back a sentence for each document that could not be read."""
    if form == "xlsx" and out is None:
        raise InputError("a workbook cannot be printed: give the file to write with --out findings.xlsx.")
    findings, failures = findings_of(paths) if paths else (workspace.read("findings"), [])
    shown = chosen(findings, severity)
    if form == "xlsx":
        to_workbook(shown, out)
    else:
        text = {"json": to_json, "csv": to_csv}.get(form, lambda frame: "\n".join(to_lines(frame, language)))(shown)
        if out is None:
            click.echo(text)
        else:
            write_text(out, ("\ufeff" if form == "csv" else "") + text + ("" if text.endswith("\n") else "\n"))
    if queries is not None:
        written = write_queries(findings, queries)
        click.echo(f"{len(written)} 查询单 → {queries}", err=True)
    for failure in failures:
        click.echo(f"failed: {failure}", err=True)
    return failures
