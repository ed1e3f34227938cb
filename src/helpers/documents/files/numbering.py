"""The numbers Word puts before paragraphs by itself (一、 （二） 3.): they are on the page, but not in the text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree.ElementTree import Element

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_LEVELS = 9
_HAN = "零一二三四五六七八九"
_CHINESE = {"chineseCounting", "chineseCountingThousand", "japaneseCounting", "taiwaneseCounting", "taiwaneseCountingThousand",
            "ideographDigital", "ideographTraditional"}


@dataclass
class _Level:
    """How one level of a list is numbered."""

    start: int = 1
    kind: str = "decimal"
    text: str = ""


class Numbering:
    """The lists of a document, counted along as its paragraphs come by in order."""

    def __init__(self, numbering: Element | None, styles: Element | None) -> None:
        self.levels: dict[str, list[_Level]] = {}
        self.counts: dict[str, list[int]] = {}
        self.lists: dict[str, str] = {}  # list -> the counter it shares with others of its kind
        if numbering is not None:
            self._learn(numbering)
        self.of_style = _style_lists(styles) if styles is not None else {}

    def _learn(self, numbering: Element) -> None:
        kinds = {kind.get(W + "abstractNumId", ""): [_level(level) for level in kind.findall(W + "lvl")][:_LEVELS]
                 for kind in numbering.findall(W + "abstractNum")}
        for one in numbering.findall(W + "num"):
            name = one.get(W + "numId", "")
            kind = one.find(W + "abstractNumId")
            shared = kind.get(W + "val", "") if kind is not None else ""
            levels = [_Level(level.start, level.kind, level.text) for level in kinds.get(shared, [])]
            fresh = False
            for override in one.findall(W + "lvlOverride"):
                at, start = _number(override.get(W + "ilvl")), override.find(W + "startOverride")
                if at < len(levels) and start is not None:
                    levels[at].start, fresh = _number(start.get(W + "val"), 1), True
            self.levels[name] = levels
            self.lists[name] = name if fresh else f"kind {shared}"

    def mark(self, paragraph: Element) -> str:
        """The number before a paragraph, counted on; empty where it has none, or a bullet."""
        name, at = _list_of(paragraph) or self.of_style.get(_style_of(paragraph), ("", 0))
        levels = self.levels.get(name, [])
        if name in ("", "0") or at >= len(levels):
            return ""
        counts = self.counts.setdefault(self.lists[name], [level.start - 1 for level in levels])
        counts += [level.start - 1 for level in levels[len(counts):]]
        counts[at] += 1
        for deeper in range(at + 1, len(levels)):
            counts[deeper] = levels[deeper].start - 1
        if levels[at].kind in ("bullet", "none"):
            return ""
        return re.sub(r"%([1-9])", lambda m: self._written(levels, counts, int(m.group(1)) - 1), levels[at].text)

    def _written(self, levels: list[_Level], counts: list[int], at: int) -> str:
        return written(max(counts[at], levels[at].start), levels[at].kind) if at < len(levels) else ""


def written(number: int, kind: str) -> str:
    """A number in one of Word's styles; decimal in those no report uses.

    >>> [written(12, kind) for kind in ("chineseCounting", "decimal", "decimalEnclosedCircle", "upperLetter", "lowerRoman")]
    ['十二', '12', '⑫', 'L', 'xii']
    """
    if kind in _CHINESE and 0 < number < 100:
        tens, ones = divmod(number, 10)
        return (_HAN[tens] if tens > 1 else "") + ("十" if tens else "") + (_HAN[ones] if ones else "")
    if kind.startswith("decimalEnclosedCircle") and 0 < number <= 20:
        return chr(0x2460 + number - 1)
    if kind in ("upperLetter", "lowerLetter") and 0 < number <= 26:
        return chr((65 if kind == "upperLetter" else 97) + number - 1)
    if kind in ("upperRoman", "lowerRoman") and 0 < number < 40:
        tens, ones = divmod(number, 10)
        roman = "X" * tens + ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")[ones]
        return roman if kind == "upperRoman" else roman.lower()
    return str(number)


def _level(level: Element) -> _Level:
    cells = {child.tag: child.get(W + "val", "") for child in level}
    return _Level(_number(cells.get(W + "start"), 1), cells.get(W + "numFmt", "decimal"), cells.get(W + "lvlText", ""))


def _number(text: str | None, default: int = 0) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 6 else default


def _list_of(paragraph: Element, properties: str = f"{W}pPr/") -> tuple[str, int] | None:
    """The list and level a paragraph or a style names itself."""
    name, level = paragraph.find(f"{properties}{W}numPr/{W}numId"), paragraph.find(f"{properties}{W}numPr/{W}ilvl")
    if name is None:
        return None
    return name.get(W + "val", ""), _number(level.get(W + "val")) if level is not None else 0


def _style_of(paragraph: Element) -> str:
    style = paragraph.find(f"{W}pPr/{W}pStyle")
    return style.get(W + "val", "") if style is not None else ""


def _style_lists(styles: Element) -> dict[str, tuple[str, int]]:
    """The lists of styles (numbered headings), also where a style takes it from the one it is based on."""
    own, based = {}, {}
    for style in styles.findall(W + "style"):
        name, base = style.get(W + "styleId", ""), style.find(W + "basedOn")
        based[name] = base.get(W + "val", "") if base is not None else ""
        found = _list_of(style)
        if found:
            own[name] = found
    for name in list(based):
        ancestor, seen = name, set()
        while ancestor and ancestor not in own and ancestor not in seen:
            seen.add(ancestor)
            ancestor = based.get(ancestor, "")
        if ancestor in own:
            own.setdefault(name, own[ancestor])
    return own
