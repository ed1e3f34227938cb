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
Bounds = tuple[Decimal, Decimal]


def restore_digit(fact: Fact, bounds: Bounds | None) -> Fact | None:
    """The fact as it is; with its lost digit, and the doubt `digit_restored`; or None where it cannot be known.

    `bounds` are the populations that the rates of its article allow (see `population_bounds`).
    """
    if "digit_lost" not in fact.doubts:
        return fact
    if fact.code != "pop_total" or bounds is None:
        return None
    fitting = [digit for digit in "123456789" if bounds[0] <= Decimal(digit + fact.value) <= bounds[1]]
    if len(fitting) != 1:
        return None
    value = fitting[0] + fact.value
    doubts = tuple("digit_restored" if doubt == "digit_lost" else doubt for doubt in fact.doubts)
    return replace(fact, value=value, low=float(value), high=float(value), doubts=doubts)


def population_bounds(facts: Sequence[Fact]) -> Bounds | None:
    """The least and the greatest population that every pair of a count and its rate allows; None without a pair."""
    counts: dict[str, Fact] = {}
    for fact in facts:
        if fact.status == "observed" and not set(fact.dims) - {"residence"}:
            counts.setdefault(fact.code, fact)
    pairs = [(Decimal(counts[_RATES[rate.code]].value), rate) for rate in facts
             if rate.status == "observed" and rate.low > 0 and _RATES.get(rate.code) in counts]
    if not pairs:
        return None
    return (max(1000 * count / Decimal(str(rate.high)) * (1 - SLACK) for count, rate in pairs),
            min(1000 * count / Decimal(str(rate.low)) * (1 + SLACK) for count, rate in pairs))
