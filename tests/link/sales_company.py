"""An app installed in a workspace of its own, with the room of sources over it; gone at the end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx

from tongmai.kit import FixedClock, Settings
from tongmai.link import Links
from tongmai.market import Market, built_in_apps, read_package
from tongmai.records import Files, Gateway
from tongmai.records.transfer import Transfer
from tongmai.schema import CatalogueStore, SchemaEditor, create_workspace
from tongmai.store import Database, Workspace, drop_workspace

START = datetime(2026, 11, 2, 9, tzinfo=ZoneInfo("Asia/Shanghai"))


@dataclass(frozen=True)
class SalesCompany:
    """The rooms, at 2026-11-02 09:00 until a test moves the clock."""

    database: Database
    workspace: Workspace
    catalogues: CatalogueStore
    gateway: Gateway
    links: Links
    clock: FixedClock


@asynccontextmanager
async def sales_company(
    database: Database,
    settings: Settings,
    app: str = "sales",
    http: httpx.AsyncClient | None = None,
    clock: FixedClock | None = None,
) -> AsyncIterator[SalesCompany]:
    """For the tests of one file: the app takes seconds to install. ``http`` is what sources speak with,
    ``clock`` what their systems read too."""
    clock, catalogues = clock or FixedClock(START), CatalogueStore(database)
    package = read_package(dict(built_in_apps())[app])
    workspace = await create_workspace(database, catalogues, clock, f"s{uuid4().hex[:8]}", package.info.label)
    gateway = Gateway(database, catalogues, clock, settings)
    editor = SchemaEditor(database, catalogues, clock, settings)
    await Market(database, catalogues, editor, gateway, clock).install(workspace, package)
    transfer = Transfer(database, catalogues, clock, settings, Files(database, settings, clock, gateway))
    links = Links(database, catalogues, clock, settings, gateway, transfer.loader, http=http)
    yield SalesCompany(database, workspace, catalogues, gateway, links, clock)
    await links.close()
    catalogues.forget(workspace)
    async with database.write() as tx:
        await drop_workspace(tx, workspace)
