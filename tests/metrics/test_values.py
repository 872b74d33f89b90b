"""What each measure gives, by hand-worked examples: values, reasons for none, and what formulas and windows choose."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from .shop import Shop, metric

NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


async def filled(shop: Shop) -> None:
    """甲 has three orders and one of a year ago, 乙 one without amount, 丙 none."""
    one = await shop.make("customer", name="甲")
    two = await shop.make("customer", name="乙")
    await shop.make("customer", name="丙")
    await shop.make("order", customer=one, placed=ago(days=1), amount=100, state="paid", closed=ago(hours=12))
    await shop.make("order", customer=one, placed=ago(days=2), amount=50, state="open", due="2026-11-01")
    await shop.make("order", customer=one, placed=ago(days=8), amount=30, state="paid", closed=ago(days=7))
    await shop.make("order", customer=one, placed=ago(days=365), amount=7, state="paid")
    await shop.make("order", customer=two, placed=ago(hours=3), state="open")


@pytest.mark.parametrize(
    ("measure", "more", "expected"),
    [
        ("count", {}, {"甲": 4, "乙": 1, "丙": 0}),
        ("count", {"where": "state = 'paid'"}, {"甲": 3, "乙": 0, "丙": 0}),
        ("count", {"where": "due < TODAY() AND state = 'open'", "at": "created_at"}, {"甲": 1, "乙": 0, "丙": 0}),
        ("count", {"window": {"kind": "rolling", "days": 7}}, {"甲": 2, "乙": 1, "丙": 0}),
        ({"kind": "sum", "value": "amount"}, {}, {"甲": 187, "乙": 0, "丙": 0}),
        ({"kind": "sum", "value": "amount * 2"}, {"where": "amount > 40"}, {"甲": 300, "乙": 0, "丙": 0}),
        ({"kind": "min", "value": "amount"}, {}, {"甲": 7, "乙": None, "丙": None}),
        ({"kind": "max", "value": "amount"}, {}, {"甲": 100, "乙": None, "丙": None}),
        ({"kind": "average", "value": "amount"}, {"decimals": 2}, {"甲": Decimal("46.75"), "乙": None, "丙": None}),
        ({"kind": "distinct", "value": "state"}, {}, {"甲": 2, "乙": 1, "丙": 0}),
        ({"kind": "percentile", "value": "amount", "p": "0.5"}, {}, {"甲": 30, "乙": None, "丙": None}),
        ({"kind": "rate", "per": "week"}, {"window": {"kind": "rolling", "days": 14}},
         {"甲": Decimal("1.5"), "乙": Decimal("0.5"), "丙": 0}),
        ("days_since", {}, {"甲": 1, "乙": 0, "丙": None}),
        ({"kind": "share", "value": "amount"}, {}, {"甲": 1, "乙": 0, "丙": 0}),
        ({"kind": "duration", "start": "placed", "end": "closed", "statistic": "max"}, {},
         {"甲": 86400, "乙": None, "丙": None}),
    ],
)  # fmt: skip
async def test_a_measure_gives(
    shop: Shop, measure: object, more: dict[str, object], expected: dict[str, object]
) -> None:
    await filled(shop)
    await shop.define(metric("m", measure, **more))  # type: ignore[arg-type]
    await shop.full()
    assert await shop.values("m") == expected


async def test_no_value_has_its_reason(shop: Shop) -> None:
    await filled(shop)
    await shop.define(
        metric("mean", {"kind": "average", "value": "amount"}),
        metric("orders", "count"),
        metric("total", {"kind": "sum", "value": "amount"}),
        metric("per_order", {"kind": "ratio", "numerator": "total", "denominator": "orders"}),
        metric("odd", {"kind": "ratio", "numerator": "orders", "denominator": "mean"}),
        metric("deep", {"kind": "ratio", "numerator": "per_order", "denominator": "mean"}),
        metric("closing", {"kind": "duration", "start": "placed", "end": "closed"}),
    )
    await shop.full()
    # An order that is not closed yet is there, it only has no end.
    assert await shop.values("closing__why") == {"甲": None, "乙": "blank_values", "丙": "no_rows"}
    assert await shop.values("mean__why") == {"甲": None, "乙": "blank_values", "丙": "no_rows"}
    assert await shop.values("per_order", "per_order__why") == {
        "甲": (Decimal("46.75"), None), "乙": (0, None), "丙": (None, "division_by_zero"),
    }  # fmt: skip
    assert (await shop.values("odd__why"))["丙"] == "no_rows"
    assert (await shop.values("deep", "deep__why"))["甲"] == (1, None)


async def test_the_last_value_of_other_kinds_has_a_column_of_its_type(shop: Shop) -> None:
    await filled(shop)
    await shop.define(
        metric("last_state", {"kind": "last", "value": "state"}, gives="text"),
        metric("next_due", {"kind": "min", "value": "due"}, gives="date"),
        metric("last_placed", {"kind": "max", "value": "placed"}, gives="datetime"),
    )
    await shop.full()
    found = await shop.values("last_state__t", "next_due__d", "last_placed__m")
    assert found["甲"] == ("paid", datetime(2026, 11, 1).date(), ago(days=1))
    assert found["丙"] == (None, None, None)


async def test_what_is_deleted_counts_no_more_and_a_deleted_record_has_no_values(shop: Shop) -> None:
    await filled(shop)
    await shop.define(metric("orders", "count"))
    await shop.full()
    (order,) = await shop.fetch('SELECT id FROM {schema}."order" WHERE amount = 7')
    (customer,) = await shop.fetch("SELECT id FROM {schema}.customer WHERE name = '丙'")
    await shop.gateway.delete(shop.system, shop.workspace, "order", order["id"])
    await shop.gateway.delete(shop.system, shop.workspace, "customer", customer["id"])
    await shop.refresh()
    assert await shop.values("orders") == {"甲": 3, "乙": 1}


async def test_formulas_reach_through_relations_and_paths_over_several(shop: Shop) -> None:
    customer = await shop.make("customer", name="甲")
    order = await shop.make("order", customer=customer, placed=ago(days=1))
    for name, category in (("锤", "工具"), ("钳", "工具"), ("漆", "化工")):
        product = await shop.make("product", name=name, category=category)
        await shop.make("line", order=order, product=product, quantity=2)
    await shop.define(
        metric("breadth", {"kind": "distinct", "value": "product.category"}, source="line", path="order.customer",
               at="order.placed"),
        metric("tools", {"kind": "sum", "value": "quantity"}, source="line", path="order.customer", at="created_at",
               where="product.category = '工具'"),
    )  # fmt: skip
    await shop.full()
    assert await shop.values("breadth", "tools") == {"甲": (2, 4)}


async def test_comparisons_are_fields_of_their_own(shop: Shop) -> None:
    await filled(shop)
    week = {"kind": "rolling", "days": 7}
    await shop.define(
        metric("orders", "count", window=week, comparison={"kind": "previous_period"}),
        metric("sold", {"kind": "sum", "value": "amount"}, window={"kind": "calendar", "unit": "month"},
               comparison={"kind": "same_period_last_year"}),
        metric("all_orders", "count", comparison={"kind": "benchmark", "value": "IF(name = '甲', 3, 1)"}),
    )  # fmt: skip
    await shop.full()
    assert (await shop.values("orders", "orders__base"))["甲"] == (2, 1)
    assert (await shop.values("sold", "sold__base"))["甲"] == (100, 7)
    assert await shop.values("all_orders__base") == {"甲": 3, "乙": 1, "丙": 1}


async def test_how_much_of_a_record_was_kept_up_comes_from_its_history(shop: Shop) -> None:
    customer = await shop.make("customer", name="甲", level="a")
    await shop.change("customer", customer, level="b")
    rate = {"kind": "update_rate", "fields": ["name", "level"]}
    await shop.define(metric("kept_up", rate, source="customer", path="", at="created_at",
                             window={"kind": "rolling", "days": 30}))  # fmt: skip
    await shop.full()
    assert await shop.values("kept_up") == {"甲": Decimal("0.5")}
    shop.clock.advance(timedelta(days=31))
    await shop.refresh()
    assert await shop.values("kept_up") == {"甲": 0}
