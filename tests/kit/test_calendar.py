from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tongmai.kit import WorkingCalendar

PUBLIC = WorkingCalendar()
DAYS = st.dates(date(2024, 1, 1), date(2027, 12, 31))


def test_public_holidays_and_make_up_days_are_known() -> None:
    assert not PUBLIC.is_working(date(2026, 10, 1))
    assert not PUBLIC.is_working(date(2026, 2, 17))  # Spring Festival, a Tuesday
    assert PUBLIC.is_working(date(2026, 2, 14))  # a Saturday made up for it
    assert not PUBLIC.is_working(date(2026, 11, 7))


def test_a_friday_to_the_next_monday_is_one_working_day() -> None:
    assert PUBLIC.between(date(2026, 11, 6), date(2026, 11, 9)) == 1
    assert PUBLIC.between(date(2026, 11, 9), date(2026, 11, 6)) == -1


def test_a_companys_own_days_win() -> None:
    own = WorkingCalendar(closed=frozenset({date(2026, 11, 9)}), open=frozenset({date(2026, 11, 8)}))
    assert not own.is_working(date(2026, 11, 9))
    assert own.is_working(date(2026, 11, 8))


def test_a_year_without_a_notice_falls_back_to_the_plain_week_and_says_so() -> None:
    assert not PUBLIC.is_official(date(2090, 1, 2))
    assert PUBLIC.is_working(date(2090, 1, 2))  # a Monday
    assert not PUBLIC.is_working(date(2090, 1, 1))  # a Sunday


@given(DAYS, st.integers(-60, 60))
def test_stepping_and_counting_agree(day: date, count: int) -> None:
    reached = PUBLIC.add(day, count)
    assert PUBLIC.is_working(reached) or count == 0
    if count > 0:
        assert PUBLIC.between(day, reached) == count


@given(DAYS, st.integers(0, 400), st.integers(0, 400))
def test_counts_add_up_over_neighbouring_spans(start: date, first: int, second: int) -> None:
    middle = start + timedelta(days=first)
    end = middle + timedelta(days=second)
    assert PUBLIC.between(start, middle) + PUBLIC.between(middle, end) == PUBLIC.between(start, end)
    assert len(PUBLIC.days(start + timedelta(days=1), end)) == PUBLIC.between(start, end)
