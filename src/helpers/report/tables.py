"""The rows of one place out of the tables of a workspace: from the files, or from tables held in memory.

A process that renders many reports holds the tables once (`hold`); its forks share them. A table that has changed on
disk since is read from there, so that nobody is shown rows of yesterday.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from helpers.schema import TABLES
from helpers.workspace import Workspace

OF_A_PLACE = ("facts", "panel", "rates", "findings")
FUNNEL_MEASURE = "cbr"


class HeldTable:
    """One table in memory, its rows found by a key (the column `by`, or a key for each row) without searching."""

    def __init__(self, path: Path, frame: pd.DataFrame, by: str | pd.Series) -> None:
        self.path, self.stamp, self.frame = path, stamp(path), frame
        self.positions = frame.groupby(by, sort=False).indices

    def fresh(self) -> bool:
        """Whether the file is still the one that was read."""
        return self.path.exists() and stamp(self.path) == self.stamp

    def rows(self, keys: Iterable[str]) -> pd.DataFrame:
        """The rows of these keys, in the order of the file."""
        found = [self.positions[key] for key in keys if key in self.positions]
        together = found[0] if len(found) == 1 else sorted(position for positions in found for position in positions)
        return self.frame.take(together).reset_index(drop=True)


_held: dict[tuple[Path, str], HeldTable] = {}


def hold(workspace: Workspace) -> None:
    """Keep every table a report reads in memory for the life of this process, without starting a thread.

    Raises InputError when a table has not been built yet.
    """
    held = {}
    for name in (*OF_A_PLACE, "places", "documents", *sometimes(workspace, "hidden")):
        path = workspace.existing(name)
        held[name] = HeldTable(path, TABLES[name].conform(read_with_one_thread(path)), "doc" if name == "documents" else "place_id")
    groups = _group(held["places"].frame).set_axis(held["places"].frame["place_id"])
    rates = held["rates"].frame
    rates = rates[rates["measure"] == FUNNEL_MEASURE].reset_index(drop=True)
    held["peers"] = HeldTable(held["rates"].path, rates, rates["place_id"].map(groups))
    _held.update({(workspace.data.resolve(), name): table for name, table in held.items()})


def _group(places: pd.DataFrame) -> pd.Series:
    """What a place shares with its peers, as one text: level, county, simulated or not."""
    return places["level"] + "|" + places["county"] + "|" + places["simulated"].astype(str)


def stamp(path: Path) -> tuple[int, int, int]:
    """What changes when a file is written anew."""
    status = path.stat()
    return status.st_mtime_ns, status.st_size, status.st_ino


def read_with_one_thread(path: Path) -> pd.DataFrame:
    """A Parquet file as pandas reads it, but in this thread alone (a process that forks must have no other)."""
    from pyarrow.parquet import ParquetFile

    with ParquetFile(path, pre_buffer=False) as file:
        return file.read(use_threads=False).to_pandas(use_threads=False)


def whole(workspace: Workspace, name: str) -> pd.DataFrame:
    """The table `name`; raises InputError when it has not been built yet."""
    held = _fresh(workspace, name)
    return held.frame if held else workspace.read(name)


def rows_of(workspace: Workspace, name: str, place: str) -> pd.DataFrame:
    """The rows of the table `name` that belong to `place`.

    Raises InputError when the table has not been built yet.
    """
    held = _fresh(workspace, name)
    return held.rows([place]) if held else _read(workspace, name, [("place_id", "==", place)])


def sometimes(workspace: Workspace, *names: str) -> list[str]:
    """Those of the tables `names` that there are: not every workspace has them."""
    return [name for name in names if workspace.table_path(name).exists()]


def hidden_of(workspace: Workspace, place: str = "") -> pd.DataFrame:
    """The figures of `place` (of every place without one) that are not published; none where nothing is suppressed."""
    if not sometimes(workspace, "hidden"):
        return TABLES["hidden"].conform([])
    return rows_of(workspace, "hidden", place) if place else whole(workspace, "hidden")


def documents_of(workspace: Workspace, docs: Iterable[str]) -> pd.DataFrame:
    """The rows of the documents `docs`, in the order of the table."""
    docs = sorted(set(docs))
    held = _fresh(workspace, "documents")
    return held.rows(docs) if held else _read(workspace, "documents", [("doc", "in", docs or [""])])


def peer_rates(workspace: Workspace, place: pd.Series) -> pd.DataFrame:
    """Birth rates of the places of the same level and county (and both simulated or both not), the place among them."""
    group = _group(place.to_frame().T).iloc[0]
    held = _fresh(workspace, "peers")
    if held and _fresh(workspace, "places"):
        return held.rows([group])
    places = workspace.read("places")
    same = sorted(places.loc[_group(places) == group, "place_id"])
    return _read(workspace, "rates", [("place_id", "in", same), ("measure", "==", FUNNEL_MEASURE)])


def _read(workspace: Workspace, name: str, filters: list[tuple]) -> pd.DataFrame:
    return TABLES[name].conform(pd.read_parquet(workspace.existing(name), filters=filters))


def _fresh(workspace: Workspace, name: str) -> HeldTable | None:
    held = _held.get((workspace.data.resolve(), name)) if _held else None
    return held if held is not None and held.fresh() else None
