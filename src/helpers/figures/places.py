"""Many places side by side: a ranking with intervals, the funnel of a county, rates drawn together, small multiples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

from helpers.figures.labels import Labels
from helpers.figures.numbers import interval, number
from helpers.figures.series import change, series
from helpers.figures.style import COLOURS, describe, interval_bars
from helpers.figures.trends import per_text
from helpers.schema import flagged

OUTER, INNER = 0.998, 0.95
ENOUGH = 0.8  # the latest period with so large a share of the places of the best one
DATA = ("place_id", "period", "measure", "numerator", "denominator", "per", "value", "low", "high")


def one_period(rates: pd.DataFrame, measure: str, period: str = "") -> pd.DataFrame:
    """One sound row a place of one measure in one period and on one population base, the highest first.

    rates: RATES. Without `period` the latest whole year most places state. A rate that rests on a questioned
    figure is left out: it is part of no comparison.
    """
    rows = rates[(rates["measure"] == measure) & (rates["dims"] == "{}") & (rates["status"] == "ok") & ~flagged(rates, "questioned")]
    rows = rows[rows["period"] == period] if period else rows[rows["year_kind"].isin(("calendar", "family_planning"))]
    if rows.empty:
        return rows
    counts = rows.groupby(["period", "base"])["place_id"].nunique()
    period, base = max((cell for cell in counts.index if counts[cell] >= ENOUGH * counts.max()), key=lambda cell: (cell[0], counts[cell], cell[1] == "registered"))
    rows = rows[(rows["period"] == period) & (rows["base"] == base)].drop_duplicates("place_id")
    return rows.sort_values(["value", "place_id"], ascending=[False, True], kind="stable", ignore_index=True)


def plot_ranking(rates: pd.DataFrame, names: Mapping[str, str], *, ax: Axes, language: str = "zh") -> Axes:
    """Every place's rate with its interval, the highest on top; places that stand apart from all together are coloured.

    rates: as `one_period` gives them; names: by place id. Fewer than two places draw nothing.
    """
    if len(rates) < 2:
        return ax
    words, rows = Labels(language), rates.iloc[::-1].reset_index(drop=True)
    common = _together(rows)
    apart = (rows["low"] > common) | (rows["high"] < common)
    ax.figure.set_figheight(1.2 + 0.26 * len(rows))
    for some, colour in ((apart, "second"), (~apart, "first")):
        chosen = rows[some]
        ax.hlines(chosen.index, chosen["low"], chosen["high"], color=COLOURS[colour], lw=1.8)
        ax.plot(chosen["value"], chosen.index, "o", color=COLOURS[colour], ms=6)
    ax.axvline(common, color=COLOURS["benchmark"], lw=1.2, ls=(0, (4, 3)), zorder=1)
    ax.set_yticks(range(len(rows)), [names.get(place, place) for place in rows["place_id"]])
    ax.tick_params(axis="y", labelcolor=COLOURS["ink"])
    ax.set_ylim(-0.7, len(rows) - 0.3)
    ax.grid(axis="y", visible=False)
    told = {"name": words.measure(rows["measure"].iloc[0]), "count": len(rows), "apart": int(apart.sum())}
    return describe(ax, title=words("figure.ranking.title" if apart.any() else "figure.ranking.title.none", **told),
                    subtitle=_subtitle(rows, words), source=_source(rows, common, words), alt=_alt(rates, names, words), data=_data(rates))


def plot_county_funnel(rates: pd.DataFrame, names: Mapping[str, str], *, ax: Axes, language: str = "zh") -> Axes:
    """Every place's rate against its exposure, with limits that allow for the usual differences between places.

    rates: as `one_period` gives them, rates or shares (natural increase has no funnel). Limits at 95 % and 99.8 %
    around the common rate: exact where places differ no more than chance, else widened by the variance between
    places (Spiegelhalter, Stat Med 2005;24:1185; from ten places on). Fewer than five places draw nothing.
    """
    from helpers.rates import (  # loads statsmodels, which a single chart does not need
        funnel_limits,
        overdispersion,
    )

    rows, words = rates[rates["denominator"].gt(0)], Labels(language)
    if len(rows) < 5 or rows["measure"].iloc[0] in ("nir", "srb"):
        return ax
    per, common = float(rows["per"].iloc[0]), _together(rows)
    kind = "proportion" if per == 100 else "rate"
    spread = overdispersion(rows["numerator"], rows["denominator"] * common / per).iloc[0]
    between = common * np.sqrt(spread["tau2"])
    exposure = np.geomspace(rows["denominator"].min() * 0.85, rows["denominator"].max() * 1.15, 60)
    for level, alpha in ((INNER, 0.22), (OUTER, 0.11)):
        limits = funnel_limits(exposure, common, per=per, confidence=level, kind=kind, spread=between)
        ax.fill_between(exposure, limits["low"], limits["high"], color=COLOURS["quiet"], alpha=alpha, lw=0, zorder=0)
        ax.annotate(f"{level * 100:g}%", (exposure[0], limits["high"].iloc[0]), fontsize=8.5, color=COLOURS["quiet"], va="bottom")
    own = funnel_limits(rows["denominator"], common, per=per, confidence=OUTER, kind=kind, spread=between)
    outside = (rows["value"] > own["high"]) | (rows["value"] < own["low"])
    ax.axhline(common, color=COLOURS["benchmark"], lw=1.2, ls=(0, (4, 3)))
    interval_bars(ax, rows["denominator"], rows["value"], rows["low"], rows["high"], colour=COLOURS["quiet"], size=4)
    ax.plot(rows.loc[outside, "denominator"], rows.loc[outside, "value"], "o", color=COLOURS["second"], ms=8, zorder=4)
    _name(ax, rows[outside], names)
    ax.set_xscale("log")
    ticks = sorted({float(f"{tick:.1e}") for tick in np.geomspace(rows["denominator"].min(), rows["denominator"].max(), 5)})
    ax.xaxis.set_major_locator(FixedLocator(ticks))
    ax.xaxis.set_minor_locator(FixedLocator([]))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: number(x, 0)))
    ax.set_xlabel(words("figure.funnel.exposure"))
    told = {"name": words.measure(rows["measure"].iloc[0]), "count": len(rows), "outside": int(outside.sum())}
    widened = words("figure.spread.widened") if between > 0 else words("figure.spread.chance")
    return describe(ax, title=words("figure.spread.title" if outside.any() else "figure.spread.title.none", **told),
                    subtitle=_subtitle(rows, words) + widened, source=_source(rows, common, words), alt=_alt(rows, names, words), data=_data(rows))


def _name(ax: Axes, rows: pd.DataFrame, names: Mapping[str, str]) -> None:
    for row in rows.itertuples():
        ax.annotate(names.get(row.place_id, row.place_id), (row.denominator, row.value), xytext=(8, 3), textcoords="offset points",
                    color=COLOURS["second"], fontsize=9.5, annotation_clip=False)


def plot_shrinkage(rates: pd.DataFrame, names: Mapping[str, str], *, ax: Axes, language: str = "zh") -> Axes:
    """Each place's rate and where it is drawn to when all places inform each other, the smallest place on top.

    rates: as `one_period` gives them, rates over a population. The intervals are those of the places' own rates;
    the smoothed rate is Marshall's (Appl Stat 1991;40:283). Fewer than five places draw nothing.
    """
    from helpers.rates import smooth_marshall

    if len(rates) < 5:
        return ax
    words, rows = Labels(language), rates.sort_values("denominator", ascending=False, ignore_index=True)
    smooth = rows["per"] * smooth_marshall(rows["numerator"], rows["denominator"])["value"]
    common = _together(rows)
    ax.figure.set_figheight(1.2 + 0.26 * len(rows))
    ax.hlines(rows.index, rows["low"], rows["high"], color=COLOURS["grid"], lw=4, zorder=1)
    ax.hlines(rows.index, rows["value"], smooth, color=COLOURS["first"], lw=1.2, zorder=2)
    ax.plot(rows["value"], rows.index, "o", mfc=COLOURS["paper"], mec=COLOURS["first"], ms=6, label=words("figure.shrinkage.own"))
    ax.plot(smooth, rows.index, "o", color=COLOURS["first"], ms=6, label=words("figure.shrinkage.smooth"))
    ax.axvline(common, color=COLOURS["benchmark"], lw=1.2, ls=(0, (4, 3)), zorder=1)
    ax.set_yticks(range(len(rows)), [names.get(place, place) for place in rows["place_id"]])
    ax.tick_params(axis="y", labelcolor=COLOURS["ink"])
    ax.set_ylim(-0.7, len(rows) - 0.3)
    ax.grid(axis="y", visible=False)
    moved = (smooth - rows["value"]).abs()
    most = rows.loc[moved.idxmax(), "place_id"]
    title = words("figure.shrinkage.title", place=names.get(most, most), value=number(rows.loc[moved.idxmax(), "value"], 1), smooth=number(smooth[moved.idxmax()], 1))
    return describe(ax, title=title, subtitle=_subtitle(rows, words) + words("figure.shrinkage.subtitle"), source=_source(rows, common, words),
                    alt=_alt(rows, names, words), data=_data(rows).assign(smoothed=smooth.to_numpy()))


def plot_multiples(rates: pd.DataFrame, measure: str, names: Mapping[str, str], *, axes: Sequence[Axes], language: str = "zh") -> Sequence[Axes]:
    """The course of one measure in each place, on one scale: one small pair of axes a place, with intervals.

    rates: RATES of the places in `names`; axes: at least as many as places, the rest stay empty. A place whose first
    and last intervals do not meet is coloured.
    """
    words = Labels(language)
    drawn = {place: rows for place in names if len(rows := series(rates[rates["place_id"] == place], measure)) > 1}
    if not drawn:
        return axes
    every = pd.concat(drawn.values())
    top, years = float(every["high"].max()), (every["year"].min() - 0.5, every["year"].max() + 0.5)
    for ax in axes:
        ax.set_axis_off()
    for ax, (place, rows) in zip(axes, drawn.items(), strict=False):
        ax.set_axis_on()
        kind = change(rows)
        colour = COLOURS["second"] if kind in ("up", "down") else COLOURS["first"]
        whole = rows[rows["whole"]]
        ax.fill_between(whole["year"].astype(float), whole["low"], whole["high"], color=colour, alpha=0.15, lw=0)
        ax.plot(whole["year"], whole["value"], color=colour, lw=1.4)
        interval_bars(ax, rows["year"], rows["value"], rows["low"], rows["high"], colour=colour, size=3)
        ax.set(xlim=years, ylim=(min(0.0, float(every["low"].min())), top))
        ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=3))
        ax.set_title(words("figure.multiples.place", place=names[place], change=words(f"figure.multiples.{kind}")), loc="left", fontsize=9.5, color=colour)
    moved = sum(change(rows) in ("up", "down") for rows in drawn.values())
    first = axes[0].figure
    first.suptitle(words("figure.multiples.title", name=words.measure(measure), count=len(drawn), moved=moved), x=0.01, ha="left", fontsize=12, color=COLOURS["ink"])
    return axes


def _together(rows: pd.DataFrame) -> float:
    """The rate of all places as one: sums before the quotient."""
    return float(rows["per"].iloc[0] * rows["numerator"].sum() / rows["denominator"].sum())


def _subtitle(rows: pd.DataFrame, words: Labels) -> str:
    row = rows.iloc[0]
    unit = "" if row["measure"] == "srb" else per_text(row["per"], words)
    return words("figure.places.subtitle", name=words.measure(row["measure"]), unit=unit or "100", base=words(f"base.{row['base']}"),
                 period=words.period(row["period"]))


def _source(rows: pd.DataFrame, common: float, words: Labels) -> str:
    unit = "" if rows["measure"].iloc[0] == "srb" else per_text(rows["per"].iloc[0], words)
    return words("figure.funnel.source", count=len(rows), common=f"{number(common, 1)}{unit}")


def _alt(rows: pd.DataFrame, names: Mapping[str, str], words: Labels) -> str:
    points = (words("figure.alt.point", period=names.get(row.place_id, row.place_id), value=number(row.value, 1), limits=interval(row.low, row.high, 1))
              for row in rows.itertuples())
    return words("figure.alt", place="", name=words.measure(rows["measure"].iloc[0]), points=words.join(points, "semicolon"))


def _data(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[list(DATA)].reset_index(drop=True)
