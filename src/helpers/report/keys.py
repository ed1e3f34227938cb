"""What a page depends on, part by part: same parts, no work; another part, and the record says which."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from helpers.report import digests, tables
from helpers.report.execute import NOTEBOOK
from helpers.workspace import CATALOGUE, PROJECT, Workspace

OWN_TABLES = ("places", *tables.OF_A_PLACE)
LIBRARIES = ("pandas", "numpy", "scipy", "statsmodels", "matplotlib", "seaborn", "papermill", "nbconvert", "jinja2", "pyarrow", "fonttools")
# The rooms of src/helpers a page is made with; what only reads documents or writes tables shows in the tables.
CODE = ("figures", "kernels", "rates", "report", "catalogue.py", "errors.py", "periods.py", "schema.py", "workspace.py")


@dataclass(frozen=True)
class Key:
    """The parts of one page's key: `own` digests of its rows, and `shared` ones, which all pages of a run have alike."""

    own: Mapping[str, str]
    shared: Mapping[str, str]

    @property
    def made_with(self) -> str:
        """A short name of the shared parts."""
        return name_of(self.shared)


def name_of(shared: Mapping[str, str]) -> str:
    """A short name for shared parts: equal parts, equal name."""
    return hashlib.sha256(repr(sorted(shared.items())).encode()).hexdigest()[:12]


def all_keys(workspace: Workspace, places: Iterable[str], language: str, notebook: Path = NOTEBOOK,
             parameters: Mapping[str, object] = MappingProxyType({})) -> dict[str, Key]:
    """Key by place: its rows of each table, its documents, its peers' rates; template, catalogue, code, libraries, language.

    Raises InputError when a table has not been built yet.
    """
    shared = shared_parts(language, notebook, parameters)
    found = {name: digests.of_rows(workspace, name) for name in (*OWN_TABLES, *tables.sometimes(workspace, "hidden"))}
    found |= {"peers": digests.of_peers(workspace), "documents": digests.of_documents(workspace)}
    return {place: Key({name: by_place.get(place, "") for name, by_place in found.items()}, shared) for place in places}


def shared_parts(language: str, notebook: Path = NOTEBOOK, parameters: Mapping[str, object] = MappingProxyType({})) -> dict[str, str]:
    """What every page of a run is made with: `language`, `parameters`, `template`, `catalogue`, `code`, each library's version."""
    from importlib.metadata import version

    package = PROJECT / "src" / "helpers"
    code = [path for name in CODE for path in ([package / name] if name.endswith(".py") else sorted((package / name).rglob("*")))]
    return {
        "language": language, "parameters": repr(sorted(parameters.items())), "template": _digest([notebook]), "catalogue": _digest(sorted(CATALOGUE.glob("*.csv"))),
        "code": _digest(path for path in code if path.is_file() and path.suffix != ".pyc"),
        **{name: version(name) for name in LIBRARIES}}


def _digest(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in files:
        content = path.read_bytes()
        digest.update(f"{path.name}|{len(content)}|".encode())
        digest.update(content)
    return digest.hexdigest()[:12]


def difference(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """The parts that are not what they were; short values (versions, the language) with both.

    >>> difference({"facts": "9f86d081884c", "numpy": "2.1"}, {"facts": "60303ae22b99", "numpy": "2.2"})
    ['facts', 'numpy 2.1 → 2.2']
    """
    changed = [name for name in now if before.get(name, "") != now[name]]
    return [f"{name} {before[name]} → {now[name]}" if name in before and len(now[name]) < digests.LENGTH > len(before[name]) and now[name] and before[name]
            else name for name in changed]


def listing_key(workspace: Workspace, pages: Mapping[str, dict], language: str) -> str:
    """What the index and the county pages depend on: the tables, which pages there are and which failed, catalogue, code."""
    names = [*OWN_TABLES, *tables.sometimes(workspace, "comparisons", "hidden")]
    parts = [repr(sorted(shared_parts(language).items())), *(f"{name}{tables.stamp(workspace.table_path(name))}" for name in names)]
    parts += [f"{place}|{page.get('error', '')}" for place, page in sorted(pages.items())]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:20]
