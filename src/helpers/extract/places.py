"""Which place a figure is of: names in titles and sentences, 我镇 and 全县, redacted names."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from helpers.extract.gazetteer import city_level, city_stems, levels
from helpers.extract.lexicon import cue_pattern, phrase

LEVELS = {"街道办事处": "township", "省": "province", "自治区": "province", "市": "city", "州": "city", "县": "county", "区": "county", "旗": "county",
          "镇": "township", "乡": "township", "街道": "township", "办事处": "township", "处": "township", "村": "village", "社区": "village", "居委会": "village",
          "院": "institution", "站": "institution", "国": "nation", "中心": "institution", "矿": "institution", "公司": "institution"}
_ORDER = {level: rank for rank, level in enumerate(("province", "city", "county", "township", "village"))}
# Characters of a name before its kind, where the gazetteer does not know it.
MAX_UNLISTED = 3
_PEOPLE = phrase("people")
MANY = 3
_COUNTIES_OF = phrase("counties_of")
_OF_THE_NATION = phrase("of_the_nation")
_SERVED = phrase("served")
_YEARBOOK = phrase("yearbook")
_COUNTIES = frozenset("县区旗")
_KIND = "省|市|县|区|镇|乡|村|街道|社区(?!卫生)|州|院|旗|国|中心|站|矿|公司|(?:办事)?处(?![于在理长以])"
# 低于全市平均: another's, that something is compared with; 县内总人口: its own
_OWN = re.compile(rf"(?:(?<![于比较与超居])(?:全|我|本(?<!基本)|该)(?!(?<=[居占]全)国)|(?<![\u4e00-\u9fff])(?=[县乡镇市村]内(?:总?人口|共有|户籍|常住)))(?P<kind>{_KIND})(?![长委党级直]|政府|人大|人民|人口普查|第[一二三四五六七八九十\d]|倒数|前列|之[最首冠]|首位|最[高低多少])")
_HIDDEN_NAME = phrase("hidden_name")
# A name stands at the start of a clause, or after a year or a larger place; 关于, 在 and the like may lead in.
_NAME = re.compile(r"""(?:^|(?<=[\s,，。、;；:：(（“”【】》《!省市县区州旗])|(?<=[\dxX×*]年)|(?<=[\dxX×*]年度)|(?<=[上下]半年)|(?<=季度)|(?<=来到)|(?<=抵达)|(?<=[看访])|(?<=>))(?:关于|起?[担现历]?任(?=[\u4e00-\u9fff]{2,5}(?:村|社区|镇|乡)(?:党?支部|党总支|支书|书记|主任|妇联|妇女|计生|专干))|在|对|据悉|据|记者从|走进|其中|(?:其次|再次|然后|接着)(?:则?[是为有])?|[最较]?[好差高低快慢]的(?:如|像|是|有)|如|[\u4e00-\u9fff]{0,4}最[多少高低大小]的[是为]?)?,?
    (?:(?P<short>(?!全|我|本|该|各|每|一|两|几|度)[\u4e00-\u9fff]县(?![镇乡村街城级长委]))|(?P<name>(?!全|我|本|该|各|每|一|两|几|度)[\u4e00-\u9fff]{2,6}?(?P<kind>自治县|街道|社区|省|市|县|区|镇|乡|村))(?![级长委民内]|外(?!出)|街道|(?<=村)[镇乡]|(?<=市)场|户(?!籍)|(?<=社区)卫生|(?<=[县镇乡])村|(?<=[县乡])镇|(?<=县)乡))""", re.VERBOSE)
_NOT_NAMES = phrase("not_names")


# 桐坪乡位于兴岭县东部: what a profile is of; 柳峪街道社区卫生服务中心: whose people a health centre counts
_SITUATED = re.compile(r"(?:^|[\s,，。:：]|总结|报告|汇报|情况)(?P<name>(?:[\u4e00-\u9fff]{2,6}?|[xX×*]{1,4}|某某?)(?P<kind>镇|乡|街道|村|社区))(?:地处|位于|坐落|总面积|国土面积|现?下辖|现辖|共辖)", re.MULTILINE)
_UNDERTAKES = phrase("undertakes")
_CENTRE_OF, _PLACE_OPENS, _PLACE_HEADING = phrase("centre_of"), phrase("place_opens"), phrase("place_heading")
_HELD_IN = phrase("held_in")
_HEADING_MARKS = tuple(re.compile(rf"\s*{mark}") for mark in ("[一二三四五六七八九十]+、", "[(（][一二三四五六七八九十]+[)）]", r"\d{1,2}[、.．](?!\d)"))
# A line of text, and not the cell of a table or the item of a menu.
_RUNS_ON = re.compile(r"[,，。;；].*\d|\d.*[,，。;；]")
_CLAUSE_OF, _PLACE_MARK, _KINDS = re.compile("[^,，;；。:：]+(?=[,，])"), re.compile("[县区镇乡村]|街道"), re.compile("[省市县区镇乡村]|街道")
# 东坡镇 28136 304: a row of a table, or the label of one; the places it names are not what an article is about.
_ROW = re.compile(r"^[^\S\n]*\|?[^\S\n]*[\u4e00-\u9fff]{1,8}(?:县|市|区|镇|乡|村|街道|社区)(?:[^\S\n\d]*\d[\d.,%‰| \t-]*$|[^\S\n]*$(?=\n\s*[\d.,%‰-]+[^\S\n]*(?:\n|$))|[:：](?=[^\n]*\d)[^\n]*)", re.MULTILINE)


@dataclass(frozen=True)
class Scope:
    """A place as an article speaks of it: its name where it is named, and its level."""

    name: str
    level: str


def level_of(kind: str, name: str = "") -> str:
    """The level a kind of place is of; for 市 its name decides (a county-level city is a county)."""
    if kind == "市" and name:
        return city_level(name)
    return LEVELS.get("县" if kind == "自治县" else kind, "")


def article_scope(title: str, text: str) -> Scope:
    """The place an article is about: named in its title, else as it speaks of itself (我镇, 全县)."""
    # 我国 is spoken of everywhere
    own = Counter(match.group("kind") for match in _OWN.finditer(text) if match.group("kind") != "国" or "国" in title)
    named = _names(re.sub(r"^[^:：]{0,14}[:：]", "", title))
    if (party := _UNDERTAKES.search(text[:600])) is not None and (within := _names(party["name"])):
        named = within[-1:]  # a contract is about the party that takes the duties on
    if named:
        name, kind = max(named, key=lambda item: _ORDER.get(level_of(item[1]), -1))
        return Scope(name, level_of(kind, name))
    if (book := _YEARBOOK.search(title)) is not None:
        name = next((name for kind in "省市" if (name := book["stem"] + kind) in levels()), "")
        if name:
            return Scope(name, level_of(name[-1], name))
    opening = _ROW.sub("", text[:600])
    if (seat := _SITUATED.search(opening)) is not None and (level := level_of(seat["kind"], seat["name"])) in ("township", "village"):
        return Scope(proper_name(seat["name"], seat["kind"]) if not _HIDDEN_NAME.fullmatch(seat["name"]) else "", level)
    kinds = [kind for kind, _ in own.most_common()]
    if kinds and level_of(kinds[0]) == "institution" and (centre := _CENTRE_OF.search(opening)) is not None and (name := proper_name(centre["name"], centre["kind"])):
        return Scope(name, level_of(centre["kind"], name))
    if not own and (served := _SERVED.search(opening)) is not None and "卫生服务中心" in title and (name := proper_name(served["name"], "街道")):
        return Scope(name, "township")
    around = [kind for kind in kinds if level_of(kind) in ("township", "county", "village")]
    if kinds and level_of(kinds[0]) == "institution" and around:
        # a health centre counts the people of its township
        own = Counter({kind: own[kind] for kind in around})
        kinds = around
    main = max(own, key=lambda kind: (own[kind], -kinds.index(kind)), default="")
    alone = [_unlisted(line) for line in re.split("[\n。]", opening)]
    for (name, kind), _ in Counter(itertools.chain.from_iterable(alone)).most_common():
        if not main or kind == main or level_of(kind) == level_of(main):
            return Scope(name, level_of(kind, name))
    if main == "市":
        return city_in(opening) or Scope("", "city")
    if main:
        township = level_of(main) == "institution" and ("乡镇卫生院" in title or "镇卫生院" in title)
        return Scope("", "township" if township else level_of(main))
    hidden = _HIDDEN_NAME.search(opening)
    if hidden is None and (text.count("我国") > 1 or _OF_THE_NATION.search(title + opening[:200])):
        return Scope("", "nation")
    while hidden is not None and (inner := _HIDDEN_NAME.match(opening, hidden.end())) is not None:
        hidden = inner  # **县**镇: the last of the names is the place, the others say where it lies
    if hidden is not None:
        return Scope("", level_of(hidden.group("kind")))
    return Scope("", "city") if "市区" in title else Scope("", "")


def _unlisted(line: str) -> list[tuple[str, str]]:
    """The places a line names but for those of a list (甲山县、乙水县): what is told of many is about none of them."""
    named = _names(line)
    listed = {name for (one, _), (other, _) in itertools.pairwise(named) if f"{one}、{other}" in line for name in (one, other)}
    return [item for item in named if item[0] not in listed] if len(named) < MANY else []


def city_in(text: str) -> Scope | None:
    """The city a text names without its 市 (浙江桐乡), where the gazetteer knows it."""
    known = Counter(name for stem, name in city_stems().items() if stem in text and re.search(f"{stem}(?![县区镇乡村])", text) and not cue_pattern("no_place").search(stem))
    # 榆林 … 神木, and its 县区: a city that has counties is none of them
    deepest = sorted(known, key=lambda name: _ORDER[city_level(name)], reverse=_COUNTIES_OF.search(text) is None)
    return Scope(deepest[0], city_level(deepest[0])) if deepest else None


def _names(text: str) -> list[tuple[str, str]]:
    """Names of places in a text, with their kinds."""
    if not _KINDS.search(text):
        return []
    found = ((m["short"] if m["short"] in levels() else "", "县") if m["short"] else (proper_name(m["name"], m["kind"]), m["kind"]) for m in _NAME.finditer(text.replace("村民委员会", "村")))
    return [(name, kind) for name, kind in found if name]


def within_name(text: str, start: int, end: int) -> bool:
    """Whether a word that ends like a place (城镇) is the end of a longer name the gazetteer knows (金城镇)."""
    return text[end - 1] in "镇乡村县市区" and any(text[at:end] in levels() for at in range(max(0, start - MAX_UNLISTED), start))


def kind_of(name: str) -> str:
    """The kind that ends a name: 自治县, 街道 and 社区 whole, else its last character.

    >>> kind_of("桐坪乡"), kind_of("沙坨街道")
    ('乡', '街道')
    """
    return next((kind for kind in ("自治县", "街道", "社区") if name.endswith(kind)), name[-1])


def proper_name(written: str, kind: str) -> str:
    """The name of a place within the words before its kind; empty where they are words and no name.

    A name of the gazetteer is taken out of what stands before it; one it does not know must be short
    (names are made up in samples and hidden in pages) and hold no everyday word.

    >>> proper_name("湖南益阳市", "市"), proper_name("采取县", "县"), proper_name("澹垟镇", "镇")
    ('益阳市', '', '澹垟镇')
    """
    known = levels()
    if written == "城市" or (written not in known and _NOT_NAMES.search(written.replace("和", "", 1) if written[1:2] == "和" and len(written) == len(kind) + 2 else written)):
        return ""
    for start in range(len(written) - len(kind) - 1):
        # 青石桥街道 is no 石桥街道: a single character before a name is part of one
        if written[start:] in known and (start != 1 or len(written) - len(kind) > MAX_UNLISTED):
            return written[start:]
    if len(written) == len(kind) + 2 and written[1] == "和":
        return written  # 嘉和县: nothing stands before 和 that it could join
    stem = written.removesuffix(kind)
    if (inner := _HELD_IN.match(stem)) is not None:
        return proper_name(written[inner.end():], kind)  # 高新区沙坨街道 is 沙坨街道
    longest = MAX_UNLISTED + (len(people.group()) if (people := _PEOPLE.search(stem)) else 0) + 2 * (kind in ("村", "社区", "街道"))
    if kind == "省" or len(stem) > longest or cue_pattern("no_place").search(stem):
        return ""
    return written


def sentence_scope(text: str, default: Scope) -> Scope | None:
    """The place a sentence says it speaks of (全县, 全镇), where it says so."""
    found = None
    for match in _OWN.finditer(text):
        kind = match.group("kind")
        if kind in ("院", "站", "中心") and match.group().startswith(("我", "本")):
            continue
        # 全县 of a text about a 区 is another place
        another = kind in _COUNTIES and default.name[-1:] in _COUNTIES and default.name[-1] != kind
        own = default.name.endswith(kind) or (level_of(kind) == default.level and not another)
        found = default if own else Scope("", level_of(kind))
    return found


def clause_scope(clause: str, default: Scope) -> Scope | None:
    """The place a clause names as its subject, where it is another than the article's: 柳林乡出生98人."""
    named = _names(clause)
    if not named:
        # **镇出生5人, in a report of a county: a place within it whose name was struck out
        hidden = next((level_of(m.group("kind")) for m in _HIDDEN_NAME.finditer(clause)), "")
        return Scope("", hidden) if _ORDER.get(hidden, -1) > _ORDER.get(default.level, 9) else None
    name, kind = named[-1]
    level = level_of(kind, name)
    if any(f"{other}{mark}{name}" in clause for other, _ in named[:-1] for mark in "、和及与") and _ORDER.get(level, -1) > _ORDER.get(default.level, 9):
        return Scope("", level)  # 石桥村、大冲村出生率12‰: what is told of several is of no one of them
    if not default.name:
        return Scope(name, level) if _ORDER.get(level, -1) >= _ORDER.get(default.level, 0) else None
    if name == default.name or default.name.endswith(name) or name.endswith(default.name):
        return None
    return Scope(name, level) if _ORDER.get(level, -1) >= _ORDER.get(default.level, 9) else None


def opening_scopes(sentence: str, default: Scope) -> list[tuple[int, Scope | None]]:
    """The places within the article's own that clauses of a sentence without a figure of theirs begin with (石坝乡连年末位,多孩率5.04%), with where those clauses end.

    None stands for a clause that tells several places, or speaks of the whole (全县).
    """
    found: list[tuple[int, Scope | None]] = []
    for clause in _CLAUSE_OF.finditer(sentence) if _PLACE_MARK.search(sentence) else ():
        text = clause.group().lstrip()
        marked = _PLACE_MARK.search(text) is not None
        if (marked or found) and sentence_scope(text, default) is not None:
            found.append((clause.end(), None))
        elif marked and (named := _names(text)):
            scope = clause_scope(text, default) if len(named) == 1 and text.startswith(named[0][0]) else None
            found.append((clause.end(), scope if scope is not None and scope.level != default.level else None))
    return found


def profiled(line: str, own: Scope) -> Scope | None:
    """The place that a paragraph opens as a profile of, where it lies within the article's own: ■白马镇位于县境北部."""
    match = _PLACE_OPENS.match(line)
    return _within(match["name"], own) if match else None


def headed_places(lines: Sequence[tuple[int, str]], own: Scope) -> list[Scope | None]:
    """The place of whose part of an article each line is, where headings name places within it: 一、白马镇, or names on lines of their own.

    A part ends at the next heading of its kind or of a higher one. A bare name heads a line of text right below it, and
    only where several do: in a menu or a table names stand alone as well.
    """
    found = [_PLACE_HEADING.fullmatch(line) for _, line in lines]
    bare = [i for i, m in enumerate(found[:-1]) if m and not m["number"] and _RUNS_ON.search(lines[i + 1][1]) and _within(m["name"], own)]
    heads = {i for i, m in enumerate(found) if m and m["number"] and _within(m["name"], own)} | ({*bare} if len({found[i]["name"] for i in bare}) > 1 else set())
    headed: list[Scope | None] = [None] * len(lines)
    place, kind = None, 0
    for at in range(min(heads), len(lines)) if heads else ():
        line = lines[at][1]
        mark = _heading_kind(line)
        if at in heads:
            place, kind = _within(found[at]["name"], own), mark
        elif mark <= kind if mark else not kind and not _RUNS_ON.search(line):
            place = None
        headed[at] = place
    return headed


def _heading_kind(line: str) -> int:
    """The order of a heading by the mark it begins with: 1 for 一、, 2 for (一), 3 for 1、; 0 for none."""
    return next((order for order, mark in enumerate(_HEADING_MARKS, 1) if mark.match(line)), 0)


def _within(name: str, own: Scope) -> Scope | None:
    """The place of a name, where it lies within the article's own."""
    if own.name and name.endswith(own.name):
        return None
    proper = proper_name(name, kind_of(name))
    level = name_level(proper)
    return Scope(proper, level) if proper and _ORDER.get(level, -1) > _ORDER.get(own.level, -1) else None


def last_named(text: str, level: str) -> Scope | None:
    """The place of a level that a text names last."""
    named = [Scope(name, level) for name, kind in _names(text) if level_of(kind, name) == level]
    return named[-1] if named else None


def places_of(text: str, level: str) -> int:
    """How many places of a level a text names."""
    return len({name for name, kind in _names(text) if level_of(kind, name) == level})


def name_level(name: str) -> str:
    """The level a place name shows by its ending, where the whole text is a name; else empty.

    >>> name_level("永兴镇"), name_level("合计")
    ('township', '')
    """
    match = re.fullmatch(r"[\u4e00-\u9fff*×xX]{1,10}?(?P<kind>自治县|街道办事处|街道|社区|居委会|省|市|县|区|镇|乡|村)", name)
    return level_of(match.group("kind"), name) if match and len(name) >= 2 else ""
