"""Rates that say how sure they are: intervals, comparison, smoothing, trend, and the table of all places.

Scalars or arrays go in, a DataFrame with a row per input comes out: `value low high method status` and what
the function adds. See docs/methods.md for formulas and sources.
"""

from helpers.rates.benchmarks import compare
from helpers.rates.birth_sources import births_by_source
from helpers.rates.comparison import adjust_p, compare_to_reference, compare_two, funnel_limits
from helpers.rates.exposure import annualised_rate
from helpers.rates.inputs import require_valid
from helpers.rates.intervals import natural_increase_interval, proportion_interval, rate_interval
from helpers.rates.outlook import early_warning, outlook
from helpers.rates.pooling import pool_sex_ratio
from helpers.rates.sex_ratio import births_to_tell, sex_ratio_interval, sex_ratio_power, sex_ratio_test
from helpers.rates.smoothing import fit_beta_binomial, overdispersion, smooth_marshall, smooth_sex_ratio
from helpers.rates.table import build, build_and_compare
from helpers.rates.trend import trend, trend_of_share

__all__ = [
    "adjust_p", "annualised_rate", "births_by_source", "births_to_tell", "build", "build_and_compare", "compare", "compare_to_reference", "compare_two",
    "early_warning", "fit_beta_binomial", "funnel_limits", "natural_increase_interval", "outlook", "overdispersion", "pool_sex_ratio", "proportion_interval", "rate_interval",
    "require_valid", "sex_ratio_interval", "sex_ratio_power", "sex_ratio_test", "smooth_marshall", "smooth_sex_ratio", "trend",
    "trend_of_share",
]
