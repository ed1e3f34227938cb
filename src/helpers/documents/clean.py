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
from helpers.documents.lines import HAN, is_row, pages, rows, wraps
from helpers.documents.mojibake import restore
from helpers.documents.offsets import Edit, Text, character_table, replace_characters

_TONED = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿếềê̄ê̌"
# A pattern begins with the characters it can begin with, and looks back from there: so most of a text is passed over in C.
_TONE = re.compile(rf"[{_TONED}]")
_TONE_NUMBER = re.compile(r"[1-5](?<=[a-z].)[)）\]】〕]")
# 鄉(xiāng)鎮(zhèn), 乡〔xiāng〕, 乡[xiang1]: a reading in any bracket, with a tone mark or a tone number.
_GLOSS = re.compile(rf"[(（\[【〔<＜](?<=[{HAN}].)[a-zü]{{0,5}}(?:[{_TONED}][a-zü]{{0,4}}|[a-zü]{{1,5}}[1-5])[)）\]】〕>＞]")
# 人口(kou)(kou): the same without tones, at times twice; taken for one only where it is how the character is read
_TONELESS = re.compile(rf"[(（](?<=[{HAN}].)(?P<said>[a-zü]{{1,6}})[)）](?:[(（](?P=said)[)）])*")
# So many such notes make a page of them; a lone (cm) or (bao) is left.
_PAGE_OF_NOTES = 5
# the same after a letter left over from a shifted byte (成績,F(xiàn)將), and the end of one that lost its bracket
_STRAY_GLOSS = re.compile(rf"\((?<=[A-Za-z].)(?=[a-zü]*[{_TONED}])[a-zü{_TONED}]{{1,6}}\)")
_ORPHAN = re.compile(rf"[a-zü{_TONED}](?<=[{HAN}\d%].)(?:(?<=[{_TONED}])|(?<=[a-zü])[a-zü]{{0,4}}[{_TONED}])[a-zü]{{0,4}}\)")
# 总?cè)丝?/span>: the bracket of a tag went with the byte before it
_CUT_TAG = re.compile(r"\ufffd?/(?:span|strong|font|td|p|a|b)>", re.IGNORECASE)
_TAG = re.compile(r"</?(?:p|br|div|span|td|tr|th|table|tbody|thead|strong|b|font|a|h[1-6]|li|ul|ol|img|em|u|o:p)\b[^<>]{0,300}>", re.IGNORECASE)
_SCRIPT = re.compile(r"<(script|style)\b[^>]{0,300}>", re.IGNORECASE)
_SCRIPT_END = {name: re.compile(rf"</{name}\s*>", re.IGNORECASE) for name in ("script", "style")}
_BREAKING = re.compile(r"</?(?:p|br|div|tr|table|h[1-6]|li|td|th)\b", re.IGNORECASE)
_CELL = re.compile(r"</t[dh]\b", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\u200b-\u200f\u2028\u2029\ufeff]")
# Characters of a run of digits and their look-alikes; characters given to OpenCC at a time.
LONGEST_RUN, PIECE = 40, 1 << 17


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
# 2018。10。01: the points of a date
_STOPS_IN_DATE = re.compile(r"(?:19|20)\d\d(?:(?<!\d....)|(?<=^....))[。·](?:1[0-2]|0?[1-9])[。·][0-3]?\d(?!\d)")
# 20171月至20176月: the sign of the year went between two figures
_LOST_YEAR = re.compile(r"20[0-2]\d(?:(?<!\d....)|(?<=(?<!\d)\d....))(?=(?:1[0-2]|[1-9])月(?:至|份|底|末|[-—~]|20))")
# 达91、34%, 的91、34%: a mark of enumeration read for the decimal point of a share
_MARK_FOR_POINT = re.compile(r"、(?<=[的达][1-9]\d、)(?=\d{2}%(?!、))")
_STOP_FOR_COLON = re.compile(r"。(?<=[口数率为].)(?=\d+(?:\.\d+)?[人户例%‰])")

# 112.68%.全区活产: a point typed for a full stop; 一. heads an item.
_POINT_FOR_STOP = re.compile(rf"\.(?<=[{HAN}%‰)].)(?<![一二三四五六七八九十].)(?= ?[{HAN}]|\n| \d)")

# 12.71%。,: a per mille sign taken for a per cent sign and a full stop, where the sentence goes on; ,, a comma twice
_SPLIT_PERMILLE, _COMMAS = re.compile(r"%。(?<=[\d ]%。)(?=\s?(?:[,，;；、。)）]|以[上下内]|左右))"), re.compile(rf"[,，](?<=[{HAN}%‰\d)].)[,，]{{1,3}}(?=[{HAN}\d“(])")

# 出生率为12.71‰,死亡率为6.14‰、自然增长率为6.57%。: the last of them, at the end of the line
_PERMILLE_LEFT = re.compile(r"(?P<lead>(?:出生|死亡|增长)率\s?[为是达]?\s?\d[\d.]*)\s?%。(?=\n|$)")


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
    # O-6岁儿童: the age that a span begins with
    return re.compile(rf"[Oo](?<![A-Za-z0-9].)(?=\s?[-—–~～]\s?\d{{1,2}}\s?(?:周?岁|个?月))|(?<![A-Za-z0-9])(?=[{marks}\d])(?=[{marks}\d.]{{0,{most}}}\d)(?=[\d.]{{0,{most}}}[{marks}])"
                      rf"(?:[{marks}\d]{{2,{most}}}(?:[.。][{marks}\d]{{1,{most}}})?|[{marks}\d]{{1,{most}}}[.。][{marks}\d]{{1,{most}}})(?![A-Za-z0-9])")


@cache
def _letter_by_digit() -> tuple[re.Pattern, ...]:
    marks = re.escape("".join(_noise("letter")))
    return re.compile(rf"\d\.*[{marks}]"), re.compile(rf"[{marks}]\.*\d"), re.compile(r"[Oo]\s?[-—–~～]\s?\d")


def entities(text: Text) -> Text:
    """HTML entities and tags: a cell end becomes a tab, a block end a line end, the rest nothing."""
    if "&" in text.text or "permil" in text.text:
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
    if "/span>" in text.text:
        text = text.substitute(_CUT_TAG, "")
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
    """`95.1玳`, `80機`: the sign after the figure of a rate is a percent sign; `97。4%` a decimal point; a point between sentences a full stop; a year runs into no month."""
    text = text.substitute(_STOPS_IN_DATE, lambda m: re.sub("[。·]", ".", m.group()))
    text = text.substitute(_broken_point(), ".")
    text = text.substitute(_MARK_FOR_POINT, ".")
    text = text.substitute(_LOST_DASH, "-")
    if _SPLIT_PERMILLE.search(text.text):
        text = text.substitute(_SPLIT_PERMILLE, "‰")
        text = text.substitute(_PERMILLE_LEFT, lambda m: m["lead"] + "‰")
    text = text.substitute(_COMMAS, ",")
    text = text.substitute(_LOST_YEAR, lambda m: f"{m.group()}年")
    text = text.substitute(_STOP_FOR_COLON, ":")
    text = text.substitute(_POINT_FOR_STOP, "。")
    if not _misread_percent().search(text.text):
        return text
    return text.substitute(_percent(), lambda m: m.group("lead") + _noise("percent")[m.group("mark")])


_FOOTNOTE = re.compile(rf"[\[①-⑳](?:(?<=[{HAN}]\[)(?:\d{{1,2}}|注\d?)\](?=\s?[{HAN}\d\n:,，])|(?<=\d\[)\d\](?=[岁人])|(?<=[{HAN}][①-⑳])(?=[{HAN}\d]))")
# 38. 7‰, 计划生育率9 5.4%, 所辖2 1个村: the last two are spaces that a scanner saw within a figure
_SPACE = re.compile(rf" (?:(?<=[{HAN}，,。;:、()%‰] )(?=[{HAN}\d(（%‰])|(?<=[\d.] )(?=[{HAN}%‰,;。、]|\.\d)|(?<=\n ) *|(?<!  ) *(?=\n)"
                    rf"|(?<=[{HAN}]\d )(?=\d{{1,3}}(?:\.\d+)?\s?(?:[%‰]|个?[村人户例对名]))|(?<=\d\. )(?=\d{{1,2}}(?!\d)))")


def footnotes(text: Text) -> Text:
    """Footnote marks between a word and what follows go (常住人口[2]为742747人)."""
    return text.substitute(_FOOTNOTE, "")


_MARKS = re.compile("[,，。;；、]")
# A line as long as this with so many marks of a sentence, and nothing that parts cells, is prose, whatever spaces stand in it.
PROSE, SENTENCE_MARKS = 60, 5


def _is_prose(line: str) -> bool:
    return len(line) >= PROSE and "\t" not in line and "|" not in line and len(_MARKS.findall(line)) >= SENTENCE_MARKS


def _rows(text: str) -> list[tuple[int, int]]:
    """The lines that are rows of a table, and those between two of them."""
    lines = [(m.start(), m.end()) for m in re.finditer(r"[^\n]+", text)]
    told = [is_row(line := text[a:b]) and not _is_prose(line) for a, b in lines]
    for i in reversed(range(len(lines) - 1)):
        # the line above a row, without a mark of a sentence, heads its columns
        line = text[lines[i][0]:lines[i][1]].strip()
        told[i] = told[i] or (told[i + 1] and " " in line and len(line) < 45 and not re.search("[,，。;；:：]", line))
    return [span for i, span in enumerate(lines) if told[i] or (any(told[max(0, i - 2):i]) and any(told[i + 1:i + 3]) and span[1] - span[0] < 30)]


_GROUPED = re.compile(rf"\d(?<![\d.].)\d{{0,2}}(?: \d{{3}})+(?:\.\d+)?(?= ?[{HAN}%‰,;。、)]|\n+[人例户名对])")
_LETTER_AHEAD = re.compile(rf"[lI] (?<=[{HAN}] ..)(?=\d{{3}} ?[人例户名对])")
_PER_100K = re.compile("/ 1[0O] ?万|/1[0O] 万")
_SPACED_POINT = re.compile(rf"\. (?:(?<=[{HAN}] [\dOolI]\. )|(?<=[{HAN}] [\dOolI]{{2}}\. )|(?<=[{HAN}] [\dOolI]{{3}}\. ))(?=[\dOolI]{{1,4}} ?(?:[%‰]|个?[百千]分点|/ ?1[0O]))")


def groups(text: Text) -> Text:
    """`472 416人`: a space between groups of three digits is a thousands separator, where a unit follows; `O. 24%`: none stands behind a decimal point; `l 847例`: the one before a group."""
    text = text.substitute(_SPACED_POINT, ".")
    text = text.substitute(_LETTER_AHEAD, "1")
    text = text.substitute(_PER_100K, "/10万")
    return text.substitute(_GROUPED, lambda m: m.group().replace(" ", ""))


def spaces(text: Text) -> Text:
    """Single spaces between characters and figures, and within a figure, go; those that part the cells of a table stay."""
    if " " not in text.text:
        return text
    rows = _rows(text.text)
    starts = [start for start, _ in rows]

    def drop(match: re.Match) -> str:
        at = bisect_right(starts, match.start()) - 1
        return match.group() if at >= 0 and match.start() < rows[at][1] else ""

    return text.substitute(_SPACE, drop)


# Letters and groups come twice: before `wraps`, or a broken line of spaced figures passes for the row of a table;
# after it, for the figure that the joined lines make whole.
STEPS: tuple[Callable[[Text], Text], ...] = (
    *(entities, controls, restore, glosses, width, simplify, respin, footnotes, pages, rows),
    *(letters, groups, wraps, letters, groups, spaces, percents),
)


def clean(raw: str) -> Text:
    """The cleaned text of `raw` with its offset map.

    >>> clean("出生率為１１.1‰").text
    '出生率为11.1‰'
    """
    text = Text.of(raw)
    for step in STEPS:
        text = step(text)
    return text
