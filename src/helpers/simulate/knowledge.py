"""The catalogue of the simulator: levels, names, slots, sentences, layouts, errors and targets, validated as they load."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from helpers.catalogue import Row, indicators, read_rows, units

SPANS = ("calendar", "half", "fp")
TIMES = ("span", "asof", "year")
ERROR_KINDS = ("wrong_digit", "transposed_digits", "wrong_sum", "part_over_whole", "births_deaths_swapped",
               "rate_of_another_period", "permille_for_percent")


@dataclass(frozen=True)
class Slot:
    """What a placeholder states; with a numerator it is per × numerator ÷ denominator, rounded half up."""

    slot: str
    code: str
    dims: tuple[tuple[str, str], ...]
    unit: str
    status: str
    time: str
    numerator: str
    denominator: str
    per: int
    decimals: tuple[int, int]


@dataclass(frozen=True)
class Layout:
    """A kind of report: the years it is written in, how often, what periods it covers and its blocks in order."""

    kind: str
    first: int
    last: int
    weight: int
    spans: tuple[str, ...]
    topic: str
    blocks: tuple[str, ...]


@dataclass(frozen=True)
class Plant:
    """An error that can be planted in `slot` when the slots it is checked against stand in the same document."""

    kind: str
    slot: str
    needs: tuple[str, ...]


@dataclass(frozen=True)
class Target:
    """How a plan rounds this year's result into next year's goal."""

    step: int
    direction: str
    least: int
    most: int


def _whole(row: Row, column: str) -> int:
    try:
        return int(row[column])
    except ValueError:
        raise row.refuse(column, "is not a whole number") from None


@cache
def levels() -> MappingProxyType[int, MappingProxyType[str, float]]:
    """Levels by year: permille, per 100 girls or percent, as the head of simulate_levels.csv says."""
    found = {}
    for row in read_rows("simulate_levels"):
        try:
            found[_whole(row, "year")] = MappingProxyType(
                {name: float(cell) for name, cell in row.cells.items() if name != "year"})
        except ValueError:
            raise row.refuse("year", "has a level that is not a number") from None
    return MappingProxyType(found)


@cache
def names() -> MappingProxyType[str, tuple[str, ...]]:
    """Name parts: `first` and `second` are characters; county, surname, given and real are whole words."""
    return MappingProxyType({
        row["part"]: tuple(row["characters"]) if row["part"] in ("first", "second") else tuple(row["characters"].split())
        for row in read_rows("simulate_names")
    })


@cache
def slots() -> MappingProxyType[str, Slot]:
    """Slot by name."""
    found = {}
    for row in read_rows("simulate_slots"):
        row.one_of("code", indicators())
        dims = tuple(sorted(tuple(pair.split("=", 1)) for pair in row["dims"].split(";") if pair))
        decimals = [int(part) for part in row["decimals"].split("-")]
        found[row["slot"]] = Slot(
            row["slot"], row["code"], dims, row.one_of("unit", units()),
            row.one_of("status", {"", "target"}) or "observed", row.one_of("time", TIMES), row["numerator"],
            row["denominator"], int(row["per"] or 0), (decimals[0], decimals[-1]))
    return MappingProxyType(found)


@cache
def sentences() -> MappingProxyType[str, tuple[str, ...]]:
    """The wordings of each block."""
    found = defaultdict(list)
    for row in read_rows("simulate_sentences"):
        found[row["block"]].append(row["text"])
    return MappingProxyType({block: tuple(texts) for block, texts in found.items()})


@cache
def layouts() -> tuple[Layout, ...]:
    """The kinds of report."""
    found = []
    for row in read_rows("simulate_layouts"):
        blocks = tuple(row["blocks"].split())
        for block in blocks:
            for name in block.strip("#?").split("/"):
                if name not in sentences():
                    raise row.refuse("blocks", f"names the block {name!r}, which has no sentence")
        spans = tuple(row["spans"].split())
        if not set(spans) <= set(SPANS):
            raise row.refuse("spans", f"is not made of {', '.join(SPANS)}")
        found.append(Layout(row["kind"], _whole(row, "from"), _whole(row, "to"), _whole(row, "weight"), spans,
                            row["topic"], blocks))
    return tuple(found)


@cache
def plants() -> tuple[Plant, ...]:
    """The errors that can be planted."""
    found = []
    for row in read_rows("simulate_errors"):
        needs = tuple(row["needs"].split())
        for name in (row["slot"], *needs):
            if name not in slots():
                raise row.refuse("needs", f"names {name!r}, which is no slot of simulate_slots.csv")
        found.append(Plant(row.one_of("kind", ERROR_KINDS), row["slot"], needs))
    return tuple(found)


@cache
def targets() -> MappingProxyType[str, Target]:
    """The rounding of plans, by slot."""
    return MappingProxyType({
        row["slot"]: Target(_whole(row, "step"), row.one_of("direction", {"up", "down"}), _whole(row, "least"),
                            _whole(row, "most"))
        for row in read_rows("simulate_targets")
    })
