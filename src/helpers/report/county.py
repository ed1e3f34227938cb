"""A page per county: totals beside the county's own, its townships side by side, who has not reported what, what changed."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from helpers import __version__
from helpers.figures.labels import Labels
from helpers.figures.micro import interval_mark
from helpers.figures.numbers import decimals_for, interval, is_known, number
from helpers.figures.places import one_period
from helpers.figures.series import FULL_YEARS
from helpers.report.evidence import rate_id
from helpers.report.fragments import TEMPLATES, fill
from helpers.report.masking import mask
from helpers.report.overview import overview, reported
from helpers.report.page import LANG, policy
from helpers.report.tables import hidden_of
from helpers.workspace import Workspace, write_text

SUMMED = ("pop_total", "births", "deaths")
STATE = Path("data") / "last.json"
_BRACKET = re.compile(r"[（(].*?[）)]$")


@dataclass(frozen=True)
class Country:
    """The tables the county pages are cut from, each worked out once for all counties."""

    frame: pd.DataFrame
    panel: pd.DataFrame
    rates: pd.DataFrame
    judged: dict[tuple[str, str], tuple[str, str]]
    told: set[tuple[str, int, str]]
    changes: dict[str, list[str]]
    words: Labels


def write_all(workspace: Workspace, out: Path, language: str) -> dict[str, str]:
    """Write a page for every county with two townships or more; gives back each page's address by the county's name."""
    words = Labels(language)
    tables = {name: workspace.read(name) for name in ("places", "panel", "rates", "findings")}
    hidden = hidden_of(workspace)
    frame = overview(*tables.values(), hidden=hidden)
    country = Country(frame, _stated(tables["panel"]), tables["rates"], _judged(workspace), _told(tables["panel"], hidden),
                      changes(frame, out, words), words)
    townships = frame[(frame["level"] == "township") & (frame["county"] != "")]
    rates = dict(tuple(tables["rates"].groupby("place_id"))) if len(townships) else {}
    cells = dict(tuple(country.panel.groupby("place_id")))
    pages = {}
    for (name, simulated), members in townships.groupby(["county", "simulated"], sort=True):
        if len(members) < 2:
            continue
        file = f"county-{hashlib.sha256(f'{name}|{simulated}'.encode()).hexdigest()[:10]}.html"
        write_text(out / file, _page(country, name, members, rates, cells))
        pages[mask(name)] = file
    return pages


def _page(country: Country, name: str, members: pd.DataFrame, rates: Mapping[str, pd.DataFrame], cells: Mapping[str, pd.DataFrame]) -> str:
    words = country.words
    own_rates = pd.concat([rates[place] for place in members["place_id"] if place in rates] or [country.rates.iloc[:0]])
    own_cells = pd.concat([cells[place] for place in members["place_id"] if place in cells] or [country.panel.iloc[:0]])
    itself = country.frame[(country.frame["level"] == "county") & (country.frame["simulated"] == members["simulated"].iloc[0])
                           & (country.frame["name"].map(bare) == bare(name))]
    stated = pd.concat([cells[place] for place in itself["place_id"] if place in cells] or [country.panel.iloc[:0]])
    names = {row.place_id: mask(row.title) or row.place_id for row in members.rename(columns={"name": "title"}).itertuples()}
    css = "".join((TEMPLATES / sheet).read_text(encoding="utf-8") for sheet in ("page.css", "county.css"))
    changed = {names[place]: lines for place, lines in country.changes.items() if place in names}
    return fill("county.html", words=words, name=mask(name), places=names, simulated=bool(members["simulated"].any()), lang=LANG[words.language],
                policy=policy(""), css=css, version=__version__, totals=totals(own_cells, stated, len(members), words),
                ranking=_ranking(country, own_rates, names), matrix=_matrix(country, members, names), changed=changed)


def bare(name: str) -> str:
    """A county's name without a remark in brackets behind it.

    >>> bare("云岭县（虚构）")
    '云岭县'
    """
    return _BRACKET.sub("", name)


def _stated(panel: pd.DataFrame) -> pd.DataFrame:
    """One value a place, whole year and summed indicator, from its own year's report first, registered population first."""
    rows = panel[panel["code"].isin(SUMMED) & (panel["dims"] == "{}") & panel["status"].isin(("observed", "previous")) & panel["year"].notna()]
    rows = rows[(rows["code"] == "pop_total") | rows["year_kind"].isin(FULL_YEARS)]
    first = rows["base"].map({"registered": 0, "unstated": 1, "resident": 2}).fillna(3)
    rows = rows.assign(_first=first).sort_values(["status", "_first", "period_end"], ascending=[True, True, False], kind="stable")
    return rows.drop_duplicates(["place_id", "year", "code"])


def totals(cells: pd.DataFrame, stated: pd.DataFrame, members: int, words: Labels) -> list[dict]:
    """Sums over the townships by year beside what the county itself states, newest first.

    cells, stated: one row a place, year and code (`value low high questioned`), of the townships and of the county.
    """
    table = []
    for year in sorted(set(cells["year"]), reverse=True):
        row = {"year": words.period(str(year)), "cells": []}
        for code in SUMMED:
            some = cells[(cells["year"] == year) & (cells["code"] == code)]
            own = stated[(stated["year"] == year) & (stated["code"] == code)]
            row["cells"].append(_total(some, None if own.empty else own.iloc[0], members, words) | {"code": code})
        table.append(row)
    return table


def _total(some: pd.DataFrame, own: pd.Series | None, members: int, words: Labels) -> dict:
    """One sum with how many report it, and whether the county's own total agrees."""
    sum_, there = float(some["value"].sum()), len(some)
    cell = {"sum": number(sum_) if there else "", "there": there, "members": members, "doubt": bool(some["questioned"].any()), "stated": "", "verdict": "", "bad": False}
    if own is None or not there:
        return cell
    low, high = float(some["low"].sum()), float(some["high"].sum())
    apart = low > own["high"] or (there == members and high < own["low"])
    kind = "differs" if apart else "agrees" if there == members else "open"
    verdict = words(f"county.total.{kind}", difference=number(abs(sum_ - own["value"])), missing=members - there)
    return cell | {"stated": number(own["value"]), "verdict": verdict, "bad": apart}


def _ranking(country: Country, rates: pd.DataFrame, names: Mapping[str, str]) -> dict:
    """The townships' birth rates of one period, highest first, with the ranks chance would allow."""
    words, rows = country.words, one_period(rates, "cbr")
    if len(rows) < 2:
        return {}
    common = float(rows["per"].iloc[0] * rows["numerator"].sum() / rows["denominator"].sum())
    lines = []
    for row in rows.itertuples():
        decimals = decimals_for(row.low, row.high)
        best, worst = int((rows["low"] > row.high).sum()) + 1, len(rows) - int((rows["high"] < row.low).sum())
        judgement, funnel = country.judged.get((row.place_id, row.period), ("", ""))
        lines.append({
            "id": row.place_id, "name": names[row.place_id], "rate": rate_id(row), "value": number(row.value, decimals), "limits": interval(row.low, row.high, decimals),
            "mark": interval_mark(row.value, row.low, row.high, common), "ranks": str(best) if best == worst else f"{best}–{worst}",
            "judgement": judgement, "verdict": words.get(f"judgement.{judgement}", "") if judgement else "", "outside": funnel in ("high", "low")})
    first = rows.iloc[0]
    return {"rows": lines, "common": number(common, 2), "period": words.period(first["period"]), "base": words(f"base.{first['base']}"), "left": len(names) - len(rows)}


def _judged(workspace: Workspace) -> dict[tuple[str, str], tuple[str, str]]:
    """Judgement against the county's other townships and place in the funnel, of each birth rate; empty where not built."""
    if not workspace.table_path("comparisons").exists():
        return {}
    rows = workspace.read("comparisons")
    rows = rows[(rows["measure"] == "cbr") & (rows["benchmark"] == "county") & (rows["dims"] == "{}")]
    return {(row.place_id, row.period): (row.judgement, row.funnel) for row in rows.itertuples()}


def _told(panel: pd.DataFrame, hidden: pd.DataFrame) -> set[tuple[str, int, str]]:
    """Who stated what of which year, as (place, year, births or population)."""
    rows = reported(panel, hidden)
    return {(place, int(year), what) for what in ("births", "population")
            for place, year in rows.loc[rows[what].astype(bool), ["place_id", "year"]].itertuples(index=False)}


def _matrix(country: Country, members: pd.DataFrame, names: Mapping[str, str]) -> dict:
    """Place by year: births and population, one of them, or nothing."""
    known = [(place, year) for place, year, what in country.told if place in names and what == "births"]
    if not known:
        return {}
    years = range(min(year for _, year in known), max(year for _, year in known) + 1)
    kind = {(True, True): "both", (True, False): "births", (False, True): "population", (False, False): "none"}
    rows = []
    for place in members.sort_values(["pinyin", "place_id"])["place_id"]:
        kinds = [kind[(place, year, "births") in country.told, (place, year, "population") in country.told] for year in years]
        rows.append({"id": place, "name": names[place], "kinds": kinds, "missing": sum(one in ("none", "population") for one in kinds)})
    gaps = sum(row["missing"] for row in rows)
    return {"years": [str(year) for year in years], "rows": rows, "gaps": gaps, "cells": len(rows) * len(years)}


def changes(frame: pd.DataFrame, out: Path, words: Labels) -> dict[str, list[str]]:
    """What is different from the data of the last run whose data were different, by place; keeps this run's for the next.

    frame: as `overview` gives it. Empty on a first run.
    """
    now = {row.place_id: [int(row.facts), int(row.findings), f"{row.rate:.2f}" if is_known(row.rate) else "", int(row.known)] for row in frame.itertuples()}
    try:
        kept = json.loads((out / STATE).read_text(encoding="utf-8"))
        last, before = dict(kept["now"]), dict(kept["before"])
    except (OSError, ValueError, KeyError, TypeError):
        last, before = {}, {}
    if last != now:
        before = last
        write_text(out / STATE, json.dumps({"now": now, "before": before}, separators=(",", ":")) + "\n")
    return {place: lines for place in now if before and (lines := _changed(before.get(place), now[place], words))}


def _changed(before: list | None, now: list, words: Labels) -> list[str]:
    if before is None:
        return [words("county.change.new")]
    keys = ("facts", "findings", "rate", "known")
    return [words(f"county.change.{key}", before=old or "—", now=new or "—") for key, old, new in zip(keys, before, now, strict=True) if old != new]
