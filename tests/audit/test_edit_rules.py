"""Published cases of other people's edit-rule packages (names and sources in ../shared/vectors/vectors_edit_rules.csv).

Two of them are restated here so that the core runs without ../shared.
"""

import csv
import json
import re
from fractions import Fraction
from math import inf
from pathlib import Path

import pytest

from helpers.audit.figures import Figure
from helpers.audit.localise import core, localise, without
from helpers.audit.repairs import find_repair
from helpers.identities import Equation, System, stated_interval

VECTORS = Path(__file__).resolve().parents[2] / ".." / "shared" / "vectors" / "vectors_edit_rules.csv"
CARRIED = [
    {"case": "one_transposition", "rules": "x1+x2==x3", "input": '{"x2": 1452, "x1": 161, "x3": 1568}',
     "expected": '{"x2": 1452, "x1": 116, "x3": 1568}', "note": ""},
    {"case": "a_balance", "rules": "a,b,c>=0; a+b==c", "input": '{"a": null, "b": 4, "c": 5}',
     "expected": '{"a": 1, "b": 4, "c": 5}', "note": ""},
]


def key(name):
    return name, ()


def figure(name, value):
    read = stated_interval(str(value), "person")
    return Figure(name, "doc", key(name), str(value), (read.low, read.high), "person", Fraction(1), "observed", "2017", 0, 1, str(value))


def system_of(rules):
    """The little language of the vectors: a+b==c, a-b==c, a==b, a==2, x<0, a,b>=0, x+y<=0, cost>=0.6*turnover."""
    equations, free = [], {}

    def limit(name, low=-inf, high=inf):
        old = free.get(key(name), (-inf, inf))
        free[key(name)] = max(old[0], low), min(old[1], high)

    for rule in filter(None, (part.strip() for part in rules.split(";"))):
        if "free" in rule:
            limit(rule.split()[0])
            continue
        left, sign, right = re.fullmatch(r"(.+?)(==|<=|>=|<|>)(.+)", rule).groups()
        left, right = left.strip(), right.strip()
        number = re.fullmatch(r"-?[0-9.]+", right)
        names = re.split(r"[+-]", left)
        if sign in ("<", "<=", ">", ">=") and number and "," not in left and len(names) == 1:
            edge = Fraction(right)
            step = 0 if "=" in sign else Fraction(1, 10**6)
            limit(left, *((edge + step, inf) if ">" in sign else (-inf, edge - step)))
        elif "," in left:
            for name in left.split(","):
                limit(name.strip(), Fraction(right))
        elif "*" in right:
            part, whole = right.split("*")
            equations.append(Equation(rule, "ratio", (key(f"{left}/{whole}"), key(left), key(whole))))
            limit(f"{left}/{whole}", Fraction(part))
        elif sign == "==" and number and len(names) == 1:
            limit(left, Fraction(right), Fraction(right))
        elif (sign == "==" and number) or sign == "<=":
            total = f"sum {rule}"
            equations.append(Equation(rule, "sum", (key(total), *map(key, names))))
            limit(total, *((Fraction(right), Fraction(right)) if sign == "==" else (-inf, Fraction(right))))
        elif "-" in right:
            first, *rest = right.split("-")
            equations.append(Equation(rule, "sum", (key(first), key(left), *map(key, rest))))
        elif "-" in left:
            equations.append(Equation(rule, "sum", (key(names[0]), key(right), *map(key, names[1:]))))
        else:
            equations.append(Equation(rule, "sum", (key(right), *map(key, names))))
    for equation in equations:
        for name in equation.variables:
            free.setdefault(name, (-inf, inf))
    return System(tuple(equations), frozenset(), free)


def corrected(rules, given, fixed=()):
    """Repair as long as a unique repair is found, each judged with the other figures at fault left out."""
    system = system_of(rules)
    figures = {key(name): figure(name, value) for name, value in given.items() if value is not None}
    for _ in range(5):
        stated = {name: one.domain for name, one in figures.items()}
        first, identity = core(system, stated)
        if not first:
            break
        fault = localise(system, stated, first, identity)
        chosen = [list(fault.single)] if fault.single else [[name] for name in (fault.removals[0] if fault.removals else ())]
        repair = None
        for tries in chosen:
            others = [] if fault.single else [name for name in fault.removals[0] if name not in tries]
            repair = repair or find_repair(system, without(stated, others), figures, first, [n for n in tries if n[0] not in fixed])
        if repair is None:
            break
        figures[repair.key] = figures[repair.key].written_as(repair.text)
    left = system.solve({name: one.domain for name, one in figures.items()})
    known = {name: str(int(one.domain[0])) for name, one in figures.items()}
    return {name: int(known.get(key(name), left.domains[key(name)][0])) for name in given}


def rows():
    if not VECTORS.exists():
        return CARRIED
    return [*CARRIED, *csv.DictReader(VECTORS.open(encoding="utf-8"))]


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["case"])
def test_published_cases_come_out_as_published(row):
    case, expected = row["case"], json.loads(row["expected"])
    if case.startswith("ranges"):
        left = system_of(row["rules"]).solve({})
        assert {name: [float(end) for end in left.domains[key(name)]] for name in expected} == {
            name: [float(end) for end in ends] for name, ends in expected.items()}
    elif case == "fellegi_holt":
        system, given = system_of(row["rules"]), json.loads(row["input"])
        stated = {key(name): (value, value) for name, value in given.items()}
        found = localise(system, stated, *core(system, stated))
        assert found.removals == ((key("profit"),),)
    elif case in ("statcheck_interval", "unround", "unround2"):
        text = re.sub(r'"', "", json.loads(row["input"]) if row["input"].startswith('"') else row["input"])
        read = stated_interval(text, "rate", mode="half-even" if case == "unround2" else "half-up")
        want = expected if isinstance(expected, dict) else {"lower": expected[0], "upper": expected[1]}
        assert (float(read.low), float(read.high)) == (want["lower"], want["upper"])
        assert read.low_open is not want.get("incl_lower", not read.low_open)
        assert read.high_open is not want.get("incl_upper", not read.high_open)
    else:
        fixed = ("x1",) if "fixate" in case else ()
        assert corrected(row["rules"], json.loads(row["input"]), fixed) == expected


def test_the_published_cases_are_there():
    if not VECTORS.exists():
        pytest.skip("../shared/vectors is not beside the repository; the cases carried here have run")
    assert len(rows()) - len(CARRIED) >= 12
