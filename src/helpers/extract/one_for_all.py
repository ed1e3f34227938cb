"""One figure for several names: 甲、乙管理率均达90%."""

from __future__ import annotations

import itertools
import re

from helpers.catalogue import indicators
from helpers.extract import binding
from helpers.extract.binding import Subject
from helpers.extract.lexicon import Word, phrase, topic_of, topic_roles
from helpers.extract.lists import Listed, ending
from helpers.extract.numbers import Number
from helpers.extract.tokens import tokenize

_BOTH, _RATES_LISTED = phrase("both"), phrase("rates_listed")


def _distinct(subjects: list[Subject]) -> list[Subject]:
    """The subjects, each once, where there are several."""
    unique = list({(s.code, tuple(sorted(s.dims.items()))): s for s in subjects}.values())
    return unique if len(unique) > 1 else []


class OneForAll(Listed):
    """How one figure is told of every name of a list."""

    def _together(self, at: int, tied: binding.Chain) -> list[Subject]:
        """甲、乙管理率均达90%: one figure for every item of the list before 均."""
        number = self.tokens[at]
        words = [t for t in tied.tokens if isinstance(t, Word)]
        if not words:
            return self._of_rates_listed(number)
        if (again := self._of_the_same(at, words)):
            return again
        if not _BOTH.search(self.text[words[-1].end:number.start]):
            return self._sharing(words[-1], number) or self._two_rates(words, number)
        near = self._items(max(self._list_floor(words[-1].end), self._clause_start(words[-1].end)), words[-1].end)
        items = near if len(near) > 1 else self._items(self._list_floor(words[-1].end), words[-1].end)
        subjects = [s for s in self._complete(items, [number]) if s is not None and s.admits(number.unit)]
        return _distinct(subjects) or (subjects[:1] if len(items) > 1 else [])

    def _two_rates(self, words: list[Word], number: Number) -> list[Subject]:
        """早孕建册率、产后访视率保持在95%以上: rates told in full, side by side, before the only figure."""
        rates = [w for w in words if (m := w.meaning("indicator")) and indicators()[m.value].kind in ("rate", "share") and w.text.endswith("率")]
        if len(rates) < 2 or number.unit not in binding.RATES or any(self.text[a.end:b.start] not in ("、", "和", "与", "及") for a, b in itertools.pairwise(rates[-2:])):
            return []
        return _distinct([Subject(m.value, dict(m.dims)) for w in rates[-2:] if (m := w.meaning("indicator"))])

    def _sharing(self, last: Word, number: Number) -> list[Subject]:
        """婴儿和5岁以下儿童死亡率, 高血压、糖尿病规范管理率: bare names that share the end of the last word."""
        if number.unit not in (*binding.RATES, "") or not last.text.endswith("率"):
            return []
        floor = self._clause_start(last.start)
        items = re.split("[、和及与]", self.text[max(floor, self._list_floor(last.start)):last.end])
        if len(items) < 2 or not all(items):
            return []
        subjects = []
        for item in items[:-1]:
            bare = ending(item, last.text)
            tokens = [t for t in tokenize(item) if isinstance(t, Word)]
            if bare is None and not (tokens and all(t.meaning("topic") and not t.meaning("indicator") for t in tokens) and last.values("role")):
                return []
            subjects.append(bare if bare else binding.subject_of([*tokens, last], None, number))
        named = binding.subject_of([t for t in self.tokens if floor <= t.start and t.end <= last.end], self.passage.topic, number, self.text)
        if named is None or any(s is None or not s.admits(number.unit) for s in subjects):
            return []
        return _distinct([*subjects, named])

    def _of_the_same(self, at: int, words: list[Word]) -> list[Subject]:
        """高血压、糖尿病患者管理率达60%,规范管理率达75%: another rate, by its bare name, of those that shared the figure before."""
        before = self._figure_before(at)
        roles = {role for word in words for role in word.values("role")}
        if before not in self.shared or len(words) != 1 or len(roles) != 1 or words[0].meaning("topic") or words[0].meaning("indicator"):
            return []
        codes = [topic_roles().get((topic_of(s.code), next(iter(roles)))) for s in self.shared[before]]
        return _distinct([Subject(code, dict(s.dims)) for code, s in zip(codes, self.shared[before], strict=True) if code and Subject(code).admits(self.tokens[at].unit)])

    def _of_rates_listed(self, number: Number) -> list[Subject]:
        """高危孕产妇管理率、筛查率、转诊到位率均为100%: the rates that are known of a list that ends with one that is not."""
        listed = _RATES_LISTED.search(self.text, self._clause_start(number.start), number.start)
        items = self._items(listed.start(), listed.end("list")) if listed and number.unit in binding.RATES else []
        named = [binding.subject_of(item, None, number) for item in items if item and isinstance(item[-1], Word) and item[-1].text.endswith("率")]
        known = [s for s in named if s is not None and s.admits(number.unit) and not s.weak]
        return _distinct(known) or known[:1]
