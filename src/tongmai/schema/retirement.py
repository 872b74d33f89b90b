"""Columns and tables out of use: who keeps them, and their end when the retention date has passed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

import asyncpg
import structlog

from tongmai.kit import Unavailable
from tongmai.schema.names import Schema
from tongmai.schema.physical import Reader
from tongmai.schema.session import Session
from tongmai.schema.steps import Retired
from tongmai.store import quote_ident

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Expired:
    """How many columns and tables were dropped, and how many could not be yet (somebody's view uses them)."""

    columns: int = 0
    tables: int = 0
    kept: int = 0

    def __add__(self, other: Expired) -> Expired:
        return Expired(self.columns + other.columns, self.tables + other.tables, self.kept + other.kept)


async def kept_by(reader: Reader, schema: Schema, change_id: UUID) -> frozenset[Retired]:
    """What a change took out of use and what is still there of it."""
    rows = await reader.fetch(
        f"SELECT object, column_name FROM {schema('_retired')} WHERE change_id = $1",  # noqa: S608
        change_id,
    )
    return frozenset(Retired(table=row["object"], column=row["column_name"]) for row in rows)


async def has_expired(reader: Reader, schema: Schema, now: datetime) -> bool:
    """Whether anything is past its date."""
    rows = await reader.fetch(f"SELECT FROM {schema('_retired')} WHERE retire_at <= $1 LIMIT 1", now)
    return bool(rows)


async def expire_retired(session: Session, now: datetime) -> Expired:
    """Drops what is past its date, each in a transaction of its own. The session holds the editor lock."""
    rows = await session.fetch(
        f"SELECT DISTINCT object, column_name FROM {session.schema('_retired')} "  # noqa: S608
        "WHERE retire_at <= $1 ORDER BY object, column_name NULLS FIRST",
        now,
    )
    found = Expired()
    for each in _without_columns_of_tables([Retired(table=row["object"], column=row["column_name"]) for row in rows]):
        try:
            await session.under_locks(partial(_drop, session, each), each.table)
        except (asyncpg.DependentObjectsStillExistError, Unavailable) as error:
            _log.warning("schema.retired_kept", table=each.table, column=each.column, reason=type(error).__name__)
            found += Expired(kept=1)
        else:
            found += Expired(tables=1) if each.column is None else Expired(columns=1)
    return found


def _without_columns_of_tables(retired: Iterable[Retired]) -> list[Retired]:
    listed = list(retired)
    tables = {each.table for each in listed if each.column is None}
    return [each for each in listed if each.column is None or each.table not in tables]


async def _drop(session: Session, each: Retired) -> None:
    """Without CASCADE: what somebody built on it outside stays, and so does this."""
    table = session.schema(each.table)
    if each.column is None:
        await session.execute(f"DROP TABLE IF EXISTS {table}")
    else:
        await session.execute(f"ALTER TABLE IF EXISTS {table} DROP COLUMN IF EXISTS {quote_ident(each.column)}")
    await session.execute(
        f"DELETE FROM {session.schema('_retired')} "  # noqa: S608
        "WHERE object = $1 AND ($2::text IS NULL OR column_name = $2)",
        each.table,
        each.column,
    )
