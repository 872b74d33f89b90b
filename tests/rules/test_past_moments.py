"""Ends of periods and late schedules are told alike by the replica and by PostgreSQL, in live rules too."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from tests.metrics.shop import Shop, metric

from tongmai.kit import Settings
from tongmai.replica import Replica
from tongmai.rules import Engine
from tongmai.rules.past_moments import past_moments
from tongmai.store import Database

from .backtesting import at
from .desk import open_desk, rule
from .workspaces import fresh_shop

HELD = rule("quiet", {"kind": "holds", "periods": 2, "period": "day"}, "recency >= 2 AND level IS NOT BLANK")
LATE = rule("daily", {"kind": "scheduled", "cron": "0 12 * * *"}, "weekly = 0 OR level = 'C'",
            then=[{"kind": "notify", "to": ["owner"], "title": "{name} {weekly} {recency}"}])  # fmt: skip
_Line = tuple[str, datetime, dict[str, Any], str]


async def lived(shop: Shop, replica: Replica | None) -> tuple[list[_Line], set[str]]:
    """Ten days with a round at the morning of each: what fired, and which engines told."""
    desk = open_desk(shop)
    engines: set[str] = set()
    if replica is not None:
        desk.engine = Engine(shop.database, shop.catalogues, shop.clock, find=lambda _: replica)
    opened = desk.engine.open_moments

    def noted(*asked: Any) -> Any:
        return _Noted(opened(*asked), engines)

    desk.engine.open_moments = noted
    shop.clock.moment = at("2026-09-01T09:00")
    await shop.define(metric("recency", "days_since"), metric("weekly", "count", window={"kind": "rolling", "days": 7}))
    await desk.define(HELD, LATE)
    made: list[UUID] = [await shop.make("customer", name=name, level="A") for name in "甲乙丙"]
    for day in range(10):
        shop.clock.moment = at("2026-09-02T10:00") + timedelta(days=day)
        if day % 3 == 0:
            await shop.make("order", customer=made[day % 2], placed=shop.clock.now(), amount=day)
        if day == 4:
            await shop.change("customer", made[2], level="C")
        if day == 6:
            await shop.gateway.delete(shop.system, shop.workspace, "customer", made[2])
        await shop.seal()
        if replica is not None:
            await replica.rebuild()
        await desk.round()
    rows = await shop.fetch(
        "SELECT rule, f.at, seen::text AS seen, coalesce(told ->> '0.title', '') AS title"
        " FROM {schema}._firing f JOIN {schema}.customer c ON c.id = f.record_id ORDER BY rule, f.at, c.name"
    )
    return [(row["rule"], row["at"], orjson.loads(row["seen"]), row["title"]) for row in rows], engines


class _Noted:
    """Moments that tell which engine answers."""

    def __init__(self, opened: Any, engines: set[str]) -> None:
        self._opened, self._engines = opened, engines

    async def __aenter__(self) -> Any:
        found = await self._opened.__aenter__()
        self._engines.add(found.engine)
        return found

    async def __aexit__(self, *error: Any) -> Any:
        return await self._opened.__aexit__(*error)


async def test_the_replica_fires_what_postgresql_fires(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with fresh_shop(database, settings) as shop:
        exact, engines = await lived(shop, None)
        assert engines == {"postgres"} and len({line[0] for line in exact}) == 2
    monkeypatch.setattr("tongmai.rules.backtest_engines.FEWEST_ROWS", 0)
    async with fresh_shop(database, settings) as shop:
        replica = Replica(database, shop.workspace, shop.clock, settings)
        try:
            quick, engines = await lived(shop, replica)
        finally:
            replica.duck.close()
        assert engines == {"duckdb"}
        assert quick == exact


async def test_a_replica_that_has_not_heard_of_all_is_not_asked(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Something that is not sealed yet is in the tables alone."""
    monkeypatch.setattr("tongmai.rules.backtest_engines.FEWEST_ROWS", 0)
    async with fresh_shop(database, settings) as shop:
        await shop.make("customer", name="甲", level="C")
        await shop.seal()
        replica = Replica(database, shop.workspace, shop.clock, settings)
        try:
            await replica.rebuild()
            second = await shop.make("customer", name="乙", level="C")
            catalogue = await shop.catalogues.newest(shop.workspace)
            wanted = rule("c", {"kind": "scheduled", "cron": "0 12 * * *"}, "level = 'C'")
            moment = shop.clock.now()
            opened = past_moments(database, lambda _: replica)
            async with opened(shop.workspace, catalogue, wanted, [moment]) as past:
                assert past.engine == "postgres"
                assert second in await past.standing(moment)
            await shop.seal()
            async with opened(shop.workspace, catalogue, wanted, [moment]) as past:
                assert past.engine == "duckdb"
                assert second in await past.standing(moment)
        finally:
            replica.duck.close()
