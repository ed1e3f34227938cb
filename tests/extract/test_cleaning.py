"""Cleaning in blocks and in one pass gives what the plain way gives, character by character."""

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.documents import clean as steps
from helpers.documents import offsets
from helpers.documents.offsets import Text, character_table, replace_characters
from helpers.extract.cells import Cell

MEANT = {"１": "1", "，": ",", "\u3000": " ", "𠀀": "一"}


@given(st.text(st.one_of(st.sampled_from("１，\u3000𠀀出1"), st.characters(exclude_categories=())), max_size=30))
def test_characters_are_replaced_as_translate_replaces_them(text):
    assert replace_characters(text, character_table(MEANT)) == text.translate(str.maketrans(MEANT))


def test_a_text_of_many_blocks_is_replaced_whole(monkeypatch):
    monkeypatch.setattr(offsets, "BLOCK", 3)
    assert replace_characters("出生１１，死亡９" * 5, character_table(MEANT)) == "出生11,死亡９" * 5


@pytest.mark.parametrize("meant", [{"ab": "c"}, {"a": "bc"}, {"a": ""}])
def test_a_replacement_that_is_not_one_character_for_one_is_refused(meant):
    with pytest.raises(ValueError, match="replaced by one character"):
        character_table(meant)


def test_a_long_text_is_simplified_in_pieces_as_it_is_whole(monkeypatch):
    text = Text.of("總人口三萬人，乾隆年間\n鄉鎮幹部乾燥，\n\n計劃生育率" * 40)
    whole = steps.simplify(text).text
    monkeypatch.setattr(steps, "PIECE", 7)
    assert steps.simplify(text).text == whole and "乾隆年间" in whole and "干部干燥" in whole


PLAIN_SCRIPT = re.compile(r"<(script|style)\b[^>]{0,300}>.*?</\1\s*>", re.IGNORECASE | re.DOTALL)


@given(st.lists(st.sampled_from(["<script>", "<SCRIPT a=1>", "</script>", "</Script >", "<style", ">", "</style>", "出生", "\n", "<", "</"]), max_size=14).map("".join))
def test_scripts_go_from_their_tag_to_the_one_that_closes_it(text):
    assert Text.of(text).edit(steps._scripts(text)).text == PLAIN_SCRIPT.sub("", text)


@pytest.mark.parametrize("text", ["1" * 60 + "O", "O" * 3000 + "1", "〇" * 3000, "." * 5000 + "O1", "O1" * 3000])
def test_letters_for_digits_are_sought_in_runs_a_figure_can_have(text):
    assert len(steps.letters(Text.of(text)).text) == len(text)


@pytest.mark.parametrize(("printed", "value"), [("- 1,204", "-1204"), ("－3.5‰", "-3.5"), ("+7", "7"), ("96.5 %", "96.5"), ("合计", None), ("", None)])
def test_a_cell_is_worth_the_number_printed_in_it(printed, value):
    assert Cell(printed, 0).value == (None if value is None else Decimal(value))
