"""Lists: several subjects before 分别, 均 or a shared word, and the figures that belong to them in order."""

from __future__ import annotations

import itertools
import re

from helpers.extract import binding
from helpers.extract.binding import Subject
from helpers.extract.carried import Carried
from helpers.extract.lexicon import Word, is_filler
from helpers.extract.numbers import Number
from helpers.extract.tokens import Token, dims_of

_LIST = re.compile(r"[、,]|以及|[和及与]")
_EACH = re.compile(r"分别|依次")
_BOTH = re.compile(r"[均都]")


class Listed(Carried):
    """How figures are shared out over the items of a list."""

    def _together(self, at: int, tied: binding.Chain) -> list[Subject]:
        """甲、乙管理率均达90%: one figure for every item of the list before 均."""
        number = self.tokens[at]
        words = [t for t in tied.tokens if isinstance(t, Word)]
        if not words or not _BOTH.search(self.text[words[-1].end:number.start]):
            return []
        items = self._items(self._list_floor(words[-1].end), words[-1].end)
        subjects = [s for s in self._complete(items, number) if s is not None]
        unique = list({(s.code, tuple(sorted(s.dims.items()))): s for s in subjects}.values())
        return unique if len(unique) > 1 else []

    def _distributed(self) -> dict[int, Subject]:
        """甲率、乙率分别为1%、2%: the figures after 分别 in the order of the subjects before it."""
        given: dict[int, Subject] = {}
        for match in _EACH.finditer(self.text):
            numbers = self._run_of_numbers(match.end())
            if len(numbers) < 2 or self._moved_together(match.end(), numbers):
                continue
            floor = self._list_floor(match.start())
            items = self._items(floor, match.start())
            subjects = self._complete(items, self.tokens[numbers[0]])
            subjects = subjects[-len(numbers):] if len(subjects) >= len(numbers) else []
            for at, subject in zip(numbers, subjects, strict=False):
                if subject is not None:
                    given[at] = subject
                else:
                    self.taken.add(at)
        return given

    def _moved_together(self, start: int, numbers: list[int]) -> bool:
        """…分别提高7.74%和3.69%: changes of the subjects told last, in their order."""
        cue = next((t for t in self.tokens if t.start >= start and isinstance(t, Word) and {"up", "down"} & set(t.values("cue"))), None)
        if cue is None or cue.start - start > 2:
            return False
        self.moving = {at: 1 if "up" in cue.values("cue") else -1 for at in numbers}
        return True

    def _list_floor(self, before: int) -> int:
        floor = 0
        for match in re.finditer(r"[;；。()（）:]", self.text[:before]):
            floor = match.end()
        for token in self.tokens:
            if isinstance(token, Number) and floor < token.end <= before:
                floor = token.end
        return floor

    def _run_of_numbers(self, start: int) -> list[int]:
        run, position = [], start
        for at, token in enumerate(self.tokens):
            if token.start < start:
                continue
            if not isinstance(token, Number):
                if isinstance(token, Word) and is_filler(self.text[position:token.start]) and not run:
                    position = token.end
                    continue
                break
            if not is_filler(self.text[position:token.start].replace(",", "").replace("，", "")):
                break
            run.append(at)
            position = token.end
        return run

    def _items(self, start: int, end: int) -> list[list[Token]]:
        """The tokens of each item of a list, in order; a separator inside a word separates nothing."""
        inside = [t for t in self.tokens if start <= t.start and t.end <= end]
        cuts = [start]
        for match in _LIST.finditer(self.text, start, end):
            if not any(t.start < match.end() and match.start() < t.end for t in inside):
                cuts.append(match.end())
        cuts.append(end + 1)
        return [[t for t in inside if low <= t.start < high] for low, high in itertools.pairwise(cuts)]

    def _complete(self, items: list[list[Token]], number: Number) -> list[Subject | None]:
        """Subjects of list items; what only the last item says (患者规范管理率) holds for those before it."""
        last = items[-1] if items else []
        tail = [t for t in last if isinstance(t, Word) and any(m.kind in ("role", "indicator") for m in t.meanings)][-1:]
        subjects = []
        topic = self.passage.topic
        for item in items:
            subject = binding.subject_of(item, topic, number)
            if tail and item is not last and (subject is None or subject.code != (binding.subject_of(tail, topic, number) or subject).code):
                whole = binding.subject_of([*item, *tail], topic, number)
                own = [t for t in item if isinstance(t, Word) and any(m.kind in ("role", "indicator") and not m.value.startswith("pop_") for m in t.meanings)]
                if whole is not None and not own:
                    subject = whole
            if subject is None and item and (dims := dims_of(item)):
                subject = self._split(self.passage.subject, dims, "".join(t.text for t in item if isinstance(t, Word)), number)
            subjects.append(subject)
        return subjects
