"""What a file is: told by its first bytes, since endings lie (web pages saved as .doc, Word files as .txt)."""

from __future__ import annotations

import io
import re
import zipfile

# Endings of the files looked for in folders.
TEXT = frozenset({".txt", ".text", ".md"})
WEB = frozenset({".htm", ".html"})
SUFFIXES = TEXT | WEB | frozenset({".docx", ".docm", ".doc", ".wps", ".xlsx", ".xlsm", ".xls", ".et", ".csv", ".pdf"})
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WEB_PAGE = re.compile(rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|table|div|meta)[\s>]", re.IGNORECASE | re.DOTALL)
# Names of the streams of an old Office file, as they stand in its directory.
_STREAMS = (("password", "EncryptedPackage"), ("doc", "WordDocument"), ("xls", "Workbook"), ("xls", "Book"))


def kind_of(data: bytes, suffix: str) -> str:
    """`docx`, `xlsx`, `doc`, `xls`, `pdf`, `html`, `csv` or `password`; empty for what is text, or not to be read.

    `suffix` is the ending of the file's name; it decides only between kinds of text.

    >>> kind_of(b"%PDF-1.4 ...", ".txt"), kind_of("出生336人".encode(), ".csv"), kind_of("出生336人".encode(), ".txt")
    ('pdf', 'csv', '')
    """
    suffix = suffix.lower()
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if data.startswith(b"PK\x03\x04"):
        return _of_zip(data)
    if data.startswith(_OLE):
        return next((kind for kind, name in _STREAMS if name.encode("utf-16-le") + b"\x00\x00" in data), "")
    if suffix in WEB or (suffix not in TEXT and _is_web_page(data)):
        return "html"
    return "csv" if suffix in (".csv", ".xls", ".xlsx", ".et") else ""


def _is_web_page(data: bytes) -> bool:
    start = data[:4000]
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        start = start.replace(b"\x00", b"")[2:]
    return _WEB_PAGE.match(start.removeprefix(b"\xef\xbb\xbf")) is not None


def _of_zip(data: bytes) -> str:
    """Which Office file a ZIP container is, by the parts it lists."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = {name.replace("\\", "/").lower() for name in archive.namelist()}
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return "zip"
    if "word/document.xml" in names or any(name.startswith("word/") for name in names):
        return "docx"
    return "xlsx" if any(name.startswith("xl/") for name in names) else ""
