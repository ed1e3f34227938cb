"""Births as several offices count them, side by side: registration, maternal care, screening."""

from __future__ import annotations

from functools import cache
from types import MappingProxyType

import pandas as pd

from helpers.catalogue import indicators, read_rows
from helpers.rates.inputs import OK

COLUMNS = ["place_id", "period", "source", "name_zh", "name_en", "value", "against", "difference", "percent", "status",
           "meaning_zh", "meaning_en", "fact", "doc"]
_REPORT = ["place_id", "period", "doc", "section"]


@cache
def birth_sources() -> MappingProxyType[str, dict[str, str]]:
    """The sources by name, in the order in which they stand for the others (rows of data/catalogue/birth_sources.csv)."""
    rows = {}
    for row in read_rows("birth_sources"):
        row.one_of("code", indicators())
        rows[row["source"]] = {name: row[name] for name in ("source", "code", "base", "name_zh", "name_en", "more_zh",
                                                             "more_en", "fewer_zh", "fewer_en")}
    return MappingProxyType(rows)


def births_by_source(panel: pd.DataFrame) -> pd.DataFrame:
    """Births of one report counted by different offices, one row a source, where there are at least two.

    panel: a PANEL frame. The first source stated (`birth_sources`) is what the others are set `against`; difference: persons;
    percent: of it; meaning_zh, meaning_en: what the difference implies, "" where the counts agree within their printed
    digits. A difference is no error: the offices count different people. status: `ok`, or `questioned` where the audit
    doubts one of the two. Rows stand in the order of place, period and source.
    """
    cells = panel[panel["status"].eq("observed") & panel["dims"].isin(["{}", ""]) & panel["value"].notna()]
    known = birth_sources()
    found = [cells[cells["code"].eq(one["code"]) & (one["base"] in ("*", "") or cells["base"].eq(one["base"]))].assign(
        source=name, rank=rank) for rank, (name, one) in enumerate(known.items())]
    rows = pd.concat(found, ignore_index=True).sort_values([*_REPORT, "rank"], kind="stable")
    rows = rows.drop_duplicates([*_REPORT, "source"])
    several = rows.groupby(_REPORT, sort=False, dropna=False)["source"].transform("size") > 1
    rows = rows[several]
    if rows.empty:
        return pd.DataFrame(columns=COLUMNS)
    first = rows.groupby(_REPORT, sort=False, dropna=False)
    told = {name: first[name].transform("first") for name in ("source", "value", "low", "high", "questioned")}
    # Migrants' births are a part beside the registered, not another count of them.
    own = rows["source"].eq(told["source"]) | rows["source"].eq("floating")
    apart = ((rows["low"] > told["high"]) | (rows["high"] < told["low"])) & ~own
    rows = rows.assign(against=told["source"].where(~own, ""), difference=(rows["value"] - told["value"]).where(~own),
                       doubt=rows["questioned"].fillna(False).astype(bool) | told["questioned"].fillna(False).astype(bool))
    rows["percent"] = (100 * rows["difference"] / told["value"]).where(told["value"] > 0)
    rows["status"] = rows["doubt"].map({True: "questioned", False: OK})
    way = (rows["difference"] > 0).map({True: "more", False: "fewer"})
    for language in ("zh", "en"):
        rows[f"name_{language}"] = rows["source"].map({name: one[f"name_{language}"] for name, one in known.items()})
        rows[f"meaning_{language}"] = [known[source][f"{which}_{language}"] if differs else ""
                                       for source, which, differs in zip(rows["source"], way, apart, strict=True)]
    return rows.sort_values(["place_id", "period", "doc", "section", "rank"], kind="stable")[COLUMNS].reset_index(drop=True)
