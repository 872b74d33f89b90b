"""Moments of rules: cron in the workspace's zone, ends of whole periods; holidays, make-up and leap days."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tongmai.kit import WorkingCalendar
from tongmai.metrics import Era
from tongmai.model import Holds, Scheduled
from tongmai.rules.moments import last_ends, last_scheduled

SHANGHAI = ZoneInfo("Asia/Shanghai")


def era(text: str) -> Era:
    return Era(datetime.fromisoformat(text).replace(tzinfo=SHANGHAI), "Asia/Shanghai", WorkingCalendar())


def shown(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("cron", "after", "now", "found"),
    [
        ("30 9 * * *", "2026-11-01 09:30", "2026-11-02 09:29:59", None),
        ("30 9 * * *", "2026-11-01 09:30", "2026-11-02 09:30:00", "2026-11-02 09:30"),
        # Of several that were missed the last one.
        ("30 9 * * *", "2026-10-20 09:30", "2026-11-02 12:00:00", "2026-11-02 09:30"),
        ("0 9 29 2 *", "2023-01-01 00:00", "2026-11-02 12:00:00", "2024-02-29 09:00"),
        ("0 0 1 * *", "2026-10-31 12:00", "2026-11-01 00:00:00", "2026-11-01 00:00"),
        ("0 9 * * 1", "2026-10-31 12:00", "2026-11-04 00:00:00", "2026-11-02 09:00"),
    ],
)
def test_the_latest_moment_of_a_schedule(cron: str, after: str, now: str, found: str | None) -> None:
    assert shown(last_scheduled(Scheduled(cron=cron), era(after).as_of, era(now))) == found


def test_working_days_only_passes_over_holidays_and_takes_make_up_days() -> None:
    when = Scheduled(cron="0 9 * * *", working_days_only=True)
    assert shown(last_scheduled(when, era("2025-09-01").as_of, era("2025-10-05 12:00"))) == "2025-09-30 09:00"
    assert shown(last_scheduled(when, era("2025-09-01").as_of, era("2025-10-11 12:00"))) == "2025-10-11 09:00"
    assert shown(last_scheduled(when, era("2025-09-27 12:00").as_of, era("2025-09-28 12:00"))) == "2025-09-28 09:00"


@pytest.mark.parametrize(
    ("period", "now", "found"),
    [
        ("day", "2024-03-01 08:00", ["2024-02-28", "2024-02-29"]),
        ("week", "2026-11-04 08:00", ["2026-10-25", "2026-11-01"]),
        ("week", "2026-11-02 00:00", ["2026-10-25", "2026-11-01"]),
        ("month", "2026-01-31 08:00", ["2025-11-30", "2025-12-31"]),
        ("month", "2024-03-15 08:00", ["2024-01-31", "2024-02-29"]),
        ("working_day", "2026-11-02 08:00", ["2026-10-29", "2026-10-30"]),
        ("working_day", "2026-11-01 08:00", ["2026-10-29", "2026-10-30"]),
        ("working_day", "2026-11-03 08:00", ["2026-10-30", "2026-11-02"]),
        # Saturday 11 October 2025 was worked, 1 to 8 October was not.
        ("working_day", "2025-10-12 08:00", ["2025-10-10", "2025-10-11"]),
        ("working_day", "2025-10-09 08:00", ["2025-09-29", "2025-09-30"]),
    ],
)
def test_the_last_days_of_whole_periods(period: Any, now: str, found: list[str]) -> None:
    ends = last_ends(Holds(periods=2, period=period), 2, era(now))
    assert [each.astimezone(SHANGHAI).strftime("%Y-%m-%d") for each in ends] == found
    assert all(each.astimezone(SHANGHAI) + timedelta(microseconds=1) == _midnight_after(each) for each in ends)


def _midnight_after(moment: datetime) -> datetime:
    local = moment.astimezone(SHANGHAI) + timedelta(days=1)
    return local.replace(hour=0, minute=0, second=0, microsecond=0)
