"""Word-sized graphics for table cells: an interval against its benchmark, a course over the years.

Colours are left to the page's style sheet (classes `m-…`); nothing of a document's text is drawn here.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from markupsafe import Markup

from helpers.figures.numbers import is_known

WIDTH, HEIGHT = 120, 20


def interval_mark(value: float, low: float, high: float, benchmark: float) -> Markup:
    """The interval as a bar, the value as a dot, the benchmark as an upright line in the middle.

    The scale is the ratio to the benchmark, from half to double; what lies beyond is drawn at the edge.
    Empty without a benchmark to set it against.
    """
    if not (is_known(value) and is_known(low) and is_known(high) and is_known(benchmark)) or benchmark <= 0:
        return Markup("")

    def across(number: float) -> float:
        ratio = np.log2(number / benchmark) if number > 0 else -1.0
        return round(WIDTH / 2 + float(np.clip(ratio, -1, 1)) * (WIDTH / 2 - 6), 1)

    left, middle, right = across(low), across(value), across(high)
    return Markup(
        f'<svg class="micro" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" aria-hidden="true">'
        f'<path class="m-benchmark" d="M{WIDTH / 2:g} 1V{HEIGHT - 1}"/>'
        f'<path class="m-interval" d="M{left} {HEIGHT / 2:g}H{right}"/>'
        f'<circle class="m-value" cx="{middle}" cy="{HEIGHT / 2:g}" r="4"/></svg>')


def spark(rows: pd.DataFrame) -> Markup:
    """The course of a measure over its whole years, its intervals as a band. Empty below three years.

    `rows`: as `helpers.figures.series.series` gives them.
    """
    whole = rows[rows["whole"]] if "whole" in rows else rows
    whole = whole[np.isfinite(whole["low"]) & np.isfinite(whole["high"])]
    if len(whole) < 3:
        return Markup("")
    years = whole["year"].astype(float).to_numpy()
    x = 4 + (years - years[0]) / (years[-1] - years[0]) * (WIDTH - 10)
    bottom, top = float(whole["low"].min()), float(whole["high"].max())
    scale = (HEIGHT - 4) / (top - bottom or 1)

    def path(values: pd.Series, along=slice(None)) -> str:
        y = HEIGHT - 2 - (values.to_numpy(dtype=float) - bottom) * scale
        return "L".join(f"{left:.1f} {down:.1f}" for left, down in zip(x[along], y[along], strict=True))

    last = HEIGHT - 2 - (float(whole["value"].iloc[-1]) - bottom) * scale
    back = slice(None, None, -1)
    return Markup(
        f'<svg class="micro" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" aria-hidden="true">'
        f'<path class="m-band" d="M{path(whole["high"])}L{path(whole["low"], back)}Z"/>'
        f'<path class="m-line" d="M{path(whole["value"])}"/>'
        f'<circle class="m-value" cx="{x[-1]:.1f}" cy="{last:.1f}" r="2.6"/></svg>')
