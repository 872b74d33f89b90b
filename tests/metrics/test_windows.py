"""Windows by hand-worked examples: weeks, months, leap days, National Day with its make-up days; and laws over any."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from tongmai.kit import Invalid, WorkingCalendar
from tongmai.metrics import Bounds, Era, bounds_of, period_before, same_period_last_year
from tongmai.model import FiscalPeriod, Rolling, RollingWorking, Window

ZONE = ZoneInfo("Asia/Shanghai")
TICK = timedelta(microseconds=1)
WINDOWS: TypeAdapter[Window] = TypeAdapter(Window)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def era(text: str) -> Era:
    return Era(local(text).astimezone(UTC), "Asia/Shanghai", WorkingCalendar())


def window(**parts: object) -> Window:
    return WINDOWS.validate_python(parts)


@pytest.mark.parametrize(
    ("parts", "now", "start", "end"),
    [
        ({"kind": "rolling", "days": 7}, "2026-11-02T09:00", "2026-10-26T09:00:00.000001", None),
        ({"kind": "calendar", "unit": "week"}, "2026-11-02T00:00", "2026-11-02T00:00", None),
        ({"kind": "calendar", "unit": "week"}, "2026-11-01T23:59", "2026-10-26T00:00", None),
        ({"kind": "calendar", "unit": "week", "back": 1}, "2026-11-02T00:00", "2026-10-26T00:00", "2026-11-02T00:00"),
        ({"kind": "calendar", "unit": "month"}, "2024-02-29T12:00", "2024-02-01T00:00", None),
        ({"kind": "calendar", "unit": "month", "back": 1}, "2024-03-31T12:00", "2024-02-01T00:00", "2024-03-01T00:00"),
        ({"kind": "calendar", "unit": "quarter", "back": 1}, "2026-01-15T12:00", "2025-10-01T00:00", "2026-01-01T00:00"),
        ({"kind": "calendar", "unit": "year"}, "2026-01-01T00:00", "2026-01-01T00:00", None),
        ({"kind": "since", "date": "2026-10-10"}, "2026-11-02T09:00", "2026-10-10T00:00", None),
        ({"kind": "fiscal", "unit": "year", "first_month": 4}, "2026-03-31T23:00", "2025-04-01T00:00", None),
        ({"kind": "fiscal", "unit": "quarter", "first_month": 2, "back": 1}, "2026-01-31T23:00",
         "2025-08-01T00:00", "2025-11-01T00:00"),
    ],
)  # fmt: skip
def test_a_window_means(parts: dict[str, object], now: str, start: str, end: str | None) -> None:
    expected = Bounds(local(start), local(now) + TICK if end is None else local(end))
    assert bounds_of(window(**parts), era(now)) == expected


@pytest.mark.parametrize(
    ("now", "days", "start"),
    [
        # 2025: 1 to 8 October are free, Sunday 28 September and Saturday 11 October are working days instead.
        ("2025-10-09T10:00", 1, "2025-09-30T10:00:00.000001"),
        ("2025-10-05T10:00", 1, "2025-09-30T00:00"),
        ("2025-09-29T10:00", 1, "2025-09-28T10:00:00.000001"),
        ("2025-10-12T15:00", 2, "2025-10-10T00:00"),
        ("2025-10-13T15:00", 1, "2025-10-11T15:00:00.000001"),
    ],
)
def test_working_days_know_national_day_and_its_make_up_days(now: str, days: int, start: str) -> None:
    assert bounds_of(RollingWorking(days=days), era(now)).start == local(start)


def test_the_period_before_is_as_far_along_as_this_one() -> None:
    month = window(kind="calendar", unit="month")
    assert period_before(month, era("2026-11-03T09:00")) == Bounds(
        local("2026-10-01T00:00"), local("2026-10-03T09:00") + TICK
    )
    whole_february = Bounds(local("2026-02-01T00:00"), local("2026-03-01T00:00"))
    assert period_before(month, era("2026-03-31T09:00")) == whole_february
    week = Rolling(days=7)
    assert period_before(week, era("2026-11-02T09:00")).end == bounds_of(week, era("2026-11-02T09:00")).start


def test_last_year_begins_on_the_28th_where_there_is_no_leap_day() -> None:
    found = same_period_last_year(window(kind="calendar", unit="month"), era("2024-02-29T08:00"))
    assert found == Bounds(local("2023-02-01T00:00"), local("2023-02-28T08:00") + TICK)
    weeks = same_period_last_year(window(kind="calendar", unit="week"), era("2026-11-04T08:00"))
    assert weeks.start == local("2025-11-03T00:00")


def test_a_window_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(Invalid):
        bounds_of(FiscalPeriod(unit="year", first_month=1, back=40), era("0030-01-01T00:00"))


moments = st.datetimes(datetime(2025, 9, 1), datetime(2026, 11, 30)).map(lambda each: each.replace(tzinfo=UTC))
windows = st.one_of(
    st.builds(Rolling, days=st.integers(1, 40)),
    st.builds(RollingWorking, days=st.integers(1, 20)),
    st.builds(FiscalPeriod, unit=st.sampled_from(["quarter", "year"]), first_month=st.integers(1, 12)),
    st.sampled_from([window(kind="calendar", unit=unit, back=back) for unit in ("week", "month") for back in (0, 2)]),
)


@given(windows, moments, moments)
def test_edges_never_move_back(each: Window, one: datetime, other: datetime) -> None:
    first, second = sorted((one, other))
    calendar = WorkingCalendar()
    before, after = (bounds_of(each, Era(at, "Asia/Shanghai", calendar)) for at in (first, second))
    assert before.start is not None and after.start is not None
    assert before.start <= after.start and before.end <= after.end


@given(windows, moments, moments, moments)
def test_moved_spans_hold_every_moment_that_changed_sides(
    each: Window, one: datetime, other: datetime, at: datetime
) -> None:
    calendar = WorkingCalendar()
    before, after = (bounds_of(each, Era(moment, "Asia/Shanghai", calendar)) for moment in (one, other))
    changed = _holds(before, at) != _holds(after, at)
    assert not changed or any(_holds(span, at) for span in before.moved_to(after))


def _holds(bounds: Bounds, at: datetime) -> bool:
    return (bounds.start is None or bounds.start <= at) and at < bounds.end
