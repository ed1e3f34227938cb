"""Which rows of the rates may stand in one line: one measure, one population base, kinds of year told apart."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.schema import flagged

FULL_YEARS = ("calendar", "family_planning")


def series(rates: pd.DataFrame, measure: str, *, base: str | None = None, dims: str = "{}") -> pd.DataFrame:
    """The dated, sound rows of one measure in the order of time.

    `rates` is a RATES table of one place. A rate that rests on a questioned figure stands in no line. Registered, resident and floating populations never mix:
    without `base` the one with the most years is taken. A year told twice keeps its full year.
    Adds `whole` (the period is twelve months).
    """
    rows = rates[(rates["measure"] == measure) & (rates["dims"] == dims) & (rates["status"] == "ok") & rates["year"].notna()]
    rows = rows[~flagged(rows, "questioned")]
    if rows.empty:
        return rows.assign(whole=pd.Series(dtype=bool))
    if base is None:
        base = main_base(rows)
    rows = rows[rows["base"] == base].assign(whole=lambda frame: frame["year_kind"].isin(FULL_YEARS))
    rows = rows.sort_values(["year", "whole", "year_kind", "period"], ascending=[True, False, True, True], kind="stable")
    return rows.drop_duplicates("year").reset_index(drop=True)


def main_base(rows: pd.DataFrame) -> str:
    """The population base with the most years (registered before resident at equal length)."""
    order = {"registered": 0, "resident": 1, "unstated": 2, "floating": 3}
    counts = rows.groupby("base")["year"].nunique()
    return min(counts.index, key=lambda base: (-counts[base], order.get(base, 9)))


def change(rows: pd.DataFrame) -> str:
    """`up`, `down`, `level` (the intervals of first and last whole year overlap) or `none` (fewer than two)."""
    whole = rows[rows["whole"]] if "whole" in rows else rows
    if len(whole) < 2:
        return "none"
    first, last = whole.iloc[0], whole.iloc[-1]
    if last["low"] > first["high"]:
        return "up"
    if last["high"] < first["low"]:
        return "down"
    return "level"


def pooled_ratio(rows: pd.DataFrame) -> tuple[float, float, float, int]:
    """Sex ratio at birth over all rows together: value, low, high (Wilson, 95 %), births.

    Numerators are boys, denominators girls; sums are taken before the ratio.
    """
    from helpers.rates import sex_ratio_interval  # loads statsmodels, which a single chart does not need

    boys, girls = int(rows["numerator"].sum()), int(rows["denominator"].sum())
    births = boys + girls
    if births == 0 or girls == 0:
        return np.nan, np.nan, np.nan, births
    pooled = sex_ratio_interval(boys, girls).iloc[0]
    return float(pooled["value"]), float(pooled["low"]), float(pooled["high"]), births
