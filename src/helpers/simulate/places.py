"""Names for townships, counties and persons that do not exist."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
from random import Random

from helpers.errors import InputError
from helpers.simulate.knowledge import names

COUNTY_SIZE = 20
PROVINCE = "云川省（模拟）"
SUFFIXES = ("镇", "乡")


@dataclass(frozen=True)
class Place:
    """An invented township of an invented county."""

    name: str
    county: str
    province: str = PROVINCE


def _county_names(count: int) -> list[str]:
    """As many county names as needed: those of the catalogue first, then pairs of characters; all say 模拟."""
    parts = list(names()["county"])
    if count > len(parts):
        known = set(parts)
        parts += [pair for pair in map("".join, permutations(names()["first"], 2)) if pair not in known]
    return [f"{part}县（模拟）" for part in parts[:count]]


def invent_places(townships: int, seed: int) -> list[Place]:
    """So many townships with names that are nobody's and differ from each other; 镇 twice as often as 乡.

    Raises InputError when the name parts of the catalogue do not suffice for different names.

    >>> [place.county for place in invent_places(2, seed=1)]
    ['云岭县（模拟）', '云岭县（模拟）']
    """
    real = set(names()["real"])
    pairs = [a + b for a in names()["first"] for b in names()["second"] if a + b not in real]
    if townships > len(pairs) * len(SUFFIXES):
        raise InputError(f"{townships} townships: documents can be written for at most {len(pairs) * len(SUFFIXES)} "
                         "differently named ones; use --format panel for more.")
    random = Random(f"places {seed}")
    random.shuffle(pairs)
    counties = _county_names(-(-townships // COUNTY_SIZE))
    found = []
    for at in range(townships):
        late, pair = divmod(at, len(pairs))
        suffix = SUFFIXES[(1 if pair % 3 == 2 else 0) ^ late]
        found.append(Place(pairs[pair] + suffix, counties[at // COUNTY_SIZE]))
    return found


def invent_person(random: Random) -> str:
    """A personal name put together at random."""
    return random.choice(names()["surname"]) + random.choice(names()["given"])
