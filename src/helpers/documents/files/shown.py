"""Cells of a spreadsheet as they are shown: 0.8512 in a cell of format 0.00% says 85.12%."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

_LITERAL = re.compile(r'"([^"]*)"|\\(.)|_.|\*.|\[[^\]]*\]')
_DIGITS = re.compile(r"[#0?,]*[0#?](?:\.[0#?]*)?|\.[0#?]+")
_DATE = re.compile(r"[ymd年月日]", re.IGNORECASE)


def shown(value: object, form: str = "General") -> str:
    """A cell's value as its number format shows it; empty for none.

    Formats with a condition, a fraction or an exponent show the number as it is stored.

    >>> [shown(0.8512, "0.00%"), shown(57727, "#,##0"), shown(11.1, "0.00"), shown(11.1), shown(7, '0"人"'), shown(True)]
    ['85.12%', '57,727', '11.10', '11.1', '7人', '是']
    """
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime | date):
        return _day(value, form)
    if isinstance(value, time | timedelta):
        return str(value)
    return _number(value, form or "General")


def stored(value: int | float) -> str:
    """A number with the digits a spreadsheet keeps of it, never in powers of ten.

    >>> stored(0.1 + 0.2), stored(57727.0), stored(1e16)
    ('0.3', '57727', '10000000000000000')
    """
    text = format(Decimal(f"{value:.15g}"), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _number(value: int | float, form: str) -> str:
    number = Decimal(stored(value))
    section, negative = _section(form, number)
    before, digits, after = _parts(section)
    if not digits:
        return stored(value) if digits is None else before
    percent = "%" in before + after
    number = abs(number) if negative else number
    number = number * 100 if percent else number
    places = digits.partition(".")[2]
    shown_number = number.quantize(Decimal(1).scaleb(-len(places)), ROUND_HALF_UP)
    text = format(shown_number, "," if "," in digits else "f")
    if places and not places.endswith(("0", "?")):
        text = text.rstrip("0").rstrip(".")
    return f"{before}{text}{after}".strip()


def _section(form: str, number: Decimal) -> tuple[str, bool]:
    """The part of a format for this number, and whether it writes the sign itself."""
    parts = form.split(";")
    if number < 0 and len(parts) > 1 and parts[1]:
        return parts[1], True
    if number == 0 and len(parts) > 2 and parts[2]:
        return parts[2], False
    return parts[0], False


@lru_cache(maxsize=512)
def _parts(section: str) -> tuple[str, str | None, str]:
    """What a format writes before the digits, the digits, and what after: digits are empty where it shows words only, None where it is none of the plain ones."""
    plain = _LITERAL.sub(lambda m: "\x00" * len(m.group()), section)
    match = _DIGITS.search(plain)
    if match is None and not re.search(r"[A-Za-z0#?/@]", plain.replace("\x00", "")):
        return _literal(section), "", ""
    rest = (plain[:match.start()] + plain[match.end():]).replace("\x00", "") if match else plain
    if match is None or re.search(r"[A-Za-z0#?/@]", rest):
        return "", None, ""
    return _literal(section[:match.start()]), match.group(), _literal(section[match.end():])


def _literal(text: str) -> str:
    return _LITERAL.sub(lambda m: m.group(1) or m.group(2) or "", text)


def _day(value: date | datetime, form: str) -> str:
    """A date with the parts its format shows, in Chinese."""
    bare = _LITERAL.sub(lambda m: m.group(1) or "", form).lower()
    parts = [f"{value.year}年"] if "y" in bare else []
    parts += [f"{value.month}月"] if "m" in bare else []
    parts += [f"{value.day}日"] if "d" in bare else []
    return "".join(parts) if _DATE.search(bare) and parts else f"{value.year}年{value.month}月{value.day}日"
