"""Segments: the health example of S0-12 … S0-18 with the reading AMB-01, minimum stay, hysteresis, and replays."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
import yaml

from tongmai.access import Actor, Person
from tongmai.kit import Denied, NotFound
from tongmai.metrics import SegmentReader, Segments
from tongmai.model import AddObject, AddRole, Changeset, MetricDef, ObjectDef, RoleDef, SegmentDef

from .shop import Shop, metric
from .test_values import NOW

HEALTH = """
metrics:
  # S0-13: days since the last contact, at most 7
  - {key: gap, label: 最近沟通间隔, object: customer, source: contact, path: customer, at: happened,
     measure: {kind: days_since}}
  # S0-14: different categories ever ordered, at least 3
  - {key: breadth, label: 历史订单品类数, object: customer, source: line, path: order.customer, at: order.placed,
     measure: {kind: distinct, value: product.category}}
  # S0-15: used of the rebate granted, more than 65 %
  - {key: granted, label: 已发返利, object: customer, source: rebate, path: customer,
     measure: {kind: sum, value: granted}}
  - {key: used, label: 已用返利, object: customer, source: rebate, path: customer,
     measure: {kind: sum, value: used}}
  - {key: rebate_use, label: 返利使用率, object: customer, source: rebate, path: customer,
     measure: {kind: ratio, numerator: used, denominator: granted}}
  # S0-16: from a ticket's opening to its end, less than 24 hours on average
  - {key: closing, label: 工单闭环时效, object: customer, source: ticket, path: customer, at: opened,
     measure: {kind: duration, start: opened, end: closed}}
  # S0-17: Moments interactions a week, at least 2
  - {key: moments, label: 朋友圈互动频次, object: customer, source: contact, path: customer, at: happened,
     where: "channel = 'moments'", measure: {kind: rate, per: week}, window: {kind: rolling, days: 28}}
segments:
  - key: health
    label: 客户健康度
    object: customer
    classes:
      - {key: green, label: 高价值, colour: green,
         when: "IF(gap <= 7, 1, 0) + IF(breadth >= 3, 1, 0) + IF(rebate_use > 0.65, 1, 0) + IF(closing < 24h, 1, 0)
                + IF(moments >= 2, 1, 0) >= 4"}
      - {key: red, label: 高风险, colour: red, when: "breadth >= 1 AND (gap > 30 OR gap IS BLANK)",
         on_entry: [{kind: task, task: intervene, title: 介入, due: {amount: 48}}]}
      - {key: yellow, label: 待激活, colour: yellow, when: "gap <= 30"}
      - {key: grey, label: 低响应, colour: grey}
"""


def _object(key: str, *fields: tuple[str, str]) -> dict[str, Any]:
    relation = {"key": "customer", "type": "relation", "label": "客户", "options": {"target": "customer"}}
    made = [{"key": name, "type": kind, "label": name} for name, kind in fields]
    return {"key": key, "label": key, "fields": [relation, *made]}


async def healthy(shop: Shop) -> Shop:
    objects = (
        _object("contact", ("happened", "datetime"), ("channel", "text")),
        _object("rebate", ("granted", "number"), ("used", "number")),
        _object("ticket", ("opened", "datetime"), ("closed", "datetime")),
    )
    actions = tuple(AddObject(object=ObjectDef.model_validate(each)) for each in objects)
    await shop.editor.apply(shop.workspace, Changeset(actions=actions), None)
    document = yaml.safe_load(HEALTH)
    metrics = (MetricDef.model_validate(each) for each in document["metrics"])
    segments = (SegmentDef.model_validate(each) for each in document["segments"])
    await shop.define(*metrics, *segments)
    return shop


async def evaluated(shop: Shop) -> None:
    await shop.refresh()
    await Segments(shop.metrics).evaluate(shop.workspace)


async def classes(shop: Shop) -> dict[str, str]:
    rows = await shop.fetch(
        "SELECT c.name, m.class FROM {schema}._segment_member m JOIN {schema}.customer c ON c.id = m.record_id"
    )
    return {row["name"]: row["class"] for row in rows}


async def test_the_health_example_classes_customers(shop: Shop) -> None:
    await healthy(shop)
    good = await shop.make("customer", name="好")
    lost = await shop.make("customer", name="失")
    quiet = await shop.make("customer", name="静")
    fresh = await shop.make("customer", name="新")
    for number, customer in enumerate((good, good, good, lost)):
        product = await shop.make("product", name=str(number), category=str(number))
        order = await shop.make("order", customer=customer, placed=NOW - timedelta(days=90))
        await shop.make("line", order=order, product=product)
    for customer, days in ((good, 1), (lost, 60), (fresh, 10)):
        await shop.make("contact", customer=customer, happened=NOW - timedelta(days=days), channel="call")
    await shop.make("rebate", customer=good, granted=100, used=66)
    await shop.make("ticket", customer=good, opened=NOW - timedelta(hours=30), closed=NOW - timedelta(hours=10))
    await evaluated(shop)
    assert quiet and await classes(shop) == {"好": "green", "失": "red", "静": "grey", "新": "yellow"}
    (move,) = await shop.fetch(
        "SELECT v.reason::text AS reason FROM {schema}._segment_move v WHERE v.record_id = $1", lost
    )
    reason = json.loads(move["reason"])
    assert (reason["row"], reason["seen"]["gap"], reason["seen"]["breadth"]) == (2, 60, 1)


def simple(**more: Any) -> SegmentDef:
    parts = {
        "key": "activity", "label": "活跃", "object": "customer",
        "classes": [
            {"key": "busy", "label": "忙", "when": "weekly >= 2", **more.pop("busy", {})},
            {"key": "idle", "label": "闲"},
        ],
    }  # fmt: skip
    return SegmentDef.model_validate({**parts, **more})


async def weekly(shop: Shop, segment: SegmentDef) -> Any:
    await shop.define(metric("weekly", "count", window={"kind": "rolling", "days": 7}), segment)
    return await shop.make("customer", name="甲")


async def order(shop: Shop, customer: Any, **ago: float) -> None:
    await shop.make("order", customer=customer, placed=shop.clock.now() - timedelta(**ago))


async def moves(shop: Shop) -> list[tuple[datetime, str | None, str | None]]:
    rows = await shop.fetch("SELECT at, from_class, to_class FROM {schema}._segment_move ORDER BY id")
    return [(row["at"], row["from_class"], row["to_class"]) for row in rows]


async def test_a_record_stays_its_minimum_time(shop: Shop) -> None:
    customer = await weekly(shop, simple(minimum_stay=3))
    await evaluated(shop)
    await order(shop, customer, hours=1)
    await order(shop, customer, hours=2)
    shop.clock.advance(timedelta(days=2))
    await evaluated(shop)
    assert await classes(shop) == {"甲": "idle"}
    shop.clock.advance(timedelta(days=1))
    await evaluated(shop)
    assert await classes(shop) == {"甲": "busy"}


async def test_a_class_keeps_a_record_until_it_may_leave(shop: Shop) -> None:
    customer = await weekly(shop, simple(busy={"leave_when": "weekly = 0"}))
    await order(shop, customer, days=6)
    await order(shop, customer, days=3)
    await evaluated(shop)
    shop.clock.advance(timedelta(days=2))
    await evaluated(shop)
    assert await classes(shop) == {"甲": "busy"}
    shop.clock.advance(timedelta(days=3))
    await evaluated(shop)
    assert await classes(shop) == {"甲": "idle"}
    assert [each[1:] for each in await moves(shop)] == [(None, "busy"), ("busy", "idle")]


async def test_a_deleted_record_is_in_no_class(shop: Shop) -> None:
    customer = await weekly(shop, simple(minimum_stay=30))
    await evaluated(shop)
    await shop.gateway.delete(shop.system, shop.workspace, "customer", customer)
    await evaluated(shop)
    assert await classes(shop) == {}


async def test_a_replay_of_the_past_gives_the_moves_of_the_live_run(shop: Shop) -> None:
    segment = simple(minimum_stay=1, busy={"leave_when": "weekly < 1"})
    customer = await weekly(shop, segment)
    other = await shop.make("customer", name="乙")
    moments = []
    for day in range(14):
        if day % 4 == 1:
            await order(shop, customer, hours=day)
            await order(shop, other if day > 6 else customer, hours=3 * day)
        if day == 8:
            (found,) = await shop.fetch('SELECT id FROM {schema}."order" WHERE customer = $1 LIMIT 1', customer)
            await shop.change("order", found["id"], customer=other)
        if day == 13:
            await shop.gateway.delete(shop.system, shop.workspace, "customer", other)
        await evaluated(shop)
        moments.append(shop.clock.now())
        shop.clock.advance(timedelta(days=1))
    live = await shop.fetch("SELECT * FROM {schema}._segment_move ORDER BY id")
    replayed = await Segments(shop.metrics).replay(shop.workspace, segment, moments)
    assert len(live) >= 4
    assert [(each.record_id, each.at, each.from_class, each.to_class, each.reason) for each in replayed] == [
        (row["record_id"], row["at"], row["from_class"], row["to_class"], json.loads(row["reason"])) for row in live
    ]


async def test_people_see_the_members_and_moves_of_the_records_they_may_see(shop: Shop) -> None:
    grants = [
        {"object": "customer", "read": "own", "fields": "read", "field_access": {"weekly": "none", "activity": "read"}}
    ]
    role = RoleDef.model_validate({"key": "rep", "label": "销售", "grants": grants})
    customer = await weekly(shop, simple())
    await shop.editor.apply(shop.workspace, Changeset(actions=(AddRole(role=role),)), None)
    me = await shop.make("person", name="某", roles=["rep"])
    await shop.make("customer", name="乙", owner=me)
    await evaluated(shop)
    reader = SegmentReader(shop.metrics)
    actor = Actor(Person(me, "某", None, ("rep",), (), (me,), (me,)))
    assert (await reader.counts(shop.system, shop.workspace, "activity"))[1] == {"busy": 0, "idle": 2}
    assert (await reader.counts(actor, shop.workspace, "activity"))[1] == {"busy": 0, "idle": 1}
    (member,) = await reader.members(actor, shop.workspace, "activity", "idle")
    assert (member.title, member.reason["seen"], member.reason["when"]) == ("乙", {}, None)
    (move,) = await reader.moves(actor, shop.workspace, "activity")
    assert (move.title, move.to_class, move.reason["seen"]) == ("乙", "idle", {})
    everything = await reader.moves(shop.system, shop.workspace, "activity")
    assert {each.record_id for each in everything} > {move.record_id} and customer
    assert await reader.moves(shop.system, shop.workspace, "activity", before=everything[-1].seq) == []
    stranger = Actor(Person(me, "某", None, (), (), (me,), (me,)))
    with pytest.raises(Denied):
        await reader.counts(stranger, shop.workspace, "activity")
    with pytest.raises(NotFound):
        await reader.counts(shop.system, shop.workspace, "nothing")
