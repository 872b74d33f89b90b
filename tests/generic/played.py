"""A shop in which something was played already: customers with owners, orders and lines, and every metric defined."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.generic.test_metrics_converge import CUSTOMERS, METRICS, START, Play
from tests.metrics.shop import open_shop

from tongmai.kit import FixedClock, Settings, Text
from tongmai.store import Database, create_workspace, drop_workspace

_numbers = itertools.count(1)


@asynccontextmanager
async def played(database: Database, settings: Settings, clock: FixedClock) -> AsyncIterator[Play]:
    """The play over a workspace of its own, at the moment of ``clock``, which is set to the usual one."""
    clock.moment = START
    async with database.write() as tx:
        workspace = await create_workspace(tx, f"played_{next(_numbers)}", Text("店", "Shop"), clock=clock)
    try:
        shop = await open_shop(database, workspace, clock, settings)
        await shop.define(*METRICS)
        play = Play(shop)
        for place in range(CUSTOMERS):
            await play.do_owner(place, place)
            await play.do_order(place, place, -24 * place, 10 + place, "open", None)
            await play.do_line(place, place, 0, 1)
        await play.do_team(0, 0)
        yield play
    finally:
        async with database.write() as tx:
            await drop_workspace(tx, workspace)
