"""Names of columns as people write them."""

from __future__ import annotations

from tongmai.records.transfer.column_names import spellings


def test_what_is_said_in_brackets_is_left_away() -> None:
    assert list(spellings("金额（元）"))[-1] == "金额"


def test_a_heading_of_brackets_that_are_never_closed_is_read_in_one_pass() -> None:
    """Looked at from each of them to the end, it would hold the whole program up for hours."""
    assert len(list(spellings("（" * 400_000))) == 1
