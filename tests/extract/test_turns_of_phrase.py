"""The turns of phrase of data/catalogue/phrases.csv: each finds its example, and each is one that the reader asks for."""

import re
from pathlib import Path

import pytest

import helpers.extract
from helpers.catalogue import read_rows
from helpers.errors import CatalogueError
from helpers.extract.lexicon import phrase

ROWS = {row["name"]: row for row in read_rows("phrases")}


@pytest.mark.parametrize("name", ROWS)
def test_a_phrase_finds_its_example_and_says_why_it_is_there(name):
    assert ROWS[name]["example"] and ROWS[name]["why"]
    assert phrase(name).search(ROWS[name]["example"]), ROWS[name]["pattern"]


def test_the_reader_asks_for_every_phrase_and_for_no_other():
    code = "".join(path.read_text(encoding="utf-8") for path in Path(helpers.extract.__file__).parent.glob("*.py"))
    assert set(re.findall(r'phrase\("(\w+)"\)', code)) == set(ROWS)


def test_a_phrase_that_is_missing_is_named():
    with pytest.raises(CatalogueError, match="no_such_turn"):
        phrase("no_such_turn")
