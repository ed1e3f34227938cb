"""How closely a hidden figure can be pinned down from all that is left: the least and the most it can be.

The links are linear in the counts (a printed rate is a pair of numbers), so linear programming gives the exact ends.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import numpy as np
from scipy.optimize import linprog

from helpers.suppress.figures import Cell, Stated
from helpers.suppress.links import Link, rate_ranges

INFEASIBLE, UNBOUNDED = 2, 3


class Contradiction(Exception):
    """The figures cannot all hold: a document contradicts itself in a way no single link shows."""


def parts(all_links: Iterable[Link]) -> list[list[Link]]:
    """The links sorted into groups that share no cell."""
    group: dict[Cell, Cell] = {}

    def root(cell: Cell) -> Cell:
        while group.setdefault(cell, cell) != cell:
            group[cell] = group[group[cell]]
            cell = group[cell]
        return cell

    found = list(all_links)
    for link in found:
        first = root(link.cells[0])
        for cell in link.cells[1:]:
            group[root(cell)] = first
            first = root(first)
    sorted_out: dict[Cell, list[Link]] = {}
    for link in found:
        sorted_out.setdefault(root(link.cells[0]), []).append(link)
    return list(sorted_out.values())


def reach(target: Cell, group: Collection[Link], cells: Mapping[Cell, Stated], hidden: Collection[Cell]) -> tuple[float, float]:
    """The least and the most the count `target` can be, from the figures of `cells` that are not `hidden`.

    Raises Contradiction when they cannot all hold.
    """
    names = sorted({cell for link in group for cell in link.cells})
    where = {cell: number for number, cell in enumerate(names)}
    if target not in where:
        return 0.0, np.inf
    bounds = [_bounds(cell, cells, hidden) for cell in names]
    equal, equal_to, most, at_most = _rows(group, where, rate_ranges(cells, hidden))
    wanted = np.zeros(len(names))
    wanted[where[target]] = 1.0
    ends = []
    for sign in (1, -1):
        found = linprog(sign * wanted, A_ub=most, b_ub=at_most, A_eq=equal, b_eq=equal_to, bounds=bounds, method="highs")
        if found.status == INFEASIBLE:
            raise Contradiction
        ends.append(sign * found.fun if found.status == 0 else -sign * np.inf)
    return ends[0], ends[1]


def _bounds(cell: Cell, cells: Mapping[Cell, Stated], hidden: Collection[Cell]) -> tuple[float | None, float | None]:
    stated = None if cell in hidden else cells.get(cell)
    if stated is None:
        return (None if cell.key[0] == "natural_increase" else 0.0), None
    return stated.low if np.isfinite(stated.low) else None, stated.high if np.isfinite(stated.high) else None


def _rows(group: Collection[Link], where: Mapping[Cell, int], rates: Mapping[Cell, tuple[float, float]]):
    """The links as rows of `A_eq x = b_eq` and `A_ub x <= b_ub`; None where there are none of a kind."""
    equal, most = [], []

    def row(*terms: tuple[Cell, float]) -> np.ndarray:
        made = np.zeros(len(where))
        for cell, factor in terms:
            made[where[cell]] += factor
        return made

    for link in group:
        first, *rest = link.cells
        if link.form == "sum":
            equal.append(row((first, 1.0), *((cell, -1.0) for cell in rest)))
        elif link.form == "within":
            most.append(row((first, -1.0), *((cell, 1.0) for cell in rest)))
        elif link.form == "near":
            most += [row((first, 1.0), (rest[0], -1.0 - link.per)), row((first, -1.0), (rest[0], 1.0 - link.per))]
        elif link.rate in rates:
            low, high = rates[link.rate]
            if np.isfinite(low):
                most.append(row((rest[0], low), (first, -link.per)))
            if np.isfinite(high):
                most.append(row((rest[0], -high), (first, link.per)))
    return (np.array(equal) if equal else None, np.zeros(len(equal)) if equal else None,
            np.array(most) if most else None, np.zeros(len(most)) if most else None)
