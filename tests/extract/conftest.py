"""What the tests of extraction share: the facts read from the documents, once a session."""

from pathlib import Path

import pytest

from helpers.pipeline import extract_to

PROJECT = Path(__file__).resolve().parents[2]
GOLD_DOCUMENTS = PROJECT / ".." / "shared" / "gold" / "docs"


@pytest.fixture(scope="session")
def predicted_golden(tmp_path_factory) -> Path:
    """A folder with the facts read from the restated documents the project carries."""
    out = tmp_path_factory.mktemp("golden")
    assert extract_to([PROJECT / "data" / "raw" / "restated"], out) == []
    return out


@pytest.fixture(scope="session")
def predicted_gold(tmp_path_factory) -> Path:
    """A folder with the facts read from the mission's gold documents (skips where they are absent)."""
    if not GOLD_DOCUMENTS.is_dir():
        pytest.skip(f"{GOLD_DOCUMENTS} is absent: the gold documents stay outside the repository")
    out = tmp_path_factory.mktemp("gold")
    assert extract_to([GOLD_DOCUMENTS], out) == []
    return out
