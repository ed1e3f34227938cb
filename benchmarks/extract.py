"""How fast documents are read: MB of UTF-8 a second on one core, against one OpenCC and digit pass over the same text.

    python benchmarks/extract.py                          the project's restated documents, repeated to 2 MB
    python benchmarks/extract.py ../shared/seeds --mb 20  other documents, a larger text
    python benchmarks/extract.py --profile                the functions that take the time

Each document is read as a document of its own, over and over, until so many MB have been read; times are
processor time of this process. Memory is the peak after half of them and after all: it must not grow with
their number. Every document is read once before the clock starts: imports, the catalogue and the gazetteer
are loaded then.
"""

from __future__ import annotations

import argparse
import cProfile
import itertools
import pstats
import re
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import opencc

from helpers.documents.read import find_sources, read_source
from helpers.errors import TownshipError
from helpers.extract import extract
from helpers.workspace import PROJECT

RESTATED = PROJECT / "data" / "raw" / "restated"
DIGITS = re.compile(r"\d+(?:\.\d+)?(?:万|亿)?(?:人|例|户|对|份|%|‰)?")
HOTTEST = 5


def repeated(texts: Sequence[str], size: int) -> Iterator[str]:
    """The texts over and over until `size` bytes of UTF-8 have been given; at least each once."""
    given = 0
    for at, text in enumerate(itertools.cycle(texts)):
        if at >= len(texts) and given >= size:
            return
        given += len(text.encode("utf-8"))
        yield text


def read_all(texts: Sequence[str], size: int) -> tuple[float, int, int, int, tuple[float, float]]:
    """Seconds, bytes, documents and facts of reading, and the peak memory in MB half way and at the end."""
    total = facts = documents = 0
    half, started = 0.0, time.process_time()
    for text in repeated(texts, size):
        total += len(text.encode("utf-8"))
        documents += 1
        facts += len(extract(text).facts)
        if not half and total >= size / 2:
            half = peak()
    return time.process_time() - started, total, documents, facts, (half or peak(), peak())


def plain_pass(texts: Sequence[str], size: int) -> float:
    """Seconds of the least that any reader does: one conversion to simplified characters, one search for digits."""
    simplifier = opencc.OpenCC("t2s")
    started = time.process_time()
    for text in repeated(texts, size):
        sum(1 for _ in DIGITS.finditer(simplifier.convert(text)))
    return time.process_time() - started


def peak() -> float:
    """Peak memory of this process in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def hottest(texts: Sequence[str], size: int) -> None:
    """Print the functions that take most time themselves."""
    profile = cProfile.Profile()
    profile.enable()
    for text in repeated(texts, size):
        extract(text)
    profile.disable()
    pstats.Stats(profile).sort_stats("tottime").print_stats(3 * HOTTEST)


def main(arguments: Sequence[str]) -> int:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", type=Path, default=[RESTATED], help="documents, or folders of them")
    parser.add_argument("--mb", type=float, default=2.0, help="MB of UTF-8 to read (default 2)")
    parser.add_argument("--profile", action="store_true", help="show where the time goes instead")
    options = parser.parse_args(arguments)
    try:
        texts = [read_source(source).text for source in find_sources(options.paths)]
    except TownshipError as error:
        print(f"benchmarks/extract.py: {error}", file=sys.stderr)
        return 2
    for text in texts:
        extract(text)
    size = int(options.mb * 1e6)
    if options.profile:
        hottest(texts, size)
        return 0
    seconds, total, documents, facts, (half, full) = read_all(texts, size)
    plain = plain_pass(texts, size)
    print(f"{documents} documents ({len(texts)} different ones), {total / 1e6:.1f} MB, {facts} facts: {seconds:.1f} s of processor time, "
          f"{total / 1e6 / seconds:.2f} MB/s, {1000 * seconds / documents:.1f} ms a document")
    print(f"one OpenCC and digit pass over the same: {plain:.2f} s; reading takes {seconds / plain:.1f} times as long")
    print(f"peak memory {half:.0f} MB half way, {full:.0f} MB at the end")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
