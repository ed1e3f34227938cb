"""What was reached and what is to be: the status of a figure by the words of its sentence and heading."""

from __future__ import annotations

from functools import cached_property

from helpers.catalogue import indicators
from helpers.extract import binding
from helpers.extract.binding import Subject
from helpers.extract.lexicon import Word, cue_pattern, phrase, topic_of, topic_roles
from helpers.extract.numbers import Number
from helpers.extract.readings import without_office_names
from helpers.extract.sentence import Clauses
from helpers.extract.times import TimePhrase, years_after

_DUE = phrase("due")
_TO_DO = phrase("to_do")
_ONLY = phrase("only")
AIM_BEHIND, _LISTED_AIM = phrase("aim_behind"), phrase("listed_aim")
_WANTED = phrase("wanted")
_AHEAD = phrase("ahead")
_OF_THE_AIM, _TASK_DONE, _SHALL_REACH = phrase("of_the_aim"), phrase("task_done"), phrase("shall_reach")
_AIM_IS, _NEXT_YEAR = phrase("aim_is"), phrase("next_year")
_QUOTED_AIM = phrase("quoted_aim")
REACHED_NOW, _HANDED_TO_US = phrase("reached_now"), phrase("handed_to_us")
_HANDED_DOWN = phrase("handed_down")
_STRIVING_WORDS = phrase("striving_words")
_KEPT_AT = phrase("kept_at")
_MADE_SURE, _PART_OF_AIM, _DONE_SINCE = phrase("made_sure"), phrase("part_of_aim"), phrase("done_since")
_ALONE, _TASK_BEFORE = phrase("alone"), phrase("task_before")


class Aims(Clauses):
    """How a sentence says that a figure is an aim."""

    def _aims_in_bracket(self, number: Number) -> bool:
        """四术291例(指导数288例:一孩上环80例、结扎208例): what follows an aim in its bracket is one."""
        opened = max(self.text.rfind("(", 0, number.start), self.text.rfind("（", 0, number.start))
        if not self.opened or opened < 0:
            return False
        inside = [t for t in self.tokens if opened < t.start < number.start]
        first = next((i for i, t in enumerate(inside) if isinstance(t, Word) and "target" in t.values("role")), None)
        return first is not None and any(isinstance(t, Number) for t in inside[first:]) and ":" in self.text[opened:number.start].replace("：", ":")

    @cached_property
    def ahead(self) -> int | None:
        """Where a sentence turns to what is to come (下半年, 2013年力争), None where it does not."""
        match = next((m for m in _AHEAD.finditer(self.text) if not (year := m["year"] or m["then"]) or years_after(year, self.passage.year) == 1), None)
        return match.start() if match else None

    def _goal_or_result(self, subject: Subject, at: int, tied: binding.Chain | None) -> str:
        number, indicator = self.tokens[at], indicators()[subject.code]
        if self.ahead is not None and self.ahead < number.start:
            self.passage.goal = True
        goal = self.goal and bool(cue_pattern("target").search(without_office_names(self.text[slice(*self._part(number))])))
        if self._of_next_year(number) or subject.code.endswith("_target") or (self.passage.time is not None and self.passage.time.shift == 1):
            return "target"
        # 控制在107.31 tells what was measured, 控制在12‰ what is wanted
        exact = len(number.value.partition(".")[2]) >= 2 and not number.hedge
        before = without_office_names(self.text[max(0, number.start - 14):number.start])
        rate = indicator.relative
        # 完成全年目标人群数的98.7%: those to be reached, of whom a rate is told
        roles = [role for token in (tied.tokens if tied else ()) if isinstance(token, Word) for role in token.values("role")
                 if not (rate and token.text.startswith("目标人群"))]
        if rate and (_OF_THE_AIM.search(before) or (indicator.unit == "percent" and float(number.value) > 100)):
            return "observed"  # an aim is at most all of them
        task_done = self._task_done(number)
        if (roles and roles[-1] == "target" and not task_done) or (not task_done and tied and any(isinstance(t, Word) and t.text.endswith(("任务", "指标")) for t in tied.tokens)) or self._aims_in_bracket(number):
            return "target"
        if rate and (_AIM_IS.search(self.text[:number.start]) or _HANDED_TO_US.search(self.text[:number.start])):
            return "target"
        beside = _LISTED_AIM.match(self.text, number.end)
        if AIM_BEHIND.match(self.text, beside.end() if beside else number.end) or _QUOTED_AIM.match(self.text[number.end:]) or self._then_reached(number):
            return "target"
        if subject.code.startswith(("prepreg_", "folic_", "fp_")) and _HANDED_DOWN.search(self.text[:number.start]):
            return "target"
        done_since = self.aimed and _DONE_SINCE.search(self.text[self._told_until(at):number.start]) is not None
        if (self.passage.goal or self.went_on or self._part_of_aim(subject, at)) and self.aimed and indicator.flow == "flow" and not rate and not done_since:
            # 落实四术7800例,其中结扎1300例: what goes on after an aim is one
            return "target"
        if _ONLY.search(before):
            return "observed"  # 计划生育率才77.42%,今年必须上到90%
        if _DUE.search(before) or (_TO_DO.search(before) and self.passage.goal and not self.done):
            return "target"
        since = self.text[self._told_until(at):tied.start if tied else number.start]
        listed = self.aimed and (self.text[:number.start].endswith(("、", "和")) or since in ("、", "和", "及"))
        if listed and indicator.flow == "flow" and not rate and not self.reported and not done_since:
            return "target"  # 要完成结扎240例、上环1500例
        if self.passage.goal and subject.code.endswith("_managed") and not self.done and _ALONE.fullmatch(self.text):
            return "target"  # 6.高血压患者管理人数38.6万人, in a list of aims
        to_come = self.passage.goal and subject.code.startswith(("fp_", "prepreg_", "folic_", "one_child_certs")) and not self.past  # 全年施行结扎65例, in a plan
        if (to_come or (self.passage.aims_listed and not self.reported)) and indicator.flow == "flow" and not self.done and not self.measured:
            return "target"
        if self.passage.goal and (listed or number.hedge in ("at_least", "at_most") or _WANTED.search(before)):
            return "target"
        if rate:
            if _SHALL_REACH.search(before) or (self.text[number.start] in "≥≤≧≦" and not self.passage.report):
                return "target"
            last = self._figure_before(at, past=self.asides)
            goes_on = self.aimed and not self.reported and not exact and (last not in self.told or self.told[last].code != subject.code or listed)
            if ((self.passage.goal and not self.measured) or goes_on) and not self.done:
                return "target"
            if goal and not self.done and not self.reported and (
                    _STRIVING_WORDS.search(before) or ("控制在" in before and not exact)):
                return "target"
            if number.hedge in ("at_least", "at_most") and (self.aim or goal) and not self.done and not (self.reported and not self.passage.goal):
                return "target"
        elif (self.aimed and indicator.flow == "stock" and not self.done and not self.reported and subject.code in {s.code for s in self.told.values()}) or (goal and not self.done and (listed or number.hedge in ("at_least", "at_most") or _MADE_SURE.search(before))) or (_KEPT_AT.search(before) and (self.passage.goal or number.hedge == "at_most" or (goal and not self.done))):
            return "target"
        return "observed"

    def _of_next_year(self, number: Number) -> bool:
        """性别比2013年先降到112, in a text of 2010: what is wanted of a year to come."""
        time = self.passage.time
        ahead = time is not None and (years_after(time.year, self.passage.year) or 0) > 0
        wanted = number.hedge in ("at_least", "at_most") and (self.aim or self.goal) and not self.done
        return ahead and (wanted or _NEXT_YEAR.search(self.text[:number.start]) is not None)

    @cached_property
    def past(self) -> bool:
        """Whether it tells of a year gone by, or of what was done."""
        return _DONE_SINCE.search(self.text) is not None or any(isinstance(t, TimePhrase) and (t.shift == -1 or (years_after(t.year, self.passage.year) or 1) < 0) for t in self.tokens)

    @cached_property
    def measured(self) -> bool:
        """2019年,全区婴儿死亡率为3.76‰,建档率为87.3%: figures of a year gone by, or rates to two decimals of this one, without a word of an aim, wherever they stand."""
        rates = [t for t in self.tokens if isinstance(t, Number) and t.unit in binding.RATES]
        years = [apart for t in self.tokens if isinstance(t, TimePhrase) and (apart := years_after(t.year, self.passage.year)) is not None]
        past = bool(years) and max(years) <= 0
        if past and max(years) < 0 and not self.goal and not self.aim:
            return True  # 2011年全镇活产437人, in a plan for 2012
        return past and not self.goal and not self.aim and not any(t.hedge for t in rates) and any(len(t.value.partition(".")[2]) >= 2 for t in rates)

    def _part_of_aim(self, subject: Subject, at: int) -> bool:
        """出生控制在612人以内,其中一孩380人: a part of what was told right before."""
        before, number = self._figure_before(at), self.tokens[at]
        return before in self.told and (self.told[before].code == subject.code or (self.told[before].code.startswith("fp_") and subject.code.startswith("fp_"))) and _PART_OF_AIM.fullmatch(self.text[self.tokens[before].end:number.start]) is not None

    def _meant(self, subject: Subject, number: Number, *, beside: bool) -> Subject:
        """全年孕前优生检查260对, of a plan, or 任务(140对): how many are meant to be; not so `beside` what was reached."""
        wanted = topic_roles().get((topic_of(subject.code), "target")) if subject.code in ("prepreg_checked", "folic_given") else None
        meant = (self.passage.goal and not beside) or _TASK_BEFORE.search(self.text[:number.start])
        return Subject(wanted, subject.dims) if wanted and meant else subject

    def _then_reached(self, number: Number) -> bool:
        """出生率11‰以内,实际为9.86‰: an aim, with what it came to behind it."""
        reached = REACHED_NOW.match(self.text, number.end)
        return reached is not None and self.text[reached.end():reached.end() + 1].isdecimal()

    def _task_done(self, number: Number) -> bool:
        """到5月底完成四项手术任务1187例: so many of a task were done, outside a plan and where nothing says that they are to be."""
        clause = self.text[self._clause_start(number.start):number.start]
        counted = self.done or any(isinstance(t, TimePhrase) and t.until for t in self.tokens)
        return counted and self.ahead is None and not self.passage.goal and _TASK_DONE.search(clause) is not None
