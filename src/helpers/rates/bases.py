"""Which population an event belongs to where its sentence does not say: registered or resident.

An article that speaks of one population means it throughout ("户籍人口30317人 … 死亡178人"). One that states both
tells by its rates: 101 births at 9.02‰ are births among 11 174 registered, not among 8 810 residents.
"""

from __future__ import annotations

import pandas as pd

from helpers import periods

STATED_BASES = ("registered", "resident")
BY_ARTICLE, BY_RATE = "article", "rate"
# A printed rate is on a mean population: half the likely growth of a year away from the one stated.
NEAR_ENOUGH = 0.025
_RATE_OF = {"births": "cbr", "deaths": "cdr", "natural_increase": "nir"}


def _section(panel: pd.DataFrame) -> pd.Series:
    """A number for each document, section and place."""
    return panel.groupby(["doc", "section", "place_id"], sort=False, dropna=False).ngroup()


def _implied_populations(rows: pd.DataFrame) -> pd.DataFrame:
    """What population each printed rate and its count stand for: as they are, and brought to a year."""
    plain = rows[(rows["base"] == "unstated") & (rows["dims"] == "{}") & (rows["status"] == "observed")]
    events = plain[plain["code"].isin(_RATE_OF)].assign(rate_code=lambda table: table["code"].map(_RATE_OF))
    rates = plain[plain["code"].isin(_RATE_OF.values())]
    columns = ["article", "period", "code", "low", "high"]
    pairs = events[["article", "period", "rate_code", "value"]].merge(
        rates[columns], left_on=["article", "period", "rate_code"], right_on=["article", "period", "code"])
    pairs = pairs[(pairs["low"] > 0) & (pairs["value"] > 0)]
    months = {text: periods.parse(text).months for text in pairs["period"].unique()}
    years = pairs["period"].map(months).astype("float64") / 12
    yearly = pairs.assign(low=pairs["low"] * years, high=pairs["high"] * years)
    both = pd.concat([pairs, yearly], ignore_index=True)
    return both.assign(least=1000 * both["value"] / both["high"], most=1000 * both["value"] / both["low"])


def _told_by_rates(panel: pd.DataFrame, article: pd.Series) -> pd.Series:
    """By article that states both populations: the one its rates fit, when they fit only one."""
    rows = panel.assign(article=article)
    stocks = rows[(rows["code"] == "pop_total") & (rows["dims"] == "{}") & (rows["status"] == "observed") & rows["base"].isin(STATED_BASES)]
    pairs = _implied_populations(rows).merge(stocks[["article", "base", "value"]], on="article", suffixes=("", "_people"))
    people = pairs["value_people"]
    fits = pairs[(pairs["least"] <= people * (1 + NEAR_ENOUGH)) & (pairs["most"] >= people * (1 - NEAR_ENOUGH))]
    fitting = fits.groupby("article")["base"].agg(["nunique", "first"])
    return fitting.loc[fitting["nunique"] == 1, "first"]


def assumed_base(panel: pd.DataFrame, *, by_rate: bool) -> tuple[pd.Series, pd.Series]:
    """For each row without a stated base: the base it is read with (empty for none), and how that is known.

    panel: PANEL. `article`: the section speaks of one population only. `rate` (where `by_rate` asks for it): it
    states both, and its birth, death or natural increase rates fit one of them alone.
    """
    article = _section(panel)
    stated = panel["base"].where(panel["base"].isin(STATED_BASES))
    groups = stated.groupby(article)
    kinds = groups.transform("nunique")
    base = groups.transform("first").where(kinds == 1)
    how = pd.Series(BY_ARTICLE, index=panel.index).where(base.notna(), "")
    both = kinds > 1
    if by_rate and both.any():
        told = article.where(both).map(_told_by_rates(panel[both], article[both]).to_dict()).astype(object)
        base = base.astype(object).where(base.notna(), told)
        how = how.where(~(both & base.notna()), BY_RATE)
    open_rows = (panel["base"] == "unstated") & base.notna()
    return base.where(open_rows, "").astype("str"), how.where(open_rows, "")
