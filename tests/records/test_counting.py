"""Estimates of long lists are kept for a moment, by asker and question, and cursors carry the count on."""

from __future__ import annotations

from decimal import Decimal

from tongmai.records.counting import Estimates
from tongmai.records.cursor import read_cursor, write_cursor


async def test_an_estimate_is_kept_for_its_own_question_only_and_not_for_long() -> None:
    kept = Estimates(seconds=60)
    kept.keep(("sql", ("ann",)), 2300)
    assert kept.recall(("sql", ("ann",))) == 2300
    assert kept.recall(("sql", ("bob",))) is None
    short = Estimates(seconds=0)
    short.keep("question", 2300)
    assert short.recall("question") is None


def test_a_cursor_carries_every_digit_and_the_count() -> None:
    digits = Decimal("0.12345678901234567890123456789")
    written = write_cursor("-amount", f"[{digits}, null]".encode(), 2300, False)
    cursor, values = read_cursor(written.decode(), "-amount", ("numeric", "uuid"))
    assert values == [digits, None]
    assert (cursor.count, cursor.exact) == (2300, False)
