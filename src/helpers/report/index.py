"""`index.html`: every report of a run, to be searched, sorted and filtered without network."""

from __future__ import annotations

from pathlib import Path

from helpers import __version__
from helpers.figures.labels import Labels
from helpers.figures.micro import spark
from helpers.figures.series import series
from helpers.report import choices
from helpers.report.fragments import TEMPLATES, fill
from helpers.report.masking import mask
from helpers.report.page import LANG, policy
from helpers.report.record import RunRecord
from helpers.workspace import Workspace, write_text

LEVELS = ("township", "county", "city", "province", "nation", "village", "institution", "")


def write(workspace: Workspace, out: Path, record: RunRecord, language: str) -> Path:
    """Write the index of all places with a page or a failure; gives back its path."""
    words = Labels(language)
    rows = index_rows(workspace, out, record, words)
    script = (TEMPLATES / "index.js").read_text(encoding="utf-8")
    css = (TEMPLATES / "page.css").read_text(encoding="utf-8") + (TEMPLATES / "index.css").read_text(encoding="utf-8")
    levels = [(level, words.get(f"level.{level or 'none'}", level)) for level in LEVELS if any(row["level"] == level for row in rows)]
    html = fill("index.html", words=words, rows=rows, levels=levels, counties=sorted({row["county"] for row in rows if row["county"]}),
                policy=policy(script), script=script, css=css, lang=LANG[language], version=__version__,
                simulated=any(row["simulated"] for row in rows), all_simulated=all(row["simulated"] for row in rows),
                failed=sum(bool(row["error"]) for row in rows))
    path = out / "index.html"
    write_text(path, html)
    return path


def index_rows(workspace: Workspace, out: Path, record: RunRecord, words: Labels) -> list[dict]:
    """One entry a place, townships first, then by pinyin."""
    places, rates, findings, facts = (workspace.read(name) for name in ("places", "rates", "findings", "facts"))
    serious = findings[findings["severity"] >= 2].groupby("place_id").size()
    periods = facts.groupby("place_id")["period"]
    births = dict(tuple(rates[rates["measure"] == "cbr"].groupby("place_id")))
    order = {level: position for position, level in enumerate(LEVELS)}
    entries = []
    for place in sorted(places.itertuples(), key=lambda row: (order.get(row.level, 9), row.simulated, row.county, row.pinyin, row.place_id)):
        page = record.pages.get(place.place_id, {})
        past = series(births[place.place_id], "cbr") if place.place_id in births else rates.iloc[:0]
        last = past.iloc[-1] if len(past) else None
        entries.append({
            "id": place.place_id, "name": mask(place.name) or words("place.unnamed", place=place.place_id), "pinyin": place.pinyin,
            "level": place.level, "level_name": words.get(f"level.{place.level or 'none'}", place.level), "county": mask(place.county),
            "simulated": place.simulated, "facts": int(place.facts), "documents": int(place.documents), "findings": int(serious.get(place.place_id, 0)),
            "periods": choices.periods_text(periods.get_group(place.place_id), words) if place.place_id in periods.groups else "",
            "rate": "" if last is None else f"{last['value']:.1f}", "rate_year": "" if last is None else str(last["year"]), "spark": spark(past),
            "error": mask(page.get("error", "")), "ready": (out / f"{place.place_id}.html").is_file() and not page.get("error")})
    return entries
