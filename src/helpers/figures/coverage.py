"""Shares in percent: the latest coverage of services, and targets beside results."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from helpers.figures.labels import Labels
from helpers.figures.numbers import interval, number
from helpers.figures.style import COLOURS, describe

COVERAGE = ("name", "period", "value", "low", "high", "counted", "numerator", "denominator")


def plot_coverage(shares: pd.DataFrame, *, ax: Axes, place: str = "", language: str = "zh") -> Axes:
    """Coverage of services, one row each: filled with a confidence interval where counts are known,
    hollow with what the printed digits allow where only the percentage is stated.

    `shares`: columns `name value low high counted period` (percent; `counted` is true where numerator
    and denominator are known). Fewer than two rows draw nothing.
    """
    words = Labels(language)
    rows = shares[shares["value"].notna()].sort_values(["value", "name"], ascending=[True, False]).reset_index(drop=True)
    if len(rows) < 2:
        return ax
    ax.figure.set_figheight(0.6 + 0.3 * len(rows))
    for counted, colour in ((True, "first"), (False, "second")):
        chosen = rows[rows["counted"] == counted]
        if len(chosen):
            _sideways(ax, chosen, COLOURS[colour], filled=counted)
    ax.set_yticks(range(len(rows)), rows["name"])
    ax.tick_params(axis="y", labelcolor=COLOURS["ink"])
    ax.set_ylim(-0.7, len(rows) - 0.3)
    left = min(rows["low"].min(), rows["value"].min())
    ax.set_xlim(max(0, np.floor(left / 10) * 10 - 5), 101.5)
    ax.xaxis.set_major_formatter("{x:.0f}%")
    ax.grid(axis="y", visible=False)
    lowest = rows.iloc[0]
    points = words.join((
        words("figure.alt.point", period=row.name_, value=f"{number(row.value, 1)}%", limits=interval(row.low, row.high, 1))
        for row in rows.rename(columns={"name": "name_"}).itertuples()), "semicolon")
    return describe(
        ax, title=words("figure.coverage.title", name=lowest["name"], value=f"{number(lowest['value'], 1)}%", count=len(rows)),
        subtitle=words("figure.coverage.subtitle", place=place, periods=_periods(rows, words)),
        source=words("figure.coverage.source", counted=int(rows["counted"].sum()), stated=int((~rows["counted"]).sum())),
        alt=words("figure.alt", place=place, name=words("figure.coverage.name"), points=points),
        data=rows[[column for column in COVERAGE if column in rows]])


def plot_targets(pairs: pd.DataFrame, *, ax: Axes, place: str = "", language: str = "zh") -> Axes:
    """Targets (a bar across) beside results (a point with its interval), one row each.

    `pairs`: columns `name unit target value low high period attained`; percentages with a result are drawn.
    Fewer than two draw nothing.
    """
    words = Labels(language)
    rows = pairs[(pairs["unit"] == "percent") & pairs["value"].notna()].iloc[::-1].reset_index(drop=True)
    if len(rows) < 2:
        return ax
    ax.figure.set_figheight(0.6 + 0.3 * len(rows))
    heights = np.arange(len(rows))
    ax.hlines(heights, rows["target"], rows["value"], color=COLOURS["grid"], lw=3, zorder=1)
    _sideways(ax, rows, COLOURS["first"], filled=True)
    ax.scatter(rows["target"], heights, marker="|", s=260, lw=2.4, color=COLOURS["second"], zorder=4)
    ax.set_yticks(heights, [f"{name} {period}" for name, period in zip(rows["name"], rows["period"], strict=True)])
    ax.tick_params(axis="y", labelcolor=COLOURS["ink"])
    ax.set_ylim(-0.7, len(rows) - 0.3)
    ax.xaxis.set_major_formatter("{x:.0f}%")
    ax.grid(axis="y", visible=False)
    reached, missed = int((rows["attained"] == "yes").sum()), int((rows["attained"] == "no").sum())
    points = words.join((
        words("figure.targets.alt", name=row.name_, target=f"{number(row.target)}%", value=f"{number(row.value)}%")
        for row in rows.rename(columns={"name": "name_"}).itertuples()), "semicolon")
    return describe(
        ax, title=words("figure.targets.title", count=len(rows), reached=reached, missed=missed),
        subtitle=words("figure.targets.subtitle", place=place, periods=_periods(rows, words)),
        source=words("figure.targets.source", count=len(rows)),
        alt=words("figure.alt", place=place, name=words("figure.targets.name"), points=points), data=rows)


def _sideways(ax: Axes, rows: pd.DataFrame, colour: str, *, filled: bool) -> None:
    low, high = rows["low"].fillna(rows["value"]), rows["high"].fillna(rows["value"])
    ax.hlines(rows.index, low, high, color=colour, lw=2, zorder=2)
    ax.scatter(rows["value"], rows.index, s=38, color=colour if filled else COLOURS["paper"], edgecolor=colour, lw=1.5,
               zorder=3, clip_on=False)


def _periods(rows: pd.DataFrame, words: Labels) -> str:
    periods = sorted(set(rows["period"]))
    return words.period(periods[0]) if len(periods) == 1 else words("figure.periods", count=len(periods))
