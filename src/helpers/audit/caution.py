"""When a finding is a question: its figures may not speak of one thing, or may not have been read right."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from types import MappingProxyType

import numpy as np
import pandas as pd

from helpers.audit.context import Surroundings
from helpers.audit.figures import Figure, Group
from helpers.audit.groups import Grouped, year_before, year_earlier
from helpers.audit.repairs import one_slip_apart
from helpers.audit.verdicts import VITAL_RATES, Verdict, in_one_sentence
from helpers.identities import identities

# Characters. The reports at hand are 1,000 to 4,000 long; a page of many articles is ten times that.
FAR_APART = 5_000
# Characters between two figures of one clause: 去年同期出生79人、死亡40人.
ONE_CLAUSE = 2
_ARTICLE = ["doc", "section", "home"]
_COUNTS = {"cbr": "births", "cdr": "deaths", "nir": "natural_increase"}
_BOTH = {"registered", "resident"}
_PEOPLE = ("pop_total", "pop_avg")
# A number of the sentence is taken for the denominator where rate and count leave it this little room.
SHARP = Fraction(1, 50)
NUMBER = re.compile(r"(?<![\d.])\d+(?![\d.]|[%‰])")
_RATIOS = ("percent", "permille", "per_100k", "per_100_females")


def cautious(verdict: Verdict, doc: str) -> Verdict:
    """A finding between figures far apart, or on one that was read with doubt, becomes a question.

    A compilation may have been read as one article; a digit that was lost and put back may have been another.
    """
    if not verdict.severity or verdict.severity < 2:
        return verdict
    if any(figure.doubts for figure in verdict.figures):
        return as_question(verdict, "doubtful")
    return as_question(verdict, "far_apart") if _far_apart(verdict, doc) else verdict


def as_question(verdict: Verdict, why: str, **fields: str) -> Verdict:
    """The verdict as something that the document alone cannot settle; `why` names a row of audit_texts.csv, `fields` fill it."""
    return replace(verdict, kind="needs_external", severity=None, hypothesis="", details={"template": why, "fields": fields})


def _told_together(figures: Sequence[Figure]) -> bool:
    """True where every vital rate stands in one sentence with its count: 出生人口91人，出生率11.43‰."""
    by_code = {figure.code: figure for figure in figures if not figure.dims}
    pairs = [(by_code[rate], by_code[count]) for rate, count in _COUNTS.items() if rate in by_code and count in by_code]
    return all(map(in_one_sentence, pairs))


def _far_apart(verdict: Verdict, doc: str) -> bool:
    """True when the figures stand so far apart in the document that they may not speak of one thing."""
    places = [(figure.start, figure.end) for figure in verdict.figures if figure.doc == doc and figure.start >= 0]
    return len(places) > 1 and max(end for _, end in places) - min(start for start, _ in places) > FAR_APART


class Articles:
    """The figures of each article of a place and the words around them, to ask of a few what speaks against a finding.

    texts: raw text by document, as far as they are at hand.
    """

    def __init__(self, grouped: Grouped, texts: Mapping[str, str] = MappingProxyType({})) -> None:
        self._scoped, self._facts = grouped.scoped, grouped.facts
        self._around = Surroundings(texts, grouped.facts)

    @cached_property
    def _rows(self) -> dict[tuple, np.ndarray]:
        return self._scoped.groupby(_ARTICLE, sort=False).indices

    def weigh(self, verdict: Verdict, group: Group) -> Verdict:
        """A finding, or the question it is where its figures may not speak of one thing.

        Where words before a figure tell of a part, another place or another office ("计生部门掌握的出生人数为578人" beside rates of
        the census), and where an article reports on two populations, rates of the one beside events of the other: "全区常住人口162.57万人，出生率8.29‰ …
        年末户籍人口101.18万人 … 全年出生人口1.13万人". What one sentence prints together is held to be of one population.
        """
        if not verdict.severity or verdict.severity < 2:
            return verdict
        told = [self._by_fact[figure.fact] for figure in verdict.figures if figure.fact in self._by_fact]
        told = [row for row in told if self._around.known(row)]
        elsewhere = list(map(self._around.elsewhere, told))
        if any(elsewhere) and len(set(elsewhere)) > 1:
            return as_question(verdict, "elsewhere", words=next(filter(None, elsewhere)))
        why = self._may_be_apart(verdict, told)
        if why:
            return as_question(verdict, why)
        vital = {figure.code for figure in verdict.figures} & set(VITAL_RATES)
        article = self._rows.get((group.doc, group.section, group.place_id or f"={group.place}")) if vital else None
        if article is None or _told_together(verdict.figures) or not set(self._scoped["own"].iloc[article]) >= _BOTH:
            return verdict
        meant = {self._around.population(row) for row in told if self._facts.at[row, "code"] not in _PEOPLE}
        return as_question(verdict, "scope") if group.base == "unstated" or len(meant) > 1 else verdict

    def _may_be_apart(self, verdict: Verdict, told: Sequence[int]) -> str:
        """Why the figures in these rows may not be of one thing, a key of audit_texts.csv; "" when nothing says so.

        Different sources (报表 beside 调查), or one survey told in several sentences; two columns of one table row that were
        read as one thing; a whole more than twice its parts and told elsewhere (all who use a method, the operations of a year);
        a rate whose denominator is another number of its sentence: 产妇4026人，活产4017人，管理3503人，87.01%.
        """
        sources = {self._around.source(row) for row in told}
        sentences = {self._around.sentence(row)[0] for row in told}
        if len(sources - {""}) > 1 or (len(sentences) > 1 and any(map(self._around.surveyed, sources))):
            return "sources"
        if self._two_columns(told):
            return "two_columns"
        if self._far_from_parts(verdict, told) or self._another_part(verdict, told):
            return "named_apart"
        return "other_denominator" if self._unread_denominator(verdict) else ""

    def _two_columns(self, rows: Sequence[int]) -> bool:
        """True where one row of a table gives two values that were read as one thing of one period: the heads of its columns were not."""
        values: dict[tuple, set[str]] = {}
        for row in rows:
            line = self._around.table_row(row)
            if line:
                fact = self._facts.loc[row]
                values.setdefault((fact["doc"], line, self._scoped.at[row, "period"], self._scoped.at[row, "key"]), set()).add(fact["value"])
        return any(len(found) > 1 for found in values.values())

    def _far_from_parts(self, verdict: Verdict, told: Sequence[int]) -> bool:
        """True where counts add up to less than half of the whole, or over twice it, and the whole is told in another sentence."""
        row = identities().get(verdict.identity)
        if row is None or row.form not in ("sum", "partition") or verdict.details.get("repair") or not verdict.suspect or not verdict.recomputed:
            return False
        (low, high), (least, most) = verdict.suspect.domain, verdict.recomputed
        places = {self._around.sentence(one)[0] for one in told}
        return len(places) > 1 and (2 * high < least or 2 * most < low)

    def _another_part(self, verdict: Verdict, told: Sequence[int]) -> bool:
        """True where what a whole lacks is printed in its sentence: 共18592人，其中农业16347人，非农业2213人，常住流入32人."""
        row = identities().get(verdict.identity)
        if row is None or row.form not in ("sum", "partition") or not verdict.suspect or not verdict.recomputed or not told:
            return False
        stated, worked = verdict.suspect.domain, verdict.recomputed
        own = {figure.text for figure in verdict.figures}
        if stated[0] != stated[1] or worked[0] != worked[1] or stated[0] <= worked[0]:
            return False
        numbers = {number for one in told for number in NUMBER.findall(self._around.whole_sentence(one).replace(",", ""))}
        return str(stated[0] - worked[0]) in numbers - own

    def _unread_denominator(self, verdict: Verdict) -> bool:
        """True where another number of the rate's sentence is the one from which rate and count follow."""
        row = identities().get(verdict.identity)
        if row is None or row.form != "ratio" or row.left.code in VITAL_RATES:
            return False
        every = {figure.code: figure for figure in (*verdict.figures, *verdict.details.get("beside", ()))}
        rate, count = every.get(row.left.code), every.get(row.terms[0].code)
        if rate is None or count is None or rate.domain[0] <= 0 or rate.fact not in self._by_fact or not self._around.known(self._by_fact[rate.fact]):
            return False
        low, high = (row.per * count.domain[0] / rate.domain[1], row.per * count.domain[1] / rate.domain[0])
        printed = map(Fraction, NUMBER.findall(self._around.sentence(self._by_fact[rate.fact])[2].replace(",", "")))
        own = {figure.text for figure in every.values()}
        return high - low <= SHARP * high and any(low <= number <= high and str(number) not in own for number in printed)

    @cached_property
    def _by_fact(self) -> dict[str, int]:
        return dict(zip(self._facts["fact"], self._facts.index, strict=True))

    def why_open(self, rows: Sequence[int]) -> str:
        """Why two values in these rows may both be right, a key of audit_texts.csv; "" when nothing says so."""
        stated = self._scoped.loc[list(rows)]
        if stated["own"].eq("unstated").all() and stated["value"].nunique() == 2 and any(map(self._two_bases, rows)):
            return "scope"
        if any(map(self._time_in_doubt, rows)) or self.years_in_doubt(rows):
            return "times"
        return self.why_named_apart(rows) or ("named_apart" if self._far_off(rows) else "")

    def why_named_apart(self, rows: Sequence[int]) -> str:
        """`scope` where different populations are named before the figures, `named_apart` where other words differ."""
        told = [row for row in rows if self._around.known(row)]
        if len({self._around.population(row) for row in told}) > 1:
            return "scope"
        if len({self._around.told_of_another(row) for row in told}) > 1 or self._two_columns(told):
            return "named_apart"
        unread = {self._around.unread(row) for row in told}
        return "named_apart" if len(unread) > 1 or any(map(self._around.elsewhere, told)) else ""

    def years_in_doubt(self, rows: Sequence[int]) -> bool:
        """True where the rows lie in several documents, and one of these reports on two kinds of year that end in one.

        "2014考核年度（2013年10月1日至2014年9月30日）": what a later paragraph of it gives for 2014 is likely of that year too,
        and no match for the calendar year 2013.
        """
        if self._scoped["doc"].reindex(list(rows)).nunique() < 2:
            return False
        return any(self._two_years(row) for row in rows)

    def _two_years(self, row: int) -> bool:
        periods = set(self._article(row)["period"])
        last = self._scoped.at[row, "period"][-7:][:4]
        return {last, f"{year_before(last)}-10/{last}-09"} <= periods

    def _far_off(self, rows: Sequence[int]) -> bool:
        """True where a count is less than half the other, and not by a slip of the pen: it may be of a part."""
        values = self._facts.loc[[row for row in rows if self._around.known(row)], ["value", "unit"]]
        if len(values) < 2 or values["unit"].isin(_RATIOS).any():
            return False
        ordered = sorted(values["value"], key=float)
        return 2 * float(ordered[0]) < float(ordered[-1]) and not one_slip_apart(ordered[0], ordered[-1])

    def _article(self, row: int) -> pd.DataFrame:
        return self._scoped.iloc[self._rows[tuple(self._scoped.loc[row, _ARTICLE])]]

    def _two_bases(self, row: int) -> bool:
        """True where the article reports the registered and the resident population one after the other.

        Then of two birth rates without a base one may be of either.
        """
        return set(self._article(row)["own"]) >= _BOTH

    def _time_in_doubt(self, row: int) -> bool:
        """True where the text around the figure speaks of another period.

        In "去年同期出生79人、死亡40人" the deaths are of the year before like the births they follow; and "上年度"
        in a report of the year from October to September is not the calendar year before.
        """
        article, about = self._article(row), self._scoped.loc[row]
        if about["status"] == "previous":
            now = article.loc[(article["key"] == about["key"]) & (article["status"] == "observed"), "period"]
            return len(now) > 0 and about["period"] not in set(map(year_earlier, now))
        start = self._facts.at[row, "start"]
        ends = self._facts.loc[article.index, "end"]
        beside = ends.index[((start - ends >= 0) & (start - ends <= ONE_CLAUSE)).fillna(False)]
        return bool((article.loc[beside, "period"] != about["period"]).any())
