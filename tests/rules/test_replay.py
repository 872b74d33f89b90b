"""The live log is the fold of evaluations of the past: over random histories, with late events among them (law 4)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import hypothesis.strategies as st
import orjson
from hypothesis import HealthCheck, given, settings
from tests.metrics.shop import Shop, metric

from tongmai.kit import Settings
from tongmai.metrics import Binder
from tongmai.model import RuleDef
from tongmai.rules import fold, read_findings, standing_query
from tongmai.rules.entries import changes_between
from tongmai.rules.judging import judged
from tongmai.store import Database

from .desk import Desk, open_desk, rule
from .workspaces import fresh_shop

_BECOMES = (
    rule("low", "becomes", "level = 'C'"),
    rule("sticky", {"kind": "becomes", "leave_when": "level = 'A'"}, "level = 'C'"),
    rule("silent", "becomes", "weekly = 0"),
    rule("both", "becomes", "weekly >= 1 AND level != 'A'"),
)
_CHANGED = (
    rule("moved", {"kind": "changed", "fields": ["level"]}, "level = 'B'"),
    rule("any", {"kind": "changed", "actions": ["create", "update", "delete", "restore"]}),
    rule("busy", {"kind": "changed", "fields": ["level"]}, "weekly > 0 AND recency < 3"),
    rule(
        "often",
        {"kind": "changed", "actions": ["create", "update"]},
        "customer.weekly >= 2",
        object="order",
        then=[{"kind": "notify", "to": ["owner"], "title": "{customer.name}"}],
    ),
)
_LEVELS = st.sampled_from("ABC")
_WHO = st.integers(0, 3)
_STEP = st.one_of(
    st.tuples(st.just("make"), _LEVELS),
    st.tuples(st.just("level"), _WHO, _LEVELS),
    # An order that is told of days after it was placed, or long after.
    st.tuples(st.just("order"), _WHO, st.integers(0, 12)),
    st.tuples(st.just("hand_over"), _WHO, _WHO),
    st.tuples(st.just("delete"), _WHO),
    st.tuples(st.just("restore"), _WHO),
    st.tuples(st.just("pass"), st.integers(1, 100)),
)


@given(st.lists(_STEP, min_size=4, max_size=14))
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_the_live_log_is_the_fold_of_the_past(
    database: Database, settings: Settings, steps: list[tuple[Any, ...]]
) -> None:
    async with fresh_shop(database, settings) as shop:
        desk = open_desk(shop)
        since = shop.clock.now()
        await shop.define(metric("weekly", "count", window={"kind": "rolling", "days": 7}))
        await shop.define(metric("recency", "days_since"))
        await desk.define(*_BECOMES, *_CHANGED)
        moments = await _live(desk, steps)
        for each in _BECOMES:
            assert await _folded(shop, each, moments) == await _logged(shop, each.key), each.key
        for each in _CHANGED:
            assert await _judged(shop, each, since) == await _logged(shop, each.key), each.key


async def _live(desk: Desk, steps: list[tuple[Any, ...]]) -> list[datetime]:
    shop, moments = desk.shop, []
    made: list[UUID] = []
    orders: list[UUID] = []
    gone: set[UUID] = set()
    for kind, *more in [("make", "A"), ("make", "C"), *steps]:
        desk.later(minutes=1)
        who = made[more[0] % len(made)] if made and isinstance(more[0], int) else None
        if kind == "make":
            made.append(await shop.make("customer", name=str(len(made)), level=more[0]))
        elif kind == "pass":
            desk.later(hours=more[0])
        elif who is not None and (who in gone) == (kind == "restore"):
            if kind == "level":
                await shop.change("customer", who, level=more[1])
            elif kind == "order":
                placed = shop.clock.now() - timedelta(days=more[1])
                orders.append(await shop.make("order", customer=who, placed=placed))
            elif kind == "hand_over":
                if orders:
                    await shop.change("order", orders[more[1] % len(orders)], customer=who)
            elif kind == "delete":
                await shop.gateway.delete(shop.system, shop.workspace, "customer", who)
                gone.add(who)
            else:
                await shop.gateway.restore(shop.system, shop.workspace, "customer", who)
                gone.discard(who)
        await desk.round()
        moments.append(shop.clock.now())
    return moments


_Line = tuple[UUID, datetime, str]


async def _folded(shop: Shop, wanted: RuleDef, moments: list[datetime]) -> list[_Line]:
    catalogue = await shop.catalogues.newest(shop.workspace)
    asked = standing_query(shop.workspace, catalogue, wanted)
    inside: set[UUID] = set()
    lines: list[_Line] = []
    for at in moments:
        era = shop.metrics.era(shop.workspace, catalogue, at)
        async with shop.database.read() as tx:
            rows = await tx.fetch(asked.sql, *asked.arguments(era, {"open": list(inside)}))
        turns = fold(inside, read_findings(rows, at))
        lines += [(each.record_id, each.at, str(dict(each.seen))) for each in turns.began]
        inside = {each.record_id for each in (*turns.began, *turns.lasting)}
    return sorted(lines, key=lambda line: (line[1], line[0]))


async def _judged(shop: Shop, wanted: RuleDef, since: datetime) -> list[_Line]:
    catalogue = await shop.catalogues.newest(shop.workspace)
    binder = Binder()
    entries = binder.statement(changes_between(shop.workspace, wanted, binder))
    async with shop.database.read() as tx:
        found = await judged(tx, shop.workspace, catalogue, wanted, entries, {"from": since, "to": shop.clock.now()})
    return [(each.record_id, each.at, str(dict(each.seen))) for each in found]


async def _logged(shop: Shop, key: str) -> list[_Line]:
    rows = await shop.fetch(
        "SELECT record_id, at, seen::text AS seen FROM {schema}._firing WHERE rule = $1 AND held IS NULL"
        " ORDER BY at, CASE WHEN entry IS NULL THEN record_id END, entry",
        key,
    )
    return [(row["record_id"], row["at"], str(orjson.loads(row["seen"]))) for row in rows]
