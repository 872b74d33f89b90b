"""Metrics as of many moments in one pass are those of each moment by itself: over random histories, in both readings."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import duckdb
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.generic.test_metrics_converge import CUSTOMERS, METRICS, START, Play, everything, steps
from tests.metrics.shop import Shop, open_shop

from tongmai.kit import FixedClock, Settings, Text
from tongmai.metrics import Binder, MetricsOverTime, NotServed, OverTime, PastTables, values_item
from tongmai.replica import Replica
from tongmai.store import Database, create_workspace, drop_workspace

_numbers = itertools.count(1)
SERVED = tuple(each for each in METRICS if each.key not in ("overdue", "kept_up", "aged"))


def fetched(session: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    names = [column[0] for column in session.description or ()]
    return [dict(zip(names, row, strict=True)) for row in session.fetchall()]


async def at_each(shop: Shop, found: OverTime, n: int) -> list[dict[str, Any]]:
    rows = await found.run(lambda item: f"SELECT * FROM {item} AS v WHERE _n = {n} ORDER BY record_id", fetched)
    return [{key: value for key, value in row.items() if key != "_n"} for row in rows]


async def recorded_at(shop: Shop, moment: Any) -> list[dict[str, Any]]:
    """From the history, in PostgreSQL: what the live run would have computed then."""
    catalogue = await shop.catalogues.newest(shop.workspace)
    era = shop.metrics.era(shop.workspace, catalogue, moment)
    binder = Binder()
    tables = PastTables(shop.workspace, catalogue, binder("as_of", "timestamptz"))
    plan = shop.metrics.plan(catalogue, "customer")
    item, spans = values_item(plan, tables, binder, shop.workspace.zone, catalogue.calendar.working)
    statement = binder.statement(f"SELECT * FROM {item} AS v ORDER BY record_id")
    async with shop.database.read() as tx:
        return [dict(row) for row in await tx.fetch(statement.sql, *statement.arguments(spans.given(era)))]


@given(history=st.lists(steps, min_size=4, max_size=20), hours=st.lists(st.integers(-1000, 50), min_size=1, max_size=4))
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck),
          phases=[Phase.explicit, Phase.reuse, Phase.generate])  # fmt: skip
async def test_one_pass_gives_what_each_moment_gives(
    database: Database, settings: Settings, history: list[Any], hours: list[int]
) -> None:
    clock = FixedClock(START)
    async with database.write() as tx:
        workspace = await create_workspace(tx, f"over_time_{next(_numbers)}", Text("店", "Shop"), clock=clock)
    replica = Replica(database, workspace, clock, settings)
    try:
        shop = await open_shop(database, workspace, clock, settings)
        await shop.define(*SERVED)
        play = Play(shop)
        for place in range(CUSTOMERS):
            await play.do_owner(place, place)
            await play.do_order(place, place, -24 * place, 10 + place, "open", None)
        await play.do_team(0, 0)
        for step in history:
            await play.step(step)
        await shop.seal()
        await replica.rebuild()
        catalogue = await shop.catalogues.newest(workspace)
        moments = sorted({clock.now() + timedelta(hours=each) for each in hours})
        passes = MetricsOverTime(lambda _: replica, clock)
        keys = [each.key for each in SERVED]
        async with passes.open(workspace, catalogue, "customer", keys, moments, "dated") as found:
            assert isinstance(found, OverTime)
            for n, moment in enumerate(moments):
                await shop.metrics.full(workspace, moment)
                assert await at_each(shop, found, n) == await everything(shop)
        async with passes.open(workspace, catalogue, "customer", keys, moments, "recorded") as found:
            if isinstance(found, OverTime):
                for n, moment in enumerate(moments):
                    assert await at_each(shop, found, n) == await recorded_at(shop, moment)
            else:
                assert isinstance(found, NotServed) and "changed" in found.why.en
    finally:
        replica.duck.close()
        async with database.write() as tx:
            await drop_workspace(tx, workspace)
