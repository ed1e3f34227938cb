"""Lines broken in mid-sentence, and the page numbers that stand between them, put together again."""

from __future__ import annotations

import itertools
import re
from functools import cache

from helpers.catalogue import read_rows
from helpers.documents.offsets import Edit, Text

HAN = r"\u3400-\u9fff\uf900-\ufaff"
_ENUMERATOR = re.compile(r"\s*(?:[(（]?(?:[一二三四五六七八九十]{1,3}|\d{1,2})[)）、.．,，:：](?!\d)|[第篇][一二三四五六七八九十\d]|[①-⑳]|[一二三四五六七八九十]是|[-•·●■★]|附)")
# Figures side by side: the spaces of this line part the cells of a table.
_HEADER = re.compile(rf"\s*[{HAN}()（）]{{2,14}}(?:[ ]+[{HAN}()（）%‰/]{{2,16}}){{1,8}}(?:[ ]+\d+)?\s*")
_CELLS = re.compile(r"\d[%‰]?[ ]+[-－]?\d|\t|\|| {2,}")
# Lines shorter than this are headings, items or cells of a table: they say nothing of how wide the page is.
_LONG = 15
_WIDEST = 70
SMALLEST_BLOCK = 6
# An address, a line of another script: it says nothing of how wide the page is.
_FOREIGN = re.compile(rf"[^{HAN}]{{20}}|[^{HAN}]*[A-Za-z]{{3}}[^{HAN}]*$|[A-Z][a-z]+ URL")
# 2.75个百分点;住院分娩率 and 14206人,: a figure and its unit, then a mark; no year, no number of an item.
_CUT_BEFORE = re.compile(r"\s*(?!(?:19|20)\d\d\s?年|\d{1,2}\s?[月日])\d+(?:[.,]\d+)*(?:/10)?\s?[^\d\s,，;；。.、|:：]{0,8}\s?(?:[,，;；。、)）(（]|\.(?!\d)|\d[^,，;；。]*[,，;；。.])")
# The line before: prose (a mark within it) that stops at a word.
_UNENDED = re.compile(rf"(?:[,，;；。]|\.(?!\d)).*[{HAN}(（,，]\s*$|^[^,，;；。]*\d[^,，;；。]*[,，].*[{HAN}]\s*$|^\s*(?!\d{{1,2}}[、.．])\d[^\n]*[;；,，、][^\n]*[{HAN}]\s*$|[{HAN}]{{4}}率\s*$|[%‰人例户对份][,，;；].*[率数为达]\s*$")
# A line of prose that stops at a word which nothing can end with (出生率最低的 / 河东区3.64‰。).
_DANGLES = frozenset("的为是和与及由在对将至、净共约达占较")
_DANGLING = re.compile(rf"[,，;；。].*[{HAN}].{{4,}}(?:[{''.join(sorted(_DANGLES))}]|[(（][{HAN}]{{1,8}}为)\s*$")
# 死亡率为14.8 / 3、1: the number of a page is no digit of what it parts
_NUMBERED = re.compile(r"\s*\d{1,2}、")
# 生育二孩60 / 人,占…: a figure parted from its unit
_FIGURE_ENDS, _UNIT_BEGINS = re.compile(rf"[,，;；。].*[{HAN}].*\d\s*$"), re.compile(r"\s*(?:人|名|例|户|对|份|万|%|‰|个百分点|个千分点)[^\n]*[,，;；。)）]")
# 计划生育 / 率、出生统计合格率: the end of a word begins no line
_TAIL_BEGINS, _HAN_ENDS = re.compile(r"\s*(?:率(?:[、,，为达是均]|\d)|同期[(（的为是])"), re.compile(rf"[{HAN}]\s*$")
# 龙塘社区 6104
_PLACE_ROW = re.compile(rf"\s*[{HAN}]{{1,8}}(?:镇|乡|村|社区|街道|县|区|市)\s+\d[\d,.]*\s*")
_SAID = re.compile(r".*[,，;；。)）]")
# 男性61. / 19万人, and 城镇人口38 / .60万人,: a figure cut at its point
_POINT_ENDS, _DECIMALS_BEGIN = re.compile(rf"[{HAN}]\d+\.\s*$"), re.compile(r"\s*\d{1,3}\s?(?:[万亿]|%|‰|平方公里|个百分点|个千分点)")
_DIGIT_ENDS, _POINT_BEGINS = re.compile(rf"[{HAN}]\d+\s*$"), re.compile(r"\s*\.\d{1,3}\s?(?:[万亿]|%|‰|平方公里|个百分点|个千分点)")
# What the lines of a table drawn with strokes begin with.
_DRAWN = frozenset("│┃┌├└┏┣┗╔╠╚┠")
_ENDS = ("。", "!", "?", ";", ":")


# A viewer of documents numbers its pages where they begin, in mid-sentence: …计生符 / 2、合率99.10%.
_PAGE_MARK = re.compile(rf"\n(?:[^\S\n]*\n)?[^\S\n]*(?P<page>[1-9]\d?)、[^\S\n]*(?=[{HAN}\d])")
_GOES_ON = re.compile(rf"[{HAN}\d,，、]")
_FIRST_PAGE = re.compile(r"^[^\S\n]*1、", re.MULTILINE)


# — 2 —, 第 2 页 共 5 页: a line that holds the number of a page and nothing else
_PAGE_LINE = re.compile(r"^[^\S\n]*(?:[-—–·•－─]{1,2}[^\S\n]?\d{1,4}[^\S\n]?[-—–·•－─]{1,2}|第[^\S\n]?\d{1,4}[^\S\n]?页[^\S\n,，/]{0,3}(?:共[^\S\n]?\d{1,4}[^\S\n]?页)?)[^\S\n]*(?:\n|\Z)", re.MULTILINE)


# 亲自抓 / 1 / f自抓: the form feed of a PDF, left as its letter where the next page begins
_FORM_FEED = re.compile(rf"(?<=(?P<before>[^\n]))[^\S\n]*\n(?:[^\S\n]*\d{{1,3}}[^\S\n]*\n)?[^\S\n]*f(?=[{HAN}\d“(（])")


@cache
def _banners() -> re.Pattern:
    return re.compile("|".join(row["found"] for row in read_rows("noise") if row["kind"] == "banner"))


def pages(text: Text) -> Text:
    """Lines that number a page go, its banner, its form feed, and numbers that count up from a 1、 at the head, each in mid-sentence of a long line."""
    if _PAGE_LINE.search(text.text):
        text = text.substitute(_PAGE_LINE, "")
    if "页" in text.text or "书山" in text.text:
        text = text.substitute(_banners(), "")
    if "\nf" in text.text or " f" in text.text:
        text = text.substitute(_FORM_FEED, lambda m: "\n" if m["before"] in _ENDS else "")
    first = _FIRST_PAGE.search(text.text)
    if first is None:
        return text
    edits, page, at = [], 1, first.start()
    while (match := _PAGE_MARK.search(text.text, at)) is not None:
        line = text.text[text.text.rfind("\n", 0, match.start()) + 1:match.start()].rstrip()
        if int(match["page"]) == page + 1 and len(line) > _WIDEST and _GOES_ON.match(line[-1]):
            edits.append((*match.span(), ""))
            page += 1
        at = match.end()
    return text.edit(edits)


# A row of a table between strokes whose cells run over several lines: from the stroke that opens it to the one at the end of a line.
_OPEN_ROW = re.compile(r"^\|(?=[^\n|]*[^\s|])(?![^\n]*\|[^\S\n]*$)[^\n]*(?:\n(?![^\n]*\|[^\S\n]*$)[^\n]{0,60}){0,40}\n[^\n]{0,60}\|[^\S\n]*$", re.MULTILINE)


# A stroke alone between two rows
_LONE_STROKE = re.compile(r"(?<=\|\n)\|[^\S\n]*(?=\n\|)")


def rows(text: Text) -> Text:
    """A row between strokes whose cells run over several lines is one line; a stroke alone between two rows goes."""
    if "\n|" not in text.text and not text.text.startswith("|"):
        return text
    text = text.substitute(_LONE_STROKE, "")
    return text.edit((at, at + 1, " ") for row in _OPEN_ROW.finditer(text.text) if row.group().count("|") > row.group().count("\n|") + 2
                     for at in range(*row.span()) if text.text[at] == "\n")


def wraps(text: Text) -> Text:
    """Lines broken in mid-sentence are joined again, where the line lengths say that they were broken.

    A page is broken when its longer lines are all about as long as one another and many stop without a mark.
    """
    lines = text.text.split("\n")
    if full := _page_width(lines):
        return text.edit(_joins(lines, [full] * len(lines)))
    # Not the page: perhaps a block of it, between blank lines.
    widths: list[int] = []
    for told, block in itertools.groupby(lines, key=lambda line: bool(line.strip())):
        block = list(block)
        widths += [_page_width(block) if told and len(block) >= SMALLEST_BLOCK else 0] * len(block)
    return text.edit(_joins(lines, widths))


def _page_width(lines: list[str]) -> int:
    """How many characters wide lines are that were broken in mid-sentence; 0 where they were not."""
    long = sorted(len(line.strip()) for line in lines if len(line.strip()) >= _LONG and not is_row(line) and not _FOREIGN.match(line))
    return long[int(len(long) * 0.9)] if len(long) >= 4 and _is_wrapped(lines, long) else 0


def _is_wrapped(lines: list[str], long: list[int]) -> bool:
    """Whether the longer lines of a page (`long`: their lengths, in order) stop where the page is full."""
    full = long[int(len(long) * 0.9)]
    broken = sum(1 for line in lines if 0.75 * full <= len(line.strip()) and not line.rstrip().endswith(_ENDS))
    told = sum(1 for line in lines if len(line.strip()) >= _LONG and re.search("[,，。;；、]", line))
    if told < 0.5 * len(long):
        return False
    return long[-1] <= max(_WIDEST, 1.3 * full) and full <= _WIDEST and broken >= max(3, 0.3 * len(long))


def is_row(line: str) -> bool:
    """A line of a table: figures side by side, cells parted by marks, or a header of words."""
    if line.lstrip()[:1] in _DRAWN:
        return True
    if " " not in line and "\t" not in line and "|" not in line:
        return False
    return bool(_CELLS.search(line.strip()) or _HEADER.fullmatch(line) or _PLACE_ROW.fullmatch(line))


def _joins(lines: list[str], widths: list[int]) -> list[Edit]:
    """Where lines are one: where they are so many characters wide (`widths`, line by line; 0: not wrapped), and where one was cut before a figure."""
    edits: list[Edit] = []
    before, position = None, 0
    for line, full in zip(lines, widths, strict=True):
        if line.strip():
            if before is not None and not _ENUMERATOR.match(line) and not is_row(line) and _is_cut(before[1], line, full):
                edits.append((before[0] + len(before[1].rstrip()), position + len(line) - len(line.lstrip()), ""))
            before = None if is_row(line) or _FOREIGN.match(line) else (position, line)
        position += len(line) + 1
    return edits


def _is_cut(before: str, line: str, full: int) -> bool:
    """Whether `line` goes on what `before` began: that one is as long as the page is wide, or stops in prose before a figure."""
    if before.rstrip().endswith(("。", "!", "?")) or (before.rstrip()[-1:].isdigit() and _NUMBERED.match(line)):
        return False
    if full and len(before.strip()) >= 0.75 * full:
        return True
    if (_DECIMALS_BEGIN.match(line) and _POINT_ENDS.search(before)) or (_POINT_BEGINS.match(line) and _DIGIT_ENDS.search(before)):
        return True
    if _TAIL_BEGINS.match(line) and _HAN_ENDS.search(before):
        return True
    if _UNIT_BEGINS.match(line) and _FIGURE_ENDS.search(before):
        return True
    return bool(_CUT_BEFORE.match(line) and _UNENDED.search(before)) or bool(before.rstrip()[-1:] in _DANGLES and _DANGLING.search(before) and _SAID.match(line))
