"""PDF: the text layer, line by line and joined into paragraphs where the page broke them; ruled tables as tables.

A page is read from its characters and where they stand. Running heads and page numbers are left out; a page that is a
picture has no text, and says so.
"""

from __future__ import annotations

import io
import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from helpers.documents.files.rows import lines_of
from helpers.documents.files.taken import Page, Taken, Unreadable

LEAST_TEXT = 20  # characters of a page that is no picture
MOST_PAGES = 2000
MOST_RULED = 200  # pages whose tables are looked for
_PAGE_NUMBER = re.compile(r"[-—–·•]\s*\d{1,4}\s*[-—–·•]|第?\s*\d{1,4}\s*页(?:\s*[/，,]?\s*共?\s*\d{1,4}\s*页)?|\d{1,4}\s*/\s*\d{1,4}")
_WORD = re.compile(r"[\u3400-\u9fff]")
_ENDS = "。！？!?;；:："
_NEW = re.compile(r"\s*(?:[一二三四五六七八九十]{1,3}、|[(（][一二三四五六七八九十\d]{1,3}[)）]|\d{1,2}[、.．](?!\d)|第[一二三四五六七八九十]+[章节条篇部])")
Box = tuple[float, float, float, float]  # left, bottom, right, top in points, from the lower left corner


@dataclass(frozen=True)
class Line:
    """A line of a page: its text and box, and whether a blank ends it (as between words of a Western language)."""

    text: str
    left: float
    bottom: float
    right: float
    top: float
    spaced: bool = False

    @property
    def height(self) -> float:
        return max(1.0, self.top - self.bottom)


def take(data: bytes) -> Taken:
    """The text of a PDF. Raises Unreadable for a broken one, a password, and pages that are all pictures."""
    import pypdfium2 as pdfium
    import pypdfium2.raw as raw

    _know_own_font()
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if getattr(error, "err_code", None) == raw.FPDF_ERR_PASSWORD or "password" in str(error).lower():
            raise Unreadable("it is protected with a password: save it without one") from error
        raise Unreadable(f"this PDF is broken or cut off ({error}): copy or download it again, or print it to a new PDF") from error
    try:
        count = len(document)
        if count > MOST_PAGES:
            raise Unreadable(f"it has {count:,} pages, more than a report can have (limit {MOST_PAGES:,}): split it")
        pages = [_page(document[at]) for at in range(count)]
    except pdfium.PdfiumError as error:
        raise Unreadable(f"this PDF is broken ({error}): print it to a new PDF") from error
    finally:
        document.close()
    page = Page()
    _tell_pictures([sum(len(line.text) for line in lines) for lines, _ in pages], page)
    ruled = [at for at, (_, ruled) in enumerate(pages) if ruled][:MOST_RULED]
    tables = _tables(data, ruled)
    heads = _running_heads([lines for lines, _ in pages])
    blocks: list[Line | list[str]] = []
    for at, (lines, _) in enumerate(pages):
        kept = [line for i, line in enumerate(lines) if (at, i) not in heads]
        blocks += _with_tables(kept, tables.get(at, []))
    page.lines += _paragraphs(blocks)
    taken = page.taken()
    if not _WORD.search(taken.text) or taken.text.count("\ufffd") > len(taken.text) // 20:
        raise Unreadable("its letters have no readable code (only shapes): it needs OCR (text recognition), or a new PDF from the original file")
    return taken


@cache
def _know_own_font() -> tuple[object, ...]:
    """Let pdfium measure letters with the font that the environment brings, and with no other.

    A PDF that does not embed its fonts is laid out with those of the machine; on one without a Chinese font every letter
    is as wide as nothing, and a letter alone on its line (男, 女 in a table) is left out of the text without a word.
    What pdfium points to is returned, for the cache to keep: it must not be given back.
    """
    import ctypes

    import pylopdf_fonts_zh_cn
    import pypdfium2.raw as raw

    folder = ctypes.create_string_buffer(str(Path(pylopdf_fonts_zh_cn.sans_path()).parent).encode())
    folders = (ctypes.POINTER(ctypes.c_char) * 2)(ctypes.cast(folder, ctypes.POINTER(ctypes.c_char)), None)
    raw.FPDF_DestroyLibrary()
    raw.FPDF_InitLibraryWithConfig(raw.FPDF_LIBRARY_CONFIG(version=2, m_pUserFontPaths=folders, m_pIsolate=None, m_v8EmbedderSlot=0))
    return folder, folders


def _tell_pictures(letters: Sequence[int], page: Page) -> None:
    """Raise Unreadable where no page has text; note the pages that have none."""
    if sum(letters) < LEAST_TEXT * max(1, len(letters)) and max(letters, default=0) < 5 * LEAST_TEXT:
        raise Unreadable(f"its {len(letters)} pages are pictures without text: it needs OCR (text recognition, such as `ocrmypdf -l chi_sim`) first")
    blank = [str(at) for at, count in enumerate(letters, 1) if count < LEAST_TEXT // 4]
    if blank:
        page.notes.append(f"its page {', '.join(blank[:10])}{' …' if len(blank) > 10 else ''} of {len(letters)} has no text (a picture, or empty) "
                          "and was not read: a scanned page needs OCR")


def _page(page) -> tuple[list[Line], bool]:
    """The lines of a page from top to bottom, and whether it has the ruled lines of a table."""
    import pypdfium2.raw as raw

    text = page.get_textpage()
    try:
        lines = list(_lines(text))
        kinds = Counter(raw.FPDFPageObj_GetType(raw.FPDFPage_GetObject(page.raw, i)) for i in range(min(20_000, raw.FPDFPage_CountObjects(page.raw))))
    finally:
        text.close()
        page.close()
    return lines, kinds[raw.FPDF_PAGEOBJ_PATH] >= 4 or kinds[raw.FPDF_PAGEOBJ_FORM] > 0


def _lines(text) -> Iterator[Line]:
    """Characters of a text page joined into visual lines; wide gaps within a line are two spaces."""
    import pypdfium2.raw as raw

    characters = text.get_text_range()
    if len(characters) != text.count_chars():
        characters = "".join(text.get_text_range(i, 1) or "\x00" for i in range(text.count_chars()))
    letters: list[str] = []
    box: list[float] = []
    for at, letter in enumerate(characters):
        if letter in "\r\n":
            if letters:
                yield _line(letters, box)
            letters, box = [], []
            continue
        if letter in "\x00\ufffe\x02" or letter < " " or (letter == " " and raw.FPDFText_IsGenerated(text.raw, at) == 1 and not letters):
            continue
        left, bottom, right, top = text.get_charbox(at, loose=True)
        if box and letter != " " and left - box[2] > 1.2 * (box[3] - box[1]) and right - left < 3 * (box[3] - box[1]):
            letters.append("  ")
        letters.append(letter)
        if letter != " ":
            box = [min(box[0], left), min(box[1], bottom), max(box[2], right), max(box[3], top)] if box else [left, bottom, right, top]
    if letters:
        yield _line(letters, box)


def _line(letters: list[str], box: list[float]) -> Line:
    text = "".join(letters)
    return Line(text.strip(), *(box or [0.0, 0.0, 0.0, 0.0]), text.endswith(" "))


def _running_heads(pages: Sequence[Sequence[Line]]) -> set[tuple[int, int]]:
    """Page numbers, and lines that stand at the edge of most pages, digits apart: (page, line).

    A bare number is a page's only where it counts along with the pages: at the edge of a page a cell may stand.
    """
    edges = [(at, i, lines[i].text) for at, lines in enumerate(pages) for i in sorted({0, len(lines) - 1}) if len(lines) > 1]
    apart = {(at, i) for at, i, _ in edges if _stands_apart(pages[at], i)}
    often = {text for text, count in Counter(re.sub(r"\d+", "#", text) for at, i, text in edges if (at, i) in apart).items()
             if count >= max(3, len(pages) // 2) and text.strip("# ")}
    counted = Counter(int(text) - at for at, _, text in edges if text.isdecimal() and len(text) < 5)
    return {(at, i) for at, i, text in edges if ((at, i) in apart and re.sub(r"\d+", "#", text) in often)
            or (text.isdecimal() and len(text) < 5 and counted[int(text) - at] >= max(2, len(pages) // 2))
            or (not text.isdecimal() and _PAGE_NUMBER.fullmatch(text))}


def _stands_apart(lines: Sequence[Line], at: int) -> bool:
    """Whether more space than between its other lines parts a page's first or last line from the rest."""
    steps = sorted(abs(above.bottom - below.bottom) for above, below in itertools.pairwise(lines))
    beside = lines[1] if at == 0 else lines[-2]
    return abs(lines[at].bottom - beside.bottom) > 1.4 * steps[len(steps) // 2]


def _tables(data: bytes, pages: Sequence[int]) -> dict[int, list[tuple[Box, list[list[str]]]]]:
    """The ruled tables of some pages: their boxes and cells, merged ones empty but for their first place."""
    if not pages:
        return {}
    import pdfplumber

    found: dict[int, list[tuple[Box, list[list[str]]]]] = {}
    with pdfplumber.open(io.BytesIO(data), pages=[at + 1 for at in pages]) as document:
        for page in document.pages:
            for table in page.find_tables():
                rows = _repeated(table)
                if len(rows) > 1 and max(map(len, rows)) > 1:
                    left, top, right, bottom = table.bbox
                    found.setdefault(page.page_number - 1, []).append(((left, page.height - bottom, right, page.height - top), rows))
            page.close()
    return found


def _repeated(table) -> list[list[str]]:
    """The cells of a table, each merged one in every place its box covers."""
    texts = table.extract()
    lefts = sorted({round(cell[0], 1) for row in table.rows for cell in row.cells if cell})
    tops = sorted({round(cell[1], 1) for row in table.rows for cell in row.cells if cell})
    grid = [["" for _ in lefts] for _ in tops]
    for row, cells in zip(table.rows, texts, strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            if cell is None:
                continue
            left, top, right, bottom = cell
            for y, edge in enumerate(tops):
                if round(top, 1) <= edge < bottom - 1:
                    for x, side in enumerate(lefts):
                        if round(left, 1) <= side < right - 1:
                            grid[y][x] = text or ""
    return grid


def _with_tables(lines: Sequence[Line], tables: Sequence[tuple[Box, list[list[str]]]]) -> list[Line | list[str]]:
    """The lines of a page, each table in the place of the first of the lines inside it."""
    blocks: list[Line | list[str]] = []
    put: set[int] = set()
    for line in lines:
        at = next((i for i, (box, _) in enumerate(tables) if box[0] - 2 <= (line.left + line.right) / 2 <= box[2] + 2
                   and box[1] - 2 <= (line.bottom + line.top) / 2 <= box[3] + 2), None)
        if at is None:
            blocks.append(line)
        elif at not in put:
            put.add(at)
            blocks.append(lines_of(tables[at][1]))
    return blocks


def _paragraphs(blocks: Sequence[Line | list[str]]) -> Iterator[str]:
    """Lines joined into paragraphs: a line that reaches the right edge goes on in the next one, unless that is indented or begins an item."""
    right = _right_edge([block for block in blocks if isinstance(block, Line)])
    left = min((block.left for block in blocks if isinstance(block, Line)), default=0.0)
    paragraph, last = "", None
    for block in blocks:
        if isinstance(block, Line) and last is not None and _goes_on(last, block, left, right):
            paragraph += (" " if last.spaced and block.text[:1].isascii() else "") + block.text
        else:
            if paragraph:
                yield paragraph
            paragraph = block.text if isinstance(block, Line) else ""
            if not isinstance(block, Line):
                yield from block
        last = block if isinstance(block, Line) else None
    if paragraph:
        yield paragraph


def _right_edge(lines: Sequence[Line]) -> float:
    """Where full lines end: the edge most of the longer lines reach."""
    ends = Counter(round(line.right / 4) for line in lines if len(line.text) > 15)
    return 4.0 * max((end for end, count in ends.items() if count >= 0.15 * sum(ends.values())), default=1e6)


def _goes_on(line: Line, following: Line, left: float, right: float) -> bool:
    size = line.height
    if line.right < right - 2.2 * size or following.left > left + 0.9 * size or "  " in line.text or "  " in following.text:
        return False
    return not (_NEW.match(following.text) and line.text.endswith(tuple(_ENDS)))
