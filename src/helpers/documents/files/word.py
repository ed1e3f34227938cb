"""Word documents (.docx, and .doc by way of it): paragraphs and tables in their order, as a reader of the page sees them.

Read from the document's own XML: what was inserted in revision mode, content controls, text boxes and footnotes are
part of a report; what was deleted, hidden text, field codes and pinyin guides are not.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

from helpers.documents.files.numbering import Numbering
from helpers.documents.files.rows import Span, laid_out, lines_of
from helpers.documents.files.taken import Page, Taken, Unreadable
from helpers.documents.files.zipped import opened, part

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_STRICT = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
# Not on the page: deleted or moved away, codes of fields, properties, and what a newer element repeats for old programs.
_UNSEEN = {W + name for name in ("del", "moveFrom", "delText", "instrText", "delInstrText", "rPr", "pPr", "tblPr", "sectPr", "rt")} | {_MC + "Fallback"}
_CHARACTERS = {W + "tab": "\t", W + "br": "\n", W + "cr": "\n", W + "noBreakHyphen": "-", W + "ptab": "\t"}
_OFF = ("0", "false", "off")
DEEPEST = 20  # tables within tables


def take(data: bytes) -> Taken:
    """The text of a .docx; notes and footnotes stand at its end. Raises Unreadable."""
    with opened(data) as archive:
        document = part(archive, "word/document.xml")
        if document is None:
            raise Unreadable("it is no whole Word document (word/document.xml is missing): open it in Word or WPS and save it anew")
        if document.tag.startswith(_STRICT):
            raise Unreadable("it is saved as “Strict Open XML”: save it as an ordinary Word document (.docx)")
        reader = _Reader(Numbering(part(archive, "word/numbering.xml"), part(archive, "word/styles.xml")))
        for body in document.iter(W + "body"):
            reader.blocks(body)
        for name, tag in (("word/footnotes.xml", "footnote"), ("word/endnotes.xml", "endnote")):
            for note in _elements(part(archive, name), tag):
                if note.get(W + "type") not in ("separator", "continuationSeparator", "continuationNotice"):
                    reader.blocks(note)
        pictures = sum(name.startswith("word/media/") for name in archive.namelist())
    if pictures and not reader.page.lines:
        raise Unreadable("it holds pictures of pages and no text: it needs OCR (text recognition) first")
    return reader.page.taken()


def take_old(data: bytes) -> Taken:
    """The text of a .doc of Word 97 to 2003 (or WPS), by way of .docx. Raises Unreadable."""
    from doc2docx import convert
    from doc2docx.errors import Doc2DocxError, EncryptedDocumentError

    with tempfile.TemporaryDirectory() as folder:
        old, new = Path(folder) / "report.doc", Path(folder) / "report.docx"
        old.write_bytes(data)
        try:
            convert(os.fspath(old), os.fspath(new))
        except EncryptedDocumentError as error:
            raise Unreadable("it is protected with a password: save it without one") from error
        except (Doc2DocxError, ValueError, LookupError, OSError) as error:
            raise Unreadable(f"this .doc cannot be read ({error}): open it in Word or WPS and save it as .docx") from error
        return take(new.read_bytes())


def _elements(root: Element | None, tag: str) -> Iterator[Element]:
    return iter(()) if root is None else root.iter(W + tag)


class _Reader:
    """Walks the blocks of a document and writes its lines."""

    def __init__(self, numbering: Numbering) -> None:
        self.numbering, self.page = numbering, Page()

    def blocks(self, parent: Element, depth: int = 0) -> None:
        for block in parent:
            if block.tag == W + "p":
                self._paragraph(block, depth)
            elif block.tag == W + "tbl" and depth < DEEPEST:
                self._table(block, depth + 1)
            elif block.tag not in _UNSEEN:
                # content controls, insertions, choices between a new form and an old one: what is in them
                self.blocks(block, depth)

    def _paragraph(self, paragraph: Element, depth: int) -> None:
        pieces: list[str] = []
        boxes: list[Element] = []
        _collect(paragraph, pieces, boxes)
        text = "".join(pieces)
        if text.strip():
            self.page.add(self.numbering.mark(paragraph) + text.strip())
        for box in boxes:
            if depth < DEEPEST:
                self.blocks(box, depth + 1)

    def _table(self, table: Element, depth: int) -> None:
        rows: list[list[Span]] = []
        open_cells: dict[int, tuple[int, int]] = {}  # column -> row and place of the cell that goes on below
        for row in _rows(table):
            spans: list[Span] = []
            column = 0
            for cell in _cells(row):
                width, goes_on = _merged(cell)
                if goes_on and column in open_cells:
                    above, at = open_cells[column]
                    before = rows[above][at]
                    rows[above][at] = Span(before.text, before.columns, len(rows) - above + 1)
                else:
                    open_cells[column] = (len(rows), len(spans))
                    spans.append(Span(self._cell(cell, depth), width))
                column += width
            rows.append(spans)
        self.page.lines += lines_of(laid_out(rows))

    def _cell(self, cell: Element, depth: int) -> str:
        inner = _Reader(self.numbering)
        inner.blocks(cell, depth)
        return "\n".join(inner.page.lines)


def _collect(element: Element, pieces: list[str], boxes: list[Element]) -> None:
    """The characters of a paragraph into `pieces`, the text boxes that hang on it into `boxes`."""
    stack = list(reversed(element))
    while stack:
        node = stack.pop()
        if node.tag == W + "t":
            pieces.append(node.text or "")
        elif node.tag in _CHARACTERS:
            pieces.append(_CHARACTERS[node.tag])
        elif node.tag == W + "txbxContent":
            boxes.append(node)
        elif node.tag not in _UNSEEN and not _hidden(node):
            stack += reversed(node)


def _hidden(run: Element) -> bool:
    mark = run.find(f"{W}rPr/{W}vanish") if run.tag == W + "r" else None
    return mark is not None and mark.get(W + "val") not in _OFF


def _rows(table: Element) -> Iterator[Element]:
    """The rows of a table, also those in content controls or inserted; without those deleted."""
    for child in table:
        if child.tag == W + "tr":
            if child.find(f"{W}trPr/{W}del") is None:
                yield child
        elif child.tag not in _UNSEEN and child.tag != W + "tbl":
            yield from _rows(child)


def _cells(row: Element) -> Iterator[Element]:
    for child in row:
        if child.tag == W + "tc":
            yield child
        elif child.tag not in _UNSEEN and child.tag != W + "tr":
            yield from _cells(child)


def _merged(cell: Element) -> tuple[int, bool]:
    """How many columns a cell takes, and whether it goes on with the one above."""
    span, merge = cell.find(f"{W}tcPr/{W}gridSpan"), cell.find(f"{W}tcPr/{W}vMerge")
    width = span.get(W + "val", "1") if span is not None else "1"
    return max(1, int(width)) if width.isdecimal() else 1, merge is not None and merge.get(W + "val") != "restart"
