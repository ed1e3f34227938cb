"""Sex ratio at birth: boys per hundred girls, how sure it is, and what so many births could show at all."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from helpers.errors import InputError
from helpers.rates.comparison import binomial_p_value
from helpers.rates.inputs import REFUSED, aligned, confidence_level, one_of, result, statuses
from helpers.rates.intervals import proportion_limits

SEX_RATIO_METHODS = ("wilson", "clopper-pearson")
# The ratio a population without sex selection settles at (agencies quote 103 to 107).
USUAL_RATIO = 106


def share_of_boys(ratio) -> np.ndarray:
    """Boys per birth for boys per hundred girls: 106 gives 0.514563.

    >>> round(float(share_of_boys(107)), 6)
    0.516908
    """
    ratio = np.asarray(ratio, dtype=float)
    return ratio / (100 + ratio)


def _as_ratio(share: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore"):
        return 100 * share / (1 - share)


def sex_ratio_interval(boys, girls, *, confidence: float = 0.95, method: str = "wilson") -> pd.DataFrame:
    """Boys per hundred girls with the interval of the share of boys, mapped by 100 p / (1 - p).

    boys, girls: births of known sex, 0 or more. No girls gives an infinite value and upper limit (shown as
    a dash), no boys a value and lower limit of 0, no births at all `invalid`. Methods: wilson,
    clopper-pearson. Gives `value low high method status`.

    >>> sex_ratio_interval(120, 95).round(1)
       value   low   high  method status
    0  126.3  96.6  165.2  wilson     ok
    """
    level, method = confidence_level(confidence), one_of("method", method, SEX_RATIO_METHODS)
    data, index = aligned(boys=boys, girls=girls)
    male, female = data["boys"], data["girls"]
    births = male + female
    invalid = (male < 0) | (female < 0) | (births <= 0) | np.isinf(births)
    status = statuses(np.isnan(births), invalid)
    good = status == "ok"
    male, births = np.where(good, male, 1.0), np.where(good, births, 2.0)
    low, high = proportion_limits(male, births, level, method)
    with np.errstate(divide="ignore"):
        value = 100 * male / (births - male)
    return result(index, status, value=value, low=_as_ratio(low), high=_as_ratio(high), method=method)


def sex_ratio_test(boys, girls, reference=USUAL_RATIO) -> np.ndarray:
    """Exact two-sided p-values (twice the smaller tail) of boys among births against a reference ratio.

    The two must be of one length; a row with a missing or negative count gives NaN.

    >>> [round(float(p), 2) for p in sex_ratio_test([120], [95])]
    [0.23]
    """
    data, _ = aligned(boys=boys, girls=girls, reference=reference)
    births = data["boys"] + data["girls"]
    good = (data["boys"] >= 0) & (data["girls"] >= 0) & (births > 0) & (data["reference"] > 0)
    p = binomial_p_value(np.where(good, data["boys"], 0), np.where(good, births, 1), share_of_boys(data["reference"]))
    return np.where(good, p, np.nan)


def sex_ratio_power(births, ratio, reference=USUAL_RATIO, *, alpha: float = 0.05) -> pd.DataFrame:
    """How often so many births would show, at the two-sided level `alpha`, that `ratio` is not `reference`.

    births: 1 or more (fractions are cut off); ratio, reference: boys per hundred girls, above 0. `value` is
    the power, 0 to 1, of the exact binomial test in the direction of `ratio`; at the reference itself power
    is not defined and the status is `refused`. `low` and `high` stay empty.

    >>> sex_ratio_power([1000, 20000], 115, 107).round(2)[["value", "status"]]
       value status
    0   0.19     ok
    1   1.00     ok
    """
    if not 0 < alpha < 1:
        raise InputError(f"alpha is {alpha!r}: give a number between 0 and 1, such as 0.05.")
    data, index = aligned(births=births, ratio=ratio, reference=reference)
    table = np.vstack(list(data.values()))
    number, true, held = np.floor(data["births"]), data["ratio"], data["reference"]
    status = statuses(np.isnan(table).any(axis=0), (number < 1) | (true <= 0) | (held <= 0) | np.isinf(table).any(axis=0))
    status = np.where((status == "ok") & (true == held), REFUSED, status).astype(object)
    good = status == "ok"
    n, p, p0 = np.where(good, number, 1), share_of_boys(np.where(good, true, 106)), share_of_boys(np.where(good, held, 107))
    enough = stats.binom.isf(alpha / 2, n, p0) + 1  # fewest boys that would count as too many
    few = stats.binom.ppf(alpha / 2, n, p0)
    few = np.where(stats.binom.cdf(few, n, p0) > alpha / 2, few - 1, few)  # most boys that would count as too few
    value = np.where(p > p0, stats.binom.sf(enough - 1, n, p), stats.binom.cdf(few, n, p))
    return result(index, status, value=value, low=np.nan, high=np.nan, method="exact binomial")


def births_to_tell(ratio: float, reference: float = USUAL_RATIO, *, power: float = 0.8, alpha: float = 0.05) -> int:
    """The births from which on the exact test tells `ratio` from `reference` with at least `power`.

    The exact power is a saw-tooth; the number given is the smallest after which it stays above `power` for
    the next two hundred births. Raises InputError at the reference itself.

    >>> births_to_tell(120)
    2107
    """
    p, p0 = float(share_of_boys(ratio)), float(share_of_boys(reference))
    if not (ratio > 0 and reference > 0) or p == p0:
        raise InputError(f"a ratio of {ratio} cannot be told from {reference}: give two different ratios above 0.")
    deviates = stats.norm.isf(alpha / 2), stats.norm.ppf(power)
    rough = ((deviates[0] * np.sqrt(p0 * (1 - p0)) + deviates[1] * np.sqrt(p * (1 - p))) / (p - p0)) ** 2
    spread = max(int(0.1 * rough), 200)
    numbers = np.arange(max(1, int(rough) - spread), int(rough) + 2 * spread)
    below = sex_ratio_power(numbers, ratio, reference, alpha=alpha)["value"].to_numpy() < power
    return int(numbers[np.flatnonzero(below)[-1] + 1]) if below.any() else int(numbers[0])


