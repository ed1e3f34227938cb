"""Targets against results, over documents: attained or not, how surely, and targets looser than what is reached."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import inf

import pandas as pd

from helpers.audit.comparisons import Found, about, same_place
from helpers.audit.figures import Figure, read_figure
from helpers.audit.groups import Grouped, year_earlier
from helpers.audit.verdicts import Verdict
from helpers.audit.wording import name_of, say, unit_of
from helpers.catalogue import indicators
from helpers.identities.propagate import Domain

IDENTITY = "targets_and_results"


@dataclass(frozen=True)
class Goal:
    """A target: the figure, the bound it sets, and whether the result is to be at least or at most that."""

    figure: Figure
    bound: Fraction
    at_least: bool

    @property
    def range(self) -> Domain:
        return (self.bound, inf) if self.at_least else (Fraction(0), self.bound)

    def words(self, language: str) -> str:
        """The target as it is meant: 出生人口性别比不高于115."""
        return say("goal_at_least" if self.at_least else "goal_at_most", language, name=name_of(self.figure.key, language),
                   bound=self.figure.text + unit_of(self.figure.unit, language))

    def met_by(self, result: Figure) -> tuple[bool, bool]:
        """Whether the printed result meets the target, and whether that is sure for all it may stand for.

        "60%" printed as target and result meets it as printed, though it may stand for 59.6.
        """
        low, high = result.domain
        printed = Fraction(result.text) * result.factor if result.text.replace(".", "").isdigit() else (low + high) / 2
        if self.at_least:
            return printed >= self.bound, low >= self.bound or high < self.bound
        return printed <= self.bound, high <= self.bound or low > self.bound


def read_goal(figure: Figure | None) -> Goal | None:
    """The target a figure sets; None where neither its words nor its indicator say which way.

    控制在115以内 and 95%以上 say it; "儿童系统管理率60%" is at least 60 because more is better.
    """
    if figure is None:
        return None
    low, high = figure.domain
    if high == inf:
        return Goal(figure, Fraction(low), True)
    if low == 0 and high > 0:
        return Goal(figure, Fraction(high), False)
    polarity = indicators()[figure.code].polarity
    return None if polarity == "none" else Goal(figure, (low + high) / 2, polarity == "high")


def targets(grouped: Grouped) -> Iterator[Found]:
    """Every target with a result of its own period, or with a better one of the year before.

    Severity 0: attained; 1 with the flag `target`: not attained, or looser than the result already reached. A
    missed target is no error in the figures and never a finding.
    """
    frame = grouped.scoped
    goals = grouped.goals[grouped.goals["period"] != ""]
    if goals.empty:
        return
    results = frame[(frame["status"] == "observed") & frame["code"].isin(goals["code"].unique())]
    results = results.assign(where=same_place(results)).rename_axis("at").reset_index()
    goals = goals.assign(where=same_place(goals), before=goals["period"].map(
        {period: year_earlier(period) for period in goals["period"].unique()})).rename_axis("row").reset_index()
    thing = ["where", "circle", "key"]
    own = _pairs(goals, results, [*thing, "period"])
    for row, at in own:
        yield from _outcome(grouped, row, at)
    met = {row for row, _ in own}
    earlier = goals[~goals["row"].isin(met) & (goals["before"] != "")].drop(columns="period")
    for row, at in _pairs(earlier.rename(columns={"before": "period"}), results, [*thing, "period"]):
        yield from _looser(grouped, row, at)


def _pairs(goals: pd.DataFrame, results: pd.DataFrame, on: list[str]) -> list[tuple[int, int]]:
    """Rows of target and result; where results differ among themselves there is none to hold against the target."""
    pairs = goals[["row", *on]].merge(results[["at", "value", *on]], on=on)
    several = pairs.groupby("row")["value"].transform("nunique") > 1
    pairs = pairs[~several].sort_values(["row", "at"]).drop_duplicates("row")
    return list(zip(pairs["row"], pairs["at"], strict=True))


def _read(grouped: Grouped, row: int, at: int) -> tuple[Goal, Figure] | None:
    goal, result = read_goal(read_figure(grouped.facts.loc[row].to_dict())), read_figure(grouped.facts.loc[at].to_dict())
    return (goal, result) if goal and result else None


def _outcome(grouped: Grouped, row: int, at: int) -> Iterator[Found]:
    read = _read(grouped, row, at)
    if read is None:
        return
    goal, result = read
    met, sure = goal.met_by(result)
    template = ("target_met" if met else "target_missed") + ("" if sure else "_as_printed")
    verdict = Verdict("consistent" if met else "note", 0 if met else 1, IDENTITY, (goal.figure, result), result, goal.range,
                      details={"template": template, "goal": goal}, flags=("target",))
    yield about(grouped.scoped, at), verdict


def _looser(grouped: Grouped, row: int, at: int) -> Iterator[Found]:
    read = _read(grouped, row, at)
    if read is None:
        return
    goal, result = read
    met, sure = goal.met_by(result)
    low, high = result.domain
    if met and sure and (low > goal.bound if goal.at_least else high < goal.bound):
        yield about(grouped.goals, row), Verdict(
            "note", 1, IDENTITY, (goal.figure, result), goal.figure, result.domain,
            details={"template": "target_looser", "goal": goal}, flags=("target",))

