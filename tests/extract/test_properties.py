"""What holds for every text: evidence is what it says, intervals hold their value, nothing is read from what is no figure."""

import itertools
import math
import random
import re
import time
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from helpers.catalogue import indicators, units
from helpers.documents.clean import STEPS, clean
from helpers.documents.offsets import Text
from helpers.extract import extract, lexicon
from helpers.extract import sentence as sentences
from helpers.extract.lexicon import is_filler
from helpers.extract.numbers import find_numbers, han_integer

RAW = Path(__file__).resolve().parents[2] / "data" / "raw"
DOCUMENTS = sorted(RAW.rglob("*.txt"))
SOME = [*sorted((RAW / "restated").glob("*.txt")), *DOCUMENTS[::9]]

# ---- evidence --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", SOME, ids=lambda path: path.stem)
def test_the_evidence_of_every_fact_is_in_the_raw_text(path):
    raw = path.read_bytes().decode("utf-8-sig")
    found = extract(raw)
    assert found.facts
    for fact in found.facts:
        assert raw[fact.start:fact.end] == fact.quote and 0 < len(fact.quote) <= 25
        assert fact.low <= float(fact.value) <= fact.high
        assert fact.code in indicators() and fact.unit in units()
        assert 1 <= fact.section <= found.sections
    for doubt in found.doubts:
        assert raw[doubt.start:doubt.end] == doubt.quote and doubt.reason
    assert extract(raw) == found


@pytest.mark.parametrize("path", SOME[::3], ids=lambda path: path.stem)
def test_every_step_of_cleaning_keeps_the_way_back(path):
    text = Text.of(path.read_bytes().decode("utf-8-sig"))
    for step in STEPS:
        text = step(text)
        assert len(text.text) == len(text.begin) == len(text.end), step.__name__
        assert (text.begin <= text.end).all() and (text.begin[1:] >= text.begin[:-1]).all(), step.__name__
    assert clean(text.raw).text == text.text


LETTERS = "出生死亡人口率镇鎮(zhèn)（）0123456789.,，。%‰ \n"


@st.composite
def edits_of(draw, length: int) -> list[tuple[int, int, str]]:
    cuts = sorted(draw(st.lists(st.integers(0, length), max_size=8)))
    return [(a, b, draw(st.text(LETTERS, max_size=3))) for a, b in zip(cuts[::2], cuts[1::2], strict=False)]


@given(st.data(), st.text(LETTERS, max_size=40))
def test_edits_upon_edits_lead_back_to_the_raw_characters(data, raw):
    text = Text.of(raw)
    for _ in range(3):
        before, edits = text, data.draw(edits_of(len(text.text)))
        text = text.edit(edits)
        kept, position, shift = [], 0, 0
        for start, end, new in [*edits, (len(before.text), len(before.text), "")]:
            kept += [(at, at + shift) for at in range(position, start)]
            shift += len(new) - (end - start)
            position = end
        for old, new in kept:
            assert before.text[old] == text.text[new]
            assert before.span(old, old + 1) == text.span(new, new + 1)
    low, high = text.span(0, len(text.text))
    assert 0 <= low <= high <= len(raw)


@given(st.text(LETTERS, max_size=40), st.integers(0, 40), st.integers(0, 40))
def test_unedited_text_spans_itself(raw, one, other):
    low, high = sorted((min(one, len(raw)), min(other, len(raw))))
    assert Text.of(raw).span(low, high) == (low, high)


# ---- numbers ---------------------------------------------------------------------------------------------------

DIGITS, FINANCIAL = "零一二三四五六七八九", "零壹贰叁肆伍陆柒捌玖"


def in_han(number: int, digits: str = DIGITS, scales: str = "十百千") -> str:
    """A whole number below 10^12 as a Chinese numeral, as schoolbooks write it."""
    def below_myriad(n: int) -> str:
        text, zero = "", False
        for scale, at in zip((1000, 100, 10, 1), (2, 1, 0, None), strict=True):
            digit, n = divmod(n, scale)
            if digit:
                text += (digits[0] if zero and text else "") + digits[digit] + (scales[at] if at is not None else "")
                zero = False
            else:
                zero = True
        return text

    if number == 0:
        return digits[0]
    parts, higher = "", False
    for scale, name in ((10**8, "亿"), (10**4, "万"), (1, "")):
        part, number = divmod(number, scale)
        if part:
            parts += (digits[0] if higher and part < 1000 else "") + below_myriad(part) + name
            higher = True
    return parts


@given(st.integers(1, 10**12 - 1))
@example(10)
@example(101)
@example(10_001)
@example(100_000_001)
@example(20_000)
def test_a_chinese_numeral_is_read_back(number):
    assert han_integer(in_han(number)) == number
    assert han_integer(in_han(number, FINANCIAL, "拾佰仟")) == number


@pytest.mark.parametrize("text", ["", "廿五", "十百", "二三百", "一二十", "九千千"])
def test_what_is_no_well_formed_numeral_is_refused(text):
    assert han_integer(text) is None


@given(st.integers(0, 10**9), st.integers(0, 3))
def test_a_figure_is_read_as_printed_with_or_without_separators(number, places):
    plain = f"{number / 10**places:.{places}f}" if places else str(number)
    for text in (plain, f"{number:,}" if not places else plain):
        found = list(find_numbers(text + ("人" if not places else "‰")))
        assert [n.value for n in found] == [plain]


@given(st.integers(1, 99_999_999), st.sampled_from(["", ".5", ".25", ".125"]), st.sampled_from(["", "万", "千", "百", "亿"]),
       st.sampled_from(["约{}人", "近{}人", "{}余人", "{}多人", "{}人以上", "{}人以内", "不足{}人", "超过{}人", "{}人左右", "{}人"]))
def test_the_interval_of_a_figure_holds_its_value(number, fraction, scale, frame):
    found = list(find_numbers(frame.format(f"{number}{fraction}{scale}")))
    assert len(found) == 1
    factor = {"": 1, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8}[scale]
    assert Decimal(found[0].value) == Decimal(f"{number}{fraction}") * factor
    assert found[0].low <= float(found[0].value) <= found[0].high


@given(st.integers(0, 999), st.integers(0, 2), st.sampled_from(["%", "‰"]))
def test_more_decimals_make_a_narrower_interval(whole, places, sign):
    def width(text):
        number = next(iter(find_numbers(text)))
        return number.high - number.low
    assert width(f"{whole}.{'0' * (places + 1)}{sign}") < width(f"{whole}{'.' + '0' * places if places else ''}{sign}")


# ---- refusal ---------------------------------------------------------------------------------------------------

YEARS, SMALL, LONG = st.integers(1990, 2029), st.integers(1, 9), st.integers(10_000_000, 19_999_999)
REFUSED = ["第{s}季度出生情况", "{y}年出生情况", "{y}年度人口出生统计", "{y}年{s}月出生登记", "人口计生〔{y}〕{s}号", "出生登记电话0512-{l}",
           "出生率在{s}‰-{t}‰之间", "出生人口在{s}至{t}人之间", "出生登记每周{s}次", "出生登记点{s}处", "出生登记第{s}号窗口", "{y}—{z}年人口规划",
           "出生缺陷干预投入{l}元", "出生证明编号{l}", "第{s}次人口普查", "出生登记{s}:30开门", "《人口法》第{s}条", "出生后{s}天内登记",
           "{y}-{s}-{s}出生登记", "出生登记手机138{l}", "婴儿{s}月龄体检", "一票否决第{s}项：出生瞒报"]


@settings(max_examples=40)
@given(YEARS, YEARS, SMALL, st.integers(10, 40), LONG)
def test_what_is_no_figure_is_never_read(year, later, small, larger, long):
    read = {text: [(f.code, f.value) for f in extract(text).facts] for frame in REFUSED
            for text in [frame.format(y=year, z=later, s=small, t=larger, l=long)]}
    assert {text: facts for text, facts in read.items() if facts} == {}


# ---- any text at all -------------------------------------------------------------------------------------------

ANY = st.text(st.one_of(st.sampled_from("出生死亡人口率镇年月日第季度上半其中男女一二三十百千万亿分别比增加减少个百分点以"), st.sampled_from("0123456789.,%‰:-—~/|()（）[]〔〕，。；：、\t\n \x00\u200b\ufeff?&<>Ol"),
                        st.characters(codec="utf-8")), max_size=120)


@settings(max_examples=250)
@given(ANY)
def test_no_text_stops_the_reader_and_all_it_reads_is_in_the_text(raw):
    found = extract(raw)
    for fact in found.facts:
        assert raw[fact.start:fact.end] == fact.quote
        assert Decimal(fact.value).is_finite() and fact.low <= float(fact.value) <= fact.high
        assert re.search(r"[\d０-９零〇一二两三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟OolI|]", fact.quote)


@settings(max_examples=60)
@given(st.lists(st.sampled_from(["2014年", "全镇", "出生", "336人", "死亡", "210人", "，", "。", "其中", "男", "女", "率", "11.1‰", "比上年", "增加", "12", "（", "）",
                                 "分别为", "和", "、", "\n", "\t", "|", "一、", "目标", "95%", "以上", "二孩", "总人口", "万", "第3季度", "去年同期", "至"]), max_size=40))
def test_words_of_reports_in_any_order_stop_nothing(words):
    raw = "".join(words)
    assume(raw)
    assert all(raw[fact.start:fact.end] == fact.quote for fact in extract(raw).facts)


def seconds(text: str) -> float:
    """Processor time of reading a text."""
    started = time.process_time()
    extract(text)
    return time.process_time() - started


def grows_in_step(short: str, long: str, times: int, rounds: int = 6) -> bool:
    """Whether `long`, so many times as long, takes little more than so many times as long to read.

    Both are read in turn and the best of each counts: what else the machine does slows single rounds, but no round of
    what grows with the square (4 times the length, 16 times the time) comes near the line at 9.
    """
    quick, slow = math.inf, math.inf
    for _ in range(rounds):
        quick, slow = min(quick, seconds(short)), min(slow, seconds(long))
        if slow < max(0.05, 2.2 * times * quick):
            return True
    return False


def report_of(sentences: int, seed: int = 3) -> str:
    """Invented prose of so many sentences, in paragraphs of eight."""
    draw = random.Random(seed)
    frames = ["全镇出生{}人，其中男{}人、女{}人。", "总人口{}人，比上年增加{}人。", "出生率{}.{}‰，死亡率{}.1‰；", "各村召开会议{}次，干部走访{}户。",
              "政策符合率达到{}.5%，同比提高{}.2个百分点。", "发放宣传单{}份，咨询{}人次。", "{}年以来，工作稳步推进。"]
    lines = ["".join(draw.choice(frames).format(*(draw.randint(1, 90) for _ in range(3))) for _ in range(8)) for _ in range(sentences // 8)]
    return "\n".join(lines)


def test_time_grows_in_step_with_length():
    extract(report_of(80))
    assert grows_in_step(report_of(400), report_of(1600), 4)


# Each is one line of a hostile file, or many; none stands in a report.
SHAPES = {
    "figures in one sentence": ("出生336人，", 60), "years": ("2014年", 1000), "notes": ("鎮(zhèn)", 1000), "dashes": ("1-2-", 500),
    "control characters": ("\x00\u200b", 3000), "angle brackets": ("<", 8000), "ampersands": ("&", 8000), "open brackets": ("（", 4000),
    "lists": ("出生、死亡分别", 500), "names": ("永兴镇", 1000), "rates": ("率达", 2000), "strokes": ("|出生|336|\n", 150),
    "articles": ("第一篇：\n", 300), "one-cell lines": ("出生\n336\n", 150), "rows of a table": ("出生\t336\n", 150), "digits apart": ("1 ", 1000),
    "words between tabs": ("甲项\t乙项说明\t丙项备注\n", 300),
    "brackets within brackets": ("出生(", 700), "brackets after figures": ("出生336人（", 100), "ratios without end": ("100:", 700),
    "groups without end": ("1,234,", 300), "numerals without end": ("一二三四五六七八九十百千万", 100), "mojibake": ("總?cè)丝跒?0317人", 150),
    "scripts unclosed": ("<script>", 1000), "spaces": (" ", 6000), "figures run together": ("1,234", 500), "zeros": ("〇", 2000), "dots": (".", 4000),
    "lists shared out": ("出生、死亡均3人", 200), "orders": ("一孩3人二孩4人", 200), "towns": ("柳林乡2例", 200), "money": ("增加1元", 300),
    "births and rates": ("出生336人，出生率11.1‰\n", 100), "months": ("1-6月", 600), "fillers in brackets": ("出生(为)(为)(为)", 300),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_no_shape_of_text_makes_the_reader_crawl(shape):
    piece, times = SHAPES[shape]
    extract(piece * 10)
    assert grows_in_step(piece * times, piece * 4 * times, 4)


def test_words_in_brackets_that_can_be_read_in_two_ways_are_not_tried_in_every_way():
    assert is_filler("(为)" * 2000) and not is_filler("(为)" * 2000 + "宣")


@given(st.lists(st.sampled_from(["(为)", "(", ")", "共有", "达", "到", "了", "宣", " ", "(出生)", "、", "为"]), max_size=9).map("".join))
def test_a_long_filling_is_told_as_a_short_one(text):
    assert lexicon._filled(text) == (lexicon.filler_pattern().fullmatch(text) is not None)


@given(st.lists(st.sampled_from(["出生336人", "，", ";", "1,234", "7" * 50, " ", "全镇工作稳步推进", "0.5"]), max_size=200).map("".join))
def test_a_sentence_without_end_is_parted_between_its_clauses_and_never_within_a_figure(sentence):
    parts = list(sentences._parts(sentence))
    assert "".join(part for _, part in parts) == sentence
    assert all(sentence[start:start + len(part)] == part for start, part in parts)
    if "，" in sentence or ";" in sentence or " " in sentence:
        assert all(len(part) <= sentences.LONGEST_SENTENCE or not re.search("[，; ]", part[:sentences.LONGEST_SENTENCE]) for _, part in parts)
    assert not any(re.search(r"\d$", part) and re.match(r"\d", after) for (_, part), (_, after) in itertools.pairwise(parts))


def test_a_numeral_that_is_none_costs_itself_and_not_its_document():
    found = extract("2014年全镇出生336人，出生率百分之十百，死亡" + "一" * 5000 + "人，计生率百分之九十八点五。")
    assert (found.facts[0].code, found.facts[0].value) == ("births", "336")
    assert all(len(fact.value) < 20 for fact in found.facts)


@pytest.mark.parametrize("text", [
    pytest.param("出生" + "7" * 1_000_000 + "人", id="a million digits"),
    pytest.param("1234567890" * 100_000, id="a million digits alone"),
    pytest.param("出生" + "7" * 60 + "人", id="sixty digits"),
    pytest.param("出生0." + "3" * 5000 + "‰", id="five thousand decimals"),
    pytest.param("出生" + "九千" * 50_000 + "人", id="a numeral without end"),
    pytest.param("（" * 4_000 + "出生336人", id="brackets never closed"),
    pytest.param("\x00\x01\x02\u200b" * 50_000 + "出生336人", id="control characters"),
    pytest.param("出生336人" + "\n" * 200_000, id="empty lines"),
    pytest.param("", id="nothing"),
    pytest.param("\ufeff", id="a mark alone"),
    pytest.param("<p" * 50_000, id="tags never closed"),
])
def test_a_hostile_line_takes_bounded_time_and_states_no_nonsense(text):
    started = time.process_time()
    found = extract(text)
    assert time.process_time() - started < 15
    assert all(len(fact.value) <= 13 and fact.value in ("336",) for fact in found.facts)
