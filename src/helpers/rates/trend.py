"""Trend of counts over years: the annual change in percent, with the over-dispersion of the years in its interval."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import stats
from statsmodels.tools.sm_exceptions import (
    ConvergenceWarning,
    HessianInversionWarning,
    PerfectSeparationWarning,
)

from helpers.errors import InputError
from helpers.rates.inputs import INVALID, MISSING, OK, REFUSED, aligned, confidence_level, one_of

# Years from which on a slope is fitted, is given an interval, and a negative binomial is tried.
SLOPE_FROM, INTERVAL_FROM, NEGATIVE_BINOMIAL_FROM = 3, 5, 8
NEGATIVE_BINOMIAL_PHI = 1.5
TREND_METHODS = ("auto", "poisson", "negative-binomial")


@dataclass(frozen=True)
class PoissonFit:
    """A Poisson regression with offset: coefficients, their covariance, and how well the counts follow it."""

    coefficients: np.ndarray
    covariance: np.ndarray
    log_likelihood: float
    deviance: float
    pearson: float
    residual_df: int

    @property
    def phi(self) -> float:
        """Pearson's X² over its degrees of freedom: 1 for pure chance."""
        return self.pearson / self.residual_df if self.residual_df > 0 else np.nan


def fit_poisson(count: np.ndarray, exposure: np.ndarray, design: np.ndarray) -> PoissonFit:
    """Poisson regression log(mean) = log(exposure) + design · coefficients (maximum likelihood).

    count, exposure: one entry a row; design: rows × columns, with its constant.
    """
    with warnings.catch_warnings():
        # A series that lies exactly on its line is no fault here.
        warnings.simplefilter("ignore", PerfectSeparationWarning)
        fit = sm.GLM(count, design, family=sm.families.Poisson(), offset=np.log(exposure)).fit()
    return PoissonFit(
        np.asarray(fit.params), np.asarray(fit.cov_params()), float(fit.llf), float(fit.deviance),
        float(fit.pearson_chi2), int(fit.df_resid),
    )


def _negative_binomial(count, exposure, design) -> tuple[float, float] | None:
    """Slope and standard error of a negative binomial (NB2), None where its fit fails or α runs to 0."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", (ConvergenceWarning, HessianInversionWarning, RuntimeWarning))
        try:
            fit = sm.NegativeBinomial(count, design, offset=np.log(exposure)).fit(disp=0, maxiter=500)
        except (np.linalg.LinAlgError, ValueError):
            return None
    alpha, error = float(fit.params[-1]), float(fit.bse[1])
    converged = bool(fit.mle_retvals["converged"]) and np.isfinite(error) and alpha > 1e-8
    return (float(fit.params[1]), error) if converged else None


def _row(status: str, method: str = "", flags: str = "", **figures) -> pd.DataFrame:
    empty = dict.fromkeys(("value", "low", "high", "slope", "error", "phi", "p_value"), np.nan)
    figures = {**empty, "years": 0, "dropped": "", **figures}
    order = ["value", "low", "high", "method", "status", "phi", "slope", "error", "p_value", "years", "dropped", "flags"]
    return pd.DataFrame([{**figures, "method": method, "status": status, "flags": flags}])[order]


def trend(year, count, exposure, *, confidence: float = 0.95, method: str = "auto") -> pd.DataFrame:
    """The yearly change of a rate in percent: one row, `value low high` in percent, `method status phi`.

    year, count (0 or more) and exposure (above 0; a part year has its own person-years), one entry a year;
    years with a missing figure are left out and listed in `dropped`. Model: Poisson with log link and
    offset; value = 100 (e^slope - 1). Fewer than three years, or no event at all, are `refused`; three or
    four give a slope without an interval; a year told twice is `invalid` (which count holds has to be settled first); from five on the interval is quasi-Poisson (φ = X²/(T - 2), error
    times √max(1, φ), Student's t). Besides: `slope` and `error` (log scale), `p_value`, `years` used, `flags`.

    With method "negative-binomial" (from eight years on; ML, NB2) the interval and the slope are that
    model's, quasi-Poisson where it does not converge. "poisson" takes φ as 1.

    >>> trend(range(2015, 2020), [100, 95, 92, 85, 83], 10000).round(2)[["value", "low", "high", "method"]]
       value    low  high         method
    0  -4.72 -14.28  5.89  quasi-poisson
    """
    level, method = confidence_level(confidence), one_of("method", method, TREND_METHODS)
    data, _ = aligned(year=year, count=count, exposure=exposure)
    table = np.vstack(list(data.values()))
    missing = np.isnan(table).any(axis=0)
    dropped = ";".join(f"{y:g}" for y in table[0, missing & ~np.isnan(table[0])])
    when, events, time = table[:, ~missing]
    if (events < 0).any() or (time <= 0).any() or np.isinf(table[:, ~missing]).any():
        return _row(INVALID, flags="impossible_input", dropped=dropped)
    years = len(np.unique(when))
    if not len(when):
        return _row(MISSING, dropped=dropped)
    if years < len(when):
        return _row(INVALID, flags="year_twice", years=years, dropped=dropped)
    if years < SLOPE_FROM:
        return _row(REFUSED, flags="too_few_years", years=years, dropped=dropped)
    if not events.sum():
        return _row(REFUSED, flags="no_events", years=years, dropped=dropped)
    return _fitted(when, events, time, level, method).assign(years=years, dropped=dropped)


def _fitted(when: np.ndarray, events: np.ndarray, time: np.ndarray, level: float, method: str) -> pd.DataFrame:
    """The fit of a series that can be fitted."""
    design = np.column_stack([np.ones_like(when), when - when.mean()])
    if (events > 0).sum() < 2 and (events[np.argmax(when)] > 0 or events[np.argmin(when)] > 0):
        return _row(REFUSED, flags="events_in_one_end_year_only")
    fit = fit_poisson(events, time, design)
    slope, error, phi = float(fit.coefficients[1]), float(np.sqrt(fit.covariance[1, 1])), fit.phi
    found = {"value": 100 * np.expm1(slope), "slope": slope, "phi": phi}
    if len(when) < INTERVAL_FROM:
        return _row(OK, "slope only", "too_few_years_for_interval", **found)
    name, flags, df = "quasi-poisson", "", len(when) - 2
    if method == "poisson":
        name, quantile, tail = "poisson", stats.norm.isf((1 - level) / 2), stats.norm.sf
    else:
        error *= np.sqrt(max(1.0, phi))
        quantile, tail = stats.t.isf((1 - level) / 2, df), lambda t: stats.t.sf(t, df)
    if method == "negative-binomial":
        other = _negative_binomial(events, time, design) if len(when) >= NEGATIVE_BINOMIAL_FROM else None
        flags = "" if other else "negative_binomial_not_used"
        if other:
            name, (slope, error) = "negative-binomial", other
            quantile, tail = stats.norm.isf((1 - level) / 2), stats.norm.sf
    ends = 100 * np.expm1([slope, slope - quantile * error, slope + quantile * error])
    return _row(OK, name, flags, value=ends[0], low=ends[1], high=ends[2], slope=slope, error=error, phi=phi,
                p_value=float(2 * tail(abs(slope) / error)))


def trend_of_share(year, count, n, *, confidence: float = 0.95) -> pd.DataFrame:
    """The yearly change of the odds of a share (sex ratio: boys among births; coverage), as `trend`.

    year; count: 0 to n; n: above 0. Logistic regression with counts, quasi-binomial interval from five
    years on; value = 100 (e^slope - 1), the change of the odds (of boys per girl, say) in percent a year.
    Raises InputError when a count exceeds its n.
    """
    level = confidence_level(confidence)
    data, _ = aligned(year=year, count=count, n=n)
    table = np.vstack(list(data.values()))
    missing = np.isnan(table).any(axis=0)
    when, part, whole = table[:, ~missing]
    if (part > whole).any() or (part < 0).any() or (whole <= 0).any():
        raise InputError("a count is below 0 or above its n: correct it before looking for a trend.")
    years = len(np.unique(when))
    if years < len(when):
        return _row(INVALID, flags="year_twice", years=years)
    if years < SLOPE_FROM or part.sum() in (0, whole.sum()):
        return _row(REFUSED, flags="too_few_years" if years < SLOPE_FROM else "no_variation", years=years)
    design = np.column_stack([np.ones_like(when), when - when.mean()])
    fit = sm.GLM(np.column_stack([part, whole - part]), design, family=sm.families.Binomial()).fit()
    slope, phi = float(fit.params[1]), float(fit.pearson_chi2 / max(1, len(when) - 2))
    if len(when) < INTERVAL_FROM:
        return _row(OK, "slope only", "too_few_years_for_interval", value=100 * np.expm1(slope), slope=slope, phi=phi, years=years)
    error = float(fit.bse[1]) * np.sqrt(max(1.0, phi))
    half = stats.t.isf((1 - level) / 2, len(when) - 2) * error
    value, low, high = 100 * np.expm1([slope, slope - half, slope + half])
    p_value = float(2 * stats.t.sf(abs(slope) / error, len(when) - 2))
    return _row(OK, "quasi-binomial", value=value, low=low, high=high, slope=slope, error=error, phi=phi, p_value=p_value, years=years)
