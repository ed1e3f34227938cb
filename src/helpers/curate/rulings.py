"""Facts under the corrections: what was stated stays, what a person ruled stands beside it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pandas as pd

from helpers import periods
from helpers.catalogue import indicators, units
from helpers.curate.corrections import MEANING, NAME, Correction, append_corrections, check
from helpers.errors import CorrectionError
from helpers.extract.numbers import find_numbers, interval
from helpers.schema import FACTS, dims_text
from helpers.workspace import write_text

ACCEPTED, SUPERSEDED, REJECTED = "accepted", "superseded", "rejected"
BY_HAND = "by hand"
_EXACT = {"count"}
_PER = {"percent": 100, "permille": 1000, "per_100k": 100_000}
GOLD = ("code", "dims", "value", "unit", "status", "place", "level", "period", "section", "quote", "start", "end")


def apply(facts: pd.DataFrame, corrections: Iterable[Correction], *, texts: Mapping[str, str] | None = None,
          unread: Collection[str] = ()) -> pd.DataFrame:
    """FACTS as extracted, with the corrections replayed; nothing stated is lost or overwritten.

    accept marks a fact `accepted`; reject marks it `rejected`; fix marks it `superseded` and adds a row in
    state `corrected` that names it in `corrects`; add adds a stated, accepted row read by hand. `texts` gives
    the raw text by document, from which an added figure takes its quote; `unread` the documents that could
    not be read this time, whose corrections wait. The argument is not changed.
    Raises CorrectionError for a correction that finds no figure, several, or another value than expected.

    >>> facts = FACTS.conform([{"fact": "a", "doc": "x", "code": "births", "value": "251", "unit": "person", "state": "stated"}])
    >>> fix = Correction("x", fact="a", action="fix", value="215", expected="251", reason="抄错", author="李", date="2026-01-05")
    >>> apply(facts, [fix])[["value", "state", "ruling"]].values.tolist()
    [['251', 'stated', 'superseded'], ['215', 'corrected', '']]
    """
    facts = FACTS.conform(facts)
    bench = _Bench(facts, texts or {})
    for correction in corrections:
        if correction.doc not in unread:
            bench.rule(correction)
    return bench.result()


class _Bench:
    """Where rulings are made: the facts, found by document, the marks set so far, and the rows added."""

    def __init__(self, facts: pd.DataFrame, texts: Mapping[str, str]) -> None:
        self.facts, self.texts = facts, texts
        self.by_doc = facts.groupby("doc", sort=False).indices
        self.marks: dict[int, tuple[str, Correction]] = {}
        self.added: list[tuple[int, dict]] = []  # position of the row to stand after, and the row

    def rule(self, correction: Correction) -> None:
        if correction.action == "add":
            self._add(correction)
            return
        position = self._find(correction)
        self._mark(position, correction)
        if correction.action == "fix":
            self.added.append((position, _corrected(self.facts.loc[position].to_dict(), correction)))

    def result(self) -> pd.DataFrame:
        """The facts with their marks, each added row after the one it belongs to."""
        if not self.marks and not self.added:
            return self.facts
        marked = self.facts.copy()
        for position, (ruling, correction) in self.marks.items():
            marked.loc[position, ["ruling", "reason"]] = [ruling, correction.why]
        keys = [*range(len(marked)), *(position + 0.5 for position, _ in self.added)]
        rows = pd.concat([marked, FACTS.conform([row for _, row in self.added])], ignore_index=True)
        return FACTS.conform(rows.assign(_at=keys).sort_values("_at", kind="stable").drop(columns="_at"))

    def _of(self, doc: str) -> pd.DataFrame:
        return self.facts.loc[self.by_doc.get(doc, [])]

    def _find(self, c: Correction) -> int:
        """The one fact a correction speaks of, if it still says what the correction expects."""
        own = self._of(c.doc)
        if c.fact:
            hits, place = own[own["fact"] == c.fact], f"no figure has the id {c.fact}"
        else:
            start, end = c.span
            hits, place = own[(own["start"] < end) & (own["end"] > start)], f"no figure was read at {start}–{end}"
        if hits.empty:
            raise CorrectionError(f"{c.where}: in document {c.doc} {place}: take the line out, or name the figure anew.")
        right = hits[[_same_number(value, c.expected) for value in hits["value"]]]
        if len(right) > 1 and c.code and c.action != "fix":
            right = right[right["code"] == c.code]
        if right.empty:
            read = ", ".join(hits["value"])
            raise CorrectionError(f"{c.where}: {c.expected} was expected in document {c.doc} ({_quote(hits.iloc[0])}), but {read} is read "
                                  "now: look again, and take the line out or correct `expected`.")
        if len(right) > 1:
            ids = ", ".join(f"{row.fact} ({row.code})" for row in right.itertuples())
            raise CorrectionError(f"{c.where}: {len(right)} figures of document {c.doc} stand there: put the id of one into `fact`: {ids}.")
        return int(right.index[0])

    def _mark(self, position: int, correction: Correction) -> None:
        if position in self.marks:
            raise CorrectionError(f"{correction.where}: {self.marks[position][1].where} rules about the same figure of "
                                  f"document {correction.doc}: keep one of the two.")
        ruling = {"accept": ACCEPTED, "reject": REJECTED, "fix": SUPERSEDED}[correction.action]
        self.marks[position] = ruling, correction

    def _add(self, c: Correction) -> None:
        start, end = c.span
        own = self._of(c.doc)
        there = own[(own["start"] < end) & (own["end"] > start) & (own["code"] == c.code)]
        if any(_same_number(value, c.value) for value in there["value"]):
            raise CorrectionError(f"{c.where}: the figure {c.value} ({c.code}) of document {c.doc} is now read from the text: take the line out.")
        quote = self._quoted(c, start, end)
        before = own[own["start"] <= start]
        near = before.iloc[-1] if len(before) else own.iloc[0] if len(own) else None
        position = int(near.name) if near is not None else len(self.facts)
        self.added.append((position, _stated_by_hand(c, quote, near)))

    def _quoted(self, c: Correction, start: int, end: int) -> str:
        """The characters an added figure stands in; `expected`, where given, must be found there."""
        if c.doc not in self.texts:
            return c.expected
        quote = self.texts[c.doc][start:end]
        if len(quote) < end - start or (c.expected and c.expected != quote):
            raise CorrectionError(f"{c.where}: document {c.doc} has {quote!r} at {start}–{end}"
                                  + (f", not {c.expected!r}" if c.expected else "") + ": correct start, end or expected.")
        return quote


def _same_number(value: str, expected: str) -> bool:
    return Decimal(value) == Decimal(expected)


def _quote(fact: Mapping) -> str:
    return f"{fact['quote']!r} at {fact['start']}–{fact['end']}"


def _corrected(stated: dict, c: Correction) -> dict:
    """The row that stands for a stated one: its evidence, with what the correction says of it."""
    said = {name: getattr(c, name) for name in MEANING if getattr(c, name)}
    row = {**stated, **said, "fact": _id(stated["fact"]), "state": "corrected", "ruling": "", "reason": c.why,
           "corrects": stated["fact"], "doubts": ""}
    if c.value:
        row |= {"value": c.value, "written": c.value}
    if c.value or c.unit:
        row |= _bounds(row["value"], row["unit"])
    return row | _follows(row, c)


def _stated_by_hand(c: Correction, quote: str, near: Mapping | None) -> dict:
    """A figure the rules did not read: of the place and section of the figure before it, unless the line says else."""
    start, end = c.span
    place = {"place": c.place, "level": c.level} if c.place or c.level or near is None else {"place": near["place"], "level": near["level"]}
    row = {"doc": c.doc, "section": 1 if near is None else near["section"], "code": c.code, "value": c.value, "written": c.value,
           "unit": c.unit or indicators()[c.code].unit, "status": c.status or "observed", **place, "period": c.period,
           "start": start, "end": end, "quote": quote, "rule": BY_HAND, "state": "stated", "ruling": ACCEPTED, "reason": c.why,
           "dims": c.dims or "{}"}
    row |= {"fact": _id(f"{c.doc}\x00{start}\x00{end}\x00{c.code}\x00{c.value}"), **_bounds(c.value, row["unit"])}
    return row | _follows(row, c)


def _follows(row: Mapping, c: Correction) -> dict:
    """What follows from dims, code and period: the population base, the kind of year."""
    dims = json.loads(row["dims"] or "{}")
    base = {"base": dims.get("residence", "unstated")} if c.dims or c.action == "add" else {}
    kind = {"year_kind": periods.year_kind(row["period"], indicators()[row["code"]].flow)} if c.period or c.code else {}
    return {"dims": dims_text(dims), **base, **kind}


def _bounds(value: str, unit: str) -> dict[str, float]:
    """What the digits of a value allow: a whole count stands for itself."""
    step = Decimal(1).scaleb(-len(value.partition(".")[2]))
    low, high = interval(Decimal(value), step, "", exact=units()[unit].kind in _EXACT and step == 1)
    return {"low": float(low), "high": float(high)}


def _id(seed: str) -> str:
    return hashlib.blake2s(f"correction\x00{seed}".encode(), digest_size=8).hexdigest()


def in_force(facts: pd.DataFrame) -> pd.DataFrame:
    """The facts that count: without the rejected, and without those a corrected one stands for."""
    return facts[~facts["ruling"].isin((SUPERSEDED, REJECTED))].reset_index(drop=True)


def gold(facts: pd.DataFrame) -> dict[str, list[dict]]:
    """What people have confirmed, by document, as lines in the notation of gold/SCHEMA.md with `start` and `end`.

    Accepted and added facts, and fixed ones. Gold says what a document prints: where the evidence does not
    print a fixed value, it was the document that was put right, not the reading, and its stated row is gold.
    """
    stated = facts.set_index("fact", drop=False)
    lines: dict[str, list[dict]] = {}
    for row in facts.to_dict("records"):
        if row["ruling"] == ACCEPTED:
            chosen = row
        elif row["state"] == "corrected" and row["corrects"] in stated.index:
            before = stated.loc[row["corrects"]].to_dict()
            chosen = row if row["value"] == before["value"] or _prints(row) else before
        else:
            continue
        line = {name: json.loads(chosen["dims"] or "{}") if name == "dims" else chosen[name] for name in GOLD}
        lines.setdefault(row["doc"], []).append({k: int(v) if k in ("section", "start", "end") else v for k, v in line.items()})
    return {doc: sorted(found, key=lambda line: (line["start"], line["end"], line["code"])) for doc, found in lines.items()}


def write_gold(facts: pd.DataFrame, folder: Path) -> int:
    """What people have confirmed as `<doc>.jsonl` in a folder, the form `township evaluate` takes; how many facts."""
    confirmed = gold(facts)
    for doc, lines in confirmed.items():
        write_text(folder / f"{doc}.jsonl", "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
    return sum(map(len, confirmed.values()))


def _prints(row: Mapping) -> bool:
    """Whether the evidence of a fact prints its value."""
    printed = {Decimal(number.value) for number in find_numbers(row["quote"])}
    return bool(printed & {Decimal(row["value"]), -Decimal(row["value"])})


def take_in(answers: Iterable[Correction], facts: pd.DataFrame, file: Path, texts: Mapping[str, str] | None = None) -> int:
    """Append corrections (answered queries, an analyst's own) to those in `file`; how many lines were new.

    Each is tried on the facts first: raises CorrectionError, with nothing written, when one does not hold. Two
    answers that say the same of one figure (two findings may ask about it) are one.
    """
    plain = facts[facts["state"].ne("corrected") & facts["rule"].ne(BY_HAND)].assign(ruling="", reason="")
    units_of = plain.set_index("fact")
    once: dict[tuple[str, ...], Correction] = {}
    for answer in answers:
        once.setdefault((answer.doc, answer.fact, answer.action, answer.value), _in_own_unit(answer, units_of))
    for answer in once.values():
        check(answer)
    apply(plain, once.values(), texts=texts)
    return append_corrections(once.values(), file)


def _in_own_unit(answer: Correction, facts: pd.DataFrame) -> Correction:
    """An answer whose query showed a rate per other than the document prints, expecting what is printed."""
    if answer.fact not in facts.index:
        return answer
    fact = facts.loc[answer.fact]
    own = indicators()[fact["code"]].unit
    if fact["unit"] == own or not {fact["unit"], own} <= _PER.keys():
        return answer
    if Decimal(fact["value"]) * _PER[own] / _PER[fact["unit"]] != Decimal(answer.expected):
        return answer
    if answer.action == "fix":
        raise CorrectionError(f"{answer.file}: document {answer.doc} prints {fact['value']} {units()[fact['unit']].symbol}, the query asked in "
                              f"{units()[own].symbol}: write this correction into {NAME} by hand, with its unit.")
    return replace(answer, expected=fact["value"])
