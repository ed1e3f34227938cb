"""When a finding is a question: its figures may not speak of one thing, or may not have been read right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from types import MappingProxyType

import numpy as np
import pandas as pd

from helpers.audit.context import Surroundings
from helpers.audit.figures import Figure, Group
from helpers.audit.groups import Grouped, year_before, year_earlier
from helpers.audit.repairs import one_slip_apart
from helpers.audit.verdicts import VITAL_RATES, Verdict, in_one_sentence

# Characters. The reports at hand are 1,000 to 4,000 long; a page of many articles is ten times that.
FAR_APART = 5_000
# Characters between two figures of one clause: 去年同期出生79人、死亡40人.
ONE_CLAUSE = 2
_ARTICLE = ["doc", "section", "home"]
_COUNTS = {"cbr": "births", "cdr": "deaths", "nir": "natural_increase"}
_BOTH = {"registered", "resident"}
_PEOPLE = ("pop_total", "pop_avg")
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
        vital = {figure.code for figure in verdict.figures} & set(VITAL_RATES)
        article = self._rows.get((group.doc, group.section, group.place_id or f"={group.place}")) if vital else None
        if article is None or _told_together(verdict.figures) or not set(self._scoped["own"].iloc[article]) >= _BOTH:
            return verdict
        meant = {self._around.population(row) for row in told if self._facts.at[row, "code"] not in _PEOPLE}
        return as_question(verdict, "scope") if group.base == "unstated" or len(meant) > 1 else verdict

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
