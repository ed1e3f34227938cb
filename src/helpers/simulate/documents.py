"""A simulated county as a folder of work reports, with what they state, who they name and what was planted in them."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from helpers.errors import InputError
from helpers.schema import dims_text
from helpers.simulate.compose import SIMULATED, compose
from helpers.simulate.county import County, check_size, draw_county
from helpers.simulate.draft import Draft, Edit, edited
from helpers.simulate.knowledge import Layout, layouts
from helpers.simulate.noise import with_noise
from helpers.simulate.places import Place, invent_places
from helpers.simulate.planting import Answer, plant_error
from helpers.simulate.report import Habits, Report
from helpers.simulate.services import Figures, figures
from helpers.workspace import write_text

# What is done to the documents of a style; `mixed` draws one of the others for each document, by these weights.
STYLES: dict[str, tuple[tuple[str, ...], int]] = {
    "plain": (("pipe_tables",), 5),
    "table": (("half_width", "flatten_tables"), 4),
    "traditional": (("half_width", "flatten_tables", "traditional_with_pinyin"), 3),
    "ocr": (("flatten_tables", "ocr_slips", "hard_wrap"), 2),
    "redacted": (("half_width", "redact_names", "flatten_tables"), 0),
}
MANIFEST = ("doc", "title", "place", "level", "county", "province", "period", "source", "simulated", "sha256")
ANSWERS = ("doc", "kind", "indicator", "true", "stated", "dims", "start", "end")
PERSONS = ("doc", "name", "start", "end")


@dataclass(frozen=True)
class SimulatedDocument:
    """A finished document: its file stem, the draft (text, facts, persons), its place, period and planted error."""

    stem: str
    draft: Draft
    place: Place
    period: str
    answer: Answer | None = None


def _stem(place: Place, year: int) -> str:
    from pypinyin import lazy_pinyin

    return "".join(lazy_pinyin(place.name)) + f"-{year}"


def _stems(places: list[Place], years: tuple[int, ...]) -> list[list[str]]:
    """File stems by township and year; places whose pinyin is the same get a number."""
    seen: Counter = Counter()
    found = []
    for place in places:
        base = _stem(place, 0)[:-2]
        seen[base] += 1
        mark = "" if seen[base] == 1 else f"-{seen[base]}"
        found.append([f"{base}{mark}-{year}" for year in years])
    return found


def _counts(one: Figures, township: int, at: int) -> dict[str, int]:
    return {name: int(values[township, at]) for name, values in one.items()}


def _labelled(draft: Draft) -> Draft:
    """The line that says the document is simulated, under the title, out of reach of the noise."""
    at = draft.text.index("\n") + 1
    return edited(draft, [Edit(at, at, SIMULATED + "\n")])


def _style(style: str, random: Random) -> tuple[str, ...]:
    if style == "mixed":
        style = random.choices(list(STYLES), [weight for _, weight in STYLES.values()])[0]
    return STYLES[style][0]


def _habits(township: int, seed: int) -> Habits:
    """An author works the same way every year."""
    random = Random(f"habits {seed} {township}")
    return Habits(closing=random.random() < 0.25, decimals=1 if random.random() < 0.15 else 2,
                  nir_by_difference=random.random() < 0.2)


def _layout(year: int, random: Random) -> tuple[Layout, str]:
    """A kind of report written in that year, and the period it covers."""
    fitting = [layout for layout in layouts() if layout.first <= year <= layout.last]
    layout = random.choices(fitting, [one.weight for one in fitting])[0]
    return layout, random.choice(layout.spans)


@dataclass(frozen=True)
class _Source:
    """What all documents of a run are drawn from."""

    county: County
    counts: dict[str, Figures]
    places: list[Place]
    seed: int


def _one(source: _Source, township: int, at: int, comparing: bool) -> tuple[Report, Draft, Random]:
    """The report of one township and year as its author wrote it, and the random state for what follows."""
    year = source.county.years[1 + at]
    random = Random(f"document {source.seed} {township} {year}")
    layout, span = _layout(year, random)
    report = Report(source.places[township], year, span, _counts(source.counts[span], township, at),
                    _counts(source.counts[span], township, max(at - 1, 0)), _habits(township, source.seed))
    return report, compose(report, layout, random, comparing), random


def simulate(townships: int, years: int, seed: int = 0, *, errors: float = 0.0, style: str = "mixed",
             start: int | None = None) -> Iterator[SimulatedDocument]:
    """One yearly report per township and year; `errors` is the share of documents with one planted error.

    A report that follows one with an error says nothing of the year before, so that an error is stated
    once and no true statement contradicts it. The same arguments give the same documents, byte for byte.
    Raises InputError for a size, share or style that cannot be had.

    >>> first = next(simulate(2, 1, seed=7))
    >>> first.draft.text.splitlines()[1][:6], all(first.draft.text[f.start:f.end] for f in first.draft.facts)
    ('【模拟数据】', True)
    """
    check_size(townships, years)
    if not 0 <= errors <= 1:
        raise InputError(f"--errors {errors}: give the share of documents with a planted error, from 0 to 1.")
    if style != "mixed" and style not in STYLES:
        raise InputError(f"--style {style}: choose one of mixed, {', '.join(STYLES)}.")
    places = invent_places(townships, seed)
    county = draw_county(townships, years, seed, start)
    source = _Source(county, figures(county, seed), places, seed)
    stems, used = _stems(places, county.years[1:]), Counter()
    for township in range(townships):
        wrong_before = False
        for at in range(years):
            stem = stems[township][at]
            report, draft, random = _one(source, township, at, comparing=not wrong_before and at > 0)
            draft, answer = _perhaps_wrong(draft, report, random, used, errors)
            wrong_before = answer is not None
            draft = _labelled(with_noise(draft, _style(style, random), f"{seed} {stem}"))
            yield SimulatedDocument(stem, draft, report.place, report.period("span"), answer)


def _perhaps_wrong(draft: Draft, report: Report, random: Random, used: Counter,
                   errors: float) -> tuple[Draft, Answer | None]:
    """The draft, with an error in so many cases; `used` counts the kinds planted so far."""
    planted = plant_error(draft, report, random, used) if random.random() < errors else None
    if planted is None:
        return draft, None
    used[planted[1].kind] += 1
    return planted


def _table(columns: tuple[str, ...], rows: list[tuple]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return stream.getvalue()


def provenance(townships: int, years: int, seed: int, errors: float, style: str) -> str:
    """What the manifest says of where a simulated document comes from: the command that makes it."""
    return (f"simulated: township simulate --townships {townships} --years {years} --seed {seed} --errors {errors:g}"
            + ("" if style == "mixed" else f" --style {style}"))


def write_documents(out: Path, townships: int, years: int, seed: int = 0, *, errors: float = 0.0,
                    style: str = "mixed", start: int | None = None) -> Counter:
    """Write the county to `out`: `<doc>.txt`, `truth/<doc>.jsonl`, manifest.csv, answers.csv and persons.csv.

    Returns how many documents, facts and errors were written.
    """
    manifest, answers, persons, total = [], [], [], Counter()
    source = provenance(townships, years, seed, errors, style)
    for document in simulate(townships, years, seed, errors=errors, style=style, start=start):
        draft, stem = document.draft, document.stem
        write_text(out / f"{stem}.txt", draft.text)
        lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in draft.rows()]
        write_text(out / "truth" / f"{stem}.jsonl", "".join(lines))
        digest = hashlib.sha256(draft.text.encode("utf-8")).hexdigest()
        manifest.append((stem, draft.title, document.place.name, "township", document.place.county,
                         document.place.province, document.period, source, "true", digest))
        persons += [(stem, draft.text[one.start:one.end], one.start, one.end) for one in draft.persons]
        if document.answer is not None:
            answers.append(_answer_row(stem, draft, document.answer))
        total.update(documents=1, facts=len(lines), errors=document.answer is not None)
    write_text(out / "manifest.csv", _table(MANIFEST, manifest))
    write_text(out / "answers.csv", _table(ANSWERS, answers))
    write_text(out / "persons.csv", _table(PERSONS, persons))
    return total


def _answer_row(stem: str, draft: Draft, answer: Answer) -> tuple:
    fact = next(one for one in draft.facts if one.slot == answer.slot and one.status == "observed")
    return (stem, answer.kind, answer.indicator, answer.true, answer.stated, dims_text(dict(answer.dims)),
            fact.start, fact.end)
