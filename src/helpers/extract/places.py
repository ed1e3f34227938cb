"""Which place a figure is of: names in titles and sentences, 我镇 and 全县, redacted names."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

LEVELS = {"街道办事处": "township", "省": "province", "自治区": "province", "市": "city", "州": "city", "县": "county", "区": "county", "旗": "county",
          "镇": "township", "乡": "township", "街道": "township", "办事处": "township", "村": "village", "社区": "village", "居委会": "village",
          "院": "institution", "站": "institution", "国": "nation", "中心": "institution"}
_KIND = "省|市|县|区|镇|乡|村|街道|社区|州|院|旗|国|中心|站"
_OWN = re.compile(rf"(?:全|我|本|该)(?P<kind>{_KIND})(?![长委党级直]|政府|人大|人民)")
_HIDDEN_NAME = re.compile(r"(?:\*{1,4}|[xX×＊_○]{1,4}|某某?)(?P<kind>省|市|县|区|镇|乡|村|街道|社区)")
_NAME = re.compile(r"(?P<name>[\u4e00-\u9fff]{2,7}?(?P<kind>自治县|街道|社区|省|市|县|区|镇|乡|村))(?![级长委])")
_NOT_NAMES = re.compile(r"^(?:.*(?:乡镇|城镇|农村|地区|各|每|全|我|本|该|市县|县区|辖区|社区服务|小区|城区|市区|山区|学区|片区|园区|下辖|行政|村民|所属|有关|个|城乡|与|和|及|对|在|由|是|到|向|为|给)).*$")


@dataclass(frozen=True)
class Scope:
    """A place as an article speaks of it: its name where it is named, and its level."""

    name: str
    level: str


def level_of(kind: str) -> str:
    return LEVELS.get("县" if kind == "自治县" else kind, "")


def article_scope(title: str, text: str) -> Scope:
    """The place an article is about: named in its title, else as it speaks of itself (我镇, 全县)."""
    own = Counter(level_of(m.group("kind")) for m in _OWN.finditer(text))
    named = [m for m in _NAME.finditer(re.sub(r"^[^:：]{0,14}[:：]", "", title)) if not _NOT_NAMES.match(m.group("name"))]
    if named:
        last = _deepest(named)
        return Scope(last.group("name"), level_of(last.group("kind")))
    opening = text[:400]
    in_text = Counter((m.group("name"), m.group("kind")) for m in _NAME.finditer(opening) if not _NOT_NAMES.match(m.group("name")))
    levels = [level for level in ("village", "township", "county", "city", "province", "institution") if own.get(level)]
    main = max(levels, key=lambda level: (own[level], -levels.index(level)), default="")
    for (name, kind), _ in in_text.most_common():
        if not main or level_of(kind) == main:
            return Scope(name, level_of(kind))
    if main:
        return Scope("", main)
    hidden = _HIDDEN_NAME.search(opening)
    return Scope("", level_of(hidden.group("kind"))) if hidden else Scope("", "")


def _deepest(matches: list[re.Match]) -> re.Match:
    order = ["province", "city", "county", "township", "village"]
    return max(matches, key=lambda m: order.index(level_of(m.group("kind"))) if level_of(m.group("kind")) in order else -1)


def sentence_scope(text: str, default: Scope) -> Scope | None:
    """The place a sentence says it speaks of (全县, 全镇), where it says so."""
    found = None
    for match in _OWN.finditer(text):
        level = level_of(match.group("kind"))
        if match.group("kind") in ("院", "站", "中心") and match.group().startswith(("我", "本")):
            continue
        found = Scope(default.name if level == default.level else "", level)
    return found


def name_level(name: str) -> str:
    """The level a place name shows by its ending, where the whole text is a name; else empty.

    >>> name_level("永兴镇"), name_level("合计")
    ('township', '')
    """
    match = re.fullmatch(r"[\u4e00-\u9fff*×xX]{1,10}?(?P<kind>自治县|街道办事处|街道|社区|省|市|县|区|镇|乡|村)", name)
    return level_of(match.group("kind")) if match and len(name) >= 2 else ""
