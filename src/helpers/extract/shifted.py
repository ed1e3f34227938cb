"""Rows of a table that lost their empty cells: which columns their figures stand under, by arithmetic.

Two rows that are the parts of a whole (城镇人口, 乡村人口 under 总人口) add up to it in one way only; a share of the
first in that whole stands under the same columns. Where nothing adds up, or in two ways, the rows are not read.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from decimal import Decimal

from helpers.extract.cells import Row
from helpers.extract.lexicon import phrase

MAX_WIDTH = 12
_TOTAL = phrase("whole")


def layouts_by_sums(rows: Sequence[Row], width: int) -> dict[int, tuple[tuple[int, ...], int]]:
    """The columns of short rows, by their place among `rows`, where sums with a full row leave one choice; and that row.

    `width` is how many figures a full row has.
    """
    if not 3 <= width <= MAX_WIDTH:
        return {}
    figures = [_values(row) for row in rows]
    wholes = {at: values for at, values in enumerate(figures) if values and len(values) == width}
    found: dict[int, tuple[tuple[int, ...], int]] = {}
    for i, (first, second) in enumerate(itertools.pairwise(figures)):
        if first and second and len(second) < len(first) == width and (places := _rest(first, second, wholes)):
            found[i + 1] = places
            continue
        if not first or not second or not 2 <= len(first) == len(second) < width:
            continue
        sums = [a + b for a, b in zip(first, second, strict=True)]
        fits = {(places, at) for at, whole in wholes.items() for places in itertools.combinations(range(width), len(sums))
                if all(abs(whole[p] - s) <= _step(whole[p]) for p, s in zip(places, sums, strict=True))}
        if len(fits) != 1:
            continue
        found[i] = found[i + 1] = fit = fits.pop()
        third = figures[i + 2] if i + 2 < len(figures) else None
        if third and len(third) == len(first) and all(
                abs(100 * a / s - share) <= Decimal("0.2") for a, s, share in zip(first, sums, third, strict=True) if s):
            found[i + 2] = fit
    return found


def layouts_by_total(rows: Sequence[Row], width: int) -> dict[int, tuple[int, ...]]:
    """The column of rows with one figure only, by their place among `rows`: the one column that does not add up to its total without them.

    The first row is the total; a cell that stands for several rows leaves such rows under it (merged cells).
    """
    figures = [_values(row) for row in rows]
    alone = [at for at, values in enumerate(figures) if values and len(values) == 1]
    if width < 2 or not alone or not figures[0] or len(figures[0]) != width or not _TOTAL.fullmatch(rows[0].name.replace(" ", "")):
        return {}
    full = [values for values in figures[1:] if values and len(values) == width]
    rest = sum(figures[at][0] for at in alone)
    fits = [column for column in range(width) if figures[0][column] - sum(values[column] for values in full) == rest]
    return dict.fromkeys(alone, (fits[0],)) if len(fits) == 1 else {}


def _rest(first: Sequence[Decimal], second: Sequence[Decimal], wholes: dict[int, list[Decimal]]) -> tuple[tuple[int, ...], int] | None:
    """The columns of a short row that is the rest of a whole beside a full part: 农业人口 after 非农业人口."""
    fits = {(places, at) for at, whole in wholes.items() for places in itertools.combinations(range(len(first)), len(second))
            if all(value and abs(whole[p] - first[p] - value) <= _step(value) for p, value in zip(places, second, strict=True))}
    return fits.pop() if len(fits) == 1 else None


def _values(row: Row) -> list[Decimal] | None:
    """The figures of a row; None where one of its cells is marked empty or holds words."""
    values = [cell.value if cell else None for cell in row.figures]
    return None if None in values else values


def _step(value: Decimal) -> Decimal:
    """Two units of the last printed digit: what rounding of two parts can leave."""
    return 2 * Decimal(1).scaleb(value.as_tuple().exponent) if value.as_tuple().exponent < 0 else Decimal(2)
