"""The store app: enquiries move by themselves, referrals are noted, sell-through and shelves are watched, demands reach
head office, and nobody sees another store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from tests.apps.morning import Morning, sales, shipped
from tests.metrics.shop import Shop

from tongmai.access import Actor
from tongmai.identity import load_actor
from tongmai.kit import Denied, Invalid, NotFound
from tongmai.link.light_entry import LightEntries, Offers
from tongmai.market import Market, merge, pieces_of
from tongmai.model import check_catalogue, starting_catalogue
from tongmai.rules import Event, tell_event


class Staff:
    """Two stores of one area: a head and a consultant in the first, a head in the second, and head office."""

    def __init__(self, counter: Morning) -> None:
        self.counter, self.shop = counter, counter.shop
        self.people: dict[str, UUID] = {}
        self.stores: dict[str, UUID] = {}

    async def begin(self) -> Staff:
        make = self.shop.make
        area = await make("team", name="浙北区")
        for name in ("绍兴店", "湖州店"):
            team = await make("team", name=name, parent=area)
            head = await make("person", name=f"{name}长", team=team, roles=["store_head"])
            await self.shop.change("team", team, lead=head)
            self.people[name] = head
            self.stores[name] = await make(
                "store", name=name, number=name[:2], owner=head, city="绍兴", district="柯桥万达", plan_month=10000
            )
            if name == "绍兴店":
                self.people["顾问"] = await make("person", name="顾问小周", team=team, roles=["consultant"])
        boss = await make("person", name="区域经理", team=area, roles=["area_manager"])
        await self.shop.change("team", area, lead=boss)
        self.people["区域经理"] = boss
        for name, role in (("运营", "hq_operations"), ("产品", "hq_product")):
            self.people[name] = await make("person", name=name, roles=[role])
        return self

    async def actor(self, who: str) -> Actor:
        async with self.shop.database.read() as tx:
            actor = await load_actor(tx, self.shop.workspace, self.people[who])
        assert actor is not None
        return actor

    async def enquiry(self, name: str, **more: Any) -> UUID:
        given = {"store": self.stores["绍兴店"], "owner": self.people["顾问"], "mobile": f"135755{len(name):05d}"}
        return await self.shop.make("enquiry", name=name, **{**given, **more})

    async def goods(self, name: str, **more: Any) -> UUID:
        return await self.shop.make("goods", name=name, code=name, price=1000, **more)

    async def one(self, object_key: str, condition: str, *fields: str) -> dict[str, Any]:
        (found,) = await self.counter.records(object_key, condition, *fields)
        return found


@pytest.fixture
async def staff(counter: Morning) -> Staff:
    return await Staff(counter).begin()


def test_nothing_in_it_is_wrong() -> None:
    assert check_catalogue(merge(starting_catalogue(), shipped("store").model)) == []


async def test_both_apps_live_in_one_workspace_and_leave_nothing_behind(app: tuple[Shop, Market]) -> None:
    """S2-62: two packaged products; a company that has both uses one platform."""
    shop, market = app
    before = pieces_of(await shop.catalogues.newest(shop.workspace))
    await market.install(shop.workspace, sales())
    await market.install(shop.workspace, shipped("store"))
    there = await shop.catalogues.newest(shop.workspace)
    assert {"customer", "enquiry", "store"} <= set(there.object_by_key)
    await market.remove(shop.workspace, "store")
    assert "enquiry" not in (await shop.catalogues.newest(shop.workspace)).object_by_key
    await market.remove(shop.workspace, "sales")
    assert pieces_of(await shop.catalogues.newest(shop.workspace)) == before


async def test_an_enquiry_moves_on_by_what_happens_and_the_funnel_counts_it(staff: Staff) -> None:
    """S2-44: booked, attended and enrolled are noted where they happen; nobody changes the enquiry's state."""
    shop, counter = staff.shop, staff.counter
    course = await staff.goods("少儿编程", kind="course")
    begins = shop.clock.now() + timedelta(days=1)
    lesson = await shop.make(
        "trial_class", name="周六体验", store=staff.stores["绍兴店"], course=course, starts_at=begins
    )
    visitors = [await staff.enquiry("甲"), await staff.enquiry("乙二"), await staff.enquiry("丙三三")]
    bookings = [
        await shop.make("trial_booking", enquiry=each, trial_class=lesson, owner=staff.people["顾问"])
        for each in visitors[:2]
    ]
    await counter.round()
    assert (await staff.one("trial_class", "TRUE", "seats_taken"))["seats_taken"] == 2
    assert (await staff.one("enquiry", "[name] = '甲'", "state"))["state"] == "booked"
    shop.clock.advance(timedelta(days=1, hours=1))
    await shop.change("trial_booking", bookings[0], state="attended")
    await shop.change("trial_booking", bookings[1], state="absent")
    await counter.round()
    titles = {each["title"] for each in await counter.records("task", "TRUE", "title")}
    assert titles == {"回访 甲：体验课感受如何", "乙二 没来上 周六体验，改约一次"}
    await shop.make(
        "store_sale",
        store=staff.stores["绍兴店"],
        goods=course,
        amount=6800,
        enquiry=visitors[0],
        sold_at=shop.clock.now(),
    )
    await counter.round()
    moved = await staff.one(
        "enquiry", "[name] = '甲'", "state", "contacted_at", "booked_at", "attended_at", "enrolled_at"
    )
    assert moved["state"] == "enrolled"
    assert None not in moved.values()
    await counter.round()
    found = await staff.one(
        "store", "[name] = '绍兴店'", "enquiries_30", "booking_rate", "attendance_rate", "conversion_rate"
    )
    assert (found["enquiries_30"], found["booking_rate"]) == (3, 0.6667)
    assert (found["attendance_rate"], found["conversion_rate"]) == (0.5, 1)


async def test_a_new_enquiry_that_waits_and_one_that_does_not_enrol_are_told_once(staff: Staff) -> None:
    shop, counter = staff.shop, staff.counter
    await staff.enquiry("久等")
    shop.clock.advance(timedelta(hours=2, minutes=1))
    await counter.round()
    await counter.round()
    (waiting,) = await counter.records("signal", "TRUE", "title", "level")
    assert (waiting["title"], waiting["level"]) == ("久等 咨询后 2 小时还没有人联系", "red")
    came = await staff.enquiry("来过了")
    await shop.change("enquiry", came, state="attended", attended_at=shop.clock.now())
    shop.clock.advance(timedelta(days=3, minutes=1))
    await counter.round()
    assert [each["title"] for each in await counter.records("signal", "[kind] = 'attended_not_enrolled'", "title")] == [
        "来过了 到课 3 天还没有成交"
    ]


async def test_enquiries_of_long_ago_do_not_turn_red_when_they_come_in(staff: Staff) -> None:
    """Thousands of contacts come in on the day WeCom is connected; the funnel counts them by when they asked."""
    shop, counter = staff.shop, staff.counter
    now = shop.clock.now()
    await staff.enquiry("老顾客", asked_at=now - timedelta(days=40))
    await staff.enquiry("上周来过", asked_at=now - timedelta(days=7))
    await staff.enquiry("昨天来的人", asked_at=now - timedelta(hours=20))
    await counter.round()
    told = await counter.records("signal", "[kind] = 'enquiry_waiting'", "title")
    assert [each["title"] for each in told] == ["昨天来的人 咨询后 2 小时还没有人联系"]
    assert (await staff.one("store", "[name] = '绍兴店'", "enquiries_30"))["enquiries_30"] == 2


async def test_always_the_same_referrers_are_put_up_for_a_check(staff: Staff) -> None:
    """S2-26: who refers five sales in 90 days with as many referrers is as usual."""
    shop, counter = staff.shop, staff.counter
    course = await staff.goods("编程", kind="course")
    for who, phones in (
        ("顾问", ("13575550001", "13575550002")),
        ("湖州店", tuple(f"1357555100{n}" for n in range(5))),
    ):
        for number in range(5):
            await shop.make(
                "store_sale", store=staff.stores["绍兴店"], goods=course, amount=1000, owner=staff.people[who],
                referrer_phone=phones[number % len(phones)],
            )  # fmt: skip
    await counter.round()
    await counter.round()
    found = {
        each["name"]: (each["referral_conduct"], each["referred_90"], each["referrers_90"])
        for each in await counter.records(
            "person", "[referred_90] > 0", "name", "referral_conduct", "referred_90", "referrers_90"
        )
    }
    assert found == {"顾问小周": ("suspect", 5, 2), "湖州店长": ("usual", 5, 5)}
    told = await counter.records("signal", "[kind] = 'referrers_concentrated'", "title")
    assert [each["title"] for each in told] == ["顾问小周：90 天 5 笔老带新只有 2 位推荐人"]


async def test_visits_tapped_from_elsewhere_show(staff: Staff) -> None:
    """S1-64: one in ten may be tapped on the way out, four in ten are not."""
    shop, counter = staff.shop, staff.counter
    store, boss = staff.stores["湖州店"], staff.people["区域经理"]
    await shop.change("store", store, place={"lat": 30.0, "lng": 120.0})
    for number in range(10):
        place = {"lat": 30.05 if number < 4 else 30.001, "lng": 120.0}
        await shop.make("store_visit", store=store, owner=boss, result="all_well", place=place)
    await counter.round()
    found = await staff.one("person", "[name] = '区域经理'", "visits_placed_90", "visits_far_90", "visit_conduct")
    assert (found["visits_placed_90"], found["visits_far_90"], found["visit_conduct"]) == (10, 4, "suspect")


async def test_a_trial_asked_for_in_a_chat_becomes_a_task(staff: Staff) -> None:
    """S4-32 (recognition): the words are the platform's kind `trial_booking`."""
    shop, counter = staff.shop, staff.counter
    asked = await staff.enquiry("想试听")
    async with shop.database.write() as tx:
        await tell_event(tx, shop.workspace, Event("trial_booking", "enquiry", asked, shop.clock.now()), key="m1")
    await counter.round()
    assert (await staff.one("task", "[kind] = 'book_trial'", "title"))["title"] == "给 想试听 约体验课"
    assert (await staff.one("signal", "TRUE", "title"))["title"] == "想试听 想约体验课"


async def test_a_referral_is_noted_once_with_the_gift_of_the_campaign(staff: Staff) -> None:
    """S2-26."""
    shop, counter = staff.shop, staff.counter
    today = shop.clock.now().date()
    june = await shop.make(
        "campaign",
        name="618",
        begins_on=today - timedelta(days=3),
        ends_on=today + timedelta(days=3),
        referral_gift="赠 4 节课",
    )
    course = await staff.goods("钢琴", kind="course")
    buyer = await staff.enquiry("新同学", mobile="13575550001")
    sale: dict[str, Any] = {
        "store": staff.stores["绍兴店"], "goods": course, "amount": 5000, "enquiry": buyer, "owner": staff.people["顾问"],
    }  # fmt: skip
    with pytest.raises(Invalid) as refused:
        await shop.make("store_sale", **sale, referrer_phone="13575550001")
    assert {each.field for each in refused.value.faults} == {"referrer_phone"}
    with pytest.raises(Invalid) as refused:
        await shop.make("store_sale", **sale, campaign=june, sold_at=shop.clock.now() - timedelta(days=9))
    assert {each.field for each in refused.value.faults} == {"campaign"}
    made = await shop.make("store_sale", **sale, campaign=june, referrer_phone="13575559999")
    await counter.round()
    await shop.change("store_sale", made, amount=5200)
    await counter.round()
    noted = await staff.one("referral", "TRUE", "referrer_phone", "gift", "state", "store", "owner")
    assert (noted["gift"], noted["state"]) == ("赠 4 节课", "to_give")
    assert noted["referrer_phone"].endswith("13575559999")
    assert noted["owner"]["id"] == str(staff.people["顾问"])
    shop.clock.advance(timedelta(days=7, minutes=5))
    await counter.round()
    assert len(await counter.records("signal", "[kind] = 'referral_gift_due'", "title")) == 1
    found = await staff.one("campaign", "TRUE", "campaign_referrals", "campaign_sales")
    assert (found["campaign_referrals"], found["campaign_sales"]) == (1, 5200)


async def test_sell_through_is_measured_and_judged_in_three_levels_on_the_fifth(staff: Staff) -> None:
    """S4-60, S4-05."""
    shop, counter = staff.shop, staff.counter
    now = shop.clock.now()
    shop.clock.advance(datetime(now.year, now.month + 1, 4, 4, tzinfo=UTC) - now)
    piano, violin = await staff.goods("电钢琴"), await staff.goods("小提琴")
    for store, goods, count in (("绍兴店", piano, 2), ("湖州店", violin, 9)):
        await shop.make("store_stock", name=store, store=staff.stores[store], goods=goods, on_hand=count)
    for store, quantity, amount in (("绍兴店", 30, 6000), ("湖州店", 10, 9000)):
        await shop.make("store_sale", store=staff.stores[store], goods=piano, quantity=quantity, amount=amount)
    await counter.round()
    found = await staff.one(
        "goods", "[name] = '电钢琴'", "sold_30", "stores_selling_30", "sell_through_rate", "days_of_cover"
    )
    assert (found["sold_30"], found["stores_selling_30"], found["days_of_cover"]) == (40, 2, 1.5)
    assert found["sell_through_rate"] == 0.9524
    assert [each["title"] for each in await counter.records("signal", "TRUE", "title")] == [
        "电钢琴 门店库存只够卖 1.5 天"
    ]
    shop.clock.advance(timedelta(hours=21, minutes=1))
    await counter.round()
    levels = {
        each["title"]: each["level"]
        for each in await counter.records("signal", "[kind] = 'sell_through'", "title", "level")
    }
    assert levels == {
        "绍兴店：近 30 天动销只到计划的 60%": "red",
        "湖州店：近 30 天动销到计划的 90%": "info",
    }
    by_level = {
        each["name"]: each["sell_through_level"]
        for each in await counter.records("store", "TRUE", "name", "sell_through_level")
    }
    assert by_level == {"绍兴店": "urgent", "湖州店": "hint"}


async def test_a_flagship_off_the_shelf_for_five_days_is_told(staff: Staff) -> None:
    """S0-06: the day it left the shelf is noted by the system; stock that does not suffice is no contradiction."""
    shop, counter = staff.shop, staff.counter
    off = "[kind] = 'store_flagship_off_shelf'"
    today = shop.clock.now().date()
    star = await staff.goods("主推款", flagship=True, incentive_from=today - timedelta(days=10), enough_stock=5)
    rows = [
        await shop.make("store_stock", name=name, store=store, goods=star, on_hand=on_hand)
        for (name, store), on_hand in zip(staff.stores.items(), (8, 2), strict=True)
    ]
    for row in rows:
        await shop.change("store_stock", row, on_shelf=False)
    await counter.round()
    assert await counter.records("signal", off) == []
    shop.clock.advance(timedelta(days=5))
    await counter.round()
    assert [each["title"] for each in await counter.records("signal", off, "title")] == [
        "绍兴店：主推款 连续 5 天未上架，系统库存 8"
    ]
    await shop.change("store_stock", rows[0], on_shelf=True)
    await counter.round()
    assert (await staff.one("store_stock", "[on_hand] = 8", "off_since"))["off_since"] is None


async def test_a_store_s_demand_reaches_head_office_and_the_answer_the_store(staff: Staff) -> None:
    """S1-45."""
    shop, counter = staff.shop, staff.counter
    head, product = await staff.actor("绍兴店"), await staff.actor("产品")
    demand = await shop.make("store_demand", head, topic="柯桥商圈加扫码领券弹窗", store=staff.stores["绍兴店"])
    await counter.round()
    task = await staff.one("task", "TRUE", "title", "owner")
    assert task["title"] == "答复门店需求：柯桥商圈加扫码领券弹窗（绍兴店）"
    assert task["owner"]["id"] == str(staff.people["产品"])
    with pytest.raises(Denied):
        await shop.gateway.update(head, shop.workspace, "store_demand", demand, {"state": "done"})
    with pytest.raises(Invalid):
        await shop.gateway.update(product, shop.workspace, "store_demand", demand, {"state": "declined"})
    await shop.gateway.update(
        product, shop.workspace, "store_demand", demand, {"state": "planned", "answer": "618 前上线"}
    )
    await counter.round()
    told = await shop.fetch("SELECT person, body FROM {schema}._notice WHERE title LIKE '需求%'")
    assert {(row["person"], row["body"]) for row in told} == {(staff.people["绍兴店"], "618 前上线")}


async def test_a_visit_is_one_tap_and_its_order_is_due_the_same_day(staff: Staff) -> None:
    """S1-64."""
    shop, counter = staff.shop, staff.counter
    boss = await staff.actor("区域经理")
    entries = LightEntries(shop.database, shop.catalogues, shop.gateway, shop.clock)
    (offer,) = await Offers(shop.catalogues, shop.gateway, shop.clock).of(boss, shop.workspace)
    assert {each.label for each in offer.subjects} == {"绍兴店", "湖州店"}  # none of which he owns
    entered = await entries.write(boss, shop.workspace, "store_visit", "order_placed", staff.stores["湖州店"])
    await shop.change("store_visit", entered.record, order_number="D-1")
    await counter.round()
    shop.clock.advance(timedelta(days=1))
    for preset in ("order_placed", "needs_support"):
        await entries.write(boss, shop.workspace, "store_visit", preset, staff.stores["湖州店"])
    shop.clock.advance(timedelta(hours=24, minutes=1))
    await counter.round()
    assert (await staff.one("store_demand", "TRUE", "topic"))["topic"] == "巡店反馈：湖州店"
    late = await staff.one("signal", "[kind] = 'visit_order_missing'", "title")
    assert late["title"] == "湖州店：现场下的补货单 24 小时未录入"
    found = await staff.one("person", "[name] = '区域经理'", "visit_orders_30", "order_timeliness")
    assert (found["visit_orders_30"], found["order_timeliness"]) == (2, 0.5)


async def test_nobody_sees_another_store(staff: Staff) -> None:
    shop = staff.shop
    theirs = await staff.enquiry("湖州的顾客", store=staff.stores["湖州店"], owner=staff.people["湖州店"])
    await shop.make("store_chat", text="多少钱", enquiry=theirs, owner=staff.people["湖州店"], external_key="m1")

    async def seen(who: str, object_key: str) -> int:
        page = await shop.gateway.list(await staff.actor(who), shop.workspace, object_key)
        return len(orjson.loads(page)["items"])

    counts = {who: await seen(who, "enquiry") for who in ("顾问", "绍兴店", "湖州店", "区域经理", "运营")}
    assert counts == {"顾问": 0, "绍兴店": 0, "湖州店": 1, "区域经理": 1, "运营": 1}
    assert [await seen(who, "store") for who in ("顾问", "区域经理", "产品")] == [1, 2, 2]
    assert [await seen(who, "store_chat") for who in ("绍兴店", "湖州店", "区域经理")] == [0, 1, 1]
    with pytest.raises(Denied):
        await seen("运营", "store_chat")  # chats stay in the store and above it
    with pytest.raises(NotFound):
        await shop.gateway.update(await staff.actor("顾问"), shop.workspace, "enquiry", theirs, {"note": "挖走"})
