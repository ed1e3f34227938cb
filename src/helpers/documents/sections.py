"""Compilation pages to the articles they string together.

A page that marks its articles (第一篇, 篇2, 范文三) is split at the marks. One that only announces how many
it holds (8篇) is split where the numbering of headings cannot go on: at a new 一、 after 四、, at a (一) after
1、2、3、, at an opening phrase after a numbered list.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

_COUNT = "[一二三四五六七八九十]{1,3}|[0-9]{1,2}"


@dataclass(frozen=True)
class _Mark:
    """A way to number the articles of a page.

    `runs_on` where the text may follow on the same line; a group `head` is a title of their own that every article has.
    """

    pattern: re.Pattern
    runs_on: bool


# What begins the line and needs no sign after it may run on into the text.
_MARKS = tuple(_Mark(re.compile(rf"^[^\S\n]*{pattern}", re.MULTILINE), runs_on) for pattern, runs_on in (
    (rf"第\s?(?P<number>{_COUNT})\s?[篇则](?!幅)", True),
    (rf"[^\n。,，:：]{{2,40}}?第\s?(?P<number>{_COUNT})\s?[篇则][^\S\n]*$", False),
    (rf"[(（]\s?(?P<number>{_COUNT})\s?则[)）][^\S\n]*$", False),
    (rf"第\s?(?P<number>{_COUNT})\s?章[^\S\n]*(?:[:：、.\s]|$)", False),
    (r"(?:[^\n。,，]{0,24}范文)?篇\s?(?P<number>[一二三四五六七八九十]{1,3}|[0-9]{1,2}(?!\d))", True),
    (rf"[^\n。,]{{1,30}}?(?:篇|范文|之)\s?(?P<number>{_COUNT})(?:\s?[:：、.]|[^\S\n]*$|\s(?=[^\n])|(?<=[一二三四五六七八九十])(?=20|[*xX×]|[\u4e00-\u9fff]{{2,8}}[县市区镇乡]))", False),
    (r"[^\n。,]{0,24}?(?:总结|计划|报告|汇报|方案|材料)篇\s?(?P<number>[1-9]|1\d)(?=[\u4e00-\u9fff])", False),
    (rf"(?:信息|简讯|动态|消息|材料|报道|简报)\s?(?P<number>{_COUNT})\s?(?:[:：]|$)", False),
    (r"(?P<head>[^\n。,，:：]{2,24}?(?:总结|计划|报告|汇报|方案|材料))\s?(?P<number>[1-9]|1\d)(?=[^\d.、年月%]|20[\dxX*]{2})", True),
))
_FIRST, _LONGEST_MARK = re.compile(r"(?:篇|第)\s?[1一]"), 60
_ANNOUNCED = re.compile(r"([0-9]{1,2}|[一二两三四五六七八九十]{1,3})\s?篇")
_SO_MANY, _TOP_LINE = re.compile("([二两三四五六七八九十])则"), re.compile(r"^[^\S\n]*([一二三四五六七八九十])、[^\n。;,]{2,30}$", re.MULTILINE)
_OPENING = re.compile(r"(?:今年以来|上半年|下半年|一年来|近年来|20[0-9xX*_]{2}年(?:以来|上半年|度)?|.{0,6}年以来|本年度|过去的一年|文章导读)[,，:：]")
# Kinds of enumerators from the outermost in; the rank orders them.
_STYLES = (re.compile(r"([一二三四五六七八九十]{1,3})、"), re.compile(r"[(（]([一二三四五六七八九十]{1,3})[)）]"),
           re.compile(r"(\d{1,2})[、.．](?!\d)"), re.compile(r"[(（](\d{1,2})[)）]"), re.compile(r"([一二三四五六七八九十])是"))
_NUMERALS = {c: i for i, c in enumerate("一二三四五六七八九", 1)} | {"十": 10}
MIN_COMPILED = 3


@dataclass(frozen=True)
class Section:
    """An article: its 1-based number, its half-open range in the cleaned text, its first line."""

    number: int
    start: int
    end: int
    title: str


def split_sections(text: str) -> list[Section]:
    """The articles of a cleaned text, in order; a single article is one section.

    >>> [s.title for s in split_sections("总结\\n篇一:甲村\\n出生3人\\n篇二:乙村\\n出生4人\\n")]
    ['篇一:甲村', '篇二:乙村']
    """
    starts = _marked(text) or _items(text)
    if len(starts) < 2:
        starts = _inferred(text) if _announced(text) >= MIN_COMPILED else []
    if len(starts) < 2:
        return [Section(1, 0, len(text), _first_line(text, 0))]
    edges = [0, *starts[1:], len(text)]
    return [Section(i, low, high, _first_line(text, starts[i - 1]))
            for i, (low, high) in enumerate(itertools.pairwise(edges), 1)]


def _marked(text: str) -> list[int]:
    """Where marked articles begin: marks of one kind that count up from one, each at its last place (a table of contents is passed over)."""
    found: list[int] = []
    for mark in _MARKS:
        told: dict[tuple[str, int], int] = {}
        for match in mark.pattern.finditer(text):
            runs_on = mark.runs_on or "范文" in match.group()
            if runs_on or _line_end(text, match.start()) - match.start() <= _LONGEST_MARK:
                told[match.groupdict().get("head", ""), _ordinal(match["number"])] = match.start()
        for head in {head for head, _ in told}:
            if (head, 1) not in told and (second := told.get((head, 2))) is not None and _FIRST.search(text, 0, second):
                told[head, 1] = 0  # 保健工作计划 篇 1 in the midst of the line above
            starts = list(itertools.takewhile(lambda at: at is not None, (told.get((head, n)) for n in range(1, len(told) + 1))))
            if len(starts) > max(1, len(found)) and starts == sorted(starts):
                found = starts
    return found


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return end if end >= 0 else len(text)


def _items(text: str) -> list[int]:
    """Where the items of a page that calls itself 二则, 三则 begin: as many headings 一、 二、, each a line of its own."""
    told = _SO_MANY.search(text[:200])
    count = _ordinal(told[1].replace("两", "二")) if told else 0
    starts = [m.start() for m in _TOP_LINE.finditer(text)]
    orders = [_ordinal(m[1]) for m in _TOP_LINE.finditer(text)]
    return starts if count >= 2 and orders == list(range(1, count + 1)) else []


def _announced(text: str) -> int:
    match = _ANNOUNCED.search(text[:400])
    if not match:
        return 0
    word = match.group(1)
    return int(word) if word.isdigit() else _ordinal(word.replace("两", "二"))


def _ordinal(word: str) -> int:
    if word.isdigit():
        return int(word)
    if "十" in word:
        tens, _, ones = word.partition("十")
        return 10 * (_NUMERALS.get(tens, 1)) + _NUMERALS.get(ones, 0)
    return _NUMERALS.get(word, 0)


def _paragraphs(text: str) -> Iterator[tuple[int, str]]:
    position = 0
    for line in text.split("\n"):
        if line.strip():
            yield position + len(line) - len(line.lstrip()), line.strip()
        position += len(line) + 1


def _inferred(text: str) -> list[int]:
    """Where unmarked articles begin: where the numbering of headings breaks off."""
    starts, open_lists, after_table, seen_list = [0], [], False, False
    for start, line in _paragraphs(text):
        rank, ordinal = _enumerator(line)
        if rank is None:
            if _OPENING.match(line) and open_lists and open_lists[0][1] >= 2 and open_lists[0][0] < 4:
                starts.append(start)
                open_lists = []
            after_table = len(line) <= 12 and bool(re.fullmatch(r"[\d.%]+", line))
            continue
        if ordinal == 1 and seen_list and _breaks_off(open_lists, rank, after_table):
            starts.append(start)
            open_lists = []
        open_lists = [(r, o) for r, o in open_lists if r < rank] + [(rank, ordinal)]
        after_table, seen_list = False, True
    return starts


def _breaks_off(open_lists: list[tuple[int, int]], rank: int, after_table: bool) -> bool:
    """Whether a list that starts now cannot belong to the article so far."""
    same = [o for r, o in open_lists if r == rank]
    deeper = [o for r, o in open_lists if r > rank]
    if same and not (rank > 0 and not any(r < rank for r, _ in open_lists) and rank == 4):
        return same[-1] >= 1 and (rank == 0 or not deeper or rank <= 1)
    if deeper and deeper[0] >= 2 and rank <= 1:
        return True
    return after_table and rank == 4


def _enumerator(line: str) -> tuple[int | None, int]:
    for rank, style in enumerate(_STYLES):
        match = style.match(line)
        if match:
            return rank, _ordinal(match.group(1))
    return None, 0


def _first_line(text: str, start: int) -> str:
    for _, line in _paragraphs(text[start:start + 400]):
        return line[:80]
    return ""
