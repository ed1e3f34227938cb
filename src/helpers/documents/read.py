"""Files to raw text: which files there are, and how their bytes are decoded.

Raw text is the decoded file with the byte order mark dropped and newlines untouched; every offset of
the suite points into it. A file that cannot be read raises `DocumentError` naming it and the way out.
"""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from charset_normalizer import from_bytes

from helpers.errors import DocumentError, InputError

SUFFIXES = frozenset({".txt", ".text", ".md", ".htm", ".html"})
MAX_BYTES = 200 * 1024 * 1024
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_MAGIC = {b"PK\x03\x04": "a ZIP container (.docx, .xlsx)", b"\xd0\xcf\x11\xe0": "an old Office file (.doc, .xls)",
          b"%PDF": "a PDF", b"{\\rtf": "an RTF file", b"\x89PNG": "a picture", b"\xff\xd8\xff": "a picture",
          b"GIF8": "a picture", b"\x1f\x8b": "a gzip archive", b"\x7fELF": "a program", b"Rar!": "an archive",
          b"7z\xbc\xaf": "an archive", b"SQLite format 3": "a database", b"PAR1": "a Parquet table"}
_HAN = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True)
class Source:
    """A document on disk: its id, where it is, and its path below the folder it was found in."""

    doc: str
    path: Path
    relative: str


@dataclass(frozen=True)
class RawDocument:
    """The raw text of a source with what is known of its bytes."""

    doc: str
    path: str
    text: str
    encoding: str
    sha256: str


def find_sources(paths: Iterable[Path]) -> list[Source]:
    """The documents under `paths` (files, or folders searched to the bottom), sorted, each with a unique id.

    In folders only text files are taken, hidden files and `manifest.csv`, `answers.csv` and truth files
    are not. Two inputs with one stem get distinct ids (`stem`, `stem-2`).
    Raises InputError when a path is missing or nothing is found.
    """
    found: list[tuple[Path, str]] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.is_file() and p.suffix.lower() in SUFFIXES
                            and not any(part.startswith(".") for part in p.relative_to(path).parts))
            found += [(p, p.relative_to(path).as_posix()) for p in inside]
        elif path.exists():
            found.append((path, path.name))
        else:
            raise InputError(f"{path} does not exist: give a document or a folder of documents.")
    if not found:
        names = ", ".join(str(path) for path in paths)
        raise InputError(f"no document in {names}: put work reports there ({', '.join(sorted(SUFFIXES))}).")
    return _name_sources(found)


def _name_sources(found: list[tuple[Path, str]]) -> list[Source]:
    sources, taken, seen = [], set(), set()
    for path, relative in found:
        real = path.resolve()
        if real in seen:
            continue
        seen.add(real)
        stem = re.sub(r"[\x00-\x1f/\\:]", "_", path.stem) or "document"
        doc, n = stem, 1
        while doc.casefold() in taken:
            n += 1
            doc = f"{stem}-{n}"
        taken.add(doc.casefold())
        sources.append(Source(doc, path, relative))
    return sources


def read_source(source: Source) -> RawDocument:
    """Read and decode one document.

    Raises DocumentError when the file is empty, too large, not text, or in no encoding we know.
    """
    try:
        size = source.path.stat().st_size
        if size > MAX_BYTES:
            raise DocumentError(f"{source.path}: {size / 1e6:.0f} MB is more than a report can be "
                                f"(limit {MAX_BYTES // 1024 // 1024} MB): split the file.")
        data = source.path.read_bytes()
    except OSError as error:
        raise DocumentError(f"{source.path}: cannot be read ({error.strerror}): check the file and its permissions.") from error
    text, encoding = decode(data, str(source.path))
    return RawDocument(source.doc, source.relative, text, encoding, hashlib.sha256(data).hexdigest())


def decode(data: bytes, name: str = "the file") -> tuple[str, str]:
    """The text of `data` and the encoding that gave it: UTF-8, UTF-16, GB18030 or Big5.

    Bytes labelled or looking like gb2312 or gbk are read as their superset GB18030.
    Raises DocumentError, naming `name`, when the bytes are empty, not text, or fit no encoding.

    >>> decode("出生率".encode("gb18030"))
    ('出生率', 'gb18030')
    """
    if not data.strip(b"\x00 \t\r\n"):
        raise DocumentError(f"{name}: the file is empty: nothing to read in it.")
    for magic, what in _MAGIC.items():
        if data.startswith(magic):
            raise DocumentError(f"{name}: this is {what}, not text: save it as plain text (.txt, UTF-8) and try again.")
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strict(data[len(mark):], encoding, name), encoding
    for encoding, fits in (("utf-8", _any), ("utf-16", _looks_utf16)):
        if fits(data):
            try:
                return _checked(data.decode("utf-16-le" if _le(data) and encoding == "utf-16"
                                            else "utf-16-be" if encoding == "utf-16" else encoding), name), encoding
            except UnicodeDecodeError:
                pass
    return _decode_chinese(data, name)


def _decode_chinese(data: bytes, name: str) -> tuple[str, str]:
    """GB18030 or Big5: what charset-normalizer takes for likelier, else whichever reads as Chinese."""
    guess = from_bytes(data[:65536]).best()
    likely = "big5" if guess is not None and guess.encoding.startswith(("big5", "cp950")) else "gb18030"
    readings = {}
    for encoding in dict.fromkeys((likely, "gb18030", "big5")):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        readings[encoding] = text
    for encoding, text in readings.items():
        if _common_share(text) > 0.5:
            return _checked(text, name), encoding
    raise DocumentError(f"{name}: neither UTF-8, UTF-16, GB18030 nor Big5 text: save it as UTF-8 and try again.")


def _common_share(text: str) -> float:
    """The share of characters beyond ASCII that are everyday Chinese (in GB2312 or Big5 level 1)."""
    beyond = [c for c in text[:20000] if ord(c) > 127]
    if not beyond:
        return 0.0
    return sum(_everyday(c) for c in beyond) / len(beyond)


def _everyday(char: str) -> bool:
    if not _HAN.match(char):
        return "\u3000" <= char <= "\u303f" or "\uff00" <= char <= "\uffef" or char in "“”‘’—…·‰℃①②③"
    for encoding, low, high in (("gb2312", 0xB0, 0xD7), ("big5", 0xA4, 0xC6)):
        try:
            if low <= char.encode(encoding)[0] <= high:
                return True
        except UnicodeEncodeError:
            continue
    return False


def _strict(data: bytes, encoding: str, name: str) -> str:
    try:
        return _checked(data.decode(encoding), name)
    except UnicodeDecodeError as error:
        raise DocumentError(f"{name}: marked as {encoding} but broken at byte {error.start}: "
                            "save it as UTF-8 and try again.") from error


def _checked(text: str, name: str) -> str:
    sample = text[:100_000]
    controls = sum(c < " " and c not in "\t\r\n\f\v" for c in sample)
    if controls > max(8, len(sample) // 50):
        raise DocumentError(f"{name}: this is not text ({controls} control characters at its start): "
                            "save it as plain text (.txt, UTF-8) and try again.")
    return text


def _any(data: bytes) -> bool:
    return True


def _looks_utf16(data: bytes) -> bool:
    """UTF-16 without a mark: even length, and one byte of each pair often zero or in the Han range."""
    if len(data) % 2:
        return False
    even, odd = data[0:4000:2], data[1:4000:2]
    return max(_high_share(even), _high_share(odd)) > 0.6


def _le(data: bytes) -> bool:
    return _high_share(data[1:4000:2]) >= _high_share(data[0:4000:2])


def _high_share(high: bytes) -> float:
    """The share of bytes that are the high half of ASCII, CJK punctuation, Han or full-width code points."""
    return sum(b == 0 or 0x4E <= b <= 0x9F or b in (0x30, 0xFF, 0x20) for b in high) / max(1, len(high))
