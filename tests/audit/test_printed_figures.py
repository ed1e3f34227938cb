"""What a printed figure stands for."""

from fractions import Fraction as F
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.errors import InputError
from helpers.identities import stated_interval

# written, unit, hedge, low, high, why
CASES = [
    ("30317", "person", "", "30317", "30317", "a count is exact"),
    ("58.60", "percent", "", "58.595", "58.605", "trailing zeros count"),
    ("58.6", "percent", "", "58.55", "58.65", "one digit less says less"),
    ("79", "percent", "", "78.5", "79.5", "a rate without decimals is still rounded"),
    ("71.50万", "person", "", "714950", "715050", "万 with decimals"),
    ("5万", "person", "", "45000", "55000", "万 without decimals is rounded to 万"),
    ("40.36 萬", "document", "", "403550", "403650", "traditional, with a space"),
    ("-0.36", "permille", "", "-0.365", "-0.355", "below zero the ends change places"),
    ("１２.５", "permille", "", "12.45", "12.55", "full width"),
    ("1,275", "person", "", "1275", "1275", "thousands separator"),
    ("3000", "document", "余", "3000", "4000", "3000余份"),
    ("300", "person", "近", "270", "300", "近300人"),
    ("96", "percent", "以上", "96", inf, "96%以上"),
    ("13", "permille", "以内", "0", "13", "13‰以内"),
    ("50", "person", "不足", "0", "50", "不足50人"),
    ("120", "person", "左右", "110", "130", "120人左右: one unit of the last digit that is not zero"),
]


@pytest.mark.parametrize(("written", "unit", "hedge", "low", "high", "why"), CASES)
def test_a_printed_figure_stands_for_what_its_digits_and_words_allow(written, unit, hedge, low, high, why):
    found = stated_interval(written, unit, hedge)
    assert (found.low, found.high) == (F(low), high if high == inf else F(high)), why


@pytest.mark.parametrize(("mode", "low", "high", "low_open", "high_open"), [
    ("half-up", "3.495", "3.505", False, True), ("half-even", "3.495", "3.505", False, False),
    ("truncation", "3.50", "3.51", False, True), ("ceiling", "3.49", "3.50", True, False), ("any", "3.49", "3.51", True, True),
])
def test_every_way_of_rounding_has_its_own_interval(mode, low, high, low_open, high_open):
    found = stated_interval("3.50", "rate", mode=mode)
    assert (found.low, found.high, found.low_open, found.high_open) == (F(low), F(high), low_open, high_open)


@given(st.integers(-10**7, 10**7), st.integers(0, 4))
def test_the_interval_holds_every_value_that_rounds_to_the_figure(steps, decimals):
    unit = F(1, 10**decimals)
    text = f"{'-' if steps < 0 else ''}{abs(steps) // 10**decimals}" + (f".{abs(steps) % 10**decimals:0{decimals}d}" if decimals else "")
    found = stated_interval(text, "permille")
    assert steps * unit in found
    assert (steps * unit + unit * F(49, 100)) in found and (steps * unit - unit * F(49, 100)) in found
    assert (steps * unit + unit) not in found and (steps * unit - unit) not in found


@pytest.mark.parametrize("call", [lambda: stated_interval("若干"), lambda: stated_interval("3", hedge="大抵"),
                                  lambda: stated_interval("3", mode="nearest")])
def test_what_is_not_a_figure_is_refused_with_a_way_out(call):
    with pytest.raises(InputError, match=r"give|add|use"):
        call()
