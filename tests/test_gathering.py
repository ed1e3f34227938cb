"""Many documents are gathered one at a time: their rows into tables, their texts on disk until the run is done."""

import weakref

import pytest

from helpers import gathering
from helpers.documents.read import find_sources
from helpers.gathering import StagedTexts, gather
from helpers.reading import read_each

REPORT = "永兴镇{year}年人口和计划生育工作总结\r\n{year}年全镇出生336人，出生率11.1‰，死亡{deaths}人。\n"


@pytest.fixture
def documents(tmp_path):
    folder = tmp_path / "documents"
    folder.mkdir()
    for number in range(7):
        (folder / f"{number}.txt").write_text(REPORT.format(year=2010 + number, deaths=100 + number), encoding="utf-8", newline="")
    (folder / "broken.txt").write_bytes(b"\x00" * 50)
    return folder


def gathered(documents, texts):
    return gather(read_each(find_sources([documents]), lambda line: None), {}, texts)


def test_tables_gathered_in_parts_are_those_gathered_at_once(documents, tmp_path, monkeypatch):
    whole = gathered(documents, StagedTexts(tmp_path / "one"))
    monkeypatch.setattr(gathering, "PART", 2)
    for at_once, in_parts in zip(whole, gathered(documents, StagedTexts(tmp_path / "two")), strict=True):
        assert at_once.equals(in_parts) and list(at_once.dtypes) == list(in_parts.dtypes)
    assert len(whole[0]) == 8 and len(whole[1]) == 21
    assert "broken.txt" in whole[0].set_index("doc").at["broken", "error"]


def test_nothing_to_gather_gives_empty_tables(tmp_path):
    assert [len(frame) for frame in gather([], {}, StagedTexts(tmp_path / "text"))] == [0, 0, 0]


def test_texts_come_back_character_by_character_before_and_after_they_are_published(documents, tmp_path):
    texts = StagedTexts(tmp_path / "text")
    facts = gathered(documents, texts)[1]
    assert not (tmp_path / "text").exists() and len(texts) == 7 and "broken" not in texts
    for published in (False, True):
        if published:
            texts.publish()
            texts._read.cache_clear()
        for fact in facts.itertuples():
            assert texts[fact.doc][fact.start:fact.end] == fact.quote
        assert "\r\n" in texts["3"]
    assert sorted(path.name for path in (tmp_path / "text").iterdir()) == [f"{number}.txt" for number in range(7)]
    assert not (tmp_path / "text.new").exists()
    with pytest.raises(KeyError):
        texts["broken"]


def test_a_run_that_stopped_leaves_the_texts_of_the_run_before(documents, tmp_path):
    first = StagedTexts(tmp_path / "text")
    first.add("0", "before")
    first.publish()
    stopped = StagedTexts(tmp_path / "text")
    stopped.add("0", "after")
    assert (tmp_path / "text" / "0.txt").read_text(encoding="utf-8") == "before"
    assert list(StagedTexts(tmp_path / "text")) == [] and not (tmp_path / "text.new").exists()


def test_no_document_is_held_once_the_next_has_been_read(documents, tmp_path):
    alive = []

    def one_by_one():
        for item in read_each(find_sources([documents]), lambda line: None):
            if item.raw is not None:
                alive.append(weakref.ref(item.raw))
            yield item
            del item
            # the document just given is still in the hands of `gather`; those before it are gone
            assert all(document() is None for document in alive[:-1])

    gather(one_by_one(), {}, StagedTexts(tmp_path / "text"))
    assert len(alive) == 7
