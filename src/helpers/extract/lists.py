"""Lists: several subjects before 分别, 均 or a shared word, and the figures that belong to them in order."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace

from helpers.extract import binding
from helpers.extract.binding import Subject, Topic
from helpers.extract.by_place import ByPlace
from helpers.extract.lexicon import (
    BARE_RATE,
    Word,
    is_filler,
    lexicon,
    narrower,
    phrase,
    sibling,
    topic_of,
    topic_roles,
)
from helpers.extract.numbers import Number
from helpers.extract.times import TimePhrase
from helpers.extract.tokens import Token, dims_of

_LIST = re.compile(r"[、,]|以及|[和及与]")
_EACH = phrase("each")
_BESIDE = phrase("beside")
_FOUR_QUARTERS = phrase("four_quarters")
_QUARTERS = tuple(TimePhrase(0, 0, months=(first, first + 2), quarter=True) for first in (1, 4, 7, 10))
_SEASONS = phrase("seasons")
_SHARED_OUT = phrase("shared_out")
_THESE = phrase("these")
_THAN_BEFORE = phrase("than_before")
_SHARE_OF_BIRTHS = "share_of_births"
_WITHIN = phrase("within")
_PAIR_BEFORE = phrase("pair_before")
_REST_OF_ITEM = phrase("rest_of_item")
_SO_MANY = phrase("so_many")  # 三轮, 三年: how many times are listed
_PAIR_OF_SEXES = phrase("pair_of_sexes")
_ENDS_AT = phrase("ends_at")
_POPULATION_WORD = phrase("population_word")
_MOVED_TO, _MOVED_EACH = phrase("moved_to"), phrase("moved_each")


def ending(item: str, word: str) -> Subject | None:
    """What a bare name (婴儿) is with the end of the word that closes its list (5岁以下儿童死亡率)."""
    for at in range(1, len(word)):
        for start in range(len(item) - 1):
            named = next((m for m in lexicon().get(item[start:] + word[at:], ()) if m.kind == "indicator" and not m.context), None)
            if named is not None:
                return Subject(named.value, dict(named.dims))
    return None


class Listed(ByPlace):
    """How figures are shared out over the items of a list."""

    def _within_part(self, number: Number, dims: dict[str, str]) -> Subject | None:
        """计划外35人,其中二胎22人; 二孩1602人,其中计划内1291人: an order within a policy, a policy within an order, right behind it."""
        before = self._figure_before(self.tokens.index(number))
        told = self.told.get(before)
        if told is None or told.code != "births":
            return None
        if set(dims) == {"sex"} and {"order", "policy"} & set(told.dims):
            return self._sexes_of_part(before, number, told)
        if not _WITHIN.match(self.text, self.tokens[before].end):
            return self._rest_of_part(before, number, told, dims)
        other = {"order": "policy", "policy": "order"}.get(next(iter(dims)) if len(dims) == 1 else "")
        return told if other in told.dims and "sex" not in told.dims and not set(dims) & set(told.dims) else None

    def _rest_of_part(self, before: int, number: Number, told: Subject, dims: dict[str, str]) -> Subject | None:
        """计划外35人,其中二孩24人、多孩11人: the second part, where the two add up to their whole."""
        whole = self._figure_before(before)
        given = self.told.get(whole)
        if given is None or set(dims) != {"order"} or "order" not in told.dims or "policy" not in told.dims or given.code != "births" or "order" in given.dims:
            return None
        return Subject("births", {k: v for k, v in told.dims.items() if k != "order"}) if self._adds_up(whole, before, self.tokens.index(number)) else None

    def _sexes_of_part(self, before: int, number: Number, told: Subject) -> Subject | None:
        """一孩182人,男95女87: two sexes that add up to the part they stand right behind."""
        if "sex" in told.dims:
            return told if before in self.parted else None
        pair = _PAIR_OF_SEXES.match(self.text, self.tokens[before].end)
        if pair is None or float(pair[1]) + float(pair[2]) != float(self.tokens[before].value):
            return None
        self.parted.add(self.tokens.index(number))
        return told

    def _distributed(self) -> dict[int, Subject]:
        """甲率、乙率分别为1%、2%: the figures after 分别 in the order of the subjects, or of the times, before it."""
        given = self._side_by_side() | self._summed_places()
        years: list[TimePhrase] = []
        for match in _EACH.finditer(self.text):
            if self._moved_each(match.end()):
                continue
            numbers = self._run_of_numbers(match.end())
            if len(numbers) < 2:
                continue
            if self._moved_together(match.end(), numbers):
                given |= self._moved_by_place(match.start(), numbers) or self._moved_in_order(match.start(), numbers)
                continue
            floor = self._list_floor(match.start())
            if self._share_out_places(self.text[floor:match.start()], numbers) and (one := self._only_subject(floor, self.tokens[numbers[0]].start, numbers[0])):
                given |= dict.fromkeys(numbers, one)
                continue
            listed = self._listed_times(floor, match.start()) or years
            years = listed or self._times_of_series(match.start(), len(numbers))
            self.listed |= {t.start for t in listed} if len(listed) == len(numbers) else set()
            if len(years) == len(numbers) and (one := self._only_subject(floor, self.tokens[numbers[0]].start, numbers[0])):
                given |= dict.fromkeys(numbers, one)
                self.at_times |= dict(zip(numbers, years, strict=True))
                continue
            items = self._items(floor, match.start())
            subjects = self._complete(items, [self.tokens[at] for at in numbers])
            told = [subject for subject, item in zip(subjects, items, strict=True) if item]
            if self.tokens[numbers[0]].unit == "percent" and not any("order" in dims_of(item) for item in items) and _SHARED_OUT.search(self.text, self._clause_start(match.start()), self.tokens[numbers[0]].start):
                self.again |= {at: (_SHARE_OF_BIRTHS, place - len(numbers)) for place, at in enumerate(numbers)}
                continue
            if len(told) < len(numbers) and self._told_again(floor, match.start(), numbers, told, given):
                continue
            if match.group() == "相应" and len(subjects) < len(numbers):
                self.taken |= set(numbers)  # of years told a sentence before
            subjects = subjects[-len(numbers):] if len(subjects) >= len(numbers) else []
            for at, subject in zip(numbers, subjects, strict=False):
                if subject is not None:
                    given[at] = subject
                else:
                    self.taken.add(at)
            given |= self._moved_to(match.end(), numbers, subjects)
        return given

    def _moved_to(self, start: int, numbers: list[int], subjects: list[Subject | None]) -> dict[int, Subject]:
        """甲率和乙率分别由89.85%和97.92%提高至96.08%和99.03%: where each began and, in the same order, where it ended."""
        moved = _MOVED_TO.match(self.text, self.tokens[numbers[-1]].end)
        if moved is None or self.text[start:self.tokens[numbers[0]].start] not in ("由", "从"):
            return {}
        later = self._run_of_numbers(moved.end())
        if len(later) != len(numbers) or len(subjects) != len(numbers):
            return {}
        self.began_here |= set(numbers)
        return {at: subject for at, subject in zip(later, subjects, strict=True) if subject is not None}

    def _side_by_side(self) -> dict[int, Subject]:
        """婴儿死亡率和5岁以下儿童死亡率为4.37‰、5.26‰: as many names as figures, each in full, without 分别."""
        given: dict[int, Subject] = {}
        at = 0
        while at < len(self.tokens):
            run = self._figures_from(at) if isinstance(self.tokens[at], Number) else []
            at = max(at, run[-1] if run else at) + 1
            if len(run) < 2:
                continue
            floor = max(self._list_floor(self.tokens[run[0]].start), self._clause_start(self.tokens[run[0]].start))
            places = self.text[self._list_floor(self.tokens[run[0]].start):self.tokens[run[0]].start]
            if "两" in places and self._share_out_places(places, run) and (one := self._only_subject(floor, self.tokens[run[0]].start, run[0])):
                given |= dict.fromkeys(run, one)  # 青杠、马桑两乡政策符合率只有84.3%和85.1%
                continue
            items = self._items(floor, self.tokens[run[0]].start)
            subjects = [binding.subject_of(item, None, self.tokens[run[0]], self.text[floor:]) for item in items]
            named = [s for s in subjects if s is not None and s.admits(self.tokens[run[0]].unit) and not s.weak]
            roles = [role for item in items for t in item if isinstance(t, Word) for role in t.values("role")]
            if len(items) == 1 and len(roles) == 1 and not any(isinstance(t, Word) and (t.meaning("topic") or t.meaning("indicator")) for t in items[0]) \
                    and self.tokens[run[0]].unit in binding.RATES and _PAIR_BEFORE.search(self.text[:floor]):
                self.again |= {at: (roles[0], place - len(run)) for place, at in enumerate(run)}  # 高血压27164人、糖尿病8912人,规范管理率78.3%、76.9%
            if len(named) < len(items) == len(run):
                named = [s for s in self._complete(items, [self.tokens[i] for i in run]) if s is not None]  # 高血压、糖尿病患者的规范管理率只有58.7%和55.2%
            if len(named) == len(items) == len(run) == len({s.code for s in named}):
                given |= dict(zip(run, named, strict=True))
        return given

    def _figures_from(self, at: int) -> list[int]:
        """The figures in one unit that stand side by side from a token on (4.37‰、5.26‰)."""
        run = [at]
        while run[-1] + 1 < len(self.tokens):
            here, after = self.tokens[run[-1]], self.tokens[run[-1] + 1]
            if not isinstance(after, Number) or not here.unit or after.unit != here.unit or self.text[here.end:after.start].strip() not in ("、", "和"):
                break
            run.append(run[-1] + 1)
        return run

    def _told_again(self, start: int, end: int, numbers: list[int], subjects: list[Subject | None], given: dict[int, Subject]) -> bool:
        """Whether one name before 分别 is one rate of several seasons, or what the subjects told last have in common."""
        clause = self.text[self._clause_start(start):end]
        inside = [t for t in self.tokens if start <= t.start and t.end <= end]
        if inside and all(isinstance(t, Word) and t.meaning("dim") and set(t.meaning("dim").dims) <= {"group", "residence"} for t in inside):
            self.again |= {at: ("", place - len(numbers)) for place, at in enumerate(numbers)}
            self.again_dims = dims_of(inside)  # …,其中农村分别为32.3‰和35.5‰
            return True
        if len(subjects) == 1 and subjects[0] is not None and _SEASONS.search(clause):
            given |= dict.fromkeys(numbers, subjects[0])
            if self.passage.year.isdigit() and len(numbers) == len(_QUARTERS) and _FOUR_QUARTERS.search(clause):
                self.at_times |= {at: replace(quarter, start=self.tokens[at].start) for at, quarter in zip(numbers, _QUARTERS, strict=True)}
            return True
        role = next((r for t in reversed(self.tokens) if isinstance(t, Word) and start <= t.start and t.end <= end for r in t.values("role")), "")
        before = clause if _THESE.search(clause) else self.text[start:end]
        these = _THESE.search(before)
        if before.strip(" ,，、;；") == BARE_RATE:
            self.again |= {at: (BARE_RATE, place - len(numbers)) for place, at in enumerate(numbers)}
        elif these or (role and len(subjects) == 1):
            self.again |= {at: ("" if these else role, place - len(numbers)) for place, at in enumerate(numbers)}
        return bool(self.again)

    def _again(self, at: int) -> Subject | None:
        """The subject of a figure of such a list, once what it speaks of was read."""
        role, place = self.again[at]
        told = list({(s.code, tuple(sorted(s.dims.items()))): s for s in self.passage.earlier if "group" not in s.dims}.values())
        if role == _SHARE_OF_BIRTHS:
            told = [Subject("order_rate", {k: v for k, v in s.dims.items() if k in ("order", "residence")}) for s in told
                    if s.code == "births" and "order" in s.dims and "sex" not in s.dims]
            return told[place] if len(told) >= -place else None
        if role and role != BARE_RATE:
            about = list(dict.fromkeys(topic for s in reversed(self.passage.earlier) if (topic := topic_of(s.code))))[::-1]
            code = topic_roles().get((about[place], role)) if len(about) >= -place else None
            if code and Subject(code).admits(self.tokens[at].unit) and len(about) >= len(self.again):
                return Subject(code)
        if len(told) < -place:
            return None
        subject = told[place]
        if role == BARE_RATE:
            code = narrower().get((subject.code, BARE_RATE))
            return Subject(code) if code and Subject(code).admits(self.tokens[at].unit) else None
        code = sibling(subject.code, role) if role else subject.code
        named = Subject(code, {**{k: v for k, v in subject.dims.items() if k == "age"}, **self.again_dims}) if code else None
        return named if named is not None and named.admits(self.tokens[at].unit) else None

    def _beside_lists(self) -> dict[int, int]:
        """较2012年(84.99%和94.08%): earlier values of the subjects told last; each by its place from the end."""
        found: dict[int, int] = {}
        for match in _BESIDE.finditer(self.text):
            inside = [i for i, t in enumerate(self.tokens) if isinstance(t, Number) and match.start(match.lastindex) <= t.start and t.end <= match.end(match.lastindex)]
            if len(inside) > 1 and all(is_filler(self.text[self.tokens[a].end:self.tokens[b].start]) for a, b in itertools.pairwise(inside)):
                found |= {at: place - len(inside) for place, at in enumerate(inside)}
        return found

    def _listed_times(self, start: int, end: int) -> list[TimePhrase]:
        """2012年、2013年和2014年: times told side by side; none where anything else stands between them."""
        times = [t for t in self.tokens if isinstance(t, TimePhrase) and start <= t.start and t.end <= end]
        if len(times) == 1 and times[0].months == (1, 12) and times[0].year.isdigit() and times[0].year2.isdigit():
            return [replace(times[0], year=str(year), year2="", months=None) for year in range(int(times[0].year), int(times[0].year2) + 1)]
        beside = all(re.fullmatch(r"[、,和及与至]|以及", self.text[a.end:b.start].strip()) for a, b in itertools.pairwise(times))
        return times if len(times) > 1 and beside else []

    def _times_of_series(self, before: int, count: int) -> list[TimePhrase]:
        """2016年签约286.4万人,2017年…,2018年…,签约率分别为: the years that so many figures were told of, one after the other."""
        told = [t for t, after in itertools.pairwise(self.tokens) if isinstance(t, TimePhrase) and t.end <= before and t.year.isdigit() and not t.months and not isinstance(after, TimePhrase)]
        years = [int(t.year) for t in told[-count:]]
        return told[-count:] if count > 1 and len(told) == count and years == sorted(set(years)) else []

    def _only_subject(self, start: int, end: int, at: int) -> Subject | None:
        """What the times of a list are told of: one subject before 分别, or the one carried."""
        inside = [t for t in self.tokens if start <= t.start and t.end <= end and not isinstance(t, TimePhrase)]
        if len(self._named_apart(inside)) > 1:
            return None
        subject = binding.subject_of(inside, self._topic_at(start), self.tokens[at], self.text[start:end])
        if subject is None and (dims := dims_of(inside)):
            return self._split(self.passage.subject, dims, "".join(t.text for t in inside if isinstance(t, Word)), self.tokens[at])
        if subject is None and not any(isinstance(t, Word) for t in inside):
            # 常住人口38.62万人;此前的2020年、2021年分别为39.16万人和38.93万人
            told = next((named for t in reversed(self.tokens) if isinstance(t, Word) and t.end <= start and (named := t.meaning("indicator"))), None)
            subject = Subject(told.value, dict(told.dims)) if told else None
            return subject if subject and subject.admits(self.tokens[at].unit) else None
        return subject

    def _topic_at(self, position: int) -> Topic | None:
        """What a sentence spoke of last before a position, which may be ahead of where it is read."""
        topic = self.passage.topic
        for token in self.tokens:
            if isinstance(token, Word) and token.end <= position:
                named = token.meaning("topic")
                about = named.value if named else next((t for m in token.meanings if m.kind == "indicator" and (t := topic_of(m.value))), "")
                topic = Topic(about) if about and (topic is None or topic.name != about) else topic
        return topic

    def _named_apart(self, tokens: list[Token]) -> set[str]:
        """The indicators and parts that words name, each once."""
        words = [t for t in tokens if isinstance(t, Word) and any(m.kind in ("indicator", "role") for m in t.meanings)]
        return {self.text[t.start:t.end] for t in words if not _POPULATION_WORD.match(t.text)}

    def _moved_together(self, start: int, numbers: list[int]) -> bool:
        """…分别提高7.74%和3.69%: changes of the subjects told last, in their order."""
        cue = next((t for t in self.tokens if t.start >= start and isinstance(t, Word) and {"up", "down"} & set(t.values("cue"))), None)
        if cue is None or _ENDS_AT.match(self.text[cue.end:]) or not _THAN_BEFORE.fullmatch(self.text[start:cue.start]):
            return False
        for at in numbers:
            if not self.tokens[at].unit or (self.tokens[at].unit == "item" and self.tokens[numbers[-1]].unit in binding.MOVES):
                # 分别提高29.0个、14.5个和16.9个百分点, 分别下降0.62、0.15和0.47个千分点: what the last one is counted in holds for all.
                self.tokens[at] = replace(self.tokens[at], unit=self.tokens[numbers[-1]].unit)
        self.moving = {at: 1 if "up" in cue.values("cue") else -1 for at in numbers}
        return True

    def _moved_in_order(self, end: int, numbers: list[int]) -> dict[int, Subject]:
        """出生率、自然增长率分别比上年上升0.74和0.63个千分点: changes of the subjects named before 分别."""
        items = self._items(max(self._list_floor(end), self._clause_start(end)), end)
        subjects = [binding.subject_of(item, None, self.tokens[numbers[0]], self.text[:end], moved=True) for item in items]
        if len(subjects) != len(numbers) or any(s is None or not s.moves(self.tokens[at].unit) for s, at in zip(subjects, numbers, strict=True)):
            return {}
        self.moved_by_place |= {at: self.moving.pop(at) for at in numbers}
        return dict(zip(numbers, subjects, strict=True))

    def _moved_each(self, start: int) -> bool:
        """…分别上升0.32个、下降0.11个和上升0.43个千分点: changes of the subjects told last, each with a word of its own."""
        match = _MOVED_EACH.match(self.text, start)
        numbers = [i for i, t in enumerate(self.tokens) if isinstance(t, Number) and match.start() <= t.start and t.end <= match.end()] if match else []
        if len(numbers) < 2 or self.tokens[numbers[-1]].unit not in binding.MOVES:
            return False
        for at in numbers:
            self.tokens[at] = replace(self.tokens[at], unit=self.tokens[numbers[-1]].unit)
            cue = next(t for t in reversed(self.tokens[:at]) if isinstance(t, Word) and {"up", "down"} & set(t.values("cue")))
            self.moving[at] = 1 if "up" in cue.values("cue") else -1
        return True

    def _list_floor(self, before: int) -> int:
        floor = 0
        for match in re.finditer(r"[;；。()（）:]", self.text[:before]):
            floor = match.end()
        for token in self.tokens:
            if isinstance(token, Number) and floor < token.end <= before and not _SO_MANY.match(self.text, token.start):
                floor = token.end
        return floor

    def _run_of_numbers(self, start: int) -> list[int]:
        run, position = [], start
        for at, token in enumerate(self.tokens):
            if token.start < start:
                continue
            if not isinstance(token, Number):
                if not run and isinstance(token, Word | TimePhrase) and is_filler(self.text[position:token.start]):
                    position = token.end
                    continue
                break
            between = self.text[position:token.start]
            if run and token.unit is None:
                break  # 122.07、119.81,五年下降7.8
            if not is_filler(between.replace(",", "").replace("，", "")) or (run and re.search("[,，]", between) and between.strip(" ,，、和及与")):
                break  # 分别为99.6%、98.9%,均超过95%
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

    def _only_parts(self, item: list[Token]) -> bool:
        """Whether an item says of which part a figure is and nothing else: 城市, not 农村低保对象."""
        return not any(isinstance(t, Word) and t.meaning("stop") for t in item) and is_filler(_REST_OF_ITEM.match(self.text, item[-1].end).group())

    def _complete(self, items: list[list[Token]], numbers: list[Number]) -> list[Subject | None]:
        """Subjects of list items; what only the last item says (患者规范管理率) holds for those before it.

        `numbers` are the figures of the last items in their order, or the one they all share.
        """
        last = items[-1] if items else []
        tail = [t for t in last if isinstance(t, Word) and any(m.kind in ("role", "indicator") for m in t.meanings)][-1:]
        subjects = []
        topic = self._topic_at(items[0][0].start) if items and items[0] else self.passage.topic
        for place, item in enumerate(items, len(numbers) - len(items)):
            number = numbers[place] if place >= 0 and len(numbers) > 1 else numbers[0]
            subject = binding.subject_of(item, topic, number)
            if tail and item and item is not last and (bare := ending(self.text[item[0].start:item[-1].end], tail[0].text)) and bare.admits(number.unit):
                subjects.append(Subject(bare.code, bare.dims | {k: v for k, v in dims_of(item).items() if k == "age" and bare.code in binding.AGED}))
                continue
            if tail and item and item is not last and all(isinstance(t, Word) and t.meaning("dim") and not t.meaning("indicator") for t in item):
                named = binding.subject_of(tail, topic, number)
                if named is not None and (split := named.split(dims_of(item), "")) is not None:
                    subjects.append(split)  # 卡介苗、脊灰、麻腮风接种率分别为…
                    continue
            if tail and item is not last and (subject is None or subject.code != (binding.subject_of(tail, topic, number) or subject).code):
                whole = binding.subject_of([*item, *tail], topic, number)
                own = [t for t in item if isinstance(t, Word) and any(m.kind in ("role", "indicator") and not m.value.startswith("pop_") for m in t.meanings)]
                if whole is not None and not own:
                    subject = whole
            if subject is None and item and (dims := dims_of(item)) and self._only_parts(item) and (tail or self._only_parts(last)):
                subject = self._split(self.passage.subject, dims, "".join(t.text for t in item if isinstance(t, Word)), number)
            subjects.append(subject)
        return subjects
