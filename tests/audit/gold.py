"""The hand-made facts of ../shared/gold as a FACTS frame, for tests that want real reports."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from helpers.catalogue import indicators
from helpers.identities import printed
from helpers.schema import FACTS, dims_text

GOLD = Path(__file__).resolve().parents[2] / ".." / "shared" / "gold"


def fact_row(number: int, doc: str, line: dict) -> dict:
    """One line of a gold file as a row of the facts table; the interval is that of the digits alone."""
    residence = line["dims"].get("residence", "unstated")
    return {
        "fact": f"{doc}-{number:03d}", "doc": doc, "section": line["section"], "code": line["code"],
        "dims": dims_text(line["dims"]), "value": line["value"], "written": line.get("written", line["value"]),
        "unit": line["unit"], "status": line["status"], "place": line["place"], "level": line["level"],
        "place_id": line.get("place_id", ""), "period": line["period"], "base": residence,
        "start": line.get("start", number * 100), "end": line.get("start", number * 100) + len(line["quote"]),
        "quote": line["quote"], "rule": "gold", "state": "stated", "doubts": line.get("doubts", ""),
        "low": line.get("low"), "high": line.get("high"),
    }


def as_facts(documents: dict[str, list[dict]]) -> pd.DataFrame:
    """A FACTS frame from lists of gold lines by document."""
    rows = [fact_row(number, doc, line) for doc, lines in documents.items() for number, line in enumerate(lines)]
    return FACTS.conform(rows)


def gold_facts() -> pd.DataFrame:
    """All gold documents that are there (none where ../shared is absent)."""
    documents = {}
    for path in sorted((GOLD / "facts").glob("*.jsonl")):
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        documents[path.stem] = [line for line in lines if line["code"] in indicators()]
    return as_facts(documents)


def stated(code: str, value: str, *, period: str = "2017", place: str = "青石镇", level: str = "township", section: int = 1,
           status: str = "observed", quote: str = "", unit: str = "", start: int | None = None, **dims: str) -> dict:
    """A fact line for tests: `stated("births", "336", sex="male")`."""
    printed(value)
    return {"code": code, "dims": dims, "value": value, "unit": unit or indicators()[code].unit, "status": status,
            "place": place, "level": level, "period": period, "section": section, "quote": quote or f"{code}{value}"} | ({} if start is None else {"start": start})
