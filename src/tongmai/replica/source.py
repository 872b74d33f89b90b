"""What the replica takes from PostgreSQL, all of it within one snapshot: where the feed stands, the catalogues, rows.

Why one snapshot and the history it sees suffice: an epoch is sealed only when none of its writers is at work any more,
so a snapshot that sees the block of an epoch sees all of that epoch's rows. What a later snapshot sees beyond an
earlier one is therefore in epochs after the last one that the earlier saw sealed. Taking the records of those entries
again, as they stand in the later snapshot, turns the earlier state into the later one exactly; entries that the
earlier snapshot had already seen (their epoch was not sealed yet) are merely taken twice, with the same outcome.
"""

# ruff: noqa: S608 - names come from quote_ident, values are bound

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from tongmai.model import Catalogue
from tongmai.replica.columns import HISTORY, csv_select
from tongmai.replica.manifest import Anchor, ColumnShape
from tongmai.store import Database, ReadTx, Workspace, quote_ident

_BATCH = 1 << 20
_BLOTTING = "('purge', 'redact')"
_BYTE_ORDERS = frozenset({"C", "POSIX", "C.UTF-8", "C.UTF8", "PG_UNICODE_FAST", "PG_C_UTF8"})


@dataclass(frozen=True)
class Mark:
    """Where a snapshot stands. ``epoch`` is the last one sealed, ``anchor`` the newest history row."""

    epoch: int
    anchor: Anchor | None
    catalogue_version: int
    ordered_by_bytes: bool


@dataclass(frozen=True)
class Touched:
    """An object some of whose records changed; ``is_blotted`` tells whether one of them, or a value, went for good."""

    object: str
    is_blotted: bool


class Snapshot:
    """One moment of a workspace's database, read-only."""

    def __init__(self, tx: ReadTx, workspace: Workspace) -> None:
        self._tx = tx
        self._workspace = workspace
        self._schema = workspace.quoted_schema

    async def mark(self) -> Mark:
        row = await self._tx.fetch_row(
            f"SELECT f.catalogue_version, (SELECT coalesce(max(epoch), 0) FROM {self._schema}._block) AS epoch,"
            " (SELECT coalesce(datlocale, datcollate) FROM pg_catalog.pg_database WHERE datname = current_database())"
            f" AS collation FROM {self._schema}._feed AS f"
        )
        assert row is not None
        anchor = await newest_entry(self._tx, self._workspace)
        return Mark(row["epoch"], anchor, row["catalogue_version"], row["collation"] in _BYTE_ORDERS)

    async def has(self, anchor: Anchor) -> bool:
        """Whether the history still has that row: else the database was put back to an earlier state."""
        hash_ = await self._tx.fetch_value(
            f"SELECT encode(hash, 'hex') FROM {self._schema}._history WHERE epoch = $1 AND seq = $2",
            anchor.epoch,
            anchor.seq,
        )
        return bool(hash_ == anchor.hash)

    async def catalogues(self, after: int, upto: int) -> list[Catalogue]:
        """Those of versions beyond ``after``, in order; the last one is in force in this snapshot."""
        rows = await self._tx.fetch(
            f"SELECT model::text AS model FROM {self._schema}._catalogue WHERE version > $1 AND version <= $2"
            " ORDER BY version",
            after,
            upto,
        )
        return [await asyncio.to_thread(Catalogue.model_validate_json, row["model"]) for row in rows]

    async def touched(self, after: int) -> list[Touched]:
        """The objects with history in epochs beyond ``after``."""
        rows = await self._tx.fetch(
            f"SELECT object, bool_or(action IN {_BLOTTING}) AS is_blotted FROM {self._schema}._history WHERE epoch > $1"
            " GROUP BY object ORDER BY object",
            after,
        )
        return [Touched(row["object"], row["is_blotted"]) for row in rows]

    async def blotted(self, after: int, upto: int) -> list[UUID]:
        """The records whose past was blotted out in these epochs, all of it or some values."""
        rows = await self._tx.fetch(
            f"SELECT DISTINCT record_id FROM {self._schema}._history"
            f" WHERE epoch > $1 AND epoch <= $2 AND action IN {_BLOTTING}",
            after,
            upto,
        )
        return [row["record_id"] for row in rows]

    async def has_older_values(self, object_key: str, column: str, after: int) -> bool:
        """Whether a record that is not touched has a value in a column that came since."""
        name = quote_ident(column)
        found: bool = await self._tx.fetch_value(
            f"SELECT EXISTS (SELECT FROM {self._table(object_key)} AS t WHERE t.{name} IS NOT NULL"
            f" AND NOT EXISTS (SELECT FROM {self._schema}._history AS h"
            " WHERE h.record_id = t.id AND h.epoch > $1 AND h.object = $2))",
            after,
            object_key,
        )
        return found

    async def copy_rows(self, object_key: str, columns: Mapping[str, ColumnShape], target: Path) -> None:
        """All records, deleted ones too."""
        await self._copy(f"SELECT {csv_select(columns)} FROM {self._table(object_key)} AS t", target)

    async def copy_touched_rows(
        self, object_key: str, columns: Mapping[str, ColumnShape], after: int, target: Path
    ) -> None:
        """The touched records as they are in this snapshot."""
        ids = f"SELECT h.record_id FROM {self._schema}._history AS h WHERE h.epoch > $1 AND h.object = $2"
        await self._copy(
            f"SELECT {csv_select(columns)} FROM {self._table(object_key)} AS t WHERE t.id IN ({ids})",
            target, after, object_key,
        )  # fmt: skip

    async def copy_touched_ids(self, object_key: str, after: int, target: Path) -> None:
        await self._copy(
            f"SELECT DISTINCT h.record_id FROM {self._schema}._history AS h WHERE h.epoch > $1 AND h.object = $2",
            target, after, object_key,
        )  # fmt: skip

    async def copy_history(self, after: int, upto: int, target: Path, again: Sequence[UUID] = ()) -> None:
        """The entries of these epochs, and all up to them of the records ``again``."""
        await self._copy(
            f"SELECT {csv_select(HISTORY, 'h')} FROM {self._schema}._history AS h WHERE h.epoch > $1 AND h.epoch <= $2"
            f" UNION ALL SELECT {csv_select(HISTORY, 'h')} FROM {self._schema}._history AS h"
            " WHERE h.record_id = ANY($3) AND h.epoch <= $1",
            target, after, upto, list(again),
        )  # fmt: skip

    def _table(self, object_key: str) -> str:
        return f"{self._schema}.{quote_ident(object_key)}"

    async def _copy(self, query: str, target: Path, *args: object) -> None:
        out = await asyncio.to_thread(target.open, "wb")
        try:
            waiting: list[bytes] = []
            size = 0
            async with contextlib.aclosing(self._tx.copy_out(query, *args, format="csv")) as chunks:
                async for chunk in chunks:
                    waiting.append(chunk)
                    size += len(chunk)
                    if size >= _BATCH:
                        await asyncio.to_thread(out.writelines, waiting)
                        waiting, size = [], 0
            await asyncio.to_thread(out.writelines, waiting)
        finally:
            await asyncio.to_thread(out.close)


@contextlib.asynccontextmanager
async def open_snapshot(database: Database, workspace: Workspace) -> AsyncIterator[Snapshot]:
    """REPEATABLE READ, without the limits of a request: a large object takes minutes."""
    async with database.snapshot() as tx:
        for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
            await tx.fetch_value("SELECT set_config($1, '0', true)", limit)
        yield Snapshot(tx, workspace)


async def newest_entry(tx: ReadTx, workspace: Workspace) -> Anchor | None:
    """The newest history row that is committed. An index leads to it."""
    row = await tx.fetch_row(
        f"SELECT epoch, seq, encode(hash, 'hex') AS hash FROM {workspace.quoted_schema}._history"
        " ORDER BY epoch DESC, seq DESC LIMIT 1"
    )
    return None if row is None else Anchor(epoch=row["epoch"], seq=row["seq"], hash=row["hash"])
