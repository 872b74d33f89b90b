"""Settling: what is so already is known and nothing is done about it; what becomes so later fires as ever."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from tongmai.metrics import Segments
from tongmai.model import AddSegment, Changeset, SegmentDef
from tongmai.rules import Event, settle, tell_event

from .desk import Desk, rule

SEGMENT: dict[str, Any] = {
    "key": "grade", "label": "分级", "object": "customer",
    "classes": [
        {"key": "c", "label": "C", "colour": "red", "when": "level = 'C'",
         "on_entry": [{"kind": "notify", "to": ["owner"], "title": "{name}"}]},
        {"key": "rest", "label": "其余", "colour": "grey"},
    ],
}  # fmt: skip


async def test_who_meets_a_condition_already_is_in_its_episode_without_a_firing(desk: Desk) -> None:
    old = await desk.shop.make("customer", name="老客户", level="C")
    new = await desk.shop.make("customer", name="新情况", level="A")
    await desk.define(rule("c", "becomes", "level = 'C'"))
    await desk.shop.refresh()
    assert await settle(desk.engine, desk.shop.workspace) == 1
    await desk.work()
    assert await desk.names() == []
    assert await desk.outbox() == []
    desk.later()
    await desk.shop.change("customer", new, level="C")
    await desk.shop.change("customer", old, level="A")
    await desk.work()
    desk.later()
    await desk.shop.change("customer", old, level="C")
    await desk.work()
    assert await desk.names() == ["新情况", "老客户"]


async def test_changes_and_first_classes_before_it_are_no_news(desk: Desk) -> None:
    await desk.define(rule("created", {"kind": "changed", "actions": ["create"]}))
    action = AddSegment(segment=SegmentDef.model_validate(SEGMENT))
    await desk.shop.editor.apply(desk.shop.workspace, Changeset(actions=(action,)), None)
    desk.later()
    await desk.shop.make("customer", name="老客户", level="C")
    await desk.shop.refresh()
    await Segments(desk.shop.metrics).evaluate(desk.shop.workspace)
    await settle(desk.engine, desk.shop.workspace)
    await desk.work()
    assert await desk.names() == []
    desk.later()
    await desk.shop.make("customer", name="新客户", level="C")
    await desk.shop.refresh()
    await Segments(desk.shop.metrics).evaluate(desk.shop.workspace)
    await desk.work()
    assert sorted(await desk.log()) == [("新客户", desk.shop.clock.now())] * 2


async def test_a_schedule_that_was_due_before_it_is_not_made_up_for(desk: Desk) -> None:
    await desk.define(rule("daily", {"kind": "scheduled", "cron": "0 8 * * *"}))
    await desk.shop.make("customer", name="甲", level="A")
    desk.later(days=2)
    await desk.shop.refresh()
    await settle(desk.engine, desk.shop.workspace)
    await desk.work()
    assert await desk.names() == []
    desk.later(days=1)
    await desk.work()
    assert await desk.names() == ["甲"]


async def test_events_of_before_it_are_heard_by_nobody_and_later_ones_are(desk: Desk) -> None:
    await desk.define(rule("urgent", {"kind": "happens", "event": "urgent"}))
    customer = await desk.shop.make("customer", name="甲", level="A")
    await _tell(desk, customer, "m1")
    desk.later()
    await desk.shop.refresh()
    await settle(desk.engine, desk.shop.workspace)
    await desk.work()
    assert await desk.names() == []
    desk.later()
    await _tell(desk, customer, "m2")
    await desk.work()
    assert await desk.names() == ["甲"]


async def _tell(desk: Desk, customer: UUID, key: str) -> None:
    async with desk.shop.database.write() as tx:
        event = Event("urgent", "customer", customer, desk.shop.clock.now())
        await tell_event(tx, desk.shop.workspace, event, key=key)
