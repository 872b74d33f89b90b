"""What people do with content, kept twice: for the library itself, and as a record that metrics and lists can count.

Both are written in the caller's transaction, so that neither is there without the other; where a workspace has no such
records yet, ``bring_uses`` makes them later of what the library kept.
"""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import JsonValue

from tongmai.access import SystemActor
from tongmai.kit import new_id
from tongmai.model import CONTENT, CONTENT_USE
from tongmai.store import Workspace, WriteTx
from tongmai.work.runtime import Runtime
from tongmai.work.subject import Subject

ContentEvent = Literal["opened", "used", "confirmed"]
# A record's writer takes no more at once.
_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Use:
    """One thing done with an edition of a pack, about ``subject`` if about anything."""

    content: UUID
    title: str
    edition: int
    event: ContentEvent | Literal["pushed"]
    subject: Subject | None = None


async def keep_uses(
    runtime: Runtime, tx: WriteTx, workspace: Workspace, use: Use, keys: Mapping[UUID, str | None]
) -> None:
    """For each person, but where it was kept under the person's key before."""
    now, about = runtime.now(), use.subject
    counted = await runtime.has_object(workspace, CONTENT_USE)
    about_object, about_id = (None, None) if about is None else (about.object, str(about.id))
    kept = await tx.fetch(
        f"INSERT INTO {workspace.quoted_schema}._content_event"
        " (id, content, edition, person, event, subject_object, subject_id, key, at, recorded)"
        " SELECT u.id, $1, $2, u.person, $3, $4, $5, u.key, $6, $10"
        " FROM unnest($7::uuid[], $8::uuid[], $9::text[]) AS u(id, person, key)"
        " ON CONFLICT (key) DO NOTHING RETURNING person",
        use.content, use.edition, use.event, about_object, about_id, now,
        [new_id(runtime.clock) for _ in keys], list(keys), list(keys.values()),
        counted,
    )  # fmt: skip
    people: list[UUID] = sorted(row["person"] for row in kept)
    if not people or not counted:
        return
    title = None if about is None else about.title
    values = [_values(use, person, now, about_object, about_id, title) for person in people]
    for start in range(0, len(values), _AT_ONCE):
        await _record(runtime, tx, workspace, values[start : start + _AT_ONCE], use.event)


async def bring_uses(runtime: Runtime, workspace: Workspace) -> int:
    """Makes records of some of what was done before there were any, each at the moment it was done; how many events
    were looked at, 0 when none is left. Several processes may do so at once."""
    if not await runtime.has_object(workspace, CONTENT_USE):
        return 0

    async def work(tx: WriteTx) -> int:
        schema = workspace.quoted_schema
        rows = await tx.fetch(
            "SELECT e.id, e.content, coalesce(v.title, c.title, '') AS title, e.edition, e.event, e.at,"
            " e.subject_object, e.subject_id, p.id AS person, c.id IS NOT NULL AND NOT EXISTS"
            f" (SELECT FROM {schema}.{CONTENT_USE} AS u WHERE u.owner = e.person AND u.content = e.content"
            "  AND u.event = e.event AND u.edition = e.edition AND u.happened_at = e.at) AS missing"
            f" FROM {schema}._content_event AS e LEFT JOIN {schema}.{CONTENT} AS c ON c.id = e.content"
            f" LEFT JOIN {schema}._content_edition AS v ON v.content = e.content AND v.edition = e.edition"
            f" LEFT JOIN {schema}.person AS p ON p.id = e.person"
            f" WHERE NOT e.recorded ORDER BY e.at, e.id LIMIT {_AT_ONCE} FOR UPDATE OF e SKIP LOCKED",
        )
        values = [
            _values(
                Use(row["content"], row["title"], row["edition"], row["event"]),
                row["person"], row["at"], row["subject_object"], row["subject_id"], None,
            )
            for row in rows if row["missing"]
        ]  # fmt: skip
        if values:
            await _record(runtime, tx, workspace, values, "brought")
        await tx.execute(
            f"UPDATE {schema}._content_event SET recorded = true WHERE id = ANY($1)", [row["id"] for row in rows]
        )
        return len(rows)

    return await runtime.within(workspace, None, work)


def _values(
    use: Use, person: UUID | None, at: datetime, about_object: str | None, about_id: str | None, about: str | None
) -> dict[str, JsonValue]:
    return {
        "title": use.title,
        "content": str(use.content),
        "event": use.event,
        "edition": use.edition,
        "happened_at": at.isoformat(),
        "subject_object": about_object,
        "subject_id": about_id,
        "subject": about,
        "owner": None if person is None else str(person),
    }


async def _record(
    runtime: Runtime, tx: WriteTx, workspace: Workspace, values: list[dict[str, JsonValue]], cause: str
) -> None:
    await runtime.gateway.create(SystemActor("content"), workspace, CONTENT_USE, values, cause=cause, tx=tx)
