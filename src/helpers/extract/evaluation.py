"""Extracted facts against facts read by hand: precision, recall, F1, and what changed since an earlier run.

A gold fact is found when a predicted fact of the same document agrees with it on code, dims, value and status
(strict), or on code and value (loose). Exact repeats count once on both sides; a gold line marked `optional`
counts neither way. Of what is found strictly, period, section, level and unit are right or not.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from math import sqrt
from pathlib import Path
from statistics import NormalDist

import numpy as np

from helpers.errors import InputError

Line = Mapping[str, object]
Key = tuple
# Dims that tell one figure from another; residence and group are written too unevenly to count.
CORE_DIMS = ("sex", "order", "policy", "age")
# Codes that say their age themselves (65 and over, under 1, under 5).
AGE_IN_CODE = ("elderly", "imr", "u5mr")
ATTRIBUTES = ("period", "section", "level", "unit")
DRAWS, SEED, LEVEL = 2000, 1, 0.95


@dataclass(frozen=True)
class Count:
    """Facts found, spurious and missed; counts of documents or indicators add up."""

    found: int = 0
    spurious: int = 0
    missed: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(self.found + other.found, self.spurious + other.spurious, self.missed + other.missed)

    @property
    def gold(self) -> int:
        return self.found + self.missed

    @property
    def predicted(self) -> int:
        return self.found + self.spurious

    @property
    def precision(self) -> float:
        return self.found / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        return self.found / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        return 2 * self.found / (self.gold + self.predicted) if self.found else 0.0


@dataclass
class Score:
    """What a comparison counted: by document (strict and loose), by indicator, and the attributes of what was found."""

    strict: dict[str, Count] = field(default_factory=dict)
    loose: dict[str, Count] = field(default_factory=dict)
    codes: dict[str, Count] = field(default_factory=dict)
    right: Counter = field(default_factory=Counter)

    def total(self, kind: str = "strict") -> Count:
        """The counts of all documents together; `kind` is strict or loose."""
        return sum(getattr(self, kind).values(), Count())

    def share_right(self, attribute: str) -> float:
        """The share of the strictly found facts whose period, section, level or unit is right (1 when none was found)."""
        found = self.total().found
        return self.right[attribute] / found if found else 1.0


def read_folder(folder: Path) -> dict[str, list[Line]]:
    """The facts of every `<doc>.jsonl` in a folder, by document; files of doubts are left out.

    Raises InputError, naming file and line, for a line that is no fact.
    """
    return {path.stem: _read(path) for path in sorted(folder.glob("*.jsonl")) if not path.stem.endswith(".doubts")}


def _read(path: Path) -> list[Line]:
    facts = []
    for number, text in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if not text.strip():
            continue
        try:
            fact = json.loads(text)
        except json.JSONDecodeError as error:
            raise InputError(f"{path}, line {number}: {error.msg}: each line must be one JSON object.") from error
        if not isinstance(fact, dict) or not {"code", "value"} <= fact.keys():
            raise InputError(f"{path}, line {number}: a fact needs at least the keys `code` and `value`.")
        facts.append(fact)
    return facts


def strict_key(fact: Line) -> Key:
    """What must agree strictly: code, core dims, value as a number, status.

    >>> strict_key({"code": "births", "dims": {"sex": "male"}, "value": "167.0"})
    ('births', (('sex', 'male'),), Decimal('167'), 'observed')
    """
    dims = dict(fact.get("dims") or {})
    if str(fact["code"]).startswith(AGE_IN_CODE):
        dims.pop("age", None)
    core = tuple(sorted((name, str(dims[name])) for name in CORE_DIMS if name in dims))
    return fact["code"], core, _number(fact["value"]), fact.get("status", "observed")


def loose_key(fact: Line) -> Key:
    """What must agree loosely: code and value."""
    return fact["code"], _number(fact["value"])


def _number(value: object) -> Decimal | str:
    try:
        return Decimal(str(value)).normalize()
    except InvalidOperation:
        return str(value)


def compare(gold: Collection[Line], predicted: Collection[Line], key: Callable[[Line], Key] = strict_key) -> tuple[dict, dict]:
    """The facts that count, by key, gold and predicted: repeats once, optional keys on neither side."""
    optional = {key(fact) for fact in gold if fact.get("optional")}
    return ({key(fact): fact for fact in gold if key(fact) not in optional},
            {key(fact): fact for fact in predicted if key(fact) not in optional})


def score(gold: Mapping[str, Collection[Line]], predicted: Mapping[str, Collection[Line]]) -> Score:
    """The score of predicted facts by document; a gold document without a prediction is missed whole.

    >>> one = {"a": [{"code": "births", "value": "3"}, {"code": "deaths", "value": "2"}]}
    >>> score(one, {"a": one["a"][:1]}).total().f1
    0.6666666666666666
    """
    result, codes = Score(), defaultdict(Counter)
    for doc, facts in gold.items():
        for kind, key in (("loose", loose_key), ("strict", strict_key)):
            ours, theirs = compare(facts, predicted.get(doc, ()), key)
            found = ours.keys() & theirs.keys()
            getattr(result, kind)[doc] = Count(len(found), len(theirs) - len(found), len(ours) - len(found))
        for one in found:
            result.right.update(name for name in ATTRIBUTES if _same(name, ours[one], theirs[one]))
        for one in ours.keys() | theirs.keys():
            codes[one[0]]["found" if one in found else "missed" if one in ours else "spurious"] += 1
    result.codes = {code: Count(**counts) for code, counts in codes.items()}
    return result


def _same(name: str, one: Line, other: Line) -> bool:
    if name == "section":
        return str(one.get(name)) == str(other.get(name))
    first, second = str(one.get(name) or ""), str(other.get(name) or "")
    return first.upper() == second.upper() if name == "period" else first == second


def wilson(successes: int, trials: int, level: float = LEVEL) -> tuple[float, float]:
    """The Wilson score interval of a share; (0, 1) without trials.

    Source: Wilson, E. B. (1927), Journal of the American Statistical Association 22, 209-212.

    >>> [round(limit, 3) for limit in wilson(9, 10)]
    [0.596, 0.982]
    """
    if not trials:
        return 0.0, 1.0
    z = NormalDist().inv_cdf((1 + level) / 2)
    share, spread = successes / trials, z * z / trials
    centre = share + spread / 2
    half = z * sqrt(share * (1 - share) / trials + spread / (4 * trials))
    return max(0.0, (centre - half) / (1 + spread)), min(1.0, (centre + half) / (1 + spread))


def f1_limits(counts: Sequence[Count], *, draws: int = DRAWS, seed: int = SEED, level: float = LEVEL) -> tuple[float, float]:
    """Percentile limits of F1 when documents are drawn again with replacement: facts of one document err together.

    Source: Efron and Tibshirani (1993), An Introduction to the Bootstrap, chapter 13. The seed makes it repeatable;
    fewer than two documents give (0, 1).
    """
    if len(counts) < 2:
        return 0.0, 1.0
    table = np.array([(one.found, one.gold + one.predicted) for one in counts])
    picks = np.random.default_rng(seed).integers(0, len(counts), (draws, len(counts)))
    found, both = table[picks].sum(axis=1).T
    drawn = np.where(both > 0, 2 * found / np.maximum(both, 1), 0.0)
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


@dataclass(frozen=True)
class Change:
    """A fact that differs between two runs; `right` says whether the later (for lost facts the earlier) one is in gold."""

    kind: str
    doc: str
    before: Line | None
    after: Line | None
    right: bool


def changes(gold: Mapping[str, Collection[Line]], earlier: Mapping[str, Collection[Line]],
            later: Mapping[str, Collection[Line]]) -> list[Change]:
    """What was gained, lost or changed from one run to the next, document by document in order of the text.

    A fact with the same strict key but another period, section, level or unit is changed; so is one whose code
    and value stayed while dims or status moved.
    """
    found: list[Change] = []
    for doc in sorted(earlier.keys() | later.keys()):
        expected = {strict_key(fact) for fact in gold.get(doc, ())}
        old = {strict_key(fact): fact for fact in earlier.get(doc, ())}
        new = {strict_key(fact): fact for fact in later.get(doc, ())}
        moved = [(old[key], new[key]) for key in old if key in new and not all(_same(n, old[key], new[key]) for n in ATTRIBUTES)]
        lost = [fact for key, fact in old.items() if key not in new]
        gained = [fact for key, fact in new.items() if key not in old]
        for fact in list(lost):
            other = next((g for g in gained if loose_key(g) == loose_key(fact)), None)
            if other is not None:
                lost.remove(fact)
                gained.remove(other)
                moved.append((fact, other))
        found += [Change("changed", doc, before, after, strict_key(after) in expected) for before, after in moved]
        found += [Change("lost", doc, fact, None, strict_key(fact) in expected) for fact in lost]
        found += [Change("gained", doc, None, fact, strict_key(fact) in expected) for fact in gained]
    return sorted(found, key=lambda c: (c.doc, (c.after or c.before).get("start", 0), c.kind))


def report(gold: Path, predicted: Path, *, by: Iterable[str] = (), earlier: Path | None = None) -> str:
    """The score of the facts in a folder against the gold facts in another, as text.

    `by` breaks it down (code, doc); `earlier` is a folder of an earlier run to list changes against.
    Raises InputError when GOLD holds no facts, and for lines that are none.
    """
    expected, ours = read_folder(gold), read_folder(predicted)
    if not expected:
        raise InputError(f"{gold}: no <document>.jsonl is in this folder: name the folder with the gold facts.")
    result = score(expected, ours)
    lines = []
    for part in by:
        counts = result.strict if part == "doc" else dict(sorted(result.codes.items(), key=lambda item: (-item[1].gold - item[1].spurious, item[0])))
        lines += [*_breakdown(part, counts), ""]
    lines += [f"{name} right on {result.right[name]}/{result.total().found} = {result.share_right(name):.3f} of the found"
              for name in ATTRIBUTES]
    for kind in ("loose", "strict"):
        lines.append(_total(kind, result.total(kind), list(getattr(result, kind).values())))
    lines.append(f"({len(expected)} documents; in brackets 95 % limits: Wilson for precision and recall, documents drawn again for F1)")
    if earlier is not None:
        lines += ["", *_changes(changes(expected, *({doc: facts for doc, facts in run.items() if doc in expected}
                                                     for run in (read_folder(earlier), ours))))]
    return "\n".join(lines) + "\n"


def _limits(low: float, high: float) -> str:
    return f"[{low:.3f}–{high:.3f}]"


def _total(kind: str, count: Count, documents: Sequence[Count]) -> str:
    return (f"{kind}: precision {count.precision:.3f} {_limits(*wilson(count.found, count.predicted))} "
            f"recall {count.recall:.3f} {_limits(*wilson(count.found, count.gold))} "
            f"F1 {count.f1:.3f} {_limits(*f1_limits(documents))} (gold {count.gold}, predicted {count.predicted})")


def _breakdown(part: str, counts: Mapping[str, Count]) -> list[str]:
    width = max(len(name) for name in [part, *counts])
    lines = [f"{part:{width}s}  gold  found  missed  spurious  {'precision':23s} {'recall':23s} F1"]
    for name, count in counts.items():
        lines.append(f"{name:{width}s}  {count.gold:4d}  {count.found:5d}  {count.missed:6d}  {count.spurious:8d}  "
                     f"{count.precision:.3f} {_limits(*wilson(count.found, count.predicted)):17s} "
                     f"{count.recall:.3f} {_limits(*wilson(count.found, count.gold)):17s} {count.f1:.3f}")
    return lines


def _changes(found: Sequence[Change]) -> list[str]:
    """One line a changed fact, a summary first."""
    summary = [f"{kind} {len(some)} ({sum(change.right for change in some)} right)"
               for kind in ("gained", "lost", "changed") for some in [[change for change in found if change.kind == kind]]]
    return [f"against the earlier run: {', '.join(summary)}"] + [
        f"{change.kind:8s} {'right' if change.right else 'wrong':5s} {change.doc}  " + " → ".join(
            _words(fact) for fact in (change.before, change.after) if fact is not None) for change in found]


def _words(fact: Line) -> str:
    """A fact in one line: all that is compared, and its evidence."""
    dims = ",".join(f"{name}={value}" for name, value in sorted((fact.get("dims") or {}).items()))
    return " ".join(filter(None, [str(fact["code"]), dims and f"[{dims}]", str(fact["value"]), str(fact.get("unit", "")),
                                  str(fact.get("status", "")), str(fact.get("period", "")), str(fact.get("level", "")),
                                  f"§{fact['section']}" if "section" in fact else "", repr(fact.get("quote", ""))]))
