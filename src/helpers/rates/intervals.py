"""Confidence intervals of rates, proportions and of natural increase.

Formulas and sources: `docs/methods.md`. Library methods are used where there are any (scipy's gamma and
beta functions, statsmodels' `proportion_confint`); Byar's limits and the MOVER interval are written here.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special, stats
from statsmodels.stats.proportion import proportion_confint

from helpers.rates.inputs import aligned, confidence_level, one_of, positive_number, result, statuses

RATE_METHODS = ("auto", "exact", "byar", "score", "jeffreys")
PROPORTION_METHODS = ("wilson", "clopper-pearson", "agresti-coull", "jeffreys")
# Exact below ten events, Byar from ten on: the convention of Public Health England's technical guide.
BYAR_FROM = 10


def two_sided_z(level: float) -> float:
    """The normal deviate of a two-sided interval: 1.959964 for 0.95, infinite for certainty."""
    return float(stats.norm.isf((1 - level) / 2))


def exact_limits(count: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Garwood's limits of a Poisson count (Biometrika 1936;28:437): gamma quantiles; 0 below at count 0.

    >>> [round(float(limit), 6) for limit in exact_limits(np.array(0.0), 0.95)]
    [0.0, 3.688879]
    """
    tail = (1 - level) / 2
    low = np.where(count > 0, special.gammaincinv(np.where(count > 0, count, 1.0), tail), 0.0)
    return low, special.gammainccinv(count + 1, tail)


def byar_limits(count: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Byar's limits of a Poisson count (Breslow & Day 1987, vol. 2, p. 69).

    At count 0 the lower limit is 0; where the formula falls below zero (count 1 at 99.8 %) it is NaN.
    """
    z = two_sided_z(level)
    if np.isinf(z):
        return np.zeros_like(count), np.full_like(count, np.inf)
    some = np.where(count > 0, count, 1.0)
    low = some * (1 - 1 / (9 * some) - z / (3 * np.sqrt(some))) ** 3
    low = np.where(count == 0, 0.0, np.where(low < 0, np.nan, low))
    after = count + 1
    return low, after * (1 - 1 / (9 * after) + z / (3 * np.sqrt(after))) ** 3


def _score_limits(count, level):
    z = two_sided_z(level)
    if np.isinf(z):
        return np.zeros_like(count), np.full_like(count, np.inf)
    half = z * np.sqrt(count + z * z / 4)
    return np.where(count == 0, 0.0, count + z * z / 2 - half), count + z * z / 2 + half


def _jeffreys_limits(count, level):
    tail = (1 - level) / 2
    return np.where(count == 0, 0.0, special.gammaincinv(count + 0.5, tail)), special.gammainccinv(count + 0.5, tail)


def count_limits(count: np.ndarray, level: float, method: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Limits of Poisson counts and the method used for each: `auto` is exact below 10, Byar from 10 on."""
    plain = {"exact": exact_limits, "byar": byar_limits, "score": _score_limits, "jeffreys": _jeffreys_limits}
    if method != "auto":
        low, high = plain[method](count, level)
        return low, high, np.full(count.shape, method, dtype=object)
    exact, byar = exact_limits(count, level), byar_limits(count, level)
    use_byar = count >= BYAR_FROM
    low, high = (np.where(use_byar, b, e) for b, e in zip(byar, exact, strict=True))
    return low, high, np.where(use_byar, "byar", "exact").astype(object)


def rate_interval(count, exposure, *, per: float = 1000, confidence: float = 0.95, method: str = "auto") -> pd.DataFrame:
    """Rates with their intervals: events over person-years (or births, for infant mortality).

    count: events, 0 or more (fractions are allowed); exposure: above 0, in the events' unit; scalars or
    arrays of one length. Gives a row per input: `value low high` per `per`, `method` (the one used for that
    row), `status` (ok, missing, invalid).
    Methods: auto (exact below 10 events, Byar from 10 on, as Public Health England does), exact (Garwood
    1936), byar (Breslow & Day 1987); as cross-checks score and jeffreys.

    >>> rate_interval([336, 0], 30317).round(3)
        value    low    high method status
    0  11.083  9.929  12.334   byar     ok
    1   0.000  0.000   0.122  exact     ok
    """
    level, per, method = confidence_level(confidence), positive_number("per", per), one_of("method", method, RATE_METHODS)
    data, index = aligned(count=count, exposure=exposure)
    events, time = data["count"], data["exposure"]
    missing = np.isnan(events) | np.isnan(time)
    status = statuses(missing, (events < 0) | (time <= 0) | np.isinf(events) | np.isinf(time))
    good = status == "ok"
    events, time = np.where(good, events, 1.0), np.where(good, time, 1.0)
    low, high, used = count_limits(events, level, method)
    used = np.where(good, used, method).astype(object)
    scale = per / time
    return result(index, status, value=events * scale, low=low * scale, high=high * scale, method=used)


def proportion_limits(count: np.ndarray, n: np.ndarray, level: float, method: str) -> tuple[np.ndarray, np.ndarray]:
    """Limits of count / n (0 to 1) for valid input; exactly 0 at count 0 and exactly 1 at count n."""
    if level == 1:
        return np.zeros_like(count), np.ones_like(count)
    if not len(count):
        return count.copy(), count.copy()
    names = {"clopper-pearson": "beta", "agresti-coull": "agresti_coull"}
    low, high = proportion_confint(count, n, alpha=1 - level, method=names.get(method, method))
    low, high = np.clip(low, 0, 1), np.clip(high, 0, 1)
    return np.where(count == 0, 0.0, low), np.where(count == n, 1.0, high)


def proportion_interval(count, n, *, per: float = 100, confidence: float = 0.95, method: str = "wilson") -> pd.DataFrame:
    """Shares of a whole with their intervals: coverage, births within policy, order shares.

    count: 0 to n; n: above 0. Gives `value low high` per `per`, `method`, `status`; a count above n, or n
    of 0, is `invalid`, never clipped. Methods: wilson (JASA 1927;22:209), clopper-pearson (Biometrika
    1934;26:404), and as cross-checks agresti-coull and jeffreys.

    >>> proportion_interval(286, 336).round(3)
        value     low    high  method status
    0  85.119  80.917  88.527  wilson     ok
    """
    level, per = confidence_level(confidence), positive_number("per", per)
    method = one_of("method", method, PROPORTION_METHODS)
    data, index = aligned(count=count, n=n)
    part, whole = data["count"], data["n"]
    status = statuses(np.isnan(part) | np.isnan(whole), (part < 0) | (whole <= 0) | (part > whole) | np.isinf(whole))
    good = status == "ok"
    part, whole = np.where(good, part, 0.0), np.where(good, whole, 1.0)
    low, high = proportion_limits(part, whole, level, method)
    return result(index, status, value=per * (part / whole), low=per * low, high=per * high, method=method)


def natural_increase_interval(births, deaths, exposure, *, per: float = 1000, confidence: float = 0.95) -> pd.DataFrame:
    """Natural increase (births less deaths over one exposure) by MOVER with exact limits.

    births, deaths: 0 or more; exposure: person-years above 0. The error of the population itself is not in
    the interval. Sources: Zou & Donner, Stat Med 2008;27:1693; Li, Tang & Wong 2014.

    >>> natural_increase_interval(215, 149, 23449).round(3)
       value    low   high method status
    0  2.815  1.194  4.451  mover     ok
    """
    level, per = confidence_level(confidence), positive_number("per", per)
    data, index = aligned(births=births, deaths=deaths, exposure=exposure)
    table = np.vstack([data["births"], data["deaths"], data["exposure"]])
    invalid = (table[:2] < 0).any(axis=0) | (table[2] <= 0) | np.isinf(table).any(axis=0)
    status = statuses(np.isnan(table).any(axis=0), invalid)
    born, dead, time = np.where(status == "ok", table, 1.0)
    (born_low, born_high), (dead_low, dead_high) = exact_limits(born, level), exact_limits(dead, level)
    difference, scale = born - dead, per / time
    low = difference - np.hypot(born - born_low, dead_high - dead)
    high = difference + np.hypot(born_high - born, dead - dead_low)
    return result(index, status, value=scale * difference, low=scale * low, high=scale * high, method="mover")
