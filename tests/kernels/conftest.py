"""The small county of the report's tests, and helpers of this folder."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "report")]


@pytest.fixture(scope="session")
def kernels_county(tmp_path_factory) -> Path:
    """The data folder of the small county (6 townships)."""
    from county import small_county

    return small_county().write(tmp_path_factory.mktemp("kernels") / "data").data


@pytest.fixture(scope="session")
def needs_fork() -> None:
    """Skips where processes are not forked."""
    from helpers.kernels import can_fork

    if not can_fork():
        pytest.skip("processes are not forked on this system")
