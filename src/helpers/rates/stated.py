"""A printed rate beside the recomputed one: does rounding explain the difference?

`yes`: some admissible reading of the counts gives the printed digits. `note`: it does if the digits were cut
off instead of rounded, or with another common population within 1 % of an admissible one. `no`: neither.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.rates.exposure import join_flags
from helpers.rates.measures import Measure
from helpers.rates.population import LIKELY_GROWTH

# Only one end of the population is known: the mean lies within half the likely growth of it.
HALF_GROWTH = LIKELY_GROWTH / 2
NEARLY = 0.01
_TINY = 1e-9


def _meets(low, high, stated_low, stated_high) -> np.ndarray:
    """Whether two intervals have a point in common (binary rounding forgiven)."""
    with np.errstate(invalid="ignore"):
        slack = _TINY * np.maximum(1, np.abs(stated_high))
        return (low <= stated_high + slack) & (high >= stated_low - slack)


def _quotient(low, high, denominator_low, denominator_high) -> tuple[np.ndarray, np.ndarray]:
    """The interval of a quotient with a denominator above zero; either sign above."""
    with np.errstate(divide="ignore", invalid="ignore"):
        corners = np.vstack([low / denominator_low, low / denominator_high, high / denominator_low, high / denominator_high])
    return corners.min(axis=0), corners.max(axis=0)


def _populations(rows: pd.DataFrame, slack: float) -> list[tuple[np.ndarray, np.ndarray]]:
    """The populations a printed rate may have been divided by, as intervals: closing, mean, or a mean near the known end."""
    closing, opening, used = (rows[name].to_numpy(dtype=float) for name in ("closing", "opening", "population"))
    alone = np.isnan(closing) | np.isnan(opening)
    growth = np.where(alone, HALF_GROWTH, 0.0)
    wide = [(closing, 0.0), (used, growth)]
    if slack:
        wide += [(opening, 0.0), (rows["middle"].to_numpy(dtype=float), 0.0)]
    return [(people * (1 - share) * (1 - slack), people * (1 + share) * (1 + slack)) for people, share in wide]


def _per_population(measure: Measure, rows: pd.DataFrame, low, high, slack: float) -> np.ndarray:
    """Two rows of truth: the printed rate is met by the counts as they are; by the counts brought to a year."""
    years = rows["years"].to_numpy(dtype=float)
    told = rows["stated_low"].to_numpy(dtype=float), rows["stated_high"].to_numpy(dtype=float)
    met = np.zeros((2, len(rows)), dtype=bool)
    for people in _populations(rows, slack):
        for way, length in enumerate((np.ones_like(years), years)):
            ends = _quotient(measure.per * low, measure.per * high, people[0] * length, people[1] * length)
            met[way] |= _meets(*ends, *told)
    return met


def _events(measure: Measure, rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    low, high = rows["low"].to_numpy(dtype=float), rows["high"].to_numpy(dtype=float)
    if measure.kind == "increase":
        low, high = low - rows["minus_high"].to_numpy(dtype=float), high - rows["minus_low"].to_numpy(dtype=float)
    return low, high


def _by_difference(rows: pd.DataFrame, printed: dict[str, pd.DataFrame]) -> np.ndarray:
    """Whether the printed natural increase rate is the printed birth rate less the printed death rate."""
    ends = []
    if not {"cbr", "cdr"} <= printed.keys():
        return np.zeros(len(rows), dtype=bool)
    for name in ("cbr", "cdr"):
        rate = printed[name][["key", "binding", "stated"]].drop_duplicates(["key", "binding"])
        ends.append(rows[["key", "binding"]].merge(rate, on=["key", "binding"], how="left")["stated"].to_numpy(dtype=float))
    difference = ends[0] - ends[1]
    return _meets(difference, difference, rows["stated_low"].to_numpy(dtype=float), rows["stated_high"].to_numpy(dtype=float))


def agreement(measure: Measure, rows: pd.DataFrame, printed: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """The rows with `agrees` (yes, note, no, or empty where nothing is to compare) and the flags that explain it.

    rows: counts and rate of one measure with `stated stated_low stated_high`; printed: the rows of the
    measures done before (natural increase looks at birth and death rate).
    """
    told = rows["stated"].notna().to_numpy() & rows["value"].notna().to_numpy()
    low, high = _events(measure, rows)
    flags: list[np.ndarray] = []
    if measure.of_population:
        raw, yearly = _per_population(measure, rows, low, high, 0.0)
        fits, nearly = raw | yearly, _per_population(measure, rows, low, high, NEARLY).any(axis=0)
        told &= rows["population"].notna().to_numpy()
        part = rows["part"].fillna(False).to_numpy(dtype=bool)
        flags.append(np.where(told & raw & ~yearly & part, "stated_not_annualised", ""))
        if measure.kind == "increase":
            difference = _by_difference(rows, printed) & ~fits
            flags.append(np.where(told & difference, "stated_by_difference", ""))
            fits = fits | difference
        flags.append(np.where(told & nearly & ~fits, "stated_other_denominator", ""))
    else:
        ends = (rows[f"denominator_{name}"].to_numpy(dtype=float) for name in ("low", "high"))
        value = _quotient(measure.per * low, measure.per * high, *ends)
        fits = _meets(*value, rows["stated_low"].to_numpy(dtype=float), rows["stated_high"].to_numpy(dtype=float))
        width = (rows["stated_high"] - rows["stated_low"]).to_numpy(dtype=float)
        stated = rows["stated"].to_numpy(dtype=float)
        nearly = _meets(*value, stated, stated + width)
        flags.append(np.where(told & nearly & ~fits, "stated_truncated", ""))
    # "建档率95%" does not say of which population: one that does not fit is no contradiction.
    unnamed = (measure.kind == "share") & rows["of_whole_population"].eq(True).to_numpy(dtype=bool)
    agrees = np.select([~told, fits, nearly, unnamed], ["", "yes", "note", ""], "no")
    return rows.assign(agrees=agrees, flags=join_flags(rows["flags"].to_numpy(), *flags))
