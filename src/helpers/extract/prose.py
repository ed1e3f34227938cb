"""Prose to facts: one article at a time, paragraph by paragraph, figure by figure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache

from helpers.catalogue import indicators, read_rows
from helpers.documents.mojibake import LOST
from helpers.extract import binding
from helpers.extract.binding import Subject, Topic
from helpers.extract.lexicon import Word, cue_pattern, is_filler, topic_of
from helpers.extract.numbers import Number
from helpers.extract.places import Scope, clause_scope, name_level, sentence_scope
from helpers.extract.times import Context, TimePhrase
from helpers.extract.tokens import Age, Token, dims_of, tokenize

_SENTENCE = re.compile(r"[^。!?！？]*[。!?！？]?")
_CLAUSE = re.compile(r"[,;，；。!?()（）]")
_LIST = re.compile(r"[、,]|以及|[和及与]")
_EACH = re.compile(r"分别|依次")
_BOTH = re.compile(r"[均都]")


# 计划生育, 计划内 … are names and categories, not plans.
_OFFICE_NAMES = re.compile("计划(?:生育|内|外|免疫|财务)|人口计划|目标人群|方案[内外]|目标管理|目标责任")
_AIM = re.compile(r"加强|强化|做好|确保|力争|争取|继续|深化|推进|努力|要(?!求|点)|应当|稳妥实施|不断提高|进一步|控制在|不得")
_DONE_MARK = re.compile(r"了|已|共[有计]?\d|完成|达到历史|圆满|实际")


_ITEM = re.compile(r"\s*(?:[(（]?\d{1,2}[)）、.．](?!\d)|[(（][一二三四五六七八九十]{1,3}[)）]|[①-⑳])")


_PLACE_ONLY = re.compile(r"\W*(?:其中)?[:：]?(?P<name>[\u4e00-\u9fff]{1,7}?(?:自治县|街道|社区|市|县|区|镇|乡|村))[:：]?(?:为|有|共|达)?")


# (以女性为100), (不含流动人口): remarks that hold no figure of their own.
_ASIDE = re.compile(r"[(（](?:[^()（）\d男女孩胎户常流]{1,24}|[^()（）]{0,6}(?:女性?|女)(?:为|=|＝)100[^()（）]{0,20}|[^()（）\d]{0,4}普)[)）]")
# 一孩126人,占出生总数的58.60%
_SHARE = re.compile(r"占(?:全部|同期|当年)?(?:出生|生育)?(?:人口|婴儿|人数)?(?:总数|总人数|数)?的?(?:比例|比重)?(?:为|是|达)?$")
# 今年 is the article's own year; 全年, 年末, 6月 belong to the year told last.
_THIS = re.compile("今年|本年|目前")


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
    goal: bool = False
    part: Scope | None = None
    residence: str = ""
    bound: bool = False
    years: list[str] = field(default_factory=list)
    unread: list[tuple[int, int, str]] = field(default_factory=list)


def read_paragraph(text: str, offset: int, passage: Passage) -> Iterator[Reading]:
    """The readings of one paragraph; `offset` is where it begins in the article."""
    text = blank_enumerator(text)
    for match in _SENTENCE.finditer(text):
        if match.group().strip():
            yield from Sentence(match.group(), offset + match.start(), passage).read()


@cache
def _narrower() -> dict[tuple[str, str], str]:
    """Parts of a subject that are indicators of their own (已婚 of 育龄妇女)."""
    return {(row["subject"], row["word"]): row.one_of("code", indicators()) for row in read_rows("narrower")}


def blank_enumerator(text: str) -> str:
    """The text with the number of its heading or item blanked out: it is no figure."""
    match = _ITEM.match(text)
    return " " * match.end() + text[match.end():] if match else text


class Sentence:
    """One sentence on its way to readings; what it says carries into `passage`."""

    def __init__(self, text: str, offset: int, passage: Passage) -> None:
        self.text, self.offset, self.passage = _ASIDE.sub(lambda m: " " * len(m.group()), text), offset, passage
        text = self.text
        self.tokens: list[Token] = tokenize(text)
        self.opened: list[Subject | None] = []
        self.named_inside: list[bool] = []
        self.taken: set[int] = set()
        self.consumed = 0
        self.moving: dict[int, int] = {}
        self.bound: set[int] = set()
        plain = without_office_names(text)
        self.goal = bool(cue_pattern("target").search(plain))
        self.done = bool(cue_pattern("done").search(plain))
        self.aim = bool(_AIM.search(plain)) and not _DONE_MARK.search(plain)

    def read(self) -> Iterator[Reading]:
        passage = self.passage
        if not self._continues():
            passage.residence = ""
        group = self._distributed()
        cursor = 0
        for at, token in enumerate(self.tokens):
            self._brackets(cursor, token.start)
            cursor = max(cursor, token.end)
            self._note(token)
            if not isinstance(token, Number) or at in self.taken:
                continue
            if at in self.moving:
                order = list(self.moving)
                told = self.passage.earlier[-len(order):]
                if len(told) == len(order) and told[order.index(at)].moves(token.unit):
                    yield from self._emit(at, told[order.index(at)], None, "list")
            elif at in group:
                yield from self._emit(at, group[at], None, "list")
            else:
                yield from self._figure(at)
        self._brackets(cursor, len(self.text))

    def _continues(self) -> bool:
        return bool(re.match(r"\s*(?:其中|[(（]?[男女]|[一二多三]孩)", self.text))

    def _brackets(self, start: int, end: int) -> None:
        """An opening bracket keeps the subject of what stands before it for what stands inside."""
        for char in self.text[start:end]:
            if char in "(（":
                self.opened.append(self.passage.subject)
                self.named_inside.append(False)
            elif char in ")）" and self.opened:
                outer = self.opened.pop()
                self.named_inside.pop()
                self.passage.subject = outer or self.passage.subject

    def _note(self, token: Token) -> None:
        """Times, topics, places and population bases govern what follows them."""
        passage = self.passage
        if isinstance(token, TimePhrase):
            if not self._compared(token) and not token.same_period:
                told = passage.time.year if passage.time and not token.year and token.shift in (0, None) and not _THIS.match(
                    self.text[token.start:token.end]) else ""
                passage.time = replace(token, year=told) if told else token
        elif isinstance(token, Age):
            if passage.topic:
                passage.topic = replace(passage.topic, age=token.age)
        elif isinstance(token, Word):
            topic = token.meaning("topic")
            if topic:
                at = self.tokens.index(token)
                before = self.tokens[at - 1] if at else None
                age = before.age if isinstance(before, Age) and before.end == token.start else ""
                passage.topic = Topic(topic.value, age or (passage.topic.age if passage.topic and passage.topic.name == topic.value else ""))
            else:
                told = next((t for m in token.meanings if m.kind == "indicator" and (t := topic_of(m.value))), "")
                if told and (passage.topic is None or passage.topic.name != told):
                    passage.topic = Topic(told)
            if self.text[token.end:token.end + 2] in ("中,", "中，", "中:") or self.text[token.end:token.end + 1] == "中" and token.meaning("indicator"):
                whole = token.meaning("indicator")
                if whole:
                    passage.subject = Subject(whole.value, dict(whole.dims))
            for meaning in token.meanings:
                if "residence" in meaning.dims:
                    passage.residence = meaning.dims["residence"]

    def _compared(self, time: TimePhrase) -> bool:
        """比2009年, 较上年: a time that something is compared with governs nothing after it."""
        before = self.text[max(0, time.start - 4):time.start]
        return bool(re.search(r"[比较与同同比](?:[全我本该]?[县镇乡市区村省])?$", before)) or time.shift == -1 and bool(
            re.match(r"同期|[,，]?(?:增|减|上升|下降|提高|降低|相比)|的?\s?[\d(（]|为|是", self.text[time.end:time.end + 6]))

    def _floor(self, at: int) -> int:
        """Where the clause of a figure begins."""
        start = self.tokens[at].start
        floor = self.consumed
        for match in _CLAUSE.finditer(self.text, self.consumed, start):
            floor = match.end()
            if match.group() in "(（" and self._prior_before(match.start()):
                floor = self._clause_start(match.start())
        for token in reversed(self.tokens[:at]):
            if isinstance(token, Number):
                floor = max(floor, token.end)
                break
        return floor

    def _clause_start(self, before: int) -> int:
        marks = [m.end() for m in _CLAUSE.finditer(self.text, 0, before)]
        return marks[-1] if marks else 0

    def _prior_before(self, at: int) -> bool:
        return bool(re.search(r"(?:同期|上年|去年|往年)(?:的|为)?$", self.text[:at]))

    def _figure(self, at: int) -> Iterator[Reading]:
        number = self.tokens[at]
        if number.unit is None or self._not_a_figure(number):
            self.passage.bound = self.passage.bound and number.unit is not None
            return
        tied = binding.chain(self.text, self.tokens, at, self._floor(at))
        moved = bool(binding.change_sign(self.text, tied, number)) or number.unit in binding.MOVES
        together = self._together(at, tied) if not moved else []
        if together:
            for subject in together:
                yield from self._emit(at, subject, tied, "shared")
            return
        near = self.text[max(0, number.start - 30):number.end + 12]
        named = binding.subject_of(tied.tokens, self.passage.topic, number, near, moved=moved)
        if named is not None and named.weak and not tied.open and not self._place_before(at, tied):
            return
        told = self.passage.subject
        if named and named.code == "srb" and told and told.code in ("pop_total", "pop_urban", "pop_rural") and "出生" not in near:
            named = Subject("sex_ratio_pop", named.dims)
        rule = "named"
        if named is None and any(isinstance(t, Word) and t.meaning("stop") for t in tied.tokens):
            return
        if named is None:
            named, rule = self._ellipsis(at, tied, number), "carried"
        if named is None:
            named, rule = self._after(at, tied, number), "after"
        if named is None:
            part = self._of_place(at, number)
            if part is not None:
                yield from self._emit(at, part[0], None, "place", part[1])
                return
            self.passage.bound = False
            self._unread(number, tied)
            return
        yield from self._emit(at, named, tied, rule)

    def _place_before(self, at: int, tied: binding.Chain) -> bool:
        """A place, a title or a colon before a general word takes nothing away from it (下坡田社区已婚育龄妇女)."""
        before = self.text[self._floor(at):tied.start]
        return bool(re.search(r"(?:^|[:：])\W*$|[镇乡村县区市]$|社区$|街道$|辖区内?$|[】\]]$|^\W*$", before))

    def _of_place(self, at: int, number: Number) -> tuple[Subject, Scope] | None:
        """施甸县2例,60.08/10万。昌宁县2例: parts of the subjects told before, place by place."""
        if not number.unit:
            return None
        before = self.text[self._floor(at):number.start]
        match = _PLACE_ONLY.fullmatch(before)
        scope = Scope(match.group("name"), name_level(match.group("name"))) if match else self.passage.part if not before.strip() else None
        if scope is None or not scope.level:
            return None
        told = [*self.passage.earlier, *([self.passage.subject] if self.passage.subject else [])]
        subject = next((s for s in reversed(told) if s.admits(number.unit)
                        and (number.unit in ("percent", "permille", "per_100k")) == (indicators()[s.code].kind in ("rate", "share"))), None)
        if subject is None:
            return None
        self.passage.part = scope
        return subject, scope

    def _not_a_figure(self, number: Number) -> bool:
        before = self.text[max(0, number.start - 2):number.start]
        after = self.text[number.end:number.end + 2]
        if number.unit == "item" and len(number.written) == 1 and not number.written.isascii():
            return True
        if self.text[number.end:number.end + 1] in ("胎", "孩", "次"):
            return True
        return (before.endswith(("第", "[", "〔", "“", "《")) or (number.unit == "" and bool(re.match(r"\s*[、.．)]", after)) and not self.text[:number.start].strip(" \t(（"))
                or bool(re.match(r"[-—–~～至到]{1,2}\d", self.text[number.end:number.end + 3])) or bool(re.search(r"\d\s?%?[-—–~～至到]{1,2}$", self.text[:number.start])))

    def _ellipsis(self, at: int, tied: binding.Chain, number: Number) -> Subject | None:
        """The subject told before, for a figure whose own words only split or compare it."""
        subject = self.passage.subject if not self._inherits() else (self.opened[-1] or self.passage.subject)
        if subject is None or not tied.open:
            return None
        words = [t for t in tied.tokens if isinstance(t, Word)]
        if any(self._names_another(word, number) for word in words):
            return None
        moved = binding.change_sign(self.text, tied, number)
        if not moved and self._reached(tied, number) and self._follows_a_reading(at):
            last = self.passage.subject or subject
            return last if last.admits(number.unit) else None
        if moved or self._is_prior(tied):
            if not self._follows_a_reading(at):
                return None
            last = self.passage.subject or subject
            return last if (last.moves(number.unit) if moved else last.admits(number.unit)) else None
        said = "".join(w.text for w in words)
        narrower = _narrower().get((subject.code, said))
        if narrower and Subject(narrower).admits(number.unit):
            return Subject(narrower, {k: v for k, v in subject.dims.items() if k == "residence"})
        if number.unit == "percent" and subject.code == "births" and "order" in subject.dims:
            share = Subject("order_rate", {k: v for k, v in subject.dims.items() if k in ("order", "residence", "policy")})
            return share if _SHARE.search(self.text[self._floor(at):number.start]) else None
        dims = dims_of(tied.tokens) | self._dim_after(number)
        if not dims:
            return self._in_other_unit(at, subject)
        return self._split(subject, dims, said, number)

    def _is_prior(self, tied: binding.Chain) -> bool:
        """Whether a figure is a past value put beside the present one: 去年同期(429), 与2010年的671834人相比."""
        if not binding.is_prior(tied):
            times = [t for t in tied.tokens if isinstance(t, TimePhrase)]
            return bool(times) and self._compared(times[-1]) and times[-1].shift != -1
        last = next(t for t in reversed(tied.tokens) if isinstance(t, Word | TimePhrase))
        words = self.text[last.start:last.end]
        # 去年全市共出生2425人 at the head of a sentence speaks of the year itself.
        return not (words == "去年" and not self.bound)

    def _follows_a_reading(self, at: int) -> bool:
        """Whether the figure before this one was read: a change after a figure nobody read is not of our subject."""
        before = next((i for i in range(at - 1, -1, -1) if isinstance(self.tokens[i], Number)), None)
        return self.passage.bound if before is None else before in self.bound

    def _reached(self, tied: binding.Chain, number: Number) -> bool:
        """上升到2007年的98.7%: the value a change ends at."""
        cue = next((t for t in reversed(tied.tokens) if isinstance(t, Word)), None)
        return cue is not None and bool({"up", "down"} & set(cue.values("cue"))) and bool(re.match("了?[到至为成]", self.text[cue.end:number.start]))

    def _began(self, number: Number) -> bool:
        """从1991年62.71%上升到…: the value a change began at."""
        return bool(re.search(r"[从由][^,，;；。%‰]{0,14}$", self.text[:number.start])) and bool(
            re.match(r"[^;；。]{0,4}(?:逐步|逐年|稳步)?(?:上升|提高|提升|增长|增加|扩大|下降|降低|减少|缩小|升|降|减|增)了?[到至为成]", self.text[number.end:]))

    def _inherits(self) -> bool:
        """Inside a bracket that names no subject of its own, figures are parts of what stands before it."""
        return bool(self.opened) and not self.named_inside[-1]

    def _names_another(self, word: Word, number: Number) -> bool:
        if word.meaning("part") or word.meaning("dim"):
            return any(m.kind == "indicator" and Subject(m.value).admits(number.unit) for m in word.meanings) and not word.meaning("part")
        return any(m.kind in ("indicator", "topic", "role") for m in word.meanings)

    def _split(self, subject: Subject, dims: dict[str, str], said: str, number: Number) -> Subject | None:
        """The nearest subject told before that can be split by `dims` and counted in the figure's unit."""
        candidates = [subject, *reversed(self.passage.earlier)]
        if subject.code == "deaths" and "sex" in dims and not any(s.code == "births" and "sex" in s.dims for s in candidates):
            # Sexes are told of births far more often than of deaths: …死亡178人;男孩… speaks of the births.
            candidates.sort(key=lambda s: s.code != "births")
        if subject.code in ("pop_urban", "pop_rural") and "sex" in dims:
            candidates.sort(key=lambda s: s.code != "pop_total")
        for candidate in candidates:
            whole = candidate if self._inherits() else self._family(candidate)
            split = whole.split(dims, said)
            if split and split.admits(number.unit):
                return split
        return None

    def _in_other_unit(self, at: int, subject: Subject) -> Subject | None:
        """2621户、11793人: the same thing counted once more, in another unit."""
        before = self.tokens[at - 1] if at else None
        number = self.tokens[at]
        if not isinstance(before, Number) or before.unit == number.unit or not number.unit:
            return None
        between = self.text[before.end:number.start].replace(",", "").replace("，", "")
        if between.strip(" 、共计有") or at - 1 not in self.bound:
            return None
        residence = {k: v for k, v in subject.dims.items() if k == "residence"}
        if subject.code == "households" and number.unit == "person":
            return Subject("floating_total") if residence.get("residence") == "floating" else Subject("pop_total", residence)
        if subject.code == "pop_total" and number.unit == "household":
            return Subject("households", residence)
        return subject if subject.admits(number.unit) and subject.admits(before.unit) else None

    def _together(self, at: int, tied: binding.Chain) -> list[Subject]:
        """甲、乙管理率均达90%: one figure for every item of the list before 均."""
        number = self.tokens[at]
        words = [t for t in tied.tokens if isinstance(t, Word)]
        if not words or not _BOTH.search(self.text[words[-1].end:number.start]):
            return []
        items = self._items(self._list_floor(words[-1].end), words[-1].end)
        subjects = [s for s in self._complete(items, number) if s is not None]
        unique = list({(s.code, tuple(sorted(s.dims.items()))): s for s in subjects}.values())
        return unique if len(unique) > 1 else []

    def _family(self, subject: Subject) -> Subject:
        """The whole a new part belongs to: parts told before it do not narrow it."""
        return Subject(subject.code, {k: v for k, v in subject.dims.items() if k in ("residence", "group", "age")})

    def _dim_after(self, number: Number) -> dict[str, str]:
        """14男12女: the word that splits stands after the figure."""
        match = re.match(r"[男女](?![^,，、)）;；。\d])", self.text[number.end:number.end + 2])
        if match and number.unit == "":
            return {"sex": "male" if match.group() == "男" else "female"}
        return {}

    def _after(self, at: int, tied: binding.Chain, number: Number) -> Subject | None:
        """What stands after the figure names it: 下辖21个行政村, 14270人口, 193对夫妇……孕前优生检查."""
        rest = self.text[number.end:]
        if number.unit == "village" and self._all_villages(number, tied):
            return Subject("villages")
        if number.unit == "township" and (self._all_villages(number, tied) or self.text[max(0, number.start - 1):number.start] == "对") and not re.match("卫生院|办|干部|的", rest):
            return Subject("townships")
        if number.unit in ("person", "household") and tied.open and not tied.tokens and self._after_villages(at):
            return Subject("pop_total" if number.unit == "person" else "households")
        sentence = re.split("[;；。]", rest)[0]
        if number.unit == "person" and re.search("[为给]$", self.text[:number.start]) and re.search(r"(?:建立|建)了?[^,，;；。]{0,8}档案", sentence):
            return None if re.search("老年|高血压|糖尿病|精神|儿童|孕", sentence) else Subject("health_records")
        if re.match(r"的(?:目标|任务|要求|指标|标准)", rest) and self.passage.subject and self.passage.subject.admits(number.unit):
            return self.passage.subject
        if number.unit_word.endswith("人口") and (tied.open or number.unit_word == "人口"):
            return Subject("pop_total")
        if number.unit == "km2" and tied.open:
            return Subject("area_km2")
        clause = rest[:m.start()] if (m := re.search(r"[,;，；。]", rest)) else rest
        if number.unit == "couple" and re.search(r"孕前优生|孕优|孕前健康检查", clause):
            return Subject("prepreg_checked")
        if number.unit == "case":
            for token in self.tokens[at + 1:]:
                if token.start > number.end + 8 or isinstance(token, Number):
                    break
                named = binding.subject_of([token], None, number)
                if named and named.code.startswith("fp_") and "," not in self.text[number.end:token.start]:
                    self.consumed = token.end
                    return named
        return None

    def _after_villages(self, at: int) -> bool:
        """辖35个行政村4个社区,54652人: a bare count of persons after the villages is the population."""
        before = self.tokens[at - 1] if at else None
        if re.search("涉及|受益|惠及", self.text[:self.tokens[at].start]) or self.text[self.tokens[at].end:].startswith("的"):
            return False
        return (isinstance(before, Number) and before.unit_word.startswith("个") and bool(re.search("村|社区|居|组", before.unit_word))
                and not self.text[before.end:self.tokens[at].start].strip(" ,，、"))

    def _all_villages(self, number: Number, tied: binding.Chain) -> bool:
        before = self.text[max(0, tied.start - 8):number.start]
        if tied.open and not tied.tokens and re.search(r"辖[^。;；]{0,30}[,，、]$", self.text[:number.start]):
            return True
        return bool(re.search(r"(?:辖|设|有|全[镇乡县区市街道办]{1,2}|我[镇乡县区市]|管)(?:的|内|共|有|现|为|着|区|共有|下)*$", before)) or (
            bool(re.match(r"(?:、|,|，|和|及)?\d+个?(?:社区|居|自然|村民|组)", self.text[number.end:number.end + 8])) and tied.open)

    def _unread(self, number: Number, tied: binding.Chain) -> None:
        if number.unit in ("percent", "permille", "per_100k", "per_100_females") and tied.tokens:
            self.passage.unread.append((self.offset + number.start, self.offset + number.end, "no_subject"))

    def _distributed(self) -> dict[int, Subject]:
        """甲率、乙率分别为1%、2%: the figures after 分别 in the order of the subjects before it."""
        given: dict[int, Subject] = {}
        for match in _EACH.finditer(self.text):
            numbers = self._run_of_numbers(match.end())
            if len(numbers) < 2 or self._moved_together(match.end(), numbers):
                continue
            floor = self._list_floor(match.start())
            items = self._items(floor, match.start())
            subjects = self._complete(items, self.tokens[numbers[0]])
            subjects = subjects[-len(numbers):] if len(subjects) >= len(numbers) else []
            for at, subject in zip(numbers, subjects, strict=False):
                if subject is not None:
                    given[at] = subject
                else:
                    self.taken.add(at)
        return given

    def _moved_together(self, start: int, numbers: list[int]) -> bool:
        """…分别提高7.74%和3.69%: changes of the subjects told last, in their order."""
        cue = next((t for t in self.tokens if t.start >= start and isinstance(t, Word) and {"up", "down"} & set(t.values("cue"))), None)
        if cue is None or cue.start - start > 2:
            return False
        self.moving = {at: 1 if "up" in cue.values("cue") else -1 for at in numbers}
        return True

    def _list_floor(self, before: int) -> int:
        floor = 0
        for match in re.finditer(r"[;；。()（）:]", self.text[:before]):
            floor = match.end()
        for token in self.tokens:
            if isinstance(token, Number) and floor < token.end <= before:
                floor = token.end
        return floor

    def _run_of_numbers(self, start: int) -> list[int]:
        run, position = [], start
        for at, token in enumerate(self.tokens):
            if token.start < start:
                continue
            if not isinstance(token, Number):
                if isinstance(token, Word) and is_filler(self.text[position:token.start]) and not run:
                    position = token.end
                    continue
                break
            if not is_filler(self.text[position:token.start].replace(",", "").replace("，", "")):
                break
            run.append(at)
            position = token.end
        return run

    def _items(self, start: int, end: int) -> list[list[Token]]:
        """The tokens of each item of a list, in order; a separator inside a word separates nothing."""
        inside = [t for t in self.tokens if start <= t.start and t.end <= end]
        cuts = [start]
        for match in _LIST.finditer(self.text, start, end):
            if not any(t.start < match.end() and match.start() < t.end for t in inside):
                cuts.append(match.end())
        cuts.append(end + 1)
        return [[t for t in inside if low <= t.start < high] for low, high in zip(cuts, cuts[1:], strict=False)]

    def _complete(self, items: list[list[Token]], number: Number) -> list[Subject | None]:
        """Subjects of list items; what only the last item says (患者规范管理率) holds for those before it."""
        last = items[-1] if items else []
        tail = [t for t in last if isinstance(t, Word) and any(m.kind in ("role", "indicator") for m in t.meanings)][-1:]
        subjects = []
        topic = self.passage.topic
        for item in items:
            subject = binding.subject_of(item, topic, number)
            if tail and item is not last and (subject is None or subject.code != (binding.subject_of(tail, topic, number) or subject).code):
                whole = binding.subject_of([*item, *tail], topic, number)
                own = [t for t in item if isinstance(t, Word) and any(m.kind in ("role", "indicator") and not m.value.startswith("pop_") for m in t.meanings)]
                if whole is not None and not own:
                    subject = whole
            if subject is None and item and self.passage.subject is not None and (dims := dims_of(item)):
                subject = self._split(self.passage.subject, dims, "".join(t.text for t in item if isinstance(t, Word)), number)
            subjects.append(subject)
        return subjects

    def _emit(self, at: int, subject: Subject, tied: binding.Chain | None, rule: str, part: Scope | None = None) -> Iterator[Reading]:
        number, passage = self.tokens[at], self.passage
        sign = binding.change_sign(self.text, tied, number) if tied else self.moving.get(at, 0)
        if number.unit in binding.MOVES and not sign:
            sign = 1
        began = not sign and tied is not None and self._began(number)
        prior = began or (not sign and tied is not None and self._is_prior(tied))
        status = "change" if sign else "previous" if prior else self._goal_or_result(subject, number, tied)
        if status == "observed" and self._told_beside(self._time(tied, sign, prior)):
            status = "previous"
        if "residence" not in subject.dims and passage.residence and "residence" in binding.SPLITS.get(subject.code, {"residence"}):
            subject = Subject(subject.code, {**subject.dims, "residence": passage.residence})
        time = self._time(tied, sign, prior)
        if prior and not began and (time is None or not (time.shift == -1 or time.same_period or time.year)):
            time = TimePhrase(0, 0, shift=-1, same_period=True)
        start = min([number.start, *([t.start for t in tied.tokens if not isinstance(t, TimePhrase)] if tied else [])])
        if number.end - start > 25:
            start = number.start
        doubts = ("digit_lost",) if self.text[:number.start].endswith(LOST) else ()
        clause = self.text[self._clause_start(number.start):number.start]
        scope = part or clause_scope(clause, passage.own) or sentence_scope(self.text[:number.end], passage.own)
        if part is None and rule == "named":
            passage.part = None
        yield Reading(subject, number, status, sign, time, scope, self.offset + start, self.offset + number.end, rule, doubts)
        self.bound.add(at)
        if began or (not sign and not prior):
            passage.subject = subject
            passage.earlier = [*passage.earlier[-5:], subject]
            passage.bound = True
            if self.named_inside and rule != "carried":
                self.named_inside[-1] = True

    def _time(self, tied: binding.Chain | None, sign: int, prior: bool) -> TimePhrase | None:
        """The time phrase that governs a figure: the nearest of its own clause, else the one told last."""
        time = self.passage.time
        for token in tied.tokens if tied else ():
            if isinstance(token, TimePhrase) and (prior or not self._compared(token)) and not (sign and (token.shift == -1 or token.same_period)):
                time = token if prior or token.year or token.shift == -1 else self.passage.time or token
        return time

    def _told_beside(self, time: TimePhrase | None) -> bool:
        """A single earlier year told beside the paragraph's own: 2020年 …。而在2019年, …"""
        if time is None or not time.year.isdigit() or time.year2:
            return False
        years = self.passage.years
        if time.year not in years:
            years.append(time.year)
        return len(years) == 2 and int(time.year) == int(years[0]) - 1

    def _goal_or_result(self, subject: Subject, number: Number, tied: binding.Chain | None) -> str:
        indicator = indicators()[subject.code]
        if subject.code.endswith("_target"):
            return "target"
        before = without_office_names(self.text[max(0, number.start - 14):number.start])
        after = self.text[number.end:number.end + 6]
        roles = [role for token in (tied.tokens if tied else ()) if isinstance(token, Word) for role in token.values("role")]
        if roles and roles[-1] == "target":
            return "target"
        if re.match(r"的(?:目标|任务|要求|标准|指标)", after):
            return "target"
        if indicator.kind in ("rate", "share", "ratio"):
            if self.passage.goal and not self.done:
                return "target"
            if self.goal and not self.done and re.search(r"力争|确保|争取|要|应|控制在|不低于|目标", before):
                return "target"
            if number.hedge in ("at_least", "at_most") and (self.aim or self.goal) and not self.done:
                return "target"
        elif re.search("控制在$", before) and (self.passage.goal or number.hedge == "at_most"):
            return "target"
        return "observed"
