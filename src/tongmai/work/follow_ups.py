"""What is to be done later, once: kept in the transaction that asks for it, done by a sweep."""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

import orjson

from tongmai.store import Workspace, WriteTx

FollowUpKind = Literal["care", "remind"]


@dataclass(frozen=True, slots=True)
class FollowUp:
    """``task`` is what led to it; ``key`` tells it apart for ever."""

    key: str
    kind: FollowUpKind
    due_at: datetime
    person: UUID
    task: UUID


async def plan(tx: WriteTx, workspace: Workspace, follow_up: FollowUp) -> None:
    """Keeps it; nothing where one with its key is kept already."""
    await tx.execute(
        f"INSERT INTO {workspace.quoted_schema}._follow_up (key, kind, due_at, person, content)"
        " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (key) DO NOTHING",
        follow_up.key, follow_up.kind, follow_up.due_at, follow_up.person,
        orjson.dumps({"task": str(follow_up.task)}).decode(),
    )  # fmt: skip


async def take_due(tx: WriteTx, workspace: Workspace, now: datetime) -> FollowUp | None:
    """The next one that is due, marked as done in the caller's transaction; others take other ones meanwhile."""
    row = await tx.fetch_row(
        f"UPDATE {workspace.quoted_schema}._follow_up SET done_at = $1 WHERE key = ("
        f"SELECT key FROM {workspace.quoted_schema}._follow_up WHERE done_at IS NULL AND due_at <= $1"
        " ORDER BY due_at, key LIMIT 1 FOR UPDATE SKIP LOCKED)"
        " RETURNING key, kind, due_at, person, content::text AS content",
        now,
    )
    if row is None:
        return None
    task = UUID(orjson.loads(row["content"])["task"])
    return FollowUp(row["key"], row["kind"], row["due_at"], row["person"], task)
