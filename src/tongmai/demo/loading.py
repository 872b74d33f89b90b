"""The demo company brought in the way any company would be: people set up, sources connected, two years pulled, then
the last days lived through one by one with rules in force.

What U8 and DingTalk held at the end of each of the weeks before comes in at the end of that week: a rule on weeks in a
row asks what was known at the end of each, and two years that came in at once would tell it nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from tongmai.demo.acting import Colleagues
from tongmai.demo.deals import SHORT_WEEKS
from tongmai.demo.first_state import bring_in_first_state
from tongmai.demo.intake import AddPerson, Intake, Streams, Systems, Tell, found_company
from tongmai.demo.last_days import LastDays
from tongmai.demo.people import OPERATIONS, TEAMS, leader_of, staff
from tongmai.demo.world import World
from tongmai.kit import FixedClock, Text
from tongmai.rules import settle
from tongmai.store import Workspace
from tongmai.web import Services

KEY = "demo"
_EVENING: Streams = (
    ("u8", ()), ("wecom", ("messages", "calls", "moment_interactions")), ("dingtalk", ("approvals",)), ("ledgers", ()),
)  # fmt: skip
_MORNING: Streams = (("u8", ()), ("wecom", ("messages",)))
_WEEKLY: Streams = (("u8", ()), ("dingtalk", ("members", "approvals")))
_FIRST: Streams = (
    ("u8", ()), ("wecom", ("members", "customers", "messages", "calls", "moment_interactions")),
    ("dingtalk", ("members", "approvals")), ("ledgers", ()),
)  # fmt: skip


@dataclass
class Loading:
    """One load, into a workspace of its own. The last Monday morning and ``live_days`` at the end are lived through
    with rules in force; of ``past_weeks`` before them the classes are drawn anew."""

    services: Services
    clock: FixedClock
    world: World
    systems: Systems
    add_person: Callable[[Workspace], AddPerson]
    tell: Tell
    live_days: int = 2
    past_weeks: int = 8

    @property
    def last_days(self) -> LastDays:
        return LastDays(self.world, self.live_days)

    @property
    def week_ends(self) -> list[datetime]:
        """The evenings before, each of a Sunday, on which what the week brought comes in; on the first all before."""
        return self.world.week_ends(SHORT_WEEKS - 1)

    async def run(self) -> Workspace:
        self.clock.moment = self.week_ends[0]
        services = self.services
        workspace = await found_company(services, self.clock, KEY, Text("绍越医械", "Shaoyue Medical"))
        intake = Intake(services, self.clock, self.systems, workspace, self.tell, self._steps)
        await intake.install("sales")
        intake.told("安装销售管理系统", "The sales app is installed")
        people = await intake.add_people(TEAMS, staff(), leader_of, self.add_person(workspace))
        colleagues = Colleagues(services, workspace, people, self.world, intake.links.light_entries)
        await intake.connect()
        intake.told("人员与数据源", "People and sources")
        for moment in self.week_ends:
            await intake.take_in(moment, _WEEKLY)
        begun = self.last_days.begun
        await intake.take_in(begun, _FIRST)
        await intake.classes_of_the_past(begun, self.past_weeks)
        rnd = self.world.dice("first reminders")
        await bring_in_first_state(services, workspace, await colleagues.actor(OPERATIONS), rnd)
        await intake.seal()
        await settle(services.rules.engine, workspace)
        intake.told("规则自此生效", "Rules are in force from here")
        await self.last_days.live(intake, _MORNING, _EVENING, colleagues.evening)
        await intake.disconnect()
        return workspace

    @property
    def _steps(self) -> int:
        """The app, people, rules in force; each source taken in; each past week and the present; each day."""
        taken_in = len(_WEEKLY) * len(self.week_ends) + len(_FIRST)
        return 3 + taken_in + self.past_weeks + 1 + self.live_days + 1
