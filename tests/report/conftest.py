"""One small invented county, written once for the tests of this folder."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def county_data(tmp_path_factory) -> Path:
    """The data folder of the small county (6 townships, 2016 to 2021)."""
    from county import small_county

    return small_county().write(tmp_path_factory.mktemp("county") / "data").data


@pytest.fixture(scope="session")
def hostile_data(tmp_path_factory) -> Path:
    """The same county with an attack in every free text."""
    from county import small_county

    return small_county(hostile=True).write(tmp_path_factory.mktemp("hostile") / "data").data
