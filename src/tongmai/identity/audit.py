"""The audit log: who signed in or failed to, and who changed accounts and tokens. Never holds a secret."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import orjson

from tongmai.kit import new_id_at
from tongmai.store import WriteTx


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
