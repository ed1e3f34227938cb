"""The figures a finding calls into question: no headline, index or benchmark may rest on one."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.schema import flagged

# Words that do not fit the figures say nothing against the figures.
OF_WORDS = "words_and_numbers"
# Classes of data/catalogue/audit_classes.csv that say a printed figure itself may be wrong.
CLASSES = ("conflict", "arithmetic_error", "impossible")


# A flag of a finding: its first two figures were set down in each other's place.
EXCHANGED = "exchanged"


def questioned_facts(findings: pd.DataFrame) -> frozenset[str]:
    """Ids of the facts that findings of conflict, arithmetic error or impossibility call into question.

    findings: FINDINGS. An arithmetic error that is traced to one figure (`stated`) questions that figure alone,
    which stands first among the facts; one that is explained by two figures set down in each other's place (flag
    `exchanged`) questions these two, which stand first; every other finding questions all the figures it names.

    >>> row = {"severity": 3, "class": "arithmetic_error", "identity": "births_by_policy", "stated": 270.0, "facts": "births;policy_births", "flags": ""}
    >>> questioned_facts(pd.DataFrame([row]))
    frozenset({'births'})
    """
    serious = findings[(findings["severity"] >= 2) & findings["class"].isin(CLASSES) & (findings["identity"] != OF_WORDS)]
    traced = (serious["class"] == "arithmetic_error") & serious["stated"].notna()
    asked = np.where(traced, np.where(flagged(serious, EXCHANGED), 2, 1), serious["facts"].str.count(";") + 1)
    named = serious["facts"].str.split(";")
    return frozenset(fact for facts, most in zip(named, asked, strict=True) for fact in facts[:most] if fact)


def question(panel: pd.DataFrame, findings: pd.DataFrame) -> pd.DataFrame:
    """PANEL with `questioned` set where a finding calls the cell's figure into question."""
    return panel.assign(questioned=panel["fact"].isin(questioned_facts(findings)))
