"""The inbox: what a person was told, what is new, and what was held back and why."""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from tongmai.kit import Invalid
from tongmai.store import Workspace, WriteTx
from tongmai.work.pacing import Held
from tongmai.work.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Told:
    """A notice as its person sees it. One that is ``held`` back comes into the inbox at ``show_at``."""

    id: UUID
    kind: str
    title: str
    body: str | None
    urgent: bool
    subject_object: str | None
    subject_id: str | None
    subject: str | None
    at: datetime
    show_at: datetime
    held: Held | None
    seen_at: datetime | None

    @property
    def cursor(self) -> str:
        """Where the page behind this notice begins."""
        return f"{self.show_at.isoformat()}~{self.id}"


@dataclass(frozen=True, slots=True)
class Counts:
    """``unseen`` are in the inbox, ``held`` still wait for their moment."""

    unseen: int
    held: int


# ``workspace-key:person-id``: the person's inbox is another.
INBOX_CHANNEL = "tongmai_inbox"
_COLUMNS = "id, kind, title, body, urgent, subject_object, subject_id, subject, at, show_at, held, seen_at"


class Inbox:
    """Everybody has only his own."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def list(
        self,
        workspace: Workspace,
        person: UUID,
        *,
        held: bool = False,
        unseen: bool = False,
        cursor: str | None = None,
        limit: int = 50,
    ) -> list[Told]:
        """What is in the inbox, the latest first; with ``held`` what is held back just now instead."""
        moment, last = _read(cursor)
        side = ">" if held else "<="
        async with self._runtime.database.read() as tx:
            rows = await tx.fetch(
                f"SELECT {_COLUMNS} FROM {workspace.quoted_schema}._notice WHERE person = $1 AND show_at {side} $2"
                " AND ($3::timestamptz IS NULL OR (show_at, id) < ($3, $4)) AND (NOT $5 OR seen_at IS NULL)"
                " ORDER BY show_at DESC, id DESC LIMIT $6",
                person, self._runtime.now(), moment, last, unseen, limit,
            )  # fmt: skip
        return [Told(**dict(row)) for row in rows]

    async def counts(self, workspace: Workspace, person: UUID) -> Counts:
        async with self._runtime.database.read() as tx:
            row = await tx.fetch_row(
                "SELECT count(*) FILTER (WHERE show_at <= $2) AS unseen, count(*) FILTER (WHERE show_at > $2) AS held"
                f" FROM {workspace.quoted_schema}._notice WHERE person = $1 AND seen_at IS NULL",
                person,
                self._runtime.now(),
            )
        return Counts(0, 0) if row is None else Counts(row["unseen"], row["held"])

    async def mark_seen(self, workspace: Workspace, person: UUID, ids: Sequence[UUID] | None = None) -> int:
        """Marks some, or all that are in the inbox; how many were new. What was held back may be seen early too."""
        now = self._runtime.now()
        which = "show_at <= $2" if ids is None else "id = ANY($3)"
        arguments = (person, now) if ids is None else (person, now, list(ids))
        async with self._runtime.database.write() as tx:
            marked = await tx.execute(
                f"UPDATE {workspace.quoted_schema}._notice SET seen_at = $2"
                f" WHERE person = $1 AND seen_at IS NULL AND {which}",
                *arguments,
            )
            if marked:
                await tell_inbox(tx, workspace, person)
        return marked


async def tell_inbox(tx: WriteTx, workspace: Workspace, person: UUID) -> None:
    """With the transaction, whoever follows the inbox hears that it is another."""
    await tx.notify(INBOX_CHANNEL, f"{workspace.key}:{person}")


def _read(cursor: str | None) -> tuple[datetime | None, UUID | None]:
    if cursor is None:
        return None, None
    moment, _, last = cursor.partition("~")
    try:
        found = datetime.fromisoformat(moment)
        if found.tzinfo is not None:
            return found.astimezone(UTC), UUID(last)
    except (ValueError, OverflowError):
        pass
    raise Invalid.of("cursor.invalid", "翻页标记无效", "This is no cursor of this list", field="cursor")
