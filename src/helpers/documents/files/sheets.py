"""Spreadsheets: what their sheets show, block by block: titles and notes as lines, the rest as tables.

Formulas are never computed: the value the spreadsheet program stored is what the sheet shows. Macros never run, links
to other files are never followed.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Sequence

from helpers.documents.files.rows import EMPTY, MOST_CELLS, Span, has_figures, is_plain, laid_out, lines_of
from helpers.documents.files.shown import shown
from helpers.documents.files.taken import Page, Taken, Unreadable
from helpers.documents.files.zipped import BROKEN, opened

_ERRORS = re.compile(r"#(?:DIV/0!|N/A|NAME\?|NULL!|NUM!|REF!|VALUE!|SPILL!|CALC!)")
_UNNAMED = re.compile(r"(?:sheet|工作表|表)\s*\d*", re.IGNORECASE)
_LISTED = 5  # cells named in a note
Merged = tuple[int, int, int, int]  # first row and column, rows and columns, from 0


def take_xlsx(data: bytes) -> Taken:
    """The text of a workbook (.xlsx, .xlsm). Raises Unreadable."""
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    with opened(data) as archive:
        formulas = any(b"<f" in archive.read(name) for name in archive.namelist() if name.startswith("xl/worksheets/") and name.endswith(".xml"))
        macros = any(name.startswith("xl/macrosheets/") for name in archive.namelist())
    try:
        book = load_workbook(io.BytesIO(data), data_only=True, keep_links=False)
        asked = load_workbook(io.BytesIO(data), keep_links=False) if formulas else None
    except (InvalidFileException, zipfile.BadZipFile, LookupError, ValueError, TypeError, AttributeError, SyntaxError) as error:
        raise Unreadable(BROKEN.format(f"{type(error).__name__}: {error}")) from error
    page = Page()
    if macros:
        page.notes.append("its macro sheet was not read, and no macro is ever run")
    sheets = [sheet for sheet in book.worksheets if _kept(sheet.title, sheet.sheet_state == "visible", page)]
    for sheet in sheets:
        if sheet.max_row * sheet.max_column > MOST_CELLS:
            page.notes.append(f"its sheet {sheet.title} spreads over {sheet.max_row:,} rows and {sheet.max_column:,} columns and was not read: "
                              "delete the stray cells at its end")
            continue
        grid = [[_cell(cell.value, cell.number_format) for cell in row] for row in sheet.iter_rows()]
        if asked is not None:
            _tell_uncomputed(asked[sheet.title], grid, page)
        merged = [(r.min_row - 1, r.min_col - 1, r.max_row - r.min_row + 1, r.max_col - r.min_col + 1) for r in sheet.merged_cells.ranges]
        _write(sheet.title, grid, merged, len(sheets) > 1, page)
    return page.taken()


def take_xls(data: bytes) -> Taken:
    """The text of a workbook of Excel 97 to 2003 (.xls). Raises Unreadable."""
    import xlrd

    try:
        book = xlrd.open_workbook(file_contents=data, formatting_info=True, logfile=io.StringIO())
    except xlrd.XLRDError as error:
        if "encrypted" in str(error).lower():
            raise Unreadable("it is protected with a password: save it without one") from error
        raise Unreadable(f"this .xls cannot be read ({error}): open it and save it as .xlsx") from error
    except (LookupError, ValueError, TypeError, AttributeError, AssertionError, OverflowError, MemoryError) as error:
        raise Unreadable(f"this .xls cannot be read ({type(error).__name__}: {error}): open it and save it as .xlsx") from error
    page = Page()
    sheets = [sheet for sheet in book.sheets() if _kept(sheet.name, not sheet.visibility, page)]
    for sheet in sheets:
        grid = [[_old_cell(book, sheet.cell(row, column)) for column in range(sheet.row_len(row))] for row in range(sheet.nrows)]
        merged = [(top, left, bottom - top, right - left) for top, bottom, left, right in sheet.merged_cells]
        _write(sheet.name, grid, merged, len(sheets) > 1, page)
    return page.taken()


def take_csv(text: str) -> Taken:
    """The text of a table of cells parted by commas, tabs or semicolons. Raises Unreadable."""
    sample = "\n".join(text.splitlines()[:50])
    delimiter = max(",\t;|，", key=sample.count)
    csv.field_size_limit(len(text) + 1)
    try:
        grid = list(csv.reader(io.StringIO(text.replace("\x00", ""), newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise Unreadable(f"its cells cannot be told apart ({error}): save it as .xlsx") from error
    page = Page()
    _write("", [[cell.strip() for cell in row] for row in grid], [], False, page)
    return page.taken()


def _kept(name: str, visible: bool, page: Page) -> bool:
    if not visible:
        page.notes.append(f"its hidden sheet {name} was not read")
    return visible


def _cell(value: object, form: str) -> str:
    text = shown(getattr(value, "text", value) if not isinstance(value, str) else value, form)
    return text


def _old_cell(book, cell) -> str:
    """A cell of an .xls as it is shown."""
    import xlrd

    if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
        return ""
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return xlrd.error_text_from_code.get(cell.value, "#N/A")
    if cell.ctype == xlrd.XL_CELL_TEXT:
        return cell.value
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return shown(bool(cell.value))
    form = book.format_map[book.xf_list[cell.xf_index].format_key].format_str if cell.xf_index is not None else "General"
    if cell.ctype == xlrd.XL_CELL_DATE:
        try:
            return shown(xlrd.xldate_as_datetime(cell.value, book.datemode), form)
        except (ValueError, OverflowError):
            return shown(cell.value)
    return shown(cell.value, form)


def _tell_uncomputed(sheet, grid: list[list[str]], page: Page) -> None:
    """Formulas whose value was never stored are no figures: they are named, and their cells stay empty."""
    bare = [cell.coordinate for row, cells in zip(sheet.iter_rows(max_row=len(grid)), grid, strict=False)
            for cell, text in zip(row, cells, strict=False) if cell.data_type == "f" and not text]
    if bare:
        page.notes.append(f"{len(bare)} formulas of its sheet {sheet.title} have no stored value ({', '.join(bare[:_LISTED])}{' …' if len(bare) > _LISTED else ''}) "
                          "and were not read: open the file in Excel or WPS and save it")


def _write(name: str, grid: list[list[str]], merged: Sequence[Merged], named: bool, page: Page) -> None:
    """A sheet's blocks onto the page: lone cells as lines, rows of several as tables."""
    wrong = [cell for row in grid for cell in row if _ERRORS.fullmatch(cell)]
    if wrong:
        page.notes.append(f"{len(wrong)} cells{f' of its sheet {name}' if name else ''} hold an error ({', '.join(sorted(set(wrong)))}) and were not read")
        grid = [[EMPTY if _ERRORS.fullmatch(cell) else cell for cell in row] for row in grid]
    grid = _with_merged(grid, merged)
    if named and any(map(any, grid)) and not _UNNAMED.fullmatch(name.strip()):
        page.add(name)
    for block in _blocks(grid):
        page.lines += lines_of(block)


def _with_merged(grid: list[list[str]], merged: Sequence[Merged]) -> list[list[str]]:
    """The grid with the text of merged cells in each place they cover."""
    if not merged:
        return grid
    spans: list[list[Span]] = []
    covered: set[tuple[int, int]] = set()
    sizes = {(top, left): (rows, columns) for top, left, rows, columns in merged if rows * columns <= MOST_CELLS}
    for row, cells in enumerate(grid):
        spans.append([])
        for column, text in enumerate(cells):
            if (row, column) in covered:
                continue
            rows, columns = sizes.get((row, column), (1, 1))
            rows, columns = min(rows, len(grid) - row), min(columns, len(cells) - column)
            covered |= {(row + down, column + right) for down in range(rows) for right in range(columns)}
            spans[-1].append(Span(text, columns, rows))
    return laid_out(spans)


def _blocks(grid: list[list[str]]) -> list[list[list[str]]]:
    """The tables of a sheet with the lines around them, parted by empty rows; rows without a header belong to the block above."""
    blocks: list[list[list[str]]] = []
    apart = True
    for row in grid:
        if not any(cell.strip() for cell in row):
            apart = True
            continue
        if not blocks or (apart and not (has_figures(row) and not is_plain(row))):
            blocks.append([])
        blocks[-1].append(row)
        apart = False
    return blocks
