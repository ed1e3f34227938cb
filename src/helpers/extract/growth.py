"""Growth: rates of it, what a change or an earlier value is of, and comparisons that tell of none."""

from __future__ import annotations

import re

from helpers.catalogue import indicators
from helpers.extract import binding
from helpers.extract.aims import AIM_BEHIND, Aims
from helpers.extract.binding import Subject
from helpers.extract.lexicon import Word, phrase
from helpers.extract.numbers import Number
from helpers.extract.times import TimePhrase
from helpers.extract.tokens import dims_of

_YEARLY = phrase("yearly")
_THAN_THE_AIM = phrase("than_the_aim")
_AIM_BRACKET = phrase("aim_bracket")
_KEPT_WITHIN = phrase("kept_within")
_OF_A_CENSUS, _APART_BY = phrase("of_a_census"), phrase("apart_by")
_SET_AIM, _TASK_OF = phrase("set_aim"), phrase("task_of")
_SHARE_BEHIND = re.compile(r"的[\d.]+%")
_WITH_THE_AIM, _COMPARED_WITH = phrase("with_the_aim"), phrase("compared_with")
_MORE_MORE = phrase("more_more")
_OTHERS, _OTHERS_RATE = phrase("others"), phrase("others_rate")
_BESIDE_OTHERS = phrase("beside_others")
_BY_HOW_MUCH = phrase("by_how_much")
_LAST_MONTH = phrase("last_month")


def change_of_degree(clause: str) -> bool:
    """出生率高0.48个千分点: whether a clause says by how much something is higher or lower."""
    return _BY_HOW_MUCH.search(clause) is not None


class Growth(Aims):
    """What 增长率, 增加率 and 年均 say of the count told before them."""

    def _grown(self, at: int, tied: binding.Chain, number: Number, named: Subject | None) -> Subject | None:
        """出生15318人,较上年同月减少4297人,增加率-21.91%: how much, in per cent, the count told before moved."""
        words = [t for t in tied.tokens if isinstance(t, Word)]
        told = self._moved_before(at) or (self.passage.subject if named is None else None)
        if named is not None and (named.code != "growth_rate" or number.unit != "percent" or told is None or told.code == "pop_total"):
            return None
        if not words or told is None or number.unit not in ("percent", "permille"):
            return None
        if not words[-1].text.startswith(("增加率", "增长率", "成长率")) or len(words) > 1 or not self._follows_a_reading(at):
            return None
        if told.code == "pop_total":
            return Subject("growth_rate", {**told.dims, **self._monthly(number)})
        return told if indicators()[told.code].kind == "count" else None

    def _in_closed_bracket(self, at: int, until: int) -> bool:
        """4218人(含往年漏统327人),比去年减少586人: whether a figure stands in a bracket that is closed before another."""
        between = self.text[self.tokens[at].end:self.tokens[until].start]
        return between.count(")") + between.count("）") > between.count("(") + between.count("（")

    def _bare_growth(self, at: int, tied: binding.Chain) -> bool:
        """人口密度387人,较上年增加2人,增加率0.52%: the growth of something that was not read."""
        before = self._figure_before(at)
        said = binding.said(tied)
        return said in ("增加率", "增长率", "成长率") and before is not None and before not in self.bound

    def _monthly(self, number: Number) -> dict[str, str]:
        """与上月比较增加4337人,增加率千分之0.19: the growth of a month, beside that of a year."""
        return {"group": "较上月"} if _LAST_MONTH.search(self.text[max(0, number.start - 30):number.start]) else {}

    def _moved_before(self, at: int) -> Subject | None:
        """粗出生率7.72‰,较上年同月减少4297人,增加率-21.91%: what the figure right before was a change of."""
        before = self._figure_before(at, past=self.asides)
        return self.moved.get(before) if before is not None else None

    def _yearly(self, at: int, number: Number) -> int:
        """十年共减少341739人,下降5.74%,年平均下降0.59%: +1 or -1 where a growth rate of the population is told so, else 0."""
        told = self._moved_before(at) or self.passage.subject
        if number.unit not in ("percent", "permille") or told is None or told.code != "pop_total" or not self._follows_a_reading(at):
            return 0
        match = _YEARLY.search(self.text[self._floor(at):number.start])
        return 0 if match is None else -1 if match["down"] else 1

    def _follows_a_reading(self, at: int) -> bool:
        """Whether the figure before this one was read: a change after a figure nobody read is not of our subject."""
        before = next((i for i in range(at - 1, -1, -1) if isinstance(self.tokens[i], Number) and self.tokens[i].unit is not None and i not in self.asides
                       and (i in self.bound or not self._in_closed_bracket(i, at))), None)
        return self.passage.bound if before is None else before in self.bound

    def _compared_aim(self, at: int, named: Subject | None) -> Subject | None:
        """性别比为115.48,比责任目标107高8.48: the aim that what was just told is held against."""
        number, told = self.tokens[at], self.passage.subject
        if told is None or not self._follows_a_reading(at):
            return None
        bracketed = _AIM_BRACKET.search(self.text[:number.start]) and self.text[number.end:number.end + 1] in (")", "）")
        behind = named is None and AIM_BEHIND.match(self.text, number.end) and _SET_AIM.search(self.text[self._told_until(at):number.start])
        if (bracketed and named is None) or behind or (named is None and _KEPT_WITHIN.search(self.text[:number.start])):
            # 完成全年目标(72%), 没有突破县定15‰的控制数
            return next((s for s in (told, *reversed(self.passage.earlier)) if number.unit and s.admits(number.unit) and (number.unit not in binding.RATES or number.unit == indicators()[s.code].unit)), None)
        if named is None and told.code.startswith("fp_") and told.admits(number.unit) and _TASK_OF.search(self.text[:number.start]) and _SHARE_BEHIND.match(self.text, number.end):
            return told  # 四项手术521例,占全年任务860例的60.6%
        beside = _WITH_THE_AIM.search(self.text[self._floor(at):number.start]) and _COMPARED_WITH.match(self.text, number.end)
        if not beside and not _THAN_THE_AIM.search(self.text[self._floor(at):number.start]):
            return None
        if not told.admits(number.unit) or number.unit in binding.MOVES:
            return None
        self.held_against |= {at} if beside else set()
        # 高于目标15人 is by how much
        return told if beside or indicators()[told.code].kind != "count" or re.match("[高低多少]", self.text[number.end:]) else None

    def _against_others(self, at: int) -> bool:
        """比户籍人口低10个点, 高于全省平均3个百分点: apart from somebody else's, and no change over time."""
        number = self.tokens[at]
        clause = self.text[self._floor(at):number.start]
        before = self._figure_before(at)
        if before is not None and not re.search("[,，;；。]", self.text[self.tokens[before].end:number.start]) and _THAN_THE_AIM.search(self.text[:self.tokens[before].start]):
            return True  # 比责任目标330人少15人
        if before is not None and number.unit in binding.MOVES and _OTHERS_RATE.search(self.text[:self.tokens[before].start]) and not self.text[self.tokens[before].end:number.start].strip(" 高低出了"):
            return True  # 比全市户籍人口的94.1%低7.4个百分点
        if before in self.targets and number.unit in binding.MOVES and _APART_BY.fullmatch(self.text[self.tokens[before].end:number.start]):
            return True  # (市上目标3.5‰,低0.75个千分点), 比责任指标(91%)高0.12个百分点
        if before in self.held_against and number.unit in binding.MOVES:
            return True  # 与考核指标80%相比,高14个百分点
        if _MORE_MORE.search(clause) or (_BESIDE_OTHERS.search(self.text, 0, number.start) and change_of_degree(clause)):
            return True
        return bool(_OTHERS.search(clause)) and not any(isinstance(t, TimePhrase) for t in self.tokens if self._floor(at) <= t.start < number.start)

    def _moved_or_prior(self, at: int, tied: binding.Chain, subject: Subject, words: list[Word], *, moved: bool) -> Subject | None:
        """What a change, or an earlier value beside the present one, is of: the subject told last, its part or its whole."""
        number = self.tokens[at]
        if moved and number.unit == "person" and words and words[-1].text in ("少生", "多生", "少出生", "多出生"):
            return Subject("births")
        if not self._follows_a_reading(at) or self._others_named(at, tied):
            return None
        last = self._whole_of_list(at, tied) or self.passage.subject or subject
        parts = {key: value for key, value in dims_of(tied.tokens).items() if key in ("sex", "order", "policy")}
        if parts:
            return self._part_beside(last, parts, "".join(w.text for w in words if w.meaning("dim")), number, moved)
        if moved and not last.moves(number.unit):
            # …多77620人,增加率千分之3.33;同上月相比多4337人: back to what the rate was of
            whole = next((s for s in reversed(self.passage.earlier) if s.admits(number.unit)), None)
            both = whole is not None and len({s.dims["sex"] for s in self.passage.earlier if s.code == whole.code and "sex" in s.dims}) > 1
            after_parts = both and "sex" in whole.dims
            return self._family(whole) if after_parts else whole  # 男161207人,女151201人,性别比106.62;8年增加25695人
        if moved and (beside := self._figure_before(at)) in self.priors and not re.search("[,，;；]", self.text[self.tokens[beside].end:number.start]):
            last = self.told[beside]  # 比去年同期的20人少3人
        if not moved and last.code == "pop_age" and _OF_A_CENSUS.search(self.text[:number.start]):
            last = self.passage.subject = Subject("pop_total", {k: v for k, v in last.dims.items() if k == "residence"})
            return last  # 65岁及以上2568人。同2000年第五次人口普查的25706人相比,增加377人
        if not moved and not last.admits(number.unit):
            return next((s for s in reversed(self.passage.earlier) if s.admits(number.unit) and number.unit), None)  # 死亡1例,死亡率19.16/10万,去年为2例
        return last if (last.moves(number.unit) if moved else last.admits(number.unit)) else None

    def _whole_of_list(self, at: int, tied: binding.Chain) -> Subject | None:
        """四术127例,其中结扎6例、放环116例、引产3例,比去年同期减少19例: after a list of parts a change is of the whole."""
        numbers = [i for i in range(at) if isinstance(self.tokens[i], Number) and i in self.bound]
        if len(numbers) < 3 or not self.text[self.tokens[numbers[-1]].end:tied.start].lstrip("男女 ").startswith((",", "，")):
            return None
        sexes = {self.told[i].dims.get("sex") for i in numbers[-2:]}
        if sexes == {"male", "female"}:
            # 57151人,其中男27846人,女29305人,较1962年增长27%
            whole = self.told[numbers[-3]]
            return whole if whole.code == self.told[numbers[-1]].code and "sex" not in whole.dims else None
        parts = [numbers[-1]]
        for i in reversed(numbers[:-1]):
            between = self.text[self.tokens[i].end:self.tokens[parts[0]].start]
            if "其中" in between:
                return self.told[i] if len(parts) > 1 else None
            if not between.strip().startswith("、"):
                return None
            parts.insert(0, i)
        return None

    def _part_beside(self, last: Subject, dims: dict[str, str], said: str, number: Number, moved: bool) -> Subject | None:
        """女孩比去年增加3人, 多孩由12人减少到1人: a part of what was told last, moved or compared."""
        for candidate in (last, *reversed(self.passage.earlier)):
            part = self._family(candidate).split(dims, said)
            if part is not None and (part.moves(number.unit) if moved else part.admits(number.unit)):
                return part
        return None
