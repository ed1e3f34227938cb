"""The sections of a report, one function each: a `Township` in, a `Fragment` out.

A section without data shrinks to one line that says so.
"""

from __future__ import annotations

import json
import re
from types import SimpleNamespace

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from helpers.figures.labels import Labels
from helpers.figures.micro import interval_mark, spark
from helpers.figures.numbers import decimals_for, interval, is_known, number
from helpers.figures.series import change, series
from helpers.figures.style import caption
from helpers.figures.svg import to_svg
from helpers.figures.trends import method_name, per_text
from helpers.report import ahead, choices, evidence, sentences
from helpers.report.download import csv_address
from helpers.report.fragments import Fragment, fill
from helpers.report.masking import mask
from helpers.report.township import Township


def header(township: Township) -> Fragment:
    """Who and when: place, period, documents, population base, kind of year, and what matters most."""
    words = township.words
    place = township.place
    where = [mask(place[column]) for column in ("province", "county") if place[column] and place[column] != place["name"]]
    level = words.get(f"level.{place['level'] or 'none'}", place["level"])
    documents = [{"doc": row.doc, "title": mask(row.title) or row.doc, "provenance": mask(row.provenance)}
                 for row in township.documents.itertuples()]
    sources = {document["provenance"] for document in documents}
    origin = sources.pop() if len(sources) == 1 and len(documents) > 1 else ""
    html = fill("header.html", t=township, words=words, where=where, level=level, documents=documents, origin=origin,
                aliases=[mask(name) for name in place["aliases"].split(";") if name],
                periods=choices.periods_text(township.facts["period"], words),
                bases=_told(township.facts["base"], "base", words), kinds=_told(township.panel["year_kind"], "kind", words),
                lead=sentences.lead(township))
    return Fragment(html, title=township.name, simulated=township.simulated, place=township.id, language=township.language)


def _told(values: pd.Series, prefix: str, words) -> str:
    counted = values.value_counts().index.drop(["", "point"], errors="ignore")
    known = sorted(counted, key=lambda value: value in ("unstated", "unknown"))
    return words.join(words.get(f"{prefix}.{value}", value) for value in known)


def key_figures(township: Township) -> Fragment:
    """The latest of each key measure with interval, counts, benchmark, judgement and its course."""
    rates = choices.key_rates(township)
    rows = {row.measure: _key_row(township, row) for row in rates.itertuples()}
    rows |= {row.measure: _stated_row(township, row) for row in choices.stated_only(township, rates).itertuples()}
    ordered = [rows[measure] for measure in choices.KEY_MEASURES if measure in rows]
    shown = {column: any(row[column] for row in ordered) for column in ("benchmark", "mark", "spark")}
    return Fragment(fill("key_figures.html", words=township.words, rows=ordered, shown=shown, same=_same(ordered)))


def _same(rows: list[dict]) -> str:
    """The period all rows share, to be told once above them; empty where they differ, or there is one row."""
    periods = {row["period"] for row in rows}
    return periods.pop() if len(periods) == 1 and len(rows) > 1 else ""


def _key_row(township: Township, row) -> dict:
    words = township.words
    decimals = decimals_for(row.low, row.high)
    unit = "" if row.measure == "srb" else per_text(row.per, words)
    past = series(township.rates, row.measure, base=row.base) if pd.notna(row.year) else township.rates.iloc[:0]
    return {
        "name": words.name(row.measure, row.dims), "period": words.period(row.period), "link": f"r-{evidence.rate_id(row)}",
        "value": _shown(row, decimals, unit), "limits": interval(row.low, row.high, decimals) + (unit if _as_counts(row) else ""),
        "counts": words("key.counts", numerator=number(row.numerator), denominator=number(row.denominator, 0)),
        "base": words(f"base.{row.base}") if row.base != "unstated" else "", "small": row.numerator < 20,
        "benchmark": f"{number(row.benchmark_value, max(1, min(decimals, 2)))}{unit}" if is_known(row.benchmark_value) else "",
        "against": words.get(f"benchmark.{row.benchmark}", row.benchmark), "judgement": row.judgement,
        "verdict": words.get(f"judgement.{row.judgement}", "") if row.judgement else "",
        "mark": interval_mark(row.value, row.low, row.high, row.benchmark_value), "spark": spark(past), "trend": trend_mark(change(past), words),
        "agrees": row.agrees, "stated": f"{number(row.stated)}{unit}" if is_known(row.stated) else "",
        "partial": row.year_kind == "partial", "doubt": "questioned" if "questioned" in row.flags.split(";") else "",
    }


def trend_mark(kind: str, words: Labels) -> dict | str:
    """Arrow and words for the change from the first to the last whole year; empty where there are not two."""
    return "" if kind == "none" else {"kind": kind, "arrow": words(f"figure.multiples.{kind}"), "help": words(f"trend.{kind}")}


def _shown(row, decimals: int, unit: str) -> str:
    """The value; no events are told as a count of none, never as a level of zero (METHODS 1.6)."""
    if _as_counts(row):
        return f"0 / {number(row.denominator, 0)}"
    return number(row.value, decimals) + unit


def _as_counts(row) -> bool:
    return row.numerator == 0 and row.per >= 1000 and row.measure != "nir"


def _stated_row(township: Township, row) -> dict:
    words = township.words
    unit = words.unit(row.unit)
    return {
        "name": words.name(row.measure, row.dims), "period": words.period(row.period), "link": f"f-{row.fact}",
        "value": _as_printed(row._asdict()) + unit,
        "limits": "", "counts": words("key.stated_only"), "base": "", "small": False, "benchmark": "", "against": "",
        "judgement": "", "verdict": "", "mark": "", "spark": "", "trend": "", "agrees": "", "stated": "", "partial": row.year_kind == "partial",
        "doubt": "questioned" if row.questioned else "",
    }


def findings(township: Township) -> Fragment:
    """What does not add up, by severity: the statement beside the recomputation. Notes fold away."""
    rows = township.findings.rename(columns={"class": "kind"})
    rows = rows.sort_values(["severity", "doc", "section", "finding"], ascending=[False, True, True, True])
    shown = [_finding(township, row) for row in rows[rows["severity"] >= 2].itertuples()]
    notes = [_finding(township, row) for row in rows[rows["severity"] == 1].itertuples()]
    checked = int((rows["kind"] == "consistent").sum())
    return Fragment(fill("findings.html", words=township.words, findings=shown, notes=notes, checked=checked))


def _finding(township: Township, row) -> dict:
    words = township.words
    unit = words.unit(row.unit)
    own = set(township.facts["fact"])
    pieces = json.loads(row.evidence or "[]")
    found, limits = sentences.recomputed(row, words)
    chinese = township.language == "zh"
    text, hypothesis = (row.text_zh, row.hypothesis) if chinese else (row.text_en, row.hypothesis_en)
    return {
        "severity": int(row.severity), "label": words.get(f"severity.{row.severity}", ""), "period": words.period(row.period),
        "kind": words.finding(row.kind), "text": mask(_without_place(text, row)),
        "statement": mask(row.statement), "stated": f"{number(row.stated)}{unit}" if is_known(row.stated) else "",
        "recomputed": found, "limits": limits,
        "hypothesis": "" if hypothesis.rstrip(".。").casefold() in text.casefold() else mask(hypothesis),
        "settle": mask(row.settle if chinese else row.settle_en), "doc": row.doc, "section": int(row.section),
        "quotes": [mask(str(piece.get("quote", ""))) for piece in pieces],
        "facts": [fact for fact in row.facts.split(";") if fact in own], "id": row.finding,
    }


def _without_place(text: str, row) -> str:
    """The finding without the place and period it begins with, which the page and the line below it tell."""
    bare = re.sub(rf"^{re.escape(row.place)}\s?{re.escape(row.period)}(?:：|: )", "", text)
    return bare[:1].upper() + bare[1:]


def vital(township: Township) -> Fragment:
    """Births, deaths and natural increase: what happened, in a sentence and by year."""
    words = township.words
    rows = []
    for row in choices.year_table(township):
        cells = {code: _count_cell(row[code], words) for code in ("population", "births", "deaths", "natural_increase")}
        cells |= {measure: _rate_cell(row[measure], words) or _stated_cell(row[f"{measure}_stated"]) for measure in ("cbr", "cdr", "nir")}
        cells["natural_increase"] = cells["natural_increase"] or _increase_cell(township, row["period"])
        cells = {name: cell or _hidden_cell(township, row["period"], name) for name, cell in cells.items()}
        rows.append({"period": words.period(row["period"]), "partial": row["kind"] == "partial", **cells})
    return Fragment(fill("vital.html", words=words, rows=rows, story=sentences.vital(township),
                         any_stated=any(cell and cell.get("stated") for row in rows for cell in (row["cbr"], row["cdr"], row["nir"]))))


def _count_cell(row, words) -> dict | None:
    if row is None:
        return None
    return {"text": number(row["value"]), "limits": "", "link": f"f-{row['fact']}", "doubt": _doubt(row), "stated": False}


def _increase_cell(township: Township, period: str) -> dict | None:
    """Births less deaths where no increase is stated; it leads to both."""
    found = choices.increases(township).get(period)
    if found is None:
        return None
    return {"text": number(found["value"]), "limits": "", "link": f"r-{_increase_id(township, period)}", "stated": False, "derived": True,
            "doubt": "questioned" if found["doubt"] else ""}


def _increase_id(township: Township, period: str) -> str:
    row = {"place_id": township.id, "measure": "natural_increase", "dims": "{}", "period": period, "base": choices.increases(township)[period]["base"]}
    return evidence.rate_id(SimpleNamespace(**row))


def _increases(township: Township) -> list[dict]:
    """The derived increases as entries of the list of computed figures."""
    words = township.words
    return [{
        "id": _increase_id(township, period), "period": words.period(period), "base": words(f"base.{row['base']}"),
        "formula": words("formula.increase", births=number(row["births"]["value"]), deaths=number(row["deaths"]["value"]), value=number(row["value"])),
        "facts": [row["births"]["fact"], row["deaths"]["fact"]],
    } for period, row in choices.increases(township).items()]


def _hidden_cell(township: Township, period: str, name: str) -> dict | None:
    """A cell of the table of years whose figure is not published, or rests on one that is not."""
    behind = {"population": ("pop_total",), "cbr": ("cbr", "births"), "cdr": ("cdr", "deaths"), "nir": ("nir", "births", "deaths", "natural_increase")}
    return {"hidden": True, "stated": False} if township.hides(period, *behind.get(name, (name,))) else None


def _stated_cell(row) -> dict | None:
    if row is None:
        return None
    return {"text": _as_printed(row), "limits": "", "link": f"f-{row['fact']}", "doubt": _doubt(row), "stated": True}


def _doubt(row) -> str:
    """Why a figure of the panel is marked: two values, or a finding; empty where nothing is in question."""
    return "conflict" if row["conflict"] else "questioned" if row["questioned"] else ""


def _as_printed(row) -> str:
    """A stated number with the decimals it was printed with: 98.8:100 becomes 98.8."""
    printed = re.search(r"\.(\d+)", row["written"])
    return number(row["value"], len(printed[1]) if printed else 0 if row["value"] == round(row["value"]) else None)


def _rate_cell(row, words) -> dict | None:
    if row is None:
        return None
    decimals = decimals_for(row["low"], row["high"])
    return {"text": number(row["value"], decimals), "limits": interval(row["low"], row["high"], decimals),
            "link": f"r-{evidence.rate_id(row)}", "doubt": "questioned" if "questioned" in row["flags"].split(";") else "", "stated": False}


def sex_ratio(township: Township) -> Fragment:
    """The sex ratio at birth with its power: what the births can tell, and what they cannot."""
    words = township.words
    rows = []
    for row in choices.sex_ratio_rows(township).itertuples():
        decimals = decimals_for(row.low, row.high)
        rows.append({"period": words.period(row.period), "base": row.base, "boys": number(row.numerator), "girls": number(row.denominator),
                     "value": number(row.value, 1), "limits": interval(row.low, row.high, decimals),
                     "small": row.numerator + row.denominator < 200, "link": f"r-{evidence.rate_id(row)}",
                     "stated": number(row.stated) if is_known(row.stated) else "", "agrees": row.agrees,
                     "doubt": "questioned" if "questioned" in row.flags.split(";") else ""})
    for row in choices.sex_ratios_stated(township).to_dict("records"):
        rows.append({"period": words.period(row["period"]), "base": row["base"], "boys": "", "girls": "", "value": _as_printed(row), "limits": "",
                     "small": False, "link": f"f-{row['fact']}", "stated": _as_printed(row), "agrees": "", "doubt": _doubt(row)})
    bases = {row["base"] for row in rows}
    for row in rows:
        row["base"] = words(f"base.{row['base']}") if len(bases) > 1 and row["base"] else ""
    return Fragment(fill("sex_ratio.html", words=words, rows=rows, computed=any(row["boys"] for row in rows), story=sentences.sex_ratio(township)))


def services(township: Township) -> Fragment:
    """Maternal and child health and public-health coverage: the latest of each."""
    words = township.words
    rows = [{
        "name": row.name_, "period": words.period(row.period), "value": f"{_share(row)}%",
        "limits": f"{interval(row.low, row.high, 1)}%" if row.counted else "", "counted": row.counted,
        "counts": words("key.counts", numerator=number(row.numerator), denominator=number(row.denominator, 0)) if row.counted else "",
        "link": f"r-{evidence.rate_id(row)}" if row.counted else f"f-{row.fact}", "doubt": "questioned" if row.doubt else "",
    } for row in choices.services(township).rename(columns={"name": "name_"}).itertuples()]
    return Fragment(fill("services.html", words=words, rows=rows, same=_same(rows), story=sentences.services(township)))


def _share(row) -> str:
    return number(row.value, 1) if row.counted else (row.written.rstrip("%％") or number(row.value))


def targets(township: Township) -> Fragment:
    """Targets against the results of the same year."""
    words = township.words
    rows = [{
        "name": row.label, "period": words.period(row.period), "target": number(row.target) + words.unit(row.unit),
        "result": number(row.value) + words.unit(row.unit) if is_known(row.value) else "", "attained": row.attained,
        "verdict": words(f"attained.{row.attained}"), "fact": f"f-{row.fact}", "found": f"f-{row.result}",
        "doubt": "questioned" if row.doubt else "",
    } for row in choices.targets(township).rename(columns={"name": "label"}).itertuples()]
    return Fragment(fill("targets.html", words=words, rows=rows, same=_same(rows), story=sentences.targets(township)))


def among_others(township: Township) -> Fragment:
    """Where the place stands among the others of its level."""
    return Fragment(fill("among.html", words=township.words, story=sentences.among_others(township)))


def outlook(township: Township) -> Fragment:
    """The births of the coming years with the room they leave; one line with the reason where there is no outlook."""
    found = ahead.births_ahead(township)
    return Fragment(fill("ahead.html", words=township.words, rows=ahead.rows_shown(found, township.words),
                         story=ahead.sentences(township), anchor=ahead.ANCHOR))


def sources(township: Township) -> Fragment:
    """Every figure with its source sentence, and every computed rate with its ingredients."""
    words = township.words
    titles = {row.doc: mask(row.title) or row.doc for row in township.documents.itertuples()}
    stated = {row.fact: row for row in township.overruled.itertuples()}
    groups: dict[str, list] = {}
    for passage in evidence.passages(township):
        readings = [_reading(words, fact, stated.get(fact.corrects)) for fact in passage.facts]
        groups.setdefault(passage.doc, []).append({"passage": passage, "readings": readings, "same": _same(readings)})
    known = set(township.facts["fact"])
    told = township.rates[township.rates["status"] != "missing"].sort_values(["measure", "dims", "period", "base"])
    rates = [_computation(township, row, known) for row in told.itertuples()]
    coming = ahead.births_ahead(township)
    outlook = {"id": ahead.ANCHOR, "facts": [fact for fact in coming.facts if fact in known], "rows": ahead.rows_shown(coming, words)}
    return Fragment(fill("sources.html", words=words, groups=groups, titles=titles, rates=rates, increases=_increases(township), outlook=outlook))


def _reading(words, fact, stated=None) -> dict:
    """A fact in words; `stated` is the row it stands for where a person corrected it."""
    return {
        "name": words.name(fact.code, fact.dims), "value": f"{number(float(fact.value), _printed_decimals(fact.value))}{words.unit(fact.unit)}",
        "period": words.period(fact.period), "status": words(f"status.{fact.status}"), "observed": fact.status == "observed",
        "written": mask(fact.written, keep=((0, len(fact.written)),)), "state": words.get(f"state.{fact.state}", fact.state) if fact.state != "stated" else "",
        "doubts": words.join(evidence.reasons(words.language).get(doubt, doubt) for doubt in fact.doubts.split(";") if doubt), "ruled": _ruled(words, fact, stated), "id": fact.fact, "start": fact.start, "end": fact.end, "rule": fact.rule,
    }


def _ruled(words, fact, stated) -> str:
    """What a person ruled of a figure, why, who and when; empty where nobody did."""
    if fact.state == "corrected":
        if stated is not None and stated.value != fact.value:
            return words("ruled.fixed", stated=stated.written + words.unit(stated.unit), why=fact.reason)
        return words("ruled.meant", why=fact.reason)
    return words("ruled.accepted", why=fact.reason) if fact.ruling else ""


def _printed_decimals(value: str) -> int:
    return len(value.partition(".")[2])


def _computation(township: Township, row, known: set[str]) -> dict:
    words = township.words
    unit = "" if row.measure == "srb" else per_text(row.per, words)
    decimals = decimals_for(row.low, row.high)
    sound = row.status == "ok"
    return {
        "id": evidence.rate_id(row), "name": words.name(row.measure, row.dims), "period": words.period(row.period), "sound": sound,
        "formula": sentences.formula(row, words) if sound else words.get(f"refused.{row.status}", row.status),
        "value": number(row.value, decimals) + unit if sound else "", "limits": interval(row.low, row.high, decimals),
        "method": method_name(row.method, words), "denominator": words.get(f"denominator.{row.denominator_kind}", row.denominator_kind),
        "flags": [words.flag(flag) for flag in row.flags.split(";") if flag],
        "stated": f"{number(row.stated)}{unit}" if is_known(row.stated) else "", "agrees": words.get(f"agrees.{row.agrees}", "") if row.agrees else "",
        "facts": [fact for fact in row.facts.split(";") if fact in known], "base": words(f"base.{row.base}"),
    }


def marked(text: str, facts: pd.DataFrame, language: str = "zh", *, unread: pd.DataFrame | None = None) -> Fragment:
    """A raw text with the characters of each fact marked and the reading on hover, for a notebook.

    `facts`: FACTS rows of this text; `unread`: DOUBTS rows of it, marked with the reason. What is doubtful is outlined.
    """
    words = Labels(language)
    told = {fact.fact: _on_hover(_reading(words, fact)) for fact in facts.itertuples()}
    doubted = {fact.fact for fact in facts.itertuples() if fact.doubts}
    spans = facts[["fact", "start", "end"]]
    if unread is not None and len(unread):
        named = unread.assign(fact=[f"doubt {number}" for number in range(len(unread))])
        told |= {row.fact: evidence.reasons(language).get(row.reason, row.reason) for row in named.itertuples()}
        doubted |= set(named["fact"])
        spans = pd.concat([spans, named[["fact", "start", "end"]]])
    return Fragment(fill("marked.html", pieces=evidence.whole_text(text, spans), told=told, doubted=doubted, words=words))


def _on_hover(reading: dict) -> str:
    """A reading in one line: what, how much, when, what kind, and what a person ruled of it."""
    parts = [f"{reading['name']} {reading['value']}", reading["period"], "" if reading["observed"] else reading["status"], reading["doubts"], reading["ruled"]]
    return " · ".join(part for part in parts if part)


def method(township: Township) -> Fragment:
    """How to read the page, how the figures were made, and what they cannot say."""
    return Fragment(fill("method.html", words=township.words, simulated=township.simulated))


def figure(ax: Axes, name: str) -> Fragment:
    """A drawn figure with its words, alt text and data; nothing where nothing was drawn. Closes the figure."""
    words = caption(ax)
    try:
        if words is None:
            return Fragment(fill("nothing.html"))
        return Fragment(fill("figure.html", svg=to_svg(ax, name), caption=words, name=name, address=csv_address(words.data)))
    finally:
        plt.close(ax.figure)
