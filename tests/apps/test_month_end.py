"""Orders pressed into a month's end and taken back at the beginning of the next: seen by the app, told to the person
concerned, who may contest; and nobody's colleague is told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
import pytest
from tests.apps.morning import CORE, Morning, team

from tongmai.access import Actor
from tongmai.identity import load_actor
from tongmai.kit import Denied, Invalid
from tongmai.rules import Signals
from tongmai.work import Runtime

ZONE = ZoneInfo("Asia/Shanghai")
# Four whole months before the day on which it is looked; each with eight orders.
MONTHS = (6, 7, 8, 9)
LAST_DAY = {6: 30, 7: 31, 8: 31, 9: 30}


async def sell(morning: Morning, seller: UUID, name: str, *, pushed: int, returned: int) -> None:
    """Eight orders a month, ``pushed`` of them on its last two days, ``returned`` of those taken back on the fifth."""
    shop = morning.shop
    customer = await shop.make("customer", name=f"{name}的客户", owner=seller, **CORE)
    for month in MONTHS:
        last = datetime(2026, month, LAST_DAY[month], 10, tzinfo=ZONE)
        days = [last - timedelta(days=n % 2) for n in range(pushed)]
        days += [last - timedelta(days=4 + 2 * n) for n in range(8 - pushed)]
        for number, day in enumerate(days):
            await shop.make(
                "order", number=f"{name}{month}-{number}", customer=customer, owner=seller, placed=day.isoformat()
            )
        for number in range(returned):
            back = (last + timedelta(days=5)).isoformat()
            await shop.make(
                "order", number=f"{name}{month}-R{number}", customer=customer, owner=seller, placed=back, is_return=True
            )  # fmt: skip


async def next_morning(morning: Morning, days: int = 1) -> None:
    morning.shop.clock.advance(timedelta(days=days))
    await morning.round()
    # What the first round wrote is measured and told by the second, as a minute later.
    morning.shop.clock.advance(timedelta(minutes=1))
    await morning.round()


async def acting(morning: Morning, person: UUID) -> Actor:
    async with morning.shop.database.read() as tx:
        found = await load_actor(tx, morning.shop.workspace, person)
    assert found is not None
    return found


@pytest.fixture
async def reviewed(morning: Morning) -> dict[str, UUID]:
    """Of three sellers one pushes the month's end, one only sells much then, one takes much back."""
    shop = morning.shop
    pusher, lead = await team(shop)
    here = (await morning.records("person", "[name] = '林销售'", "team"))[0]["team"]["id"]
    others = {name: await shop.make("person", name=name, team=here, roles=["sales"]) for name in ("月底大单", "退货多")}
    await sell(morning, pusher, "冲", pushed=5, returned=2)
    await sell(morning, others["月底大单"], "大", pushed=5, returned=0)
    await sell(morning, others["退货多"], "退", pushed=1, returned=2)
    await morning.round()
    await next_morning(morning)
    return {"pusher": pusher, "lead": lead, **others}


async def reviews(morning: Morning, *fields: str) -> list[dict[str, Any]]:
    return await morning.records("month_end_review", "TRUE", "id", "person", *fields)


async def test_only_who_pushes_and_takes_back_is_put_up_for_review(morning: Morning, reviewed: dict[str, UUID]) -> None:
    people = await morning.records(
        "person", "[orders_half_year] > 0", "name", "month_end_conduct", "month_end_share", "early_return_share"
    )
    found = {each["name"]: each for each in people}
    assert {name: each["month_end_conduct"] for name, each in found.items()} == {
        "林销售": "suspect", "月底大单": "usual", "退货多": "usual",
    }  # fmt: skip
    assert (found["林销售"]["month_end_share"], found["林销售"]["early_return_share"]) == (0.625, 0.4)
    (review,) = await reviews(morning, "name", "owner", "months", "conclusion")
    assert (review["person"]["label"], review["owner"]["label"]) == ("林销售", "林销售")
    assert (review["months"], review["conclusion"]) == (4, "open")
    (signal,) = await morning.records("signal", "[kind] = 'month_end_pushing'", "title", "detail", "people")
    assert signal["title"] == "林销售：近半年 20 张订单压在月底，8 张月初退回"
    assert "月底两天占 63%，其中 40% 次月初退回，涉及 4 个月" in signal["detail"]
    assert {each["id"] for each in signal["people"]} == {str(reviewed["pusher"]), str(reviewed["lead"])}


async def test_it_is_asked_once_a_month_and_not_again_where_the_statement_was_accepted(
    morning: Morning, reviewed: dict[str, UUID]
) -> None:
    await next_morning(morning)
    (review,) = await reviews(morning)
    with pytest.raises(Invalid) as refused:
        await morning.shop.change("month_end_review", UUID(review["id"]), conclusion="explained")
    assert {each.field for each in refused.value.faults} == {"reason"}
    await morning.shop.change(
        "month_end_review", UUID(review["id"]), conclusion="explained", reason="连锁客户统一月底采购"
    )
    await next_morning(morning, 32)
    assert len(await reviews(morning)) == 1


async def test_the_person_concerned_may_contest_and_decides_nothing(
    morning: Morning, reviewed: dict[str, UUID]
) -> None:
    shop = morning.shop
    person = await acting(morning, reviewed["pusher"])
    (review,) = await reviews(morning)
    own = UUID(review["id"])
    await shop.gateway.update(person, shop.workspace, "month_end_review", own, {"statement": "医院月底统一结算"})
    with pytest.raises((Denied, Invalid)):
        await shop.gateway.update(
            person, shop.workspace, "month_end_review", own, {"conclusion": "explained", "reason": "我没有"}
        )
    page = orjson.loads(await shop.gateway.list(person, shop.workspace, "signal", fields=("id", "kind")))
    (signal,) = [each for each in page["items"] if each["kind"] == "month_end_pushing"]
    runtime = Runtime(shop.database, shop.catalogues, shop.gateway, shop.clock)
    await Signals(runtime).move(person, shop.workspace, UUID(signal["id"]), "dismiss", "医院月底统一结算")
    (told,) = await morning.records("signal", "[kind] = 'month_end_pushing'", "state", "reason")
    assert (told["state"], told["reason"]) == ("dismissed", "医院月底统一结算")
    assert (await reviews(morning, "statement", "conclusion"))[0]["conclusion"] == "open"


async def test_a_colleague_sees_neither_the_review_nor_the_figures(morning: Morning, reviewed: dict[str, UUID]) -> None:
    shop = morning.shop
    colleague = await acting(morning, reviewed["月底大单"])
    page = orjson.loads(await shop.gateway.list(colleague, shop.workspace, "month_end_review"))
    assert page["items"] == []
    people = orjson.loads(await shop.gateway.list(colleague, shop.workspace, "person"))["items"]
    assert any(each["name"] == "林销售" for each in people)
    hidden = {"month_end_conduct", "month_end_conduct__since", "month_end_share", "early_return_share"}
    assert all(each.get(key) is None for each in people for key in hidden)
