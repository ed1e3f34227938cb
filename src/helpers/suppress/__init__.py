"""Small counts out of everything that is published, at one place in the flow: between the audit and the panel.

What comes out are facts, findings and texts without them; panel, rates, comparisons, pages, exports and index are then
made from these as they are from any others, so that nothing further down can know what is hidden.

The rule: no count of people or of events from 1 to `below` - 1 is published, nor what would let one be reckoned back
(`choose`): a second part of a whole, a percentage, a change over the year, a county's sum. Sources: METHODS 1.12;
complementary suppression as in statistical disclosure control (Willenborg & de Waal 2001), tested by linear programming.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from helpers.catalogue import read_rows
from helpers.errors import InputError
from helpers.schema import DOCUMENTS, FACTS, FINDINGS, HIDDEN
from helpers.suppress.choose import cells_to_hide
from helpers.suppress.figures import Cell, cell_of, is_count, key_of, same_year, stated_cells
from helpers.suppress.texts import covered, covered_title

LEAST = 2
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Suppressed:
    """What may be published; `hidden` (HIDDEN) says which cells were taken out, not what they held."""

    facts: pd.DataFrame
    findings: pd.DataFrame
    documents: pd.DataFrame
    texts: dict[str, str]
    hidden: pd.DataFrame


def suppress(facts: pd.DataFrame, findings: pd.DataFrame, documents: pd.DataFrame, places: pd.DataFrame,
             texts: Mapping[str, str], below: int) -> Suppressed:
    """FACTS (those in force), FINDINGS, DOCUMENTS and raw texts without counts from 1 to `below` - 1.

    Raises InputError for `below` under 2, which would hide nothing.
    """
    if below < LEAST:
        raise InputError(f"counts below {below} cannot be hidden: give 2 or more (5 and 10 are usual).")
    cells = stated_cells(facts)
    hidden = cells_to_hide(cells, places, below)
    gone = {fact for cell in hidden for fact in cells[cell].facts} | _besides(facts, hidden, below)
    out = facts["fact"].isin(gone)
    told = facts[out].assign(below=below)[HIDDEN.names].drop_duplicates(ignore_index=True)
    shown = {doc: _texts_of(text, facts[facts["doc"] == doc], gone) for doc, text in texts.items()}
    return Suppressed(_facts(facts[~out], shown), _findings(findings, facts, gone, shown), _documents(documents, shown), shown,
                      HIDDEN.conform(told))


def _besides(facts: pd.DataFrame, hidden: set[Cell], below: int) -> set[str]:
    """Facts outside the cells that tell a small count or lead back to one: targets, figures without an interval, changes."""
    touched = {(cell.place, cell.key[0]) for cell in hidden}
    values = pd.to_numeric(facts["value"], errors="coerce")
    current = dict(zip((cell_of(row) for row in facts[facts["status"] == "observed"].itertuples()), values[facts["status"] == "observed"], strict=True))
    found = set()
    for row, value in zip(facts.itertuples(), values, strict=True):
        key = key_of(row.code, row.dims)
        if row.status == "change":
            now = current.get(Cell(row.place_id, same_year(row.period), key))
            before = None if now is None else (now - value, now + value)
            if (row.place_id, row.code) in touched or (before and is_count(key) and any(1 <= one < below for one in before)):
                found.add(row.fact)
        elif is_count(key) and key[0] != "natural_increase" and 1 <= abs(value) < below:
            found.add(row.fact)
    return found


def _texts_of(text: str, facts: pd.DataFrame, gone: set[str]) -> str:
    spans = [(int(row.start), int(row.end), row.fact in gone) for row in facts.itertuples() if pd.notna(row.start) and row.start >= 0]
    return covered(text, [(start, end) for start, end, out in spans if not out], [(start, end) for start, end, out in spans if out])


def _facts(facts: pd.DataFrame, texts: Mapping[str, str]) -> pd.DataFrame:
    quotes = [texts[row.doc][int(row.start):int(row.end)] if row.doc in texts and pd.notna(row.start) and row.start >= 0
              else covered(row.quote, [(0, len(row.quote))]) for row in facts.itertuples()]
    return FACTS.conform(facts.assign(quote=quotes, reason=facts["reason"].map(covered)))


def _documents(documents: pd.DataFrame, texts: Mapping[str, str]) -> pd.DataFrame:
    """The fingerprint becomes that of the covered text: from the document's own the digits could be found by trying."""
    prints = [hashlib.sha256(texts[doc].encode()).hexdigest() if doc in texts else "" for doc in documents["doc"]]
    return DOCUMENTS.conform(documents.assign(title=documents["title"].map(covered_title), sha256=prints))


def _findings(findings: pd.DataFrame, facts: pd.DataFrame, gone: set[str], texts: Mapping[str, str]) -> pd.DataFrame:
    """The findings; one that speaks of a hidden figure keeps its class and how to settle it, and loses its numbers."""
    if findings.empty:
        return findings
    words = {row["key"]: row for row in read_rows("labels") if row["key"].startswith("hidden.finding")}
    numbers = facts[facts["fact"].isin(gone)].groupby("place_id")["value"].agg(set).to_dict()
    values = dict(zip(facts["fact"], facts["value"], strict=True))
    rows = []
    for row in findings.to_dict("records"):
        named = [fact for fact in row["facts"].split(";") if fact]
        own = {values[fact] for fact in named if fact in values}
        said = set(_NUMBER.findall(" ".join(row[name] for name in ("statement", "text_zh", "hypothesis"))))
        if gone & set(named) or said & (numbers.get(row["place_id"], set()) - own):
            row |= {"stated": None, "recomputed": None, "low": None, "high": None, "evidence": "[]", "statement": "", "hypothesis": "",
                    "hypothesis_en": "", "facts": ";".join(fact for fact in named if fact not in gone), "text_zh": words["hidden.finding"]["zh"],
                    "text_en": words["hidden.finding"]["en"], "settle": covered(row["settle"]), "settle_en": covered(row["settle_en"])}
        else:
            row["evidence"] = _evidence(row, texts)
        rows.append(row)
    return FINDINGS.conform(rows)


def _evidence(row: Mapping, texts: Mapping[str, str]) -> str:
    text = texts.get(row["doc"])
    pieces = json.loads(row["evidence"] or "[]")
    told = [piece | {"quote": text[piece["start"]:piece["end"]] if text is not None and "start" in piece else covered(str(piece.get("quote", "")))}
            for piece in pieces]
    return json.dumps(told, ensure_ascii=False)


__all__ = ["LEAST", "Suppressed", "suppress"]
