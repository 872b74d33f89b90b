"""Amounts in capital characters (大写金额): 人民币壹拾贰万捌仟元整 is 128000.00."""

from __future__ import annotations

import re
from decimal import Decimal
from unicodedata import normalize

_DIGITS = {
    "零": 0, "〇": 0, "壹": 1, "贰": 2, "貳": 2, "叁": 3, "參": 3, "叄": 3, "肆": 4, "伍": 5, "陆": 6, "陸": 6,
    "柒": 7, "捌": 8, "玖": 9, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9,
}  # fmt: skip
_TENS = {"拾": 10, "十": 10, "佰": 100, "百": 100, "仟": 1000, "千": 1000}
_GROUPS = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
_LETTERS = "".join((*_DIGITS, *_TENS, *_GROUPS))
# At least one formal character, so that 三百元 in running text is no cross-check of a total.
_AMOUNT = re.compile(
    f"([{_LETTERS}]*[壹贰貳叁參叄肆伍陆陸柒捌玖拾佰仟][{_LETTERS}]*)[元圆圓]([{_LETTERS}角分]*)([整正]?)"
)
_PARTS = re.compile(f"零?([{''.join(_DIGITS)}])(角|分)")


def capital_amount(text: str) -> tuple[Decimal, str] | None:
    """The first amount in capitals and the characters it is written with; None where there is none."""
    plain = normalize("NFKC", text).replace(" ", "")
    match = _AMOUNT.search(plain)
    if match is None:
        return None
    whole = _whole(match.group(1))
    if whole is None:
        return None
    cents = sum(_DIGITS[digit] * (10 if unit == "角" else 1) for digit, unit in _PARTS.findall(match.group(2)))
    return Decimal(whole) + Decimal(cents) / 100, match.group(0)


def _whole(letters: str) -> int | None:
    """The number in front of 元; None where the characters follow no order."""
    total = group = digit = 0
    for letter in letters:
        if letter in _DIGITS:
            digit = _DIGITS[letter]
        elif letter in _TENS:
            group += (digit or 1) * _TENS[letter]
            digit = 0
        else:
            group += digit
            digit = 0
            if _GROUPS[letter] == 10**8:
                total = (total + group) * 10**8
            else:
                total += group * 10**4
            group = 0
    found = total + group + digit
    return found if 0 < found < 10**15 else None
