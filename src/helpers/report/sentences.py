"""Sentences made from the numbers, in Chinese and English; their words are rows of labels.csv."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup, escape

from helpers.figures.labels import Labels
from helpers.figures.numbers import decimals_for, interval, is_known, number
from helpers.figures.series import change, pooled_ratio, series
from helpers.figures.trends import per_text
from helpers.report import choices
from helpers.report.evidence import rate_id
from helpers.report.township import Township

WORTH_ASKING = (102, 110)  # nearer to 106 no township will ever have the births to tell
FEW_BIRTHS = 200  # below, the sex ratio of a year says nothing about its level (METHODS 1.5)


def link(text: str, anchor: str) -> Markup:
    """A number that leads to where it comes from."""
    return Markup('<a class="n" href="#{}">{}</a>').format(anchor, text)


def say(words: Labels, key: str, **values: object) -> Markup:
    """The sentence `key`; values are escaped unless they are links already."""
    told = Markup(escape(words(key))).format(**values)
    return told[:1].upper() + told[1:] if words.language == "en" else told


def _value(row, words: Labels) -> Markup:
    decimals = decimals_for(row["low"], row["high"])
    unit = "" if row["measure"] == "srb" else per_text(row["per"], words)
    return link(number(row["value"], decimals) + unit, f"r-{rate_id(row_tuple(row))}")


def row_tuple(row: pd.Series):
    """A row under attribute names, as itertuples gives it."""
    return next(row.to_frame().T.itertuples())


def _limits(row) -> str:
    return interval(row["low"], row["high"], decimals_for(row["low"], row["high"]))


def lead(township: Township) -> list[Markup]:
    """What a reader should know within half a minute: at most six sentences."""
    words = township.words
    rates = choices.key_rates(township)
    doubted = set(rates.loc[choices.in_question(rates), "measure"])
    rates = rates[~choices.in_question(rates)]
    found = [_population(township)]
    birth, increase = _row(rates, "cbr"), _row(rates, "nir")
    if birth is not None:
        found.append(_compared(birth, words))
    if increase is not None and (birth is None or increase["period"] == birth["period"]):
        found.append(_compared(increase, words))
    if birth is None and "cbr" in doubted:
        found.append(say(words, "lead.questioned", name=words.measure("cbr")))
    if len(choices.sex_ratio_rows(township)):
        found += sex_ratio(township)[:1]
    serious = int((township.findings["severity"] >= 2).sum())
    checked = len(township.findings)
    key = "lead.findings" if serious else "lead.no_findings" if checked else "lead.unchecked"
    found += [say(words, key, count=link(str(serious), "findings"), checked=checked), _worst(township)]
    return _told_once([sentence for sentence in found if sentence], township)


def _told_once(told: list[Markup], township: Township) -> list[Markup]:
    """The struck-out year said once, then 当年: only where one document speaks of one such year and of nothing else."""
    words = township.words
    if township.facts["doc"].nunique() != 1 or set(township.facts["period"]) - {"", "XXXX"}:
        return told
    first, again = str(escape(words("period.year.unknown"))), str(escape(words("period.same")))
    found, said = [], False
    for sentence in told:
        before, name, after = str(sentence).partition(first)
        found.append(sentence if not name else Markup(before + (again if said else first) + after.replace(first, again)))
        said = said or bool(name)
    return found


def _worst(township: Township) -> Markup | None:
    """The gravest finding, among equals the one furthest off: what is stated, and what the other figures give."""
    rows, words = township.findings, township.words
    rows = rows[(rows["severity"] >= 2) & rows["stated"].notna() & rows["recomputed"].notna()]
    off = (rows["stated"] - rows["recomputed"]).abs() / rows["recomputed"].abs().clip(lower=1e-9)
    for row in rows.assign(off=off).sort_values(["severity", "off"], ascending=False, kind="stable").itertuples():
        stated = stated_fact(township, row)
        if stated is not None:
            unit = words.unit(row.unit)
            several = "lead.worst" if len(rows) > 1 else "lead.worst.only"
            return say(words, several, period=words.period(row.period), name=words.name(stated["code"], stated["dims"]),
                       stated=link(number(row.stated) + unit, f"f-{stated['fact']}"), recomputed=recomputed(row, words)[0])
    return None


def recomputed(finding, words: Labels) -> tuple[str, str]:
    """What the other figures give, and the limits beside it where it is known closely: 13.24‰ and 13.23–13.25‰.

    One-sided: 不少于71人. Where the limits lie far apart they are all there is to say.
    """
    unit = words.unit(finding.unit)
    low, high = is_known(finding.low), is_known(finding.high)
    if low != high:
        side, end = ("least", finding.low) if low else ("most", finding.high)
        return words(f"finding.at.{side}", value=number(end) + unit), ""
    if not is_known(finding.recomputed):
        return "", ""
    apart = f"{number(finding.low)}–{number(finding.high)}{unit}" if low and finding.low != finding.high else ""
    if apart and finding.high - finding.low > 0.2 * abs(finding.high):
        return apart, ""
    return number(finding.recomputed) + unit, apart


def stated_fact(township: Township, finding) -> pd.Series | None:
    """The figure a finding sets against the others, where it is one of the township's."""
    facts = [township.fact(fact) for fact in finding.facts.split(";")]
    return next((fact for fact in facts if fact is not None and abs(float(fact["value"]) - finding.stated) < 1e-9), None)


def _row(rates: pd.DataFrame, measure: str) -> pd.Series | None:
    rows = rates[rates["measure"] == measure]
    return None if rows.empty else rows.iloc[-1]


def _population(township: Township) -> Markup | None:
    rows = choices.observed(township)
    rows = rows[(rows["code"] == "pop_total") & (rows["dims"] == "{}")].rename(columns={"code": "measure"})
    if rows.empty:
        return None
    row = choices.latest(rows).iloc[-1]
    words = township.words
    return say(words, "lead.population", period=words.period(row["period"]), base=_base_name(row["base"], words),
               value=link(number(row["value"]), f"f-{row['fact']}"))


def _base_name(base: str, words: Labels) -> str:
    return words("indicator.population") if base in ("unstated", "") else words(f"base.{base}")


def _compared(row: pd.Series, words: Labels) -> Markup:
    values = {"period": words.period(row["period"]), "name": words.measure(row["measure"]), "value": _value(row, words), "limits": _limits(row)}
    if not is_known(row["benchmark_value"]) or not row["judgement"]:
        return say(words, "lead.rate", **values)
    side = {"better": "differs", "worse": "differs"}.get(row["judgement"], row["judgement"])
    if side == "differs":
        side = "higher" if row["value"] > row["benchmark_value"] else "lower"
    return say(words, f"lead.rate.{side}", benchmark=words.get(f"benchmark.{row['benchmark']}", row["benchmark"]),
               against=number(row["benchmark_value"], 2) + per_text(row["per"], words), **values)


def vital(township: Township) -> list[Markup]:
    """The course of births and deaths: first to last whole year, or the one year there is."""
    words = township.words
    told = []
    for measure in ("cbr", "cdr", "nir"):
        rows = series(township.rates, measure)
        whole = rows[rows["whole"]]
        if len(whole) >= 2:
            told.append(_course(whole, words))
        elif len(rows):
            row = rows.iloc[-1]
            told.append(say(words, "vital.one", period=words.period(row["period"]), name=words.measure(measure),
                            value=_value(row, words), limits=_limits(row)))
    nir = series(township.rates, "nir")
    doubted = _periods_in_question(township, ("cbr", "cdr", "nir"))
    if len(nir):
        last = nir.iloc[-1]
        sign = "growing" if last["low"] > 0 else "shrinking" if last["high"] < 0 else "open"
        told.append(say(words, f"vital.sign.{sign}", period=words.period(last["period"])))
    if doubted:
        told.append(say(words, "vital.questioned", periods=words.join(map(words.period, doubted))))
    return told


def _periods_in_question(township: Township, measures: tuple[str, ...]) -> list[str]:
    """Periods with a computed rate that rests on a questioned figure."""
    rows = township.rates[township.rates["measure"].isin(measures) & (township.rates["status"] == "ok")]
    return sorted(set(rows.loc[choices.in_question(rows), "period"]))


def _course(rows: pd.DataFrame, words: Labels) -> Markup:
    first, last = rows.iloc[0], rows.iloc[-1]
    return say(words, f"vital.course.{change(rows)}", name=words.measure(first["measure"]), first_year=words.period(first["period"]),
               last_year=words.period(last["period"]), first=_value(first, words), last=_value(last, words),
               first_limits=_limits(first), last_limits=_limits(last))


def sex_ratio(township: Township) -> list[Markup]:
    """What the births can tell about the sex ratio, and how many would be needed to tell more."""
    words = township.words
    rows = choices.sex_ratio_rows(township)
    if rows.empty:
        return [say(words, "ratio.stated_only")] if len(choices.sex_ratios_stated(township)) else []
    rows = rows[~choices.in_question(rows)]
    if rows.empty:
        return [say(words, "ratio.questioned")]
    last = rows.iloc[0]
    births = int(last["numerator"] + last["denominator"])
    told = [say(words, f"ratio.{_ratio_side(last)}", period=words.period(last["period"]), value=_value(last, words),
                limits=_limits(last), births=number(births))]
    if births < FEW_BIRTHS:
        told.append(say(words, "ratio.few", births=number(births)))
    if _ratio_side(last) == "open" and not WORTH_ASKING[0] < last["value"] < WORTH_ASKING[1]:
        from helpers.rates import births_to_tell  # loads statsmodels, which few pages need

        needed = births_to_tell(float(last["value"]))
        told.append(say(words, "ratio.needed", value=number(last["value"], 1), needed=number(_two_digits(needed)),
                        years=number(max(2, round(needed / births)))))
    dated = series(township.rates, "srb")
    dated = dated[dated["whole"]] if len(dated) else dated
    if len(dated) >= 2:
        value, low, high, total = pooled_ratio(dated)
        apart = rows["base"].nunique() > 1
        told.append(say(words, "ratio.pooled.base" if apart else "ratio.pooled", base=words(f"base.{dated['base'].iloc[0]}"), count=len(dated), births=number(total), value=number(value, 1), limits=interval(low, high, 1)))
    return told


def _two_digits(count: int) -> int:
    """A count rounded to two digits: a required sample is never known better."""
    return int(float(f"{count:.1e}"))


def _ratio_side(row: pd.Series) -> str:
    return "above" if row["low"] > 107 else "below" if row["high"] < 103 else "open"


def services(township: Township) -> list[Markup]:
    """How many services are known, and how many of them only as a percentage."""
    rows = choices.services(township)
    if rows.empty:
        return []
    lowest = rows.sort_values(["doubt", "value"], kind="stable").iloc[0]
    key = "services.story" if rows["counted"].any() else "services.story.stated"
    return [say(township.words, key, count=len(rows), counted=int(rows["counted"].sum()),
                lowest=lowest["name"], value=f"{number(lowest['value'], 1)}%")]


def targets(township: Township) -> list[Markup]:
    """How many targets were reached."""
    rows = choices.targets(township)
    if rows.empty:
        return []
    counts = rows["attained"].value_counts()
    return [say(township.words, "targets.story", count=len(rows), reached=int(counts.get("yes", 0)), missed=int(counts.get("no", 0)),
                rest=int(len(rows) - counts.get("yes", 0) - counts.get("no", 0)))]


def among_others(township: Township) -> list[Markup]:
    """The place's rank among those of its level in the latest common year, with how little a rank may mean."""
    rows = funnel_rows(township)
    own = rows[rows["place_id"] == township.id]
    if own.empty or len(rows) < 5:
        return []
    row = own.iloc[0]
    others = rows[rows["place_id"] != township.id]
    alike = int(((others["low"] <= row["high"]) & (others["high"] >= row["low"])).sum())
    rank = int((rows["value"] > row["value"]).sum()) + 1
    words = township.words
    return [say(words, "among.story", name=words.measure(row["measure"]), period=words.period(row["period"]),
                value=_value(row, words), limits=_limits(row), count=len(rows), rank=rank, alike=alike)]


def funnel_rows(township: Township) -> pd.DataFrame:
    """Rates of all peers in the latest whole period in which this place has one, on the same population base."""
    peers = township.peers
    peers = peers[(peers["status"] == "ok") & (peers["dims"] == "{}") & ~choices.in_question(peers)]
    own = peers[(peers["place_id"] == township.id) & peers["year_kind"].isin(("calendar", "family_planning"))]
    if own.empty:
        return peers.iloc[:0]
    last = own.sort_values("period", kind="stable").iloc[-1]
    same = peers[(peers["period"] == last["period"]) & (peers["base"] == last["base"]) & (peers["measure"] == last["measure"])]
    return same.drop_duplicates("place_id").reset_index(drop=True)


def formula(row, words: Labels) -> str:
    """How a rate was computed, in figures: 1,000 × 336 ÷ 30,238 = 11.11."""
    decimals = decimals_for(row.low, row.high)
    return words("formula", per=number(row.per), numerator=number(row.numerator), denominator=number(row.denominator, None if row.denominator == round(row.denominator) else 1),
                 value=number(row.value, max(decimals, 2)))
