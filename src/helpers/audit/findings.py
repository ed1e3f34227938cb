"""Facts in, findings out: the stage as one call."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from itertools import chain
from math import inf, nan
from types import MappingProxyType

import numpy as np
import pandas as pd

from helpers.audit.caution import Articles, cautious
from helpers.audit.comparisons import base_conflicts, changes, conflicts, spans
from helpers.audit.customs import custom_rates, out_of_bounds
from helpers.audit.examine import examine
from helpers.audit.figures import Group
from helpers.audit.groups import group, materialise
from helpers.audit.phrases import phrases
from helpers.audit.questioned import EXCHANGED
from helpers.audit.repairs import repaired
from helpers.audit.screen import screen
from helpers.audit.targets import targets
from helpers.audit.verdicts import Verdict
from helpers.audit.wording import hypothesis_words, sentence, settle_words, unit_of_verdict
from helpers.schema import FINDINGS

# Groups screened at once: what their arrays hold stays under some hundred MB.
_CHUNK = 20_000
# Facts held at once: a place is never split, so that its years stay together.
_BLOCK = 300_000
_ORDER = ["doc", "section", "place_id", "place", "period", "severity", "identity", "finding"]


def _float(value) -> float:
    return nan if value is None or abs(value) == inf else float(value)


def _row(verdict: Verdict, about: Group) -> dict:
    """A verdict as a row of the findings table; the evidence is that of its own document."""
    verdict = cautious(verdict, about.doc)
    stated = verdict.suspect
    repair = verdict.details.get("repair")
    exchanged = repair.other if repair else None
    ordered = sorted((*verdict.figures, *verdict.details.get("beside", ())),
                     key=lambda figure: (figure.doc != about.doc, figure.doc, figure.start, figure.fact))
    own = [figure for figure in ordered if figure.doc == about.doc]
    low, high = verdict.recomputed or (None, None)
    middle = _float((low + high) / 2) if low is not None and abs(low) < inf and abs(high) < inf else _float(low)
    # The figure in question stands first: a query asks about it, a correction would change it. Then the one set down in its place.
    asked = ([stated] if stated else []) + [figure for figure in ordered if figure.key == exchanged] + ordered
    facts = ";".join(dict.fromkeys(figure.fact for figure in asked))
    name = hashlib.sha256(f"{about.doc}|{verdict.identity}|{verdict.kind}|{facts}".encode()).hexdigest()[:12]
    return {
        "finding": name, "doc": about.doc, "section": about.section, "place_id": about.place_id,
        "place": about.place, "period": about.period, "identity": verdict.identity, "class": verdict.kind,
        "severity": verdict.severity, "flags": ";".join((*verdict.flags, *((EXCHANGED,) if exchanged else ()))),
        "statement": "；".join(dict.fromkeys(figure.quote for figure in own)),
        "stated": _float(sum(stated.domain) / 2) if stated else nan,
        "recomputed": middle, "low": _float(low), "high": _float(high),
        "unit": unit_of_verdict(verdict),
        "hypothesis": hypothesis_words(verdict, "zh"), "settle": settle_words(verdict, "zh"),
        "hypothesis_en": hypothesis_words(verdict, "en"), "settle_en": settle_words(verdict, "en"),
        "evidence": json.dumps([*({"start": figure.start, "end": figure.end, "quote": figure.quote} for figure in own),
                                *verdict.details.get("spans", ())], ensure_ascii=False),
        "facts": facts, "text_zh": sentence(verdict, about, "zh"), "text_en": sentence(verdict, about, "en"),
    }


def _blocks(facts: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """The facts in blocks that nothing links: whole places (or documents, where no place is known)."""
    whose = facts["place_id"].where(facts["place_id"] != "", "doc:" + facts["doc"])
    codes, _ = pd.factorize(whose)
    block = np.cumsum(np.bincount(codes)) // _BLOCK if len(codes) else np.array([], int)
    for number in np.unique(block):
        yield facts[block[codes] == number].reset_index(drop=True)


def _examined(facts: pd.DataFrame, consistent: bool, texts: Mapping[str, str]) -> Iterator[dict]:
    """Rows of the findings table for one block of facts."""
    grouped = group(facts)
    articles = Articles(grouped, texts)
    put_right: dict = {}
    gids = grouped.groups.index.to_numpy()
    for first in range(0, len(gids), _CHUNK):
        some = gids[first:first + _CHUNK]
        cleared = screen(grouped, some)
        for gid, about in materialise(grouped, some if consistent else some[~cleared]):
            verdicts = [articles.weigh(verdict, about) for verdict in examine(about, cleared=bool(cleared[np.searchsorted(some, gid)]))]
            put_right |= {fact: domain for verdict in verdicts for fact, domain in repaired(verdict)}
            yield from (_row(verdict, about) for verdict in verdicts if consistent or verdict.severity != 0)
    yield from (_row(verdict, about) for about, verdict in changes(grouped, articles, put_right))
    if texts:
        yield from (_row(verdict, about) for about, verdict in phrases(grouped, texts))
    compared = chain(conflicts(grouped, articles), spans(grouped, articles),
                     *(comparison(grouped) for comparison in (base_conflicts, custom_rates, out_of_bounds, targets)))
    yield from (_row(verdict, about) for about, verdict in compared if consistent or verdict.severity != 0)


def build(facts: pd.DataFrame, places: pd.DataFrame | None = None, *, consistent: bool = True,
          texts: Mapping[str, str] = MappingProxyType({})) -> pd.DataFrame:
    """Recompute every stated figure: a FINDINGS frame, one row per checked set of figures.

    `facts` is a FACTS frame (straight from extraction or curated); `places` a PLACES frame, used for
    names only. Severity 0 says what agrees, 1 is a note, 2 and more is a finding; a missing severity
    means that the document alone cannot settle it. `consistent=False` leaves out severity 0, which on
    a whole country is most of the work. `texts` are the raw texts by document: with them words are held against
    numbers too.
    """
    rows = [row for block in _blocks(facts) for row in _examined(block, consistent, texts)]
    found = FINDINGS.conform(rows).drop_duplicates(["doc", "identity", "class", "facts"])
    if places is not None and len(places):
        names = places.drop_duplicates("place_id").set_index("place_id")["name"]
        found["place"] = found["place_id"].map(names).where(lambda named: named.notna() & (named != ""), found["place"])
    return found.sort_values(_ORDER, kind="stable", ignore_index=True)
