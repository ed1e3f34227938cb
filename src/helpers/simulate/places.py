"""Names for townships, counties and persons that do not exist."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, islice, permutations
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


def county_names(count: int) -> list[str]:
    """As many county names as needed: those of the catalogue first, then characters put together; all say 模拟."""
    first = names()["first"]
    words = chain(names()["county"], map("".join, permutations(first, 2)), map("".join, permutations(first, 3)))
    return [f"{word}县（模拟）" for word in islice(dict.fromkeys(words), count)]


def invent_names(townships: int, seed: int) -> list[str]:
    """So many township names that are nobody's, 镇 twice as often as 乡; when all are used they repeat.

    >>> len(set(invent_names(500, seed=1)))
    500
    """
    real = set(names()["real"])
    pairs = [a + b for a in names()["first"] for b in names()["second"] if a + b not in real]
    Random(f"places {seed}").shuffle(pairs)
    found = []
    for at in range(townships):
        round_, pair = divmod(at, len(pairs))
        found.append(pairs[pair] + SUFFIXES[(pair % 3 == 2) ^ (round_ % 2)])
    return found


def invent_places(townships: int, seed: int) -> list[Place]:
    """So many townships with different names, in counties of twenty.

    Raises InputError when the name parts of the catalogue do not suffice for different names.

    >>> [place.county for place in invent_places(2, seed=1)]
    ['云岭县（模拟）', '云岭县（模拟）']
    """
    found = invent_names(townships, seed)
    if len(set(found)) < townships:
        raise InputError(f"--townships {townships}: documents can be written for at most {len(set(found))} differently "
                         "named townships; use --format panel for more.")
    counties = county_names(-(-townships // COUNTY_SIZE))
    return [Place(name, counties[at // COUNTY_SIZE]) for at, name in enumerate(found)]


def invent_person(random: Random) -> str:
    """A personal name put together at random."""
    return random.choice(names()["surname"]) + random.choice(names()["given"])
