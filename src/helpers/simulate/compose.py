"""A report in words: sentences of the catalogue put together, with the place of every figure kept."""

from __future__ import annotations

import re
from random import Random

from helpers.simulate.draft import Draft, Person, Stated
from helpers.simulate.knowledge import Layout, sentences
from helpers.simulate.places import invent_person
from helpers.simulate.report import Figure, Report, figure

_TOKEN = re.compile(r"<|>|\{([^{}]+)\}|[^<>{}]+")
_COMPARES = re.compile(r"_(?:prev|change)\b")
_NUMERALS = "一二三四五六七八九"
_SPANS = {
    "calendar": (("{0}年", "{0}年全年", "{0}年度"), ("全年", "当年")),
    "half": (("{0}年上半年", "{0}年1至6月"), ("上半年",)),
    "fp": (("{1}年10月1日至{0}年9月30日", "{0}考核年度（{1}年10月1日至{0}年9月30日）"), ("本考核年度",)),
}
_ENDS = {"calendar": ("{0}年末", "年末"), "half": ("截至{0}年6月底", "至6月底"), "fp": ("截至{0}年9月底", "至9月底")}
_LAST = {"calendar": ("上年", "去年"), "half": ("去年同期",), "fp": ("上年度", "去年同期")}
_TITLES = {"calendar": ("{0}年度", "{0}年"), "half": ("{0}年上半年",), "fp": ("{0}考核年度",)}
_BODIES = {"family_planning": "计生办", "population": "统计站", "health": "卫生院"}
_FRAME = frozenset({"span", "asof", "last", "ahead", "goal", "person", "place", "T", "county", "head", "head_before"})
SIMULATED = "【模拟数据】本文由 township simulate 生成，地名、人名、数字均为虚构。"


class _Builder:
    """Text as it grows, with the facts and persons that stand in it."""

    def __init__(self, report: Report, random: Random) -> None:
        self.report, self.random = report, random
        self.text, self.facts, self.persons, self.slots = "", [], [], set()
        self._told = {"span": False, "asof": False}
        self._figures: dict[str, Figure | None] = {}

    def figure(self, name: str) -> Figure | None:
        """The figure of a placeholder, computed once."""
        if name not in self._figures:
            self._figures[name] = figure(name, self.report)
        return self._figures[name]

    def words(self, name: str) -> str | None:
        """A word of the frame (time, place); None when `name` is a figure or a person."""
        report = self.report
        if name in ("span", "asof"):
            forms = _SPANS[report.span] if name == "span" else (_ENDS[report.span][:1], _ENDS[report.span])
            told, self._told[name] = self._told[name], True
            return self.random.choice(forms[told]).format(report.year, report.year - 1)
        if name == "last":
            return _LAST[report.span][0]
        half = report.span == "half"
        fixed = {"place": report.place.name, "T": report.kind, "county": report.place.county.partition("（")[0],
                 "ahead": "下半年" if half else f"{report.year + 1}年",
                 "goal": f"{report.year}年全年" if half else f"{report.year + 1}年",
                 "head": _TITLES[report.span][-1].format(report.year),
                 "head_before": _TITLES[report.span][-1].format(report.year - 1)}
        return fixed.get(name)

    def can_say(self, template: str) -> bool:
        """Whether every figure of the sentence can be stated in this report."""
        return all(name in _FRAME or self.figure(name) is not None
                   for name in re.findall(r"\{([^{}]+)\}", template))

    def say(self, template: str) -> None:
        """Append a sentence."""
        begun, waiting = None, []
        for token in _TOKEN.finditer(template):
            name = token.group(1)
            if token.group() == "<":
                begun = len(self.text)
            elif token.group() == ">":
                self._close(begun, waiting)
                begun, waiting = None, []
            elif name is None:
                self.text += token.group()
            elif name == "person":
                start = len(self.text)
                self.text += invent_person(self.random)
                self.persons.append(Person(self.text[start:], start, len(self.text)))
            elif (words := self.words(name)) is not None:
                self.text += words
            else:
                stated = self.figure(name)
                # the value alone, without the 增加 or 下降 before it
                lead = len(stated.text) - len(stated.text.lstrip("增加减少上升下降"))
                waiting.append((stated, len(self.text) + lead, len(self.text) + len(stated.text)))
                self.text += stated.text
                if stated.status == stated.slot.status:
                    self.slots.add(stated.slot.slot)

    def _close(self, begun: int, waiting: list) -> None:
        for stated, value_start, value_end in waiting:
            self.facts.append(Stated(
                stated.slot.code, stated.slot.dims, stated.value, stated.unit, stated.status,
                self.report.place.name, stated.period, begun, len(self.text), value_start, value_end,
                slot=stated.slot.slot))


def _choose(builder: _Builder, block: str, comparing: bool) -> str | None:
    """A wording for the block, or None when it is left out or cannot be said."""
    random = builder.random
    if block.endswith("?") and random.random() < 0.35:
        return None
    fitting = {}
    for name in block.strip("#?").split("/"):
        texts = [text for text in sentences()[name]
                 if (comparing or not _COMPARES.search(text)) and builder.can_say(text)]
        if texts:
            fitting[name] = texts
    return random.choice(fitting[random.choice(list(fitting))]) if fitting else None


def compose(report: Report, layout: Layout, random: Random, comparing: bool = True) -> Draft:
    """The report as a draft in plain simplified characters, tables divided by tabs.

    `comparing=False` leaves out what is said about the year before. The same random state gives the same text.
    """
    builder = _Builder(report, random)
    title = (report.place.name + random.choice(_TITLES[report.span]).format(report.year) + layout.topic
             + ("" if layout.topic.endswith("分析") else random.choice(("总结", "汇报", "小结"))))
    builder.text = title + "\n"
    heading, numbered = 0, random.choice(("{}、", "（{}）"))
    for block in layout.blocks:
        template = _choose(builder, block, comparing)
        if template is None:
            continue
        if block.startswith("#"):
            builder.text = builder.text.rstrip("\n") + "\n" + numbered.format(_NUMERALS[heading])
            heading += 1
            builder.say(template)
            builder.text += "\n"
        else:
            builder.say(template)
            # a table stands on lines of its own
            builder.text += "\n" if "\n" in template else ""
    _sign(builder, layout)
    return Draft(builder.text, title, report.place.name, report.place.county, tuple(builder.facts),
                 tuple(builder.persons), frozenset(builder.slots))


def _sign(builder: _Builder, layout: Layout) -> None:
    """The closing words: who reports, and when."""
    report, random = builder.report, builder.random
    builder.text = builder.text.rstrip("\n") + "\n" + random.choice(sentences()["close"])
    builder.text = builder.text.rstrip("\n") + f"\n{report.place.name}{_BODIES[layout.kind]}"
    if random.random() < 0.4:
        builder.say("（填报人：{person}）")
    year, month = {"calendar": (report.year + 1, 1), "half": (report.year, 7), "fp": (report.year, 10)}[report.span]
    builder.text += f"\n{year}年{month}月{random.randint(4, 26)}日\n"
