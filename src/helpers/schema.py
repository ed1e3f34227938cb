"""The tables that pass between stages, each declared once.

A stage takes one table and gives the next. `TABLE.conform(frame)` puts columns in order, casts them
and refuses what does not fit, so that a reader of the Parquet files may rely on this page alone.
The data dictionary (`docs/data-dictionary.md`) is printed from these declarations.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from helpers.errors import TownshipError

# How a column is stored: text is the pandas `str` dtype; whole numbers may be missing (Int64).
TEXT, WHOLE, NUMBER, FLAG = "str", "Int64", "float64", "bool"


@dataclass(frozen=True)
class Column:
    """One column: its name, how it is stored, and what it means (with the unit, where it has one)."""

    name: str
    kind: str
    meaning: str


@dataclass(frozen=True)
class Table:
    """A table's name and columns, in order."""

    name: str
    meaning: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    def conform(self, rows: pd.DataFrame | Iterable[Mapping]) -> pd.DataFrame:
        """The rows as a frame with exactly these columns, in this order and of these types.

        Columns that are absent come out empty; a column the table does not have, or a value that
        cannot be cast, raises `TownshipError` naming the table and the column.
        """
        frame = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(list(rows))
        unknown = [name for name in frame.columns if name not in self.names]
        if unknown:
            raise TownshipError(f"table {self.name} has no column {', '.join(map(str, unknown))}")
        data = {}
        for column in self.columns:
            values = frame[column.name] if column.name in frame else pd.Series(index=frame.index, dtype=object)
            try:
                if column.kind == TEXT:
                    data[column.name] = values.astype(object).where(values.notna(), "").astype("str")
                elif column.kind == FLAG:
                    data[column.name] = values.astype(object).where(values.notna(), False).astype(bool)
                else:
                    data[column.name] = pd.to_numeric(values, errors="raise").astype(column.kind)
            except (TypeError, ValueError) as error:
                raise TownshipError(f"table {self.name}, column {column.name}: {error}") from error
        return pd.DataFrame(data, columns=self.names).reset_index(drop=True)


def dims_text(dims: Mapping[str, str]) -> str:
    """Dims as stored in a table: JSON with sorted keys, so that equal dims are equal text."""
    return json.dumps(dict(sorted(dims.items())), ensure_ascii=False) if dims else "{}"


def flagged(frame: pd.DataFrame, flag: str) -> pd.Series:
    """Whether each row carries `flag` in its column `flags`.

    >>> flagged(pd.DataFrame({"flags": ["questioned;small_count", "small_count", ""]}), "questioned").tolist()
    [True, False, False]
    """
    return (";" + frame["flags"].astype("str") + ";").str.contains(f";{flag};", regex=False).astype(bool)


def _table(name: str, meaning: str, columns: str) -> Table:
    """A table from lines of `name | kind | meaning`."""
    rows = [[part.strip() for part in line.split("|", 2)] for line in columns.strip().splitlines()]
    return Table(name, meaning, tuple(Column(*row) for row in rows))


DOCUMENTS = _table("documents", "one row per document read", """
    doc        | str   | id of the document: its file's stem, made unique
    path       | str   | the file, relative to the folder it was found in
    title      | str   | from the manifest, else the first line that reads like a title
    sha256     | str   | of the file's bytes
    encoding   | str   | how the bytes were decoded; docx, doc, xlsx, xls or pdf where the text was taken out of such a file
    characters | Int64 | length of the raw text
    simulated  | bool  | made by `township simulate`
    provenance | str   | where figures and wording come from, as the manifest says
    sections   | Int64 | articles found in it
    facts      | Int64 | facts read from it
    doubts     | Int64 | figures seen and not read, or rejected
    notes      | str   | what of the file is not in its text (scanned pages, hidden sheets), in sentences
    error      | str   | why it could not be read; empty when it was
""")

FACTS = _table("facts", "one row per stated figure, with the characters it was read from", """
    fact       | str     | id: a short hash of document, span, code, dims and status
    doc        | str     | the document
    section    | Int64   | 1-based number of the article within the document
    code       | str     | indicator, a row of data/catalogue/indicators.csv
    dims       | str     | JSON: sex, order, policy, residence, age, group; only what the text says
    value      | str     | the decimal stated, digits kept, after 万 千 百 亿 and Chinese numerals
    written    | str     | the value as printed
    low        | float64 | lower end of what printed digits, unit and hedge words allow
    high       | float64 | upper end of the same
    unit       | str     | see data/catalogue/units.csv
    status     | str     | observed, target, previous or change
    place      | str     | as written, in simplified characters
    level      | str     | village, township, county, city, province, nation, institution or empty
    place_id   | str     | id of the place (a-z, 0-9, hyphen; at most 64)
    period     | str     | ISO: YYYY, YYYY-MM, YYYY-MM/YYYY-MM, YYYY-MM-DD; X where the year is redacted
    year_kind  | str     | calendar, family_planning (1 Oct to 30 Sep), partial, point or unknown
    base       | str     | population base: registered, resident, floating or unstated
    start      | Int64   | first character of the evidence in the raw text
    end        | Int64   | one past the last
    quote      | str     | the evidence: raw[start:end]
    rule       | str     | the rule that read it
    state      | str     | stated, corrected or derived
    doubts     | str     | reasons to look again, separated by a semicolon
    ruling     | str     | of a person, in data/curation: accepted, superseded (a corrected row stands for it) or rejected
    reason     | str     | of the ruling or correction, with its author and date
    corrects   | str     | the fact that this corrected one stands for
""")

DOUBTS = _table("doubts", "figures seen and not read, or rejected, with the reason", """
    doc     | str   | the document
    section | Int64 | article within it
    start   | Int64 | first character in the raw text
    end     | Int64 | one past the last
    quote   | str   | raw[start:end]
    reason  | str   | a code of data/catalogue/doubts.csv
    note    | str   | the same in words
""")

PLACES = _table("places", "one row per place with facts", """
    place_id  | str   | id (a-z, 0-9, hyphen; at most 64)
    name      | str   | as shown: the manifest's name, else the fullest name written
    pinyin    | str   | of the name, for search and sorting
    level     | str   | township, county, city, village, institution, province, nation or empty
    county    | str   | the county it belongs to, where known
    province  | str   | the province, where known
    aliases   | str   | other names, separated by a semicolon
    redacted  | bool  | the text hides the name
    simulated | bool  | made by `township simulate`
    documents | Int64 | documents that speak of it
    facts     | Int64 | facts about it
""")

PANEL = _table("panel", "place × period × indicator: one value each, rivals kept", """
    place_id     | str     | the place
    period       | str     | as in facts
    period_start | str     | first day, YYYY-MM-DD; empty when the year is not known
    period_end   | str     | last day, YYYY-MM-DD; empty when the year is not known
    year         | Int64   | the calendar year the period ends in; missing when redacted
    year_kind    | str     | calendar, family_planning, partial, point or unknown
    code         | str     | indicator
    dims         | str     | JSON, without residence (that is `base`)
    base         | str     | registered, resident, floating or unstated
    status       | str     | observed, target, previous or change
    value        | float64 | in the unit of the next column
    low          | float64 | lower end of what the printed digits allow
    high         | float64 | upper end
    written      | str     | as printed: trailing zeros matter to the audit
    unit         | str     | see data/catalogue/units.csv
    fact         | str     | the fact it was taken from
    rivals       | str     | ids of other facts for the same cell, separated by a semicolon
    conflict     | bool    | a rival states a value that rounding cannot reconcile
    questioned   | bool    | a finding of the audit calls the figure into question
    doc          | str     | the document of that fact
    section      | Int64   | its article
""")

RATES = _table("rates", "rates computed from counts, each with its interval and its ingredients", """
    place_id     | str     | the place
    period       | str     | as in facts
    year         | Int64   | the calendar year the period ends in
    year_kind    | str     | calendar, family_planning, partial, point or unknown
    measure      | str     | a row of data/catalogue/measures.csv
    dims         | str     | JSON
    base         | str     | population base of numerator and denominator
    value        | float64 | per `per`
    low          | float64 | lower limit of the interval
    high         | float64 | upper limit of the interval
    confidence   | float64 | of the interval, 0 to 1
    numerator    | float64 | count
    denominator  | float64 | person-years, births, or persons eligible
    per          | float64 | 1000, 100 or 100000
    method       | str     | of the interval
    denominator_kind | str | which denominator: closing, mean, opening, mid_year, births, stated_group
    status       | str     | ok, missing, invalid or refused
    flags        | str     | codes of data/catalogue/flags.csv, separated by a semicolon
    stated       | float64 | the same rate as the document prints it, where it does
    stated_low   | float64 | what its digits allow
    stated_high  | float64 | upper end of the same
    agrees       | str     | yes, no, note or empty: stated against recomputed, within rounding
    facts        | str     | ids of the facts used, separated by a semicolon
    benchmark    | str     | what it was compared with: nation, province, county, own or norm
    benchmark_value | float64 | in the same unit
    p_value      | float64 | of the comparison
    judgement    | str     | better, similar, worse, higher, lower or empty
    q_value      | float64 | the p-value adjusted for the number of places compared (Benjamini-Hochberg)
""")

COMPARISONS = _table("comparisons", "each rate beside every benchmark there is for it", """
    place_id     | str     | the place
    period       | str     | as in rates
    year         | Int64   | the calendar year the period ends in
    year_kind    | str     | calendar, family_planning, partial, point or unknown
    measure      | str     | a row of data/catalogue/measures.csv
    dims         | str     | JSON
    base         | str     | population base
    value        | float64 | the rate, as in rates
    benchmark    | str     | nation, province, county (its other townships), own (up to five earlier periods) or norm
    benchmark_value | float64 | in the same unit
    members      | Int64   | places or periods the benchmark is summed over; missing for a published one
    ratio        | float64 | rate over benchmark
    p_value      | float64 | exact, two-sided, central
    q_value      | float64 | adjusted over the places compared for this measure and period (Benjamini-Hochberg)
    judgement    | str     | better, similar, worse, higher, lower or empty (too few cases to say)
    funnel       | str     | high or low where the place lies outside the over-dispersed 99.8 % limits of its county, else inside or empty
    flags        | str     | codes of data/catalogue/flags.csv, separated by a semicolon
""")

FINDINGS = _table("findings", "what the audit recomputed, one row per statement or identity", """
    finding    | str     | id
    doc        | str     | the document
    section    | Int64   | article
    place_id   | str     | the place
    place      | str     | its name
    period     | str     | as in facts
    identity   | str     | a row of data/catalogue/identities.csv
    class      | str     | consistent, note, denominator_differs, conflict, arithmetic_error, impossible, needs_external
    severity   | Int64   | 0 to 4; a finding is 2 or more
    flags      | str     | partial_year, target, wording, exchanged; separated by a semicolon
    statement  | str     | what is stated, in the document's words
    stated     | float64 | the stated figure
    recomputed | float64 | the same from the other figures
    low        | float64 | lower end of what the other figures allow
    high       | float64 | upper end
    unit       | str     | of the four above
    hypothesis | str    | what would explain it, in Chinese
    settle     | str    | what would settle it, in Chinese
    evidence   | str     | JSON list of {start, end, quote}
    facts      | str     | ids of the facts concerned, separated by a semicolon
    text_zh    | str     | the finding in one or two sentences
    text_en    | str     | the same in English
    hypothesis_en | str | what would explain it, in English
    settle_en  | str    | what would settle it, in English
""")

HIDDEN = _table("hidden", "figures taken out where small counts are not published (`--suppress-below`); only there", """
    place_id | str   | the place
    period   | str   | as in facts
    code     | str   | indicator
    dims     | str   | JSON
    base     | str   | registered, resident, floating or unstated
    status   | str   | observed, target, previous or change
    doc      | str   | the document that states it
    below    | Int64 | counts from 1 to one less than this are not published; others are hidden so that none can be reckoned back
""")

TABLES = {table.name: table for table in (DOCUMENTS, FACTS, DOUBTS, PLACES, PANEL, RATES, COMPARISONS, FINDINGS, HIDDEN)}
