"""The template that notebooks share when nothing more is known of them: the analysis stack, imported."""

from __future__ import annotations

import atexit
import importlib
from contextlib import suppress
from functools import cache

from nbformat.validator import get_validator

from helpers.kernels.forks import Template

# What the notebooks of this project import; a notebook that needs more imports it itself. papermill comes first,
# since it is papermill that loads the engine.
STACK = ("papermill", "pandas", "numpy", "scipy.stats", "matplotlib.pyplot", "seaborn", "statsmodels.api", "helpers.figures",
         "helpers.report", "helpers.kernels.direct", "helpers.kernels.engine")
# What a kernel and a figure import when they are first used. Not `matplotlib_inline`: it looks for its shell
# while it is imported, so that each child has to import it anew.
USED_FIRST = ("ipykernel.debugger", "IPython.core.completerlib", "IPython.core.debugger", "IPython.core.history", "IPython.core.logger",
              "IPython.core.oinspect", "IPython.core.pylabtools", "IPython.extensions.storemagic",
              "matplotlib.backends.backend_agg", "matplotlib.backends.backend_svg", "sqlite3", "tornado.platform.asyncio")


def import_stack(modules: tuple[str, ...] = STACK) -> None:
    """Import `modules`: all the preparation a template needs for notebooks of any kind."""
    for module in (*modules, *USED_FIRST):
        with suppress(ImportError):
            importlib.import_module(module)
    _register_engine()
    for minor in (4, 5):
        get_validator(4, minor)  # compiles the schema of notebooks


def _register_engine() -> None:
    """Make the engine known also where the project was not installed anew since it has one."""
    from papermill.engines import papermill_engines

    from helpers.kernels.engine import ForkEngine

    papermill_engines.register("township", ForkEngine)


@cache
def shared_template() -> Template:
    """The template that every notebook executed by this process is forked from; ends with the process."""
    template = Template("helpers.kernels.stack:import_stack")
    atexit.register(template.close)
    return template
