"""What the sales app measures and moves by itself: baselines, class outcomes, kits, tags, ledger, stock, birthdays."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.apps.morning import CORE, SYSTEM, Morning, team

from tongmai.records.files import Files
from tongmai.rules import Event, tell_event

MONDAY = datetime(2026, 11, 2, 1, tzinfo=UTC)


async def customer(morning: Morning, name: str, **more: Any) -> UUID:
    return await morning.shop.make("customer", name=name, **{**CORE, **more})


async def one(morning: Morning, object_key: str, condition: str, *fields: str) -> dict[str, Any]:
    (found,) = await morning.records(object_key, condition, *fields)
    return found


async def test_the_baselines_are_measured_of_each_person(morning: Morning) -> None:
    """S0-01, S0-02, S0-03, S0-49: hours on exceptions, customers without a deal, checks an order, effective follow-ups."""
    shop = morning.shop
    seller, lead = await team(shop)
    now = shop.clock.now()
    for kind, hours in (("order", 2), ("payment", 3)):
        begun = now - timedelta(hours=hours)
        await shop.make("exception_case", topic=kind, kind=kind, owner=lead, started_at=begun, finished_at=now)
    bought = await customer(morning, "成交", owner=seller, external_id="w1")
    await customer(morning, "僵尸", owner=seller, external_id="w2")
    await customer(morning, "不在微信", owner=seller)
    order = await shop.make("order", number="A", customer=bought, placed=now - timedelta(days=1))
    await shop.make("order", number="B", customer=bought, placed=now - timedelta(days=2))
    for what in ("价格", "效期", "资质"):
        await shop.make("order_check", what=what, order=order)
    follow_up = {"customer": bought, "owner": seller, "happened_at": now}
    await shop.make("follow_up", topic="a", progress="poc_time", **follow_up)
    await shop.make("follow_up", topic="b", progress="nothing_new", **follow_up)
    await morning.round()
    boss = await one(morning, "person", "[name] = '陈主管'", "exception_hours_30", "exception_hours_day")
    assert (boss["exception_hours_30"], boss["exception_hours_day"]) == (5, 0.25)
    rep = await one(
        morning, "person", "[name] = '林销售'", "wechat_customers", "zombies", "zombie_share", "checks_per_order",
        "effective_customers",
    )  # fmt: skip
    assert (rep["wechat_customers"], rep["zombies"], rep["zombie_share"]) == (2, 1, 0.5)
    assert (rep["checks_per_order"], rep["effective_customers"]) == (1.5, 1)


async def test_missing_documents_are_asked_for_before_the_fifteenth(morning: Morning) -> None:
    """S0-03: from the tenth, each working day, and never on the fifteenth."""
    shop = morning.shop
    seller, _ = await team(shop)
    buyer = await customer(morning, "甲诊所", owner=seller)
    now = shop.clock.now()
    await shop.make("order", number="U8-9", customer=buyer, placed=now, missing_documents=["invoice_form"])
    await shop.make("order", number="U8-8", customer=buyer, placed=now)
    await morning.round()
    days = []
    for day in range(9, 17):
        shop.clock.moment = datetime(2026, 11, day, 1, 1, tzinfo=UTC)
        before = len(await _told(morning, "补齐单据"))
        await morning.round()
        if len(await _told(morning, "补齐单据")) > before:
            days.append(day)
    assert days == [10, 11, 12, 13]
    assert await _told(morning, "U8-8") == []


async def test_a_red_customer_who_was_reached_and_bought_again_is_counted(morning: Morning) -> None:
    """S0-22, S0-24, S0-25: every customer has a class; touches and orders after turning red are told apart from before."""
    shop = morning.shop
    seller, _ = await team(shop)
    now = shop.clock.now()
    red = await customer(morning, "沉默", owner=seller)
    await customer(morning, "没买过", owner=seller)
    await shop.make("order", number="旧", customer=red, placed=now - timedelta(days=80))
    await shop.make("message", text="在吗", customer=red, direction="out", sent_at=now - timedelta(days=50))
    await morning.round()
    assert await morning.records("customer", "[customer_health] IS BLANK") == []
    grey = await one(morning, "customer", "[name] = '没买过'", "customer_health", "pool")
    assert (grey["customer_health"], grey["pool"]) == ("grey", "nurture")
    shop.clock.advance(timedelta(hours=1))
    at = shop.clock.now()
    await shop.make("call", summary="问候", customer=red, started_at=at, seconds=60)
    await shop.make("order", number="新", customer=red, placed=at + timedelta(minutes=5))
    shop.clock.advance(timedelta(hours=1))
    await morning.round()
    found = await one(
        morning,
        "customer",
        "[name] = '沉默'",
        "touches_since_red",
        "calls_since_red",
        "reached_since_red",
        "resumed_orders",
    )
    assert [found[key] for key in ("touches_since_red", "calls_since_red", "reached_since_red", "resumed_orders")] == [
        0, 1, 1, 1,
    ]  # fmt: skip


async def test_a_kit_remembers_the_class_and_sees_the_upgrade(morning: Morning) -> None:
    """S0-26: yellow when issued, green afterwards; only then is it the kit's."""
    shop = morning.shop
    seller, _ = await team(shop)
    yellow = await customer(morning, "黄标", owner=seller)
    now = shop.clock.now()
    await shop.make("order", number="一", customer=yellow, placed=now)
    await shop.make("call", summary="问候", customer=yellow, started_at=now, seconds=30)
    await morning.round()
    assert (await one(morning, "customer", "TRUE", "customer_health"))["customer_health"] == "yellow"
    shop.clock.advance(timedelta(minutes=1))
    await shop.make("kit_issue", customer=yellow, owner=seller)
    await morning.round()
    kit = await one(morning, "kit_issue", "TRUE", "class_at_issue", "upgraded_after")
    assert (kit["class_at_issue"], kit["upgraded_after"]) == ("yellow", False)
    for number, category in enumerate(("骨科耗材", "口腔耗材", "检验试剂")):
        product = await shop.make("product", name=category, code=str(number), category=category)
        order = await shop.make("order", number=f"o{number}", customer=yellow, placed=now)
        await shop.make("order_line", order=order, product=product, quantity="1", amount="1")
    entry = {"customer": yellow, "entered_at": now}
    await shop.make("rebate_entry", kind="granted", amount="100", **entry)
    await shop.make("rebate_entry", kind="used", amount="80", **entry)
    shop.clock.advance(timedelta(minutes=1))
    await morning.round()
    await morning.round()
    assert (await one(morning, "customer", "TRUE", "customer_health"))["customer_health"] == "green"
    assert (await one(morning, "kit_issue", "TRUE", "upgraded_after"))["upgraded_after"] is True


async def test_three_weeks_of_unmet_parameters_reach_the_product_department(morning: Morning) -> None:
    """S0-33, S0-34, S0-35: above 35 % for three consecutive weeks, not for two."""
    shop = morning.shop
    seller, _ = await team(shop)
    product_manager = await shop.make("person", name="产品经理", roles=["product"])
    buyer = await customer(morning, "三院", owner=seller)
    files = Files(shop.database, shop.settings, shop.clock, shop.gateway)
    told = []
    for week in range(4):
        shop.clock.moment = MONDAY + timedelta(weeks=week, hours=1)
        for number, tags in enumerate((["technical"], ["delivery"])):
            evidence = (await files.save(SYSTEM, shop.workspace, "test.txt", _once(b"test report"))).id
            more = {"unmet_parameter": "扭矩 35 N·cm"} if "technical" in tags else {"review": "客户再考虑"}
            await shop.make(
                "opportunity", name=f"{week}-{number}", customer=buyer, owner=seller, stage="lost", resistance=tags,
                evidence=[str(evidence)], **more,
            )  # fmt: skip
        await morning.round()
        # The week is over on Monday at midnight; the day's metrics are kept, then it is judged.
        shop.clock.moment = MONDAY + timedelta(weeks=week + 1, minutes=-50)
        await morning.round()
        shop.clock.moment = MONDAY + timedelta(weeks=week + 1, minutes=5)
        await morning.round()
        told.append(len(await _told(morning, "连续三周超过 35%", product_manager)))
    assert told == [0, 0, 1, 1]
    rep = await one(morning, "person", "[name] = '林销售'", "reviews_90", "dense_reviews_90", "review_density")
    assert (rep["reviews_90"], rep["dense_reviews_90"], rep["review_density"]) == (8, 4, 0.5)


async def test_an_agreed_rebate_enters_the_ledger_once_and_is_told(morning: Morning) -> None:
    """S0-11, S0-67: agreed makes one entry, refused none; the balance and its use follow."""
    shop = morning.shop
    seller, _ = await team(shop)
    buyer = await customer(morning, "乙药店", owner=seller)
    usual = {"customer": buyer, "owner": seller, "kind": "rebate", "node": "finance_first", "amount": "500"}
    agreed = await shop.make("approval", name="一季度返利", number="D1", **usual)
    refused = await shop.make("approval", name="二季度返利", number="D2", **usual)
    await morning.round()
    shop.clock.advance(timedelta(minutes=1))
    await shop.change("approval", agreed, state="agreed", node="done")
    await shop.change("approval", refused, state="refused", node="done")
    await morning.round()
    await shop.change("approval", agreed, finished_at=shop.clock.now())
    await morning.round()
    entry = await one(morning, "rebate_entry", "TRUE", "note", "kind", "amount", "application", "owner")
    assert (entry["note"], entry["kind"], entry["amount"]) == ("一季度返利", "granted", 500)
    assert (entry["application"]["id"], entry["owner"]["id"]) == (str(agreed), str(seller))
    signals = await morning.records("signal", "[kind] = 'approval_decided'", "title")
    assert {each["title"] for each in signals} == {"乙药店：一季度返利 通过", "乙药店：二季度返利 拒绝"}
    await shop.make("rebate_entry", customer=buyer, kind="used", amount="200", entered_at=shop.clock.now())
    await morning.round()
    found = await one(morning, "customer", "TRUE", "rebate_left", "rebate_use")
    assert (float(found["rebate_left"]), found["rebate_use"]) == (300, 0.4)


async def test_a_flagship_off_the_shelf_while_there_is_stock_is_told_on_the_fifth_day(morning: Morning) -> None:
    """S0-06, S0-10."""
    shop = morning.shop
    seller, _ = await team(shop)
    store = await customer(morning, "丙药店", owner=seller)
    policy = (shop.clock.now() - timedelta(days=4)).date().isoformat()
    product = await shop.make("product", name="血糖仪", code="G1", flagship=True, incentive_from=policy)
    for warehouse in ("绍兴", "杭州"):
        await shop.make("stock", warehouse=warehouse, product=product, quantity="30")
    await shop.make("shelf", name="丙-血糖仪", customer=store, product=product, on_shelf=False)
    await morning.round()
    assert await morning.records("signal", "[kind] = 'flagship_off_shelf'") == []
    shop.clock.advance(timedelta(days=1))
    await morning.round()
    told = await one(morning, "signal", "[kind] = 'flagship_off_shelf'", "title", "gap")
    assert (told["title"], told["gap"]) == ("丙药店：血糖仪 连续 5 天未上架，系统库存 60", "strategy")


async def test_birthdays_are_remembered_three_days_ahead_and_suggestions_reach_operations(morning: Morning) -> None:
    """S0-64, S0-69."""
    shop = morning.shop
    seller, _ = await team(shop)
    operations = await shop.make("person", name="运营", roles=["operations"])
    buyer = await customer(morning, "丁诊所", owner=seller)
    near = shop.clock.now().date() + timedelta(days=4)
    await shop.make(
        "contact", name="李院长", customer=buyer, family_birthday=near.replace(year=1980).isoformat(),
        personal_notes="太太爱喝龙井",
    )  # fmt: skip
    await shop.make("suggestion", topic="报价单合并审批", owner=seller)
    await morning.round()
    assert len(await _told(morning, "报价单合并审批", operations)) == 1
    assert await _told(morning, "三天后有生日") == []
    shop.clock.moment = MONDAY + timedelta(days=1)
    await morning.round()
    (told,) = await _told(morning, "三天后有生日", seller)
    assert told["body"] == "太太爱喝龙井"


@pytest.mark.parametrize("tag", ["price", "delivery", "technical"])
async def test_a_pain_tag_brings_its_solution(morning: Morning, tag: str) -> None:
    """S2-45, S2-47."""
    shop = morning.shop
    seller, _ = await team(shop)
    buyer = await customer(morning, "戊诊所", owner=seller)
    await morning.round()
    await shop.change("customer", buyer, pain_tag=tag)
    await morning.round()
    assert (await one(morning, "customer", "TRUE", "solution"))["solution"]
    pushed = await shop.fetch(
        "SELECT c.key FROM {schema}._content_event e JOIN {schema}.content c ON c.id = e.content"
        " WHERE e.event = 'pushed' AND e.person = $1",
        seller,
    )
    assert f"solution_{tag}" in {row["key"] for row in pushed}


async def test_a_rebate_that_the_source_entered_is_not_entered_again(morning: Morning) -> None:
    """S0-67: and more used than granted is put before finance."""
    shop = morning.shop
    seller, _ = await team(shop)
    finance = await shop.make("person", name="财务", roles=["finance"])
    buyer = await customer(morning, "己诊所", owner=seller)
    usual = {"customer": buyer, "owner": seller, "kind": "rebate", "amount": "500"}
    approval = await shop.make("approval", name="一季度返利", number="D3", **usual)
    await morning.round()
    shop.clock.advance(timedelta(minutes=1))
    entry = {"customer": buyer, "application": approval, "entered_at": shop.clock.now()}
    await shop.make("rebate_entry", note="来自钉钉", kind="granted", amount="500", **entry)
    await shop.change("approval", approval, state="agreed", node="done")
    await morning.round()
    assert [each["note"] for each in await morning.records("rebate_entry", "TRUE", "note")] == ["来自钉钉"]
    shop.clock.advance(timedelta(minutes=1))
    await shop.make("rebate_entry", customer=buyer, kind="used", amount="620", entered_at=shop.clock.now())
    await morning.round()
    signal = await one(morning, "signal", "[kind] = 'rebate_overdrawn'", "title", "people")
    assert signal["title"] == "己诊所：返利已用 620 元，只发放 500 元"
    assert {each["id"] for each in signal["people"]} == {str(seller), str(finance)}


async def test_a_competitor_heard_of_is_noted_to_be_verified(morning: Morning) -> None:
    """S1-74: how far it got is told by what was heard; who it is, a person adds."""
    shop = morning.shop
    seller, _ = await team(shop)
    buyer = await customer(morning, "庚诊所", owner=seller)
    await morning.round()
    at = shop.clock.now()
    shop.clock.advance(timedelta(seconds=1))
    async with shop.database.write() as tx:
        for event in ("competitor", "competitor_annual"):
            await tell_event(tx, shop.workspace, Event(event, "customer", buyer, at), key=event)
    await morning.round()
    found = await morning.records("competitor_contact", "TRUE", "competitor", "step", "customer", "owner")
    assert {(each["competitor"], each["step"]) for each in found} == {("待核实", "mentioned"), ("待核实", "annual")}
    assert {(each["customer"]["label"], each["owner"]["label"]) for each in found} == {("庚诊所", "林销售")}


async def test_what_changed_is_told_beside_what_was_before(morning: Morning) -> None:
    """S0-02 by team, S0-36, S0-57, S0-60, S0-61, S2-45: each a figure, none of them a verdict."""
    shop = morning.shop
    seller, _ = await team(shop)
    now = shop.clock.now()
    silent = await customer(morning, "沉默", owner=seller, external_id="w1", class_before="red", pain_tag="price")
    await customer(morning, "活跃", owner=seller, external_id="w2", class_before="green")
    for days, text in ((40, "在吗"), (20, "新品"), (2, "您好")):
        await shop.make(
            "message", text=text, customer=silent, owner=seller, direction="out", sent_at=now - timedelta(days=days)
        )
    products = [await shop.make("product", name=name, code=name, category=name) for name in ("骨科", "口腔", "检验")]
    for days, product in ((500, products[0]), (12, products[1]), (3, products[2])):
        order = await shop.make("order", number=f"o{days}", customer=silent, placed=now - timedelta(days=days))
        await shop.make("order_line", order=order, product=product, quantity="1", amount="1")
    await morning.round()
    person = await one(
        morning, "person", "[name] = '林销售'", "silent_touches_30", "silent_touches_30__base", "pain_fill_rate"
    )
    assert (person["silent_touches_30"], person["silent_touches_30__base"], person["pain_fill_rate"]) == (2, 1, 0.5)
    figures = await one(
        morning, "customer", "[name] = '沉默'", "categories_year", "categories_year__base", "first_deal_days"
    )
    assert (figures["categories_year"], figures["categories_year__base"]) == (2, 1)
    # He bought before anybody had talked to him: there is no first deal to measure.
    assert figures["first_deal_days"] is None
    group = await one(morning, "team", "[name] = '绍兴一组'", "team_zombies", "team_zombie_share")
    assert (group["team_zombies"], group["team_zombie_share"]) == (1, 0.5)
    new = await customer(morning, "新客", owner=seller)
    await shop.make("call", summary="初次", customer=new, owner=seller, started_at=now - timedelta(days=20), seconds=60)
    await shop.make("order", number="n1", customer=new, placed=now - timedelta(days=5))
    await morning.round()
    assert (await one(morning, "customer", "[name] = '新客'", "first_deal_days"))["first_deal_days"] == 15


async def _told(morning: Morning, words: str, person: UUID | None = None) -> list[Any]:
    rows = await morning.shop.fetch("SELECT person, title, body FROM {schema}._notice")
    return [each for each in rows if words in each["title"] and person in (None, each["person"])]


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def test_the_share_of_requests_to_other_departments_that_bear_evidence(morning: Morning) -> None:
    """S0-59: help asked of another team and applications, each with something attached or not."""
    shop = morning.shop
    seller, lead = await team(shop)
    clerk = await shop.make("person", name="何会计", team=await shop.make("team", name="财务部"), roles=["finance"])
    made = await customer(morning, "有请求的客户", owner=seller)
    now = shop.clock.now()
    application = {"customer": made, "owner": seller, "submitted_at": now, "state": "running", "amount": "10"}
    await shop.make("approval", name="报价", kind="quote", evidence_in_source="钉钉 1：询价函.pdf", **application)
    await shop.make("approval", name="特批", kind="price", **application)
    await shop.make("approval", name="其他", kind="other", **application)
    for who, title in ((clerk, "请对账"), (lead, "同组的不算")):
        await shop.make("task", title=title, kind="manual", state="open", owner=who, asked_by=seller)
    await morning.round()
    rep = await one(morning, "person", "[name] = '林销售'", "requests_30", "requests_borne_out_30", "evidence_share")
    assert (rep["requests_30"], rep["requests_borne_out_30"]) == (3, 1)
    assert round(rep["evidence_share"], 4) == 0.3333
