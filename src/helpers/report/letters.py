"""A letter back to each township: what does not add up in its reports, and what would settle it, on one plain page."""

from __future__ import annotations

import json
from pathlib import Path

from helpers.figures.numbers import is_known, number
from helpers.report import choices
from helpers.report.fragments import TEMPLATES, fill
from helpers.report.masking import mask
from helpers.report.page import LANG, policy
from helpers.report.sentences import recomputed, stated_fact
from helpers.report.township import Township, load
from helpers.workspace import Workspace, write_text

FOLDER = "letters"
MOST = 7  # findings that fit a page; the report lists the rest


def write_all(workspace: Workspace, out: Path, places: list[str], language: str) -> list[Path]:
    """Write `letters/<place>.html` for those of `places` whose reports do not add up; a letter no longer due is removed."""
    serious = set(workspace.read("findings").query("severity >= 2")["place_id"])
    written = []
    for place in places:
        path = out / FOLDER / f"{place}.html"
        if place in serious:
            write_text(path, letter(load(place, workspace.data, language)))
            written.append(path)
        else:
            path.unlink(missing_ok=True)
            path.with_suffix(".pdf").unlink(missing_ok=True)
    return written


def letter(township: Township) -> str:
    """The letter as a page of its own: the gravest findings with their words, what the figures give, room for an answer."""
    words = township.words
    rows = township.findings[township.findings["severity"] >= 2]
    rows = rows.sort_values(["severity", "period", "finding"], ascending=[False, False, True], kind="stable")
    items = [_item(township, row) for row in rows.head(MOST).itertuples()]
    documents = [mask(title) for title in township.documents.loc[township.documents["doc"].isin(rows["doc"]), "title"] if title]
    return fill("letter.html", words=words, lang=LANG[words.language], policy=policy(""), css=(TEMPLATES / "letter.css").read_text(encoding="utf-8"),
                name=township.name, id=township.id, items=items, count=len(rows), rest=len(rows) - len(items), documents=documents[:3],
                more=len(documents) > 3, simulated=township.simulated, periods=choices.periods_text(rows["period"], words))


def _item(township: Township, row) -> dict:
    words = township.words
    chinese = words.language == "zh"
    figure = stated_fact(township, row)
    close, limits = recomputed(row, words)
    found = limits or close
    unit = words.unit(row.unit)
    quotes = [mask(str(piece.get("quote", ""))).replace("\n", "") for piece in json.loads(row.evidence or "[]")]
    return {"period": words.period(row.period), "quotes": list(dict.fromkeys(quote for quote in quotes if quote))[:4],
            "text": mask(row.text_zh if chinese else row.text_en) if not is_known(row.stated) else "",
            "stated": number(row.stated) + unit if is_known(row.stated) else "",
            "figure": "" if figure is None else words.name(figure["code"], figure["dims"]), "recomputed": found, "settle": mask(row.settle if chinese else row.settle_en)}

