"""Which chat it is, and whether the person who asks is one of its followers."""

# ruff: noqa: S608 - the schema's name is quoted, values are bound

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from pydantic import JsonValue

from tongmai.kit import Invalid, NotFound, Text, TongmaiError
from tongmai.link.opening import Sources
from tongmai.link.raw import RawRows
from tongmai.link.wecom import WeComSource, members_of
from tongmai.link.wecom.readings import followed_customer
from tongmai.schema import CatalogueStore
from tongmai.store import Database, Workspace

_ID = re.compile(r"[A-Za-z0-9_\-@.]{1,128}")
_ASKING_S = 3.0
# Rooms are looked for in the latest messages: a side-bar stands beside a room that is talked in.
_LATEST = 20_000
_MOST_IN_ROOM = 20


@dataclass(frozen=True, slots=True)
class Contact:
    """A customer of a chat as the source tells of him. ``followers`` are members' ids of the source."""

    external_id: str
    name: str
    company: str
    mobiles: tuple[str, ...]
    followers: frozenset[str]


class Chats:
    """Reads of contacts and rooms, for all workspaces."""

    def __init__(self, database: Database, catalogues: CatalogueStore, sources: Sources, raw: RawRows) -> None:
        self._database = database
        self._catalogues = catalogues
        self._sources = sources
        self._raw = raw

    async def contact(self, workspace: Workspace, source: str, external_id: str) -> Contact:
        """The contact as it lies here; one that was never pulled is asked for. Raises ``NotFound``, ``Invalid``."""
        _check_id(external_id, "external_user_id")
        async with self._database.read() as tx:
            stored = await self._raw.bodies(tx, workspace, source, "customers", [external_id])
        if external_id in stored:
            row = stored[external_id]
            # Whom nobody follows any more is as he was, and shown to no former follower.
            return _contact(external_id, {**row.body, "follow_user": []} if row.deleted else row.body)
        return _contact(external_id, await self._asked(workspace, source, external_id))

    async def members(self, workspace: Workspace, source: str, person: UUID) -> frozenset[str]:
        """The person's own ids with the source."""
        catalogue = await self._catalogues.get(workspace)
        kind = catalogue.source_by_key[source].kind if source in catalogue.source_by_key else ""
        async with self._database.read() as tx:
            found = await members_of(tx, workspace, catalogue, person, kind)
        return frozenset(each.userid for each in found if each.source == source)

    async def customers_of_room(
        self, workspace: Workspace, source: str, room: str, members: frozenset[str]
    ) -> list[str]:
        """External ids of who spoke in a room that one of ``members`` was in. Raises ``NotFound``."""
        _check_id(room, "chat_id")
        async with self._database.read() as tx:
            rows = await tx.fetch(
                "SELECT m.body->>'from' AS sender, m.body->>'customer' AS customer, m.body->'to' ?| $5::text[] AS heard"
                f" FROM (SELECT body FROM {workspace.quoted_schema}._raw WHERE source = $1 AND stream = 'messages'"
                "  ORDER BY seq DESC LIMIT $2) m WHERE m.body->>'room' = $3 LIMIT $4",
                source, _LATEST, room, _LATEST, sorted(members),
            )  # fmt: skip
        if not any(row["heard"] or row["sender"] in members for row in rows):
            raise NotFound.of("chat.unknown", "没有这个群聊", "There is no such chat of yours")
        return list(dict.fromkeys(row["customer"] for row in rows if row["customer"]))[:_MOST_IN_ROOM]

    async def _asked(self, workspace: Workspace, source: str, external_id: str) -> Mapping[str, JsonValue]:
        known = await self._sources.known(workspace, source)
        async with self._sources.opened(workspace, known) as opened:
            if isinstance(opened, WeComSource):
                try:
                    async with asyncio.timeout(_ASKING_S):
                        return (await followed_customer(opened.client, external_id)).body
                except (TongmaiError, TimeoutError):
                    pass
        raise NotFound.of("chat.unknown_contact", "没有这个外部联系人", "There is no such contact")


def _check_id(given: str, field: str) -> None:
    if not _ID.fullmatch(given):
        raise Invalid.of(
            "chat.bad_id",
            "不是有效的联系人或群聊编号",
            "Not an id of a contact or chat",
            field=field,
            way_out=Text("请在企业微信的聊天里打开侧边栏", "Open the side-bar within a chat of WeCom"),
        )


def _contact(external_id: str, body: Mapping[str, JsonValue]) -> Contact:
    told = body.get("follow_user")
    follows = [each for each in told if isinstance(each, dict)] if isinstance(told, list) else []
    companies = [body.get("corp_full_name"), body.get("corp_name"), *(each.get("remark_corp_name") for each in follows)]
    lists = [each.get("remark_mobiles") for each in follows]
    mobiles = [one for each in lists if isinstance(each, list) for one in each if isinstance(one, str)]
    return Contact(
        external_id,
        str(body.get("name") or ""),
        next((each for each in companies if isinstance(each, str) and each), ""),
        tuple(dict.fromkeys(mobiles)),
        frozenset(str(each["userid"]) for each in follows if each.get("userid")),
    )
