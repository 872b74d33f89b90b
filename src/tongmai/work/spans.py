"""When something is due: a stretch of time after a moment, working days by the workspace's calendar and zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from tongmai.kit import CalendarRangeError, Invalid, WorkingCalendar
from tongmai.model import Span

_UNITS = {"minutes": timedelta(minutes=1), "hours": timedelta(hours=1), "days": timedelta(days=1)}


def due_after(start: datetime, span: Span, zone: str, calendar: WorkingCalendar) -> datetime:
    """The moment ``span`` after ``start``, in UTC.

    Minutes, hours and days are exact. ``n`` working days lead to the same time of the n-th working day: what begins on
    a day off has no part of it (Saturday 10:00 and one working day is Monday 10:00).
    Raises ``Invalid`` beyond the years a date can hold.
    """
    try:
        if span.unit != "working_days":
            return (start + span.amount * _UNITS[span.unit]).astimezone(UTC)
        local = start.astimezone(ZoneInfo(zone))
        day = calendar.add(local.date(), span.amount)
        return datetime.combine(day, local.timetz()).astimezone(UTC)
    except (OverflowError, CalendarRangeError) as error:
        raise Invalid.of("span.range", "期限超出日期范围", "The span leads beyond the years a date can hold") from error
