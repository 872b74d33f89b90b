"""What drivers give, as raw rows have it; MySQL's server runs nowhere here, and its driver's answers are given by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import CursorResult

from tongmai.link.sources.sql_moments import NoMoment
from tongmai.link.sources.sql_values import bound, kept, plain, rows_of

ZONE = ZoneInfo("Asia/Shanghai")
TIMESTAMP, DATE, TIME, DATETIME, BIT, VARCHAR = 7, 10, 11, 12, 16, 253


class Answer(list[tuple[object, ...]]):
    """One row of MySQL's, as its driver reads it."""

    dialect = SimpleNamespace(name="mysql")

    def __init__(self, kind: int, value: object) -> None:
        super().__init__([(value,)])
        self.cursor = SimpleNamespace(description=[("c", kind)])

    def keys(self) -> list[str]:
        return ["c"]


@pytest.mark.parametrize(
    ("kind", "value", "raw"),
    [
        (TIMESTAMP, datetime(2026, 11, 1), "2026-11-01T00:00:00+00:00"),
        (DATETIME, datetime(2026, 11, 1), "2026-11-01T00:00:00+08:00"),
        (DATETIME, "0000-00-00 00:00:00", None),
        (DATE, "2026-00-00", None),
        (DATE, date(2026, 11, 1), "2026-11-01"),
        (VARCHAR, "0000-00-00", "0000-00-00"),
        (TIME, timedelta(hours=9, minutes=30), "09:30:00"),
        (TIME, -timedelta(hours=838, seconds=0.5), "-838:00:00.5"),
        (BIT, b"\x01", 1),
        (BIT, b"\x81\x00", 33024),
        (BIT, None, None),
    ],
)
def test_values_of_mysql_are_what_they_mean_there(kind: int, value: object, raw: object) -> None:
    (row,) = rows_of(cast("CursorResult[Any]", Answer(kind, value)))
    assert plain(row["c"], ZONE) == raw


def test_what_is_no_number_is_nothing() -> None:
    assert [plain(Decimal(each), ZONE) for each in ("NaN", "Infinity", "1.50")] == [None, None, "1.50"]


@pytest.mark.parametrize(
    "value", [7, "A", b"\x00\xff", Decimal("1.50"), datetime(2026, 11, 1, 8, tzinfo=UTC), NoMoment("infinity")]
)
def test_a_cursor_gives_back_what_the_database_had(value: object) -> None:
    assert bound(kept(value, ZONE)) == value


@pytest.mark.parametrize(
    ("text", "is_ahead"),
    [("infinity", True), ("12026-01-01", True), ("-infinity", False), ("0044-03-15 BC", False), ("0000-00-00", False)],
)
def test_a_moment_without_end_is_ahead_of_every_clock(text: str, is_ahead: bool) -> None:
    assert NoMoment(text).is_ahead is is_ahead
