"""The examples in docstrings say what the code does."""

import doctest
import importlib
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src"
WITH_EXAMPLES = sorted(".".join(path.relative_to(SOURCE).with_suffix("").parts) for path in SOURCE.rglob("*.py") if ">>>" in path.read_text(encoding="utf-8"))


def test_there_are_examples():
    assert len(WITH_EXAMPLES) > 30


@pytest.mark.parametrize("module", WITH_EXAMPLES)
def test_examples_of_a_module_hold(module):
    failed, tried = doctest.testmod(importlib.import_module(module.removesuffix(".__init__")), optionflags=doctest.ELLIPSIS)
    assert tried and not failed
