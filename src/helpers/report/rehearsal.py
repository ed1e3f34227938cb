"""One report made for practice before a template is forked: what is loaded or worked out at the first report is there.

The first figure of a process reads fonts and measures glyphs, the first table compiles its template, and much of a
library is imported when it is first used. The forks inherit all of it; nothing of the practice report is kept.
"""

from __future__ import annotations

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers import figures
from helpers.figures.fonts import font_face, open_beforehand
from helpers.figures.style import SIZE
from helpers.figures.svg import drawn_text
from helpers.report import sections, tables
from helpers.report.ahead import births_ahead
from helpers.report.choices import services, targets
from helpers.report.sentences import funnel_rows
from helpers.report.township import Township, load
from helpers.workspace import Workspace

TEXT_SECTIONS = (sections.header, sections.key_figures, sections.findings, sections.vital, sections.sex_ratio, sections.services,
                 sections.targets, sections.among_others, sections.outlook, sections.sources, sections.method)


def rehearse(workspace: Workspace, language: str) -> None:
    """Make every part of a report of the place with the most facts; matplotlib's settings are left as they were.

    Uses no `pyplot`, so that the notebook's own back end is chosen by the notebook.
    """
    facts = tables.whole(workspace, "facts")["place_id"].value_counts()
    if facts.empty:
        return
    township = load(facts.index[0], workspace.data, language)
    for section in TEXT_SECTIONS:
        section(township)
    with matplotlib.rc_context():
        drawn = [sections.figure(ax, f"rehearsal{number}") for number, ax in enumerate(_draw(township))]
    font_face(text for piece in drawn for text in drawn_text(str(piece.html)))
    open_beforehand()


def _draw(township: Township) -> list[Axes]:
    words, coming = {"place": township.name, "language": township.language}, births_ahead(township)
    return [
        figures.plot_vital_rates(township.rates, ax=_axes(), **words), figures.plot_trend(township.rates, "nir", ax=_axes(), **words),
        figures.plot_sex_ratio(township.rates, ax=_axes(), **words), figures.plot_coverage(services(township), ax=_axes(), **words),
        figures.plot_targets(targets(township), ax=_axes(), **words),
        figures.plot_funnel(funnel_rows(township), township.id, ax=_axes(), **words),
        figures.plot_outlook(coming.history, coming.ahead, ax=_axes(), base=coming.base, **words)]


def _axes() -> Axes:
    figures.use_style()
    return Figure(figsize=SIZE, layout="constrained").subplots()
