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
_MARK = re.compile(rf"""^[^\S\n]*(?:
      第\s?(?:{_COUNT})\s?[篇章](?!幅)[^\S\n]*(?:[:：、.\s]|$)
    | [^\n。,]{{0,30}}?(?:篇|范文|之)\s?(?P<number>{_COUNT})(?:\s?[:：、.]|[^\S\n]*$|\s(?=[^\n])|(?<=[一二三四五六七八九十])(?=20|[*xX×]|[\u4e00-\u9fff]{{2,8}}[县市区镇乡]))
    | (?:信息|简讯|动态|消息|材料|报道|简报)\s?(?:{_COUNT})\s?[:：]
    )""", re.VERBOSE | re.MULTILINE)
# 篇2:本报讯 …: a mark that begins a line may stand before the text itself.
_OWN_MARK = re.compile(rf"\s*(?:[^\n。,，:：]{{0,20}}范文)?第?篇?\s?(?:{_COUNT})\s?篇?(?:\s?[:：]|(?<=[一二三四五六七八九十])(?=20|[*xX×]|[\u4e00-\u9fff]))")
_ANNOUNCED = re.compile(r"([0-9]{1,2}|[一二两三四五六七八九十]{1,3})\s?篇")
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
    starts = _marked(text)
    if len(starts) < 2:
        starts = _inferred(text) if _announced(text) >= MIN_COMPILED else []
    if len(starts) < 2:
        return [Section(1, 0, len(text), _first_line(text, 0))]
    edges = [0, *starts[1:], len(text)]
    return [Section(i, low, high, _first_line(text, starts[i - 1]))
            for i, (low, high) in enumerate(itertools.pairwise(edges), 1)]


def _marked(text: str) -> list[int]:
    """Where marked articles begin: marks that count up from one, each once (a table of contents is passed over)."""
    lines = [(match.start(), text[match.start():_line_end(text, match.start())]) for match in _MARK.finditer(text)]
    lines = [(start, line) for start, line in lines if len(line) <= 60 or _OWN_MARK.match(line)]
    marks = [start for start, _ in lines]
    titles = [line.strip() for _, line in lines]
    last_of = {title: start for title, start in zip(titles, marks, strict=True)}
    return sorted(last_of.values())


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return end if end >= 0 else len(text)


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
