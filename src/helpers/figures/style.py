"""How every figure looks, and the words that go with it.

A plot function draws on the `ax` it is given and returns it; `describe` puts the title (the finding),
the subtitle (measure, unit, place, years), the source line and the alt text on the axes and keeps them,
with the figure's data, for whoever shows the figure on a page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from helpers.figures import fonts

# Okabe and Ito's colour-blind safe palette (2008), darkened where needed to stand at 3:1 on white.
# On a page each colour becomes a CSS variable, so that figures follow light, dark and print.
COLOURS = {
    "ink": "#1d232b",
    "quiet": "#5b6672",
    "grid": "#e3e7eb",
    "paper": "#fdfdfc",
    "first": "#0b5fa5",
    "second": "#b3400a",
    "third": "#0a7d5b",
    "benchmark": "#6b5b95",
    "band": "#dbe7dd",
}
SIZE = (4.8, 3.0)


@dataclass(frozen=True)
class Caption:
    """The words of a figure and the data behind it."""

    title: str
    subtitle: str
    source: str
    alt: str
    data: pd.DataFrame


_captions: WeakKeyDictionary[Axes, Caption] = WeakKeyDictionary()


def use_style() -> None:
    """Set the style once for this process: seaborn's white ground, our font, text kept as text in SVG."""
    import seaborn

    family = fonts.register()
    seaborn.set_theme(context="notebook", style="white", font=[family, fonts.FALLBACK], rc={
        "font.size": 10, "axes.titlesize": 12, "axes.labelsize": 10,
        "xtick.labelsize": 9.5, "ytick.labelsize": 9.5, "legend.fontsize": 9.5,
        "axes.unicode_minus": True, "svg.fonttype": "none", "svg.hashsalt": "township",
        "axes.edgecolor": COLOURS["quiet"], "axes.labelcolor": COLOURS["quiet"], "text.color": COLOURS["ink"],
        "xtick.color": COLOURS["quiet"], "ytick.color": COLOURS["quiet"], "axes.grid": True, "grid.color": COLOURS["grid"],
        "grid.linewidth": 0.8, "axes.spines.top": False, "axes.spines.right": False, "axes.spines.left": False,
        "axes.axisbelow": True, "xtick.bottom": True, "ytick.left": False,
        "figure.facecolor": "none", "axes.facecolor": "none", "savefig.facecolor": COLOURS["paper"],
        "figure.figsize": SIZE, "figure.dpi": 96, "savefig.dpi": 120, "legend.frameon": False,
        "axes.prop_cycle": plt.cycler(color=[COLOURS["first"], COLOURS["second"], COLOURS["third"]]),
    })


def canvas(*, height: float = SIZE[1], width: float = SIZE[0]) -> Axes:
    """An empty pair of axes in the house style, `width` × `height` inches."""
    use_style()
    _, ax = plt.subplots(figsize=(width, height), layout="constrained")
    return ax


def describe(ax: Axes, *, title: str, subtitle: str, source: str, alt: str, data: pd.DataFrame) -> Axes:
    """Put the figure's words on `ax` and keep them, with its data, for `caption`."""
    inches = ax.figure.get_figwidth()
    below = wrapped(subtitle, int(inches * 13))
    ax.set_title(wrapped(title, int(inches * 11)), loc="left", fontsize=12, pad=12 + 14 * (below.count("\n") + 1), color=COLOURS["ink"])
    ax.text(0, 1.02, below, transform=ax.transAxes, fontsize=9.5, color=COLOURS["quiet"], va="bottom", gid="subtitle")
    ax.figure.text(0.01, -0.01, wrapped(source, int(inches * 16)), fontsize=8, color=COLOURS["quiet"], va="top", gid="source")
    _captions[ax] = Caption(title, subtitle, source, alt, data)
    return ax


def wrapped(text: str, width: int) -> str:
    """The text in lines of at most `width` columns; a Han character takes two, a line breaks at a space or between Han.

    >>> wrapped("出生率由10.9‰降至7.0‰", 12).splitlines()
    ['出生率由', '10.9‰降至', '7.0‰']
    """
    words = re.findall(r"[\u2e80-\u9fff\uff00-\uffef]|[^\s\u2e80-\u9fff\uff00-\uffef]+|\s+", text)
    lines, used = [""], 0
    for word in words:
        size = sum(2 if "\u2e80" <= char <= "\uffef" else 1 for char in word)
        if used + size > width and lines[-1] and word not in "，。、；：）)":
            lines.append("")
            used = 0
        lines[-1] += word if lines[-1] else word.lstrip()
        used += size
    return "\n".join(lines)


def caption(ax: Axes) -> Caption | None:
    """The words `describe` put on `ax`; None for axes on which nothing was drawn."""
    return _captions.get(ax)


def interval_bars(ax: Axes, x, value, low, high, *, colour: str, filled=True, size: float = 6, label: str | None = None):
    """Points with their intervals; hollow where `filled` is false. Intervals are never left out."""
    import numpy as np

    value, low, high = (np.asarray(column, dtype=float) for column in (value, low, high))
    spread = np.vstack([value - low, high - value])
    spread = np.where(np.isfinite(spread), np.clip(spread, 0, None), 0)
    return ax.errorbar(x, value, yerr=spread, fmt="o", ms=size, lw=0, elinewidth=1.8, capsize=0, color=colour,
                       mfc=colour if filled else COLOURS["paper"], mec=colour, mew=1.4, label=label, zorder=3)
