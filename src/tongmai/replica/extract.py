"""What DuckDB worked out over the replica, on its way elsewhere: a CSV file that lives as long as it is read."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import duckdb

from tongmai.kit import Clock, new_id
from tongmai.replica.duck import text_constant
from tongmai.replica.replica import Replica


@contextlib.asynccontextmanager
async def extracted(replica: Replica, clock: Clock, sql: str, values: Sequence[object]) -> AsyncIterator[Path]:
    """The rows of a SELECT of ours, as PostgreSQL's COPY reads CSV (no header, NULL is nothing between two commas).

    The manifest that ``sql`` reads must be leased meanwhile. Raises ``duckdb.Error``.
    """
    target = replica.shelf.folder / f".extract-{new_id(clock).hex}.csv"

    def work(session: duckdb.DuckDBPyConnection) -> None:
        session.execute(f"COPY ({sql}) TO {text_constant(str(target.resolve()))} (FORMAT csv, HEADER false)", values)

    try:
        await replica.duck.run(work)
        yield target
    finally:
        await asyncio.to_thread(target.unlink, missing_ok=True)
