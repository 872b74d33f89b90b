"""A program that changes a workspace, to be killed in the middle:
``to_be_killed.py apply DSN WORKSPACE CHANGESET``, ``… install DSN WORKSPACE FOLDER`` or ``… remove DSN WORKSPACE APP``.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from pydantic import SecretStr

from tongmai.kit import Settings, SystemClock
from tongmai.market import Market, read_package
from tongmai.model import Changeset
from tongmai.records import Gateway
from tongmai.schema import CatalogueStore, SchemaEditor
from tongmai.store import Database, find_workspace


async def main(deed: str, dsn: str, key: str, what: str) -> None:
    settings, clock = Settings(database_url=SecretStr(dsn)), SystemClock()
    database = await Database.open(settings, clock)
    try:
        async with database.read() as tx:
            workspace = await find_workspace(tx, key)
        assert workspace is not None
        catalogues = CatalogueStore(database)
        editor = SchemaEditor(database, catalogues, clock, settings)
        if deed == "apply":
            await editor.apply(workspace, Changeset.model_validate_json(what), None)
        else:
            gateway = Gateway(database, catalogues, clock, settings)
            market = Market(database, catalogues, editor, gateway, clock)
            if deed == "install":
                await market.install(workspace, read_package(Path(what)))
            else:
                await market.remove(workspace, what)
    finally:
        await database.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
