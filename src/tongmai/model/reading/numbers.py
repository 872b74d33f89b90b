"""Numbers as people write them: 1,234.50, ￥1,234, 1.2万, 35%, （1,234）, 1e5, in full-width digits too."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Context, Decimal
from unicodedata import normalize

from tongmai.model.reading.texts import LONGEST_WORD

_PLAIN = re.compile(r"[+-]?[0-9]{1,25}(?:\.[0-9]{1,25})?")
_NUMBER = re.compile(
    r"(?P<sign>[+-]?)[￥¥$€£]?(?P<inner>[+-]?)"
    r"(?P<whole>[0-9]{1,3}(?:,[0-9]{3}){1,8}|[0-9]{1,25})?(?P<fraction>\.[0-9]{1,25})?"
    r"(?:[eE](?P<exponent>[+-]?[0-9]{1,2}))?"
    r"(?P<unit>千|万|百万|千万|亿|万亿|k|K)?(?P<currency>元|块|圆)?"
)
_UNITS = {
    "千": 10**3,
    "k": 10**3,
    "K": 10**3,
    "万": 10**4,
    "百万": 10**6,
    "千万": 10**7,
    "亿": 10**8,
    "万亿": 10**12,
}
_EXACT = Context(prec=120)
# A spreadsheet keeps 15 significant digits; what a binary float adds beyond is noise.
_SPREADSHEET = Context(prec=15, rounding=ROUND_HALF_EVEN)


def read_number(text: str) -> Decimal | None:
    """The number that is written, exactly; ``None`` if it is none or cannot be told (1.234,5)."""
    if _PLAIN.fullmatch(text):
        return Decimal(text)
    if len(text) > LONGEST_WORD:
        return None
    text = normalize("NFKC", text).strip()
    negative = text.startswith("(") and text.endswith(")")
    if negative:
        text = text[1:-1]
    found = _NUMBER.fullmatch("".join(text.split()))
    if found is None or not (found["whole"] or found["fraction"]) or (found["sign"] and found["inner"]):
        return None
    signed = found["sign"] + found["inner"]
    if negative and signed:
        return None
    value = Decimal((found["whole"] or "0").replace(",", "") + (found["fraction"] or ""))
    if found["exponent"]:
        value = value.scaleb(int(found["exponent"]), _EXACT)
    if found["unit"]:
        value = _EXACT.multiply(value, Decimal(_UNITS[found["unit"]]))
    return -value if negative or signed == "-" else value


def read_percent(text: str) -> tuple[Decimal, bool] | None:
    """A fraction and whether a percent (or per mille) sign was there: 35% → (0.35, True), 0.35 → (0.35, False)."""
    if len(text) > LONGEST_WORD:
        return None
    text = normalize("NFKC", text).strip()
    for sign, places in (("%", -2), ("‰", -3)):
        if text.endswith(sign):
            value = read_number(text[:-1])
            return None if value is None else (value.scaleb(places, _EXACT), True)
    value = read_number(text)
    return None if value is None else (value, False)


def decimal_of_float(number: float, *, spreadsheet: bool = False) -> Decimal | None:
    """The decimal a float stands for: its shortest form, of a ``spreadsheet`` 15 digits. ``None`` for NaN, infinity."""
    if number != number or number in (float("inf"), float("-inf")):
        return None
    value = Decimal(repr(number))
    return _SPREADSHEET.plus(value) if spreadsheet else value


def write_number(value: Decimal) -> str:
    """Digits, a point, never an exponent, as PostgreSQL writes a numeric."""
    return format(value, "f")
