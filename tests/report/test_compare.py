"""Places side by side: what may be compared, what the figures say of it, and the controls of notebook 03."""

from __future__ import annotations

import pandas as pd
import pytest
from matplotlib import pyplot as plt

from helpers import figures
from helpers.report.explore import Explorer, beside
from helpers.schema import COMPARISONS
from helpers.workspace import Workspace


@pytest.fixture
def workspace(county_data, tmp_path) -> Workspace:
    """The small county with a comparisons table of one benchmark."""
    import shutil

    shutil.copytree(county_data, tmp_path / "data")
    made = Workspace(data=tmp_path / "data")
    rates = made.read("rates")
    cells = rates[["place_id", "period", "year", "year_kind", "measure", "dims", "base", "value"]]
    made.write("comparisons", COMPARISONS.conform(cells.assign(benchmark="county", benchmark_value=11.0, judgement="similar")))
    yield made
    plt.close("all")


def names(workspace: Workspace) -> dict[str, str]:
    places = workspace.read("places")
    return dict(zip(places["place_id"], places["name"], strict=True))


def test_only_sound_rates_of_one_period_and_base_stand_side_by_side(workspace):
    rates = workspace.read("rates")
    rates.loc[(rates["place_id"] == "place-1") & (rates["year"] == 2021), "flags"] = "questioned"
    rates.loc[(rates["place_id"] == "place-2") & (rates["year"] == 2021), "base"] = "resident"
    rows = figures.one_period(rates, "cbr", "2021")
    assert set(rows["place_id"]) == {"place-0", "place-3", "place-4", "place-5"} and rows["value"].is_monotonic_decreasing
    assert set(figures.one_period(rates, "cbr")["period"]) == {"2020"}, "2020 has six places, 2021 too few of them"
    assert figures.one_period(rates, "mmr").empty


@pytest.mark.parametrize("language", ["zh", "en"])
def test_figures_of_many_places_say_what_they_found_and_keep_their_data(workspace, language):
    rows = figures.one_period(workspace.read("rates"), "cbr", "2021")
    for plot in (figures.plot_ranking, figures.plot_county_funnel, figures.plot_shrinkage):
        told = figures.caption(plot(rows, names(workspace), ax=figures.canvas(), language=language))
        assert told.title and "2021" in told.subtitle and len(told.data) == 6
        assert all(column in told.data for column in ("low", "high", "numerator", "denominator"))
    assert figures.caption(figures.plot_ranking(rows.iloc[:1], {}, ax=figures.canvas())) is None
    assert figures.caption(figures.plot_county_funnel(rows.iloc[:4], {}, ax=figures.canvas())) is None


def test_small_multiples_share_one_scale(workspace):
    figures.use_style()
    _, axes = plt.subplots(2, 3)
    drawn = figures.plot_multiples(workspace.read("rates"), "cbr", names(workspace), axes=list(axes.flat))
    assert len({ax.get_ylim() for ax in drawn}) == 1 and all(ax.get_title(loc="left") for ax in drawn)


def test_one_benchmark_is_set_beside_the_rates_and_nothing_else_changes(workspace):
    rates = workspace.read("rates")
    joined = beside(rates, workspace.read("comparisons"), "county")
    assert list(joined.columns) == list(rates.columns) and len(joined) == len(rates)
    assert set(joined["benchmark"]) == {"county"} and beside(rates, workspace.read("comparisons"), "nation")["benchmark"].eq("").all()
    pd.testing.assert_series_equal(joined["value"], rates["value"])


def test_figure_and_table_follow_the_controls(workspace):
    explorer = Explorer(workspace, "place-0", "cbr")
    assert explorer.figure.value.startswith('<img alt="')
    before, table = explorer.figure.value, explorer.table.value
    explorer.place.value = "place-3"
    assert explorer.figure.value != before and explorer.table.value != table and set(explorer.rows["place_id"]) == {"place-3"}
    explorer.years.value = (2018, 2019)
    assert set(explorer.rows["year"]) == {2018, 2019} and explorer.figure.value
    explorer.benchmark.value = "nation"
    assert explorer.rows["benchmark"].eq("").all()
    explorer.years.value = (2018, 2018)
    assert explorer.figure.value == "" and "不足两年" in explorer.table.value


def test_names_in_the_controls_are_escaped(hostile_data, workspace):
    workspace.write("places", Workspace(data=hostile_data).read("places"))
    assert "<script>" not in Explorer(workspace, "place-0").table.value
