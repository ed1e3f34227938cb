"""The words of data/catalogue/audit_words.csv that the audit looks for in a text."""

from __future__ import annotations

import re
from functools import cache

from helpers.catalogue import read_rows
from helpers.extract.lexicon import spellings

KINDS = {"fall", "rise", "reached", "normal", "lead", "plan", "span", "population", "part", "source", "survey"}


@cache
def terms(kind: str) -> str:
    """All terms of a kind as the alternatives of a pattern, the longest first."""
    found = [spelling for row in read_rows("audit_words") if row.one_of("kind", KINDS) == kind for spelling in spellings(row["term"])]
    return "|".join(re.escape(word) for word in sorted({word for word in found if word}, key=lambda word: (-len(word), word)))
