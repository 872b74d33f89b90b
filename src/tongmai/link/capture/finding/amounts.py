"""Amounts of money in figures, as people in China and abroad write them: ¥128,000.00, 12.8万元, € 1.999,00, Rs 1939."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from unicodedata import normalize

_CURRENCIES = (
    ("CNY", r"人民币|RMB|CNY|[¥￥]|元"),
    ("HKD", r"HK\$|HKD|港币|港元"),
    ("USD", r"US\$|USD|美元|美金|US Dollars?|\$"),
    ("EUR", r"EUR|€|欧元"),
    ("GBP", r"GBP|£|英镑"),
    ("INR", r"INR|₹|Rs\.?"),
    ("JPY", r"JPY|日元|円"),
)
_SIGN = "|".join(f"(?P<{code}_{{0}}>{pattern})" for code, pattern in _CURRENCIES)
_UNITS = {"万元": 10**4, "万": 10**4, "千元": 10**3, "亿元": 10**8, "亿": 10**8}
_NUMBER = r"(?P<number>\d{1,3}(?:[,. '’]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,4})?)"
_AMOUNT = re.compile(
    rf"(?<![\w.,/#-])(?:(?P<minus>-)\s?)?(?:(?:{_SIGN.format('a')})\s*)?(?:(?P<minus_b>-)\s?)?{_NUMBER}"
    rf"(?![\w]*[-/]\d)(?!\d)(?!\s?[%％‰])(?!\.\d)\s*(?P<unit>万元|亿元|千元|万|亿)?\s*(?:(?:{_SIGN.format('b')})(?![A-Za-z]))?",
)
# Behind a currency sign a letter may stand before the figure; this one has none that would be part of a code.
_GLUED = re.compile(r"(?<=[A-Za-z])(?=[¥￥€£₹])|(?<=[\u4e00-\u9fff:：()（）])(?=\d|人民币|RMB|港币|美元)")


@dataclass(frozen=True, slots=True)
class Amount:
    """``currency`` is an ISO code where a sign tells it. ``is_money`` is whether anything but digits says so: a sign,
    a unit or two decimals. ``start`` and ``end`` count the characters of the normalised text."""

    value: Decimal
    text: str
    currency: str | None
    is_money: bool
    start: int
    end: int


def amounts_in(text: str) -> list[Amount]:
    """All amounts in a piece of text, in order; percentages, dates and codes are none."""
    plain = _GLUED.sub(" ", normalize("NFKC", text))
    found: list[Amount] = []
    for match in _AMOUNT.finditer(plain):
        value = _decimal(match["number"])
        unit = match["unit"]
        currency = _currency(match) or ("CNY" if unit in ("万元", "千元", "亿元") else None)
        if value is None or (unit is None and match["number"].startswith("0") and value >= 1):
            continue
        if unit is not None:
            value *= _UNITS[unit]
        if match["minus"] or match["minus_b"]:
            value = -value
        is_money = currency is not None or unit is not None or re.search(r"[.,]\d\d$", match["number"]) is not None
        shown = match.group().strip()
        found.append(Amount(value.quantize(Decimal("0.01")), shown, currency, is_money, match.start(), match.end()))
    return found


def currency_in(text: str) -> str | None:
    """The first currency that a text names."""
    plain = normalize("NFKC", text)
    places = [(match.start(), code) for code, pattern in _CURRENCIES if (match := re.search(pattern, plain))]
    return min(places)[1] if places else None


def _currency(match: re.Match[str]) -> str | None:
    for code, _ in _CURRENCIES:
        if match[f"{code}_a"] or match[f"{code}_b"]:
            return code
    return None


def _decimal(number: str) -> Decimal | None:
    """The last separator is the decimal one if one or two digits follow it and it is not used before."""
    plain = re.sub(r"[ '’]", "", number)
    last = max(plain.rfind("."), plain.rfind(","))
    if last >= 0:
        mark, behind = plain[last], len(plain) - last - 1
        other = "," if mark == "." else "."
        if plain.count(mark) > 1 or (behind == 3 and (mark == "," or other in plain)):
            plain = plain.replace(".", "").replace(",", "")
        else:
            plain = plain[:last].replace(".", "").replace(",", "") + "." + plain[last + 1 :]
    return Decimal(plain) if len(plain) <= 18 else None
