"""The demo chain brought in the way any chain would be: people set up, sources connected, half a year pulled, then the
last days lived through one by one with rules in force."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from tongmai.demo.acting import Actors
from tongmai.demo.intake import AddPerson, Intake, Streams, Systems, Tell, found_company
from tongmai.demo.last_days import LastDays
from tongmai.demo.stores.chain import Chain
from tongmai.kit import FixedClock, Text
from tongmai.rules import settle
from tongmai.store import Workspace
from tongmai.web import Services

KEY = "demo_stores"
# What a row names comes before the row: who asks before who buys, the sale before the gift for it.
_ALL: Streams = (
    ("store_wecom", ("members", "customers", "messages")),
    ("till", ("stores", "goods", "stock")),
    (
        "store_registers",
        ("campaigns", "enquiries", "classes", "bookings", "incentives", "shelves", "visits", "demands"),
    ),
    ("till", ("sales",)),
    ("store_registers", ("gifts",)),
)
# A rule that looks at weeks in a row asks what was known at the end of each.
_WEEKS_TAKEN_IN = 6
_DONE = 0.6
_CALLS = "[state] = 'open' AND [kind] IN ('after_trial', 'book_again')"


@dataclass
class ChainLoading:
    """One load, into a workspace of its own. The last Monday morning and ``live_days`` at the end are lived through
    with rules in force; of ``past_weeks`` before them the classes are drawn anew."""

    services: Services
    clock: FixedClock
    chain: Chain
    systems: Systems
    add_person: Callable[[Workspace], AddPerson]
    tell: Tell
    live_days: int = 2
    past_weeks: int = 6

    async def run(self) -> Workspace:
        services, chain = self.services, self.chain
        week_ends, last_days = chain.week_ends(_WEEKS_TAKEN_IN), LastDays(chain, self.live_days)
        self.clock.moment = week_ends[0]
        workspace = await found_company(services, self.clock, KEY, Text("童趣成长", "Tongqu Kids"))
        intake = Intake(services, self.clock, self.systems, workspace, self.tell, self._steps)
        await intake.install("store")
        intake.told("安装门店销售管理系统", "The store app is installed")
        people = await intake.add_people(chain.teams, chain.people, chain.leader_of, self.add_person(workspace))
        await intake.connect()
        intake.told("人员与数据源", "People and sources")
        for moment in week_ends:
            await intake.take_in(moment, _ALL)
        await intake.take_in(last_days.begun, _ALL)
        await intake.classes_of_the_past(last_days.begun, self.past_weeks)
        await intake.seal()
        await settle(services.rules.engine, workspace)
        intake.told("规则自此生效", "Rules are in force from here")
        evening = Evening(services, workspace, people, chain)
        await last_days.live(intake, _ALL, _ALL, evening.live)
        await intake.disconnect()
        return workspace

    @property
    def _steps(self) -> int:
        """The app, people, rules in force; each source taken in; each past week and the present; each day."""
        return 3 + len(_ALL) * (_WEEKS_TAKEN_IN + 1) + self.past_weeks + 1 + self.live_days + 1


@dataclass
class Evening(Actors):
    """What people of the stores do in the product by themselves, as themselves: consultants close more than half of
    what they were asked to do."""

    chain: Chain

    async def live(self) -> None:
        for store in self.chain.stores:
            for consultant in store.consultants:
                actor = await self.actor(consultant.phone)
                rnd = self.chain.dice(f"evening {consultant.phone} {self.today()}")
                async for id_ in self.mine(actor, "task", _CALLS):
                    if rnd.random() < _DONE:
                        await self.services.work.tasks.done(actor, self.workspace, UUID(id_))
