"""Approvals of WeCom in the sales app (S0-11): handed in, moved on, decided; nobody enters one of them here."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tongmai.kit import Settings
from tongmai.store import Database

from .corporation import Corporation, corporation, names

SELLER = "zhangsan"
FIELDS = ("number", "name", "customer", "kind", "state", "node", "amount", "owner", "evidence_in_source")


async def read(site: Corporation) -> list[list[Any]]:
    await site.pull("members", "approvals")
    found = await names(site.company, "approval", *FIELDS)
    return [[each["label"] if isinstance(each, dict) else each for each in row] for row in found]


async def test_an_approval_of_wecom_is_an_application_and_moves_as_it_moves_there(
    database: Database, settings: Settings
) -> None:
    async with corporation(database, settings, "sales", "wecom") as site:
        await site.connect(settings)
        await site.make("person", name="张三", roles=["sales"], phone=site.wecom.members[SELLER]["mobile"])
        await site.make(
            "customer", name="绍兴口腔医院有限公司", customer_type="hospital", industry="dental", budget_range="under_1m",
            decision_role="owner", city="绍兴", key_person="李院长", phone="13575550000",
        )  # fmt: skip
        form = [
            {"title": "客户名称", "value": "绍兴口腔医院（有限公司）"},
            {"title": "申请金额", "control": "Money", "value": "5000.00"},
            {"title": "附件", "control": "File", "value": {"files": [{"file_id": "WWCISP_1"}]}},
        ]
        number = (await site.act("approval", member=SELLER, name="返利申请", form=form, nodes=[1, 1, 1]))["number"]
        # An absence is nothing that a customer has to do with.
        await site.act("approval", member=SELLER, name="请假", form=[{"title": "事由", "value": "探亲"}])
        evidence = f"企业微信 {number} 的附件"
        usual = ["返利申请", "绍兴口腔医院有限公司", "rebate"]
        assert await read(site) == [[number, *usual, "running", "supervisor", 5000.0, "张三", evidence]]
        site.company.clock.advance(timedelta(hours=2))
        decided = site.company.clock.now()
        await site.act("approval", number=number, nodes=[2, 1, 1])
        assert await read(site) == [[number, *usual, "running", "finance_first", 5000.0, "张三", evidence]]
        ((since,),) = await names(site.company, "approval", "node_since")
        assert str(since)[:16] == f"{decided:%Y-%m-%dT%H:%M}"
        await site.act("approval", number=number, status=2, nodes=[2, 2, 2])
        assert await read(site) == [[number, *usual, "agreed", "done", 5000.0, "张三", evidence]]
        before = await names(site.company, "approval", "number", "version")
        await read(site)
        assert await names(site.company, "approval", "number", "version") == before
        withdrawn = await site.act("approval", member=SELLER, name="促销费用", form=form[:2])
        await site.act("approval", number=withdrawn["number"], status=4)
        assert [each[3:6] for each in await read(site) if each[0] == withdrawn["number"]] == [
            ["expense", "withdrawn", "done"]
        ]
