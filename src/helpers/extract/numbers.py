"""Figures in Chinese prose: the number, what it is counted in, and the interval its printed digits allow.

A parser that refuses rather than guesses: ordinals, years, ranges and idioms are no figures.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from helpers.catalogue import read_rows

DIGITS = dict(zip("零〇一二三四五六七八九", (0, 0, *range(1, 10)), strict=True)) | dict(
    zip("壹贰叁肆伍陆柒捌玖两", (*range(1, 10), 2), strict=True))
TENS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
MYRIADS = {"万": 10_000, "亿": 100_000_000}
_HAN_NUMERAL = "[零〇一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟]"
_DASH = "[-—–―－~～至]"



@cache
def hedges(stands: str) -> dict[str, str]:
    """Hedge words that stand before or after a figure, with their kinds: rows of data/catalogue/hedges.csv."""
    sides = {"before", "after"}
    return {row["word"]: row["kind"] for row in read_rows("hedges") if row.one_of("stands", sides) == stands}


@dataclass(frozen=True)
class Number:
    """A figure as printed: half-open positions in the text it was found in.

    `value` is the decimal meant (as text, digits kept); `written` the characters of the number itself;
    `unit` a row of unit_words.csv ("" for a bare number, None where the unit is one no indicator uses);
    `low`, `high` bound what printed digits and hedge words allow; `start`..`end` covers number and unit.
    """

    start: int
    end: int
    value: str
    written: str
    unit: str | None
    unit_word: str
    hedge: str
    low: float
    high: float
    number_end: int
    partner: str = ""


# A unit that begins another word is none: 户籍, 名单, 人均, 例如, 个别, 对比.
_NOT_BEFORE = {"户": "(?![籍口])", "名": "(?![单册列次])", "人": "(?![均工流])", "例": "(?![如])", "对": "(?![比照象口])", "个": "(?![别体案人])",
               "件": "(?!套)", "份": "(?!额)", "证": "(?![照])", "支": "(?![队部持])", "号": "", "成": "(?![员立本为年果效人熟功份分绩因])", "家庭": "(?![户医签总])", "家": "(?!庭户)", "村": "(?![民])", "人口": "(?![密素结自出死增])",
               "元": "(?![区市县镇乡村])", "口": "(?![井岸径头味服腔罩号粮])"}


@cache
def _unit_words() -> dict[str, str | None]:
    return {row["word"]: row["unit"] or None for row in read_rows("unit_words")}


def _alternation(words) -> str:
    return "|".join(re.escape(word) + _NOT_BEFORE.get(word, "") for word in sorted(words, key=len, reverse=True))


@cache
def _grammar() -> re.Pattern:
    """One pattern for a figure: hedge, fraction word, number, multiplier, hedge, unit, hedge."""
    first = re.escape("".join(dict.fromkeys(word[0] for word in hedges("before"))))
    return re.compile(rf"""
        (?=[\d{first}—–－−负-]|{_HAN_NUMERAL})  # what a figure can begin with
        (?P<before>(?<![签预节合契制条解履])(?:{_alternation(hedges("before"))}))?
        (?:
            (?P<fraction>百分之|千分之|万分之|十万分之)(?P<below>[-—–－−负](?=\d))?(?P<frac>\d+(?:\.\d+)?|{_HAN_NUMERAL}+(?:点{_HAN_NUMERAL}+)?)
          | (?P<left>(?<![\d.])\d+(?:\.\d+)?)\s?[::：∶]{{1,2}}\s?(?P<right>\d+(?:\.\d+)?)(?![\d.]|[::∶]\d)
          | (?P<sign>(?<![\d%‰A-Za-z人名例个户月日年份])[-—–－−](?=\d)|负(?=\d))?
            (?P<number>(?:(?<![\d.])\d{{1,4}}万\d{{4}}(?![\d.,万亿])|\d{{1,3}}(?:,\d{{3}})+(?!\d)|\d+)(?:\.\d+)?(?![\d.]*[xX*×＊]|\.\s?[%‰]|/[2-9]|\?\d))\s?
            (?P<more0>[余多来](?=[百千]?[万亿]|[百千](?![分瓦克米])))?(?P<scale>(?:[百千]?[万亿]|[百千](?![分瓦克米]))(?!分之))?
          | (?P<han>{_HAN_NUMERAL}+(?:点{_HAN_NUMERAL}+)?)
        )
        (?P<more>[余多来](?!胎|孩|次|种|年|个月|数|样))?
        \s?(?P<unit>{_alternation(_unit_words())})?
        (?P<more2>[余多](?!胎|孩|次|种|年|数))?
        (?P<after>{_alternation(w for w in hedges("after") if len(w) > 1)})?
    """, re.VERBOSE)


def find_numbers(text: str) -> Iterator[Number]:
    """The figures in `text`, in order; ranges come as two numbers with hedge "range".

    >>> [(n.value, n.unit) for n in find_numbers("出生26.85万人,出生率约11.1‰")]
    [('268500', 'person'), ('11.1', 'permille')]
    """
    for match in _grammar().finditer(text):
        number = _number(match)
        if number is not None:
            yield number


def _number(match: re.Match) -> Number | None:
    if match["han"] and (not match["unit"] or match["han"] in ("万", "亿", "千", "百")):
        return None  # (万户), 每千人口
    words = match.groupdict()
    hedge = (hedges("before").get(words["before"] or "") or hedges("after").get(words["after"] or "")
             or ("and_more" if words["more0"] or words["more"] or words["more2"] else ""))
    unit_word = words["unit"] or ""
    unit = _unit_words()[unit_word] if unit_word else ""
    start = match.end("before") if words["before"] else match.start()
    start = match.start() if words["before"] else start
    step, partner = None, ""
    if words["left"]:
        ratio = _ratio(words["left"], words["right"])
        if ratio is None:
            return None
        value, partner, unit, written, number_end = *ratio, "per_100_females", match.group()[:], match.end("right")
        step = _step(value)
    elif words["fraction"]:
        value = _decimal_text(words["frac"])
        if value is None:
            return None
        unit, unit_word = {"百分之": "percent", "千分之": "permille", "万分之": "per_10k"}.get(words["fraction"], "per_100k"), words["fraction"]
        written, number_end, step = match.group("fraction") + (words["below"] or "") + words["frac"], match.end("frac"), _step(value)
        value = "-" + value if words["below"] else value
    elif words["han"]:
        value = _decimal_text(words["han"])
        written, number_end, step = words["han"], match.end("han"), Decimal(1)
    else:
        # 12万8403: the myriads and what is over them
        myriads, _, over = words["number"].rpartition("万")
        plain = (myriads + over if myriads else words["number"]).replace(",", "")
        factor = _scale(words["scale"])
        value = _shift(plain, factor)
        if words["sign"]:
            value = "-" + value
        written = match.string[match.start("sign") if words["sign"] else match.start("number"):
                               match.end("scale") if words["scale"] else match.end("number")].rstrip()
        number_end = match.end("scale") if words["scale"] else match.end("number")
        step = _step(plain) * factor
    if value is None or len(value) > LONGEST or _OF_EACH.search(match.string, max(0, match.start() - 1), match.start()) \
            or (words["han"] and _ABOUT_HOW_MANY.search(match.string[max(0, match.start() - 2):match.start()])):
        return None
    if unit_word == "成":
        value, step = _shift(value, Decimal(10)), step * 10
    low, high = interval(Decimal(value), step, hedge, exact=unit in COUNTED and "." not in written and not hedge and step == 1,
                         decimals="." in written)
    return Number(start, match.start() + len(match.group().rstrip()), value, written, unit, unit_word, hedge, float(low), float(high), number_end, partner)


# No figure of a report has more digits; a longer run is damage.
LONGEST = 20
# 每千人口, 数十人: what stands before a numeral makes it no figure.
_OF_EACH = re.compile("每")
_ABOUT_HOW_MANY = re.compile("(?<![人户总例次个件口])数$|几$")
COUNTED = frozenset({"person", "couple", "case", "household", "document", "item", "village", "township", "dose"})


def interval(value: Decimal, step: Decimal, hedge: str, *, exact: bool = False, decimals: bool = False) -> tuple[Decimal, Decimal]:
    """What a printed figure allows: half a unit of its last digit either way, wider under a hedge word.

    `step` is the size of the last printed digit; `exact` for plain counts, which stand for themselves;
    `decimals` where a decimal point is printed: 1.00万 is told to the hundred, 10000 to the myriad.
    Source: METHODS 3.1 (about: one unit of the last non-zero digit; near N: 0.9 N to N; N and more: to N + unit).
    """
    match hedge:
        case "around":
            last = step if decimals else _last_digit(value, step)
            return value - last, value + last
        case "nearly":
            return value * Decimal("0.9"), value
        case "and_more":
            return value, value + (step if decimals else _last_digit(value, step))
        case "above" | "at_least":
            return value, Decimal("Infinity")
        case "below" | "at_most":
            return Decimal(0), value
    if exact:
        return value, value
    return value - step / 2, value + step / 2


def _last_digit(value: Decimal, step: Decimal) -> Decimal:
    """The size of the last digit that is not zero: 30,000 is told to the myriad."""
    while value and value % (step * 10) == 0:
        step *= 10
    return step


def _step(text: str) -> Decimal:
    """The size of the last printed digit of a plain decimal."""
    return Decimal(1).scaleb(-len(text.partition(".")[2]))


def _scale(word: str | None) -> Decimal:
    factor = Decimal(1)
    for char in word or "":
        factor *= TENS.get(char) or MYRIADS[char]
    return factor


def _shift(plain: str, factor: Decimal) -> str:
    """`26.85` × 万 → `268500`; without a multiplier the digits stay as printed."""
    if factor == 1:
        return plain
    product = Decimal(plain) * factor
    return format(product.normalize(), "f")


def _ratio(left: str, right: str) -> tuple[str, str] | None:
    """The side that is not 100 of a sex ratio; None for clocks, scores and ratios on another base."""
    if Decimal(right) == 100 and 50 <= Decimal(left) <= 300:
        return left, right
    if Decimal(left) == 100 and 50 <= Decimal(right) <= 300:
        return right, left
    if right == "1" and len(left) >= 4 and Decimal("0.8") <= Decimal(left) <= 2:
        return format((Decimal(left) * 100).normalize(), "f"), right  # 1.18:1
    return None


def _decimal_text(text: str) -> str | None:
    """A plain decimal or a Chinese numeral as decimal text; None when it is no well-formed numeral, or longer than any."""
    if len(text) > 2 * LONGEST:
        return None
    if text[0].isdigit() and text[0] not in DIGITS:
        return text
    whole, _, fraction = text.partition("点")
    value = han_integer(whole)
    if value is None:
        return None
    if not fraction:
        return str(value)
    if any(c not in DIGITS for c in fraction):
        return None
    return f"{value}.{''.join(str(DIGITS[c]) for c in fraction)}"


def han_integer(text: str) -> int | None:
    """The integer a Chinese numeral means, or None where it is not well formed.

    >>> han_integer("三千零六"), han_integer("二〇一三"), han_integer("廿五")
    (3006, 2013, None)
    """
    if not text:
        return None
    if all(c in DIGITS for c in text):
        return int("".join(str(DIGITS[c]) for c in text)) if len(text) != 1 or text not in "零〇" else 0
    total = section = digit = 0
    seen_digit, last_scale = False, None
    for char in text:
        if char in DIGITS:
            if seen_digit and digit and DIGITS[char]:
                return None
            digit, seen_digit = DIGITS[char], True
        elif char in TENS:
            scale = TENS[char]
            if last_scale is not None and scale >= last_scale:
                return None
            section += (digit if seen_digit and digit else 1) * scale
            digit, seen_digit, last_scale = 0, False, scale
        elif char in MYRIADS:
            section += digit
            if char == "亿":
                total = (total + section or 1) * MYRIADS[char]
            else:
                total += (section or 1) * MYRIADS[char]
            section, digit, seen_digit, last_scale = 0, 0, False, None
        else:
            return None
    return total + section + digit
