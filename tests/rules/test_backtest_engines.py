"""Both engines give the same back-test, whatever was changed, deleted or entered late in the time it looks at."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.metrics.shop import Shop, metric, open_shop

from tongmai.kit import FixedClock, Settings, Text, TongmaiError
from tongmai.metrics import Segments
from tongmai.model import SegmentDef
from tongmai.replica import Replica
from tongmai.rules.backtest import Backtests
from tongmai.rules.backtest_request import BacktestRequest
from tongmai.store import Database, create_workspace, drop_workspace

from .backtesting import at, request, rule

_numbers = itertools.count(1)
METRICS = (
    metric("recency", "days_since", where="state IS BLANK OR state <> 'void'"),
    metric("orders", "count"),
    metric("monthly", "count", window={"kind": "rolling", "days": 4}),
    metric("this_week", {"kind": "sum", "value": "amount"}, window={"kind": "calendar", "unit": "week"}),
    metric("mean", {"kind": "average", "value": "amount"}),
    metric("biggest", {"kind": "max", "value": "amount"}),
    metric("breadth", {"kind": "distinct", "value": "product.category"}, source="line", path="order.customer",
           at="order.placed"),
    metric("pace", {"kind": "rate", "per": "week"}, window={"kind": "rolling", "days": 5}),
    metric("worth", {"kind": "formula", "formula": "IF(level = 'A', orders * 2, monthly)"}, source="customer", path="",
           at="created_at"),
)  # fmt: skip
SEGMENT = SegmentDef.model_validate(
    {
        "key": "activity", "label": "活跃", "object": "customer", "minimum_stay": 1,
        "classes": [
            {"key": "busy", "label": "忙", "when": "monthly >= 2", "leave_when": "monthly = 0"},
            {"key": "quiet", "label": "静", "when": "recency > 3"},
            {"key": "other", "label": "其他"},
        ],
    }
)  # fmt: skip
RULES = (
    rule("recency > 2"),
    rule("recency > 1 AND mean > 15"),
    rule("monthly >= 2 OR level = 'A'"),
    rule("orders >= 2", when={"kind": "becomes", "leave_when": "this_week = 0"}),
    rule("breadth >= 1 AND pace > 1.3"),
    rule("biggest > 20", when={"kind": "holds", "periods": 2, "period": "day"}),
    rule("recency >= 1", when={"kind": "scheduled", "cron": "30 12 * * *"}),
    rule("owner.name = '张' AND orders > 0"),
    rule("worth >= 2"),
    rule("activity = 'quiet' OR activity IS BLANK AND orders > 0"),
    rule("DAYS_SINCE(activity__since) >= 2", when={"kind": "holds", "periods": 2, "period": "day"}),
)
steps = st.tuples(
    st.sampled_from(["order", "order", "late", "move", "void", "amount", "line", "level", "owner", "delete", "undelete",
                     "delete_customer", "category"]),
    st.integers(0, 30),
    st.integers(0, 3),
)  # fmt: skip
days = st.lists(st.lists(steps, max_size=4), min_size=8, max_size=12)


class Past:
    """Random days in a shop: each step goes through the gateway at its own hour."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.customers: list[Any] = []
        self.people: list[Any] = []
        self.orders: list[Any] = []
        self.products: list[Any] = []

    async def begin(self) -> None:
        self.people = [await self.shop.make("person", name=name) for name in ("张", "李")]
        self.products = [await self.shop.make("product", name=name, category=name) for name in "甲乙"]
        for number in range(3):
            owner = self.people[number % 2]
            self.customers.append(await self.shop.make("customer", name=f"c{number}", owner=owner))

    async def do(self, kind: str, one: int, other: int) -> None:
        shop, customer = self.shop, self.customers[one % len(self.customers)]
        now = shop.clock.now()
        order = self.orders[one % len(self.orders)] if self.orders else None
        match kind:
            case "order" | "late":
                placed = now - timedelta(days=other if kind == "late" else 0)
                given = {"customer": customer, "placed": placed, "amount": one}
                self.orders.append(await shop.make("order", **given))
            case "level":
                await shop.change("customer", customer, level="AB"[other % 2])
            case "owner":
                await shop.change("customer", customer, owner=self.people[other % 2])
            case "delete_customer":
                await shop.gateway.delete(shop.system, shop.workspace, "customer", customer)
            case "category":
                await shop.change("product", self.products[one % 2], category=str(other))
            case _ if order is not None:
                await self._do_order(kind, order, one, other)

    async def _do_order(self, kind: str, order: Any, one: int, other: int) -> None:
        shop = self.shop
        match kind:
            case "move":
                await shop.change("order", order, customer=self.customers[other % len(self.customers)])
            case "void":
                await shop.change("order", order, state="void" if other % 2 else None)
            case "amount":
                await shop.change("order", order, amount=one + other)
            case "line":
                await shop.make("line", order=order, product=self.products[other % 2], quantity=1)
            case "delete":
                await shop.gateway.delete(shop.system, shop.workspace, "order", order)
            case "undelete":
                await shop.gateway.restore(shop.system, shop.workspace, "order", order)


async def _quietly(work: Any) -> None:
    """What a deleted record does not allow is no step."""
    try:
        await work
    except TongmaiError:
        return


async def both(shop: Shop, replica: Replica, asked: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    tests = Backtests(shop.metrics, lambda _: replica)
    found = []
    for engine in ("postgres", "duckdb"):
        wanted = BacktestRequest.model_validate({**asked, "engine": engine})
        result = await tests.run(shop.workspace, wanted)
        assert result["engine"] == engine
        found.append({key: value for key, value in result.items() if key not in ("engine", "why", "seconds")})
    return found[0], found[1]


@given(history=days)
@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck),
          phases=[Phase.explicit, Phase.reuse, Phase.generate])  # fmt: skip
async def test_the_replica_tells_of_the_past_what_postgresql_tells(
    database: Database, settings: Settings, history: list[list[tuple[str, int, int]]]
) -> None:
    clock = FixedClock(at("2026-10-01T09:00"))
    async with database.write() as tx:
        workspace = await create_workspace(tx, f"backtest_{next(_numbers)}", Text("店", "Shop"), clock=clock)
    replica = Replica(database, workspace, clock, settings)
    try:
        shop = await open_shop(database, workspace, clock, settings)
        await shop.define(*METRICS, SEGMENT)
        past = Past(shop)
        await past.begin()
        for number, done in enumerate(history):
            for place, step in enumerate(done):
                clock.moment = at("2026-10-01T10:00") + timedelta(days=number, hours=3 * place)
                await _quietly(past.do(*step))
            await shop.refresh()
            await Segments(shop.metrics).evaluate(workspace)
        clock.moment = at("2026-10-20T09:00")
        await shop.seal()
        await replica.rebuild()
        base: dict[str, Any] = {"from": "2026-10-03", "to": "2026-10-11"}
        for each in RULES:
            outcome = {"outcome": "orders >= 2", "outcome_days": 3, "among": "orders >= 0"}
            for basis in ("known", "today"):
                asked = {**base, "rule": each, "basis": basis, **outcome}
                exact, quick = await both(shop, replica, asked)
                assert quick == exact, (each.if_, basis)
        exact, quick = await both(shop, replica, {**base, "segment": SEGMENT})
        assert quick == exact
    finally:
        replica.duck.close()
        async with database.write() as tx:
            await drop_workspace(tx, workspace)


@pytest.mark.parametrize("engine", ["postgres", "duckdb"])
async def test_a_run_that_was_stopped_goes_on_from_its_checkpoint(shop: Shop, settings: Settings, engine: str) -> None:
    """Stopped after any step, it comes to the same end."""
    await shop.define(*METRICS, SEGMENT)
    shop.clock.moment = at("2026-10-01T09:00")
    past = Past(shop)
    await past.begin()
    for number in range(6):
        shop.clock.moment = at("2026-10-02T10:00") + timedelta(days=number)
        await past.do("order", number, 0)
    shop.clock.moment = at("2026-10-20T09:00")
    await shop.seal()
    replica = Replica(shop.database, shop.workspace, shop.clock, settings)
    await replica.rebuild()
    tests = Backtests(shop.metrics, lambda _: replica)
    for parts in ({"rule": RULES[3]}, {"segment": SEGMENT}, {"rule": RULES[5], "against": RULES[5]}):
        asked = request("2026-10-01", "2026-10-12", outcome="orders >= 1", outcome_days=2, engine=engine, **parts)
        whole = await tests.run(shop.workspace, asked)
        for stop in (1, 5):
            checkpoint = await _stopped(tests, shop, asked, stop)
            rest = await tests.run(shop.workspace, asked, checkpoint=checkpoint)
            assert {**rest, "seconds": 0} == {**whole, "seconds": 0}
    replica.duck.close()


class _Enough(Exception):
    pass


async def _stopped(tests: Backtests, shop: Shop, asked: BacktestRequest, steps: int) -> dict[str, object]:
    kept: dict[str, object] = {}

    async def progress(done: int, total: int, checkpoint: Any) -> None:
        if done == steps:
            kept.update(checkpoint)
            raise _Enough

    tests.tell_s = tests.keep_s = 0
    with pytest.raises(_Enough):
        await tests.run(shop.workspace, asked, progress=progress)
    return kept
