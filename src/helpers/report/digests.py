"""A digest of each place's rows of a table, worked out once per state of the file and kept beside it.

A country's panel holds ten million rows: they are read in batches, and only when the file has changed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.report.tables import FUNNEL_MEASURE, stamp
from helpers.workspace import Workspace, write_text

FOLDER = ".digests"
VERSION = 1  # of the way digests are made
BATCH = 400_000  # rows
LENGTH = 12  # hexadecimal digits: a change goes unseen once in 3 × 10^14
_ODD = np.uint64(0x9E3779B97F4A7C15)


def of_rows(workspace: Workspace, name: str) -> dict[str, str]:
    """Digest by place of its rows in the table `name`, in their order; of `documents`, by document.

    Raises InputError when the table has not been built yet.
    """
    by = "doc" if name == "documents" else "place_id"
    return _kept(workspace, name, (name,), lambda: row_digests(workspace.table_path(name), by))


def of_peers(workspace: Workspace) -> dict[str, str]:
    """Digest by place of the birth rates it is compared with: those of its level and county."""
    return _kept(workspace, "peers", ("places", "rates"), lambda: _peers(workspace))


def of_documents(workspace: Workspace) -> dict[str, str]:
    """Digest by place of the documents behind its facts and findings."""
    return _kept(workspace, "documents-of-places", ("documents", "facts", "findings"), lambda: _documents(workspace))


def _kept(workspace: Workspace, name: str, tables: Iterable[str], make: Callable[[], dict[str, str]]) -> dict[str, str]:
    """What was kept for the present state of these tables, else what `make` gives, which is kept."""
    state = [VERSION, *(list(stamp(workspace.existing(table))) for table in tables)]
    path = workspace.processed / FOLDER / f"{name}.json"
    with suppress(OSError, ValueError, KeyError, TypeError):
        kept = json.loads(path.read_text(encoding="utf-8"))
        if kept["state"] == state:
            return dict(kept["digests"])
    made = make()
    with suppress(OSError):  # data that may only be read are digested every time
        write_text(path, json.dumps({"state": state, "digests": made}, separators=(",", ":")) + "\n")
    return made


def row_digests(path: Path, by: str, batch: int = BATCH) -> dict[str, str]:
    """Digest of the rows of a Parquet file by the text column `by`: their contents, their order and their number.

    At most `batch` rows are held at once.
    """
    from pyarrow.parquet import ParquetFile, read_schema

    codes: dict[str, int] = {}
    sums = [np.zeros(0, np.uint64), np.zeros(0, np.uint64)]
    counts = np.zeros(0, np.int64)
    texts = [column.name for column in read_schema(path) if str(column.type) in ("string", "large_string")]
    with ParquetFile(path, pre_buffer=False, read_dictionary=texts) as file:  # a text that repeats is hashed once
        for piece in file.iter_batches(batch_size=batch, use_threads=False):
            frame = piece.to_pandas()
            own = _numbered(frame[by], codes)
            grow = len(codes) - len(counts)
            counts = np.concatenate([counts, np.zeros(grow, np.int64)])
            sums = [np.concatenate([total, np.zeros(grow, np.uint64)]) for total in sums]
            place = counts[own] + pd.Series(own).groupby(own).cumcount().to_numpy()
            hashed = pd.util.hash_pandas_object(frame, index=False).to_numpy(np.uint64)
            weight = place.astype(np.uint64) * _ODD + np.uint64(1)
            np.add.at(sums[0], own, hashed * (weight | np.uint64(1)))
            np.add.at(sums[1], own, (hashed ^ (hashed >> np.uint64(29))) * (hashed | np.uint64(1)) + weight)
            counts += np.bincount(own, minlength=len(counts))
    return {key: _short(f"{counts[code]}|{sums[0][code]}|{sums[1][code]}") for key, code in codes.items()}


def _numbered(keys: pd.Series, codes: dict[str, int]) -> np.ndarray:
    """Each key as a number; keys that are new are added to `codes`."""
    found, names = pd.factorize(keys.astype(object))
    return np.array([codes.setdefault(name, len(codes)) for name in names], dtype=np.int64)[found]


def _short(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:LENGTH]


def _peers(workspace: Workspace) -> dict[str, str]:
    places = workspace.read("places")
    group = (places["level"] + "|" + places["county"] + "|" + places["simulated"].astype(str)).set_axis(places["place_id"])
    rates = pd.read_parquet(workspace.table_path("rates"), filters=[("measure", "==", FUNNEL_MEASURE)])
    hashed = pd.util.hash_pandas_object(rates, index=False).to_numpy(np.uint64)
    parts = pd.Series(hashed).groupby(rates["place_id"].map(group).to_numpy(), sort=False)
    digests = {name: sha256(values.to_numpy().tobytes()).hexdigest()[:LENGTH] for name, values in parts}
    return {place: digests.get(name, "") for place, name in group.items()}


def _documents(workspace: Workspace) -> dict[str, str]:
    known = of_rows(workspace, "documents")
    pairs = pd.concat([pd.read_parquet(workspace.table_path(name), columns=["place_id", "doc"]) for name in ("facts", "findings")])
    pairs = pairs.drop_duplicates().sort_values(["place_id", "doc"])
    pairs = pairs[pairs["doc"].isin(known)]
    told = pairs["doc"].map(known)
    return {place: _short("|".join(digests)) for place, digests in told.groupby(pairs["place_id"], sort=False)}
