"""A fresh company at a desk, for each test."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator

import pytest

from tongmai.kit import FixedClock, Settings, Text
from tongmai.records import Gateway
from tongmai.records.files import Files
from tongmai.records.transfer import Transfer
from tongmai.schema import CatalogueStore, SchemaEditor, create_workspace
from tongmai.store import Database, drop_workspace

from .desk import CUSTOMER, ORDER, ROOT, Desk, define

_numbers = itertools.count(1)


@pytest.fixture
async def desk(database: Database, settings: Settings, clock: FixedClock) -> AsyncIterator[Desk]:
    """A workspace with customers, orders, two sellers (in one role) and a clerk."""
    catalogues = CatalogueStore(database)
    await catalogues.start()
    workspace = await create_workspace(database, catalogues, clock, f"desk_{next(_numbers)}", Text("测试", "Test"))
    editor = SchemaEditor(database, catalogues, clock, settings)
    await define(editor, catalogues, workspace, CUSTOMER, ORDER)
    gateway = Gateway(database, catalogues, clock, settings)
    files = Files(database, settings, clock, gateway)
    transfer = Transfer(database, catalogues, clock, settings, files)
    people = {}
    for name, role in (("王芳", "sales"), ("李强", "sales"), ("赵敏", "clerk")):
        made = await gateway.create(
            ROOT, workspace, "person", {"name": name, "roles": [role], "email": f"{len(people)}@example.com"}
        )
        people[name] = made.records[0].id
    yield Desk(database, settings, clock, workspace, catalogues, editor, gateway, files, transfer, people)
    await catalogues.close()
    async with database.write() as tx:
        await tx.execute("DELETE FROM tongmai.job WHERE workspace_id = $1", workspace.id)
        await drop_workspace(tx, workspace)
