"""Which figures speak of one thing: same article, place, period and population base.

Period labels need not be equal: a population is printed for the end of a month, the births for the months
up to it. Everything here is vectorised; only the groups that need a closer look become `Group` objects.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import pandas as pd

from helpers.audit.figures import STATED, TARGET_CODES, Group, population_base, read_dims, read_figure, settle_bases
from helpers.catalogue import indicators

SCOPE = ["doc", "section", "home", "circle"]
EXACT, CLOSING, OPENING, MIDDLE = "exact", "closing", "opening", "middle"


@dataclass(frozen=True)
class Grouped:
    """`members` has one row per figure and group (`row` points into `facts`, `fit` says how its period fits)."""

    facts: pd.DataFrame
    members: pd.DataFrame
    groups: pd.DataFrame


def _ends(period: str) -> tuple[str, str]:
    first, _, last = period.partition("/")
    return first, last or first


def _year_before(year: str) -> str:
    return f"{int(year) - 1:04d}" if year.isdigit() else ""


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
    first, last = _ends(flow)
    if date[:7] == last[:7] or (len(date) == 4 and date == last[:4] and "XXXX" not in date):
        return CLOSING
    if len(last) == 4 and date[:7] == f"{last}-12":
        return CLOSING
    before = _year_before(first[:4])
    starts_the_year = len(first) == 4 or first[5:7] == "01"
    if before and starts_the_year and date in (before, f"{before}-12", f"{before}-12-31"):
        return OPENING
    if len(last) == 4 and date[:4] == last and len(date) > 4:
        return MIDDLE
    return ""


def _scoped(facts: pd.DataFrame) -> pd.DataFrame:
    """Stated figures of known indicators with their key, base, home (place) and circle (settled base)."""
    codes = indicators()
    wanted = facts["code"].isin(list(codes)) & (
        facts["status"].isin(STATED) | (facts["status"].eq("target") & facts["code"].isin(TARGET_CODES)))
    found = facts.loc[wanted, ["doc", "section", "place_id", "place", "level", "period", "code", "dims", "base", "status"]].copy()
    found["section"] = found["section"].fillna(0).astype(int)
    found["home"] = found["place_id"].where(found["place_id"] != "", "=" + found["place"])
    found["key"] = found["code"] + found["dims"].map({dims: str(read_dims(dims)[0]) for dims in found["dims"].unique()})
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
    found = _scoped(facts)
    flows = found[~found["stock"]]
    periods = flows[[*SCOPE, "period"]].drop_duplicates()
    stocks = found[found["stock"]].reset_index(names="row")
    # Populations of another circle serve as denominators only where the events' own base is not said.
    reach = stocks.merge(periods.rename(columns={"period": "span"}), on=SCOPE, how="left")
    pairs = reach[["period", "span"]].drop_duplicates()
    pairs["fit"] = [stock_fit(stock, span) if isinstance(span, str) else "" for stock, span in
                    zip(pairs["period"], pairs["span"], strict=True)]
    reach = reach.merge(pairs, on=["period", "span"], how="left")
    near = reach[reach["fit"] != ""].drop(columns="period").rename(columns={"span": "period"})
    alone = stocks[~stocks["row"].isin(near.loc[near["fit"].isin([EXACT, CLOSING]), "row"])].assign(fit=EXACT)
    members = pd.concat([flows.reset_index(names="row").assign(fit=EXACT), near, alone], ignore_index=True)
    members["gid"] = members.groupby([*SCOPE, "period"], sort=False).ngroup()
    first = members.sort_values("row").drop_duplicates("gid").set_index("gid").sort_index()
    groups = first[["doc", "section", "place_id", "place", "level", "period", "circle"]].rename(columns={"circle": "base"})
    return Grouped(facts, members[["gid", "row", "key", "code", "fit", "stock"]].sort_values(["gid", "row"], ignore_index=True), groups)


def materialise(grouped: Grouped, gids) -> Iterator[tuple[int, Group]]:
    """The groups of these ids as `Group`; populations at the opening or the middle stay out (see denominators)."""
    members = grouped.members
    chosen = members[members["gid"].isin(list(gids)) & members["fit"].isin([EXACT, CLOSING])]
    figures = {row: read_figure(record) for row, record in
               zip(chosen["row"], grouped.facts.loc[chosen["row"]].to_dict("records"), strict=True)}
    for gid, rows in chosen.groupby("gid", sort=True)["row"]:
        about = grouped.groups.loc[gid]
        kept = tuple(figure for figure in (figures[row] for row in rows) if figure is not None)
        yield gid, Group(about["doc"], int(about["section"]), about["place_id"], about["place"], about["level"],
                         about["period"], about["base"], kept)


__all__ = ["Grouped", "group", "materialise", "settle_bases", "stock_fit"]
