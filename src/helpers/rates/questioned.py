"""Rates that rest on a figure which a finding calls into question."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.rates.exposure import join_flags
from helpers.rates.measures import measures

QUESTIONED = "questioned"


def with_questioned(rates: pd.DataFrame, panel: pd.DataFrame) -> pd.DataFrame:
    """RATES with the flag `questioned` where a count or population it is computed from is `questioned` in PANEL.

    The printed rate beside the computed one is no ingredient: when it alone is wrong, the computed rate stands.
    """
    suspect = panel.loc[panel["questioned"], ["fact", "code", "place_id"]]
    if suspect.empty:
        return rates
    code_of = dict(zip(suspect["fact"], suspect["code"], strict=True))
    printed = {name: {recipe.stated.code for recipe in measure.recipes if recipe.stated} for name, measure in measures().items()}
    near = rates["place_id"].isin(suspect["place_id"].unique())
    resting = near.to_numpy(copy=True)
    resting[resting] = [any(fact in code_of and code_of[fact] not in printed[measure] for fact in facts.split(";"))
                        for measure, facts in zip(rates.loc[near, "measure"], rates.loc[near, "facts"], strict=True)]
    return rates.assign(flags=join_flags(rates["flags"].to_numpy(), np.where(resting, QUESTIONED, "")))
