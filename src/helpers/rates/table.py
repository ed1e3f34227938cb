"""Panel → RATES: every measure of the catalogue for every place and period whose counts are stated."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial

import numpy as np
import pandas as pd

from helpers.rates import reference as series
from helpers.rates.benchmarks import comparison_rows, with_benchmark
from helpers.rates.counts import Observations, evaluate, first_of, keys_of, observations, term_values
from helpers.rates.exposure import join_flags, widen
from helpers.rates.inputs import MISSING, OK, REFUSED, confidence_level
from helpers.rates.intervals import natural_increase_interval, proportion_interval, rate_interval
from helpers.rates.measures import Measure, Recipe, measures
from helpers.rates.population import period_length, populations
from helpers.rates.questioned import with_questioned
from helpers.rates.sex_ratio import sex_ratio_interval
from helpers.rates.stated import agreement
from helpers.schema import COMPARISONS, PANEL, PLACES, RATES

SMALL, UNSTABLE = 10, 20
_PART = ["key", "binding", "value", "low", "high", "fact", "base_assumed", "base_by_rate", "conflict", "previous"]
_NOTED = ("base_assumed", "base_by_rate", "conflict", "previous")


def _together(first: pd.DataFrame, second: pd.DataFrame, name: str, free: bool) -> pd.DataFrame:
    """Two parts of a measure side by side; `second` gets the prefix `name`. Without free dims it serves all bindings."""
    second = second[_PART].rename(columns={column: f"{name}_{column}" for column in _PART if column not in ("key", "binding")})
    if not free:
        return first.merge(second.drop(columns="binding"), on="key")
    return first.merge(second, on=["key", "binding"])


def _counts(observed: Observations, measure: Measure, recipe: Recipe) -> pd.DataFrame:
    """Numerator (and minus, and denominator when it is a count) of one recipe, one row per key and binding."""
    counts = evaluate(observed, recipe.numerator)[_PART]
    if recipe.minus:
        counts = _together(counts, evaluate(observed, recipe.minus), "minus", bool(recipe.minus[0].free))
    if not measure.of_population:
        counts = _together(counts, evaluate(observed, recipe.denominator), "denominator", bool(recipe.denominator[0].free))
    noted = {name: np.logical_or.reduce([counts[column] for column in counts if column.endswith(name)]) for name in _NOTED}
    return counts.assign(**noted, derived=recipe.derived, births_stand_in=recipe.births_stand_in,
                         of_whole_population=recipe.of_whole_population)


def _person_years(counts: pd.DataFrame, keys: pd.DataFrame, population: pd.DataFrame) -> pd.DataFrame:
    """Counts with population, years, and flags of both."""
    own = counts["key"]
    length, people = period_length(keys).loc[own], population.loc[own]
    months, years = length["whole_months"].to_numpy(), length["years"].to_numpy()
    unknown = np.isnan(years)
    part = ~unknown & (np.abs(years - 1) > 1e-9)
    flags = join_flags(
        people["flags"].to_numpy(), np.where(unknown, "period_unknown", ""), np.where(length["hidden"], "redacted_year", ""),
        np.where(part, "partial_year", ""), np.where(part & (months < 12), "seasonal", ""),
        np.where(part & (months < 6), "under_six_months", ""), np.where(~unknown & (months < 1), "period_too_short", ""),
    )
    return counts.assign(
        population=people["population"].to_numpy(), years=years, part=part & (months < 12), closing=people["closing"].to_numpy(),
        opening=people["opening"].to_numpy(), middle=people["middle"].to_numpy(), flags=flags,
        denominator_kind=people["kind"].to_numpy(), denominator_fact=people["facts"].to_numpy(),
        refused=people["refused"].to_numpy() | unknown | (months < 1),
        base_assumed=counts["base_assumed"] | people["base_assumed"].to_numpy(),
        conflict=counts["conflict"] | people["conflict"].to_numpy(),
    )


def _yearly(counts: pd.DataFrame, interval: pd.DataFrame, *, signed: bool) -> pd.DataFrame:
    """The interval brought to a table row: widened for part of a year, blanked where refused."""
    low, high = widen(interval["value"], interval["low"], interval["high"], signed=signed)
    part = counts["part"].to_numpy()
    blank = counts["refused"].to_numpy() & (interval["status"] != MISSING).to_numpy()
    return counts.assign(
        rate=interval["value"].where(~blank), rate_low=np.where(blank, np.nan, np.where(part, low, interval["low"])),
        rate_high=np.where(blank, np.nan, np.where(part, high, interval["high"])),
        method=np.where(part, interval["method"] + ", widened", interval["method"]),
        rate_status=np.where(blank, REFUSED, interval["status"]), denominator=counts["population"] * counts["years"],
    )


def _rate(measure: Measure, counts: pd.DataFrame, level: float) -> pd.DataFrame:
    interval = rate_interval(counts["value"], counts["population"] * counts["years"], per=measure.per, confidence=level)
    return _yearly(counts, interval, signed=False)


def _increase(measure: Measure, counts: pd.DataFrame, level: float) -> pd.DataFrame:
    years = counts["population"] * counts["years"]
    interval = natural_increase_interval(counts["value"], counts["minus_value"], years, per=measure.per, confidence=level)
    return _yearly(counts, interval, signed=True)


def _of_counts(interval: pd.DataFrame, counts: pd.DataFrame, kind: str, flags: np.ndarray) -> pd.DataFrame:
    return counts.assign(
        rate=interval["value"], rate_low=interval["low"], rate_high=interval["high"], method=interval["method"],
        rate_status=interval["status"], denominator=counts["denominator_value"], denominator_kind=kind, flags=flags,
    )


def _births(measure: Measure, counts: pd.DataFrame, level: float) -> pd.DataFrame:
    interval = rate_interval(counts["value"], counts["denominator_value"], per=measure.per, confidence=level, method="exact")
    return _of_counts(interval, counts, "births", np.where(counts["births_stand_in"], "births_as_live_births", ""))


def _sex_ratio(measure: Measure, counts: pd.DataFrame, level: float) -> pd.DataFrame:
    interval = sex_ratio_interval(counts["value"], counts["denominator_value"], confidence=level)
    return _of_counts(interval, counts, "births", "")


def _share(measure: Measure, counts: pd.DataFrame, level: float) -> pd.DataFrame:
    interval = proportion_interval(counts["value"], counts["denominator_value"], per=measure.per, confidence=level)
    kind = "births" if measure.recipes[0].denominator[0].code == "births" else "stated_group"
    return _of_counts(interval, counts, kind, "")


_COMPUTE: dict[str, Callable] = {"rate": _rate, "increase": _increase, "births": _births, "sex_ratio": _sex_ratio, "share": _share}


def _computed(measure: Measure, observed: Observations, keys: pd.DataFrame, people: Callable | None, level: float) -> pd.DataFrame:
    """One measure for all places and periods: counts, interval, flags."""
    there = {*observed.by_code, *(measure.stocks if measure.of_population else ())}
    recipes = [recipe for recipe in measure.recipes if recipe.possible(there)] or measure.recipes[:1]
    counts = first_of([_counts(observed, measure, recipe) for recipe in recipes])
    if measure.of_population:
        stock = measure.recipes[0].denominator[0].code
        counts = _person_years(counts, keys, people(stock))
        if stock != "pop_total":  # a rate of a group the place does not count is not "missing", it does not arise
            counts = counts[counts["population"].notna()].reset_index(drop=True)
    rows = _COMPUTE[measure.kind](measure, counts, level)
    number = rows["value"] if measure.kind in ("rate", "births") else pd.Series(np.inf, index=rows.index)
    size = np.select([number < SMALL, number < UNSTABLE], ["small_count", "unstable"], "")
    whole = rows["denominator"] + (rows["value"] if measure.kind == "sex_ratio" else 0)
    few = np.where(whole < measure.least, "too_few_for_level", "")
    rows = rows.assign(base_assumed=rows["base_assumed"] & ~rows["base_by_rate"])
    noted = {"base_assumed": "base_assumed", "base_by_rate": "base_by_rate", "previous": "previous_value", "derived": "derived_count", "conflict": "conflicting_sources"}
    flags = join_flags(rows["flags"].to_numpy(), size, few, *(np.where(rows[name], flag, "") for name, flag in noted.items()))
    return rows.assign(flags=flags)


def _with_stated(measure: Measure, observed: Observations, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with the rate the document prints beside the computed one; rates stated without counts are added."""
    terms = list(dict.fromkeys(recipe.stated for recipe in measure.recipes if recipe.stated))
    if not terms:
        return rows.assign(stated=np.nan, stated_low=np.nan, stated_high=np.nan, stated_fact="")
    found = first_of([term_values(observed, term) for term in terms])
    names = {"value": "stated", "low": "stated_low", "high": "stated_high", "fact": "stated_fact"}
    found = found.rename(columns=names)[["key", "binding", *names.values()]]
    both = rows.merge(found, on=["key", "binding"], how="outer")
    alone = both["rate_status"].isna()
    return both.assign(
        rate_status=both["rate_status"].where(~alone, MISSING), flags=both["flags"].where(~alone, "stated_only"),
        stated_fact=both["stated_fact"].fillna(""),
    )


def _finished(measure: Measure, rows: pd.DataFrame, keys: pd.DataFrame, level: float) -> pd.DataFrame:
    """The columns of RATES."""
    own = keys.loc[rows["key"]]
    facts = join_flags(*(rows[name].fillna("").to_numpy() for name in ("fact", "minus_fact", "denominator_fact", "stated_fact") if name in rows))
    ok = rows["rate_status"] == OK
    increase = measure.kind == "increase"
    return pd.DataFrame({
        "place_id": own["place_id"].to_numpy(), "period": own["period"].to_numpy(), "year": own["year"].to_numpy(),
        "year_kind": own["year_kind"].to_numpy(), "measure": measure.measure, "dims": rows["binding"].to_numpy(),
        "base": own["base_used"].to_numpy(), "value": rows["rate"].to_numpy(), "low": rows["rate_low"].to_numpy(),
        "high": rows["rate_high"].to_numpy(), "confidence": np.where(ok, level, np.nan),
        "numerator": (rows["value"] - rows["minus_value"] if increase else rows["value"]).to_numpy(),
        "denominator": rows["denominator"].to_numpy(), "per": measure.per,
        "method": rows["method"].fillna("").to_numpy(), "denominator_kind": rows["denominator_kind"].fillna("").to_numpy(),
        "status": rows["rate_status"].to_numpy(), "flags": rows["flags"].to_numpy(), "stated": rows["stated"].to_numpy(),
        "stated_low": rows["stated_low"].to_numpy(), "stated_high": rows["stated_high"].to_numpy(),
        "agrees": rows["agrees"].to_numpy(), "facts": facts,
    })


def _measured(measure: Measure, observed: Observations, keys: pd.DataFrame, people: Callable | None, level: float, printed: dict) -> pd.DataFrame:
    """One measure's rows of RATES; `printed` collects them for the measures that look at others."""
    rows = _with_stated(measure, observed, _computed(measure, observed, keys, people, level))
    printed[measure.measure] = rows = agreement(measure, rows, printed)
    return _finished(measure, rows, keys, level)


def _of_counts_alone(panel: pd.DataFrame, level: float) -> list[pd.DataFrame]:
    """The measures that divide one count by another."""
    observed = observations(panel)
    keys = keys_of(observed)
    return [_measured(measure, observed, keys, None, level, {}) for measure in measures().values()
            if not measure.of_population and measure.arises(observed.by_code)]


def _of_population(panel: pd.DataFrame, level: float) -> list[pd.DataFrame]:
    """The rates over person-years."""
    wanted = [measure for measure in measures().values() if measure.of_population]
    codes = set.union({"pop_avg"}, *(measure.codes for measure in wanted))
    observed = observations(panel[panel["code"].isin(codes)], by_rate=True)
    keys = keys_of(observed)
    people = cache(partial(populations, observed, keys))
    printed: dict[str, pd.DataFrame] = {}
    return [_measured(measure, observed, keys, people, level, printed) for measure in wanted if measure.arises(observed.by_code)]


def build(panel: pd.DataFrame, places: pd.DataFrame | None = None, reference: pd.DataFrame | None = None, *,
          confidence: float = 0.95) -> pd.DataFrame:
    """The RATES table of a PANEL table (columns and meaning: `helpers.schema`).

    panel: PANEL; places: PLACES, for the comparison with province and county; reference: the national and
    provincial series (`reference.load()` when None); confidence: of the intervals. A rate that rests on
    a `questioned` cell is flagged so, compared with nothing and part of no benchmark. Every measure of data/catalogue/measures.csv whose counts a place states for a period, of one population base, has a row;
    a rate printed without its counts has one with status `missing`. Raises InputError for a wrong confidence.
    """
    return build_and_compare(panel, places, reference, confidence=confidence)[0]


def build_and_compare(panel: pd.DataFrame, places: pd.DataFrame | None = None, reference: pd.DataFrame | None = None, *,
                      confidence: float = 0.95) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The RATES and the COMPARISONS table of a PANEL table, as `build` and `compare` give them, every comparison made once."""
    level, panel = confidence_level(confidence), PANEL.conform(panel)
    parts = [*_of_counts_alone(panel, level), *_of_population(panel, level)]
    if not parts:
        return RATES.conform([]), COMPARISONS.conform([])
    rates = RATES.conform(pd.concat(parts, ignore_index=True))
    order = ["place_id", "measure", "base", "dims", "year", "period", "facts"]
    rates = with_questioned(rates.sort_values(order, kind="stable", ignore_index=True), panel)
    homes = PLACES.conform([]) if places is None else places
    rows = comparison_rows(rates, homes, series.load() if reference is None else reference)
    return RATES.conform(with_benchmark(rates, rows)), rows[COMPARISONS.names]
