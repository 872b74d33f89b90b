"""An app in a workspace, with the program's rounds by hand."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from tests.metrics.shop import Shop

from tongmai.access import SystemActor
from tongmai.market import AppPackage, built_in_apps, read_package
from tongmai.metrics import Segments
from tongmai.rules import Engine, Outbox, Signals, WorkEffects
from tongmai.work import Channels, Content, Notices, People, Runtime, Sweeper, Tasks

SYSTEM = SystemActor("test")
# The seven of S3-16.
CORE: dict[str, Any] = {
    "customer_type": "clinic",
    "industry": "dental",
    "budget_range": "under_50k",
    "decision_role": "owner",
    "city": "绍兴",
    "key_person": "李院长",
    "phone": "13575550000",
}


@lru_cache
def shipped(key: str) -> AppPackage:
    return read_package(dict(built_in_apps())[key])


def sales() -> AppPackage:
    return shipped("sales")


class Morning:
    """The app in a workspace with a supervisor and a sales person, and the program's rounds by hand."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        runtime = Runtime(shop.database, shop.catalogues, shop.gateway, shop.clock)
        notices = Notices(runtime, Channels())
        people, content = People(runtime), Content(runtime, notices)
        self.signals = Signals(runtime)
        effects = WorkEffects(runtime, people, Tasks(runtime, notices), notices, content, self.signals)
        self.sweeper = Sweeper(runtime, notices, people, content)
        self._engine = Engine(shop.database, shop.catalogues, shop.clock)
        self._outbox = Outbox(runtime, effects)

    async def round(self) -> None:
        await self.shop.refresh()
        await Segments(self.shop.metrics).evaluate(self.shop.workspace)
        await self._engine.advance(self.shop.workspace)
        await self._outbox.work_off(self.shop.workspace)

    async def records(self, object_key: str, condition: str, *fields: str) -> list[dict[str, Any]]:
        page = await self.shop.gateway.list(
            SYSTEM, self.shop.workspace, object_key, filter=condition, fields=fields or None
        )
        found: list[dict[str, Any]] = orjson.loads(page)["items"]
        return found


async def team(shop: Shop) -> tuple[UUID, UUID]:
    """A sales person and who leads the team."""
    team = await shop.make("team", name="绍兴一组")
    seller = await shop.make("person", name="林销售", team=team, roles=["sales"])
    lead = await shop.make("person", name="陈主管", team=team, roles=["supervisor"])
    await shop.change("team", team, lead=lead)
    return seller, lead
