"""A sentence as the grammar sees it: its tokens, its clauses and brackets, and what governs what follows."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Container
from dataclasses import replace
from functools import cached_property

from helpers.catalogue import indicators
from helpers.documents.mojibake import LOST
from helpers.extract import binding
from helpers.extract.binding import Subject, Topic
from helpers.extract.lexicon import Word, cue_pattern, lexicon, topic_of, topic_roles
from helpers.extract.numbers import Number
from helpers.extract.places import Scope, within_name
from helpers.extract.readings import Passage, without_office_names
from helpers.extract.times import AIMED, CAME_TO_BE, TimePhrase, years_after
from helpers.extract.tokens import Age, Token, tokenize

_CLAUSE = re.compile(r"[,;，；。!?()（）]")
_AIM = re.compile(r"加强|强化|做好|确保|力争|争取|继续|深化|推进|努力|要(?!求|点)|应当|稳妥实施|不断提高|进一步|控制在|不得")
_DONE_MARK = re.compile(r"了|已|共[有计]?\d|完成|达到历史|圆满|实际")
# (以女性为100), (不含流动人口): remarks that hold no figure of their own.
# 四个年度出生人口性别比: over more years than one period can tell
_SEVERAL_YEARS = re.compile(r"[两三四五六七八九十2-9]个(?:考核|统计)?年度|(?:\d{1,2}|[两三四五六七八九十]{1,3})年间?(?:净增|累计|共|总共|增加|增长|减少|上升|下降|提高|降低)")
# 较2018年少1855人: a change since the year before the last is none since last year
_HELD_AGAINST = re.compile(r"[比较与同](?:(?P<year>(?:19|20)\d\d)年|上年|去年|同期)|同比")
_YEAR_AND_FIGURE = re.compile(r"(?P<year>(?:19|20)\d\d)年[^,，;；。]{0,12}\d[^,，;；。]{0,3}[,，;；]$")
_AFTER_A_FIGURE = re.compile(r"\d[^,，;；。:：\d]{0,4}[,，(（;；](?:而|但)?$")
_MOVES_ON = re.compile(r"[^,，;；。]{2,24}?(?:上升|提高|提升|增长|增加|扩大|下降|降低|减少|缩小|升|降|减|增|变)了?[到至为成]")
_ASIDE = re.compile(r"(?<!\d个乡)(?<!\d个镇)[(（](?:[^()（）\d男女孩胎户常流]{1,24}|(?:常住|户籍|按)[^()（）\d]{0,8}口径|[^()（）]{0,6}女[孩婴童生]?[性儿]?(?:人口)?(?:为|=|＝)100[^()（）]{0,20}|[^()（）\d]{0,4}普)[)）]")
# 总人口(常住人口)为649501人: the brackets say of whom and part nothing.
_BASE_ASIDE = re.compile(r"[(（]((?:年末)?(?:常住|户籍)总?人口)[)）]")
# 幼年人口(0~14岁)为101873人: the brackets say whose ages
_AGED_ASIDE = re.compile(r"(?:幼年|少年|少儿|青壮年|壮年|青年|劳动年龄|劳动力|老年|成年|学龄|儿童)人口?[(（](\d{1,3}\s?[-—~～至]\s?\d{1,3}岁|\d{1,3}岁及?以[上下])[)）]")
# 常住人口 3为5611701人: the number of a footnote, its brackets lost
_FOOTNOTE = re.compile(r"\d(?<=[\u4e00-\u9fff].)(?=\s?为\s?\d{3})|\d(?<=[\u4e00-\u9fff]\s.)(?=\s?为\s?\d{3})")
# 占常住人口比重(常住人口城镇化率)74.79%: the brackets name what the figure is
_NAMED_INSIDE = re.compile(r"占[^,，;；。()（）\d]{0,12}[(（]([^()（）\d]{2,14}率)[)）]")
# 高血压、糖尿病等慢性病管理率: of the two that are named.
_AND_SUCH = re.compile("等(?:主要)?(?:慢性(?:非传染性)?疾?病|慢病|重点疾病)(?:患者|病人)?(?=[^,，;；。\\d]{0,4}(?:管理率|建档率))")
# 从流向看:, 按性别分,: how what follows is parted.
_PARTED = re.compile(r"(?:从|按)(?![^看分]{0,6}(?:出生|新生|死亡|婴))[^,，;；。\d]{1,8}(?:看|分)[:：,，]|其中[:：]")
# 连续五年保持在, 2013年、2014年两年: how long, not how many; 疫苗11种71791剂次: of how many kinds.
_SPELL = re.compile(r"(?<=疫苗)\s?\d{1,2}种(?=\s?\d)|连(?:续|着)[一二两三四五六七八九十\d]{1,2}[个]?年|连年|(?<=年)[两三四五六七八九]年(?=[,来间共分全累合平出内])|(?:最?近|这|前|过去)(?:[几两三四五六七八九十]|\d{1,2})年(?:来|间)?")
_CENSUS_BEFORE = re.compile(r"(?:第[三四五六七]次(?:全国)?人口普\s?查|[五六七]普)\s?[(（]?$")
# 与1990年7月1日0时第四次全国人口普查相比: the day of a census before its name
_DAY_BEFORE = re.compile(r"(?:19|20)\d\d年\d{1,2}月1日(?:0时|零时|时)?\s?$")
# 今年 is the article's own year; 全年, 年末, 6月 belong to the year told last.
_THIS = re.compile("今年|本年|目前")


class Clauses:
    """A sentence with its tokens; what it says of time, topic and population base carries into `passage`."""

    def __init__(self, text: str, offset: int, passage: Passage) -> None:
        if "(" in text or "（" in text:
            text = _NAMED_INSIDE.sub(lambda m: " " * (m.start(1) - m.start()) + m.group(1) + " ", text)
            text = _ASIDE.sub(lambda m: " " * len(m.group()), text)
            text = _AGED_ASIDE.sub(lambda m: " " * (m.start(1) - m.start()) + m.group(1) + " ", text)
            text = _BASE_ASIDE.sub(r" \1 ", text)
        text = _AND_SUCH.sub(lambda m: " " * len(m.group()), text)
        text = _FOOTNOTE.sub(" ", text)
        text = _SPELL.sub(lambda m: " " * len(m.group()), text)
        text = _PARTED.sub(lambda m: " " * (len(m.group()) - 1) + ",", text)
        self.text, self.offset, self.passage = text, offset, passage
        text = self.text
        self.tokens: list[Token] = [t for t in tokenize(text) if not (isinstance(t, Word) and within_name(text, t.start, t.end))]
        self.marks = [match.start() for match in _CLAUSE.finditer(text)]
        self.opened: list[Subject | None] = []
        self.topics_outside: list[Topic | None] = []
        self.named_inside: list[bool] = []
        self.taken: set[int] = set()
        self.consumed = 0
        self.falling = self.went_on = self.aimed = self.reported = False
        self.open_order = ""
        self.told_place: tuple[int, Scope | None] = (0, None)
        self.again: dict[int, tuple[str, int]] = {}
        self.moving: dict[int, int] = {}
        self.bound: set[int] = set()
        self.asides: set[int] = set()
        self.priors: set[int] = set()
        self.told_after: set[int] = set()
        self.at_times: dict[int, TimePhrase] = {}
        self.listed: set[int] = set()  # where times stand that are told one to a figure
        self.listed_places: dict[int, Scope] = {}
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
    def goal(self) -> bool:
        """Whether the sentence speaks of a target."""
        return bool(cue_pattern("target").search(self.plain))

    @cached_property
    def done(self) -> bool:
        """Whether it says that something was done."""
        return bool(cue_pattern("done").search(self.plain))

    @cached_property
    def aim(self) -> bool:
        """Whether it says what is to be done, and nothing of what was."""
        return bool(_AIM.search(self.plain)) and not _DONE_MARK.search(self.plain)

    def _continues(self) -> bool:
        return bool(re.match(r"\s*(?:其中|[(（]?[男女]|[一二多三]孩)", self.text))

    def _brackets(self, start: int, end: int) -> None:
        """An opening bracket keeps the subject of what stands before it for what stands inside."""
        for char in self.text[start:end]:
            if char in "(（":
                self.opened.append(self.passage.subject)
                self.topics_outside.append(self.passage.topic)
                self.named_inside.append(False)
            elif char in ")）" and self.opened:
                outer, named = self.opened.pop(), self.named_inside.pop()
                self.passage.topic = self.topics_outside.pop() or self.passage.topic
                if not (named and self._prior_before(self._opening(start))):  # 计划生育率比上年度同期(81.65%)提高3.56个百分点
                    self.passage.subject = outer or self.passage.subject

    def _opening(self, position: int) -> int:
        """Where the bracket that is open at a position was opened."""
        return max(self.text.rfind(mark, 0, position) for mark in "(（")

    def _note(self, token: Token) -> None:
        """Times, topics, places and population bases govern what follows them."""
        passage = self.passage
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
                at = self.tokens.index(token)
                before = self.tokens[at - 1] if at else None
                age = before.age if isinstance(before, Age) and before.end == token.start else ""
                passage.topics.add(topic.value)
                passage.topic = Topic(topic.value, age or (passage.topic.age if passage.topic and passage.topic.name == topic.value else ""))
            else:
                told = next((t for m in token.meanings if m.kind == "indicator" and (t := topic_of(m.value))), "")
                at = self.tokens.index(token)
                whose = self.tokens[at - 1] if at else None
                named_first = isinstance(whose, Word) and whose.end == token.start and whose.meaning("topic") is not None
                if (whose := next((m.value for n in (3, 2) for m in lexicon().get(token.text[:n], ()) if m.kind == "topic"), "")) and topic_roles().get((whose, "rate")):
                    passage.topic, named_first = passage.topic if passage.topic and passage.topic.name == whose else Topic(whose), True  # 孕产妇住院分娩率100%,系统管理率95.33%
                if told and not named_first and (passage.topic is None or passage.topic.name != told):
                    passage.topic = Topic(told)
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
        before = _CENSUS_BEFORE.sub("", _DAY_BEFORE.sub("", self.text[max(0, time.start - 18):time.start]))[-4:]
        if before.endswith(("由", "从")) and _MOVES_ON.match(self.text[time.end:]):
            return True
        if re.search(r"(?:[比较与同]|[高低优]于|超过)(?:[全我本该]?[县镇乡市区村省])?$", before):
            return True
        after = self.text[time.end:time.end + 6]
        # 自然增长率5.88‰,2015年为4.71‰; but 孕产妇死亡率去年为41.3/10万 tells of that year alone
        if re.match("为|是", after):
            return bool(_AFTER_A_FIGURE.search(self.text[:time.start])) and not self._next_of_series(time) and (time.shift == -1 or self._a_year_ago(time))
        return time.shift == -1 and bool(re.match(r"同期|这[一两二三四]?[项个]|[,，]?(?:增|减|上升|下降|提高|降低|相比)|的?\s?[\d(（]", after))

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
        return next((i for i in range(at - 1, -1, -1) if isinstance(self.tokens[i], Number) and i not in past), None)

    def _adds_up(self, whole: int, *parts: int) -> bool:
        """Whether the figures `parts` come to the figure `whole`, all told by their place among the tokens."""
        return float(self.tokens[whole].value) == sum(float(self.tokens[part].value) for part in parts)

    def _told_until(self, at: int) -> int:
        """Where the figure before a token ends; 0 at the head of a sentence."""
        before = self._figure_before(at)
        return self.tokens[before].end if before is not None else 0

    def _clause_start(self, before: int) -> int:
        return self._mark_before(before) + 1

    def _mark_before(self, position: int) -> int:
        """Where the last mark that parts clauses stands before a position, -1 where there is none."""
        at = bisect_left(self.marks, position)
        return self.marks[at - 1] if at else -1

    def _prior_before(self, at: int) -> bool:
        return bool(re.search(r"(?:同期|上年[度底末]?|去年[度底末]?|往年|[较比与同](?:19|20)\d\d年)(?:的|为)?$", self.text[max(0, at - 12):at]))

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
