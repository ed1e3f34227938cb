"""Between-place smoothing and over-dispersion: what is left of differences once chance is taken away.

Smoothed values are for maps and ranking, beside the raw rate; they never feed the audit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize, special

from helpers.errors import InputError
from helpers.rates.inputs import OK, REFUSED, aligned, result, statuses

# Fewer areas than this are not smoothed; fewer than the second are not adjusted for over-dispersion.
FEWEST_TO_SMOOTH, FEWEST_TO_ADJUST = 5, 10
# Share cut from each tail of the standardised differences (Spiegelhalter 2005).
TAIL = 0.10
# a + b of the beta distribution beyond which areas do not differ at all.
NO_VARIANCE = 1e7


def smooth_marshall(count, exposure) -> pd.DataFrame:
    """Empirical Bayes rates per unit of exposure, drawn towards the common rate (Marshall, Appl Stat 1991;40:283).

    count: events, 0 or more; exposure: 0 or more, one entry an area (an area without exposure gets the
    common rate). `value` is the smoothed rate, `raw` the area's own, `weight` how much of its own is kept (0
    to 1), `mean` and `variance` the common rate and the variance between areas, `flags` `no_signal` where
    that variance is 0. Fewer than five areas are `refused`. No interval is given: `low`, `high` are empty.

    >>> smooth_marshall([1, 0, 5, 1, 9], [1091, 487, 3188, 508, 1421]).round(5)[["value", "raw"]]
         value      raw
    0  0.00159  0.00092
    1  0.00156  0.00000
    2  0.00175  0.00157
    3  0.00224  0.00197
    4  0.00479  0.00633
    """
    data, index = aligned(count=count, exposure=exposure)
    events, size = data["count"], data["exposure"]
    invalid = (events < 0) | (size < 0) | np.isinf(events) | np.isinf(size) | ((size == 0) & (events > 0))
    status = statuses(np.isnan(events) | np.isnan(size), invalid)
    used = (status == OK) & (size > 0)
    if used.sum() < FEWEST_TO_SMOOTH:
        status = np.where(status == OK, REFUSED, status).astype(object)
        empty = np.full(status.shape, np.nan)
        flags = np.where(status == REFUSED, "too_few_areas", "")
        return result(index, status, value=empty, low=empty, high=empty, method="marshall", raw=empty, weight=empty,
                      mean=np.nan, variance=np.nan, flags=flags)
    total, people = events[used].sum(), size[used].sum()
    mean = total / people
    with np.errstate(divide="ignore", invalid="ignore"):
        raw = np.where(used, events / size, np.nan)
        spread = (size[used] * (raw[used] - mean) ** 2).sum() / people
        variance = max(0.0, spread - mean * used.sum() / people)
        weight = np.where(used & (variance > 0), variance / (variance + mean / size), 0.0)
    value = mean + weight * (np.nan_to_num(raw, nan=mean) - mean)
    flags = np.where((status == OK) & (variance == 0), "no_signal", "")
    return result(index, status, value=value, low=np.nan, high=np.nan, method="marshall", raw=raw, weight=weight,
                  mean=mean, variance=variance, flags=flags)


def winsorise(z: np.ndarray, tail: float = TAIL) -> np.ndarray:
    """The values with each tail pulled in to its quantile."""
    if not len(z):
        return z
    low, high = np.quantile(z, [tail, 1 - tail])
    return np.clip(z, low, high)


def overdispersion(count, expected) -> pd.DataFrame:
    """How much more counts differ than chance makes them (Spiegelhalter, Stat Med 2005;24:1185): one row.

    count: observed, 0 or more; expected: above 0; one entry a place. `value` is φ to multiply variances
    with: the mean of squared z = (count - expected)/√expected after its 10 % tails are pulled in, if it exceeds
    1 + 2√(2/k), else 1. Besides: `phi` (the mean itself), `phi_raw` (without pulling in), `tau2` (additive
    between-place variance of count/expected), `k` places used, `flags` (`too_few_areas` below ten: no
    adjustment). `status` is missing where no place is usable, invalid where one is impossible.

    >>> overdispersion([30, 8, 22, 41, 3, 19, 25, 60, 12, 20], 20).round(2)[["value", "phi_raw", "k"]]
       value  phi_raw   k
    0    7.3    13.34  10
    """
    data, _ = aligned(count=count, expected=expected)
    observed, held = data["count"], data["expected"]
    known = ~np.isnan(observed) & ~np.isnan(held)
    impossible = known & ((observed < 0) | (held <= 0) | np.isinf(observed) | np.isinf(held))
    used = known & ~impossible
    k = int(used.sum())
    z = (observed[used] - held[used]) / np.sqrt(held[used])
    raw, phi = (float(np.mean(v**2)) if k else np.nan for v in (z, winsorise(z)))
    enough = k >= FEWEST_TO_ADJUST
    applied = phi if enough and phi > 1 + 2 * np.sqrt(2 / k) else 1.0
    weight = held[used]  # 1 / variance of count / expected
    room = weight.sum() - (weight**2).sum() / weight.sum() if k > 1 else 0.0
    tau2 = max(0.0, (k * phi - (k - 1)) / room) if enough and room > 0 else 0.0
    status = statuses(np.array([k == 0 and not impossible.any()]), np.array([impossible.any()]))
    flags = "" if enough else "too_few_areas"
    return result(pd.RangeIndex(1), status, value=applied, low=np.nan, high=np.nan, method="winsorised", phi=phi,
                  phi_raw=raw, tau2=tau2, k=k, flags=flags)


@dataclass(frozen=True)
class BetaBinomial:
    """A fitted beta-binomial: parameters, log-likelihood, the pooled share and whether areas differ at all."""

    a: float
    b: float
    log_likelihood: float
    share: float
    signal: bool

    @property
    def rho(self) -> float:
        """The intra-class correlation 1 / (a + b + 1); 0 where there is no variance between areas."""
        return 1 / (self.a + self.b + 1) if self.signal else 0.0


def fit_beta_binomial(count, n, weight=1.0) -> BetaBinomial:
    """Beta-binomial by maximum likelihood: shares of areas spread as Beta(a, b).

    count: 0 to n; n: above 0; weight: how many areas a row stands for. Where the likelihood grows without
    end (a + b beyond 1e7) the areas differ no more than chance: `signal` is False and a + b stays at 1e7.
    Raises InputError when no area can be used. Source: Skellam, JRSS B 1948;10:257.
    """
    data, _ = aligned(count=count, n=n, weight=weight)
    x, size, times = data["count"], data["n"], data["weight"]
    used = ~(np.isnan(x) | np.isnan(size)) & (size > 0) & (x >= 0) & (x <= size)
    x, size, times = x[used], size[used], times[used]
    if not len(x):
        raise InputError("no area has a count between 0 and its n above 0: nothing can be fitted.")
    share = float((times * x).sum() / (times * size).sum())
    choose = special.gammaln(size + 1) - special.gammaln(x + 1) - special.gammaln(size - x + 1)
    binomial = float((times * (choose + special.xlogy(x, share) + special.xlog1py(size - x, -share))).sum())

    def log_likelihood(parameters) -> float:
        p, total = special.expit(parameters[0]), np.exp(min(parameters[1], np.log(NO_VARIANCE)))
        a, b = p * total, (1 - p) * total
        return float((times * (choose + special.betaln(x + a, size - x + b) - special.betaln(a, b))).sum())

    at_chance = BetaBinomial(share * NO_VARIANCE, (1 - share) * NO_VARIANCE, binomial, share, False)
    if share in (0.0, 1.0):
        return at_chance
    starts = [np.array([special.logit(share), np.log(total)]) for total in (10.0, 1e3, 1e5)]
    options = {"xatol": 1e-9, "fatol": 1e-10, "maxiter": 4000, "maxfev": 4000}
    fits = [optimize.minimize(lambda v: -log_likelihood(v), start, method="Nelder-Mead", options=options) for start in starts]
    best = min(fits, key=lambda fit: fit.fun)
    total = float(np.exp(best.x[1]))
    if total >= 0.5 * NO_VARIANCE or -best.fun <= binomial + 1e-6:
        return at_chance
    p = float(special.expit(best.x[0]))
    return BetaBinomial(p * total, (1 - p) * total, -float(best.fun), share, True)


def smooth_sex_ratio(boys, girls) -> pd.DataFrame:
    """Sex ratios at birth of areas, drawn to the common one by a beta-binomial.

    boys, girls: births of known sex by area. `value` is the smoothed ratio (boys per 100 girls), `low` and
    `high` the central 95 % of its beta posterior (understated: a and b are taken as known), `raw` the area's
    own, `flags` `no_signal` where areas differ no more than chance (then every value is the pooled ratio).
    Fewer than five areas are `refused`.
    """
    data, index = aligned(boys=boys, girls=girls)
    male, births = data["boys"], data["boys"] + data["girls"]
    status = statuses(np.isnan(births), (male < 0) | (data["girls"] < 0) | np.isinf(births))
    good = status == OK
    if (good & (births > 0)).sum() < FEWEST_TO_SMOOTH:
        status = np.where(good, REFUSED, status).astype(object)
        empty = np.full(status.shape, np.nan)
        return result(index, status, value=empty, low=empty, high=empty, method="beta-binomial", raw=empty,
                      flags=np.where(good, "too_few_areas", ""))
    fit = fit_beta_binomial(male[good], births[good])
    male, births = np.where(good, male, 0), np.where(good, births, 0)
    a, b = fit.a + male, fit.b + births - male
    shares = [a / (a + b), special.betaincinv(a, b, 0.025), special.betaincinv(a, b, 0.975)]
    if not fit.signal:
        shares = [np.full(male.shape, fit.share)] * 3
    value, low, high = (100 * share / (1 - share) for share in shares)
    with np.errstate(divide="ignore", invalid="ignore"):
        raw = np.where(good, 100 * male / (births - male), np.nan)
    return result(index, status, value=value, low=low, high=high, method="beta-binomial", raw=raw,
                  flags=np.where(good & (not fit.signal), "no_signal", ""))
