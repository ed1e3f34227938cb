"""Rates beside what they can be compared with: nation, province, the county's other townships, the place's own past.

Published series are fixed benchmarks; county and own past are sums of counts and have chance of their own. A
rate is only ever compared with figures of the same measure, dims, population base and stretch of the year.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from helpers import periods
from helpers.rates import reference as series
from helpers.rates.comparison import (
    binomial_p_value,
    hypergeometric_p_value,
    poisson_p_value,
    two_rates_p_value,
)
from helpers.rates.exposure import SEASONAL_WIDENING, join_flags
from helpers.rates.funnels import funnel_labels
from helpers.rates.inputs import OK
from helpers.rates.intervals import two_sided_z
from helpers.rates.measures import measures
from helpers.rates.questioned import QUESTIONED
from helpers.rates.sex_ratio import USUAL_RATIO, share_of_boys
from helpers.schema import COMPARISONS, PLACES, RATES, flagged

NATION, PROVINCE, COUNTY, OWN, NORM = "nation", "province", "county", "own", "norm"
# The county benchmark needs so many other townships, the own one so many earlier periods; it looks back so far.
FEWEST_OTHERS, FEWEST_EARLIER, LOOK_BACK = 3, 2, 5
# Which benchmark stands in the RATES table: the first there is. A sex ratio has a norm of its own.
PREFERENCE = (NORM, COUNTY, PROVINCE, NATION, OWN)
SIGNIFICANT = 0.05
# What a rate above and below its benchmark is called, by the polarity of its measure.
_WORDS = {"high": ("better", "worse"), "low": ("worse", "better"), "none": ("higher", "lower")}
# A zero this unlikely at the national level may be under-reporting (METHODS 1.6).
UNLIKELY_ZERO = 0.01


def _prepared(rates: pd.DataFrame, places: pd.DataFrame) -> pd.DataFrame:
    """The computed rates with dates, kind of measure, county and province, and the variance of a natural increase.

    A rate that rests on a questioned figure is compared with nothing and stands in no sum.
    """
    table = rates[(rates["status"] == OK) & ~flagged(rates, QUESTIONED)].copy()
    told = {text: periods.parse(text) for text in table["period"].unique()}
    table["start"] = pd.to_datetime(table["period"].map({text: period.start for text, period in told.items()}))
    table["end"] = pd.to_datetime(table["period"].map({text: period.end for text, period in told.items()}))
    for name in ("kind", "polarity", "least", "reference"):
        table[name] = table["measure"].map({code: getattr(measure, name) for code, measure in measures().items()})
    home = PLACES.conform(places).drop_duplicates("place_id").set_index("place_id")
    for name in ("level", "county", "province"):
        table[name] = table["place_id"].map(home[name].to_dict()).astype(object).fillna("").astype("str")
    z = table["confidence"].map({level: two_sided_z(level) for level in table["confidence"].unique()}).astype(float)
    table["error_below"], table["error_above"] = (table["value"] - table["low"]) / z, (table["high"] - table["value"]) / z
    births = table["kind"] == "sex_ratio"
    table["size"] = table["denominator"] + table["numerator"].where(births, 0.0)
    table["events"] = table["numerator"]
    table["row"] = table.index
    return table


def _shrunk(table: pd.DataFrame, benchmark: pd.Series) -> pd.Series:
    """The benchmark drawn towards the rate as far as the interval was widened: test and interval then agree."""
    widened = table["method"].str.endswith("widened")
    return benchmark.where(~widened, table["value"] + (benchmark - table["value"]) / SEASONAL_WIDENING)


def _by_error(table: pd.DataFrame, benchmark: pd.Series, error_of_benchmark=0.0) -> np.ndarray:
    """p of a natural increase from the side of its interval that looks at the benchmark."""
    difference = table["value"] - benchmark
    error = np.hypot(np.where(difference > 0, table["error_below"], table["error_above"]), error_of_benchmark)
    with np.errstate(divide="ignore", invalid="ignore"):
        return 2 * stats.norm.sf(np.abs(difference) / error)


def _against_fixed(table: pd.DataFrame, benchmark: pd.Series) -> np.ndarray:
    """Exact p-values against published values, by kind of measure."""
    held = _shrunk(table, benchmark).to_numpy(dtype=float)
    events, size, per = (table[name].to_numpy(dtype=float) for name in ("events", "size", "per"))
    kind = table["kind"].to_numpy()
    p = np.full(len(table), np.nan)
    for kinds, test in (
        (("rate", "births"), lambda at: poisson_p_value(events[at], np.maximum(held[at], 0) * size[at] / per[at])),
        (("share",), lambda at: binomial_p_value(events[at], size[at], np.clip(held[at] / per[at], 0, 1))),
        (("sex_ratio",), lambda at: binomial_p_value(events[at], size[at], share_of_boys(held[at]))),
        (("increase",), lambda at: _by_error(table[at], benchmark[at])),
    ):
        at = np.isin(kind, kinds) & ~np.isnan(held)
        if at.any():
            p[at] = test(at)
    return p


def _against_sum(table: pd.DataFrame) -> np.ndarray:
    """Exact p-values against sums of counts (`events_others`, `size_others`, `error_others`), by kind of measure."""
    events, size = table["events"].to_numpy(float), table["size"].to_numpy(float)
    others = table["events_others"].to_numpy(float), table["size_others"].to_numpy(float)
    kind = table["kind"].to_numpy()
    p = np.full(len(table), np.nan)
    for kinds, test in (
        (("rate", "births"), lambda at: two_rates_p_value(events[at], size[at], others[0][at], others[1][at])),
        (("share", "sex_ratio"), lambda at: hypergeometric_p_value(events[at], size[at], others[0][at], others[1][at])),
        (("increase",), lambda at: _by_error(table[at], table["benchmark_value"][at], table["error_others"][at])),
    ):
        at = np.isin(kind, kinds) & (others[1] > 0)
        if at.any():
            p[at] = test(at)
    return p


def _level_of_sum(table: pd.DataFrame) -> np.ndarray:
    """The rate of summed counts, in the unit of the measure."""
    events, size = table["events_others"], table["size_others"]
    with np.errstate(divide="ignore", invalid="ignore"):
        below = np.where(table["kind"] == "sex_ratio", size - events, size)
        return np.where(size > 0, table["per"] * events / below, np.nan)


def _published(table: pd.DataFrame, reference: pd.DataFrame, benchmark: str) -> pd.DataFrame:
    """Comparison with a published series: the nation's, or the place's province."""
    table = table[(table["reference"] != "") & (table["dims"] == "{}") & table["start"].notna()]
    if benchmark == NATION:
        area = pd.Series(series.NATION, index=table.index)
    else:
        areas = set(reference["area"]) - {series.NATION}
        area = table["province"].map({name: series.area_of(name, areas) for name in table["province"].unique()})
    table = table.assign(area=area)[area != ""] if len(table) else table.assign(area=area)
    by_series = {key: dict(zip(rows["year"], rows["value"], strict=True)) for key, rows in reference.groupby(["area", "indicator"])}
    wanted = table[["area", "reference", "period"]].drop_duplicates()
    found = {key: series.benchmark(by_series.get(key[:2], {}), periods.parse(key[2])) for key in wanted.itertuples(index=False, name=None)}
    keys = pd.MultiIndex.from_frame(table[["area", "reference", "period"]])
    values = pd.Series([found[key][0] for key in keys], index=table.index, dtype=float)
    flags = pd.Series([found[key][1] for key in keys], index=table.index, dtype=object)
    table = table.assign(benchmark=benchmark, benchmark_value=values, members=pd.NA, flags=flags)[values.notna()]
    return table.assign(p_value=_against_fixed(table, table["benchmark_value"]))


def _norm(table: pd.DataFrame) -> pd.DataFrame:
    """Sex ratios beside the usual 106, whatever the year."""
    table = table[table["kind"] == "sex_ratio"]
    table = table.assign(benchmark=NORM, benchmark_value=float(USUAL_RATIO), members=pd.NA, flags="")
    return table.assign(p_value=_against_fixed(table, table["benchmark_value"]))


def _variance(table: pd.DataFrame) -> pd.Series:
    """Variance of the events of a natural increase; 0 for other kinds, where it is not needed."""
    error = (table["error_below"] + table["error_above"]) / 2 * table["size"] / table["per"]
    return (error**2).where(table["kind"] == "increase", 0.0)


def _with_sums(table: pd.DataFrame, sums: dict[str, pd.Series], benchmark: str, fewest: int) -> pd.DataFrame:
    """Rows with enough members, compared with the sums."""
    variance, size = sums.pop("variance"), sums["size_others"]
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.sqrt(variance.clip(lower=0)) / size * table["per"]
    table = table.assign(**sums, error_others=error, benchmark=benchmark, flags="")
    table = table[(table["members"] >= fewest) & (table["size_others"] > 0)]
    table = table.assign(benchmark_value=_level_of_sum(table))
    return table.assign(p_value=_against_sum(table))


def _county(table: pd.DataFrame) -> pd.DataFrame:
    """Each township beside the sum of its county's others, same period and base."""
    table = table[(table["level"] == "township") & (table["county"] != "") & table["start"].notna()].copy()
    table["variance"] = _variance(table)
    table["family"] = table.groupby(["county", "cell"], sort=False).ngroup()
    groups = table.groupby("family", sort=False)
    sums = {f"{name}_others": groups[name].transform("sum") - table[name] for name in ("events", "size")}
    sums["variance"] = groups["variance"].transform("sum") - table["variance"]
    sums["members"] = groups["row"].transform("size") - 1
    compared = _with_sums(table, sums, COUNTY, FEWEST_OTHERS)
    return compared.assign(funnel=funnel_labels(compared, compared["family"]))


def _own(table: pd.DataFrame) -> pd.DataFrame:
    """Each rate beside the place's up to five earlier periods of the same stretch of the year, summed."""
    table = table[table["start"].notna()].copy()
    table["variance"] = _variance(table)
    months = (table["end"].dt.year - table["start"].dt.year) * 12 + table["end"].dt.month - table["start"].dt.month
    table["stretch"] = table["start"].dt.month * 1000 + months
    table["series"] = table.groupby(["place", "dims", "base", "stretch"], sort=False).ngroup()
    table = table.sort_values(["series", "start"], kind="stable")
    groups = table.groupby("series", sort=False)
    sums = {}
    for name, column in (("events_others", "events"), ("size_others", "size"), ("variance", "variance")):
        running = groups[column].cumsum()
        by_place = running.groupby(table["series"], sort=False)
        sums[name] = by_place.shift(1) - by_place.shift(LOOK_BACK + 1).fillna(0)
    sums["members"] = groups.cumcount().clip(upper=LOOK_BACK)
    return _with_sums(table, sums, OWN, FEWEST_EARLIER)


def adjusted(p: pd.Series, family: pd.Series) -> pd.Series:
    """Benjamini-Hochberg q-values within families, all at once (`adjust_p` for one family gives the same)."""
    frame = pd.DataFrame({"p": p, "family": family})
    frame = frame[frame["p"].notna()].sort_values("p", kind="stable", ascending=False)
    groups = frame.groupby("family", sort=False)["p"]
    size, after = groups.transform("size"), groups.cumcount()
    raw = frame["p"] * size / (size - after)
    return raw.groupby(frame["family"], sort=False).cummin().clip(upper=1.0).reindex(p.index)


def _judged(table: pd.DataFrame) -> pd.DataFrame:
    """Adjusted p-values and, in words, what they say; nothing where too few cases could say it."""
    q = adjusted(table["p_value"], table.groupby(["benchmark", "cell"], sort=False).ngroup())
    above, sure = table["value"] > table["benchmark_value"], q <= SIGNIFICANT
    words = np.select([above & (table["polarity"] == polarity) for polarity in _WORDS], [pair[0] for pair in _WORDS.values()], "")
    below = np.select([table["polarity"] == polarity for polarity in _WORDS], [pair[1] for pair in _WORDS.values()], "")
    words = pd.Series(np.where(above, words, below), index=table.index, dtype=object)
    few = table["size"] < table["least"]
    judgement = words.where(sure, "similar").where(~few & q.notna(), "")
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (table["value"] / table["benchmark_value"]).where(table["kind"] != "increase")
    flags = join_flags(
        table["flags"].to_numpy(), np.where(few, "too_few_for_level", ""),
        np.where((table["benchmark_value"] == 0) & (table["events"] > 0), "zero_expected", ""),
    )
    return table.assign(q_value=q, judgement=judgement, ratio=ratio, flags=flags)


def _one_measure(table: pd.DataFrame, reference: pd.DataFrame) -> pd.DataFrame:
    """Every comparison of one measure's rates; families never cross measures."""
    table = table.copy()
    # Numbers for what belongs together: one dims, base and period; one place.
    table["cell"] = table.groupby(["dims", "base", "period"], sort=False).ngroup()
    table["place"] = table.groupby("place_id", sort=False).ngroup()
    parts = [_published(table, reference, NATION), _published(table, reference, PROVINCE), _county(table), _own(table), _norm(table)]
    columns = ["row", "place_id", "period", "year", "year_kind", "measure", "dims", "base", "value", "benchmark", "benchmark_value",
               "members", "p_value", "funnel", "flags", "polarity", "least", "kind", "size", "events", "cell"]
    filled = [part.reindex(columns=columns) for part in parts if len(part)]
    if not filled:
        return COMPARISONS.conform([]).assign(row=pd.Series(dtype="int64"))
    both = pd.concat(filled, ignore_index=True)
    both["members"] = pd.to_numeric(both["members"]).astype("Int64")
    return _judged(both)[["row", *COMPARISONS.names]]


def comparison_rows(rates: pd.DataFrame, places: pd.DataFrame, reference: pd.DataFrame) -> pd.DataFrame:
    """As `compare`, with the column `row`: the label of the rate in `rates`."""
    table = _prepared(RATES.conform(rates), places)
    parts = [_one_measure(rows, reference) for _, rows in table.groupby("measure", sort=False)]
    filled = [part for part in parts if len(part)]
    if not filled:
        return COMPARISONS.conform([]).assign(row=pd.Series(dtype="int64"))
    both = pd.concat(filled, ignore_index=True)
    order = both["benchmark"].map({name: place for place, name in enumerate(PREFERENCE)})
    both = both.assign(order=order).sort_values(["row", "order"], kind="stable", ignore_index=True)
    return COMPARISONS.conform(both[COMPARISONS.names]).assign(row=both["row"])


def compare(rates: pd.DataFrame, places: pd.DataFrame, reference: pd.DataFrame | None = None) -> pd.DataFrame:
    """The COMPARISONS table: every computed rate beside every benchmark there is for it.

    rates: RATES; places: PLACES (`county`, `province` and `level` decide what is compared with what);
    reference: `reference.load()` when None. Benchmarks: nation and province (published series, their years
    weighted by the days of the period), county (sum of its other townships, at least three), own (sum of up
    to five earlier periods of the same stretch of the year, at least two), norm (106 for sex ratios). Tests are
    exact; natural increase, which has no exact test, is judged by its interval. q-values are
    Benjamini-Hochberg's over the places compared for one measure and period.
    """
    reference = series.load() if reference is None else reference
    return comparison_rows(rates, places, reference)[COMPARISONS.names]


def with_benchmark(rates: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """RATES with its own comparison filled in: the first of norm, county, province, nation, own among its `comparison_rows`."""
    first = rows.drop_duplicates("row").set_index("row").reindex(rates.index)
    nation = rows[rows["benchmark"] == NATION].set_index("row")["benchmark_value"].reindex(rates.index)
    births = rates["measure"].map({code: measure.kind == "births" for code, measure in measures().items()}).astype(bool)
    expected = (rates["denominator"] * nation / rates["per"]).where(births & (rates["numerator"] == 0))
    unlikely = np.exp(-expected) < UNLIKELY_ZERO
    flags = join_flags(rates["flags"].to_numpy(), np.where(unlikely, "possible_under_reporting", ""))
    return rates.assign(
        benchmark=first["benchmark"].fillna(""), benchmark_value=first["benchmark_value"], p_value=first["p_value"],
        q_value=first["q_value"], judgement=first["judgement"].fillna(""), flags=flags,
    )
