"""What an article says of its own time: its year, the period it reports on, the kind of year it counts in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from helpers.extract.lexicon import phrase
from helpers.extract.times import (
    AIMED,
    CAME_TO_BE,
    FP_ANNUAL,
    FP_HALF,
    FP_YEAR,
    ROC_MARK,
    Context,
    TimePhrase,
    find_times,
    is_publication_line,
    years_after,
)

# A line without any of these tells no time: most lines are passed over.
_TIME, _DATE = re.compile(f"[年月季普{ROC_MARK}]"), re.compile(r"\d[-./]\d")
_THAN, _COMPARED_WITH, _IN_BRACKET = phrase("article_than"), phrase("year_compared_with"), phrase("in_bracket")
_NEWS, _DATELINE = phrase("news"), phrase("dateline")
_NOW_SUMS_UP = phrase("now_sums_up")
_OF_NOW = phrase("of_now")
_DATE_ALONE, _WHOLE_YEAR = phrase("date_alone"), phrase("whole_year")
DATELINES, OPENING, SIGNED = 5, 600, 3


class OwnTime:
    """The time of an article, from its `text`, its `title`, its `lines` with where they begin, and whether it is a `plan`.

    `context` is what its figures are dated by; `told` the phrase that says what it reports on, None where none does.
    """

    def __init__(self, text: str, title: str, lines: Sequence[tuple[int, str]], *, plan: bool) -> None:
        self.text, self.title, self.lines, self.plan = text, title, lines, plan
        self.told: TimePhrase | None = None
        self.context = self._tell()

    def _tell(self) -> Context:
        """The article's year and reporting period: from the title, else from how it begins."""
        fp_year = bool(FP_YEAR.search(self.text))
        title = [t for t in find_times(self.title) if t.year or (t.months and not t.day)] or self._summed_up()
        told = [(start + t.start, t) for start, line in self.lines if (_TIME.search(line) or _DATE.search(line)) and not is_publication_line(line) and not _DATE_ALONE.fullmatch(line)
                for t in find_times(line[:4000]) if not AIMED.match(line, t.end) and not _THAN.search(line, max(0, t.start - 2), t.start) and not _COMPARED_WITH.match(line, t.end) and not (line[t.start - 1:t.start] in ("(", "（") and _IN_BRACKET.match(line, t.end)) and not CAME_TO_BE.match(line, t.end)]
        body = [t for _, t in told]
        dated = [t for t in [*title, *body] if t.year and not t.began and not t.plan]
        year = _own_year(dated) if dated else next((t.year for _, line in self.lines if _TIME.search(line) and not is_publication_line(line)
                                                   for t in find_times(line[:4000]) if t.year.isdigit() and (aim := AIMED.match(line, t.end)) and "目标" in aim.group()), "")
        if (line := self._dateline() or ("" if title else self._signed())) and _OF_NOW.search(self.text) and year.isdigit() and int(year) < int(line) - 1:
            year = line  # a news item of 2023 that tells of 2016 first
        year = year or line or self._put_out()
        context = Context(year=year, fp_year=fp_year or any(t.months and t.months[0] == 10 and t.months[1] < 10 for t in body[:40]), fp_annual=bool(FP_ANNUAL.search(self.text)), fp_half=bool(FP_HALF.search(self.text[:OPENING])) or any(t.year and t.months in ((10, 3), (4, 9)) and not t.year2 for t in [*title, *body[:3]] if "年度" in self.text[:OPENING]))
        spans = [t for t in dated if t.year2 and t.months == (1, 12) and not (years_after(year, t.year2) or 0) > 0]
        first = spans[0] if spans and self.plan else title[0] if title else None
        if first is not None and first.year and not first.year.isdigit() and year.isdigit() and not first.year2:
            first = replace(first, year=year)  # XX年工作总结 … 2013年度户籍出生417人
        if first is None or (first.months is None and not first.year2):
            opening = body[0] if dated and body else next((t for t in body[:3] if t.months and not t.day), None)
            if opening and opening.months in (((1, 6), (7, 12)) if dated else (opening.months,)) and not opening.day:
                first = replace(opening, year=opening.year or year)
        if first is not None and first.quarter and first.months:
            so_far = next((t for t in body[:3] if t.months == (1, first.months[1]) != first.months and t.year in ("", first.year)), None)
            first = replace(so_far, year=first.year) if so_far else first  # 2019年第三季度 in the title, 1-9月份 in the text
        # 2014考核年度(2013年10月1日至2014年9月30日): told once at the head, it governs the whole report.
        fiscal = next((t for at, t in told[:8] if t.year and t.months and (t.months == (10, 9) or (first is None and t.months[0] == 10 and t.year2.isdigit())) and at < OPENING), None)
        if fiscal is not None and (first is None or (first.months is None and not first.year2)):
            first = fiscal
        first = first or _told_often(body) or (next((t for t in body[:2] if t.until and t.months), None) if not dated else None)
        counted = next((t for t in body[:4] if t.until and t.months and first and t.year == first.year), None)
        if first is not None and first.year_end and first.months is None and counted is not None:
            first = counted  # 截至110年底 in the title, 截至110年12月底 in the text
        moment = next((t for day in (1, None) for t in body if t.year and t.year == (year or t.year) and t.day == day and t.months in ((11, 11), (7, 7))), None)
        if moment and "普查" in self.text[:200] + self.title and "抽样" not in self.title:
            first = moment
        only = len({(t.year, t.year2, t.months) for t in dated}) == 1
        if first is None and dated and (dated[0].until or (only and dated[0].months and dated[0].months[0] == dated[0].months[1] and not dated[0].day)):
            first = dated[0]
        self.told = first
        period = first.period(context, flow=True) if first else year
        return replace(context, period=period or year)

    def _summed_up(self) -> list[TimePhrase]:
        """现将我镇2015年度工作情况总结如下: the time an article says that it sums up."""
        match = _NOW_SUMS_UP.search(self.text[:OPENING])
        return [t for t in find_times(match.group()) if t.year] if match else []

    def _dateline(self) -> str:
        """The year of a news item that tells none but in its dateline (2009-03-25 来源:格仁日报); January still speaks of the year before."""
        lines = [line for _, line in self.lines]
        for line in [*lines[:DATELINES], *lines[-DATELINES:]]:
            if len(line) <= 80 and _NEWS.search(line) and (date := _DATELINE.search(line)) and int(date["month"]) > 1:
                return date["year"]
        return ""

    def _put_out(self) -> str:
        """The year of a date alone in its line, (2020年3月25日)."""
        dates = [t for _, line in self.lines if _DATE_ALONE.fullmatch(line) for t in find_times(line)]
        return self._reported_on(dates[0]) if dates else ""

    def _signed(self) -> str:
        """The year that the last lines sign a report with (2009年9月11日); January still speaks of the year before."""
        signed = [t for _, line in self.lines[-SIGNED:] if not is_publication_line(line) and len(line.strip()) <= 20 for t in find_times(line) if t.day and t.year.isdigit() and t.months[0] > 1]
        return self._reported_on(signed[-1]) if signed else ""

    def _reported_on(self, date: TimePhrase) -> str:
        """The year that a text of a date speaks of: the one before, where it sums up a whole year in the first half of another."""
        over = date.months[0] <= 6 and len(_WHOLE_YEAR.findall(self.text)) > 1
        return str(int(date.year) - over)


def _own_year(dated: list[TimePhrase]) -> str:
    """The year an article speaks of first; where that one is struck out, the first whole year its opening tells (我镇2015年度…)."""
    # 十三五(2016年-2020年): a stretch of years is no year of a report where it tells one
    single = [t for t in dated if not (t.year2 and t.months == (1, 12))] or dated
    # 2014年10月至2015年9月 is the year it ends in
    first = single[0].year2 if single[0].year2 and single[0].months[0] > single[0].months[1] else single[0].year
    if first.isdigit():
        return first
    return next((t.year for t in dated[1:3] if t.year.isdigit() and t.months is None and not t.year2), first)


def _told_often(body: list[TimePhrase]) -> TimePhrase | None:
    """A stretch of months told more than once in an article is what it reports on."""
    spans = [t for t in body if t.months and (t.year2 or t.months[0] < t.months[1]) and t.months != (1, 12)]
    told = Counter((t.year, t.year2, t.months) for t in spans)
    return next((t for t in spans if told[t.year, t.year2, t.months] >= 2), None)
