"""What stands behind a figure names it (14270人口, 193对夫妇…孕前优生检查) or makes it none; what was told before it makes another rate of it."""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

from helpers.catalogue import indicators, read_rows
from helpers.extract import binding
from helpers.extract.aims import AIM_BEHIND
from helpers.extract.binding import Subject
from helpers.extract.lexicon import BARE_RATE, Word, is_filler, narrower, phrase, sibling, topic_roles
from helpers.extract.no_figures import NoFigures
from helpers.extract.numbers import Number
from helpers.extract.times import TimePhrase
from helpers.extract.tokens import Age, dims_of

_ALL_OF = phrase("all_of")
FELL_ILL = phrase("fell_ill")
_HANDED_OUT = phrase("handed_out")
_SOME_ONLY = phrase("some_only")
_REMAINDER = phrase("remainder")
_BORN_NEAR = phrase("born_near")
_HEADS_NEXT = phrase("heads_next")
_MANAGING = phrase("managing")
_ASIDE_OUT = phrase("aside_out")
_PLANNED = phrase("planned")
_PART_OF_COUPLES = phrase("part_of_couples")
_MEN_TO_WOMEN = phrase("men_to_women")
_TOOK_PART = phrase("took_part")
_SIGNING_GROUP = phrase("signing_group")
_SIGNED_TOO = phrase("signed_too")
_THEN_SIGNED = phrase("then_signed")
_TO_SIGN = phrase("to_sign")
_WILL = phrase("will")
_PEOPLE_NEXT = phrase("people_next")
_PEOPLE_OF = phrase("people_of")
_COUNTED_PLACE = phrase("counted_place")
_ITS_PEOPLE = phrase("its_people")
_CLINICS_OF_VILLAGES = phrase("clinics_of_villages")
_ALREADY = phrase("already")
_OUGHT = phrase("ought")
_DONE_FOR = phrase("done_for")
_SIGNING_RATE_NEXT = phrase("signing_rate_next")
_TOUCHED_BY = phrase("touched_by")
_VILLAGES_THAT = phrase("villages_that")
_LISTED_PLACES = phrase("listed_places")
_TOWNSHIPS_OF, _ALL_TOWNSHIPS = phrase("townships_of"), phrase("all_townships")
_FILES_MADE = phrase("files_made")
_FILES_OF_GROUPS = phrase("files_of_groups")
_CHECK_BEFORE_PREGNANCY = phrase("check_before_pregnancy")
_PUT_ON_A_PLAN = phrase("put_on_a_plan")
_CARE_OF = phrase("care_of")
_PEOPLE_AND_MEN_NEXT = phrase("people_and_men_next")
_HAS_IN_ALL = phrase("has_in_all")
_HAS_UNDER_IT = phrase("has_under_it")
_AND_OTHERS = phrase("and_others")
_COUPLES_NEXT = phrase("couples_next")
_ALL_THERE_ARE = phrase("all_there_are")
_PEOPLE_NEXT_IN_ALL = phrase("people_next_in_all")
_AMONG_THEM = phrase("among_them")
_COMMUNITIES_NEXT = phrase("communities_next")


@cache
def _told_after() -> list[tuple[str, set[str], re.Pattern]]:
    """What figures count by the words behind them, rows of data/catalogue/following.csv: code, units, pattern."""
    codes = indicators()
    return [(row.one_of("code", codes), set(row["units"].split(";")), re.compile(row["after"])) for row in read_rows("following")]


class Following(NoFigures):
    """How a figure is named by what follows it."""

    def _to_sign(self, number: Number) -> Subject | None:
        """重点人群5678人,签约4567人: the people of a group before those of them who signed."""
        if number.unit not in ("person", "household") or not _THEN_SIGNED.match(self.text[number.end:]):
            return None
        clause = re.split("[:：]", self.text[self._clause_start(number.start):number.start])[-1]
        match = _TO_SIGN.fullmatch(clause.strip())
        return Subject("fd_population", {"group": match["group"]}) if match else None

    def _of_those_told(self, at: int, named: Subject | None, tied: binding.Chain, near: str) -> Subject | None:
        """A word that means another rate by what was told before it: 性别比 of a population, 死亡率 of mothers."""
        told, number = self.passage.subject, self.tokens[at]
        if (managed := self._filed_too(at, tied) or (self._managed_too(at, tied) if named and named.code in ("pregnant_women", "pop_age") else None)) is not None:
            return managed
        if (named is None or named.code == "fd_signed") and (waiting := self._to_sign(number)) is not None:
            return waiting
        if named and named.code == "srb" and told and told.code in ("pop_total", "pop_urban", "pop_rural") and not _BORN_NEAR.search(self.text, max(0, number.start - 30), number.start):
            where = {"pop_urban": "城镇", "pop_rural": "乡村"}.get(told.code)
            return Subject("sex_ratio_pop", {**named.dims, **({"group": where} if where else {})})
        if not number.unit and (base := _MEN_TO_WOMEN.search(self.text[:number.start])):
            return Subject("srb" if base["born"] else "sex_ratio_pop")  # 以女性为100,男性为103.25
        if named and named.code == "sex_ratio_pop" and told and told.code in ("births", "live_births") and "人口" not in near[-12:]:
            return Subject("srb", named.dims)  # 出生婴儿3456名,其中男婴1823名,…男女性别比为111.6:100
        if named and named.code == "hospital_delivery_rate" and told and told.code.startswith("highrisk_") and self._follows_a_reading(at) and len(tied.tokens) == 1:
            return None  # 高危孕产妇312人,住院分娩率100%: of them alone
        if named and named.general and named.code.endswith("_managed") and FELL_ILL.match(self.text[number.end:]):
            return None
        if named and named.code == "growth_rate" and told and told.code == "pop_age":
            return None
        if named is None and number.unit == "case" and [t.text for t in tied.tokens if isinstance(t, Word)] == ["死亡"] and (
                died := next((s for s in reversed(self.passage.earlier) if s.code.endswith("_deaths")), None)):
            # 孕产妇死亡0例;2021年度死亡1例; 婴儿死亡87例,5岁以下死亡104例
            return Subject("under5_deaths") if dims_of(tied.tokens).get("age") == "0-4" else died
        if named and named.code == "births" and "policy" not in named.dims and _ASIDE_OUT.search(self.text, 0, number.start):
            return Subject("births", {**named.dims, "policy": "out"})
        if named and named.code == "policy_rate" and "order" not in named.dims and told and told.code == "births" and told.dims.get("policy") == "in" \
                and "order" in told.dims and self._follows_a_reading(at):
            return Subject(named.code, {**named.dims, "order": told.dims["order"]})  # 一孩政策内出生18702人,政策符合率98.19%
        if named and named.code == "folic_rate" and any(isinstance(t, Word) and "服用" in t.text for t in tied.tokens) and _HANDED_OUT.search(self.text):
            return Subject("folic_rate", {**named.dims, "group": "服用"})  # of those who were given it, and not of the aim
        if named and told and named.code == "srb" and told.code == "births" and "order" in told.dims and ("sex" not in told.dims or self._ratio_of_two(at)) and self._follows_a_reading(at) and binding.said(tied) in ("性别比", "男女之比"):
            return Subject("srb", {"order": told.dims["order"]})  # 一孩出生2847人,性别比103.5
        if named and named.code == "prepreg_checked" and number.unit == "couple" and _PLANNED.search(self.text[:number.start]):
            return Subject("prepreg_target", named.dims)  # 孕前优生健康检查计划4200对
        if named is None and told and told.code == "prepreg_checked" and number.unit == "couple" and (part := _PART_OF_COUPLES.search(self.text[:number.start])):
            return Subject("prepreg_checked", {"group": part["group"]})  # 全年做了168对,其中流动人口夫妇92对
        if named and told and named.code == "order_rate" and told.code == "married_women_15_49" and self._follows_a_reading(at):
            return Subject(named.code, {**named.dims, "group": "已婚育龄妇女"})  # 已婚育龄妇女4890人,一孩率60.62%: of the women, not of births
        if named and named.code.startswith("fp_") and (due := self._figure_before(at)) in self.told and self.told[due].code == named.code and _ALREADY.fullmatch(self.text[self.tokens[due].end:tied.start]) and _OUGHT.search(self.text[:self.tokens[due].start]):
            return Subject(named.code, {**named.dims, "group": "应落实对象"})  # 应结扎117人,已结扎16
        if named and named.code == "growth_rate" and self._bare_growth(at, tied):
            return None
        if named and named.code == "growth_rate" and (monthly := self._monthly(number)):
            return Subject(named.code, {**named.dims, **monthly})
        if named and told and (part := self._of_those_moved(named, told, at) or self._died_of(told, at, binding.said(tied))) is not None:
            return part
        if named and told and named.code == "health_record_rate" and binding.said(tied) == "建档率" \
                and told.code.endswith("_managed") and self._follows_a_reading(at) and (rate := sibling(told.code, "files_rate")):
            return Subject(rate, {k: v for k, v in told.dims.items() if k == "age"})
        if named and named.code == "ncms_rate" and not tied.open and all("cover" in t.values("role") for t in tied.tokens if isinstance(t, Word)):
            return None  # 村卫生室覆盖率100%, where cooperative care was spoken of before
        if named and named.code == "prepreg_checked" and not tied.open and number.unit == "person" and not any(
                isinstance(t, Word) and (t.meaning("topic") or t.meaning("indicator")) for t in tied.tokens):
            return None  # 妇女常见病免费检查10264人, where pregnancy was spoken of before
        if named is None and told and told.code.endswith("_managed") and number.unit == "percent" and self._follows_a_reading(at) \
                and [t.values("role") for t in tied.tokens if isinstance(t, Word)] == [["cover"]] and (rate := sibling(told.code, "rate")):
            # 保健覆盖人数1389人,覆盖率95.4%
            return Subject(rate, {k: v for k, v in told.dims.items() if k == "age"})
        return named

    def _died_of(self, told: Subject, at: int, said: str) -> Subject | None:
        """孕产妇死亡1人,死亡率8.45/10万; 5岁以下儿童1012人,死亡2人: a bare word for death right behind those who died, or can have."""
        if said == BARE_RATE:
            return Subject(code) if (code := narrower().get((told.code, said))) else None
        code, before = narrower().get((told.code, said + told.dims.get("age", ""))) if said == "死亡" else None, self._figure_before(at)
        few = before is not None and float(self.tokens[at].value) <= 0.05 * float(self.tokens[before].value)
        return Subject(code) if code and few and self._follows_a_reading(at) else None

    def _of_patients(self, named: Subject, told: Subject | None, tied: binding.Chain) -> bool:
        """管理肺结核病人63人,结案36例,死亡1人: a bare word for death in a sentence about patients is of them."""
        ill = told is not None and told.code.endswith("_managed") and told.code not in ("children_managed", "maternal_managed")
        return named.code == "deaths" and binding.said(tied) == "死亡" and ill and bool(self.bound)

    def _of_those_moved(self, named: Subject, told: Subject, at: int) -> Subject | None:
        """流出人口3150人,其中育龄妇女1120人,已婚1003人: women told among those who moved are of them alone."""
        among = told.code.startswith("floating_") and "其中" in self.text[self._told_until(at):self.tokens[at].start]
        of_them = told.code == "women_15_49" and told.dims.get("residence") == "floating" and self._figure_before(at) in self.told
        if named.code not in ("women_15_49", "married_women_15_49") or not (among or of_them):
            return None
        return Subject(named.code, {**named.dims, "residence": "floating"}) if self._follows_a_reading(at) else None

    def _ratio_of_two(self, at: int) -> bool:
        """男95女87,性别比109.2: a ratio that the two figures before it give."""
        female = self._figure_before(at)
        male = self._figure_before(female) if female is not None else None
        if male is None or self.told.get(male) is None or not float(self.tokens[female].value):
            return False
        return abs(100 * float(self.tokens[male].value) / float(self.tokens[female].value) - float(self.tokens[at].value)) < 0.5

    def _among_signed(self, at: int, named: Subject | None, tied: binding.Chain) -> Subject | None:
        """共签约3.87万人,其中65岁以上老人7016人、高血压患者5238人: groups of those who signed, and the rate told right after one."""
        told = self.passage.subject
        if named is not None and told and (named.code, told.code) in (("fd_rate", "fd_signed"), ("fd_rate", "fd_population"), ("fd_signed", "fd_population")) and "group" in told.dims and "group" not in named.dims \
                and self._follows_a_reading(at):
            return Subject(named.code, {**named.dims, "group": told.dims["group"]})
        if named is not None and named.code in ("fd_signed", "fd_rate") and not tied.open and "group" not in named.dims and (
                group := _SIGNING_GROUP.search(self.text[self._floor(at):next((t.start for t in tied.tokens if isinstance(t, Word) and t.text.startswith("签约")), 0)])):
            return Subject(named.code, {**named.dims, "group": group["group"]})  # 建档立卡贫困人口及计划生育特殊家庭签约数为7415人
        signed = any(s.code == "fd_signed" for s in self.passage.earlier) and self.tokens[at].unit in ("person", "household")
        if signed and named is not None and _SIGNING_RATE_NEXT.match(self.text, self.tokens[at].end) and (group := _SIGNING_GROUP.search(self.text[:self.tokens[at].start])):
            return Subject("fd_signed", {"group": group["group"]})  # 2型糖尿病患者1123人,签约率69.8%
        if named is None and signed and "其中" in self.text[:self.tokens[at].start] and (group := _SIGNED_TOO.search(self.text[self._told_until(at):self.tokens[at].start])):
            return Subject("fd_signed", {"group": group["group"]})  # 签约22517人,其中老年人9845人,残疾人588人,失独家庭41户
        if named is None or not signed or not (named.code in ("pop_age", "pregnant_women") or named.general) or "其中" not in self.text[:self.tokens[at].start]:
            return named
        return Subject("fd_signed", {"group": binding.sentence_words([t for t in tied.tokens if isinstance(t, Age | Word)])})

    def _counted_behind(self, number: Number) -> Subject | None:
        """19860人参加了农村合作医疗: what the words right behind a figure say outright that it counts."""
        code = next((code for code, units, after in _told_after() if number.unit in units and number.written != "一" and after.match(self.text, number.end)), None)
        return Subject(code) if code else None

    def _after(self, at: int, tied: binding.Chain, number: Number) -> Subject | None:
        """What stands after the figure names it: 下辖21个行政村, 14270人口, 193对夫妇……孕前优生检查."""
        rest = self.text[number.end:]
        if number.unit in binding.RATES and (told := self._rate_behind(at, number)) is not None:
            return told
        if number.unit in ("village", "household") and self._by_place(number):
            return Subject("villages" if number.unit == "village" else "households")
        if number.unit == "village" and (self._all_villages(number, tied) or self._after_townships(at)):
            return Subject("villages")
        if number.unit == "township" and (self._all_villages(number, tied) or self.text[max(0, number.start - 1):number.start] == "对") and not _TOWNSHIPS_OF.match(rest):
            return Subject("townships")
        if number.unit == "household" and (self._households_and_people(number) or (
                tied.open and not tied.tokens and _ALL_OF.search(self.text[:number.start]) and not _SOME_ONLY.search(rest[:4]))):
            return Subject("households")
        if number.unit in ("person", "household") and all(isinstance(t, TimePhrase) for t in tied.tokens) and self._people_of_all(at, tied):
            return Subject("pop_total" if number.unit == "person" else "households")
        sentence = re.split("[;；。]", rest)[0]
        if (number.unit == "person" or (number.unit == "" and re.match("居民|群众", rest))) and _DONE_FOR.search(self.text[:number.start]) and (
                made := _FILES_MADE.search(sentence)):
            return None if _FILES_OF_GROUPS.search(sentence[:made.end()]) else Subject("health_records")
        alike = self.passage.subject is not None and self.passage.subject.admits(number.unit) and (number.unit not in binding.RATES or number.unit == indicators()[self.passage.subject.code].unit)
        if AIM_BEHIND.match(rest) and alike and self._follows_a_reading(at):
            return Subject(sibling(self.passage.subject.code, "target") or self.passage.subject.code, self.passage.subject.dims)
        if number.unit == "person" and self.passage.subject and self.passage.subject.code == "fd_signed" and _SIGNING_RATE_NEXT.match(rest):
            # 已签约126.4万人,其中贫困人口11.58万人,签约率99.93%
            group = _SIGNING_GROUP.search(self.text[:number.start])
            return Subject("fd_signed", {"group": group["group"]} if group else {})
        if number.unit == "household" and self.text[:number.start].endswith((":", "：")) and _HEADS_NEXT.match(rest):
            return Subject("households")
        if number.unit_word in ("口", "口人") and not tied.tokens and (self.text[:number.start].endswith((":", "：")) or (
                at - 1 in self.bound and isinstance(self.tokens[at - 1], Number) and self.tokens[at - 1].unit == "household"
                and self.text[self.tokens[at - 1].end:number.start].strip().removeprefix("人家") in (",", "，", "、", ""))):
            return Subject("pop_total")
        if number.unit_word.endswith("人口") and (tied.open or number.unit_word == "人口"):
            return Subject("pop_total")
        if number.unit == "km2" and tied.open:
            return Subject("area_km2")
        clause = rest[:m.start()] if (m := re.search(r"[,;，；。]", rest)) else rest
        if (patients := self._patients(at, number, clause)) is not None:
            return patients
        examined = number.unit == "couple" or (number.unit == "times" and _COUPLES_NEXT.match(rest) is not None) or (number.unit == "person" and (
            re.match("(?:参加|接受)", clause) or re.search("[为对给]$|组织$", self.text[:number.start])))
        if number.unit == "couple" and not any(isinstance(t, Number) for t in self.tokens[at + 1:] if t.start < number.end + len(sentence)):
            clause = sentence
        if examined and (_CHECK_BEFORE_PREGNANCY.search(clause) or (
                _TOOK_PART.match(clause) and "prepreg" in self.passage.topics)):
            # 今年将为7600对夫妇提供免费孕前优生健康检查
            planned = _WILL.search(self.text[:number.start]) or _PUT_ON_A_PLAN.search(sentence)
            self.planned |= {at} if planned else set()
            return Subject("prepreg_checked")
        if number.unit == "case":
            for token in self.tokens[at + 1:]:
                if token.start > number.end + 8 or isinstance(token, Number) or re.search("[、;；:：]", self.text[number.end:token.start]):
                    break
                named = binding.subject_of([token], None, number)
                if named and named.code.startswith("fp_") and "," not in self.text[number.end:token.start]:
                    self.consumed = token.end
                    return named
        return None

    def _rate_behind(self, at: int, number: Number) -> Subject | None:
        """当年人口49.09‰的出生率: the rate that a figure is, right behind its 的."""
        after = self.tokens[at + 1] if at + 1 < len(self.tokens) else None
        if not isinstance(after, Word) or self.text[number.end:after.start] not in ("的", "的人口") or not (named := after.meaning("indicator")):
            return None
        subject = Subject(named.value, dict(named.dims))
        return subject if subject.admits(number.unit) and indicators()[subject.code].kind in ("rate", "share") else None

    def _next_patients(self, at: int) -> Subject | Literal[False] | None:
        """23万名高血压患者和8万名糖尿病患者: a count of the patients behind it is not of those before it.

        Those of them that are managed as the ones before are; False where that was not read, None where nothing is told so.
        """
        after, number = self.tokens[at + 1] if at + 1 < len(self.tokens) else None, self.tokens[at]
        before = self.tokens[at - 1] if at else None
        if not (isinstance(after, Word) and after.start == number.end and after.meaning("topic") and number.unit_word in ("名", "位", "例")
                and isinstance(before, Word) and before.meaning("topic") and self.text[before.end:number.start] in ("和", "、", "及", "以及")):
            return None
        last = self._figure_before(at)
        code = topic_roles().get((after.meaning("topic").value, "managed"))
        return Subject(code) if code and last in self.told and self.told[last].code.endswith("_managed") else False

    def _managed_too(self, at: int, tied: binding.Chain) -> Subject | None:
        """管理0-6岁儿童24550人,孕产妇2545人: who follows in a list that began with 管理 is managed too."""
        whose, start = self._managed_of(tied), tied.start
        while whose is not None and (at := self._figure_before(at)) is not None and at in self.told and self.told[at].code.endswith("_managed") \
                and self.text[self.tokens[at].end:start] in (",", "，", "、", "和"):
            start = self._clause_start(self.tokens[at].start)
            if _MANAGING.match(self.text, start):
                return whose
            start -= 1 if start else 0
        return None

    def _filed_too(self, at: int, tied: binding.Chain) -> Subject | None:
        """高血压病人建档432份,重性精神病32份,孕产妇121份: whose files are told next in a list of files."""
        before = self._figure_before(at)
        filed = before in self.told and self.told[before].code.endswith("_managed") and self.tokens[before].unit == "document"
        return self._managed_of(tied) if filed and self.tokens[at].unit == "document" else None

    def _managed_of(self, tied: binding.Chain) -> Subject | None:
        """Those under management of the topic that the tied words name, with their age."""
        topic = next((m.value for t in tied.tokens if isinstance(t, Word) and (m := t.meaning("topic"))), "")
        code = topic_roles().get((topic, "managed"))
        return Subject(code, dims_of([t for t in tied.tokens if isinstance(t, Age)]) if code in ("children_managed", "elderly_managed") else {}) if code else None

    def _patients(self, at: int, number: Number, clause: str) -> Subject | None:
        """对12名精神病患者定期随访, 为310名65岁以上老年人建立档案: whom the figure counts stands after it."""
        tokens = self.tokens[at + 1:at + 3]
        topic = next((t for t in tokens if isinstance(t, Word) and t.meaning("topic")), None)
        if number.unit != "person" or topic is None or not is_filler(self.text[number.end:tokens[0].start]) \
                or not _CARE_OF.search(self.text[:number.start]):
            return None
        name = topic.meaning("topic").value
        done = "管理|随访|建档|档案" if name != "elderly" else "建档|档案|健康管理"
        if name not in ("hypertension", "diabetes", "mental", "tb", "elderly") or not re.search(done, clause + self.text[max(0, number.start - 4):number.start]):
            return None
        return Subject(topic_roles()[(name, "managed")])

    def _after_townships(self, at: int) -> bool:
        """全县14个乡(镇)162个村委会: the villages right behind all the townships are all of theirs."""
        return _ALL_TOWNSHIPS.search(self.text[:self.tokens[at].start]) is not None

    def _by_place(self, number: Number) -> bool:
        """南竿乡:9村,1699户,男性4315人: bare counts of a place named before a colon, its people behind them."""
        return bool(_COUNTED_PLACE.fullmatch(self.text[:number.start]) and _ITS_PEOPLE.search(self.text[number.end:]))

    def _households_and_people(self, number: Number) -> bool:
        """三个居委会合计1973户,5477人: households and people side by side are all there are, where nobody is singled out."""
        clause = self.text[self._clause_start(number.start):number.start]
        pair = not clause.strip() and bool(_PEOPLE_AND_MEN_NEXT.match(self.text[number.end:]))
        return pair or (bool(_ALL_THERE_ARE.search(clause)) and not _SOME_ONLY.search(self.text[:number.end + 8])
                and bool(_PEOPLE_NEXT_IN_ALL.match(self.text[number.end:])))

    def _people_of_all(self, at: int, tied: binding.Chain) -> bool:
        """35个行政村4个社区,54652人; 6个村民组223户978人; 全村为1004人; 187户,694人: a bare count of people is of all of them."""
        if not tied.open:
            return False
        number, rest = self.tokens[at], self.text[self.tokens[at].end:]
        alone = not rest or re.match(r"\s*(?:[,，、;；。)）(（]|$)", rest) is not None
        if self._after_villages(at) or (alone and number.unit == "person" and _PEOPLE_OF.search(self.text[:number.start]) is not None):
            return True
        return not self.text[self._floor(at):number.start].strip() and number.unit == "household" and self._so_many_each(at)

    def _so_many_each(self, at: int) -> bool:
        """187户,694人: households and people told alone, as many people to a household as there can be."""
        match = _PEOPLE_NEXT.match(self.text[self.tokens[at].end:])
        after = self.tokens[at + 1] if match and at + 1 < len(self.tokens) else None
        if not isinstance(after, Number):
            return False
        households, people = float(self.tokens[at].value), float(after.value)
        return households >= 10 and 1.5 * households <= people <= 8 * households

    def _after_villages(self, at: int) -> bool:
        """辖35个行政村4个社区,54652人: a bare count of persons after the villages is the population."""
        before = self.tokens[at - 1] if at else None
        if _TOUCHED_BY.search(self.text[:self.tokens[at].start]) or self.text[self.tokens[at].end:].startswith("的"):
            return False
        return (isinstance(before, Number) and before.unit_word.startswith("个") and bool(re.search("村|社区|居|组", before.unit_word))
                and _HAS_IN_ALL.fullmatch(self.text[before.end:self.tokens[at].start]) is not None)

    def _all_villages(self, number: Number, tied: binding.Chain) -> bool:
        """Whether a count of villages is of all of them: 辖23个村, not 有3个村出生人数下降."""
        if _VILLAGES_THAT.match(self.text[number.end:]) and "辖" not in self.text[max(0, number.start - 6):number.start]:
            return False
        if _CLINICS_OF_VILLAGES.match(self.text[number.end:]):
            return False
        before = self.text[max(0, tied.start - 8):number.start]
        if _REMAINDER.search(before):
            return False
        if tied.open and not tied.tokens and _LISTED_PLACES.search(self.text[:number.start]):
            return True
        return bool(_HAS_UNDER_IT.search(before)) or bool(
            _AMONG_THEM.match(self.text[number.end:]) and not self.text[:number.start].strip()) or bool(
            _AND_OTHERS.search(self.text[:number.start])) or (
            bool(_COMMUNITIES_NEXT.match(self.text[number.end:number.end + 8])) and tied.open)
