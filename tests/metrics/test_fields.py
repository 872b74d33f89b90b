"""Metrics as fields: shown, filtered, sorted, grouped and used in formulas, under the roles' masks, written by nobody."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from tongmai.access import Actor, AnyActor, Person
from tongmai.kit import Invalid, Text
from tongmai.model import AddField, AddRole, Changeset, FieldDef, Grant, RoleDef

from .shop import Shop, metric
from .test_values import NOW, filled


async def listed(shop: Shop, actor: AnyActor | None = None, **options: Any) -> list[dict[str, Any]]:
    found = await shop.gateway.list(actor or shop.system, shop.workspace, "customer", **options)
    return json.loads(found)["items"]  # type: ignore[no-any-return]


async def found_by(shop: Shop, actor: AnyActor, condition: str) -> list[dict[str, Any]]:
    """What a filter finds; nothing where it is refused because it names what the actor may not know of."""
    try:
        return await listed(shop, actor, filter=condition)
    except Invalid as refused:
        assert refused.faults[0].code == "formula.unknown_field"
        return []


async def measured(shop: Shop) -> Shop:
    await filled(shop)
    await shop.define(
        metric("orders", "count", label={"zh": "订单数", "en": "Orders"}), metric("recency", "days_since")
    )
    await shop.full()
    return shop


async def test_a_list_shows_filters_and_sorts_by_metrics(shop: Shop) -> None:
    await measured(shop)
    assert [(each["name"], each["orders"]) for each in await listed(shop, sort="-orders")] == [
        ("甲", 4), ("乙", 1), ("丙", 0),
    ]  # fmt: skip
    assert [each["name"] for each in await listed(shop, filter="订单数 >= 1 AND recency = 0")] == ["乙"]
    assert [each["name"] for each in await listed(shop, filter="recency IS BLANK")] == ["丙"]


async def test_pages_go_on_in_the_order_of_a_metric(shop: Shop) -> None:
    await measured(shop)
    seen, cursor = [], None
    while True:
        found = await shop.gateway.list(
            shop.system, shop.workspace, "customer", sort="recency", limit=1, cursor=cursor, fields=("name", "recency")
        )
        page = json.loads(found)
        seen += [each["name"] for each in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == ["乙", "甲", "丙"]


async def test_formula_fields_and_groups_use_metrics(shop: Shop) -> None:
    await measured(shop)
    busy = FieldDef(key="busy", type="formula", label=Text.same("busy"), options={"text": "orders > 0"})
    await shop.editor.apply(shop.workspace, Changeset(actions=(AddField(object="customer", field=busy),)), None)
    assert [each["name"] for each in await listed(shop, filter="busy", sort="name")] == ["乙", "甲"]
    query = {
        "object": "customer",
        "group_by": ["busy"],
        "measures": [{"function": "sum", "of": "orders", "name": "n"}],
    }
    rows = json.loads(await shop.gateway.query(shop.system, shop.workspace, query))["rows"]
    assert {row["busy"]: row["n"] for row in rows} == {True: 5, False: 0}


async def test_a_metric_cannot_be_given(shop: Shop) -> None:
    await measured(shop)
    with pytest.raises(Invalid) as refused:
        await shop.make("customer", orders=3)
    assert [(fault.code, fault.field) for fault in refused.value.faults] == [("field.read_only", "orders")]


async def test_validations_and_policies_cannot_ask_for_metrics(shop: Shop) -> None:
    await measured(shop)
    grants = (Grant.model_validate({"object": "customer", "read": "formula:orders > 1"}),)
    role = RoleDef(key="odd", label=Text.same("odd"), grants=grants)
    with pytest.raises(Invalid) as refused:
        await shop.editor.apply(shop.workspace, Changeset(actions=(AddRole(role=role),)), None)
    assert refused.value.faults[0].code == "formula.unknown_field"


async def test_a_role_sees_the_metrics_it_may_and_no_others(shop: Shop) -> None:
    await measured(shop)
    given = {"object": "customer", "read": "all", "fields": "read", "field_access": {"orders": "none"}}
    grants = (Grant.model_validate(given),)
    role = RoleDef(key="rep", label=Text.same("rep"), grants=grants)
    await shop.editor.apply(shop.workspace, Changeset(actions=(AddRole(role=role),)), None)
    person = await shop.make("person", name="某", roles=["rep"])
    actor = Actor(Person(person, "某", None, ("rep",), (), (person,), (person,)))
    shown = await listed(shop, actor, sort="name")
    assert all("orders" not in each for each in shown)
    assert {each["name"]: each["recency"] for each in shown} == {"甲": 1, "乙": 0, "丙": None}
    with pytest.raises(Invalid):
        await listed(shop, actor, fields=("orders",))
    assert await found_by(shop, actor, "orders >= 0") == []


async def test_a_list_with_metrics_is_one_statement(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    await measured(shop)
    await listed(shop, sort="-orders")
    asked: list[str] = []
    read = type(shop.database).read

    def counting(self: Any) -> Any:
        asked.append("read")
        return read(self)

    monkeypatch.setattr(type(shop.database), "read", counting)
    await listed(shop, sort="-orders", filter="orders > 0")
    assert asked == ["read"]


async def test_values_are_those_of_the_moment_they_were_computed_for(shop: Shop) -> None:
    await measured(shop)
    shop.clock.advance(timedelta(days=2))
    assert {each["name"]: each["recency"] for each in await listed(shop)}["甲"] == 1
    await shop.refresh()
    assert {each["name"]: each["recency"] for each in await listed(shop)}["甲"] == 3
    assert shop.clock.now() == NOW + timedelta(days=2)
