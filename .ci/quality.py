"""Writes docs/extraction-quality.md: what the reader of documents finds and misses, measured now: `make quality`."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from helpers.catalogue import indicators
from helpers.documents.read import find_sources, read_source
from helpers.extract import evaluation, extract
from helpers.extract.evaluation import Count, Score, f1_limits, wilson
from helpers.simulate import simulate, with_noise
from helpers.workspace import PROJECT, write_text

TARGET = PROJECT / "docs" / "extraction-quality.md"
GOLDEN, RESTATED = PROJECT / "tests" / "golden", PROJECT / "data" / "raw" / "restated"
TOWNSHIPS, YEARS, SEED = 6, 4, 11
# The states a report is found in: steps of `helpers.simulate`, in the order they are done.
STATES: dict[str, tuple[str, ...]] = {
    "as its author wrote it": (), "tables one cell a line": ("flatten_tables",), "full-width digits": ("full_width_digits",),
    "half-width punctuation": ("half_width",), "Traditional characters": ("traditional",),
    "Traditional with pinyin notes": ("half_width", "traditional_with_pinyin"),
    "scanner's slips (O, l, 玳)": ("flatten_tables", "ocr_slips"), "spaces inside numbers": ("spaced_numbers",),
    "lines broken": ("hard_wrap",), "lines broken, page marks between": ("hard_wrap", "page_marks"),
    "names struck out": ("redact_names",),
}

OPENING = f"""\
# How well documents are read

Written by `make quality`: run it again after a change of the reader, and read the difference.

A figure counts as found when code, dims (sex, order, policy, age), value and status all agree with the facts
written down by hand (or, for simulated reports, by the simulator). Precision is the share of what was read that is right, recall
the share of what stands there that was read, F1 their harmonic mean. In brackets 95 % limits: Wilson's for precision
and recall, which take facts as independent; for F1 documents are drawn again, which they are.

**What this measures.** The twelve documents in `data/raw/restated`: figures of real reports in our own wording, the facts in
`tests/golden` written by hand; and {TOWNSHIPS * YEARS} reports from `township simulate`, each in {len(STATES)} states, where the truth is
known to the character.

**What it does not.** The restated documents are twelve, and they have been looked at while the reader was made: read
them as an upper bound. The simulated reports are built from a few dozen sentences, so that they say how much noise costs and not how well unseen
wording is read. Reports of a kind that is not among them (yearbook tables of many places, scanned pages, other provinces'
terms) may be read worse. To know how well your own reports are read, write down the facts of five of them in the form of
`tests/golden` and run `township evaluate GOLD PREDICTED --by code`.
"""


def golden() -> tuple[dict, dict]:
    """Facts by hand and facts read, of the restated documents."""
    read = {source.doc: [fact.gold() for fact in extract(read_source(source).text).facts] for source in find_sources([RESTATED])}
    return evaluation.read_folder(GOLDEN), read


def simulated() -> dict[str, tuple[dict, dict]]:
    """Truth and reading of the simulated reports, by state."""
    drafts = {one.stem: one.draft for one in simulate(TOWNSHIPS, YEARS, seed=SEED, style="plain")}
    results = {}
    for state, steps in STATES.items():
        noisy = {stem: with_noise(draft, steps, stem) for stem, draft in drafts.items()}
        results[state] = ({stem: draft.rows() for stem, draft in noisy.items()},
                          {stem: [fact.gold() for fact in extract(draft.text).facts] for stem, draft in noisy.items()})
    return results


def share(value: float, low: float, high: float) -> str:
    """A share with its limits: 0.976 (0.948–0.989)."""
    return f"{value:.3f} ({low:.3f}–{high:.3f})"


def figures(count: Count, documents: Iterable[Count]) -> list[str]:
    """Gold, precision, recall and F1 with limits, as cells."""
    return [str(count.gold), share(count.precision, *wilson(count.found, count.predicted)),
            share(count.recall, *wilson(count.found, count.gold)), share(count.f1, *f1_limits(list(documents)))]


def markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    return "\n".join("| " + " | ".join(row) + " |" for row in [header, ["---"] * len(header), *rows]) + "\n"


def golden_section(result: Score) -> str:
    """The restated documents: all, each, and the attributes of what was found."""
    rows = [["all, strict", *figures(result.total(), result.strict.values())],
            ["all, code and value only", *figures(result.total("loose"), result.loose.values())]]
    rows += [[doc, str(count.gold), f"{count.precision:.3f}", f"{count.recall:.3f}", f"{count.f1:.3f}"] for doc, count in result.strict.items()]
    right = markdown(["of what was found", "right"], [
        [name, share(result.share_right(name), *wilson(result.right[name], result.total().found))] for name in evaluation.ATTRIBUTES])
    return f"## The restated documents\n\n{markdown(['document', 'facts', 'precision', 'recall', 'F1'], rows)}\n{right}"


def state_section(results: Mapping[str, tuple[dict, dict]]) -> str:
    """The simulated reports by state, against the truth and against the same report as its author wrote it."""
    clean = next(iter(results.values()))[1]
    rows = []
    for state, (truth, read) in results.items():
        result = evaluation.score(truth, read)
        same = evaluation.score(clean, read).strict
        equal = sum(not count.spurious and not count.missed for count in same.values())
        rows.append([state, *figures(result.total(), result.strict.values()), f"{result.share_right('period'):.3f}", f"{equal} of {len(same)}"])
    return ("## Simulated reports, by the state they are found in\n\nThe last column: reports from which exactly the same facts are read "
            "as from the report as its author wrote it.\n\n"
            + markdown(["state", "facts", "precision", "recall", "F1", "period right", "the same"], rows))


def indicator_section(results: Iterable[Score]) -> str:
    """Every indicator that is stated somewhere, restated and simulated documents together, the weakest first."""
    counts: defaultdict[str, Count] = defaultdict(Count)
    for result in results:
        for code, count in result.codes.items():
            counts[code] += count
    order = sorted(counts, key=lambda code: (counts[code].f1, -counts[code].gold, code))
    rows = [[f"`{code}`", indicators()[code].name_zh, str(counts[code].gold), share(counts[code].precision, *wilson(counts[code].found, counts[code].predicted)),
             share(counts[code].recall, *wilson(counts[code].found, counts[code].gold)), f"{counts[code].f1:.3f}"] for code in order]
    silent = [f"`{code}`" for code in indicators() if code not in counts]
    return ("## By indicator\n\nRestated documents and simulated reports as written, the weakest first. Few facts, wide limits.\n\n"
            + markdown(["code", "中文", "facts", "precision", "recall", "F1"], rows)
            + f"\nNot stated in any of them, so not measured: {', '.join(silent) or 'none'}.\n")


def missed_section(gold: dict, read: dict) -> str:
    """What went wrong in the restated documents, fact by fact."""
    told = evaluation.changes(gold, gold, {doc: read.get(doc, []) for doc in gold})
    kinds = Counter(one.kind for one in told)
    words = {"lost": "not read", "gained": "read and not there", "changed": "read otherwise"}
    rows = [[one.doc, words[one.kind], *(_cell(fact) for fact in (one.before, one.after))] for one in told]
    return (f"## What went wrong in the restated documents\n\n{kinds['lost']} facts were not read, {kinds['gained']} were read that are not there, "
            f"{kinds['changed']} were read otherwise (dims, status, period, place level or unit).\n\n"
            + markdown(["document", "", "by hand", "read"], rows))


def _cell(fact: Mapping | None) -> str:
    if fact is None:
        return "—"
    dims = ",".join(f"{name}={value}" for name, value in sorted(fact["dims"].items()))
    words = [f"`{fact['code']}`", dims and f"[{dims}]", fact["value"], fact["unit"], fact["status"], fact["period"], fact["level"], f"“{fact['quote']}”"]
    return " ".join(filter(None, words)).replace("|", "\\|").replace("\n", "⏎")


def current() -> str:
    """What docs/extraction-quality.md has to say now."""
    gold, read = golden()
    restated, states = evaluation.score(gold, read), simulated()
    written = evaluation.score(*next(iter(states.values())))
    return "\n".join([OPENING, golden_section(restated), state_section(states), indicator_section([restated, written]),
                      missed_section(gold, read)])


if __name__ == "__main__":
    write_text(Path(TARGET), current())
