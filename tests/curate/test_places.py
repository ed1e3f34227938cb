"""Places: one id for a named place, one of its own for each that hides its name, and nobody's figures on a neighbour's page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.curate import settle
from helpers.curate.places import ID, place_id
from helpers.documents.manifest import Entry
from helpers.schema import FACTS


def facts(*rows):
    """FACTS of (doc, section, place, level)."""
    return FACTS.conform([{"fact": f"f{n}", "doc": doc, "section": section, "place": place, "level": level, "code": "births", "value": "1"}
                          for n, (doc, section, place, level) in enumerate(rows)])


@given(st.text(max_size=80), st.text(max_size=20), st.text(max_size=300))
def test_every_id_is_plain_whatever_the_name(name, county, hidden):
    assert ID.fullmatch(place_id(name, county, hidden=hidden))


@pytest.mark.parametrize("name", ["../../x", "<script>alert(1)</script>", "..", "", "a/b\\c:d", "乡" * 200, "\x00", "CON", "镇🏠", "-"])
def test_a_hostile_name_gives_an_id_that_is_safe_as_a_file_name(name):
    identity = place_id(name)
    assert ID.fullmatch(identity) and not identity.startswith("-")


def test_one_name_in_two_counties_is_two_places():
    manifest = {"a": Entry("a", place="城关镇", level="township", county="甲县"), "b": Entry("b", place="城关镇", level="township", county="乙县")}
    settled, places = settle(facts(("a", 1, "城关镇", "township"), ("b", 1, "", "township")), manifest)
    assert settled["place_id"].nunique() == 2
    assert set(places["county"]) == {"甲县", "乙县"}


def test_two_names_in_one_county_that_sound_alike_are_two_places():
    settled, _ = settle(facts(("a", 1, "石桥镇", "township"), ("a", 2, "市桥镇", "township")), {})
    assert settled["place_id"].nunique() == 2


def test_places_whose_short_hashes_meet_are_told_apart_by_longer_ones():
    rows = [(f"{name}-{n}", 1, "城关镇", "township") for n in range(700) for name in ("doc",)]
    manifest = {doc: Entry(doc, place="城关镇", level="township", county=f"第{n}县") for n, (doc, *_) in enumerate(rows)}
    short = [place_id("城关镇", entry.county) for entry in manifest.values()]
    assert len(set(short)) < 700, "with fewer collisions than one this test would show nothing"
    settled, places = settle(facts(*rows), manifest)
    assert settled["place_id"].nunique() == len(places) == 700
    assert all(ID.fullmatch(identity) for identity in places["place_id"])


def test_hidden_places_stay_with_their_document_and_article():
    rows = [("a", 1, "", "township"), ("a", 2, "", "township"), ("a", 2, "**镇", "township"), ("b", 1, "", "township"), ("b", 1, "", "village")]
    settled, places = settle(facts(*rows), {})
    ids = list(settled["place_id"])
    assert ids[1] == ids[2]
    assert len(set(ids)) == 4 and places["redacted"].all()


def test_the_manifest_names_a_hidden_place_and_leaves_other_places_theirs():
    rows = [("a", 1, "", "township"), ("a", 1, "上洞村", "village"), ("a", 1, "", "")]
    settled, places = settle(facts(*rows), {"a": Entry("a", place="长汀镇", level="township", county="甲县")})
    assert list(settled["place"]) == ["长汀镇", "上洞村", "长汀镇"]
    assert not places["redacted"].any()


def test_a_line_about_an_article_names_the_place_of_that_article_only():
    rows = [("a", 1, "", "township"), ("a", 2, "", "township")]
    settled, places = settle(facts(*rows), {"a#2": Entry("a#2", place="长汀镇", level="township")})
    assert list(places.set_index("place_id")["redacted"].reindex(settled["place_id"])) == [True, False]


def test_a_long_document_name_does_not_make_its_articles_one_place():
    rows = [(f"{'某某县乡镇计划生育工作总结汇编' * 5}-{n}", 1, "", "township") for n in range(400)]
    settled, _ = settle(facts(*rows), {})
    assert settled["place_id"].nunique() == 400
