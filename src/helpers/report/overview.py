"""What the index and the county pages know of each place: one row a place, worked out for all places at once."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.figures.series import FULL_YEARS
from helpers.periods import parse, year_kind
from helpers.schema import flagged

_BASES = {"registered": 0, "resident": 1, "unstated": 2, "floating": 3}


def courses(rates: pd.DataFrame, measure: str = "cbr") -> pd.DataFrame:
    """The line of one measure in every place: `helpers.figures.series.series`, for all places at once.

    rates: RATES. Each place is on the population base with the most years; a year told twice keeps its full year;
    questioned rates stand in no line. Adds `whole` (the period is twelve months). Sorted by place and year.
    """
    rows = rates[(rates["measure"] == measure) & (rates["dims"] == "{}") & (rates["status"] == "ok") & rates["year"].notna()]
    rows = rows[~flagged(rows, "questioned")]
    years = rows.groupby(["place_id", "base"], sort=False)["year"].nunique().rename("years").reset_index()
    years["order"] = years["base"].map(_BASES).fillna(9)
    main = years.sort_values(["place_id", "years", "order"], ascending=[True, False, True]).drop_duplicates("place_id")
    rows = rows.merge(main[["place_id", "base"]], on=["place_id", "base"])
    rows["whole"] = rows["year_kind"].isin(FULL_YEARS)
    rows = rows.sort_values(["place_id", "year", "whole", "year_kind", "period"], ascending=[True, True, False, True, True], kind="stable")
    return rows.drop_duplicates(["place_id", "year"]).reset_index(drop=True)


def reported(panel: pd.DataFrame, hidden: pd.DataFrame | None = None) -> pd.DataFrame:
    """Which places stated births and population of which whole year: `place_id year births population`.

    panel: PANEL. A figure counts when it was stated for its own year or quoted by a later report. `population` is
    any total for the year or for a day of it. hidden: HIDDEN, figures that were stated and are not published.
    """
    rows = panel
    if hidden is not None and len(hidden):
        told = hidden.drop_duplicates(["place_id", "period", "code", "dims", "status"])
        periods = [parse(period) for period in told["period"]]
        told = told.assign(year=pd.array([one.year for one in periods], dtype="Int64"), year_kind=[year_kind(one) for one in periods])
        rows = pd.concat([panel, told[[name for name in told if name in panel]]], ignore_index=True)
    rows = rows[rows["status"].isin(("observed", "previous")) & (rows["dims"] == "{}") & rows["year"].notna()]
    births = rows[(rows["code"] == "births") & rows["year_kind"].isin(FULL_YEARS)]
    people = rows[rows["code"] == "pop_total"]
    both = pd.concat([births[["place_id", "year"]].assign(births=True), people[["place_id", "year"]].assign(population=True)])
    return both.groupby(["place_id", "year"])[["births", "population"]].any().reset_index()


def completeness(places: pd.DataFrame, told: pd.DataFrame) -> pd.DataFrame:
    """How many of the years its county reports on each place reports: `place_id known wanted`.

    The years of a county are those from the first to the last that any of its places states births of; a place of no
    county has its own. `told`: as `reported` gives it.
    """
    home = places.set_index("place_id")
    county = home["county"].where(home["county"] != "", home.index.to_series()) + "|" + home["simulated"].astype(str)
    births = told[told["births"]].assign(county=lambda rows: rows["place_id"].map(county)).dropna(subset=["county"])
    span = births.groupby("county")["year"].agg(["min", "max"])
    wanted = county.map(span["max"] - span["min"] + 1).fillna(0).astype(int)
    known = births.groupby("place_id")["year"].nunique().reindex(home.index).fillna(0).astype(int)
    return pd.DataFrame({"place_id": home.index, "known": known.to_numpy(), "wanted": wanted.to_numpy()})


def spans(panel: pd.DataFrame) -> pd.DataFrame:
    """First and last year each place is told of, by place (missing where no year is known), and `hidden`: a year struck out."""
    rows = panel[panel["status"] != "target"]
    years = rows.groupby("place_id")["year"].agg(first="min", last="max")
    hidden = rows["period"].str.contains("X", regex=False).groupby(rows["place_id"]).any()
    return years.assign(hidden=hidden)


def overview(places: pd.DataFrame, panel: pd.DataFrame, rates: pd.DataFrame, findings: pd.DataFrame,
             hidden: pd.DataFrame | None = None) -> pd.DataFrame:
    """PLACES with what the index shows, one row a place, in the order of `places`.

    Adds `findings` and `worst` (number and highest severity of findings), `rate rate_low rate_high rate_year` (latest
    sound birth rate), `course` (list of (year, rate), whole years), `known wanted` (years reported and to be
    reported), `first last hidden` (years told of).
    """
    serious = findings[findings["severity"] >= 2].groupby("place_id")["severity"].agg(["size", "max"])
    lines = courses(rates)
    latest = lines.drop_duplicates("place_id", keep="last").set_index("place_id")
    frame = places.merge(completeness(places, reported(panel, hidden)), on="place_id", how="left").set_index("place_id", drop=False)
    frame["findings"] = serious["size"].reindex(frame.index).fillna(0).astype(int)
    frame["worst"] = serious["max"].reindex(frame.index).fillna(0).astype(int)
    for name, column in (("rate", "value"), ("rate_low", "low"), ("rate_high", "high"), ("rate_year", "year")):
        frame[name] = latest[column].reindex(frame.index)
    frame["course"] = _lists(lines[lines["whole"]]).reindex(frame.index)
    return frame.join(spans(panel)).reset_index(drop=True)


def _lists(lines: pd.DataFrame) -> pd.Series:
    """Per place its years and rates as a list of pairs."""
    if lines.empty:
        return pd.Series(dtype=object)
    starts = np.flatnonzero(np.r_[True, lines["place_id"].to_numpy()[1:] != lines["place_id"].to_numpy()[:-1]])
    pairs = list(zip(lines["year"].astype(int).tolist(), lines["value"].tolist(), strict=True))
    ends = [*starts[1:], len(pairs)]
    return pd.Series([pairs[start:end] for start, end in zip(starts, ends, strict=True)], index=lines["place_id"].to_numpy()[starts])
