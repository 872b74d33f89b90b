"""Days that have ended: what a metric was on a day can be read again, and shown in lists as of then."""

from __future__ import annotations

import json
from datetime import timedelta

from tongmai.metrics import MetricsRunner, Snapshots

from .shop import Shop, metric
from .test_values import ago


async def recorded(shop: Shop) -> list[tuple[str, str | None]]:
    rows = await shop.fetch("SELECT day, value FROM {schema}._metric_day WHERE metric = 'orders' ORDER BY day")
    return [(str(row["day"]), row["value"]) for row in rows]


async def test_a_day_is_kept_where_it_differs_from_the_one_before(shop: Shop) -> None:
    customer = await shop.make("customer", name="甲")
    await shop.make("order", customer=customer, placed=ago(days=1))
    await shop.define(metric("orders", "count", window={"kind": "rolling", "days": 7}))
    runner = MetricsRunner(shop.database, shop.metrics)
    for _ in range(9):
        await shop.seal()
        await runner.bring_up(shop.workspace)
        shop.clock.advance(timedelta(days=1))
    assert await recorded(shop) == [("2026-11-02", "1"), ("2026-11-08", "0")]
    assert await Snapshots(shop.metrics).close_day(shop.workspace) is not None


async def test_a_list_as_of_a_moment_shows_the_values_of_the_day_before(shop: Shop) -> None:
    customer = await shop.make("customer", name="甲")
    await shop.define(metric("orders", "count"))
    runner = MetricsRunner(shop.database, shop.metrics)
    await shop.seal()
    await runner.bring_up(shop.workspace)
    shop.clock.advance(timedelta(days=1))
    await runner.bring_up(shop.workspace)
    await shop.make("order", customer=customer, placed=ago(days=1))
    await shop.seal()
    await runner.bring_up(shop.workspace)
    then = shop.clock.now()
    shop.clock.advance(timedelta(days=1))
    await runner.bring_up(shop.workspace)
    for as_of, expected in ((then, 0), (shop.clock.now(), 1), (None, 1)):
        found = await shop.gateway.list(shop.system, shop.workspace, "customer", as_of=as_of)
        assert [each["orders"] for each in json.loads(found)["items"]] == [expected]
