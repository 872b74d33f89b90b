"""A workspace with its starting catalogue, an editor over it, and ways to write records as the gateway does."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator

import pytest

from tongmai.kit import FixedClock, Settings, Text
from tongmai.schema import CatalogueStore, SchemaEditor, create_workspace
from tongmai.store import Database, Workspace, drop_workspace

from .company import Company

_numbers = itertools.count(1)


@pytest.fixture
async def catalogues(database: Database) -> AsyncIterator[CatalogueStore]:
    store = CatalogueStore(database)
    await store.start()
    yield store
    await store.close()


@pytest.fixture
def editor(database: Database, catalogues: CatalogueStore, clock: FixedClock, settings: Settings) -> SchemaEditor:
    return SchemaEditor(database, catalogues, clock, settings)


@pytest.fixture
async def acme(database: Database, catalogues: CatalogueStore, clock: FixedClock) -> AsyncIterator[Workspace]:
    """A workspace with the tables of people and teams."""
    made = await create_workspace(database, catalogues, clock, f"acme_{next(_numbers)}", Text("甲公司", "Acme"))
    yield made
    async with database.write() as tx:
        await drop_workspace(tx, made)


@pytest.fixture
def company(
    database: Database, catalogues: CatalogueStore, editor: SchemaEditor, acme: Workspace, clock: FixedClock
) -> Company:
    return Company(database, catalogues, editor, acme, clock)
