"""Years put together until the sex ratio at birth of a small place can be spoken of at all."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.errors import InputError
from helpers.rates.inputs import INVALID, MISSING, OK, REFUSED, aligned
from helpers.rates.sex_ratio import births_to_tell, sex_ratio_interval, sex_ratio_power, sex_ratio_test

# Below this many births nothing is said about the level (METHODS 1.5).
LEAST_BIRTHS = 200
_ORDER = ["value", "low", "high", "method", "status", "boys", "girls", "births", "first_year", "last_year", "years",
          "p_value", "power", "needed", "dropped", "flags"]


def pool_sex_ratio(year, boys, girls, *, ratio: float = 115, reference: float = 106, power: float = 0.8,
                   alpha: float = 0.05, confidence: float = 0.95) -> pd.DataFrame:
    """The sex ratio at birth of the latest years, pooled back until `ratio` could be told from `reference`: one row.

    year, boys and girls (0 or more), one entry a year; years with a missing count are left out and listed in `dropped`.
    value, low, high: per 100 girls (Wilson). births, first_year, last_year and years: what was pooled. power: of the exact
    test to tell `ratio` at these births; needed: births from which it reaches `power`. flags: `pooled_years` where one year
    was not enough, `too_few_to_tell` where all years together are not, `too_few_for_level` (status `refused`) below 200 births.
    A year told twice is `invalid` with the flag `year_twice`: which counts hold has to be settled first. Sums are taken
    before the ratio. Source: METHODS 1.5, 1.8.

    >>> pool_sex_ratio([2013, 2014, 2015], [900, 1000, 1100], [850, 950, 1000])[["births", "first_year", "status", "flags"]]
       births  first_year status         flags
    0  5800.0        2013     ok  pooled_years
    """
    if not 0 < power < 1:
        raise InputError(f"power is {power}: give a number between 0 and 1, such as 0.8.")
    needed = births_to_tell(ratio, reference, power=power, alpha=alpha)
    data, _ = aligned(year=year, boys=boys, girls=girls)
    table = np.vstack(list(data.values()))
    missing = np.isnan(table).any(axis=0)
    dropped = ";".join(f"{one:g}" for one in table[0, missing & ~np.isnan(table[0])])
    when, male, female = table[:, ~missing][:, np.argsort(-table[0, ~missing], kind="stable")]
    empty = dict.fromkeys(_ORDER, np.nan) | {"method": "wilson", "years": 0, "needed": needed, "dropped": dropped, "flags": ""}
    if not len(when):
        return _row(empty, MISSING)
    if (male < 0).any() or (female < 0).any() or np.isinf(table[:, ~missing]).any():
        return _row(empty, INVALID, "impossible_input")
    if len(np.unique(when)) < len(when):
        return _row(empty, INVALID, "year_twice")
    births = np.cumsum(male + female)
    told = np.flatnonzero(births >= needed)
    count = int(told[0]) + 1 if len(told) else len(when)
    pooled = {"boys": male[:count].sum(), "girls": female[:count].sum(), "births": births[count - 1],
              "first_year": int(when[count - 1]), "last_year": int(when[0]), "years": count}
    flags = ["pooled_years"] * (count > 1) + ["too_few_to_tell"] * (not len(told))
    if births[count - 1] < LEAST_BIRTHS:
        return _row(empty | pooled, REFUSED, ";".join(["too_few_for_level", *flags]))
    found = sex_ratio_interval(pooled["boys"], pooled["girls"], confidence=confidence).iloc[0]
    test = float(sex_ratio_test(pooled["boys"], pooled["girls"], reference)[0])
    reached = float(sex_ratio_power(pooled["births"], ratio, reference, alpha=alpha)["value"].iloc[0])
    shown = {name: found[name] for name in ("value", "low", "high", "method")}
    return _row(empty | pooled | shown | {"p_value": test, "power": reached}, OK, ";".join(flags))


def _row(figures: dict, status: str, flags: str = "") -> pd.DataFrame:
    return pd.DataFrame([figures | {"status": status, "flags": flags or figures["flags"]}])[_ORDER]
