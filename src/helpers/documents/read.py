"""Files to raw text: which files there are, and how their bytes are decoded.

Raw text is the decoded file with the byte order mark dropped and newlines untouched, or the text taken out of a
Word, Excel, PDF, CSV file or a web page (`documents.files`); every offset of the suite points into it. A file that
cannot be read raises `DocumentError` naming it and the way out.
"""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from charset_normalizer import from_bytes

from helpers.documents import files
from helpers.documents.found import documents_below
from helpers.errors import DocumentError, InputError

MAX_BYTES = 200 * 1024 * 1024
LONGEST_STEM = 200  # bytes
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_MAGIC = {b"PK\x03\x04": "a ZIP container and no report", b"\xd0\xcf\x11\xe0": "an old Office file, neither Word nor Excel",
          b"%PDF": "a PDF", b"{\\rtf": "an RTF file", b"\x89PNG": "a picture", b"\xff\xd8\xff": "a picture",
          b"GIF8": "a picture", b"\x1f\x8b": "a gzip archive", b"\x7fELF": "a program", b"Rar!": "an archive",
          b"7z\xbc\xaf": "an archive", b"SQLite format 3": "a database", b"PAR1": "a Parquet table"}
# Kinds of files that are decoded first, and kinds nothing can be taken out of.
_DECODED = ("html", "csv")
_REFUSED = {"password": "it is protected with a password: save it without one",
            "zip": "it is broken or cut off: copy or download it again, or open it and save it anew"}
_HAN = re.compile(r"[\u3400-\u9fff]")
# In any report, of any kind, on either shore.
_COMMONEST = frozenset("的一是在有人年月日不中大上为為和地出以口生计計数數率镇鎮乡鄉村县縣市工作")


@dataclass(frozen=True)
class Source:
    """A document on disk: its id, where it is, and its path below the folder it was found in."""

    doc: str
    path: Path
    relative: str


@dataclass(frozen=True)
class RawDocument:
    """The raw text of a source with what is known of its bytes.

    `kind` is that of the file the text was taken out of (see `documents.files`), empty for a text file; `notes` say what
    of the file is not in the text.
    """

    doc: str
    path: str
    text: str
    encoding: str
    sha256: str
    kind: str = ""
    notes: tuple[str, ...] = ()


def find_sources(paths: Iterable[Path]) -> list[Source]:
    """The documents under `paths` (files, or folders searched to the bottom), sorted, each with a unique id.

    In folders files of the kinds that can be read are taken; hidden ones, and what the suite itself has written
    (pages, texts taken out of documents, tables, queries), are not. Two inputs with one stem get distinct ids (`stem`, `stem-2`).
    Raises InputError when a path is missing or nothing is found.
    """
    found: list[tuple[Path, str]] = []
    for path in paths:
        if path.is_dir():
            found += [(file, file.relative_to(path).as_posix()) for file in documents_below(path)]
        elif path.exists():
            found.append((path, path.name))
        else:
            raise InputError(f"{path} does not exist: give a document or a folder of documents.")
    if not found:
        names = ", ".join(str(path) for path in paths)
        raise InputError(f"no document in {names}: put work reports there ({', '.join(sorted(files.SUFFIXES))}).")
    return _name_sources(found)


def _name_sources(found: list[tuple[Path, str]]) -> list[Source]:
    sources, taken, seen = [], set(), set()
    for path, relative in found:
        real = path.resolve()
        if real in seen:
            continue
        seen.add(real)
        stem = _short(re.sub(r"[\x00-\x1f/\\:]", "_", path.stem) or "document")
        doc, n = stem, 1
        # The doubts of `a` are in a.doubts.jsonl, which must not be the facts of `a.doubts`.
        while {doc.casefold(), f"{doc}.doubts".casefold()} & taken or doc.casefold().removesuffix(".doubts") in taken:
            n += 1
            doc = f"{stem}-{n}"
        taken.add(doc.casefold())
        sources.append(Source(doc, path, relative))
    return sources


def _short(stem: str) -> str:
    """A stem that leaves room for an ending: file systems allow 255 bytes, and titles as file names come near."""
    if len(stem.encode("utf-8", "surrogateescape")) <= LONGEST_STEM:
        return stem
    digest = hashlib.sha256(stem.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    return stem.encode("utf-8", "replace")[:LONGEST_STEM - 9].decode("utf-8", "ignore") + "-" + digest


def read_source(source: Source) -> RawDocument:
    """The raw text of one document: decoded, or taken out of its file.

    Raises DocumentError when the file is empty, too large, broken, protected, without text, or in no encoding we know.
    """
    try:
        if not source.path.is_file():
            raise DocumentError(f"{source.path}: this is no ordinary file: give the document itself.")
        size = source.path.stat().st_size
        if size > MAX_BYTES:
            raise DocumentError(f"{source.path}: {size / 1e6:.0f} MB is more than a report can be "
                                f"(limit {MAX_BYTES // 1024 // 1024} MB): split the file.")
        data = source.path.read_bytes()
    except OSError as error:
        raise DocumentError(f"{source.path}: cannot be read ({error.strerror}): check the file and its permissions.") from error
    digest = hashlib.sha256(data).hexdigest()
    kind = files.kind_of(data, source.path.suffix)
    if not kind:
        return RawDocument(source.doc, source.relative, *decode(data, str(source.path)), digest)
    taken, encoding = _taken(data, kind, source.path)
    return RawDocument(source.doc, source.relative, taken.text, encoding, digest, kind, taken.notes)


def _taken(data: bytes, kind: str, path: Path) -> tuple[files.Taken, str]:
    """What a file of some kind says, and the encoding of its characters (the kind itself where that is fixed)."""
    if kind in _REFUSED:
        raise DocumentError(f"{path}: {_REFUSED[kind]}.")
    body, encoding = decode(data, str(path)) if kind in _DECODED else (data, kind)
    try:
        return files.take_text(body, kind), encoding
    except files.Unreadable as error:
        raise DocumentError(f"{path}: {error}.") from error


def decode(data: bytes, name: str = "the file") -> tuple[str, str]:
    """The text of `data` and the encoding that gave it: UTF-8, UTF-16, GB18030 or Big5.

    Bytes labelled or looking like gb2312 or gbk are read as their superset GB18030.
    Raises DocumentError, naming `name`, when the bytes are empty, not text, or fit no encoding.

    >>> decode("全镇人口出生率为百分之一，比上年低。".encode("gb18030"))
    ('全镇人口出生率为百分之一，比上年低。', 'gb18030')
    """
    if not data.strip(b"\x00 \t\r\n"):
        raise _empty(name)
    for magic, what in _MAGIC.items():
        if data.startswith(magic):
            raise DocumentError(f"{name}: this is {what}, not text: save it as plain text (.txt, UTF-8) and try again.")
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            text = _read_as(encoding, data[len(mark):])
            if text is None:
                raise DocumentError(f"{name}: marked as {encoding} but broken throughout: save it as UTF-8 and try again.")
            return _checked(text, name), encoding
    text, encoding = _unmarked(data)
    if text is None:
        raise DocumentError(f"{name}: neither UTF-8, UTF-16, GB18030 nor Big5 text: save it as UTF-8 and try again.")
    return _checked(text, name), encoding


def _unmarked(data: bytes) -> tuple[str | None, str]:
    """Text without a byte order mark: the first encoding that fits whole, else the first that is slightly damaged."""
    # ASCII in UTF-16 is UTF-8 too, with a zero after every letter.
    narrow = ["utf-8"] if data[:4000].count(0) <= len(data[:4000]) // 4 else []
    if narrow:
        text = _read_as("utf-8", data, damaged=False)
        if text is not None:
            return text, "utf-8"
    wide = ["utf-16-le" if _le(data) else "utf-16-be"] if _looks_utf16(data) else []
    for damaged in (False, True):
        for encoding in dict.fromkeys((*narrow, *wide, _likelier(data), "gb18030", "big5")):
            text = _read_as(encoding, data, damaged)
            if text is not None and _reads_chinese(text):
                return text, encoding
    return None, ""


def _read_as(encoding: str, data: bytes, damaged: bool = True) -> str | None:
    """The text in an encoding, None where it does not fit; with `damaged` one bad place in 500 characters is let pass.

    A download cut off within a character, or one bad byte, should not cost a report; what could not be read is
    U+FFFD, never left out.
    """
    text = data.decode(encoding, errors="replace")
    bad = text.count("\ufffd") - (data.count("\ufffd".encode()) if encoding == "utf-8" else 0)
    allowed = max(1, len(text) // 500) if damaged else 0
    return text if bad <= allowed else None


def _likelier(data: bytes) -> str:
    """GB18030 or Big5: which of the two charset-normalizer takes for likelier."""
    guess = from_bytes(data[:65536]).best()
    return "big5" if guess is not None and guess.encoding.startswith(("big5", "cp950")) else "gb18030"


def _reads_chinese(text: str) -> bool:
    """Everyday characters, and among enough of them some that no report does without."""
    han = _HAN.findall(text[:20000])
    return (_common_share(text) > 0.5 or text.isascii()) and (len(han) < 40 or sum(char in _COMMONEST for char in han) >= len(han) / 50)


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


def _empty(name: str) -> DocumentError:
    return DocumentError(f"{name}: the file is empty: put its text there, or take it away.")


def _checked(text: str, name: str) -> str:
    if not text.strip("\x00 \t\r\n"):
        raise _empty(name)
    sample = text[:100_000]
    controls = sum(c < " " and c not in "\t\r\n\f\v" for c in sample)
    if controls > max(8, len(sample) // 50):
        raise DocumentError(f"{name}: this is not text ({controls} control characters at its start): "
                            "save it as plain text (.txt, UTF-8) and try again.")
    return text


def _looks_utf16(data: bytes) -> bool:
    """UTF-16 without a mark: one byte of each pair often zero or in the Han range."""
    even, odd = data[0:4000:2], data[1:4000:2]
    return max(_high_share(even), _high_share(odd)) > 0.6


def _le(data: bytes) -> bool:
    return _high_share(data[1:4000:2]) >= _high_share(data[0:4000:2])


def _high_share(high: bytes) -> float:
    """The share of bytes that are the high half of ASCII, CJK punctuation, Han or full-width code points."""
    return sum(b == 0 or 0x4E <= b <= 0x9F or b in (0x30, 0xFF, 0x20) for b in high) / max(1, len(high))
