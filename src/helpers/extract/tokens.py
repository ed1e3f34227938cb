"""A sentence as tokens: words of the lexicon, times, ages and figures, none overlapping."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from helpers.extract.lexicon import Word, find_words, phrase
from helpers.extract.numbers import Number, find_numbers, han_integer
from helpers.extract.times import ROC_MARK, TimePhrase, find_times

_N = r"(?:\d{1,3}|[一二三四五六七八九十]{1,3})"
# 女273540-14岁男8098: figures and the census's age groups run together; only its own bounds can be told apart.
_AGE = re.compile(rf"""
    (?<=\d)(?P<glued>0-14|0-17|15-59|15-64|60|65)(?=岁)(?P<glued_tail>岁(?:及以上)?)
  | (?<!\d)(?P<low>{_N})\s?(?:周?岁|个?月)?\s?[-—–~～至到]{{1,2}}\s?(?P<high>{_N})\s?(?P<unit>周岁|岁|(?:个?月龄|个月|月)(?=龄|[儿婴幼人老居组及女(]|以|的|年龄))龄?(?P<incl>及?以[上下])?
  | (?<!\d)(?P<alone>0)岁(?=组|婴儿|人口)组?
  | (?P<hundred>百岁)(?:及?以上)?(?=老)
  | (?<!\d)(?P<over>{_N})\s?(?:周岁|岁)(?:及(?:(?P=over)\s?(?:周岁|岁))?|\(含\)|[(]?含[^)]{{0,6}}[)]?)?\s?及?以上
  | (?<!\d)(?P<under>{_N})\s?(?:周岁|岁)(?P<within>及)?(?:以下|以内)
  | (?<!\d)(?P<months>\d{{1,2}})个月(?:以内|内|以下)(?=[^,，;；。\d]{{0,4}}(?:母乳|婴|儿))
  | (?<!\d)(?P<exact>{_N})\s?(?:周岁|岁)(?=老年?人)
""", re.VERBOSE)
# What a sentence needs to hold a figure: a digit, a large Chinese numeral, or a small one before a unit.
_FIGURE = re.compile(r"\d|[百千万拾佰仟壹贰叁肆伍陆柒捌玖]|[一二三四五六七八九十两][人名例户对个胎孩成岁月年季周]|分之|[〇零○]")
# What every age group and every time is told with: where it is missing, no longer pattern is tried.
_AGES = re.compile(r"岁|[-—–~～至到][^月]*月|个月(?:以内|内|以下)")
_TIMES, _TIME_MARKS, _BARE_TIMES = re.compile(f"[年月季{ROC_MARK}]"), re.compile("[同截日普.-]"), re.compile(r"普|(?:19|20)\d\d[-./]")
_SPAN_OF_YEARS = phrase("span_of_years")
_NUMERAL = re.compile(r"[\d一二两三四五六七八九十]")
_AGE_NOUN = phrase("age_noun")


@dataclass(frozen=True)
class Age:
    """An age group as SCHEMA writes it: `0-6`, `65+`, `0-36月`."""

    start: int
    end: int
    age: str
    noun: bool


Token = Word | TimePhrase | Number | Age


def tokenize(text: str) -> list[Token]:
    """The tokens of `text` in order, none overlapping.

    Words that hold a numeral themselves come first (一孩率, 5岁以下儿童死亡率), then ages, times, figures with
    their units, and at last the words that are left.
    """
    if not _FIGURE.search(text):
        times = list(find_times(text)) if _has_time(text) else []
        return sorted([*times, *find_words(_mask(text, times))], key=_place)
    words = find_words(text)
    numbered = [word for word in words if _NUMERAL.search(word.text) and not word.meaning("cue")]
    masked = _mask(text, numbered)
    ages = [age for age in (_age(match, text) for match in _AGE.finditer(masked)) if age] if _AGES.search(masked) else []
    masked = _mask(masked, ages)
    times = list(find_times(masked)) if _has_time(text) else []
    masked = _mask(masked, times)
    numbers = [number for number in find_numbers(masked) if not _SPAN_OF_YEARS.match(masked, number.start)]
    figures: list[Token] = sorted([*times, *numbered, *ages, *numbers], key=_place)
    return sorted([*figures, *_words_between(words, figures, text)], key=_place)


def _place(token: Token) -> tuple[int, int]:
    return token.start, token.end


def _words_between(words: Sequence[Word], figures: Sequence[Token], text: str) -> Iterator[Word]:
    """The words of a text whose figures are taken out; `words` are those of the whole of it.

    Only where a word and a figure run into one another is the text between two figures searched once more.
    """
    at = start = 0
    for end, after in [*((figure.start, figure.end) for figure in figures), (len(text), len(text))]:
        if start < end:
            cut = False
            while at < len(words) and words[at].start < start:
                cut = cut or words[at].end > start
                at += 1
            whole = at
            while at < len(words) and words[at].end <= end:
                at += 1
            yield from find_words(text, start, end) if cut else words[whole:at]
            if not cut and at < len(words) and words[at].start < end:
                yield from find_words(text, words[at].start, end)
        start = max(start, after)


def _has_time(text: str) -> bool:
    return bool(_TIMES.search(text) or (_TIME_MARKS.search(text) and _BARE_TIMES.search(text)))


def _mask(text: str, tokens) -> str:
    """The text with tokens blanked out by a character no grammar knows."""
    if not tokens:
        return text
    parts, position = [], 0
    for token in tokens:
        parts += [text[position:token.start], "\x01" * (token.end - token.start)]
        position = token.end
    return "".join([*parts, text[position:]])


def _age(match: re.Match, text: str) -> Age | None:
    g = match.groupdict()
    if g["glued"]:
        if ("-" in g["glued"]) == g["glued_tail"].endswith("上"):
            return None
        age = g["glued"] if "-" in g["glued"] else f"{g['glued']}+"
    elif g["low"]:
        low, high = _integer(g["low"]), _integer(g["high"])
        if low is None or high is None or low >= high:
            return None
        suffix = "月" if "月" in g["unit"] else ""
        age = f"{low}-{high}{suffix}"
    elif g["alone"]:
        age = g["alone"]
    elif g["hundred"]:
        age = "100+"
    elif g["over"] or g["exact"]:
        age = f"{_integer(g['over'] or g['exact'])}+"
    elif g["months"]:
        age = f"0-{int(g['months']) - 1}月"
    else:
        age = f"0-{_integer(g['under']) - (0 if g['within'] else 1)}"
    noun = _AGE_NOUN.match(text, match.end())
    return Age(match.start(), noun.end() if noun else match.end(), age, bool(noun))


def _integer(text: str) -> int | None:
    return int(text) if text.isdigit() else han_integer(text)


def dims_of(tokens) -> dict[str, str]:
    """The dims all words among `tokens` give, the later ones last."""
    dims: dict[str, str] = {}
    for token in tokens:
        if isinstance(token, Age):
            dims["age"] = token.age
        elif isinstance(token, Word):
            for meaning in token.meanings:
                if meaning.kind in ("dim", "group"):
                    dims.update(meaning.dims)
    return dims
