"""What a page depends on, as one short key: same key, no work."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pandas as pd

from helpers.report.execute import NOTEBOOK
from helpers.report.record import LIBRARIES
from helpers.workspace import CATALOGUE, PROJECT, Workspace

TABLES_OF_A_PLACE = ("places", "facts", "panel", "rates", "findings")


def all_keys(workspace: Workspace, places: Iterable[str], language: str, notebook: Path = NOTEBOOK) -> dict[str, str]:
    """Key by place: over its rows, its documents, its peers' rates, the template, the catalogue, the code, the language."""
    shared = hashlib.sha256(f"{language}|{_software(notebook)}".encode())
    digests: dict[str, list[str]] = {place: [] for place in places}
    for name in TABLES_OF_A_PLACE:
        hashed = _row_hashes(workspace.read(name))
        for place in digests:
            digests[place].append(hashed.get(place, ""))
    peers = _peer_digests(workspace)
    documents = _document_digests(workspace)
    return {place: hashlib.sha256("|".join([shared.hexdigest(), peers.get(place, ""), documents.get(place, ""), *parts]).encode()).hexdigest()[:20]
            for place, parts in digests.items()}


def _row_hashes(frame: pd.DataFrame, by: str = "place_id") -> dict[str, str]:
    hashes = pd.util.hash_pandas_object(frame, index=False).astype("uint64")
    return {place: hashlib.sha256(rows.to_numpy().tobytes()).hexdigest() for place, rows in hashes.groupby(frame[by], sort=False)}


def _peer_digests(workspace: Workspace) -> dict[str, str]:
    """The birth rates a place is compared with: those of its level and county."""
    places, rates = workspace.read("places"), workspace.read("rates")
    rates = rates[rates["measure"] == "cbr"].merge(places[["place_id", "level", "county", "simulated"]], on="place_id")
    group = rates["level"] + "|" + rates["county"] + "|" + rates["simulated"].astype(str)
    hashed = _row_hashes(rates.assign(group=group), by="group")
    return {row.place_id: hashed.get(f"{row.level}|{row.county}|{row.simulated}", "") for row in places.itertuples()}


def _document_digests(workspace: Workspace) -> dict[str, str]:
    """The documents (their bytes and titles) behind each place's facts and findings."""
    documents = workspace.read("documents").set_index("doc")
    told = documents["sha256"] + "|" + documents["title"] + "|" + documents["provenance"] + "|" + documents["simulated"].astype(str)
    pairs = pd.concat([workspace.read(name)[["place_id", "doc"]] for name in ("facts", "findings")]).drop_duplicates()
    pairs = pairs[pairs["doc"].isin(told.index)].sort_values(["place_id", "doc"])
    return {place: hashlib.sha256("\n".join(told[docs].tolist()).encode()).hexdigest() for place, docs in pairs.groupby("place_id")["doc"]}


@cache
def _software(notebook: Path) -> str:
    """The template notebook, the package's code and templates, the catalogue, the library versions."""
    from importlib.metadata import version

    digest = hashlib.sha256()
    package = PROJECT / "src" / "helpers"
    files: list[Path] = [notebook, *sorted(CATALOGUE.glob("*.csv"))]
    for folder in ("figures", "kernels", "report"):
        files += sorted(path for path in (package / folder).rglob("*") if path.is_file() and path.suffix != ".pyc")
    for path in files:
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    digest.update("|".join(f"{name} {version(name)}" for name in LIBRARIES).encode())
    return digest.hexdigest()
