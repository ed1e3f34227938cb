"""Facts → panel: one value for each place, period, indicator, dims, base, status and unit.

Two statements of one thing are never averaged. The better one stands in the row (corrected before stated
before derived, then the one printed more precisely, then the first), the others are its rivals; when rounding
cannot reconcile a rival with it, the row says `conflict`.
"""

from __future__ import annotations

import json

import numpy as np
import pandas as pd

from helpers import periods
from helpers.catalogue import indicators
from helpers.errors import InputError
from helpers.schema import FACTS, PANEL, dims_text

STATES = {"corrected": 0, "stated": 1, "derived": 2}
BASES = ("registered", "resident", "floating")
UNSTATED = "unstated"
_CELL = ["place_id", "cell_period", "code", "dims", "base", "status", "unit", "scope"]


def _numbers(facts: pd.DataFrame) -> pd.Series:
    """The values as numbers; InputError naming the first that is none."""
    value = pd.to_numeric(facts["value"], errors="coerce").astype("float64")
    wrong = facts.index[value.isna() | np.isinf(value)]
    if len(wrong):
        fact = facts.loc[wrong[0]]
        raise InputError(
            f"fact {fact['fact'] or wrong[0]} of document {fact['doc']} ({fact['quote']!r}) has the value "
            f"{fact['value']!r}, which is no number: correct it in data/curation or read the document again."
        )
    return value


def _split_dims(text: str) -> tuple[str, str]:
    """Dims without residence, and the residence they held."""
    try:
        dims = json.loads(text) if text else {}
    except ValueError as error:
        raise InputError(f"dims {text!r} of a fact are not JSON: read the document again.") from error
    residence = dims.pop("residence", "")
    return dims_text(dims), residence


def _bases_and_dims(facts: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """The population base (the fact's own, else its residence) and the dims without residence."""
    parts = {text: _split_dims(text) for text in facts["dims"].unique()}
    dims = facts["dims"].map({text: part[0] for text, part in parts.items()})
    residence = facts["dims"].map({text: part[1] for text, part in parts.items()})
    base = residence.where(residence.isin(BASES), facts["base"])
    return base.where(base.isin(BASES), UNSTATED), dims


def _period_columns(facts: pd.DataFrame) -> pd.DataFrame:
    """Start, end, year, kind of year and the text that equal periods share, for each fact.

    A period without a known year is only equal to itself within one section of one document: `scope` holds
    that section, and is empty for dated periods.
    """
    flow = facts["code"].map({code: indicator.flow for code, indicator in indicators().items()}).fillna("flow")
    pairs = pd.DataFrame({"period": facts["period"], "flow": flow})
    rows = {}
    for text, kind in pairs.drop_duplicates().itertuples(index=False):
        period = periods.parse(text)
        same = f"{period.start}/{period.end}" if period.start else period.text
        rows[text, kind] = (str(period.start or ""), str(period.end or ""), period.year, periods.year_kind(period, kind), same)
    columns = ["period_start", "period_end", "year", "kind_by_period", "cell_period"]
    known = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    known.index = pd.MultiIndex.from_tuples(rows, names=["period", "flow"]) if rows else pd.MultiIndex.from_arrays([[], []], names=["period", "flow"])
    found = pairs.join(known, on=["period", "flow"])
    section = facts["doc"] + "#" + facts["section"].astype("str")
    undated = (found["period_start"] == "") | (facts["place_id"] == "")
    return found.assign(scope=section.where(undated, ""))[[*columns, "scope"]]


def _prepared(facts: pd.DataFrame) -> pd.DataFrame:
    """Facts with numbers, base, dims and period columns, the better of two rivals first."""
    facts = FACTS.conform(facts)
    value = _numbers(facts)
    base, dims = _bases_and_dims(facts)
    when = _period_columns(facts)
    kind = facts["year_kind"].where(facts["year_kind"].isin(periods.YEAR_KINDS[:-1]), when["kind_by_period"])
    table = facts.assign(
        value=value, base=base, dims=dims, year_kind=kind, low=facts["low"].fillna(value), high=facts["high"].fillna(value),
        **{name: when[name] for name in ("period_start", "period_end", "year", "cell_period", "scope")},
    )
    table["rank"] = table["state"].map(STATES).fillna(STATES["stated"])
    table["width"] = table["high"] - table["low"]
    order = ["rank", "width", "doc", "section", "start", "fact"]
    return table.sort_values(order, kind="stable", na_position="last", ignore_index=True)


def _conflicts(table: pd.DataFrame, cell: pd.Series) -> pd.Series:
    """By cell: whether a stated rival's interval lies wholly apart from the chosen one's.

    The same characters in another state (stated, then corrected) are one statement, not two; a derived
    figure is no statement.
    """
    first = table.groupby(cell)[["low", "high", "doc", "start"]].transform("first")
    apart = (table["low"] > first["high"]) | (table["high"] < first["low"])
    same_words = (table["doc"] == first["doc"]) & (table["start"] == first["start"]).fillna(False).astype(bool)
    return (apart & ~same_words & (table["state"] != "derived")).groupby(cell).any()


def build(facts: pd.DataFrame) -> pd.DataFrame:
    """The PANEL table of a FACTS table (columns and meaning: `helpers.schema`).

    A fact about a figure's residence moves from dims to `base`. Periods that mean the same days (`2014` and
    `2014-01/2014-12`) are one; a period whose year is struck out is one only within its section, so that
    two documents with `20XX` never meet. Raises InputError for a value that is no number.

    >>> facts = [{"place_id": "a", "code": "births", "dims": "{}", "value": v, "period": "2014", "fact": v,
    ...           "status": "observed", "unit": "person"} for v in ("215", "251")]
    >>> build(pd.DataFrame(facts))[["value", "rivals", "conflict"]]
       value rivals  conflict
    0  215.0    251      True
    """
    table = _prepared(facts)
    cell = table.groupby(_CELL, sort=False, dropna=False).ngroup()
    chosen = table.loc[~cell.duplicated()].copy()
    chosen.index = cell[~cell.duplicated()]
    others = table.loc[cell.duplicated(), "fact"].groupby(cell[cell.duplicated()]).agg(";".join)
    chosen["rivals"] = others.reindex(chosen.index).fillna("")
    chosen["conflict"] = _conflicts(table, cell).reindex(chosen.index)
    order = ["place_id", "period_end", "period", "code", "dims", "base", "status", "unit", "doc", "section"]
    # `questioned` is the audit's to say, which looks at the facts itself.
    return PANEL.conform(chosen.assign(questioned=False)[PANEL.names].sort_values(order, kind="stable"))
