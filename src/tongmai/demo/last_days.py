"""The days at the end of a made-up company's time, lived through with rules in force."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from tongmai.demo.era import Era
from tongmai.demo.intake import Intake, Streams


@dataclass(frozen=True)
class LastDays:
    """The last Monday morning, and ``days`` at the end with the one on which it ends."""

    era: Era
    days: int

    @property
    def begun(self) -> datetime:
        """When rules come into force: early on the first of the days lived through, on the day before the last Monday
        at the latest, so that a week ends while they are."""
        sunday = (self.era.monday - timedelta(days=1)).replace(hour=6)
        return min(self._first, sunday)

    @property
    def _first(self) -> datetime:
        """Of the days at the end that are lived through from morning to evening."""
        return (self.era.end - timedelta(days=self.days)).replace(hour=6, minute=0, second=0, microsecond=0)

    async def live(
        self, intake: Intake, morning: Streams, evening: Streams, act: Callable[[], Awaitable[None]]
    ) -> None:
        """Each day: the morning with what the night brought, the evening with what the day brought and what people did
        about it (``act``)."""
        end = self.era.end
        if self.era.monday.date() < self._first.date():
            await intake.hour(min(self.era.monday.replace(hour=9, minute=5), end), evening)
        for day in range(self.days + 1):
            date = self._first + timedelta(days=day)
            late = end if day == self.days else date.replace(hour=17, minute=55)
            await intake.hour(min(date.replace(hour=9, minute=5), end), morning)
            await intake.hour(late, evening)
            if late < end:
                await act()
            intake.told("逐日运行", "Day by day")
