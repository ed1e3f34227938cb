"""Tables whose heads are past counting, read by their own arithmetic.

A yearbook's head stands in four lines and two languages, its spans lost; its figures still say what they are:
where one column less another is a third in every row, and the head speaks of births, deaths and natural increase,
they are these. A column that no such proof names is not read.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from helpers.extract.cells import Cell, Grid, Row
from helpers.extract.lexicon import find_words

MIN_ROWS, MIN_WIDTH, MAX_WIDTH = 3, 3, 16
# Lines above the rows that may be their head: of cells one a line, and of lines of cells.
HEAD_CELLS, HEAD_LINES = 60, 12
# Birth rates above this many per thousand are none; figures above it are counts.
HIGHEST_RATE = Decimal(80)
# Rows of a hundred that must agree, and how many rows allow one that does not: a misprint is no reason to read none.
AGREEING, ONE_ASTRAY = 90, 6
# People of a household, of all households of a township.
FEWEST, MOST = Decimal("1.5"), Decimal(8)
# What a single column beside the people may count of them.
PARTS = frozenset({"pop_urban", "pop_rural", "women_15_49", "married_women_15_49"})
# Rates are of the mean population of a year: by so much births over deaths may differ from the rates of both.
YEARS_APART = Decimal("0.005")
_STROKES = "|│┃"
_CELL = re.compile(rf"[^\s{_STROKES}]+")
# ────┼────: a rule between the rows of a drawn table
_RULE = re.compile(r"[\s│┃|┌┬┐├┼┤└┴┘─━┏┳┓┣╋┫┗┻┛╔╦╗╠╬╣╚╩╝═┠┨┯┷┿╂+-]+")
_LABEL = re.compile(r"(?:19|20)\d\d年?|(?=.*[\u4e00-\u9fff])[\u4e00-\u9fff△#*]{2,8}")
# The first cell of a row, where rows may begin: a year, or a name with figures behind it.
_YEAR, _BEGINS = re.compile(r"(?:19|20)\d\d年?"), re.compile(rf"[\s{_STROKES}]*(?:(?:19|20)\d\d年?[\s{_STROKES}]*(?:$|-?\d)|[\u4e00-\u9fff△#*]{{2,8}}[\s{_STROKES}]+-?\d)")
_SENTENCE = re.compile("[。;；!?]")
_BORN, _DIED, _GROWN = re.compile("出\\s?生"), re.compile("死\\s?亡"), re.compile("自\\s?然|增\\s?长|净\\s?增|自\\s?增")
_PEOPLE = re.compile("(?:年[末底平])?[总均]?(?P<base>常\\s?住|户\\s?籍)?\\s?总?人\\s?口")
_MEAN = re.compile("^(?!.*(?:总\\s?人\\s?口|年\\s?[末底])).*平\\s?均\\s?人\\s?口", re.DOTALL)
_RATES, _TEN_THOUSANDS, _ONES = re.compile("‰|千分|率"), re.compile("万人"), re.compile("[(（,，、:：\\s]人[)）,，、\\s]|(?:数|口|亡|生)\\s?[(（]人")


@dataclass(frozen=True)
class _Figures:
    """The figures of a table: one tuple a row, all of one width."""

    rows: tuple[tuple[Decimal, ...], ...]

    def column(self, at: int) -> list[Decimal]:
        return [row[at] for row in self.rows]

    def agree(self, holds: Iterator[bool]) -> bool:
        held = sum(holds)
        return held * 100 >= AGREEING * len(self.rows) or (len(self.rows) >= ONE_ASTRAY and held >= len(self.rows) - 1)

    def sums(self, whole: int, parts: Sequence[int], slack: Decimal) -> bool:
        """Whether a column is the sum of others, but for rounding."""
        return self.agree(abs(row[whole] - sum(row[part] for part in parts)) <= slack for row in self.rows)


def solved(lines: Sequence[tuple[int, str]], at: int) -> tuple[int, Grid | None]:
    """The table whose first row is line `at`, its columns named by their arithmetic; None where that names none."""
    if not _BEGINS.match(lines[at][1]):
        return at, None
    end, rows = _line_rows(lines, at)
    flat = not rows
    if flat:
        end, rows = _cell_rows(lines, at)
    full = [cells for _, cells in rows if len(cells) == max(len(cells) for _, cells in rows) and all(cell.numeric for cell in cells)]
    if len(full) < MIN_ROWS:
        return end, None
    head = _head(lines, at, HEAD_CELLS if flat else HEAD_LINES)
    named = name_columns([[cell.value for cell in cells] for cells in full], head)
    if not named:
        return end, None
    start = lines[at][0]
    width = len(full[0])
    header = tuple(Cell(named.get(column, "其他"), start) for column in range(width))
    return end, Grid(_title(head), header, tuple(Row((label,), figures) for label, cells in rows if (figures := _in_place(cells, full))), end)


def _cells(start: int, line: str) -> list[Cell]:
    return [Cell(match.group(), start + match.start()) for match in _CELL.finditer(line)]


def _in_place(cells: Sequence[Cell], full: Sequence[Sequence[Cell]]) -> tuple[Cell | None, ...]:
    """The figures of a row under their columns; a single one, the rest of its row empty, is of the first where it is like the others there."""
    if len(cells) == len(full[0]):
        return tuple(None if cell.empty else cell for cell in cells)
    like = len(cells) == 1 and all(Decimal("0.5") <= cells[0].value / other[0].value <= 2 for other in full if other[0].value)
    return (cells[0], *[None] * (len(full[0]) - 1)) if like and not any(cells[0].value <= 2 * abs(other[at].value) for other in full for at in range(1, len(other))) else ()


def _line_rows(lines: Sequence[tuple[int, str]], at: int) -> tuple[int, list[tuple[Cell, list[Cell]]]]:
    """Rows of one line each: a label and as many figures as the others have, or a single one."""
    rows: list[tuple[Cell, list[Cell]]] = []
    end = at
    while end < len(lines):
        if rows and _RULE.fullmatch(lines[end][1]):
            end += 1
            continue
        cells = _cells(*lines[end])
        if not _is_row(cells) or len({len(row) for row in (*(row for _, row in rows), cells[1:])} - {1}) > 1:
            break
        rows.append((cells[0], cells[1:]))
        end += 1
    return max(end, at), rows


def _is_row(cells: Sequence[Cell]) -> bool:
    return (len(cells) == 2 or MIN_WIDTH < len(cells) <= MAX_WIDTH + 1) and _LABEL.fullmatch(cells[0].text) is not None and all(cell.numeric or cell.empty for cell in cells[1:])


def _cell_rows(lines: Sequence[tuple[int, str]], at: int) -> tuple[int, list[tuple[Cell, list[Cell]]]]:
    """Rows of one cell a line: a year, then figures until the next year, as many each time."""
    rows: list[tuple[Cell, list[Cell]]] = []
    end = at
    while end < len(lines):
        cells = _cells(*lines[end])
        if len(cells) > 1 or (cells and not cells[0].numeric and not _YEAR.fullmatch(cells[0].text)):
            break
        end += 1
        if not cells:
            continue
        starts = _YEAR.fullmatch(cells[0].text) is not None and (not rows or len(rows[-1][1]) == len(rows[0][1]) or len(rows) == 1)
        if starts and (not rows or _follows(rows[-1][0], cells[0])):
            rows.append((cells[0], []))
        elif rows:
            rows[-1][1].append(cells[0])
        else:
            break
    width = len(rows[0][1]) if rows else 0
    whole = list(itertools.takewhile(lambda row: len(row[1]) == width, rows))
    return end, whole if MIN_WIDTH <= width <= MAX_WIDTH else []


def _follows(before: Cell, label: Cell) -> bool:
    """Whether a year goes on the years of the rows above."""
    return 0 < int(label.text[:4]) - int(before.text[:4]) <= 10


def _head(lines: Sequence[tuple[int, str]], at: int, most: int) -> str:
    """The text of the lines above the rows, back to the last sentence."""
    above: list[str] = []
    for _, line in reversed(lines[max(0, at - most):at]):
        if _SENTENCE.search(line):
            break
        if not _RULE.fullmatch(line):
            above.append(re.sub(f"[{_STROKES}]", " ", line).strip())
    return "\n".join(reversed(above))


def _title(head: str) -> str:
    return " ".join(head.split("\n")[:3])[:80]


def name_columns(rows: Sequence[Sequence[Decimal]], head: str) -> Mapping[int, str]:
    """The names of the columns that the figures prove, by place; empty where they prove none.

    `rows` are figures of one width. A head that speaks neither of births and deaths nor of the two sexes proves nothing.

    >>> rows = [[Decimal(n) for n in row.split()] for row in ("1233 10.5 4.5 6.0", "1236 11.0 4.0 7.0", "1241 9.9 4.7 5.2")]
    >>> name_columns(rows, "年末人口(万人) 出生率 死亡率 自然增长率(‰)")
    {1: '出生率(‰)', 2: '死亡率(‰)', 3: '自然增长率(‰)'}
    """
    figures = _Figures(tuple(tuple(row) for row in rows))
    width = len(rows[0])
    names: dict[int, str] = {}
    if _BORN.search(head) and _DIED.search(head) and _BORN.search(head).start() < _DIED.search(head).start():
        names |= _vital(figures, width, head)
    names |= _sexes(figures, width, head, names)
    names |= _left_over(figures, width, head, names) if names else {}
    return dict(sorted(names.items()))


def _vital(figures: _Figures, width: int, head: str) -> dict[int, str]:
    """Births, deaths and natural increase, as rates and as counts, and the population they are of."""
    rates = _difference(figures, width, rate=True) if _GROWN.search(head) and _RATES.search(head) else None
    counts = _difference(figures, width, rate=False) if _GROWN.search(head) else None
    if rates is None and counts is None and (pairs := _rate_pairs(figures, width)) is not None:
        unit = _only_unit(head, figures, pairs[::2])
        if not unit or not _RATES.search(head):
            return {}
        names = dict(zip(pairs, (f"出生人数({unit})", "出生率(‰)", f"死亡人数({unit})", "死亡率(‰)"), strict=True))
        beside = pairs[3] + 1
        grown = [abs(row[pairs[1]] - row[pairs[3]] - row[beside]) <= Decimal("0.02") for row in figures.rows] if beside < width else []
        return names | ({beside: "自然增长率(‰)"} if 2 * sum(grown) > len(figures.rows) else {})
    if rates is None:
        unit = _only_unit(head, figures, counts)
        return {} if counts is None or not unit else dict(zip(counts, (f"出生人数({unit})", f"死亡人数({unit})", f"自然增长人数({unit})"), strict=True))
    names = dict(zip(rates, ("出生率(‰)", "死亡率(‰)", "自然增长率(‰)"), strict=True))
    born = counts[:2] if counts is not None else _in_proportion(figures, width, rates)
    if born is None:
        return names
    people = _population(figures, width, rates, born)
    base = "平均" if _MEAN.search(head) else next((m["base"].replace(" ", "") for m in _PEOPLE.finditer(head) if m["base"]), "总")
    unit, of_people = _units(head, figures, born, people)
    if unit:
        names |= dict(zip(counts or born, (f"出生人数({unit})", f"死亡人数({unit})", f"自然增长人数({unit})"), strict=False))
    if people is not None and of_people and _PEOPLE.search(head):
        names[people[0]] = f"{base}人口({of_people})"
    return names


def _difference(figures: _Figures, width: int, *, rate: bool) -> tuple[int, int, int] | None:
    """The only three columns, in their order, of which the first less the second is the third (but for rounding); None where there are none or several."""
    found = []
    for triple in itertools.combinations(range(width), 3):
        values = [figures.column(at) for at in triple]
        told = [value for column in values for value in column]
        if rate != (all(abs(value) < HIGHEST_RATE for value in told) and any(value % 1 for value in told)):
            continue
        if len(set(values[0])) < 2 or len(set(values[1])) < 2:
            continue
        step = _step(values)
        if figures.sums(triple[0], triple[1:], 2 * step if step < 1 else Decimal(0)):
            found.append(triple)
    return found[0] if len(found) == 1 else None


def _step(values: Sequence[Sequence[Decimal]]) -> Decimal:
    """The finest step that figures are told in: 10.80 and 7.60 in tenths."""
    return Decimal(10) ** min(value.normalize().as_tuple().exponent for column in values for value in column)


def _rate_pairs(figures: _Figures, width: int) -> tuple[int, int, int, int] | None:
    """The only four columns, in their order, of which the second and the fourth are rates of the first and the third on one population, in every row."""
    found = []
    for births, born, deaths, died in itertools.combinations(range(width), 4):
        rated = all(0 < row[at] < HIGHEST_RATE for row in figures.rows for at in (born, died)) and all(min(row[births], row[deaths]) > HIGHEST_RATE for row in figures.rows)
        if rated and all(abs(row[births] * row[died] / (row[deaths] * row[born]) - 1) <= Decimal("0.01") for row in figures.rows):
            found.append((births, born, deaths, died))
    return found[0] if len(figures.rows) >= MIN_ROWS and len(found) == 1 else None


def growth_between(rows: Sequence[Sequence[Decimal]]) -> tuple[int, int, int] | None:
    """The only three columns of which the last is the yearly growth, in per cent, from the second to the first over ten years or five.

    >>> growth_between([[Decimal(n) for n in row.split()] for row in ("14850 18856 4.56 -2.36", "50583 50569 15.52 0.003", "80637 49375 24.75 5.03")])
    (0, 1, 3)
    """
    width = len(rows[0])
    found = {(now, before, rate) for now, before, rate in itertools.permutations(range(width), 3) for years in (10, 5)
             if all(min(row[now], row[before]) > HIGHEST_RATE for row in rows)
             and all(abs(((row[now] / row[before]) ** (Decimal(1) / years) - 1) * 100 - row[rate]) <= Decimal("0.011") for row in rows)}
    return found.pop() if len(rows) >= MIN_ROWS and len(found) == 1 else None


def _in_proportion(figures: _Figures, width: int, rates: tuple[int, int, int]) -> tuple[int, int] | None:
    """The only two columns that stand to one another as birth rate and death rate do, in every row."""
    born, died, _ = rates
    half = _step([figures.column(born), figures.column(died)]) / 2
    found = []
    for one, other in itertools.combinations([at for at in range(width) if at not in rates], 2):
        if any(row[one] <= 0 or row[other] <= 0 or row[died] <= 0 for row in figures.rows):
            continue
        if figures.agree(abs(row[one] * row[died] / (row[other] * row[born]) - 1) <= half / row[born] + half / row[died] + YEARS_APART for row in figures.rows):
            found.append((one, other))
    return found[0] if len(found) == 1 else None


def _population(figures: _Figures, width: int, rates: tuple[int, int, int], born: Sequence[int]) -> tuple[int, int] | None:
    """The column before the births that they are a rate of, and how many times finer the births are counted (1 or 10,000)."""
    found = []
    for at, times in itertools.product(range(born[0]), (1, 10_000)):
        if at in rates or any(row[at] <= 0 for row in figures.rows):
            continue
        if figures.agree(abs(row[born[0]] * 1000 / (row[at] * times) - row[rates[0]]) <= row[rates[0]] * Decimal("0.03") for row in figures.rows):
            found.append((at, times))
    return found[0] if len(found) == 1 else None


def _units(head: str, figures: _Figures, born: Sequence[int], people: tuple[int, int] | None) -> tuple[str, str]:
    """What births and people are counted in; empty where the head leaves it open."""
    if people is not None and people[1] == 10_000:
        return "人", "万人"
    unit = _only_unit(head, figures, born)
    return unit, unit


def _only_unit(head: str, figures: _Figures, counts: Sequence[int] | None) -> str:
    """万人 or 人, where the head names one of them and the figures are printed so."""
    if counts is None:
        return ""
    whole = all(value == value.to_integral_value() for at in counts for value in figures.column(at))
    if _TEN_THOUSANDS.search(head):
        return "" if whole and _ONES.search(head) else "万人" if not whole else ""
    return "人" if whole else ""


def _sexes(figures: _Figures, width: int, head: str, names: Mapping[int, str]) -> dict[int, str]:
    """The population, the men and the women of it: one column that is the sum of the two right after it."""
    men, women = [m.start() for m in re.finditer("男", head)], [m.start() for m in re.finditer("女", head)]
    told = _PEOPLE.search(head)
    if len(men) != 1 or len(women) != 1 or men[0] > women[0] or told is None or told.start() > men[0]:
        return {}
    found = [at for at in range(width - 2) if not {at + 1, at + 2} & set(names) and figures.sums(at, (at + 1, at + 2), min(_step([figures.column(i) for i in range(at, at + 3)]), Decimal("0.01")))
             and min(figures.column(at)) > HIGHEST_RATE]
    if len(found) != 1 or (found[0] in names and "人口" not in names[found[0]]):
        return {}
    at = found[0]
    unit = _only_unit(head, figures, (at, at + 1, at + 2))
    if not unit:
        return {}
    base = (told["base"] or "总").replace(" ", "")
    named = {at: names.get(at, f"{base}人口({unit})"), at + 1: f"男({unit})", at + 2: f"女({unit})"}
    if at and "户数" in head and unit == "人" and figures.agree(row[at - 1] > 0 and FEWEST <= row[at] / row[at - 1] <= MOST for row in figures.rows):
        named[at - 1] = "户数(户)"
    return named


def _left_over(figures: _Figures, width: int, head: str, names: Mapping[int, str]) -> dict[int, str]:
    """The last column of counts, where the head has one name of a part of the people left for it."""
    people = next((at for at, name in names.items() if "人口" in name and name.endswith("(人)")), None)
    left = [at for at in range(width) if at not in names and not any(value % 1 for value in figures.column(at)) and max(figures.column(at)) > HIGHEST_RATE]
    told = {word.meaning("indicator").value: word.text for word in find_words(head) if word.meaning("indicator")}
    parts = [code for code in told if code in PARTS]
    if people is None or len(left) != 1 or len(parts) != 1 or any(row[left[0]] > row[people] for row in figures.rows):
        return {}
    return {left[0]: f"{told[parts[0]]}(人)"}
