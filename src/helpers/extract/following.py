"""What stands behind a figure names it (14270人口, 193对夫妇…孕前优生检查) or makes it none; what was told before it makes another rate of it."""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

from helpers.catalogue import indicators, read_rows
from helpers.extract import binding
from helpers.extract.aims import AIM_BEHIND
from helpers.extract.binding import Subject
from helpers.extract.carried import BARE_RATE, narrower
from helpers.extract.lexicon import Word, is_filler, sibling, topic_roles
from helpers.extract.lists import Listed
from helpers.extract.numbers import Number
from helpers.extract.times import TimePhrase
from helpers.extract.tokens import Age, dims_of

# 每万人口出生120人: a rate on a base of its own.
_OF_EACH = re.compile(r"每[一十百千万\d]{1,3}(?:名|个)?[人户对育孕儿妇男女常居][^,，;；。]{0,16}$")
# 平均每天增加213人, 平均约每3.7分钟死亡一个人: how often, an aside that takes nothing away from what goes on after it.
_HOW_OFTEN = re.compile(r"每隔?(?:[\d.]+|[一两半])?(?:秒|分|分钟|个?小时|天|日|周|个?月)钟?[^,，;；。\d]{0,8}$")
# 全镇现有4600户
_ALL_OF = re.compile(r"[全我本该][镇乡村县市区](?:[共现总]?有|共计?|总计)?$|辖区?内?(?:[共现]?有)?$")
# 漏报计划内出生6例: errors found in a check
_MISCOUNTED = re.compile(r"(?:漏|瞒|虚|错|误|重|(?<!含)补)报[^,，;；。]{0,18}$|欠[账帐][^;；。]{0,30}$|(?<!含)漏统[^,，;；。]{0,12}$")
# 性别比高于100的有10个, 农村居民18178人享受最低生活保障
_CLASS_OF = re.compile(r"(?:‰|%)?的(?:只有|仅有|实行|一律|给予|予以|取消|黄牌|通报|[镇乡村]?支?书|单位要)|(?:以[上下])?的(?:镇街|乡镇|街道|乡|镇|村|县|市|区)?\s*(?:[(（](?:街道|镇|乡)[)）])?有\s?\d+\s?个|之间的(?:镇街|乡镇|街道|乡|镇|村|县|市|区)?\s*(?:[(（](?:街道|镇|乡)[)）])?有")
_IN_CLASS = re.compile(r"(?:(?:人|户|‰|%|以[上下]|之间)的|[少低多高大小]于[\d.]+万?[人户‰%]的)(?:镇街|乡镇|街道|乡|镇|村|县|市|区)\s*(?:[(（](?:街道|镇|乡)[)）])?有$")
# 残疾60人,内有精神病18人,患病率为3.3‰: how many fell ill
FELL_ILL = re.compile("[,，]?(?:患病|发病|检出)率")
# 发现一例补救一例: however many
_EACH_ONE = re.compile("一([例个名人户件])[^,，;；。]{1,4}一\\1")
# 246个村(居)民小组, 3个村发生了…: no villages, or some of them
_SOME_VILLAGES = re.compile(r"[\s(（居)）]*民小?组|(?:发生|出现)了?")
_HANDED_OUT = re.compile("叶酸[^。;；]*(?:发放|投服|覆盖)率")
_SOME_ONLY = re.compile("涉及|受益|惠及|救助|困难|贫困|低保|扶助|帮扶|慰问|奖励|特扶|流动|流入|流出|外出|搬迁|签约|参合|参保|独生|双女|纯女")
# 年平均增加18人: how many a year, and no change of what was told
_A_YEAR = re.compile("(?:年平均|年均|平均每年|每年平均)(?:净?增加?|减少?|增长|递增)了?约?$")
_REMAINDER = re.compile("(?:还|另|只|仅|尚|仍)有?$")
# 已婚育龄妇女中采取各种节育措施的69830人: users, neither operations nor all the women
_USERS = re.compile("采取[^,，;；。]{0,10}措施的?(?:人数|妇女|有|为|达|共)*$|(?:育龄妇女|对象)中?(?:已|都)?落实[^,，;；。]{0,6}(?:避孕|节育)[^,，;；。]{0,4}措施的?(?:人数|有|为|达|共)*$|已落实[^,，;；。]{0,6}(?:避孕|节育)措施的(?:有)?$")


# 光绪十年:四万一千户,二十五万口: households and heads of a chronicle
_HEADS_NEXT = re.compile(r"[,，、]?\s?[\d零〇一二三四五六七八九十百千万]+口(?![人径头味服])")
# 抽到774个村(居)委会,39254个住户,登记常住人口105593人: a sample
_SAMPLED = re.compile("抽(?:到|取|中|选)[^;；。]{0,80}登记[^,，;；。\\d]{0,8}$")
# 结扎奖励1400元,上环200: what is paid
_MONEY_BEFORE = re.compile("(?:奖|补助|补贴|罚)[^;；。()（）]{0,12}\\d元(?:[,，、][^,，;；。()（）\\d]{1,8}\\d+元?)*[,，、][^,，;；。()（）\\d]{1,8}$")
# 管理高血压患者…, 登记管理高血压患者…: what heads a list of those managed
_MANAGING = re.compile("管理(?!率)|[^,，;；。\\d率]{0,6}管理(?!率)[^,，;；。\\d]")
# 从计外出生的时间来看,当年出生2人: all of the sentence is of those
_ASIDE_OUT = re.compile("从(?:计划外|计外|政策外|方案外)(?:出生|生育)的[^,，;；。]{0,8}看")
_PLANNED = re.compile("计划(?!生育|怀孕|内|外)[^,，;；。\\d]{0,3}$|(?:初步|拟|安排)计划?[^,，;；。\\d]{0,12}$")
_PART_OF_COUPLES = re.compile("(?:其中|对象中)[^,，;；。\\d]{0,2}(?P<group>[\u4e00-\u9fff]{2,8}(?:夫妇|夫妻|家庭|对象))$")
# 出生309人,为计划数的93.6%: how much of what was planned
_OF_THE_PLAN = re.compile("(?:为|占|完成)(?:全?年|年度|县下|市下)?(?:计划|任务|指标)(?!生育)[^,，;；。\\d]{0,3}的$")
_BASE_OF_RATIO = re.compile("以?[女男][性婴孩]?(?:人口)?(?:为|=)$")
_MEN_TO_WOMEN = re.compile("以女(?P<born>婴|孩)?性?(?:人口)?为100[,，]男[性婴孩]?(?:人口)?(?:为|是)?$")
# 206对夫妇参与了检查, where the check before pregnancy is spoken of
_TOOK_PART = re.compile(r"(?:计划怀孕|待孕|农村|城镇)?(?:夫妇|夫妻)(?:已|共|自愿)?(?:参加|参与|接受|进行|完成)了?[^,，;；。\d]{0,6}检查")


_SIGNING_GROUP = re.compile("(?:^|[,，、;；])(?P<group>(?![全我本该与为对和同已共])[^,，;；。]{2,24}(?:人口|人群|家庭|患者|对象|老年?人|儿童|妇女|孕产妇|户))$")
# 家庭医生签约: 重点人群5678人,签约4567人: those who are to sign, before those who did
_THEN_SIGNED = re.compile(r"[,，](?:其中|现|目前)?(?:已|共|累计)*签(?:约(?:服务)?(?:人数|了)?|了)\d")
_TO_SIGN = re.compile("(?:其中|(?:全|我|本)[镇乡村县区市]|辖区内?|现|共|有)*(?P<group>[^签,，:：]{1,14}?(?:人口|人群|家庭|患者|对象|老年?人|儿童|妇女|孕产妇|者|户))(?:共|有)*")


_WILL = re.compile(r"(?:将|计划|拟|预计)(?:再)?(?:为|对|给|组织)[^,，;；。\d]{0,6}$")


# 有110.41万人已落实了各种节育措施: users of methods; 1人口计生工作讲话: the number of a page in a title
_DID = re.compile(r"(?:已经?)?(?:落实|采取)了?[^,，;；。\d]{0,6}(?:节育|避孕)[^,，;；。\d]{0,4}措施")
_TITLE_OF = re.compile("计生|计划|和计|与计|工作|普查|统计|发展|形势")
# 3个村政策生育率低于85%: the bound of a class of places
_SOME_OF = re.compile(r"\d\s?个(?:村|乡镇|乡|镇|街道|社区|县|单位)[^,，;；。\d]{0,14}$")
_PEOPLE_NEXT = re.compile(r"[,，、]?\d[\d.]*万?人(?=[,，。;；、(（]|$)")
# … and 2000年第五次人口普查为47.09万人
_PEOPLE_OF = re.compile("(?:全|我|本|该)(?:村|镇|乡|社区)(?:[共现总]?有|为|总计)$|年[末底]全[县市区镇乡]$|人口普查(?:时|中|结果)?(?:[为是]|[,，](?:全[县市区镇乡])?)$")


_COUNTED_PLACE = re.compile(r"\W*[\u4e00-\u9fff]{1,6}(?:镇|乡|村|里|街道|社区)[:：](?:[,，、]?\s?\d+个?(?:行政)?(?:村|邻|社区|组|户))*[,，、;；]?\s?")
_ITS_PEOPLE = re.compile(r"[,，、;；](?:总?人口|男性?|总?人数|计|共)(?:人口)?\d")


@cache
def _told_after() -> list[tuple[str, set[str], re.Pattern]]:
    """What figures count by the words behind them, rows of data/catalogue/following.csv: code, units, pattern."""
    codes = indicators()
    return [(row.one_of("code", codes), set(row["units"].split(";")), re.compile(row["after"])) for row in read_rows("following")]


class Following(Listed):
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
        if named and named.code in ("pregnant_women", "pop_age") and (managed := self._managed_too(at, tied)) is not None:
            return managed
        if (named is None or named.code == "fd_signed") and (waiting := self._to_sign(number)) is not None:
            return waiting
        if named and named.code == "srb" and told and told.code in ("pop_total", "pop_urban", "pop_rural") and "出生" not in self.text[max(0, number.start - 30):number.start]:
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
        if named is None and number.unit == "case" and [t.text for t in tied.tokens if isinstance(t, Word)] == ["死亡"] and (
                died := next((s for s in reversed(self.passage.earlier) if s.code.endswith("_deaths")), None)):
            return died  # 孕产妇死亡0例;2021年度死亡1例
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
        if named and named.code.startswith("fp_") and (due := self._figure_before(at)) in self.told and self.told[due].code == named.code and re.fullmatch("[,，;；]?(?:现|实际|目前)?已?",
                self.text[self.tokens[due].end:tied.start]) and re.search("应[^,，;；。\\d]{0,6}$", self.text[:self.tokens[due].start]):
            return Subject(named.code, {**named.dims, "group": "应落实对象"})  # 应结扎117人,已结扎16
        if named and named.code == "growth_rate" and self._bare_growth(at, tied):
            return None
        if named and named.code == "growth_rate" and (monthly := self._monthly(number)):
            return Subject(named.code, {**named.dims, **monthly})
        if named and told and binding.said(tied) == BARE_RATE and (part := narrower().get((told.code, BARE_RATE))):
            # 孕产妇死亡1人,死亡率8.45/10万
            return Subject(part)
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
        signed = any(s.code == "fd_signed" for s in self.passage.earlier) and self.tokens[at].unit == "person"
        if named is None or not signed or not (named.code in ("pop_age", "pregnant_women") or named.general) or "其中" not in self.text[:self.tokens[at].start]:
            return named
        return Subject("fd_signed", {"group": binding.sentence_words([t for t in tied.tokens if isinstance(t, Age | Word)])})

    def _not_a_figure(self, number: Number) -> bool:
        before = self.text[max(0, number.start - 2):number.start]
        after = self.text[number.end:number.end + 2]
        told = self.text[max(0, number.start - 24):number.start]
        if number.unit == "village" and _SOME_VILLAGES.match(self.text, number.end):
            return True
        if _HOW_OFTEN.search(told):
            self.asides.add(self.tokens.index(number))
            return True
        if _BASE_OF_RATIO.search(told) and number.value == "100":
            return True
        if number.unit == "person" and _SAMPLED.search(self.text, 0, number.start):
            return True
        if number.unit == "" and _MONEY_BEFORE.search(self.text, 0, number.start):
            return True
        if number.unit == "percent" and _OF_THE_PLAN.search(told) and not (self.passage.topic and self.passage.topic.name in ("prepreg", "folic")):
            self.asides.add(self.tokens.index(number))
            return True
        if _OF_EACH.search(told) or (number.hedge and _SOME_OF.search(told)):
            return True
        if _MISCOUNTED.search(told) or told.endswith("每") or re.search("每[村户人乡镇县组][一1]?$", told):
            return True
        if _DID.match(self.text[number.end:]) or (number.unit_word in ("件", "起", "宗") and number.unit is not None) or (
                number.unit_word.endswith("人口") and _TITLE_OF.match(self.text[number.end:])):
            return True
        if _CLASS_OF.match(self.text[number.end:]) or _IN_CLASS.search(told) or (number.unit == "person" and _A_YEAR.search(told)) or (number.unit == "person" and _USERS.search(told)):
            return True
        if number.unit_word == "人口" and number.hedge in ("above", "at_least") and re.match("的?[县市区镇乡]", self.text[number.end:]):
            return True  # 20万人口以上县
        if number.unit == "" and re.match("(?:以[上下])?人口比例", self.text[number.end:]):
            return True  # 65岁以上人口同15以下人口比例
        if number.unit == "item" and len(number.written) == 1 and not number.written.isascii():
            return True
        if self.text[number.end:number.end + 1] in ("胎", "孩", "次") or _EACH_ONE.search(self.text, max(0, number.start - 8), number.end + 8):
            return True
        return (before.endswith(("第", "[", "〔", "“", "《")) or (number.unit == "" and bool(re.match(r"\s*[、.．)]", after)) and not self.text[:number.start].strip(" \t(（"))
                or bool(re.match(r"[-—–~～至到]{1,2}\d", self.text[number.end:number.end + 3])) or bool(re.search(r"\d\s?%?[-—–~～至到]{1,2}$", self.text[max(0, number.start - 5):number.start])))

    def _counted_behind(self, number: Number) -> Subject | None:
        """19860人参加了农村合作医疗: what the words right behind a figure say outright that it counts."""
        code = next((code for code, units, after in _told_after() if number.unit in units and after.match(self.text, number.end)), None)
        return Subject(code) if code else None

    def _after(self, at: int, tied: binding.Chain, number: Number) -> Subject | None:
        """What stands after the figure names it: 下辖21个行政村, 14270人口, 193对夫妇……孕前优生检查."""
        rest = self.text[number.end:]
        if number.unit in ("village", "household") and self._by_place(number):
            return Subject("villages" if number.unit == "village" else "households")
        if number.unit == "village" and (self._all_villages(number, tied) or self._after_townships(at)):
            return Subject("villages")
        if number.unit == "township" and (self._all_villages(number, tied) or self.text[max(0, number.start - 1):number.start] == "对") and not re.match(r"(?:、镇)?[\s()（）中心]*卫生院|办|干部|的", rest):
            return Subject("townships")
        if number.unit == "household" and (self._households_and_people(number) or (
                tied.open and not tied.tokens and _ALL_OF.search(self.text[:number.start]) and not _SOME_ONLY.search(rest[:4]))):
            return Subject("households")
        if number.unit in ("person", "household") and all(isinstance(t, TimePhrase) for t in tied.tokens) and self._people_of_all(at, tied):
            return Subject("pop_total" if number.unit == "person" else "households")
        sentence = re.split("[;；。]", rest)[0]
        if (number.unit == "person" or (number.unit == "" and re.match("居民|群众", rest))) and re.search("[为给](?:全[镇县市区省]|辖区|城乡|广大)?$", self.text[:number.start]) and (
                made := re.search(r"(?:建立|建)了?[^,，;；。]{0,8}档案", sentence)):
            return None if re.search("老年|高血压|糖尿病|精神|儿童|孕", sentence[:made.end()]) else Subject("health_records")
        if AIM_BEHIND.match(rest) and self.passage.subject and self.passage.subject.admits(number.unit) and self._follows_a_reading(at):
            return self.passage.subject
        if number.unit == "person" and self.passage.subject and self.passage.subject.code == "fd_signed" and re.match("[,，](?:家庭医生)?签约(?:服务)?率", rest):
            # 已签约126.4万人,其中贫困人口11.58万人,签约率99.93%
            group = self.text[self._clause_start(number.start):number.start].removeprefix("其中").strip(" :：")
            return Subject("fd_signed", {"group": group} if group else {})
        if number.unit == "household" and self.text[:number.start].endswith((":", "：")) and _HEADS_NEXT.match(rest):
            return Subject("households")
        if number.unit_word == "口" and not tied.tokens and (self.text[:number.start].endswith((":", "：")) or (
                at - 1 in self.bound and isinstance(self.tokens[at - 1], Number) and self.tokens[at - 1].unit == "household"
                and self.text[self.tokens[at - 1].end:number.start].strip() in (",", "，", "、", ""))):
            return Subject("pop_total")
        if number.unit_word.endswith("人口") and (tied.open or number.unit_word == "人口"):
            return Subject("pop_total")
        if number.unit == "km2" and tied.open:
            return Subject("area_km2")
        clause = rest[:m.start()] if (m := re.search(r"[,;，；。]", rest)) else rest
        if (patients := self._patients(at, number, clause)) is not None:
            return patients
        examined = number.unit == "couple" or (number.unit == "times" and re.match("的?(?:计划怀孕|待孕)(?:夫妇|夫妻)(?:接受|参加)", rest) is not None) or (number.unit == "person" and (
            re.match("(?:参加|接受)", clause) or re.search("[为对给]$|组织$", self.text[:number.start])))
        if number.unit == "couple" and not any(isinstance(t, Number) for t in self.tokens[at + 1:] if t.start < number.end + len(sentence)):
            clause = sentence
        if examined and (re.search(r"孕前优生|孕优|孕前(?:健康)?检查", clause) or (
                _TOOK_PART.match(clause) and "prepreg" in self.passage.topics)):
            # 今年将为7600对夫妇提供免费孕前优生健康检查
            planned = _WILL.search(self.text[:number.start]) or re.search("[”\"](?:被)?(?:纳入|列入)", sentence)
            return Subject("prepreg_target" if planned else "prepreg_checked")
        if number.unit == "case":
            for token in self.tokens[at + 1:]:
                if token.start > number.end + 8 or isinstance(token, Number) or re.search("[、;；:：]", self.text[number.end:token.start]):
                    break
                named = binding.subject_of([token], None, number)
                if named and named.code.startswith("fp_") and "," not in self.text[number.end:token.start]:
                    self.consumed = token.end
                    return named
        return None

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
        topic = next((m.value for t in tied.tokens if isinstance(t, Word) and (m := t.meaning("topic"))), "")
        code, start = topic_roles().get((topic, "managed")), tied.start
        while code and (at := self._figure_before(at)) is not None and at in self.told and self.told[at].code.endswith("_managed") \
                and self.text[self.tokens[at].end:start] in (",", "，", "、", "和"):
            start = self._clause_start(self.tokens[at].start)
            if _MANAGING.match(self.text, start):
                return Subject(code, dims_of([t for t in tied.tokens if isinstance(t, Age)]) if code in ("children_managed", "elderly_managed") else {})
            start -= 1 if start else 0
        return None

    def _patients(self, at: int, number: Number, clause: str) -> Subject | None:
        """对12名精神病患者定期随访, 为310名65岁以上老年人建立档案: whom the figure counts stands after it."""
        tokens = self.tokens[at + 1:at + 3]
        topic = next((t for t in tokens if isinstance(t, Word) and t.meaning("topic")), None)
        if number.unit != "person" or topic is None or not is_filler(self.text[number.end:tokens[0].start]) \
                or not re.search(r"(?:[对为将给]|管理|随访)(?:了|全部|所有|辖区内?的?)?$", self.text[:number.start]):
            return None
        name = topic.meaning("topic").value
        done = "管理|随访|建档|档案" if name != "elderly" else "建档|档案|健康管理"
        if name not in ("hypertension", "diabetes", "mental", "tb", "elderly") or not re.search(done, clause + self.text[max(0, number.start - 4):number.start]):
            return None
        return Subject(topic_roles()[(name, "managed")])

    def _after_townships(self, at: int) -> bool:
        """全县14个乡(镇)162个村委会: the villages right behind all the townships are all of theirs."""
        before = self.tokens[at - 1] if at else None
        return (isinstance(before, Number) and before.unit == "township" and self.text[before.end:self.tokens[at].start].strip(" (（)）镇街道、,，") == ""
                and re.search("[全辖]", self.text[max(0, before.start - 4):before.start]) is not None)

    def _by_place(self, number: Number) -> bool:
        """南竿乡:9村,1699户,男性4315人: bare counts of a place named before a colon, its people behind them."""
        return bool(_COUNTED_PLACE.fullmatch(self.text[:number.start]) and _ITS_PEOPLE.search(self.text[number.end:]))

    def _households_and_people(self, number: Number) -> bool:
        """三个居委会合计1973户,5477人: households and people side by side are all there are, where nobody is singled out."""
        clause = self.text[self._clause_start(number.start):number.start]
        pair = not clause.strip() and bool(re.match(r"[,，、]?\d[\d.,]*万?人[,，(（]?其中男", self.text[number.end:]))
        return pair or (bool(re.search("(?:共|现|总|辖)有?$|有$|全(?:[村镇乡县市区]|公社|大队)(?:为)?$|住[着有]$|[,，]户籍$|(?:居委会|社区|村|镇|乡)(?:合计|共计|总计)$", clause)) and not _SOME_ONLY.search(self.text[:number.end + 8])
                and bool(re.match(r"[,，、]?(?:共|计|共计|(?:户籍|常住)?总?人口(?:数|为|有)?)?\d[\d.,]*万?(?:口?人)(?![次均自迁参获享])", self.text[number.end:])))

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
        if re.search("涉及|受益|惠及", self.text[:self.tokens[at].start]) or self.text[self.tokens[at].end:].startswith("的"):
            return False
        return (isinstance(before, Number) and before.unit_word.startswith("个") and bool(re.search("村|社区|居|组", before.unit_word))
                and re.fullmatch(r"[\s,，、]*(?:(?:总?共|现|总)?有)?", self.text[before.end:self.tokens[at].start]) is not None)

    def _all_villages(self, number: Number, tied: binding.Chain) -> bool:
        """Whether a count of villages is of all of them: 辖23个村, not 有3个村出生人数下降."""
        if re.match("(?:的)?(?:出生|死亡|计生|没有|未|存在|无|达到|完成|建成|开展|实现|被)", self.text[number.end:]) and "辖" not in self.text[max(0, number.start - 6):number.start]:
            return False
        if re.match("(?:级|定点|标准化|医务|甲级|集体|规范化)*(?:卫生|医疗|医务|诊所)", self.text[number.end:]):
            return False
        before = self.text[max(0, tied.start - 8):number.start]
        if _REMAINDER.search(before):
            return False
        if tied.open and not tied.tokens and re.search(r"(?:辖|有\s?\d+\s?个(?:乡|镇))[^。;；]{0,30}[,，、]$", self.text[:number.start]):
            return True
        return bool(re.search(r"(?:辖|设|有|共覆盖|全[镇乡县区市街道办]{1,2}|我[镇乡县区市]|管)(?:的|内|共|有|现|为|着|区|共有|下)*$", before)) or bool(
            re.match(r"\s*(?:[(（]街道[)）])?中[,，]", self.text[number.end:]) and not self.text[:number.start].strip()) or bool(
            re.search(r"(?:辖|有)[^,，;；。]{2,30}等$", self.text[:number.start])) or (
            bool(re.match(r"(?:、|,|，|和|及)?\d+个?(?:社区|居|自然|村民|组)", self.text[number.end:number.end + 8])) and tied.open)
