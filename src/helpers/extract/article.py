"""One article to facts: its own time and place, its headings, its paragraphs and tables."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from helpers import periods
from helpers.catalogue import indicators
from helpers.documents.offsets import Text
from helpers.documents.sections import Section
from helpers.extract.binding import Subject, Topic
from helpers.extract.glued import glued_table
from helpers.extract.grids import find_tables
from helpers.extract.lexicon import cue_pattern, find_words, phrase, topic_of
from helpers.extract.lost_digits import population_bounds, restore_digit
from helpers.extract.numbers import find_numbers
from helpers.extract.own_time import OwnTime
from helpers.extract.places import article_scope, headed_places, places_of, profiled
from helpers.extract.prose import read_paragraph
from helpers.extract.readings import Passage, Reading, without_office_names
from helpers.extract.records import Doubt, Fact, reasons
from helpers.extract.tables import TableReader
from helpers.extract.times import (
    HIDDEN,
    TimePhrase,
    find_times,
    is_publication_line,
    marked_years,
    years_after,
)

_HEADING = phrase("heading")
_TOP_HEADING = re.compile(r"\s*[一二三四五六七八九十]{1,3}、")
# A heading inside a line: 三、 and what it is about; not 第一、二、三产业, 一、二孩.
_INLINE_HEADING = re.compile(r"[一二三四五六七八九十](?<![第一二三四五六七八九十、].)[一二三四五六七八九十]?、(?![一二三四五六七八九十])(?=[\u4e00-\u9fff]{4})")
# A line may state its figures in Chinese numerals only: 三十二人, 贰拾余例, 八成. What `str.isdigit` takes for a digit is one.
_DIGIT = re.compile("[\\d²³¹⁰⁴-⁹₀-₉①-⑨⑴-⑼⒈-⒐⓪⓵-⓽⓿❶-❾➀-➈➊-➒]")
_HAN_FIGURE = phrase("han_figure")
_GOES_ON = phrase("goes_on")
_OPEN_END = re.compile(r"[^。；;！!：:\s]\s*$")
_PARTS = phrase("parts")
# 一、主要指标(2007.10-2008.3), 三、明年工作打算: the time the items below are of.
_HEADED_BY = re.compile(r"^\s*[(（]?[一二三四五六七八九十]{1,3}[、)）].*[(（][^()（）]*\d[^()（）]*[)）]\s*$")
_CALLED = phrase("called")
_OURS = phrase("ours")
_PEOPLE_BY = phrase("people_by")
_BY_AGE, _AGED_LINE = phrase("by_age"), phrase("aged_line")
# Patients on the register and those of them managed by the standard share a code; identities and rates tell them apart by group.
_BY_STANDARD = {"hypertension_managed", "hypertension_mgmt_rate", "diabetes_managed", "diabetes_mgmt_rate"}
BY_STANDARD, ON_REGISTER = "规范管理", "登记管理"
_TOLD_SO_FAR = phrase("told_so_far")
_TOLD_DONE = phrase("told_done")
LABEL = 16
_LAST_YEAR, _AIMS_HEADED, _AIMS_LED = phrase("last_year"), phrase("aims_headed"), phrase("aims_led")
_QUOTAS = phrase("quotas")
_OF_CENSUS, _AS_FOLLOWS, _TABLE_FOLLOWS = phrase("of_census"), phrase("as_follows"), phrase("table_follows")
_OPENS_AS_REPORT = phrase("opens_as_report")
_RUNS_ON = phrase("runs_on")
_LABEL_LINE = re.compile(r"\s*[\u4e00-\u9fff]{2,8}[。:：]")
_BARE_HEADING, _TASK_TABLE = phrase("bare_heading"), phrase("task_table")
_BREADCRUMB = phrase("breadcrumb")
_NO_TITLE, _HANDS_DOWN = phrase("no_title"), phrase("hands_down")
HEADED, NEAR, BARE = 40, 12, 60
QUOTE, LONG_LINE, TITLE_WITHIN, LIST_LOOKS_BACK, TABLE_LOOKS_UP, SITE_HEAD = 25, 300, 8, 24, 6, 40


def read_article(text: Text, section: Section) -> tuple[list[Fact], list[Doubt]]:
    """The facts and doubts of one article of a cleaned document."""
    article = Article(text, section)
    facts = [article.fact(reading) for reading in article.readings()]
    sure = [fact for fact in facts if "digit_lost" not in fact.doubts]
    bounds = population_bounds(sure)
    restored = [restore_digit(fact, bounds) for fact in facts]
    lost = [Doubt(f.section, f.start, f.end, f.quote, "digit_lost", reasons()["digit_lost"]) for f, r in zip(facts, restored, strict=True) if r is None]
    return [fact for fact in restored if fact is not None], article.doubts() + lost


class Article:
    """An article and what it says of itself: title, place, year, reporting period, plan or report."""

    def __init__(self, text: Text, section: Section) -> None:
        self.source, self.section = text, section
        self.text = marked_years(text.text[section.start:section.end])
        # A first line that runs on is the text itself, not a title.
        self.lines = list(self._lines())
        self.title = _title(marked_years(section.title), self.lines)
        self.scope = article_scope(self.title, self.text)
        title, opening = without_office_names(self.title), without_office_names(self.text[:300])
        self.plan = (bool(cue_pattern("plan_title").search(title) or _HANDS_DOWN.search(self.title)) and not cue_pattern("report_title").search(title)
                     and not _OPENS_AS_REPORT.search(opening) and not _HEADING.match(self.title))
        self.heading_subject: Subject | None = None
        self.people: Subject | None = None  # the whole population told last
        self.heading_time: TimePhrase | None = None
        self.named_places: dict[str, int] = {}
        own = OwnTime(self.text, self.title, self.lines, plan=self.plan)
        self.context, self.told = own.context, own.told
        self.passage = Passage(own=self.scope, year=self.context.year, report=cue_pattern("report_title").search(title) is not None)

    def _lines(self) -> Iterator[tuple[int, str]]:
        position = 0
        for line in self.text.split("\n"):
            if line.strip():
                yield from _headed(position, line)
            position += len(line) + 1

    def readings(self) -> Iterator[Reading]:
        passage = self.passage
        goal = self.plan
        lines = self.lines
        headed = headed_places(lines, self.scope)
        tables = find_tables(lines)
        inside = {at for first, after, _ in tables for at in range(first, after)}
        for first, _, grid in tables:
            table = TableReader(grid, self.scope, self._topic_above(first))
            table.told = table.told or self._counted_in_table(first)
            title, heads = f"{grid.title} {grid.corner}", " ".join(cell.text for cell in grid.header)
            quotas = (self.plan and _QUOTAS.search(title + heads) is not None) or (_TASK_TABLE.search(title) is not None and not cue_pattern("result_heading").search(title + heads))
            yield from (self._quota(reading, table.told) for reading in table.read()) if quotas else table.read()
            passage.unread += table.unread
        told, headless, aims_listed, looks_back = "", True, False, False
        for at, (start, line) in enumerate(lines):
            if at in inside or is_publication_line(line, within=SITE_HEAD):
                continue
            if (glued := glued_table(line, start)) is not None:
                yield from TableReader(glued[0], self.scope).read()
                line = glued[1]
            heading = _HEADING.match(line)
            short = len(line.strip()) <= 40 and not line.rstrip().endswith(("。", ";"))
            top = _TOP_HEADING.match(line) is not None or (at > 0 and heading is None and len(line) <= BARE and _BARE_HEADING.fullmatch(line) is not None)
            told_short = heading is not None and not short and _BARE_HEADING.fullmatch(re.split("[。:：]", line[heading.end():], maxsplit=1)[0]) is not None
            if (heading and short) or top or told_short:
                head = re.split(r"[。,;:]|(?<=\D)\d[、.]", line, maxsplit=1)[0] if not short else line
                goal = self._goal(head, goal, top=top)
                headless, aims_listed = False, bool(_AIMS_HEADED.search(without_office_names(head)))
            if short and top:
                self.heading_time = next((t for t in find_times(line) if t.shift == 1 or self._next_year(t) or (t.months and t.year and not t.day and _HEADED_BY.search(line))), None)
            led, below = self._led_by_heading(line), self._counted_below(line)
            if not (told and not heading and _goes_on(told, line)):
                counted = passage.time if passage.time is not None and passage.time.census and _OF_CENSUS.match(line) else None
                passage.begin(self.heading_subject, counted or self.heading_time)
                passage.place = profiled(line, self.scope) or headed[at]
            if heading or not short:
                passage.topic = passage.topic if not heading and _LABEL_LINE.match(line) is None else None
            looks_back = headless and not _AIMS_LED.search(self.lines[at - 1][1] if at else "") and (looks_back or _LAST_YEAR.match(line) is not None)
            passage.goal = (goal and not looks_back) or self._aims_ahead(line)
            passage.aims_listed = passage.goal and aims_listed
            passage.by_age = _ages_told(line) or (self.heading_subject is not None and self.heading_subject is self.people) or (passage.by_age and (_AGED_LINE.match(line) is not None or line.rstrip().endswith((":", "："))))
            if not (_DIGIT.search(line) or "分之" in line or _HAN_FIGURE.search(line)):
                self._heading_topic(line, short)
                self.heading_subject = led
                told = line if told and short and line.rstrip().endswith((",", "，")) else ""
                self.heading_time = below or self.heading_time
                continue
            found = list(read_paragraph(line, start, passage))
            yield from found
            self.people = next((r.subject for r in reversed(found) if r.subject.code == "pop_total" and set(r.subject.dims) <= {"residence"}), self.people)
            told = line if found else ""
            self._heading_topic(line, short)
            self.heading_subject, self.heading_time = led, below or self.heading_time

    def _counted_below(self, line: str) -> TimePhrase | None:
        """截至7月底,各乡人口统计如下: the time of what the lines below tell."""
        return next(iter(_counted_until(line)), None) if _AS_FOLLOWS.search(line) else None

    def _counted_in_table(self, at: int) -> TimePhrase | None:
        """截至6月30日,签约19858人,重点人群如下表: when what the table right below a line tells was counted."""
        line = next((line for _, line in reversed(self.lines[max(0, at - 2):at]) if line.strip()), "")
        return next(reversed(_counted_until(line)), None) if _TABLE_FOLLOWS.search(line) else None

    def _next_year(self, time: TimePhrase) -> bool:
        """三、2007年工作打算 of a report on 2006."""
        return years_after(time.year, self.context.year) == 1

    def _quota(self, reading: Reading, told: TimePhrase | None) -> Reading:
        """出生指标 41, 结扎 12 by village in a plan: what is to be reached; 2010年 2015年: what is to be in the years to come, and in no other."""
        apart = years_after(reading.time.year, self.context.year) if reading.time is not None else None
        if apart is not None and reading.status == "observed" and self.plan:
            if apart < 0 or (apart == 0 and reading.time is not told):
                return reading
            reading = replace(reading, status="target")  # 2012年人口计划分解表, in a plan for 2012
        if reading.status not in ("observed", "target") or indicators()[reading.subject.code].flow != "flow":
            return reading
        code = {"prepreg_checked": "prepreg_target", "folic_given": "folic_target"}.get(reading.subject.code, reading.subject.code)
        return replace(reading, status="target", subject=replace(reading.subject, code=code))

    def _topic_above(self, at: int) -> Topic | None:
        """What the heading nearest above a table speaks of: (一)免费孕前优生健康检查 over 任务数 and 完成数."""
        heading = next((line for _, line in reversed(self.lines[max(0, at - TABLE_LOOKS_UP):at]) if _HEADING.match(line) and len(line.strip()) <= 40), "")
        topics = [topic.value for word in find_words(heading) if (topic := word.meaning("topic"))]
        return Topic(topics[-1]) if topics else None

    def _led_by_heading(self, line: str) -> Subject | None:
        """孕产妇系统管理率: at the end of a line is the subject of the lines that follow."""
        stripped = line.rstrip()
        if _PEOPLE_BY.match(line):
            return self.people
        if not stripped.endswith((":", "：")):
            return self.heading_subject if _HEADING.match(line) is None else None
        words = [word for word in find_words(stripped) if word.meaning("indicator") and word.end >= len(stripped) - 1]
        return Subject(words[-1].meaning("indicator").value) if words else None

    def _goal(self, head: str, before: bool, *, top: bool) -> bool:
        """Whether what follows a heading is aims (工作目标, 明年打算) or results (基本情况); `top` where it is one of the first order."""
        head = without_office_names(head)
        aims, results, measures = (cue_pattern(f"{kind}_heading").search(head) is not None for kind in ("goal", "result", "measures"))
        if not (aims or results or measures):
            return before
        states = any(number.unit for number in find_numbers(head))
        if states and (self.plan or not top):
            return before  # 2、完成结扎手术200例: an item of a list, not what it is headed by
        if self.plan and aims and not _TOLD_SO_FAR.search(head):
            return True  # 一、完成目标任务 of a plan
        if results:
            return False
        if aims and not states:
            return True  # not 四、孕前优生健康检查目标任务1200对,完成1236对
        if measures:
            # 主要指标 in a plan are aims, in a report what was reached.
            return not cue_pattern("report_title").search(without_office_names(self.title + self.text[:80]))
        return before

    def _aims_ahead(self, line: str) -> bool:
        """明年工作打算:出生率控制在12‰以内: a line that calls what it tells aims before its colon."""
        head, colon, _ = line[:LABEL].replace("：", ":").partition(":")
        return bool(colon) and bool(cue_pattern("goal_heading").search(without_office_names(head))) and not _TOLD_DONE.search(head)

    def _heading_topic(self, line: str, short: bool) -> None:
        if not short:
            return
        for word in find_words(line):
            topic = word.meaning("topic")
            named = topic.value if topic else next((about for m in word.meanings if m.kind == "indicator" and (about := topic_of(m.value))), "")
            if named:
                self.passage.topic = Topic(named)

    def fact(self, reading: Reading) -> Fact:
        """A reading with its period, place, unit and the raw characters behind it."""
        number, indicator = reading.number, indicators()[reading.subject.code]
        time = reading.time
        flow = indicator.flow == "flow"
        period = time.period(self.context, flow) if reading.rule == "table" and time and time.year and not time.months and not time.census else self._period(reading.subject.code, time, flow)
        base = self.section.start
        start, end = self.source.span(base + reading.start, base + reading.end)
        if end - start > QUOTE:
            start, end = self.source.span(base + reading.end - (number.end - number.start), base + reading.end)
        if end - start > QUOTE:
            end = start + QUOTE
        scope = reading.scope or self.scope
        dims, doubts = self._dims(reading), reading.doubts
        if not scope.name and not self.scope.name and scope.level and self._of_several(scope.level):
            doubts = (*doubts, "place_unsure")
        value = ("-" if reading.sign < 0 and not number.value.startswith("-") else "") + number.value
        low, high = (-number.high, -number.low) if value != number.value else (number.low, number.high)
        return Fact(code=reading.subject.code, dims=dims, value=value, unit=_unit(reading), status=reading.status,
                    place=scope.name, level=scope.level, period=period, section=self.section.number,
                    quote=self.source.raw[start:end], start=start, end=end, written=number.written, low=low, high=high,
                    year_kind=periods.year_kind(period), rule=reading.rule, doubts=doubts)

    def _of_several(self, level: str) -> bool:
        """Whether an article that is about no place by name tells of several of a level: 全县 is then one of them."""
        if level not in self.named_places:
            self.named_places[level] = places_of(self.text, level)
        return self.named_places[level] > 1

    def _period(self, code: str, time: TimePhrase | None, flow: bool) -> str:
        """The period of a figure: its own time, else the article's; counts of units take the year."""
        told = time or self.told
        period = told.period(self.context, flow) if told else self.context.period
        if time is None and not flow and told is not None and period.startswith(HIDDEN):
            # Months without a year say over what was counted, not when a stock was.
            return ""
        if code in ("villages", "townships", "area_km2"):
            return self.context.year if "/" in period and self.context.year else re.sub(r"^(\d{4}|\d{2}X{2}).*", r"\1", period)
        moment = self.told
        if not flow and time and moment and moment.day and time.year == moment.year and time.months is None and not time.year_end and not time.year2:
            return moment.period(self.context, flow)
        return period

    def _dims(self, reading: Reading) -> dict[str, str]:
        dims = dict(reading.subject.dims)
        if dims.get("residence") == "floating" and reading.subject.code.startswith("floating"):
            dims.pop("residence")
        if reading.subject.code in _BY_STANDARD and "group" not in dims and (group := self._managed_how(reading)):
            dims["group"] = group
        return dims

    def _managed_how(self, reading: Reading) -> str:
        """登记管理高血压患者661人,规范管理407人: those on the register are the whole of those managed by the standard."""
        said = self.text[max(0, reading.start - LIST_LOOKS_BACK if reading.rule in ("list", "shared") else reading.start):reading.end]
        if cue_pattern("by_standard").search(said):
            return BY_STANDARD
        counted = indicators()[reading.subject.code].kind == "count"
        return ON_REGISTER if counted and cue_pattern("on_register").search(said) else ""

    def doubts(self) -> list[Doubt]:
        found = []
        for low, high, reason in self.passage.unread:
            start, end = self.source.span(self.section.start + low, self.section.start + high)
            found.append(Doubt(self.section.number, start, end, self.source.raw[start:end], reason, reasons()[reason]))
        return found


def _title(first: str, lines: Sequence[tuple[int, str]]) -> str:
    """An article's title: its first line, or the line a little below it that calls itself a report or a plan."""
    at = next((i for i, (_, line) in enumerate(lines[:2 * TITLE_WITHIN]) if first and line.strip() == first.strip()), 0)  # a compilation's own title stands above
    heads = [line.strip() for _, line in lines[at:at + TITLE_WITHIN] if len(line.strip()) <= 50 and not _NO_TITLE.search(line) and not _BREADCRUMB.search(line) and not is_publication_line(line)]
    first = first if len(first) <= 50 and not is_publication_line(first) and not _RUNS_ON.search(first) and not _BREADCRUMB.search(first) else ""
    if _CALLED.search(without_office_names(first)):
        return first
    return next((head for head in heads if _CALLED.search(without_office_names(head)) and _OURS.search(head) and not _HEADING.match(head)), first)


def _counted_until(line: str) -> list[TimePhrase]:
    """截至7月底, 截至6月30日: the days within a year that a line says something was counted on."""
    return [time for time in find_times(line) if time.until and time.months]


def _ages_told(line: str) -> bool:
    """Whether a line parts the population by age: 按年龄构成分; not 社区干部41名。从年龄结构看, in the midst of a long one."""
    return any((len(line) <= HEADED and not _DIGIT.search(line, 0, m.start())) or "人口" in line[max(0, m.start() - NEAR):m.end() + NEAR] for m in _BY_AGE.finditer(line))


def _goes_on(told: str, line: str) -> bool:
    """Whether a line goes on with what the line before it told: a short one without an end, or parts only in this one."""
    open_end = _OPEN_END.search(told) is not None
    return (open_end and (len(told.strip()) <= 40 or _GOES_ON.match(line) is not None)) or _PARTS.match(line) is not None


def _headed(position: int, line: str) -> Iterator[tuple[int, str]]:
    """A page that lost its line ends, parted again before its headings (…以内三、主要服务指标…)."""
    cuts = [m.start() for m in _INLINE_HEADING.finditer(line)] if len(line) > LONG_LINE else []
    for start, end in itertools.pairwise([0, *cuts, len(line)]):
        if line[start:end].strip():
            yield position + start, line[start:end]


def _unit(reading: Reading) -> str:
    """The unit a fact is in: what is counted decides between 人, 例 and 个."""
    own = indicators()[reading.subject.code].unit
    unit = reading.number.unit
    if unit in ("", "item", "km"):
        return own
    if unit == "point":
        return "percentage_point" if own == "percent" else "permille_point"
    if own == "per_100_females" and unit == "percent" and reading.status != "change":
        return own
    if unit == "case" and own == "document":
        return own  # 一孩生育登记102例
    if own == "person" and unit in ("case", "document"):
        return "person"
    if unit == "times":
        return own if own == "dose" else "person"
    return unit
