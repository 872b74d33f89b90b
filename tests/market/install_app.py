"""A program that installs an app from a folder, to be killed in the middle: ``install_app.py DSN WORKSPACE FOLDER``."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from pydantic import SecretStr

from tongmai.kit import Settings, SystemClock
from tongmai.market import Market, read_package
from tongmai.records import Gateway
from tongmai.schema import CatalogueStore, SchemaEditor
from tongmai.store import Database, find_workspace


async def main(dsn: str, key: str, folder: str) -> None:
    settings, clock = Settings(database_url=SecretStr(dsn)), SystemClock()
    database = await Database.open(settings, clock)
    try:
        async with database.read() as tx:
            workspace = await find_workspace(tx, key)
        assert workspace is not None
        catalogues = CatalogueStore(database)
        editor = SchemaEditor(database, catalogues, clock, settings)
        gateway = Gateway(database, catalogues, clock, settings)
        await Market(database, catalogues, editor, gateway, clock).install(workspace, read_package(Path(folder)))
    finally:
        await database.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
