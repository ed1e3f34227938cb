"""The notebooks keep the house's habits; that their outputs are true is nbval's to say."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

from helpers.workspace import NOTEBOOKS

ANALYSTS = sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))
NAMES = [path.stem for path in ANALYSTS]


def cells(path: Path, kind: str) -> list[dict]:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    return [cell | {"text": "".join(cell["source"])} for cell in notebook["cells"] if cell["cell_type"] == kind]


def test_the_notebooks_are_there():
    assert {"00_start_here", "01_read_documents", "02_check_figures", "03_explore_trends", "04_compare_townships"} <= set(NAMES)


@pytest.mark.parametrize("path", ANALYSTS, ids=NAMES)
def test_a_notebook_is_short_and_opens_with_a_title_and_a_question(path):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    assert 20 <= len(notebook["cells"]) <= 45
    first = "".join(notebook["cells"][0]["source"])
    assert first.startswith("# ") and "?" in first
    assert "limits" in "".join(notebook["cells"][-1]["source"]).lower()


@pytest.mark.parametrize("path", ANALYSTS, ids=NAMES)
def test_parameters_are_commented_literals_in_the_second_cell(path):
    second = json.loads(path.read_text(encoding="utf-8"))["cells"][1]
    assert second["metadata"]["tags"] == ["parameters"]
    source = "".join(second["source"])
    for statement, line in zip(ast.parse(source).body, source.splitlines(), strict=True):
        assert isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant)
        assert re.search(r"# (str|float|int|bool): ", line)


@pytest.mark.parametrize("path", ANALYSTS, ids=NAMES)
def test_the_work_is_in_helpers_not_in_the_notebook(path):
    for cell in cells(path, "code"):
        tree = ast.parse(cell["text"])
        assert not [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.For | ast.While)], cell["text"]
        assert len(tree.body) <= 9, cell["text"]


@pytest.mark.parametrize("path", ANALYSTS, ids=NAMES)
def test_outputs_are_stored_without_errors_and_without_traces_of_this_machine(path):
    code = cells(path, "code")
    assert all(cell["execution_count"] for cell in code)
    stored = json.dumps([cell["outputs"] for cell in code], ensure_ascii=False)
    assert not [output for cell in code for output in cell["outputs"] if output["output_type"] in ("error", "stream")]
    assert "/tmp/" not in stored and "/root/" not in stored and "/home/" not in stored
    assert "image/svg" not in stored, "PNG: nbval compares the text of an SVG"


@pytest.mark.parametrize("path", ANALYSTS, ids=NAMES)
def test_numbers_in_prose_about_the_data_are_computed(path):
    """Prose holds no decimals and no percentages but those of methods and examples; results come from code."""
    allowed = {"103", "107", "1 %", "0.5 %", "95 %"}
    for cell in cells(path, "markdown"):
        text = re.sub(r"`[^`]*`|^#.*$|10\.\d+‰|3\.02万", "", cell["text"], flags=re.M)
        assert not [found for found in re.findall(r"\d+(?:\.\d+)? ?[%‰]", text) if found not in allowed], cell["text"]
