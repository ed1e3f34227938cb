"""corrections.csv: what a person ruled about a figure, one reasoned line each, replayed on every run."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from helpers import periods
from helpers.catalogue import indicators, units
from helpers.documents.manifest import names_below
from helpers.documents.read import decode
from helpers.errors import CorrectionError
from helpers.workspace import CURATION, SAMPLE, write_text

NAME = "corrections.csv"
ACTIONS = ("accept", "fix", "reject", "add")
STATUSES = ("observed", "target", "previous", "change")
LEVELS = ("village", "township", "county", "city", "province", "nation", "institution")
# What a correction may say of a figure besides its value.
MEANING = ("code", "dims", "unit", "status", "period", "place", "level")


@dataclass(frozen=True)
class Correction:
    """One line of a corrections.csv; empty cells say nothing. `start`, `end` are half-open in the raw text."""

    doc: str = ""
    start: str = ""
    end: str = ""
    fact: str = ""
    action: str = ""
    value: str = ""
    expected: str = ""
    reason: str = ""
    author: str = ""
    date: str = ""
    code: str = ""
    dims: str = ""
    unit: str = ""
    status: str = ""
    period: str = ""
    place: str = ""
    level: str = ""
    file: str = NAME
    line: int = 0

    @property
    def where(self) -> str:
        """File and line, as error sentences begin."""
        return f"{self.file}, line {self.line}" if self.line else self.file

    @property
    def span(self) -> tuple[int, int] | None:
        """First character and one past the last, where the line gives them."""
        return (int(self.start), int(self.end)) if self.start else None

    @property
    def why(self) -> str:
        """The reason with who gave it and when."""
        return f"{self.reason} ({self.author}, {self.date})"


COLUMNS = tuple(field.name for field in fields(Correction) if field.name not in ("file", "line"))


def read_corrections(file: Path) -> list[Correction]:
    """The lines of a corrections.csv, each checked; lines that begin with `#` are comments.

    Raises CorrectionError, naming file, line and column, for a cell that does not fit.
    """
    try:
        text, _ = decode(file.read_bytes(), str(file))
    except OSError as error:
        raise CorrectionError(f"{file}: cannot be read ({error.strerror}): check the file and its permissions.") from error
    found, header = [], None
    rows = csv.reader(io.StringIO(text, newline=""))
    for cells in rows:
        if not any(cell.strip() for cell in cells) or cells[0].startswith("#"):
            continue
        cells = [cell.strip() for cell in cells]
        if header is None:
            header = _header(cells, file)
            continue
        if len(cells) != len(header):
            raise CorrectionError(f"{file}, line {rows.line_num}: {len(cells)} cells where the header has {len(header)}.")
        correction = Correction(**dict(zip(header, cells, strict=True)), file=str(file), line=rows.line_num)
        check(correction)
        found.append(correction)
    return found


def _header(cells: list[str], file: Path) -> list[str]:
    unknown = [cell for cell in cells if cell not in COLUMNS]
    if unknown or len(set(cells)) != len(cells):
        raise CorrectionError(f"{file}: the first line has {', '.join(unknown) or 'a column twice'}: "
                              f"its columns are some of {','.join(COLUMNS)}.")
    return cells


def check(correction: Correction) -> None:
    """Raise CorrectionError, with the place and the way out, where a line cannot be meant as it stands."""
    problem = _problem(correction)
    if problem:
        raise CorrectionError(f"{correction.where}: {problem}.")


def _problem(c: Correction) -> str:
    """What is wrong with a line, in words; empty when nothing is."""
    if c.action not in ACTIONS:
        return f"the action {c.action!r} is none of {', '.join(ACTIONS)}"
    for name in ("doc", "reason", "author", "date"):
        if not getattr(c, name):
            return f"the cell `{name}` is empty: a correction names its document, reason, author and date"
    try:
        date.fromisoformat(c.date)
    except ValueError:
        return f"the date {c.date!r} is not written YYYY-MM-DD"
    return _problem_of_place(c) or _problem_of_figure(c) or _problem_of_meaning(c)


def _problem_of_place(c: Correction) -> str:
    if bool(c.start) != bool(c.end):
        return "start and end stand together or not at all"
    if c.start and not (c.start.isdecimal() and c.end.isdecimal() and int(c.start) < int(c.end)):
        return f"{c.start}–{c.end} is no span: start and end count characters of the raw text, start before end"
    if not (c.start or c.fact):
        return "it names no figure: give its id in `fact`, or `start` and `end`"
    if c.action == "add" and not c.start:
        return "a figure can only be added with the `start` and `end` of the characters that state it"
    return ""


def _problem_of_figure(c: Correction) -> str:
    for name in ("value", "expected"):
        cell = getattr(c, name)
        if cell and not (name == "expected" and c.action == "add") and not _is_decimal(cell):
            return f"{name} {cell!r} is no plain decimal such as 215 or -40 or 11.10"
    if c.action == "add":
        return "" if c.value and c.code else "a figure is added with its `value` and `code`"
    if not c.expected:
        return "the cell `expected` is empty: write the value as it was read, so that a later change is noticed"
    changed = bool(c.value) or any(getattr(c, name) for name in MEANING)
    if c.action == "fix" and not changed:
        return "it fixes nothing: give the right `value`, or the cell that is to change"
    if c.action in ("accept", "reject") and changed:
        return f"to {c.action} a figure changes nothing of it: leave value and meaning empty, or write fix"
    return ""


def _problem_of_meaning(c: Correction) -> str:
    for name, allowed in (("code", indicators()), ("unit", units()), ("status", STATUSES), ("level", LEVELS)):
        if getattr(c, name) and getattr(c, name) not in allowed:
            return f"the {name} {getattr(c, name)!r} is not known"
    if c.period and periods.parse(c.period).problem:
        return f"the period {c.period!r} does not fit: {periods.parse(c.period).problem}"
    if c.dims:
        try:
            dims = json.loads(c.dims)
        except ValueError:
            dims = None
        if not isinstance(dims, dict) or not all(isinstance(value, str) for value in dims.values()):
            return f'the dims {c.dims!r} are not JSON such as {{"sex": "male"}}'
    return ""


def _is_decimal(text: str) -> bool:
    try:
        return Decimal(text).is_finite() and "e" not in text.lower() and "_" not in text
    except InvalidOperation:
        return False


def find_corrections(paths: Sequence[Path], project: Path = CURATION / NAME) -> list[Correction]:
    """The corrections that hold for a run on `paths`: those beside the documents, else the project's own.

    A folder among `paths` may carry a corrections.csv (at any depth, next to its manifest.csv), whose `doc` is
    the file's name without its ending. The project's are about its own documents: where others are read as
    well, or instead, only the lines about documents at hand are kept.
    Raises CorrectionError for a line that does not fit, or that names a document its folder does not hold.
    """
    beside = [file for path in paths if path.is_dir() for file in sorted(path.rglob(NAME))]
    found = []
    for file in beside:
        known = names_below(paths, file.parent)
        found += [_about(correction, known) for correction in read_corrections(file)]
    if beside or not project.exists():
        return found
    known, whole = names_below(paths, None), any(path.resolve() == SAMPLE for path in paths)
    return [_about(c, known) for c in read_corrections(project) if whole or c.doc in known]


def _about(correction: Correction, known: Mapping[str, str]) -> Correction:
    """The correction with the document's id in place of its file's name."""
    if correction.doc not in known:
        raise CorrectionError(f"{correction.where}: there is no document {correction.doc!r} here: "
                              "write the file's name without its ending, or take the line out.")
    return Correction(**{**vars(correction), "doc": known[correction.doc]})


def corrections_file(paths: Sequence[Path], project: Path = CURATION / NAME) -> Path:
    """Where corrections of the documents under `paths` belong: beside them, or in the project's own file.

    Raises CorrectionError when several paths leave that open.
    """
    if not paths or any(path.resolve() == SAMPLE for path in paths):
        return project
    if len(paths) > 1:
        raise CorrectionError(f"{', '.join(map(str, paths))}: corrections are kept beside the documents: give one folder.")
    return (paths[0] if paths[0].is_dir() else paths[0].parent) / NAME


def append_corrections(corrections: Iterable[Correction], file: Path) -> int:
    """Add lines to a corrections.csv, made where there is none; how many were new.

    A line that rules as another there already does is left out, so that taking in the same answers twice
    changes nothing. Raises CorrectionError, with nothing written, when another line rules otherwise about
    the same figure.
    """
    present = read_corrections(file) if file.exists() else []
    ruled = {(c.doc, c.fact): c for c in present if c.fact}
    fresh: list[Correction] = []
    for correction in corrections:
        before = ruled.get((correction.doc, correction.fact))
        if before and (before.action, before.value) != (correction.action, correction.value):
            raise CorrectionError(f"{correction.where}: {before.where} rules otherwise about the figure {correction.fact} of "
                                  f"document {correction.doc}: keep one of the two.")
        if not before:
            fresh.append(correction)
            ruled |= {(correction.doc, correction.fact): correction} if correction.fact else {}
    if fresh:
        write_text(file, _text(file, present, fresh))
    return len(fresh)


def _cells(correction: Correction) -> tuple[str, ...]:
    return tuple(getattr(correction, name) for name in COLUMNS)


def _text(file: Path, present: Collection[Correction], fresh: Collection[Correction]) -> str:
    """The file as it was, comments and all, with the fresh lines below; all columns where it lacked some."""
    old = decode(file.read_bytes(), str(file))[0] if file.exists() else ""
    heads = [cells for cells in csv.reader(io.StringIO(old, newline="")) if cells and not cells[0].startswith("#")]
    header = [cell.strip() for cell in heads[0]] if heads else list(COLUMNS)
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    needed = {name for c in fresh for name in COLUMNS if getattr(c, name)}
    if needed <= set(header):
        if not heads:
            writer.writerow(header)
        writer.writerows([getattr(c, name) for name in header] for c in fresh)
        return old + ("" if not old or old.endswith("\n") else "\n") + lines.getvalue()
    comments = "".join(line + "\n" for line in old.splitlines() if line.startswith("#"))
    writer.writerow(COLUMNS)
    writer.writerows(_cells(c) for c in [*present, *fresh])
    return comments + lines.getvalue()


def rule_on(fact: Mapping, action: str, *, reason: str, author: str, date: str, **said: str) -> Correction:
    """A correction of a fact as it is read now: its document, place, id and value filled in, checked.

    `fact`: a row of FACTS; `said`: the right `value`, or what of its meaning is to change. Raises CorrectionError.

    >>> fact = {"doc": "a", "start": 3, "end": 7, "fact": "f1", "value": "436"}
    >>> rule_on(fact, "fix", value="438", reason="台账为438", author="李", date="2026-01-05").expected
    '436'
    """
    correction = Correction(doc=fact["doc"], start=str(int(fact["start"])), end=str(int(fact["end"])), fact=fact["fact"], action=action,
                            expected=fact["value"], reason=reason, author=author, date=date, file="the correction", **said)
    check(correction)
    return correction
