"""Where things are: the project's own data, and the folders a run writes to."""

from __future__ import annotations

import filecmp
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from helpers.errors import InputError
from helpers.schema import TABLES

PROJECT = Path(__file__).resolve().parents[2]
CATALOGUE = PROJECT / "data" / "catalogue"
REFERENCE = PROJECT / "data" / "reference"
CURATION = PROJECT / "data" / "curation"
NOTEBOOKS = PROJECT / "notebooks"
SAMPLE = PROJECT / "data" / "raw"
# A folder that holds this file was written by the suite.
MARK = ".township"
# Seconds after which a half-written table belongs to a run that was killed.
STALE = 3600


@dataclass(frozen=True)
class Workspace:
    """The folders of one run: `data` holds `interim/` and `processed/`, `reports` the pages."""

    data: Path = PROJECT / "data"
    reports: Path = PROJECT / "reports"

    @classmethod
    def under(cls, out: Path) -> Workspace:
        """A run with a folder of its own (`township report PATH --out DIR`)."""
        return cls(data=out / "data", reports=out)

    @property
    def interim(self) -> Path:
        return self.data / "interim"

    @property
    def processed(self) -> Path:
        return self.data / "processed"

    def prepare(self) -> None:
        """Make the folders, and mark them as the suite's own so that what is written is never read as documents.

        Raises InputError when one of them cannot be written.
        """
        for folder in (self.interim, self.processed, self.reports):
            make_writable(folder)
            write_text(folder / MARK, "Written by township; documents are not looked for here.\n")
        _sweep(self.data)

    def table_path(self, name: str) -> Path:
        stage = self.interim if name in ("documents", "facts", "doubts") else self.processed
        return stage / f"{name}.parquet"

    def existing(self, name: str) -> Path:
        """The file of the table `name`.

        Raises InputError when it has not been built yet.
        """
        path = self.table_path(name)
        if not path.exists():
            raise InputError(f"{path} does not exist yet: run `township build` (or `township report`) first.")
        return path

    def read(self, name: str) -> pd.DataFrame:
        """The table `name` (see `helpers.schema.TABLES`).

        Raises InputError when it has not been built yet.
        """
        return TABLES[name].conform(pd.read_parquet(self.existing(name)))

    def write(self, name: str, frame: pd.DataFrame) -> Path:
        """Write the table in one step: a reader never sees half of it. A file that holds the same already stays as it is."""
        path = self.table_path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            TABLES[name].conform(frame).to_parquet(partial, index=False)
            if path.exists() and filecmp.cmp(partial, path, shallow=False):
                partial.unlink()
            else:
                partial.replace(path)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
        return path


def _sweep(folder: Path) -> None:
    """Remove what runs that were killed while writing left behind, once no run can still be writing it."""
    for stage in ("interim", "processed"):
        for partial in (folder / stage).glob(".*.parquet.*"):
            if time.time() - partial.stat().st_mtime > STALE:
                partial.unlink(missing_ok=True)


def make_writable(folder: Path) -> None:
    """Make a folder where there is none, and see that files can be written there.

    Raises InputError, naming the folder and the way out, when they cannot.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise InputError(f"{folder}: nothing can be written there ({error.strerror}): choose another folder, or free this one.") from error


def write_text(path: Path, text: str) -> None:
    """Write a text file in one step, by rename within its folder."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file in one step, by rename within its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, partial = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        Path(partial).chmod(0o644)
        Path(partial).replace(path)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise
