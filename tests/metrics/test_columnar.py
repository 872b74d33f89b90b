"""Metrics over the columnar replica while it is behind: what went since it was brought up leaves no values."""

from __future__ import annotations

from tongmai.kit import FixedClock, Settings
from tongmai.metrics import Metrics
from tongmai.replica import Replica
from tongmai.store import Database

from .shop import Shop, metric


async def test_records_that_went_since_the_replica_was_brought_up_have_no_values(
    shop: Shop, database: Database, settings: Settings, clock: FixedClock
) -> None:
    await shop.define(
        metric("orders", "count"), metric("latest", "days_since"), metric("spent", "count", where="amount > 1")
    )
    customers = {name: await shop.make("customer", name=name) for name in ("stays", "deleted", "purged", "alone")}
    for name in ("stays", "deleted"):
        await shop.make("order", customer=customers[name], placed="2026-10-30T01:00:00Z", amount=5)
    await shop.seal()
    replica = Replica(database, shop.workspace, clock, settings)
    try:
        await replica.advance()
        await shop.gateway.delete(shop.system, shop.workspace, "customer", customers["deleted"])
        await shop.gateway.delete(shop.system, shop.workspace, "customer", customers["purged"])
        await shop.gateway.purge(shop.system, shop.workspace, "customer", customers["purged"])
        await shop.seal()
        columnar = Metrics(database, shop.catalogues, clock, replica=lambda _: replica, fewest_rows=0)
        for _ in range(2):
            with replica.shelf.alone():
                (done,) = await columnar.full(shop.workspace)
            assert done.engine.name == "duckdb"
            found = await shop.values("orders", "latest", "latest__why", "spent")
            assert found == {"stays": (1, 3, None, 1), "alone": (0, None, "no_rows", 0)}
        # Later ones: what already has values loses them too.
        await shop.gateway.delete(shop.system, shop.workspace, "customer", customers["alone"])
        await shop.seal()
        with replica.shelf.alone():
            await columnar.full(shop.workspace)
        assert set(await shop.values("orders")) == {"stays"}
    finally:
        replica.duck.close()
