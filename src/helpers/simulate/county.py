"""A county that never was: births, deaths and population of its townships, drawn cell by cell so that every sum holds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from helpers.errors import InputError
from helpers.simulate.knowledge import levels

# The year in three parts, so that a half year and the year 1 October to 30 September are exact sums.
BIRTHS_IN_PART = (0.47, 0.25, 0.28)
DEATHS_IN_PART = (0.51, 0.23, 0.26)
DAYS_IN_PART = (181 / 365, 92 / 365, 92 / 365)
# Of the births outside policy: first, second, third and further.
OUTSIDE_BY_ORDER = (0.13, 0.70, 0.17)
SMALLEST, LARGEST = 8_000, 80_000


@dataclass(frozen=True)
class County:
    """Counts by township, year (a lead-in year first), part of year; births also by sex, order (1, 2, 3+), policy (in, out).

    `population` holds the registered population at the start of the year and at the end of each part: shape (n, years, 4).
    """

    years: tuple[int, ...]
    births: np.ndarray
    deaths: np.ndarray
    population: np.ndarray

    @property
    def townships(self) -> int:
        return self.births.shape[0]


def check_size(townships: int, years: int) -> None:
    """Raises InputError when the county asked for cannot be drawn."""
    longest = len(levels()) - 1
    if townships < 1:
        raise InputError(f"--townships {townships}: a county needs at least one township.")
    if not 1 <= years <= longest:
        raise InputError(f"--years {years}: the simulator knows the levels of {longest} years "
                         f"({min(levels()) + 1} to {max(levels())}); ask for 1 to {longest}.")


def first_year(years: int) -> int:
    """2012 when so many years fit from there, so that both bumps are in; else as late as they fit."""
    last = max(levels())
    return 2012 if 2012 + years - 1 <= last else last - years + 1


def _multipliers(townships: int, random: np.random.Generator) -> dict[str, np.ndarray]:
    """What sets one township apart from another, the same in all years."""
    return {
        "births": random.lognormal(0.0, 0.15, townships),
        "deaths": random.lognormal(0.0, 0.12, townships),
        "boys": random.normal(0.0, 2.0, townships),
        "policy": random.normal(0.0, 3.0, townships),
        "leaving": np.clip(random.normal(0.004, 0.005, townships), -0.01, 0.02),
    }


def _shares(year: int, policy_shift: np.ndarray) -> np.ndarray:
    """Share of births by township, order and policy; sums to 1 over the last two axes."""
    level = levels()[year]
    second, third = level["second"] / 100, level["third"] / 100
    by_order = np.array([1 - second - third, second, third])
    outside = np.clip(100 - level["policy"] - policy_shift, 0.3, 40) / 100
    out = np.minimum(outside[:, None] * np.array(OUTSIDE_BY_ORDER), by_order * 0.85)
    return np.stack([by_order - out, out], axis=-1)


def draw_county(townships: int, years: int, seed: int, start: int | None = None) -> County:
    """Draw a county of so many townships over so many calendar years, beginning with `start`.

    Poisson births by order and policy, binomial boys, Poisson deaths, and a slow net migration; levels
    from data/catalogue/simulate_levels.csv. Raises InputError for a size that cannot be drawn.

    >>> county = draw_county(3, 2, seed=1)
    >>> county.births.shape, bool((county.population[:, 1, 3] == county.population[:, 2, 0]).all())
    ((3, 3, 3, 2, 3, 2), True)
    """
    check_size(townships, years)
    start = first_year(years) if start is None else start
    calendar = tuple(range(start - 1, start + years))
    if min(calendar) < min(levels()) or max(calendar) > max(levels()):
        raise InputError(f"the simulator knows the levels of {min(levels()) + 1} to {max(levels())}: "
                         f"{start} to {start + years - 1} is not within them.")
    random = np.random.default_rng([seed, 11])
    own = _multipliers(townships, random)
    births = np.zeros((townships, years + 1, 3, 2, 3, 2), dtype=np.int32)
    deaths = np.zeros((townships, years + 1, 3), dtype=np.int32)
    population = np.zeros((townships, years + 1, 4), dtype=np.int64)
    now = np.exp(random.uniform(np.log(SMALLEST * 1.15), np.log(LARGEST * 0.9), townships)).astype(np.int64)
    for at, year in enumerate(calendar):
        level, shares = levels()[year], _shares(year, own["policy"])
        boys = (level["srb"] + own["boys"]) / (100 + level["srb"] + own["boys"])
        weather = random.lognormal(0.0, 0.03, townships)
        population[:, at, 0] = now
        for part in range(3):
            expected = now * level["cbr"] / 1000 * own["births"] * weather * BIRTHS_IN_PART[part]
            born = random.poisson(expected[:, None, None] * shares)
            male = random.binomial(born, boys[:, None, None])
            births[:, at, part, 0], births[:, at, part, 1] = male, born - male
            died = random.poisson(now * level["cdr"] / 1000 * own["deaths"] * DEATHS_IN_PART[part])
            deaths[:, at, part] = died
            gone = np.rint(random.normal(own["leaving"], 0.002) * now * DAYS_IN_PART[part]).astype(np.int64)
            now = now + born.sum(axis=(1, 2)) - died - gone
            population[:, at, part + 1] = now
    return County(calendar, births, deaths, population)
