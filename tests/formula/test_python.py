"""Evaluation in Python, where the rules of blanks, actors and time are said most plainly."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongmai.formula import Moment, compile_python
from tongmai.kit import WorkingCalendar

from .scope import read

ME = UUID(int=7)
MOMENT = Moment(datetime(2026, 3, 4, 2, 30, tzinfo=UTC), "Asia/Shanghai", WorkingCalendar(), {"me": ME})


def answer(text: str, moment: Moment = MOMENT, **row: object) -> object:
    return compile_python(read(text).tree)(row, moment)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("amount = 1", False),
        ("amount != 1", True),
        ("NOT amount = 1", True),
        ("amount < 1", False),
        ("NOT amount < 1", True),
        ("amount = gap", True),
        ("active", False),
        ("NOT active", True),
        ("active = FALSE", False),
        ("amount IN (1, 2)", False),
        ("amount IN (1, BLANK)", True),
        ("amount + 1", None),
        ("SUM(amount, 1)", Decimal(1)),
        ("'a' & name & 'b'", "ab"),
        ("LEN(name)", Decimal(0)),
        ("IF(active, 1, 2)", Decimal(2)),
        ("IF(active, 1)", None),
        ("1 / 0", None),
        ("TRIM('  ') IS BLANK", True),
        ("CONTAINS(name, '')", False),
    ],
)
def test_blanks(text: str, wanted: object) -> None:
    assert answer(text) == wanted


def test_who_is_nobody_owns_no_ownerless_record() -> None:
    nobody = replace(MOMENT, params={})
    assert answer("owner = ME()", nobody, owner=None) is False
    assert answer("owner != ME()", nobody, owner=None) is True
    assert answer("owner IN MY_PEOPLE()", nobody, owner=None) is False
    assert answer("owner = ME()", owner=ME) is True


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("0.1 + 0.2 = 0.3", True),
        ("1 / 3", Decimal("0.3333333333")),
        ("2 / 3", Decimal("0.6666666667")),
        ("-2 / 3", Decimal("-0.6666666667")),
        ("ROUND(2.5)", Decimal(3)),
        ("ROUND(-2.5)", Decimal(-3)),
        ("99999999999999999 + 1", None),
        ("99999999999999999 * 2 / 2", None),
        ("1000000 ^ 1000000", None),
        ("10 ^ 16", Decimal(10) ** 16),
        ("(-2) ^ 3", Decimal(-8)),
        ("(-2) ^ 0.5", None),
        ("EXP(1000)", None),
        ("LN(0)", None),
    ],
)
def test_numbers(text: str, wanted: object) -> None:
    assert answer(text) == wanted


def test_the_wall_clock_is_the_workspaces() -> None:
    late = datetime(2026, 3, 3, 17, 0, tzinfo=UTC)
    assert answer("DATE(created)", created=late) == date(2026, 3, 4)
    assert answer("created = TODAY()", created=late) is True
    assert answer("HOUR(created)", created=late) == 1
    assert answer("TEXT(created)", created=late) == "2026-03-04 01:00"


def test_a_repeated_hour_is_the_later_one_and_a_skipped_one_moves_on() -> None:
    new_york = replace(MOMENT, zone="America/New_York")
    assert answer("DATETIME('2026-11-01', 1, 30)", new_york) == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    assert answer("DATETIME('2026-03-08', 2, 30)", new_york) == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)


def test_working_days_follow_the_calendar() -> None:
    # The National Day holiday of 2026 runs from 1 to 7 October.
    assert answer("WORKDAYS_BETWEEN('2026-09-30', '2026-10-08')") == 1
    assert answer("ADD_WORKDAYS('2026-09-30', 1)") == date(2026, 10, 8)
    own = replace(MOMENT, calendar=WorkingCalendar(closed=frozenset({date(2026, 3, 5)})))
    assert answer("ADD_WORKDAYS(TODAY(), 1)", own) == date(2026, 3, 6)


@settings(max_examples=30, deadline=None)
@given(start=st.dates(date(2020, 1, 1), date(2027, 12, 31)), end=st.dates(date(2020, 1, 1), date(2027, 12, 31)))
def test_counted_working_days_are_the_calendars(start: date, end: date) -> None:
    own = replace(MOMENT, calendar=WorkingCalendar(closed=frozenset({date(2024, 2, 29)})))
    assert own.workdays_between(start, end) == own.calendar.between(start, end)


def test_hostile_counts_end_at_once() -> None:
    assert answer("WORKDAYS_BETWEEN('0001-01-02', '9999-12-30')") is None
    assert answer("ADD_WORKDAYS(TODAY(), 99999999)") is None
    assert answer("TODAY() + 99999999999") is None
    assert answer("LEN(REPEAT('abc', 999999999))") == 3000
    wide = "REPLACE(" * 10 + "REPEAT('a', 1000)" + ", 'a', 'a' & REPEAT('b', 63))" * 10
    assert answer(f"LEN({wide})") == 65_536


def test_only_the_branch_that_is_taken_is_evaluated() -> None:
    class Untouchable(dict[str, object]):
        def get(self, key: str, default: object = None) -> object:
            assert key != "amount", "the other branch was read"
            return super().get(key, default)

    evaluate = compile_python(read("IF(gap > 1, kinds, amount)").tree)
    assert evaluate(Untouchable(gap=Decimal(2), kinds=Decimal(5)), MOMENT) == 5
