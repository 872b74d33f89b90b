"""Who is this chat's customer: the record it is linked with, or candidates with reasons; linked by one click, unlinked.

Only whoever follows the contact or sees the record is told; every look is in the audit log (S2-52).
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import orjson

from tongmai.access import Actor
from tongmai.identity import write_audit
from tongmai.kit import Clock, Conflict, Denied, NotFound, Text
from tongmai.link.identity.candidates import Candidates, IdentityFields, Likely
from tongmai.link.mapping.decisions import Decisions
from tongmai.link.raw import RawRows
from tongmai.link.sidebar.chat_links import ChatLink, ChatLinks
from tongmai.link.sidebar.chats import Chats, Contact
from tongmai.link.sidebar.meanings import meanings_of
from tongmai.model import Catalogue
from tongmai.records import Gateway
from tongmai.schema import CatalogueStore
from tongmai.store import Database, Workspace, WriteTx
from tongmai.work import may_move


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
        self._links = ChatLinks(database, clock, gateway, decisions, raw)

    async def who(self, actor: Actor, workspace: Workspace, source: str, external_id: str) -> ChatCustomer:
        """Raises ``NotFound`` for a contact that is none, ``Denied`` for a chat that is not the actor's."""
        catalogue = await self._catalogues.get(workspace)
        meanings = meanings_of(catalogue, source)
        contact = await self._chats.contact(workspace, source, external_id)
        found = await self._links.find(workspace, meanings, source, external_id)
        record = None if found is None else await self._seen(actor, workspace, catalogue, found)
        await self._admit(actor, workspace, source, contact, record)
        if record is not None:
            candidates = await self._candidates.of(actor, workspace, meanings.object, record.id, limit=5)
        elif found is None:
            own = _facts(catalogue, meanings.object, contact)
            candidates = await self._candidates.like(actor, workspace, meanings.object, own, limit=5)
        else:
            candidates = []
        return ChatCustomer(contact, meanings.object, record, found is not None and record is None, tuple(candidates))

    async def link(self, actor: Actor, workspace: Workspace, source: str, external_id: str, record: UUID) -> None:
        """Links the chat with a record that the actor may change.

        Raises ``NotFound``, ``Denied``; ``Conflict`` where it is linked with another: those two are merged instead.
        """
        catalogue = await self._catalogues.get(workspace)
        meanings = meanings_of(catalogue, source)
        contact = await self._chats.contact(workspace, source, external_id)
        await self._admit(actor, workspace, source, contact, None)
        await self._require_change(actor, workspace, meanings.object, record)
        found = await self._links.find(workspace, meanings, source, external_id)
        if found is not None and found.record == record:
            return
        if found is not None:
            raise Conflict.of(
                "chat.linked",
                "该联系人已关联其他客户",
                "This contact is linked with another customer",
                way_out=Text("请先取消关联，或合并两个客户", "Unlink it first, or merge the two customers"),
            )
        async with self._database.write() as tx:
            await self._links.write(tx, workspace, meanings, source, external_id, record, actor.id)
            await self._note(tx, actor, workspace, "chat.linked", source, external_id, record)

    async def unlink(self, actor: Actor, workspace: Workspace, source: str, external_id: str) -> None:
        """Takes a link of the side-bar back; what comes from now on waits for a person again.

        Raises ``NotFound``; ``Denied`` where somebody else linked it with a customer that the actor may not change.
        """
        catalogue = await self._catalogues.get(workspace)
        meanings = meanings_of(catalogue, source)
        contact = await self._chats.contact(workspace, source, external_id)
        await self._admit(actor, workspace, source, contact, None)
        async with self._database.write() as tx:
            link, linked_by = await self._links.remove(tx, workspace, meanings, source, external_id)
            await self._require_change(actor, workspace, link.object, link.record, linked_by)
            await self._note(tx, actor, workspace, "chat.unlinked", source, external_id, link.record)

    async def _require_change(
        self, actor: Actor, workspace: Workspace, object_key: str, record: UUID, linked_by: UUID | None = None
    ) -> None:
        """Raises ``NotFound`` for a record that is not the actor's to see, ``Denied`` for one not his to change. Who
        made the link may take it back all the same."""
        if linked_by != actor.id:
            await self._gateway.get(actor, workspace, object_key, record)
        owner = None if linked_by is None else str(linked_by)
        if not await may_move(self._gateway, actor, workspace, object_key, record, owner):
            raise Denied.of(
                "chat.may_not_link",
                "您不能修改这个客户",
                "You may not change this customer",
                way_out=Text(
                    "请客户的负责人关联，或请管理员授权", "Let its owner link it, or ask an administrator for the right"
                ),
            )

    async def _seen(
        self, actor: Actor, workspace: Workspace, catalogue: Catalogue, link: ChatLink
    ) -> LinkedRecord | None:
        try:
            document = orjson.loads(await self._gateway.get(actor, workspace, link.object, link.record))
        except (NotFound, Denied):
            return None
        title = catalogue.object_by_key[link.object].title or ""
        return LinkedRecord(link.object, link.record, str(document.get(title) or link.record), link.by_person)

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


def _facts(catalogue: Catalogue, object_key: str, contact: Contact) -> dict[str, str]:
    """What is known of the contact, under the fields that tell who somebody is."""
    fields = IdentityFields.of(catalogue.object_by_key[object_key])
    own: dict[str, str] = {}
    if fields.name and (contact.company or contact.name):
        own[fields.name] = contact.company or contact.name
    own |= dict(zip(fields.phones, contact.mobiles, strict=False))
    own |= {key: contact.name for key in fields.nicknames if contact.name}
    return own
