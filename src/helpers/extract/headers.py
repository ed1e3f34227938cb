"""The header lines of a table: of several, one; and without the column that counts the rows."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from helpers.extract.lexicon import phrase

if TYPE_CHECKING:
    from helpers.extract.cells import Cell

_LOWER = phrase("lower")
_SPLIT_BY, _PART = phrase("split_by"), phrase("part")
_SUM_OF_GROUP, _GROUP_HEAD = phrase("sum_of_group"), phrase("group_head")
_FIRST_OF_PART = phrase("first_of_part")
_SERIAL = phrase("serial")


def without_serials(first: int, rows: list[list[Cell]]) -> tuple[int, list[list[Cell]]]:
    """序号 单位 出生人数: the rows without the column that counts them; `first` is the first row with figures."""
    counted = any(_SERIAL.fullmatch(row[0].text) for row in rows[:first])
    if not counted or not all(len(row) > 2 and row[0].numeric for row in rows[first:]):
        return first, rows
    return first, [row[1:] if i >= first or _SERIAL.fullmatch(row[0].text) else row for i, row in enumerate(rows)]


def stacked(first: int, rows: list[list[Cell]]) -> tuple[int, list[list[Cell]]]:
    """单位 出生 出生 over 单位 男 女: header lines as wide as the rows below name their columns from above down."""
    heads = rows[:first]
    if first < 2 or any(len(row) != len(heads[0]) for row in rows) or any(cell.year or cell.empty for row in heads for cell in row):
        return first, rows
    named = [replace(column[-1], text="".join(dict.fromkeys(cell.text for cell in column))) for column in zip(*heads, strict=True)]
    return 1, [named, *rows[first:]]


def spanned(high: Sequence[Cell], low: Sequence[Cell], width: int) -> list[Cell] | None:
    """年度 总人口 出生 死亡 over 人数 出生率 人数 死亡率: two header lines whose spans were lost, as `width` columns.

    What the lower line has too few of stands over columns of its own, first of all; the rest of the upper line
    stands over the parts of the lower one. None where the counts do not say so.
    """
    own = width - len(low)
    over = len(high) - own
    if own < 0 or over <= 0:
        return None
    # 合计 男 女 人数 死亡率: what begins a part says how the parts are cut, else they are equal.
    begins = [bool(_FIRST_OF_PART.fullmatch(cell.text)) for cell in low]
    if sum(begins) == over and begins[0]:
        part = [n - 1 for n in itertools.accumulate(map(int, begins))]
    elif len(low) % over == 0 and len(low) // over >= 2:
        part = [at // (len(low) // over) for at in range(len(low))]
    else:
        return None
    return [*high[:own], *(replace(cell, text=_put_together(high[own + at].text, cell.text)) for at, cell in zip(part, low, strict=True))]


def under_spans(head: Sequence[Cell], width: int) -> list[Cell] | None:
    """The `width` columns of a header that holds words standing under others, however it was flattened; None where they cannot be told."""
    return _interleaved(head, width) or _unspanned(head, width)


def _unspanned(head: Sequence[Cell], width: int) -> list[Cell] | None:
    """A header of two lines that lost its line end and its spans, as `width` columns; None where it may be read in two ways or none."""
    found = []
    for cut in range(1, len(head)):
        low = [cell.text for cell in head[cut:]]
        columns = spanned(head[:cut], head[cut:], width)
        if columns is not None and all(_LOWER.fullmatch(text) for text in low) and not any(_LOWER.fullmatch(cell.text) for cell in head[:cut]):
            found.append(columns)
    return found[0] if len(found) == 1 else None


def _interleaved(head: Sequence[Cell], width: int) -> list[Cell] | None:
    """总人口 按性别分 出生 over 男 女: the lower line stands under those of the upper that only say how they are split."""
    over = [i for i, cell in enumerate(head) if _SPLIT_BY.fullmatch(cell.text)]
    if not over or len(head) - len(over) != width:
        return None
    low = len(head)
    while low - 1 > over[-1] and (_LOWER.fullmatch(head[low - 1].text) or _PART.fullmatch(head[low - 1].text)):
        low -= 1
    parts = list(head[low:])
    if not parts or len(parts) % len(over):
        return None
    each = len(parts) // len(over)
    columns: list[Cell] = []
    for i, cell in enumerate(head[:low]):
        columns += parts[over.index(i) * each:(over.index(i) + 1) * each] if i in over else [cell]
    return columns


def without_group_heads(head: Sequence[Cell], width: int) -> list[Cell] | None:
    """出生人数 / 计 男 女, 四术 / 上环 结扎: the columns without the words that only stand over others; None where that does not leave `width`."""
    out: list[Cell] = []
    for cell in head:
        if len(out) > 1 and _SUM_OF_GROUP.fullmatch(cell.text):
            continue  # 计 under 出生人数 is their number
        out.append(cell)
    if len(out) > width:
        out = [cell for cell in out if not _GROUP_HEAD.fullmatch(cell.text)]
    return out if len(out) == width else None


def lost_spans(head: Sequence[Cell]) -> bool:
    """Whether a header holds words that only stand under others: its columns cannot be told by counting."""
    return sum(_LOWER.fullmatch(cell.text) is not None for cell in head) >= 2 or any(_SPLIT_BY.fullmatch(cell.text) for cell in head)


def _put_together(high: str, low: str) -> str:
    """自然增长 over 增长率 is 自然增长率, 出生 over 人数 is 出生人数."""
    if high in low:
        return low
    shared = next((n for n in range(min(len(high), len(low)), 0, -1) if high.endswith(low[:n])), 0)
    return high + low[shared:]
