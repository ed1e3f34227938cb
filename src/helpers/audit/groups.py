"""Which figures speak of one thing: same article, place, period and population base.

Period labels need not be equal: a population is printed for the end of a month, the births for the months
up to it. Everything here is vectorised; only the groups that need a closer look become `Group` objects.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from helpers.audit.figures import (
    STATED,
    TARGET_CODES,
    Group,
    name_figure,
    population_base,
    ranges,
    read_figure,
)
from helpers.catalogue import indicators

_COLUMNS = ["doc", "section", "place_id", "place", "level", "period", "code", "dims", "value", "unit", "base", "status"]
SCOPE = ["doc", "section", "home", "circle"]
POPULATION_KEYS = (str(("pop_total", ())), str(("pop_avg", ())))
EXACT, CLOSING, OPENING, MIDDLE = "exact", "closing", "opening", "middle"


@dataclass(frozen=True)
class Grouped:
    """`members` has one row per figure and group (`row` points into `facts`, `fit` says how its period fits);
    `populations` those that may be a group's denominator; `scoped` all figures with their key and base, `changes` the
    stated differences, `goals` the targets."""

    facts: pd.DataFrame
    members: pd.DataFrame
    groups: pd.DataFrame
    populations: pd.DataFrame
    scoped: pd.DataFrame
    changes: pd.DataFrame
    goals: pd.DataFrame
    low: np.ndarray
    high: np.ndarray


def _ends(period: str) -> tuple[str, str]:
    first, _, last = period.partition("/")
    return first, last or first


def year_before(year: str) -> str:
    """The calendar year before, \"\" for one that is struck out."""
    return f"{int(year) - 1:04d}" if year.isdigit() else ""


def opening_year(flow: str) -> str:
    """The year whose end is the beginning of a period of events, "" unless it begins with a year.

    >>> opening_year("2017"), opening_year("2014-01/2014-06"), opening_year("2014-10/2015-06")
    ('2016', '2013', '')
    """
    first, _ = _ends(flow)
    return year_before(first[:4]) if first[5:7] in ("", "01") and first else ""


@lru_cache(maxsize=65536)
def year_earlier(period: str) -> str:
    """The same stretch a year before; "" where the year is struck out.

    >>> year_earlier("2014-10/2015-06")
    '2013-10/2014-06'
    """
    parts = period.split("/")
    if not period or any(not part[:4].isdigit() for part in parts):
        return ""
    return "/".join(f"{int(part[:4]) - 1:04d}{part[4:]}" for part in parts)


def closing_year(stock: str) -> str:
    """The year at whose end a population was counted, "" when it was not at the end of a year."""
    date = _ends(stock)[1]
    return date[:4] if date[4:] in ("", "-12", "-12-31") else ""


@lru_cache(maxsize=262144)
def stock_fit(stock: str, flow: str) -> str:
    """How a population's date fits a period of events: exact, closing, opening, middle or "" (does not).

    >>> stock_fit("20XX-06", "20XX-10/20XX-06"), stock_fit("2016", "2017"), stock_fit("2018-06", "2018")
    ('closing', 'opening', 'middle')
    """
    if stock == flow:
        return EXACT
    if not stock or not flow:
        return ""
    date = _ends(stock)[1]
    _, last = _ends(flow)
    if date[:7] == last[:7] or (len(date) == 4 and date == last[:4] and "XXXX" not in date):
        return CLOSING
    if len(last) == 4 and date[:7] == f"{last}-12":
        return CLOSING
    if opening_year(flow) and closing_year(stock) == opening_year(flow):
        return OPENING
    if len(last) == 4 and date[:4] == last and len(date) > 4:
        return MIDDLE
    return ""


def _scoped(facts: pd.DataFrame) -> pd.DataFrame:
    """Figures of known indicators with their key, base, home (place) and circle (settled base)."""
    codes = indicators()
    found = facts.loc[facts["code"].isin(list(codes)), _COLUMNS].copy()
    found["section"] = found["section"].fillna(0).astype(int)
    found["home"] = found["place_id"].where(found["place_id"] != "", "=" + found["place"])
    pairs = found[["code", "dims"]].drop_duplicates()
    pairs["key"] = [str(name_figure(code, dims)) for code, dims in zip(pairs["code"], pairs["dims"], strict=True)]
    found["key"] = found[["code", "dims"]].merge(pairs, how="left", on=["code", "dims"])["key"].to_numpy()
    pairs = found[["base", "dims"]].drop_duplicates()
    pairs["own"] = [population_base(base, dims) for base, dims in zip(pairs["base"], pairs["dims"], strict=True)]
    found["own"] = found[["base", "dims"]].merge(pairs, how="left", on=["base", "dims"])["own"].to_numpy()
    found["stock"] = found["code"].map({code: indicator.flow == "stock" for code, indicator in codes.items()})
    article = found.groupby(["doc", "section", "home"], sort=False).ngroup()
    fixed = found["own"].where(found["own"].isin(["registered", "resident"]))
    kinds = fixed.groupby(article).nunique().reindex(article).to_numpy()
    only = fixed.groupby(article).first().reindex(article).to_numpy()
    found["circle"] = found["own"].where((found["own"] != "unstated") | (kinds != 1), only)
    return found


def group(facts: pd.DataFrame) -> Grouped:
    """Groups of a FACTS frame: one per article, place, base and period of events (or date, for stocks alone)."""
    everything = _scoped(facts)
    result = everything["status"].isin(STATED)
    found = everything[result | (everything["status"].eq("target") & everything["code"].isin(TARGET_CODES))]
    flows = found[~found["stock"]].reset_index(names="row")
    spans = flows[[*SCOPE, "period"]].drop_duplicates().rename(columns={"period": "span"})
    stocks = found[found["stock"]].reset_index(names="row")
    near = _with_fit(stocks.merge(spans, on=SCOPE))
    near = near[near["fit"].isin([EXACT, CLOSING])].drop(columns="period").rename(columns={"span": "period"})
    alone = stocks[~stocks["row"].isin(near["row"])].assign(fit=EXACT)
    members = pd.concat([flows.assign(fit=EXACT), near, alone], ignore_index=True)
    members["gid"] = members.groupby([*SCOPE, "period"], sort=False).ngroup()
    first = members.sort_values("row").drop_duplicates("gid").set_index("gid").sort_index()
    groups = first[[*SCOPE, "place_id", "place", "level", "period"]]
    members = members[["gid", "row", "key", "code", "fit"]].sort_values(["gid", "row"], ignore_index=True)
    return Grouped(facts, members, groups, _populations(found, groups.reset_index()), found,
                   everything[everything["status"] == "change"], _goals(everything), *ranges(facts))


def _goals(everything: pd.DataFrame) -> pd.DataFrame:
    return everything[everything["status"].eq("target") & ~everything["code"].isin(TARGET_CODES)]


def _with_fit(pairs: pd.DataFrame) -> pd.DataFrame:
    """Add `fit` to rows that pair a stock's `period` with a `span` of events."""
    unique = pairs[["period", "span"]].drop_duplicates()
    unique["fit"] = [stock_fit(stock, span) for stock, span in zip(unique["period"], unique["span"], strict=True)]
    return pairs.merge(unique, on=["period", "span"], how="left")


def _populations(found: pd.DataFrame, groups: pd.DataFrame) -> pd.DataFrame:
    """Populations that may be the denominator of a group's rates: gid, row, fit, circle.

    From the same article (where the events' own base is not said: of every base), and from other
    documents about the place the opening population (the closing one of the year before).
    """
    stated = found[found["key"].isin(POPULATION_KEYS) & (found["status"] != "target")].reset_index(names="row")
    stated = stated[["row", *SCOPE, "place_id", "period", "key"]]
    spans = groups[["gid", *SCOPE, "place_id", "period"]].rename(columns={"period": "span", "circle": "wanted"})
    same = spans.drop(columns="place_id").merge(stated, on=["doc", "section", "home"])
    same = same[(same["circle"] == same["wanted"]) | ((same["wanted"] == "unstated") & (same["circle"] != "floating"))]
    years = {span: opening_year(span) for span in spans["span"].unique()}
    dates = {period: closing_year(period) for period in stated["period"].unique()}
    later = spans.assign(year=spans["span"].map(years), circle=spans["wanted"])
    earlier = stated.assign(year=stated["period"].map(dates))
    columns = ["place_id", "circle", "year"]
    across = later[(later["year"] != "") & (later["place_id"] != "")].merge(
        earlier.loc[earlier["year"] != "", ["row", "period", *columns]], on=columns)
    pairs = pd.concat([same, across], ignore_index=True)[["gid", "row", "period", "span", "circle"]]
    pairs = _with_fit(pairs.drop_duplicates(["gid", "row"]))
    return pairs[pairs["fit"] != ""].sort_values(["gid", "row"], ignore_index=True)


def materialise(grouped: Grouped, gids: Iterable[int]) -> Iterator[tuple[int, Group]]:
    """The groups of these ids as `Group`, in order."""
    wanted = list(gids)
    chosen = grouped.members[grouped.members["gid"].isin(wanted)]
    near = grouped.populations[grouped.populations["gid"].isin(wanted)]
    rows = pd.unique(pd.concat([chosen["row"], near["row"]]))
    figures = {row: read_figure(record) for row, record in
               zip(rows, grouped.facts.loc[rows].to_dict("records"), strict=True)}
    populations: dict[int, list] = {}
    for gid, row, fit in zip(near["gid"], near["row"], near["fit"], strict=True):
        if figures[row] is not None:
            populations.setdefault(gid, []).append((fit, figures[row]))
    for gid, own in chosen.groupby("gid", sort=True)["row"]:
        about = grouped.groups.loc[gid]
        kept = tuple(figures[row] for row in own if figures[row] is not None)
        yield gid, Group(about["doc"], int(about["section"]), about["place_id"], about["place"], about["level"],
                         about["period"], about["circle"], kept, tuple(populations.get(gid, ())))
