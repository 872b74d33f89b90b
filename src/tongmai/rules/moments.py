"""Moments that rules wait for: those of a cron line, and the ends of whole periods. Pure.

All in the workspace's zone and working calendar (make-up days of holidays are working days).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim

from tongmai.metrics import Era
from tongmai.model import Holds, Scheduled

_TICK = timedelta(microseconds=1)
# A cron line that never comes true again within so many of its moments is given up for this time.
_MOST_LOOKED_AT = 2_000


def last_scheduled(when: Scheduled, after: datetime, era: Era) -> datetime | None:
    """The latest moment in ``(after, as_of]``: what was missed while nothing ran is made up for once."""
    zone = ZoneInfo(era.zone)
    looked = CronSim(when.cron, (era.as_of + timedelta(seconds=1)).astimezone(zone), reverse=True)
    for _, moment in zip(range(_MOST_LOOKED_AT), looked, strict=False):
        if moment <= after.astimezone(zone):
            return None
        if moment <= era.as_of and (not when.working_days_only or era.calendar.is_working(moment.date())):
            return moment
    return None


def last_ends(when: Holds, count: int, era: Era) -> list[datetime]:
    """The last moments of the ``count`` latest whole periods before ``as_of``, earliest first."""
    found: list[datetime] = []
    for day in _first_days(when, era):
        found.append(era.midnight(day) - _TICK)
        if len(found) == count:
            break
    return found[::-1]


def _first_days(when: Holds, era: Era) -> Iterator[date]:
    """The days on whose midnight a period ended, the latest first."""
    today = era.today
    match when.period:
        case "day":
            yield from (today - timedelta(days=n) for n in range(10_000))
        case "working_day":
            days = (today - timedelta(days=n) for n in range(10_000))
            yield from (day for day in days if era.calendar.is_working(day - timedelta(days=1)))
        case "week":
            monday = today - timedelta(days=today.weekday())
            yield from (monday - timedelta(weeks=n) for n in range(1_000))
        case "month":
            months = today.year * 12 + today.month - 1
            yield from (date((months - n) // 12, (months - n) % 12 + 1, 1) for n in range(600))
