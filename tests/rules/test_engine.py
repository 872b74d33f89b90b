"""The engine: when rules fire, once an episode, at which moment, and for nothing that was before them."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.metrics.shop import metric

from tongmai.kit import Unavailable
from tongmai.metrics import Segments
from tongmai.model import SegmentDef
from tongmai.rules import Engine, Event, tell_event
from tongmai.rules.engine import MOST_EVENTS

from .desk import Desk, rule

SHANGHAI = ZoneInfo("Asia/Shanghai")


async def test_a_condition_that_becomes_true_fires_once_an_episode(desk: Desk) -> None:
    await desk.define(rule("c", "becomes", "level = 'C'"))
    first = await desk.shop.make("customer", name="甲", level="A")
    await desk.round()
    assert await desk.names() == []
    times = []
    for level in "CCAC":
        times.append(desk.later(minutes=1))
        await desk.shop.change("customer", first, level=level)
        await desk.round()
    assert await desk.log() == [("甲", times[0]), ("甲", times[3])]


async def test_rules_at_the_turn_of_a_related_record(desk: Desk) -> None:
    await desk.define(rule("vip", "becomes", "customer.level = 'VIP'", object="order", then=_then("{customer.name}")))
    customer = await desk.shop.make("customer", name="甲", level="A")
    order = await desk.shop.make("order", customer=customer)
    await desk.round()
    desk.later()
    await desk.shop.change("customer", customer, level="VIP")
    await desk.round()
    (fired,) = await desk.shop.fetch("SELECT record_id, told ->> '0.title' AS title FROM {schema}._firing")
    assert (fired["record_id"], fired["title"]) == (order, "甲")


async def test_metrics_turn_conditions_as_rows_and_time_move_them(desk: Desk) -> None:
    await desk.shop.define(metric("weekly", "count", window={"kind": "rolling", "days": 7}))
    await desk.define(rule("silent", "becomes", "weekly = 0"))
    customer = await desk.shop.make("customer", name="甲")
    await desk.shop.make("order", customer=customer, placed=desk.shop.clock.now())
    await desk.round()
    assert await desk.names() == []
    at = desk.later(days=8)
    await desk.round()
    assert await desk.log() == [("甲", at)]
    (fired,) = await desk.shop.fetch("SELECT seen::text FROM {schema}._firing")
    assert fired["seen"] == '{"weekly": 0}'


async def test_classes_turn_conditions_as_records_move_between_them(desk: Desk) -> None:
    """Also through a relation; nothing but the move was written."""
    shop = desk.shop
    await shop.define(metric("orders", "count"), _activity())
    orders = rule("of_busy", "becomes", "customer.activity = 'busy'", object="order", then=_then("{customer.name}"))
    await desk.define(rule("busy", "becomes", "activity = 'busy'"), orders)
    customer = await shop.make("customer", name="甲")
    await _evaluated(desk)
    desk.later(minutes=1)
    order = await shop.make("order", customer=customer, placed=shop.clock.now())
    await desk.round()
    assert await desk.names() == []
    at = desk.later(minutes=1)
    await Segments(shop.metrics).evaluate(shop.workspace)
    await desk.engine.advance(shop.workspace)
    fired = await shop.fetch("SELECT rule, record_id, at FROM {schema}._firing ORDER BY rule")
    assert [tuple(row) for row in fired] == [("busy", customer, at), ("of_busy", order, at)]
    await shop.gateway.delete(shop.system, shop.workspace, "order", order)
    desk.later(minutes=1)
    await _evaluated(desk)
    (row,) = await shop.fetch("SELECT count(*) AS n FROM {schema}._episode WHERE ended_at IS NULL")
    assert row["n"] == 0


async def test_a_condition_on_the_minute_is_looked_at_as_time_passes(desk: Desk) -> None:
    """As S0-46 asks: sent more than 48 hours ago and not answered."""
    await desk.define(rule("idle", "becomes", "changed_at < NOW() - 48h"))
    await desk.shop.make("customer", name="甲")
    await desk.round()
    desk.later(hours=47, minutes=50)
    await desk.round()
    assert await desk.names() == []
    desk.later(minutes=20)
    await desk.round()
    assert await desk.names() == ["甲"]


async def test_what_was_before_a_rule_is_no_change_for_it(desk: Desk) -> None:
    await desk.shop.make("customer", name="旧", level="C")
    await desk.shop.seal()
    desk.later()
    await desk.define(rule("made", {"kind": "changed", "actions": ["create"]}))
    await desk.shop.make("customer", name="新", level="C")
    await desk.round()
    assert await desk.names() == ["新"]


async def test_each_change_is_judged_as_of_its_own_moment(desk: Desk) -> None:
    await desk.define(rule("to_b", {"kind": "changed", "fields": ["level"]}, "level = 'B'"))
    customer = await desk.shop.make("customer", name="甲", level="A")
    at = desk.later(minutes=1)
    await desk.shop.change("customer", customer, level="B")
    desk.later(minutes=1)
    await desk.shop.change("customer", customer, level="C")
    await desk.shop.change("customer", customer, name="乙")
    await desk.round()
    await desk.round()
    assert await desk.log() == [("乙", at)]


async def test_a_change_is_judged_by_the_metrics_of_its_own_moment(desk: Desk) -> None:
    """Today's, and before any refresh; what came after it is not among them."""
    shop = desk.shop
    await shop.define(metric("orders", "count"), metric("sold", {"kind": "sum", "value": "amount"}))
    second = rule("second", {"kind": "changed", "actions": ["create"]}, "customer.orders >= 2", object="order",
                  then=_then("{customer.name}{customer.sold}"))  # fmt: skip
    await desk.define(second)
    customer = await shop.make("customer", name="甲")
    for amount in (10, 20, 40):
        desk.later(minutes=1)
        await shop.make("order", customer=customer, placed=shop.clock.now(), amount=amount)
    await shop.seal()
    await desk.engine.advance(shop.workspace)
    rows = await shop.fetch("SELECT seen::text AS seen, told ->> '0.title' AS title FROM {schema}._firing ORDER BY seq")
    assert [tuple(row) for row in rows] == [('{"customer.orders": 2}', "甲30"), ('{"customer.orders": 3}', "甲70")]


async def test_deletions_are_changes_for_who_asks_for_them(desk: Desk) -> None:
    await desk.define(rule("gone", {"kind": "changed", "actions": ["delete"]}, "level = 'A'"))
    customer = await desk.shop.make("customer", name="甲", level="A")
    await desk.shop.gateway.delete(desk.shop.system, desk.shop.workspace, "customer", customer)
    await desk.round()
    assert await desk.names() == ["甲"]


async def test_a_schedule_fires_at_its_moments_and_makes_up_for_a_missed_one_once(desk: Desk) -> None:
    await desk.define(rule("nine", {"kind": "scheduled", "cron": "30 9 * * *"}, "level = 'A'"))
    customer = await desk.shop.make("customer", name="甲", level="A")
    await desk.round()
    assert await desk.names() == []
    desk.shop.clock.moment = datetime(2026, 11, 5, 12, tzinfo=SHANGHAI)
    await desk.shop.change("customer", customer, level="B")
    await desk.round()
    await desk.round()
    assert await desk.log() == [("甲", datetime(2026, 11, 5, 9, 30, tzinfo=SHANGHAI))]


async def test_make_up_days_of_national_day_are_working_days(desk: Desk) -> None:
    # 2025: 1 to 8 October are free; Sunday 28 September and Saturday 11 October are worked.
    desk.shop.clock.moment = datetime(2025, 9, 27, 12, tzinfo=SHANGHAI)
    await desk.define(rule("work", {"kind": "scheduled", "cron": "0 9 * * *", "working_days_only": True}))
    await desk.shop.make("customer", name="甲")
    for day in range(16):
        desk.shop.clock.moment = datetime(2025, 9, 28, 10, tzinfo=SHANGHAI) + timedelta(days=day)
        await desk.round()
    fired = [at.astimezone(SHANGHAI).strftime("%m-%d") for _, at in await desk.log()]
    assert fired == ["09-28", "09-29", "09-30", "10-09", "10-10", "10-11", "10-13"]


async def test_consecutive_periods_fire_once_for_each_run_of_them(desk: Desk) -> None:
    """As S0-06 asks: not on the shelf for days in a row."""
    await desk.define(rule("low", {"kind": "holds", "periods": 3, "period": "day"}, "level = 'C'"))
    customer = await desk.shop.make("customer", name="甲", level="C")
    for level in "CCCCACCC":
        await desk.shop.change("customer", customer, level=level)
        desk.later(days=1)
        await desk.round()
    fired = [at.astimezone(SHANGHAI).date().day for _, at in await desk.log()]
    # From the 2nd on: the third end of day in a row, the run goes on, and after a break the third again.
    assert fired == [4, 9]


async def test_a_run_is_looked_for_in_the_past_when_the_rule_is_new(desk: Desk) -> None:
    """As S4-12 asks: weeks in a row below the limit."""
    await desk.shop.make("customer", name="甲", level="C")
    await desk.shop.seal()
    desk.later(weeks=2)
    await desk.shop.make("customer", name="乙", level="C")
    desk.later(weeks=1)
    await desk.define(rule("low", {"kind": "holds", "periods": 3, "period": "week"}, "level = 'C'"))
    await desk.round()
    assert await desk.names() == ["甲"]


async def test_entering_a_class_fires_for_the_rule_and_for_the_class_itself(desk: Desk) -> None:
    notify = [{"kind": "notify", "to": ["owner"], "title": "{name}"}]
    classes: list[dict[str, Any]] = [
        {"key": "red", "label": "红", "when": "level = 'C'", "on_entry": notify},
        {"key": "green", "label": "绿"},
    ]
    segment = SegmentDef.model_validate({"key": "health", "label": "健康", "object": "customer", "classes": classes})
    await desk.shop.define(segment)
    await desk.define(rule("to_green", {"kind": "enters", "segment": "health", "classes": ["green"]}))
    customer = await desk.shop.make("customer", name="甲", level="A")
    for level in "ACACC":
        desk.later(minutes=5)
        await desk.shop.change("customer", customer, level=level)
        await desk.shop.seal()
        await Segments(desk.shop.metrics).evaluate(desk.shop.workspace)
        await desk.round()
    assert (len(await desk.log("to_green")), len(await desk.log("health.red"))) == (2, 2)
    rows = await desk.shop.fetch("SELECT rule, ended_at IS NULL AS open FROM {schema}._episode ORDER BY begun_at")
    assert [row["open"] for row in rows] == [False, False, False, True]


async def test_a_rule_taken_out_of_force_ends_what_it_had_begun(desk: Desk) -> None:
    wanted = rule("c", "becomes", "level = 'C'")
    await desk.define(wanted)
    await desk.shop.make("customer", name="甲", level="C")
    await desk.round()
    await desk.redefine(wanted.replace(enabled=False))
    await desk.round()
    (row,) = await desk.shop.fetch("SELECT ended_at IS NULL AS open FROM {schema}._episode")
    assert not row["open"]
    await desk.redefine(wanted)
    await desk.round()
    assert await desk.names() == ["甲", "甲"]


def _then(title: str) -> list[dict[str, Any]]:
    return [{"kind": "notify", "to": ["owner"], "title": title}]


async def test_events_that_are_told_fire_once_each(desk: Desk) -> None:
    await desk.define(rule("paid", {"kind": "happens", "event": "paid"}, "level = 'A'"))
    customers = [await desk.shop.make("customer", name=name, level=level) for name, level in (("甲", "A"), ("乙", "B"))]
    at = desk.shop.clock.now()
    desk.later(minutes=3)
    async with desk.shop.database.write() as tx:
        told = [
            await tell_event(tx, desk.shop.workspace, Event("paid", "customer", each, at), key=str(each))
            for each in (*customers, customers[0])
        ]
        await tell_event(tx, desk.shop.workspace, Event("other", "customer", customers[0], at), key="other")
    assert told == [True, True, False]
    await desk.round()
    await desk.round()
    assert await desk.log() == [("甲", at)]
    assert await desk.shop.fetch("SELECT 1 FROM {schema}._event WHERE taken_at IS NULL") == []


async def test_events_over_which_a_rule_stumbles_are_not_lost_for_it(desk: Desk) -> None:
    schema, workspace = desk.shop.workspace.quoted_schema, desk.shop.workspace
    await desk.define(rule("paid", {"kind": "happens", "event": "paid"}, "level = 'A'"))
    customer = await desk.shop.make("customer", name="甲", level="A")
    desk.later(minutes=3)
    async with desk.shop.database.write() as tx:
        await tell_event(tx, workspace, Event("paid", "customer", customer, desk.shop.clock.now()), key="a")
        # As where the log cannot be written just now.
        await tx.execute(f"ALTER TABLE {schema}._firing RENAME TO aside")
    with pytest.raises(Unavailable):
        await desk.engine.advance(workspace)
    async with desk.shop.database.write() as tx:
        await tx.execute(f"ALTER TABLE {schema}.aside RENAME TO _firing")
    await desk.round()
    assert await desk.names("paid") == ["甲"]


async def test_several_engines_at_once_fire_once(desk: Desk) -> None:
    await desk.define(
        rule("c", "becomes", "level = 'C'"),
        rule("made", {"kind": "changed", "actions": ["create"]}),
        rule("day", {"kind": "holds", "periods": 2, "period": "day"}, "level = 'C'"),
    )
    for number in range(20):
        await desk.shop.make("customer", name=f"{number:02d}", level="C")
    desk.later(days=2)
    await desk.shop.seal()
    shop = desk.shop
    engines = [Engine(shop.database, shop.catalogues, shop.clock) for _ in range(4)]
    await asyncio.gather(*(each.advance(shop.workspace) for each in engines))
    for key in ("c", "made", "day"):
        assert await desk.names(key) == [f"{number:02d}" for number in range(20)], key


async def test_a_rule_that_fails_waits_and_tells_why_and_the_others_go_on(desk: Desk) -> None:
    schema = desk.shop.workspace.quoted_schema
    await desk.define(rule("broken", "becomes", "level = 'C'"), rule("fine", "becomes", "name = '甲'"))
    await desk.shop.make("customer", name="甲", level="C")
    await desk.shop.seal()
    # As after a restore that went wrong.
    async with desk.shop.database.write() as tx:
        await tx.execute(f"ALTER TABLE {schema}.customer RENAME COLUMN level TO aside")
    await desk.engine.advance(desk.shop.workspace)
    async with desk.shop.database.write() as tx:
        await tx.execute(f"ALTER TABLE {schema}.customer RENAME COLUMN aside TO level")
    failed = "SELECT rule FROM {schema}._rule_state WHERE error IS NOT NULL"
    assert [row["rule"] for row in await desk.shop.fetch(failed)] == ["broken"]
    assert await desk.names("fine") == ["甲"]
    desk.later(minutes=2)
    await desk.round()
    assert await desk.shop.fetch(failed) == []
    assert await desk.names("broken") == ["甲"]


def _activity() -> SegmentDef:
    classes = [{"key": "busy", "label": "忙", "when": "orders > 0"}, {"key": "idle", "label": "闲"}]
    return SegmentDef.model_validate({"key": "activity", "label": "活跃", "object": "customer", "classes": classes})


async def _evaluated(desk: Desk) -> None:
    """A round of everything: metrics, classes, rules."""
    await desk.shop.refresh()
    await Segments(desk.shop.metrics).evaluate(desk.shop.workspace)
    await desk.engine.advance(desk.shop.workspace)


async def test_what_nobody_waits_for_does_not_stand_before_what_somebody_does(desk: Desk) -> None:
    await desk.define(rule("paid", {"kind": "happens", "event": "paid"}))
    customer = await desk.shop.make("customer", name="甲")
    await desk.round()
    desk.later(minutes=1)
    at = desk.shop.clock.now()
    async with desk.shop.database.write() as tx:
        for number in range(MOST_EVENTS + 1):
            await tell_event(tx, desk.shop.workspace, Event("answered", "customer", customer, at), key=f"a{number}")
        await tell_event(tx, desk.shop.workspace, Event("paid", "customer", customer, at), key="p")
    await desk.round()
    assert await desk.names() == ["甲"]
    assert await desk.shop.fetch("SELECT 1 FROM {schema}._event WHERE taken_at IS NULL") == []
