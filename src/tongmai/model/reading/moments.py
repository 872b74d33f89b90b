"""Dates and moments as people and spreadsheets write them: 2026/11/2, 2026年11月2日, 20261102, 46328.5, ISO 8601.

Two-digit years and day-first forms are not read: nobody can tell what they mean.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from unicodedata import normalize

from tongmai.model.reading.texts import LONGEST_WORD

FIRST_DAY = date(1900, 1, 1)
LAST_DAY = date(2200, 12, 31)

_DATE = (
    r"(?P<y>[0-9]{4})(?:(?P<sep>[-/.])(?P<m>[0-9]{1,2})(?P=sep)(?P<d>[0-9]{1,2})"
    r"|年(?P<m2>[0-9]{1,2})月(?P<d2>[0-9]{1,2})[日号]?)"
)
_COMPACT = r"(?P<cy>[0-9]{4})(?P<cm>[0-9]{2})(?P<cd>[0-9]{2})"
_DAY = re.compile(rf"(?:{_DATE}|{_COMPACT})")
_TIME = re.compile(
    r"(?P<half>上午|下午)?(?P<h>[0-9]{1,2})(?:[:时点](?:(?P<i>[0-9]{1,2})(?:分|(?:[:分](?P<s>[0-9]{1,2})(?P<f>\.[0-9]{1,9})?秒?))?)?)"
    r"|(?P<ch>[0-9]{2})(?P<ci>[0-9]{2})(?P<cs>[0-9]{2})?(?P<cf>\.[0-9]{1,9})?"
)
_OFFSET = re.compile(r"(?P<rest>.*?)(?:(?P<z>[zZ])|(?P<sign>[+-])(?P<oh>[0-9]{2}):?(?P<om>[0-9]{2})?)")
_AFTER_DATE = re.compile(r"(?:[tT]|\s+)?")


def read_date(text: str) -> date | None:
    """The day that is written; a time of midnight behind it is allowed, any other is not a day."""
    if len(text) == 10 and text[4] == text[7] == "-" and text.isascii():
        try:
            return date.fromisoformat(text)
        except ValueError:
            return None
    read = _split(text)
    if read is None:
        return None
    day, rest = read
    return day if not rest or _time(rest) == time(0) else None


def read_moment(text: str, zone: tzinfo) -> datetime | None:
    """The instant that is written, in UTC; without an offset it is meant in ``zone``, without a time at midnight."""
    if len(text) > 10 and text[4] == text[7] == "-" and text.isascii() and text[10] in "T " and ":" in text:
        try:
            return _instant(datetime.fromisoformat(text), zone)
        except ValueError:
            pass
    read = _split(text)
    if read is None:
        return None
    day, rest = read
    offset: tzinfo = zone
    behind = _OFFSET.fullmatch(rest)
    if behind is not None:
        found = _offset(behind)
        if found is None:
            return None
        offset, rest = found, behind["rest"].strip()
    at = _time(rest) if rest else time(0)
    return None if at is None else _instant(datetime.combine(day, at, offset), zone)


def _instant(moment: datetime, zone: tzinfo) -> datetime | None:
    try:
        return (moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:
        return None


def _split(text: str) -> tuple[date, str] | None:
    """The day at the beginning and what follows it."""
    if len(text) > LONGEST_WORD:
        return None
    text = normalize("NFKC", text).strip()
    found = _DAY.match(text)
    if found is None:
        return None
    groups = found.groupdict()
    year, month, day = (
        next((int(groups[name]) for name in names if groups[name]), 0)
        for names in (("y", "cy"), ("m", "m2", "cm"), ("d", "d2", "cd"))
    )
    rest = text[found.end() :]
    between = _AFTER_DATE.match(rest)
    try:
        return date(year, month, day), rest[between.end() if between else 0 :].strip()
    except ValueError:
        return None


def _time(text: str) -> time | None:
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    part = found.groupdict(default="")
    hour = int(part["h"] or part["ch"])
    if part["half"] and not 1 <= hour <= 12:
        return None
    if part["half"]:
        hour = hour % 12 + (12 if part["half"] == "下午" else 0)
    micros = int(((part["f"] or part["cf"] or ".")[1:] + "000000")[:6])
    try:
        return time(hour, int(part["i"] or part["ci"] or 0), int(part["s"] or part["cs"] or 0), micros)
    except ValueError:
        return None


def _offset(found: re.Match[str]) -> tzinfo | None:
    if found["z"]:
        return UTC
    hours, minutes = int(found["oh"]), int(found["om"] or 0)
    if hours > 15 or minutes > 59:
        return None
    step = timedelta(hours=hours, minutes=minutes)
    return timezone(step if found["sign"] == "+" else -step)


def _wall_clock(serial: float) -> datetime | None:
    """A spreadsheet's serial number as a wall-clock time, to the millisecond.

    Day 60 is 29 February 1900, which never was (a fault of Lotus 1-2-3 that spreadsheets keep); days before it count
    from one day later than those after it.
    """
    if not 1 <= serial < 110_000 or 60 <= serial < 61:
        return None
    base = datetime(1899, 12, 30) if serial >= 61 else datetime(1899, 12, 31)  # noqa: DTZ001 - a wall-clock time
    return base + timedelta(milliseconds=round(serial * 86_400_000))


def date_of_serial(serial: float) -> date | None:
    """The day of a spreadsheet's serial number; ``None`` if it has a time of day or is out of range."""
    clock = _wall_clock(serial)
    return None if clock is None or clock.time() != time(0) else clock.date()


def moment_of_serial(serial: float, zone: tzinfo) -> datetime | None:
    """The instant of a spreadsheet's serial number, read in ``zone``."""
    clock = _wall_clock(serial)
    return None if clock is None else _instant(clock, zone)


def write_moment(moment: datetime, zone: tzinfo) -> str:
    """2026-11-02 08:05:00 in ``zone``; with the offset where the clock shows that time twice or it has odd seconds."""
    local = moment.astimezone(zone)
    written = local.replace(tzinfo=None).isoformat(sep=" ")
    if local.replace(fold=0).utcoffset() == local.replace(fold=1).utcoffset():
        return written
    return local.isoformat(sep=" ")
