"""Figures: titles that say the finding, intervals always, every glyph there."""

from __future__ import annotations

import logging
import re
import sys
import warnings
from pathlib import Path

import pandas as pd
import pytest
from matplotlib import pyplot as plt

from helpers import figures
from helpers.figures import fonts, series
from helpers.figures.funnel import poisson_limits
from helpers.figures.svg import drawn_text, to_svg
from helpers.schema import TABLES

sys.path.insert(0, str(Path(__file__).parent / "report"))


@pytest.fixture(scope="module")
def county():
    from county import small_county

    return small_county()


@pytest.fixture(scope="module")
def rates(county) -> pd.DataFrame:
    frame = TABLES["rates"].conform(county.rates)
    return frame[frame["place_id"] == "place-0"].reset_index(drop=True)


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


def shares() -> pd.DataFrame:
    return pd.DataFrame({"name": ["住院分娩率", "叶酸服用率", "老年人健康管理率"], "value": [99.2, 91.25, 68.0], "low": [99.15, 91.245, 66.1],
                         "high": [99.25, 91.255, 69.8], "counted": [False, False, True], "period": ["2021", "2021", "2020"]})


def pairs() -> pd.DataFrame:
    return pd.DataFrame({"name": ["叶酸服用率", "住院分娩率"], "unit": "percent", "target": [95.0, 99.0], "value": [91.25, 99.2], "low": [91.245, 99.15],
                         "high": [91.255, 99.25], "period": ["2021", "2021"], "attained": ["no", "yes"]})


def drawn(name: str, rates: pd.DataFrame, county, language: str = "zh"):
    ax = figures.canvas()
    words = {"ax": ax, "place": "柳溪镇", "language": language}
    everyone = TABLES["rates"].conform(county.rates)
    last = everyone[(everyone["measure"] == "cbr") & (everyone["period"] == "2021")]
    return {
        "vital": lambda: figures.plot_vital_rates(rates, **words), "trend": lambda: figures.plot_trend(rates, "nir", **words),
        "ratio": lambda: figures.plot_sex_ratio(rates, **words), "coverage": lambda: figures.plot_coverage(shares(), **words),
        "targets": lambda: figures.plot_targets(pairs(), **words), "funnel": lambda: figures.plot_funnel(last, "place-0", **words),
    }[name]()


EVERY = ("vital", "trend", "ratio", "coverage", "targets", "funnel")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", EVERY)
def test_no_glyph_is_missing_and_nothing_warns(name, language, rates, county, caplog):
    with warnings.catch_warnings(), caplog.at_level(logging.WARNING, logger="matplotlib"):
        warnings.simplefilter("error")
        text = drawn_text(to_svg(drawn(name, rates, county, language), name))
    assert text
    assert not fonts.missing_glyphs("".join(text))
    assert not [record for record in caplog.records if "findfont" in record.getMessage()]


@pytest.mark.parametrize("name", EVERY)
def test_every_figure_has_title_subtitle_source_alt_text_and_data(name, rates, county):
    words = figures.caption(drawn(name, rates, county))
    assert len(words.title) > 8 and words.subtitle and words.source.startswith("来源") and "柳溪镇" in words.alt
    assert len(words.data) >= 2


@pytest.mark.parametrize("name", ["vital", "trend", "ratio"])
def test_every_point_has_its_interval(name, rates, county):
    ax = drawn(name, rates, county)
    points = sum(len(container.lines[0].get_xdata()) for container in ax.containers)
    bars = sum(len(lines.get_segments()) for container in ax.containers for lines in container.lines[2])
    assert points == bars > 0


@pytest.mark.parametrize("name", EVERY)
def test_an_svg_is_the_same_each_time_and_its_ids_are_its_own(name, rates, county):
    first, second = (to_svg(drawn(name, rates, county), name) for _ in range(2))
    assert first == second
    assert all(found.startswith(f"{name}-") for found in re.findall(r' id="([^"]+)"', first))
    assert "http" not in first.replace("http://www.w3.org/", "")
    assert not [value for value in re.findall(r"#[0-9a-f]{6}", first) if value not in ("#000000", "#ffffff")], "colours must be variables"


def test_hostile_text_stays_text(rates):
    attack = '"><script>alert(1)</script>'
    ax = figures.plot_vital_rates(rates, ax=figures.canvas(), place=attack)
    assert "<script" not in to_svg(ax, "x")


def test_the_title_says_whether_more_than_chance_moved_it(rates):
    ax = figures.plot_trend(rates, "cbr", ax=figures.canvas(), language="en")
    assert "down from" in figures.caption(ax).title and "more than chance" in figures.caption(ax).title
    ax = figures.plot_trend(rates, "cdr", ax=figures.canvas(), language="en")
    assert "no change beyond chance" in figures.caption(ax).title


def test_one_year_draws_nothing(rates):
    ax = figures.plot_vital_rates(rates[rates["period"] == "2021"], ax=figures.canvas())
    assert figures.caption(ax) is None and not ax.lines


def test_population_bases_never_share_a_line(rates):
    mixed = pd.concat([rates, rates.assign(base="resident", value=rates["value"] + 5)])
    assert series.series(mixed, "cbr")["base"].unique().tolist() == ["registered"]
    assert series.series(mixed, "cbr", base="resident")["base"].unique().tolist() == ["resident"]


def test_pooled_ratio_takes_sums_before_the_ratio():
    rows = pd.DataFrame({"numerator": [100, 10], "denominator": [100, 5]})
    value, low, high, births = series.pooled_ratio(rows)
    assert (round(value, 4), births) == (round(100 * 110 / 105, 4), 215) and low < value < high


def test_funnel_limits_are_exact_poisson():
    low, high = poisson_limits(0.01, 500.0, 0.95)  # 5 expected: Garwood 1.62349 to 11.66833
    assert round(float(low * 500), 5) == 1.62349 and round(float(high * 500), 5) == 11.66833


def test_the_embedded_font_is_small_and_carries_only_its_glyphs():
    rule = fonts.font_face(["乡镇出生率‰ 2014–2021"])
    assert rule.startswith("@font-face") and len(rule) < 12_000
    assert fonts.font_face([]) == ""
