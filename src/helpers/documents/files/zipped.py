"""Containers that are ZIP archives, opened without being unpacked: their size is known before it is met."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from helpers.documents.files.taken import Unreadable

MOST_BYTES = 100 * 1024 * 1024  # unpacked, all parts together
MOST_TIMES = 100  # unpacked against packed
MOST_PARTS = 10_000
BROKEN = "it is broken or cut off ({}): copy or download it again, or open it and save it anew"


@contextmanager
def opened(data: bytes) -> Iterator[zipfile.ZipFile]:
    """The archive in `data`, once its directory says that it is no larger than a report can be.

    Raises Unreadable for a broken archive, one with a password, and one that unpacks to more than 100 MB or to more
    than 100 times its size.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            size = sum(part.file_size for part in parts)
            if len(parts) > MOST_PARTS or size > min(MOST_BYTES, MOST_TIMES * len(data)):
                raise Unreadable(f"it would unpack to {size / 1e6:,.0f} MB in {len(parts):,} parts from {len(data) / 1e6:,.2f} MB, which no report does "
                                 f"(limits {MOST_BYTES // 1024 // 1024} MB and {MOST_TIMES} times its size): open it and save only its text anew")
            if any(part.flag_bits & 1 for part in parts):
                raise Unreadable("it is protected with a password: save it without one")
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError) as error:
        raise Unreadable(BROKEN.format(error)) from error


def part(archive: zipfile.ZipFile, name: str) -> Element | None:
    """The XML part `name` of an archive, None where there is none.

    Raises Unreadable for what is no XML, and for XML that declares entities: Office programs never write them.
    """
    if name not in archive.namelist():
        return None
    try:
        return fromstring(archive.read(name), forbid_dtd=True)
    except DefusedXmlException as error:
        raise Unreadable(f"its part {name} declares entities of its own, which no Office program writes: open it and save it anew") from error
    except ParseError as error:
        raise Unreadable(BROKEN.format(f"{name}: {error}")) from error
