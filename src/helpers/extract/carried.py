"""Figures that lean on a subject told before: parts (其中男…), comparisons (比去年同期…), the same in another unit."""

from __future__ import annotations

import itertools
import re
from functools import cached_property

from helpers.catalogue import indicators
from helpers.extract import binding
from helpers.extract.aims import REACHED_NOW
from helpers.extract.binding import Subject
from helpers.extract.lexicon import Word, find_words, narrower, phrase
from helpers.extract.numbers import Number
from helpers.extract.shares import SUMMED, Shares
from helpers.extract.times import TimePhrase
from helpers.extract.tokens import dims_of, tokenize

_SERIES_SO_FAR = phrase("series_so_far")
_BORN_SO = phrase("born_so")
_ORDERS = phrase("orders")
_LATER = phrase("later")
# Words that are spoken of everywhere: that a clause before named them ties no figure to them.
_EVERYWHERE = {"pop_total", "births", "deaths", "floating_total", "villages", "townships"}
_SEXES = phrase("sexes")
DONE_OF = phrase("done_of")
_ORDER_ALONE = phrase("order_alone")
_EACH_ORDER_IN_PLAN = phrase("each_order_in_plan")
_STRIVING = phrase("striving")  # 确保94%、力争95%
_RIGHT_AFTER = phrase("right_after")
_SEXES_IN_BRACKET = phrase("sexes_in_bracket")
_SEX_BEHIND = phrase("sex_behind")
_SEX_ALONE = phrase("sex_alone")
_TOWN_OR_COUNTRY = phrase("town_or_country")
_YEAR_RIGHT_BEFORE = phrase("year_right_before")
_ENDS_AT = phrase("ends_at")
_STARTS_FROM = phrase("starts_from")
_MOVED_TO, _IN_ALL, _ONLY_HERE = phrase("moved_to"), phrase("in_all"), phrase("only_here")
_BECAME, _AIMS_LABEL, _SET_ABOVE = phrase("became"), phrase("aims_label"), phrase("set_above")


def change_told(text: str) -> bool:
    """Whether a text speaks of a rise or a fall."""
    return any({"up", "down"} & set(word.values("cue")) for word in find_words(text))


class Carried(Shares):
    """How a figure without a subject of its own takes the one told before."""

    def _ellipsis(self, at: int, tied: binding.Chain, number: Number) -> Subject | None:
        """The subject told before, for a figure whose own words only split or compare it."""
        if not tied.open:
            return None
        subject = self.passage.subject if not self._inherits() else (self.opened[-1] or self.passage.subject)
        if (named := self._named_a_clause_before(at, tied, number)) is not None:
            subject = self.passage.subject = named
        if subject is None:
            dims = dims_of(tied.tokens)
            said = binding.said(tied)
            if self.passage.before and self.passage.before[-1].code == "pop_total" and not self.passage.bound and number.unit == "person" and (self._is_prior(tied) or self._year_alone(tied)):
                self.passage.subject = self.passage.before[-1]
                return self.passage.subject
            if _SEXES.fullmatch(said) and not self.passage.bound and not self._spoken_of(number) and len({s.code for s in self.passage.before}) == 1:
                return self._split(self.passage.before[-1], dims, said, number)
            return self._split(None, dims, said, number) if dims and not any(self._names_another(w, number) for w in tied.tokens if isinstance(w, Word)) else None
        if (people := self._after_households(at)) is not None:
            return people
        if (told := self._by_quarter(tied, number) or self._held_against(at, number) or self._dated_again(at, tied, number)) is not None:
            return told
        share = self._share(at, subject, number)
        if share is not None:
            return share
        words = [t for t in tied.tokens if isinstance(t, Word)]
        aims = bool(words) and all("target" in w.values("role") for w in words)
        if aims and not self._aside_of_unread(at) and (self._inherits() or (number.unit in binding.RATES and self._follows_a_reading(at))):
            # 出生率12.1‰(目标13‰); 2015年规划值为10/10万以下; 筛查率99.17%,省定目标为98%
            return subject if subject.admits(number.unit) else None
        if (whom := self._of_whom(words, subject, number)) is not None:
            return whom
        if self._beside_the_last(at, tied, subject):
            return subject
        if any(self._names_another(word, number) for word in words):
            return None
        moved = binding.change_sign(self.text, tied, number)
        if not moved and self._reached(tied, number) and self._follows_a_reading(at):
            last = self.passage.subject or subject
            return last if last.admits(number.unit) else None
        if moved or self._is_prior(tied):
            return self._moved_or_prior(at, tied, subject, words, moved=bool(moved))
        said = "".join(w.text for w in words)
        part = narrower().get((subject.code, said)) if said or self._inherits() else None  # 出生率为1.23‰(491人)
        if part and Subject(part).admits(number.unit):
            return Subject(part, {k: v for k, v in subject.dims.items() if k == "residence"})
        if (whole := self._sum_of_sexes(at) or self._sum_of_operations(at)) is not None:
            return whole
        dims = self._dims_around(at, tied)
        if dims and (self._aside_of_unread(at) or ("age" in dims and not (self.bound or self.passage.bound or self.passage.by_age))):
            return None  # 社区干部41名。55岁以上的有9人: the ages of whom was told last, and not read
        if "sex" in dims and "order" not in dims and (order := self._order_before(at)):
            dims = {**dims, "order": order}
        if not dims:
            return self._in_other_unit(at, subject)
        if self._inherits() and subject.code in ("fp_iud", "fp_sterilized") and set(dims) == {"order"}:
            return Subject(subject.code, {**subject.dims, **dims})  # 上环87例(一孩82例、二孩5例)
        part = self._part_of_part(at, dims, number) or self._split(subject, dims, said, number)
        return None if part is not None and self._more_than_all(at, part) else part

    def _beside_the_last(self, at: int, tied: binding.Chain, subject: Subject) -> bool:
        """Whether the words since the last figure say that this one is of the same: another year, all together, what was set for it, what it became."""
        number, since = self.tokens[at], self.text[self._told_until(at):self.tokens[at].start]
        if self._in_series(at, tied, number):
            return True
        new = self._figure_before(at)
        if not subject.admits(number.unit) or new is None:
            return False
        if _IN_ALL.fullmatch(since) and new in self.bound and "新" in self.text[self._clause_start(self.tokens[new].start):self.tokens[new].start]:
            return True  # 新建居民健康档案4820份,累计达到11947份
        if not self._follows_a_reading(at):
            return False
        if _SET_ABOVE.fullmatch(since):
            self.planned.add(at)  # 免费孕前优生检查覆盖率61.3%(区定全年80%以上)
            return True
        return any(words.fullmatch(since) for words in (_STRIVING, REACHED_NOW, _BECAME))

    def _named_a_clause_before(self, at: int, tied: binding.Chain, number: Number) -> Subject | None:
        """出生率12‰。政策符合率逐步提高,由2011年的85%提高到92%: a rate that the clause before names, since the last figure."""
        since, start = self._told_until(at), min([t.start for t in tied.tokens] or [number.start])
        between = itertools.takewhile(lambda t: t.start >= since, (self.tokens[i] for i in range(at - 1, -1, -1)))
        word = next((t for t in between if isinstance(t, Word) and t.end <= start and t.meaning("indicator")), None)
        if word is None or len(re.findall("[,，]", self.text[word.end:start])) != 1:
            return None
        named = binding.subject_of([word], self.passage.topic, number, self.text)
        return named if named is not None and indicators()[named.code].relative else None

    def _aside_of_unread(self, at: int) -> bool:
        """患病率1.19%,其中城市1.00%; 征收到位率76.14%(省定目标72%): whether a rate stands behind one that was not read."""
        before, number = self._figure_before(at), self.tokens[at]
        unread = before is not None and before not in self.bound and self.tokens[before].unit == number.unit
        return unread and (number.unit in binding.RATES or (number.unit == "person" and _TOWN_OR_COUNTRY.search(self.text[self.tokens[before].end:number.start]) is not None))

    def _more_than_all(self, at: int, part: Subject) -> bool:
        """出生儿童6932人,…少数民族9万余人,贫困人口14.8万人: a count above the whole that it would be a part of."""
        number = self.tokens[at]
        whole = next((i for i in range(at - 1, -1, -1) if i in self.told and i not in self.moved and self.told[i].code == part.code and self.told[i].dims.items() < part.dims.items()), None)
        return whole is not None and indicators()[part.code].kind == "count" and number.unit == self.tokens[whole].unit not in binding.RATES and number.low > self.tokens[whole].high

    def _after_households(self, at: int) -> Subject | None:
        """其中农业人口5963户、25897人: the people of those whose households were told first, and not read."""
        before, number = self.tokens[at - 1] if at else None, self.tokens[at]
        if not isinstance(before, Number) or before.unit != "household" or number.unit != "person" or at - 1 in self.bound \
                or self.text[before.end:number.start].strip() not in ("", ",", "，", "、"):
            return None
        named = binding.subject_of(binding.chain(self.text, self.tokens, at - 1, self._floor(at - 1)).tokens, None, number)
        return named if named is not None and named.code in ("pop_rural", "pop_urban", "pop_total") else None

    def _sum_of_sexes(self, at: int) -> Subject | None:
        """男性4315人,女性3342人,合计7657人: the whole of the two told right before it, where they add up to it."""
        women = self._figure_before(at)
        men = self._figure_before(women) if women is not None else None
        if men is None or self.told.get(men) is None or self.told.get(women) is None or not SUMMED.fullmatch(self.text[self.tokens[women].end:self.tokens[at].start]):
            return None
        one, other = self.told[men], self.told[women]
        whole = Subject(one.code, {k: v for k, v in one.dims.items() if k != "sex"})
        both = one.code == other.code and {one.dims.get("sex"), other.dims.get("sex")} == {"male", "female"}
        return whole if both and self._adds_up(at, men, women) else None

    def _others_named(self, at: int, tied: binding.Chain) -> bool:
        """早婚率受…影响,比去年增加1人: what no indicator counts was named since the last figure."""
        since = self._told_until(at)
        return any(isinstance(t, Word) and t.meaning("stop") and since <= t.start < tied.start for t in self.tokens)

    def _order_before(self, at: int) -> str:
        """其中2孩,男1人,女1人: an order named without a figure is that of the sexes told right after it."""
        since = self._told_until(at)
        match = _ORDER_ALONE.fullmatch(self.text[since:self.tokens[at].start])
        if match:
            self.open_order = dims_of(tokenize(match["order"])).get("order", "")
            return self.open_order
        return self.open_order if _SEX_ALONE.fullmatch(self.text[since:self.tokens[at].start]) else ""

    def _part_of_part(self, at: int, dims: dict[str, str], number: Number) -> Subject | None:
        """多孩6人,其中男6人: sexes right after an order are of it, where they can be."""
        before = self._figure_before(at)
        part = self.told.get(before) if before is not None else None
        since = self.text[self._told_until(at):number.start]
        if part is not None and part.code == "births" and set(dims) == {"policy"} and "order" in part.dims and "policy" not in part.dims and since[:1] in (",", "，") \
                and float(number.value) <= float(self.tokens[before].value) and ("其中" in since or len(_EACH_ORDER_IN_PLAN.findall(self.text)) > 1):
            return Subject("births", {**part.dims, **dims})  # 一孩175人,计划内168人;二孩102人,计划内86人
        if part is not None and part.code == "births" and set(dims) == {"sex"} and {"sex", "order"} <= set(part.dims) and part.dims["sex"] != dims["sex"]:
            # 一孩18人,其中女孩8人,男孩10人
            order = self._figure_before(before)
            whole = self.told.get(order)
            return Subject("births", {**part.dims, **dims}) if whole is not None and self._adds_up(order, before, at) and whole.dims.get("order") == part.dims["order"] and "sex" not in whole.dims else None
        if part is None or part.code != "births" or set(dims) != {"sex"} or "order" not in part.dims or "sex" in part.dims:
            return None
        if not _RIGHT_AFTER.fullmatch(self.text[self.tokens[before].end:number.start]) or float(number.value) > float(self.tokens[before].value):
            return None
        other = self.tokens[at + 1] if at + 1 < len(self.tokens) else None
        after = next((t for t in self.tokens[at + 1:] if isinstance(t, Number)), None)
        sexes = isinstance(other, Word) and "sex" in dims_of([other]) and after is not None and self.text[number.end:other.start].strip(" ,，、人") == ""
        if sexes and float(number.value) + float(after.value) != float(self.tokens[before].value):
            return None
        return part.split(dims)

    def _of_whom(self, words: list[Word], subject: Subject, number: Number) -> Subject | None:
        """户籍人口符合政策生育率达到92%,流动人口达到85%: a population as the base of the rate told before."""
        if len(words) != 1 or number.unit not in binding.RATES or indicators()[subject.code].kind == "count":
            return None
        named = words[0].meaning("indicator")
        if named is None:
            return None
        base = "floating" if named.value == "floating_total" else named.dims.get("residence") if named.value == "pop_total" else None
        return Subject(subject.code, {**subject.dims, "residence": base}) if base and subject.admits(number.unit) else None

    def _in_series(self, at: int, tied: binding.Chain, number: Number) -> bool:
        """1988年为55.6%,1989年为53.27%; 一季度92.3%、二季度93.1%: the same thing in another year or quarter."""
        before = self._figure_before(at, past=self.asides)
        told = self.passage.subject
        if before is None and told is not None and told.code == "pop_total" and number.unit == "person" and self.passage.bound:
            return self._year_alone(tied)
        ratio = not number.unit and self.passage.subject is not None and indicators()[self.passage.subject.code].kind == "ratio" and "." in number.value
        if before is None or before not in self.bound or self.tokens[before].unit != number.unit or not (number.unit or ratio):
            return False
        return len(tied.tokens) == 1 and isinstance(tied.tokens[0], TimePhrase) and bool(tied.tokens[0].year or tied.tokens[0].quarter) and not self._compared(tied.tokens[0])

    def _year_alone(self, tied: binding.Chain) -> bool:
        """1979年797041人。1990年末1017460人。: a sentence that begins with a year and its figure."""
        return len(tied.tokens) == 1 and isinstance(tied.tokens[0], TimePhrase) and bool(tied.tokens[0].year) and not self.text[:tied.start].strip()

    def _mentioned(self, at: int, tied: binding.Chain, number: Number) -> Subject | None:
        """住院分娩率多年稳定,2021年为99.98%: what the clauses before named and gave no figure of."""
        alone = not self.text[:tied.start].strip() and tied.tokens and all(isinstance(t, TimePhrase) for t in tied.tokens)
        if tied.open and self.passage.mentioned is not None and not any(isinstance(t, Number) for t in self.tokens[:at]) and (alone or _ONLY_HERE.fullmatch(self.text[:number.start])):
            # 政策符合率稳步提高。2008年为85.2%; 政策符合率低。全县只有88.37%
            return self.passage.mentioned if self.passage.mentioned.admits(number.unit) else None
        ratio = not number.unit and ("." in number.value or not tied.tokens) and 90 <= float(number.value) <= 150
        beyond = [t for t in tied.tokens if not isinstance(t, TimePhrase)]
        if not tied.open or not (tied.tokens or ratio or self.text[:number.start].rstrip().endswith((",", "，"))) or (beyond and not (len(beyond) == 1 and len(tied.tokens) == 2 and self._reached(tied, number))) or not self.text[:tied.start if tied.tokens else self._floor(at)].rstrip().endswith((",", "，", ":")):
            return None
        for token in reversed(self.tokens[:at]):
            if isinstance(token, Number) and token.written[0].isascii():
                return None
            if isinstance(token, Word) and any(isinstance(t, Number) and t.end == token.start for t in self.tokens):
                return None  # 24147农业人口,8989个劳动力
            if isinstance(token, Word) and (named := token.meaning("indicator")) and token.end <= tied.start:
                subject = Subject(named.value, dict(named.dims))
                sure = not subject.weak and subject.code not in _EVERYWHERE and (number.unit or (ratio and indicators()[subject.code].kind == "ratio"))
                return subject if sure and subject.admits(number.unit) else None
        return None

    def _mention(self) -> None:
        """A sentence that names one rate and no figure says what the figures of the next are of; one that is a label (主要目标。) that they are aims."""
        if any(isinstance(t, Number) for t in self.tokens):
            self.passage.mentioned = None
            return
        self.passage.goal = self.passage.goal or _AIMS_LABEL.fullmatch(self.text) is not None
        named = {m.value: m for t in self.tokens if isinstance(t, Word) and (m := t.meaning("indicator")) and indicators()[m.value].relative}
        one = next(iter(named.values())) if len(named) == 1 else None
        self.passage.mentioned = Subject(one.value, dict(one.dims)) if one else None

    def _is_prior(self, tied: binding.Chain) -> bool:
        """Whether a figure is a past value put beside the present one: 去年同期(429), 与2010年的671834人相比."""
        if not binding.is_prior(tied):
            times = [t for t in tied.tokens if isinstance(t, TimePhrase)]
            then = bool(times) and times[-1].census and self.bound and self.text.startswith("时", times[-1].end)  # 常住人口496.9万人,六普时为491.2万人
            return bool(times) and (then or (self._compared(times[-1]) and times[-1].shift != -1))
        first = next((t for t in self.tokens if isinstance(t, TimePhrase | Number)), None)
        last = next(t for t in reversed(tied.tokens) if isinstance(t, TimePhrase) or (isinstance(t, Word) and "prior" in t.values("cue")))
        words = self.text[last.start:last.end]
        if isinstance(first, TimePhrase) and first.shift == -1 and first.end < tied.start and not first.same_period and not (words != "去年" and self.bound):
            return False  # 据去年年报统计,总人口…,去年出生57623人; but 去年…9.62/10万,上年为9.91/10万
        # 去年全市共出生2425人 at the head of a sentence speaks of the year itself.
        return not (words == "去年" and not self.bound)

    def _reached(self, tied: binding.Chain, number: Number) -> bool:
        """上升到2007年的98.7%: the value a change ends at."""
        cue = next((t for t in reversed(tied.tokens) if isinstance(t, Word)), None)
        return cue is not None and bool({"up", "down"} & set(cue.values("cue"))) and bool(_ENDS_AT.match(self.text[cue.end:number.start]))

    @cached_property
    def of_years(self) -> dict[int, TimePhrase]:
        """2014年出生336人,2013年348人,2012年351人: the figures of three years or more, told one after the other, with their years."""
        found: dict[int, TimePhrase] = {}
        for at, token in enumerate(self.tokens):
            if isinstance(token, TimePhrase) and token.year.isdigit() and not (token.months or token.year2 or token.began or self._compared(token)):
                figure = next((i for i in range(at + 1, len(self.tokens)) if isinstance(self.tokens[i], Number | TimePhrase)), None)
                if figure is not None and isinstance(self.tokens[figure], Number):
                    found[figure] = token
        years = [int(time.year) for time in found.values()]
        return found if len(years) > 2 and sorted(set(years)) in (years, years[::-1]) else {}

    def _began(self, number: Number) -> bool:
        """从1991年62.71%上升到…, 2000年为28.07‰,2010年降到…: the value a change began at."""
        if _LATER.match(self.text[number.end:]) and not _SERIES_SO_FAR.search(self.text[:number.start]) and _YEAR_RIGHT_BEFORE.search(self.text[max(0, number.start - 14):number.start]):
            return True
        return bool(_STARTS_FROM.search(self.text[:number.start])) and bool(
            _MOVED_TO.match(self.text[number.end:]))

    def _names_another(self, word: Word, number: Number) -> bool:
        if {"up", "down"} & set(word.values("cue")):
            return False  # 比2018年净增186人
        if word.meaning("part") or word.meaning("dim"):
            return any(m.kind == "indicator" and Subject(m.value).admits(number.unit) for m in word.meanings) and not word.meaning("part")
        return any(m.kind in ("indicator", "topic", "role") for m in word.meanings)

    def _split(self, subject: Subject | None, dims: dict[str, str], said: str, number: Number) -> Subject | None:
        """The nearest subject told before that can be split by `dims` and counted in the figure's unit."""
        candidates = [*([subject] if subject else []), *reversed(self.passage.earlier)]
        if (_BORN_SO.search(said) or ("order" in dims and _ORDERS.search(self.text))) and number.unit == "person":
            # 计划内459人, 生育二孩227人: only births are told so.
            candidates.append(Subject("births"))
        if "order" in dims and subject and indicators()[subject.code].relative and "order" not in subject.dims and not number.unit and "." not in number.value:
            candidates = [Subject("births")]  # 性别比114.5;一孩81,二孩62; 政策生育率92.26%;一孩97; but not 二孩性别比127.6,多孩164
        if "sex" in dims and not self._inherits():
            people = [Subject("pop_total", {k: v for k, v in subject.dims.items() if k == "residence"})] if subject and subject.code == "households" else []
            candidates = [*self._spoken_of(number), *people, *candidates]
        if subject and subject.code == "deaths" and "sex" in dims and not any(s.code == "births" and "sex" in s.dims for s in candidates):
            # Sexes are told of births far more often than of deaths: …死亡178人;男孩… speaks of the births.
            candidates.sort(key=lambda s: s.code != "births")
        if "sex" in dims and candidates and candidates[0].code in ("pop_urban", "pop_rural"):
            candidates += [Subject("pop_total")] * (not self.bound and not self._inherits())  # a sentence of its own: of all the people
            candidates.sort(key=lambda s: s.code != "pop_total")
        if "sex" in dims and subject and "policy" in subject.dims and (born := self._of_all_births(number)) is not None:
            candidates = [born]
        if "group" in dims and dims.get("residence") == "floating" and (way := next((code for word, code in (("流入", "floating_in"), ("流出", "floating_out")) if said.startswith(word)), "")):
            return Subject(way, {"group": dims["group"]})  # 流入人口中跨省的19877人
        if (part := self._within_part(number, dims)) is not None and (split := part.split(dims, said)) and split.admits(number.unit):
            return split
        for candidate in candidates:
            whole = candidate if self._inherits() else self._family(candidate)
            split = whole.split(dims, said)
            if split and split.admits(number.unit):
                return split
        return None

    def _of_all_births(self, number: Number) -> Subject | None:
        """出生123人,其中政策内119人(男孩62人、女孩61人): sexes in a bracket that add up to the births told before, and not to the part they stand behind."""
        bracket = _SEXES_IN_BRACKET.match(self.text[max(0, self.text.rfind("(", 0, number.start)):])
        told = [(self.told[i], self.tokens[i].value) for i in sorted(self.bound) if self.told[i].code == "births"]
        if bracket is None or len(told) < 2:
            return None
        both = float(bracket[1]) + float(bracket[2])
        whole = next((s for s, value in told if "sex" not in s.dims and "policy" not in s.dims and float(value) == both), None)
        part = next((value for s, value in reversed(told) if "sex" not in s.dims and "policy" in s.dims), None)
        return whole if whole is not None and part is not None and float(part) < both else None

    def _spoken_of(self, number: Number) -> list[Subject]:
        """What the sentence spoke of last that sexes can split: 从出生人口的性别看,男性443人."""
        for token in reversed(self.tokens):
            if isinstance(token, Word) and token.end <= number.start:
                meaning = token.meaning("indicator")
                if meaning and "sex" in binding.SPLITS.get(meaning.value, ()):
                    residence = {"residence": self.passage.residence} if self.passage.residence else {}
                    return [Subject(meaning.value, {**residence, **{k: v for k, v in meaning.dims.items() if k == "residence"}})]
        return []

    def _family(self, subject: Subject) -> Subject:
        """The whole a new part belongs to: parts told before it do not narrow it."""
        return Subject(subject.code, {k: v for k, v in subject.dims.items() if k in ("residence", "group", "age")})

    def _dims_around(self, at: int, tied: binding.Chain) -> dict[str, str]:
        """What splits a figure, before it (男35422女35494) or after (14男12女): as the first of the run is told."""
        before, after = dims_of(tied.tokens), self._dim_after(self.tokens[at])
        last = next((i for i in range(at - 1, -1, -1) if isinstance(self.tokens[i], Number)), -1)
        if "sex" in before and last not in self.told_after:
            return after | before
        self.told_after |= {at} if after else set()
        return before | after

    def _dim_after(self, number: Number) -> dict[str, str]:
        """14男12女: the word that splits stands after the figure."""
        match = _SEX_BEHIND.match(self.text[number.end:number.end + 2])
        if match and number.unit == "":
            return {"sex": "male" if match.group() == "男" else "female"}
        return {}

    def _in_other_unit(self, at: int, subject: Subject) -> Subject | None:
        """2621户、11793人: the same thing counted once more, in another unit; 应落实476例,已落实541例: what was done of an aim."""
        before = self.tokens[at - 1] if at else None
        number = self.tokens[at]
        if subject.code in ("villages", "townships") and number.unit == "item":
            return None  # 31个行政村、2个渔业居委会
        if isinstance(before, Number) and self.aimed and at - 1 in self.bound and before.unit == number.unit and number.unit and DONE_OF.fullmatch(self.text[before.end:number.start]):
            return self.told[at - 1]
        if not isinstance(before, Number) or before.unit == number.unit or not number.unit:
            return None
        between = self.text[before.end:number.start].replace(",", "").replace("，", "")
        if between.strip(" 、共计有分合(（").removeprefix("人家") or at - 1 not in self.bound:
            return None
        residence = {k: v for k, v in subject.dims.items() if k == "residence"}
        if {before.unit, number.unit} == {"household", "person"} and subject.code in ("households", "pop_total"):
            people, households = (number, before) if number.unit == "person" else (before, number)
            if not float(households.value) <= float(people.value) <= 10 * float(households.value):
                return None  # 全村1004人,21户66人迁往外村
        if subject.code == "households" and number.unit == "person":
            return Subject("floating_total") if residence.get("residence") == "floating" else Subject("pop_total", residence)
        if subject.code == "pop_total" and number.unit == "household":
            return Subject("households", residence)
        return subject if subject.admits(number.unit) and subject.admits(before.unit) else None

