"""What all tests share: hypothesis without deadlines, the gold facts of the mission as a table."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import settings

from fact_tables import fact_row
from helpers.schema import FACTS

# A shared machine is slow by turns: how long an example takes says nothing about the code.
settings.register_profile("township", deadline=None)
settings.load_profile("township")

GOLD = Path(__file__).resolve().parents[2] / "shared" / "gold"


@pytest.fixture(scope="session")
def gold_facts() -> pd.DataFrame:
    """The 14 gold documents as one FACTS table (skips where the mission's folder is absent)."""
    if not GOLD.is_dir():
        pytest.skip(f"{GOLD} is absent: the gold facts stay outside the repository")
    rows = []
    for path in sorted((GOLD / "facts").glob("*.jsonl")):
        text = (GOLD / "docs" / f"{path.stem}.txt").read_bytes().decode("utf-8-sig", errors="replace")
        rows += [fact_row(json.loads(line), path.stem, text) for line in path.read_text(encoding="utf-8").splitlines() if line]
    return FACTS.conform(rows)
