"""A workspace without an app (``app``), and one with the sales app (``morning``) or the store app (``counter``), brought
up once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from tests.apps.morning import Morning, shipped
from tests.metrics.shop import Shop

from tongmai.kit import FixedClock, Settings, Text
from tongmai.market import Market
from tongmai.metrics import Metrics
from tongmai.records import Gateway
from tongmai.schema import CatalogueStore, SchemaEditor, create_workspace
from tongmai.store import Database, drop_workspace


@pytest.fixture
async def app(
    database: Database, clock: FixedClock, settings: Settings, request: pytest.FixtureRequest
) -> AsyncIterator[tuple[Shop, Market]]:
    catalogues = CatalogueStore(database)
    key = f"s{abs(hash(request.node.nodeid)) % 10**8}"
    workspace = await create_workspace(database, catalogues, clock, key, Text.same("销售"))
    gateway = Gateway(database, catalogues, clock, settings)
    editor = SchemaEditor(database, catalogues, clock, settings)
    shop = Shop(database, workspace, gateway, catalogues, editor, clock, settings, Metrics(database, catalogues, clock))
    yield shop, Market(database, catalogues, editor, gateway, clock)
    async with database.write() as tx:
        await drop_workspace(tx, workspace)


@pytest.fixture
async def morning(app: tuple[Shop, Market]) -> Morning:
    return await _brought_up(app, "sales")


@pytest.fixture
async def counter(app: tuple[Shop, Market]) -> Morning:
    return await _brought_up(app, "store")


async def _brought_up(app: tuple[Shop, Market], key: str) -> Morning:
    shop, market = app
    await market.install(shop.workspace, shipped(key))
    found = Morning(shop)
    await found.round()
    shop.clock.advance(timedelta(minutes=1))
    return found
