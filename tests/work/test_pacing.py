"""When somebody may be told: quiet hours over midnight, days off, digests that never fall into quiet hours."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tongmai.kit import WorkingCalendar
from tongmai.work import Preferences
from tongmai.work.pacing import Pace

ZONE = "Asia/Shanghai"
times = st.times().map(lambda each: each.replace(second=0, microsecond=0, tzinfo=None))
moments = st.datetimes(datetime(2024, 1, 1), datetime(2026, 12, 1)).map(lambda each: each.replace(tzinfo=UTC))
preferences = st.builds(
    Preferences, quiet_from=times, quiet_to=times, quiet_days_off=st.booleans(),
    digest_at=st.lists(times, min_size=1, max_size=3).map(tuple),
)  # fmt: skip


def pace(**given: object) -> Pace:
    return Pace(ZONE, WorkingCalendar(), Preferences(**given))  # type: ignore[arg-type]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE))


@pytest.mark.parametrize(
    ("moment", "quiet"),
    [
        ("2026-11-02T20:59", False), ("2026-11-02T21:00", True), ("2026-11-03T03:00", True),
        ("2026-11-03T07:59", True), ("2026-11-03T08:00", False),
    ],
)  # fmt: skip
def test_quiet_hours_reach_over_midnight(moment: str, quiet: bool) -> None:
    assert pace().is_quiet(at(moment)) is quiet


def test_what_comes_in_the_night_waits_for_the_morning() -> None:
    assert pace().end_of_quiet(at("2026-11-02T23:30")) == at("2026-11-03T08:00")
    assert pace().end_of_quiet(at("2026-11-03T07:00")) == at("2026-11-03T08:00")
    assert pace(quiet_from=time(12), quiet_to=time(13)).end_of_quiet(at("2026-11-02T12:10")) == at("2026-11-02T13:00")


def test_days_off_are_quiet_and_make_up_days_are_not() -> None:
    off = pace(quiet_days_off=True)
    # National Day 2025 with Mid-Autumn: 1 to 8 October; Saturday 11 October is worked.
    assert off.end_of_quiet(at("2025-10-01T10:00")) == at("2025-10-09T08:00")
    assert not off.is_quiet(at("2025-10-11T10:00"))
    assert off.next_digest(at("2025-10-03T10:00")) == at("2025-10-09T08:00")


def test_the_next_digest_is_today_or_tomorrow() -> None:
    assert pace().next_digest(at("2026-11-02T08:00")) == at("2026-11-02T08:30")
    assert pace().next_digest(at("2026-11-02T08:30")) == at("2026-11-03T08:30")
    assert pace(digest_at=(time(8, 30), time(17))).next_digest(at("2026-11-02T09:00")) == at("2026-11-02T17:00")


def test_a_digest_in_quiet_hours_comes_at_their_end() -> None:
    assert pace(digest_at=(time(6),)).next_digest(at("2026-11-02T05:00")) == at("2026-11-02T08:00")


@given(preferences, moments)
def test_whatever_is_chosen_there_is_a_later_moment_that_is_not_quiet(chosen: Preferences, moment: datetime) -> None:
    found = Pace(ZONE, WorkingCalendar(), chosen)
    end, digest = found.end_of_quiet(moment), found.next_digest(moment)
    assert moment <= end <= moment + timedelta(days=60) and moment < digest <= moment + timedelta(days=62)
    assert not found.is_quiet(end) and not found.is_quiet(digest)
    if not found.is_quiet(moment):
        assert end == moment


def test_times_are_hours_and_minutes_of_the_workspace() -> None:
    for wrong in ("08:30:15", "08:30+09:00"):
        with pytest.raises(ValidationError):
            Preferences.model_validate({"quiet_to": wrong})
