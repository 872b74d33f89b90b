"""The side-bar of a chat (S2-19, S2-52): whose chat it is, linked by one click, seen by its followers only, each look
in the audit log."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.link.desk import Desk, open_desk

from tongmai.access import Actor
from tongmai.identity import load_actor
from tongmai.kit import Conflict, Denied, Invalid, NotFound, Settings
from tongmai.link import RawRow
from tongmai.link.understanding import ChatReader, WorkspaceWords
from tongmai.model import Changeset, ObjectDef, RemoveField, RoleDef, diff
from tongmai.store import Database, Workspace

from .conftest import BOSS, WeComSite

MESSAGE: dict[str, Any] = {
    "key": "message", "label": "消息", "title": "text",
    "fields": [
        {"key": "text", "type": "long_text", "label": "内容"},
        {"key": "customer", "type": "relation", "label": "客户", "options": {"target": "customer"}},
    ],
}  # fmt: skip
FOLLOW_UP: dict[str, Any] = {
    "key": "follow_up", "label": "跟进",
    "fields": [
        {"key": "customer", "type": "relation", "label": "客户", "options": {"target": "customer"}},
        {"key": "messages", "type": "relation", "label": "聊天", "options": {"target": "message", "many": True}},
        {"key": "note", "type": "long_text", "label": "补充"},
    ],
    "light_entry": {"label": "进展", "about": "customer", "presets": [{"key": "called", "label": "已联系"}]},
}  # fmt: skip
SALES: dict[str, Any] = {
    "key": "sales", "label": "销售",
    "grants": [
        {"object": each, "read": "own", "create": True, "update": "own"}
        for each in ("customer", "message", "follow_up")
    ],
}  # fmt: skip


@dataclass
class Bar:
    desk: Desk
    site: WeComSite
    anna: Actor
    bert: Actor
    reader: ChatReader

    async def who(self, external: str = BOSS, actor: Actor | None = None) -> Any:
        return await self.desk.links.chat_customers.who(actor or self.anna, self.desk.workspace, "wecom", external)

    async def link(self, record: UUID, external: str = BOSS, actor: Actor | None = None) -> None:
        await self.desk.links.chat_customers.link(actor or self.anna, self.desk.workspace, "wecom", external, record)

    async def say(self, text: str, sender: str = BOSS, **more: Any) -> None:
        self.site.clock.advance(timedelta(minutes=1))
        await self.site.control("message", **{"from": sender, "to": ["zhangsan"], "text": text}, **more)

    async def pull(self, *streams: str) -> None:
        done = await self.desk.pull("wecom", streams=streams)
        assert done["state"] == "done", done
        await self.desk.links.mapper.advance(self.desk.workspace)
        await self.reader.advance(self.desk.workspace)

    async def looks(self, kind: str) -> int:
        return int(
            (
                await self.desk.fetch(
                    "SELECT count(*) FROM tongmai.audit WHERE workspace_id = $1 AND kind = $2",
                    self.desk.workspace.id,
                    kind,
                )
            )[0][0]
        )


@pytest.fixture
async def bar(site: WeComSite, database: Database, workspace: Workspace, settings: Settings) -> AsyncIterator[Bar]:
    """Zhangsan of the source is Anna; Bert has no account there. Contacts are pulled and mapped to nothing yet."""
    desk = await open_desk(database, workspace, site.clock, settings)
    catalogue = await desk.catalogues.get(workspace)
    objects = tuple(ObjectDef.model_validate(each) for each in (MESSAGE, FOLLOW_UP))
    wanted = catalogue.replace(
        objects=(*catalogue.objects, *objects), roles=(*catalogue.roles, RoleDef.model_validate(SALES))
    )
    await desk.editor.apply(workspace, diff(catalogue, wanted), None)
    company = site.company
    options = {
        "corp_id": company.corp_id, "agent_id": company.agent_id, "base_url": site.url, "archive": "http",
        "archive_url": f"{site.url}/archive/lines",
    }  # fmt: skip
    await desk.define(
        {"key": "wecom", "kind": "wecom", "label": "企业微信", "options": options},
        {
            "key": "chats", "label": "聊天", "source": "wecom", "stream": "messages", "object": "message",
            "columns": [{"path": "customer"}, {"path": "text"}], "where": "NOT ISBLANK(text)",
            "fields": [
                {"field": "customer", "value": "customer", "by": ["code"]}, {"field": "text", "value": "text"},
            ],
        },
        {
            "key": "people", "label": "人员", "source": "wecom", "stream": "members", "object": "person",
            "columns": [{"path": "name"}], "fields": [{"field": "name", "value": "name"}], "where": "name = '张三'",
        },
    )  # fmt: skip
    await desk.secret("wecom", secret=company.secret, archive_secret=company.archive_secret)
    reader = ChatReader(database, desk.catalogues, site.clock, WorkspaceWords(database, site.clock))
    bert = await desk.make("person", name="伯特", roles=["sales"])
    await desk.pull("wecom", streams=["members", "customers"])
    anna = (await desk.fetch("SELECT id FROM {schema}.person WHERE name = '张三'"))[0]["id"]
    await desk.gateway.update(desk.system, workspace, "person", anna, {"roles": ["sales"]})
    async with database.read() as tx:
        first, second = await load_actor(tx, workspace, anna), await load_actor(tx, workspace, bert)
    assert first is not None
    assert second is not None
    await site.control("consent", member="zhangsan", customer=BOSS)
    yield Bar(desk, site, first, second, reader)
    await desk.links.close()


async def own(bar: Bar, name: str, actor: Actor, **more: Any) -> UUID:
    return await bar.desk.make("customer", name=name, owner=str(actor.id), **more)


async def test_candidates_come_with_reasons_and_only_ones_own(bar: Bar) -> None:
    mine = await own(bar, "宏达机械", bar.anna)
    await own(bar, "宏达机械股份有限公司", bar.bert)
    who = await bar.who()
    assert (who.record, who.is_elsewhere, who.contact.company) == (None, False, "宏达机械有限公司")
    assert [(each.id, each.reasons[0].en) for each in who.candidates] == [
        (mine, "the same name, but for the legal form")
    ]


async def test_one_click_links_the_chat_and_what_waited_goes_to_the_customer(bar: Bar) -> None:
    mine = await own(bar, "宏达机械", bar.anna)
    await bar.say("这批货急要")
    await bar.pull("messages")
    assert await bar.desk.records("message", "customer") == [(None,)]

    await bar.link(mine)
    await bar.say("还在吗")
    await bar.pull("messages")

    who = await bar.who()
    assert (who.record.id, who.record.label, who.record.by_person) == (mine, "宏达机械", True)
    assert await bar.desk.records("message", "customer") == [(mine,), (mine,)]
    assert await bar.desk.links.decisions.open(bar.desk.workspace) == []
    await bar.link(mine)  # the same again changes nothing


async def test_a_link_gives_the_contacts_row_to_the_customer_and_its_signals_too(bar: Bar) -> None:
    await bar.desk.define(
        {
            "key": "contacts", "label": "客户", "source": "wecom", "stream": "customers", "object": "customer",
            "columns": [{"path": "name"}], "fields": [{"field": "nickname", "value": "name"}], "match": ["nickname"],
            "creates": False,
        }
    )  # fmt: skip
    await bar.desk.links.mapper.advance(bar.desk.workspace)
    mine = await own(bar, "宏达机械", bar.anna)
    await bar.say("这批货急要")
    await bar.pull("messages")
    assert await bar.desk.count("_event", "event = 'urgent'") == 0

    await bar.link(mine)
    await bar.desk.links.mapper.advance(bar.desk.workspace)
    await bar.reader.advance(bar.desk.workspace)

    assert (await bar.desk.get("customer", mine))["nickname"] == (await bar.who()).contact.name
    assert await bar.desk.count("_event", f"event = 'urgent' AND record_id = '{mine}'") == 1


async def test_who_does_not_follow_the_contact_is_refused_and_it_is_logged(bar: Bar) -> None:
    mine = await own(bar, "宏达机械", bar.anna)
    with pytest.raises(Denied):
        await bar.who(actor=bar.bert)
    with pytest.raises(Denied):
        await bar.link(mine, actor=bar.bert)
    await bar.who()
    assert (await bar.looks("chat.refused"), await bar.looks("chat.looked")) == (2, 1)


async def test_who_follows_the_contact_no_more_sees_him_no_more(bar: Bar) -> None:
    assert (await bar.who()).contact.name == "陈老板"
    await bar.site.control("unfollow", id=BOSS, member="zhangsan")
    bar.site.clock.advance(timedelta(minutes=1))
    await bar.pull("customers")
    with pytest.raises(Denied):
        await bar.who()
    await bar.site.control("customer", id=BOSS, name="陈老板", member="zhangsan")
    await bar.pull("customers")
    assert (await bar.who()).contact.name == "陈老板"


async def test_nobody_links_with_a_customer_that_is_not_his(bar: Bar) -> None:
    theirs = await own(bar, "宏达机械", bar.bert)
    with pytest.raises(NotFound):
        await bar.link(theirs)
    await bar.desk.gateway.update(bar.desk.system, bar.desk.workspace, "customer", theirs, {"code": BOSS})
    who = await bar.who()
    assert (who.record, who.is_elsewhere, who.candidates) == (None, True, ())


async def test_another_customer_is_not_linked_over_the_first_until_it_is_unlinked(bar: Bar) -> None:
    first, second = await own(bar, "宏达机械", bar.anna), await own(bar, "宏达泵业", bar.anna)
    await bar.link(first)
    with pytest.raises(Conflict):
        await bar.link(second)
    await bar.desk.links.chat_customers.unlink(bar.anna, bar.desk.workspace, "wecom", BOSS)
    assert (await bar.who()).record is None
    assert await bar.desk.links.decisions.open(bar.desk.workspace) == []
    with pytest.raises(NotFound):
        await bar.desk.links.chat_customers.unlink(bar.anna, bar.desk.workspace, "wecom", BOSS)
    await bar.link(second)
    assert (await bar.who()).record.id == second


async def test_a_colleague_who_follows_too_does_not_unlink_a_customer_that_is_not_his(bar: Bar) -> None:
    await bar.link(await own(bar, "宏达机械", bar.anna))
    async with bar.desk.database.write() as tx:
        account = RawRow("lisi", {"name": "伯特"})
        await bar.desk.links.raw.put(tx, bar.desk.workspace, "wecom", "members", [account])
        follows = {"follow_user": [{"userid": "zhangsan"}, {"userid": "lisi"}], "corp_name": "宏达机械有限公司"}
        await bar.desk.links.raw.put(tx, bar.desk.workspace, "wecom", "customers", [RawRow(BOSS, follows)])
    mapping = (await bar.desk.catalogues.get(bar.desk.workspace)).mapping_by_key["people"]
    everybody = {**mapping.model_dump(mode="json"), "where": None, "match": ["name"]}
    await bar.desk.define(everybody)
    await bar.desk.links.mapper.advance(bar.desk.workspace)
    who = await bar.who(actor=bar.bert)
    assert (who.record, who.is_elsewhere) == (None, True)
    with pytest.raises(NotFound):
        await bar.desk.links.chat_customers.unlink(bar.bert, bar.desk.workspace, "wecom", BOSS)
    assert (await bar.who()).record.label == "宏达机械"


async def test_a_token_that_may_only_read_takes_no_link_back(bar: Bar) -> None:
    """Not even the one that its own person made."""
    await bar.link(await own(bar, "宏达机械", bar.anna))
    reader = replace(bar.anna, via="token:x", scopes=frozenset({"read"}))
    with pytest.raises(Denied):
        await bar.desk.links.chat_customers.unlink(reader, bar.desk.workspace, "wecom", BOSS)
    assert (await bar.who()).record.label == "宏达机械"


async def test_messages_are_taken_over_by_reference_once(bar: Bar) -> None:
    mine = await own(bar, "宏达机械", bar.anna)
    await bar.say("这批货急要")
    await bar.pull("messages")
    capture, workspace = bar.desk.links.chat_capture, bar.desk.workspace
    (message,) = (row["id"] for row in await bar.desk.fetch("SELECT id FROM {schema}.message"))
    with pytest.raises(Invalid):
        await capture.capture(bar.anna, workspace, "wecom", BOSS, note="未关联")
    await bar.link(mine)
    with pytest.raises(NotFound):
        await capture.capture(bar.anna, workspace, "wecom", BOSS, messages=[message])
    await bar.desk.gateway.update(bar.desk.system, workspace, "message", message, {"owner": str(bar.anna.id)})

    made = [
        await capture.capture(bar.anna, workspace, "wecom", BOSS, messages=[message], note="周三前发货", key="tap-1")
        for _ in range(2)
    ]

    assert made[0].record == made[1].record
    assert await bar.desk.records("follow_up", "customer", "note") == [(mine, "周三前发货")]
    shown = await bar.desk.get("follow_up", made[0].record)
    assert [each["id"] for each in shown["messages"]] == [str(message)]
    assert await bar.desk.count("_history", "object = 'follow_up' AND after::text LIKE '%急要%'") == 0


async def test_what_a_follow_up_has_no_field_for_is_refused_not_lost(bar: Bar) -> None:
    mine = await own(bar, "宏达机械", bar.anna)
    await bar.link(mine)
    desk = bar.desk
    change = Changeset(actions=(RemoveField(object="follow_up", field="note"),))
    await desk.editor.apply(desk.workspace, change, None)
    with pytest.raises(Invalid) as refused:
        await desk.links.chat_capture.capture(bar.anna, desk.workspace, "wecom", BOSS, files=[mine], note="周三前发货")
    assert [each.text.zh for each in refused.value.faults] == [
        "跟进记录没有放附件的字段",
        "跟进记录没有放跟进内容的字段",
    ]
    assert await desk.records("follow_up", "customer") == []


async def test_a_room_shows_its_customers_to_who_is_in_it(bar: Bar) -> None:
    mine = await own(bar, "宏达机械", bar.anna)
    await bar.link(mine)
    await bar.say("大家好", room="wrROOM1")
    await bar.pull("messages")
    members = await bar.desk.links.chats.members(bar.desk.workspace, "wecom", bar.anna.id)
    found = await bar.desk.links.chats.customers_of_room(bar.desk.workspace, "wecom", "wrROOM1", members)
    assert found == [BOSS]
    with pytest.raises(NotFound):
        await bar.desk.links.chats.customers_of_room(bar.desk.workspace, "wecom", "wrROOM1", frozenset({"lisi"}))


@pytest.mark.parametrize("odd", ["", "a'b", "x" * 200, "甲\x00"])
async def test_odd_ids_are_refused(bar: Bar, odd: str) -> None:
    with pytest.raises(Invalid):
        await bar.who(odd)


async def test_tickets_are_fetched_once_for_many_pages(bar: Bar) -> None:
    signer = bar.desk.links.page_signer
    page = "https://tongmai.example.com/side-bar"
    first, second = [await signer.sign(bar.desk.workspace, "wecom", page) for _ in range(2)]
    assert first.config.nonce != second.config.nonce
    asked = {path: count for (path, _), count in bar.site.company.counted.items() if "ticket" in path}
    assert asked == {"/cgi-bin/get_jsapi_ticket": 1, "/cgi-bin/ticket/get": 1}
