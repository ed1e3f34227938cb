"""Comparison with a benchmark, of two places, funnel limits, and many tests at once.

p-values are exact and central (twice the smaller tail), so that a p-value and the exact interval beside it
always agree about whether the benchmark is inside.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special, stats
from scipy.optimize import elementwise
from statsmodels.stats.multitest import multipletests

from helpers.rates.inputs import aligned, confidence_level, one_of, positive_number, result, statuses
from helpers.rates.intervals import exact_limits, proportion_limits, two_sided_z

FUNNEL_KINDS = ("rate", "proportion")
ADJUSTMENTS = {"bh": "fdr_bh", "by": "fdr_by", "holm": "holm", "bonferroni": "bonferroni"}


def _central(lower_tail: np.ndarray, upper_tail: np.ndarray) -> np.ndarray:
    return np.minimum(1.0, 2 * np.minimum(lower_tail, upper_tail))


def poisson_p_value(count: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """min(1, 2 min(P(X <= x), P(X >= x))) for X ~ Poisson(expected); 1 at 0 of 0 expected, 0 at some of 0.

    The tails are gamma functions, so that a count with a fraction agrees with its exact interval.
    """
    at_most = special.gammaincc(count + 1, expected)
    at_least = np.where(count > 0, special.gammainc(np.where(count > 0, count, 1.0), expected), 1.0)
    return _central(at_most, at_least)


def binomial_p_value(count: np.ndarray, n: np.ndarray, share) -> np.ndarray:
    """min(1, 2 min(P(X <= x), P(X >= x))) for X ~ Binomial(n, share)."""
    return _central(stats.binom.cdf(count, n, share), stats.binom.sf(np.ceil(count) - 1, n, share))


def _hypergeometric_tail(x, total, hits, drawn) -> tuple[np.ndarray, np.ndarray]:
    """P(X = x) and the probability of x or beyond, on the side of x away from the mean, summed term by term."""
    up = x >= drawn * hits / total
    # Counting the misses turns the lower tail into an upper one: X <= x where drawn - X >= drawn - x.
    start, good = np.where(up, x, drawn - x), np.where(up, hits, total - hits)
    log = special.gammaln
    choose = log(good + 1) - log(start + 1) - log(good - start + 1)
    rest = log(total - good + 1) - log(drawn - start + 1) - log(total - good - drawn + start + 1)
    point = np.exp(choose + rest - log(total + 1) + log(drawn + 1) + log(total - drawn + 1))
    tail, term, k = point.copy(), point.copy(), start.astype(float)
    left = np.arange(len(tail))
    while len(left):
        at = k[left]
        term[left] *= (good[left] - at) * (drawn[left] - at) / ((at + 1) * (total[left] - good[left] - drawn[left] + at + 1))
        tail[left] += term[left]
        k[left] += 1
        left = left[term[left] > 1e-17 * tail[left]]
    return point, tail


def hypergeometric_p_value(count1, n1, count2, n2) -> np.ndarray:
    """Central exact p-value of two shares (Fisher's table, twice the smaller tail); arrays of whole numbers.

    scipy's own distribution sums one row after another; here all rows advance together.
    """
    count1, n1, count2, n2 = (np.asarray(column, dtype=float) for column in (count1, n1, count2, n2))
    point, tail = _hypergeometric_tail(count1, n1 + n2, count1 + count2, n1)
    return _central(tail, 1 - tail + point)


def two_rates_p_value(count1, exposure1, count2, exposure2) -> np.ndarray:
    """Central exact p-value of two rates, given the sum of their counts; arrays of valid figures."""
    return binomial_p_value(count1, count1 + count2, exposure1 / (exposure1 + exposure2))


def compare_to_reference(count, exposure, reference, *, per: float = 1000, confidence: float = 0.95) -> pd.DataFrame:
    """A rate against a fixed benchmark: `value low high method status p_value ratio flags`.

    count: events; exposure: above 0; reference: 0 or more, per `per`. `value` is the rate per `per` with its
    exact interval, `ratio` observed over expected. Nothing expected: p is 1 where nothing happened, else 0
    with the flag `zero_expected`. The p-value is central (Garwood 1936), so it is below 1 - confidence just
    when the benchmark lies outside the interval.

    >>> compare_to_reference(2, 17877, 10 / 20000, per=1).round(4)[["p_value", "ratio"]]
       p_value   ratio
    0   0.0131  0.2238
    """
    level, per = confidence_level(confidence), positive_number("per", per)
    data, index = aligned(count=count, exposure=exposure, reference=reference)
    table = np.vstack(list(data.values()))
    invalid = (table[0] < 0) | (table[1] <= 0) | (table[2] < 0) | np.isinf(table).any(axis=0)
    status = statuses(np.isnan(table).any(axis=0), invalid)
    good = status == "ok"
    events, time, held = np.where(good, table, 1.0)
    expected = held * time / per
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(good, events / expected, np.nan)
    low, high = exact_limits(events, level)
    surprising = good & (expected == 0) & (events > 0)
    return result(
        index, status, value=per * events / time, low=per * low / time, high=per * high / time, method="exact",
        p_value=np.where(good, poisson_p_value(events, expected), np.nan), ratio=ratio,
        flags=np.where(surprising, "zero_expected", ""),
    )


def compare_two(count1, exposure1, count2, exposure2, *, confidence: float = 0.95) -> pd.DataFrame:
    """Two rates: their ratio (first over second) with the conditional exact interval and p-value.

    Given the sum of both counts the first is Binomial(sum, exposure1 / (exposure1 + exposure2)); limits are
    Clopper-Pearson's, mapped by p / (1 - p) * exposure2 / exposure1. Gives `value low high method status
    p_value ratio` (`ratio` repeats `value`). No event at all: no ratio, interval 0 to infinity, p 1.

    >>> compare_two(2, 17877, 10, 20000).round(4)[["ratio", "low", "high", "p_value"]]
        ratio     low  high  p_value
    0  0.2238  0.0238  1.05   0.0606
    """
    level = confidence_level(confidence)
    data, index = aligned(count1=count1, exposure1=exposure1, count2=count2, exposure2=exposure2)
    table = np.vstack(list(data.values()))
    invalid = (table[[0, 2]] < 0).any(axis=0) | (table[[1, 3]] <= 0).any(axis=0) | np.isinf(table).any(axis=0)
    status = statuses(np.isnan(table).any(axis=0), invalid)
    good = status == "ok"
    events1, time1, events2, time2 = np.where(good, table, 1.0)
    low, high = proportion_limits(events1, np.maximum(events1 + events2, 1), level, "clopper-pearson")
    high = np.where(events2 == 0, 1.0, high)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (events1 / time1) / (events2 / time2)
        low, high = (limit / (1 - limit) * time2 / time1 for limit in (low, high))
    p_value = two_rates_p_value(events1, time1, events2, time2)
    return result(
        index, status, value=ratio, low=low, high=high, method="conditional exact",
        p_value=np.where(good, p_value, np.nan), ratio=np.where(good, ratio, np.nan),
    )


def _poisson_funnel(expected: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Counts whose own exact limits just reach `expected`: the curves of an exact Poisson funnel.

    The lower one is 0 where even a count of 0 would not be low (fewer than 3.69 expected at 95 %).
    """
    tail = (1 - level) / 2
    if not len(expected) or tail == 0:
        return np.zeros_like(expected), np.full_like(expected, np.inf)
    wide = expected + 40 * np.sqrt(expected) + 60
    low = elementwise.find_root(lambda x, e: special.gammaincc(x + 1, e) - tail, (np.zeros_like(expected), wide), args=(expected,))
    least = np.full_like(expected, 1e-300)
    high = elementwise.find_root(lambda x, e: special.gammainc(x, e) - tail, (least, wide), args=(expected,))
    none_low = special.gammaincc(1.0, expected) >= tail
    return np.where(none_low, 0.0, low.x), high.x


def funnel_limits(exposure, reference, *, per: float, confidence: float, kind: str = "rate", spread: float = 0.0) -> pd.DataFrame:
    """Where a place of this exposure would lie by chance alone, if its true level were `reference`.

    exposure: person-years or persons, above 0; reference: per `per`. `value` repeats the reference, `low`
    and `high` are the limits. Rates: exact Poisson at every expected count; proportions: p ± z √(p(1-p)/n),
    cut at 0 and 1 (Spiegelhalter, Stat Med 2005;24:1185; limits as in Public Health England's funnels).
    `spread` is a between-place standard deviation in units of `per` (√τ² of `overdispersion`); when it is
    above 0 the limits are normal and additive, cut at 0.

    >>> funnel_limits(336, 85, per=100, confidence=95, kind="proportion").round(2)
       value    low   high  method status
    0   85.0  81.18  88.82  normal     ok
    """
    level, per, kind = confidence_level(confidence), positive_number("per", per), one_of("kind", kind, FUNNEL_KINDS)
    data, index = aligned(exposure=exposure, reference=reference, spread=spread)
    size, held, between = data["exposure"], data["reference"] / per, data["spread"] / per
    infinite = np.isinf(size) | np.isinf(held) | np.isinf(between)
    invalid = (size <= 0) | (held < 0) | ((held > 1) & (kind == "proportion")) | (between < 0) | infinite
    status = statuses(np.isnan(size) | np.isnan(held) | np.isnan(between), invalid)
    good = status == "ok"
    size, held, between = np.where(good, size, 1.0), np.where(good, held, 0.5), np.where(good, between, 0.0)
    variance = held * (1 - held) / size if kind == "proportion" else held / size
    half = two_sided_z(level) * np.sqrt(variance + between**2)
    low, high, method = np.maximum(held - half, 0.0), held + half, np.full(size.shape, "normal", dtype=object)
    if kind == "proportion":
        high = np.minimum(high, 1.0)
    else:
        exact = between == 0
        counts = _poisson_funnel(held[exact] * size[exact], level)
        low[exact], high[exact] = (count / size[exact] for count in counts)
        method[exact] = "exact"
    return result(index, status, value=per * held, low=per * low, high=per * high, method=method)


def adjust_p(p, method: str = "bh") -> pd.DataFrame:
    """p-values of one family adjusted for their number: `value` holds them, NaN stays NaN and is not counted.

    p: 0 to 1. Methods: bh (Benjamini & Hochberg, JRSSB 1995;57:289), by, holm, bonferroni. A family is one
    indicator in one year over places.

    >>> adjust_p([0.01, 0.02, None, 0.5])["value"].round(3).tolist()
    [0.03, 0.03, nan, 0.5]
    """
    method = one_of("method", method, tuple(ADJUSTMENTS))
    data, index = aligned(p=p)
    raw = data["p"]
    status = statuses(np.isnan(raw), (raw < 0) | (raw > 1))
    adjusted = np.full(raw.shape, np.nan)
    good = status == "ok"
    if good.any():
        adjusted[good] = multipletests(raw[good], method=ADJUSTMENTS[method])[1]
    return result(index, status, value=adjusted, low=np.nan, high=np.nan, method=method)
