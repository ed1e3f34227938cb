"""A simulated panel of any size, written year by year: the PANEL and PLACES tables without documents behind them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from helpers.schema import NUMBER, PANEL, TABLES, TEXT, WHOLE, dims_text
from helpers.simulate.county import check_size, draw_county
from helpers.simulate.knowledge import Slot, slots
from helpers.simulate.places import COUNTY_SIZE, PROVINCE, county_names, invent_names
from helpers.simulate.services import Figures, figures
from helpers.workspace import Workspace

# What a panel holds for each place and year; with 41,000 places and ten years that is 9.5 million rows.
STATED = ("pop_registered", "pop_resident", "births", "births_male", "births_female", "births_1", "births_2",
          "births_3", "births_in", "births_out", "deaths", "natural", "cbr", "cdr", "nir", "srb", "policy_rate",
          "live", "hospital_rate", "pregnant", "maternal", "maternal_rate", "elderly", "elderly_done", "elderly_rate")
# Reports stop stating births within policy when the policy does not limit them to two any more.
POLICY_UNTIL = 2015
DECIMALS = 2
DOCUMENT = "simulated"
_VITAL = ("births", "deaths", "natural_increase", "cbr", "cdr", "nir", "srb", "policy_rate")
_ARROW = {TEXT: pa.string(), WHOLE: pa.int64(), NUMBER: pa.float64()}


def _scaled(slot: Slot, counts: Figures, at: int) -> tuple[np.ndarray, int]:
    """The printed figures of a slot in one year as whole numbers, and how many of their digits stand after the point.

    Rates are rounded half up on the mean of opening and closing population, in whole-number arithmetic.
    """
    if not slot.numerator:
        return counts[slot.slot][:, at].astype(np.int64), 0
    above = counts[slot.numerator][:, at].astype(np.int64) * slot.per * 10**DECIMALS
    if slot.denominator == "exposure":
        above, below = above * 2, counts["pop_open"][:, at] + counts["pop_registered"][:, at]
    else:
        below = counts[slot.denominator][:, at].astype(np.int64)
    return np.floor_divide(2 * above + below, 2 * np.maximum(below, 1)), DECIMALS


def _written(scaled: np.ndarray, decimals: int) -> pa.Array:
    """Whole numbers as printed, with the point before the last `decimals` digits.

    >>> _written(np.array([1208, -35, 7]), 2).to_pylist()
    ['12.08', '-0.35', '0.07']
    """
    if not decimals:
        return pc.cast(pa.array(scaled), pa.string())
    size = np.abs(scaled)
    sign = pa.array(np.where(scaled < 0, "-", "").astype(object), pa.string())
    whole = pc.cast(pa.array(size // 10**decimals), pa.string())
    after = pc.utf8_lpad(pc.cast(pa.array(size % 10**decimals), pa.string()), width=decimals, padding="0")
    return pc.binary_join_element_wise(pc.binary_join_element_wise(sign, whole, ""), after, ".")


def _year_table(counts: Figures, year: int, at: int, ids: pa.Array) -> Iterator[pa.Table]:
    """The rows of one year, one table an indicator, in the columns of PANEL."""
    same = dict.fromkeys(("rivals", "fact"), "") | {
        "period": str(year), "period_start": f"{year}-01-01", "period_end": f"{year}-12-31", "year": year,
        "year_kind": "calendar", "status": "observed", "conflict": False, "questioned": False, "doc": DOCUMENT, "section": 1}
    for name in STATED:
        slot = slots()[name]
        if year > POLICY_UNTIL and name in ("births_in", "births_out", "policy_rate"):
            continue
        scaled, decimals = _scaled(slot, counts, at)
        half = 0.5 / 10**decimals if decimals else 0.0
        value = scaled / 10**decimals
        dims = dict(slot.dims)
        base = dims.pop("residence", "registered" if slot.time == "span" and slot.code in _VITAL else "unstated")
        rows = same | {"code": slot.code, "dims": dims_text(dims), "base": base, "unit": slot.unit}
        own = {"place_id": ids, "value": pa.array(value), "low": pa.array(value - half), "high": pa.array(value + half),
               "written": _written(scaled, decimals)}
        yield pa.table({column.name: own[column.name] if column.name in own
                        else _constant(rows[column.name], column.kind, len(ids)) for column in PANEL.columns})


def _constant(value: object, kind: str, length: int) -> pa.Array:
    return pa.repeat(pa.scalar(value, _ARROW.get(kind, pa.bool_())), length)


def _places(ids: list[str], names: list[str], facts: int) -> pd.DataFrame:
    counties = county_names(-(-len(ids) // COUNTY_SIZE))
    return TABLES["places"].conform(pd.DataFrame({
        "place_id": ids, "name": names, "level": "township",
        "county": [counties[at // COUNTY_SIZE] for at in range(len(ids))], "province": PROVINCE,
        "simulated": True, "documents": 1, "facts": facts,
    }))


def write_panel(out: Path, townships: int, years: int, seed: int = 0) -> Counter:
    """Write PANEL and PLACES to `out/processed`, and to `out/interim` the one document that all of it is said to be from.

    Returns the number of rows of panel and places.

    Place ids are `sim-00001` and up; names repeat in other counties when there are more places than names.
    Raises InputError for a size that cannot be had.
    """
    check_size(townships, years)
    space = Workspace(data=out)
    space.processed.mkdir(parents=True, exist_ok=True)
    county = draw_county(townships, years, seed)
    counts = figures(county, seed, spans=("calendar",))["calendar"]
    width = max(5, len(str(townships)))
    ids = [f"sim-{number:0{width}d}" for number in range(1, townships + 1)]
    id_array = pa.array(ids, pa.string())
    total, partial = 0, space.processed / ".panel.parquet.partial"
    schema = pa.schema([(column.name, _ARROW.get(column.kind, pa.bool_())) for column in PANEL.columns])
    try:
        with pq.ParquetWriter(partial, schema, compression="zstd") as writer:
            for at, year in enumerate(county.years[1:]):
                table = pa.concat_tables(_year_table(counts, year, at, id_array)).cast(schema)
                writer.write_table(table)
                total += table.num_rows
        partial.replace(space.table_path("panel"))
    finally:
        partial.unlink(missing_ok=True)
    places = _places(ids, invent_names(townships, seed), total // townships)
    space.write("places", places)
    space.write("documents", pd.DataFrame([{
        "doc": DOCUMENT, "title": "模拟县面板", "simulated": True, "sections": 1, "facts": total,
        "provenance": f"simulated: township simulate --townships {townships} --years {years} --seed {seed} --format panel",
    }]))
    return Counter(panel=total, places=len(places))
