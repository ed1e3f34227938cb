"""What prose gives: readings, and what a passage carries from sentence to sentence."""

from __future__ import annotations

from dataclasses import dataclass, field

from helpers.extract.binding import SPLITS, Subject, Topic
from helpers.extract.lexicon import phrase
from helpers.extract.numbers import Number
from helpers.extract.places import Scope
from helpers.extract.times import TimePhrase

_OFFICE_NAMES = phrase("office_names")


def without_office_names(text: str) -> str:
    """The text without the words that look like plans and are none (计划生育)."""
    return _OFFICE_NAMES.sub("", text)


@dataclass(frozen=True)
class Reading:
    """A figure with its meaning, positions in the cleaned text of the article."""

    subject: Subject
    number: Number
    status: str
    sign: int
    time: TimePhrase | None
    scope: Scope | None
    start: int
    end: int
    rule: str
    doubts: tuple[str, ...] = ()


@dataclass
class Passage:
    """What carries over from sentence to sentence within a paragraph, and from headings to paragraphs."""

    topic: Topic | None = None
    subject: Subject | None = None
    earlier: list[Subject] = field(default_factory=list)
    time: TimePhrase | None = None
    own: Scope = field(default_factory=lambda: Scope("", ""))
    year: str = ""
    until: TimePhrase | None = None
    goal: bool = False
    report: bool = False
    aims_listed: bool = False
    part: Scope | None = None
    place: Scope | None = None
    residence: str = ""
    governed: str = ""
    bound: bool = False
    years: list[str] = field(default_factory=list)
    by_age: bool = False
    topics: set[str] = field(default_factory=set)
    aimed: bool = False
    mentioned: Subject | None = None
    before: list[Subject] = field(default_factory=list)
    unread: list[tuple[int, int, str]] = field(default_factory=list)

    def begin(self, subject: Subject | None, time: TimePhrase | None = None) -> None:
        """A new paragraph: `subject` and `time` are its heading's; what the paragraph before told of ends."""
        splittable = [s for s in self.earlier if "sex" in SPLITS.get(s.code, ()) and "sex" not in s.dims]
        self.before = splittable or self.before
        self.subject, self.time, self.residence, self.earlier = subject, time, "", []
        self.topics = {self.topic.name} if self.topic else set()
        self.mentioned, self.aimed, self.place = None, False, None
        self.years, self.part, self.bound, self.until, self.governed = [], None, False, None, ""
