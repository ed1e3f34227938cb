"""Counts of the panel, keyed so that only figures of one place, period and population base ever meet."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import pandas as pd

from helpers import periods
from helpers.catalogue import indicators
from helpers.rates.bases import BY_RATE, assumed_base
from helpers.rates.measures import Term
from helpers.schema import dims_text

KEY = ["place_id", "scope", "when", "base_used"]
# Counting words that may stand for one another in a share; 户 (households) never stand for persons.
COUNTED = ("person", "couple", "case", "document")
_STATUS_ORDER = {"observed": 0, "previous": 1, "target": 2}


@dataclass(frozen=True)
class Observations:
    """The panel's rows by code, each with the `key` of its place, scope, period and base; terms read are remembered."""

    table: pd.DataFrame
    by_code: dict[str, pd.DataFrame]
    read: dict[Term, pd.DataFrame] = field(default_factory=dict)


def observations(panel: pd.DataFrame, *, by_rate: bool = False) -> Observations:
    """The panel's rows with `key` (one number for place, scope, period and base) and what was assumed.

    by_rate: whether an article that states two populations may tell by its rates which one it counts in
    (`bases.assumed_base`); for rates over a population, not for shares of one count in another.

    A row without a known year belongs to its section only (`scope`). Of several rows for one thing the
    observed one comes first, then the one in the indicator's own unit, then a base stated rather than assumed.
    """
    base, how = assumed_base(panel, by_rate=by_rate)
    assumed = base != ""
    undated = (panel["period_start"] == "") | (panel["place_id"] == "")
    dated = panel["period_start"] + "/" + panel["period_end"]
    own_unit = panel["code"].map({code: row.unit for code, row in indicators().items()})
    table = panel.assign(
        base_used=panel["base"].where(~assumed, base), base_assumed=assumed, base_by_rate=how == BY_RATE,
        scope=(panel["doc"] + "#" + panel["section"].astype("str")).where(undated, ""),
        when=dated.where(panel["period_start"] != "", panel["period"]),
        status_order=panel["status"].map(_STATUS_ORDER), other_unit=panel["unit"] != own_unit,
    )
    table = table[table["status_order"].notna() & (~table["other_unit"] | table["unit"].isin(COUNTED))]
    table = table.sort_values(["status_order", "other_unit", "base_assumed"], kind="stable", ignore_index=True)
    table["key"] = table.groupby(KEY, sort=False).ngroup()
    return Observations(table, dict(list(table.groupby("code", sort=False))))


def keys_of(observed: Observations) -> pd.DataFrame:
    """One row per key: place, period and its dates, months, years, base; the index is the key."""
    columns = ["key", *KEY, "period", "period_start", "period_end", "year", "year_kind"]
    keys = observed.table.drop_duplicates("key")[columns].set_index("key")
    months = {text: periods.parse(text).months for text in keys["period"].unique()}
    return keys.assign(months=keys["period"].map(months).astype("float64"))


def _binding(text: str, term: Term) -> str | None:
    """The free dims of a row as text, None when its dims are not the term's."""
    dims = json.loads(text)
    if set(dims) != {name for name, _ in term.fixed} | set(term.free) or any(dims[name] != value for name, value in term.fixed):
        return None
    return dims_text({name: dims[name] for name in term.free})


def term_values(observed: Observations, term: Term) -> pd.DataFrame:
    """`key binding value low high fact` and what was assumed, one row per key and binding."""
    if term not in observed.read:
        observed.read[term] = _read(observed.by_code.get(term.code, observed.table.iloc[:0]), term)
    return observed.read[term]


def _read(rows: pd.DataFrame, term: Term) -> pd.DataFrame:
    allowed = ("observed", "previous") if term.status == "observed" else (term.status,)
    bindings = {text: _binding(text, term) for text in rows["dims"].unique()}
    fitting = {text for text, binding in bindings.items() if binding is not None}
    rows = rows[rows["dims"].isin(fitting) & rows["status"].isin(allowed)]
    rows = rows.assign(binding=rows["dims"].map(bindings).astype("str")).drop_duplicates(["key", "binding"])
    columns = ["key", "binding", "value", "low", "high", "fact", "base_assumed", "base_by_rate", "conflict"]
    return rows.assign(previous=rows["status"] == "previous")[[*columns, "previous"]]


def evaluate(observed: Observations, terms: tuple[Term, ...]) -> pd.DataFrame:
    """The sum of terms where all of them are there: as `term_values`, facts joined by a semicolon."""
    total = None
    for term in terms:
        part = term_values(observed, term)
        if term.sign < 0:
            part = part.assign(value=-part["value"], low=-part["high"], high=-part["low"])
        if total is None:
            total = part
            continue
        total = total.merge(part, on=["key", "binding"], suffixes=("", "_more"))
        for name in ("value", "low", "high"):
            total[name] += total.pop(f"{name}_more")
        for name in ("base_assumed", "base_by_rate", "conflict", "previous"):
            total[name] |= total.pop(f"{name}_more")
        total["fact"] += ";" + total.pop("fact_more")
    return total


def first_of(recipes: list[pd.DataFrame]) -> pd.DataFrame:
    """Rows of several recipes, the first recipe's for each key and binding."""
    filled = [recipe for recipe in recipes if len(recipe)]
    if not filled:
        return recipes[0]
    return pd.concat(filled, ignore_index=True).drop_duplicates(["key", "binding"], ignore_index=True)

