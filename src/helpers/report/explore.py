"""A place, a measure, a benchmark and a stretch of years to be chosen in a notebook; figure, table and export follow."""

from __future__ import annotations

from base64 import b64encode
from io import BytesIO

import ipywidgets
import pandas as pd
from markupsafe import Markup
from matplotlib import pyplot as plt

from helpers import figures
from helpers.figures.labels import Labels
from helpers.figures.series import FULL_YEARS
from helpers.report.download import csv_address
from helpers.report.masking import mask
from helpers.workspace import Workspace

BENCHMARKS = ("county", "province", "nation", "own", "norm")
SHOWN = ("period", "base", "numerator", "denominator", "value", "low", "high", "benchmark_value", "judgement", "flags")
WIDTH, HEIGHT, DPI = 6.4, 3.4, 110


def beside(rates: pd.DataFrame, comparisons: pd.DataFrame, benchmark: str) -> pd.DataFrame:
    """RATES with `benchmark`, `benchmark_value` and `judgement` of one benchmark; empty where there is none.

    rates: RATES; comparisons: COMPARISONS of the same places; benchmark: nation, province, county, own or norm.
    """
    cell = ["place_id", "period", "measure", "dims", "base"]
    wanted = comparisons.loc[comparisons["benchmark"] == benchmark, [*cell, "benchmark", "benchmark_value", "judgement"]]
    bare = rates.drop(columns=["benchmark", "benchmark_value", "judgement"])
    joined = bare.merge(wanted.drop_duplicates(cell), on=cell, how="left", validate="many_to_one")
    return joined.assign(benchmark=joined["benchmark"].fillna(""), judgement=joined["judgement"].fillna(""))[list(rates.columns)]


def chosen_rows(rates: pd.DataFrame, comparisons: pd.DataFrame, *, place: str, measure: str, benchmark: str, years: tuple[int, int]) -> pd.DataFrame:
    """The rates of one place and measure within `years` (both ends), beside one benchmark."""
    rows = rates[(rates["place_id"] == place) & (rates["measure"] == measure) & rates["year"].between(*years)]
    return beside(rows, comparisons[comparisons["place_id"] == place], benchmark)


class Explorer:
    """The controls and what follows them. `view` is what a notebook shows; `rows` holds the rows shown last."""

    def __init__(self, workspace: Workspace, place: str, measure: str = "cbr", benchmark: str = "county", language: str = "zh") -> None:
        self.words = Labels(language)
        self._rates, self._comparisons = workspace.read("rates"), workspace.read("comparisons")
        self._rates = self._rates[(self._rates["status"] == "ok") & self._rates["year"].notna() & (self._rates["dims"] == "{}")]
        places = workspace.read("places")
        self._names = {row.place_id: mask(row.name_) for row in places.rename(columns={"name": "name_"}).itertuples()
                       if row.place_id in set(self._rates["place_id"])}
        self.rows = self._rates.iloc[:0]
        self._build(place, measure, benchmark)
        self._follow()

    def _build(self, place: str, measure: str, benchmark: str) -> None:
        words, years = self.words, self._rates["year"]
        wide = {"style": {"description_width": "6em"}, "layout": ipywidgets.Layout(width="22em")}
        measures = sorted({(words.measure(name), name) for name in self._rates["measure"].unique()})
        self.place = ipywidgets.Dropdown(options=[(name, key) for key, name in self._names.items()], value=place, description=words("explore.place"), **wide)
        self.measure = ipywidgets.Dropdown(options=measures, value=measure, description=words("explore.measure"), **wide)
        self.benchmark = ipywidgets.Dropdown(options=[(words(f"benchmark.{name}"), name) for name in BENCHMARKS], value=benchmark,
                                             description=words("explore.benchmark"), **wide)
        self.years = ipywidgets.IntRangeSlider(min=int(years.min()), max=int(years.max()), value=(int(years.min()), int(years.max())),
                                               description=words("explore.years"), continuous_update=False, **wide)
        self.figure, self.table = ipywidgets.HTML(), ipywidgets.HTML()
        controls = (self.place, self.measure, self.benchmark, self.years)
        for control in controls:
            control.observe(self._follow, names="value")
        boxes = [ipywidgets.HBox(controls[:2]), ipywidgets.HBox(controls[2:])]
        self.view = ipywidgets.VBox([*boxes, self.figure, self.table])

    def _follow(self, change: object = None) -> None:
        """Draw figure and table for what is chosen now."""
        place = self.place.value
        self.rows = chosen_rows(self._rates, self._comparisons, place=place, measure=self.measure.value,
                                benchmark=self.benchmark.value, years=self.years.value)
        ax = figures.plot_trend(self.rows, self.measure.value, ax=figures.canvas(width=WIDTH, height=HEIGHT), place=self._names[place],
                                language=self.words.language)
        told = figures.caption(ax)
        self.figure.value = str(_image(ax, told.alt)) if told else ""
        self.table.value = str(self._table(told is None))
        plt.close(ax.figure)

    def _table(self, undrawn: bool) -> Markup:
        """The rows under the figure with a link to their CSV; says so where there were too few to draw."""
        shown = self.rows[list(SHOWN)].assign(whole=self.rows["year_kind"].isin(FULL_YEARS)).sort_values("period")
        frame = shown.round(2).to_html(index=False, border=0, escape=True, na_rep="—")
        link = Markup('<a href="{}" download="{}.csv">CSV</a>').format(csv_address(shown), f"{self.place.value}-{self.measure.value}")
        note = Markup("<p>{}</p>").format(self.words("explore.none")) if undrawn else Markup("")
        return note + Markup(frame) + link


def _image(ax, alt: str) -> Markup:
    stream = BytesIO()
    ax.figure.savefig(stream, format="png", dpi=DPI, bbox_inches="tight")
    data = b64encode(stream.getvalue()).decode()
    return Markup('<img alt="{}" src="data:image/png;base64,{}">').format(alt, data)
