"""Writes environment.yml from pyproject.toml: `make environment`.

pyproject.toml and uv.lock are the truth; environment.yml gives conda users the same dependencies with
ranges that admit the locked versions. It carries what the suite runs on, not the tools of its developers.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
TARGET = PROJECT / "environment.yml"

# PyPI name -> name on conda-forge. A name that is not here goes under `pip:`, where it is right by
# definition: opencc (conda-forge's package of that name is the C++ program) and the font package, so far.
CONDA_FORGE = {
    "brotli": "brotli-python",
    "charset-normalizer": "charset-normalizer",
    "click": "click",
    "dask": "dask",
    "defusedxml": "defusedxml",
    "distributed": "distributed",
    "duckdb": "python-duckdb",
    "fonttools": "fonttools",
    "ipykernel": "ipykernel",
    "ipywidgets": "ipywidgets",
    "jinja2": "jinja2",
    "jupyterlab": "jupyterlab",
    "matplotlib": "matplotlib-base",
    "nbclient": "nbclient",
    "nbconvert": "nbconvert",
    "nbval": "nbval",
    "numpy": "numpy",
    "openpyxl": "openpyxl",
    "pandas": "pandas",
    "papermill": "papermill",
    "pyarrow": "pyarrow",
    "pdfplumber": "pdfplumber",
    "pypinyin": "pypinyin",
    "pyyaml": "pyyaml",
    "scipy": "scipy",
    "seaborn": "seaborn",
    "selectolax": "selectolax",
    "statsmodels": "statsmodels",
    "tqdm": "tqdm",
    "xlrd": "xlrd",
}

HEADER = """\
# Written by `make environment` from pyproject.toml: change that file, not this one.
#   conda env create -f environment.yml && conda activate township-notebooks
"""

REQUIREMENT = re.compile(r"(?P<name>[A-Za-z0-9._-]+)\s*(?:\[(?P<extras>[^]]*)\])?\s*(?P<range>(?:[<>=!~][^;]*?)?)\s*(?:;.*)?")


def split(requirement: str) -> tuple[str, list[str], str]:
    """A PEP 508 requirement as name, extras and version range; its marker is left out.

    >>> split("dask[distributed]>=2026.1,<2027; python_version < '4'")
    ('dask', ['distributed'], '>=2026.1,<2027')
    """
    parts = REQUIREMENT.fullmatch(requirement)
    if parts is None:
        raise ValueError(f"pyproject.toml: the dependency {requirement!r} is not a name with a version range.")
    extras = [extra.strip() for extra in (parts["extras"] or "").split(",") if extra.strip()]
    return parts["name"], extras, parts["range"].replace(" ", "")


def environment(project: dict) -> str:
    """The text of environment.yml for the `[project]` table of a pyproject.toml."""
    conda, pip = [f"python {project['requires-python']}", "pip"], []
    for requirement in project["dependencies"]:
        name, extras, versions = split(requirement)
        # An extra that is a package of its own on conda-forge (dask[distributed]) is named beside it.
        known = [CONDA_FORGE[one] for one in (name, *extras) if one in CONDA_FORGE]
        if len(known) == 1 + len(extras):
            conda += [f"{one} {versions}".strip() for one in known]
        else:
            pip.append(requirement)
    lines = [HEADER + f"name: {project['name']}", "channels:", "  - conda-forge", "  - nodefaults", "dependencies:"]
    lines += [f"  - {spec}" for spec in conda]
    lines += ["  - pip:", *(f"      - {spec}" for spec in pip), "      - -e ."]
    return "\n".join(lines) + "\n"


def current() -> str:
    """What environment.yml has to say now."""
    return environment(tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"])


if __name__ == "__main__":
    TARGET.write_text(current(), encoding="utf-8")
