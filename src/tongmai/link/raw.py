"""Raw rows: what the systems outside said, as they said it, each version of a row once.

Whoever writes a stream holds its advisory lock until the transaction ends; so rows become visible in the order of
their ``seq``, and a mapping that has read up to one has missed none before it.
"""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple

import orjson

from tongmai.kit import Clock, in_turns
from tongmai.link.raw_ready import ready_rows, together
from tongmai.link.raw_shelves import OF_STREAM, ends_at, shelve
from tongmai.link.raw_writing import RawWriting
from tongmai.link.source import Body, RawRow, SetAside, Shelf
from tongmai.store import ReadTx, Workspace, WriteTx, drop_passed_raw_months, make_coming_raw_months

# A workspace's key: somebody has rows to be mapped.
RAW_CHANNEL = "tongmai_raw"
_TOGETHER = 500
# Of rows held at once, as they lie here; unpacked they take some ten times as much.
_HELD_BYTES = 16 * 1024 * 1024
_LOOKED_AT, _LEAST_HELD = 50, 100
_SEQ = attrgetter("seq")


class StoredRow(NamedTuple):
    """A raw row as it lies here. ``version`` is the hash of what the source said."""

    seq: int
    key: str
    version: bytes
    body: Body
    deleted: bool
    at: datetime | None


@dataclass(frozen=True, slots=True)
class PutCounts:
    """Of the rows given: new ones, other versions of known ones, repetitions; and those that could not be stored."""

    new: int = 0
    changed: int = 0
    same: int = 0
    set_aside: tuple[SetAside, ...] = ()


class RawRows:
    """The raw rows of all workspaces."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def put(
        self,
        tx: WriteTx,
        workspace: Workspace,
        source: str,
        stream: str,
        rows: Sequence[RawRow],
        *,
        shelf: Shelf | None = None,
    ) -> PutCounts:
        """Stores what is new. Of a key that comes twice the last one counts. ``shelf`` is where the stream lies, as its
        source defines it; without one it lies where it did, or stands."""
        ready, set_aside = together(await in_turns(rows, ready_rows))
        if not ready:
            return PutCounts(set_aside=set_aside)
        await _lock(tx, workspace, source, stream)
        lies = await shelve(tx, workspace.quoted_schema, source, stream, shelf)
        new, changed = await RawWriting(tx, workspace, source, stream, lies, self._clock.now()).put(ready)
        return PutCounts(new, changed, len(ready) - new - changed, set_aside)

    async def announce(self, tx: WriteTx, workspace: Workspace) -> None:
        """Wakes whoever maps, when the transaction commits."""
        await tx.notify(RAW_CHANNEL, workspace.key)

    async def after(
        self,
        tx: ReadTx,
        workspace: Workspace,
        source: str,
        stream: str,
        seq: int,
        limit: int,
        *,
        until: int | None = None,
    ) -> list[StoredRow]:
        """The next rows in the order of ``seq``, up to ``until``."""
        schema = workspace.quoted_schema
        # Some hundred in one row of the answer: a row each costs more than what it holds.
        parts = await tx.fetch(
            "SELECT array_agg(r.seq), array_agg(r.key), array_agg(r.version), array_agg(r.deleted), array_agg(r.at),"
            " convert_to('[' || string_agg(r.body::text, ',') || ']', 'UTF8') FROM ("
            f"SELECT seq, key, version, body, deleted, at FROM {schema}._raw WHERE {OF_STREAM.format(schema=schema)}"
            "  AND seq > $3 AND seq <= coalesce($5, 9223372036854775807) ORDER BY seq LIMIT $4"
            f") AS r GROUP BY (r.seq - $3) / {_TOGETHER}",
            source, stream, seq, limit, until,
        )  # fmt: skip
        found: list[StoredRow] = []
        for part in parts:
            found += map(StoredRow, part[0], part[1], part[2], orjson.loads(part[5]), part[3], part[4])
            await asyncio.sleep(0)
        found.sort(key=_SEQ)
        return found

    async def page_rows(self, tx: ReadTx, workspace: Workspace, source: str, stream: str, seq: int, most: int) -> int:
        """How many of the rows behind ``seq`` to hold at once, ``most`` at most: fewer of mails than of chats."""
        schema = workspace.quoted_schema
        size = await tx.fetch_value(
            "SELECT avg(pg_column_size(r.body))::float8 FROM ("
            f"SELECT body FROM {schema}._raw WHERE {OF_STREAM.format(schema=schema)} AND seq > $3"
            " ORDER BY seq LIMIT $4) AS r",
            source, stream, seq, _LOOKED_AT,
        )  # fmt: skip
        return most if not size else min(most, max(_LEAST_HELD, int(_HELD_BYTES / size)))

    async def are_unmoved(
        self, tx: ReadTx, workspace: Workspace, source: str, stream: str, rows: Sequence[StoredRow]
    ) -> bool:
        """Whether rows that followed one another lie as they lay: another version of one would have moved it."""
        schema = workspace.quoted_schema
        count: int = await tx.fetch_value(
            # By their numbers alone, whatever the planner thinks of a stream that has just begun.
            f"SELECT count(*) FROM (SELECT source, stream FROM {schema}._raw WHERE seq BETWEEN $3 AND $4 OFFSET 0) AS r"
            " WHERE source = $1 AND stream = $2",
            source, stream, rows[0].seq, rows[-1].seq,
        )  # fmt: skip
        return count == len(rows)

    async def bodies(
        self, tx: ReadTx, workspace: Workspace, source: str, stream: str, keys: Iterable[str]
    ) -> dict[str, StoredRow]:
        """Rows by key."""
        schema = workspace.quoted_schema
        # Looked for one by one, whatever the planner thinks of a stream that has just grown.
        rows = await tx.fetch(
            "SELECT r.seq, r.key, r.version, r.body, r.deleted, r.at FROM unnest($3::text[]) AS g(key)"
            f" CROSS JOIN LATERAL (SELECT * FROM {schema}._raw WHERE {OF_STREAM.format(schema=schema)} AND key = g.key"
            "  OFFSET 0) AS r",
            source, stream, list(dict.fromkeys(keys)),
        )  # fmt: skip
        return {
            row["key"]: StoredRow(
                row["seq"], row["key"], row["version"], orjson.loads(row["body"]), row["deleted"], row["at"]
            )
            for row in rows
        }

    async def live_keys(
        self, tx: ReadTx, workspace: Workspace, source: str, stream: str, came_before: datetime
    ) -> frozenset[str]:
        """The keys of rows that the source has, as far as was known by a moment."""
        schema = workspace.quoted_schema
        rows = await tx.fetch(
            f"SELECT key FROM {schema}._raw WHERE {OF_STREAM.format(schema=schema)} AND NOT deleted AND came_at < $3",
            source, stream, came_before,
        )  # fmt: skip
        return frozenset(row["key"] for row in rows)

    async def touch(self, tx: WriteTx, workspace: Workspace, source: str, stream: str, keys: Sequence[str]) -> int:
        """Lets mappings look at rows again, though the source said nothing new; how many."""
        await _lock(tx, workspace, source, stream)
        schema = workspace.quoted_schema
        rows = await tx.fetch(
            f"UPDATE {schema}._raw SET seq = nextval('{schema}._raw_seq')"
            f" WHERE {OF_STREAM.format(schema=schema)} AND key = ANY($3) RETURNING seq",
            source, stream, list(keys),
        )  # fmt: skip
        if rows:
            await ends_at(tx, schema, source, stream, max(row["seq"] for row in rows))
        return len(rows)

    async def keep_months(self, tx: WriteTx, workspace: Workspace, before: datetime) -> int:
        """Makes the months to come, and drops those of what passes that were over before a moment; how many. What
        became of their rows stays, and its lineage with it: the same told again changes nothing.

        Raises ``Unavailable`` where readers hold the months: it waits a fifth of a second.
        """
        await tx.execute("SET LOCAL lock_timeout = '200ms'")
        await make_coming_raw_months(tx, workspace.quoted_schema, self._clock.now())
        return await drop_passed_raw_months(tx, workspace.quoted_schema, before)

    async def last_seq(self, tx: ReadTx, workspace: Workspace, source: str, stream: str) -> int:
        """Where a stream ends."""
        schema = workspace.quoted_schema
        found: int | None = await tx.fetch_value(
            f"SELECT last_seq FROM {schema}._raw_stream WHERE source = $1 AND stream = $2", source, stream
        )
        return found or 0


async def _lock(tx: WriteTx, workspace: Workspace, source: str, stream: str) -> None:
    """Holds the stream to the end of the transaction. What follows is planned as the tables are then: a plan that was
    kept from when a month was empty would go through all of it for each row."""
    await tx.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended($1, 0)),"
        " set_config('plan_cache_mode', 'force_custom_plan', true)",
        f"{workspace.schema}\n{source}\n{stream}",
    )
