"""The house keeps its plan: data flows one way, rooms stay small, and everything has one place.

The plan, as a reader of src/helpers should find it: a stage imports the common ground and the stages
before it. A new package has to be put on this page, which is where to think about where it belongs.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
SOURCE = PROJECT / "src" / "helpers"

COMMON_GROUND = {"errors", "workspace", "schema", "catalogue", "identities", "periods"}
FLOW = ["documents", "extract", "curate", "panel", "rates", "audit", "suppress", "figures", "kernels", "report"]
ABOVE = {"reading": {"documents", "extract"}, "gathering": {"documents", "extract", "reading"}, "pipeline": {*FLOW, "reading", "gathering"}, "publish": set(FLOW), "cli": {*FLOW, "pipeline", "publish", "simulate", "timetable", "notify"}}
BESIDE = {"simulate": set(), "timetable": set(), "notify": set()}  # one writes documents, one waits for its hour; no stage may know of them

LONGEST_MODULE = 400
LONGEST_FUNCTION = 60

MODULES = sorted(SOURCE.rglob("*.py"))
SCRIPTS = sorted([*(PROJECT / "benchmarks").glob("*.py"), *(PROJECT / ".ci").glob("*.py")])


def name_of(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def room(path: Path) -> str:
    """The package or module directly under helpers that a file belongs to; empty for helpers itself."""
    first = path.relative_to(SOURCE).parts[0].removesuffix(".py")
    return "" if first == "__init__" else first


def may_import(name: str) -> set[str]:
    """The rooms that a room may import."""
    if name in COMMON_GROUND:
        return COMMON_GROUND
    if name in FLOW:
        return COMMON_GROUND | set(FLOW[:FLOW.index(name) + 1])
    return COMMON_GROUND | {name} | {**ABOVE, **BESIDE}.get(name, set())


def imported_rooms(source: ast.Module, package: list[str]) -> Iterator[tuple[int, str]]:
    """Line and room of every import from helpers, also those inside functions.

    `package` is the dotted path of the package the file is in, for relative imports.
    """
    for node in ast.walk(source):
        if isinstance(node, ast.Import):
            dotted = [alias.name.split(".") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[:len(package) - node.level + 1] if node.level else []
            module = [*base, *(node.module.split(".") if node.module else [])]
            dotted = [[*module, alias.name] for alias in node.names]
        else:
            continue
        for parts in dotted:
            if parts[0] == "helpers" and len(parts) > 1 and not parts[1].startswith("__"):
                yield node.lineno, parts[1]


def test_every_room_is_on_the_plan():
    planned = {*COMMON_GROUND, *FLOW, *ABOVE, *BESIDE, ""}
    found = {room(path) for path in MODULES}
    assert found <= planned, f"say in this file where {sorted(found - planned)} belongs in the flow"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_run_with_the_flow(path):
    package = ["helpers", *path.relative_to(SOURCE).parts[:-1]]
    against = [f"{name_of(path)}, line {line}: {room(path)} must not import {name}"
               for line, name in imported_rooms(tree_of(path), package)
               if room(path) and name not in may_import(room(path))]
    assert not against, "\n".join(against)


@pytest.mark.parametrize(("code", "package", "expected"), [
    ("import helpers.audit.classes", "helpers.extract", ["audit"]),
    ("from helpers import pipeline, __version__", "helpers", ["pipeline"]),
    ("from helpers.rates.intervals import byar", "helpers.panel", ["rates"]),
    ("from . import numbers", "helpers.extract", ["extract"]),
    ("from ..report import render", "helpers.panel", ["report"]),
    ("def f():\n    from helpers.report import render", "helpers.panel", ["report"]),
    ("import pandas as pd", "helpers.panel", []),
])
def test_the_import_reader_sees_every_kind_of_import(code, package, expected):
    assert [name for _, name in imported_rooms(ast.parse(code), package.split("."))] == expected


@pytest.mark.parametrize("stage", FLOW)
def test_a_stage_may_not_import_what_comes_after_it(stage):
    later = set(FLOW[FLOW.index(stage) + 1:])
    assert not may_import(stage) & {*later, "pipeline", "cli", "simulate"}


@pytest.mark.parametrize("path", MODULES + SCRIPTS, ids=name_of)
def test_modules_and_functions_fit_their_room(path):
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines <= LONGEST_MODULE, f"{name_of(path)} has {lines} lines: one room or two?"
    long = [f"{name_of(path)}, line {node.lineno}: {node.name} is {node.end_lineno - node.lineno + 1} lines long"
            for node in ast.walk(tree_of(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and node.end_lineno - node.lineno + 1 > LONGEST_FUNCTION]
    assert not long, "\n".join(long)


def test_no_file_is_named_for_nothing():
    nameless = [name_of(path) for path in MODULES if path.stem in {"utils", "util", "misc", "common", "helpers"}]
    assert not nameless, f"name these for what they do: {nameless}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_the_library_neither_prints_nor_asserts_nor_swallows_errors(path):
    found = []
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
            found.append((node.lineno, "print: return the text, or hand it to `say`"))
        elif isinstance(node, ast.Assert):
            found.append((node.lineno, "assert: raise an error of helpers.errors"))
        elif isinstance(node, ast.ExceptHandler) and node.type is None:
            found.append((node.lineno, "except without a class"))
    assert not found, "\n".join(f"{name_of(path)}, line {line}: {what}" for line, what in found)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_public_functions_and_classes_say_what_they_do(path):
    silent = [node.name for node in tree_of(path).body
              if isinstance(node, ast.FunctionDef | ast.ClassDef)
              and not node.name.startswith("_") and not ast.get_docstring(node)]
    assert ast.get_docstring(tree_of(path)) or not tree_of(path).body, f"{name_of(path)} does not say what it is for"
    assert not silent, f"{name_of(path)}: no docstring on {', '.join(silent)}"


@pytest.mark.parametrize("path", MODULES + SCRIPTS, ids=name_of)
def test_nothing_is_left_for_later_in_the_code(path):
    marks = re.findall(r"\b(?:TODO|FIXME)\b", "\n".join(comments(path)))
    assert not marks, f"{name_of(path)}: do it or write an issue: {marks}"


def test_every_file_of_the_catalogue_is_read_by_the_code():
    source = "".join(path.read_text(encoding="utf-8") for path in MODULES)
    unread = [path.name for path in (PROJECT / "data" / "catalogue").glob("*.csv") if f'"{path.stem}"' not in source]
    assert not unread, f"nobody reads {unread}: editing them would change nothing"


def comments(path: Path) -> list[str]:
    """The comments of a file; what stands in strings may be data."""
    tokens = tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline)
    return [token.string for token in tokens if token.type == tokenize.COMMENT]
