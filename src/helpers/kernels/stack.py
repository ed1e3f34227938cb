"""The template that notebooks share when nothing more is known of them: the analysis stack, imported."""

from __future__ import annotations

import atexit
import importlib
from functools import cache

from helpers.kernels.forks import Template

# What the notebooks of this project import; a notebook that needs more imports it itself. papermill comes first,
# since it is papermill that loads the engine.
STACK = ("papermill", "pandas", "numpy", "scipy.stats", "matplotlib.pyplot", "seaborn", "statsmodels.api", "IPython.core.history",
         "helpers.figures", "helpers.report", "helpers.kernels.direct")


def import_stack(modules: tuple[str, ...] = STACK) -> None:
    """Import `modules`: all the preparation a template needs for notebooks of any kind."""
    for module in modules:
        importlib.import_module(module)


@cache
def shared_template() -> Template:
    """The template that every notebook executed by this process is forked from; ends with the process."""
    template = Template("helpers.kernels.stack:import_stack")
    atexit.register(template.close)
    return template
