"""The words of the reports, read from the catalogue and found in text in one pass.

A term may carry alternatives and optional parts: `(一|1)(孩|胎)[出生]率`. All spellings go into one trie
pattern, which finds the longest word at each place without backtracking over the list.
"""

from __future__ import annotations

import itertools
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

from helpers.catalogue import Row, indicators, read_rows
from helpers.errors import CatalogueError
from helpers.workspace import CATALOGUE

EMPTY: MappingProxyType = MappingProxyType({})


@dataclass(frozen=True)
class Meaning:
    """What a word can be: the kind of word, and what it says (an indicator code, a topic, a role, a cue)."""

    kind: str
    value: str
    dims: MappingProxyType = field(default_factory=lambda: EMPTY)
    context: str = ""

    @property
    def general(self) -> bool:
        """A general word (人口, 居民): it names the indicator only where nothing unread stands before it."""
        return self.context == "general"

    def fits(self, sentence: str) -> bool:
        """Whether the sentence holds what the meaning needs (`context`), or lacks what it must not hold (`!context`)."""
        if not self.context or self.general:
            return True
        if self.context.startswith("!"):
            return re.search(self.context[1:], sentence) is None
        return re.search(self.context, sentence) is not None


class Meanings(tuple[Meaning, ...]):
    """All that a spelling can mean; `first` is the first meaning of each kind."""

    first: Mapping[str, Meaning]

    def __new__(cls, meanings: Iterable[Meaning] = ()) -> Meanings:
        made = super().__new__(cls, meanings)
        made.first = MappingProxyType({meaning.kind: meaning for meaning in reversed(made)})
        return made


class Word(NamedTuple):
    """A word found in text: half-open positions and all it can mean."""

    start: int
    end: int
    text: str
    meanings: Meanings = Meanings()

    def meaning(self, kind: str) -> Meaning | None:
        return self.meanings.first.get(kind)

    def values(self, kind: str) -> list[str]:
        return [m.value for m in self.meanings if m.kind == kind]


def spellings(term: str) -> list[str]:
    """All spellings of a term of the catalogue; brackets may stand inside brackets.

    >>> spellings("[人口](出生|死亡)率")
    ['人口出生率', '人口死亡率', '出生率', '死亡率']
    """
    found, rest = _alternatives(term, 0, "")
    if rest != len(term):
        raise CatalogueError(f"the term {term!r} has a bracket that does not close: mend it in data/catalogue.")
    return list(dict.fromkeys(found))


def _alternatives(term: str, at: int, closing: str) -> tuple[list[str], int]:
    """The spellings of `term[at:]` up to the bracket that closes it, and where that stands."""
    done: list[str] = []
    current = [""]
    while at < len(term) and term[at] not in ")]":
        if term[at] == "|" and closing:
            done, current = done + current, [""]
        elif term[at] in "([":
            inner, end = _alternatives(term, at + 1, ")" if term[at] == "(" else "]")
            inner = inner if term[at] == "(" else [*inner, ""]
            current = [head + tail for head in current for tail in inner]
            at = end
        else:
            current = [head + term[at] for head in current]
        at += 1
    return done + current, at


def trie_pattern(words) -> str:
    """A pattern for the longest of many words at a place; one path through a trie, so no backtracking."""
    root: dict = {}
    for word in words:
        node = root
        for char in word:
            node = node.setdefault(char, {})
        node[""] = {}
    return _branch(root)


def _branch(node: dict) -> str:
    branches = [re.escape(char) + _branch(child) for char, child in node.items() if char]
    if not branches:
        return ""
    inner = branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"
    return f"(?:{inner})?" if "" in node else inner


def _dims(row: Row) -> MappingProxyType:
    dims = {}
    for part in filter(None, row["dims"].split(";")):
        key, _, value = part.partition("=")
        if key not in ("sex", "order", "policy", "residence", "age", "group") or not value:
            raise row.refuse("dims", "is not of the form key=value;key=value")
        dims[key] = value
    return MappingProxyType(dims)


@cache
def lexicon() -> MappingProxyType[str, Meanings]:
    """Every spelling with all it can mean."""
    words: dict[str, list[Meaning]] = {}

    def add(term: str, meaning: Meaning) -> None:
        for spelling in spellings(term):
            if spelling and meaning not in words.setdefault(spelling, []):
                words[spelling].append(meaning)

    codes = {*indicators(), "stop"}
    for row in read_rows("aliases"):
        code = row.one_of("code", codes)
        add(row["term"], Meaning("stop" if code == "stop" else "indicator", code, _dims(row), row["context"]))
    for row in read_rows("topics"):
        add(row["term"], Meaning("topic", row["topic"], _dims(row)))
    for row in read_rows("roles"):
        add(row["term"], Meaning("stop" if row["role"] == "stop" else "role", row["role"]))
    for row in read_rows("dim_words"):
        add(row["term"], Meaning("dim", row["dims"], _dims(row)))
    for row in read_rows("narrower"):
        add(row["word"], Meaning("part", row["word"]))
    for row in read_rows("words"):
        if row["kind"] in CUES:
            add(row["term"], Meaning("cue", row["kind"]))
    return MappingProxyType({word: Meanings(found) for word, found in words.items()})


CUES = ("up", "down", "than", "prior")


@cache
def topic_roles() -> MappingProxyType[tuple[str, str], str]:
    """The indicator a role word names within a topic."""
    codes = indicators()
    return MappingProxyType({(row["topic"], row["role"]): row.one_of("code", codes) for row in read_rows("topic_roles")})


@cache
def topic_of(code: str) -> str:
    """The topic an indicator belongs to, if any: 孕产妇系统管理 is about maternal care."""
    return next((topic for (topic, _), named in topic_roles().items() if named == code), "")


def sibling(code: str, role: str) -> str | None:
    """The indicator a role word names beside `code`, within its topic; None where there is none.

    >>> sibling("elderly_managed", "rate")
    'elderly_mgmt_rate'
    """
    return topic_roles().get((topic_of(code), role))


@cache
def narrower() -> dict[tuple[str, str], str]:
    """Parts of a subject that are indicators of their own (已婚 of 育龄妇女)."""
    return {(row["subject"], row["word"]): row.one_of("code", indicators()) for row in read_rows("narrower")}


# The rate of whoever was told to have died.
BARE_RATE = "死亡率"


@cache
def _scanner() -> re.Pattern:
    """The words as a pattern that looks at two characters before it goes into the trie: few begin a word."""
    words = lexicon()
    longer = [word for word in words if len(word) > 1]
    first, second = (re.escape("".join(dict.fromkeys(word[at] for word in longer))) for at in (0, 1))
    single = re.escape("".join(word for word in words if len(word) == 1))
    return re.compile(f"(?=[{first}][{second}]|[{single}]){trie_pattern(words)}")


@cache
def cue_pattern(kind: str) -> re.Pattern:
    """The words of one kind of words.csv as a pattern (searched, not matched)."""
    return re.compile(trie_pattern(itertools.chain.from_iterable(
        spellings(row["term"]) for row in read_rows("words") if row["kind"] == kind)))


@cache
def _phrases() -> Mapping[str, Row]:
    return {row["name"]: row for row in read_rows("phrases", key="name")}


@cache
def phrase(name: str) -> re.Pattern:
    """A turn of phrase of the reports by its name: a row of phrases.csv, as a pattern.

    >>> phrase("fell_ill").match(",患病率为3.3‰").group()
    ',患病率'
    """
    row = _phrases().get(name)
    if row is None:
        raise CatalogueError(f"{CATALOGUE / 'phrases.csv'} has no phrase {name!r}: restore the file from the repository.")
    try:
        return re.compile(row["pattern"])
    except re.error as error:
        raise row.refuse("pattern", f"is no regular expression ({error})") from error


@cache
def _fillers() -> frozenset[str]:
    return frozenset(itertools.chain.from_iterable(spellings(row["term"]) for row in read_rows("words") if row["kind"] == "filler"))


_ASIDE, _FILLING = re.compile(r"[(（][^()（）\d]{1,10}[)）]"), re.compile(r"[\s\ufffd:：“”\"'‘’《》〈〉、()（）·\[\]【】—_-]")
# Longest text for which the pattern is tried: what can be read in two ways a bracket doubles its time a bracket.
SHORT_FILLING = 24


@cache
def filler_pattern() -> re.Pattern:
    """What may stand between a subject and its figure without breaking the tie."""
    return re.compile(rf"(?:{trie_pattern(sorted(_fillers()))}|{_ASIDE.pattern}|{_FILLING.pattern})*")


def is_filler(text: str) -> bool:
    """Whether the text says nothing that could take a figure away from its subject.

    >>> is_filler("共有:"), is_filler("发放宣传单")
    (True, False)
    """
    return filler_pattern().fullmatch(text) is not None if len(text) <= SHORT_FILLING else _filled(text)


def _filled(text: str) -> bool:
    """`is_filler` place by place, in time linear in the length of the text."""
    longest = max(map(len, _fillers()))
    reached = [True] + [False] * len(text)
    for at in range(len(text)):
        if not reached[at]:
            continue
        if _FILLING.match(text, at):
            reached[at + 1] = True
        if aside := _ASIDE.match(text, at):
            reached[aside.end()] = True
        for end in range(at + 1, min(at + longest, len(text)) + 1):
            reached[end] = reached[end] or text[at:end] in _fillers()
    return reached[-1]


def find_words(text: str, start: int = 0, end: int = sys.maxsize) -> list[Word]:
    """The words of the lexicon in `text[start:end]`: longest at each place, left to right, never overlapping."""
    words = lexicon()
    return [Word(match.start(), match.end(), word := match[0], words[word]) for match in _scanner().finditer(text, start, end)]
