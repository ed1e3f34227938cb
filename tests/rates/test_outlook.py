"""Births ahead: what the interval holds, what is refused, and a back-test on real townships."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.errors import InputError
from helpers.rates import early_warning, outlook

REAL = Path(__file__).resolve().parents[2] / ".." / "shared" / "panel" / "real_panel_tw_township.csv.gz"
BIRTHS = [336, 352, 341, 318, 306, 290]
YEARS = range(2015, 2021)


def walks(places=150, years=11, seed=11):
    """Births of places whose rate drifts and wanders: drift and steps as outlook supposes, sizes from 20 to 2,000 births."""
    draw = np.random.default_rng(seed)
    level = np.log(draw.uniform(20, 2_000, (places, 1)))
    drift, size = draw.normal(-0.03, 0.05, (places, 1)), 0.08 * np.exp(0.5 * draw.normal(size=(places, 1)))
    steps = drift + size * draw.normal(size=(places, years))
    return draw.poisson(np.exp(level + np.cumsum(steps, axis=1)))


def coverage(series, years, trained):
    """Share of the years after `trained` whose births lie within their 95 % interval."""
    held = []
    for births in series:
        found = outlook(years[:trained], births[:trained], horizon=len(years) - trained)
        held += list((births[trained:] >= found["low"]) & (births[trained:] <= found["high"]))
    return np.mean(held), len(held)


def test_intervals_hold_what_they_promise_on_simulated_places():
    share, size = coverage(walks(), list(range(2015, 2026)), 6)
    assert size == 750 and 0.90 <= share <= 0.98


@pytest.mark.skipif(not REAL.exists(), reason="../shared/panel is not beside the repository; the simulated places have run")
def test_intervals_hold_real_births_of_2021_to_2025_when_trained_to_2020():
    panel = pd.read_csv(REAL).pivot(index="area_code", columns="year", values="births")
    # every third of 368 townships here; all of them: 0.921 of 1,840
    share, size = coverage(panel.to_numpy()[::3], list(panel.columns), 6)
    assert size == 615 and 0.90 <= share <= 0.98


def test_the_interval_widens_with_the_years_and_with_fewer_births():
    many, few = outlook(YEARS, BIRTHS), outlook(YEARS, np.array(BIRTHS) // 20)
    wide = (many["high"] - many["low"]) / many["value"]
    assert wide.is_monotonic_increasing
    assert ((few["high"] - few["low"]) / few["value"] > wide).all()
    assert many["year"].tolist() == [2021, 2022, 2023, 2024, 2025] and (many["status"] == "ok").all()


def test_a_surer_interval_is_wider_and_the_median_lies_within():
    usual, sure = outlook(YEARS, BIRTHS), outlook(YEARS, BIRTHS, confidence=99.8)
    assert (sure["low"] < usual["low"]).all() and (sure["high"] > usual["high"]).all()
    assert usual["value"].between(usual["low"], usual["high"]).all()


def test_a_falling_series_goes_on_falling_and_says_by_how_much():
    found = outlook(YEARS, [400, 360, 324, 292, 262, 236])
    assert found["value"].is_monotonic_decreasing and -11 < found["change"].iloc[0] < -3


def test_exposure_carries_its_own_growth_into_the_births():
    people = 30_000 * 1.04 ** np.arange(6)
    grown, still = outlook(YEARS, np.full(6, 300), people), outlook(YEARS, np.full(6, 300), np.full(6, 30_000.0))
    assert still["value"].between(290, 310).all()
    assert grown["change"].iloc[0] < -1 and grown["value"].between(270, 330).all()


@pytest.mark.parametrize(("years", "births", "status", "flag"), [
    (range(2017, 2021), [3, 4, 5, 6], "refused", "too_few_years"),
    (YEARS, [0] * 6, "refused", "no_events"),
    (range(2016, 2021), [9, 8, 9, 8, 9], "ok", ""),
    (YEARS, [3, 4, -5, 6, 4, 5], "invalid", "impossible_input"),
    ([2015, 2016, 2016, 2017, 2018], [9, 8, 9, 8, 9], "invalid", "impossible_input"),
    (YEARS, [336, None, 341, None, 306, 290], "refused", "too_few_years"),
    ([], [], "missing", ""),
])
def test_what_is_too_short_or_impossible_is_refused_with_its_reason(years, births, status, flag):
    found = outlook(years, births)
    assert (found["status"] == status).all() and (found["flags"] == flag).all()
    assert found["value"].notna().all() == (status == "ok")


def test_no_outlook_goes_farther_than_the_series_is_long():
    assert (outlook(range(2016, 2021), [9, 8, 9, 8, 9], horizon=6)["flags"] == "horizon_beyond_series").all()
    with pytest.raises(InputError, match="horizon"):
        outlook(YEARS, BIRTHS, horizon=0)


@pytest.mark.parametrize(("last", "warning"), [(190, "low"), (285, "none"), (420, "high")])
def test_a_year_outside_what_was_expected_raises_a_warning_with_its_false_alarm_rate(last, warning):
    found = early_warning([*YEARS, 2021], [*BIRTHS, last]).iloc[0]
    assert found["warning"] == warning and found["false_alarms"] == pytest.approx(0.05)
    assert (found["p_value"] < 0.05) == (warning != "none")


def test_a_year_that_goes_on_as_before_seldom_raises_a_warning():
    raised = [early_warning(range(2015, 2022), births[:7])["warning"].iloc[0] != "none" for births in walks(seed=12)]
    assert np.mean(raised) <= 0.08


def test_no_warning_without_enough_years():
    assert early_warning([2019, 2020], [3, 4])["warning"].iloc[0] == ""
