"""The inbox: what a person was told, what is new, and what was held back and why."""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from tongmai.kit import Invalid, Text
from tongmai.store import Record, Workspace, WriteTx
from tongmai.work.pacing import Held
from tongmai.work.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Told:
    """A notice as its person sees it. One that is ``held`` back comes into the inbox at ``show_at``."""

    id: UUID
    kind: str
    title: Text
    body: Text | None
    urgent: bool
    subject_object: str | None
    subject_id: str | None
    subject: Text | None
    at: datetime
    show_at: datetime
    held: Held | None
    seen_at: datetime | None

    @property
    def cursor(self) -> str:
        """Where the page behind this notice begins."""
        place = f"{self.show_at.isoformat()}~{self.id}"
        return f"{_PRESSING}~{place}" if self.urgent and self.seen_at is None else place


@dataclass(frozen=True, slots=True)
class Counts:
    """``unseen`` are in the inbox, ``held`` still wait for their moment."""

    unseen: int
    held: int


# ``workspace-key:person-id``: the person's inbox is another.
INBOX_CHANNEL = "tongmai_inbox"
# So begins the cursor of a page that follows one of the pressing notices.
_PRESSING = "urgent"
_COLUMNS = (
    "id, kind, title, title_en, body, body_en, urgent, subject_object, subject_id, subject, subject_en, at, show_at,"
    " held, seen_at"
)
_SAID = ("title", "body", "subject")


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
        """What is in the inbox: what is urgent and not seen yet first, then the rest, each the latest first; with
        ``held`` what is held back just now instead."""
        place = _read(cursor)
        is_behind_pressing = place is not None and not place.is_pressing
        schema = workspace.quoted_schema
        # Two parts, each in the order of an index: the inbox may hold years, a page holds thirty.
        page = (
            f"SELECT {_COLUMNS} FROM {schema}._notice WHERE person = $1 AND show_at {'>' if held else '<='} $2"
            " AND {which} AND (NOT $5 OR seen_at IS NULL) ORDER BY show_at DESC, id DESC LIMIT $6"
        )
        after = "($3::timestamptz IS NULL OR (show_at, id) < ($3, $4))"
        pressing = f"urgent AND seen_at IS NULL AND NOT $7 AND NOT $8 AND {after}"
        rest = f"(NOT urgent OR seen_at IS NOT NULL OR $8) AND (NOT ($7 OR $8) OR {after})"
        async with self._runtime.database.read() as tx:
            rows = await tx.fetch(
                f"SELECT {_COLUMNS} FROM"
                f" (({page.format(which=pressing)}) UNION ALL ({page.format(which=rest)})) AS parts"
                " ORDER BY (urgent AND seen_at IS NULL AND NOT $8) DESC, show_at DESC, id DESC LIMIT $6",
                person, self._runtime.now(), place and place.moment, place and place.id, unseen, limit,
                is_behind_pressing, held,
            )  # fmt: skip
        return [_told(row) for row in rows]

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


def _told(row: Record) -> Told:
    columns = dict(row)
    english = {name: columns.pop(f"{name}_en") for name in _SAID}
    said = {name: None if columns[name] is None else Text.kept(columns[name], english[name]) for name in _SAID}
    return Told(**(columns | said))


async def tell_inbox(tx: WriteTx, workspace: Workspace, person: UUID) -> None:
    """With the transaction, whoever follows the inbox hears that it is another."""
    await tx.notify(INBOX_CHANNEL, f"{workspace.key}:{person}")


@dataclass(frozen=True, slots=True)
class _Place:
    """Behind which notice a page begins, and whether that was one of those that come first."""

    moment: datetime
    id: UUID
    is_pressing: bool


def _read(cursor: str | None) -> _Place | None:
    if cursor is None:
        return None
    place = cursor.removeprefix(f"{_PRESSING}~")
    moment, _, last = place.partition("~")
    try:
        found = datetime.fromisoformat(moment)
        if found.tzinfo is not None:
            return _Place(found.astimezone(UTC), UUID(last), place != cursor)
    except (ValueError, OverflowError):
        pass
    raise Invalid.of("cursor.invalid", "翻页标记无效", "This is no cursor of this list", field="cursor")
