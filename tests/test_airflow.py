"""The DAG in docs/airflow.md against the notebook it names."""

import ast
import re
from pathlib import Path

import papermill

PROJECT = Path(__file__).resolve().parents[1]


def test_the_dag_names_parameters_the_notebook_has():
    code = re.search(r"```python\n(.*?)```", (PROJECT / "docs" / "airflow.md").read_text(encoding="utf-8"), re.DOTALL)[1]
    given = [keyword.value for call in ast.walk(ast.parse(code)) if isinstance(call, ast.Call)
             for keyword in call.keywords if keyword.arg == "parameters"]
    names = {key.value for key in given[0].keys}
    assert names and "notebooks/township_report.ipynb" in code
    assert names <= set(papermill.inspect_notebook(str(PROJECT / "notebooks" / "township_report.ipynb")))
