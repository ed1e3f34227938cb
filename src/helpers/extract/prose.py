"""Prose to facts: paragraph by paragraph, sentence by sentence, figure by figure."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from helpers.catalogue import indicators
from helpers.extract import binding
from helpers.extract.binding import Subject
from helpers.extract.following import Following
from helpers.extract.lexicon import Word, phrase
from helpers.extract.numbers import Number
from helpers.extract.places import Scope, clause_scope, last_named, name_level, sentence_scope
from helpers.extract.readings import Passage, Reading
from helpers.extract.sentence import sentences
from helpers.extract.times import CENSUSES, UNTOLD, TimePhrase, a_year_before, years_after

_BY_BASE = phrase("by_base")
# Vital figures keep the population base their paragraph was told of.
GOVERNED = {"births", "deaths", "cbr", "cdr", "nir", "natural_increase", "srb", "policy_rate", "order_rate"}
_BESIDE_LAST, _COMPARED = phrase("beside_last"), phrase("compared")
_THEN_YEAR, FAR_YEARS = phrase("then_year"), 8
_SINGLED = phrase("singled")
_PLACE_LABEL = phrase("place_label")
_FORECAST = phrase("forecast")
_THE_MOST, _MOVED_WOMEN, _MOVE_WANTED = phrase("the_most"), phrase("moved_women"), phrase("move_wanted")
_LISTED_FIRST, _LISTED_NEXT = phrase("listed_first"), phrase("listed_next")
_OF_LAST_YEAR, _QUARTER_ALONE = phrase("of_last_year"), phrase("quarter_alone")
_PLACE_ALONE = phrase("place_alone")
_SINGLED_MARK = phrase("singled_mark")
# A ratio in per cent is none below the first, and none at all above the second: 性别比下降2.3%.
LEAST_RATIO, MOST_RATIO = 80, 1000  # 性别比为20230116: a page that put a year for its digits
_WHO_GET = phrase("who_get")
_LAST_YEAR_FIRST = phrase("last_year_first")
_PLACE_OR_TITLE_BEFORE, _OF_SO_MANY = phrase("place_or_title_before"), phrase("of_so_many")
# 1、儿童保健 0-6岁儿童2987人: the label of an item, set off or not, takes nothing away.
_LABEL = re.compile(r"(?:\s{2,}|\s*[一二三四五六七八九十]{1,2}、)[\u4e00-\u9fff“”、]{2,14}\s*")


def read_paragraph(text: str, offset: int, passage: Passage) -> Iterator[Reading]:
    """The readings of one paragraph; `offset` is where it begins in the article."""
    for start, part in sentences(text):
        yield from Sentence(part, offset + start, passage).read()


def _in_passing(told: TimePhrase | None, before: TimePhrase | None, own: str) -> bool:
    """2012年还获先进。, 11月,与市院合办门诊。: a month or a past year that a sentence without figures tells governs nothing after it."""
    if told is None or told is before:
        return False
    month = before is not None and told.months is not None and told.months[0] == told.months[1] and not told.until and not told.year
    present = before.year if before is not None else own
    return month or (told.year.isdigit() and present.isdigit() and (int(told.year) < int(present) or int(told.year) == int(present) + 1))


def _a_year_apart(now: TimePhrase | None, told: TimePhrase | None, own: str) -> bool:
    """2022年度死亡0例;2021年度死亡1例。: the year before, put beside what a sentence tells of its own year, governs nothing after it."""
    if told is None or told.months is not None or not own.isdigit() or (now is not None and now.year not in ("", own)):
        return False
    return years_after(own, told.year) == 1 or (told.shift == -1 and not told.year)


class Sentence(Following):
    """One sentence on its way to readings."""

    def read(self) -> Iterator[Reading]:
        passage = self.passage
        if not self.continues:
            passage.residence = ""
        # 按户籍口径 governs its paragraph; 流动人口中 only its sentence; 常住人口9951人 nothing but itself.
        if said := _BY_BASE.search(self.text):
            passage.governed = "registered" if "户籍" in said.group() else "resident"
        self.aimed = self.went_on = passage.aimed and self.continues
        told = any(isinstance(token, Number) for token in self.tokens)
        group, beside, found = self._distributed() if told else {}, self._beside_lists() if told else {}, []
        cursor, before, first = 0, passage.time, None
        for at, token in enumerate(self.tokens):
            self._brackets(cursor, token.start)
            cursor = max(cursor, token.end)
            self._note(at)
            if not isinstance(token, Number) or at in self.taken:
                continue
            first = first or (passage.time,)
            if at in self.moving:
                yield from self._moving(at)
            elif at in beside:
                told = self.passage.earlier[beside[at]:][:1] if len(self.passage.earlier) >= -beside[at] else []
                if told and told[0].admits(token.unit):
                    tied = binding.chain(self.text, self.tokens, at, self._floor(at))
                    yield from self._emit(at, told[0], tied, "list")
            elif at in self.again:
                if (told_again := self._again(at)) is not None:
                    found.append((at, told_again))
                if at == max(self.again):
                    sign = self._sign_of_list(min(self.again))
                    earlier = "previous" if not sign and _OF_LAST_YEAR.search(self.text[:self.tokens[min(self.again)].start]) else ""
                    for place, subject in found:
                        yield from self._emit(place, subject, None, "list", sign=sign, status=earlier)
            elif at in group:
                yield from self._emit(at, group[at], None, "list", sign=self.moved_by_place.get(at, 0), status="previous" if at in self.began_here else "")
            else:
                yield from self._figure(at)
        self._brackets(cursor, len(self.text))
        self._mention()
        passage.aimed = self.aimed
        earlier = self.bound and self.bound == self.before_now and passage.time is not before
        if earlier or (passage.time is not before and self._quarter_by_quarter()) or (not self.bound and _in_passing(passage.time, before, passage.year)):
            passage.time = before
        elif first and first[0] is not passage.time and ((passage.time.quarter and _QUARTER_ALONE.search(self.text)) or _a_year_apart(first[0], passage.time, passage.year)):
            passage.time = first[0]

    def _moving(self, at: int) -> Iterator[Reading]:
        """…分别提高7.74%和3.69%: changes of what was told last, place by place where it was told so; none where that was not read."""
        order = list(self.moving)
        place = order.index(at)
        before = [i for i in range(order[0]) if isinstance(self.tokens[i], Number) and self.tokens[i].unit != "item"][-len(order):]
        told = [s for s in self.passage.earlier if self.tokens[at].unit not in binding.MOVES or indicators()[s.code].relative][-len(order):]
        if (before and before[-1] not in self.bound) or (not before and not self.passage.bound) or len(told) < len(order) or not told[place].moves(self.tokens[at].unit):
            return
        scopes = [self.scopes.get(i) for i in before]
        yield from self._emit(at, told[place], None, "list", scopes[place] if len(scopes) == len(order) and len(set(scopes)) == len(order) else None)

    def _sign_of_list(self, first: int) -> int:
        """在管人数分别比去年底净增112人和57人: +1 or -1 where the figures of a list are changes, else 0."""
        words = [t for t in self.tokens if isinstance(t, Word) and self._told_until(first) <= t.start and t.end <= self.tokens[first].start]
        cues = {cue for word in words for cue in word.values("cue")}
        return 0 if "than" not in cues and "prior" not in cues else 1 if "up" in cues else -1 if "down" in cues else 0

    def _figure(self, at: int) -> Iterator[Reading]:
        number = self.tokens[at]
        if number.unit is None or self._not_a_figure(number):
            self.passage.bound = self.passage.bound and number.unit is not None
            return
        if (told := _FORECAST.search(self.text)) is not None and told.start() < number.start:
            self._unread(number, None, "forecast")
            self.passage.bound = False
            return
        tied = binding.chain(self.text, self.tokens, at, self._floor(at))
        moved = bool(binding.change_sign(self.text, tied, number)) or number.unit in binding.MOVES
        near = self.text[max(0, number.start - 30):number.end + 12] + ("人口" if self.passage.by_age else "")
        named = binding.subject_of(tied.tokens, self.passage.topic, number, near, moved=moved)
        if named is not None and not moved and indicators()[named.code].kind == "ratio" and (float(number.value) > MOST_RATIO or (number.unit == "percent" and float(number.value) < LEAST_RATIO)):
            named = None
        if (readings := self._by_its_form(at, tied, named, moved=moved)) is not None:
            yield from readings
            return
        if named is not None and not number.unit and indicators()[named.code].unit == "percent" and float(number.value) > 100 and not moved:
            # 二孩率191: no share; a line end or a lost word stands between
            self._unread(number, tied, "not_a_share")
            return
        if named is not None and named.weak and ((not tied.open and not self._place_before(at, tied)) or self.text[:tied.start].endswith("岁")):
            return
        if named is not None and named.code in ("floating_in", "floating_out") and _MOVED_WOMEN.search(self.text[self._told_until(self._figure_before(at) or 0):number.start]) and not self._follows_a_reading(at):
            return  # 流出育龄妇女962人,流入31人
        if named is not None and ((named.general and _WHO_GET.match(self.text[number.end:])) or self._of_patients(named, self.passage.subject, tied)):
            return
        if named is not None and named.code == "pop_age" and named.dims.get("age") == "0-4" and (last := self._figure_before(at)) in self.told and self.told[last].code in ("infant_deaths", "neonatal_deaths") \
                and self.text[self.tokens[last].end:tied.start].strip() in ("、", "和", ",", "，"):
            named = Subject("under5_deaths")  # 死亡婴儿17人、5岁以下儿童22人
        rule, named = "named", self._of_those_told(at, named, tied, near)
        if named is None and any(isinstance(t, Word) and (stop := t.meaning("stop")) and stop.fits(near) for t in tied.tokens):
            return
        named = self._among_signed(at, named, tied)
        if named is None:
            named, rule = self._counted_behind(number), "after"
        if named is None:
            named, rule = self._ellipsis(at, tied, number) or self._share_of_those(at, tied, number), "carried"
        if named is None:
            named, rule = self._mentioned(at, tied, number), "mentioned"
        if named is None:
            named, rule = self._after(at, tied, number), "after"
        if named is None:
            part = self._of_place(at, number) or self._of_list(at, number)
            if part is not None:
                yield from self._emit(at, part[0], None, "place", part[1])
                return
            self.passage.bound = False
            self._unread(number, tied)
            return
        if rule == "carried" and number.unit == "percent" and _OF_SO_MANY.match(self.text, number.end):
            self._unread(number, tied)
            return  # 85%以上的社区卫生服务中心
        if rule == "carried" and not number.unit and not moved and indicators()[named.code].unit == "percent" and float(number.value) > 100:
            self._unread(number, tied, "not_a_share")  # 计划生育率93%以上;到2012年回落到112
            return
        yield from self._emit(at, named, tied, rule)

    def _by_its_form(self, at: int, tied: binding.Chain, named: Subject | None, *, moved: bool) -> Iterator[Reading] | None:
        """The readings of a figure that its sentence tells in a form of its own: one place of many, a yearly growth, of all of a list."""
        number = self.tokens[at]
        if moved and not self.done and (_MOVE_WANTED.search(self.text[:number.start]) or (self.passage.goal and not self.measured and not binding.held_against(tied))):
            if named is not None:
                self._unread(number, tied, "aimed_change")  # 性别比要下降2个比值
            return iter(())
        if not tied.tokens and (single := self._singled_out(at)) is not None:
            return self._emit(at, single[0], single[1], "named", single[2])
        if (most := self._moved_most(number)) is not None:
            return self._emit(at, most[0], None, "place", most[1], sign=most[2])
        if (patients := self._next_patients(at)) is not None:
            return self._emit(at, patients, None, "after") if patients else iter(())
        if (aim := self._compared_aim(at, named)) is not None:
            return self._emit(at, aim, None, "carried", status="target")
        if self._against_others(at):
            self.asides.add(at)
            return iter(())
        if (share := self._share_of_order(at)) is not None:
            return self._emit(at, share, None, "named")
        if yearly := self._yearly(at, number):
            dims = {k: v for k, v in (self._moved_before(at) or self.passage.subject).dims.items() if k == "residence"}
            return self._emit(at, Subject("growth_rate", dims), None, "grown", sign=yearly, status="observed")
        if together := self._together(at, tied) if not moved else []:
            self.shared[at] = together
            return itertools.chain.from_iterable(self._emit(at, subject, tied, "shared") for subject in together)
        if (ahead := self._compared_ahead(at, number)) is not None:
            return self._emit(at, ahead, tied, "ahead")
        if (grown := self._grown(at, tied, number, named)) is not None:
            return self._emit(at, grown, None, "grown", sign=int(grown.code != "growth_rate"))
        return None

    def _singled_out(self, at: int) -> tuple[Subject, binding.Chain, Scope] | None:
        """出生率最高的是瀛西县13.84‰, 增加率以瀛西县千分之107.56居首: a place between the subject and its figure."""
        number, floor = self.tokens[at], self._floor(at)
        end = number.start
        if end == floor and self.text[end - 1:end] in ("(", "（"):
            floor, end = self._clause_start(end - 1), end - 1  # 出生率最低的为城中区(7.18‰)
        match = _SINGLED.search(self.text[floor:end]) or (_LISTED_FIRST.search(self.text[floor:end]) if _LISTED_NEXT.match(self.text[number.end:]) else None)
        if match is None or (not number.unit and not _SINGLED_MARK.search(match.group())):
            return None
        tied = binding.chain(self.text, self.tokens, at, floor, floor + match.start())
        named = binding.subject_of(tied.tokens, self.passage.topic, number, self.text[max(0, number.start - 30):number.end])
        grown = self._grown(at, tied, number, named)
        subject = named if named is not None else grown if grown is not None and grown.code == "growth_rate" else None
        if subject is None:
            return None
        scope = Scope(match.group("name"), name_level(match.group("name")))
        self.passage.part = scope
        return subject, tied, scope

    def _compared_ahead(self, at: int, number: Number) -> Subject | None:
        """与上年(217人)相比,出生减少13人: the earlier value of what the comparison names next."""
        if not _BESIDE_LAST.search(self.text[:number.start]) or not (rest := _COMPARED.match(self.text[number.end:])):
            return None
        for token in self.tokens[at + 1:]:
            if token.start >= number.end + rest.end() and isinstance(token, Word) and (named := token.meaning("indicator")):
                subject = Subject(named.value, dict(named.dims))
                return subject if subject.admits(number.unit) else None
        return None

    def _place_before(self, at: int, tied: binding.Chain) -> bool:
        """A place, a title or a colon before a general word takes nothing away from it (下坡田社区已婚育龄妇女)."""
        before = self.text[self._floor(at):tied.start]
        if (self._floor(at) == 0 and _LABEL.fullmatch(before)) or (len(self.passage.own.name) > 2 and before.endswith(self.passage.own.name[:-1])):
            return True
        return bool(_PLACE_OR_TITLE_BEFORE.search(before))

    def _unread(self, number: Number, tied: binding.Chain | None, reason: str = "no_subject") -> None:
        """A figure seen and not read goes to the doubts, where words tied to it or its unit say that it might matter."""
        tokens = tied.tokens if tied is not None else ()
        rate = number.unit in ("percent", "permille", "per_100k", "per_100_females") and tokens
        counted = number.unit and any(token.meaning("indicator") for token in tokens if isinstance(token, Word))
        if reason != "no_subject" or rate or counted:
            self.passage.unread.append((self.offset + number.start, self.offset + number.end, reason))

    def _emit(self, at: int, subject: Subject, tied: binding.Chain | None, rule: str, part: Scope | None = None, sign: int = 0,
              status: str = "") -> Iterator[Reading]:
        number, passage = self.tokens[at], self.passage
        told_beside = status == "target"  # an aim that what was reached is held against
        sign = sign or (binding.change_sign(self.text, tied, number) if tied else 0) or self.moving.get(at, 0)
        if number.unit in binding.MOVES:
            sign = sign or 1
        elif sign and self.text[number.end:number.end + 1] in (")", "）") and self._prior_before(self._opening(number.start)):
            sign, status = 0, "previous"  # 高出上年同期(89.27%)2.08个百分点
        began = not sign and tied is not None and self._began(number)
        if began and (since := self._dated_series(number)) is not None:
            began, self.at_times[at] = False, since
        if at in self.of_years and not sign:
            began, self.at_times[at] = False, self.of_years[at]
        prior = began or (not sign and tied is not None and at not in self.at_times and not self._reached(tied, number) and (self._is_prior(tied) or self._goes_on(at, tied)))
        self.priors |= {at} if prior and not began else set()
        status = status or ("change" if sign else "previous" if prior else "target" if at in self.planned else self._goal_or_result(subject, at, tied))
        if status == "observed" and at not in self.at_times and not (tied is not None and self._reached(tied, number)) and self._told_beside(self._time(tied, sign, prior)):
            status = "previous"
        base = passage.residence or (passage.governed if subject.code in GOVERNED else "")
        if subject.code in GOVERNED and passage.residence in ("registered", "resident"):
            passage.governed = passage.residence
        if "residence" not in subject.dims and base and "residence" in binding.SPLITS.get(subject.code, {"residence"}):
            subject = Subject(subject.code, {**subject.dims, "residence": base})
        time = self.at_times.get(at) or self._counted_at(subject, self._time(tied, sign, prior))
        if status == "previous" and tied is None:
            time = UNTOLD if at in self.began_here else TimePhrase(0, 0, shift=-1, same_period=True)
        if began and not any(isinstance(t, TimePhrase) for t in tied.tokens):
            time = self._compared_before(number) or UNTOLD
        if prior and not began:
            if self._goes_on(at, tied) and self.prior_time is not None and not any(isinstance(t, TimePhrase) for t in tied.tokens):
                time = self.prior_time
            elif time is None or not (time.shift == -1 or time.same_period or time.year):
                time = TimePhrase(0, 0, shift=-1, same_period=True)
            time = a_year_before(passage.time) if time.same_period and not time.year and not time.months and a_year_before(passage.time) else time
            self.prior_time = time
        self.moved |= {at: subject} if sign else {}
        self.aimed = status == "target" and not told_beside
        self.targets |= {at} if status == "target" else set()
        subject = self._meant(subject, number, beside=told_beside) if status == "target" else subject
        self.reported = self.reported or status == "observed"
        self.before_now |= {at} if status == "previous" else set()
        start = min([number.start, *([t.start for t in tied.tokens if not isinstance(t, TimePhrase)] if tied else [])])
        if rule == "carried" and self.text[:start].endswith("占"):
            start -= 1  # a share whose denominator is not told shows so
        start = number.start if number.end - start > 25 else start
        doubts = self._doubts_of(number, subject, tied, time, sign)
        scope = part or self.listed_places.get(at) or self._scope(number, self.text[self._clause_start(number.start):number.start])
        if part is None and rule == "named":
            passage.part = None
        self.scopes[at] = scope
        yield Reading(subject, number, status, sign, time, scope, self.offset + start, self.offset + number.end, rule, doubts)
        self.bound.add(at)
        self.told[at] = subject
        if began or (rule == "named" if sign else not prior or rule == "named"):
            passage.subject = subject
            passage.earlier = [*passage.earlier[-5:], subject]
            passage.bound = True
            if self.named_inside and rule != "carried":
                self.named_inside[-1] = True

    def _dated_series(self, number: Number) -> TimePhrase | None:
        """从1991年62.71%上升到2007年的98.7%: two years of a series, where they lie far apart (farther, where the later is the report's own); the time of the first."""
        later = _THEN_YEAR.match(self.text[number.end:])
        first = next((t for t in reversed(self.tokens) if isinstance(t, TimePhrase) and t.year.isdigit() and number.start - 4 <= t.end <= number.start), None)
        apart = int(later["year"]) - int(first.year) if later and first is not None else 0
        return first if apart >= (FAR_YEARS if later and later["year"] != self.passage.year else 2 * FAR_YEARS - 1) else None

    def _compared_before(self, number: Number) -> TimePhrase | None:
        """与去年同期相比,死亡率由21.3/10万下降到…: the time that the sentence compares with."""
        return next((t for t in reversed(self.tokens) if isinstance(t, TimePhrase) and t.end <= number.start and self._compared(t)), None)

    def _scope(self, number: Number, clause: str) -> Scope | None:
        """The place a figure is of: named in its clause, or in an earlier one of its part of the sentence (西坡村总人口2345人,出生23人)."""
        own, told = self.passage.own, self.text[:number.end]
        if (label := _PLACE_LABEL.match(told)) is not None and (level := name_level(label["name"])) and not own.name.endswith(label["name"]) \
                and sentence_scope(told[label.end():], own) is None:
            # 霞浪乡:5768人,较六月减少23人;现有男性3352人
            return Scope(label["name"], level)
        named = clause_scope(clause, own)
        if named is not None:
            self.told_place = (number.start, named)
            self.passage.place = named if named.name and not own.name else None
            return named
        start = self._clause_start(number.start)
        alone = _PLACE_ALONE.fullmatch(self.text[self._clause_start(start - 1):start - 1].strip()) if start else None
        if alone and (named := clause_scope(alone["name"] or alone["first"], own)) is not None:
            self.told_place = (number.start, named)
            return named  # 好的如前店村,出生18人
        before = self._figure_before(self.tokens.index(number))
        if self.scopes.get(before) is not None and self.text[self.tokens[before].end:number.start] == "、":
            return self.scopes[before]  # 分布为小扬气镇6198户、18816人
        if not own.name and (said := sentence_scope(told, own)) is not None and not said.name and (near := last_named(told, said.level)) is not None:
            self.passage.place = near
            return near  # 在潍东市坊河区,2020年年末全区户籍人口…
        if self.told_place[1] is None and (most := _THE_MOST.match(told)) is not None and (named := clause_scope(most["name"], own)) is not None:
            self.told_place = (most.end(), named)  # 人口最多的南竿乡合计75邻,1699户
        led = next((led for led in reversed(self.openings) if led[0] <= number.start), None)
        if led is not None and led[1] is not None and led[0] > max(self.told_place[0], self._part(number)[0]):
            self.told_place = led
        at, place = self.told_place
        since = self.text[at:number.start]
        if place is None or since.count(")") > since.count("(") or re.search("[;；]", since) or sentence_scope(since, own) is not None or (own.name and own.name in since):
            # a page about several places tells each in a paragraph of its own, and 全镇 there is that place
            said, place = sentence_scope(told, own), self.passage.place
            return place if said is None or (place is not None and said == Scope("", place.level)) else said
        return place

    def _goes_on(self, at: int, tied: binding.Chain) -> bool:
        """去年同期出生79人、死亡40人: what is said of the time goes on over 、 and 和."""
        before = self._figure_before(at)
        start = min([t.start for t in tied.tokens] or [self.tokens[at].start])
        if before is None or before not in self.priors:
            return False
        rate_of_it = self.told[before].code.endswith("_deaths") and self.text.startswith("死亡率", start)  # 上年死亡2例,死亡率33.59/10万
        rate_of_it = rate_of_it or (_LAST_YEAR_FIRST.match(self.text) is not None and not any(isinstance(t, TimePhrase) for t in self.tokens[before:at]))  # 上年出生213人,政策生育率87.32%
        return self.text[self.tokens[before].end:start].strip() in ("、", "和", "及", *(",，" if rate_of_it else ""))

    def _counted_at(self, subject: Subject, time: TimePhrase | None) -> TimePhrase | None:
        """A stock after 截至11月底 … 1至11月: counted at the end of the months told, not over them."""
        until = self.passage.until
        spans = time is not None and time.months is not None and time.months[0] < time.months[1]
        if until is None or not spans or indicators()[subject.code].flow == "flow" or until.months[1] != time.months[1]:
            return time
        return until

    def _told_beside(self, time: TimePhrase | None) -> bool:
        """A single earlier year told beside the paragraph's own: 2020年 …。而在2019年, …"""
        if time is None or not time.year.isdigit() or time.year2:
            return False
        years = self.passage.years
        if time.year not in years:
            years.append(time.year)
        census = {time.year, years[0]} <= {*CENSUSES.values()} and len(years) == 2
        return len(years) == 2 and int(time.year) == int(years[0]) - (10 if census else 1)
