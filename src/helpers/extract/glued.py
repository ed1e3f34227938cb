"""Tables that lost even their line ends: 县(市、区)常住人数(万人)忻府区56.73定襄县22.54五台县30.72 …

Names of places and figures take turns, one figure a name without a mark between them or several with a space; what
they are of stands before the first.
"""

from __future__ import annotations

import re

from helpers.extract.cells import Cell, Grid, Row

_KIND = "自治县|街道|地区|县|区|市|镇|乡|村"
_PAIR = rf"[\u4e00-\u9fff]{{1,8}}?(?:{_KIND})\s?\d+(?:\.\d+)?(?![\d.%‰]|\s?万?[人户名例个年月岁])"
# The head: what the figures are, with its unit in brackets, perhaps after the head of the names.
_GLUED = re.compile(rf"(?P<head>(?:[\u4e00-\u9fff]{{2,10}})?\((?:万?[人户]|平方公里|‰|%)\))(?P<rows>(?:{_PAIR}[\s、,]?){{4,}})")
_EACH = re.compile(rf"(?P<name>[\u4e00-\u9fff]{{1,8}}?(?:{_KIND}))\s?(?P<figure>\d+(?:\.\d+)?)")


# 农业人口总数(人)参合人数(人)参合率(%): the heads of several columns, each with its unit
_HEADS = re.compile(r"(?:[\u4e00-\u9fff/、]{2,14}\([^()\d]{1,4}\)\s?){2,}")
_HEAD = re.compile(r"(?P<name>[\u4e00-\u9fff/、]{2,14}\([^()\d]{1,4}\))")
# 序号县区名称农业人口总数(人): the heads of the places, run into that of the first column
_CORNER = re.compile(r"(?:序号)?(?:[\u4e00-\u9fff/]{0,6}?名称|地区|单位|县区|县市区|乡镇|街道|村名)(?=..)")
_FIGURE = r"-?\d+(?:\.\d+)?"
MIN_ROWS = 3


def glued_table(line: str, start: int) -> tuple[Grid, str] | None:
    """The table run together in a line that begins at `start`, and the line with it blanked out; None where there is none."""
    if "(" not in line:
        return None
    if (found := _several_columns(line, start)) is not None:
        return found
    match = _GLUED.search(line)
    if match is None:
        return None
    rows = tuple(Row((Cell(m["name"], start + m.start("name")),), (Cell(m["figure"], start + m.start("figure")),))
                 for m in _EACH.finditer(line, match.start("rows"), match.end("rows")))
    head = (Cell(match["head"], start + match.start("head")),)
    return _taken_out(line, match.start(), match.end(), head, rows)


def _several_columns(line: str, start: int) -> tuple[Grid, str] | None:
    """…农业人口(人)参合人数(人)参合率(%)1 丰安县 512340 507473 99.05 2 石梁县 386205 358012 92.70 …: as many figures a place as heads."""
    for heads in _HEADS.finditer(line):
        names = list(_HEAD.finditer(line, heads.start(), heads.end()))
        row = re.compile(rf"(?:\d{{1,2}}\s?)?(?P<name>[\u4e00-\u9fff]{{1,8}}?(?:{_KIND})|合\s?计|总\s?计)\s?(?P<figures>{_FIGURE}(?:\s{_FIGURE}){{{len(names) - 1}}})(?:\s|(?=[\u4e00-\u9fff])|$)")
        found, at = [], heads.end()
        while (match := row.match(line, at)) is not None:
            found.append(match)
            at = match.end()
        if len(found) < MIN_ROWS:
            continue
        rows = tuple(Row((Cell(m["name"], start + m.start("name")),),
                         tuple(Cell(f.group(), start + f.start()) for f in re.finditer(_FIGURE, line[:m.end("figures")]) if f.start() >= m.start("figures"))) for m in found)
        head = [Cell(m["name"], start + m.start("name")) for m in names]
        corner = _CORNER.match(head[0].text)
        if corner is not None:
            head[0] = Cell(head[0].text[corner.end():], head[0].start + corner.end())
        return _taken_out(line, heads.start(), at, tuple(head), rows)
    return None


def _taken_out(line: str, first: int, end: int, head: tuple[Cell, ...], rows: tuple[Row, ...]) -> tuple[Grid, str]:
    """The table of a head and rows, and the line with it blanked out."""
    return Grid(line[max(0, first - 60):first], head, rows, 0, "地区"), line[:first] + " " * (end - first) + line[end:]
