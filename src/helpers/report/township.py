"""What one report needs: the rows of one place, the rates of its peers, and the texts it was read from."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pandas as pd

from helpers.curate import in_force
from helpers.errors import InputError
from helpers.figures.labels import Labels
from helpers.report import tables
from helpers.schema import FACTS, TABLES
from helpers.workspace import Workspace

WHOLE = ("{}", '{"residence": "registered"}', '{"residence": "resident"}')
PLACE_ID = re.compile(r"[a-z0-9-]{1,64}")


def check_place_id(place: str) -> str:
    """The id itself when it is one; InputError otherwise, so that no file name is ever made of anything else.

    >>> check_place_id("pingqian-zhen-3f2a")
    'pingqian-zhen-3f2a'
    """
    if not isinstance(place, str) or not PLACE_ID.fullmatch(place):
        raise InputError(f"{place!r} is not a place id (a-z, 0-9 and hyphen, at most 64 characters): see `township places`.")
    return place


@dataclass(frozen=True)
class Township:
    """One place with everything its report shows. Tables are those of `helpers.schema`."""

    place: pd.Series
    documents: pd.DataFrame
    facts: pd.DataFrame
    panel: pd.DataFrame
    rates: pd.DataFrame
    findings: pd.DataFrame
    peers: pd.DataFrame
    texts: dict[str, str]
    language: str
    hidden: pd.DataFrame = field(default_factory=lambda: TABLES["hidden"].conform([]))
    overruled: pd.DataFrame = field(default_factory=lambda: FACTS.conform([]))  # stated facts a corrected one stands for

    @property
    def id(self) -> str:
        return self.place["place_id"]

    @cached_property
    def words(self) -> Labels:
        return Labels(self.language)

    @cached_property
    def name(self) -> str:
        from helpers.report.masking import mask

        return mask(self.place["name"]) or self.words("place.unnamed", place=self.id)

    @property
    def simulated(self) -> bool:
        return bool(self.place["simulated"]) or bool(self.documents["simulated"].any())

    @cached_property
    def chosen(self) -> dict[str, object]:
        """What `helpers.report.choices` has chosen of these tables already."""
        return {}

    def fact(self, fact: str) -> pd.Series | None:
        """The fact with this id, if it belongs to this place."""
        position = self._positions.get(fact)
        return None if position is None else self.facts.iloc[position]

    @cached_property
    def below(self) -> int | None:
        """Counts from 1 to one less than this are not published; None where every count is."""
        return None if self.hidden.empty else int(self.hidden["below"].iloc[0])

    def hides(self, period: str, *codes: str) -> bool:
        """Whether a figure of one of these indicators, without dims, is hidden for the period."""
        rows = self.hidden
        return bool((rows["code"].isin(codes) & (rows["period"] == period) & rows["dims"].isin(WHOLE)).any())

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {fact: position for position, fact in enumerate(self.facts["fact"])}


def load(place: str, data: str | Path = "", language: str = "zh") -> Township:
    """The place `place` out of the tables in `data` (the project's own data folder without one).

    Raises InputError for an id that is none, a place the data do not have, or data not built yet.
    """
    check_place_id(place)
    workspace = Workspace(data=Path(data).expanduser()) if str(data) else Workspace()
    own = tables.rows_of(workspace, "places", place)
    if own.empty:
        raise InputError(f"there is no place {place} in {workspace.data}: `township places` lists them.")
    row = own.iloc[0]
    of_place = {name: tables.rows_of(workspace, name, place) for name in tables.OF_A_PLACE}
    stated, of_place["facts"] = of_place["facts"], in_force(of_place["facts"])
    documents = tables.documents_of(workspace, [*of_place["facts"]["doc"], *of_place["findings"]["doc"]])
    return Township(
        place=row, documents=documents, **of_place, peers=tables.peer_rates(workspace, row),
        texts={doc: text for doc in documents["doc"] if (text := read_text(workspace, doc)) is not None}, language=language,
        hidden=tables.hidden_of(workspace, place),
        overruled=stated[stated["fact"].isin(of_place["facts"]["corrects"])])


def read_text(workspace: Workspace, doc: str) -> str | None:
    """The raw text the offsets of a document point into; None where no copy was kept."""
    path = workspace.interim / "text" / f"{doc}.txt"
    if "/" in doc or not path.is_file():
        return None
    with path.open(encoding="utf-8", newline="") as stream:
        return stream.read()
