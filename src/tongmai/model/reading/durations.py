"""Durations as people write them: 3天4小时, 1.5h, 2d 30min, 1:30:00, P1DT2H. Held as decimal seconds."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Context, Decimal
from unicodedata import normalize

from tongmai.kit import Language
from tongmai.model.reading.texts import LONGEST_WORD

_UNITS: dict[str, int] = {}
for _seconds, _words in (
    (604_800, "周 星期 w week weeks"),
    (86_400, "天 日 d day days"),
    (3_600, "小时 时 h hr hrs hour hours"),
    (60, "分钟 分 m min mins minute minutes"),
    (1, "秒 秒钟 s sec secs second seconds"),
):
    _UNITS.update(dict.fromkeys(_words.split(), _seconds))

_NUMBER = r"[0-9]{1,15}(?:\.[0-9]{1,9})?"
_PART = re.compile(rf"({_NUMBER})({'|'.join(sorted(_UNITS, key=len, reverse=True))})")
_WHOLE = re.compile(rf"(?:{_PART.pattern})+")
_CLOCK = re.compile(r"([0-9]{1,9}):([0-5]?[0-9])(?::([0-5]?[0-9](?:\.[0-9]{1,6})?))?")
_ISO = re.compile(
    rf"p(?:({_NUMBER})w)?(?:({_NUMBER})d)?(?:t(?=[0-9])(?:({_NUMBER})h)?(?:({_NUMBER})m)?(?:({_NUMBER})s)?)?"
)
_EXACT = Context(prec=60)
_WRITTEN: tuple[tuple[int, str, str], ...] = ((86_400, "天", "d"), (3_600, "小时", "h"), (60, "分钟", "m"))


def read_duration(text: str) -> Decimal | None:
    """Seconds, exactly. ``None`` if unreadable, also for a bare number: nobody can tell its unit."""
    if len(text) > LONGEST_WORD:
        return None
    text = "".join(normalize("NFKC", text).casefold().split())
    sign = -1 if text.startswith("-") else 1
    text = text.removeprefix("-")
    seconds = _read_clock(text)
    if seconds is None:
        seconds = _read_iso(text)
    if seconds is None and _WHOLE.fullmatch(text):
        seconds = _total((Decimal(number), _UNITS[unit]) for number, unit in _PART.findall(text))
    return None if seconds is None else seconds * sign


def _read_clock(text: str) -> Decimal | None:
    found = _CLOCK.fullmatch(text)
    if found is None:
        return None
    hours, minutes, seconds = found.groups(default="0")
    return Decimal(hours) * 3600 + Decimal(minutes) * 60 + Decimal(seconds)


def _read_iso(text: str) -> Decimal | None:
    found = _ISO.fullmatch(text)
    if found is None or not any(found.groups()):
        return None
    sizes = (604_800, 86_400, 3_600, 60, 1)
    return _total((Decimal(part), size) for part, size in zip(found.groups(), sizes, strict=True) if part)


def _total(parts: Iterable[tuple[Decimal, int]]) -> Decimal:
    total = Decimal(0)
    for number, size in parts:
        total = _EXACT.add(total, _EXACT.multiply(number, Decimal(size)))
    return total


def write_duration(seconds: Decimal, language: Language) -> str:
    """3天4小时5分钟6秒 or 3d 4h 5m 6s; nothing is rounded."""
    rest = abs(seconds)
    parts = []
    for size, zh, en in _WRITTEN:
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count:f}{zh if language == 'zh' else en}")
    if rest or not parts:
        parts.append(f"{rest.normalize():f}{'秒' if language == 'zh' else 's'}")
    return ("-" if seconds < 0 else "") + ("" if language == "zh" else " ").join(parts)
