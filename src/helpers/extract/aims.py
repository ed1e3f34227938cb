"""What was reached and what is to be: the status of a figure by the words of its sentence and heading."""

from __future__ import annotations

import re
from functools import cached_property

from helpers.catalogue import indicators
from helpers.extract import binding
from helpers.extract.binding import Subject
from helpers.extract.lexicon import Word, cue_pattern
from helpers.extract.numbers import Number
from helpers.extract.readings import without_office_names
from helpers.extract.sentence import Clauses
from helpers.extract.times import years_after

# 应落实结扎手术40人; in a plan: 完成孕前优生检查120对
_DUE = re.compile(r"应(?:当|该)?(?:结扎|上环|放环|扎|落实|完成|实施|采取|上|做|施行|服务|接种|建档|管理)[^,，;；。\d实]{0,10}$")
_TO_DO = re.compile(r"(?:完成|建立|新建|落实|实施|发放|力争|确保|争取|计划|拟|达到)[^,，;；。\d]{0,12}$")


# 超过91%的责任目标, 县下达的6‰指标, 没有突破15‰的控制数: an aim, named behind its figure
_ONLY = re.compile("(?:才|只有|仅有?|仅为)$")
AIM_BEHIND = re.compile(r"(?:以[上下内])?的?(?:责任|考核|控制|年度|全年|省定|市定|县定|规定|既定|预期|年初)?(?:目标|指标|任务|要求|控制数|控制线|考核线|标准|红线)(?!人群|完成|数?的?\d|数?[是为:：])")
# 年底要达到82%: what is wanted, whatever it is compared with
_WANTED = re.compile("(?:要|须|应|力争|确保|争取|不低于|不少于|不超过|控制在|稳定在|达到|降到|降至|回到|压到)[^,，;；。\\d]{0,4}$")
# 2013年力争…, 下半年,…达到: what follows is to come
_AHEAD = re.compile("(?:(?<![至到前和、与])(?:下半年|下一步|下步|明年|来年|下阶段|下一年度|下年度)|(?P<year>(?:19|20)\\d\\d)(?:考核|统计|计生)?年度?)[^。;；\\d]{0,24}?(?:力争|确保|争取|要(?!求)|计划(?!生育|内|外|免疫)|打算|安排|把)"
                    "|(?<![至到前和、与])(?:下半年|明年|来年|下年度|下一年度)[,，][^。]{0,40}?(?:达到|稳定在|不低于|不超过|降到|控制在)"
                    "|(?P<then>(?:19|20)\\d\\d)年(?:[:：]|[^,，;；。\\d]{0,14}(?:不低于|不超过|稳定在|控制在|降至|降到|达到)\\d)|[“\"]?十[一二三四]五[”\"]?(?:末期?|期末)[,，]|(?:到?年底|年内|年底前)[^,，;；。\\d]{0,12}(?:要|须|力争|确保)")
# 完成目标任务的102%: how much of an aim was reached
_OF_THE_AIM = re.compile(r"(?:完成|占|达到?)[^,，;；。\d]{0,10}(?:任务|目标|指标|计划)数?的$")


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

    def _goal_or_result(self, subject: Subject, number: Number, tied: binding.Chain | None) -> str:
        indicator = indicators()[subject.code]
        if self.ahead is not None and self.ahead < number.start:
            self.passage.goal = True
        goal = self.goal and bool(cue_pattern("target").search(without_office_names(self._part_of(number))))
        if subject.code.endswith("_target"):
            return "target"
        # 控制在107.31 tells what was measured, 控制在12‰ what is wanted
        exact = len(number.value.partition(".")[2]) >= 2 and not number.hedge
        before = without_office_names(self.text[max(0, number.start - 14):number.start])
        rate = indicator.kind in ("rate", "share", "ratio")
        # 完成全年目标人群数的98.7%: those to be reached, of whom a rate is told
        roles = [role for token in (tied.tokens if tied else ()) if isinstance(token, Word) for role in token.values("role")
                 if not (rate and token.text.startswith("目标人群"))]
        if rate and _OF_THE_AIM.search(before):
            return "observed"
        if (roles and roles[-1] == "target") or (tied and any(isinstance(t, Word) and t.text.endswith(("任务", "指标")) for t in tied.tokens)) or self._aims_in_bracket(number):
            return "target"
        if rate and re.search(r"(?:任务|目标|指标|要求)(?:是|为)[^,，;；。]{0,16}$", self.text[:number.start]):
            return "target"
        if AIM_BEHIND.match(self.text, number.end) or re.match(r"[^,，;；。]{0,30}[”\"]的(?:目标|任务)", self.text[number.end:]):
            return "target"
        if subject.code.startswith(("prepreg_", "folic_", "fp_")) and re.search("下达[^,，;；。]{0,14}$", self.text[:number.start]):
            return "target"
        if (self.passage.goal or self.went_on) and self.aimed and indicator.flow == "flow" and not rate:
            # 落实四术7800例,其中结扎1300例: what goes on after an aim is one
            return "target"
        if _ONLY.search(before):
            return "observed"  # 计划生育率才77.42%,今年必须上到90%
        if _DUE.search(before) or (_TO_DO.search(before) and self.passage.goal and not self.done):
            return "target"
        listed = self.aimed and self.text[:number.start].endswith(("、", "和"))
        if self.passage.aims_listed and indicator.flow == "flow" and not self.done and not self.reported:
            return "target"
        if self.passage.goal and (listed or number.hedge in ("at_least", "at_most") or _WANTED.search(before)):
            return "target"
        if rate:
            if self.passage.goal and not self.done:
                return "target"
            if goal and not self.done and not self.reported and (
                    re.search(r"力争|确保|争取|要|应|不低于|目标", before) or ("控制在" in before and not exact)):
                return "target"
            if number.hedge in ("at_least", "at_most") and (self.aim or goal) and not self.done and not (self.reported and not self.passage.goal):
                return "target"
        elif (goal and not self.done and (number.hedge in ("at_least", "at_most") or re.search("力争|确保|争取", before))) or (re.search("控制在$", before) and (self.passage.goal or number.hedge == "at_most")):
            return "target"
        return "observed"

    def _part_of(self, number: Number) -> str:
        """The part of the sentence between semicolons that a figure stands in."""
        start = max(self.text.rfind(mark, 0, number.start) for mark in ";；") + 1
        ends = [end for mark in ";；" if (end := self.text.find(mark, number.end)) >= 0]
        return self.text[start:min(ends, default=len(self.text))]
