"""The link between a chat's contact and a record, as it is stored: found, written and taken back.

A link says to mappings and to the reading of messages what the contact means: the row of the stream of customers is
that record (``_lineage``), and the question whom the messages' customer means is answered (``_match_queue``).
"""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import orjson

from tongmai.access import SystemActor
from tongmai.kit import Clock, Conflict, NotFound, Text, new_id
from tongmai.link.looking_again import look_again
from tongmai.link.mapping.decisions import Decisions
from tongmai.link.raw import RawRows
from tongmai.link.sidebar.meanings import CUSTOMERS, Meanings
from tongmai.records import Gateway
from tongmai.store import Database, ReadTx, Workspace, WriteTx


@dataclass(frozen=True, slots=True)
class ChatLink:
    """``by_person``: somebody said so in the side-bar; else the platform knows it from elsewhere."""

    object: str
    record: UUID
    by_person: bool


class ChatLinks:
    """For all workspaces."""

    def __init__(self, database: Database, clock: Clock, gateway: Gateway, decisions: Decisions, raw: RawRows) -> None:
        self._database = database
        self._clock = clock
        self._gateway = gateway
        self._decisions = decisions
        self._raw = raw

    async def find(self, workspace: Workspace, meanings: Meanings, source: str, external_id: str) -> ChatLink | None:
        """The record the contact means."""
        async with self._database.read() as tx:
            row = await tx.fetch_row(
                f"SELECT object, record_id FROM {workspace.quoted_schema}._chat_link"
                " WHERE source = $1 AND external_id = $2",
                source,
                external_id,
            )
            # What was merged since stands in the lineage.
            known = await self._known(tx, workspace, meanings, external_id)
        if known is not None:
            return ChatLink(meanings.object, known, row is not None)
        if row is not None:
            return ChatLink(row["object"], row["record_id"], True)
        return await self._named(workspace, meanings, external_id)

    async def _named(self, workspace: Workspace, meanings: Meanings, external_id: str) -> ChatLink | None:
        """The one record that bears the contact's id in a field by which mappings find it."""
        for by in dict.fromkeys(by for _, field in meanings.relations for by in field.by):
            page = await self._gateway.list(
                SystemActor("sidebar"), workspace, meanings.object, filter=f"[{by}] = '{external_id}'", limit=2,
                count=False,
            )  # fmt: skip
            items = orjson.loads(page)["items"]
            if len(items) == 1:
                return ChatLink(meanings.object, UUID(items[0]["id"]), False)
        return None

    async def _known(self, tx: ReadTx, workspace: Workspace, meanings: Meanings, external_id: str) -> UUID | None:
        found: UUID | None = await tx.fetch_value(
            f"SELECT record_id FROM {workspace.quoted_schema}._lineage WHERE mapping = ANY($1) AND key = $2"
            " ORDER BY mapping LIMIT 1",
            [each.key for each in meanings.contacts],
            external_id,
        )
        if found is None:
            found = await tx.fetch_value(
                f"SELECT record_id FROM {workspace.quoted_schema}._match_queue WHERE mapping = ANY($1) AND given = $2"
                " AND state = 'matched' AND object = $3 ORDER BY decided_at DESC LIMIT 1",
                [mapping.key for mapping, _ in meanings.relations], external_id, meanings.object,
            )  # fmt: skip
        return found

    async def write(
        self,
        tx: WriteTx,
        workspace: Workspace,
        meanings: Meanings,
        source: str,
        external_id: str,
        record: UUID,
        by: UUID,
    ) -> None:
        """Raises ``Conflict`` where somebody else has just linked it."""
        schema, now = workspace.quoted_schema, self._clock.now()
        made = await tx.execute(
            f"INSERT INTO {schema}._chat_link (source, external_id, object, record_id, linked_by, at)"
            " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
            source, external_id, meanings.object, record, by, now,
        )  # fmt: skip
        if not made:
            raise Conflict.of(
                "chat.linked_at_once",
                "刚被别人关联",
                "Somebody has just linked it",
                way_out=Text("刷新后再看", "Look again after a refresh"),
            )
        for contacts in meanings.contacts:
            await tx.execute(
                f"INSERT INTO {schema}._lineage (mapping, key, object, record_id, version, run_id, mapped_at)"
                " VALUES ($1, $2, $3, $4, '', $5, $6) ON CONFLICT (mapping, key) DO UPDATE"
                " SET record_id = excluded.record_id, version = ''",
                contacts.key, external_id, meanings.object, record, new_id(self._clock), now,
            )  # fmt: skip
            await look_again(tx, workspace, self._raw, contacts.key, source, CUSTOMERS, [external_id])
        for mapping, field in meanings.relations:
            await self._decisions.settle(
                tx, workspace, mapping, field.field, meanings.object, external_id, record, by=by
            )
        await self._raw.announce(tx, workspace)

    async def remove(
        self, tx: WriteTx, workspace: Workspace, meanings: Meanings, source: str, external_id: str
    ) -> tuple[ChatLink, UUID | None]:
        """Takes a link of the side-bar back; it, and who had linked. Raises ``NotFound``."""
        schema = workspace.quoted_schema
        row = await tx.fetch_row(
            f"DELETE FROM {schema}._chat_link WHERE source = $1 AND external_id = $2"
            " RETURNING object, record_id, linked_by",
            source,
            external_id,
        )
        if row is None:
            raise NotFound.of("chat.not_linked", "没有可取消的关联", "There is no link to take back")
        await tx.execute(
            f"DELETE FROM {schema}._lineage WHERE mapping = ANY($1) AND key = $2 AND record_id = $3",
            [each.key for each in meanings.contacts], external_id, row["record_id"],
        )  # fmt: skip
        for mapping, field in meanings.relations:
            await self._decisions.forget(tx, workspace, mapping.key, field.field, external_id)
        return ChatLink(row["object"], row["record_id"], True), row["linked_by"]
