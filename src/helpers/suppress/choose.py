"""Which cells to hide so that no small count can be read or reckoned back: the small ones, and as few others as will do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import floor, inf, log10

import pandas as pd

from helpers.suppress.attack import Contradiction, parts, reach
from helpers.suppress.figures import Cell, Stated, is_count, is_small
from helpers.suppress.links import Link, links

_INCREASE = "natural_increase"  # a difference of two counts, no group of people


def cells_to_hide(cells: Mapping[Cell, Stated], places: pd.DataFrame, below: int) -> set[Cell]:
    """The cells of `cells` that must not be published where no count from 1 to `below` - 1 may be known.

    Small counts, and besides them what would let one be reckoned back: after that each small count, printed or not,
    can still be anything from 1 to below - 1 for all that the published figures say.
    """
    hidden = {cell for cell, stated in cells.items() if is_count(cell.key) and cell.key[0] != _INCREASE and is_small(stated, below)}
    at: dict[tuple[str, str], dict[Cell, Stated]] = {}
    for cell, stated in cells.items():
        at.setdefault(cell[:2], {})[cell] = stated
    for group in parts(links(cells, places)):
        members = {cell for link in group for cell in link.cells}
        around = {cell: stated for where in sorted({cell[:2] for cell in members}) for cell, stated in at.get(where, {}).items()}
        small = {*(hidden & members), *_implied(group, around, below)}
        if small:
            hidden |= _protect(small, group, around, hidden & around.keys(), below)
    return hidden


def _implied(group: list[Link], cells: Mapping[Cell, Stated], below: int) -> set[Cell]:
    """Counts nobody prints that the others give away as small: the third part of a whole, what a percentage leaves over."""
    members = {cell for link in group for cell in link.cells}
    known = {cell: (cells[cell].low, cells[cell].high) for cell in members if cell in cells}
    found: set[Cell] = set()
    for _ in range(2):
        for link in group:
            for cell, (low, high) in _deduced(link, known, cells):
                if high < inf and cell not in known:
                    known[cell] = max(0.0, low), high
                    if 1 <= floor(high + 1e-6) < below and cell.key[0] != _INCREASE:
                        found.add(cell)
    return found


def _deduced(link: Link, known: Mapping[Cell, tuple[float, float]], cells: Mapping[Cell, Stated]) -> Iterator[tuple[Cell, tuple[float, float]]]:
    """What a link says of its one unknown cell."""
    unknown = [cell for cell in link.cells if cell not in known]
    if len(unknown) != 1:
        return
    cell, whole = unknown[0], link.cells[0]
    others = [known[one] for one in link.cells[1:] if one != cell]
    if link.form == "sum":
        low, high = sum(one[0] for one in others), sum(one[1] for one in others)
        yield cell, ((low, high) if cell == whole else (known[whole][0] - high, known[whole][1] - low))
    elif link.form == "ratio" and cell == whole and link.rate in cells:
        rate = cells[link.rate]
        yield cell, (rate.low * others[0][0] / link.per, rate.high * others[0][1] / link.per)


def _protect(small: set[Cell], group: list[Link], cells: Mapping[Cell, Stated], hidden: set[Cell], below: int) -> set[Cell]:
    """`hidden` with what has to go besides, until no cell of `small` can be told closer than 1 to below - 1."""
    gone = set(hidden)
    for target in sorted(small):
        while not _safe(target, group, cells, gone, below):
            left = sorted(_near(target, group, cells, gone), key=lambda cell: (_cost(cell, cells[cell]), cell))
            if not left:
                break
            gone.add(next((cell for cell in left if _safe(target, group, cells, gone | {cell}, below)), left[0]))
    return _given_back(gone, hidden, small, group, cells, below)


def _given_back(gone: set[Cell], always: set[Cell], small: set[Cell], group: list[Link], cells: Mapping[Cell, Stated], below: int) -> set[Cell]:
    """`gone` without the cells that turned out to protect nothing, the dearest looked at first."""
    kept = set(gone)
    for cell in sorted(gone - always, key=lambda cell: (-_cost(cell, cells[cell]), cell)):
        if all(_safe(target, group, cells, kept - {cell}, below) for target in sorted(small)):
            kept.discard(cell)
    return kept


def _safe(target: Cell, group: list[Link], cells: Mapping[Cell, Stated], gone: set[Cell], below: int) -> bool:
    try:
        low, high = reach(target, group, cells, gone)
    except Contradiction:
        return False
    return low <= 1 + 1e-6 and high >= below - 1 - 1e-6


def _near(target: Cell, group: list[Link], cells: Mapping[Cell, Stated], gone: set[Cell]) -> set[Cell]:
    """Printed cells tied to the target, at once or through one nobody prints; when none is left, those of its group."""
    around = _neighbours({target}, group)
    around |= _neighbours({cell for cell in around if cell not in cells}, group)
    close = {cell for cell in around if cell in cells and cell not in gone}
    return close or {cell for link in group for cell in (*link.cells, *filter(None, [link.rate])) if cell in cells and cell not in gone}


def _neighbours(some: set[Cell], group: list[Link]) -> set[Cell]:
    return {cell for link in group if some.intersection(link.cells) for cell in (*link.cells, *([link.rate] if link.rate else []))}


def _cost(cell: Cell, stated: Stated) -> float:
    """What a reader loses with a cell: rates follow from counts; large counts and totals are what a page is about."""
    if not is_count(cell.key):
        return 1.0
    total = 0.0 if cell.key[1] else 3.0
    return 2.0 + total + log10(1 + max(0.0, stated.high if stated.high < inf else stated.low))
