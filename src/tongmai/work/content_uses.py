"""What people do with content, kept twice: for the library itself, and as a record that metrics and lists can count.

Both are written in the caller's transaction, so that neither is there without the other.
"""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from pydantic import JsonValue

from tongmai.access import SystemActor
from tongmai.kit import new_id
from tongmai.model import CONTENT_USE
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
    about_object, about_id = (None, None) if about is None else (about.object, str(about.id))
    kept = await tx.fetch(
        f"INSERT INTO {workspace.quoted_schema}._content_event"
        " (id, content, edition, person, event, subject_object, subject_id, key, at)"
        " SELECT u.id, $1, $2, u.person, $3, $4, $5, u.key, $6"
        " FROM unnest($7::uuid[], $8::uuid[], $9::text[]) AS u(id, person, key)"
        " ON CONFLICT (key) DO NOTHING RETURNING person",
        use.content, use.edition, use.event, about_object, about_id, now,
        [new_id(runtime.clock) for _ in keys], list(keys), list(keys.values()),
    )  # fmt: skip
    people: list[UUID] = sorted(row["person"] for row in kept)
    if not people or not await runtime.has_object(workspace, CONTENT_USE):
        return
    said: dict[str, JsonValue] = {
        "title": use.title,
        "content": str(use.content),
        "event": use.event,
        "edition": use.edition,
        "happened_at": now.isoformat(),
        "subject_object": about_object,
        "subject_id": about_id,
        "subject": None if about is None else about.title,
    }
    for start in range(0, len(people), _AT_ONCE):
        given = [{**said, "owner": str(person)} for person in people[start : start + _AT_ONCE]]
        await runtime.gateway.create(SystemActor("content"), workspace, CONTENT_USE, given, cause=use.event, tx=tx)
