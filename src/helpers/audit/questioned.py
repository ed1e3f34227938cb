"""The figures a finding calls into question: no headline, index or benchmark may rest on one."""

from __future__ import annotations

import pandas as pd

# Words that do not fit the figures say nothing against the figures.
OF_WORDS = "words_and_numbers"
# Classes of data/catalogue/audit_classes.csv that say a printed figure itself may be wrong.
CLASSES = ("conflict", "arithmetic_error", "impossible")


def questioned_facts(findings: pd.DataFrame) -> frozenset[str]:
    """Ids of the facts that findings of conflict, arithmetic error or impossibility call into question.

    findings: FINDINGS. An arithmetic error that is traced to one figure (`stated`) questions that figure alone,
    which stands first among the facts; every other finding questions all the figures it names.

    >>> row = {"severity": 3, "class": "arithmetic_error", "identity": "births_by_policy", "stated": 270.0, "facts": "births;policy_births"}
    >>> questioned_facts(pd.DataFrame([row]))
    frozenset({'births'})
    """
    serious = findings[(findings["severity"] >= 2) & findings["class"].isin(CLASSES) & (findings["identity"] != OF_WORDS)]
    traced = (serious["class"] == "arithmetic_error") & serious["stated"].notna()
    named = serious["facts"].str.split(";")
    return frozenset(fact for facts, one in zip(named, traced, strict=True) for fact in (facts[:1] if one else facts) if fact)


def question(panel: pd.DataFrame, findings: pd.DataFrame) -> pd.DataFrame:
    """PANEL with `questioned` set where a finding calls the cell's figure into question."""
    return panel.assign(questioned=panel["fact"].isin(questioned_facts(findings)))
