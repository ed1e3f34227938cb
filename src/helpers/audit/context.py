"""What stands in the text before two figures that differ: words nobody read are a reason to ask, not to find fault.

"家庭户人口为722508人，集体户人口为20239人", "漏报计划内一孩出生1例", "期初总人口33264人，期末总人口33342人": each pair was
read as one thing with two values, and in each the clause says something the reader has no word for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

import numpy as np
import pandas as pd

from helpers.audit.words import terms
from helpers.documents.clean import clean
from helpers.documents.offsets import Text
from helpers.extract.lexicon import filler_pattern, is_filler
from helpers.extract.tokens import tokenize

_CLAUSE = re.compile(r"[。；;！!？?，,、：:（）()|\n]|\.(?!\d)")
# 其中农业⏎人口15857人: a line as long as this that breaks off in the middle of a phrase goes on in the next.
_LONG_LINE = 15
_MOST = 80
_PLACE = re.compile("[\u4e00-\u9fff]{1,3}(?:省|市|县|区|州|旗)")
_CUT = re.compile(r"(?<=[^。；;！!？?，,、：:（）()|\s])\n+\s*$")

_BRACKET = re.compile(r"[（(][^（()）]*[)）]")
_BEHIND_A_COUNT = re.compile(r"\d(?:人|名|例|对|户|个)[（(][^（()）]*$")
# Characters: a hard-wrapped page has no mark where a heading ends.
_LONG_SENTENCE = 200


@cache
def _source_words() -> re.Pattern:
    """Words that name who counted."""
    return re.compile(f"{terms('source')}|{terms('survey')}")


@cache
def _population_words() -> re.Pattern:
    """Words that name the population spoken of."""
    return re.compile(terms("population"))


@cache
def _other_words() -> re.Pattern:
    """Words for a part of a population, a sample of it, or a count that another office made."""
    return re.compile(terms("part"))


class Surroundings:
    """The texts of the documents beside the facts read from them; each text is cleaned once, when first asked about."""

    def __init__(self, texts: Mapping[str, str], facts: pd.DataFrame) -> None:
        self._texts, self._facts = texts, facts
        self._clean: dict[str, Text] = {}

    def known(self, row: int) -> bool:
        """True when the text around this fact is at hand."""
        return self._facts.at[row, "doc"] in self._texts and not pd.isna(self._facts.at[row, "start"])

    def unread(self, row: int) -> str:
        """The words of the clause up to the end of the figure that no word list knows, or that tell of a part; "" if there are none."""
        text, first, last = self._where(row)
        clause = self._clause(text, first, last)
        place = str(self._facts.at[row, "place"])
        clause = clause.replace(place, " ") if place else clause
        gaps, position = [], 0
        for token in tokenize(clause):
            gaps.append(clause[position:token.start])
            position = token.end
        parts = "".join(_other_words().findall(clause))
        return parts or "".join(gap[filler_pattern().match(gap).end():] for gap in gaps if not is_filler(gap))

    def elsewhere(self, row: int) -> str:
        """What in those words tells of a part, of another office's count or of another place: 家庭户, 计生部门掌握的, 南昌县."""
        words = self.unread(row)
        return next((match.group() for pattern in (_other_words(), _PLACE) if (match := pattern.search(words))), "")

    def population(self, row: int) -> str:
        """The word for a population (户籍, 常住, 流动 …) that stands nearest before the figure in its paragraph."""
        text, _, last = self._where(row)
        paragraph = text[text.rfind("\n", 0, last) + 1:last]
        found = _population_words().findall(paragraph)
        return found[-1] if found else ""

    def source(self, row: int) -> str:
        """The word for who counted (报表, 调查) that stands nearest before the figure in its sentence, closed brackets apart."""
        text, _, last = self._where(row)
        found = _source_words().findall(_BRACKET.sub("", text[self._sentence(text, last):last]))
        return found[-1] if found else ""

    @staticmethod
    def surveyed(source: str) -> bool:
        """True for the word of a source that counts a sample."""
        return bool(re.fullmatch(terms("survey"), source))

    def sentence(self, row: int) -> tuple[int, int, str]:
        """Where the sentence of a figure begins, where the figure ends, and the clean text between."""
        text, _, last = self._where(row)
        first = self._sentence(text, last)
        return first, last, text[first:last]

    def whole_sentence(self, row: int) -> str:
        """The clean text of the sentence a figure stands in, to its end."""
        text, _, last = self._where(row)
        end = text.find("。", last)
        return text[self._sentence(text, last):end if 0 <= end <= last + _LONG_SENTENCE else last + _LONG_SENTENCE]

    def told_of_another(self, row: int) -> bool:
        """True in a bracket that opens behind another count: 孕期跟踪107人(已出生71人) tells of the 107."""
        text, _, last = self._where(row)
        before = _BRACKET.sub("", text[self._sentence(text, last):last])
        return bool(_BEHIND_A_COUNT.search(before))

    def table_row(self, row: int) -> tuple[int, int] | None:
        """The line of a table the figure stands in: where it begins and ends; None in running text."""
        text, _, last = self._where(row)
        first, end = text.rfind("\n", 0, last) + 1, text.find("\n", last)
        line = text[first:end if end >= 0 else len(text)]
        return (first, first + len(line)) if "|" in line or "\t" in line else None

    @staticmethod
    def _sentence(text: str, last: int) -> int:
        """Where the sentence that goes on at `last` begins."""
        return max(last - _LONG_SENTENCE, *(text.rfind(mark, 0, last - 1) + 1 for mark in ("。", "\n\n")), 0)

    def _where(self, row: int) -> tuple[str, int, int]:
        """The clean text, and where the evidence begins and ends in it."""
        doc = self._facts.at[row, "doc"]
        if doc not in self._clean:
            self._clean[doc] = clean(self._texts[doc])
        text = self._clean[doc]
        first = int(np.searchsorted(text.begin, int(self._facts.at[row, "start"])))
        last = int(np.searchsorted(text.end, int(self._facts.at[row, "end"]), side="left")) + 1
        return text.text, first, last

    @staticmethod
    def _clause(text: str, first: int, last: int) -> str:
        """The clause the evidence ends, from its own first words on."""
        head = text[max(0, first - _MOST):first]
        while True:
            broken = _CUT.search(head)
            if not broken or broken.start() - (head.rfind("\n", 0, broken.start()) + 1) < _LONG_LINE:
                break
            head = head[:broken.start()]
        cuts = [match.end() for match in _CLAUSE.finditer(head)]
        return head[cuts[-1] if cuts else 0:] + text[first:last].replace("\n", "")
