"""Time phrases in Chinese prose, and the period a figure belongs to.

A phrase is found first (`find_times`) and resolved later (`TimePhrase.period`), because 今年 or 至6月底
mean nothing without the article's own year. A year that is not written is never invented: what the
text hides stays X, what it does not say stays empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from helpers.catalogue import read_rows
from helpers.extract.lexicon import phrase
from helpers.extract.numbers import DIGITS, han_integer

_HIDDEN = "[xX×✕*＊_某某年○〇-]"
_YEAR = r"""(?:(?:19|20)\d{2}(?=\s?[年度考统计./-]|[两三四五]年|\s?[、,和及](?:19|20)\d{2}\s?[年、,和及两三四五])|20(?:[xX×*＊_○]{1,4}|\d?[-xX×*＊_]{1,3}|\s?某)(?=\s?年)|(?<![A-Za-z\d])[xX×＊*_]{2,4}(?=\s?年|统计年|考核年)
          |[二一][〇零○０0九oO]{1}[〇零○０0一二三四五六七八九oO]{2}(?=年)|(?<!\d)[89]\d(?=年(?:度|\s?\d{1,2}月|打算|工作|计划|目标))|(?<![\d来近逾约达长时满续隔])[01]\d(?=年(?!级|来|以上|以下|前|内|龄|间|的|多|净|累|共|历|新高|最)))"""
_HAN_YEAR = "[元一二三四五六七八九十]{1,3}"
# Stands for a digit of a year that is no time of what is told.
NO_YEAR = "\ue001"
# Stands for 年 where a text counts its years from 1912 (民国95年 … 94年底).
ROC_MARK = "\ue000"
_ROC = rf"(?:(?:中华民国|民国)\s?(?P<roc>\d{{2,3}}|{_HAN_YEAR})\s?年|(?P<roc2>\d{{2,3}}){ROC_MARK})(?:(?P<rocm>1[0-2]|[1-9])月(?:(?P<rocend>底|末)|份)?|(?P<rocyear>底|末)|度|间)?"
# Reigns and the year before their first: 康熙十年 is 1671.
_ERAS = {row["term"]: int(row["value"]) - 1 for row in read_rows("words") if row["kind"] == "era"}
_REIGN = rf"(?P<era>{'|'.join(_ERAS)})(?P<reign>{_HAN_YEAR}|\d{{1,2}})年"
# 十一五期间: five years, by the first of them.
_PLANS = {row["term"]: int(row["value"]) for row in read_rows("words") if row["kind"] == "five_years"}
_PLAN = rf"[“\"]?(?P<plan>{'|'.join(sorted(_PLANS, key=len, reverse=True))})[”\"]?(?:规划|计划)?(?:(?P<plan_end>末期?|期末)|期间|时期|以来|五年)"
_MONTH = r"(?:1[0-2]|0?[1-9]|元|十[一二]|[一二三四五六七八九十])"
_DASH = r"\s?(?:[-—–―－~～至到]{1,3})\s?"
# The year of a phrase that gives months and no year.
HIDDEN = "XXXX"
CENSUSES = {"一": "1953", "二": "1964", "三": "1982", "四": "1990", "五": "2000", "六": "2010", "七": "2020"}
_QUARTER = {"一": 1, "二": 2, "三": 3, "四": 4, "1": 1, "2": 2, "3": 3, "4": 4}
_THIS = r"今年|本年度|本年|当年|全年|年内|年度内|(?<![\u4e00-\u9fff])是年(?![龄轻初末底度均终])"
_LAST = "去年|上年度|上一年度|上年|上一年|前一年"
_BEFORE_LAST = "(?<![一二两三四五六七八九十\\d几])前年"
_NEXT = "明年|来年|下年度|下一年度|下年"

# What the characters that begin a phrase go on with, where they begin one.
_BEGINS = r"""[截至到今年xX×✕＊*_]|(?:19|20)\d{2}\s?[、,和及]|\d{1,4}\s{0,2}[年度两三四五考统计月份季./xX×*＊_○某至到—–―－~～\ue000-]|[一二三四五六七八九十元]{1,2}\s{0,2}[月份季至到—–―－~～-]
    |[二一][〇零○０0九oO]|[全当去明来是]年|本[年考统计]|上[年一半考统个]|下[年一半]|前[一二三四五六七八九十元两\d年]|第[一二三四五六七\d]|[三四五六七]人?普|半年|民国|中华|考核|统计|计[生划]"""
_BEGINS += "|" + "|".join([*_ERAS, *_PLANS, "[“\"](?:" + "|".join(_PLANS) + ")"])

PATTERN = re.compile(rf"""
    # every phrase begins with one of these, and goes on so: most of a text is passed over at one character's cost
    (?=[“"{''.join(dict.fromkeys(name[0] for name in [*_ERAS, *_PLANS]))}\d截至到今本当全年是去上前明来下民中第一二三四五六七八九十元xX×✕＊*_半考统计])
    (?={_BEGINS})
    (?P<asof>截[止至]到?|至|到)?\s?
    (?:
      (?P<y1>{_YEAR})\s?年?(?P<du1>度)?\s?(?P<m1>{_MONTH})\s?月(?:份|\s?(?P<d1>[0-3]?\d)\s?日)?(?:起|初)?{_DASH}
        (?:(?P<y2>{_YEAR}|今|本|当)\s?年?\s?)?(?P<m2>{_MONTH})\s?月(?:份|底|末|\s?(?P<d2>[0-3]?\d)\s?[日号])?
    | (?:去年|上年)\s?(?P<l1>{_MONTH})\s?月(?:份|\s?[0-3]?\d\s?[日号])?(?:起|初)?{_DASH}(?:今年|本年|当年)\s?(?P<l2>{_MONTH})\s?月(?:份|底|末|\s?[0-3]?\d\s?[日号])?
    | (?<![\d一二三四五六七八九〇十xX*个半去今上明本当每])年\s?(?P<g1>{_MONTH})\s?月(?:份|\s?[0-3]?\d\s?日)?{_DASH}年\s?(?P<g2>{_MONTH})\s?月(?:份|底|末|\s?[0-3]?\d\s?[日号])?
    | (?P<i1>(?:19|20)\d{{2}})[./](?P<i1m>1[0-2]|0?[1-9])(?:[./][0-3]?\d)?{_DASH}(?P<i2>(?:19|20)\d{{2}})[./](?P<i2m>1[0-2]|0?[1-9])(?:[./][0-3]?\d)?(?!\d)
    | (?P<ya>{_YEAR}|(?:19|20)\d{{2}})\s?年?{_DASH}(?P<yb>{_YEAR})\s?年(?!\s?{_MONTH}月)
    | {_ROC}
    | {_REIGN}
    | {_PLAN}
    | (?:(?P<yf>{_YEAR})\s?年?|(?P<thisf>本|今年)|(?P<lastf>上一?个?))?(?P<fp>(?:考核|统计|计生|计划生育)年(?:度|(?<=\d统计年)(?!鉴|报)))(?:(?P<fpa>上半年|前半年)|(?P<fpb>下半年|后半年))?
    | (?P<cy2>(?:19|20)\d\d)\s?年人口普查(?=时?的\d)
    | (?:(?P<cy>{_YEAR})\s?年?)?[“"]?(?P<census>第[一二三四五六七]次(?:全国)?(?:人口)?普查|[三四五六七]人?普)[”"]?
    | (?P<iso>(?:19|20)\d{{2}})[-./](?P<isom>1[0-2]|0?[1-9])(?:[-./](?P<isod>[0-3]?\d))?(?!\d)
    | (?:(?P<year>{_YEAR})\s?(?:年(?P<du>度)?)?|(?P<this>{_THIS})|(?P<last>{_LAST})|(?P<before_last>{_BEFORE_LAST})|(?P<next>{_NEXT})|(?P<gone>(?<![\d一二三四五六七八九〇十xX*个半去今上明本当每])年(?=\s?{_MONTH}\s?月)))?的?\s?,?
      (?:
        (?P<first>上半年度?|半年度|半年以?来)|(?P<second>下半年)
      | 前(?P<upto>[二三23两])个?季度|第?(?P<q>[一二三四1-4])季度|(?P<q1>[一二三四1-4]){_DASH}(?P<q2>[二三四2-4])季度
      | (?P<ma>{_MONTH})\s?月?(?:份|(?<=月)[0-3]?\d日)?{_DASH}(?P<mb>{_MONTH})\s?月(?:份|底|末|[0-3]?\d[日号])?
      | 前(?P<months>{_MONTH})个月
      | (?P<month>{_MONTH})\s?月(?:份|(?P<mend>底|末)日?(?:为止)?|\s?(?P<day>[0-3]?\d)\s?[日号](?P<zero>零时)?)?(?P<since>以来|初?起|至今|开始)?(?P<stop>止)?
      | (?P<yend>年?末|年?底)
      | (?P<bare>)
      )
    )
    (?P<period_of>期间|这个?时候?|同期间?|同月份?|同季度?|同一?时段|同一时期|以来|底|末|度|时(?=的))?
""", re.VERBOSE)
_PUBLISHED = phrase("published")
# - 2016-07-30永安多项措施…: another article, in a list of them
_OTHERS_LINE = re.compile(r"\s*[-·•■◆]\s?(?:19|20)\d\d-\d\d?-\d\d?\s?[\u4e00-\u9fff]")
# The line of a site is short; an article in one line tells the time of its page and all the rest.
LONGEST_OF_A_SITE = 100
_SINCE, _BEGAN = phrase("since"), phrase("began")
_PLAIN_ROC = phrase("plain_roc")
_BARE_ROC = phrase("bare_roc")
_NAMED = phrase("named")
AIMED = phrase("aimed")
CAME_TO_BE = phrase("came_to_be")
FP_HALF = phrase("fp_half")
FP_ANNUAL = phrase("fp_annual")
FP_YEAR = phrase("fp_year")


def marked_years(text: str) -> str:
    """The text with bare years marked where it counts them from 1912, and without those of what it names, character for character.

    >>> marked_years("民国95年总数较94年底增加").replace(ROC_MARK, "#")
    '民国95#总数较94#底增加'
    >>> marked_years("《妇女发展纲要(2011-2020年)》颁布以来").replace(NO_YEAR, "#")
    '《妇女发展纲要(####-####年)》颁布以来'
    """
    text = _NAMED.sub(lambda m: re.sub(r"\d", NO_YEAR, m[0]), text) if "《" in text or "仅供参考" in text else text
    return _BARE_ROC.sub(lambda m: m["year"] + ROC_MARK, text) if "民国" in text or _PLAIN_ROC.search(text) else text


def is_publication_line(line: str, within: int = LONGEST_OF_A_SITE) -> bool:
    """Whether a line is the site's that put the page out (发布时间:2016-01-05): its years are no time of what is reported.

    `within` so many characters of its beginning it says so.

    >>> is_publication_line("发布时间:2016-01-05"), is_publication_line("时间紧,任务重")
    (True, False)
    """
    if len(line) > LONGEST_OF_A_SITE:
        return False
    head = line[:within]
    return _OTHERS_LINE.match(line) is not None or ((":" in head or "：" in head) and _PUBLISHED.search(head) is not None)


@dataclass(frozen=True)
class TimePhrase:
    """A phrase of time as written; `year` is text such as "2014", "20XX", or "" when none is written.

    `shift` is -1 for 去年, 1 for 明年, 0 for 今年, None when the phrase says nothing of the year;
    `months` the first and last month, `day` a single day, `until` a date up to which something counts.
    """

    start: int
    end: int
    year: str = ""
    shift: int | None = None
    months: tuple[int, int] | None = None
    year2: str = ""
    day: int | None = None
    until: bool = False
    since: bool = False
    same_period: bool = False
    quarter: bool = False
    year_end: bool = False
    whole: bool = False
    began: bool = False
    plan: bool = False
    annual: bool = False
    census: bool = False

    def period(self, context: Context, flow: bool) -> str:
        """The ISO period of a figure governed by this phrase.

        Stocks counted up to a month belong to that month; flows to the span from the start of the
        year told (1 October of the year before in a family-planning year) to it.
        """
        year = self.year or _shifted(context.year, self.shift or 0)
        if not year and self.months and (self.until or not self.day) and self.shift in (None, 0) and not self.since:
            year = HIDDEN
        if self.same_period:
            return _same_period(context, year if (self.year or self.shift) else _shifted(context.year, -1))
        if not year:
            return ""
        if self.year2:
            first, last = self.months or (1, 12)
            return f"{year}-{first:02d}/{self.year2}-{last:02d}"
        if self.since and self.months and (not self.year or self.months == (1, 1)):
            return "" if self.shift == -1 or self.months[0] >= 10 else year
        if self.months is None:
            if self.shift in (0, -1) and not self.year and (fiscal := _FISCAL.fullmatch(context.period)) and fiscal["last"] == context.year:
                return context.period if self.shift == 0 else f"{_shifted(fiscal['first'], -1)}-10/{fiscal['first']}-09"
            if self.annual and context.fp_annual and year.isdigit():
                return f"{_shifted(year, -1)}-10/{year}-09"
            if self.shift == 0 and not self.whole and not self.year and context.period and context.period.startswith(year):
                return context.period if context.half else year
            return year
        first, last = _fp_half(self.months) if context.fp_half and self.year in ("", context.year) else self.months
        if self.quarter and context.fp_year:
            if last - first > 2:  # 前三季度, counted from October
                return f"{_shifted(year, -1)}-10/{year}-{last - 3:02d}"
            first, last = _fp_quarter(first)
            start = _shifted(year, -1) if first > 9 else year
            return f"{start}-{first:02d}/{year if last < 10 else start}-{last:02d}"
        if first == last:
            return self._month(context, year, flow)
        if first > last:
            return f"{_shifted(year, -1)}-{first:02d}/{year}-{last:02d}"
        return year if (first, last) == (1, 12) else f"{year}-{first:02d}/{year}-{last:02d}"

    def _month(self, context: Context, year: str, flow: bool) -> str:
        month = self.months[0]
        if self.day and not self.until:
            return year if flow else f"{year}-{month:02d}"
        if flow and self.until:
            if context.fp_year:
                return f"{_shifted(year, -1)}-10/{year}-{month:02d}"
            return year if month == 12 else f"{year}-01/{year}-{month:02d}"
        return f"{year}-{month:02d}"


_FISCAL = re.compile(r"(?P<first>\d{4})-10/(?P<last>\d{4})-09")
# The time of an earlier value that a text does not tell.
UNTOLD = TimePhrase(0, 0, shift=-1, months=(1, 1), since=True)


@dataclass(frozen=True)
class Context:
    """What an article says of its own time: its year, its reporting period, the kind of year it counts in.

    `fp_half` where it calls a half of the family-planning year so (2011统计年度上半年), `fp_annual` where it says
    that its years are such ones (2022年度即2021年10月1日至2022年9月30日).
    """

    year: str = ""
    period: str = ""
    fp_year: bool = False
    fp_half: bool = False
    fp_annual: bool = False

    @property
    def half(self) -> bool:
        return "/" in self.period


def years_after(year: str, other: str) -> int | None:
    """How many years `year` lies after `other`; None where one of them is hidden or not told.

    >>> years_after("2016", "2015"), years_after("20XX", "2015")
    (1, None)
    """
    return int(year) - int(other) if year.isdigit() and other.isdigit() else None


def a_year_before(told: TimePhrase | None) -> TimePhrase | None:
    """The stretch of months a year before the one told (2013年10月至2014年3月 … 去年同期); None where none was told."""
    if told is None or told.months is None or told.since or told.same_period:
        return None
    if told.year:
        return replace(told, year=_shifted(told.year, -1), year2=_shifted(told.year2, -1))
    return replace(told, shift=-1) if told.shift in (None, 0) else None


def find_times(text: str) -> Iterator[TimePhrase]:
    """The time phrases of `text`, in order.

    >>> [p.period(Context(), flow=True) for p in find_times("20xx年10月1日至20xx年6月30日出生")]
    ['20XX-10/20XX-06']
    """
    for match in PATTERN.finditer(text):
        phrase = _phrase(match)
        if phrase is not None:
            yield phrase


def _phrase(match: re.Match) -> TimePhrase | None:
    if match.end() - match.start() < 2:
        return None
    written = match.group().strip(" ,的")
    if not written or written in ("至", "到", "截至", "截止", "同期", "同时段", "同一时段", "同一时期", "以来", "底", "末", "度", "期间"):
        return None
    g = match.groupdict()
    lead = len(match.group()) - len(match.group().lstrip(" ,"))
    base = {"start": match.start() + lead, "end": match.end(), "until": bool(g["asof"] or g["rocend"] or g["mend"] or g["stop"]), "same_period": (g["period_of"] or "").startswith(("同", "这"))}
    if g["y1"]:
        year2 = normal_year(g["y2"]) if g["y2"] and g["y2"] not in "今本当" else ""
        if g["y2"] and not year2 and month_number(g["m1"]) > month_number(g["m2"]):
            year2 = _shifted(normal_year(g["y1"]), 1)  # 2016年10月至今年9月
        return _tidy(TimePhrase(**base, year=normal_year(g["y1"]), year2=year2 or normal_year(g["y1"]),
                             months=(month_number(g["m1"]), month_number(g["m2"]))))
    if g["l1"]:
        first, last = month_number(g["l1"]), month_number(g["l2"])
        return TimePhrase(**base, months=(first, last)) if first > last else None  # 去年10月至今年8月
    if g["g1"]:
        return TimePhrase(**base, year=HIDDEN, year2=HIDDEN, months=(month_number(g["g1"]), month_number(g["g2"])))
    if g["i1"]:
        return _tidy(TimePhrase(**base, year=g["i1"], year2=g["i2"], months=(int(g["i1m"]), int(g["i2m"]))))
    if g["ya"]:
        return TimePhrase(**base, year=normal_year(g["ya"]), year2=normal_year(g["yb"]), months=(1, 12))
    if g["fp"]:
        if g["lastf"]:
            return TimePhrase(**base, shift=-1)
        if not (g["yf"] or g["thisf"]):
            return None
        months = (10, 3) if g["fpa"] else (4, 9) if g["fpb"] else (10, 9)
        return TimePhrase(**base, year=normal_year(g["yf"]) if g["yf"] else "", shift=None if g["yf"] else 0, months=months)
    if g["cy2"]:
        return TimePhrase(**base, census=True, year=g["cy2"])
    if g["census"]:
        return TimePhrase(**base, census=True, year=normal_year(g["cy"]) if g["cy"] else CENSUSES[re.search("[一二三四五六七]", g["census"]).group()])
    if g["roc"] or g["roc2"]:
        month = int(g["rocm"]) if g["rocm"] else 0
        return TimePhrase(**base, year=str(_reign_year(g["roc"] or g["roc2"]) + 1911), months=(month, month) if month else None, year_end=bool(g["rocyear"]))
    if g["era"]:
        return TimePhrase(**base, year=str(_reign_year(g["reign"]) + _ERAS[g["era"]]))
    if g["plan"]:
        first = _PLANS[g["plan"]]
        return TimePhrase(**base, year=str(first + 4), plan=True) if g["plan_end"] else TimePhrase(**base, year=str(first), year2=str(first + 4), months=(1, 12), plan=True)
    if g["iso"]:
        month = int(g["isom"])
        return TimePhrase(**base, year=g["iso"], months=(month, month), day=int(g["isod"]) if g["isod"] else None)
    shift = 0 if g["this"] else -1 if g["last"] else -2 if g["before_last"] else 1 if g["next"] else None
    # 截止年9月30日止: the page dropped the year's digits.
    year = normal_year(g["year"]) if g["year"] else HIDDEN if g["gone"] else ""
    # 自2000年实行封闭管理以来, 从2009年1月1日起: when something began is no time of what is reported.
    began = bool(_SINCE.search(match.string, max(0, match.start() - 1), match.start())) and bool(_BEGAN.match(match.string, match.end()))
    base |= {"year": year, "shift": shift, "whole": g["this"] == "全年", "annual": bool(g["du"]), "began": began and bool(year)}
    return _with_part(base, g)


def _with_part(base: dict[str, object], g: dict) -> TimePhrase | None:
    if g["first"]:
        return TimePhrase(**base, months=(1, 6))
    if g["second"]:
        return TimePhrase(**base, months=(7, 12))
    if g["upto"]:
        return TimePhrase(**base, months=(1, 3 * (2 if g["upto"] in "二2两" else 3)), quarter=True)
    if g["q"]:
        return TimePhrase(**base, months=(3 * _QUARTER[g["q"]] - 2, 3 * _QUARTER[g["q"]]), quarter=True)
    if g["q1"]:
        return TimePhrase(**base, months=(3 * _QUARTER[g["q1"]] - 2, 3 * _QUARTER[g["q2"]]))
    if g["ma"]:
        return TimePhrase(**base, months=(month_number(g["ma"]), month_number(g["mb"])))
    if g["months"]:
        return TimePhrase(**base, months=(1, month_number(g["months"])))
    if g["month"]:
        month = month_number(g["month"])
        day = int(g["day"]) if g["day"] else None
        return TimePhrase(**base, months=(month, month), day=day, since=bool(g["since"]) or g["period_of"] == "以来")
    if g["yend"]:
        if not (base["year"] or base["shift"] is not None or g["yend"].startswith("年")):
            return None
        return TimePhrase(**base, year_end=True)
    if not base["year"] and base["shift"] is None:
        return None
    return TimePhrase(**base)


def _tidy(phrase: TimePhrase) -> TimePhrase:
    """Within one year the second year is left out where the months run forward."""
    if phrase.year == phrase.year2 and "X" not in phrase.year and phrase.months[0] <= phrase.months[1]:
        return replace(phrase, year2="")
    return phrase



def _reign_year(text: str) -> int:
    return int(text) if text.isdigit() else 1 if text == "元" else han_integer(text) or 1


def normal_year(text: str) -> str:
    """A year as four characters, X for what the text hides; Chinese digits and two-digit years spelled out.

    >>> normal_year("20xx"), normal_year("201-"), normal_year("二〇一三"), normal_year("13")
    ('20XX', '201X', '2013', '2013')
    """
    text = text.strip()
    if text[0] in "二一" and not text[0].isascii():
        return "".join(str(DIGITS.get(c, 0)) for c in text.replace("○", "〇").replace("０", "〇"))
    if re.fullmatch(r"[0189]\d", text):
        return ("20" if text[0] in "01" else "19") + text
    digits = re.match(r"\d*", text).group()
    if digits in ("20", "19") or not digits:
        return (digits + "XXXX")[:4]
    return (digits + "XXXX")[:4]


def month_number(text: str) -> int:
    """The number of a month written in digits, Chinese numerals or as 元.

    >>> month_number("元"), month_number("十一"), month_number("07")
    (1, 11, 7)
    """
    if text == "元":
        return 1
    if text.isdigit() and text.isascii():
        return int(text)
    if text == "十":
        return 10
    return 10 + DIGITS[text[1]] if text[0] == "十" else DIGITS[text]


def _shifted(year: str, by: int) -> str:
    """A year moved by whole years; hidden years stay as hidden as they were."""
    return str(int(year) + by) if year.isdigit() and by else year


def _fp_quarter(first_month: int) -> tuple[int, int]:
    """The months of a quarter that counts from October (`first_month` as if it counted from January)."""
    return {1: (10, 12), 4: (1, 3), 7: (4, 6), 10: (7, 9)}[first_month]


def _fp_half(months: tuple[int, int]) -> tuple[int, int]:
    """The months of a half of a year that counts from October; other stretches as they are."""
    return {(1, 6): (10, 3), (7, 12): (4, 9)}.get(months, months)


def _same_period(context: Context, year: str) -> str:
    """The article's own reporting period, in another year."""
    if not context.period or not year:
        return year
    back = (int(context.year) - int(year)) if context.year.isdigit() and year.isdigit() else 0
    return re.sub(r"\b(\d{4})(?=$|[-/])", lambda m: str(int(m.group(1)) - back), context.period) if back else context.period
