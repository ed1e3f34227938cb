"""The one typeface of every figure: Noto Sans SC, which comes with the environment.

Figures keep their text as text (searchable, copyable), so a page carries the few glyphs its figures
use as an embedded font: about 15 KB for 120 characters.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable
from functools import cache
from pathlib import Path

FAMILY = "Noto Sans SC"
FALLBACK = "DejaVu Sans"


@cache
def font_path() -> Path:
    """Where the font file lies (package pylopdf-fonts-zh-cn, SIL Open Font License)."""
    import pylopdf_fonts_zh_cn

    return Path(pylopdf_fonts_zh_cn.sans_path())


@cache
def register() -> str:
    """Make the font known to matplotlib for this process only; gives back its family name."""
    from matplotlib import font_manager

    font_manager.fontManager.addfont(str(font_path()))
    return FAMILY


def missing_glyphs(text: str) -> set[str]:
    """The characters of `text` for which the font has no glyph (white space aside).

    >>> missing_glyphs("乡镇出生率‰")
    set()
    """
    return {char for char in text if not char.isspace() and ord(char) not in _coverage()}


@cache
def _coverage() -> frozenset[int]:
    from fontTools.ttLib import TTFont

    with TTFont(font_path(), lazy=True) as font:
        return frozenset(font.getBestCmap())


_opened: list = []  # a font opened beforehand; subsetting uses it up


def open_beforehand() -> None:
    """Parse the font now, for the next subset made by this process or by each of its forks."""
    if not _opened:
        _opened.append(_open())


def _open():
    """The font with everything parsed that subsetting reads."""
    from fontTools.ttLib import TTFont

    font = TTFont(font_path(), lazy=True, recalcTimestamp=False)
    cff = font["CFF "].cff
    shapes = cff.topDictIndex[0].CharStrings
    for name in ("cmap", "hmtx", "maxp", "head", "hhea", "OS/2", "post", "name"):
        font[name]
    for subroutines in [cff.GlobalSubrs, *(private.Subrs for private in (part.Private for part in cff.topDictIndex[0].FDArray) if hasattr(private, "Subrs"))]:
        for position in range(len(subroutines)):
            subroutines[position]
    font.getGlyphOrder()
    len(shapes)
    return font


@cache
def _subset_base64(characters: str) -> str:
    from fontTools import subset

    options = subset.Options(
        hinting=False, layout_features=[], name_IDs=[0, 1, 2, 13, 14], notdef_outline=True,
        drop_tables=["GSUB", "GPOS", "GDEF", "BASE", "VORG", "vhea", "vmtx", "DSIG"],
    )
    font = _opened.pop() if _opened else _open()
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=characters)
    subsetter.subset(font)
    font.flavor = "woff"
    stream = io.BytesIO()
    font.save(stream)
    return base64.b64encode(stream.getvalue()).decode("ascii")


def font_face(text: Iterable[str]) -> str:
    """A CSS `@font-face` rule with just the glyphs of `text`, as a data: address (WOFF).

    Empty when there is no text to draw.
    """
    characters = "".join(sorted({char for piece in text for char in piece if char.isprintable()}))
    if not characters:
        return ""
    return (
        f"@font-face{{font-family:'{FAMILY}';font-display:block;"
        f"src:url(data:font/woff;base64,{_subset_base64(characters)}) format('woff')}}"
    )
