"""The runner: a sealed change shows in the metrics without anybody asking."""

from __future__ import annotations

import asyncio

from tongmai.metrics import MetricsRunner

from .shop import Shop, metric
from .test_values import ago


async def test_a_sealed_change_reaches_the_metrics_and_segments_by_itself(shop: Shop) -> None:
    customer = await shop.make("customer", name="甲")
    await shop.define(metric("orders", "count"))
    await shop.full()
    running = asyncio.create_task(MetricsRunner(shop.database, shop.metrics, tick_s=3600).run())
    try:
        async with asyncio.timeout(20):
            placed = ago(days=1)
            while await shop.values("orders") != {"甲": 1}:
                if placed is not None:
                    await shop.make("order", customer=customer, placed=placed)
                    placed = None
                # Sealing announces; the runner may only just have begun to listen.
                await shop.make("product", name="x")
                await shop.seal()
                await asyncio.wait({running}, timeout=0.1)
                assert not running.done()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_time_alone_moves_windows(shop: Shop) -> None:
    customer = await shop.make("customer", name="甲")
    await shop.make("order", customer=customer, placed=shop.clock.now())
    await shop.define(metric("orders", "count", window={"kind": "calendar", "unit": "week"}))
    await shop.full()
    runner = MetricsRunner(shop.database, shop.metrics)
    shop.clock.advance(ago(days=0) - ago(days=7))
    await runner.bring_up(shop.workspace)
    assert await shop.values("orders") == {"甲": 0}
