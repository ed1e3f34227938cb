"""What the web, a scanner or a typist does to a report; every step keeps the way back to the truth.

A step takes a draft and a random generator and gives the draft as it would be found: text changed,
facts and persons moved along. `render` strings steps together for tests of extraction.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from random import Random

from helpers.simulate.draft import Draft, Edit, edited

# Inserting a note after every second converted character is about what the scraped pages show.
NOTE_SHARE = 0.4
HALF_TO_FULL = str.maketrans("0123456789%.", "０１２３４５６７８９％．")
FULL_TO_HALF = str.maketrans("，：；（）", ",:;()")


@cache
def _converter():
    import opencc

    # s2tw gives 為 群 裡, as the scraped pages have them; s2t would give 爲 羣 裏
    return opencc.OpenCC("s2tw")


@cache
def _reading(character: str) -> str:
    from pypinyin import Style, pinyin

    return pinyin(character, style=Style.TONE, errors="ignore", heteronym=False)[0][0]


def _in_traditional(text: str) -> str:
    """The text in Traditional characters, one for one."""
    other = _converter().convert(text)
    return other if len(other) == len(text) else "".join(_converter().convert(character)[:1] for character in text)


def traditional_with_pinyin(draft: Draft, random: Random) -> Draft:
    """Traditional characters, some with their reading in brackets: 鄉(xiāng)鎮(zhèn)."""
    return edited(draft, [
        Edit(at, at + 1, f"{new}({_reading(new)})" if random.random() < NOTE_SHARE else new)
        for at, (old, new) in enumerate(zip(draft.text, _in_traditional(draft.text), strict=True)) if old != new
    ])


def traditional(draft: Draft, random: Random) -> Draft:
    """Traditional characters without notes."""
    return replace(draft, text=_in_traditional(draft.text))


def hard_wrap(draft: Draft, random: Random) -> Draft:
    """Lines broken after a fixed number of characters, as a scanner leaves them; a number stays whole."""
    width, gap = random.randint(26, 34), random.choice(["\n", "\n\n"])
    edits, begun = [], 0
    text = draft.text
    for at, character in enumerate(text):
        if character == "\n":
            begun = at + 1
        elif at - begun >= width and not re.match(r"[\d.,:%‰，。；、：）)」”万]", character):
            edits.append(Edit(at, at, gap))
            begun = at
    return edited(draft, edits)


def ocr_slips(draft: Draft, random: Random) -> Draft:
    """Digits and signs misread: 0 as O, 1 as l, % as 玳 or 機, the decimal point as a full stop; spaces at numbers."""
    edits: list[Edit] = []
    spaced = random.random() < 0.5
    for number in re.finditer(r"\d+(?:\.\d+)?", draft.text):
        digits = number.group()
        slip = random.random()
        plain = len(digits) > 2 and len(set(digits) - set("01.")) > 0
        if slip < 0.10 and plain:
            edits += [Edit(number.start() + at, number.start() + at + 1, {"0": "O", "1": "l"}[digit])
                      for at, digit in enumerate(digits) if digit in "01"]
        elif slip < 0.14 and "." in digits:
            point = number.start() + digits.index(".")
            edits.append(Edit(point, point + 1, "。"))
        if draft.text[number.end():number.end() + 1] == "%" and random.random() < 0.2:
            edits.append(Edit(number.end(), number.end() + 1, random.choice("玳機")))
        elif spaced and re.match(r"[\u4e00-\u9fff]", draft.text[number.end():number.end() + 1]):
            edits.append(Edit(number.end(), number.end(), " "))
        if spaced and re.search(r"[\u4e00-\u9fff]", draft.text[max(0, number.start() - 1):number.start()]):
            edits.append(Edit(number.start(), number.start(), " "))
    return edited(draft, edits)


def page_marks(draft: Draft, random: Random) -> Draft:
    """Page numbers between lines, also in the middle of a sentence that was broken there: — 2 —."""
    lines = random.randint(9, 14)
    breaks = [found.end() for found in re.finditer(r"\n", draft.text)][lines - 1::lines]
    return edited(draft, [Edit(at, at, f"— {page} —\n") for page, at in enumerate(breaks, start=1)])


def spaced_numbers(draft: Draft, random: Random) -> Draft:
    """A space inside a long number now and then, as a scanner sees one: 30 317. Years stay whole."""
    found = [number for number in re.finditer(r"(?<![\d.])\d{4,}(?![\d年.])", draft.text) if random.random() < 0.15]
    return edited(draft, [Edit(number.end() - 3, number.end() - 3, " ") for number in found])


def flatten_tables(draft: Draft, random: Random) -> Draft:
    """One cell a line; empty cells vanish without a trace, as when a table is copied out of a page."""
    return edited(draft, [Edit(gap.start(), gap.end(), "\n") for gap in re.finditer(r"\t+", draft.text)])


def pipe_tables(draft: Draft, random: Random) -> Draft:
    """Cells divided by an upright stroke."""
    return edited(draft, [Edit(gap.start(), gap.end(), " | ") for gap in re.finditer(r"\t", draft.text)])


def half_width(draft: Draft, random: Random) -> Draft:
    """Commas, colons, semicolons and brackets of half width, as in text pasted through a web form."""
    return replace(draft, text=draft.text.translate(FULL_TO_HALF))


def full_width_digits(draft: Draft, random: Random) -> Draft:
    """Digits and percent signs of full width, as some typists set them."""
    return replace(draft, text=re.sub(r"\d+(?:\.\d+)?%?", lambda found: found.group().translate(HALF_TO_FULL),
                                      draft.text))


def redact_names(draft: Draft, random: Random) -> Draft:
    """The township, its county and all persons hidden: **镇, **县, 某某. No fact has a place any more."""
    hidden = [name for name in (draft.place[:-1], draft.county.partition("（")[0][:-1]) if name]
    edits = [Edit(found.start(), found.end(), "**")
             for name in hidden for found in re.finditer(re.escape(name), draft.text)]
    edits += [Edit(person.start, person.end, person.name[0] + "某某") for person in draft.persons]
    after = edited(draft, edits)
    title = draft.title
    for name in hidden:
        title = title.replace(name, "**")
    return replace(after, title=title, persons=(), facts=tuple(replace(fact, place="") for fact in after.facts))


Noise = Callable[[Draft, Random], Draft]
NOISES: dict[str, Noise] = {
    step.__name__: step
    for step in (half_width, redact_names, flatten_tables, pipe_tables, full_width_digits, traditional,
                 traditional_with_pinyin, ocr_slips, spaced_numbers, hard_wrap, page_marks)
}


def with_noise(draft: Draft, noise: Sequence[str | Noise], seed: int | str = 0) -> Draft:
    """The draft after the named steps, in the order given; the same seed gives the same text.

    Raises KeyError for a name that is not in `NOISES`.
    """
    random = Random(f"noise {seed}")
    for step in noise:
        draft = (NOISES[step] if isinstance(step, str) else step)(draft, random)
    return draft


def render(draft: Draft, noise: Sequence[str | Noise] = (), seed: int | str = 0) -> str:
    """The text of the draft after the named steps.

    >>> render(Draft("乡镇统计"), ["traditional"])
    '鄉鎮統計'
    """
    return with_noise(draft, noise, seed).text
