"""Raw text to text a grammar can read: named steps over an offset map.

Each step takes a `Text` and gives a `Text`; `STEPS` lists them in order. What a step repairs is
rows of data/catalogue/noise.csv; the raw text is never changed, and every character kept knows where
it came from.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import cache

import numpy as np
import opencc

from helpers.catalogue import read_rows
from helpers.documents.mojibake import restore
from helpers.documents.offsets import Edit, Text, character_table, replace_characters

_TONED = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿếềê̄ê̌"
_HAN = r"\u3400-\u9fff\uf900-\ufaff"
# A pattern begins with the characters it can begin with, and looks back from there: so most of a text is passed over in C.
_TONE = re.compile(rf"[{_TONED}]")
_TONE_NUMBER = re.compile(r"[1-5](?<=[a-z].)[)）\]】〕]")
# 鄉(xiāng)鎮(zhèn), 乡〔xiāng〕, 乡[xiang1]: a reading in any bracket, with a tone mark or a tone number.
_GLOSS = re.compile(rf"[(（\[【〔<＜](?<=[{_HAN}].)[a-zü]{{0,5}}(?:[{_TONED}][a-zü]{{0,4}}|[a-zü]{{1,5}}[1-5])[)）\]】〕>＞]")
# 人口(kou)(kou): the same without tones, at times twice; taken for one only where it is how the character is read
_TONELESS = re.compile(rf"[(（](?<=[{_HAN}].)(?P<said>[a-zü]{{1,6}})[)）](?:[(（](?P=said)[)）])*")
# So many such notes make a page of them; a lone (cm) or (bao) is left.
_PAGE_OF_NOTES = 5
# the same after a letter left over from a shifted byte (成績,F(xiàn)將), and the end of one that lost its bracket
_STRAY_GLOSS = re.compile(rf"\((?<=[A-Za-z].)(?=[a-zü]*[{_TONED}])[a-zü{_TONED}]{{1,6}}\)")
_ORPHAN = re.compile(rf"[a-zü{_TONED}](?<=[{_HAN}\d%].)(?:(?<=[{_TONED}])|(?<=[a-zü])[a-zü]{{0,4}}[{_TONED}])[a-zü]{{0,4}}\)")
_TAG = re.compile(r"</?(?:p|br|div|span|td|tr|th|table|tbody|thead|strong|b|font|a|h[1-6]|li|ul|ol|img|em|u|o:p)\b[^<>]{0,300}>", re.IGNORECASE)
_SCRIPT = re.compile(r"<(script|style)\b[^>]{0,300}>", re.IGNORECASE)
_SCRIPT_END = {name: re.compile(rf"</{name}\s*>", re.IGNORECASE) for name in ("script", "style")}
_BREAKING = re.compile(r"</?(?:p|br|div|tr|table|h[1-6]|li|td|th)\b", re.IGNORECASE)
_CELL = re.compile(r"</t[dh]\b", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\u200b-\u200f\u2028\u2029\ufeff]")
# Characters of a run of digits and their look-alikes; characters given to OpenCC at a time.
LONGEST_RUN, PIECE = 40, 1 << 17
_ENUMERATOR = re.compile(r"\s*(?:[(（]?(?:[一二三四五六七八九十]{1,3}|\d{1,2})[)）、.．,，:：](?!\d)|[第篇][一二三四五六七八九十\d]|[①-⑳]|[一二三四五六七八九十]是|[-•·●■★]|附)")


@cache
def _noise(kind: str) -> dict[str, str]:
    return {row["found"] or " ": row["meant"] for row in read_rows("noise") if row["kind"] == kind}


@cache
def _entities() -> re.Pattern:
    return re.compile("|".join(map(re.escape, _noise("entity"))))


@cache
def _width() -> np.ndarray:
    table = {chr(0xFF01 + i): chr(0x21 + i) for i in range(94)}
    # ⼈⼝: PDF files give the signs of radicals for the characters they look like
    table |= {chr(code): unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)}
    table |= {found: meant or " " for found, meant in _noise("width").items()}
    return character_table(table | dict.fromkeys("\xa0\u3000\u2003\u2002", " "))


@cache
def _simplifier() -> opencc.OpenCC:
    # t2s maps characters one to one; the phrase profiles (tw2sp) would move offsets.
    return opencc.OpenCC("t2s")


@cache
def _after_simplifying() -> np.ndarray:
    return character_table(_noise("simplified"))


@cache
def _percent() -> re.Pattern:
    """A percent sign misread by a scanner: right after a figure, where a rate is spoken of."""
    marks = "|".join(re.escape(found) for found in _noise("percent"))
    return re.compile(rf"(?P<lead>(?:率|达|为|占|比|到|于|至|在|过|下达|[、,和至-])[^\n。;]{{0,12}}?\d(?:\.\d+)?\d*\s?)(?P<mark>{marks})(?![关构械动场会器遇制])")


@cache
def _misread_percent() -> re.Pattern:
    """What no text without a misread percent sign holds: a look that is quick."""
    return re.compile(rf"\d\s?(?:{'|'.join(re.escape(found) for found in _noise('percent'))})")


# 2005年10月?2006年7月: a dash no code page had
_LOST_DASH = re.compile(r"\?(?<=[月年\d]\?)(?=(?:19|20)\d\d年|\d{1,2}月|\d{1,2}日)")
_STOP_FOR_COLON = re.compile(r"。(?<=[口数率为].)(?=\d+(?:\.\d+)?[人户例%‰])")

# 112.68%.全区活产: a point typed for a full stop; 一. heads an item.
_POINT_FOR_STOP = re.compile(rf"\.(?<=[{_HAN}%‰)].)(?<![一二三四五六七八九十].)(?= ?[{_HAN}]|\n| \d)")


@cache
def _broken_point() -> re.Pattern:
    """`97。4%`: a full stop read for a decimal point, the sign after it perhaps misread too."""
    marks = "|".join(re.escape(found) for found in _noise("percent"))
    return re.compile(rf"[。·](?<=\d.)\s?(?=\d{{1,2}}\s?(?:(?:[%‰]|个?[百千]分点|万|亿|/[十1])|{marks}|$))", re.MULTILINE)


@cache
def _letters() -> re.Pattern:
    """Letters that stand for digits: only inside a run that holds a digit and ends before a unit or a mark.

    No figure is longer than LONGEST_RUN, and without that bound a line of zeros would be gone over once a zero.
    """
    marks, most = re.escape("".join(_noise("letter"))), LONGEST_RUN
    return re.compile(rf"(?<![A-Za-z0-9])(?=[{marks}\d])(?=[{marks}\d.]{{0,{most}}}\d)(?=[\d.]{{0,{most}}}[{marks}])"
                      rf"(?:[{marks}\d]{{2,{most}}}(?:[.。][{marks}\d]{{1,{most}}})?|[{marks}\d]{{1,{most}}}[.。][{marks}\d]{{1,{most}}})(?![A-Za-z0-9])")


@cache
def _letter_by_digit() -> tuple[re.Pattern, re.Pattern]:
    marks = re.escape("".join(_noise("letter")))
    return re.compile(rf"\d\.*[{marks}]"), re.compile(rf"[{marks}]\.*\d")


def entities(text: Text) -> Text:
    """HTML entities and tags: a cell end becomes a tab, a block end a line end, the rest nothing."""
    if "&" in text.text:
        text = text.substitute(_entities(), lambda m: _noise("entity")[m.group()])
    if "<" in text.text and ">" in text.text:
        text = text.edit(_scripts(text.text))
        text = text.substitute(_TAG, lambda m: "\t" if _CELL.match(m.group()) else "\n" if _BREAKING.match(m.group()) else "")
    return text


def _scripts(text: str) -> list[Edit]:
    """Scripts and style sheets, from their tag to the one that closes it; one that is never closed is looked for once."""
    edits: list[Edit] = []
    unclosed, position = set(), 0
    while opening := _SCRIPT.search(text, position):
        name = opening[1].lower()
        closing = None if name in unclosed else _SCRIPT_END[name].search(text, opening.end())
        if closing is None:
            unclosed.add(name)
            position = opening.start() + 1
        else:
            edits.append((opening.start(), closing.end(), ""))
            position = closing.end()
        if len(unclosed) == len(_SCRIPT_END):
            break
    return edits


def controls(text: Text) -> Text:
    """Control and zero-width characters go."""
    return text.substitute(_CONTROL, "")


def glosses(text: Text) -> Text:
    """Pinyin notes after a character go; so do their doubled residues (`hái)孩` without the bracket)."""
    text = _toneless(text)
    if not _TONE.search(text.text) and not _TONE_NUMBER.search(text.text):
        return text
    text = text.substitute(_GLOSS, "")
    text = text.substitute(_STRAY_GLOSS, "")
    return text.substitute(_ORPHAN, "")


def _toneless(text: Text) -> Text:
    """Notes without tones go where the page has many and each is a reading of the character before it."""
    found = list(_TONELESS.finditer(text.text))
    if len(found) < _PAGE_OF_NOTES:
        return text
    notes = [match for match in found if match["said"] in _readings(text.text[match.start() - 1])]
    return text.edit([(*match.span(), "") for match in notes]) if len(notes) >= _PAGE_OF_NOTES else text


@cache
def _readings(character: str) -> frozenset[str]:
    """How a character is read, without tones, ü written so or as v or u."""
    from pypinyin import Style, pinyin  # a second to load, and few pages need it

    said = {reading for readings in pinyin(character, style=Style.NORMAL, heteronym=True) for reading in readings}
    return frozenset(said | {reading.replace("v", "ü") for reading in said} | {reading.replace("ü", "u") for reading in said})


def width(text: Text) -> Text:
    """Full-width letters, digits and marks to their usual form, one for one."""
    return text.replace_all(replace_characters(text.text, _width()))


@cache
def _spun() -> re.Pattern:
    return re.compile("|".join(map(re.escape, _noise("spun"))))


def respin(text: Text) -> Text:
    """Words that a page put in for others of the same length to look new (诞生 for 出生) are the words they stand for."""
    return text.substitute(_spun(), lambda m: _noise("spun")[m.group()])


def simplify(text: Text) -> Text:
    """Traditional to simplified characters, one for one."""
    converted = "".join(map(_simplified, _pieces(text.text)))
    return text.replace_all(replace_characters(converted, _after_simplifying()))


def _simplified(piece: str) -> str:
    converted = _simplifier().convert(piece)
    if len(converted) == len(piece):
        return converted
    return "".join(c if len(s := _simplifier().convert(c)) != 1 else s for c in piece)


def _pieces(text: str) -> Iterator[str]:
    """The text in pieces that end with a line: OpenCC holds several times what it is given, and no phrase runs over a line end."""
    start = 0
    while start < len(text):
        end = text.find("\n", start + PIECE) + 1 or len(text)
        yield text[start:end]
        start = end


def letters(text: Text) -> Text:
    """`2O16`, `l4270`, `129OO`: letters between digits are the digits they look like."""
    digits = _noise("letter")
    if not any(pattern.search(text.text) for pattern in _letter_by_digit()):
        return text
    return text.substitute(_letters(), lambda m: "".join(digits.get(c, c) for c in m.group()))


def percents(text: Text) -> Text:
    """`95.1玳`, `80機`: the sign after the figure of a rate is a percent sign; `97。4%` a decimal point; a point between sentences a full stop."""
    text = text.substitute(_broken_point(), ".")
    text = text.substitute(_LOST_DASH, "-")
    text = text.substitute(_STOP_FOR_COLON, ":")
    text = text.substitute(_POINT_FOR_STOP, "。")
    if not _misread_percent().search(text.text):
        return text
    return text.substitute(_percent(), lambda m: m.group("lead") + _noise("percent")[m.group("mark")])


# Lines shorter than this are headings, items or cells of a table: they say nothing of how wide the page is.
_LONG = 15
_WIDEST = 70
# An address, a line of another script: it says nothing of how wide the page is.
_FOREIGN = re.compile(rf"[^{_HAN}]{{20}}|[^{_HAN}]*[A-Za-z]{{3}}[^{_HAN}]*$|[A-Z][a-z]+ URL")
# 2.75个百分点;住院分娩率 and 14206人,: a figure and its unit, then a mark; no year, no number of an item.
_CUT_BEFORE = re.compile(r"\s*(?!(?:19|20)\d\d\s?年|\d{1,2}\s?[月日])\d+(?:[.,]\d+)*(?:/10)?\s?[^\d\s,，;；。.、|:：]{0,8}\s?(?:[,，;；。、)）(（]|\.(?!\d)|\d[^,，;；。]*[,，;；。.])")
# The line before: prose (a mark within it) that stops at a word.
_UNENDED = re.compile(rf"(?:[,，;；。]|\.(?!\d)).*[{_HAN}(（,，]\s*$|^[^,，;；。]*\d[^,，;；。]*[,，].*[{_HAN}]\s*$|^\s*\d[^\n]*[;；,，][^\n]*[{_HAN}]\s*$|[%‰人例户对份][,，;；].*[率数为达]\s*$")
# A line of prose that stops at a word which nothing can end with (出生率最低的 / 河东区3.64‰。).
_DANGLING = re.compile(rf"[,，;；。].*[{_HAN}].{{4,}}(?:[的为是和与及由在对将至、净共约达占较]|[(（][{_HAN}]{{1,8}}为)\s*$")
# 生育二孩60 / 人,占…: a figure parted from its unit
_FIGURE_ENDS, _UNIT_BEGINS = re.compile(rf"[,，;；。].*[{_HAN}].*\d\s*$"), re.compile(r"\s*(?:人|名|例|户|对|份|万|%|‰|个百分点|个千分点)[^\n]*[,，;；。)）]")
_SAID = re.compile(r".*[,，;；。)）]")
_ENDS = ("。", "!", "?", ";", ":")


# A viewer of documents numbers its pages where they begin, in mid-sentence: …计生符 / 2、合率99.10%.
_PAGE_MARK = re.compile(rf"\n[^\S\n]*(?P<page>[1-9]\d?)、[^\S\n]*(?=[{_HAN}\d])")
_GOES_ON = re.compile(rf"[{_HAN}\d,，、]")
_FIRST_PAGE = re.compile(r"^[^\S\n]*1、", re.MULTILINE)


def pages(text: Text) -> Text:
    """Numbers of pages that count up from a 1、 at the head, each in mid-sentence of a long line, go."""
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


def wraps(text: Text) -> Text:
    """Lines broken in mid-sentence are joined again, where the line lengths say that they were broken.

    A page is broken when its longer lines are all about as long as one another and many stop without a mark.
    """
    lines = text.text.split("\n")
    long = sorted(len(line.strip()) for line in lines if len(line.strip()) >= _LONG and not _is_row(line) and not _FOREIGN.match(line))
    wrapped = len(long) >= 4 and _is_wrapped(lines, long)
    return text.edit(_joins(lines, long[int(len(long) * 0.9)] if wrapped else 0))


def _is_wrapped(lines: list[str], long: list[int]) -> bool:
    """Whether the longer lines of a page (`long`: their lengths, in order) stop where the page is full."""
    full = long[int(len(long) * 0.9)]
    broken = sum(1 for line in lines if 0.75 * full <= len(line.strip()) and not line.rstrip().endswith(_ENDS))
    told = sum(1 for line in lines if len(line.strip()) >= _LONG and re.search("[,，。;；、]", line))
    if told < 0.5 * len(long):
        return False
    return long[-1] <= max(_WIDEST, 1.3 * full) and full <= _WIDEST and broken >= max(3, 0.3 * len(long))


def _is_row(line: str) -> bool:
    """A line of a table: figures side by side, cells parted by marks, or a header of words."""
    if " " not in line and "\t" not in line and "|" not in line:
        return False
    return bool(_CELLS.search(line.strip()) or _HEADER.fullmatch(line))


def _joins(lines: list[str], full: int) -> list[Edit]:
    """Where lines are one: on a page that is `full` characters wide (0: not wrapped), and where one was cut before a figure."""
    edits: list[Edit] = []
    before, position = None, 0
    for line in lines:
        if line.strip():
            if before is not None and not _ENUMERATOR.match(line) and not _is_row(line) and _is_cut(before[1], line, full):
                edits.append((before[0] + len(before[1].rstrip()), position + len(line) - len(line.lstrip()), ""))
            before = None if _is_row(line) or _FOREIGN.match(line) else (position, line)
        position += len(line) + 1
    return edits


def _is_cut(before: str, line: str, full: int) -> bool:
    """Whether `line` goes on what `before` began: that one is as long as the page is wide, or stops in prose before a figure."""
    if before.rstrip().endswith(("。", "!", "?")):
        return False
    if full and len(before.strip()) >= 0.75 * full:
        return True
    if _UNIT_BEGINS.match(line) and _FIGURE_ENDS.search(before):
        return True
    return bool(_CUT_BEFORE.match(line) and _UNENDED.search(before)) or bool(_DANGLING.search(before) and _SAID.match(line))


_FOOTNOTE = re.compile(rf"[\[①-⑳](?:(?<=[{_HAN}]\[)(?:\d{{1,2}}|注\d?)\](?=[{_HAN}\d\n:,，])|(?<=\d\[)\d\](?=[岁人])|(?<=[{_HAN}][①-⑳])(?=[{_HAN}\d]))")
_SPACE = re.compile(rf" (?:(?<=[{_HAN}，,。;:、()%‰] )(?=[{_HAN}\d(（%‰])|(?<=[\d.] )(?=[{_HAN}%‰,;。、])|(?<=\n ) *|(?<!  ) *(?=\n))")
# Figures side by side: the spaces of this line part the cells of a table.
_HEADER = re.compile(rf"\s*[{_HAN}()（）]{{2,14}}(?:[ ]+[{_HAN}()（）%‰/]{{2,16}}){{1,8}}(?:[ ]+\d+)?\s*")
_CELLS = re.compile(r"\d[%‰]?[ ]+[-－]?\d|\t|\|| {2,}")


def footnotes(text: Text) -> Text:
    """Footnote marks between a word and what follows go (常住人口[2]为742747人)."""
    return text.substitute(_FOOTNOTE, "")


def _rows(text: str) -> list[tuple[int, int]]:
    """The lines that are rows of a table, and those between two of them."""
    lines = [(m.start(), m.end()) for m in re.finditer(r"[^\n]+", text)]
    told = [_is_row(text[a:b]) for a, b in lines]
    for i in reversed(range(len(lines) - 1)):
        # the line above a row, without a mark of a sentence, heads its columns
        line = text[lines[i][0]:lines[i][1]].strip()
        told[i] = told[i] or (told[i + 1] and " " in line and len(line) < 45 and not re.search("[,，。;；:：]", line))
    return [span for i, span in enumerate(lines) if told[i] or (any(told[max(0, i - 2):i]) and any(told[i + 1:i + 3]) and span[1] - span[0] < 30)]


_GROUPED = re.compile(rf"\d(?<![\d.].)\d{{0,2}}(?: \d{{3}})+(?= ?[{_HAN}%‰,;。、)])")


def groups(text: Text) -> Text:
    """`472 416人`: a space between groups of three digits is a thousands separator, where a unit follows."""
    return text.substitute(_GROUPED, lambda m: m.group().replace(" ", ""))


def spaces(text: Text) -> Text:
    """Single spaces between characters and figures go; those that part the cells of a table stay."""
    if " " not in text.text:
        return text
    rows = _rows(text.text)
    starts = [start for start, _ in rows]

    def drop(match: re.Match) -> str:
        at = bisect_right(starts, match.start()) - 1
        return match.group() if at >= 0 and match.start() < rows[at][1] else ""

    return text.substitute(_SPACE, drop)


STEPS: tuple[Callable[[Text], Text], ...] = (entities, controls, restore, glosses, width, simplify, respin, footnotes, pages, wraps, letters, groups, spaces, percents)


def clean(raw: str) -> Text:
    """The cleaned text of `raw` with its offset map.

    >>> clean("出生率為１１.1‰").text
    '出生率为11.1‰'
    """
    text = Text.of(raw)
    for step in STEPS:
        text = step(text)
    return text
