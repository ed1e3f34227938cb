"""Fact tables for tests: the hand-read facts of the mission's gold documents as a FACTS table."""

from __future__ import annotations

import hashlib
from decimal import Decimal

import pandas as pd

from helpers import periods
from helpers.catalogue import indicators
from helpers.schema import FACTS, dims_text

RATE_UNITS = {"percent", "permille", "per_100k", "per_100_females", "percentage_point", "permille_point", "km2"}


def fact_row(line: dict, doc: str = "doc", text: str = "") -> dict:
    """A line in the notation of gold/SCHEMA.md as a row of FACTS: digits give the interval, dims the base."""
    dims = line.get("dims", {})
    value = Decimal(line["value"])
    half = float(Decimal(5).scaleb(min(value.as_tuple().exponent, 0) - 1)) if line["unit"] in RATE_UNITS else 0.0
    start = line.get("start", text.find(line.get("quote", "")) if text else None)
    start = None if start is None or start < 0 else start
    section, place = line.get("section", 1), line.get("place", "")
    name = f"{doc}|{section}|{start}|{line['code']}|{dims_text(dims)}|{line['status']}|{line['value']}|{line['period']}|{line['unit']}"
    flow = indicators()[line["code"]].flow
    return {
        "fact": hashlib.sha256(name.encode()).hexdigest()[:10], "doc": doc, "section": section, "code": line["code"],
        "dims": dims_text(dims), "value": line["value"], "written": line["value"], "low": float(value) - half,
        "high": float(value) + half, "unit": line["unit"], "status": line["status"], "place": place,
        "level": line.get("level", "township"), "period": line["period"], "year_kind": periods.year_kind(line["period"], flow),
        "place_id": line.get("place_id", "p" + hashlib.sha256(f"{doc}{place or section}".encode()).hexdigest()[:8]),
        "base": dims.get("residence", "unstated"), "start": start,
        "end": None if start is None else start + len(line.get("quote", "")), "quote": line.get("quote", ""), "rule": "by hand",
        "state": line.get("state", "stated"), "doubts": "",
    }


def facts_frame(lines: list[dict], doc: str = "doc") -> pd.DataFrame:
    """Lines in the notation of the schema as a FACTS table; missing keys get the usual value."""
    usual = {"unit": "person", "status": "observed", "period": "2014", "place": "某镇", "level": "township"}
    rows = [fact_row({**usual, **line}, line.get("doc", doc)) for line in lines]
    return FACTS.conform(rows)
