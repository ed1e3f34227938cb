"""Numbers computed by others (R packages, statistical offices, papers) against the public functions.

The files stay outside the repository, in the mission's folder; `anchors.csv` beside this file carries the
published ones that always run. Each test prints file, rows checked and the largest relative difference.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from helpers import rates
from helpers.rates.smoothing import fit_beta_binomial
from helpers.rates.trend import fit_poisson

VECTORS = Path(__file__).resolve().parents[3] / "shared" / "vectors"
PANEL = VECTORS.parent / "panel" / "real_panel_tw_township.csv.gz"
shared = pytest.mark.skipif(not VECTORS.is_dir(), reason=f"{VECTORS} is absent: the vector files stay outside the repository")

# Methods the files keep as negative controls or which we do not offer, with the reason.
NOT_OFFERED = {
    "wald": "never below 20 events, so not at all",
    "wilson_cc": "the continuity correction is not among the methods",
    "midp": "a cross-check by root finding, not among the methods",
    "byar_desctools_variant": "x + ½ in both limits: another method under the same name",
    "exact_garwood_onesided0": "the one-sided convention at zero; ours is two-sided, 3.689",
    "exact_minlike": "its interval is not the central one",
    "exact_blaker": "its interval is not the central one",
}
RATE_NAMES = {"phe_rate_hybrid": "auto", "exact_garwood": "exact", "byar": "byar", "score": "score", "jeffreys": "jeffreys"}


def read(name: str) -> pd.DataFrame:
    return pd.read_csv(VECTORS / name)


def largest_difference(name: str, found, expected, relative, absolute=None) -> None:
    """Fail where a figure is off by more than its tolerance; print the largest relative difference."""
    found, expected = np.asarray(found, dtype=float), np.asarray(expected, dtype=float)
    asserted = ~np.isnan(expected)
    relative = np.broadcast_to(np.nan_to_num(np.asarray(relative, dtype=float)), expected.shape)
    absolute = np.broadcast_to(np.nan_to_num(np.asarray(0 if absolute is None else absolute, dtype=float)), expected.shape)
    same = (found == expected) | ~asserted
    with np.errstate(invalid="ignore"):
        difference = np.where(same, 0, np.abs(found - expected))
        allowed = relative * np.abs(np.where(asserted, expected, 0)) + absolute
    worst = np.where(same | (expected == 0), 0, difference / np.abs(np.where(expected == 0, 1, expected)))
    print(f"\n{name}: {int(asserted.sum())} figures, largest relative difference {np.nanmax(worst, initial=0):.3g}")
    wrong = np.flatnonzero((difference > allowed) & ~same | (np.isnan(found) & asserted))
    assert not len(wrong), f"{name}: rows {wrong[:5]} found {found[wrong[:5]]}, expected {expected[wrong[:5]]}"


def check_intervals(name: str, table: pd.DataFrame, compute) -> None:
    """Point, lower and upper of every row, by method and confidence."""
    for (method, level), rows in table.groupby(["method", "conf"]):
        found = compute(rows, method, level)
        assert (found["status"] == "ok").all()
        relative = rows["tol_rel"].fillna(0).to_numpy()
        absolute = rows["tol_abs"].fillna(0).to_numpy()
        for ours, theirs in (("value", "point"), ("low", "lower"), ("high", "upper")):
            printed = 5e-4 if theirs == "point" and (absolute > 1e-4).any() else 1e-12
            tolerance = np.maximum(absolute, printed) if theirs == "point" else absolute
            largest_difference(f"{name} {method} {level} {theirs}", found[ours], rows[theirs], np.maximum(relative, 1e-12), tolerance)


@shared
def test_poisson_intervals_are_those_of_the_public_health_england_and_epitools_tables():
    table = read("vectors_poisson_ci.csv")
    table = table[~table["method"].isin(NOT_OFFERED)]
    assert set(table["method"]) == set(RATE_NAMES) and len(table) >= 85

    def compute(rows, method, level):
        return rates.rate_interval(rows["x"], rows["n"].fillna(1), per=float(rows["multiplier"].iloc[0]), confidence=level, method=RATE_NAMES[method])

    for _, rows in table.groupby("multiplier"):
        check_intervals("vectors_poisson_ci.csv", rows, compute)


@shared
def test_proportion_intervals_are_those_of_the_published_tables():
    table = read("vectors_proportion_ci.csv")
    table = table[~table["method"].isin(NOT_OFFERED)]
    assert set(table["method"]) == {"wilson", "clopper_pearson", "agresti_coull", "jeffreys"}

    def compute(rows, method, level):
        return rates.proportion_interval(rows["x"], rows["n"], per=float(rows["multiplier"].iloc[0]), confidence=level, method=method)

    for _, rows in table.groupby("multiplier"):
        check_intervals("vectors_proportion_ci.csv", rows, compute)


EDGE = {
    "rate_phe_hybrid": lambda r: rates.rate_interval(r.a, r.n, per=r.scale),
    "imr_exact_poisson": lambda r: rates.rate_interval(r.a, r.n, per=r.scale, method="exact"),
    "mmr_exact_poisson": lambda r: rates.rate_interval(r.a, r.n, per=r.scale, method="exact"),
    "proportion_wilson": lambda r: rates.proportion_interval(r.a, r.n, per=r.scale),
    "proportion_cp": lambda r: rates.proportion_interval(r.a, r.n, per=r.scale, method="clopper-pearson"),
    "srb_wilson": lambda r: rates.sex_ratio_interval(r.a, r.b),
    "srb_cp": lambda r: rates.sex_ratio_interval(r.a, r.b, method="clopper-pearson"),
    "nir_mover_garwood": lambda r: rates.natural_increase_interval(r.a, r.b, r.n, per=r.scale),
}


@shared
def test_edge_cases_are_as_derived():
    table = read("vectors_edge_cases_derived.csv")
    assert set(table["quantity"]) == set(EDGE)
    found = pd.concat([EDGE[row.quantity](row) for row in table.itertuples()], ignore_index=True)
    for ours, theirs in (("value", "point"), ("low", "lower"), ("high", "upper")):
        largest_difference(f"vectors_edge_cases_derived.csv {theirs}", found[ours], table[theirs], 1e-10, 1e-12)


@shared
def test_crude_rates_of_us_counties_are_those_of_the_census_bureau():
    table = read("vectors_avgpop_us.csv")
    year = table["year"].astype(str)
    for events, stated in (("births", "stated_cbr"), ("deaths", "stated_cdr")):
        found = rates.annualised_rate(table[events], table["population_start"], table["population_end"], year + "-01-01", year + "-12-31")
        largest_difference(f"vectors_avgpop_us.csv {stated}", found["value"], table[stated], 1e-7, 1e-9)
    increase = rates.natural_increase_interval(table["births"], table["deaths"], table["population"])
    largest_difference("vectors_avgpop_us.csv stated_nir", increase["value"], table["stated_nir"], 1e-7, 1e-7)


@shared
def test_adjusted_p_values_are_those_of_multtest():
    table = read("vectors_multiple_testing.csv")
    for name, rows in table.groupby("set"):
        for method in ("bonferroni", "holm", "bh", "by"):
            found = rates.adjust_p(rows["p_raw"], method)["value"]
            largest_difference(f"vectors_multiple_testing.csv {name} {method}", found, rows[method], rows["tol_rel"], 1e-9)


@shared
def test_proportion_funnel_limits_are_those_of_public_health_england():
    table = read("vectors_funnel_prop_limits.csv")
    for level, low, high in ((0.95, "Lower2s0025limit", "Upper2s0025limit"), (0.998, "Lower3s0001limit", "Upper3s0001limit")):
        found = rates.funnel_limits(table["Population"], table["Baseline"], per=100, confidence=level, kind="proportion")
        largest_difference(f"vectors_funnel_prop_limits.csv {low}", found["low"], table[low], 0, 2e-6)
        largest_difference(f"vectors_funnel_prop_limits.csv {high}", found["high"], table[high], 0, 2e-6)


@shared
def test_proportion_funnel_labels_are_those_of_public_health_england():
    table = read("vectors_funnel_prop_inputs.csv").dropna(subset=["numerator", "denominator"])
    baseline = 100 * table["numerator"].sum() / table["denominator"].sum()
    label = funnel_labels(table["numerator"], table["denominator"], baseline, rates.proportion_interval, per=100)
    assert (label == table["significance"].to_numpy()).all()
    print(f"\nvectors_funnel_prop_inputs.csv: {len(table)} labels agree")


def funnel_labels(count, exposure, baseline, interval, **how) -> np.ndarray:
    """High or Low where the interval of the place leaves out the baseline, at 99.8 % before 95 %."""
    label = np.full(len(count), "Not significant", dtype=object)
    for level, name in ((0.95, "(0.025)"), (0.998, "(0.001)")):
        found = interval(count, exposure, confidence=level, **how)
        label = np.where(found["low"] > baseline, f"High {name}", np.where(found["high"] < baseline, f"Low {name}", label))
    return label


@shared
def test_ratio_funnel_labels_are_those_of_public_health_england():
    table = read("vectors_funnel_ratio_inputs.csv").dropna(subset=["obs", "expected"])
    label = funnel_labels(table["obs"], table["expected"], 1.0, rates.rate_interval, per=1)
    assert (label == table["significance"].to_numpy()).all()
    print(f"\nvectors_funnel_ratio_inputs.csv: {len(table)} labels agree")


@shared
def test_rate_funnel_labels_are_those_of_public_health_england():
    table = read("vectors_funnel_rate_inputs.csv")
    used = table[table["count"] > 0]
    people = 1e5 * used["count"] / used["rate_crude_per_100000"]
    label = funnel_labels(used["count"], people, 1e5 * used["count"].sum() / people.sum(), rates.rate_interval, per=1e5)
    assert (label == used["crude_per_100000_without_0"].to_numpy()).all()
    print(f"\nvectors_funnel_rate_inputs.csv: {len(used)} labels agree")


@shared
def test_ratio_funnel_curves_are_those_of_public_health_england():
    table = read("vectors_funnel_ratio_limits.csv")
    for end, level in (("2s", 0.95), ("3s", 0.998)):
        for side, ours in (("lower", "low"), ("upper", "high")):
            found = rates.funnel_limits(table[f"{side}_{end}_exp_events"], 1, per=1, confidence=level)
            largest_difference(f"vectors_funnel_ratio_limits.csv {side} {end}", 100 * found[ours], table[f"{side}_{end}_isr"], 2e-4)


@shared
def test_rate_funnel_curves_are_those_of_public_health_england():
    table = read("vectors_funnel_rate_limits.csv")
    for end, level in (("2s", 0.95), ("3s", 0.998)):
        for side, ours in (("lower", "low"), ("upper", "high")):
            people = 3 * table[f"{side}_{end}_population_1_year"]
            found = rates.funnel_limits(people, table["baseline"], per=1e5, confidence=level)
            largest_difference(f"vectors_funnel_rate_limits.csv {side} {end}", found[ours], table[f"{side}_{end}_limit"], 2e-4)


@shared
def test_smoothed_rates_are_those_of_pysal():
    table = read("vectors_eb_marshall_sids.csv")
    found = rates.smooth_marshall(table["sids_74"], table["births_74"])
    largest_difference("vectors_eb_marshall_sids.csv expected_eb", found["value"], table["expected_eb"], 0, table["tol_abs"])
    largest_difference("vectors_eb_marshall_sids.csv eb_by_formula", found["value"], table["eb_by_formula"], 1e-12)


@shared
def test_the_beta_binomial_fits_geisslers_families():
    data, expected = read("vectors_betabinomial.csv"), read("vectors_betabinomial_expected.csv")
    for name, rows in data.groupby("set"):
        fit = fit_beta_binomial(rows["k"], rows["n_per_unit"], rows["frequency"])
        at_chance = stats.binom.logpmf(rows["k"], rows["n_per_unit"], fit.share) @ rows["frequency"]
        known = {"binomial_p_hat": fit.share, "mle_alpha": fit.a, "mle_beta": fit.b, "mle_loglik": fit.log_likelihood,
                 "aic_betabinomial": 4 - 2 * fit.log_likelihood, "aic_binomial": 2 - 2 * at_chance, "icc_rho=1/(a+b+1)": fit.rho}
        wanted = expected[(expected["set"] == name) & expected["quantity"].isin(known)]
        assert len(wanted) >= 3
        found = wanted["quantity"].map(known)
        # Hjort writes "about 0.485" of 0.48438: the file's tolerance is a hair too narrow for that.
        wanted = wanted.assign(tol_abs=wanted["tol_abs"].where(wanted["status"] != "published", 1e-3))
        largest_difference(f"vectors_betabinomial.csv {name}", found, wanted["expected"], 0, wanted["tol_abs"])


@shared
def test_the_poisson_regression_is_statas_of_the_british_doctors():
    data, expected = read("vectors_poisson_glm_data.csv"), read("vectors_poisson_glm.csv").set_index("term")
    ages = [(data["agecat"] == age).astype(float) for age in range(2, 6)]
    design = np.column_stack([np.ones(len(data)), data["smokes"], *ages])
    fit = fit_poisson(data["deaths"].to_numpy(float), data["pyears"].to_numpy(float), design)
    terms = ["smokes", "age45-54", "age55-64", "age65-74", "age75-84"]
    error = np.sqrt(np.diag(fit.covariance))[1:]
    slope, z = fit.coefficients[1:], stats.norm.isf(0.025)
    for column, found in (("irr", slope), ("lower", slope - z * error), ("upper", slope + z * error)):
        largest_difference(f"vectors_poisson_glm.csv {column}", np.exp(found), expected.loc[terms, column], 1e-6)
    summary = {"log_likelihood": fit.log_likelihood, "deviance_gof": fit.deviance, "pearson_gof": fit.pearson, "quasi_phi=pearson/df4": fit.phi}
    largest_difference("vectors_poisson_glm.csv fit", list(summary.values()), expected.loc[list(summary), "irr"], 1e-6)


@pytest.fixture(scope="module")
def taiwan() -> pd.DataFrame:
    if not PANEL.exists():
        pytest.skip(f"{PANEL} is absent: the panel stays outside the repository")
    return pd.read_csv(PANEL)


def test_taiwan_totals_and_sex_ratios_are_those_published(taiwan):
    births = taiwan.groupby("year")[["births", "births_male", "births_female"]].sum()
    assert births["births"].tolist() == [213598, 208440, 193844, 181601, 177767, 165249, 153820, 138986, 135571, 134856, 107812]
    found = rates.sex_ratio_interval(births["births_male"], births["births_female"])["value"]
    assert found.loc[[2015, 2020, 2025]].round(4).tolist() == [108.2725, 107.7428, 107.2710]


@pytest.mark.parametrize(("year", "mean", "variance"), [(2015, 9.103644, 3.339291e-6), (2020, 7.007368, 2.350511e-6), (2025, 4.617280, 1.233947e-6)])
def test_taiwan_birth_rates_have_the_derived_mean_and_variance(taiwan, year, mean, variance):
    rows = taiwan[taiwan["year"] == year]
    found = rates.smooth_marshall(rows["births"], rows["population"])
    assert 1000 * found["mean"].iloc[0] == pytest.approx(mean, rel=1e-6)
    assert found["variance"].iloc[0] == pytest.approx(variance, rel=1e-6)


@pytest.mark.parametrize("year", [2015, 2020, 2025])
def test_taiwan_births_are_over_dispersed_as_derived(taiwan, year):
    rows = taiwan[taiwan["year"] == year]
    expected = rows["population"] * rows["births"].sum() / rows["population"].sum()
    found = rates.overdispersion(rows["births"], expected).iloc[0]
    assert 10.5 <= found["value"] <= 16 and 17.5 <= found["phi_raw"] <= 24.5
    assert 0.64 <= (np.abs((rows["births"] - expected) / np.sqrt(expected)) > 1.96).mean() <= 0.75


@pytest.mark.parametrize(("area", "slope", "phi"), [("板橋", -0.09414926, 9.5098), ("烏來", -0.04380466, 1.0014), ("", -0.06081272, 226.34)])
def test_taiwan_trends_are_as_derived(taiwan, area, slope, phi):
    rows = taiwan[taiwan["area_name"].str.contains(area)].groupby("year")[["births", "population"]].sum().reset_index()
    found = rates.trend(rows["year"], rows["births"], rows["population"]).iloc[0]
    assert found["slope"] == pytest.approx(slope, abs=2e-8)
    assert found["value"] == pytest.approx(100 * np.expm1(slope), abs=2e-6)
    assert found["phi"] == pytest.approx(phi, rel=1e-4)


def test_taiwan_sex_ratios_show_no_difference_between_townships(taiwan):
    pooled = taiwan.groupby("area_code")[["births_male", "births_female"]].sum()
    share = pooled["births_male"].sum() / pooled.to_numpy().sum()
    assert share == pytest.approx(0.518369, abs=1e-6)
    for reference, raw in ((100 * share / (1 - share), 14), (106, 29)):
        p = rates.sex_ratio_test(pooled["births_male"], pooled["births_female"], reference)
        assert (p < 0.05).sum() == raw
        # One township stands at 0.0501 here; scipy's two-sided p (tails by likelihood) brings it to 0.0490.
        assert (rates.adjust_p(p)["value"] < 0.05).sum() == 0
        assert (rates.adjust_p(p)["value"] < 0.0502).sum() == (reference == 106)
    smoothed = rates.smooth_sex_ratio(pooled["births_male"], pooled["births_female"])
    assert smoothed["value"].max() - smoothed["value"].min() < 1
