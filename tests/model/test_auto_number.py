from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError

from tongmai.model import AutoNumberOptions

DAY = date(2026, 11, 2)


@pytest.mark.parametrize(
    ("pattern", "count", "number"),
    [
        ("SO-{YYYY}{MM}-{0000}", 7, "SO-202611-0007"),
        ("{YY}{MM}{DD}{000}", 12, "261102012"),
        ("客户{0}", 5, "客户5"),
        ("{0000}", 123456, "123456"),
    ],
)
def test_numbers_follow_the_pattern(pattern: str, count: int, number: str) -> None:
    assert AutoNumberOptions(pattern=pattern).number(count, DAY) == number


@pytest.mark.parametrize(
    ("reset", "period"), [("none", ""), ("year", "2026"), ("month", "2026-11"), ("day", "2026-11-02")]
)
def test_counters_belong_to_periods(reset: str, period: str) -> None:
    options = AutoNumberOptions.model_validate({"pattern": "{YYYY}{MM}{DD}-{0000}", "reset": reset})
    assert options.period(DAY) == period


@pytest.mark.parametrize("pattern", ["SO", "{0000}{00}", "{XX}{00}", "{00", " {00}", "{00}\n"])
def test_patterns_without_exactly_one_counter_are_refused(pattern: str) -> None:
    with pytest.raises(ValidationError):
        AutoNumberOptions(pattern=pattern)


@pytest.mark.parametrize(("pattern", "reset"), [("{0000}", "year"), ("{MM}-{00}", "month"), ("{YYYY}{MM}-{00}", "day")])
def test_a_counter_that_begins_anew_needs_its_date_in_the_pattern(pattern: str, reset: str) -> None:
    with pytest.raises(ValidationError):
        AutoNumberOptions.model_validate({"pattern": pattern, "reset": reset})
