"""A structural change does not wait for housekeeping to end, on whichever of its tables that is at work."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from tongmai.store import EmbeddedServer

from .company import Company, field

_ROWS = 20_000
_PATIENCE_S = 40.0


@pytest.mark.parametrize("may_disturb", [True, False])
async def test_a_relation_comes_while_its_target_is_vacuumed(
    company: Company, postgres: EmbeddedServer, may_disturb: bool
) -> None:
    await company.add_object("customer", field("name"))
    await company.add_object("order", field("code"))
    async with vacuumed(company, postgres, "customer", may_disturb=may_disturb):
        began = asyncio.get_running_loop().time()
        await company.add_field("order", field("customer", "relation", options={"target": "customer"}))
        took = asyncio.get_running_loop().time() - began
    assert took < 20
    assert "customer" in (await company.catalogue()).object_by_key["order"].by_key


@asynccontextmanager
async def vacuumed(
    company: Company, postgres: EmbeddedServer, object_key: str, *, may_disturb: bool
) -> AsyncIterator[None]:
    """An autovacuum of the object's table that takes minutes, if nobody disturbs it, has begun.

    ``may_disturb``: the program's role has the right to, as it has on the embedded server.
    """
    table = company.schema(object_key)
    home = postgres.cluster.home
    connection = await asyncpg.connect(
        host=str(home / "run"), user="postgres", password=postgres.cluster.secret("superuser"), database="tongmai"
    )
    try:
        await connection.execute(
            f"ALTER TABLE {table} SET (autovacuum_vacuum_threshold = 1, autovacuum_vacuum_scale_factor = 0,"
            f" autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1)"
        )
        await connection.execute(
            f'INSERT INTO {table} ("id", "version", "created_at", "changed_at", "name")'
            f" SELECT uuidv7(), 1, now(), now(), n::text FROM generate_series(1, {_ROWS}) AS n"
        )
        await connection.execute(f'UPDATE {table} SET "version" = 2')
        await connection.execute("ALTER SYSTEM SET autovacuum_naptime = '1s'")
        await connection.execute("SELECT pg_reload_conf()")
        await _begun(connection, table)
        if not may_disturb:
            await connection.execute("REVOKE pg_signal_autovacuum_worker FROM tongmai")
        yield
    finally:
        await connection.execute("GRANT pg_signal_autovacuum_worker TO tongmai")
        await connection.execute("ALTER SYSTEM RESET autovacuum_naptime")
        await connection.execute("SELECT pg_reload_conf()")
        await connection.close()


async def _begun(connection: asyncpg.Connection[asyncpg.Record], table: str) -> None:
    at_work = (
        "SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE l.granted"
        " AND a.backend_type = 'autovacuum worker' AND a.query LIKE 'autovacuum: VACUUM%'"
        " AND l.relation = $1::text::regclass AND l.mode = 'ShareUpdateExclusiveLock')"
    )
    async with asyncio.timeout(_PATIENCE_S):
        while not await connection.fetchval(at_work, table):  # noqa: ASYNC110 - the server tells nobody
            await asyncio.sleep(0.02)
