"""Which rows a section shows: the latest of each measure, the years side by side, targets beside results."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import cache, wraps
from typing import TypeVar

import numpy as np
import pandas as pd

from helpers.catalogue import indicators, read_rows
from helpers.figures.labels import Labels
from helpers.figures.series import FULL_YEARS, main_base
from helpers.rates.measures import measures
from helpers.report.township import Township
from helpers.schema import dims_text, flagged

KEY_MEASURES = ("cbr", "cdr", "nir", "gfr", "srb", "policy_share", "imr", "u5mr", "mmr", "hospital_delivery_rate",
                "maternal_coverage", "child_coverage", "health_record_coverage", "elderly_coverage", "fd_coverage")
SERVICE_GROUPS = ("mch", "public_health")
T = TypeVar("T")


@cache
def measure_of(code: str, dims: str = "{}") -> tuple[str, str]:
    """The measure that recomputes a stated rate, with the dims it has there; the rate's own where none does.

    >>> measure_of("policy_rate"), measure_of("hospital_delivery_rate")
    (('policy_share', '{}'), ('hospital_delivery_rate', '{}'))
    >>> measure_of("diabetes_mgmt_rate", '{"group": "规范管理"}'), measure_of("diabetes_mgmt_rate")
    (('diabetes_coverage', '{}'), ('diabetes_mgmt_rate', '{}'))
    """
    told = json.loads(dims)
    for name, measure in measures().items():
        for term in (recipe.stated for recipe in measure.recipes if recipe.stated is not None and recipe.stated.code == code):
            if term.fixed and all(told.get(key) == value for key, value in term.fixed):
                return name, dims_text({key: value for key, value in told.items() if key not in dict(term.fixed)})
            if not term.fixed:
                return name, dims
    return code, dims


@cache
def _group_of(measure: str) -> str:
    """The group of a measure or indicator: vital, mch, public_health, …"""
    named = next((row["group"] for row in read_rows("measures") if row["measure"] == measure), "")
    return named or (indicators()[measure].group if measure in indicators() else "")


@cache
def _counts() -> frozenset[str]:
    return frozenset(code for code, indicator in indicators().items() if indicator.kind == "count")


def once(choose: Callable[[Township], T]) -> Callable[[Township], T]:
    """Choose once for a township, however many sections and figures ask; what comes back is not to be altered."""
    @wraps(choose)
    def kept(township: Township) -> T:
        if choose.__name__ not in township.chosen:
            township.chosen[choose.__name__] = choose(township)
        return township.chosen[choose.__name__]

    return kept


def in_question(rows: pd.DataFrame) -> pd.Series:
    """Whether a finding calls each row (of the rates or of the panel) into question."""
    return flagged(rows, "questioned") if "flags" in rows else rows["questioned"].astype(bool)


def latest(rows: pd.DataFrame) -> pd.DataFrame:
    """Per measure and dims the latest row that is not in question, else the latest.

    A whole year comes before a part of the same year, the better known base first.
    """
    whole = rows["year_kind"].isin(FULL_YEARS)
    order = rows.assign(
        _year=rows["year"].astype("float64").fillna(-1), _whole=whole,
        _base=rows["base"].map({"registered": 3, "resident": 2, "unstated": 1}).fillna(0), _sound=~in_question(rows))
    order = order.sort_values(["_sound", "_year", "_whole", "_base", "period"], kind="stable")
    return order.drop_duplicates(["measure", "dims"], keep="last").drop(columns=["_sound", "_year", "_whole", "_base"])


@once
def key_rates(township: Township) -> pd.DataFrame:
    """The computed rates of the key table, in its order."""
    rows = township.rates
    rows = rows[(rows["status"] == "ok") & (rows["dims"] == "{}") & rows["measure"].isin(KEY_MEASURES)]
    chosen = latest(rows)
    return chosen.sort_values("measure", key=lambda column: column.map(KEY_MEASURES.index), kind="stable")


def stated_only(township: Township, computed: pd.DataFrame) -> pd.DataFrame:
    """Key figures told as a rate alone, where nothing as recent could be computed."""
    rows = _stated_rates(township)
    rows = latest(rows[(rows["dims"] == "{}") & rows["measure"].isin(KEY_MEASURES)])
    since = dict(zip(computed["measure"], computed["year"].astype("float64").fillna(np.inf), strict=True))
    newer = [measure not in since or (pd.notna(year) and year > since[measure]) for measure, year in zip(rows["measure"], rows["year"], strict=True)]
    return rows[np.array(newer, dtype=bool)]


@once
def _stated_rates(township: Township) -> pd.DataFrame:
    """Observed rates and shares of the panel under the names of the measures that recompute them."""
    rows = observed(township)
    rows = rows[rows["code"].isin(set(indicators()) - _counts())]
    named = [measure_of(code, dims) for code, dims in zip(rows["code"], rows["dims"], strict=True)]
    return rows.assign(measure=[measure for measure, _ in named], dims=[dims for _, dims in named])


@once
def observed(township: Township) -> pd.DataFrame:
    """What happened, as the documents say: each cell once, from its own year's report before a later one.

    Counts stand in their indicator's own unit; a percentage told of births is no number of births.
    """
    rows = township.panel[township.panel["status"].isin(["observed", "previous"])]
    units = {code: indicator.unit for code, indicator in indicators().items()}
    rows = rows[~rows["code"].isin(_counts()) | (rows["unit"] == rows["code"].map(units))].sort_values("status", kind="stable")
    return rows.drop_duplicates(["period", "code", "dims", "base", "unit"])


@once
def year_table(township: Township) -> list[dict]:
    """Population, births, deaths, increase and their rates, one entry a period of the births, newest first."""
    panel = observed(township)
    flows = panel[panel["code"].isin(["births", "deaths", "natural_increase"]) & (panel["dims"] == "{}")]
    rates = township.rates[(township.rates["status"] == "ok") & township.rates["measure"].isin(["cbr", "cdr", "nir"])]
    stocks = panel[(panel["code"] == "pop_total") & (panel["dims"] == "{}")]
    stated = panel[panel["code"].isin(["cbr", "cdr", "nir"]) & (panel["dims"] == "{}") & (panel["unit"] == "permille")]
    both = pd.concat([rows[["period", "year_kind"]] for rows in (flows, rates, stated)]).drop_duplicates("period")
    if both.empty:
        return []
    base = main_base(rates if len(rates) else pd.concat([flows, stated]).assign(year=0))
    kinds = dict(zip(both["period"], both["year_kind"], strict=True))
    counts, computed, told = _places(flows, "code"), _places(rates, "measure"), _places(stated, "code")
    ends = dict(reversed(list(zip(flows["period"], flows["period_end"], strict=True))))
    table = []
    for period in sorted(both["period"], key=_period_order, reverse=True):
        row = {"period": period, "kind": kinds[period], "population": _of_base(stocks, _ending(stocks, period, ends.get(period, "")), base)}
        for code in ("births", "deaths", "natural_increase"):
            row[code] = _of_base(flows, counts.get((period, code), ()), base)
        for measure in ("cbr", "cdr", "nir"):
            row[measure] = _of_base(rates, computed.get((period, measure), ()), base)
            row[f"{measure}_stated"] = _of_base(stated, told.get((period, measure), ()), base)
        table.append(row)
    return table


@once
def increases(township: Township) -> dict[str, dict]:
    """Natural increase nobody stated but births and deaths of one base give, by period: `value births deaths base doubt`."""
    found = {}
    for row in year_table(township):
        births, deaths = row["births"], row["deaths"]
        if row["natural_increase"] is None and births is not None and deaths is not None and births["base"] == deaths["base"] \
                and not township.hides(row["period"], "births", "deaths", "natural_increase"):
            doubts = [one for one in (births, deaths) if one["questioned"] or one["conflict"]]
            found[row["period"]] = {"value": births["value"] - deaths["value"], "births": births, "deaths": deaths, "base": births["base"], "doubt": bool(doubts)}
    return found


def _places(rows: pd.DataFrame, *columns: str) -> dict[tuple, list[int]]:
    """Where the rows of each period and `columns` stand (positions, in order)."""
    found: dict[tuple, list[int]] = {}
    for position, key in enumerate(zip(rows["period"], *(rows[column] for column in columns), strict=True)):
        found.setdefault(key, []).append(position)
    return found


def _period_order(period: str) -> str:
    return period.rsplit("/", 1)[-1] + "|" + period


def _ending(stocks: pd.DataFrame, period: str, end: str) -> list[int]:
    """Where the population that belongs to a flow stands: the same period, else one told for its last day or month."""
    periods = stocks["period"].tolist()
    same = [position for position, told in enumerate(periods) if told == period]
    last = period.rsplit("/", 1)[-1]
    return same or [position for position, (told, ends) in enumerate(zip(periods, stocks["period_end"], strict=True))
                    if told == last or (end and ends == end)]


def _of_base(rows: pd.DataFrame, positions: Iterable[int], base: str) -> pd.Series | None:
    """Of the rows at `positions` the one of the wanted base, else the unstated one, else the first; None where there is none."""
    bases = {}
    for position in positions:
        bases.setdefault(rows["base"].iat[position], position)
    if not bases:
        return None
    return rows.iloc[bases.get(base, bases.get("unstated", next(iter(bases.values()))))]


@once
def services(township: Township) -> pd.DataFrame:
    """Latest coverage of each service: computed where counts are known, else as stated.

    Columns: those of the rates, with `name`, `counted`, and `fact`, `written` where only stated.
    """
    rates = township.rates
    computed = rates[(rates["status"] == "ok") & (rates["per"] == 100) & rates["measure"].map(_group_of).isin(SERVICE_GROUPS)]
    computed = latest(computed).assign(counted=True)
    computed["doubt"] = in_question(computed)
    stated = _stated_rates(township)
    stated = stated[(stated["unit"] == "percent") & stated["measure"].map(_group_of).isin(SERVICE_GROUPS)]
    stated = latest(stated).assign(counted=False)
    stated["doubt"] = in_question(stated)
    rows = pd.concat([computed, stated], ignore_index=True)
    if rows.empty:
        return rows.assign(name=pd.Series(dtype=str))
    words = township.words
    rows["year"] = rows["year"].astype("float64").fillna(-1)
    rows["sound"] = ~rows["doubt"].astype(bool)
    rows = rows.sort_values(["sound", "year", "counted"], kind="stable").drop_duplicates(["measure", "dims"], keep="last")
    rows["name"] = [words.name(code, dims) for code, dims in zip(rows["measure"], rows["dims"], strict=True)]
    rows["group"] = rows["measure"].map(_group_of)
    return rows.sort_values(["group", "measure", "dims"], kind="stable").reset_index(drop=True)


@once
def targets(township: Township) -> pd.DataFrame:
    """Targets for rates and shares beside the results of the same year.

    Columns: code dims name unit target value low high period attained fact result.
    `doubt` says that a finding calls the result into question; `attained` is yes, no, open (the interval holds the target), none (no direction known) or pending (no result yet).
    """
    columns = ["code", "dims", "name", "unit", "target", "value", "low", "high", "period", "attained", "fact", "result", "doubt"]
    goals = township.panel[township.panel["status"] == "target"]
    goals = goals[goals["code"].isin(set(indicators()) - _counts())]
    results = observed(township)
    found: dict[tuple, list[tuple]] = {}
    for position, (code, dims, unit, *when) in enumerate(zip(*(results[name] for name in ("code", "dims", "unit", "period", "year")), strict=True)):
        found.setdefault((code, dims, unit), []).append((position, *when))
    table = []
    for goal in goals.sort_values(["period", "code", "dims"], kind="stable").itertuples():
        same = (position for position, period, year in found.get((goal.code, goal.dims, goal.unit), ())
                if period == goal.period or (pd.notna(year) and pd.notna(goal.year) and year == goal.year))
        position = next(same, None)
        result = None if position is None else results.iloc[position]
        table.append({
            "code": goal.code, "dims": goal.dims, "name": township.words.name(goal.code, goal.dims), "unit": goal.unit,
            "target": goal.value, "period": goal.period, "fact": goal.fact,
            "value": np.nan if result is None else result["value"], "low": np.nan if result is None else result["low"],
            "high": np.nan if result is None else result["high"], "result": "" if result is None else result["fact"],
            "attained": attained(goal, result), "doubt": result is not None and bool(result["questioned"])})
    return pd.DataFrame(table, columns=columns)


def attained(goal, result: pd.Series | None) -> str:
    """Whether a result reaches a target, given what its printed digits allow.

    The direction is the target's own (达到90%以上, 控制在110以内) where it has one, else the indicator's.
    """
    if result is None:
        return "pending"
    side = _direction(goal)
    if side == 0:
        return "none"
    ends = sorted((side * result["low"], side * result["high"]))
    if side * result["value"] >= side * goal.value:
        return "yes"
    return "open" if ends[1] > side * goal.value and result["low"] != result["high"] else "no"


def _direction(goal) -> int:
    """1 where more is better, -1 where less is, 0 where neither is said."""
    if np.isinf(goal.high):
        return 1
    if goal.low <= 0 < goal.value == goal.high:
        return -1
    return {"high": 1, "low": -1}.get(indicators()[goal.code].polarity, 0)


@once
def sex_ratio_rows(township: Township) -> pd.DataFrame:
    """Sex ratios at birth with their boys and girls, newest first."""
    rows = township.rates
    rows = rows[(rows["measure"] == "srb") & (rows["status"] == "ok") & (rows["dims"] == "{}")]
    return rows.sort_values(["year", "period"], ascending=False, kind="stable")


@once
def sex_ratios_stated(township: Township) -> pd.DataFrame:
    """Sex ratios the documents print for periods without boys and girls, newest first."""
    rows = observed(township)
    rows = rows[(rows["code"] == "srb") & (rows["dims"] == "{}") & ~rows["period"].isin(sex_ratio_rows(township)["period"])]
    return rows.sort_values(["year", "period"], ascending=False, kind="stable").drop_duplicates("period")


def periods_text(periods: pd.Series, words: Labels) -> str:
    """First to last period in words."""
    known = sorted({period for period in periods if period}, key=_period_order)
    if not known:
        return words.period("")
    if len(known) == 1:
        return words.period(known[0])
    years = sorted({period[:4] for period in known} | {period.rsplit("/", 1)[-1][:4] for period in known})
    named = [year for year in years if "X" not in year]
    if not named:
        return words("period.year.unknown")
    span = words.period(named[0]) if len(named) == 1 else words("period.years", first=named[0], last=named[-1])
    return span if len(named) == len(years) else words("period.some.unknown", span=span)
