"""A database of its own for one measurement, embedded, in a folder that goes with it."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tongmai.kit import Settings, SystemClock
from tongmai.store import Database


@asynccontextmanager
async def fresh_database(*, statement_timeout_s: int) -> AsyncIterator[tuple[Database, Settings]]:
    with tempfile.TemporaryDirectory(prefix="tongmai-bench-", ignore_cleanup_errors=True) as folder:
        settings = Settings(data_dir=Path(folder), database_url=None, statement_timeout_s=statement_timeout_s)
        database = await Database.open(settings, SystemClock())
        try:
            yield database, settings
        finally:
            await database.close()
