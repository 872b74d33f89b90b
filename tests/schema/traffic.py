"""People at work while the structure changes: writers and readers as the gateway has them, counting what fails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg

from tongmai.kit import new_id

from .company import Company

_OUTDATED = "TM001"


@dataclass
class Traffic:
    """What happened: writes and reads that were answered, and every error that a person would have seen."""

    written: list[UUID] = field(default_factory=list)
    reads: int = 0
    failures: list[str] = field(default_factory=list)
    slowest_s: float = 0.0


@asynccontextmanager
async def traffic(
    company: Company, object_key: str, values: dict[str, Any], writers: int = 4
) -> AsyncIterator[Traffic]:
    """``writers`` create, update and list records of an object until the block ends, with the fields that are there."""
    seen, stop = Traffic(), asyncio.Event()
    connections = [await asyncpg.connect(company.database.dsn) for _ in range(writers)]
    tasks = [
        asyncio.create_task(_work(company, connection, object_key, values, seen, stop)) for connection in connections
    ]
    try:
        yield seen
    finally:
        stop.set()
        await asyncio.gather(*tasks)
        for connection in connections:
            await connection.close()


async def _work(
    company: Company,
    connection: asyncpg.Connection[Any],
    object_key: str,
    values: dict[str, Any],
    seen: Traffic,
    stop: asyncio.Event,
) -> None:
    clock = asyncio.get_running_loop().time
    while not stop.is_set():
        began = clock()
        try:
            record_id = await _create(company, connection, object_key, values)
            seen.written.append(record_id)
            await _touch(company, connection, object_key, record_id, values)
            await _read(company, connection, object_key, record_id)
            seen.reads += 1
        except Exception as error:
            seen.failures.append(f"{type(error).__name__}: {error}")
        seen.slowest_s = max(seen.slowest_s, clock() - began)
        await asyncio.sleep(0)


async def _create(
    company: Company, connection: asyncpg.Connection[Any], object_key: str, values: dict[str, Any]
) -> UUID:
    record_id, now = new_id(company.clock), company.clock.now()

    async def write(version: int, columns: dict[str, object]) -> None:
        names = "".join(f', "{name}"' for name in columns)
        places = "".join(f", ${place}" for place in range(4, 4 + len(columns)))
        await connection.execute(
            f"WITH opened AS MATERIALIZED (SELECT {company.schema('_open_change')}($1) AS epoch) "
            f"INSERT INTO {company.schema(object_key)} (id, created_at, changed_at{names}) "
            f"SELECT $2, $3, $3{places} FROM opened",
            version, record_id, now, *columns.values(),
        )  # fmt: skip

    await _with_present_catalogue(company, object_key, values, write)
    return record_id


async def _touch(
    company: Company, connection: asyncpg.Connection[Any], object_key: str, record_id: UUID, values: dict[str, Any]
) -> None:
    async def write(version: int, columns: dict[str, object]) -> None:
        sets = "".join(f', "{name}" = ${place}' for place, name in enumerate(columns, start=3))
        await connection.execute(
            f"WITH opened AS MATERIALIZED (SELECT {company.schema('_open_change')}($1) AS epoch) "
            f"UPDATE {company.schema(object_key)} SET version = version + 1{sets} FROM opened WHERE id = $2",
            version, record_id, *columns.values(),
        )  # fmt: skip

    await _with_present_catalogue(company, object_key, values, write)


async def _with_present_catalogue(company: Company, object_key: str, values: dict[str, Any], write: Any) -> None:
    """As the gateway does: a writer whose catalogue is old reads it again and writes once more."""
    for _ in range(5):
        catalogue = await company.catalogue()
        definition = catalogue.object_by_key[object_key]
        columns = {
            definition.by_key[key].column_name: value(definition.by_key[key].type) if callable(value) else value
            for key, value in values.items()
            if key in definition.by_key
        }
        try:
            return await write(catalogue.version, columns)
        except asyncpg.PostgresError as error:
            if error.sqlstate != _OUTDATED:
                raise
        await company.catalogues.reload(company.workspace, at_least=catalogue.version + 1)
    raise AssertionError("the catalogue changed five times during one write")


async def _read(company: Company, connection: asyncpg.Connection[Any], object_key: str, record_id: UUID) -> None:
    definition = (await company.catalogue()).object_by_key[object_key]
    columns = ", ".join(f'"{each.column_name}"' for each in definition.fields)
    row = await connection.fetchrow(f"SELECT id, {columns} FROM {company.schema(object_key)} WHERE id = $1", record_id)
    assert row is not None
