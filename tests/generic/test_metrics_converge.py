"""Metrics converge: whatever happened and however often they were refreshed, they are what one full computation gives.

Random histories: orders made late or for the future, changed, moved from one customer to another, deleted, restored and
purged; lines and products between; owners and teams changed; the clock stepping over midnights, weekends, months and
the National Day holiday. Every kind of measure, window and comparison is among the metrics.
"""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.metrics.shop import Shop, metric, open_shop

from tongmai.kit import FixedClock, Settings, Text
from tongmai.store import Database, create_workspace, drop_workspace

_numbers = itertools.count(1)
# The Thursday before Mid-Autumn and National Day of 2026, which have make-up working days around them.
START = datetime(2026, 9, 24, 10, 30, tzinfo=UTC)
WEEK = {"kind": "rolling", "days": 7}
MONTH = {"kind": "calendar", "unit": "month"}
WORKING = {"kind": "rolling_working", "days": 3}
AMOUNT = "amount"

METRICS = (
    metric("orders", "count"),
    metric("weekly", "count", window=WEEK, comparison={"kind": "previous_period"}),
    metric("sold", {"kind": "sum", "value": AMOUNT}, window=MONTH, comparison={"kind": "previous_period"}),
    metric("yearly", {"kind": "sum", "value": AMOUNT}, window=WEEK, comparison={"kind": "same_period_last_year"}),
    metric("least", {"kind": "min", "value": AMOUNT}, window=WORKING),
    metric("most", {"kind": "max", "value": AMOUNT}, window={"kind": "calendar", "unit": "week", "back": 1}),
    metric("mean", {"kind": "average", "value": AMOUNT}, comparison={"kind": "team_mean"}),
    metric("states", {"kind": "distinct", "value": "state"}, window={"kind": "since", "date": "2026-09-20"}),
    metric("latest", {"kind": "last", "value": "state"}, gives="text"),
    metric("middle", {"kind": "percentile", "value": AMOUNT, "p": "0.5"}, at="due", window=WEEK),
    metric("pace", {"kind": "rate", "per": "week"}, window=MONTH, comparison={"kind": "previous_period"}),
    metric("recency", "days_since"),
    metric("part", {"kind": "share", "value": AMOUNT}),
    metric("team_part", {"kind": "share", "value": AMOUNT, "of": "team"}, window=WEEK),
    metric("closing", {"kind": "duration", "start": "placed", "end": "closed"}),
    metric("overdue", "count", where="due < TODAY() AND state != 'paid'", at="created_at"),
    metric("per_order", {"kind": "ratio", "numerator": "sold", "denominator": "orders"}),
    metric("per_pace", {"kind": "ratio", "numerator": "per_order", "denominator": "pace"}),
    metric("mixed", {"kind": "formula", "formula": "sold / (orders - 1) + IF(level = 'a', recency, pace)"},
           source="customer", path="", at="created_at"),
    metric("aged", {"kind": "formula", "formula": "HOURS_BETWEEN(created_at, NOW()) + COALESCE(mixed, 1)"},
           source="customer", path="", at="created_at", comparison={"kind": "team_mean"}),
    metric("fiscal", "count", window={"kind": "fiscal", "unit": "quarter", "first_month": 2, "back": 0},
           comparison={"kind": "benchmark", "value": "IF(level = 'a', 2, 1)"}),
    metric("breadth", {"kind": "distinct", "value": "product.category"}, source="line", path="order.customer",
           at="order.placed", window=WEEK),
    metric("tools", {"kind": "sum", "value": "quantity"}, source="line", path="order.customer", at="created_at",
           where="product.category = 'a'"),
    metric("kept_up", {"kind": "update_rate", "fields": ["name", "level"]}, source="customer", path="",
           at="created_at", window=WEEK),
)  # fmt: skip

CUSTOMERS, ORDERS, LINES, PRODUCTS, PEOPLE = 3, 4, 3, 2, 2
letters = st.sampled_from(["a", "b", None])
places = st.integers(0, 5)
steps = st.one_of(
    st.tuples(
        st.just("order"), places, places, st.integers(-400, 200), st.sampled_from([None, 10, 25, 40]),
        st.sampled_from(["open", "paid"]), st.none() | st.integers(0, 100),
    ),
    st.tuples(st.just("due"), places, st.integers(-9, 9)),
    st.tuples(st.just("line"), places, places, places, st.integers(1, 3)),
    st.tuples(st.just("category"), places, letters),
    st.tuples(st.just("level"), places, letters),
    st.tuples(st.just("owner"), places, places),
    st.tuples(st.just("team"), places, places),
    st.tuples(st.sampled_from(["delete", "restore", "purge"]), st.sampled_from(["order", "line", "customer"]), places),
    st.tuples(st.just("clock"), st.sampled_from([1, 5, 13, 24, 31, 72, 24 * 8, 24 * 31])),
    st.tuples(st.just("move"), places, places),
    st.tuples(st.just("refresh")),
)  # fmt: skip


class Play:
    """Carries out steps on a shop. A step about a record that is not there makes it, or does nothing."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.known: dict[tuple[str, int], Any] = {}

    async def set(self, object_key: str, place: int, most: int, **values: Any) -> Any:
        key = (object_key, place % most)
        if key not in self.known:
            self.known[key] = await self.shop.make(object_key, **{"name": str(place % most), **values})
        elif await self.is_live(key):
            await self.shop.change(object_key, self.known[key], **values)
        return self.known[key]

    async def is_live(self, key: tuple[str, int]) -> bool:
        rows = await self.shop.fetch(
            f'SELECT FROM {{schema}}."{key[0]}" WHERE id = $1 AND deleted_at IS NULL', self.known[key]
        )
        return bool(rows)

    async def live(self, object_key: str, place: int, most: int) -> Any:
        key = (object_key, place % most)
        if key not in self.known or not await self.is_live(key):
            return None
        return self.known[key]

    async def step(self, step: tuple[Any, ...]) -> None:
        kind, *rest = step
        await getattr(self, f"do_{kind}")(*rest)

    async def do_order(self, o: int, c: int, hours: int, amount: int | None, state: str, took: int | None) -> None:
        customer = await self.live("customer", c, CUSTOMERS)
        placed = self.shop.clock.now() + timedelta(hours=hours)
        closed = None if took is None else placed + timedelta(hours=took)
        values = {"customer": customer, "placed": placed, "amount": amount, "state": state, "closed": closed}
        key = ("order", o % ORDERS)
        if key not in self.known:
            self.known[key] = await self.shop.make("order", **values)
        elif await self.is_live(key):
            await self.shop.change("order", self.known[key], **values)

    async def do_move(self, o: int, c: int) -> None:
        order, customer = await self.live("order", o, ORDERS), await self.live("customer", c, CUSTOMERS)
        if order is not None and customer is not None:
            await self.shop.change("order", order, customer=customer)

    async def do_due(self, o: int, days: int) -> None:
        order = await self.live("order", o, ORDERS)
        if order is not None:
            await self.shop.change("order", order, due=str((self.shop.clock.now() + timedelta(days=days)).date()))

    async def do_line(self, n: int, o: int, p: int, quantity: int) -> None:
        order, product = await self.live("order", o, ORDERS), await self.live("product", p, PRODUCTS)
        key = ("line", n % LINES)
        values = {"order": order, "product": product, "quantity": quantity}
        if key not in self.known:
            self.known[key] = await self.shop.make("line", **values)
        elif await self.is_live(key):
            await self.shop.change("line", self.known[key], **values)

    async def do_category(self, p: int, category: str | None) -> None:
        await self.set("product", p, PRODUCTS, category=category)

    async def do_level(self, c: int, level: str | None) -> None:
        await self.set("customer", c, CUSTOMERS, level=level)

    async def do_owner(self, c: int, p: int) -> None:
        person = await self.set("person", p, PEOPLE)
        await self.set("customer", c, CUSTOMERS, owner=person)

    async def do_team(self, p: int, t: int) -> None:
        await self.set("person", p, PEOPLE, team=await self.set("team", t, 2))

    async def do_delete(self, object_key: str, place: int) -> None:
        found = await self.live(object_key, place, 3)
        if found is not None:
            await self.shop.gateway.delete(self.shop.system, self.shop.workspace, object_key, found)

    async def do_restore(self, object_key: str, place: int) -> None:
        key = (object_key, place % 3)
        if key in self.known and not await self.is_live(key):
            await self.shop.gateway.restore(self.shop.system, self.shop.workspace, object_key, self.known[key])

    async def do_purge(self, object_key: str, place: int) -> None:
        key = (object_key, place % 3)
        links = {"order": ("line", "order"), "customer": ("order", "customer")}
        if key not in self.known:
            return
        if object_key in links:
            table, column = links[object_key]
            used = await self.shop.fetch(
                f'SELECT FROM {{schema}}."{table}" WHERE "{column}" = $1 LIMIT 1', self.known[key]
            )
            if used:
                return
        await self.shop.gateway.purge(self.shop.system, self.shop.workspace, object_key, self.known.pop(key))

    async def do_clock(self, hours: int) -> None:
        self.shop.clock.advance(timedelta(hours=hours))

    async def do_refresh(self) -> None:
        await self.shop.refresh()


async def everything(shop: Shop) -> list[dict[str, Any]]:
    told = {"computed_at", "as_of", "epoch", "version"}
    rows = await shop.fetch("SELECT * FROM {schema}._metric_customer ORDER BY record_id")
    return [{key: value for key, value in row.items() if key not in told} for row in rows]


@given(history=st.lists(steps, min_size=4, max_size=30))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
async def test_refreshed_is_the_same_as_computed_in_full(
    database: Database, settings: Settings, history: list[tuple[Any, ...]]
) -> None:
    clock = FixedClock(START)
    async with database.write() as tx:
        workspace = await create_workspace(tx, f"converge_{next(_numbers)}", Text("店", "Shop"), clock=clock)
    try:
        shop = await open_shop(database, workspace, clock, settings)
        await shop.define(*METRICS)
        await shop.full()
        play = Play(shop)
        for place in range(CUSTOMERS):
            await play.do_owner(place, place)
            await play.do_order(place, place, -24 * place, 10 + place, "open", None)
        await play.do_team(0, 0)
        await play.do_category(0, "a")
        await play.do_line(0, 0, 0, 1)
        await shop.refresh()
        for step in history:
            await play.step(step)
        await shop.refresh()
        refreshed = await everything(shop)
        await shop.full()
        assert refreshed == await everything(shop)
    finally:
        async with database.write() as tx:
            await drop_workspace(tx, workspace)
