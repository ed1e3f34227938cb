"""Pieces of a page: HTML in which every value has been escaped, shown by a notebook as it stands."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from helpers.figures.numbers import MISSING, interval, number

TEMPLATES = Path(__file__).parent / "templates"


class Fragment:
    """Escaped HTML, with what the page needs to know about it (`about`), as a cell's output."""

    def __init__(self, html: Markup, **about: object) -> None:
        self.html, self.about = html, about

    def _repr_mimebundle_(self, include=None, exclude=None):
        plain = " ".join(self.html.striptags().split())
        return {"text/html": str(self.html), "text/plain": plain}, {"township": self.about}

    def __repr__(self) -> str:
        return f"Fragment({len(self.html)} characters)"


@cache
def environment() -> Environment:
    """The one Jinja environment of the reports: escaping always on, an unknown name is an error."""
    made = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined,
                       trim_blocks=True, lstrip_blocks=True)
    made.filters.update(number=number)
    made.globals.update(interval=interval, MISSING=MISSING)
    return made


def compile_all() -> None:
    """Compile every template now, so that the forks of this process need not."""
    for path in TEMPLATES.glob("*.html"):
        environment().get_template(path.name)


def fill(template: str, **values: object) -> Markup:
    """The template `template` with its values, every one of them escaped."""
    return Markup(environment().get_template(template).render(**values))
