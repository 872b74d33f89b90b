"""Locks that rules put on records (S4-12 freezes a quota), held until the episode ends or somebody releases them: who
may change the record and is not its owner, whom the lock is to hold back; or who manages the rules themselves.

``records`` refuses what a lock forbids; this writes and releases the rows.
"""

# ruff: noqa: S608 - the schema comes from quote_ident, values are bound

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import orjson

from tongmai.access import Actor, AnyActor, manages
from tongmai.kit import Denied, NotFound, Text
from tongmai.model import Lock
from tongmai.records import Gateway
from tongmai.rules.outbox import Doing
from tongmai.schema import CatalogueStore
from tongmai.store import Database, Record, Workspace, WriteTx

_COLUMNS = "key, rule, object, record_id, fields, reason_zh, reason_en, locked_at"


async def put_lock(tx: WriteTx, doing: Doing, action: Lock, now: datetime) -> None:
    """Once under the key."""
    await tx.execute(
        f"INSERT INTO {doing.workspace.quoted_schema}._lock"
        " (key, rule, object, record_id, fields, reason_zh, reason_en, episode, locked_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
        doing.key, doing.rule, doing.object_key, doing.record_id, list(action.fields),
        action.reason.zh, action.reason.en, doing.episode if action.until == "condition_ends" else None, now,
    )  # fmt: skip


class Locks:
    """What is locked, and its release by a person."""

    def __init__(self, database: Database, catalogues: CatalogueStore, gateway: Gateway) -> None:
        self._database = database
        self._catalogues = catalogues
        self._gateway = gateway

    async def held(self, workspace: Workspace, rule: str | None = None, limit: int = 100) -> list[Record]:
        """Locks in force, the latest first."""
        return await self._in_force(workspace, "$1::text IS NULL OR rule = $1", rule, limit=limit)

    async def of(self, actor: AnyActor, workspace: Workspace, object_key: str, record_id: UUID) -> list[Record]:
        """Those in force on a record that the actor sees, the latest first. Raises ``NotFound`` for another."""
        await self._gateway.get(actor, workspace, object_key, record_id, fields=("id",))
        return await self._in_force(workspace, "record_id = $1 AND object = $2", record_id, object_key)

    async def _in_force(self, workspace: Workspace, which: str, *given: object, limit: int = 100) -> list[Record]:
        async with self._database.read() as tx:
            return await tx.fetch(
                f"SELECT {_COLUMNS} FROM {workspace.quoted_schema}._lock WHERE released_at IS NULL AND ({which})"
                f" ORDER BY locked_at DESC LIMIT ${len(given) + 1}",
                *given, limit,
            )  # fmt: skip

    async def may_release(self, actor: AnyActor, workspace: Workspace, object_key: str, record_id: UUID) -> bool:
        """Raises ``NotFound`` for a record the actor does not see."""
        if not isinstance(actor, Actor) or manages(actor, await self._catalogues.get(workspace), "model"):
            return True
        verdict = await self._gateway.explain(actor, workspace, object_key, record_id, "update")
        if not verdict.allowed:
            return False
        seen = orjson.loads(await self._gateway.get(actor, workspace, object_key, record_id, fields=("owner",)))
        return (seen.get("owner") or {}).get("id") != str(actor.id)

    async def release(self, actor: AnyActor, workspace: Workspace, key: str, note: str | None, now: datetime) -> None:
        """Lets the record go. Raises ``NotFound`` for no such lock in force (or a record the actor does not see),
        ``Denied`` for who may not release it."""
        schema = workspace.quoted_schema
        async with self._database.read() as tx:
            row = await tx.fetch_row(
                f"SELECT object, record_id FROM {schema}._lock WHERE key = $1 AND released_at IS NULL", key
            )
        if row is None:
            raise NotFound.of(
                "lock.unknown",
                "没有这个锁定，或已解除",
                "there is no such lock in force",
                field="key",
                way_out=Text("刷新后再看", "Look again after a refresh"),
            )
        if not await self.may_release(actor, workspace, row["object"], row["record_id"]):
            raise Denied.of(
                "lock.not_yours",
                "您无权解除该锁定",
                "you may not release this lock",
                way_out=Text(
                    "请由可以修改该记录的主管解除（负责人本人不能解除）",
                    "ask a superior who may change the record; its owner does not release it himself",
                ),
            )
        async with self._database.write() as tx:
            await tx.execute(
                f"UPDATE {schema}._lock SET released_at = $2, released_by = $3, note = $4"
                " WHERE key = $1 AND released_at IS NULL",
                key, now, actor.id, note,
            )  # fmt: skip
