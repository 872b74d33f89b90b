"""What people of the demo company do in the product by themselves, as themselves: note how talks went, tap the day's
progress, close tasks. Through the doors that their screens use."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson

from tongmai.access import Actor
from tongmai.demo.world import World
from tongmai.identity import load_actor
from tongmai.kit import Internal
from tongmai.link.light_entry import LightEntries
from tongmai.store import Workspace
from tongmai.web import Services

# Of the customers talked to on a day, whose status is noted the same evening; of the tasks due, which are done; of the
# deals that go on, of which something is tapped.
_NOTED, _DONE, _TAPPED = 0.8, 0.55, 0.3
# What is tapped, and how often.
_PROGRESS = {
    "poc_time": 3,
    "tender_received": 2,
    "plan_passed": 2,
    "quote_discussed": 4,
    "order_agreed": 1,
    "nothing_new": 4,
}
_NEXT_STEPS = ("周三带样品复测", "补齐报价明细", "约科室主任面谈", "确认合同条款")
_STATUSES = ("in_touch", "waiting", "ordering")


@dataclass
class Actors:
    """Everybody by phone number, as actors are loaded for them."""

    services: Services
    workspace: Workspace
    people: dict[str, UUID]

    async def actor(self, phone: str) -> Actor:
        async with self.services.database.read() as tx:
            found = await load_actor(tx, self.workspace, self.people[phone])
        if found is None:
            raise Internal.of("demo.person", f"找不到人员 {phone}", f"There is no person {phone}")
        return found

    async def mine(self, actor: Actor, object_key: str, condition: str) -> AsyncIterator[str]:
        """Ids of what is his own."""
        page = orjson.loads(
            await self.services.gateway.list(
                actor, self.workspace, object_key, filter=f"[owner] = ME() AND ({condition})", fields=("id",),
                limit=500, count=False,
            )
        )  # fmt: skip
        for each in page["items"]:
            yield each["id"]

    def today(self) -> str:
        return f"{self.services.clock.now().astimezone(ZoneInfo(self.workspace.zone)):%Y-%m-%d}"


@dataclass
class Colleagues(Actors):
    """The sales people of an evening."""

    world: World
    entries: LightEntries

    async def evening(self) -> None:
        """Sales people note how most of the day's talks went and what came of their deals, and close half of their
        tasks."""
        for seller in self.world.sellers:
            actor = await self.actor(seller.phone)
            rnd = self.world.dice(f"evening {seller.phone} {self.today()}")
            async for id_ in self.mine(actor, "customer", f"[last_reply_at] >= '{self.today()}'"):
                if rnd.random() < _NOTED:
                    values = {"follow_status": rnd.choice(_STATUSES)}
                    await self.services.gateway.update(actor, self.workspace, "customer", UUID(id_), values)
            await self._tap(actor, rnd)
            async for id_ in self.mine(actor, "task", "[state] = 'open' AND [kind] = 'cadence'"):
                if rnd.random() < _DONE:
                    await self.services.work.tasks.done(actor, self.workspace, UUID(id_))

    async def _tap(self, actor: Actor, rnd: Random) -> None:
        """S2-19, S2-20: one tap a deal, in a few seconds; now and then a word about the next step."""
        async for id_ in self.mine(actor, "opportunity", "[stage] NOT IN ('won', 'stalled', 'lost')"):
            if rnd.random() >= _TAPPED:
                continue
            preset = rnd.choices(list(_PROGRESS), list(_PROGRESS.values()))[0]
            values = {"next_step": rnd.choice(_NEXT_STEPS)} if rnd.random() < 0.3 else {}
            seconds = Decimal(rnd.randint(4, 13) + 9 * len(values))
            await self.entries.write(
                actor, self.workspace, "follow_up", preset, UUID(id_), values=values, seconds=seconds
            )
