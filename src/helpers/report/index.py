"""`index.html`: every report of a run, to be searched, sorted and filtered without network, for ten places or 41,000.

The rows travel as columns of JSON inside the page; the script keeps only those in sight in the document.
"""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
from markupsafe import Markup

from helpers import __version__
from helpers.figures.labels import Labels
from helpers.report import tables
from helpers.report.fragments import TEMPLATES, fill
from helpers.report.masking import mask
from helpers.report.overview import overview
from helpers.report.page import LANG, policy
from helpers.report.record import RunRecord
from helpers.workspace import Workspace, write_text

LEVELS = ("township", "county", "city", "province", "nation", "village", "institution", "")
PLAIN_ROWS = 200  # shown where no script runs


def write(workspace: Workspace, out: Path, record: RunRecord, language: str, counties: dict[str, str] | None = None) -> Path:
    """Write the index of all places with a page or a failure; gives back its path.

    counties: the address of each county's page by its name, for links.
    """
    words = Labels(language)
    rows = index_rows(workspace, out, record, words)
    script = (TEMPLATES / "index.js").read_text(encoding="utf-8")
    css = (TEMPLATES / "page.css").read_text(encoding="utf-8") + (TEMPLATES / "index.css").read_text(encoding="utf-8")
    levels = [(level, words.get(f"level.{level or 'none'}", level)) for level in LEVELS if any(row["level"] == level for row in rows)]
    html = fill("index.html", words=words, rows=rows[:PLAIN_ROWS], total=len(rows), levels=levels, pages=counties or {},
                counties=sorted({row["county"] for row in rows if row["county"]}), data=inlined(rows, counties or {}), policy=policy(script), script=script,
                css=css, lang=LANG[language], version=__version__, simulated=any(row["simulated"] for row in rows),
                all_simulated=all(row["simulated"] for row in rows), failures=[row for row in rows if row["error"]])
    path = out / "index.html"
    write_text(path, html)
    return path


def index_rows(workspace: Workspace, out: Path, record: RunRecord, words: Labels) -> list[dict]:
    """One entry a place: townships first, real before simulated, then what needs a look first: gravest, most findings, most figures."""
    frame = overview(*(workspace.read(name) for name in ("places", "panel", "rates", "findings")), hidden=tables.hidden_of(workspace))
    order = {level: position for position, level in enumerate(LEVELS)}
    frame = frame.assign(_level=frame["level"].map(order).fillna(9), _worst=-frame["worst"], _findings=-frame["findings"], _facts=-frame["facts"])
    frame = frame.sort_values(["_level", "simulated", "_worst", "_findings", "_facts", "pinyin", "place_id"], kind="stable")
    made = {path.stem for path in out.glob("*.html")}
    hidden = {text: mask(text) for text in {*frame["name"], *frame["county"]}}
    return [_entry(place, record.pages.get(place.place_id, {}), place.place_id in made, hidden, words)
            for place in frame.rename(columns={"name": "title"}).itertuples()]


def _entry(place, page: dict, made: bool, hidden: dict[str, str], words: Labels) -> dict:
    known = pd.notna(place.rate)
    error = mask(page["error"]) if page.get("error") else ""
    return {
        "id": place.place_id, "name": hidden[place.title] or words("place.unnamed", place=place.place_id), "pinyin": place.pinyin,
        "level": place.level, "level_name": words.get(f"level.{place.level or 'none'}", place.level), "county": hidden[place.county],
        "simulated": bool(place.simulated), "facts": int(place.facts), "findings": place.findings, "worst": place.worst,
        "periods": _years(place, words), "known": place.known, "wanted": place.wanted,
        "rate": f"{place.rate:.1f}" if known else "", "rate_year": str(int(place.rate_year)) if known else "",
        "course": place.course if isinstance(place.course, list) else [], "error": error, "ready": made and not error}


def _years(place, words: Labels) -> str:
    """The years told of: 2012–2019, with a note where one is struck out."""
    if pd.isna(place.first):
        return words("period.year.unknown") if place.hidden is True else words("period.none")
    first, last = int(place.first), int(place.last)
    span = str(first) if first == last else f"{first}–{last}"
    return words("period.some.unknown", span=span) if place.hidden is True else span


def inlined(rows: list[dict], pages: dict[str, str]) -> Markup:
    """The rows as JSON for a `<script type="application/json">`: column by column, no `<` that could end it."""
    counties = sorted({row["county"] for row in rows})
    levels = list(dict.fromkeys(row["level"] for row in rows))
    names = {row["level"]: row["level_name"] for row in rows}
    number = {county: place for place, county in enumerate(counties)}
    columns = {name: [row[name] for row in rows] for name in ("id", "name", "pinyin", "periods", "facts", "findings", "worst", "known", "wanted", "rate", "rate_year")}
    columns |= {"county": [number[row["county"]] for row in rows], "level": [levels.index(row["level"]) for row in rows],
                "state": [2 if row["error"] else 0 if row["ready"] else 1 for row in rows], "simulated": [int(row["simulated"]) for row in rows],
                "course": [_packed(row["course"]) for row in rows]}
    told = {"counties": counties, "pages": [pages.get(county, "") for county in counties], "levels": levels,
            "levelNames": [names[level] for level in levels], "columns": columns}
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029"))


def _packed(course: list[tuple[int, float]]) -> list[int]:
    """First year, then tenths of the rate year by year; 0 for a year without one. Empty below three years."""
    if len(course) < 3:
        return []
    by_year = dict(course)
    return [course[0][0], *(round(10 * by_year[year]) if year in by_year else 0 for year in range(course[0][0], course[-1][0] + 1))]
