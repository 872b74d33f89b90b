"""Dates from 0001-01-02 to 9999-12-30, and durations: decimal seconds with six places. What leaves the range is blank.

A moment can be moved by less than 200 years; a duration itself may be longer.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import TypeVar

FIRST_DATE = date(1, 1, 2)
LAST_DATE = date(9999, 12, 30)
MOST_DAYS = 4_000_000
MOST_SECONDS = 200 * 366 * 86_400
_MICRO = Decimal("0.000001")
_WIDE = Context(prec=80)
_FIRST_MOMENT = datetime(1, 1, 2, tzinfo=UTC)
_LAST_MOMENT = datetime(9999, 12, 30, tzinfo=UTC)

_Span = TypeVar("_Span", date, datetime)


def in_span(value: _Span) -> _Span | None:
    if isinstance(value, datetime):
        return value if _FIRST_MOMENT < value < _LAST_MOMENT else None
    return value if FIRST_DATE <= value <= LAST_DATE else None


def date_from_ordinal(ordinal: int) -> date | None:
    return date.fromordinal(ordinal) if FIRST_DATE.toordinal() <= ordinal <= LAST_DATE.toordinal() else None


def add_days(day: date, count: Decimal | int) -> date | None:
    """Fractions of a day are cut off."""
    whole = int(count)
    return date_from_ordinal(day.toordinal() + whole) if abs(whole) <= MOST_DAYS else None


def seconds_of(span: timedelta) -> Decimal:
    return Decimal((span.days * 86_400 + span.seconds) * 1_000_000 + span.microseconds).scaleb(-6)


def add_span(moment: datetime, seconds: Decimal) -> datetime | None:
    """The moment so many seconds later."""
    if abs(seconds) >= MOST_SECONDS:
        return None
    try:
        return in_span(moment.astimezone(UTC) + timedelta(microseconds=int(to_micros(seconds).scaleb(6))))
    except OverflowError:
        return None


def to_micros(seconds: Decimal) -> Decimal:
    """A duration rounded half away from zero to six places."""
    return Decimal(seconds).quantize(_MICRO, rounding=ROUND_HALF_UP, context=_WIDE)
