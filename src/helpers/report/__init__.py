"""One report per place: its sections, its page, and the run that makes them all.

In the notebook `township_report.ipynb` every cell is one call of this package; `render` runs it over the places.

>>> from helpers import report
>>> township = report.load("pingqian-zhen-3f2a")                          # doctest: +SKIP
>>> report.key_figures(township)                                          # doctest: +SKIP
"""

from collections.abc import Iterable

from helpers.report.ahead import births_ahead
from helpers.report.choices import services as service_rows
from helpers.report.choices import targets as target_rows
from helpers.report.record import RunRecord
from helpers.report.sections import (
    among_others,
    figure,
    findings,
    header,
    key_figures,
    marked,
    method,
    outlook,
    services,
    sex_ratio,
    sources,
    targets,
    vital,
)
from helpers.report.sentences import funnel_rows
from helpers.report.township import Township, load
from helpers.workspace import Workspace


def render(workspace: Workspace, places: Iterable[str] | None = None, **options) -> RunRecord:
    """Render the report notebook for every place (or the given ones): see `helpers.report.bulk.render`.

    The machinery of papermill and nbconvert is loaded here and not with the package, which every kernel imports.
    """
    from helpers.report import bulk

    return bulk.render(workspace, places, **options)


def explain(workspace: Workspace, places: Iterable[str] | None = None, **options) -> dict[str, str]:
    """Why each page would be built now: see `helpers.report.bulk.explain`."""
    from helpers.report import bulk

    return bulk.explain(workspace, places, **options)


__all__ = [
    "Township", "among_others", "births_ahead", "explain", "figure", "findings", "funnel_rows", "header", "key_figures", "load", "marked",
    "method", "outlook", "render", "service_rows", "services", "sex_ratio", "sources", "target_rows", "targets", "vital",
]
