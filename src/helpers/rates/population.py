"""Which population a rate is divided by: mean, mid-year, closing or opening, of the same base, and for how long."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.rates.counts import Observations, term_values
from helpers.rates.exposure import join_flags, mean_population, months_between, years_between
from helpers.rates.measures import Term

# A count dated within so many days of an end (or the middle) of the period is taken as made there.
NEAR = 45
# The farthest a population may lie from the end of the period it stands for.
FARTHEST = 550
# Growth of a population that an unstated opening or closing population may hide (METHODS 3.4).
LIKELY_GROWTH = 0.05
CLOSING, OPENING, MIDDLE = "closing", "opening", "mid_year"


def period_length(keys: pd.DataFrame) -> pd.DataFrame:
    """Years and completed months of each key's period: by days where dated, by months where the year is hidden."""
    start, end = (_days(keys[name]) for name in ("period_start", "period_end"))
    dated = ~np.isnat(start)
    hidden_months = keys["months"].to_numpy()
    years = np.where(dated, years_between(start, end), hidden_months / 12)
    months = np.where(dated, months_between(start, end), np.nan_to_num(hidden_months, nan=-1))
    return pd.DataFrame({"years": years, "whole_months": months, "hidden": ~dated & (hidden_months > 0)}, index=keys.index)


def _days(text: pd.Series) -> np.ndarray:
    return pd.to_datetime(text.where(text != "", None)).to_numpy().astype("datetime64[D]")


def _dated_pairs(flows: pd.DataFrame, stocks: pd.DataFrame) -> pd.DataFrame:
    """Each dated period with the populations of its place and base: what end each stands at, how far off."""
    pairs = flows.merge(stocks, on=["place_id", "base_used"], suffixes=("", "_stock"))
    start, end, counted = (_days(pairs[name]) for name in ("period_start", "period_end", "period_end_stock"))
    before = start - 1
    middle = before + (end - before) // 2
    gaps = np.abs(np.vstack([(counted - moment).astype(int) for moment in (end, before, middle)]))
    gaps[2] = np.where((end - before).astype(int) >= 270, gaps[2], FARTHEST + 1)
    nearest = gaps.argmin(axis=0)
    same_year = counted.astype("datetime64[Y]") == end.astype("datetime64[Y]")
    # "2018" over a report of seven months: the population is dated by its year only.
    by_year = same_year & (counted > end) & (pairs["year_kind"] == "calendar").to_numpy()
    near = gaps.min(axis=0) <= NEAR
    kind = np.where(near, np.array([CLOSING, OPENING, MIDDLE])[nearest], np.where(gaps[0] <= gaps[1], CLOSING, OPENING))
    flag = np.where(near, "", np.where(by_year, "population_of_the_year", "population_a_year_off"))
    usable = near | by_year | (gaps[:2].min(axis=0) <= FARTHEST)
    return pairs.assign(end=np.where(by_year, CLOSING, kind), gap=np.where(by_year, NEAR, gaps.min(axis=0)), flag=flag)[usable]


def _undated_pairs(flows: pd.DataFrame, stocks: pd.DataFrame) -> pd.DataFrame:
    """Periods whose year is hidden with the populations of the same section: closing, by the month where told."""
    stocks = stocks[stocks["status"] == "observed"]
    pairs = flows.merge(stocks, on=["place_id", "scope", "base_used"], suffixes=("", "_stock"))
    same_end = pairs["period"].str[-2:] == pairs["period_stock"].str[-2:]
    told = (pairs["period"] == pairs["period_stock"]) | (same_end & pairs["period"].str.contains("-"))
    return pairs.assign(end=CLOSING, gap=np.where(told, 0, NEAR), flag=np.where(told, "", "population_of_the_year"))


def _stocks(observed: Observations, code: str) -> pd.DataFrame:
    columns = ["place_id", "scope", "base_used", "period", "period_start", "period_end", "year_kind", "status",
               "value", "fact", "base_assumed", "conflict"]
    table = observed.by_code.get(code, observed.table.iloc[:0])
    rows = table[(table["dims"] == "{}") & table["status"].isin(["observed", "previous"])]
    return rows.drop_duplicates("key")[columns]


def _pick(pairs: pd.DataFrame, end: str) -> pd.DataFrame:
    """The nearest population at one end, by key."""
    rows = pairs[pairs["end"] == end].sort_values("gap", kind="stable").drop_duplicates("key").set_index("key")
    return rows[["value", "fact", "flag", "base_assumed", "conflict"]]


def populations(observed: Observations, keys: pd.DataFrame, code: str = "pop_total") -> pd.DataFrame:
    """For each key: the population to divide by, and what else it could have been.

    observed: `counts.observations`; keys: rows of `counts.keys_of` for the events; code: the stock.
    Gives, indexed as `keys`: `population` (NaN where none of the same base is known), `kind` (mean, mid_year,
    closing, opening), `closing`, `opening`, `refused`, `flags`, `facts`, `base_assumed`, `conflict`.
    A stated mean population comes first, then the mean of both ends, mid-year, closing, opening.
    """
    stocks = _stocks(observed, code)
    wanted = ["place_id", "scope", "base_used", "period", "period_start", "period_end"]
    flows = keys[wanted].reset_index(names="key")
    dated = flows["period_start"] != ""
    stock_dated = stocks["period_start"] != ""
    pairs = pd.concat([
        _dated_pairs(flows[dated].drop(columns="scope"), stocks[stock_dated].drop(columns="scope")),
        _undated_pairs(flows[~dated], stocks[~stock_dated]),
    ], ignore_index=True)
    ends = {end: _pick(pairs, end).reindex(keys.index) for end in (CLOSING, OPENING, MIDDLE)}
    if code == "pop_total":
        ends["mean"] = term_values(observed, Term("pop_avg")).drop_duplicates("key").set_index("key").reindex(keys.index)
        ends["mean"]["flag"] = ""
    return _choose(ends, keys.index)


def _choose(ends: dict[str, pd.DataFrame], index: pd.Index) -> pd.DataFrame:
    """One population a key out of those at its ends."""
    closing, opening, middle = (ends[end]["value"].to_numpy() for end in (CLOSING, OPENING, MIDDLE))
    stated = ends["mean"]["value"].to_numpy() if "mean" in ends else np.full(len(index), np.nan)
    near = [ends[end]["flag"].fillna("").to_numpy() == "" for end in (CLOSING, OPENING)]
    both = ~np.isnan(closing) & ~np.isnan(opening) & near[0] & near[1]
    mean, mean_flags, broken = mean_population(np.where(both, opening, np.nan), np.where(both, closing, np.nan))
    cases = [~np.isnan(stated), both, ~np.isnan(middle), ~np.isnan(closing) & (near[0] | np.isnan(opening) | ~near[1]), ~np.isnan(opening)]
    kinds = ["mean", "both", MIDDLE, CLOSING, OPENING]
    kind = np.select(cases, kinds, "").astype(object)
    value = np.select(cases, [stated, mean, middle, closing, opening], np.nan)
    own_flag = np.select([kind == end for end in (CLOSING, OPENING, MIDDLE)],
                         ["closing_population_used", "opening_population_used", "mid_year_population_used"], "")
    late = np.select([kind == end for end in (CLOSING, OPENING)], [ends[end]["flag"].fillna("") for end in (CLOSING, OPENING)], "")
    flags = join_flags(np.where(kind == "both", mean_flags, ""), own_flag, late,
                       np.where((kind == "both") & broken, "population_break", ""), np.where(kind == "", "no_population", ""))

    def told(name: str, empty):
        one = {end: frame[name].astype(object).where(frame[name].notna(), empty).to_numpy() for end, frame in ends.items()}
        if name == "fact":
            pair = one[OPENING] + np.array(";", dtype=object) + one[CLOSING]
        else:
            pair = one[OPENING] | one[CLOSING]
        choices = [one.get("mean", pair), pair, one[MIDDLE], one[CLOSING], one[OPENING]]
        return np.select([kind == name for name in kinds], choices, empty)

    return pd.DataFrame({
        "population": value, "kind": np.where(kind == "both", "mean", kind), "closing": closing, "opening": opening,
        "middle": middle, "refused": (kind == "both") & broken, "flags": flags, "facts": told("fact", ""),
        "base_assumed": told("base_assumed", False).astype(bool), "conflict": told("conflict", False).astype(bool),
    }, index=index)
