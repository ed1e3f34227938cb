"""Which places the rows and columns of a table are of."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from helpers.extract.binding import Subject
from helpers.extract.cells import Cell, Grid, Row
from helpers.extract.columns import Column
from helpers.extract.lexicon import phrase
from helpers.extract.places import Scope, level_of, name_level
from helpers.extract.times import TimePhrase

_PLACES_ACROSS = phrase("places_across")
_PLACE_HEAD, _PART_OF_PLACE = phrase("place_head"), phrase("part_of_place")
_WHOLE = phrase("whole")
_CENTRE = re.compile("(?P<name>[\u4e00-\u9fff]{1,6}?(?:街道|镇|乡))(?:社区卫生服务中心|中心卫生院|卫生院|卫生服务中心)")
# What the places of a table are parts of, where the text names no place; and how many of them say so.
_WHOLE_OF, SEVERAL = {"county": "city", "township": "county", "village": "township"}, 2


class TablePlaces:
    """A grid and the place its text is about."""

    def __init__(self, grid: Grid, scope: Scope) -> None:
        self.grid = grid
        names = {*(row.label[-1].text for row in grid.rows if row.label), *(cell.text for cell in grid.header)}
        told = Counter(name_level(name.strip("△#*")) for name in names if not _PART_OF_PLACE.fullmatch(name))
        self.among_counties = told["county"] > 0
        above = next((whole for parts, whole in _WHOLE_OF.items() if told[parts] >= SEVERAL), "")
        self.scope = Scope("", above) if above and not scope.name and not scope.level else scope

    def _places_across(self, header: Sequence[Cell], named: Sequence[Column]) -> list[Column] | None:
        """The columns of a table whose header names places; None where it names something else."""
        across = len(header) > 1 and all(_PLACE_HEAD.fullmatch(cell.text) or name_level(cell.text.strip("△#*")) for cell in header)
        if not across and (not _PLACES_ACROSS.fullmatch(self.grid.corner) or any(column.subject for column in named)):
            return None
        return [Column(cell.text, "place", scope=self._place_named(cell.text)) for cell in header]

    def _places_beside(self, columns: list[Column]) -> list[Column]:
        """2007年 | 2008年 | 东平县: places after the years stand under the last of them."""
        last: TimePhrase | None = None
        placed = []
        for column in columns:
            last = column.year_phrase or last
            level = name_level(column.text) if column.kind in ("skip", "split") and not _PART_OF_PLACE.fullmatch(column.text) else ""
            placed.append(replace(column, kind="place", scope=Scope(column.text, level), year_phrase=last) if level and last else column)
        return placed

    def _place_named(self, name: str) -> Scope:
        """The place a header cell of a table of places stands for; the total stands for the article's own."""
        if _PART_OF_PLACE.fullmatch(name):
            return Scope(name.strip("△"), "city")
        return self._whole_place(name) if _WHOLE.fullmatch(name) else Scope(name, self._level(name) or self._level_below())

    def _whole_place(self, name: str) -> Scope:
        """The place a total is of: the article's own, unless it names another kind (全市 over the counties of a text about no place)."""
        level = level_of(name[1]) if name.startswith("全") else ""
        return Scope("", level) if level and level != self.scope.level and not self.scope.name else self.scope

    def _level(self, name: str) -> str:
        """The level of a place of the table; a city among counties is one of them."""
        level = name_level(name)
        return "county" if level == "city" and self.among_counties else level

    def _place(self, row: Row, subject: Subject | None) -> Scope | None:
        if subject is not None or not row.label:
            return None
        name = row.label[-1].text
        if _WHOLE.fullmatch(name):
            among = any(self.scope.name and other.name.endswith(self.scope.name) for other in self.grid.rows)
            return Scope("", "") if among else self._whole_place(name)
        level = self._level(name)
        if not level and (centre := _CENTRE.fullmatch(name)) is not None:
            return Scope(centre["name"], name_level(centre["name"]))  # 城南街道社区卫生服务中心: the people of its street
        if not level and _PLACES_ACROSS.fullmatch(self.grid.corner) and re.fullmatch("[\u4e00-\u9fff]{2,6}", name):
            level = self._level_below()
        return Scope(name, level) if level else None

    def _level_below(self) -> str:
        """The level of the places a table names without saying what they are (乡镇: 和合, 周溪)."""
        return "village" if self.grid.corner.startswith(("村", "里", "社区", "居")) else "township" if self.grid.corner.startswith(("乡", "镇")) else ""
