"""The moment and the actor that a formula is evaluated for: parameters, never read from the world (law 4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from tongmai.kit import WorkingCalendar


@dataclass(frozen=True)
class Moment:
    """``now`` is aware; ``zone`` is the workspace's IANA zone, in which instants are read as dates.

    ``params`` holds the actor's: me, my_team, my_teams, my_people, my_subtree (ids or collections of ids).
    """

    now: datetime
    zone: str
    calendar: WorkingCalendar
    params: Mapping[str, object] = field(default_factory=dict)

    @cached_property
    def zone_info(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @cached_property
    def today(self) -> date:
        return self.local(self.now).date()

    def local(self, instant: datetime) -> datetime:
        return instant.astimezone(self.zone_info)

    def start_of_day(self, day: date) -> datetime:
        """The instant at which ``day`` begins in the workspace's zone."""
        return datetime(day.year, day.month, day.day, tzinfo=self.zone_info)

    def param(self, name: str) -> object:
        if name == "now":
            return self.now
        if name == "today":
            return self.today
        return self.params.get(name)
