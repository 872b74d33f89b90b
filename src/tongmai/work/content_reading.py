"""What people see of content: what fits a record, editions, who used it, and who has still to confirm it."""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson
from pydantic import JsonValue

from tongmai.access import Actor, AnyActor, SystemActor, allowed
from tongmai.kit import Denied, NotFound, Text
from tongmai.model import CONTENT
from tongmai.store import ReadTx, Record, Workspace
from tongmai.work.content_targets import ContentTarget, read_target
from tongmai.work.runtime import Runtime

_PUBLISHED = 'state = "published"'
_FIELDS = ("key", "title", "kind", "edition", "must_read", "target")
_PAGE = 500
# A library is written by people: this many packs are read to find those that fit.
_MOST_PACKS = 2_000


@dataclass(frozen=True, slots=True)
class PackLine:
    """A published pack in a list."""

    id: UUID
    key: str
    title: str
    kind: str | None
    edition: int
    must_read: bool
    confirmed: bool


@dataclass(frozen=True, slots=True)
class PublishedEdition:
    edition: int
    title: str
    body: str | None
    files: tuple[UUID, ...]
    must_read: bool
    published_at: datetime
    published_by: UUID | None


@dataclass(frozen=True, slots=True)
class ReaderLine:
    """Somebody a pack is meant for, with what he did with its present edition."""

    person: UUID
    name: str
    opened_at: datetime | None
    confirmed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Usage:
    """How often an edition was put before people and what they did; ``readers`` are different people who opened it."""

    edition: int
    pushed: int
    opened: int
    used: int
    confirmed: int
    readers: int


class ContentReader:
    """Raises ``NotFound`` for a pack that is not there or not for the actor to see."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def for_record(
        self, actor: AnyActor, workspace: Workspace, object_key: str, record_id: UUID
    ) -> list[PackLine]:
        """S0-20, S0-21: the published packs that are meant for the record by its classes and fields, as the actor may
        see them. Raises ``NotFound`` for a record he cannot see."""
        seen = orjson.loads(await self._runtime.gateway.get(actor, workspace, object_key, record_id))
        async with self._runtime.database.read() as tx:
            rows = await tx.fetch(
                f"SELECT segment, class FROM {workspace.quoted_schema}._segment_member WHERE record_id = $1", record_id
            )
        classes = {row["segment"]: row["class"] for row in rows}
        return [
            line
            for line, target in await self._packs(actor, workspace)
            if target.is_for_records and target.means(object_key, classes, seen)
        ]

    async def to_confirm(self, actor: Actor, workspace: Workspace) -> list[PackLine]:
        """What the person must still confirm: published, to be read, meant for his roles, not confirmed as it is."""
        mine = actor.roles
        return [
            line
            for line, target in await self._packs(actor, workspace)
            if line.must_read and not line.confirmed and (not target.roles or mine & set(target.roles))
        ]

    async def editions(self, actor: AnyActor, workspace: Workspace, content: UUID) -> list[PublishedEdition]:
        """All that were published, the newest first: of each what the actor may read of the pack itself."""
        await self._require_seen(actor, workspace, content)
        body, files = [await self._is_read(actor, workspace, content, each) for each in ("body", "files")]
        async with self._runtime.database.read() as tx:
            rows = await tx.fetch(
                "SELECT edition, title, CASE WHEN $2 THEN body END AS body,"
                " CASE WHEN $3 THEN coalesce(files, '{}') ELSE '{}' END AS files, must_read, published_at, published_by"
                f" FROM {workspace.quoted_schema}._content_edition WHERE content = $1 ORDER BY edition DESC",
                content, body, files,
            )  # fmt: skip
        return [PublishedEdition(**{**dict(row), "files": tuple(row["files"])}) for row in rows]

    async def shows_file(self, actor: AnyActor, workspace: Workspace, file: UUID) -> bool:
        """Whether a file is attached to an edition that the actor may read: the pack itself may hold another by now."""
        async with self._runtime.database.read() as tx:
            rows = await tx.fetch(
                f"SELECT DISTINCT content FROM {workspace.quoted_schema}._content_edition WHERE $1 = ANY(files)", file
            )
        for row in rows:
            try:
                await self._require_seen(actor, workspace, row["content"])
            except NotFound:
                continue
            if await self._is_read(actor, workspace, row["content"], "files"):
                return True
        return False

    async def readers(self, actor: AnyActor, workspace: Workspace, content: UUID) -> list[ReaderLine]:
        """Who the pack is meant for and has still to confirm its present edition first, then who has.

        For those who may change content: raises ``Denied`` for others, whom colleagues' reading does not concern.
        """
        await self._require_seen(actor, workspace, content)
        await self._require_keeper(actor, workspace)
        schema = workspace.quoted_schema
        async with self._runtime.database.read() as tx:
            row = await _pack(tx, workspace, content)
            target = read_target(row["target"])
            rows = await tx.fetch(
                "SELECT p.id AS person, coalesce(p.name, '') AS name,"
                " min(e.at) FILTER (WHERE e.event = 'opened') AS opened_at,"
                " min(e.at) FILTER (WHERE e.event = 'confirmed') AS confirmed_at"
                f" FROM {schema}.person AS p LEFT JOIN {schema}._content_event AS e"
                " ON e.person = p.id AND e.content = $1 AND e.edition = $2"
                " WHERE p.active IS NOT FALSE AND p.deleted_at IS NULL"
                " AND (cardinality($3::text[]) = 0 OR p.roles && $3)"
                " GROUP BY p.id, p.name ORDER BY confirmed_at NULLS FIRST, name, p.id",
                content,
                int(row["edition"] or 0),
                list(target.roles),
            )
        return [ReaderLine(**dict(row)) for row in rows]

    async def usage(self, actor: AnyActor, workspace: Workspace, content: UUID) -> list[Usage]:
        """S0-58: what was done with each edition, the newest first."""
        await self._require_seen(actor, workspace, content)
        await self._require_keeper(actor, workspace)
        counted = ", ".join(
            f"count(*) FILTER (WHERE event = '{each}')::integer AS {each}"
            for each in ("pushed", "opened", "used", "confirmed")
        )
        async with self._runtime.database.read() as tx:
            rows = await tx.fetch(
                f"SELECT edition, {counted},"
                " (count(DISTINCT person) FILTER (WHERE event = 'opened'))::integer AS readers"
                f" FROM {workspace.quoted_schema}._content_event WHERE content = $1"
                " GROUP BY edition ORDER BY edition DESC",
                content,
            )
        return [Usage(**dict(row)) for row in rows]

    async def _packs(self, actor: AnyActor, workspace: Workspace) -> list[tuple[PackLine, ContentTarget]]:
        """The published packs that the actor may see, with whom they are for."""
        await self._runtime.require_object(workspace, CONTENT)
        if not allowed(actor, await self._runtime.catalogues.get(workspace), CONTENT, "read"):
            return []
        items: list[dict[str, JsonValue]] = []
        cursor: str | None = None
        while len(items) < _MOST_PACKS:
            page = orjson.loads(
                await self._runtime.gateway.list(
                    actor, workspace, CONTENT, filter=_PUBLISHED, sort="title", fields=_FIELDS, limit=_PAGE,
                    cursor=cursor, count=False,
                )
            )  # fmt: skip
            items += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        confirmed = await self._confirmed(workspace, actor)
        return [(_line(each, confirmed), _target(each.get("target"))) for each in items]

    async def _confirmed(self, workspace: Workspace, actor: AnyActor) -> set[tuple[UUID, int]]:
        """The editions that the actor has confirmed."""
        async with self._runtime.database.read() as tx:
            rows = await tx.fetch(
                f"SELECT content, edition FROM {workspace.quoted_schema}._content_event"
                " WHERE person = $1 AND event = 'confirmed'",
                actor.id,
            )
        return {(row["content"], row["edition"]) for row in rows}

    async def _require_seen(self, actor: AnyActor, workspace: Workspace, content: UUID) -> None:
        await self._runtime.require_object(workspace, CONTENT)
        await self._runtime.gateway.get(actor, workspace, CONTENT, content, fields=("title",))

    async def _is_read(self, actor: AnyActor, workspace: Workspace, content: UUID, field: str) -> bool:
        if isinstance(actor, SystemActor):
            return True
        return (await self._runtime.gateway.explain(actor, workspace, CONTENT, content, "read", field)).allowed

    async def _require_keeper(self, actor: AnyActor, workspace: Workspace) -> None:
        if not allowed(actor, await self._runtime.catalogues.get(workspace), CONTENT, "update"):
            raise Denied.of(
                "content.may_not_see_readers",
                "没有管理内容的权限",
                "None of your roles keeps content",
                way_out=Text("请管理员授权", "Ask an administrator for the right"),
            )


async def _pack(tx: ReadTx, workspace: Workspace, content: UUID) -> Record:
    row = await tx.fetch_row(
        f"SELECT edition::integer AS edition, target::text AS target FROM {workspace.quoted_schema}.{CONTENT}"
        " WHERE id = $1",
        content,
    )
    if row is None:
        raise NotFound.of("content.unknown", "没有这个内容", "There is no such content")
    return row


def _line(item: Mapping[str, JsonValue], confirmed: Set[tuple[UUID, int]]) -> PackLine:
    content, edition, kind = UUID(str(item["id"])), int(str(item["edition"] or 0)), item["kind"]
    return PackLine(
        content,
        str(item["key"]),
        str(item["title"]),
        None if kind is None else str(kind),
        edition,
        item["must_read"] is True,
        (content, edition) in confirmed,
    )


def _target(given: JsonValue) -> ContentTarget:
    return read_target(None if given is None else orjson.dumps(given).decode())
