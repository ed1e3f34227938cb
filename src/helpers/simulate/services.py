"""Everything a report counts besides births and deaths, drawn to fit them: mothers, children, files, patients, operations."""

from __future__ import annotations

import numpy as np

from helpers.simulate.county import County
from helpers.simulate.knowledge import SPANS, levels

Figures = dict[str, np.ndarray]


def _parts(values: np.ndarray, span: str) -> np.ndarray:
    """Sums of `values` (n, years, parts, …) over the parts of the year that `span` covers; the lead-in year is dropped.

    The family-planning year runs from the last part of the year before to the third quarter.
    """
    if span == "half":
        return values[:, 1:, 0]
    if span == "calendar":
        return values[:, 1:].sum(axis=2)
    return values[:, :-1, 2] + values[:, 1:, 0] + values[:, 1:, 1]


def vital_figures(county: County, span: str) -> Figures:
    """Births, deaths and populations of every township and year, over the period `span`; arrays of shape (n, years)."""
    births, deaths = _parts(county.births, span), _parts(county.deaths, span)
    opening, closing = {
        "calendar": (county.population[:, 1:, 0], county.population[:, 1:, 3]),
        "half": (county.population[:, 1:, 0], county.population[:, 1:, 1]),
        "fp": (county.population[:, :-1, 2], county.population[:, 1:, 2]),
    }[span]
    total = births.sum(axis=(2, 3, 4))
    by_sex, by_order, by_policy = births.sum(axis=(3, 4)), births.sum(axis=(2, 4)), births.sum(axis=(2, 3))
    return {
        "births": total, "births_male": by_sex[..., 0], "births_female": by_sex[..., 1],
        "births_1": by_order[..., 0], "births_2": by_order[..., 1], "births_3": by_order[..., 2],
        "births_in": by_policy[..., 0], "births_out": by_policy[..., 1],
        "deaths": deaths, "natural": total - deaths,
        "pop_open": opening, "pop_registered": closing, "pop_stated": closing,
    }


def _level(county: County, name: str) -> np.ndarray:
    return np.array([levels()[year][name] for year in county.years[1:]])


def _lasting(county: County, seed: int) -> Figures:
    """What a township keeps over the years and in every kind of report; arrays of shape (n, 1)."""
    random, shape = np.random.default_rng([seed, 23]), (county.townships, 1)
    shares = {"women": (0.25, 0.28), "resident": (0.78, 1.02), "children": (0.06, 0.08), "hyper": (0.055, 0.085),
              "diabetes": (0.015, 0.025), "household": (2.9, 3.7)}
    found = {name: random.uniform(low, high, shape) for name, (low, high) in shares.items()}
    # area in hundredths of a square kilometre, so that every figure is whole
    return found | {"villages": random.integers(8, 36, shape), "area": random.integers(2_800, 16_000, shape)}


def _whole(values: np.ndarray) -> np.ndarray:
    return np.rint(values).astype(np.int64)


def _people(vital: Figures, lasting: Figures, county: County, random: np.random.Generator) -> Figures:
    """Populations and their parts."""
    closing = vital["pop_registered"]
    urban = random.binomial(closing, _level(county, "urban") / 100)
    women, resident = _whole(closing * lasting["women"]), _whole(closing * lasting["resident"])
    leaving, coming = random.binomial(closing, 0.11), random.binomial(closing, 0.018)
    return {
        "pop_urban": urban, "pop_rural": closing - urban, "pop_resident": resident,
        "households": _whole(closing / lasting["household"]),
        "women": women, "married_women": random.binomial(women, 0.74),
        "floating_in": coming, "floating_out": leaving, "floating": coming + leaving,
        "villages": np.broadcast_to(lasting["villages"], closing.shape),
        "area": np.broadcast_to(lasting["area"], closing.shape),
        "marriages": random.poisson(closing * 0.007),
    }


def _mothers(vital: Figures, lasting: Figures, county: County, random: np.random.Generator) -> Figures:
    """Mothers and children under care."""
    closing = vital["pop_registered"]
    live = random.binomial(vital["births"], 0.97) + random.poisson(vital["births"] * 0.03)
    pregnant = live + random.poisson(live * 0.12)
    children = _whole(closing * lasting["children"])
    goal = random.poisson(vital["births"] * 0.5) + 2
    return {
        "live": live, "hospital": random.binomial(live, _level(county, "hospital") / 100),
        "pregnant": pregnant, "maternal": random.binomial(pregnant, _level(county, "maternal") / 100),
        "highrisk": random.binomial(pregnant, 0.15), "visited": random.binomial(live, 0.93),
        "early": random.binomial(live, 0.88), "screened": random.binomial(live, _level(county, "screened") / 100),
        "infant_deaths": random.binomial(live, _level(county, "imr") / 1000),
        "maternal_deaths": random.poisson(live * 0.00015),
        "children": children, "children_done": random.binomial(children, _level(county, "child") / 100),
        "prepreg_goal": goal, "prepreg_done": random.binomial(goal, 0.84),
        "folic_given": random.poisson(vital["births"] * 0.6),
    }


def _patients(vital: Figures, people: Figures, lasting: Figures, county: County,
              random: np.random.Generator) -> Figures:
    """Public health: files, older people, patients, vaccinations, family doctors."""
    resident = people["pop_resident"]
    elderly = random.binomial(resident, _level(county, "elderly") / 100)
    hyper = _whole(resident * lasting["hyper"])
    diabetes = _whole(resident * lasting["diabetes"])
    due = vital["births"] * 3
    chronic = _level(county, "chronic") / 100
    return {
        "records": random.binomial(resident, _level(county, "record") / 100),
        "elderly": elderly, "elderly_done": random.binomial(elderly, np.clip(chronic + 0.02, 0, 1)),
        "hyper": hyper, "hyper_done": random.binomial(hyper, chronic),
        "diabetes": diabetes, "diabetes_done": random.binomial(diabetes, chronic),
        "mental": random.binomial(resident, 0.0042), "tb": random.poisson(resident * 0.0005),
        "doses": random.poisson(vital["births"] * 21), "to_vaccinate": due, "vaccinated": random.binomial(due, 0.97),
        "enrolled": random.binomial(people["pop_rural"], 0.97),
    }


def _operations(vital: Figures, people: Figures, county: County, span: str, random: np.random.Generator) -> Figures:
    """Family planning: operations, checks, certificates."""
    married = people["married_women"] * (0.5 if span == "half" else 1.0)
    by_kind = {name: random.poisson(married * share) for name, share in
               (("iud", 0.035), ("iud_removed", 0.012), ("sterilized", 0.006), ("terminated", 0.004))}
    to_check = _whole(people["married_women"] * 0.8)
    return by_kind | {
        "operations": sum(by_kind.values()),
        "contracepting": random.binomial(people["married_women"], 0.88),
        "to_check": to_check, "checked": random.binomial(to_check, 0.945),
        "first_certs": random.binomial(vital["births_1"], 0.95),
        "second_certs": random.binomial(vital["births_2"], 0.7),
        "one_child": random.poisson(vital["births_1"] * 0.2),
    }


def _signed(counts: Figures, county: County, random: np.random.Generator) -> Figures:
    """Family doctors: signed and not signed, in all and by group (groups overlap)."""
    found = {}
    for group, share in (("elderly", 0.86), ("children", 0.83), ("hyper", 0.88), ("diabetes", 0.88)):
        size = counts[group]
        signed = random.binomial(size, share)
        found |= {f"fd_{group}_n": size, f"fd_{group}": signed, f"fd_{group}_not": size - signed}
    everyone = random.binomial(counts["pop_resident"], _level(county, "signed") / 100)
    return found | {"fd_all": np.maximum(everyone, found["fd_elderly"] + found["fd_children"])}


def figures(county: County, seed: int, spans: tuple[str, ...] = SPANS) -> dict[str, Figures]:
    """All counts by period (`calendar`, `half`, `fp`) and name; arrays of shape (townships, years)."""
    found, lasting = {}, _lasting(county, seed)
    for span in spans:
        random = np.random.default_rng([seed, 29, SPANS.index(span)])
        vital = vital_figures(county, span)
        people = _people(vital, lasting, county, random)
        counts = {**vital, **people, **_mothers(vital, lasting, county, random),
                  **_patients(vital, people, lasting, county, random),
                  **_operations(vital, people, county, span, random)}
        found[span] = counts | _signed(counts, county, random)
    return found
