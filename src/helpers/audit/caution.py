"""When a finding is a question: its figures may not speak of one thing, or may not have been read right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from helpers.audit.groups import Grouped, year_earlier
from helpers.audit.verdicts import Verdict

# Characters. The reports at hand are 1,000 to 4,000 long; a page of many articles is ten times that.
FAR_APART = 5_000
# Characters between two figures of one clause: 去年同期出生79人、死亡40人.
ONE_CLAUSE = 2
_ARTICLE = ["doc", "section", "home"]


def cautious(verdict: Verdict, doc: str) -> Verdict:
    """A finding between figures far apart, or on one that was read with doubt, becomes a question.

    A compilation may have been read as one article; a digit that was lost and put back may have been another.
    """
    if not verdict.severity or verdict.severity < 2:
        return verdict
    if any(figure.doubts for figure in verdict.figures):
        return as_question(verdict, "doubtful")
    return as_question(verdict, "far_apart") if _far_apart(verdict, doc) else verdict


def as_question(verdict: Verdict, why: str) -> Verdict:
    """The verdict as something that the document alone cannot settle; `why` names a row of audit_texts.csv."""
    return replace(verdict, kind="needs_external", severity=None, hypothesis="", details={"template": why})


def _far_apart(verdict: Verdict, doc: str) -> bool:
    """True when the figures stand so far apart in the document that they may not speak of one thing."""
    places = [(figure.start, figure.end) for figure in verdict.figures if figure.doc == doc and figure.start >= 0]
    return len(places) > 1 and max(end for _, end in places) - min(start for start, _ in places) > FAR_APART


class Articles:
    """The figures of each article of a place, to ask of a few of them what stands around them."""

    def __init__(self, grouped: Grouped) -> None:
        self._scoped, self._facts = grouped.scoped, grouped.facts
        self._rows = grouped.scoped.groupby(_ARTICLE, sort=False).indices

    def why_open(self, rows: Sequence[int]) -> str:
        """Why two values in these rows may both be right: `scope`, `times`, or "" when nothing says so."""
        stated = self._scoped.loc[list(rows)]
        if stated["own"].eq("unstated").all() and stated["value"].nunique() == 2 and any(map(self._two_bases, rows)):
            return "scope"
        return "times" if any(map(self._time_in_doubt, rows)) else ""

    def _article(self, row: int) -> pd.DataFrame:
        return self._scoped.iloc[self._rows[tuple(self._scoped.loc[row, _ARTICLE])]]

    def _two_bases(self, row: int) -> bool:
        """True where the article reports the registered and the resident population one after the other.

        Then of two birth rates without a base one may be of either.
        """
        return {"registered", "resident"} <= set(self._article(row)["own"])

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
