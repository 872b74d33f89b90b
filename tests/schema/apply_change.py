"""A program that applies one changeset, to be killed in the middle: ``apply_change.py DSN WORKSPACE CHANGESET``."""

from __future__ import annotations

import asyncio
import sys

from pydantic import SecretStr

from tongmai.kit import Settings, SystemClock
from tongmai.model import Changeset
from tongmai.schema import CatalogueStore, SchemaEditor
from tongmai.store import Database, find_workspace


async def main(dsn: str, key: str, changeset: str) -> None:
    settings, clock = Settings(database_url=SecretStr(dsn)), SystemClock()
    database = await Database.open(settings, clock)
    try:
        async with database.read() as tx:
            workspace = await find_workspace(tx, key)
        assert workspace is not None
        editor = SchemaEditor(database, CatalogueStore(database), clock, settings)
        await editor.apply(workspace, Changeset.model_validate_json(changeset), None)
    finally:
        await database.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
