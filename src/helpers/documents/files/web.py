"""Web pages: what a reader sees of them, paragraph by paragraph, their tables as tables."""

from __future__ import annotations

import re

from helpers.documents.files.rows import Span, laid_out, lines_of
from helpers.documents.files.taken import Page, Taken

_UNSEEN = {"script", "style", "noscript", "template", "head", "nav", "select", "button", "iframe", "svg", "object", "textarea", "rt", "rp", "del", "#comment",
           "-comment", "!doctype", "-doctype"}
_BLOCKS = {"p", "div", "li", "ul", "ol", "dl", "dt", "dd", "h1", "h2", "h3", "h4", "h5", "h6", "section", "article", "header", "footer", "main", "aside",
           "blockquote", "pre", "table", "caption", "form", "fieldset", "figure", "figcaption", "center", "hr", "tr", "td", "th", "thead", "tbody", "tfoot",
           "body", "html", "address", "option"}
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_SITE = re.compile(r"\s*(?:[_|｜]|\s[-–—]+\s|-{1,2}(?=[^-]*网)).*", re.DOTALL)
_BLANKS = re.compile(r"[ \t\r\n\f]+")
LONGEST_CELL = 60  # a table with a longer cell, or a table within, lays out the page


def take(text: str) -> Taken:
    """The text of a web page. Raises Unreadable where there is none."""
    from selectolax.lexbor import LexborHTMLParser

    tree = LexborHTMLParser(text)
    writer = _Writer()
    writer.walk(tree.root)
    title = tree.css_first("title")
    name = _SITE.sub("", _BLANKS.sub(" ", title.text())).strip() if title is not None else ""
    if name and not any(name in line or (line in name and len(line) > 4) for line in writer.page.lines[:30]):
        writer.page.lines.insert(0, name)
    return writer.page.taken()


class _Writer:
    """Walks the nodes of a page, without recursion: pages nest as deep as they like."""

    def __init__(self) -> None:
        self.page = Page()
        self.pieces: list[str] = []

    def walk(self, root) -> None:
        node = root.child if root is not None else None
        while node is not None:
            if self._enter(node) and node.child is not None:
                node = node.child
                continue
            node = self._onward(node, root)
        self._end_line()

    def _onward(self, node, root):
        """The next node that is not below this one; lines end where blocks do."""
        while node is not None and node.mem_id != root.mem_id:
            if node.tag in _BLOCKS:
                self._end_line()
            if node.next is not None:
                return node.next
            node = node.parent
        return None

    def _enter(self, node) -> bool:
        """Take what a node says itself; whether to look into it."""
        tag = node.tag
        if tag == "-text":
            self.pieces.append(node.text_content or "")
            return False
        if tag in _UNSEEN or "hidden" in node.attributes or _HIDDEN.search(node.attributes.get("style") or ""):
            return False
        if tag in _BLOCKS or tag == "br":
            self._end_line()
        if tag == "pre":
            self.page.add(node.text())
            return False
        if tag == "table" and _is_table(node):
            self.page.lines += _caption(node)
            self.page.lines += lines_of(laid_out(_spans(node)))
            return False
        return True

    def _end_line(self) -> None:
        """What was taken since the last line end becomes a line."""
        line = _joined(self.pieces)
        self.pieces = []
        if line:
            self.page.add(line)


def _joined(pieces: list[str]) -> str:
    """Text with its blanks as a browser shows them; none between Chinese characters that stood on two lines of the source."""
    text = "".join(pieces)
    text = re.sub(r"(?<=[^\x00-\x7f])[ \t]*[\r\n][ \t\r\n]*(?=[^\x00-\x7f])", "", text)
    return _BLANKS.sub(" ", text.replace("\u200b", "")).strip()


def _caption(table) -> list[str]:
    caption = table.css_first("caption")
    return list(filter(None, [_joined([caption.text()])])) if caption is not None else []


def _is_table(table) -> bool:
    """Whether a table is one: several rows of several short cells, and no table within."""
    if len(table.css("table")) > 1:
        return False
    cells = table.css("td, th")
    rows = table.css("tr")
    return len(rows) > 1 and len(cells) > len(rows) and not any(len(cell.text()) > 4 * LONGEST_CELL or (
        len(_joined([cell.text()])) > LONGEST_CELL) for cell in cells)


def _spans(table) -> list[list[Span]]:
    return [[Span(_cell(cell), _number(cell, "colspan"), _number(cell, "rowspan")) for cell in row.css("td, th")] for row in table.css("tr")]


def _cell(cell) -> str:
    inner = _Writer()
    inner.walk(cell)
    return "\n".join(inner.page.lines)


def _number(cell, name: str) -> int:
    text = (cell.attributes.get(name) or "1").strip()
    return max(1, int(text)) if text.isdecimal() and len(text) < 5 else 1
