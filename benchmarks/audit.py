"""How fast the audit is, and how well it finds planted errors.

    python benchmarks/audit.py [scale --places 2000 --years 10]   seconds, memory, and what 41,000 × 10 would take
    python benchmarks/audit.py recall COUNTY [--read]             COUNTY: `township simulate … --out COUNTY`

`scale` draws figures as the tests do, with errors in one report of a hundred, and times two sizes so that
growth can be seen. `recall` audits the simulator's own truth files; with `--read` its documents, as `township audit COUNTY` does,
so that what the reader gets wrong counts as well.
"""

from __future__ import annotations

import argparse
import csv
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from scipy.stats import beta

from helpers.audit import build
from helpers.catalogue import indicators
from helpers.schema import FACTS, dims_text

# Places drawn at once.
_PIECE = 2_000


def county(places: int, years: int, seed: int = 1, errors: float = 0.01) -> pd.DataFrame:
    """A FACTS frame of places × years reports of twelve consistent figures, `errors` of them with one changed."""
    draw = np.random.default_rng(seed)
    size = places * years
    growth = np.exp(np.cumsum(draw.normal(0, 0.006, (places, years + 1)), axis=1))
    closing = np.round(draw.integers(8_000, 80_000, (places, 1)) * growth).astype(int)
    people, mean = closing[:, 1:].ravel(), ((closing[:, 1:] + closing[:, :-1]) / 2).ravel()
    births, deaths = draw.poisson(mean * 0.0115), draw.poisson(mean * 0.0065)
    boys, inside = draw.binomial(births, 0.53), draw.binomial(births, 0.9)
    counts = {("pop_total", ()): people, ("births", ()): births, ("deaths", ()): deaths,
              ("natural_increase", ()): births - deaths, ("births", (("sex", "male"),)): boys,
              ("births", (("sex", "female"),)): births - boys, ("births", (("policy", "in"),)): inside,
              ("births", (("policy", "out"),)): births - inside}
    wrong = draw.random(size) < errors
    counts["births", ()] = np.where(wrong, births + 7, births)
    columns = {key: (value.astype(str), "person") for key, value in counts.items()}
    rates = {"cbr": births / mean, "cdr": deaths / mean, "nir": (births - deaths) / mean}
    for code, value in rates.items():
        columns[code, ()] = (_two_decimals(1000 * value), "permille")
    columns["policy_rate", ()] = (_two_decimals(100 * inside / births), "percent")
    return _facts(columns, places, years)


def _two_decimals(values: np.ndarray) -> np.ndarray:
    hundredths = np.floor(np.abs(values) * 100 + 0.5).astype(int)
    return np.array([f"{'-' if value < 0 else ''}{whole // 100}.{whole % 100:02d}" for value, whole in
                     zip(values, hundredths, strict=True)])


def _facts(columns: dict, places: int, years: int) -> pd.DataFrame:
    """The columns as rows of the facts table."""
    size = places * years
    place = np.repeat([f"p{number}" for number in range(places)], years)
    period = np.tile([str(2010 + year) for year in range(years)], places)
    frames = []
    for number, ((code, dims), (values, unit)) in enumerate(columns.items()):
        frames.append(pd.DataFrame({
            "fact": [f"{at}-{number}" for at in range(size)], "doc": place + period, "section": 1, "code": code,
            "dims": dims_text(dict(dims)), "value": values, "written": values, "unit": unit, "status": "observed",
            "place": place, "level": "township", "place_id": place, "period": period, "base": "registered",
            "start": number * 20, "end": number * 20 + 8, "quote": values, "state": "stated"}))
    return FACTS.conform(pd.concat(frames, ignore_index=True))


def scale(places: int, years: int) -> None:
    """Time two sizes, read from Parquet as the suite does; memory is the peak of this process."""
    for size in (places // 2, places):
        facts = _from_disk(size, years)
        started, worked = time.perf_counter(), time.process_time()
        found = build(facts, consistent=False)
        seconds, worked = time.perf_counter() - started, time.process_time() - worked
        serious = int((found["severity"].fillna(0) >= 2).sum())
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(f"{size} places × {years} years, {len(facts)} facts: {seconds:.1f} s ({worked:.1f} s of one core), {serious} findings, peak {peak:.2f} GiB; "
              f"41,000 × 10 at this rate: {seconds * 410_000 / (size * years) / 60:.1f} min")


def _from_disk(places: int, years: int) -> pd.DataFrame:
    """`county` by way of a Parquet file written piece by piece, so that drawing takes no more memory than auditing."""
    with tempfile.TemporaryDirectory() as folder:
        path, writer = Path(folder) / "facts.parquet", None
        for number, first in enumerate(range(0, places, _PIECE)):
            piece = county(min(_PIECE, places - first), years, seed=number + 1)
            for name in ("place", "place_id", "doc", "fact"):
                piece[name] = f"{number}-" + piece[name]
            table = pa.Table.from_pandas(piece, preserve_index=False)
            writer = writer or pq.ParquetWriter(path, table.schema)
            writer.write_table(table)
        writer.close()
        return pd.read_parquet(path)


def truth(folder: Path) -> pd.DataFrame:
    """The simulator's truth files as a FACTS frame."""
    rows = []
    for path in sorted((folder / "truth").glob("*.jsonl")):
        for number, text in enumerate(path.read_text(encoding="utf-8").splitlines()):
            line = json.loads(text)
            if line.get("code") in indicators():
                rows.append({**{key: line[key] for key in ("section", "code", "value", "unit", "status", "place", "level", "period",
                                                           "quote", "start", "end")},
                             "fact": f"{path.stem}-{number}", "doc": path.stem, "dims": dims_text(line["dims"]), "written": line["value"],
                             "place_id": "", "base": line["dims"].get("residence", "unstated"), "state": "stated"})
    return FACTS.conform(rows)


def read_findings(folder: Path) -> pd.DataFrame:
    """What `township audit` finds in the documents of a folder."""
    command = [sys.executable, "-c", "from helpers.cli import main; main()", "audit", str(folder), "--format", "json"]
    told = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout)
    return pd.DataFrame([{"doc": one["doc"], "severity": one["severity"], "evidence": json.dumps(one["evidence"])} for one in told])


def recall(folder: Path, read: bool) -> None:
    """Recall by kind of planted error, and false findings with their upper 95 % limit."""
    facts = truth(folder)
    found = read_findings(folder) if read else build(facts, consistent=False)
    found = found[found["severity"].fillna(0) >= 2]
    spans = {doc: rows["evidence"].map(json.loads) for doc, rows in found.groupby("doc")}
    planted, met, explained = Counter(), Counter(), set()
    with (folder / "answers.csv").open(encoding="utf-8") as stream:
        for answer in csv.DictReader(stream):
            planted[answer["kind"]] += 1
            hits = [index for index, evidence in spans.get(answer["doc"], pd.Series(dtype=object)).items()
                    if any(one["start"] < int(answer["end"]) and one["end"] > int(answer["start"]) for one in evidence)]
            met[answer["kind"]] += bool(hits)
            explained |= set(hits)
    for index in found.index.difference(list(explained)):
        print(f"explained by no planted error: {found.at[index, 'doc']} {found.at[index, 'evidence']}")
    for kind, count in sorted(planted.items()):
        print(f"{kind:24s} {met[kind]:5d} of {count:5d}  {met[kind] / count:.3f}")
    false, statements = len(found) - len(explained), len(facts) - sum(planted.values())
    limit = beta.ppf(0.95, false + 1, statements - false)
    print(f"false findings {false} among {statements} consistent statements; upper 95 % limit {1000 * limit:.3f} in 1,000")


def main(arguments: list[str]) -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    choice = parser.add_subparsers(dest="what")
    sizes = choice.add_parser("scale")
    sizes.add_argument("--places", type=int, default=2000)
    sizes.add_argument("--years", type=int, default=10)
    planted = choice.add_parser("recall")
    planted.add_argument("county", type=Path)
    planted.add_argument("--read", action="store_true", help="read the documents instead of the truth files")
    options = parser.parse_args(arguments or ["scale"])
    if options.what == "scale":
        scale(options.places, options.years)
    else:
        recall(options.county, options.read)


if __name__ == "__main__":
    main(sys.argv[1:])
