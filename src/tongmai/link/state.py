"""Where each source stands: the cursors of its streams, its health, when it is next due."""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

import orjson
from pydantic import JsonValue

from tongmai.kit import Clock, TongmaiError
from tongmai.link.runs import faults_json
from tongmai.link.source import Cursor, Health
from tongmai.store import ReadTx, Workspace, WriteTx

# The state of the source as a whole.
WHOLE = ""


@dataclass(frozen=True, slots=True)
class StreamState:
    """``detail`` holds what was last found out: a version and counts, or the faults."""

    stream: str
    cursor: Cursor | None
    healthy: bool | None
    detail: Mapping[str, JsonValue] | None
    checked_at: datetime | None
    pulled_at: datetime | None
    next_at: datetime | None


class States:
    """Reads and writes states of all workspaces."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def of(self, tx: ReadTx, workspace: Workspace, source: str) -> dict[str, StreamState]:
        """By stream."""
        rows = await tx.fetch(
            "SELECT stream, cursor, healthy, detail, checked_at, pulled_at, next_at"
            f" FROM {workspace.quoted_schema}._source_state WHERE source = $1",
            source,
        )
        return {
            row["stream"]: StreamState(
                row["stream"], _json(row["cursor"]), row["healthy"], _json(row["detail"]),
                row["checked_at"], row["pulled_at"], row["next_at"],
            )
            for row in rows
        }  # fmt: skip

    async def cursor(self, tx: ReadTx, workspace: Workspace, source: str, stream: str) -> Cursor | None:
        kept = await tx.fetch_value(
            f"SELECT cursor FROM {workspace.quoted_schema}._source_state WHERE source = $1 AND stream = $2",
            source,
            stream,
        )
        return _json(kept)

    async def move(self, tx: WriteTx, workspace: Workspace, source: str, stream: str, cursor: Cursor | None) -> None:
        """Notes how far a stream has been pulled; None: it begins anew next time."""
        await tx.execute(
            f"INSERT INTO {workspace.quoted_schema}._source_state (source, stream, cursor, pulled_at)"
            " VALUES ($1, $2, $3::text::jsonb, $4) ON CONFLICT (source, stream) DO UPDATE"
            " SET cursor = excluded.cursor, pulled_at = excluded.pulled_at",
            source, stream, None if cursor is None else orjson.dumps(cursor).decode(), self._clock.now(),
        )  # fmt: skip

    async def looked_at(self, tx: WriteTx, workspace: Workspace, source: str, stream: str) -> None:
        """Notes that a stream was pulled to its end, wherever it stands."""
        await tx.execute(
            f"INSERT INTO {workspace.quoted_schema}._source_state (source, stream, pulled_at) VALUES ($1, $2, $3)"
            " ON CONFLICT (source, stream) DO UPDATE SET pulled_at = excluded.pulled_at",
            source,
            stream,
            self._clock.now(),
        )

    async def tell(
        self, tx: WriteTx, workspace: Workspace, source: str, health: Health | TongmaiError, stream: str = WHOLE
    ) -> None:
        """Notes how the source fares."""
        healthy = isinstance(health, Health) and health.ok
        await tx.execute(
            f"INSERT INTO {workspace.quoted_schema}._source_state (source, stream, healthy, detail, checked_at)"
            " VALUES ($1, $2, $3, $4::text::jsonb, $5) ON CONFLICT (source, stream) DO UPDATE"
            " SET healthy = excluded.healthy, detail = excluded.detail, checked_at = excluded.checked_at",
            source, stream, healthy, _detail(health), self._clock.now(),
        )  # fmt: skip

    async def recovered(self, tx: WriteTx, workspace: Workspace, source: str) -> None:
        """Notes that a source works that was thought not to."""
        await tx.execute(
            f"INSERT INTO {workspace.quoted_schema}._source_state (source, stream, healthy, checked_at)"
            " VALUES ($1, '', true, $2) ON CONFLICT (source, stream) DO UPDATE SET healthy = true,"
            " checked_at = $2, detail = NULL WHERE _source_state.healthy IS NOT TRUE",
            source,
            self._clock.now(),
        )

    async def forget_fault(self, tx: WriteTx, workspace: Workspace, source: str) -> None:
        """Notes that it is not known whether a source still fails: what it was asked with has changed."""
        await tx.execute(
            f"UPDATE {workspace.quoted_schema}._source_state SET healthy = NULL, detail = NULL"
            " WHERE source = $1 AND stream = $2 AND healthy IS FALSE",
            source,
            WHOLE,
        )

    async def hold(
        self, tx: WriteTx, workspace: Workspace, source: str, stream: str, holder: UUID, until: datetime
    ) -> bool:
        """Takes or keeps a stream for one of several processes until a moment; whether it is the holder's."""
        taken = await tx.execute(
            f"INSERT INTO {workspace.quoted_schema}._source_state AS s (source, stream, next_at, detail)"
            " VALUES ($1, $2, $3, jsonb_build_object('watcher', $4::text)) ON CONFLICT (source, stream) DO UPDATE"
            " SET next_at = excluded.next_at, detail = excluded.detail"
            " WHERE s.next_at IS NULL OR s.next_at < $5 OR s.detail->>'watcher' = $4::text",
            source, stream, until, str(holder), self._clock.now(),
        )  # fmt: skip
        return taken == 1

    async def due(self, tx: WriteTx, workspace: Workspace, source: str, next_at: datetime) -> bool:
        """Whether the source is due now; it is then due again at ``next_at``, the next moment of its schedule. One
        that was never due waits for it, and so does one whose schedule was changed since."""
        now = self._clock.now()
        schema = workspace.quoted_schema
        await tx.execute(
            f"INSERT INTO {schema}._source_state AS s (source, stream, next_at) VALUES ($1, '', $2)"
            " ON CONFLICT (source, stream) DO UPDATE SET next_at = $2"
            " WHERE s.next_at IS NULL OR (s.next_at > $3 AND s.next_at <> $2)",
            source, next_at, now,
        )  # fmt: skip
        moved = await tx.execute(
            f"UPDATE {schema}._source_state SET next_at = $2"
            " WHERE source = $1 AND stream = '' AND next_at <= $3 AND next_at < $2",
            source, next_at, now,
        )  # fmt: skip
        return moved == 1


def _detail(health: Health | TongmaiError) -> str:
    if isinstance(health, TongmaiError):
        return orjson.dumps({"faults": orjson.loads(faults_json(health.faults))}).decode()
    told = {"text": [health.text.zh, health.text.en], "faults": orjson.loads(faults_json(health.faults))}
    return orjson.dumps({**health.detail, **told}).decode()


def _json(kept: str | None) -> dict[str, JsonValue] | None:
    return None if kept is None else cast("dict[str, JsonValue]", orjson.loads(kept))
