"""How fast rates and comparisons are, and how much memory they take.

    python benchmarks/rates.py --places 41000 --years 10 [--counties 60]

Draws a panel with `township simulate --format panel`, then computes rates and every comparison in blocks of whole
counties: a comparison reaches no farther than the county, so that the blocks add up to the whole country.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow.compute as pc
import pyarrow.dataset as ds

from helpers import rates, simulate
from helpers.schema import PANEL
from helpers.workspace import Workspace


def blocks(places: pd.DataFrame, counties: int) -> Iterator[pd.DataFrame]:
    """The places, so many whole counties at a time."""
    order, _ = pd.factorize(places["county"])
    for number in range(order.max() // counties + 1):
        yield places[order // counties == number].reset_index(drop=True)


def measure(places: int, years: int, counties: int) -> str:
    """Time `rates.build_and_compare` over a drawn panel; a line that says so."""
    with tempfile.TemporaryDirectory() as folder:
        simulate.write(Path(folder), townships=places, years=years, form="panel")
        space = Workspace(data=Path(folder))
        panel, homes = ds.dataset(space.table_path("panel")), space.read("places")
        started, worked, cells, made, compared = time.perf_counter(), time.process_time(), 0, 0, 0
        for block in blocks(homes, counties):
            rows = PANEL.conform(panel.to_table(filter=pc.field("place_id").isin(block["place_id"].tolist())).to_pandas())
            table, comparisons = rates.build_and_compare(rows, block)
            cells, made, compared = cells + len(rows), made + len(table), compared + len(comparisons)
        seconds, worked = time.perf_counter() - started, time.process_time() - worked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return (f"{places} places × {years} years, {cells} cells: {made} rates and {compared} comparisons in {seconds:.1f} s "
            f"({worked:.1f} s of processor time), peak {peak:.2f} GiB")


def main(arguments: list[str]) -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--places", type=int, default=2000)
    parser.add_argument("--years", type=int, default=10)
    parser.add_argument("--counties", type=int, default=60, help="counties computed at once")
    options = parser.parse_args(arguments)
    print(measure(options.places, options.years, options.counties))


if __name__ == "__main__":
    main(sys.argv[1:])
