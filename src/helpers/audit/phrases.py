"""Words against numbers: 稳中有降 beside a rate that rose, 超额完成 beside a result that misses its target.

Only words that stand directly behind a figure or the indicator they speak of are read, in sentences that state
and do not wish; everything else is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from helpers.audit.comparisons import Found, about, same_place
from helpers.audit.figures import Figure, read_figure
from helpers.audit.groups import Grouped, year_earlier
from helpers.audit.targets import read_goal
from helpers.audit.verdicts import Verdict
from helpers.audit.words import terms
from helpers.catalogue import indicators
from helpers.documents.clean import clean
from helpers.documents.offsets import Text
from helpers.extract.lexicon import find_words
from helpers.rates import sex_ratio_interval

IDENTITY = "words_and_numbers"
NORMAL_RATIO = (103, 107)
_SENTENCE = re.compile(r"[^。；;！!？?\n]+")
_DIGIT_OR_TO = re.compile(r"[到至为][^,，]{0,4}\d|[^,，、]{0,6}\d")
_YEAR = re.compile(r"\d{4}年")


@cache
def _pattern(kind: str) -> re.Pattern:
    """A word of this kind with what may stand between it and what it speaks of."""
    return re.compile(rf"[,，、]?(?:{terms('lead')})*(?P<word>{terms(kind)})")


@cache
def _wish() -> re.Pattern:
    return re.compile(f"{terms('plan')}|{terms('span')}")


@dataclass(frozen=True)
class Claim:
    """A word about a figure: its kind, the word, where the claim stands in the raw text, rows of the figures meant."""

    kind: str
    word: str
    start: int
    end: int
    quote: str
    rows: tuple[int, ...]


class Document:
    """One document's clean text beside the figures read from it."""

    def __init__(self, raw: str, figures: pd.DataFrame) -> None:
        self.text: Text = clean(raw)
        self.figures = figures.sort_values(["start", "end"])
        self.starts = np.searchsorted(self.text.begin, self.figures["start"].to_numpy(np.int64))
        self.ends = np.searchsorted(self.text.end, self.figures["end"].to_numpy(np.int64), side="left") + 1

    def claims(self) -> Iterator[Claim]:
        """The claims of the document, sentence by sentence."""
        for sentence in _SENTENCE.finditer(self.text.text):
            words = sentence.group()
            for kind in ("fall", "rise", "normal"):
                for match in _pattern(kind).finditer(words):
                    yield from self._claim(kind, sentence.start(), words, match)
            reached = re.search(terms("reached"), words)
            inside = self._between(sentence.start(), sentence.end()) if reached else ()
            if inside:
                yield self._quoted("reached", reached.group(), sentence.start() + reached.start(), sentence.start() + reached.end(), inside)

    def _claim(self, kind: str, at: int, words: str, match: re.Match) -> Iterator[Claim]:
        before, after = words[:match.start()], words[match.end():]
        if _wish().search(before + match.group()[:-len(match["word"])]) or (kind != "normal" and _DIGIT_OR_TO.match(after)):
            return
        start, end = at + match.start(), at + match.end()
        rows = self._named_before(at, words, match.start()) or self._figure_ending(start)
        if rows:
            yield self._quoted(kind, match["word"], at, end, rows)

    def _quoted(self, kind: str, word: str, start: int, end: int, rows: tuple[int, ...]) -> Claim:
        first, last = self.text.span(start, end)
        return Claim(kind, word, first, last, self.text.raw[first:last], rows)

    def _between(self, start: int, end: int) -> tuple[int, ...]:
        inside = (self.starts >= start) & (self.ends <= end)
        return tuple(self.figures.index[inside])

    def _figure_ending(self, position: int) -> tuple[int, ...]:
        """The observed figure directly before: 出生率9.19‰，比上年有所下降."""
        here = (self.ends == position) & (self.figures["status"] == "observed").to_numpy()
        return tuple(self.figures.index[here][:1])

    def _named_before(self, at: int, words: str, position: int) -> tuple[int, ...]:
        """The one observed figure of the indicator named directly before, in the same article: 出生率有所下降."""
        if _YEAR.search(words[:position]):
            return ()
        named = next((word for word in find_words(words) if word.end == position), None)
        meanings = [m for m in named.meanings if m.kind == "indicator" and m.fits(words) and not m.dims] if named else []
        if len(meanings) != 1 or indicators()[meanings[0].value].kind == "count":
            return ()
        near = np.searchsorted(self.starts, at)
        if not len(self.figures):
            return ()
        section = self.figures["section"].iloc[min(near, len(self.figures) - 1)]
        own = self.figures[(self.figures["code"] == meanings[0].value) & (self.figures["dims"] == "{}")
                           & (self.figures["section"] == section) & (self.figures["status"] == "observed")]
        return tuple(own.index) if len(own) == 1 else ()


def phrases(grouped: Grouped, texts: Mapping[str, str]) -> Iterator[Found]:
    """Claims in words that the figures contradict: severity 2, flag `wording`.

    texts: raw text by document; documents without one are passed over.
    """
    frame = pd.concat([grouped.scoped, grouped.goals])
    frame = frame.assign(start=grouped.facts["start"].loc[frame.index], end=grouped.facts["end"].loc[frame.index],
                         where=same_place(frame))
    told = frame[frame["start"].notna() & frame["doc"].isin(list(texts))]
    for doc, figures in told.groupby("doc", sort=True):
        for claim in Document(texts[doc], figures).claims():
            verdict = _CHECKS[claim.kind](grouped, frame, claim)
            if verdict:
                yield about(frame, claim.rows[0]), verdict


def _figure(grouped: Grouped, row: int) -> Figure | None:
    return read_figure(grouped.facts.loc[row].to_dict())


def _verdict(claim: Claim, now: Figure, *others: Figure) -> Verdict:
    place = {"start": claim.start, "end": claim.end, "quote": claim.quote}
    return Verdict("conflict", 2, IDENTITY, (*others, now), now, details={
        "template": "wording", "settle": "wording", "fields": {"word": claim.word}, "spans": (place,)}, flags=("wording",))


def _movement(grouped: Grouped, frame: pd.DataFrame, claim: Claim) -> Verdict | None:
    """A fall or a rise against the value of a year earlier, beside it in the article or in another document."""
    told = frame.loc[claim.rows[0]]
    same = frame[(frame["where"] == told["where"]) & (frame["key"] == told["key"]) & (frame["circle"] == told["circle"])
                 & (frame["period"] == year_earlier(told["period"])) & (frame["status"] != "target") & (told["period"] != "")]
    now, earlier = _figure(grouped, claim.rows[0]), [_figure(grouped, row) for row in same.index]
    if now is None or not earlier or None in earlier:
        return None
    low, high = min(one.domain[0] for one in earlier), max(one.domain[1] for one in earlier)
    contradicted = now.domain[0] > high if claim.kind == "fall" else now.domain[1] < low
    return _verdict(claim, now, earlier[0]) if contradicted else None


def _reached(grouped: Grouped, frame: pd.DataFrame, claim: Claim) -> Verdict | None:
    """One target and one result of one indicator in the sentence, and the result surely misses it."""
    inside = frame.loc[list(claim.rows)]
    aims, results = inside[inside["status"] == "target"], inside[inside["status"] == "observed"]
    if len(aims) != 1 or len(results) != 1 or aims["key"].iloc[0] != results["key"].iloc[0]:
        return None
    goal, result = read_goal(_figure(grouped, aims.index[0])), _figure(grouped, results.index[0])
    met, sure = goal.met_by(result) if goal and result else (True, False)
    return None if met or not sure else _verdict(claim, result, goal.figure)


def _normal(grouped: Grouped, frame: pd.DataFrame, claim: Claim) -> Verdict | None:
    """A sex ratio called normal whose 99.8 % interval lies wholly above or below 103 to 107."""
    told = frame.loc[claim.rows[0]]
    births = frame[(frame["doc"] == told["doc"]) & (frame["section"] == told["section"]) & (frame["where"] == told["where"])
                   & (frame["key"] == str(("births", ()))) & (frame["period"] == told["period"]) & (frame["status"] == "observed")]
    ratio, whole = _figure(grouped, claim.rows[0]), [_figure(grouped, row) for row in births.index]
    if told["code"] != "srb" or ratio is None or len(whole) != 1 or whole[0] is None:
        return None
    total, value = float(whole[0].domain[0]), float(sum(ratio.domain)) / 2
    boys = round(total * value / (100 + value))
    limits = sex_ratio_interval(boys, total - boys, confidence=0.998).iloc[0]
    outside = limits["low"] > NORMAL_RATIO[1] or limits["high"] < NORMAL_RATIO[0]
    return _verdict(claim, ratio, whole[0]) if outside else None


_CHECKS = {"fall": _movement, "rise": _movement, "reached": _reached, "normal": _normal}
