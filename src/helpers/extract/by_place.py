"""Figures told place by place: parts of what was told before (施甸县2例…), names told together before their figures."""

from __future__ import annotations

import re

from helpers.catalogue import indicators
from helpers.extract.binding import RATES, Subject
from helpers.extract.carried import Carried, change_told
from helpers.extract.lexicon import Word, phrase
from helpers.extract.numbers import Number
from helpers.extract.places import Scope, clause_scope, kind_of, name_level, proper_name

_KIND_OF_PLACE = phrase("kind_of_place")
_EACH_IS, _RANKED = phrase("each_is"), phrase("ranked")
_PLACE_ONLY = phrase("place_only")
_FALLING, _MOVED_MOST = phrase("falling"), phrase("moved_most")
_PLACES_LISTED = phrase("places_listed")
_PLACES_TOGETHER = phrase("places_together")
_PLACES_IN_FULL, _NAMED_IN_FULL = phrase("places_in_full"), phrase("named_in_full")
_SUMMED_PLACES, _OWNER, MANY, LONGEST_NAME = phrase("summed_places"), phrase("owner_of_hamlets"), 3, 12
_BELOW = {"county": "township", "township": "village"}


class ByPlace(Carried):
    """How a figure belongs to a place and to what was told of all places."""

    def _of_place(self, at: int, number: Number) -> tuple[Subject, Scope | None] | None:
        """施甸县2例,60.08/10万。昌宁县2例: parts of the subjects told before, place by place."""
        told_of = self.passage.subject
        if (kind := _KIND_OF_PLACE.search(self.text[self._floor(at):number.start])) and told_of and number.unit in RATES and told_of.admits(number.unit) and self._follows_a_reading(at):
            return Subject(told_of.code, {**told_of.dims, "group": kind["kind"]}), None
        if not number.unit and not (told_of and indicators()[told_of.code].kind == "ratio" and "." in number.value):
            return None
        if number.unit == "item":
            return None
        before = self.text[self._floor(at):number.start]
        listed = before.rpartition(":")[0]
        listed = self.text[:self._floor(at)] if _EACH_IS.fullmatch(listed) else listed
        colon = max(self.text.rfind(mark, 0, number.start) for mark in ":：")
        if colon >= 0 and number.start - colon <= LONGEST_NAME and _RANKED.search(self.text[:colon + 1]):
            # 政策符合率居前三位的是:城东街道99.1%
            listed, before = self.text[self._clause_start(colon):colon], self.text[colon + 1:number.start]
        before = before.rpartition(":")[2]
        leads = next((t for t in self.tokens if isinstance(t, Word) and t.start == number.start - len(before) and t.meaning("indicator")), None)
        if leads is not None and number.unit in RATES:
            before = before[leads.end - leads.start:]  # 政策符合率城关镇已到97.6%,柳河乡只有76.92%
        match = _PLACE_ONLY.fullmatch(before)
        if match and _FALLING.search(before):
            self.falling = True
        if self.falling or self._aside_of_unread(at):
            return None
        name = proper_name(match["name"], kind_of(match["name"])) if match else ""
        scope = Scope(name, name_level(name)) if name else self._nearest_place(at, number) if not before.strip() else None
        if scope is None or not scope.level:
            return None
        told = [*self.passage.earlier, *([self.passage.subject] if self.passage.subject else []), *self._announced(leads.text if leads else listed)]
        cue = (1 if match["up"] else -1 if match["down"] else 0) if match else 0
        if cue:
            # 出生量比上年减少,分别是:梅仙镇减少29人: what moved is what was told to move
            subject = next((s for s in reversed(told) if s.moves(number.unit)), None) if self.moved or change_told(self.text[:max(0, self.text.rfind(":", 0, number.start))]) else None
            if subject is not None:
                self.moving[at] = cue
            return (subject, scope) if subject else None
        subject = next((s for s in reversed(told) if s.admits(number.unit)
                        and (number.unit in ("", *RATES)) == indicators()[s.code].relative
                        and (number.unit not in RATES or number.unit == indicators()[s.code].unit)), None)
        if subject is None or subject.code in ("pop_rural", "pop_urban"):
            return None
        self.passage.part = scope
        return subject, scope

    def _nearest_place(self, at: int, number: Number) -> Scope | None:
        """;人口最少的是兴岩区,18.6万人: the place named since the figure before, unless another thing is named with it; else the one told of so far."""
        since, told_of = self._told_until(at), self.passage.subject
        another = any(isinstance(t, Word) and since <= t.start < number.start and (m := t.meaning("indicator")) and (told_of is None or m.value != told_of.code) for t in self.tokens)
        return (None if another else clause_scope(self.text[since:number.start], self.passage.own)) or self.passage.part

    def _moved_most(self, number: Number) -> tuple[Subject, Scope, int] | None:
        """人口增加最多的是上寨镇,增加31262人;减少最多的是石桥镇,减少7928人: by how much the people of one place moved, and which way."""
        match = _MOVED_MOST.search(self.text[:number.start]) if number.unit == "person" and "最" in self.text else None
        if match is None or not (match["what"] or self.most_told):
            return None
        self.most_told = True
        return Subject("pop_total"), Scope(match["name"], name_level(match["name"])), -1 if match["down"] else 1

    def _announced(self, before: str) -> list[Subject]:
        """全省各市常住人口分布如下:太原市539.10万人: what a list is of, named before its colon."""
        found = [t.meaning("indicator") for t in self.tokens if isinstance(t, Word) and t.text in before and t.meaning("indicator")]
        return [Subject(found[-1].value, dict(found[-1].dims))] if found else []

    def _of_list(self, at: int, number: Number) -> tuple[Subject, Scope] | None:
        """育龄妇女6784人,分布情况是金托893龙华1320…: places of the level below by their bare names, each with its part of what was told."""
        whole = self.passage.subject
        run = next((m for m in _PLACES_LISTED.finditer(self.text) if m.start("run") <= number.start and number.end <= m.end()), None)
        below = _BELOW.get(self.passage.own.level)
        if number.unit or run is None or whole is None or below is None or indicators()[whole.code].kind != "count":
            return None
        name = self.text[self._told_until(at) if self._told_until(at) > run.start("run") else run.start("run"):number.start].strip(",，、:： ")
        told = next((self.tokens[i] for i in sorted(self.bound, reverse=True) if self.told[i] == whole and self.tokens[i].end <= run.start()), None)
        if told is None or float(number.value) >= float(told.value):
            return None
        return Subject(whole.code, dict(whole.dims)), Scope(name, below)

    def _summed_places(self) -> dict[int, Subject]:
        """东垄333人,西垄297人,…,共1577人: bare names with their people, where they add up to the sum behind them."""
        given: dict[int, Subject] = {}
        for match in _SUMMED_PLACES.finditer(self.text) if self.text.count("人") > MANY else ():
            numbers = [i for i, t in enumerate(self.tokens) if isinstance(t, Number) and match.start() <= t.start and t.end <= match.end()]
            *parts, whole = numbers
            if len(parts) < MANY or not self._adds_up(whole, *parts) or any(self.tokens[at].unit != "person" for at in numbers):
                continue
            below = _BELOW.get(self.passage.own.level, "village")
            for at in parts:
                name = self.text[max(self.text.rfind(mark, 0, self.tokens[at].start) for mark in ",，、)") + 1:self.tokens[at].start].strip(" :：")
                self.listed_places[at] = Scope(name, below)
            given |= dict.fromkeys(parts, Subject("pop_total"))
            if (owner := _OWNER.search(self.text, 0, match.start())) is not None:
                self.listed_places[whole] = Scope(owner["name"], "village")
                given[whole] = Subject("pop_total")
            else:
                self.taken.add(whole)  # of whom is not told
        return given

    def _share_out_places(self, before: str, numbers: list[int]) -> bool:
        """丰集、石桥两镇的多孩率分别为4.1%和3.85%: places told together, a figure of one thing for each."""
        told = _PLACES_TOGETHER.search(before)
        names = [name + told["kind"] for name in re.split("[、和及]", told["names"])] if told else []
        if not names and (whole := _PLACES_IN_FULL.search(before)):
            names = _NAMED_IN_FULL.findall(whole["names"])  # 石桥村、同和村
        if len(names) < 2 or len(names) != len(numbers):
            return False
        self.listed_places |= {at: Scope(name, name_level(name)) for at, name in zip(numbers, names, strict=True)}
        return True

    def _moved_by_place(self, end: int, numbers: list[int]) -> dict[int, Subject]:
        """4个镇人口增加,其中平沙镇、桃林镇分别增加43人、81人: changes of one thing, a place each."""
        told = next((Subject(m.value, dict(m.dims)) for t in reversed(self.tokens) if isinstance(t, Word) and t.end <= end and (m := t.meaning("indicator"))), None)
        if told is None or not told.moves(self.tokens[numbers[0]].unit) or not self._share_out_places(self.text[self._list_floor(end):end], numbers):
            return {}
        self.moved_by_place |= {at: self.moving.pop(at) for at in numbers}
        return dict.fromkeys(numbers, told)
