"""The audit log: who signed in or failed to, who changed accounts and tokens, who took data out, who looked at watched
records. Never holds a secret."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import orjson

from tongmai.kit import new_id_at
from tongmai.store import ReadTx, Record, WriteTx


async def write_audit(
    tx: WriteTx,
    at: datetime,
    kind: str,
    *,
    workspace_id: UUID | None = None,
    actor: UUID | None = None,
    detail: Mapping[str, object] | None = None,
) -> None:
    """Adds an entry in the caller's transaction. ``actor`` is a person's id; ``detail`` must be JSON."""
    await tx.execute(
        "INSERT INTO tongmai.audit (id, at, workspace_id, actor, kind, detail) VALUES ($1, $2, $3, $4, $5, $6)",
        new_id_at(at),
        at,
        workspace_id,
        actor,
        kind,
        orjson.dumps(detail or {}, default=str).decode(),
    )


async def read_audit(
    tx: ReadTx,
    workspace_id: UUID,
    *,
    kind: str | None = None,
    actor: UUID | None = None,
    record: UUID | None = None,
    before: UUID | None = None,
    limit: int = 100,
) -> list[Record]:
    """``id, at, actor, kind, detail`` (JSON text) of a workspace, the latest first. ``record`` are looks at that one;
    ``before`` is the ``id`` of the last entry seen."""
    return await tx.fetch(
        "SELECT id, at, actor, kind, detail::text AS detail FROM tongmai.audit WHERE workspace_id = $1"
        " AND ($2::text IS NULL OR kind = $2) AND ($3::uuid IS NULL OR actor = $3)"
        " AND ($4::text IS NULL OR detail -> 'records' ? $4)"
        " AND ($5::uuid IS NULL OR (at, id) < (SELECT b.at, b.id FROM tongmai.audit AS b WHERE b.id = $5))"
        " ORDER BY at DESC, id DESC LIMIT $6",
        workspace_id, kind, actor, None if record is None else str(record), before, limit,
    )  # fmt: skip
