"""The only place that asks the machine for the time (law 4: time is a parameter)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the present moment. Always aware and in UTC; zones are applied where a person reads the time."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass
class FixedClock:
    """A clock that stands still until it is moved: for tests and for replaying the past."""

    moment: datetime

    def __post_init__(self) -> None:
        if self.moment.tzinfo is None:
            raise ValueError("a clock needs a moment with a time zone")

    def now(self) -> datetime:
        return self.moment.astimezone(UTC)

    def advance(self, step: timedelta) -> None:
        self.moment += step
