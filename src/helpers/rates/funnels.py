"""Places outside what chance and the usual differences between places would make of one county."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.rates.intervals import two_sided_z
from helpers.rates.smoothing import FEWEST_TO_ADJUST, TAIL

# The outer limits of a funnel (Spiegelhalter 2005): beyond them a place is worth asking about.
OUTER = 0.998
HIGH, LOW, INSIDE = "high", "low", "inside"


def funnel_labels(table: pd.DataFrame, family: pd.Series) -> np.ndarray:
    """`high`, `low` or `inside` for each row, by the additive over-dispersion limits of its family; empty if undefined.

    table: rows with `kind events size`; family: a number for each row's measure, period and county.
    Rates and shares are compared with the family's own level Σevents / Σsize, sex ratios as shares of boys.
    Limits: level ± z √(s² + τ²), τ² from the winsorised z-scores (Spiegelhalter, Stat Med 2005;24:1185), 0
    in families of fewer than ten. Natural increase has no funnel.
    """
    if not len(table):
        return np.array([], dtype=object)
    events, size = table["events"].astype(float), table["size"].astype(float)

    def total(column: pd.Series) -> pd.Series:
        return column.groupby(family, sort=False).transform("sum")

    level = total(events) / total(size)
    proportion = table["kind"].isin(["share", "sex_ratio"])
    variance = (level * (1 - level).where(proportion, 1.0) / size).where(table["kind"] != "increase")
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (events / size - level) / np.sqrt(variance)
    grouped = z.groupby(family, sort=False)
    k = grouped.transform("size")
    tails = [family.map(grouped.quantile(share)) for share in (TAIL, 1 - TAIL)]
    phi = total(z.clip(*tails) ** 2) / k
    weight = 1 / variance
    room = total(weight) - total(weight**2) / total(weight)
    tau2 = ((k * phi - (k - 1)) / room).clip(lower=0).where((k >= FEWEST_TO_ADJUST) & (room > 0), 0.0)
    half = two_sided_z(OUTER) * np.sqrt(variance + tau2)
    distance = events / size - level
    label = np.where(distance > half, HIGH, np.where(distance < -half, LOW, INSIDE))
    return np.where(variance > 0, label, "").astype(object)
