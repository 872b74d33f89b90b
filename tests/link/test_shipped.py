"""The twelve field associations that come with the product (S0-23), against the vendors' own rows."""

from __future__ import annotations

from typing import Any

from tongmai.link import RawRow, shipped_mappings
from tongmai.simulators.u8 import U8Server, demo_book

from .desk import Desk

MORE: tuple[dict[str, Any], ...] = (
    {"key": "order_line", "label": "明细", "fields": [
        {"key": "order", "type": "relation", "label": "订单", "options": {"target": "order"}},
        {"key": "amount", "type": "money", "label": "金额"},
    ]},
    {"key": "payment", "label": "回款", "fields": [
        {"key": "customer", "type": "relation", "label": "客户", "options": {"target": "customer"}},
        {"key": "amount", "type": "money", "label": "金额"},
    ]},
    {"key": "message", "label": "消息", "fields": [
        {"key": "customer", "type": "relation", "label": "客户", "options": {"target": "customer"}},
        {"key": "sent_at", "type": "datetime", "label": "时间"},
    ]},
    {"key": "approval", "label": "审批", "fields": [
        {"key": "customer", "type": "relation", "label": "客户", "options": {"target": "customer"}},
    ]},
)  # fmt: skip


def test_there_are_twelve() -> None:
    assert sum(len(each.fields) for each in shipped_mappings()) == 12
    assert {each.source for each in shipped_mappings()} == {"u8", "wecom", "dingtalk"}


async def test_they_bring_orders_payments_chats_and_approvals_to_their_customers(desk: Desk) -> None:
    for each in MORE:
        await desk.add_object(each)
    await desk.add_field("customer", {"key": "external_id", "type": "text", "label": "外部联系人"})
    book = demo_book(customers=6, orders=30)
    async with U8Server(book) as server:
        options = {"host": server.host, "port": server.port, "database": server.database, "user": server.user}
        await desk.define(
            {"key": "u8", "label": "U8", "kind": "u8", "options": options},
            {"key": "wecom", "label": "企业微信", "kind": "wecom"},
            {"key": "dingtalk", "label": "钉钉", "kind": "dingtalk"},
            *(each.model_dump(mode="json") for each in shipped_mappings()),
        )
        await desk.secret("u8", password=server.password)
        done = await desk.pull("u8")
    assert done["state"] == "done", done
    first = (await desk.fetch("SELECT id, name FROM {schema}.customer WHERE code = '01001'"))[0]
    await desk.gateway.update(desk.system, desk.workspace, "customer", first["id"], {"external_id": "wm1"})
    async with desk.database.write() as tx:
        chat = RawRow("m1", {"customer": "wm1", "at": "2026-11-02T08:00:00+08:00", "text": "急要"})
        await desk.links.raw.put(tx, desk.workspace, "wecom", "messages", [chat])
        form = {"客户名称": first["name"].replace("有限公司", "股份有限公司"), "金额": "1"}
        await desk.links.raw.put(tx, desk.workspace, "dingtalk", "approvals", [RawRow("a1", {"form": form})])
    await desk.links.mapper.advance(desk.workspace)

    paid = book.connection.execute("SELECT count(*) FROM Ap_CloseBill WHERE cVouchType = '48'").fetchone()[0]
    assert await desk.count("order", "customer IS NOT NULL") == 30
    assert await desk.count("payment", "customer IS NOT NULL") == paid > 0
    assert await desk.count("order_line", '"order" IS NULL') == 0
    assert await desk.records("message", "customer") == [(first["id"],)]
    assert await desk.records("approval", "customer") == [(first["id"],)]
