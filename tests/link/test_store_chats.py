"""Chats of the stores: who adds a consultant becomes an enquiry by himself, what he writes lies with it, and "预约试听"
with a mobile number is heard (S4-32, recognition)."""

from __future__ import annotations

from datetime import timedelta

from tongmai.access import SystemActor
from tongmai.identity import load_actor
from tongmai.kit import Settings
from tongmai.link import RawRow
from tongmai.link.understanding import ChatReader
from tongmai.store import Database

from .corporation import corporation, names
from .sales_company import START, sales_company

SYSTEM = SystemActor("test")
MOTHER, PASSER_BY, NEIGHBOUR = (
    "wmMOTHER0000000000000000000001",
    "wmPASSERBY000000000000000000002",
    "wmNEIGHBOUR0000000000000000003",
)
CONSULTANT = "zhangsan"


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


async def test_the_app_s_own_source_reads_the_corporation(database: Database, settings: Settings) -> None:
    """Over the vendor's protocol, with nothing but the app's YAML: who was noted at the counter and adds the consultant
    later stays one enquiry, no words are kept without consent, and a second pull changes nothing."""
    async with corporation(database, settings, "store", "store_wecom") as shop:
        await shop.connect(settings)
        mobile = shop.wecom.members[CONSULTANT]["mobile"]
        consultant = await shop.make("person", name="张三", roles=["consultant"], phone=mobile)
        async with database.read() as tx:
            actor = await load_actor(tx, shop.company.workspace, consultant)
        assert actor is not None
        await shop.make("enquiry", actor, name="小雨妈妈", mobile="13575551234")
        for identity, name in ((MOTHER, "雨妈"), (PASSER_BY, "路过"), (NEIGHBOUR, "邻居")):
            shop.wecom.add_customer(identity, name, "", CONSULTANT)
        shop.wecom.customers[MOTHER]["follow_user"][0]["remark_mobiles"] = ["13575551234"]
        for who in (MOTHER, PASSER_BY):
            await shop.act("consent", member=CONSULTANT, customer=who)
        await shop.say(MOTHER, CONSULTANT, "想预约试听，我的手机 13575551234")
        await shop.say(PASSER_BY, CONSULTANT, "多少钱一节")
        await shop.say(NEIGHBOUR, CONSULTANT, "我没有同意存档，手机 13575550000 想预约试听")
        await shop.act("expire_tokens")
        await shop.pull("members", "customers", "messages")
        company = shop.company
        enquiries = await names(company, "enquiry", "name", "external_id", "source", "owner")
        assert len(enquiries) == 3
        assert {(each[0], each[1], each[3]["label"]) for each in enquiries} == {
            ("小雨妈妈", MOTHER, "张三"), ("路过", PASSER_BY, "张三"), ("邻居", NEIGHBOUR, "张三"),
        }  # fmt: skip
        asked = await names(company, "enquiry", "name", "asked_at")
        assert all(str(each[1]).startswith(f"{START:%Y-%m-%d}") for each in asked)
        chats = await names(company, "store_chat", "enquiry", "text", "owner")
        assert {(each[0]["label"], each[1]) for each in chats} == {
            ("小雨妈妈", "想预约试听，我的手机 13575551234"), ("路过", "多少钱一节"), ("邻居", None),
        }  # fmt: skip
        assert all(each[2]["label"] == "张三" for each in chats)
        async with database.read() as tx:
            schema = company.workspace.quoted_schema
            told = await tx.fetch(
                f"SELECT e.event, q.name FROM {schema}._event e JOIN {schema}.enquiry q ON q.id = e.record_id"
                " WHERE e.event = 'trial_booking'"
            )
            refused = await tx.fetch_value(f"SELECT count(*) FROM {schema}._refusal")
        assert [tuple(each) for each in told] == [("trial_booking", "小雨妈妈")]
        assert refused == 0
        before = await names(company, "enquiry", "name", "version")
        company.clock.advance(timedelta(minutes=5))
        await shop.pull("members", "customers", "messages")
        assert await names(company, "enquiry", "name", "version") == before
        assert len(await names(company, "store_chat", "external_key")) == 3
