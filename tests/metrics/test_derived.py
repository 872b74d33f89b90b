"""Metrics that are a formula over the record's own metrics and fields: no value where one is missing, with the reason."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from tongmai.access import SystemActor
from tongmai.kit import Invalid
from tongmai.metrics import MetricReader, Snapshots
from tongmai.model import AddField, AddMetric, Changeset, FieldDef, MetricDef

from .shop import Shop, metric


def derived(key: str, formula: str, **more: Any) -> MetricDef:
    return metric(key, {"kind": "formula", "formula": formula}, source="customer", path="", at="created_at", **more)


SOLD = metric("sold", {"kind": "sum", "value": "amount"})
ORDERS = metric("orders", "count")
MEAN = metric("typical", {"kind": "average", "value": "amount"})
GAP = metric("gap", "days_since")


async def customers(shop: Shop) -> dict[str, UUID]:
    """甲 has orders of 10 and 25 and level a; 乙 has none."""
    made = {"甲": await shop.make("customer", name="甲", level="a"), "乙": await shop.make("customer", name="乙")}
    for amount in (10, 25):
        await shop.make("order", customer=made["甲"], placed=shop.clock.now(), amount=amount)
    await shop.full()
    return made


async def test_a_formula_reads_metrics_and_fields(shop: Shop) -> None:
    await shop.define(SOLD, ORDERS, derived("worth", "IF(level = 'a', sold * 2, sold) / 3", decimals=2))
    await customers(shop)
    assert await shop.values("worth") == {"甲": Decimal("23.33"), "乙": Decimal(0)}


async def test_without_a_metric_it_reads_there_is_no_value_and_the_reason_is_that_metrics(shop: Shop) -> None:
    await shop.define(MEAN, derived("twice", "IF(typical > 5, 1, 0)"), derived("again", "twice + 1"))
    await customers(shop)
    assert await shop.values("twice", "twice__why") == {"甲": (Decimal(1), None), "乙": (None, "no_rows")}
    assert await shop.values("again", "again__why") == {"甲": (Decimal(2), None), "乙": (None, "no_rows")}


async def test_a_formula_may_say_what_to_take_for_a_missing_metric(shop: Shop) -> None:
    await shop.define(MEAN, derived("safe", "COALESCE(typical, 7)"), derived("is_new", "IF(typical IS BLANK, 1, 2)"))
    await customers(shop)
    assert await shop.values("safe", "is_new") == {
        "甲": (Decimal("17.5"), Decimal(2)), "乙": (Decimal(7), Decimal(1)),
    }  # fmt: skip


async def test_a_division_by_zero_is_no_value_and_a_blank_field_says_so(shop: Shop) -> None:
    await shop.define(
        SOLD, ORDERS, derived("per_order", "sold / orders"), derived("grade", "level & '级'", gives="text")
    )
    await customers(shop)
    assert await shop.values("per_order", "per_order__why") == {
        "甲": (Decimal("17.5"), None), "乙": (None, "division_by_zero"),
    }  # fmt: skip
    assert await shop.values("grade__t", "grade__why") == {"甲": ("a级", None), "乙": ("级", None)}


async def test_a_derived_metric_follows_the_clock_and_the_record(shop: Shop) -> None:
    await shop.define(
        GAP,
        derived("overdue", "IF(level = 'a', gap - 2, gap)"),
        derived("age", "DAYS_BETWEEN(created_at, NOW())"),
        derived("today", "TODAY()", gives="date"),
    )
    ids = await customers(shop)
    assert (await shop.values("overdue"))["甲"] == -2
    shop.clock.advance(timedelta(days=5))
    await shop.refresh()
    assert (await shop.values("overdue", "age"))["甲"] == (Decimal(3), Decimal(5))
    assert (await shop.values("today__d"))["甲"].day == shop.metrics.clock.now().day
    await shop.change("customer", ids["甲"], level="b")
    await shop.refresh()
    assert (await shop.values("overdue"))["甲"] == 5


async def test_its_days_are_kept(shop: Shop) -> None:
    await shop.define(GAP, derived("late", "gap * 10"))
    ids = await customers(shop)
    await Snapshots(shop.metrics).take(shop.workspace, shop.clock.now().date())
    (row,) = await shop.fetch(
        "SELECT value FROM {schema}._metric_day WHERE metric = 'late' AND record_id = $1", ids["甲"]
    )
    assert row["value"] == "0"


async def test_it_explains_itself_by_the_metrics_it_is_made_of(shop: Shop) -> None:
    await shop.define(SOLD, ORDERS, derived("per_order", "sold / orders"))
    ids = await customers(shop)
    reader = MetricReader(shop.metrics, shop.gateway)
    found = await reader.explain(SystemActor("test"), shop.workspace, "customer", ids["甲"], "per_order")
    assert found.words.en == "the formula sold / orders"
    assert [each.value.metric.key for each in found.parts] == ["sold", "orders"]
    assert found.parts[0].count == 2


@pytest.mark.parametrize(
    ("made", "code", "field"),
    [
        ((derived("a", "b + 1"), derived("b", "a + 1")), "metric.circle", "customer.a.measure"),
        ((derived("a", "nothing + 1"),), "formula.unknown_field", "customer.a.measure.formula"),
        ((derived("a", "'text'"),), "metric.unfit_value", "customer.a.measure.formula"),
        ((derived("a", "IF(owner = ME(), 1, 2)"),), "metric.personal", "customer.a.measure.formula"),
        ((derived("a", "1", where="level = 'a'"),), "metric.derived_source", "customer.a.source"),
        ((*(derived(f"m{n}", f"m{n + 1} + 1") for n in range(10)), derived("m10", "1")),
         "metric.too_many_levels", "customer.m0.measure"),
        (tuple(metric(f"d{n}", {"kind": "distinct", "value": "state"}) for n in range(80)), "metric.too_costly",
         "customer.d75"),
    ],
)  # fmt: skip
async def test_what_cannot_be_worked_out_is_refused_with_its_place(
    shop: Shop, made: tuple[MetricDef, ...], code: str, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await shop.define(*made)
    assert (code, field) in {(each.code, each.field) for each in refused.value.faults}


async def test_a_circle_through_a_formula_field_is_refused(shop: Shop) -> None:
    field = {"key": "score", "type": "formula", "label": "得分", "options": {"text": "COALESCE(rated, 0) + 1"}}
    actions = (
        AddMetric(metric=derived("rated", "score * 2")),
        AddField(object="customer", field=FieldDef.model_validate(field)),
    )
    with pytest.raises(Invalid, match=r"circle|循环"):
        await shop.editor.apply(shop.workspace, Changeset(actions=actions), None)
