"""Figures: `plot_x(frame, *, ax)` draws on `ax` and returns it; titles say the finding, intervals are always drawn.

>>> from helpers import figures
>>> ax = figures.plot_trend(rates, "cbr", ax=figures.canvas())            # doctest: +SKIP
"""

from helpers.figures.coverage import plot_coverage, plot_targets
from helpers.figures.funnel import plot_funnel
from helpers.figures.outlook import plot_outlook
from helpers.figures.places import (
    one_period,
    plot_county_funnel,
    plot_multiples,
    plot_ranking,
    plot_shrinkage,
)
from helpers.figures.style import canvas, caption, use_style
from helpers.figures.trends import plot_sex_ratio, plot_trend, plot_vital_rates

__all__ = [
    "canvas", "caption", "one_period", "plot_county_funnel", "plot_coverage", "plot_funnel", "plot_multiples", "plot_outlook",
    "plot_ranking",
    "plot_sex_ratio", "plot_shrinkage", "plot_targets", "plot_trend", "plot_vital_rates", "use_style",
]
