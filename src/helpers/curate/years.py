"""Years a document leaves open, as the manifest settles them. Nothing is guessed: what fits twice stays open."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd

from helpers import periods
from helpers.catalogue import indicators
from helpers.documents.manifest import Entry, entry_of

# A value of an earlier period, given for comparison, is not of the period the manifest names.
_EARLIER = "previous"
_CELL = ["doc", "section", "place", "level", "code", "dims", "status", "unit", "period"]


def settle_years(facts: pd.DataFrame, manifest: Mapping[str, Entry]) -> pd.DataFrame:
    """FACTS in which periods without a year have the one the manifest gives for their document.

    `20XX-01/20XX-06` becomes `2014-01/2014-06` where the manifest says 2014; an empty period becomes the
    manifest's. Left as they are: earlier values given for comparison, years that do not fit the manifest's,
    and figures that would come to say two things of one period (two struck-out years in one article).
    """
    undated = facts["period"].eq("") | facts["period"].str.contains("X", regex=False)
    open_cases = facts.loc[undated & facts["status"].ne(_EARLIER), ["doc", "section", "period"]]
    if open_cases.empty:
        return facts
    filled = facts["period"].copy()
    filled.loc[open_cases.index] = [_told(manifest, *case) for case in open_cases.itertuples(index=False, name=None)]
    values = facts.assign(period=filled).groupby(_CELL, sort=False)["value"].transform("nunique")
    changed = filled.ne(facts["period"]) & values.le(1)
    kinds = [periods.year_kind(period, indicators()[code].flow) for period, code in zip(filled[changed], facts.loc[changed, "code"], strict=True)]
    kind = facts["year_kind"].copy()
    kind.loc[changed] = kinds
    return facts.assign(period=filled.where(changed, facts["period"]), year_kind=kind)


def _told(manifest: Mapping[str, Entry], doc: str, section: int, period: str) -> str:
    entry = entry_of(manifest, doc, section)
    return fill(period, entry.period) if entry else period


def fill(period: str, told: str) -> str:
    """A period with its struck-out year filled in from the one told, or as it was where that does not settle it.

    >>> fill("20XX-01/20XX-06", "2014"), fill("20XX-03", "2013-10/2014-09"), fill("19XX", "2014")
    ('2014-01/2014-06', '2014-03', '19XX')
    >>> fill("20XX", "2013-10/2014-09")
    '20XX'
    """
    whole = periods.parse(told)
    if not period or whole.start is None:
        return told if whole.start else period
    years = {whole.start.year, whole.end.year}
    fitting = set()
    for year in years:
        candidate = _with_year(period, year)
        stretch = periods.parse(candidate)
        if stretch.start and (len(years) == 1 or (stretch.start >= whole.start and stretch.end <= whole.end)):
            fitting.add(candidate)
    return fitting.pop() if len(fitting) == 1 else period


def _with_year(period: str, year: int) -> str:
    """The period ending in `year`; its first month falls in the year before where it comes after the last."""
    first, _, last = period.partition("/")
    if not last:
        return _filled(first, year)
    over = first[4:] > last[4:]
    return f"{_filled(first, year - over)}/{_filled(last, year)}"


def _filled(moment: str, year: int) -> str:
    """`20XX-03` with the year in place of its first four characters, if these may stand for it."""
    return f"{year}{moment[4:]}" if re.fullmatch(moment[:4].replace("X", r"\d"), str(year)) else moment
