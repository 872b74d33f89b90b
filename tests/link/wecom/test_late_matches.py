"""Who is a customer or a colleague here only after his chats came is known in them all the same, without a click."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from tests.link.desk import Desk, open_desk
from tests.link.test_mapping import SOURCE

from tongmai.kit import Settings
from tongmai.link import RawRow
from tongmai.link.understanding import ChatReader, WorkspaceWords
from tongmai.model import MappingDef, ObjectDef, diff
from tongmai.store import Database, Workspace

from .conftest import BOSS, WeComSite

MESSAGE: dict[str, Any] = {
    "key": "message", "label": "消息", "title": "text",
    "fields": [
        {"key": "text", "type": "long_text", "label": "内容"},
        {"key": "customer", "type": "relation", "label": "客户", "options": {"target": "customer"}},
    ],
}  # fmt: skip
MAPPINGS: tuple[dict[str, Any], ...] = (
    {"key": "people", "label": "人员", "source": "wecom", "stream": "members", "object": "person", "match": ["phone"],
     "creates": False, "columns": [{"path": "mobile"}], "fields": [{"field": "phone", "value": "mobile"}]},
    {"key": "contacts", "label": "客户", "source": "wecom", "stream": "customers", "object": "customer",
     "match": ["name"], "creates": False, "columns": [{"path": "corp_name"}, {"path": "external_userid"}],
     "fields": [{"field": "name", "value": "corp_name", "wins": "person"},
                {"field": "code", "value": "external_userid"}]},
    {"key": "chats", "label": "聊天", "source": "wecom", "stream": "messages", "object": "message",
     "columns": [{"path": "customer"}, {"path": "member"}, {"path": "text"}], "where": "NOT ISBLANK(text)",
     "fields": [{"field": "customer", "value": "customer", "by": ["code"]}, {"field": "text", "value": "text"},
                {"field": "owner", "value": "member", "by": ["phone", "email"]}]},
)  # fmt: skip


VISIT: dict[str, Any] = {
    "key": "visit", "label": "拜访", "title": "by",
    "fields": [
        {"key": "by", "type": "text", "label": "谁"},
        {"key": "customer", "type": "relation", "label": "客户", "required": True, "options": {"target": "customer"}},
    ],
}  # fmt: skip
VISITS: dict[str, Any] = {
    "key": "visits", "label": "拜访", "source": "wecom", "stream": "customers", "object": "visit",
    "columns": [{"path": "name"}, {"path": "external_userid"}],
    "fields": [{"field": "by", "value": "name"}, {"field": "customer", "value": "external_userid", "by": ["code"]}],
}  # fmt: skip


@dataclass
class Firm:
    desk: Desk
    reader: ChatReader

    async def catch_up(self) -> int:
        """Looks, maps and reads until nothing is found any more; how many rows were looked at again."""
        found = 0
        while more := await self.desk.links.late_matches.look(self.desk.workspace):
            found += more
            await self.desk.links.mapper.advance(self.desk.workspace)
        await self.reader.advance(self.desk.workspace)
        return found

    async def told(self) -> list[tuple[str | None, ...]]:
        """Of each message its customer, its owner and its words."""
        rows = await self.desk.fetch(
            "SELECT c.name, p.name, m.text FROM {schema}.message m LEFT JOIN {schema}.customer c ON c.id = m.customer"
            " LEFT JOIN {schema}.person p ON p.id = m.owner ORDER BY m.text"
        )
        return [tuple(row.values()) for row in rows]


@pytest.fixture
async def firm(site: WeComSite, database: Database, workspace: Workspace, settings: Settings) -> AsyncIterator[Firm]:
    desk = await open_desk(database, workspace, site.clock, settings)
    catalogue = await desk.catalogues.get(workspace)
    wanted = catalogue.replace(objects=(*catalogue.objects, ObjectDef.model_validate(MESSAGE)))
    await desk.editor.apply(workspace, diff(catalogue, wanted), None)
    company = site.company
    options = {
        "corp_id": company.corp_id, "base_url": site.url, "archive": "http", "archive_url": f"{site.url}/archive/lines"
    }  # fmt: skip
    await desk.define({"key": "wecom", "kind": "wecom", "label": "企业微信", "options": options}, *MAPPINGS)
    await desk.secret("wecom", secret=company.secret, archive_secret=company.archive_secret)
    await site.control("consent", member="zhangsan", customer=BOSS)
    await site.control("message", **{"from": BOSS, "to": ["zhangsan"], "text": "我们下周换仓"})
    reader = ChatReader(database, desk.catalogues, site.clock, WorkspaceWords(database, site.clock))
    yield Firm(desk, reader)
    await desk.links.close()


async def test_a_customer_and_a_colleague_entered_later_are_known_in_what_came_before(firm: Firm) -> None:
    await firm.desk.pull("wecom")
    assert await firm.catch_up() == 0
    assert await firm.told() == [(None, None, "我们下周换仓")]
    assert len(await firm.desk.links.decisions.open(firm.desk.workspace)) == 2
    await firm.desk.make("person", name="小张", phone="13800000001")
    await firm.desk.make("customer", name="宏达机械有限公司")
    assert await firm.catch_up() > 0
    assert await firm.told() == [("宏达机械有限公司", "小张", "我们下周换仓")]
    assert await firm.desk.links.decisions.open(firm.desk.workspace) == []
    assert await firm.desk.count("_event", "event = 'warehouse_change'") == 1
    assert await firm.catch_up() == 0


async def test_rows_that_came_while_all_was_matched_are_matched_later_too(desk: Desk) -> None:
    fields = [{"field": "name", "value": "name"}, {"field": "code", "value": "id"}]
    contacts = {
        "key": "contacts", "label": "客户", "source": "erp", "stream": "contacts", "object": "customer",
        "match": ["name"], "creates": False, "columns": [{"path": "name"}, {"path": "id"}], "fields": fields,
    }  # fmt: skip
    await desk.define(SOURCE, contacts)
    links, workspace = desk.links, desk.workspace

    async def came(key: str, name: str) -> None:
        async with desk.database.write() as tx:
            await links.raw.put(tx, workspace, "erp", "contacts", [RawRow(key, {"id": key, "name": name})])

    await desk.make("customer", name="甲公司")
    await came("1", "甲公司")
    await links.mapper.advance(workspace)
    await came("2", "乙公司")
    # Looked through before anybody has mapped what came.
    assert await links.late_matches.look(workspace) == 0
    await links.mapper.advance(workspace)
    await desk.make("customer", name="乙公司")

    assert await links.late_matches.look(workspace) == 1
    await links.mapper.advance(workspace)
    assert await desk.records("customer", "name", "code") == [("乙公司", "2"), ("甲公司", "1")]


async def test_a_member_is_his_colleague_whatever_his_account_is_called(firm: Firm) -> None:
    await firm.desk.make("person", name="小张", phone="13800000001")
    await firm.desk.pull("wecom")
    assert await firm.told() == [(None, "小张", "我们下周换仓")]


async def test_what_two_records_could_be_is_left_to_a_person(firm: Firm) -> None:
    await firm.desk.pull("wecom")
    for _ in range(2):
        await firm.desk.make("customer", name="宏达机械有限公司")
    assert await firm.catch_up() == 0
    assert await firm.told() == [(None, None, "我们下周换仓")]


async def test_a_row_whose_customer_is_nobody_yet_says_so_and_comes_in_once_he_is_there(firm: Firm) -> None:
    desk = firm.desk
    catalogue = await desk.catalogues.get(desk.workspace)
    visits = MappingDef.model_validate(VISITS)
    wanted = catalogue.replace(
        objects=(*catalogue.objects, ObjectDef.model_validate(VISIT)), mappings=(*catalogue.mappings, visits)
    )
    await desk.editor.apply(desk.workspace, diff(catalogue, wanted), None)
    await desk.pull("wecom", streams=("customers",))
    assert (await desk.refusals("wecom"))[BOSS] == ["mapping.nobody_yet"]
    (asked,) = [each for each in await desk.links.decisions.open(desk.workspace) if each.given == BOSS]
    assert asked.about == "陈老板 · 宏达机械有限公司"

    await desk.make("customer", name="宏达机械有限公司")
    await firm.catch_up()
    assert await desk.count("visit") == 1
