"""Working days in mainland China: weekends, public holidays and make-up working days (调休), plus a company's own.

Source: the State Council's yearly notices, as packaged by ``chinesecalendar``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import chinese_calendar
from chinese_calendar import constants

_FIRST_YEAR: int = min(constants.holidays).year
_LAST_YEAR: int = max(constants.holidays).year
_ONE_DAY = timedelta(days=1)


class CalendarRangeError(ValueError):
    """A step of working days that would leave the years a date can hold."""


@dataclass(frozen=True)
class WorkingCalendar:
    """A company's working days.

    ``closed`` and ``open`` are the company's own exceptions and win over the public calendar. For years whose notice
    is not out yet the plain week counts (Monday to Friday): ``is_official`` tells which it was.
    """

    closed: frozenset[date] = field(default_factory=frozenset)
    open: frozenset[date] = field(default_factory=frozenset)

    def is_official(self, day: date) -> bool:
        return _FIRST_YEAR <= day.year <= _LAST_YEAR

    def is_working(self, day: date) -> bool:
        if day in self.open:
            return True
        if day in self.closed:
            return False
        if self.is_official(day):
            official: bool = chinese_calendar.is_workday(day)
            return official
        return day.weekday() < 5

    def add(self, day: date, count: int) -> date:
        """The ``count``-th working day after ``day`` (before, if negative). Zero gives ``day`` itself."""
        step = _ONE_DAY if count >= 0 else -_ONE_DAY
        left = abs(count)
        try:
            while left:
                day += step
                if self.is_working(day):
                    left -= 1
        except OverflowError as error:
            raise CalendarRangeError(f"no such day: {count} working days from {day}") from error
        return day

    def between(self, start: date, end: date) -> int:
        """Working days in ``(start, end]``: how many have passed since ``start``. Negative if ``end`` is earlier.

        So that Friday to Monday is 1 and a day to itself is 0, as Excel's ``NETWORKDAYS(start, end) - 1`` gives for
        working days.
        """
        if end < start:
            return -self.between(end, start)
        return sum(self.is_working(start + timedelta(days=n)) for n in range(1, (end - start).days + 1))

    def days(self, start: date, end: date) -> list[date]:
        """All working days in ``[start, end]``: the table the SQL evaluators join with."""
        return [day for n in range((end - start).days + 1) if self.is_working(day := start + timedelta(days=n))]
