"""A value tells what it was made of, and to nobody more than they may see."""

from __future__ import annotations

from uuid import UUID

import pytest

from tongmai.access import Actor, Person
from tongmai.kit import NotFound, Text
from tongmai.metrics import MetricExplanation, MetricReader
from tongmai.model import AddRole, Changeset, RoleDef

from .shop import Shop, metric
from .test_values import ago, filled


async def ready(shop: Shop) -> tuple[MetricReader, UUID]:
    await filled(shop)
    await shop.define(
        metric("orders", "count", where="state = 'paid'", window={"kind": "rolling", "days": 30}),
        metric("total", {"kind": "sum", "value": "amount"}),
        metric("each", {"kind": "ratio", "numerator": "total", "denominator": "orders"}),
    )
    await shop.full()
    (row,) = await shop.fetch("SELECT id FROM {schema}.customer WHERE name = '甲'")
    return MetricReader(shop.metrics, shop.gateway), row["id"]


async def person(shop: Shop, *grants: dict[str, object]) -> Actor:
    key = f"rep_{len((await shop.catalogues.get(shop.workspace)).roles)}"
    role = RoleDef.model_validate({"key": key, "label": Text.same(key), "grants": grants})
    await shop.editor.apply(shop.workspace, Changeset(actions=(AddRole(role=role),)), None)
    made = await shop.make("person", name="某", roles=[key])
    return Actor(Person(made, "某", None, (key,), (), (made,), (made,)))


async def test_a_value_tells_its_window_its_rows_and_when_it_was_computed(shop: Shop) -> None:
    reader, record = await ready(shop)
    found = await reader.explain(shop.system, shop.workspace, "customer", record, "orders")
    assert (found.value.value, found.count) == (2, 2)
    assert [row["state"] for row in found.rows] == ["paid", "paid"]
    assert found.window.start is not None and found.window.start < ago(days=29)
    assert found.standing.as_of == shop.clock.now() and found.standing.engine.name == "postgres"
    assert found.words == Text(
        "“订单”的条数，按下单时间计时，满足 状态 = 'paid'",
        "the number of “Order”, timed by placed where state = 'paid'",
    )


async def explained(shop: Shop, name: str, measure: dict[str, object] | str, **more: object) -> MetricExplanation:
    """What a metric of the customer 甲 was made of."""
    await shop.define(metric(name, measure, **more))
    await shop.full()
    (row,) = await shop.fetch("SELECT id FROM {schema}.customer WHERE name = '甲'")
    return await MetricReader(shop.metrics, shop.gateway).explain(
        shop.system, shop.workspace, "customer", row["id"], name
    )


def inputs(found: MetricExplanation) -> dict[str, object]:
    return {each.label.en: each.shown for each in found.inputs}


async def test_what_a_value_was_worked_out_from_beside_its_rows_is_told(shop: Shop) -> None:
    """Rows and inputs together give the value, for every measure that rows alone do not give."""
    await filled(shop)
    await shop.make("customer", name="丁")
    week = {"kind": "rolling", "days": 7}
    found = await explained(shop, "pace", {"kind": "rate", "per": "week"}, window={"kind": "rolling", "days": 14})
    assert inputs(found) == {"Rows that count": 3, "Days of the window": 14} and found.count == 3
    found = await explained(shop, "recency", "days_since")
    assert inputs(found) == {"The latest": ago(days=1).isoformat()}
    found = await explained(shop, "part", {"kind": "share", "value": "amount"}, window=week)
    assert inputs(found) == {"This record": 150, "All records": 150} and found.value.value == 1
    found = await explained(shop, "closing", {"kind": "duration", "start": "placed", "end": "closed"})
    assert (found.count, inputs(found)) == (4, {"Rows with a value": 2})
    found = await explained(shop, "weekly", "count", window=week, comparison={"kind": "previous_period"})
    assert found.compared is not None and found.compared.end == found.window.start


async def test_a_share_of_a_team_tells_the_teams_whole(shop: Shop) -> None:
    teams = [await shop.make("team", name=name) for name in ("东", "西")]
    people = [await shop.make("person", name=str(n), team=team) for n, team in enumerate((*teams, teams[0]))]
    for name, owner, amount in (("甲", people[0], 30), ("乙", people[1], 500), ("丙", people[2], 90)):
        customer = await shop.make("customer", name=name, owner=owner)
        await shop.make("order", customer=customer, placed=ago(days=1), amount=amount)
    found = await explained(shop, "part", {"kind": "share", "value": "amount", "of": "team"})
    assert inputs(found) == {"This record": 30, "The owner's team": 120} and found.value.value == 0.25


async def test_an_update_rate_tells_which_field_was_changed_when(shop: Shop) -> None:
    customer = await shop.make("customer", name="甲", level="a")
    await shop.change("customer", customer, level="b")
    changed = shop.clock.now().isoformat()
    rate = {"kind": "update_rate", "fields": ["name", "level"]}
    month = {"kind": "rolling", "days": 30}
    found = await explained(shop, "kept_up", rate, source="customer", path="", at="created_at", window=month)
    assert (found.value.value, found.count) == (0.5, 1)
    assert {each.label.zh: each.shown for each in found.inputs} == {"名称": None, "等级": changed}


async def test_rows_that_may_not_be_seen_are_counted_and_the_whole_of_a_share_goes_with_them(shop: Shop) -> None:
    await filled(shop)
    await shop.define(metric("part", {"kind": "share", "value": "amount"}))
    await shop.full()
    (row,) = await shop.fetch("SELECT id FROM {schema}.customer WHERE name = '甲'")
    actor = await person(
        shop,
        {"object": "customer", "read": "all", "fields": "read"},
        {"object": "order", "read": "formula: state = 'open'", "fields": "read"},
    )
    reader = MetricReader(shop.metrics, shop.gateway)
    found = await reader.explain(actor, shop.workspace, "customer", row["id"], "part")
    assert (len(found.rows), found.count, found.hidden, found.inputs) == (1, 4, 3, ())


async def test_a_ratio_tells_its_parts(shop: Shop) -> None:
    reader, record = await ready(shop)
    found = await reader.explain(shop.system, shop.workspace, "customer", record, "each")
    assert [(part.value.metric.key, part.count) for part in found.parts] == [("total", 4), ("orders", 2)]


async def test_values_of_a_record_have_reasons_where_there_are_none(shop: Shop) -> None:
    reader, _ = await ready(shop)
    (row,) = await shop.fetch("SELECT id FROM {schema}.customer WHERE name = '丙'")
    found = {each.metric.key: each for each in await reader.values(shop.system, shop.workspace, "customer", row["id"])}
    assert (found["orders"].value, found["orders"].why) == (0, None)
    assert found["each"].value is None
    assert found["each"].why == Text("除数为 0", "the divisor is 0")


async def test_who_may_not_see_a_metric_learns_nothing(shop: Shop) -> None:
    reader, record = await ready(shop)
    grant = {"object": "customer", "read": "all", "fields": "read"}
    # What is made of a hidden metric is hidden with it, unless the role names it.
    bare = await person(shop, {**grant, "field_access": {"total": "none"}})
    found = await reader.values(bare, shop.workspace, "customer", record)
    assert {each.metric.key for each in found} == {"orders"}
    actor = await person(shop, {**grant, "field_access": {"total": "none", "each": "read"}})
    found = await reader.values(actor, shop.workspace, "customer", record)
    assert {each.metric.key for each in found} == {"orders", "each"}
    told = []
    for name in ("total", "nothing"):
        with pytest.raises(NotFound) as caught:
            await reader.explain(actor, shop.workspace, "customer", record, name)
        told.append(str(caught.value.problem("en")).replace(name, "…"))
    assert told[0] == told[1]
    part = await reader.explain(actor, shop.workspace, "customer", record, "each")
    assert [each.value.metric.key for each in part.parts] == ["orders"]
    assert part.parts[0].rows == () and part.parts[0].count == 2


async def test_rows_are_shown_as_far_as_the_source_may_be_seen(shop: Shop) -> None:
    reader, record = await ready(shop)
    actor = await person(
        shop,
        {"object": "customer", "read": "all", "fields": "read", "field_access": {"total": "read"}},
        {"object": "order", "read": "all", "fields": "read", "field_access": {"amount": "none"}},
    )
    found = await reader.explain(actor, shop.workspace, "customer", record, "total")
    assert len(found.rows) == 4 and all("amount" not in row for row in found.rows)


async def test_an_unknown_metric_is_not_found(shop: Shop) -> None:
    reader, record = await ready(shop)
    with pytest.raises(NotFound):
        await reader.explain(shop.system, shop.workspace, "customer", record, "nothing")
