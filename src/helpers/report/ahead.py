"""What the births of the coming years may be, and whether the last year was what the years before it led to expect."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from markupsafe import Markup

from helpers.figures.labels import Labels
from helpers.figures.numbers import number
from helpers.figures.series import FULL_YEARS, main_base, series
from helpers.report import choices
from helpers.report.sentences import link, say
from helpers.report.township import Township

YEARS_AHEAD = 3
ANCHOR = "r-outlook"


@dataclass(frozen=True)
class Ahead:
    """Births so far and ahead of one place.

    history: `year births exposure facts` a whole year, oldest first (exposure: person-years, missing where births alone
    are known); ahead: rows of `helpers.rates.outlook`; last: a row of `helpers.rates.early_warning`; refused: why
    there is no outlook, empty where there is one.
    """

    history: pd.DataFrame
    ahead: pd.DataFrame
    last: pd.Series | None
    base: str
    refused: str

    @property
    def facts(self) -> list[str]:
        """The figures it rests on, each once."""
        return list(dict.fromkeys(fact for facts in self.history["facts"] for fact in facts.split(";") if fact))


@choices.once
def births_ahead(township: Township) -> Ahead:
    """Outlook over the births of whole years that no finding calls into question, on one population base."""
    history, base = _history(township)
    if history.empty:
        return Ahead(history, pd.DataFrame(), None, base, "missing")
    from helpers.rates import early_warning, outlook  # loads statsmodels, which few pages need

    people = None if history["exposure"].isna().any() else history["exposure"]
    found = outlook(history["year"], history["births"], people, horizon=YEARS_AHEAD)
    if found["status"].iloc[0] != "ok":
        return Ahead(history, pd.DataFrame(), None, base, found["flags"].iloc[0] or found["status"].iloc[0])
    last = early_warning(history["year"], history["births"], people).iloc[0]
    return Ahead(history, found, last if last["status"] == "ok" else None, base, "")


def _history(township: Township) -> tuple[pd.DataFrame, str]:
    """Births and person-years by year from the birth rates; births alone where more years are known without a population."""
    rates = series(township.rates, "cbr")
    rates = rates[rates["whole"]].rename(columns={"numerator": "births", "denominator": "exposure"})
    rows = choices.observed(township)
    rows = rows[(rows["code"] == "births") & (rows["dims"] == "{}") & rows["year_kind"].isin(FULL_YEARS) & rows["year"].notna()
                & ~choices.in_question(rows)]
    wanted = ["year", "births", "exposure", "facts"]
    if rows.empty or rates["year"].nunique() >= rows.groupby("base")["year"].nunique().max():
        return rates[wanted].reset_index(drop=True), "" if rates.empty else rates["base"].iloc[0]
    base = main_base(rows)
    rows = rows[rows["base"] == base].sort_values(["year", "year_kind", "period"], kind="stable").drop_duplicates("year")
    alone = rows.rename(columns={"value": "births", "fact": "facts"}).assign(exposure=float("nan"))
    return alone[wanted].reset_index(drop=True), base


def sentences(township: Township) -> list[Markup]:
    """The outlook in words: where the births lead, and whether the last year was a surprise; or why nothing is said."""
    words, found = township.words, births_ahead(township)
    if found.refused:
        return [_refusal(found, words)]
    first, last = found.ahead.iloc[0], found.ahead.iloc[-1]
    told = [say(words, "ahead.story", count=len(found.history), first_year=words.period(_year(first)), last_year=words.period(_year(last)),
                first=link(number(first["value"]), ANCHOR), last=link(number(last["value"]), ANCHOR),
                first_limits=_limits(first), last_limits=_limits(last))]
    if found.last is not None:
        told.append(say(words, f"ahead.last.{found.last['warning']}", year=words.period(_year(found.last)),
                        births=number(found.last["observed"]), limits=_limits(found.last)))
    return [*told, say(words, "ahead.caution")]


def _refusal(found: Ahead, words: Labels) -> Markup:
    count = len(found.history)
    known = {"too_few_years": "few", "missing": "none", "no_events": "none"}.get(found.refused, "other")
    return say(words, f"ahead.refused.{known}", count=count)


def _limits(row) -> str:
    return f"{number(row['low'], 0)}–{number(row['high'], 0)}"


def _year(row) -> str:
    return str(int(row["year"]))


def rows_shown(found: Ahead, words: Labels) -> list[dict]:
    """The years ahead for a table: `year value limits`."""
    return [{"year": words.period(_year(row)), "value": number(row["value"], 0), "limits": _limits(row)} for _, row in found.ahead.iterrows()]
