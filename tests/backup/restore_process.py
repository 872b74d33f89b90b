"""A restore in a process of its own, to be killed: ``restore_process.py DSN DATA_DIR FILE KEY``."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from pydantic import SecretStr

from tongmai.backup import restore
from tongmai.kit import Settings, SystemClock
from tongmai.records.file_store import FileStore
from tongmai.store import Database


async def main(dsn: str, data_dir: str, file: str, key: str) -> None:
    settings = Settings(database_url=SecretStr(dsn), data_dir=Path(data_dir))
    database = await Database.open(settings, SystemClock())
    await restore(database, FileStore(settings), SystemClock(), Path(file), key=key)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
