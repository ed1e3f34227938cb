"""An executed notebook as one self-contained page: nothing is loaded from anywhere, code stays out of sight."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from typing import TYPE_CHECKING

from markupsafe import Markup

from helpers import __version__
from helpers.errors import ReportError
from helpers.figures.fonts import font_face, missing_glyphs
from helpers.figures.labels import Labels
from helpers.figures.svg import drawn_text
from helpers.report.fragments import TEMPLATES, compile_all

if TYPE_CHECKING:  # it takes seconds to import, which the index and a run with nothing to do can spare
    from nbformat import NotebookNode

_HEADING = re.compile(r'<section id="([a-z]+)"[^>]*><h2>(.*?)</h2>')
LANG = {"zh": "zh-CN", "en": "en"}


@cache
def _asset(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def policy(script: str) -> str:
    """The content security policy of a page: no request, and no script but the page's own."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; font-src data:; "
            "img-src data:; base-uri 'none'; form-action 'none'")


@cache
def _exporter():
    from nbconvert.exporters import TemplateExporter

    return TemplateExporter(template_name="page", extra_template_basedirs=[str(TEMPLATES)], file_extension=".html",
                            template_file="index.html.j2")


def warm_up() -> None:
    """Load and compile what every page needs: the exporter, the templates, the glyphs' table."""
    _exporter().environment.get_template("index.html.j2")
    compile_all()
    for name in ("page.js", "page.css"):
        _asset(name)
    missing_glyphs("")


def to_html(notebook: NotebookNode) -> str:
    """The page of an executed report notebook.

    Raises ReportError when the notebook shows no report header (a cell was taken out, or failed).
    """
    about = _about(notebook)
    pieces = [output["data"]["text/html"] for cell in notebook.cells if cell.cell_type == "code"
              for output in cell.get("outputs", []) if "text/html" in output.get("data", {})]
    words = Labels(about["language"])
    script = _asset("page.js")
    toc = [{"id": found[1], "title": words.get(f"nav.{found[1]}", Markup(found[2]).unescape())}
           for piece in pieces for found in _HEADING.finditer(piece)]
    text = [text for piece in pieces if "<svg" in piece for text in drawn_text(piece)]
    resources = {"township": {
        "lang": LANG[about["language"]], "title": words("page.title", place=about["title"]), "version": __version__,
        "policy": policy(script), "script": script, "css": _asset("page.css"), "font": font_face(text), "toc": toc,
        "skip": words("page.skip"), "nav_label": words("page.nav"), "index": words("page.index"), "dialog": words("page.dialog"),
        "close": words("page.close"), "footer": words("page.footer", version=__version__)}}
    html, _ = _exporter().from_notebook_node(notebook, resources)
    return short_anchors(html)


def short_anchors(html: str) -> str:
    """The page with its facts numbered in their order instead of named by their long ids.

    Only attributes are touched: text is escaped, so no text holds the quotation marks this looks for.

    >>> short_anchors('<a href="#f-9c1a">1</a><mark id="f-9c1a" data-f="9c1a 77e0">1</mark><i id="f-77e0"></i>')
    '<a href="#f-1">1</a><mark id="f-1" data-f="1 2">1</mark><i id="f-2"></i>'
    """
    numbers = {fact: str(number) for number, fact in enumerate(re.findall(r' id="f-([^"]+)"', html), 1)}

    def renamed(found: re.Match) -> str:
        return found[1] + " ".join(numbers.get(fact, fact) for fact in found[2].split(" ")) + '"'

    return re.sub(r'( id="f-|href="#f-|data-f="|data-facts=")([^"]*)"', renamed, html)


def _about(notebook: NotebookNode) -> dict:
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            about = output.get("metadata", {}).get("township", {})
            if "title" in about:
                return about
    raise ReportError("the executed notebook shows no report header: its cell `report.header(township)` is missing or failed.")


