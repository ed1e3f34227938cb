"""Characters swallowed by a replacement made byte by byte in GBK, put back where the text proves them.

Pages that add pinyin to difficult characters were made by replacing bytes, not characters. Where the two
bytes of a listed character straddle two real ones (總 BF82, 人 C8CB hold 側 82C8), the note lands between them
and everything up to the next ASCII character is read one byte late: 總人數 comes out as 總?cè)藬?shù). The
shift can be undone: the note says which character was matched, so the byte it swallowed is known.

What cannot be proven (a digit that went into an undecodable pair) becomes U+FFFD, never a guess.
"""

from __future__ import annotations

import re
from functools import cache

from pypinyin import Style, pinyin

from helpers.catalogue import read_rows
from helpers.documents.lines import HAN
from helpers.documents.offsets import Edit, Text

LOST = "\ufffd"
_TONED = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿ"
_SYLLABLE = rf"[a-zü]{{0,5}}[{_TONED}][a-zü]{{0,4}}"
# after a character the pair that could not be decoded, the note without its bracket, then the shifted run
_SHIFTED = re.compile(rf"\?(?<=[^\x00-\x7f].)(?P<note>{_SYLLABLE})\)(?P<run>[^\x00-\x7f\n]*)(?:\?(?P<note2>{_SYLLABLE})\)|(?P<eaten>\?)|(?P<tail>[@-~]))?")
# a character read late after one that ended in A3: its second byte stands as an ASCII letter before its note
_LATE = re.compile(rf"\((?<=[^\x00-\x7f][@-~].)(?P<note>{_SYLLABLE})\)")


# 已婚育龄妇?女362人, 取环?4例: a mark that a page without notes put between any two characters; within digits it may stand for one
_STRAY = re.compile(rf"\?(?:(?<=[{HAN}\d].)(?=[{HAN}])|(?<=[{HAN}].)(?=[ ]?\d|[,，、。;；:：)）(（]))")
_NOTED, _PAGE_OF_STRAYS = re.compile(rf"[{_TONED}]"), 8


def restore(text: Text) -> Text:
    """The text with shifted runs put right; where a shift has no single reading it is left as it was.

    >>> restore(Text.of("總?cè)藬?shù)32327人")).text
    '總人數32327人'
    """
    if text.text.count("?") >= _PAGE_OF_STRAYS and not _NOTED.search(text.text) and len(_STRAY.findall(text.text)) >= _PAGE_OF_STRAYS:
        text = text.substitute(_STRAY, "")
    if "?" in text.text:
        text = text.edit([(match.start(), match.end(), _headless()[match["run"]]) for match in _headless_words().finditer(text.text)])
    if "?" in text.text or "(" in text.text:
        text = text.edit(_shift_edits(text.text))
        text = text.edit(_late_edits(text.text))
    return text


@cache
def _headless() -> dict[str, str]:
    """What is left of a word that lost its first byte, with the word: 總戶數 (BF82 91F4 94B5) shows as 倯魯 (8291 F494)."""
    words = [row["found"] for row in read_rows("noise") if row["kind"] == "headless"]
    return {code[1:-1].decode("gbk"): word for word in words if (code := word.encode("gbk"))}


@cache
def _headless_words() -> re.Pattern:
    """A lost byte, the rest of a word, and what became of its last byte: a question mark, or the note of its character."""
    return re.compile(rf"\?(?P<run>{'|'.join(sorted(map(re.escape, _headless()), key=len, reverse=True))})(?:\({_SYLLABLE}\)|\?)")


def _shift_edits(text: str) -> list[Edit]:
    edits = []
    for match in _SHIFTED.finditer(text):
        restored = unshift(text[match.start() - 1], match["note"], match["run"], match["note2"] or "", bool(match["eaten"]), match["tail"] or "")
        if restored is not None:
            edits.append((match.start(), match.end(), restored))
    return edits


def _late_edits(text: str) -> list[Edit]:
    edits = []
    for match in _LATE.finditer(text):
        before, letter = text[match.start() - 2:match.start()]
        code = _gbk(before)
        if len(code) != 2:
            continue
        char = _char(bytes([code[1], ord(letter)]))
        if char and match["note"] in readings(char):
            edits.append((match.start() - 2, match.end(), LOST + char))
    return edits


def unshift(before: str, note: str, run: str, note2: str = "", eaten: bool = False, tail: str = "") -> str | None:
    """The characters between `before` and the end of a shifted run, or None where no single reading fits.

    `note2` is the reading of the run's last character where its second byte was swallowed; `eaten` says
    that its second byte and the ASCII character after it went into one undecodable pair; `tail` is the ASCII
    letter behind the run that is that second byte (別 8465: 總?cè)丝谛詣e比).
    """
    lead = _gbk(before)
    shifted = _gbk(run)
    if len(lead) != 2 or not 0x81 <= lead[1] <= 0xFE or (run and len(shifted) != 2 * len(run)):
        return None
    found = set()
    for swallowed in range(0x81, 0xFF):
        phantom = _char(bytes([lead[1], swallowed]))
        if phantom and note in readings(phantom):
            stream = bytes([swallowed]) + shifted + tail.encode("ascii")
            decoded = _decode(stream, note2, eaten)
            if decoded is not None and eaten:
                decoded = _completed(before + decoded, stream[-1])[len(before):]
            if decoded is not None and all(_usual(char) for char in decoded if char != LOST):
                found.add(decoded)
    return found.pop() if len(found) == 1 else None


def _completed(text: str, lead: int) -> str:
    """總人� whose last character begins with the byte BF is 總人口, where one word of the catalogue says so; what followed stays lost."""
    whole = [word for word in _headless().values() if text.endswith(word[:-1] + LOST + LOST) and word[-1].encode("gbk")[0] == lead]
    return text[:-2] + whole[0][-1] + LOST if len(whole) == 1 else text


def _decode(stream: bytes, note2: str, eaten: bool) -> str | None:
    whole, rest = stream[:len(stream) // 2 * 2], stream[len(stream) // 2 * 2:]
    try:
        text = whole.decode("gbk")
    except UnicodeDecodeError:
        return None
    if not rest:
        return text if not note2 and not eaten else None
    if note2:
        last = [c for trail in range(0x40, 0xFF) if (c := _char(rest + bytes([trail]))) and note2 in readings(c) and _usual(c)]
        return text + last[0] if len(last) == 1 else None
    # 為3 read as one pair: neither the character nor the digit can be known from the bytes.
    return text + LOST + LOST if eaten else None


@cache
def readings(char: str) -> frozenset[str]:
    """The pinyin readings of a character, with tone marks."""
    return frozenset(pinyin(char, style=Style.TONE, heteronym=True)[0])


def _usual(char: str) -> bool:
    """A character of everyday use: in GB2312, in Big5's first level, or a mark."""
    if not "\u3400" <= char <= "\u9fff":
        return char in "，。、；：？！“”‘’（）《》〈〉…—％‰℃·　【】"
    try:
        char.encode("gb2312")
        return True
    except UnicodeEncodeError:
        pass
    try:
        return char.encode("big5")[0] <= 0xC6
    except UnicodeEncodeError:
        return False


def _gbk(text: str) -> bytes:
    try:
        return text.encode("gbk")
    except UnicodeEncodeError:
        return b""


@cache
def _char(code: bytes) -> str:
    try:
        return code.decode("gbk")
    except UnicodeDecodeError:
        return ""
