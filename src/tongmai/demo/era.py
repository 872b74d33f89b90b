"""The time that a made-up company is told of, and the dice that it is drawn with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random


@dataclass(frozen=True)
class Era:
    """``end`` is the moment up to which something happened."""

    seed: int
    end: datetime

    @property
    def monday(self) -> datetime:
        """Midnight at which the last week begins."""
        return (self.end - timedelta(days=self.end.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)

    def week_ends(self, weeks: int) -> list[datetime]:
        """An hour before the end of each of so many weeks before the last, the earliest first."""
        return [self.monday - timedelta(days=7 * back, hours=1) for back in range(weeks, 0, -1)]

    def dice(self, about: str) -> Random:
        """A generator of its own for each thing that is drawn."""
        return Random(f"{self.seed}:{about}")  # noqa: S311 - a made-up company
