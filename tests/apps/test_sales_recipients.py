"""Whom a signal of the sales app reaches, and at which moment: each threshold from both of its sides."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.apps.morning import CORE, Morning, team


async def told(morning: Morning, kind: str) -> list[set[str]]:
    """Of each signal of the kind, the people whom it reached."""
    found = await morning.records("signal", f"[kind] = '{kind}'", "people")
    return [{each["label"] for each in one["people"]} for one in found]


async def complaint(morning: Morning, **more: Any) -> UUID:
    shop = morning.shop
    seller, _ = await team(shop)
    for name, role in (("库管", "warehouse"), ("质检员", "quality"), ("客服", "service"), ("总监", "sales_director"),
                       ("老板", "management")):  # fmt: skip
        await shop.make("person", name=name, roles=[role])
    customer = await shop.make("customer", name="甲诊所", owner=seller, **CORE)
    made = await shop.make(
        "ticket", name="物流破损", customer=customer, owner=seller, kind="complaint", reason="damage", **more
    )
    await morning.round()
    return made


async def escalated(morning: Morning) -> set[str]:
    rows = await morning.shop.fetch(
        "SELECT p.name FROM {schema}._notice n JOIN {schema}.person p ON p.id = n.person"
        " WHERE n.title LIKE '%两天仍未同步%'"
    )
    return {row["name"] for row in rows}


async def test_a_complaint_that_a_department_does_not_know_goes_up_by_steps(morning: Morning) -> None:
    """S0-07: after 24 hours to the owner and the superior, after two days to management; nobody has to phone."""
    made = await complaint(morning)
    clock, shop = morning.shop.clock, morning.shop
    # Two of three is not all.
    await shop.change("ticket", made, warehouse_synced=True, quality_synced=True)
    clock.advance(timedelta(hours=23, minutes=58))
    await morning.round()
    assert await told(morning, "complaint_unsynced") == []
    clock.advance(timedelta(minutes=3))
    await morning.round()
    assert await told(morning, "complaint_unsynced") == [{"林销售", "陈主管"}]
    clock.advance(timedelta(hours=23))
    await morning.round()
    assert await escalated(morning) == set()
    clock.advance(timedelta(hours=2))
    await morning.round()
    assert await escalated(morning) == {"总监", "老板"}


async def test_a_complaint_that_all_three_know_goes_nowhere(morning: Morning) -> None:
    """S0-07."""
    made = await complaint(morning)
    await morning.shop.change("ticket", made, warehouse_synced=True, quality_synced=True, service_synced=True)
    for _ in range(3):
        morning.shop.clock.advance(timedelta(hours=25))
        await morning.round()
    assert (await told(morning, "complaint_unsynced"), await escalated(morning)) == ([], set())


async def test_seven_stores_without_the_flagship_are_seven_lines_for_the_regional_manager(morning: Morning) -> None:
    """S0-06: on the fifth day, of what is flagship and in stock; the manager of the region, not of another."""
    shop = morning.shop
    today = shop.clock.now().date()
    region = await shop.make("team", name="浙东大区")
    north = await shop.make("team", name="绍兴一组", parent=region)
    seller = await shop.make("person", name="林销售", team=north, roles=["sales"])
    await shop.make("person", name="区域经理", team=region, roles=["regional_manager"])
    elsewhere = await shop.make("team", name="浙西大区")
    await shop.make("person", name="别区经理", team=elsewhere, roles=["regional_manager"])
    policy = (today - timedelta(days=30)).isoformat()
    flagship = await shop.make("product", name="血糖仪", code="G1", flagship=True, incentive_from=policy)
    other = await shop.make("product", name="体温计", code="T1", flagship=False, incentive_from=policy)
    scarce = await shop.make("product", name="雾化器", code="W1", flagship=True, incentive_from=policy)
    for product, quantity in ((flagship, "50"), (other, "900"), (scarce, "49")):
        await shop.make("stock", warehouse="绍兴", product=product, quantity=quantity)

    async def off(store: str, product: UUID, days: int, **more: Any) -> None:
        customer = await shop.make("customer", name=store, owner=seller, **CORE)
        since = (today - timedelta(days=days)).isoformat()
        await shop.make("shelf", name=store, customer=customer, product=product, owner=seller, off_since=since, **more)

    for number in range(7):
        await off(f"{number + 1} 号店", flagship, 5)
    await off("第四天", flagship, 4)
    await off("已上架", flagship, 9, on_shelf=True)
    await off("不是主推", other, 9)
    await off("库存不足", scarce, 9)
    await morning.round()
    signals = await morning.records("signal", "[kind] = 'flagship_off_shelf'", "title", "people")
    assert {each["title"][:4] for each in signals} == {f"{number + 1} 号店" for number in range(7)}
    assert all({one["label"] for one in each["people"]} == {"林销售", "区域经理"} for each in signals)


@pytest.mark.parametrize(
    ("state", "is_told"), [("agreed", True), ("refused", True), ("withdrawn", True), ("running", False)]
)
async def test_what_became_of_an_approval_is_in_the_feed(morning: Morning, state: str, is_told: bool) -> None:
    """S0-11: each change of its state that ends it."""
    shop = morning.shop
    seller, _ = await team(shop)
    customer = await shop.make("customer", name="甲诊所", owner=seller, **CORE)
    made = await shop.make("approval", name="三季度返利", number="W1", customer=customer, owner=seller, kind="rebate")
    await morning.round()
    shop.clock.advance(timedelta(minutes=1))
    await shop.change("approval", made, state=state, node="done")
    await morning.round()
    assert bool(await told(morning, "approval_decided")) is is_told


NOTED = {
    "owner_changed": ("李院长退休了，来了新院长", "说过老板没有换人"),
    "warehouse_moved": ("仓库下月搬到袍江，送货地址会变", "仓库不搬了"),
    "competitor_annual": ("竞品上周刚签了年度协议", "竞品还没签年度协议"),
}


@pytest.mark.parametrize("kind", NOTED)
async def test_what_a_colleague_notes_is_told_like_what_a_chat_says(morning: Morning, kind: str) -> None:
    """S0-05: of follow-ups and approvals, with the owner and the superior told; what did not happen is not told."""
    shop = morning.shop
    seller, _ = await team(shop)
    said, denied = NOTED[kind]
    made = {
        name: await shop.make("customer", name=name, owner=seller, **CORE) for name in ("跟进", "审批", "否认", "旧事")
    }
    await morning.round()
    shop.clock.advance(timedelta(minutes=1))
    now = shop.clock.now()
    for name, note, days in (("跟进", said, 0), ("否认", denied, 0), ("旧事", said, 9)):
        when = now - timedelta(days=days)
        await shop.make("follow_up", customer=made[name], owner=seller, note=note, happened_at=when)
    await shop.make(
        "approval", name="价格特批", number=kind, customer=made["审批"], owner=seller, kind="price", reason=said,
        submitted_at=now,
    )  # fmt: skip
    shop.clock.advance(timedelta(minutes=1))
    await morning.round()
    await morning.round()
    found = await morning.records("signal", f"[kind] = '{kind}'", "subject", "subject_object", "people")
    assert {each["subject"] for each in found} == {"跟进", "审批"}
    assert all(each["subject_object"] == "customer" for each in found)
    assert all({one["label"] for one in each["people"]} == {"林销售", "陈主管"} for each in found)
