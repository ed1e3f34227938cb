"""environment.yml says what pyproject.toml says, in words conda understands; the lock fits both."""

import os
import re
import runpy
import subprocess
import sys
import tomllib
from pathlib import Path

import opencc
import pytest
import yaml
from rattler import MatchSpec, Version, VersionSpec

PROJECT = Path(__file__).resolve().parents[1]
GENERATOR = runpy.run_path(str(PROJECT / ".ci" / "environment.py"))
PYPI_NAME = {conda: pypi for pypi, conda in GENERATOR["CONDA_FORGE"].items()}


@pytest.fixture(scope="module")
def pyproject() -> dict:
    return tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def environment() -> dict:
    return yaml.safe_load((PROJECT / "environment.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def locked() -> dict[str, list[str]]:
    """The locked versions by name; a package may have one for each Python."""
    versions: dict[str, list[str]] = {}
    for package in tomllib.loads((PROJECT / "uv.lock").read_text(encoding="utf-8"))["package"]:
        versions.setdefault(package["name"], []).append(package.get("version", ""))
    return versions


def conda_specs(environment: dict) -> list[str]:
    return [spec for spec in environment["dependencies"] if isinstance(spec, str)]


def pip_specs(environment: dict) -> list[str]:
    return next(part["pip"] for part in environment["dependencies"] if isinstance(part, dict))


def test_the_committed_file_is_what_the_generator_writes():
    committed = (PROJECT / "environment.yml").read_text(encoding="utf-8")
    assert committed == GENERATOR["current"](), "pyproject.toml has changed: run `make environment`"


def test_every_dependency_is_in_the_environment_once(environment, pyproject):
    names = [PYPI_NAME.get(spec.split()[0], spec.split()[0]) for spec in conda_specs(environment)]
    names += [GENERATOR["split"](spec)[0] for spec in pip_specs(environment) if not spec.startswith("-e")]
    wanted = [GENERATOR["split"](requirement)[0] for requirement in pyproject["project"]["dependencies"]]
    assert sorted(names) == sorted([*wanted, "python", "pip"])


def test_every_conda_spec_parses_strictly_and_admits_the_locked_version(environment, locked):
    checked = 0
    for spec in conda_specs(environment):
        match = MatchSpec(spec, strict=True)
        if match.version is None:
            continue
        name = PYPI_NAME.get(spec.split()[0])
        versions = locked[name] if name else ["3.11", "3.12", "3.13"]
        for version in versions:
            assert VersionSpec(str(match.version)).matches(Version(version)), f"{spec} does not admit {version}"
            checked += 1
    assert checked > 15


def test_what_conda_forge_is_not_known_to_have_comes_from_pip(environment):
    assert {GENERATOR["split"](spec)[0] for spec in pip_specs(environment) if not spec.startswith("-e")} >= {
        "opencc", "pylopdf-fonts-zh-cn"}
    assert pip_specs(environment)[-1] == "-e .", "the project itself is installed last"


@pytest.mark.parametrize(("requirement", "conda", "pip", "why"), [
    ("pandas>=3,<4", ["pandas >=3,<4"], [], "same name in both worlds"),
    ("matplotlib>=3.11", ["matplotlib-base >=3.11"], [], "matplotlib would bring Qt"),
    ("dask[distributed]>=2026.1", ["dask >=2026.1", "distributed >=2026.1"], [], "an extra is a package of its own"),
    ("opencc>=1.4,<2", [], ["opencc>=1.4,<2"], "not known to be on conda-forge"),
    ("pandas[excel]>=3", [], ["pandas[excel]>=3"], "an extra that conda has no package for"),
    ("tqdm", ["tqdm"], [], "no range"),
])
def test_a_requirement_finds_its_place(requirement, conda, pip, why):
    text = GENERATOR["environment"]({"name": "x", "requires-python": ">=3.11", "dependencies": [requirement]})
    parsed = yaml.safe_load(text)
    assert conda_specs(parsed) == ["python >=3.11", "pip", *conda], why
    assert pip_specs(parsed) == [*pip, "-e ."], why


def test_a_requirement_that_is_not_one_is_refused_by_name():
    with pytest.raises(ValueError, match=r"pyproject\.toml.*'git\+https"):
        GENERATOR["split"]("git+https://example.org/x.git")


def test_the_lock_fits_pyproject():
    uv = Path(sys.executable).with_name("uv")
    if not uv.exists():
        pytest.skip("uv is not in this environment (it was not made by `make`)")
    check = subprocess.run([uv, "lock", "--check", "--offline"], cwd=PROJECT, capture_output=True, text=True,
                           env={**os.environ, "UV_PYTHON": sys.executable, "UV_PYTHON_DOWNLOADS": "never"})
    assert check.returncode == 0, f"uv.lock is behind pyproject.toml: run `uv lock`.\n{check.stderr}"


def test_the_installer_is_pinned_to_the_locked_version(pyproject, locked):
    pin = next(one for one in pyproject["dependency-groups"]["dev"] if one.startswith("uv"))
    assert locked["uv"] == [re.fullmatch(r"uv==([0-9.]+)", pin)[1]], "the Makefile reads this pin"


def test_opencc_is_the_official_one():
    """`opencc-python-reimplemented` installs the same import name, and the two overwrite each other."""
    assert opencc.__version__.startswith("1.")
    assert opencc.OpenCC("t2s").convert("鄉鎮") == "乡镇"
