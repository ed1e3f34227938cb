"""The pages say what is there: every command, target, link and column, and nothing that does not exist."""

import re
import runpy
import shlex
import subprocess
import tomllib
from pathlib import Path

import pytest

from helpers.cli import main

PROJECT = Path(__file__).resolve().parents[1]
READMES = [PROJECT / "README.md", PROJECT / "README.zh-CN.md"]
PAGES = sorted({*READMES, PROJECT / "CHANGELOG.md", *(PROJECT / "docs").rglob("*.md"), *(PROJECT / "data").rglob("README.md")})
COMMANDS = sorted(main.commands)
PROMISED_TARGETS = {"report", "test", "check", "lab", "bench", "clean"}


def name_of(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):.*## ", read(PROJECT / "Makefile"), flags=re.MULTILINE))


def help_of(command: str) -> str:
    return main.commands[command].get_help(main.commands[command].make_context(command, [], resilient_parsing=True))


def code_in(text: str) -> list[str]:
    """Lines of fenced blocks, and inline code."""
    blocks = re.findall(r"^```[a-z]*\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    outside = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()] + re.findall(r"`([^`\n]+)`", outside)


def calls(lines: list[str], program: str) -> list[list[str]]:
    """The words after `program` in lines that call it, the program's own folder allowed before it."""
    found = []
    for line in lines:
        call = re.match(rf"(?:\$ )?(?:\S*/)?{program} (.+)", line.strip())
        if call:
            found.append(shlex.split(call[1], comments=True))
    return found


def unknown_options(command: str, words: list[str]) -> list[str]:
    if main.commands[command].context_settings.get("ignore_unknown_options"):  # handed on to another program
        return []
    known = {option for parameter in main.commands[command].params for option in parameter.opts} | {"--help"}
    return [word for word in words if word.startswith("--") and word.split("=")[0] not in known]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example_whose_options_exist(command):
    text = help_of(command)
    examples = [words for words in calls(text.splitlines(), "township") if words[0] == command]
    assert examples, f"`township {command} --help` shows no example"
    for words in examples:
        assert not unknown_options(command, words), f"township {shlex.join(words)}"


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("readme", READMES, ids=name_of)
def test_every_command_is_named_in_the_readme(command, readme):
    assert f"township {command}" in read(readme)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_pages_name_only_commands_and_targets_that_exist(page):
    lines = code_in(read(page))
    for words in calls(lines, "township"):
        if words[0].startswith("-"):
            continue
        assert words[0] in COMMANDS, f"{name_of(page)}: there is no `township {words[0]}`"
        assert not unknown_options(words[0], words), f"{name_of(page)}: township {shlex.join(words)}"
    for words in calls(lines, "make"):
        targets = [word for word in words if re.fullmatch(r"[a-z-]+", word)]
        assert set(targets) <= make_targets(), f"{name_of(page)}: make {shlex.join(words)}"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_between_pages_resolve(page):
    text = re.sub(r"^```.*?^```", "", read(page), flags=re.MULTILINE | re.DOTALL)
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"(https?|mailto):", target):
            continue
        file, _, anchor = target.partition("#")
        linked = (page.parent / file).resolve() if file else page
        if not linked.exists() or (anchor and anchor not in anchors(linked)):
            broken.append(target)
    assert not broken, f"{name_of(page)}: {broken}"


def anchors(page: Path) -> set[str]:
    """Anchors of a page's headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", read(page), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_the_two_readmes_show_the_same_commands_under_the_same_number_of_headings():
    def shown(text: str) -> list[str]:
        blocks = re.findall(r"^```sh\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
        return [line.split("  #")[0].rstrip() for block in blocks for line in block.splitlines()]

    english, chinese = map(read, READMES)
    assert shown(english) == shown(chinese)
    assert len(re.findall("^## ", english, re.MULTILINE)) == len(re.findall("^## ", chinese, re.MULTILINE))


@pytest.mark.parametrize("readme", READMES, ids=name_of)
def test_paths_named_in_the_readme_exist(readme):
    built = ("data/interim", "data/processed", "reports/", ".venv")
    paths = [word for line in code_in(read(readme)) for word in line.split()
             if re.match(r"(?:src|data|docs|tests|notebooks|benchmarks|\.ci)/[\w./-]+$", word) and not word.startswith(built)]
    missing = [path for path in paths if not (PROJECT / path).exists()]
    assert paths and not missing, f"{name_of(readme)}: {missing}"


def test_make_alone_lists_its_targets():
    listed = subprocess.run(["make", "--no-print-directory"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    named = set(re.findall(r"^  make ([a-z-]+)", listed, flags=re.MULTILINE))
    assert named == make_targets() and named >= PROMISED_TARGETS


def test_the_data_dictionary_is_current():
    current = runpy.run_path(str(PROJECT / ".ci" / "dictionary.py"))["current"]()
    assert read(PROJECT / "docs" / "data-dictionary.md") == current, "run `make dictionary`"


def test_every_dependency_is_explained_with_its_licence():
    pyproject = tomllib.loads(read(PROJECT / "pyproject.toml"))
    page = read(PROJECT / "docs" / "decisions" / "001-dependencies.md").lower()
    requirements = pyproject["project"]["dependencies"] + pyproject["dependency-groups"]["dev"]
    names = [re.match(r"[A-Za-z0-9._-]+", requirement)[0].lower() for requirement in requirements]
    assert not [name for name in names if not re.search(rf"\b{re.escape(name)}\b", page.split("**left out**")[0])]


def test_every_page_in_docs_is_listed_in_its_index():
    index = read(PROJECT / "docs" / "README.md")
    pages = [path.name for path in (PROJECT / "docs").glob("*.md") if path.name != "README.md"]
    assert not [page for page in pages if f"({page})" not in index], "add the line to docs/README.md"


def test_decisions_are_numbered_once_and_fit_a_page():
    decisions = sorted((PROJECT / "docs" / "decisions").glob("*.md"))
    numbers = [path.name[:3] for path in decisions]
    assert len(set(numbers)) == len(numbers) and all(number.isdigit() for number in numbers)
    assert not [path.name for path in decisions if len(read(path).splitlines()) > 70]
