"""Writes history rows below the gateway, for the tests of sealing and verification."""

from __future__ import annotations

import json
from uuid import UUID

from tongmai.kit import Clock, new_id
from tongmai.records.entry import entry_sql
from tongmai.store import Database, Workspace, WriteTx


async def write_rows(tx: WriteTx, workspace: Workspace, clock: Clock, count: int) -> list[UUID]:
    """``count`` creations in the caller's transaction; the records' ids."""
    schema = workspace.quoted_schema
    ids = [new_id(clock) for _ in range(count)]
    source = f"""
        SELECT e.epoch, $1::timestamptz AS at, 'customer' AS object, x.id AS record_id, 1 AS version,
               'create' AS action,
               NULL::uuid AS actor, 'system:test' AS via, NULL::text AS cause, NULL::jsonb AS before,
               $3::text::jsonb AS after
        FROM (SELECT {schema}._open_change(NULL) AS epoch) AS e, unnest($2::uuid[]) WITH ORDINALITY AS x(id, n)
        ORDER BY x.n
    """
    await tx.execute(entry_sql(schema, source), clock.now(), ids, json.dumps({"name": "甲", "amount": 3.5}))
    return ids


async def write_change(database: Database, workspace: Workspace, clock: Clock, count: int = 1) -> list[UUID]:
    async with database.write() as tx:
        return await write_rows(tx, workspace, clock, count)
