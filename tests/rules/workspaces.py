"""A workspace for each example of a property: what one example wrote must not be there for the next."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.conftest import START
from tests.metrics.shop import Shop, open_shop

from tongmai.kit import FixedClock, Settings, Text
from tongmai.store import Database, create_workspace, drop_workspace

_numbers = itertools.count(1)


@asynccontextmanager
async def fresh_shop(database: Database, settings: Settings) -> AsyncIterator[Shop]:
    """A shop at the usual moment, dropped afterwards."""
    clock = FixedClock(START)
    async with database.write() as tx:
        made = await create_workspace(tx, f"rules_{next(_numbers)}", Text("规则", "Rules"), clock=clock)
    try:
        yield await open_shop(database, made, clock, settings)
    finally:
        async with database.write() as tx:
            await drop_workspace(tx, made)
