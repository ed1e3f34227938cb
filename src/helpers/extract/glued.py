"""Tables that lost even their line ends: 县(市、区)常住人数(万人)忻府区56.73定襄县22.54五台县30.72 …

Names of places and figures take turns without a mark between them; what they are of stands before the first.
"""

from __future__ import annotations

import re

from helpers.extract.cells import Cell, Grid, Row

_KIND = "自治县|街道|地区|县|区|市|镇|乡|村"
_PAIR = rf"[\u4e00-\u9fff]{{1,8}}?(?:{_KIND})\s?\d+(?:\.\d+)?(?![\d.%‰]|\s?万?[人户名例个年月岁])"
# The head: what the figures are, with its unit in brackets, perhaps after the head of the names.
_GLUED = re.compile(rf"(?P<head>(?:[\u4e00-\u9fff]{{2,10}})?\((?:万?[人户]|平方公里|‰|%)\))(?P<rows>(?:{_PAIR}[\s、,]?){{4,}})")
_EACH = re.compile(rf"(?P<name>[\u4e00-\u9fff]{{1,8}}?(?:{_KIND}))\s?(?P<figure>\d+(?:\.\d+)?)")


def glued_table(line: str, start: int) -> tuple[Grid, str] | None:
    """The table run together in a line that begins at `start`, and the line with it blanked out; None where there is none."""
    match = _GLUED.search(line) if "(" in line else None
    if match is None:
        return None
    rows = tuple(Row((Cell(m["name"], start + m.start("name")),), (Cell(m["figure"], start + m.start("figure")),))
                 for m in _EACH.finditer(line, match.start("rows"), match.end("rows")))
    grid = Grid(line[max(0, match.start() - 60):match.start()], (Cell(match["head"], start + match.start("head")),), rows, 0, "地区")
    return grid, line[:match.start()] + " " * (match.end() - match.start()) + line[match.end():]
