"""A leading digit that a broken page swallowed, put back where a rate of the same article proves it.

`總?cè)丝跒?0317人` has lost the first digit of the population. With 336 births and a birth rate of 11.1‰ only
30317 fits; the fact says that its digit was restored. Where no rate, or more than one digit, fits: no figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from helpers.extract.records import Fact

_RATES = {"cbr": "births", "cdr": "deaths"}
# Rates of part of a year are sometimes put on the whole year: allow a population a little off the stated one.
SLACK = Decimal("0.02")


def restore_digit(fact: Fact, others: Sequence[Fact]) -> Fact | None:
    """The fact as it is; with its lost digit, and the doubt `digit_restored`; or None where it cannot be known."""
    if "digit_lost" not in fact.doubts:
        return fact
    if fact.code != "pop_total":
        return None
    fitting = [digit for digit in "123456789" if _fits(Decimal(digit + fact.value), others)]
    if len(fitting) != 1:
        return None
    value = fitting[0] + fact.value
    doubts = tuple("digit_restored" if doubt == "digit_lost" else doubt for doubt in fact.doubts)
    return replace(fact, value=value, low=float(value), high=float(value), doubts=doubts)


def _fits(population: Decimal, others: Sequence[Fact]) -> bool:
    """Whether every pair of a count and its rate allows the population, one pair at least."""
    checked = False
    for rate in others:
        count = next((f for f in others if f.code == _RATES.get(rate.code) and f.status == rate.status == "observed"
                      and not set(f.dims) - {"residence"}), None)
        if count is None or not rate.low > 0:
            continue
        low, high = 1000 * Decimal(count.value) / Decimal(str(rate.high)), 1000 * Decimal(count.value) / Decimal(str(rate.low))
        if not low * (1 - SLACK) <= population <= high * (1 + SLACK):
            return False
        checked = True
    return checked
