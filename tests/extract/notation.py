"""The short notation of spec/*.csv: one fact as `code[dims] value unit status period`, several joined by ` ; `.

    births 336                                    unit the indicator's own, status observed, no period
    births[sex=male] 167 2014-01/2014-06          a period, in the notation of the facts
    cbr -0.6 permille_point change 2014           unit and status where they are not the usual ones
    pop_total 30317 <30316.5..30317.5>            the interval its printed digits and hedge words allow
    pop_total 1200 @永兴镇/township               the place and its level (`@` alone: none)
    births 3 #2                                   the article of a compilation
    pop_total 30317 !digit_restored               a doubt the fact must carry

What is not written (interval, place, article, doubt) is not looked at. ⏎ is a line end, ⇥ a tab,
{U+200B} a character that would not be seen.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from helpers.catalogue import indicators, units
from helpers.extract import Fact

SPEC = Path(__file__).parent / "spec"
STATUSES = {"observed", "target", "previous", "change"}
COLUMNS = ["input", "facts", "span", "why", "expect_failure"]
_FACT = re.compile(r"(?P<code>\w+)(?:\[(?P<dims>[^\]]*)\])? (?P<value>-?[\d.]+)(?P<rest>(?: \S+)*)")
_UNSEEN = re.compile(r"\{U\+([0-9A-F]{4})\}")
_PERIOD = re.compile(r"[\dX]{4}[\dX/-]*")


@dataclass(frozen=True)
class Expected:
    """One fact a row expects; `looked_at` holds what the row says beyond the usual columns."""

    code: str
    dims: tuple[tuple[str, str], ...]
    value: str
    unit: str
    status: str = "observed"
    period: str = ""
    looked_at: dict[str, object] = field(default_factory=dict, compare=False, hash=False)


@dataclass(frozen=True)
class Case:
    """A row of a spec file: the text, the facts it states, the characters they stand in, and why it is there."""

    name: str
    text: str
    facts: tuple[Expected, ...]
    spans: tuple[str, ...]
    why: str
    expect_failure: str


def read_expected(words: str) -> tuple[Expected, ...]:
    """The facts of a cell; raises ValueError for what is not in the notation.

    >>> [(f.code, f.dims, f.unit, f.period) for f in read_expected("births[sex=male] 167 2014")]
    [('births', (('sex', 'male'),), 'person', '2014')]
    """
    return tuple(_expected(one.strip()) for one in words.split(" ; ")) if words.strip() else ()


def _expected(words: str) -> Expected:
    match = _FACT.fullmatch(words)
    if not match or match["code"] not in indicators():
        raise ValueError(f"{words!r} is not of the form code[dims] value …")
    dims = tuple(sorted(tuple(part.split("=", 1)) for part in (match["dims"] or "").split(",") if part))
    found = {"unit": indicators()[match["code"]].unit, "looked_at": {}}
    for word in match["rest"].split():
        if word in units():
            found["unit"] = word
        elif word in STATUSES:
            found["status"] = word
        elif _PERIOD.fullmatch(word):
            found["period"] = word
        elif word.startswith("<"):
            low, high = word.strip("<>").split("..")
            found["looked_at"] |= {"low": float(low), "high": float(high)}
        elif word.startswith("@"):
            place, _, level = word[1:].partition("/")
            found["looked_at"] |= {"place": place, "level": level}
        elif word.startswith("#"):
            found["looked_at"] |= {"section": int(word[1:])}
        elif word.startswith("!"):
            found["looked_at"] |= {"doubts": (word[1:],)}
        else:
            raise ValueError(f"{word!r} in {words!r} is neither unit, status, period nor one of <..> @ # !")
    return Expected(match["code"], dims, match["value"], **found)


def as_expected(fact: Fact) -> Expected:
    """A fact in the form rows are compared in."""
    return Expected(fact.code, tuple(sorted(fact.dims.items())), fact.value, fact.unit, fact.status, fact.period)


def written(facts: list[Expected]) -> list[str]:
    """Facts as the notation writes them, sorted: what a failing row shows."""
    return sorted(" ".join(filter(None, [
        fact.code + (f"[{','.join('='.join(pair) for pair in fact.dims)}]" if fact.dims else ""), fact.value,
        "" if fact.unit == indicators()[fact.code].unit else fact.unit, "" if fact.status == "observed" else fact.status,
        fact.period])) for fact in facts)


def plain(cell: str) -> str:
    """A cell's text with its line ends, tabs and unseen characters.

    >>> plain("出生{U+200B}3人⏎")
    '出生\\u200b3人\\n'
    """
    return _UNSEEN.sub(lambda m: chr(int(m.group(1), 16)), cell.replace("⏎", "\n").replace("⇥", "\t"))


def cases() -> Iterator[Case]:
    """Every row of every spec file, named by file and line."""
    for path in sorted(SPEC.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as stream:
            reader = csv.DictReader(line for line in stream if not line.startswith("#"))
            if reader.fieldnames != COLUMNS:
                raise ValueError(f"{path.name}: the columns must be {', '.join(COLUMNS)}")
            for number, row in enumerate(reader, 1):
                yield Case(f"{path.stem}-{number:03d}", plain(row["input"]), read_expected(row["facts"]),
                           tuple(plain(span) for span in row["span"].split(" ; ")) if row["span"] else (),
                           row["why"], row["expect_failure"])
