"""A shop of its own for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from tests.market.shop import Shop

from tongmai.kit import FixedClock, Settings, Text
from tongmai.schema import CatalogueStore, create_workspace
from tongmai.store import Database, drop_workspace


@pytest.fixture
async def shop(
    database: Database, clock: FixedClock, settings: Settings, request: pytest.FixtureRequest
) -> AsyncIterator[Shop]:
    store = CatalogueStore(database)
    key = f"m{abs(hash(request.node.nodeid)) % 10**8}"
    made = await create_workspace(database, store, clock, key, Text.same("市场"))
    yield Shop(database, clock, settings, made)
    async with database.write() as tx:
        await drop_workspace(tx, made)
