"""A worker of its own process, to be killed: ``import_worker.py DSN DATA_DIR MOMENT``."""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime
from pathlib import Path

from pydantic import SecretStr

from tongmai.kit import FixedClock, Settings
from tongmai.records import Gateway
from tongmai.records.files import Files
from tongmai.records.transfer import Transfer
from tongmai.schema import CatalogueStore
from tongmai.store import Database, JobWorker


async def main(dsn: str, data_dir: str, moment: str) -> None:
    clock = FixedClock(datetime.fromisoformat(moment))
    settings = Settings(database_url=SecretStr(dsn), data_dir=Path(data_dir))
    database = await Database.open(settings, clock)
    catalogues = CatalogueStore(database)
    await catalogues.start()
    files = Files(database, settings, clock, Gateway(database, catalogues, clock, settings))
    transfer = Transfer(database, catalogues, clock, settings, files)
    await JobWorker(database, transfer.job_handlers(), clock).run_until_idle()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
