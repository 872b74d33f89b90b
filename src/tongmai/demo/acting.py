"""What people of the demo company do in the product by themselves, as themselves: note how talks went, close tasks.
Through the doors that their screens use."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson

from tongmai.access import Actor
from tongmai.demo.world import World
from tongmai.identity import load_actor
from tongmai.kit import Internal
from tongmai.store import Workspace
from tongmai.web import Services

# Of the customers talked to on a day, whose status is noted the same evening; of the tasks due, which are done.
_NOTED, _DONE = 0.8, 0.55
_STATUSES = ("in_touch", "waiting", "ordering")


@dataclass
class Colleagues:
    """Everybody by phone number, as actors are loaded for them."""

    services: Services
    workspace: Workspace
    world: World
    people: dict[str, UUID]

    async def evening(self) -> None:
        """Sales people note how most of the day's talks went, and close half of their tasks."""
        for seller in self.world.sellers:
            actor = await self.actor(seller.phone)
            rnd = self.world.dice(f"evening {seller.phone} {self._today()}")
            async for id_ in self._mine(actor, "customer", f"[last_reply_at] >= '{self._today()}'"):
                if rnd.random() < _NOTED:
                    values = {"follow_status": rnd.choice(_STATUSES)}
                    await self.services.gateway.update(actor, self.workspace, "customer", UUID(id_), values)
            async for id_ in self._mine(actor, "task", "[state] = 'open' AND [kind] = 'cadence'"):
                if rnd.random() < _DONE:
                    await self.services.work.tasks.done(actor, self.workspace, UUID(id_))

    def _today(self) -> str:
        return f"{self.services.clock.now().astimezone(ZoneInfo(self.workspace.zone)):%Y-%m-%d}"

    async def actor(self, phone: str) -> Actor:
        async with self.services.database.read() as tx:
            found = await load_actor(tx, self.workspace, self.people[phone])
        if found is None:
            raise Internal.of("demo.person", f"找不到人员 {phone}", f"There is no person {phone}")
        return found

    async def _mine(self, actor: Actor, object_key: str, condition: str) -> AsyncIterator[str]:
        """Ids of what is his own."""
        page = orjson.loads(
            await self.services.gateway.list(
                actor, self.workspace, object_key, filter=f"[owner] = ME() AND ({condition})", fields=("id",),
                limit=500, count=False,
            )
        )  # fmt: skip
        for each in page["items"]:
            yield each["id"]
