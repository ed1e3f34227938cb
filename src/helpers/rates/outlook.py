"""Births a few years ahead, with the room that chance and change leave, and a warning when a year falls outside it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special, stats

from helpers.errors import InputError
from helpers.rates.inputs import INVALID, MISSING, OK, REFUSED, aligned, confidence_level

# Fewest years, and how far ahead at most.
SHORTEST, FARTHEST = 5, 10
# What is thought of a place's yearly change (log scale) before its figures are seen: its standard deviation is that of
# the national birth rate of data/reference, 0.08 for 1978-2025 (three provinces: 0.05 to 0.10, hence the spread of its
# logarithm); a lasting drift of either sign is of the order of 5 % a year. None of it is fitted to the back-test.
CHANGE, CHANGE_SPREAD, DRIFT = 0.08, 0.5, 0.05
# The level of the first year is as good as unknown.
LEVEL = 10.0
# Points at which the size of the yearly change is tried, and normal quantiles that stand for a distribution.
_CHANGES, _CHANCES = 15, 31
METHOD = "local trend, Poisson"
_COLUMNS = ["year", "value", "low", "high", "method", "status", "change", "flags"]


@dataclass(frozen=True)
class _Mixture:
    """Expected births as weighted values: what the series leaves open about one year."""

    births: np.ndarray
    weights: np.ndarray

    def quantile(self, p: float) -> float:
        """The smallest count whose probability of not being exceeded is at least p."""
        # No expectation of the mixture leaves its own ten standard deviations by chance.
        low, high = -1.0, np.ceil(self.births.max() + 10 * np.sqrt(self.births.max()) + 10)
        while high - low > 1:
            middle = float(np.floor((low + high) / 2))
            low, high = (low, middle) if self.below(middle) >= p else (middle, high)
        return high

    def below(self, count: float) -> float:
        """Probability of at most this many births."""
        return float(self.weights @ special.pdtr(count, self.births)) if count >= 0 else 0.0


def _series(year, births, exposure) -> tuple[np.ndarray, str]:
    """Years, births and exposure in order, without years that lack a figure; and the reason if there is no outlook."""
    data, _ = aligned(year=year, births=births, exposure=1.0 if exposure is None else exposure)
    table = np.vstack([data[name] for name in ("year", "births", "exposure")])
    table = table[:, ~np.isnan(table).any(axis=0)]
    table = table[:, np.argsort(table[0], kind="stable")]
    when, count, people = table
    if np.isinf(table).any() or (count < 0).any() or (people <= 0).any() or len(np.unique(when)) < len(when):
        return table, "impossible_input"
    if len(when) < SHORTEST:
        return table, "too_few_years"
    return table, "" if count.sum() else "no_events"


def _expected(table: np.ndarray, ahead: np.ndarray) -> tuple[list[_Mixture], float]:
    """Expected births of the years `ahead`, and the drift found (log scale, a year).

    log rate = level + drift · t + a random walk; the counts are Poisson around it. Level, drift and walk are
    normal and integrated out, the size of the walk's steps is summed over a grid by how well it explains the series.
    """
    when, count, people = table
    logs = np.log((count + 0.5) / people)
    origin, centre = when[0], logs.mean()
    noise = 1 / (count + 0.5)
    t, s = when - origin, ahead - origin
    sizes = CHANGE * np.exp(CHANGE_SPREAD * stats.norm.ppf((np.arange(_CHANGES) + 0.5) / _CHANGES))
    nodes = stats.norm.ppf((np.arange(_CHANCES) + 0.5) / _CHANCES)
    nodes /= nodes.std()
    growth, growth_error = _exposure_growth(when, people)
    fits = []
    for size in sizes:
        def covariance(a, b, size=size):
            return LEVEL**2 + DRIFT**2 * np.outer(a, b) + size**2 * np.minimum.outer(a, b)

        factor = np.linalg.cholesky(covariance(t, t) + np.diag(noise))
        solved = np.linalg.solve(factor, np.column_stack([logs - centre, covariance(t, s), DRIFT**2 * t]))
        own, cross, drift = solved[:, 0], solved[:, 1:-1], solved[:, -1]
        mean = centre + cross.T @ own
        variance = np.diag(covariance(s, s)) - (cross**2).sum(axis=0)
        fits.append((-np.log(np.diag(factor)).sum() - (own**2).sum() / 2, mean, variance, float(drift @ own)))
    likelihood = np.array([fit[0] for fit in fits])
    weights = np.exp(likelihood - likelihood.max())
    weights /= weights.sum()
    mixtures = []
    for at, year in enumerate(ahead):
        step = year - when[-1]
        spread = [np.sqrt(fit[2][at] + growth_error**2 * step) for fit in fits]
        births = np.concatenate([np.exp(fit[1][at] + wide * nodes) for fit, wide in zip(fits, spread, strict=True)])
        mixtures.append(_Mixture(people[-1] * np.exp(growth * step) * births, np.repeat(weights / _CHANCES, _CHANCES)))
    return mixtures, float(weights @ [fit[3] for fit in fits])


def _exposure_growth(when: np.ndarray, people: np.ndarray) -> tuple[float, float]:
    """Mean yearly change of the exposure on the log scale, and the spread of its yearly changes."""
    changes = np.diff(np.log(people)) / np.diff(when)
    return float(changes.mean()), float(changes.std(ddof=1))


def _refused(status: str, flags: str, years: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame({"year": years, "value": np.nan, "low": np.nan, "high": np.nan, "method": "", "status": status,
                         "change": np.nan, "flags": flags})[_COLUMNS]


def outlook(year, births, exposure=None, horizon: int = 5, *, confidence: float = 0.95) -> pd.DataFrame:
    """Births of the years after the last one: a row a year, `year value low high method status`.

    year, births (0 or more), exposure (above 0: person-years or women of 15-49; carried on at its own mean growth),
    one entry a year; years with a missing figure are left out. value is the median, low and high the prediction
    interval of the count itself, not of its mean. Besides: `change`, the drift in per cent a year, and `flags`.

    Model: local trend on the log scale with Poisson counts (Harvey 1989); the size of the yearly change starts from
    that of the national birth rate in data/reference and learns from the series. Fewer than five years, or a
    horizon longer than the series, are `refused`; `flags` says why. Raises InputError for a horizon outside 1 to 10.

    >>> outlook(range(2015, 2021), [336, 352, 341, 318, 306, 290], horizon=2)[["year", "value", "low", "high"]]
         year  value    low   high
    0  2021.0  288.0  230.0  357.0
    1  2022.0  281.0  212.0  372.0
    """
    level = confidence_level(confidence)
    if not 1 <= horizon <= FARTHEST or int(horizon) != horizon:
        raise InputError(f"horizon is {horizon!r}: give a whole number of years from 1 to {FARTHEST}.")
    table, why = _series(year, births, exposure)
    ahead = (table[0, -1] if table.shape[1] else np.nan) + np.arange(1, int(horizon) + 1)
    if not table.shape[1]:
        return _refused(MISSING, "", ahead)
    if why or horizon > table.shape[1]:
        return _refused(INVALID if why == "impossible_input" else REFUSED, why or "horizon_beyond_series", ahead)
    mixtures, drift = _expected(table, ahead)
    ends = [[mixture.quantile(p) for p in (0.5, (1 - level) / 2, (1 + level) / 2)] for mixture in mixtures]
    found = pd.DataFrame(ends, columns=["value", "low", "high"])
    return found.assign(year=ahead, method=METHOD, status=OK, change=100 * np.expm1(drift), flags="")[_COLUMNS]


def early_warning(year, births, exposure=None, *, confidence: float = 0.95) -> pd.DataFrame:
    """The last year against what the years before it led to expect: one row.

    Columns: those of `outlook` for the last year, `observed`, `warning` (high, low or none), `p_value` (two-sided)
    and `false_alarms`: how often a year that goes on as before raises a warning (1 - confidence).

    >>> early_warning(range(2014, 2021), [330, 336, 352, 341, 318, 306, 190])[["observed", "low", "warning"]]
       observed    low warning
    0     190.0  246.0     low
    """
    table, _ = _series(year, births, exposure)
    before, last = table[:, :-1], table[:, -1:]
    if not last.size:
        return outlook([], [], horizon=1).assign(observed=np.nan, warning="", p_value=np.nan, false_alarms=np.nan)
    horizon = int(last[0, 0] - before[0, -1]) if before.size else 1
    found = outlook(*before, horizon=min(max(horizon, 1), FARTHEST), confidence=confidence).iloc[[-1]].reset_index(drop=True)
    found = found.assign(observed=last[1, 0], warning="", p_value=np.nan, false_alarms=np.nan)
    if found["status"].iloc[0] != OK:
        return found
    mixture = _expected(before, last[0])[0][0]
    count = last[1, 0]
    p_value = min(1.0, 2 * min(mixture.below(count), 1 - mixture.below(count - 1)))
    warning = "low" if count < found["low"].iloc[0] else "high" if count > found["high"].iloc[0] else "none"
    return found.assign(warning=warning, p_value=p_value, false_alarms=1 - confidence_level(confidence))
