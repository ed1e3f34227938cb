"""A sentence as the grammar sees it: its tokens, its clauses and brackets, and what governs what follows."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Container, Iterator
from dataclasses import replace
from functools import cached_property

from helpers.catalogue import indicators
from helpers.documents.mojibake import LOST
from helpers.extract import binding
from helpers.extract.binding import Subject, Topic
from helpers.extract.lexicon import Word, cue_pattern, lexicon, phrase, topic_of, topic_roles
from helpers.extract.numbers import Number
from helpers.extract.places import Scope, opening_scopes, within_name
from helpers.extract.readings import Passage, without_office_names
from helpers.extract.times import AIMED, CAME_TO_BE, TimePhrase, years_after
from helpers.extract.tokens import Age, Token, tokenize

_SENTENCE = re.compile(r"[^。!?！？]*[。!?！？]?")
_ITEM = re.compile(r"\s*(?:[(（]?\d{1,2}[)）、.．](?!\d)|[(（][一二三四五六七八九十]{1,3}[)）]|[①-⑳])")
# Twice the longest of the 4,600 sentences with figures in the 320 documents at hand.
LONGEST_SENTENCE = 600
_CLAUSE_END, _GAP, _NUMBER_GOES_ON = re.compile(r"[;；，、]|,(?!\d{3})"), re.compile(r"\s+"), re.compile(r"[\d.,]{0,40}\d*")
_CONTINUES = re.compile(r"\s*(?:其中|[(（]?[男女](?!性?(?:初婚|青年|职工|方|早婚|晚婚))|[一二多三]孩)")
_CLAUSE = re.compile(r"[,;，；。!?()（）]")
_AIM = phrase("aim")
_DONE_MARK = phrase("done_mark")
_SEVERAL_YEARS, _REPORTED_SO = phrase("several_years"), phrase("reported_so")
_HELD_AGAINST = phrase("held_against")
_YEAR_AND_FIGURE = phrase("year_and_figure")
_AFTER_A_FIGURE = phrase("after_a_figure")
_MOVES_ON = phrase("moves_on")
_ASIDE = phrase("aside")
_BASE_ASIDE = phrase("base_aside")
_AGED_ASIDE = phrase("aged_aside")
_FOOTNOTE = phrase("footnote")
_UNIT_ASIDE = phrase("unit_aside")
_NAMED_INSIDE = phrase("named_inside")
_AND_SUCH = phrase("and_such")
_PARTED = phrase("parted")
_SPELL = phrase("spell")
_CENSUS_BEFORE = phrase("census_before")
_DAY_BEFORE = phrase("day_before")
_THIS = phrase("this")
_HELD_AGAINST_BEFORE = phrase("held_against_before")
_EARLIER_RIGHT_BEFORE = phrase("earlier_right_before")
_COMPARED_BEHIND, _IN_BRACKET = phrase("compared_behind"), phrase("in_bracket")


def sentences(text: str) -> Iterator[tuple[int, str]]:
    """The sentences of a paragraph and where they begin; the number of a heading or an item is blanked out: it is no figure."""
    for match in _SENTENCE.finditer(text):
        sentence = match.group()
        if item := _ITEM.match(sentence):
            sentence = " " * item.end() + sentence[item.end():]
        if sentence.strip():
            yield from ((match.start() + start, part) for start, part in _parts(sentence))


def _parts(sentence: str) -> Iterator[tuple[int, str]]:
    """A sentence, or where it goes on for ever its parts: cut after a clause, and never within a number.

    A figure looks about in its sentence, so without this the time of reading would grow with the square of its length.
    """
    start = 0
    while len(sentence) - start > LONGEST_SENTENCE:
        end = start + LONGEST_SENTENCE
        ends = [match.end() for match in _CLAUSE_END.finditer(sentence, start, end)] or [match.end() for match in _GAP.finditer(sentence, start, end)]
        cut = ends[-1] if ends else _NUMBER_GOES_ON.match(sentence, end).end()
        yield start, sentence[start:cut]
        start = cut
    yield start, sentence[start:]


class Clauses:
    """A sentence with its tokens; what it says of time, topic and population base carries into `passage`."""

    def __init__(self, text: str, offset: int, passage: Passage) -> None:
        if "(" in text or "（" in text:
            text = _NAMED_INSIDE.sub(lambda m: " " * (m.start(1) - m.start()) + m.group(1) + " ", text)
            text = _UNIT_ASIDE.sub(lambda m: " " * len(m.group()), text)
            text = _ASIDE.sub(lambda m: " " * len(m.group()), text)
            text = _AGED_ASIDE.sub(lambda m: " " * (m.start(1) - m.start()) + m.group(1) + " ", text)
            text = _BASE_ASIDE.sub(r" \1 ", text)
        # Each is looked for only where a character stands that it cannot do without.
        text = _AND_SUCH.sub(lambda m: " " * len(m.group()), text) if "等" in text else text
        text = _FOOTNOTE.sub(" ", text) if "为" in text else text
        text = _SPELL.sub(lambda m: " " * len(m.group()), text) if "年" in text or "疫苗" in text else text
        text = _PARTED.sub(lambda m: " " * (len(m.group()) - 1) + ",", text) if "从" in text or "按" in text or "其中" in text else text
        self.text, self.offset, self.passage = text, offset, passage
        text = self.text
        self.tokens: list[Token] = [t for t in tokenize(text) if not (isinstance(t, Word) and within_name(text, t.start, t.end))]
        self.figure_before: list[int | None] = []  # which token is the figure before each
        figure = None
        for at, token in enumerate(self.tokens):
            self.figure_before.append(figure)
            figure = at if isinstance(token, Number) else figure
        self.marks = [match.start() for match in _CLAUSE.finditer(text)]
        self.bracketed = "(" in text or "（" in text
        self.opened: list[Subject | None] = []
        self.topics_outside: list[Topic | None] = []
        self.earlier_outside: list[list[Subject]] = []
        self.named_inside: list[bool] = []
        self.taken: set[int] = set()
        self.consumed = 0
        self.base_until = len(text)  # where the part of the sentence ends that a base was named for
        self.most_told = self.falling = self.went_on = self.aimed = self.reported = False
        self.open_order = ""
        self.told_place: tuple[int, Scope | None] = (0, None)
        self.again: dict[int, tuple[str, int]] = {}
        self.again_dims: dict[str, str] = {}
        self.began_here: set[int] = set()  # where the figures of a list began that moved
        self.moving: dict[int, int] = {}
        self.moved_by_place: dict[int, int] = {}
        self.held_against: set[int] = set()  # aims that what was told is compared with
        self.planned: set[int] = set()  # what is to be done, by the words behind the figure
        self.bound: set[int] = set()
        self.targets: set[int] = set()
        self.asides: set[int] = set()
        self.priors: set[int] = set()
        self.before_now: set[int] = set()  # figures of an earlier time, put beside the present one
        self.told_after: set[int] = set()
        self.at_times: dict[int, TimePhrase] = {}
        self.listed: set[int] = set()  # where times stand that are told one to a figure
        self.listed_places: dict[int, Scope] = {}
        self.shared: dict[int, list[Subject]] = {}  # what a figure told for several is of
        self.parted: set[int] = set()  # the first sex of an order or a policy, told in two sexes
        self.moved: dict[int, Subject] = {}
        self.told: dict[int, Subject] = {}
        self.scopes: dict[int, Scope | None] = {}
        self.prior_time: TimePhrase | None = None

    @cached_property
    def plain(self) -> str:
        """The sentence without the names of offices that look like plans."""
        return without_office_names(self.text)

    @cached_property
    def openings(self) -> list[tuple[int, Scope | None]]:
        """The places that clauses begin with, and where those clauses end (see `opening_scopes`)."""
        return opening_scopes(self.text, self.passage.own)

    @cached_property
    def goal(self) -> bool:
        """Whether the sentence speaks of a target."""
        return bool(cue_pattern("target").search(self.plain))

    @cached_property
    def done(self) -> bool:
        """Whether it says that something was done."""
        counted = any(isinstance(t, TimePhrase) and t.months and t.months[0] < t.months[1] < 12 and not t.since and t.shift != 1 for t in self.tokens)
        return bool(cue_pattern("done").search(self.plain)) or (counted and _REPORTED_SO.search(self.plain) is not None)

    @cached_property
    def aim(self) -> bool:
        """Whether it says what is to be done, and nothing of what was."""
        return bool(_AIM.search(self.plain)) and not _DONE_MARK.search(self.plain)

    @cached_property
    def continues(self) -> bool:
        """Whether it goes on with the parts of what the sentence before told."""
        return _CONTINUES.match(self.text) is not None

    def _brackets(self, start: int, end: int) -> None:
        """An opening bracket keeps the subject of what stands before it for what stands inside."""
        if not self.bracketed:
            return
        for char in self.text[start:end]:
            if char in "(（":
                self.opened.append(self.passage.subject)
                self.earlier_outside.append(self.passage.earlier)
                self.topics_outside.append(self.passage.topic)
                self.named_inside.append(False)
            elif char in ")）" and self.opened:
                outer, named, earlier = self.opened.pop(), self.named_inside.pop(), self.earlier_outside.pop()
                inside = [s for s in self.passage.earlier if not any(s is e for e in earlier)]
                if outer is not None and inside and all(s.code == outer.code and "sex" in s.dims for s in inside):
                    self.passage.earlier = earlier  # 出生52人(男29人、女23人),较上月减少9人
                self.passage.topic = self.topics_outside.pop() or self.passage.topic
                if not (named and self._prior_before(self._opening(start))):  # 计划生育率比上年度同期(81.65%)提高3.56个百分点
                    self.passage.subject = outer or self.passage.subject

    def _opening(self, position: int) -> int:
        """Where the bracket that is open at a position was opened."""
        return max(self.text.rfind(mark, 0, position) for mark in "(（")

    def _note(self, at: int) -> None:
        """Times, topics, places and population bases govern what follows them."""
        passage, token = self.passage, self.tokens[at]
        if token.start > self.base_until:
            passage.residence, self.base_until = "", len(self.text)  # 总人口86523人,其中户籍人口51236人;育龄妇女22315人
        if isinstance(token, TimePhrase):
            if not self._compared(token) and not token.same_period and token.start not in self.listed:
                if self._lesser(token) or AIMED.match(self.text, token.end) or (token.year != str(passage.year) and (token.began or (token.year and CAME_TO_BE.match(self.text, token.end)))):
                    return
                passage.until = token if token.until and token.months else passage.until
                told = (passage.time.year2 or passage.time.year) if passage.time and not token.year and token.shift in (0, None) and not _THIS.search(
                    self.text[token.start:token.end]) else ""
                last_year = token.whole and passage.time is not None and passage.time.shift == -1 and passage.time.months is None
                passage.time = replace(token, shift=-1, whole=False) if last_year else replace(token, year=told) if told else token
        elif isinstance(token, Age):
            if passage.topic:
                passage.topic = replace(passage.topic, age=token.age)
        elif isinstance(token, Word):
            topic = token.meaning("topic")
            if topic:
                before = self.tokens[at - 1] if at else None
                age = before.age if isinstance(before, Age) and before.end == token.start else ""
                passage.topics.add(topic.value)
                passage.topic = Topic(topic.value, age or (passage.topic.age if passage.topic and passage.topic.name == topic.value else ""))
            else:
                told = next((t for m in token.meanings if m.kind == "indicator" and (t := topic_of(m.value))), "")
                before = self.tokens[at - 1] if at and self.tokens[at - 1].end == token.start else None
                named_first = isinstance(before, Word) and before.meaning("topic") is not None
                whose = next((m.value for n in (3, 2) for m in lexicon().get(token.text[:n], ()) if m.kind == "topic"), "")
                about = whose if whose and topic_roles().get((whose, "rate")) else "" if named_first else told  # 孕产妇住院分娩率100%,系统管理率95.33%
                age = before.age if isinstance(before, Age) else ""
                if about and (passage.topic is None or passage.topic.name != about or age):
                    passage.topic = Topic(about, age)  # 3岁以下儿童系统管理586人,管理率90.1
            if self.text[token.end:token.end + 2] in ("中,", "中，", "中:") or (self.text[token.end:token.end + 1] == "中" and token.meaning("indicator")):
                whole = token.meaning("indicator")
                if whole:
                    passage.subject = Subject(whole.value, dict(whole.dims))
            named = token.meaning("indicator")
            if named and named.value.startswith("floating_") and self._names_on(token):
                passage.residence = "floating"
            for meaning in token.meanings:
                if "residence" in meaning.dims:
                    passage.residence = meaning.dims["residence"]
                    start, end = self._part(token)
                    self.base_until = end if "其中" in self.text[start:token.start] else len(self.text)

    def _names_on(self, word: Word) -> bool:
        """流动人口出生: the next word says what is told of them."""
        following = next((t for t in self.tokens if t.start >= word.end), None)
        return isinstance(following, Word) and following.start == word.end and following.meaning("indicator") is not None

    def _lesser(self, time: TimePhrase) -> bool:
        """1-11月份,当年出生285例: 当年 inside a stretch of months told before names that stretch and no other."""
        told = self.passage.time
        return (told is not None and told.months is not None and (told.until or not told.day) and time.shift == 0 and time.months is None
                and self.text[time.start:time.end] in ("当年", "年内", "年度内", "本年度", "本年"))

    def _compared(self, time: TimePhrase) -> bool:
        """比2009年, 较上年: a time that something is compared with governs nothing after it."""
        # 同第五次全国人口普查2000年11月1日零时的5953440人相比
        before = _CENSUS_BEFORE.sub("", _DAY_BEFORE.sub("", self.text[max(0, time.start - 18):time.start])).rstrip("“\"「")[-4:]
        if before.endswith(("由", "从")) and _MOVES_ON.match(self.text[time.end:]):
            return True
        if _HELD_AGAINST_BEFORE.search(before):
            return True
        if self.text[time.start - 1:time.start] in ("(", "（") and (years_after(self.passage.year, time.year) not in (None, 0) or re.search(f"[与比较同]{time.year}年", self.text[:time.start])) and _IN_BRACKET.match(self.text, time.end):
            return True  # 与2015年相比有所反弹(2015年为15.07/10万)
        after = self.text[time.end:time.end + 6]
        # 自然增长率5.88‰,2015年为4.71‰; but 孕产妇死亡率去年为41.3/10万 tells of that year alone
        if re.match("为|是", after):
            return bool(_AFTER_A_FIGURE.search(self.text[:time.start])) and not self._next_of_series(time) and (time.shift == -1 or self._a_year_ago(time))
        return time.shift == -1 and bool(_COMPARED_BEHIND.match(after))

    def _next_of_series(self, time: TimePhrase) -> bool:
        """2003年为86.1%,2004年为91.66%,2005年为94.86%: a year of a series is no comparison."""
        before = _YEAR_AND_FIGURE.search(self.text[:time.start])
        return before is not None and years_after(time.year, before["year"]) == 1

    def _a_year_ago(self, time: TimePhrase) -> bool:
        return time.months is None and years_after(self.passage.year, time.year) == 1

    def _doubts_of(self, number: Number, subject: Subject, tied: binding.Chain | None, time: TimePhrase | None, sign: int) -> tuple[str, ...]:
        """Why a figure that was read is in doubt."""
        doubts = ("digit_lost",) if self.text[:number.start].endswith(LOST) else ()
        over_years = time is not None and time.year2 and time.months == (1, 12) and indicators()[subject.code].kind != "count"
        if over_years or _SEVERAL_YEARS.search(self.text[self._clause_start(number.start):number.start]):
            doubts += ("several_years",)
        against = [match["year"] for match in _HELD_AGAINST.finditer(self.text[:number.start])][-1:] if sign else []
        year = time.year if time is not None and time.year.isdigit() else self.passage.year
        if against and against[0] and years_after(year, against[0]) not in (None, 1):
            doubts += ("base_unsure",)
        if subject.code == "folic_rate" and tied is not None and any(isinstance(t, Word) and "服用" in t.text for t in tied.tokens):
            doubts += ("base_unsure",)  # of those it was given to, or of all that it was meant for
        if subject.code == "prepreg_rate" and "任务" in self.text and "目标人群覆盖率" in self.text[:number.start] and float(number.value) <= 100:
            doubts += ("base_unsure",)  # of all that it was meant for, and not of the task
        return doubts

    def _floor(self, at: int) -> int:
        """Where the clause of a figure begins."""
        start = self.tokens[at].start
        floor = self.consumed
        mark = self._mark_before(start)
        if mark >= floor:
            floor = self._clause_start(mark) if self.text[mark] in "(（" and self._prior_before(mark) else self.tokens[at - 1].start if self._named_before(at, mark) else mark + 1
        return max(floor, self._told_until(at))

    def _figure_before(self, at: int, past: Container[int] = ()) -> int | None:
        """Which token is the figure before a token, those of `past` left out; None where there is none."""
        before = self.figure_before[at]
        while before is not None and before in past:
            before = self.figure_before[before]
        return before

    def _adds_up(self, whole: int, *parts: int) -> bool:
        """Whether the figures `parts` come to the figure `whole`, all told by their place among the tokens."""
        return float(self.tokens[whole].value) == sum(float(self.tokens[part].value) for part in parts)

    def _told_until(self, at: int) -> int:
        """Where the figure before a token ends; 0 at the head of a sentence."""
        before = self._figure_before(at)
        return self.tokens[before].end if before is not None else 0

    def _part(self, token: Token) -> tuple[int, int]:
        """The part of the sentence between semicolons that a token stands in: where it begins and ends."""
        ends = [end for mark in ";；" if (end := self.text.find(mark, token.end)) >= 0]
        return max(self.text.rfind(mark, 0, token.start) for mark in ";；") + 1, min(ends, default=len(self.text))

    def _clause_start(self, before: int) -> int:
        return self._mark_before(before) + 1

    def _mark_before(self, position: int) -> int:
        """Where the last mark that parts clauses stands before a position, -1 where there is none."""
        at = bisect_left(self.marks, position)
        return self.marks[at - 1] if at else -1

    def _prior_before(self, at: int) -> bool:
        return bool(_EARLIER_RIGHT_BEFORE.search(self.text[max(0, at - 12):at]))

    def _named_before(self, at: int, mark: int) -> bool:
        """占常住人口(53.76万)的28.1%, 死亡率(6.5‰): a figure alone in brackets right after its name."""
        number = self.tokens[at]
        word = self.tokens[at - 1] if at else None
        return (self.text[mark] in "(（" and isinstance(word, Word) and word.end == mark and word.meaning("indicator") is not None
                and not self.text[mark + 1:number.start].strip() and self.text[number.end:number.end + 1] in (")", "）"))

    def _inherits(self) -> bool:
        """Inside a bracket that names no subject of its own, figures are parts of what stands before it."""
        return bool(self.opened) and not self.named_inside[-1]

    def _time(self, tied: binding.Chain | None, sign: int, prior: bool) -> TimePhrase | None:
        """The time phrase that governs a figure: the nearest of its own clause, else the one told last."""
        time = self.passage.time
        for token in tied.tokens if tied else ():
            if isinstance(token, TimePhrase) and (prior or not self._compared(token)) and not (sign and (token.shift == -1 or token.same_period)):
                lesser = not (prior or token.year or token.shift == -1)
                time = (self.passage.time or token) if lesser else token
        return time
