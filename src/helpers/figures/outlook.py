"""Births so far and the years ahead, with the room that chance and change leave."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from helpers.figures.labels import Labels
from helpers.figures.numbers import number
from helpers.figures.style import COLOURS, describe

_COLUMNS = ["year", "births", "low", "high", "kind"]


def plot_outlook(history: pd.DataFrame, ahead: pd.DataFrame, *, ax: Axes, place: str = "", base: str = "", language: str = "zh") -> Axes:
    """Births by year as they were (dots) and as they may be (hollow, with 95 % prediction intervals).

    history: `year births`, one row a year; ahead: `year value low high` as `helpers.rates.outlook` gives them.
    Nothing is drawn without years ahead.
    """
    if ahead.empty or history.empty:
        return ax
    words = Labels(language)
    told = history["year"].astype(float)
    ax.plot(told, history["births"], "o-", color=COLOURS["first"], lw=1.6, ms=5.5, zorder=3)
    years = pd.concat([told.tail(1), ahead["year"]])
    last = float(history["births"].iloc[-1])
    ends = [pd.concat([pd.Series([last]), ahead[name]]) for name in ("low", "high")]
    ax.fill_between(years, *ends, color=COLOURS["benchmark"], alpha=0.16, lw=0, zorder=1)
    ax.vlines(ahead["year"], ahead["low"], ahead["high"], color=COLOURS["benchmark"], lw=1.8, zorder=2)
    ax.plot(ahead["year"], ahead["value"], "o", mfc=COLOURS["paper"], mec=COLOURS["benchmark"], mew=1.5, ms=6, zorder=3)
    ax.set_ylim(bottom=0)
    ax.set_xlim(told.min() - 0.5, ahead["year"].max() + 0.5)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:.0f}"))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda y, _: number(y, 0)))
    ax.grid(axis="x", visible=False)
    return _describe(ax, history, ahead, words, place, base)


def _describe(ax: Axes, history: pd.DataFrame, ahead: pd.DataFrame, words: Labels, place: str, base: str) -> Axes:
    final = ahead.iloc[-1]
    shown = {"year": int(final["year"]), "value": number(final["value"], 0), "low": number(final["low"], 0), "high": number(final["high"], 0)}
    points = words.join((words("figure.alt.point", period=words.period(str(int(row.year))), value=number(row.value, 0),
                               limits=f"{number(row.low, 0)}–{number(row.high, 0)}") for row in ahead.itertuples()), "semicolon")
    past = history[["year", "births"]].assign(kind="observed")
    coming = ahead[["year", "value", "low", "high"]].rename(columns={"value": "births"}).assign(kind="outlook")
    data = pd.concat([past, coming], ignore_index=True).reindex(columns=_COLUMNS)
    span = f"{int(history['year'].min())}–{int(history['year'].max())}"
    return describe(
        ax, title=words("figure.outlook.title", **shown), data=data,
        subtitle=words("figure.outlook.subtitle", place=place, base=words(f"base.{base or 'unstated'}"), years=span),
        source=words("figure.outlook.source", count=len(history)),
        alt=words("figure.alt", place=place, name=words("figure.outlook.name"), points=points))
