"""Series over the years: birth and death rates, any measure, the sex ratio at birth."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

from helpers.figures.labels import Labels
from helpers.figures.numbers import decimals_for, interval, number
from helpers.figures.series import change, main_base, pooled_ratio, series
from helpers.figures.style import COLOURS, describe, interval_bars
from helpers.schema import flagged

NORMAL_RATIO = (103, 107)  # the range quoted by Chinese agencies, `METHODS` 1.13


def plot_vital_rates(rates: pd.DataFrame, *, ax: Axes, place: str = "", language: str = "zh") -> Axes:
    """Crude birth and death rates by year, with intervals and benchmark; the gap is natural increase.

    `rates`: RATES rows of one place. Nothing is drawn where fewer than two years are known.
    """
    words = Labels(language)
    both = rates[rates["measure"].isin(["cbr", "cdr"]) & rates["year"].notna() & (rates["status"] == "ok")]
    both = both[~flagged(both, "questioned")]
    base = main_base(both) if len(both) else None
    lines = {measure: series(rates, measure, base=base) for measure in ("cbr", "cdr")}
    drawn = {measure: rows for measure, rows in lines.items() if len(rows)}
    if not drawn or max(len(rows) for rows in drawn.values()) < 2:
        return ax
    for measure, colour in (("cbr", "first"), ("cdr", "second")):
        if measure in drawn:
            _line(ax, drawn[measure], COLOURS[colour], words.measure(measure), lift=_lift(drawn, measure))
            _benchmark(ax, drawn[measure], words, COLOURS[colour], label=False)
    _years_axis(ax, pd.concat(drawn.values())["year"])
    ax.set_ylim(bottom=0)
    births = drawn.get("cbr", next(iter(drawn.values())))
    data = pd.concat(drawn.values(), ignore_index=True)
    return describe(
        ax, title=change_title(births, words), data=_data(data),
        subtitle=words("figure.vital.subtitle", base=words(f"base.{base}"), place=place, years=years_text(data, words)) + left_out(rates, ("cbr", "cdr"), words),
        source=source_line(data, words), alt=alt_text(births, words, place))


def plot_trend(rates: pd.DataFrame, measure: str, *, ax: Axes, dims: str = "{}", place: str = "", language: str = "zh") -> Axes:
    """One measure of one place by year, with intervals and benchmark.

    `rates`: RATES rows of one place. Nothing is drawn where fewer than two years are known.
    """
    words = Labels(language)
    rows = series(rates, measure, dims=dims)
    if len(rows) < 2:
        return ax
    _line(ax, rows, COLOURS["first"], words.name(measure, dims))
    _benchmark(ax, rows, words, COLOURS["benchmark"])
    _years_axis(ax, rows["year"])
    if measure == "nir" and rows["low"].min() >= 0:
        ax.set_ylim(bottom=0)  # whether a place grows is the question: no growth has to be in the picture
    if rows["low"].min() < 0 < rows["high"].max():
        ax.axhline(0, color=COLOURS["quiet"], lw=1, zorder=1)
    base = rows["base"].iloc[0]
    return describe(
        ax, title=change_title(rows, words), data=_data(rows),
        subtitle=words("figure.trend.subtitle", name=words.name(measure, dims), unit=per_text(rows["per"].iloc[0], words),
                       base=words(f"base.{base}"), place=place, years=years_text(rows, words)) + left_out(rates, (measure,), words, dims),
        source=source_line(rows, words), alt=alt_text(rows, words, place))


def plot_sex_ratio(rates: pd.DataFrame, *, ax: Axes, place: str = "", language: str = "zh") -> Axes:
    """Sex ratio at birth by year on a ratio scale, the years pooled, and the usual range as a band.

    `rates`: RATES rows of one place (`srb`: numerator boys, denominator girls).
    """
    words = Labels(language)
    rows = series(rates, "srb")
    rows = rows[rows["value"].gt(0) & rows["low"].gt(0)]
    if len(rows) < 2:
        return ax
    ax.axhspan(*NORMAL_RATIO, color=COLOURS["band"], zorder=0)
    high = rows["high"].where(np.isfinite(rows["high"]), rows["value"] * 2)
    for filled in (True, False):
        some = rows[rows["whole"] == filled]
        if len(some):
            interval_bars(ax, some["year"], some["value"], some["low"], high[some.index], colour=COLOURS["first"], filled=filled)
    pooled, low, top, births = pooled_ratio(rows[rows["whole"]])
    whole = rows[rows["whole"]]
    _years_axis(ax, rows["year"])
    if len(whole) > 1:
        where = int(rows["year"].max()) + 1.4
        interval_bars(ax, [where], [pooled], [low], [top], colour=COLOURS["second"], size=8)
        ticks = [tick for tick in ax.get_xticks() if rows["year"].min() <= tick <= rows["year"].max()]
        ax.xaxis.set_major_locator(FixedLocator([*ticks, where]))
        pooled_label = words("figure.ratio.pooled")
        ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: pooled_label if x == where else f"{x:.0f}"))
        ax.set_xlim(rows["year"].min() - 0.6, where + 0.6)
    ax.set_yscale("log")
    _ratio_ticks(ax, rows["low"].min(), high.max())
    ax.annotate(words("figure.ratio.band"), (1, 105), xycoords=("axes fraction", "data"), xytext=(4, 0), annotation_clip=False,
                textcoords="offset points", ha="left", va="center", fontsize=8.5, color=COLOURS["quiet"])
    title = _ratio_title(pooled, low, top, births, words)
    return describe(
        ax, title=title, data=_data(rows), source=source_line(rows.assign(benchmark=""), words),
        subtitle=words("figure.ratio.subtitle", place=place, years=years_text(rows, words)) + left_out(rates, ("srb",), words),
        alt=alt_text(rows, words, place))


def _ratio_title(pooled: float, low: float, high: float, births: int, words: Labels) -> str:
    if not np.isfinite(pooled):
        return words("figure.ratio.title.none")
    verdict = "above" if low > NORMAL_RATIO[1] else "below" if high < NORMAL_RATIO[0] else "open"
    return words(f"figure.ratio.title.{verdict}", value=number(pooled, 1), limits=interval(low, high, 1), births=number(births))


def _ratio_ticks(ax: Axes, low: float, high: float) -> None:
    wanted = [tick for tick in (25, 50, 75, 90, 100, 110, 125, 150, 200, 300, 400) if low * 0.97 <= tick <= high * 1.03]
    ax.yaxis.set_major_locator(FixedLocator(wanted))
    ax.yaxis.set_minor_locator(FixedLocator([]))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:.0f}"))


def _lift(drawn: dict[str, pd.DataFrame], measure: str) -> int:
    """Points up or down for a line's name, where the two lines end close together."""
    ends = {name: rows["value"].iloc[-1] for name, rows in drawn.items()}
    if len(ends) < 2 or max(ends.values()) - min(ends.values()) > 0.12 * max(rows["high"].max() for rows in drawn.values()):
        return 0
    return 7 if ends[measure] == max(ends.values()) else -7


def _line(ax: Axes, rows: pd.DataFrame, colour: str, label: str, *, lift: int = 0) -> None:
    """A line through whole years, hollow points for parts of a year, a bar for every interval."""
    whole, part = rows[rows["whole"]], rows[~rows["whole"]]
    ax.plot(whole["year"], whole["value"], color=colour, lw=1.6, zorder=2)
    ax.fill_between(whole["year"].astype(float), whole["low"], whole["high"], color=colour, alpha=0.13, lw=0, zorder=1)
    interval_bars(ax, whole["year"], whole["value"], whole["low"], whole["high"], colour=colour)
    if len(part):
        interval_bars(ax, part["year"], part["value"], part["low"], part["high"], colour=colour, filled=False)
    last = rows.iloc[-1]
    ax.annotate(label, (last["year"], last["value"]), xytext=(8, lift), textcoords="offset points", color=colour,
                va="center", fontsize=9.5, annotation_clip=False)


def _benchmark(ax: Axes, rows: pd.DataFrame, words: Labels, colour: str, *, label: bool = True) -> None:
    """The benchmark most years were compared with, as a dashed line; others are never joined to it."""
    known = main_benchmark(rows)
    if known.empty:
        return
    ax.plot(known["year"], known["benchmark_value"], color=colour, lw=1.2, ls=(0, (4, 3)), marker="_", ms=7, zorder=2, alpha=0.75)
    if label:
        last, top = known.iloc[-1], rows.iloc[-1]
        above = last["benchmark_value"] >= top["value"]
        ax.annotate(words.get(f"benchmark.{last['benchmark']}", last["benchmark"]), (last["year"], last["benchmark_value"]), annotation_clip=False,
                    xytext=(8, 7 if above else -7), textcoords="offset points", color=colour, fontsize=8.5, va="bottom" if above else "top")


def main_benchmark(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows compared with the benchmark most of them share."""
    known = rows[rows["benchmark_value"].notna() & rows["benchmark"].ne("")]
    if known.empty:
        return known
    counts = known["benchmark"].value_counts()
    return known[known["benchmark"] == min(counts.index, key=lambda name: (-counts[name], name))]


def _years_axis(ax: Axes, years: pd.Series) -> None:
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:.0f}"))
    ax.set_xlim(years.min() - 0.5, years.max() + 0.5)
    ax.grid(axis="x", visible=False)


def change_title(rows: pd.DataFrame, words: Labels) -> str:
    """The finding of a series: from where to where, and whether more than chance moved it."""
    whole = rows[rows["whole"]]
    name = words.name(rows["measure"].iloc[0], rows["dims"].iloc[0])
    kind = change(rows)
    if kind == "none":
        return name
    first, last = whole.iloc[0], whole.iloc[-1]
    unit = per_text(first["per"], words)
    shown = [number(row["value"], decimals_for(row["low"], row["high"])) + unit for row in (first, last)]
    return words(f"figure.change.{kind}", name=name, first=shown[0], last=shown[1],
                 first_year=first["year"], last_year=last["year"])


def per_text(per: float, words: Labels) -> str:
    """The sign behind a rate: ‰ for per 1000, % for per 100, /10万 for per 100 000."""
    return {1000.0: words.unit("permille"), 100.0: "%", 100000.0: words.unit("per_100k")}.get(float(per), "")


def years_text(rows: pd.DataFrame, words: Labels) -> str:
    """The span of years, with the hollow points explained where there are parts of a year."""
    first, last = int(rows["year"].min()), int(rows["year"].max())
    span = str(first) if first == last else f"{first}–{last}"
    return words("figure.years" if rows["whole"].all() else "figure.hollow", years=span)


def left_out(rates: pd.DataFrame, measures: tuple[str, ...], words: Labels, dims: str = "{}") -> str:
    """Says which years are not drawn because the figures they rest on are in question; empty where there are none."""
    rows = rates[rates["measure"].isin(measures) & (rates["dims"] == dims) & (rates["status"] == "ok") & rates["year"].notna()]
    years = sorted(set(rows.loc[flagged(rows, "questioned"), "year"].astype(int)))
    return words("figure.left_out", years=words.join(map(str, years))) if years else ""


def source_line(rows: pd.DataFrame, words: Labels) -> str:
    """Where the figure comes from, counted from its own rows."""
    facts = {fact for cell in rows["facts"] for fact in cell.split(";") if fact}
    methods = sorted({method_name(method, words) for method in rows["method"] if method})
    known = sorted({words.get(f"benchmark.{name}", name) for _, part in rows.groupby("measure") for name in main_benchmark(part)["benchmark"]})
    line = words("figure.source", facts=len(facts), methods=words.join(methods))
    return line + words("figure.source.benchmark", names=words.join(known)) if known else line


def method_name(method: str, words: Labels) -> str:
    """The method of an interval in words; `byar, widened` is Byar's with room for the season."""
    return words.join(words.get(f"method.{part}", part) for part in method.split(", ") if part)


def alt_text(rows: pd.DataFrame, words: Labels, place: str) -> str:
    """The figure in words: every point with its interval."""
    unit = per_text(rows["per"].iloc[0], words)
    points = [
        words("figure.alt.point", period=words.period(row.period),
              value=number(row.value, decimals_for(row.low, row.high)) + ("" if row.measure == "srb" else unit),
              limits=interval(row.low, row.high, decimals_for(row.low, row.high)))
        for row in rows.itertuples()
    ]
    return words("figure.alt", place=place, name=words.name(rows["measure"].iloc[0], rows["dims"].iloc[0]),
                 points=words.join(points, "semicolon"))


def _data(rows: pd.DataFrame) -> pd.DataFrame:
    columns = ["measure", "dims", "period", "year_kind", "base", "value", "low", "high", "numerator", "denominator",
               "per", "method", "benchmark", "benchmark_value"]
    return rows[columns].reset_index(drop=True)
