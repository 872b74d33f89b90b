"""Raw rows: what the systems outside said, as they said it, each version of a row once.

Whoever writes a stream holds its advisory lock until the transaction ends; so rows become visible in the order of
their ``seq``, and a mapping that has read up to one has missed none before it.
"""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, cast

import orjson
from pydantic import JsonValue

from tongmai.kit import Clock, Fault, Text
from tongmai.link.source import Body, RawRow, SetAside
from tongmai.store import ReadTx, Workspace, WriteTx

# A workspace's key: somebody has rows to be mapped.
RAW_CHANNEL = "tongmai_raw"
_LARGEST_BODY = 1024 * 1024
_FORGOTTEN_AT_ONCE = 200


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
        self, tx: WriteTx, workspace: Workspace, source: str, stream: str, rows: Sequence[RawRow]
    ) -> PutCounts:
        """Stores what is new. Of a key that comes twice the last one counts."""
        ready, set_aside = _ready(rows)
        if not ready:
            return PutCounts(set_aside=set_aside)
        schema = workspace.quoted_schema
        await tx.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"{workspace.schema}\n{source}\n{stream}"
        )
        keys, versions, bodies, deleted, moments = zip(*ready, strict=True)
        row = await tx.fetch_row(
            f"""
            WITH given AS (
                SELECT * FROM unnest($3::text[], $4::bytea[], $5::text[], $6::boolean[], $7::timestamptz[])
                    WITH ORDINALITY AS g(key, version, body, deleted, at, n)
            ), known AS (
                SELECT g.key, r.version IS NOT DISTINCT FROM g.version AS same, r.key IS NULL AS new
                FROM given g LEFT JOIN {schema}._raw r ON r.source = $1 AND r.stream = $2 AND r.key = g.key
            ), put AS (
                INSERT INTO {schema}._raw (source, stream, key, version, body, deleted, at, came_at)
                SELECT $1, $2, g.key, g.version, g.body::jsonb, g.deleted, g.at, $8
                FROM given g JOIN known k USING (key) WHERE NOT k.same ORDER BY g.n
                ON CONFLICT (source, stream, key) DO UPDATE SET seq = nextval('{schema}._raw_seq'),
                    version = excluded.version, body = excluded.body, deleted = excluded.deleted, at = excluded.at,
                    came_at = excluded.came_at
            )
            SELECT count(*) FILTER (WHERE new) AS new, count(*) FILTER (WHERE NOT new AND NOT same) AS changed,
                   count(*) FILTER (WHERE same AND NOT new) AS same FROM known
            """,
            source, stream, keys, versions, bodies, deleted, moments, self._clock.now(),
        )  # fmt: skip
        assert row is not None
        return PutCounts(row["new"], row["changed"], row["same"], set_aside)

    async def announce(self, tx: WriteTx, workspace: Workspace) -> None:
        """Wakes whoever maps, when the transaction commits."""
        await tx.notify(RAW_CHANNEL, workspace.key)

    async def after(
        self, tx: ReadTx, workspace: Workspace, source: str, stream: str, seq: int, limit: int
    ) -> list[StoredRow]:
        """The next rows in the order of ``seq``."""
        rows = await tx.fetch(
            f"SELECT seq, key, version, body, deleted, at FROM {workspace.quoted_schema}._raw"
            " WHERE source = $1 AND stream = $2 AND seq > $3 ORDER BY seq LIMIT $4",
            source, stream, seq, limit,
        )  # fmt: skip
        loads = orjson.loads
        return [StoredRow(row[0], row[1], row[2], loads(row[3]), row[4], row[5]) for row in rows]

    async def bodies(
        self, tx: ReadTx, workspace: Workspace, source: str, stream: str, keys: Iterable[str]
    ) -> dict[str, StoredRow]:
        """Rows by key."""
        # Joined, as a list of thousands of keys would be gone through for each row of the stream.
        rows = await tx.fetch(
            "SELECT r.seq, r.key, r.version, r.body, r.deleted, r.at FROM unnest($3::text[]) AS g(key)"
            f" JOIN {workspace.quoted_schema}._raw AS r ON r.source = $1 AND r.stream = $2 AND r.key = g.key",
            source, stream, list(dict.fromkeys(keys)),
        )  # fmt: skip
        return {
            row["key"]: StoredRow(
                row["seq"], row["key"], row["version"], orjson.loads(row["body"]), row["deleted"], row["at"]
            )
            for row in rows
        }

    async def touch(self, tx: WriteTx, workspace: Workspace, source: str, stream: str, keys: Sequence[str]) -> int:
        """Lets mappings look at rows again, though the source said nothing new; how many."""
        await tx.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"{workspace.schema}\n{source}\n{stream}"
        )
        return await tx.execute(
            f"UPDATE {workspace.quoted_schema}._raw SET seq = nextval('{workspace.quoted_schema}._raw_seq')"
            " WHERE source = $1 AND stream = $2 AND key = ANY($3)",
            source, stream, list(keys),
        )  # fmt: skip

    async def forget(self, tx: WriteTx, workspace: Workspace, source: str, stream: str, before: datetime) -> int:
        """Removes the oldest rows that came before a moment, some at a time; how many. What they became stays, and
        its lineage with it: the same told again changes nothing."""
        raw = f"{workspace.quoted_schema}._raw"
        return await tx.execute(
            f"DELETE FROM {raw} WHERE source = $1 AND stream = $2 AND key = ANY(ARRAY(SELECT key FROM {raw}"
            " WHERE source = $1 AND stream = $2 ORDER BY seq LIMIT $4)) AND came_at < $3",
            source, stream, before, _FORGOTTEN_AT_ONCE,
        )  # fmt: skip

    async def last_seq(self, tx: ReadTx, workspace: Workspace, source: str, stream: str) -> int:
        found: int | None = await tx.fetch_value(
            f"SELECT seq FROM {workspace.quoted_schema}._raw WHERE source = $1 AND stream = $2"
            " ORDER BY seq DESC LIMIT 1",
            source,
            stream,
        )
        return found or 0


def version_of(body: bytes, deleted: bool) -> bytes:
    """16 bytes that tell versions apart."""
    return hashlib.blake2b(body, digest_size=16, key=b"deleted" if deleted else b"").digest()


_Ready = tuple[str, bytes, str, bool, datetime | None]


def _ready(rows: Sequence[RawRow]) -> tuple[list[_Ready], tuple[SetAside, ...]]:
    ready: dict[str, _Ready] = {}
    set_aside = []
    for row in rows:
        try:
            body = orjson.dumps(row.body, option=orjson.OPT_SORT_KEYS)
            key = row.key
            if b"\\u0000" in body or "\x00" in key:
                body = orjson.dumps(_without_nul(cast("JsonValue", row.body)), option=orjson.OPT_SORT_KEYS)
                key = key.replace("\x00", "")
            key.encode()
        except (TypeError, ValueError, RecursionError):
            set_aside.append(SetAside(_shown(row.key), (_UNREADABLE,)))
            continue
        if not key or len(key) > 500:
            set_aside.append(SetAside(_shown(key), (_BAD_KEY,)))
        elif len(body) > _LARGEST_BODY:
            set_aside.append(SetAside(key, (_TOO_LARGE,)))
        else:
            # Anew at the end: of two versions the later one is stored, at its place.
            ready.pop(key, None)
            ready[key] = (key, version_of(body, row.deleted), body.decode(), row.deleted, row.at)
    return list(ready.values()), tuple(set_aside)


def _shown(key: str) -> str:
    return key.encode("utf-8", "replace").decode().replace("\x00", "")[:200] or "?"


def _without_nul(value: JsonValue) -> JsonValue:
    """PostgreSQL's texts cannot hold the NUL character, and nobody has ever meant one."""
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, list):
        return [_without_nul(each) for each in value]
    if isinstance(value, Mapping):
        return {name.replace("\x00", ""): _without_nul(each) for name, each in value.items()}
    return value


_UNREADABLE = Fault("raw.unreadable", Text("这一行含有不能保存的内容", "The row holds what cannot be stored"))
_BAD_KEY = Fault("raw.bad_key", Text("这一行没有可用的键", "The row has no usable key"))
_TOO_LARGE = Fault("raw.too_large", Text("这一行超过 1 MB", "The row is larger than 1 MB"))
