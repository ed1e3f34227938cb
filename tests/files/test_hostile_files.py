"""Files that are broken, locked, hostile or no documents at all cost one sentence each; the rest goes on."""

import io
import os
import signal
import socket
import zipfile
import zlib

import making
import pytest
from making import W, blocks_of, docx_of, paragraph

from helpers import pipeline
from helpers.documents import files
from helpers.documents.files import apart
from helpers.documents.found import QUERY_SHEET, documents_below, others_below
from helpers.documents.read import find_sources
from helpers.errors import DocumentError
from helpers.reading import read_each
from helpers.schema import DOCUMENTS
from helpers.workspace import Workspace

BLOCKS = blocks_of("栖霞镇2014年工作总结\n2014年全镇出生336人，出生率11.10‰。\n")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(3000)


def zipped(**parts: str | bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name.replace("__", "/") + ".xml", part)
    return stream.getvalue()


def word(prolog: str, text: str) -> bytes:
    return zipped(word__document=f'{prolog}<w:document xmlns:w="{W}"><w:body>{paragraph(text)}</w:body></w:document>')


def flipped(data: bytes) -> bytes:
    return data[:200] + bytes(255 - byte for byte in data[200:204]) + data[204:]


def locked_pdf() -> bytes:
    lock = b"/Encrypt << /Filter /Standard /V 1 /R 2 /Length 40 /P -4 /O <" + b"41" * 32 + b"> /U <" + b"42" * 32 + b"> >> /ID [<41> <41>]"
    return making.pdf(BLOCKS).replace(b"/Root 1 0 R", b"/Root 1 0 R " + lock)


def locked_zip() -> bytes:
    data = bytearray(making.docx(BLOCKS))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(signature)
        while at >= 0:
            data[at + offset] |= 1
            at = data.find(signature, at + 4)
    return bytes(data)


REFUSED = {
    "bomb.docx": (docx_of(paragraph("x"), media=bytes(101 * 1024 * 1024)), "would unpack to 106 MB"),
    "ratio.docx": (docx_of(paragraph("出生 " * 500_000)), "100 times its size"),
    "parts.xlsx": (zipped(xl__workbook="", **{f"p{i}": "" for i in range(10_001)}), "10,002 parts"),
    "entities.docx": (word('<!DOCTYPE d [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>', "&b;"), "declares entities of its own"),
    "external.docx": (word('<!DOCTYPE d SYSTEM "http://127.0.0.1:9/d.dtd">', "x"), "declares entities of its own"),
    "deep.docx": (docx_of("".join(f"<w:x{i % 977}>" for i in range(20_000)) + "".join(f"</w:x{i % 977}>" for i in reversed(range(20_000)))), "too deep|100 times"),
    "cut.docx": (making.docx(BLOCKS)[:-30], "broken or cut off"),
    "flipped.docx": (flipped(making.docx(BLOCKS)), "broken or cut off"),
    "no-xml.docx": (zipped(word__document="no xml"), "broken or cut off"),
    "no-document.docx": (zipped(word__styles="<a/>"), "no whole Word document"),
    "locked.docx": (locked_zip(), "protected with a password"),
    "encrypted.docx": (OLE + "EncryptedPackage\0".encode("utf-16-le"), "protected with a password"),
    "empty.docx": (docx_of(""), "holds no text"),
    "pictures.docx": (docx_of("<w:p/>", **{"media/image1": b"x"}), "needs OCR"),
    "junk.doc": (OLE + "WordDocument\0".encode("utf-16-le") + bytes(2000), "save it as .docx"),
    "junk.xls": (OLE + "Workbook\0".encode("utf-16-le") + bytes(2000), "save it anew|save it as .xlsx"),
    "broken.xlsx": (zipped(xl__workbook="<a/>"), "broken or cut off|cannot be read"),
    "scanned.pdf": (making.pdf([""], numbers=False), "pictures without text: it needs OCR"),
    "locked.pdf": (locked_pdf(), "protected with a password"),
    "cut.pdf": (making.pdf(BLOCKS)[:300], "broken or cut off"),
    "empty.html": ("<html><body><script>var 出生 = 3</script></body></html>".encode(), "holds no text"),
    "photos.zip": (zipped(a="x"), "a ZIP container and no report"),
    "old.ppt": (OLE, "an old Office file, neither Word nor Excel"),
    "letter.rtf": (b"{\\rtf1 x}", "an RTF file"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_gets_one_sentence_with_the_file_and_the_way_out(read, name):
    data, sentence = REFUSED[name]
    with pytest.raises(DocumentError, match=rf"{name}: (?s:.*)(?:{sentence})") as caught:
        read(data, name)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 600


@pytest.mark.slow
def test_a_stream_that_unfolds_without_end_costs_its_file_and_not_the_run(read):
    whole = making.pdf(BLOCKS)
    start = whole.index(b"7 0 obj")
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b"BT /F1 12 Tf (x) Tj ET\n" * 50_000) for _ in range(400)) + packer.flush()
    body = b"7 0 obj\n<< /Length %d /Filter /FlateDecode >>\nstream\n" % len(packed) + packed + b"\nendstream\n"
    with pytest.raises(DocumentError, match=r"1 GiB|more than 60 seconds|pictures|broken"):
        read(whole[:start] + body + whole[whole.index(b"endobj", start):], "bomb.pdf")
    assert "出生336人" in read(making.pdf(BLOCKS), "after.pdf").text


def test_a_reader_that_dies_is_told_of_and_started_anew(read):
    assert read(making.docx(BLOCKS), "before.docx").text
    os.kill(apart._reader.pid, signal.SIGKILL)
    apart._reader.wait()
    assert read(making.docx(BLOCKS), "after.docx").text
    assert "more than 60 seconds" in apart._why(-signal.SIGPROF) and "1 GiB" in apart._why(-signal.SIGABRT)


def test_nothing_is_left_running_and_nothing_reaches_for_the_network(read, monkeypatch):
    relations = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" TargetMode="External" Target="http://127.0.0.1:%d/x"/></Relationships>'
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        port = server.getsockname()[1]
        link = f"http://127.0.0.1:{port}/x"
        read(docx_of(paragraph("出生336人"), **{"_rels/document": relations % port}), "a.docx")
        read(f'<html><head><link rel="stylesheet" href="{link}"><script src="{link}"></script></head><body><img src="{link}"><p>出生336人</p></body></html>'.encode(), "a.html")
        with pytest.raises(TimeoutError):
            server.accept()
    process = apart._reader
    files.close()
    assert process.poll() == 0 and apart._reader is None


def test_in_a_folder_of_everything_the_rest_goes_on_and_the_tables_say_what_was_left_out(tmp_path):
    folder = tmp_path / "docs"
    folder.mkdir()
    for suffix, made in making.MAKERS.items():
        (folder / f"report{suffix}").write_bytes(made(BLOCKS))
    for name in ("cut.docx", "locked.pdf", "scanned.pdf"):
        (folder / name).write_bytes(REFUSED[name][0])
    (folder / "photo.jpg").write_bytes(b"\xff\xd8\xff")
    said: list[str] = []
    built = pipeline.build([folder], Workspace.under(tmp_path / "out"), said.append)
    documents = DOCUMENTS.conform(built.documents).set_index("path")
    good = documents[documents["error"].eq("")]
    assert sorted(good.index) == sorted(f"report{suffix}" for suffix in making.MAKERS) and good["facts"].eq(2).all()
    assert good.loc["report.pdf", "encoding"] == "pdf" and good.loc["report.html", "encoding"] == "gb18030"
    assert len(built.failures) == 3 and any("1 files are of kinds that are not read (photo.jpg)" in line for line in said)
    for row in good.itertuples():
        text = (tmp_path / "out" / "data" / "interim" / "text" / f"{row.doc}.txt").read_text(encoding="utf-8")
        own = built.facts[built.facts["doc"].eq(row.doc)]
        assert [text[start:end] for start, end in zip(own["start"], own["end"], strict=True)] == own["quote"].tolist()


def test_extract_leaves_the_text_its_offsets_point_into_beside_the_facts(tmp_path):
    (tmp_path / "report.docx").write_bytes(making.docx(BLOCKS))
    pipeline.extract_to([tmp_path / "report.docx"], tmp_path / "out")
    assert "出生336人" in (tmp_path / "out" / "text" / "report.txt").read_text(encoding="utf-8")
    assert [source.relative for source in find_sources([tmp_path])] == ["report.docx"]


def test_the_suites_own_papers_beside_the_documents_are_no_documents(tmp_path):
    own = {"manifest.csv": "doc,place\n", "corrections.csv": "# why\ndoc,fact\n", "answers.csv": "doc,code\n", "findings.csv": "\ufefffinding,doc\n",
           "~$report.docx": "x", ".hidden.docx": "x"}
    for name, text in own.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "query.xlsx").write_bytes(zipped(xl__workbook=f'<sheet name="{QUERY_SHEET}"/>'))
    (tmp_path / "table.csv").write_text("单位,出生人数\n", encoding="utf-8")
    (tmp_path / "slides.pptx").write_bytes(b"x")
    assert [path.name for path in documents_below(tmp_path)] == ["table.csv"]
    assert [path.name for path in others_below(tmp_path)] == ["slides.pptx"]


def test_a_file_is_opened_again_only_when_it_has_changed(tmp_path, monkeypatch):
    folder, kept = tmp_path / "docs", tmp_path / "kept"
    folder.mkdir()
    (folder / "report.docx").write_bytes(making.docx(BLOCKS))
    sources = find_sources([folder])
    first = next(read_each(sources, print, kept))
    with monkeypatch.context() as patched:
        patched.setattr(files, "take_text", None)  # calling it would fail
        again = next(read_each(sources, print, kept))
    assert (again.raw, again.found.facts) == (first.raw, first.found.facts) and first.raw.kind == "docx"
    (folder / "report.docx").write_bytes(making.docx([*BLOCKS, "死亡178人。"]))
    assert len(next(read_each(sources, print, kept)).found.facts) == 3
