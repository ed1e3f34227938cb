"""Statements that stand apart but speak of one thing: two values, a change against a series, parts of a period."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from types import MappingProxyType

import numpy as np
import pandas as pd

from helpers.audit.caution import Articles, as_question
from helpers.audit.figures import Figure, Group, read_figure
from helpers.audit.groups import Grouped, year_earlier
from helpers.audit.verdicts import Verdict
from helpers.catalogue import indicators
from helpers.identities import identities
from helpers.identities.propagate import Domain
from helpers.identities.rows import Term
from helpers.periods import parse

Found = tuple[Group, Verdict]
# What a change in points is a change of; a permille point said of a percentage is a misreading.
_POINTS = {"percentage_point": "percent", "permille_point": "permille"}
_PER = {"percent": 100, "permille": 1000}


def about(frame: pd.DataFrame, row: int, figures: Iterable[Figure] = ()) -> Group:
    """The place, article and period of one row of the scoped facts, as a Group for the findings table."""
    record = frame.loc[row]
    return Group(record["doc"], int(record["section"]), record["place_id"], record["place"], record["level"],
                 record["period"], record["circle"], tuple(figures))


def _one_of(terms: Iterable[Term], frame: pd.DataFrame) -> pd.Series:
    """Rows whose figure is named by one of the terms; a term without dims admits every dims but free text groups."""
    codes = {term.code for term in terms if not term.dims}
    by_group = {term.code for term in terms if term.dims}
    grouped = frame["dims"].str.contains('"group"', regex=False)
    return (frame["code"].isin(codes) & ~grouped) | (frame["code"].isin(by_group) & grouped)


def same_place(frame: pd.DataFrame) -> pd.Series:
    """What makes two statements speak of one place: its id, or, where it has none, the article."""
    article = frame["doc"] + "|" + frame["section"].astype(str) + "|" + frame["place"]
    return frame["place_id"].where(frame["place_id"] != "", article)


def conflicts(grouped: Grouped, articles: Articles) -> Iterator[Found]:
    """Two values for one place, period, indicator and dims that rounding cannot reconcile.

    Periods the text does not give are left out: two campaigns of one article are not two values. So are
    figures of which only one names its population base: 总人口 beside 户籍人口 may be another count. Where the
    text around leaves open whether both speak of one thing (`articles` knows), it is a question.
    """
    frame = grouped.scoped
    frame = frame[_one_of(identities()["one_value"].terms, frame) & (frame["period"] != "") & (frame["status"] != "target")]
    key = [same_place(frame), frame["own"], frame["period"], frame["key"], frame["unit"]]
    values = frame["value"].groupby(key).transform("nunique")
    for _, rows in frame[values > 1].groupby([part[values > 1] for part in key], sort=True):
        figures = _read(grouped, rows.index)
        if len(figures) > 1 and max(f.domain[0] for _, f in figures) > min(f.domain[1] for _, f in figures):
            distinct = list({figure.domain: (row, figure) for row, figure in reversed(figures)}.values())[::-1]
            row, suspect = distinct[-1]
            others = tuple(figure for _, figure in distinct[:-1])
            verdict = Verdict("conflict", 3, "one_value", (*others, suspect), suspect, others[0].domain)
            why = articles.why_open([row for row, _ in figures])
            yield about(frame, row), as_question(verdict, why) if why else verdict


def _read(grouped: Grouped, rows: Iterable[int]) -> list[tuple[int, Figure]]:
    read = [(row, read_figure(grouped.facts.loc[row].to_dict())) for row in sorted(rows)]
    return [(row, figure) for row, figure in read if figure is not None]


def base_conflicts(grouped: Grouped) -> Iterator[Found]:
    """A figure without a population base that equals neither the registered nor the resident one.

    "户籍人口出生284人、常住人口出生285人 … 2017年度出生人口为586人": whichever is meant, it does not agree. With
    only one of the two printed the figure may be the other, and nothing is said.
    """
    frame = grouped.scoped
    wanted = _one_of(identities()["one_value_of_any_base"].terms, frame)
    frame = frame[wanted & (frame["period"] != "") & (frame["status"] != "target")]
    key = [frame["doc"], frame["section"], frame["home"], frame["period"], frame["key"]]
    kinds = frame["circle"].where(frame["circle"] != "floating").groupby(key).transform("nunique")
    chosen = frame[kinds == 3]
    for _, rows in chosen.groupby([part[kinds == 3] for part in key], sort=True):
        figures = _read(grouped, rows.index)
        stated = {base: [figure for row, figure in figures if rows.at[row, "circle"] == base]
                  for base in ("registered", "resident", "floating", "unstated")}
        named = stated["registered"] + stated["resident"]
        for row, figure in figures:
            if rows.at[row, "circle"] == "unstated" and not any(_meet(figure.domain, one) for one in _bases(stated)):
                yield about(frame, row), Verdict("conflict", 3, "one_value_of_any_base", (*named, figure), figure,
                                                 _hull(one.domain for one in named))


def _bases(stated: dict[str, list[Figure]]) -> Iterator[Domain]:
    """What a total without a base may be: registered, resident, or one of them and the floating population."""
    for base in ("registered", "resident"):
        for figure in stated[base]:
            yield figure.domain
            for more in stated["floating"]:
                yield figure.domain[0] + more.domain[0], figure.domain[1] + more.domain[1]


def _meet(one: Domain, other: Domain) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]


def _hull(domains: Iterable[Domain]) -> Domain:
    found = list(domains)
    return min(low for low, _ in found), max(high for _, high in found)


def changes(grouped: Grouped, articles: Articles, put_right: Mapping[str, Domain] = MappingProxyType({})) -> Iterator[Found]:
    """Stated changes (增加7人, 下降0.41个千分点, 增长4.43%) against the two values they compare.

    The earlier value is the one the article puts beside it, else that of a year before anywhere. `put_right`
    has what figures already found in error should read: a change that then agrees is not reported again.
    """
    moved = grouped.changes
    if moved.empty:
        return
    moved = moved.assign(where=same_place(moved), before=moved["period"].map(
        {period: year_earlier(period) for period in moved["period"].unique()})).rename_axis("row").reset_index()
    stated = grouped.scoped[grouped.scoped["code"].isin(moved["code"].unique())]
    stated = stated.assign(where=same_place(stated)).rename_axis("at").reset_index()
    thing = ["where", "circle", "key"]
    now = moved[["row", "doc", "period", *thing]].merge(
        stated.loc[stated["status"] == "observed", ["at", "doc", "period", *thing]], on=["doc", "period", *thing])
    beside = moved[["row", "doc", "section", *thing]].merge(
        stated.loc[stated["status"] == "previous", ["at", "doc", "section", *thing]], on=["doc", "section", *thing])
    series = moved.loc[moved["before"] != "", ["row", "before", *thing]].merge(
        stated.loc[stated["status"] != "target", ["at", "period", *thing]].rename(columns={"period": "before"}),
        on=["before", *thing])
    series = series[~series["row"].isin(beside["row"])]
    earlier = pd.concat([beside[["row", "at"]], series[["row", "at"]]], ignore_index=True)
    pairs = now[["row", "at"]].merge(earlier, on="row", suffixes=("", "_before"))
    pairs = pairs[~_told_twice(grouped, pairs)]
    odd = pairs[~pairs["row"].isin(pairs.loc[_plainly_right(grouped, pairs), "row"])]
    for row, some in odd.groupby("row", sort=True):
        values = some["at"].unique(), some["at_before"].unique()
        doubtful = articles.years_in_doubt([*values[0], *values[1]])
        for where, verdict in _change(grouped, grouped.changes, row, *values, put_right):
            yield where, as_question(verdict, "times") if doubtful and verdict.severity >= 2 else articles.weigh(verdict, where)


def _told_twice(grouped: Grouped, pairs: pd.DataFrame) -> np.ndarray:
    """True where both values of a pair are one figure of one document, read under two years (a headline, 去年全市共出生…)."""
    change, now, before = (grouped.facts.loc[pairs[name]] for name in ("row", "at", "at_before"))
    return ((now["doc"].to_numpy() == before["doc"].to_numpy()) & (now["value"].to_numpy() == before["value"].to_numpy())
            & (grouped.low[change.index] != 0))


def _plainly_right(grouped: Grouped, pairs: pd.DataFrame) -> np.ndarray:
    """True where the difference of two plain values meets the stated change: most of them, all at once."""
    change, now, before = (pairs[name].to_numpy() for name in ("row", "at", "at_before"))
    low, high = grouped.low, grouped.high
    return (low[now] - high[before] <= high[change] + 1e-9) & (high[now] - low[before] >= low[change] - 1e-9)


def _change(grouped: Grouped, moved: pd.DataFrame, row: int, now: Iterable[int], before: Iterable[int],
            put_right: Mapping[str, Domain]) -> Iterator[Found]:
    figure = read_figure(grouped.facts.loc[row].to_dict())
    after, first = _read(grouped, now), _read(grouped, before)
    if figure is None or not after or not first or _POINTS.get(figure.unit, after[0][1].unit) != after[0][1].unit:
        return
    worked = [_worked(figure, late, early) for _, late in after for _, early in first]
    worked += [_worked(figure, _right(late, put_right), _right(early, put_right)) for _, late in after for _, early in first]
    if any(_meet(figure.domain, domain) for domains in worked for domain in domains):
        return
    late, early = after[0][1], first[0][1]
    plain = worked[0][0]
    if any(_meet(loose, domain) for _, loose in figure.loosely() for domains in worked for domain in domains):
        yield about(moved, row), Verdict("note", 1, "year_on_year", (early, late, figure), figure, plain, "cut_off", {"template": "cut_off"})
        return
    mirrored = _meet((-figure.domain[1], -figure.domain[0]), plain)
    details = {"template": "change", "others": (early, late)}
    yield about(moved, row), Verdict("arithmetic_error", 3, "year_on_year", (early, late, figure), figure, plain,
                                     "repair_direction" if mirrored else "", details, ("wording",) if mirrored else ())


def _right(figure: Figure, put_right: Mapping[str, Domain]) -> Figure:
    return replace(figure, domain=put_right.get(figure.fact, figure.domain))


def _worked(change: Figure, late: Figure, early: Figure) -> list[Domain]:
    """What the change may be: the difference, and for a percentage also the growth in per cent."""
    difference = late.domain[0] - early.domain[1], late.domain[1] - early.domain[0]
    if change.unit not in ("percent", "permille"):
        # The writer may have subtracted rounded or unrounded figures: a unit of the last digit either way.
        return [difference]
    per = _PER[change.unit]
    growth = []
    if early.domain[0] > 0:
        ends = [Fraction(per) * (one / other - 1) for one in late.domain for other in early.domain]
        growth = [(min(ends), max(ends))]
    # 出生率下降0.14% may be points of a percentage or, carelessly, of the per mille.
    whole = _PER.get(indicators()[late.code].unit)
    points = [difference, (difference[0] * per / whole, difference[1] * per / whole)] if whole else []
    return growth + points


def spans(grouped: Grouped, articles: Articles) -> Iterator[Found]:
    """Events of a part of a period must not outnumber those of the whole (同一文中上半年与全年)."""
    frame = grouped.scoped
    wanted = _one_of(identities()["parts_of_the_period"].terms, frame)
    frame = frame[wanted & frame["status"].eq("observed") & (frame["period"] != "")]
    key = [frame["doc"], frame["section"], frame["home"], frame["circle"], frame["key"]]
    several = frame["period"].groupby(key).transform("nunique") > 1
    for _, rows in frame[several].groupby([part[several] for part in key], sort=True):
        read = [(row, figure, parse(figure.period)) for row, figure in _read(grouped, rows.index)]
        dated = [one for one in read if one[2].start and one[2].end]
        for row, part, inner in dated:
            for other, whole, outer in dated:
                inside = outer.start <= inner.start and inner.end <= outer.end and inner.days < outer.days
                if inside and part.domain[0] > whole.domain[1]:
                    verdict = Verdict("impossible", 4, "parts_of_the_period", (part, whole), part, (Fraction(0), whole.domain[1]))
                    why = articles.why_named_apart([row, other])
                    yield about(frame, row), as_question(verdict, why) if why else verdict
