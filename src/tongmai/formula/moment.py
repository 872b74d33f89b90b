"""The moment and the actor that a formula is evaluated for: parameters, never read from the world (law 4)."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

from tongmai.kit import WorkingCalendar


@dataclass(frozen=True)
class Moment:
    """``now`` is aware; ``zone`` is the workspace's IANA zone, in which instants are read as dates.

    ``params`` holds the actor's: me, my_team, my_teams, my_people, my_subtree (ids or collections of ids).
    """

    now: datetime
    zone: str
    calendar: WorkingCalendar
    params: Mapping[str, object] = field(default_factory=dict)

    @cached_property
    def zone_info(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @cached_property
    def today(self) -> date:
        return self.local(self.now).date()

    def local(self, instant: datetime) -> datetime:
        return instant.astimezone(self.zone_info)

    def instant(self, local: datetime) -> datetime:
        """The instant at which the wall clock in the workspace's zone shows ``local`` (without zone).

        Of two the later, as PostgreSQL takes it; a time that the clock skips is moved on by what it skips.
        """
        later = local.replace(tzinfo=self.zone_info, fold=1)
        is_shown = later.astimezone(UTC).astimezone(self.zone_info).replace(tzinfo=None, fold=0) == local
        # In UTC, since Python holds two moments of one repeated hour for unequal across zones (PEP 495).
        return (later if is_shown else later.replace(fold=0)).astimezone(UTC)

    def workdays_between(self, start: date, end: date) -> int:
        """As ``WorkingCalendar.between``, by counts that are kept for each year met."""
        if end < start:
            return -self.workdays_between(end, start)
        between = sum(self._counts_of(year)[-1] for year in range(start.year, end.year))
        return between + self._count_until(end) - self._count_until(start)

    def _count_until(self, day: date) -> int:
        """Working days of the day's year up to and including it."""
        return self._counts_of(day.year)[day.timetuple().tm_yday]

    def _counts_of(self, year: int) -> array[int]:
        counts = self._counts.get(year)
        if counts is None:
            counts, first = array("H", [0]), date(year, 1, 1).toordinal()
            for ordinal in range(first, date(year, 12, 31).toordinal() + 1):
                counts.append(counts[-1] + self.calendar.is_working(date.fromordinal(ordinal)))
            self._counts[year] = counts
        return counts

    @cached_property
    def _counts(self) -> dict[int, array[int]]:
        return {}

    def param(self, name: str) -> object:
        if name == "now":
            return self.now
        if name == "today":
            return self.today
        return self.params.get(name)


@lru_cache(maxsize=64)
def has_clear_midnights(zone: str) -> bool:
    """Whether every day from 1970 to 2037 begins once: no clock of the zone is set back over midnight."""
    info = ZoneInfo(zone)
    week, last = timedelta(days=7), datetime(2038, 1, 1, tzinfo=UTC)
    instant = datetime(1970, 1, 1, tzinfo=UTC)
    while instant < last:
        here, following = (moment.astimezone(info) for moment in (instant, instant + week))
        if here.utcoffset() != following.utcoffset() and not all(
            _begins_once(here.date() + timedelta(days=n), info) for n in range(9)
        ):
            return False
        instant += week
    return True


def _begins_once(day: date, info: ZoneInfo) -> bool:
    midnight = datetime(day.year, day.month, day.day, tzinfo=info)
    around = (midnight, midnight - timedelta(minutes=1))
    return all(moment.utcoffset() == moment.replace(fold=1).utcoffset() for moment in around)
