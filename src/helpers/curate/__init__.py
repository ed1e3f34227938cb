"""Curate: facts as people settled them: reasoned corrections replayed, places and years from the manifest."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import pandas as pd

from helpers.curate.corrections import (
    Correction,
    corrections_file,
    find_corrections,
    read_corrections,
    rule_on,
)
from helpers.curate.places import settle
from helpers.curate.rulings import apply, gold, in_force, take_in, write_gold
from helpers.curate.years import settle_years
from helpers.documents.manifest import Entry
from helpers.schema import PLACES

__all__ = ["Correction", "apply", "corrections_file", "curate", "find_corrections", "gold", "in_force", "read_corrections", "rule_on", "settle",
           "settle_years", "take_in", "write_gold"]


def curate(facts: pd.DataFrame, manifest: Mapping[str, Entry], corrections: Iterable[Correction] = (), *,
           titles: Mapping[str, str] | None = None, texts: Mapping[str, str] | None = None,
           unread: Collection[str] = ()) -> tuple[pd.DataFrame, pd.DataFrame]:
    """FACTS under the corrections, with places and years settled, and the PLACES table.

    All facts stay, those ruled out with their mark (`in_force` leaves them out); a place is in the table when
    a fact in force speaks of it. Raises CorrectionError as `apply` does.
    """
    ruled = apply(facts, corrections, texts=texts, unread=unread)
    settled, places = settle(settle_years(ruled, manifest), manifest, titles)
    return settled, _counted(places, in_force(settled))


def _counted(places: pd.DataFrame, facts: pd.DataFrame) -> pd.DataFrame:
    """The places some fact in force speaks of, with those facts counted."""
    counts = facts.groupby("place_id").agg(documents=("doc", "nunique"), facts=("fact", "size"))
    kept = places[places["place_id"].isin(counts.index)]
    return PLACES.conform(kept.assign(**{name: counts[name].reindex(kept["place_id"]).to_numpy() for name in counts}))
