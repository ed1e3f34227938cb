"""Shares: of an order in the births, and bare shares right after a count."""

from __future__ import annotations

from helpers.extract import binding
from helpers.extract.binding import Subject
from helpers.extract.growth import Growth
from helpers.extract.lexicon import Word, phrase, sibling
from helpers.extract.numbers import Number
from helpers.extract.times import TimePhrase
from helpers.extract.tokens import dims_of, tokenize

_OF_ALL = phrase("of_all")
_SHARE, _OF_PEOPLE = phrase("share"), phrase("of_people")
_QUARTER_BY_QUARTER = phrase("quarter_by_quarter")
_OF_TASK = phrase("of_task")
_LOWER_THAN, _OF_THE_AIM = phrase("lower_than"), phrase("of_the_aim")
_MOVED_SINCE = phrase("moved_since")
_ORDER_OF_ALL = phrase("order_of_all")
SUMMED = phrase("summed")


class Shares(Growth):
    """What 占 and a per cent sign say of the figure or the order before them."""

    def _share(self, at: int, subject: Subject, number: Number) -> Subject | None:
        """一孩126人,占出生总数的58.60%; 二孩97人(占47.55%); 出生人口中一孩占70.2%: an order's share of the births."""
        tied = binding.chain(self.text, self.tokens, at, self._floor(at))
        dims = dims_of(tied.tokens)
        if number.unit == "percent" and subject.code in ("births", "order_rate") and set(dims) == {"order"} and _OF_ALL.search(
                self.text[max(0, tied.tokens[-1].end):number.start]):
            return Subject("order_rate", {**{k: v for k, v in subject.dims.items() if k == "residence"}, **dims})
        if number.unit == "percent" and subject.code == "pop_urban" and "城" in self.text[:number.start] and not tied.tokens and self._follows_a_reading(at) and _OF_PEOPLE.search(self.text[self._told_until(at):number.start].strip(" ,，(（")):
            return Subject("urban_rate", {k: v for k, v in subject.dims.items() if k == "residence"})
        if number.unit != "percent" or subject.code != "births" or "order" not in subject.dims or "sex" in subject.dims:
            return None
        clause = self.text[self._floor(at):number.start]
        if not self._follows_a_reading(at) or not _SHARE.search(clause):
            return None
        if clause.strip(" ,，(（") == "占" and not any(s.code == "births" and "order" not in s.dims for s in (*self.passage.earlier, *self.passage.before)):
            return None  # 生育第一胎3676人,占3.76%, where nobody told the births
        return Subject("order_rate", {k: v for k, v in subject.dims.items() if k in ("order", "residence", "policy")})

    def _sum_of_operations(self, at: int) -> Subject | None:
        """女扎45例、上环181例、取环35例,合计261例: all operations, where those told right before it add up to it."""
        parts: list[int] = []
        before = self._figure_before(at)
        if before is None or self.tokens[at].unit != "case" or not SUMMED.fullmatch(self.text[self.tokens[before].end:self.tokens[at].start]):
            return None
        while before in self.told and self.told[before].code.startswith("fp_"):
            parts.append(before)
            if len(parts) > 1 and self._adds_up(at, *parts):
                return Subject("fp_operations")
            before = self._figure_before(before)
        return None

    def _share_of_order(self, at: int) -> Subject | None:
        """二孩出生人数占出生总人数的近40%: the share of an order that has no figure of its own."""
        number = self.tokens[at]
        match = _ORDER_OF_ALL.search(self.text[:number.start]) if number.unit == "percent" else None
        order = dims_of(tokenize(match["order"])).get("order") if match else None
        return Subject("order_rate", {"order": order}) if order else None

    def _quarter_by_quarter(self) -> bool:
        return len(_QUARTER_BY_QUARTER.findall(self.text)) > 1

    def _by_quarter(self, tied: binding.Chain, number: Number) -> Subject | None:
        """出生318人,…;一季度141人,二季度177人: what was counted over the year, quarter by quarter."""
        if number.unit != "person" or len(tied.tokens) != 1 or not getattr(tied.tokens[0], "quarter", False) or not self._quarter_by_quarter():
            return None
        whole = next((s for s in self.passage.earlier if s.code in ("births", "deaths") and not {"sex", "order", "policy"} & set(s.dims)), None)
        return Subject(whole.code, {k: v for k, v in whole.dims.items() if k == "residence"}) if whole else None

    def _dated_again(self, at: int, tied: binding.Chain, number: Number) -> Subject | None:
        """2007年参合31.06万人,参合率84.9%;2008年33.87万人: the count that the year before was told of, before its rate."""
        rate = self._figure_before(at)
        count = self._figure_before(rate) if rate in self.bound and self.tokens[rate].unit in binding.RATES else None
        dated = len(tied.tokens) == 1 and isinstance(tied.tokens[0], TimePhrase) and bool(tied.tokens[0].year) and not self._compared(tied.tokens[0])
        if not dated or count not in self.bound or self.tokens[count].unit != number.unit or self.text[self.tokens[rate].end:tied.start].strip() not in (";", "；", ",", "，"):
            return None
        return self.told[count]

    def _held_against(self, at: int, number: Number) -> Subject | None:
        """手术312例,其中…补救32例,与上年同期的346例相比减少34例: of what was told, that which the difference leads to."""
        if (moved := _MOVED_SINCE.match(self.text, number.end)) is not None:
            now = float(number.value) + (1 if moved["up"] else -1) * float(moved["by"])
            return next((self.told[i] for i in sorted(self.bound) if float(self.tokens[i].value) == now and self.told[i].admits(number.unit)), None)
        before = self._figure_before(at)
        if before in self.priors and number.unit in binding.MOVES and self.text[self.tokens[before].end:number.start] in (")", "）"):
            self.moving[at] = -1 if _LOWER_THAN.search(self.text[:self._opening(number.start)]) else 1  # 高出上年同期(89.27%)2.08个百分点
            return self.told.get(before)
        return self.told.get(before) if before in self.priors and _MOVED_SINCE.match(self.text, self.tokens[before].end) else None

    def _share_of_those(self, at: int, tied: binding.Chain, number: Number) -> Subject | None:
        """孕产妇系统管理72人,85.71%: a bare share right after a count is its rate, where adding 率 names one."""
        before = self.tokens[at - 1] if at else None
        told = self.passage.subject
        since = self.text[self._told_until(at):number.start].strip()
        if number.unit == "percent" and told is not None and told.code.startswith(("prepreg_", "folic_")) and self._figure_before(at) in self.bound and (_OF_TASK.fullmatch(since) or _OF_THE_AIM.search(self.text[:number.start])) \
                and (rate := sibling(told.code, "cover")):
            return Subject(rate)  # 接受孕前优生健康检查764人,为目标任务数的19.1%; 任务120对的93.3%
        if number.unit not in ("percent", "permille", "per_100k") or tied.tokens or not isinstance(before, Number) or before.unit not in ("person", "case"):
            return None
        between = self.text[before.end:number.start].strip()
        if between not in (",", "，", "(") and between.lstrip(",，( ") not in ("占", "占产妇的", "占产妇总数的"):
            return None
        if told is not None and told.code.endswith("_managed") and at - 1 in self.bound and number.unit == "percent" \
                and (rate := sibling(told.code, "rate")):
            return Subject(rate, {k: v for k, v in told.dims.items() if k in ("age", "residence")})
        clause = self.text[self._floor(at - 1):before.start].strip()
        words = [t for t in tokenize(clause + "率") if not isinstance(t, Number)]
        if not words or words[-1].end != len(clause) + 1 or not isinstance(words[-1], Word):
            return None
        named = binding.subject_of(words, None, number, clause)
        # 出生126人,占1.2%: of whatever it is, no rate of births
        return None if "占" in between and named is not None and named.code in ("cbr", "cdr", "nir", "growth_rate") else named
