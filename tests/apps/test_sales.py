"""The sales app: it can be read and checked, comes and goes without a trace, refuses what it says it refuses, and does
what its thresholds promise."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from tests.apps.morning import CORE, Morning, sales, team
from tests.metrics.shop import Shop

from tongmai.access import Actor, Person
from tongmai.boards import Boards
from tongmai.identity import load_actor
from tongmai.kit import Denied, Invalid
from tongmai.link.wecom.archive_message import MESSAGE_KINDS
from tongmai.market import Market, built_in_apps, merge, pieces_of
from tongmai.model import check_catalogue, starting_catalogue
from tongmai.rules import Event, tell_event


def test_nothing_in_it_is_wrong() -> None:
    assert check_catalogue(merge(starting_catalogue(), sales().model)) == []


def _bare(template: str) -> str:
    """Without its formulas."""
    return re.sub(r"\{[^{}]*\}", "", template)


def test_every_label_is_in_both_languages() -> None:
    labels = _labels(_plain(sales().model), "")
    # Values alone ({project} {note}, %) are the same to all readers.
    single = [where for where, label in labels if label["zh"] == label["en"] and re.search(r"\w", _bare(label["zh"]))]
    assert single == []
    assert sales().info.label.zh == "销售管理系统"


def test_a_chats_kind_is_a_word_whatever_the_archive_brings() -> None:
    """A kind without a choice would be refused, and its message lost."""
    message = next(each for each in sales().model.objects if each.key == "message")
    kind = next(each for each in message.fields if each.key == "kind")
    choices = {each["key"] for each in _plain(kind)["options"]["choices"]}
    assert choices == MESSAGE_KINDS - {"agree", "disagree", "revoke"}


def test_what_rules_push_is_brought() -> None:
    brought = {each.key for each in sales().content}
    assert set(_pushed(_plain(sales().model))) <= brought
    assert "care_after_skip" in brought  # S0-54


async def test_it_installs_quickly_and_leaves_nothing_behind(app: tuple[Shop, Market]) -> None:
    shop, market = app
    before = pieces_of(await shop.catalogues.newest(shop.workspace))
    began = time.perf_counter()
    await market.install(shop.workspace, sales())
    assert time.perf_counter() - began < 60  # the budget is 20 s on two quiet cores
    there = await shop.catalogues.newest(shop.workspace)
    assert {"customer", "payment_plan", "approval"} <= set(there.object_by_key)
    assert {"customer_health_board", "heat_map_board", "overdue_board"} <= set(there.board_by_key)
    await market.remove(shop.workspace, "sales")
    assert pieces_of(await shop.catalogues.newest(shop.workspace)) == before


async def test_what_the_articles_call_hard_gates_is_refused(app: tuple[Shop, Market]) -> None:
    """S3-16: each of the seven is named. S0-31, S0-32: tags and evidence of a failed advance."""
    shop, market = app
    await market.install(shop.workspace, sales())
    with pytest.raises(Invalid) as refused:
        await shop.make("customer", name="新客户")
    assert {each.field for each in refused.value.faults} == set(CORE)
    customer = await shop.make("customer", name="甲", **CORE)
    deal = await shop.make("opportunity", name="骨科耗材", customer=customer)
    with pytest.raises(Invalid) as refused:
        await shop.change("opportunity", deal, stage="lost")
    assert {each.field for each in refused.value.faults} == {"resistance", "evidence"}
    with pytest.raises(Invalid) as refused:
        await shop.change("opportunity", deal, resistance=["technical", "delivery", "shelved"])
    assert "resistance" in {each.field for each in refused.value.faults}


async def test_evidence_that_the_source_keeps_counts_and_no_person_may_claim_it(morning: Morning) -> None:
    """S0-32: a mapping says in which form it lies; who advances the deal has to attach his own."""
    shop = morning.shop
    seller, _ = await team(shop)
    customer = await shop.make("customer", name="甲", owner=seller, **CORE)
    deal = await shop.make("opportunity", name="骨科耗材", customer=customer, owner=seller)
    lost: dict[str, Any] = {"stage": "lost", "resistance": ["delivery"], "evidence_in_source": "钉钉 1：纪要.png"}
    async with shop.database.read() as tx:
        actor = await load_actor(tx, shop.workspace, seller)
    assert actor is not None
    with pytest.raises((Denied, Invalid)):
        await shop.gateway.update(actor, shop.workspace, "opportunity", deal, lost)
    await shop.change("opportunity", deal, **lost)
    (found,) = await morning.records("opportunity", "TRUE", "stage", "evidence", "evidence_in_source")
    assert (found["stage"], found["evidence"], found["evidence_in_source"]) == ("lost", None, "钉钉 1：纪要.png")


async def test_a_silent_buyer_turns_red_with_its_reason_and_makes_the_48_hour_task(morning: Morning) -> None:
    """S0-13, S0-18, S0-19 with the reading AMB-01."""
    shop = morning.shop
    seller, lead = await team(shop)
    now = shop.clock.now()
    customer = await shop.make("customer", name="沉默诊所", owner=seller, **CORE)
    await shop.make("order", number="U8-1", customer=customer, owner=seller, placed=now - timedelta(days=60))
    await shop.make("message", text="好的", customer=customer, direction="in", sent_at=now - timedelta(days=40))
    await morning.round()
    (red,) = await morning.records(
        "customer", "[customer_health] = 'red'", "name", "health_reason", "communication_gap"
    )
    assert red["name"] == "沉默诊所"
    assert red["communication_gap"] == 40
    assert "40 天没有沟通" in red["health_reason"]
    (task,) = await morning.records("task", "[kind] = 'intervene'")
    assert task["title"] == "48 小时内介入：沉默诊所"
    assert "40 天没有沟通" in task["detail"]
    assert task["owner"]["id"] == str(seller)
    assert datetime.fromisoformat(task["due_at"]) == now + timedelta(hours=48)
    shop.clock.advance(timedelta(hours=48, minutes=1))
    await morning.sweeper.sweep(shop.workspace)
    (told,) = await shop.fetch("SELECT person FROM {schema}._notice WHERE person = $1 AND title LIKE '%介入%'", lead)
    assert told["person"] == lead


async def test_a_clinic_is_due_every_five_days_or_at_its_own_pace(morning: Morning) -> None:
    """S0-50, S0-52, S0-71."""
    shop = morning.shop
    seller, _ = await team(shop)
    usual = {"owner": seller, "pool": "active", **CORE}
    await shop.make("customer", name="常规", **usual)
    await shop.make("customer", name="自定", cadence_days=9, cadence_reason="父亲住院", **usual)
    with pytest.raises(Invalid, match="cadence_reason"):
        await shop.make("customer", name="没写原因", cadence_days=9, **usual)
    # New customers are grey and rest in the nurture pool; an order and a call bring them back.
    for each in await morning.records("customer", "TRUE", "id", "name"):
        now = shop.clock.now()
        await shop.make("order", number=each["name"], customer=each["id"], placed=now)
        await shop.make("call", summary="问候", customer=each["id"], started_at=now, seconds=30)
    await morning.round()
    shop.clock.advance(timedelta(days=1))
    await morning.round()
    tasks = await morning.records("task", "[kind] = 'cadence'", "subject", "content")
    assert {(each["subject"], each["content"]) for each in tasks} == {
        ("常规", "video_and_package"),
        ("自定", "video_and_package"),
    }
    due = await morning.records("customer", "TRUE", "name", "next_touch")
    assert {each["name"]: each["next_touch"] for each in due} == {"常规": "2026-11-08", "自定": "2026-11-12"}


async def test_a_bought_and_spoken_to_customer_is_yellow_or_better(morning: Morning) -> None:
    """S0-13: seven days still count, the eighth does not."""
    shop = morning.shop
    seller, _ = await team(shop)
    now = shop.clock.now()
    for name, days in (("七天", 7), ("八天", 8)):
        customer = await shop.make("customer", name=name, owner=seller, **CORE)
        await shop.make("order", number=name, customer=customer, placed=now - timedelta(days=days))
        await shop.make("call", summary="催货", customer=customer, started_at=now - timedelta(days=days), seconds=60)
    await morning.round()
    found = await morning.records("customer", "[orders_ever] > 0", "name", "indicators_met", "customer_health")
    assert {each["name"]: each["customer_health"] for each in found} == {"七天": "yellow", "八天": "red"}


async def test_receivables_are_lit_by_three_dates(morning: Morning) -> None:
    """S0-38: over five days late is red, what was paid is not, and the red one is told of."""
    shop = morning.shop
    seller, _ = await team(shop)
    today = date(2026, 11, 2)
    customer = await shop.make("customer", name="欠款医院", owner=seller, **CORE)
    for name, due, paid in (
        ("六天", today - timedelta(days=6), None),
        ("五天", today - timedelta(days=5), None),
        ("已付", today - timedelta(days=30), today),
        ("远期", today + timedelta(days=8), None),
    ):
        await shop.make(
            "payment_plan", name=name, customer=customer, owner=seller, amount="1000", sign_date="2026-09-01",
            due_date=due.isoformat(), paid_date=paid and paid.isoformat(),
        )  # fmt: skip
    await morning.round()
    found = await morning.records("payment_plan", "TRUE", "name", "overdue_light", "overdue_days")
    lights = {each["name"]: each["overdue_light"] for each in found}
    assert lights == {"六天": "red", "五天": "yellow", "已付": "paid", "远期": "green"}
    (told,) = await morning.records("signal", "[kind] = 'overdue'")
    assert told["title"] == "欠款医院：六天 已逾期 6 天，1,000.00 元"


async def test_words_of_a_chat_become_signals_with_their_gap_and_an_action(morning: Morning) -> None:
    """S0-04, S0-05, S0-08, S0-09: each kind that is heard reaches the owner and the superior."""
    shop = morning.shop
    seller, lead = await team(shop)
    customer = await shop.make("customer", name="甲诊所", owner=seller, **CORE)
    await morning.round()
    at = shop.clock.now()
    shop.clock.advance(timedelta(seconds=1))
    heard = {"owner_changed": "customer", "warehouse_moved": "customer", "competitor_annual": "customer",
             "warehouse_change": "customer", "competitor": "customer", "urgent": "collaboration"}  # fmt: skip
    async with shop.database.write() as tx:
        for event in heard:
            await tell_event(tx, shop.workspace, Event(event, "customer", customer, at), key=event)
    await morning.round()
    found = await morning.records("signal", "[subject] = '甲诊所'", "kind", "gap", "buttons", "people")
    assert {each["kind"]: each["gap"] for each in found if each["kind"] in heard} == heard
    assert all(each["buttons"] for each in found)
    assert all({one["id"] for one in each["people"]} == {str(seller), str(lead)} for each in found)


async def test_a_complaint_reaches_three_departments_at_once(morning: Morning) -> None:
    """S0-07."""
    shop = morning.shop
    seller, _ = await team(shop)
    for role in ("warehouse", "quality", "service"):
        await shop.make("person", name=role, roles=[role])
    customer = await shop.make("customer", name="甲诊所", owner=seller, **CORE)
    await shop.make("ticket", name="物流破损", customer=customer, owner=seller, kind="complaint", reason="damage")
    await morning.round()
    tasks = await morning.records("task", "STARTS_WITH([kind], 'complaint_')", "kind", "owner")
    assert {each["owner"]["label"] for each in tasks} == {"warehouse", "quality", "service"}
    assert await morning.records("signal", "[kind] = 'complaint_unsynced'") == []
    shop.clock.advance(timedelta(hours=25))
    await morning.round()
    assert len(await morning.records("signal", "[kind] = 'complaint_unsynced'")) == 1


async def test_a_quote_nobody_answered_for_48_hours_is_told(morning: Morning) -> None:
    """S0-46, and S0-47 for a rebate in the finance first review."""
    shop = morning.shop
    seller, _ = await team(shop)
    customer = await shop.make("customer", name="甲诊所", owner=seller, **CORE)
    sent = shop.clock.now()
    await shop.make("quote", name="种植套包", customer=customer, owner=seller, state="sent", sent_at=sent, amount="100")
    await shop.make("approval", name="三季度返利", customer=customer, owner=seller, kind="rebate", node="finance_first")
    await morning.round()
    assert len(await morning.records("signal", "[kind] = 'rebate_stuck'")) == 1
    assert await morning.records("signal", "[kind] = 'quote_unanswered'") == []
    shop.clock.advance(timedelta(hours=49))
    await morning.round()
    (told,) = await morning.records("signal", "[kind] = 'quote_unanswered'", "title")
    assert told["title"] == "甲诊所：报价 种植套包 已超 48 小时未获答复"


async def test_every_widget_is_drawn_and_nobody_sees_another_teams_customers(morning: Morning) -> None:
    """S0-12, S0-44, S3-62: the boards answer for whom they are, chats among them."""
    shop = morning.shop
    seller, lead = await team(shop)
    now = shop.clock.now()
    customer = await shop.make("customer", name="甲诊所", owner=seller, **CORE)
    await shop.make(
        "message", text="发个报价", customer=customer, owner=seller, direction="in", sent_at=now - timedelta(days=1)
    )
    await shop.make(
        "quote", name="种植套包", customer=customer, owner=seller, state="sent", sent_at=now - timedelta(days=3),
        amount="100",
    )  # fmt: skip
    await shop.make(
        "quote", name="昨天发的", customer=customer, owner=seller, state="sent", sent_at=now - timedelta(days=1),
        amount="100",
    )  # fmt: skip
    await morning.round()
    catalogue = await shop.catalogues.newest(shop.workspace)
    boards = Boards(shop.gateway, shop.metrics)
    admin = Actor(Person(lead, "管理员", roles=("administrator",)))
    whole = [each.key for each in catalogue.boards if each.record is None]
    drawn = {key: await boards.draw(admin, shop.workspace, catalogue, key) for key in whole}
    panels = await boards.panels(admin, shop.workspace, catalogue, "customer", customer)
    assert {"customer_latest_call", "customer_hints"} <= {each.board.key for each in panels}  # S0-40, S0-41
    drawn |= {each.board.key: each for each in panels}
    assert [(key, each.widget.key, each.faults) for key, b in drawn.items() for each in b.widgets if each.faults] == []
    figures = {each.widget.key: each.found for each in drawn["heat_map_board"].widgets}
    assert figures["n_chats"] == 1  # S0-45
    assert figures["n_quotes"] == 0  # S0-46: the customer wrote after the first, and the second is a day old
    here = await shop.fetch("SELECT team FROM {schema}.person WHERE id = $1", seller)
    mine = Actor(
        Person(lead, "陈主管", here[0]["team"], ("supervisor",), (here[0]["team"],), (seller, lead), (seller, lead))
    )
    other = Actor(Person(UUID(int=1), "外组主管", UUID(int=2), ("supervisor",), (UUID(int=2),)))
    for object_key in ("customer", "message", "quote"):
        seen = [
            orjson.loads(await shop.gateway.list(who, shop.workspace, object_key))["items"] for who in (mine, other)
        ]
        assert (bool(seen[0]), seen[1]) == (True, [])


async def test_what_was_resolved_stands_on_the_heat_map_with_who_and_how_long(morning: Morning) -> None:
    """S0-43: the log of the 15-minute loop."""
    shop = morning.shop
    seller, _ = await team(shop)
    customer = await shop.make("customer", name="甲诊所", owner=seller, **CORE)
    await morning.round()
    shop.clock.advance(timedelta(seconds=1))
    async with shop.database.write() as tx:
        await tell_event(tx, shop.workspace, Event("urgent", "customer", customer, shop.clock.now()), key="urgent")
    await morning.round()
    (told,) = await morning.records("signal", "[kind] = 'urgent'", "id")
    shop.clock.advance(timedelta(minutes=15))
    async with shop.database.read() as tx:
        actor = await load_actor(tx, shop.workspace, seller)
    assert actor is not None
    await morning.signals.move(actor, shop.workspace, UUID(told["id"]), "act")
    catalogue = await shop.catalogues.newest(shop.workspace)
    admin = Actor(Person(seller, "管理员", roles=("administrator",)))
    drawn = await Boards(shop.gateway, shop.metrics).draw(admin, shop.workspace, catalogue, "heat_map_board")
    (found,) = [each.found for each in drawn.widgets if each.widget.key == "resolved"]
    assert isinstance(found, dict)
    (row,) = found["items"]
    assert (row["id"], row["closed_by"]["id"], row["took"]) == (told["id"], str(seller), 15 * 60)


def test_the_files_hold_one_idea_each() -> None:
    folder = Path(str(dict(built_in_apps())["sales"]))
    assert all(len(each.read_text(encoding="utf-8").splitlines()) <= 300 for each in folder.rglob("*.yaml"))


def _plain(model: Any) -> Any:
    return model.model_dump(mode="json", by_alias=True)


def _labels(found: Any, where: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Each text in two languages, with where it stands."""
    if isinstance(found, dict):
        if set(found) == {"zh", "en"}:
            yield where, found
        else:
            for key, each in found.items():
                yield from _labels(each, f"{where}.{key}")
    elif isinstance(found, list):
        for number, each in enumerate(found):
            name = each.get("key", number) if isinstance(each, dict) else number
            yield from _labels(each, f"{where}.{name}")


def _pushed(found: Any) -> Iterator[str]:
    """The content packs that actions name."""
    if isinstance(found, dict):
        if found.get("kind") in ("push", "task") and isinstance(found.get("content"), str):
            yield found["content"]
        for each in found.values():
            yield from _pushed(each)
    elif isinstance(found, list):
        for each in found:
            yield from _pushed(each)


def test_every_form_that_people_fill_in_says_what_it_gives_them() -> None:
    """S0-70: whoever makes or changes records of an object reads above its form what he gets for it."""
    model = sales().model
    field_roles = [each for each in model.roles if each.key in ("sales", "assistant", "store_manager", "supervisor")]
    filled = {
        grant.object for role in field_roles for grant in role.grants if grant.create or grant.update != "none"
    } & set(model.object_by_key)
    silent = {key for key in filled if not model.object_by_key[key].description}
    assert len(filled) >= 15
    assert silent <= {"order_fee", "task", "person", "team"}
