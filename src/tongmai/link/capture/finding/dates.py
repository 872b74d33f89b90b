"""Days as papers write them, in Chinese, English and the European way."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias
from unicodedata import normalize

# Which comes first where only figures stand: 03/04/2026.
DayOrder: TypeAlias = Literal["day", "month"]

_MONTHS = (
    ("jan",), ("feb", "fev", "fév"), ("mar", "maa", "mär", "mrt"), ("apr", "avr"), ("may", "mai", "mei"),
    ("jun", "juin"), ("jul", "juil"), ("aug", "aoû", "aou"), ("sep",), ("oct", "okt"), ("nov",), ("dec", "dez", "déc"),
)  # fmt: skip
_MONTH = r"(?P<name>[A-Za-zÀ-ÿ]{3,9})\.?"
_ZH = dict(zip("〇零一二三四五六七八九", "00123456789", strict=True))
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?<!\d)(?P<y>(?:19|20)\d\d)\s?年\s?(?P<m>\d{1,2})\s?月\s?(?P<d>\d{1,2})\s?[日号]",
        r"(?<!\d)(?P<y>(?:19|20)\d\d)\s?[-/.]\s?(?P<m>\d{1,2})\s?[-/.]\s?(?P<d>\d{1,2})(?!\d)",
        rf"(?<!\d)(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[.\s-]{{1,3}}{_MONTH}[\s,-]{{1,3}}(?P<y>(?:19|20)\d\d)(?!\d)",
        rf"(?<![A-Za-z]){_MONTH}\s{{0,2}}(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s?,?\s{{0,2}}(?P<y>(?:19|20)\d\d)(?!\d)",
        r"(?<![\d.])(?P<a>\d{1,2})\s?[-/.]\s?(?P<b>\d{1,2})\s?[-/.]\s?(?P<y>(?:19|20)\d\d|\d\d)(?![\d.])",
    )
)
_CHINESE = re.compile(
    r"([〇零一二三四五六七八九]{4})年([一二三四五六七八九十]{1,3})月([一二三四五六七八九十]{1,3})[日号]"
)


@dataclass(frozen=True, slots=True)
class ReadDate:
    """``sure`` is below 1 where day and month could be told either way and nothing else decides. ``start`` and ``end``
    count the characters of the normalised text."""

    day: date
    text: str
    sure: float
    start: int
    end: int


def dates_in(text: str, order: DayOrder | None = None) -> list[ReadDate]:
    """All days in a text, in order. ``order`` decides what figures alone leave open; day first without it."""
    plain = _figures(normalize("NFKC", text))
    found: list[ReadDate] = []
    for pattern in _PATTERNS:
        for match in pattern.finditer(plain):
            if any(match.start() < each.end and each.start < match.end() for each in found):
                continue
            read = _read(match, order)
            if read is not None:
                found.append(ReadDate(read[0], match.group().strip(), read[1], match.start(), match.end()))
    return sorted(found, key=lambda each: each.start)


def order_of(texts: Iterable[str]) -> DayOrder | None:
    """How a paper writes its days, by those that can be read in one way only; None where none does or they differ."""
    seen: set[DayOrder] = set()
    for text in texts:
        for match in _PATTERNS[-1].finditer(normalize("NFKC", text)):
            first, second = int(match["a"]), int(match["b"])
            if first > 12 >= second:
                seen.add("day")
            elif second > 12 >= first:
                seen.add("month")
    return seen.pop() if len(seen) == 1 else None


def _read(match: re.Match[str], order: DayOrder | None) -> tuple[date, float] | None:
    parts = match.groupdict()
    year = int(parts["y"])
    year += 2000 if year < 100 else 0
    if parts.get("m"):
        return _day(year, int(parts["m"]), int(parts["d"]), 1.0)
    if parts.get("name"):
        month = _month(parts["name"])
        return None if month is None else _day(year, month, int(parts["d"]), 1.0)
    first, second = int(parts["a"]), int(parts["b"])
    if first > 12 or second > 12 or first == second:
        return _day(year, min(first, second) if first != second else first, max(first, second), 1.0)
    day_first = order != "month"
    sure = 0.95 if order is not None else 0.6
    return _day(year, second if day_first else first, first if day_first else second, sure)


def _day(year: int, month: int, day: int, sure: float) -> tuple[date, float] | None:
    try:
        return date(year, month, day), sure
    except ValueError:
        return None


def _month(name: str) -> int | None:
    lower = name.lower()
    return next((number for number, starts in enumerate(_MONTHS, 1) if lower.startswith(starts)), None)


def _figures(text: str) -> str:
    """二〇二六年十一月二日 in figures; everything else as it is."""

    def small(letters: str) -> str:
        if "十" not in letters:
            return _ZH.get(letters, "0")
        tens, _, ones = letters.partition("十")
        return f"{_ZH.get(tens, '1')}{_ZH.get(ones, '0')}".lstrip("0") or "0"

    return _CHINESE.sub(
        lambda match: f"{''.join(_ZH[each] for each in match[1])}年{small(match[2])}月{small(match[3])}日", text
    )
