"""What one refresh after one change does: each way in which a value can come to be another one, by itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import pytest

from .shop import Shop, metric
from .test_values import NOW, ago


class Scene:
    """Two customers; 甲 has an order with a line of a product."""

    def __init__(self, shop: Shop, ids: dict[str, UUID]) -> None:
        self.shop = shop
        self.ids = ids

    def __getitem__(self, name: str) -> UUID:
        return self.ids[name]


@pytest.fixture
async def scene(shop: Shop) -> Scene:
    ids = {name: await shop.make("customer", name=name) for name in ("甲", "乙")}
    ids["order"] = await shop.make("order", customer=ids["甲"], placed=ago(days=1), amount=10, state="open")
    ids["product"] = await shop.make("product", name="锤", category="工具")
    ids["line"] = await shop.make("line", order=ids["order"], product=ids["product"], quantity=2)
    line = {"source": "line", "path": "order.customer"}
    await shop.define(
        metric("orders", "count", window={"kind": "rolling", "days": 7}),
        metric(
            "tools", {"kind": "sum", "value": "quantity"}, where="product.category = '工具'", at="order.placed", **line
        ),
        metric("share", {"kind": "share", "value": "amount"}),
        metric("recency", "days_since"),
    )
    await shop.full()
    assert await shop.values("orders", "tools", "share", "recency") == {"甲": (1, 2, 1, 1), "乙": (0, 0, 0, None)}
    return Scene(shop, ids)


async def a_row_moves(scene: Scene) -> None:
    await scene.shop.change("order", scene["order"], customer=scene["乙"])


async def a_row_is_deleted(scene: Scene) -> None:
    await scene.shop.gateway.delete(scene.shop.system, scene.shop.workspace, "order", scene["order"])


async def a_row_is_purged(scene: Scene) -> None:
    shop = scene.shop
    await shop.gateway.purge(shop.system, shop.workspace, "line", scene["line"])


async def a_row_comes_late(scene: Scene) -> None:
    await scene.shop.make("order", customer=scene["乙"], placed=ago(days=3), amount=30)


async def what_a_formula_reads_changes(scene: Scene) -> None:
    await scene.shop.change("product", scene["product"], category="化工")


async def a_row_leaves_its_order(scene: Scene) -> None:
    other = await scene.shop.make("order", customer=scene["乙"], placed=ago(days=2), amount=0)
    await scene.shop.change("line", scene["line"], order=other)


async def both_links_of_a_path_move_at_once(scene: Scene) -> None:
    other = await scene.shop.make("order", customer=scene["甲"], placed=ago(days=2), amount=0)
    await scene.shop.change("line", scene["line"], order=other)
    await scene.shop.change("order", other, customer=scene["乙"])
    await scene.shop.change("order", scene["order"], customer=scene["乙"])


async def time_passes(scene: Scene) -> None:
    scene.shop.clock.advance(timedelta(days=7))


Change = Callable[[Scene], Awaitable[None]]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (a_row_moves, {"甲": (0, 0, 0, None), "乙": (1, 2, 1, 1)}),
        (a_row_is_deleted, {"甲": (0, 2, None, None), "乙": (0, 0, None, None)}),
        (a_row_is_purged, {"甲": (1, 0, 1, 1), "乙": (0, 0, 0, None)}),
        (a_row_comes_late, {"甲": (1, 2, 0.25, 1), "乙": (1, 0, 0.75, 3)}),
        (what_a_formula_reads_changes, {"甲": (1, 0, 1, 1), "乙": (0, 0, 0, None)}),
        (a_row_leaves_its_order, {"甲": (1, 0, 1, 1), "乙": (1, 2, 0, 2)}),
        (both_links_of_a_path_move_at_once, {"甲": (0, 0, 0, None), "乙": (2, 2, 1, 1)}),
        (time_passes, {"甲": (0, 2, 1, 8), "乙": (0, 0, 0, None)}),
    ],
)
async def test_a_refresh_follows_when(scene: Scene, change: Change, expected: dict[str, tuple[object, ...]]) -> None:
    await change(scene)
    await scene.shop.refresh()
    assert await scene.shop.values("orders", "tools", "share", "recency") == expected


async def test_an_event_of_the_future_counts_when_it_comes(scene: Scene) -> None:
    await scene.shop.make("order", customer=scene["乙"], placed=NOW + timedelta(hours=5), amount=1)
    await scene.shop.refresh()
    assert (await scene.shop.values("orders"))["乙"] == 0
    scene.shop.clock.advance(timedelta(hours=6))
    await scene.shop.refresh()
    assert (await scene.shop.values("orders"))["乙"] == 1


async def test_only_the_records_that_were_touched_are_computed(scene: Scene) -> None:
    shop = scene.shop
    await shop.make("order", customer=scene["乙"], placed=NOW, amount=1)
    await shop.seal()
    (done,) = await shop.metrics.refresh(shop.workspace)
    assert done.records == 1
    (again,) = await shop.metrics.refresh(shop.workspace)
    assert (again.records, again.written) == (0, 0)


async def test_another_definition_is_computed_for_all(scene: Scene) -> None:
    await scene.shop.define(metric("total", {"kind": "sum", "value": "amount"}))
    await scene.shop.refresh()
    assert await scene.shop.values("total") == {"甲": 10, "乙": 0}


async def test_a_new_record_has_its_values_with_the_next_refresh(scene: Scene) -> None:
    await scene.shop.make("customer", name="丙")
    await scene.shop.refresh()
    assert (await scene.shop.values("orders", "recency__why"))["丙"] == (0, "no_rows")
