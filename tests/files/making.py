"""Files as other programs write them, made from one report: paragraphs (str) and tables (list of rows) in their order."""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape

from openpyxl import Workbook

Block = str | list[list[str]]
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def blocks_of(text: str) -> list[Block]:
    """A plain report as blocks: lines with bars are rows of a table."""
    blocks: list[Block] = []
    for line in filter(str.strip, text.splitlines()):
        if "|" not in line:
            blocks.append(line.strip())
            continue
        row = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if blocks and isinstance(blocks[-1], list):
            blocks[-1].append(row)
        else:
            blocks.append([row])
    return blocks


def txt(blocks: Sequence[Block]) -> bytes:
    return "".join(f"{block}\n" if isinstance(block, str) else "".join(" | ".join(row) + "\n" for row in block) for block in blocks).encode()


def paragraph(text: str) -> str:
    return f'<w:p><w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'


def docx_of(body: str, **parts: str | bytes) -> bytes:
    """A .docx around the XML of its body; `parts` are others below word/, by name without ending."""
    document = f'<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="{W}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><w:body>{body}</w:body></w:document>'
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>')
        archive.writestr("word/document.xml", document)
        for name, part in parts.items():
            archive.writestr(f"word/{name}.xml", part)
    return stream.getvalue()


def docx(blocks: Sequence[Block]) -> bytes:
    body = ""
    for block in blocks:
        if isinstance(block, str):
            # Word parts a paragraph into runs wherever the keyboard layout changed.
            runs = re.findall(r"[\d.]+|[^\d.]+", block)
            body += "<w:p>" + "".join(f'<w:r><w:t xml:space="preserve">{escape(run)}</w:t></w:r>' for run in runs) + "</w:p>"
        else:
            rows = "".join("<w:tr>" + "".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) + "</w:tr>" for row in block)
            body += f"<w:tbl>{rows}</w:tbl>"
    return docx_of(body)


def web(blocks: Sequence[Block], encoding: str = "gb18030") -> bytes:
    body = ""
    for block in blocks:
        if isinstance(block, str):
            body += f"<p style='text-indent:2em'>&nbsp;&nbsp;{html.escape(block)}</p>\n"
        else:
            body += "<table border=1>\n" + "".join("<tr>" + "".join(f"<td><span>{html.escape(cell)}</span></td>" for cell in row) + "</tr>\n" for row in block) + "</table>\n"
    page = f"""<!DOCTYPE html><html><head><meta charset="gb2312"><title>{html.escape(str(blocks[0]))}_某网</title><script>var births = "出生999人";</script></head>
<body><nav><a href="/">首页</a> | <a href="/x">出生人口 888人</a></nav><div class="content">{body}</div></body></html>"""
    return page.encode(encoding)


def xlsx(blocks: Sequence[Block]) -> bytes:
    book = Workbook()
    sheet = book.active
    at = 0
    for block in blocks:
        at += 1
        if isinstance(block, str):
            sheet.cell(at, 1, block).data_type = "s"
            continue
        for row in block:
            for column, cell in enumerate(row, 1):
                _put(sheet.cell(at, column), cell)
            at += 1
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _put(cell, text: str) -> None:
    """A figure as a spreadsheet keeps it: a number, and a format that says how it is shown."""
    bare = text.replace(",", "")
    if re.fullmatch(r"-?\d+(\.\d+)?%", bare):
        cell.value, cell.number_format = float(bare[:-1]) / 100, "0." + "0" * len(bare[:-1].partition(".")[2]) + "%"
    elif re.fullmatch(r"-?\d+\.\d+", bare):
        cell.value, cell.number_format = float(bare), "0." + "0" * len(bare.partition(".")[2])
    elif re.fullmatch(r"-?\d{1,9}", bare):
        cell.value = int(bare)
    elif text not in ("", "—"):
        cell.value = text


WIDTH, HEIGHT, MARGIN, SIZE = 595, 842, 80, 12


def pdf(blocks: Sequence[Block], *, numbers: bool = True) -> bytes:
    """A PDF as an office prints it: lines broken at the margin, first lines indented, ruled tables, page numbers."""
    pages: list[list[str]] = [[]]
    y = HEIGHT - MARGIN
    for kind, item in _laid_out(blocks):
        height = 20 if kind == "line" else 22
        if y - height < MARGIN:
            pages.append([])
            y = HEIGHT - MARGIN
        pages[-1] += _drawn(kind, item, y)
        y -= height
    if numbers:
        for number, page in enumerate(pages, 1):
            page += _text(WIDTH / 2 - 12, 40, f"- {number} -")
    return _pdf_file(["\n".join(page) for page in pages])


def _laid_out(blocks: Sequence[Block]) -> Iterator[tuple[str, object]]:
    for number, block in enumerate(blocks):
        if not isinstance(block, str):
            yield from (("row", row) for row in block)
            continue
        left, rest = (MARGIN if number == 0 else MARGIN + 2 * SIZE), block
        while rest:
            width, take = 0.0, 0
            while take < len(rest) and width + _width(rest[take]) <= WIDTH - MARGIN - left:
                width += _width(rest[take])
                take += 1
            yield "line", (left, rest[:take])
            left, rest = MARGIN, rest[take:]


def _width(letter: str) -> float:
    return SIZE / 2 if " " <= letter <= "~" else SIZE


def _drawn(kind: str, item, y: float) -> list[str]:
    if kind == "line":
        return _text(item[0], y, item[1])
    step = (WIDTH - 2 * MARGIN) / len(item)
    drawn = []
    for column, cell in enumerate(item):
        left = MARGIN + column * step
        drawn.append(f"{left} {y - 6} {step} 22 re S")
        drawn += _text(left + 3, y, cell)
    return drawn


def _text(x: float, y: float, text: str) -> list[str]:
    return [f"BT /F1 {SIZE} Tf {x} {y} Td <{text.encode('utf-16-be').hex()}> Tj ET"] if text else []


def _pdf_file(pages: Sequence[str]) -> bytes:
    """The file around the pages' drawing commands; the font is one every reader has, named and not embedded."""
    first = 6
    kids = " ".join(f"{first + 2 * i} 0 R" for i in range(len(pages)))
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
               "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UTF16-H /DescendantFonts [4 0 R] >>",
               "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >>"
               " /DW 1000 /W [1 95 500] /FontDescriptor 5 0 R >>",
               "<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>"]
    for i, page in enumerate(pages):
        objects.append(f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] /Resources << /Font << /F1 3 0 R >> >> /Contents {first + 2 * i + 1} 0 R >>")
        objects.append(f"<< /Length {len(page.encode())} >>\nstream\n{page}\nendstream")
    out, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode()
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    return out + f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n".encode()


MAKERS = {".txt": txt, ".docx": docx, ".html": web, ".xlsx": xlsx, ".pdf": pdf}
