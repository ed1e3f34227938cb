"""A figure as inline SVG: text stays text, colours become CSS variables, ids never clash."""

from __future__ import annotations

import io
import re

from markupsafe import escape
from matplotlib.axes import Axes

from helpers.figures.fonts import FALLBACK, FAMILY
from helpers.figures.style import COLOURS, caption

_PROLOGUE = re.compile(r"^.*?(?=<svg)", re.DOTALL)
_METADATA = re.compile(r"\s*<metadata>.*?</metadata>", re.DOTALL)
_IDENTIFIER = re.compile(r'(\bid="|url\(#|href="#)([\w.-]+)')
_GROUP_NAME = re.compile(r'<g id="[\w.-]+">')
_SIZE = re.compile(r'<svg [^>]*?viewBox="([^"]+)"[^>]*>')
_PRECISION = re.compile(r"(?<=\d)\.(\d)\d+")
# The page's style sheet gives figures their font (`figure svg text`); matplotlib repeats it on every text.
_FONTS = f" font-family: '{FAMILY}', '{FALLBACK}';"
_UNTURNED = re.compile(r' transform="rotate\(-?0 [^"]*"')
_GROUP = re.compile(r"<g>\n?|<g |</g>\n?")
_TEXT = re.compile(r"<text[^>]*>([^<]*)")


def to_svg(ax: Axes, name: str) -> str:
    """The figure `ax` stands on as an `<svg>` element for a page; `name` makes its ids unique there.

    The title, subtitle and source are left to the page, which sets them as text that wraps.
    """
    figure, words = ax.figure, caption(ax)
    hidden = [ax.title, ax._left_title, *(text for text in [*ax.texts, *figure.texts] if text.get_gid() in ("subtitle", "source"))]
    shown = [text.get_visible() for text in hidden]
    for text in hidden:
        text.set_visible(False)
    stream = io.StringIO()
    figure.savefig(stream, format="svg", bbox_inches="tight", pad_inches=0.04, facecolor="none", metadata={"Date": None, "Creator": None})
    for text, visible in zip(hidden, shown, strict=True):
        text.set_visible(visible)
    return _for_page(stream.getvalue(), name, words.alt if words else "")


def _for_page(text: str, name: str, alt: str) -> str:
    text = _METADATA.sub("", _PROLOGUE.sub("", text))
    text = _GROUP_NAME.sub("<g>", text)
    text = _IDENTIFIER.sub(lambda found: f"{found[1]}{name}-{found[2]}", text)
    text = _SIZE.sub(lambda found: f'<svg viewBox="{found[1]}" role="img" aria-label="{escape(alt)}">', text, count=1)
    text = text.replace("xlink:href=", "href=")
    for colour, value in COLOURS.items():
        text = text.replace(value, f"var(--{colour})")
    text = _PRECISION.sub(r".\1", text).replace(_FONTS, "")
    text = _UNTURNED.sub("", text.replace("; stroke-linecap: square", "").replace("; stroke-linejoin: miter", ""))
    text = _without_idle_groups(text)
    return re.sub(r"\n\s*", "\n", text).strip()


def _without_idle_groups(text: str) -> str:
    """The SVG without `<g>` elements that carry no attribute: half of what matplotlib writes."""
    pieces, open_groups, end = [], [], 0
    for found in _GROUP.finditer(text):
        pieces.append(text[end:found.start()])
        end = found.end()
        if found[0].startswith("</g>"):
            idle = open_groups.pop()
        else:
            idle = found[0].startswith("<g>")
            open_groups.append(idle)
        if not idle:
            pieces.append(found[0])
    return "".join([*pieces, text[end:]])


def drawn_text(svg: str) -> list[str]:
    """The pieces of text an SVG draws.

    >>> drawn_text('<svg><text x="1">乡镇</text></svg>')
    ['乡镇']
    """
    return _TEXT.findall(svg)
