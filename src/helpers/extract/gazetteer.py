"""The names of the 44,000 provinces, cities, counties and townships of the statistics bureau's list, as a hint.

A name never decides alone: 30 % of township names are shared. What is taken from the list is the level of a
city that calls itself 市 (a county-level city is a county, 北京市 a province). Source: data/reference/README.md.
"""

from __future__ import annotations

import csv
import lzma
from functools import cache
from types import MappingProxyType

from helpers.errors import CatalogueError
from helpers.workspace import REFERENCE

FILE = REFERENCE / "gazetteer.csv.xz"
# Length of a code by level: 31 province, 3301 city, 330482 county, 330482001 township.
_LEVELS = {2: "province", 4: "city", 6: "county", 9: "township"}


@cache
def levels() -> MappingProxyType[str, frozenset[str]]:
    """The levels a name stands for in the list.

    Raises CatalogueError when the file is missing or broken.
    """
    found: dict[str, set[str]] = {}
    try:
        with lzma.open(FILE, "rt", encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                found.setdefault(row["name"], set()).add(_LEVELS[len(row["code"])])
    except (OSError, lzma.LZMAError, KeyError) as error:
        raise CatalogueError(f"{FILE} cannot be read ({error}): restore it from the repository.") from error
    return MappingProxyType({name: frozenset(kinds) for name, kinds in found.items()})


def city_level(name: str) -> str:
    """The level of a place that calls itself 市: province, city or county; city where the list does not know it.

    >>> city_level("平湖市"), city_level("杭州市"), city_level("上海市")
    ('county', 'city', 'province')
    """
    known = levels().get(name, frozenset())
    return next((level for level in ("province", "city", "county") if level in known), "city")


@cache
def city_stems() -> MappingProxyType[str, str]:
    """City names by what is left without 市; names of one character, and those that are common words, left out."""
    return MappingProxyType({name[:-1]: name for name, kinds in levels().items()
                             if name.endswith("市") and len(name) >= 3 and kinds & {"city", "county"}})
