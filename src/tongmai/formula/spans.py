"""The range of dates, moments and durations: 0001-01-02 to 9999-12-30, and 100 years. What leaves it is blank."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeVar

FIRST_DATE = date(1, 1, 2)
LAST_DATE = date(9999, 12, 30)
MOST_DAYS = 4_000_000
MOST_SECONDS = 100 * 366 * 86_400
_FIRST_MOMENT = datetime(1, 1, 2, tzinfo=UTC)
_LAST_MOMENT = datetime(9999, 12, 30, tzinfo=UTC)

_Span = TypeVar("_Span", date, datetime)


def in_span(value: _Span) -> _Span | None:
    if isinstance(value, datetime):
        return value if _FIRST_MOMENT <= value <= _LAST_MOMENT else None
    return value if FIRST_DATE <= value <= LAST_DATE else None


def date_from_ordinal(ordinal: int) -> date | None:
    return date.fromordinal(ordinal) if FIRST_DATE.toordinal() <= ordinal <= LAST_DATE.toordinal() else None


def add_days(day: date, count: Decimal | int) -> date | None:
    """Fractions of a day are cut off."""
    whole = int(count)
    return date_from_ordinal(day.toordinal() + whole) if abs(whole) <= MOST_DAYS else None


def add_span(moment: datetime, span: timedelta) -> datetime | None:
    try:
        return in_span(moment.astimezone(UTC) + span)
    except OverflowError:
        return None


def from_seconds(seconds: Decimal) -> timedelta | None:
    """Rounded half away from zero to a microsecond; None (blank) over 100 years."""
    if abs(seconds) > MOST_SECONDS:
        return None
    return timedelta(microseconds=int((seconds * 1_000_000).quantize(Decimal(1), rounding=ROUND_HALF_UP)))
