"""Chats of the stores: who adds a consultant becomes an enquiry by himself, what he writes lies with it, and "预约试听"
with a mobile number is heard (S4-32, recognition)."""

from __future__ import annotations

import orjson

from tongmai.access import SystemActor
from tongmai.kit import Settings
from tongmai.link import RawRow
from tongmai.link.understanding import ChatReader
from tongmai.store import Database

from .sales_company import SalesCompany, sales_company

SYSTEM = SystemActor("test")


async def names(company: SalesCompany, object_key: str, *fields: str) -> list[list[object]]:
    page = await company.gateway.list(SYSTEM, company.workspace, object_key, fields=fields, sort=fields[0])
    return [[each[field] for field in fields] for each in orjson.loads(page)["items"]]


async def test_a_chat_becomes_an_enquiry_with_its_words(database: Database, settings: Settings) -> None:
    customers = [
        {
            "external_userid": "wm1",
            "name": "小雨妈妈",
            "follow_user": [{"userid": "zhou", "remark_mobiles": ["13575551234"]}],
        },
        {"external_userid": "wm2", "name": "路过", "follow_user": [{"userid": "zhou"}]},
    ]
    said = [("wm1", "你好，想预约试听，我的手机 13575551234"), ("wm1", "周六可以吗"), ("wm2", "不用预约试听了")]
    async with sales_company(database, settings, "store") as company:
        links, workspace, at = company.links, company.workspace, company.clock.now()
        messages = [
            {"id": f"m{n}", "at": at.isoformat(), "kind": "text", "direction": "in", "customer": who, "text": text}
            for n, (who, text) in enumerate(said)
        ]
        async with database.write() as tx:
            rows = [RawRow(each["external_userid"], each, at) for each in customers]
            await links.raw.put(tx, workspace, "store_wecom", "customers", rows)
            rows = [RawRow(str(each["id"]), each, at) for each in messages]
            await links.raw.put(tx, workspace, "store_wecom", "messages", rows)
        await links.mapper.advance(workspace)
        await ChatReader(database, company.catalogues, company.clock, links.words).advance(workspace)
        assert await names(company, "enquiry", "name", "source") == [["小雨妈妈", "wecom"], ["路过", "wecom"]]
        assert len(await names(company, "store_chat", "text")) == 3
        async with database.read() as tx:
            heard = await tx.fetch(f"SELECT event, object FROM {workspace.quoted_schema}._event ORDER BY event DESC")
    # "不用预约试听了" is none.
    assert [(row["event"], row["object"]) for row in heard] == [
        ("trial_booking", "enquiry"),
        ("customer_question", "enquiry"),
    ]
