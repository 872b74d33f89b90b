"""A worker of its own that pulls until it is killed: ``python pull_process.py <dsn> <data dir> <sources' folder> [rows
mapped at a time]``."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from pydantic import SecretStr

from tongmai.kit import Settings, SystemClock
from tongmai.link import Links
from tongmai.records import Files, Gateway
from tongmai.records.transfer import Transfer
from tongmai.schema import CatalogueStore
from tongmai.store import Database, JobWorker


async def main(dsn: str, data_dir: str, folder: str, page: str = "20000") -> None:
    settings = Settings(database_url=SecretStr(dsn), data_dir=Path(data_dir), source_folders=(Path(folder),))
    clock = SystemClock()
    database = await Database.open(settings, clock)
    catalogues = CatalogueStore(database)
    await catalogues.start()
    gateway = Gateway(database, catalogues, clock, settings)
    transfer = Transfer(database, catalogues, clock, settings, Files(database, settings, clock, gateway))
    links = Links(database, catalogues, clock, settings, gateway, transfer.loader)
    links.mapper._page = int(page)
    await JobWorker(database, links.job_handlers(), clock).run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
