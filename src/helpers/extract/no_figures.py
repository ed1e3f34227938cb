"""Digits that are no figure of anything told: ordinals, ranges, samples, bounds of a class of places, how often."""

from __future__ import annotations

import re

from helpers.extract.lexicon import phrase
from helpers.extract.numbers import Number
from helpers.extract.one_for_all import OneForAll

_OF_EACH = phrase("of_each")
_HOW_OFTEN = phrase("how_often")
_MISCOUNTED = phrase("miscounted")
_CLASS_OF = phrase("class_of")
_IN_CLASS = phrase("in_class")
_EACH_ONE = phrase("each_one")
_SOME_VILLAGES = phrase("some_villages")
_A_YEAR = phrase("a_year")
_USERS = phrase("users")
_SAMPLED, _SPOT_CHECKED = phrase("sampled"), phrase("spot_checked")
_MONEY_BEFORE = phrase("money_before")
_OF_THE_PLAN = phrase("of_the_plan")
_BASE_OF_RATIO = phrase("base_of_ratio")
_DID, _PAID_EACH = phrase("did"), phrase("paid_each")
_TITLE_OF = phrase("title_of")
_SOME_OF = phrase("some_of")
_OF_EVERY = phrase("of_every")
_A_KIND_OF_PLACE = phrase("a_kind_of_place")
_AGE_RATIO = phrase("age_ratio")
_ENUMERATES, _ENDS_THERE = re.compile(r"[、.．](?=[\u4e00-\u9fff])"), re.compile(r"[\s,，。;；]|$")
_ITEM_ENDS, _RANGE_GOES_ON, _RANGE_BEFORE = re.compile(r"\s*[、.．)]"), re.compile(r"[-—–~～至到]{1,2}\d"), re.compile(r"\d\s?%?[-—–~～至到]{1,2}$")
_INLINE_ITEM, _NONE_AT_ALL, _OF_A_LARGER_PLACE = phrase("inline_item"), phrase("none_at_all"), phrase("of_a_larger_place")


class NoFigures(OneForAll):
    """What makes a number none that belongs to an indicator."""

    def _not_a_figure(self, number: Number) -> bool:
        before = self.text[max(0, number.start - 2):number.start]
        told = self.text[max(0, number.start - 24):number.start]
        if number.unit == "village" and _SOME_VILLAGES.match(self.text, number.end):
            return True
        if number.written == "一" and number.unit_word == "位":
            return True
        if number.value == "1" and (_NONE_AT_ALL.search(told) or _PAID_EACH.match(self.text, number.end)):
            return True
        if _HOW_OFTEN.search(told) or (number.unit == "percent" and _OF_A_LARGER_PLACE.search(told)):
            self.asides.add(self.tokens.index(number))
            return True
        if _BASE_OF_RATIO.search(told) and number.value == "100":
            return True
        if number.unit == "person" and _SAMPLED.search(self.text, 0, number.start):
            return True
        if number.unit in ("household", "person") and _SPOT_CHECKED.search(told):
            return True
        if number.unit_word == "人口" and len(number.written) <= 2 and not number.hedge:
            return True  # 3 人口, in a list of contents; 每千人口
        if number.unit == "" and _MONEY_BEFORE.search(self.text, 0, number.start):
            return True
        if number.unit == "percent" and _OF_THE_PLAN.search(told) and not (self.passage.topic and self.passage.topic.name in ("prepreg", "folic")):
            self.asides.add(self.tokens.index(number))
            return True
        if _OF_EACH.search(told) or (number.hedge and _SOME_OF.search(told)):
            return True
        if _MISCOUNTED.search(told) or told.endswith("每") or _OF_EVERY.search(told):
            return True
        if _DID.match(self.text[number.end:]) or (number.unit_word in ("件", "起", "宗") and number.unit is not None) or (
                number.unit_word.endswith("人口") and _TITLE_OF.match(self.text[number.end:])):
            return True
        if _CLASS_OF.match(self.text[number.end:]) or _IN_CLASS.search(told) or (number.unit == "person" and _A_YEAR.search(told)) or (number.unit == "person" and _USERS.search(told)):
            return True
        if number.unit_word == "人口" and number.hedge in ("above", "at_least") and _A_KIND_OF_PLACE.match(self.text[number.end:]):
            return True  # 20万人口以上县
        if number.unit == "" and _AGE_RATIO.match(self.text[number.end:]):
            return True  # 65岁以上人口同15以下人口比例
        if number.unit == "" and len(number.written) <= 2 and _ENUMERATES.match(self.text, number.end) and _INLINE_ITEM.search(self.text, 0, number.start):
            return True
        if number.unit == "item" and told.endswith("的有") and _ENDS_THERE.match(self.text, number.end):
            return True  # 3例以上政策外生育的有79个: places, of those told before
        if number.unit == "item" and len(number.written) == 1 and not number.written.isascii():
            return True
        if self.text[number.end:number.end + 1] in ("胎", "孩", "次") or _EACH_ONE.search(self.text, max(0, number.start - 8), number.end + 8):
            return True
        item = number.unit == "" and _ITEM_ENDS.match(self.text, number.end) and not self.text[:number.start].strip(" \t(（")
        return bool(before.endswith(("第", "[", "〔", "“", "《")) or item or _RANGE_GOES_ON.match(self.text, number.end) or _RANGE_BEFORE.search(self.text, max(0, number.start - 5), number.start))
