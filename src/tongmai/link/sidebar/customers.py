"""Who is this chat's customer: the record it is linked with, or candidates with reasons; linked by one click, unlinked.

A link says to mappings and to the reading of messages what the contact means: the row of the stream of customers is
that record (``_lineage``), and the question whom the messages' customer means is answered (``_match_queue``).
"""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import orjson

from tongmai.access import Actor, SystemActor
from tongmai.identity import write_audit
from tongmai.kit import Clock, Conflict, Denied, Invalid, NotFound, Text, new_id
from tongmai.link.identity.candidates import Candidates, IdentityFields, Likely
from tongmai.link.mapping.decisions import Decisions, look_again
from tongmai.link.raw import RawRows
from tongmai.link.sidebar.chats import Chats, Contact
from tongmai.model import Catalogue, FieldMap, MappingDef, ObjectScope
from tongmai.records import Gateway
from tongmai.schema import CatalogueStore
from tongmai.store import Database, ReadTx, Workspace, WriteTx

_CUSTOMERS = "customers"
# Under these paths rows of a source name the customer of a talk.
_TALKER_PATHS = frozenset({"customer", "external_userid"})


@dataclass(frozen=True, slots=True)
class LinkedRecord:
    """``by_person``: linked in the side-bar, and unlinked there."""

    object: str
    id: UUID
    label: str
    by_person: bool


@dataclass(frozen=True, slots=True)
class ChatCustomer:
    """``is_elsewhere``: linked with a record that is not the asker's to see. ``candidates`` may be linked with or, of a
    chat that is linked, merged."""

    contact: Contact
    object: str
    record: LinkedRecord | None
    is_elsewhere: bool
    candidates: tuple[Likely, ...]


@dataclass(frozen=True, slots=True)
class _Uses:
    """What says what a contact means: the mappings of contacts, and the relations that name one."""

    object: str
    contacts: tuple[MappingDef, ...]
    relations: tuple[tuple[MappingDef, FieldMap], ...]


class ChatCustomers:
    """For all workspaces."""

    def __init__(
        self,
        database: Database,
        catalogues: CatalogueStore,
        gateway: Gateway,
        clock: Clock,
        chats: Chats,
        candidates: Candidates,
        decisions: Decisions,
        raw: RawRows,
    ) -> None:
        self._database = database
        self._catalogues = catalogues
        self._gateway = gateway
        self._clock = clock
        self._chats = chats
        self._candidates = candidates
        self._decisions = decisions
        self._raw = raw

    async def who(self, actor: Actor, workspace: Workspace, source: str, external_id: str) -> ChatCustomer:
        """Raises ``NotFound`` for a contact that is none, ``Denied`` for a chat that is not the actor's."""
        catalogue = await self._catalogues.get(workspace)
        uses = _uses(catalogue, source)
        contact = await self._chats.contact(workspace, source, external_id)
        found = await self._linked(workspace, catalogue, uses, source, external_id)
        record = None if found is None else await self._seen(actor, workspace, catalogue, *found)
        await self._admit(actor, workspace, source, contact, record)
        if record is not None:
            candidates = await self._candidates.of(actor, workspace, uses.object, record.id, limit=5)
        elif found is None:
            own = _facts(catalogue, uses.object, contact)
            candidates = await self._candidates.like(actor, workspace, uses.object, own, limit=5)
        else:
            candidates = []
        return ChatCustomer(contact, uses.object, record, found is not None and record is None, tuple(candidates))

    async def link(self, actor: Actor, workspace: Workspace, source: str, external_id: str, record: UUID) -> None:
        """Links the chat with a record that the actor may change.

        Raises ``NotFound``, ``Denied``; ``Conflict`` where it is linked with another: those two are merged instead.
        """
        catalogue = await self._catalogues.get(workspace)
        uses = _uses(catalogue, source)
        contact = await self._chats.contact(workspace, source, external_id)
        await self._admit(actor, workspace, source, contact, None)
        await self._require_change(actor, workspace, uses.object, record)
        found = await self._linked(workspace, catalogue, uses, source, external_id)
        if found is not None and found[1] == record:
            return
        if found is not None:
            raise Conflict.of(
                "chat.linked",
                "该联系人已关联其他客户",
                "This contact is linked with another customer",
                way_out=Text("请先取消关联，或合并两个客户", "Unlink it first, or merge the two customers"),
            )
        async with self._database.write() as tx:
            await self._write_link(tx, actor, workspace, uses, source, external_id, record)

    async def unlink(self, actor: Actor, workspace: Workspace, source: str, external_id: str) -> None:
        """Takes a link of the side-bar back; what comes from now on waits for a person again.

        Raises ``NotFound``; ``Denied`` where somebody else linked it with a customer that the actor may not change.
        """
        catalogue = await self._catalogues.get(workspace)
        uses = _uses(catalogue, source)
        contact = await self._chats.contact(workspace, source, external_id)
        await self._admit(actor, workspace, source, contact, None)
        schema = workspace.quoted_schema
        async with self._database.write() as tx:
            row = await tx.fetch_row(
                f"DELETE FROM {schema}._chat_link WHERE source = $1 AND external_id = $2"
                " RETURNING object, record_id, linked_by",
                source,
                external_id,
            )
            if row is None:
                raise NotFound.of("chat.not_linked", "没有可取消的关联", "There is no link to take back")
            record: UUID = row["record_id"]
            if row["linked_by"] != actor.id:
                await self._require_change(actor, workspace, row["object"], record)
            await tx.execute(
                f"DELETE FROM {schema}._lineage WHERE mapping = ANY($1) AND key = $2 AND record_id = $3",
                [each.key for each in uses.contacts], external_id, record,
            )  # fmt: skip
            for mapping, field in uses.relations:
                await self._decisions.forget(tx, workspace, mapping.key, field.field, external_id)
            await self._note(tx, actor, workspace, "chat.unlinked", source, external_id, record)

    async def _require_change(self, actor: Actor, workspace: Workspace, object_key: str, record: UUID) -> None:
        """Raises ``NotFound`` for a record that is not the actor's to see, ``Denied`` for one not his to change."""
        await self._gateway.get(actor, workspace, object_key, record)
        if not (await self._gateway.explain(actor, workspace, object_key, record, "update")).allowed:
            raise Denied.of("chat.may_not_link", "您不能修改这个客户", "You may not change this customer")

    async def _write_link(
        self,
        tx: WriteTx,
        actor: Actor,
        workspace: Workspace,
        uses: _Uses,
        source: str,
        external_id: str,
        record: UUID,
    ) -> None:
        schema, now = workspace.quoted_schema, self._clock.now()
        made = await tx.execute(
            f"INSERT INTO {schema}._chat_link (source, external_id, object, record_id, linked_by, at)"
            " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
            source, external_id, uses.object, record, actor.id, now,
        )  # fmt: skip
        if not made:
            raise Conflict.of("chat.linked_at_once", "刚被别人关联", "Somebody has just linked it")
        for contacts in uses.contacts:
            await tx.execute(
                f"INSERT INTO {schema}._lineage (mapping, key, object, record_id, version, run_id, mapped_at)"
                " VALUES ($1, $2, $3, $4, '', $5, $6) ON CONFLICT (mapping, key) DO UPDATE"
                " SET record_id = excluded.record_id, version = ''",
                contacts.key, external_id, uses.object, record, new_id(self._clock), now,
            )  # fmt: skip
            await look_again(tx, workspace, self._raw, contacts.key, source, _CUSTOMERS, [external_id])
        for mapping, field in uses.relations:
            await self._decisions.settle(
                tx, workspace, mapping, field.field, uses.object, external_id, record, by=actor.id
            )
        await self._raw.announce(tx, workspace)
        await self._note(tx, actor, workspace, "chat.linked", source, external_id, record)

    async def _linked(
        self, workspace: Workspace, catalogue: Catalogue, uses: _Uses, source: str, external_id: str
    ) -> tuple[str, UUID, bool] | None:
        """The record the contact means: ``(object, id, linked by a person)``."""
        async with self._database.read() as tx:
            row = await tx.fetch_row(
                f"SELECT object, record_id FROM {workspace.quoted_schema}._chat_link"
                " WHERE source = $1 AND external_id = $2",
                source,
                external_id,
            )
            # What was merged since stands in the lineage.
            known = await self._known(tx, workspace, uses, external_id)
        if known is not None:
            return uses.object, known, row is not None
        if row is not None:
            return row["object"], row["record_id"], True
        for by in dict.fromkeys(by for _, field in uses.relations for by in field.by):
            page = await self._gateway.list(
                SystemActor("sidebar"), workspace, uses.object, filter=f"[{by}] = '{external_id}'", limit=2, count=False
            )
            items = orjson.loads(page)["items"]
            if len(items) == 1:
                return uses.object, UUID(items[0]["id"]), False
        return None

    async def _known(self, tx: ReadTx, workspace: Workspace, uses: _Uses, external_id: str) -> UUID | None:
        found: UUID | None = await tx.fetch_value(
            f"SELECT record_id FROM {workspace.quoted_schema}._lineage WHERE mapping = ANY($1) AND key = $2"
            " ORDER BY mapping LIMIT 1",
            [each.key for each in uses.contacts],
            external_id,
        )
        if found is None:
            found = await tx.fetch_value(
                f"SELECT record_id FROM {workspace.quoted_schema}._match_queue WHERE mapping = ANY($1) AND given = $2"
                " AND state = 'matched' AND object = $3 ORDER BY decided_at DESC LIMIT 1",
                [mapping.key for mapping, _ in uses.relations], external_id, uses.object,
            )  # fmt: skip
        return found

    async def _seen(
        self, actor: Actor, workspace: Workspace, catalogue: Catalogue, object_key: str, record: UUID, by_person: bool
    ) -> LinkedRecord | None:
        try:
            document = orjson.loads(await self._gateway.get(actor, workspace, object_key, record))
        except (NotFound, Denied):
            return None
        title = catalogue.object_by_key[object_key].title or ""
        return LinkedRecord(object_key, record, str(document.get(title) or record), by_person)

    async def _admit(
        self, actor: Actor, workspace: Workspace, source: str, contact: Contact, record: LinkedRecord | None
    ) -> None:
        """Lets in who follows the contact or sees the record; the look is in the audit log either way."""
        members = await self._chats.members(workspace, source, actor.id)
        is_in = record is not None or bool(members & contact.followers)
        async with self._database.write() as tx:
            kind = "chat.looked" if is_in else "chat.refused"
            seen = None if record is None else record.id
            await self._note(tx, actor, workspace, kind, source, contact.external_id, seen)
        if not is_in:
            raise Denied.of(
                "chat.not_yours",
                "您不是这个外部联系人的跟进人",
                "You do not follow this contact",
                way_out=Text("请该客户的跟进人操作，或在企业微信添加客户", "Ask who follows it, or add it in WeCom"),
            )

    async def _note(
        self,
        tx: WriteTx,
        actor: Actor,
        workspace: Workspace,
        kind: str,
        source: str,
        external_id: str,
        record: UUID | None,
    ) -> None:
        detail = {"source": source, "external_id": external_id, "record": None if record is None else str(record)}
        now = self._clock.now()
        await write_audit(tx, now, kind, workspace_id=workspace.id, actor=actor.id, detail=detail)


def _uses(catalogue: Catalogue, source: str) -> _Uses:
    """Raises ``NotFound`` for a source that is none, ``Invalid`` where no mapping names the customers of its chats."""
    if source not in catalogue.source_by_key:
        raise NotFound.of("source.unknown", "没有这个数据源", "There is no such source")
    of_source = [each for each in catalogue.mappings if each.source == source and each.enabled]
    contacts = [each for each in of_source if each.stream == _CUSTOMERS]
    relations = [(mapping, field, target) for mapping in of_source for field, target in _talkers(catalogue, mapping)]
    object_key = contacts[0].object if contacts else relations[0][2] if relations else None
    if object_key is None:
        raise Invalid.of(
            "chat.not_mapped",
            "还没有映射说明聊天里的客户是哪个对象",
            "No mapping says yet what the customers of chats are",
            way_out=Text("请在数据源里映射“客户”或“会话存档”", "Map the customers or the messages of the source"),
        )
    return _Uses(
        object_key,
        tuple(each for each in contacts if each.object == object_key),
        tuple((mapping, field) for mapping, field, target in relations if target == object_key),
    )


def _talkers(catalogue: Catalogue, mapping: MappingDef) -> Sequence[tuple[FieldMap, str]]:
    """The relations of a mapping that are found by the customer of a talk, with their objects."""
    called = {each.called for each in mapping.columns if each.path in _TALKER_PATHS}
    if mapping.object not in catalogue.object_by_key:
        return []
    scope = ObjectScope(catalogue, mapping.object, metrics=False)
    found: list[tuple[FieldMap, str]] = []
    for each in mapping.fields:
        if each.value.strip().strip("[]") in called and each.by:
            target = scope.bound(each.field).target
            if target is not None:
                found.append((each, target))
    return found


def _facts(catalogue: Catalogue, object_key: str, contact: Contact) -> dict[str, str]:
    """What is known of the contact, under the fields that tell who somebody is."""
    fields = IdentityFields.of(catalogue.object_by_key[object_key])
    own: dict[str, str] = {}
    if fields.name and (contact.company or contact.name):
        own[fields.name] = contact.company or contact.name
    own |= dict(zip(fields.phones, contact.mobiles, strict=False))
    own |= {key: contact.name for key in fields.nicknames if contact.name}
    return own
