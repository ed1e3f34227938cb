"""A small invented county as finished tables, for tests of what comes after the pipeline.

Every figure stands in a text and is found there again by its span, so that links and marks can be checked.
`hostile=True` fills every free text with script, markup, paths and formulas.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from scipy.stats import chi2

from helpers.schema import TABLES, dims_text
from helpers.workspace import Workspace

NAMES = ("柳溪镇", "石桥乡", "东塘镇", "南坪镇", "北岭乡", "西河镇")
YEARS = range(2016, 2022)
ATTACKS = ('<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "../../etc/passwd", "=HYPERLINK(\"http://evil\")", "</style><svg onload=alert(1)>", "{{ 7*7 }}")


@dataclass
class County:
    """Rows of every table, and the text of every document."""

    documents: list[dict] = field(default_factory=list)
    facts: list[dict] = field(default_factory=list)
    places: list[dict] = field(default_factory=list)
    panel: list[dict] = field(default_factory=list)
    rates: list[dict] = field(default_factory=list)
    findings: list[dict] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)

    def write(self, data: Path) -> Workspace:
        workspace = Workspace(data=data, reports=data.parent / "reports")
        for name in ("documents", "facts", "places", "panel", "rates", "findings"):
            workspace.write(name, TABLES[name].conform(getattr(self, name)))
        folder = workspace.interim / "text"
        folder.mkdir(parents=True, exist_ok=True)
        for doc, text in self.texts.items():
            (folder / f"{doc}.txt").write_text(text, encoding="utf-8", newline="")
        return workspace


def small_county(*, places: int = 6, years=YEARS, hostile: bool = False, simulated: bool = True) -> County:
    """The county: `places` townships, one yearly report each."""
    county = County()
    for number, name in enumerate(NAMES[:places]):
        shown = f"{name}{ATTACKS[number % len(ATTACKS)]}" if hostile else name
        _township(county, f"place-{number}", shown, number, years, hostile, simulated)
    return county


def _township(county: County, place_id: str, name: str, number: int, years, hostile: bool, simulated: bool) -> None:
    for step, year in enumerate(years):
        doc = f"{place_id}-{year}"
        births, deaths, population = 330 - 24 * step + 17 * number, 190 + 3 * step + 9 * number, 30200 + 2100 * number - 40 * step
        boys = round(births * 0.52)
        writer = _Writer(county, doc, place_id, name, str(year), hostile)
        writer.say("据统计，全镇年末户籍人口{pop_total}人，", pop_total=population)
        writer.say("全年出生{births}人，其中男孩{boys}人，女孩{girls}人，", births=births, boys=boys, girls=births - boys)
        writer.say("死亡{deaths}人，自然增长{natural_increase}人。", deaths=deaths, natural_increase=births - deaths)
        writer.say("镇长王建国主持会议，住院分娩率{hospital_delivery_rate}%，", hospital_delivery_rate=f"{97 + step / 10:.1f}")
        writer.say("高血压患者规范管理率{hypertension_mgmt_rate}%，叶酸服用率{folic_rate}%。\n", hypertension_mgmt_rate=f"{60 + 3 * step}", folic_rate="91.25")
        writer.say("明年目标：叶酸服用率达到{target}%。", target="95")
        county.texts[doc] = writer.text
        county.documents.append({"doc": doc, "path": f"{doc}.txt", "title": f"{name}{year}年工作总结" + (ATTACKS[1] if hostile else ""),
                                 "sha256": doc, "encoding": "utf-8", "characters": len(writer.text), "simulated": simulated,
                                 "provenance": ATTACKS[0] if hostile else "虚构", "sections": 1, "facts": 9, "doubts": 0, "error": ""})
        _rates(county, writer, place_id, year, births, boys, deaths, population)
    _finding(county, place_id, name, f"{place_id}-{years[-1]}", str(years[-1]), hostile)
    county.places.append({"place_id": place_id, "name": name, "pinyin": f"place {number}", "level": "township", "county": "云岭县", "province": "",
                          "aliases": ATTACKS[1] if hostile else "", "redacted": False, "simulated": simulated, "documents": len(years), "facts": 9 * len(years)})


class _Writer:
    """Writes sentences and keeps where each figure stands."""

    CODES: ClassVar = {"boys": ("births", {"sex": "male"}), "girls": ("births", {"sex": "female"}), "target": ("folic_rate", {})}

    def __init__(self, county: County, doc: str, place_id: str, name: str, period: str, hostile: bool) -> None:
        self.county, self.doc, self.place_id, self.name, self.period = county, doc, place_id, name, period
        self.text = f"{name}{period}年工作总结\n\n" + ("".join(ATTACKS) + "\n\n" if hostile else "")
        self.ids: dict[str, str] = {}

    def say(self, template: str, **figures) -> None:
        rest = template
        for key, value in figures.items():
            before, rest = rest.split("{" + key + "}", 1)
            self.text += before
            self._fact(key, str(value))
            self.text += str(value)
        self.text += rest

    def _fact(self, key: str, written: str) -> None:
        code, dims = self.CODES.get(key, (key, {}))
        percent = code.endswith("_rate")
        fact = f"{self.doc}-{key}".replace("_", "-")
        self.ids[key] = fact
        half = 0.5 * 10 ** -len(written.partition(".")[2]) if percent else 0
        base = "registered" if not percent else "unstated"
        shared = {"code": code, "dims": dims_text(dims), "written": written, "low": float(written) - half, "high": float(written) + half,
                  "unit": "percent" if percent else "person", "status": "target" if key == "target" else "observed", "place_id": self.place_id,
                  "period": str(int(self.period) + 1) if key == "target" else self.period, "year_kind": "calendar", "base": base, "doc": self.doc, "section": 1}
        self.county.facts.append({**shared, "fact": fact, "value": written, "place": self.name, "level": "township", "start": len(self.text),
                                  "end": len(self.text) + len(written), "quote": written, "rule": "test", "state": "stated", "doubts": ""})
        self.county.panel.append({**shared, "value": float(written), "fact": fact, "year": int(shared["period"]), "period_start": f"{shared['period']}-01-01",
                                  "period_end": f"{shared['period']}-12-31", "rivals": "", "conflict": False})


def _rates(county: County, writer: _Writer, place_id: str, year: int, births: int, boys: int, deaths: int, population: int) -> None:
    def row(measure, numerator, denominator, per, keys, benchmark=None, method="byar"):
        low, high = chi2.ppf(0.025, 2 * numerator) / 2, chi2.ppf(0.975, 2 * numerator + 2) / 2
        value = per * numerator / denominator
        judgement = "" if benchmark is None else "higher" if per * low / denominator > benchmark else "lower" if per * high / denominator < benchmark else "similar"
        county.rates.append({
            "place_id": place_id, "period": str(year), "year": year, "year_kind": "calendar", "measure": measure, "dims": "{}", "base": "registered",
            "value": value, "low": per * low / denominator, "high": per * high / denominator, "confidence": 0.95, "numerator": numerator,
            "denominator": denominator, "per": per, "method": method, "denominator_kind": "closing", "status": "ok", "flags": "closing_population_used",
            "facts": ";".join(writer.ids[key] for key in keys), "benchmark": "nation" if benchmark else "", "benchmark_value": benchmark, "judgement": judgement})

    row("cbr", births, population, 1000, ("births", "pop_total"), 12.4 - 0.8 * (year - 2016))
    row("cdr", deaths, population, 1000, ("deaths", "pop_total"), 7.1)
    row("nir", births - deaths, population, 1000, ("births", "deaths", "pop_total"), method="mover")
    row("srb", boys, births - boys, 100, ("boys", "girls"), 111.9 - 0.5 * (year - 2016), method="wilson")


def _finding(county: County, place_id: str, name: str, doc: str, period: str, hostile: bool) -> None:
    attack = ATTACKS[0] if hostile else ""
    births = next(fact for fact in county.facts if fact["doc"] == doc and fact["code"] == "births")
    county.findings.append({
        "finding": f"{place_id}-1", "doc": doc, "section": 1, "place_id": place_id, "place": name, "period": period, "identity": "C4",
        "class": "arithmetic_error", "severity": 3, "statement": f"自然增长{attack}", "stated": 12, "recomputed": 21, "low": 21, "high": 21, "unit": "person",
        "hypothesis": f"相邻两位数字颠倒{attack}", "settle": f"核对登记册{attack}", "evidence": json.dumps([{"start": births["start"], "end": births["end"], "quote": births["quote"] + attack}]),
        "facts": births["fact"], "text_zh": f"自然增长写作12人，由出生、死亡算得21人，与所列数不符。{attack}", "text_en": f"Natural increase is given as 12; births less deaths give 21.{attack}"})
