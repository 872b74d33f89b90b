"""Which time a window means at a moment: pure arithmetic over the workspace's zone and working calendar.

All bounds are half-open instants. ``as_of`` itself is within a window that reaches up to it: its end lies a microsecond
(the resolution of every engine) behind it. As ``as_of`` moves on, no edge ever moves back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypeAlias

from tongmai.formula import Moment
from tongmai.kit import CalendarRangeError, Invalid, WorkingCalendar
from tongmai.model import Always, CalendarPeriod, FiscalPeriod, Rolling, RollingWorking, Since, Window

_TICK = timedelta(microseconds=1)
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_PER_DAYS = {"day": 1, "week": 7, "month": 30}


@dataclass(frozen=True, slots=True)
class Bounds:
    """``[start, end)``; without ``start`` from the beginning of time."""

    start: datetime | None
    end: datetime

    def moved_to(self, other: Bounds) -> list[Bounds]:
        """Spans that hold every moment which lies in one of the two and not in both."""
        found = []
        if self.start != other.start:
            if self.start is None or other.start is None:
                found.append(Bounds(None, max(self.end, other.end)))
            else:
                found.append(Bounds(min(self.start, other.start), max(self.start, other.start)))
        if self.end != other.end:
            found.append(Bounds(min(self.end, other.end), max(self.end, other.end)))
        return found


@dataclass(frozen=True)
class Era:
    """A moment of evaluation in a workspace: what every bound is worked out from."""

    as_of: datetime
    zone: str
    calendar: WorkingCalendar

    @property
    def _moment(self) -> Moment:
        return Moment(self.as_of, self.zone, self.calendar)

    @property
    def today(self) -> date:
        return self._moment.today

    @property
    def local(self) -> datetime:
        """The wall clock of the workspace, without zone."""
        return self._moment.local(self.as_of).replace(tzinfo=None)

    def instant(self, local: datetime) -> datetime:
        return self._moment.instant(local)

    def midnight(self, day: date) -> datetime:
        return self.instant(datetime.combine(day, time()))

    def at(self, as_of: datetime) -> Era:
        return Era(as_of, self.zone, self.calendar)

    def a_year_before(self, window: Window) -> Era:
        """The same moment last year; 52 weeks before where weeks count. 29 February becomes the 28th."""
        local = self.local
        if isinstance(window, CalendarPeriod) and window.unit == "week":
            return self.at(self.instant(local - timedelta(weeks=52)))
        day = 28 if (local.month, local.day) == (2, 29) else local.day
        return self.at(self.instant(local.replace(year=local.year - 1, day=day)))


_Period: TypeAlias = CalendarPeriod | FiscalPeriod


def bounds_of(window: Window, era: Era) -> Bounds:
    """The time a window means. Raises ``Invalid`` for one that reaches out of the calendar."""
    try:
        return _bounds(window, era)
    except (OverflowError, ValueError, CalendarRangeError) as error:
        raise Invalid.of(
            "metric.window_out_of_range",
            "时间窗口超出日历范围",
            "the window reaches out of the calendar",
            field="window",
        ) from error


def _bounds(window: Window, era: Era) -> Bounds:
    end = era.as_of + _TICK
    match window:
        case Always():
            return Bounds(None, end)
        case Since():
            return Bounds(era.midnight(window.date), end)
        case Rolling():
            return Bounds(era.instant(era.local - timedelta(days=window.days)) + _TICK, end)
        case RollingWorking():
            return Bounds(_working_days_before(era, window.days), end)
        case CalendarPeriod() | FiscalPeriod():
            start, following = _period(window, era.today, window.back)
            return Bounds(era.midnight(start), end if window.back == 0 else era.midnight(following))


def period_before(window: Window, era: Era) -> Bounds:
    """The window before: as long as this one, and as far along where this one is not over yet."""
    now = bounds_of(window, era)
    match window:
        case Rolling():
            return Bounds(era.instant(era.local - timedelta(days=2 * window.days)) + _TICK, now.start or now.end)
        case RollingWorking():
            return Bounds(_working_days_before(era, 2 * window.days), now.start or now.end)
        case CalendarPeriod() | FiscalPeriod():
            start, following = _period(window, era.today, window.back + 1)
            first, last = era.midnight(start), era.midnight(following)
            if window.back > 0:
                return Bounds(first, last)
            begun, _ = _period(window, era.today, 0)
            so_far = era.local - datetime.combine(begun, time())
            return Bounds(first, min(era.instant(datetime.combine(start, time()) + so_far) + _TICK, last))
        case _:
            raise ValueError(f"a window without an end has no period before it: {window.kind}")


def same_period_last_year(window: Window, era: Era) -> Bounds:
    """What the window meant a year ago."""
    return bounds_of(window, era.a_year_before(window))


def begun_days(window: Window, bounds: Bounds, era: Era) -> int:
    """Days of the bounds that have begun: what a rate is divided by. 0 if none has."""
    if isinstance(window, Rolling | RollingWorking):
        return window.days
    if bounds.start is None:
        raise ValueError("an endless window has no number of days")
    last = era.at(bounds.end - _TICK).today
    return max((last - era.at(bounds.start).today).days + 1, 0)


def days_per(unit: str) -> int:
    """Days of a day, a week or a month (30) in rates."""
    return _PER_DAYS[unit]


def _working_days_before(era: Era, days: int) -> datetime:
    """The same hour so many working days ago. On a free day the clock stands at the end of the last working day."""
    day = era.calendar.add(era.today, -days)
    if era.calendar.is_working(era.today):
        return era.instant(datetime.combine(day, era.local.time())) + _TICK
    return era.midnight(day)


def _period(window: _Period, today: date, back: int) -> tuple[date, date]:
    """The first day of the period ``back`` before that of ``today``, and the first day after it."""
    if window.unit == "week":
        monday = today - timedelta(days=today.weekday() + 7 * back)
        return monday, monday + timedelta(days=7)
    months = _MONTHS[window.unit]
    offset = window.first_month - 1 if isinstance(window, FiscalPeriod) else 0
    count = today.year * 12 + today.month - 1 - offset
    begun = count - count % months - back * months + offset
    return _month(begun), _month(begun + months)


def _month(count: int) -> date:
    return date(count // 12, count % 12 + 1, 1)
