"""Which indicator a figure belongs to: the grammar that ties figures to subjects.

A figure is tied to the words on its left as long as nothing stands between them that could take it
away (`is_filler`). With no words of its own it belongs to the subject told before (其中, 比去年同期, 男…人),
if that subject can be split or compared that way.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from helpers.catalogue import indicators
from helpers.extract.lexicon import BARE_RATE, Word, is_filler, narrower, phrase, sibling, topic_roles
from helpers.extract.numbers import Number
from helpers.extract.times import TimePhrase
from helpers.extract.tokens import Age, Token, dims_of

# Which dims a subject can be split by.
SPLITS = {
    "births": {"sex", "order", "policy", "residence"}, "live_births": {"sex", "order", "residence"},
    "deaths": {"sex", "residence"}, "pop_total": {"sex", "residence"}, "fp_sterilized": {"sex", "order"}, "fp_iud": {"order"},
    "srb": {"order", "residence"}, "cbr": {"residence"}, "cdr": {"residence", "sex"}, "nir": {"residence"},
    "policy_rate": {"residence", "order"}, "order_rate": {"order", "residence", "policy"}, "pop_age": {"sex"},
    "infant_deaths": {"sex"}, "marriages": {"sex"}, "neonatal_deaths": {"sex"}, "under5_deaths": {"sex"},
    "floating_total": {"sex"}, "floating_in": {"sex"}, "floating_out": {"sex"}, "sex_ratio_pop": {"residence"},
    "natural_increase": {"residence"}, "imr": {"sex"}, "u5mr": {"sex"}, "pop_urban": {"sex"}, "pop_rural": {"sex"},
    # places are of no residence
    "villages": set(), "townships": set(), "area_km2": set(),
}
ADMITS = {
    "person": {"person", "case", "", "document", "item"}, "couple": {"couple", "person", "case", ""}, "case": {"case", "person", "", "item", "times"},
    "household": {"household", ""}, "document": {"document", "person", "item", "", "times", "case"}, "dose": {"dose", "case", "person"},
    "village": {"village", "item"}, "township": {"township", "item"}, "km2": {"km2", "km"},
    "percent": {"percent", "permille", ""}, "permille": {"permille", "percent", ""}, "per_100k": {"per_100k", "permille", "percent", ""},
    "per_100_females": {"per_100_females", ""},
}
EXTRA_UNITS = {"folic_given": {"times", "document"}, "prepreg_checked": {"times"}, "vaccination_doses": {"times"}, "fd_signed": {"household"}, "fd_population": {"household"}, "marriages": {"couple"}, "fp_terminated": {"couple"}, "one_child_certs": {"household", "couple"},
               "health_records": {"household"}, "growth_rate": {"percent", "permille", ""},
               "sex_ratio_pop": {"percent"}, "srb": {"percent"}}
MOVES = {"percentage_point", "permille_point", "point"}
RATES = {"percent", "permille", "per_100k"}
AGED = {"breastfeeding_rate", "children_managed", "child_mgmt_rate", "elderly_managed", "elderly_mgmt_rate", "pop_age", "vaccination_rate"}
WITHIN_MONTHS = {"0-3月", "0-5月"}
_OF_BIRTHS = phrase("of_births")
_WHEREFROM = phrase("wherefrom")
_ENDS_AT = phrase("ends_at")
_THAN_A_YEAR = phrase("than_a_year")
_BORN = {"births", "live_births", "srb", "order_rate", "infant_deaths", "neonatal_deaths", "policy_rate"}
# General words: anything unread before them makes another figure of it (早孕建册孕妇数, 流出已婚育龄妇女).
WEAK = {"pregnant_women", "women_15_49", "married_women_15_49", "pop_age", "households", "growth_rate", "marriages"}


@dataclass(frozen=True)
class Subject:
    """What a figure can be of: an indicator with dims, or a topic still waiting for its role word."""

    code: str
    dims: dict[str, str] = field(default_factory=dict)
    general: bool = False

    @property
    def weak(self) -> bool:
        """Named by a general word only: anything unread before it makes another figure of it."""
        return self.general or self.code in WEAK

    def split(self, dims: dict[str, str], words: str = "") -> Subject | None:
        """The same subject narrowed by `dims` (said by `words`); None where it cannot be split that way."""
        if _OF_BIRTHS.search(words) and self.code not in _BORN:
            return None
        if "age" in dims and self.code in ("pop_total", "pop_age"):
            return Subject("pop_age", {**{k: v for k, v in self.dims.items() if k == "residence"}, **dims})
        if _WHEREFROM.search(dims.get("group", "")) and not self.code.startswith("floating_"):
            return None  # 省外的有5014人: of those who moved
        allowed = SPLITS.get(self.code, set()) | ({"group"} if indicators()[self.code].kind == "count" else {"group", "residence"})
        if not dims or any(key not in allowed for key in dims):
            return None
        return Subject(self.code, {**self.dims, **dims})

    def admits(self, unit: str | None) -> bool:
        """Whether a figure in `unit` can be a value of this indicator."""
        if unit is None or (unit == "case" and self.code.startswith(("pop_", "floating_"))):
            return False  # 孕产妇死亡9例,流动人口7例
        return unit in ADMITS[indicators()[self.code].unit] or unit in EXTRA_UNITS.get(self.code, ())

    def moves(self, unit: str | None) -> bool:
        """Whether a figure in `unit` can be a change of this indicator."""
        if unit in MOVES:
            return indicators()[self.code].relative
        return unit == "percent" or self.admits(unit)


@dataclass(frozen=True)
class Chain:
    """The tokens tied to a figure from its left, nearest last; `open` when nothing else stands before them."""

    tokens: tuple[Token, ...]
    open: bool
    start: int


def chain(text: str, tokens: Sequence[Token], at: int, floor: int, before: int | None = None) -> Chain:
    """The tokens tied to the figure `tokens[at]` within its clause; `floor` is where the clause begins.

    What stands between `before` and the figure (a place that is singled out) is passed over.
    """
    tied: list[Token] = []
    position = tokens[at].start if before is None else before
    for i in range(at - 1, -1, -1):
        token = tokens[i]
        if token.end <= floor or isinstance(token, Number):
            break
        if token.start >= position:
            continue
        if not is_filler(text[token.end:position]):
            # 根据统计截止3月31日全镇已婚育龄妇女10583人: a time begins what is told
            begun = len(tied) > 1 and isinstance(tied[-1], TimePhrase)
            return Chain(tuple(reversed(tied)), begun, position)
        if _labels(text[token.end:position], token, tied, tokens[at]):
            return Chain(tuple(reversed(tied)), True, position)
        tied.append(token)
        position = token.start
    begun = len(tied) > 1 and isinstance(tied[-1], TimePhrase)
    return Chain(tuple(reversed(tied)), begun or is_filler(text[floor:position]), position)


def _labels(between: str, before: Token, tied: Sequence[Token], number: Number) -> bool:
    """家庭医生签约:全镇常住人口21345人: what stands before a colon is a heading, where the words after it name the figure."""
    if ":" not in between and "：" not in between:
        return False
    heads = isinstance(before, Word) and not before.values("role") and not before.meaning("dim")
    return heads and any(isinstance(t, Word) and any(m.kind == "indicator" and Subject(m.value).admits(number.unit) for m in t.meanings) for t in tied)


def subject_of(tokens: Sequence[Token], topic: Topic | None, number: Number, sentence: str = "", *,
               moved: bool = False) -> Subject | None:
    """The subject named by tied tokens: the last word that names an indicator, with the dims of the others.

    A role word (系统管理率) names what its topic says; `moved` when the figure is a change. None where the
    tokens name no indicator.
    """
    found: Subject | None = None
    here, own = topic, False
    for position, token in enumerate(tokens):
        if isinstance(token, Age):
            if found is not None and found.code == "deaths" and token.age == "0-4":
                found = Subject("under5_deaths", dict(found.dims))  # 死亡5岁以下儿童15例
                continue
            if here and here.name in ("maternal", "highrisk") and token.age in ("0-2", "0-6", "0-3"):
                here = Topic("child")  # 三岁以下系统管理率, where mothers were spoken of before
            here = replace(here or Topic(""), age=token.age) if here and not token.noun else Topic("", token.age)
            only_moved = moved and all(isinstance(t, Word) and t.meaning("cue") for t in tokens[position + 1:])
            of_topic = topic is not None and topic.name == "elderly" and token.age in ("65+", "60+")  # 老年人:65岁及以上3307人
            if token.noun or ((position == len(tokens) - 1 or only_moved) and number.unit == "person" and ("人口" in sentence or of_topic)):
                found = Subject("pop_age", {"age": token.age})
            continue
        if not isinstance(token, Word):
            continue
        kinds = {m.kind for m in token.meanings}
        if "stop" in kinds and token.meaning("stop").fits(sentence):
            found, here = None, None
            continue
        if "topic" in kinds:
            here, own = Topic(token.meaning("topic").value, _age_before(tokens, position)), True
        candidate = _by_role(token, here, number, moved) if own else None
        candidate = candidate or _named(token, number, sentence, moved) or _by_role(token, here, number, moved)
        if candidate is not None:
            if candidate.weak and (_speaks_of_others(tokens[:position]) or _of_another_age(candidate, tokens, position)):
                found = None
                continue
            if found is not None and found.code in ("fd_signed", "fd_unsigned") and candidate.code in ("pop_total", "pop_age"):
                continue  # 已签约常住居民126.4万人
            found = _merge(found, _with_age(candidate, tokens, position, here))
        elif "topic" in kinds:
            same = topic if topic and not here.age and topic.name == here.name else here  # 0-6岁儿童6135人,规范管理儿童5918人
            found = _managed_before(tokens[:position], same, number) or _counted(here, number) or (found if not kinds & {"role"} else None)
        elif "managed" in token.values("role") and found is not None and found.weak:
            found = None  # 育龄妇女健康管理358人
        elif "role" in kinds and number.unit in RATES and "target" not in token.values("role"):
            found = None
    if found is None:
        return None
    dims = {key: value for key, value in dims_of(tokens).items() if key != "group" or found.code.startswith("floating_") or not _WHEREFROM.search(value)}
    allowed = SPLITS.get(found.code, set()) | {"residence", "group"}
    extra = {key: value for key, value in dims.items() if key in allowed and key not in found.dims}
    if found.code.startswith("fd_") and "group" not in found.dims:
        about = [t for t in tokens if isinstance(t, Age) or (isinstance(t, Word) and (m := t.meaning("topic")) and m.value != "fd")]
        dims |= {"group": sentence_words(about)} if about else {}
        extra = {**extra, **{key: value for key, value in dims.items() if key == "group"}}
    if indicators()[found.code].kind == "count" and "." in number.value and not (moved and number.unit == "percent"):
        return None
    return Subject(found.code, {**found.dims, **extra}, found.general)


def said(tied: Chain) -> str:
    """The words of a chain, as they stand, without times, ages and figures."""
    return "".join(token.text for token in tied.tokens if isinstance(token, Word))


def sentence_words(tokens: Sequence[Token]) -> str:
    """The group a sentence names, in its own words: 65岁以上老年人, 高血压患者."""
    return "".join(_age_words(token.age) if isinstance(token, Age) else token.text for token in tokens)


def _age_words(age: str) -> str:
    """65+ as it is said: 65岁及以上."""
    return f"{age[:-1]}岁及以上" if age.endswith("+") else age if age.endswith("月") else f"{age}岁"


@dataclass(frozen=True)
class Topic:
    """What a passage is about, with the age group it named last."""

    name: str
    age: str = ""


def _named(token: Word, number: Number, sentence: str, moved: bool) -> Subject | None:
    """The indicator a word names outright, if the figure's unit can be its value (or, `moved`, its change)."""
    for meaning in token.meanings:
        if meaning.kind == "indicator" and meaning.fits(sentence):
            subject = Subject(meaning.value, dict(meaning.dims), meaning.general)
            if subject.code in ("pop_total", "floating_total") and number.unit == "household":
                return Subject("households", {k: v for k, v in meaning.dims.items() if k == "residence"} | (
                    {"residence": "floating"} if subject.code == "floating_total" else {}))
            rate = sibling(subject.code, "rate") if number.unit == "percent" and subject.code.endswith("_managed") else None
            if rate:
                # 儿童系统管理91.13%: a share of those managed is the rate.
                return Subject(rate, subject.dims)
            died = narrower().get((subject.code, BARE_RATE)) if number.unit in ("permille", "per_100k") else None
            if died and Subject(died).admits(number.unit):
                return Subject(died)  # 孕产妇死亡控制在5/10万以下
            if subject.admits(number.unit) or (moved and subject.moves(number.unit)):
                return subject
    return None


def _by_role(token: Word, topic: Topic | None, number: Number, moved: bool) -> Subject | None:
    if topic is None or topic.name == "fd":
        # 已建档18259份 where nobody else is spoken of: the files of the residents
        files = number.unit == "document" and "档" in token.text and "managed" in token.values("role")
        if files:
            return Subject("health_records")
        if topic is None:
            return None
    for role in token.values("role"):
        # 儿童系统管理91.13%: a share of those managed is the rate.
        role = "rate" if role == "managed" and number.unit == "percent" else role
        # 下达检查62对,做了51对,完成82.26%: a share of what was to be done is its cover.
        role = "cover" if role == "done" and number.unit == "percent" and "完成" in token.text and topic.name in ("prepreg", "folic") else role
        code = topic_roles().get((topic.name, role))
        if code and (Subject(code).admits(number.unit) or (moved and Subject(code).moves(number.unit))):
            dims = {"age": topic.age} if topic.age and code in AGED else {}
            return Subject(code, dims)
    return None


def _managed_before(before: Sequence[Token], topic: Topic, number: Number) -> Subject | None:
    """登记管理高血压患者1275人: the role word stands before its topic."""
    last = next((token for token in reversed(before) if not isinstance(token, Age)), None)
    if isinstance(last, Word) and "managed" in last.values("role"):
        return _by_role(last, topic, number, False)
    return None


def _counted(topic: Topic, number: Number) -> Subject | None:
    """A topic followed by a count: 孕产妇267人, 65岁老年人2409人."""
    code = topic_roles().get((topic.name, "count"))
    if code is None or not Subject(code).admits(number.unit) or number.unit == "document":
        return None
    if code == "pop_age":
        return Subject(code, {"age": topic.age}) if topic.age else None
    return Subject(code, general=code.endswith("_managed"))


def _speaks_of_others(before: Sequence[Token]) -> bool:
    """产前检查5次以上孕妇数, 流出已婚育龄妇女: words that make a part of a general word that no indicator counts."""
    for token in before:
        if isinstance(token, Word) and any(
                m.kind == "indicator" and (m.value.startswith("floating_") or indicators()[m.value].kind in ("rate", "share"))
                for m in token.meanings):
            return True
    return False


def _of_another_age(subject: Subject, tokens: Sequence[Token], position: int) -> bool:
    """20—29岁育龄妇女: some of the women of childbearing age only."""
    return subject.code in ("women_15_49", "married_women_15_49") and _age_before(tokens, position) not in ("", "15-49")


def _age_before(tokens: Sequence[Token], position: int) -> str:
    before = tokens[position - 1] if position else None
    if position > 1 and isinstance(before, Word) and ({m.kind for m in before.meanings} == {"part"} or before.text in ("常住", "户籍")):
        before = tokens[position - 2]  # 0至6个月婴儿纯母乳喂养率, 65岁及以上常住老年人
    return before.age if isinstance(before, Age) else ""


def _with_age(subject: Subject, tokens: Sequence[Token], position: int, topic: Topic | None) -> Subject:
    age = _age_before(tokens, position)
    if not age and topic and topic.name == "child" and subject.code in ("child_mgmt_rate", "children_managed"):
        age = topic.age
    if age == "0-4" and subject.code == "deaths":
        return Subject("under5_deaths", subject.dims)  # 5岁以下死亡104例
    if age and subject.code == "pop_total":
        return Subject("pop_age", {**subject.dims, "age": age})
    if subject.code == "breastfeeding_rate" and age in WITHIN_MONTHS:
        return subject  # 4个月内母乳喂养率 is how the rate is defined, and of no other children
    if age and subject.code in AGED:
        return Subject(subject.code, {**subject.dims, "age": age}, subject.general)
    return subject


def _merge(before: Subject | None, candidate: Subject) -> Subject:
    """户籍人口出生: the last word names the indicator, the earlier ones say of whom."""
    if before is None:
        return candidate
    if before.code == "pop_age" and candidate.code == "vaccination_rate":
        return Subject(candidate.code, {"age": before.dims["age"], **candidate.dims}, candidate.general)  # 60岁以上人群全程接种率
    if before.code.startswith("floating_") and "residence" in SPLITS.get(candidate.code, ()):
        return Subject(candidate.code, {"residence": "floating", **candidate.dims}, candidate.general)
    carried = {k: v for k, v in before.dims.items()
               if k == "residence" or (before.code == candidate.code and k in SPLITS.get(candidate.code, ()))}
    return Subject(candidate.code, {**carried, **candidate.dims}, candidate.general)


def change_sign(text: str, tied: Chain, number: Number) -> int:
    """+1 or -1 when the figure is said to be a rise or a fall, else 0 (上升到 gives a value, not a change)."""
    last, before = tied.tokens[-1:], tied.tokens[-2:-1]
    if before and isinstance(last[0], Word) and isinstance(before[0], Word) and before[0].end == last[0].start:
        verb, named = before[0].text, last[0].meaning("indicator")
        if verb in ("增加", "减少", "净增", "净减", "增", "减") and named and named.value in ("pop_total", "births", "deaths", "floating_total", "floating_in", "floating_out"):
            return -1 if verb in ("减少", "净减", "减") else 1  # 共增加户籍人口8.64万人
        if verb in ("少生", "多生") and last[0].meaning("dim"):
            return 1 if verb == "多生" else -1  # 比上年度少生多胎22人
    for token in reversed(tied.tokens):
        if isinstance(token, TimePhrase):
            continue
        if isinstance(token, Word):
            cue = "up" if "up" in token.values("cue") else "down" if "down" in token.values("cue") else ""
            told = any(_beside(t) or (isinstance(t, Word) and t.end == token.start and t.meaning("indicator")) for t in tied.tokens)
            if not cue or (token.text.startswith("净") and not told):
                return 0  # 净增91人 is the natural increase, 比去年底净增112人 and 参合人数净增1.52万人 are changes
            if _THAN_A_YEAR.match(text[token.end:number.start]):
                return 0  # 高于2015年度的6.18/10万
            if not token.text.endswith(("幅", "量", "幅度")) and _ENDS_AT.match(text[token.end:number.start]):
                return 0
            if token.text == "高" and text[token.end:token.end + 1] == "达":
                return 0  # 性别比高达110.40
            return 1 if cue == "up" else -1
        return 0
    return 0


def _beside(token: Token) -> bool:
    """Whether a token holds a figure against another time: 比, 较, 去年底."""
    return (isinstance(token, TimePhrase) and token.shift == -1) or (isinstance(token, Word) and bool({"than", "prior"} & set(token.values("cue"))))


def held_against(tied: Chain) -> bool:
    """Whether words tied to a figure hold it against another time: 比去年, 较上年."""
    return any(_beside(token) for token in tied.tokens)


def is_prior(tied: Chain) -> bool:
    """Whether the figure is a past value put beside the present one (去年同期(429), 上年为…)."""
    for before, token in reversed(list(itertools.pairwise((None, *tied.tokens)))):
        if isinstance(token, TimePhrase) and token.whole and isinstance(before, TimePhrase) and before.end == token.start:
            continue  # 较去年全年94.36%
        if isinstance(token, TimePhrase):
            return token.shift == -1 or token.same_period
        if isinstance(token, Word) and ("prior" in token.values("cue") or "than" in token.values("cue")):
            return "prior" in token.values("cue")
    return False
