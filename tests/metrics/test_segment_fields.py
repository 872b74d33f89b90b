"""The class a record is in is a field of its object, and so is since when."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from tongmai.access import Actor, Person
from tongmai.kit import Invalid
from tongmai.metrics import Segments
from tongmai.model import AddField, AddRole, Changeset, FieldDef, RoleDef, SegmentDef

from .shop import Shop, metric

HEAT = SegmentDef.model_validate({
    "key": "heat", "label": {"zh": "热度", "en": "Heat"}, "object": "customer",
    "classes": [
        {"key": "hot", "label": {"zh": "热", "en": "Hot"}, "colour": "red", "when": "orders >= 2"},
        {"key": "cold", "label": {"zh": "冷", "en": "Cold"}, "colour": "blue"},
    ],
})  # fmt: skip


@pytest.fixture
async def heated(shop: Shop) -> Shop:
    """Customer 忙 is hot, customer 静 is cold."""
    await shop.define(metric("orders", "count"), HEAT)
    for name, orders in (("静", 0), ("忙", 2)):
        customer = await shop.make("customer", name=name)
        for _ in range(orders):
            await shop.make("order", customer=customer, placed=shop.clock.now(), amount=1)
    await shop.full()
    await Segments(shop.metrics).evaluate(shop.workspace)
    return shop


async def listed(shop: Shop, actor: Any = None, **asked: Any) -> list[dict[str, Any]]:
    found = await shop.gateway.list(actor or shop.system, shop.workspace, "customer", count=False, **asked)
    return json.loads(found)["items"]  # type: ignore[no-any-return]


async def test_a_class_is_shown_filtered_sorted_and_grouped(heated: Shop) -> None:
    (hot,) = await listed(heated, filter="heat = '热'", fields=("name", "heat", "heat__since"))
    assert (hot["name"], hot["heat"]) == ("忙", "hot")
    assert datetime.fromisoformat(hot["heat__since"]) == heated.clock.now()
    assert [each["name"] for each in await listed(heated, sort="heat", fields=("name",))] == ["忙", "静"]
    asked = {"object": "customer", "group_by": ["heat"], "measures": {"n": "count"}}
    grouped = json.loads(await heated.gateway.query(heated.system, heated.workspace, asked))
    assert {each["heat"]: each["n"] for each in grouped["rows"]} == {"hot": 1, "cold": 1}


async def test_a_formula_uses_a_class(heated: Shop) -> None:
    field = {"key": "note", "type": "formula", "label": "备注", "options": {"text": "IF(热度 = 'hot', '跟进', '唤醒')"}}
    action = AddField(object="customer", field=FieldDef.model_validate(field))
    await heated.editor.apply(heated.workspace, Changeset(actions=(action,)), None)
    assert {each["name"]: each["note"] for each in await listed(heated)} == {"忙": "跟进", "静": "唤醒"}


async def test_the_past_has_the_class_of_then(heated: Shop) -> None:
    then = heated.clock.now()
    (quiet,) = await listed(heated, filter="heat = 'cold'")
    heated.clock.advance(timedelta(days=3))
    for _ in range(2):
        await heated.make("order", customer=quiet["id"], placed=heated.clock.now(), amount=1)
    await heated.refresh()
    await Segments(heated.metrics).evaluate(heated.workspace)
    assert await listed(heated, filter="heat = 'cold'") == []
    earlier = await listed(
        heated, filter="heat = 'cold'", as_of=then + timedelta(days=1), fields=("name", "heat__since")
    )
    assert [each["name"] for each in earlier] == ["静"]
    assert datetime.fromisoformat(earlier[0]["heat__since"]) == then
    assert await listed(heated, filter="heat IS NOT BLANK", as_of=then - timedelta(seconds=1)) == []


async def test_a_class_is_masked_as_any_field(heated: Shop) -> None:
    grants = [{"object": "customer", "read": "all", "field_access": {"heat": "none", "heat__since": "none"}}]
    role = RoleDef.model_validate({"key": "rep", "label": "销售", "grants": grants})
    await heated.editor.apply(heated.workspace, Changeset(actions=(AddRole(role=role),)), None)
    me = await heated.make("person", name="某", roles=["rep"])
    rep = Actor(Person(me, "某", None, ("rep",), (), (me,), (me,)))
    with pytest.raises(Invalid, match="heat"):
        await listed(heated, rep, filter="heat = 'cold'")
    assert all("heat" not in each and "heat__since" not in each for each in await listed(heated, rep))


async def test_nobody_writes_a_class(heated: Shop) -> None:
    (quiet,) = await listed(heated, filter="heat = 'cold'")
    with pytest.raises(Invalid, match=r"computed|系统计算"):
        await heated.change("customer", quiet["id"], heat="hot")


async def test_a_segment_shares_no_name_with_a_field_and_is_not_made_of_itself(heated: Shop) -> None:
    with pytest.raises(Invalid, match="level"):
        await heated.define(HEAT.replace(key="level"))
    circle = SegmentDef.model_validate({
        "key": "mood", "label": "心情", "object": "customer",
        "classes": [{"key": "a", "label": "甲", "when": "heat = 'hot'"}],
    })  # fmt: skip
    with pytest.raises(Invalid, match="heat") as refused:
        await heated.define(circle)
    assert any(each.field == "segments.mood.classes.a.when" for each in refused.value.faults)
