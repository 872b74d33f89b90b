"""When somebody may be told: quiet hours, days off, digests. Pure arithmetic in the workspace's zone.

Nothing is ever dropped here: what may not interrupt now gets a later moment and the reason it waits for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from tongmai.kit import WorkingCalendar
from tongmai.work.preferences import Preferences

Held = Literal["quiet", "budget"]
_DAY = timedelta(days=1)
# The longest holiday with its weekends is far shorter.
_FARTHEST = 60


@dataclass(frozen=True, slots=True)
class Pace:
    """The workspace's zone and calendar with one person's preferences."""

    zone: str
    calendar: WorkingCalendar
    preferences: Preferences

    def local_day(self, moment: datetime) -> date:
        return self._local(moment).date()

    def is_quiet(self, moment: datetime) -> bool:
        """Whether nothing may interrupt at that moment."""
        local = self._local(moment)
        if self.preferences.quiet_days_off and not self.calendar.is_working(local.date()):
            return True
        start, end, at = self.preferences.quiet_from, self.preferences.quiet_to, local.time()
        if start == end:
            return False
        return start <= at < end if start < end else at >= start or at < end

    def end_of_quiet(self, moment: datetime) -> datetime:
        """The first moment from ``moment`` on that is not quiet."""
        if not self.is_quiet(moment):
            return moment
        day = self.local_day(moment)
        for ahead in range(_FARTHEST):
            for at in (time(0), self.preferences.quiet_to):
                found = self._moment(day + ahead * _DAY, at)
                if found > moment and not self.is_quiet(found):
                    return found
        # Days off without end: a calendar of a company that is closed for months does not keep the news for ever.
        return moment + _FARTHEST * _DAY

    def next_digest(self, moment: datetime) -> datetime:
        """The next digest after ``moment``, none in quiet hours: those that fall there come at their end."""
        day = self.local_day(moment)
        for ahead in range(_FARTHEST):
            for at in sorted(self.preferences.digest_at):
                found = self._moment(day + ahead * _DAY, at)
                if found > moment:
                    return self.end_of_quiet(found)
        return moment + _DAY

    def _local(self, moment: datetime) -> datetime:
        return moment.astimezone(ZoneInfo(self.zone))

    def _moment(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, ZoneInfo(self.zone)).astimezone(UTC)
