"""Content packs: publishing editions, putting them before people, what people did with them, who has still to read.

A pack is a record of the built-in object ``content``; an edition is what it said when it was published and stays
readable as it was. Confirmations count for one edition: a new one of a pack that must be read is to be read anew.
"""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from pydantic import JsonValue

from tongmai.access import AnyActor, SystemActor
from tongmai.kit import Conflict, Denied, Invalid, NotFound, Text
from tongmai.model import CONTENT
from tongmai.store import ReadTx, Record, Workspace, WriteTx
from tongmai.work.content_targets import read_target
from tongmai.work.content_uses import ContentEvent, Use, keep_uses
from tongmai.work.notices import Notice, Notices
from tongmai.work.runtime import Runtime
from tongmai.work.subject import Subject

_MUST_READ = Text("请阅读并确认", "Please read and confirm")
_COLUMNS = "id, version, key, title, state, edition, body, files, must_read, target::text AS target"


@dataclass(frozen=True, slots=True)
class Edition:
    """A pack's newest published edition."""

    id: UUID
    key: str
    title: str
    edition: int
    must_read: bool


class Content:
    """Raises ``NotFound`` for a pack that is not there, or not for the actor to see."""

    def __init__(self, runtime: Runtime, notices: Notices) -> None:
        self._runtime = runtime
        self._notices = notices

    async def find(self, tx: ReadTx, workspace: Workspace, key: str) -> Edition | None:
        """The published pack with a key."""
        row = await tx.fetch_row(
            f"SELECT id, key, title, edition::integer AS edition, must_read IS TRUE AS must_read"
            f" FROM {workspace.quoted_schema}.{CONTENT} WHERE key = $1 AND state = 'published' AND deleted_at IS NULL",
            key,
        )
        return None if row is None else Edition(*row)

    async def push(
        self,
        workspace: Workspace,
        content_key: str,
        people: Sequence[UUID],
        *,
        key: str,
        subject: Subject | None = None,
        tx: WriteTx | None = None,
    ) -> UUID:
        """S0-20: puts the pack before people, once under ``key``; its id. Raises ``NotFound`` if none is published
        under ``content_key``."""

        async def work(own: WriteTx) -> UUID:
            found = await self.find(own, workspace, content_key)
            if found is None:
                raise NotFound.of(
                    "content.unknown",
                    f"没有已发布的内容“{content_key}”",
                    f"No content “{content_key}” is published",
                    way_out=Text("请先发布该内容", "Publish it first"),
                )
            await self._push(own, workspace, found, people, key, subject)
            return found.id

        await self._runtime.require_object(workspace, CONTENT)
        return await self._runtime.within(workspace, tx, work)

    async def _push(
        self,
        tx: WriteTx,
        workspace: Workspace,
        pack: Edition,
        people: Sequence[UUID],
        key: str,
        subject: Subject | None,
    ) -> None:
        about = None if subject is None or subject.title is None else Text.kept(subject.title, subject.english)
        notice = Notice(
            tuple(people),
            Text.same(pack.title),
            body=about,
            kind="content",
            subject=Subject(CONTENT, pack.id, pack.title),
        )
        await self._notices.send(workspace, notice, key=f"push:{key}", tx=tx)
        keys = {person: f"push:{key}:{person}" for person in sorted(set(people))}
        await keep_uses(self._runtime, tx, workspace, Use(pack.id, pack.title, pack.edition, "pushed", subject), keys)

    async def publish(self, actor: AnyActor, workspace: Workspace, content: UUID) -> int:
        """Publishes what the pack says now as its next edition; the edition's number.

        It takes the right to change the pack. Raises ``Invalid`` for a pack that says nothing, ``Conflict`` where
        nothing has changed since the last edition.
        """
        await self._runtime.require_object(workspace, CONTENT)
        await self._require_may_change(actor, workspace, content)
        system = SystemActor("content", actor.language, on_behalf=actor.id)

        async def work(tx: WriteTx) -> int:
            row = await _read(tx, workspace, content)
            if not (row["body"] or row["files"]):
                raise Invalid.of(
                    "content.empty",
                    "正文和附件都为空",
                    "It has neither text nor files",
                    field="body",
                    way_out=Text("请先写正文或上传附件", "Write a text or add a file first"),
                )
            edition = int(row["edition"] or 0) + 1
            await self._refuse_same(tx, workspace, row)
            now = self._runtime.now()
            values: dict[str, JsonValue] = {"state": "published", "edition": edition, "published_at": now.isoformat()}
            await self._runtime.gateway.update(
                system, workspace, CONTENT, content, values, expected_version=row["version"], cause="publish", tx=tx
            )
            await tx.execute(
                f"INSERT INTO {workspace.quoted_schema}._content_edition"
                " (content, edition, title, body, files, must_read, published_at, published_by)"
                " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                content, edition, row["title"], row["body"], row["files"], row["must_read"] is True, now, actor.id,
            )  # fmt: skip
            if row["must_read"]:
                await self._ask_to_read(tx, workspace, row, edition)
            return edition

        return await self._runtime.within(workspace, None, work)

    async def record(
        self,
        actor: AnyActor,
        workspace: Workspace,
        content: UUID,
        event: ContentEvent,
        subject: Subject | None = None,
    ) -> None:
        """Keeps that the actor opened, used or confirmed the present edition. A confirmation counts once.

        Raises ``Conflict`` for a pack that is not published.
        """
        if actor.id is None:
            raise Invalid.of(
                "content.nobody",
                "只有人员可以阅读内容",
                "Only people read content",
                way_out=Text("请用人员的账号或令牌", "Use the sign-in or token of a person"),
            )
        # Raises NotFound where the actor cannot see it, or what it was for: uses are counted there.
        await self._runtime.gateway.get(actor, workspace, CONTENT, content, fields=("title",))
        if subject is not None:
            await self._runtime.gateway.get(actor, workspace, subject.object, subject.id, fields=("id",))
        person = actor.id

        async def work(tx: WriteTx) -> None:
            row = await _read(tx, workspace, content)
            if row["state"] != "published":
                raise Conflict.of(
                    "content.not_published",
                    "内容未发布",
                    "It is not published",
                    way_out=Text("请先发布", "Publish it first"),
                )
            use = Use(content, row["title"], int(row["edition"]), event, subject)
            key = f"confirmed:{content}:{use.edition}:{person}" if event == "confirmed" else None
            await keep_uses(self._runtime, tx, workspace, use, {person: key})

        await self._runtime.within(workspace, None, work)

    async def _ask_to_read(self, tx: WriteTx, workspace: Workspace, row: Record, edition: int) -> None:
        """S4-49: tells everybody the pack is meant for that there is an edition to be confirmed."""
        roles = list(read_target(row["target"]).roles)
        readers = await tx.fetch(
            f"SELECT id FROM {workspace.quoted_schema}.person WHERE active IS NOT FALSE AND deleted_at IS NULL"
            " AND (cardinality($1::text[]) = 0 OR roles && $1)",
            roles,
        )
        notice = Notice(
            tuple(each["id"] for each in readers),
            Text.same(row["title"]),
            body=_MUST_READ,
            kind="content",
            subject=Subject(CONTENT, row["id"], row["title"]),
        )
        await self._notices.send(workspace, notice, key=f"must_read:{row['id']}:{edition}", tx=tx)

    async def _require_may_change(self, actor: AnyActor, workspace: Workspace, content: UUID) -> None:
        if isinstance(actor, SystemActor):
            return
        await self._runtime.gateway.get(actor, workspace, CONTENT, content, fields=("title",))
        verdict = await self._runtime.gateway.explain(actor, workspace, CONTENT, content, "update")
        if not verdict.allowed:
            raise Denied.of(
                "content.may_not_publish",
                "没有修改此内容的权限",
                "None of your roles may change this content",
                way_out=Text("请管理员授权", "Ask an administrator for the right"),
            )

    async def _refuse_same(self, tx: ReadTx, workspace: Workspace, row: Record) -> None:
        same = await tx.fetch_value(
            f"SELECT title = $3 AND body IS NOT DISTINCT FROM $4 AND files IS NOT DISTINCT FROM $5 AND must_read = $6"
            f" FROM {workspace.quoted_schema}._content_edition WHERE content = $1 AND edition = $2",
            row["id"], int(row["edition"] or 0), row["title"], row["body"], row["files"], row["must_read"] is True,
        )  # fmt: skip
        if same and row["state"] == "published":
            raise Conflict.of(
                "content.unchanged",
                "与上一版相同",
                "It says what the last edition says",
                field="body",
                way_out=Text("修改之后再发布", "Change it first, then publish"),
            )


async def _read(tx: ReadTx, workspace: Workspace, content: UUID) -> Record:
    row = await tx.fetch_row(
        f"SELECT {_COLUMNS} FROM {workspace.quoted_schema}.{CONTENT} WHERE id = $1 AND deleted_at IS NULL", content
    )
    if row is None:
        raise NotFound.of("content.unknown", "没有这个内容", "There is no such content")
    return row
