"""Persons named in a document never reach a report: their names become ×, character for character.

Same length in, same length out, so that the spans of figures stay right; digits that state a figure are
never touched. Which words announce a name is data: `data/catalogue/persons.csv`.
"""

from __future__ import annotations

import re
from functools import cache

from helpers.catalogue import read_rows
from helpers.errors import CatalogueError

COVER = "×"
KINDS = ("surname", "role", "label", "title", "beside", "given", "after", "not_name", "pattern")
# 鎮(zhèn)長(zhǎng)王(wáng): pinyin notes stand between the characters of a name.
_GLOSS = re.compile(r"[（(][a-zü\u00e0-\u01dc\u0251\u0261]{1,6}[)）]")
# A name does not end like a place or an office: 马岭镇党委书记 names no person.
_NOT_AT_END = "镇乡村县市区省街办院站所局会组队部处校的任"


@cache
def _words(kind: str) -> tuple[str, ...]:
    found = [row["word"] for row in read_rows("persons") if row.one_of("kind", KINDS) == kind]
    if not found:
        raise CatalogueError(f"data/catalogue/persons.csv has no row of kind {kind!r}: restore it from the repository.")
    return tuple(sorted(found, key=lambda word: (-len(word), word)))


def _either(kind: str) -> str:
    """Any word of a kind, the longest first; single characters as one class, which is searched at once."""
    words = _words(kind)
    longer, single = [re.escape(word) for word in words if len(word) > 1], "".join(re.escape(word) for word in words if len(word) == 1)
    return "|".join([*longer, f"[{single}]"] if single else longer)


@cache
def _rules() -> tuple[re.Pattern, ...]:
    """Each rule's group `name` (repeatedly, for lists) is what gets covered."""
    wrap = r"(?:\n(?=[\u4e00-\u9fff][^、.．]))?"
    given = rf"{wrap}(?:[\u4e00-\u9fff·]{wrap})?(?![{_NOT_AT_END}])[\u4e00-\u9fff]"
    name = rf"(?!{_either('not_name')})(?:{_either('surname')})(?:{given}|[某×*xX＊]{{1,2}})"
    office, label, title = _either("role"), _either("label"), _either("title")
    end = rf"(?=[\s，,。；;、：:）)（(“”\"《]|$|{title}|{office}|{_either('after')})"
    listed = rf"{name}(?:[、，, \u3000/]+{name})*"
    struck = rf"(?:{_either('surname')})[某×*＊]{{1,2}}"
    return tuple(re.compile(rule, re.M) for rule in (
        # 组长：李明华 副组长：王强、赵小丽 / 联系人: 张三
        rf"(?:{office}|{label})\s*(?:[（(][^（）()\n]{{1,6}}[）)])?\s*[：:]\s*(?P<name>{listed}){end}",
        # 主任 蒋涛 139… / （通讯员 曾庆华）: a table or a by-line parts them by blanks
        rf"(?:{office}|{label})[ \u3000\t]{{1,4}}(?P<name>{listed})(?=[\s，,。；;、）)]|$)",
        # 镇长王建国主持 / 党委书记李红梅 / 患者李明在册
        rf"(?:{office}|{label})(?P<name>{listed}){end}",
        # 统计员翟向晴逐户走访: after an office a name needs no known word to end it
        rf"(?:{office})(?P<name>{name})",
        # 包村干部宋玉洁、唐建华逐户走访: two names bear each other out
        rf"(?:{office}|{label})(?P<name>{name}(?:、{name})+)",
        # 李某某、王某被征收社会抚养费: a name half struck out is a name wherever it stands
        rf"(?P<name>{struck})",
        # 村民组长老秦带着工作队 / 找小廖
        rf"(?:{office}|{label}|[找由叫请])(?P<name>[老小](?:{_either('surname')}))(?![\u4e00-\u9fff]?[村镇乡学区])",
        # 副县长阿依古丽·买买提
        rf"(?:{office}|{label})\s*[：:]?\s*(?P<name>[\u4e00-\u9fff]{{2,6}}·[\u4e00-\u9fff]{{2,4}})",
        # 失独老人龙翠英一家, 高志强、林月娥夫妇, 韩女士
        rf"(?P<name>{listed})(?:{_either('beside')})",
        rf"(?P<name>{_either('surname')})(?:女士|先生|大夫|阿姨|大爷|大妈)",
        # 王建国同志 / 李红梅镇长 / 由张三先生
        rf"(?:(?<![\u4e00-\u9fff])|(?<=[由是和与及]))(?P<name>{name})(?:{title}|{office})",
        # 我叫冯秀英, 群众廖建国反映: characters of given names need no words around them
        rf"(?P<name>(?!{_either('not_name')})(?:{_either('surname')})[{''.join(_words('given'))}]{{2}})(?![{_NOT_AT_END}岭湾坝岗坪铺])",
        # 陈处长, 马副镇长: a surname before an office
        rf"(?:(?<![\u4e00-\u9fff])|(?<=[由是和与及委局县市镇乡]))(?P<name>{_either('surname')})(?:副?(?:处长|科长|局长|县长|镇长|乡长|书记|主任|院长|所长|站长|市长|主席))",
        *_words("pattern"),
    ))


def spans(text: str) -> list[tuple[int, int]]:
    """Where persons (and what leads to them: telephone, identity number) stand in `text`, half-open."""
    plain, places = _without_glosses(text)
    from opencc import OpenCC

    plain = _simplifier(OpenCC).convert(plain)
    found = []
    for rule in _rules():
        for match in rule.finditer(plain):
            start, end = match.span("name")
            if end > start:
                last = places[end] if end < len(places) else len(text)
                found.append((places[start], last))
    return sorted(found)


@cache
def _simplifier(maker):
    return maker("t2s")


def _without_glosses(text: str) -> tuple[str, list[int]]:
    """The text without pinyin notes, and where each of its characters stood."""
    dropped = {index for found in _GLOSS.finditer(text) for index in range(*found.span())}
    kept = [index for index in range(len(text)) if index not in dropped]
    return "".join(text[index] for index in kept), kept


def mask(text: str, keep: tuple[tuple[int, int], ...] = ()) -> str:
    """`text` with every person's name covered; spans in `keep` (stated figures) are left as they are.

    >>> mask("镇长王建国主持会议，出生336人")
    '镇长×××主持会议，出生336人'
    """
    covered = list(text)
    for start, end in spans(text):
        for index in range(start, end):
            inside = any(left <= index < right for left, right in keep)
            if not inside and (covered[index].isalnum() or covered[index] in "*＊"):
                covered[index] = COVER
    return "".join(covered)
