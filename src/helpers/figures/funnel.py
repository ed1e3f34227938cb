"""One place among the others: a funnel of rates against exposure."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter
from scipy.stats import chi2

from helpers.figures.labels import Labels
from helpers.figures.numbers import number
from helpers.figures.style import COLOURS, describe
from helpers.figures.trends import per_text

LIMITS = ((0.95, 0.22), (0.998, 0.11))


def plot_funnel(rates: pd.DataFrame, place_id: str, *, ax: Axes, place: str = "", language: str = "zh") -> Axes:
    """Every place's rate against its exposure, with the limits chance allows around their common rate.

    `rates`: RATES rows of one measure, one period and one population base, one row a place. The limits are
    exact Poisson at 95 % and 99.8 % (Spiegelhalter 2005). Fewer than five places draw nothing: a funnel of
    four says nothing.
    """
    words = Labels(language)
    rows = rates[(rates["status"] == "ok") & rates["denominator"].gt(0)].drop_duplicates("place_id")
    if len(rows) < 5 or place_id not in set(rows["place_id"]):
        return ax
    per = float(rows["per"].iloc[0])
    common = rows["numerator"].sum() / rows["denominator"].sum()
    exposure = np.geomspace(rows["denominator"].min() * 0.85, rows["denominator"].max() * 1.15, 80)
    for level, alpha in LIMITS:
        low, high = poisson_limits(common, exposure, level)
        ax.fill_between(exposure, per * low, per * high, color=COLOURS["quiet"], alpha=alpha, lw=0, zorder=0)
        ax.annotate(f"{level * 100:g}%", (exposure[0], per * high[0]), fontsize=8.5, color=COLOURS["quiet"], va="bottom")
    ax.axhline(per * common, color=COLOURS["benchmark"], lw=1.2, ls=(0, (4, 3)))
    other, own = rows[rows["place_id"] != place_id], rows[rows["place_id"] == place_id].iloc[0]
    ax.scatter(other["denominator"], other["value"], s=26, color=COLOURS["quiet"], zorder=2)
    ax.vlines(own["denominator"], own["low"], own["high"], color=COLOURS["first"], lw=1.8, zorder=3)
    ax.scatter([own["denominator"]], [own["value"]], s=70, color=COLOURS["first"], zorder=4)
    ax.annotate(place, (own["denominator"], own["value"]), xytext=(9, 4), textcoords="offset points",
                color=COLOURS["first"], fontsize=10, annotation_clip=False)
    ax.set_xscale("log")
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: number(x, 0)))
    ticks = sorted({float(f"{tick:.1e}") for tick in np.geomspace(rows["denominator"].min(), rows["denominator"].max(), 4)})
    ax.xaxis.set_major_locator(FixedLocator(ticks))
    ax.xaxis.set_minor_locator(FixedLocator([]))
    ax.set_xlabel(words("figure.funnel.exposure"))
    return _describe(ax, rows, own, common * per, words, place)


def _describe(ax: Axes, rows: pd.DataFrame, own: pd.Series, common: float, words: Labels, place: str) -> Axes:
    name = words.measure(own["measure"])
    unit = per_text(own["per"], words)
    low, high = (float(limit) * own["per"] for limit in poisson_limits(common / own["per"], own["denominator"], 0.998))
    verdict = "above" if own["value"] > high else "below" if own["value"] < low else "within"
    rank = int((rows["value"] > own["value"]).sum()) + 1
    shown = {"name": name, "place": place, "value": f"{number(own['value'], 1)}{unit}", "count": len(rows)}
    return describe(
        ax, title=words(f"figure.funnel.title.{verdict}", **shown),
        subtitle=words("figure.funnel.subtitle", name=name, unit=unit, period=words.period(own["period"])),
        source=words("figure.funnel.source", count=len(rows), common=f"{number(common, 1)}{unit}"),
        alt=words("figure.funnel.alt", rank=rank, **shown),
        data=rows[["place_id", "period", "measure", "numerator", "denominator", "per", "value", "low", "high"]])


def poisson_limits(common: float, exposure, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest rate chance allows around `common` at each exposure (exact Poisson, Garwood 1936)."""
    expected = np.asarray(exposure, dtype=float) * common
    tail = (1 - level) / 2
    return chi2.ppf(tail, 2 * expected) / 2 / exposure, chi2.ppf(1 - tail, 2 * expected + 2) / 2 / exposure
