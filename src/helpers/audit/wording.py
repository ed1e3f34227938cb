"""Findings in words: neutral sentences in Chinese and English, from templates of the catalogue."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from math import inf
from types import MappingProxyType

from helpers.audit.figures import Figure, Group
from helpers.audit.verdicts import Verdict
from helpers.catalogue import indicators, read_rows, units
from helpers.identities import Key
from helpers.identities.propagate import Domain

_MOST_NAMED = 8


@cache
def texts() -> MappingProxyType[str, MappingProxyType[str, str]]:
    """Sentence templates by key and language (rows of data/catalogue/audit_texts.csv)."""
    return MappingProxyType({row["key"]: MappingProxyType({"zh": row["zh"], "en": row["en"]})
                             for row in read_rows("audit_texts")})


def say(key: str, language: str, **fields: object) -> str:
    """The template `key` with its fields filled in."""
    return texts()[key][language].format(**fields)


def name_of(key: Key, language: str) -> str:
    """An indicator with its dims in words: 出生人数（男）."""
    code, dims = key
    name = indicators()[code].name(language) if code in indicators() else code
    words = [texts()[f"dim.{dim}.{value}"][language] if f"dim.{dim}.{value}" in texts() else value for dim, value in dims
             if dim != "group" or value not in name]
    if not words:
        return name
    return f"{name}（{'，'.join(words)}）" if language == "zh" else f"{name} ({', '.join(words)})"


def unit_of(unit: str, language: str) -> str:
    """A unit as it stands behind a figure."""
    if f"unit.{unit}" in texts():
        return texts()[f"unit.{unit}"][language]
    if language == "zh" and unit in units() and units()[unit].kind == "count":
        return units()[unit].symbol
    return ""


def figure_words(figure: Figure, language: str) -> str:
    """A stated figure: 出生率11.1‰."""
    gap = "" if language == "zh" else " "
    return f"{name_of(figure.key, language)}{gap}{figure.text}{unit_of(figure.unit, language)}"


def number(value: float, digits: int | None = None) -> str:
    """A number for reading: whole numbers whole, others with `digits` decimals (default: enough to tell apart)."""
    if digits is None:
        digits = 0 if float(value).is_integer() else 3 if abs(value) < 1000 else 0
    return f"{float(value):.{digits}f}"


def domain_words(domain: Domain, language: str, unit: str = "") -> str:
    """A range in words: 30247–30297, 不少于281."""
    low, high = domain
    suffix = unit_of(unit, language)
    if high == inf:
        return say("at_least", language, low=number(low)) + suffix
    if low == -inf or (low == 0 and high > 0):
        return say("at_most", language, high=number(high)) + suffix
    digits = None
    if low != high and abs(high) >= 1000:
        digits = 0
    elif low != high:
        digits = 2 if high - low < 1 else 1
    shown = number(low, digits), number(high, digits)
    key = "only" if shown[0] == shown[1] else "between"
    return say(key, language, low=shown[0], high=shown[1]) + suffix


def join(words: Iterable[str], language: str) -> str:
    """A list in words."""
    listed = list(words)
    if len(listed) > _MOST_NAMED:
        listed = [*listed[:_MOST_NAMED], "……" if language == "zh" else "…"]
    if language == "zh":
        return "、".join(listed)
    return ", ".join(listed[:-1]) + " and " + listed[-1] if len(listed) > 1 else "".join(listed)


def _template(verdict: Verdict) -> str:
    if "template" in verdict.details:
        return str(verdict.details["template"])
    if verdict.kind == "consistent":
        return "consistent_population" if verdict.recomputed else "consistent"
    if verdict.kind == "note":
        return "denominator_note"
    if verdict.kind == "impossible" and verdict.suspect and verdict.details.get("unprinted"):
        return "impossible_share"
    return verdict.kind


def hypothesis_words(verdict: Verdict, language: str) -> str:
    """What would explain the verdict."""
    repair = verdict.details.get("repair")
    if repair:
        # An exchange names both figures; every other slip names the figure and what it would read.
        unit = verdict.suspect.unit if verdict.suspect else ""
        return say(verdict.hypothesis, language, name=name_of(repair.key, language),
                   text=repair.text + unit_of(unit, language),
                   other=name_of(repair.other, language) if repair.other else "")
    words = [verdict.hypothesis, *verdict.details.get("also", ())]
    keys = [f"{word}_hypothesis" if f"{word}_hypothesis" in texts() else word for word in words]
    known = [texts()[key][language] for key in keys if key in texts()]
    return ("；" if language == "zh" else "; ").join(known)


def _foreign(figure: Figure, doc: str, language: str) -> str:
    """A stated figure, with its document where that is another one."""
    words = figure_words(figure, language)
    if figure.doc == doc:
        return words
    return f"{words}（见{figure.doc}）" if language == "zh" else f"{words} (in {figure.doc})"


def sentence(verdict: Verdict, about: Group, language: str) -> str:
    """The verdict in one or two sentences."""
    suspect, place, period = verdict.suspect, about.place, about.period
    others = [figure for figure in verdict.figures if suspect is None or figure.fact != suspect.fact]
    unit = unit_of_verdict(verdict)
    recomputed = verdict.recomputed
    distance = verdict.details.get("match").distance if verdict.details.get("match") else 0
    fields = {
        "place": place, "period": f" {period}" if place and period and language == "en" else period,
        "suspect": figure_words(suspect, language) if suspect else "",
        "name": name_of(suspect.key, language) if suspect else "",
        "others": join((_foreign(figure, about.doc, language) for figure in others), language),
        "figures": join((_foreign(figure, about.doc, language) for figure in verdict.figures), language),
        "recomputed": domain_words(recomputed, language, unit) if recomputed else texts()["nothing"][language],
        "goal": verdict.details["goal"].words(language) if "goal" in verdict.details else "",
        "distance": f"{float(distance):.2%}", **verdict.details.get("fields", {}),
    }
    text = say(_template(verdict), language, **fields).lstrip("：: ")
    explained = hypothesis_words(verdict, language)
    if not explained:
        return text
    return f"{text}{explained.rstrip('。')}。" if language == "zh" else f"{text} {explained[:1].upper()}{explained[1:].rstrip('.')}."


def unit_of_verdict(verdict: Verdict) -> str:
    """The unit of what was recomputed: that of the indicator; a change keeps the one it is printed in."""
    if verdict.details.get("implied") is not None:
        return "person"
    if verdict.suspect is None:
        return ""
    return verdict.suspect.unit if verdict.suspect.status == "change" else indicators()[verdict.suspect.code].unit


def settle_words(verdict: Verdict, language: str) -> str:
    """What would settle it."""
    key = f"settle_{verdict.details.get('settle', verdict.kind)}"
    names = join(dict.fromkeys(name_of(figure.key, language) for figure in verdict.figures), language)
    name = name_of(verdict.suspect.key, language) if verdict.suspect else names
    return say(key, language, name=name, names=names)
