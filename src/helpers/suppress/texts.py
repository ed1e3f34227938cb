"""A document's text with the figures out of it that are not to be known: every digit that is no published figure's.

Same length in, same length out, so that the spans of the figures stay right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

COVER = "•"
Span = tuple[int, int]
_DIGITS = re.compile(r"[0-9０-９]")
_NUMERALS = "零〇○一二三四五六七八九十百千万萬两兩廿卅壹贰叁肆伍陆柒捌玖拾"
# 死亡三人, 十余例, 百分之九十八点五: a number in characters is told by what it counts; 一孩 and 二孩 name an order.
_SPELT = re.compile(rf"[{_NUMERALS}]+(?=\s*[余餘多来來]?\s*(?:人|例|名|个|個|位|户|戶|对|對|胎|起|次|份|件|具|对|‰|%|％))"
                    rf"|(?<=分之)[{_NUMERALS}点點]+")
# Dates tell no count: 2016年, 6月, 30日, 2015-2016, 20XX年.
_DATES = re.compile(r"(?:19|20)[0-9]{2}(?=\s*(?:年|[-—–~至到/.]\s*(?:19|20)?[0-9X]{2}))|(?<=[0-9]{4}[-—–~至到])(?:19|20)[0-9]{2}(?=年)"
                    r"|(?<![0-9.])[0-9]{1,2}(?=\s*(?:月份?|日)(?!均|龄))|20(?=XX)")
_DATES_OF_TITLE = re.compile(r"(?:19|20)[0-9]{2}")


def covered(text: str, shown: Iterable[Span] = (), hidden: Iterable[Span] = ()) -> str:
    """`text` with every number covered but dates and the figures of `shown`; in `hidden` spans whatever `shown` says.

    >>> covered("2016年出生336人，其中死亡三人，另有7人外出。", shown=[(5, 11)])
    '2016年出生336人，其中死亡•人，另有•人外出。'
    >>> covered("出生336人，死亡3人", shown=[(0, 11)], hidden=[(7, 11)])
    '出生336人，死亡•人'
    """
    keep = bytearray(len(text))
    for found in _DATES.finditer(text):
        keep[found.start():found.end()] = b"\1" * (found.end() - found.start())
    for start, end in shown:
        keep[start:end] = b"\1" * len(keep[start:end])
    numbers = bytearray(len(text))
    for pattern in (_DIGITS, _SPELT):
        for found in pattern.finditer(text):
            numbers[found.start():found.end()] = b"\1" * (found.end() - found.start())
    for start, end in hidden:
        for place in range(max(0, start), min(end, len(text))):
            if text[place] in _NUMERALS or _DIGITS.match(text[place]):
                numbers[place], keep[place] = 1, 0
    return "".join(COVER if number and not kept else char for char, number, kept in zip(text, numbers, keep, strict=True))


def covered_title(title: str) -> str:
    """A title with every number covered but years.

    >>> covered_title("石桥乡2016年出生3人情况")
    '石桥乡2016年出生•人情况'
    """
    return covered(title, [found.span() for found in _DATES_OF_TITLE.finditer(title)])
