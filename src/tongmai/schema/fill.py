"""Filling a column of a table that others write to, in batches that hold nobody up.

A batch locks the rows it can have at once and passes over those that a writer holds, so that it never waits for a row
while it holds others: no writer can end in a deadlock with it. Rows passed over are done one by one at the end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeAlias
from uuid import UUID

from tongmai.schema.names import Schema
from tongmai.schema.session import Session
from tongmai.schema.steps import Fill
from tongmai.store import quote_ident

# done rows so far
RowsDone: TypeAlias = Callable[[int], Awaitable[None]]

_FIRST_ROWS = 1_000
_MOST_ROWS = 20_000
# A writer that wants a row of the batch waits for no longer than about this.
_AIM_S = 0.1


class BatchSize:
    """How many rows the next batch takes, so that it lasts about a tenth of a second."""

    def __init__(self, rows: int = _FIRST_ROWS) -> None:
        self.rows = rows

    def learn(self, seconds: float) -> None:
        factor = min(2.0, max(0.25, _AIM_S / max(seconds, 0.001)))
        self.rows = min(_MOST_ROWS, max(50, int(self.rows * factor)))


async def fill_column(session: Session, step: Fill, on_rows: RowsDone) -> None:
    """Brings every row that fulfils the step's condition to the step's value. Running it again changes nothing."""
    batch = _batch_sql(session.schema, step)
    size, seen, last = BatchSize(), 0, UUID(int=0)
    missed: list[UUID] = []
    clock = asyncio.get_running_loop().time
    while True:
        began = clock()
        (found,) = await session.fetch(batch, last, size.rows)
        if found["last"] is None:
            break
        last, seen = found["last"], seen + found["seen"]
        missed += found["missed"]
        size.learn(clock() - began)
        await on_rows(seen)
    for record_id in missed:
        await session.under_locks(partial(_fill_one, session, step, record_id), step.table)


async def _fill_one(session: Session, step: Fill, record_id: UUID) -> None:
    await session.execute(
        f"UPDATE {session.schema(step.table)} t SET {quote_ident(step.target)} = {step.value} "  # noqa: S608
        f'WHERE t."id" = $1 AND ({step.where})',
        record_id,
    )


def _batch_sql(schema: Schema, step: Fill) -> str:
    """$1: the last id seen, $2: how many rows. Answers the last id, rows seen and the ids that a writer held."""
    table = schema(step.table)
    return f"""
        WITH span AS MATERIALIZED (
            SELECT "id" FROM {table} WHERE "id" > $1 ORDER BY "id" LIMIT $2
        ), wanted AS MATERIALIZED (
            SELECT t."id" FROM {table} t JOIN span ON span."id" = t."id" WHERE {step.where}
        ), held AS MATERIALIZED (
            SELECT t."id" FROM {table} t JOIN wanted ON wanted."id" = t."id" FOR NO KEY UPDATE OF t SKIP LOCKED
        ), done AS (
            UPDATE {table} t SET {quote_ident(step.target)} = {step.value}
            FROM held WHERE t."id" = held."id" AND ({step.where})
        )
        SELECT (SELECT "id" FROM span ORDER BY "id" DESC LIMIT 1) AS last,
               (SELECT count(*) FROM span) AS seen,
               ARRAY(SELECT "id" FROM wanted EXCEPT SELECT "id" FROM held) AS missed
    """  # noqa: S608
