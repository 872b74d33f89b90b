"""The customer health example at size: five metrics over messages and order lines, beside the same SQL by hand.

    python -m bench.metrics                 10,000 customers, 500,000 messages, 500,000 lines
    BENCH_FULL=1 python -m bench.metrics    100,000 customers, 5,000,000 messages, 5,000,000 lines

Measured in one run: a full computation over the columnar replica, values kept, against hand-written DuckDB SQL over the
same files that keeps the same values in a table of the same database, and against hand-written PostgreSQL SQL that
keeps them too, under PostgreSQL's own planner settings (and, beside it, the SELECT alone under our settings); a full
computation in PostgreSQL; a refresh after 1,000 new events; and the health example of S0-12 … S0-18, classes included,
for its own 1,863 customers. Budgets at full size: at most 1.3 times the DuckDB SQL, at most a quarter of the PostgreSQL
SQL; the refresh, and the example whole, within one second each.
"""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import timedelta
from time import perf_counter
from typing import Any

from bench.fresh import fresh_database
from bench.metrics_by_hand import duck_by_hand, postgres_by_hand, postgres_by_hand_kept
from tongmai.access import SystemActor
from tongmai.kit import FixedClock, Settings, SystemClock, Text
from tongmai.metrics import Metrics, Segments
from tongmai.model import AddMetric, AddObject, AddSegment, Changeset, MetricDef, ObjectDef, SegmentDef
from tongmai.records import Gateway, Sealer
from tongmai.replica import Duck, Replica, replica_folder
from tongmai.schema import CatalogueStore, SchemaEditor, create_workspace
from tongmai.store import Database, Workspace

FULL = os.environ.get("BENCH_FULL") == "1"
CUSTOMERS = 100_000 if FULL else 10_000
EVENTS = 5_000_000 if FULL else 500_000
REFRESH_BUDGET_S = 1.0
EXAMPLE_BUDGET_S = 1.0
DUCK_BUDGET, POSTGRES_BUDGET = 1.3, 0.25
NEW_EVENTS = 1_000
# The company of the example, with as many messages and lines a customer as at full size.
EXAMPLE_CUSTOMERS = 1_863
_LINK = {"key": "customer", "type": "relation", "label": "客户", "options": {"target": "customer"}}
OBJECTS: tuple[dict[str, Any], ...] = (
    {"key": "customer", "label": "客户", "fields": [{"key": "name", "type": "text", "label": "名称"}]},
    {"key": "message", "label": "消息", "fields": [
        _LINK, {"key": "sent", "type": "datetime", "label": "时间"},
        {"key": "channel", "type": "text", "label": "渠道"}]},
    {"key": "line", "label": "订单行", "fields": [
        _LINK, {"key": "placed", "type": "datetime", "label": "时间"},
        {"key": "category", "type": "text", "label": "品类"},
        {"key": "rebate", "type": "number", "label": "返利"}, {"key": "used", "type": "number", "label": "已用"}]},
    {"key": "ticket", "label": "工单", "fields": [
        _LINK, {"key": "opened", "type": "datetime", "label": "提出"},
        {"key": "closed", "type": "datetime", "label": "关闭"}]},
)  # fmt: skip


def _metric(key: str, source: str, at: str, measure: dict[str, Any], **more: Any) -> MetricDef:
    parts = {"key": key, "label": key, "object": "customer", "source": source, "path": "customer", "at": at}
    return MetricDef.model_validate({**parts, "measure": measure, **more})


METRICS = (
    _metric("gap", "message", "sent", {"kind": "days_since"}),
    _metric("moments", "message", "sent", {"kind": "rate", "per": "week"}, where="channel = 'moments'",
            window={"kind": "rolling", "days": 28}),
    _metric("breadth", "line", "placed", {"kind": "distinct", "value": "category"}),
    _metric("granted", "line", "placed", {"kind": "sum", "value": "rebate"}),
    _metric("used_up", "line", "placed", {"kind": "sum", "value": "used"}),
    _metric("rebate_use", "line", "placed", {"kind": "ratio", "numerator": "used_up", "denominator": "granted"}),
    _metric("closing", "ticket", "opened", {"kind": "duration", "start": "opened", "end": "closed"}),
)  # fmt: skip

# S0-18 as AMB-01 reads it.
HEALTH = SegmentDef.model_validate({
    "key": "health", "label": "健康度", "object": "customer", "classes": [
        {"key": "green", "label": "高价值", "when": "IF(gap <= 7, 1, 0) + IF(breadth >= 3, 1, 0)"
         " + IF(rebate_use > 0.65, 1, 0) + IF(closing < 24h, 1, 0) + IF(moments >= 2, 1, 0) >= 4"},
        {"key": "red", "label": "高风险", "when": "breadth >= 1 AND (gap > 30 OR gap IS BLANK)"},
        {"key": "yellow", "label": "待激活", "when": "gap <= 30"},
        {"key": "grey", "label": "低响应"},
    ],
})  # fmt: skip


async def main() -> int:
    async with fresh_database(statement_timeout_s=600) as (database, settings):
        return await _measure(database, settings)


async def _measure(database: Database, settings: Settings) -> int:
    clock = FixedClock(SystemClock().now())
    catalogues = CatalogueStore(database)
    within = await _example(database, settings, catalogues, clock)
    workspace = await _made(database, settings, catalogues, clock, "bench", CUSTOMERS, EVENTS)
    await Sealer(database, workspace, clock, settings).seal_once()
    replica = Replica(database, workspace, clock, settings, duck=Duck(replica_folder(settings), memory="4GB"))
    started = perf_counter()
    await replica.rebuild()
    print(f"replica built in {perf_counter() - started:.0f} s")
    try:
        kept = await _compare(database, settings, workspace, catalogues, clock, replica)
    finally:
        replica.duck.close()
    return 0 if (kept and within) or not FULL else 1


async def _made(
    database: Database,
    settings: Settings,
    catalogues: CatalogueStore,
    clock: FixedClock,
    key: str,
    customers: int,
    events: int,
) -> Workspace:
    """A workspace with the objects, rows and metrics."""
    workspace = await create_workspace(database, catalogues, clock, key, Text("测试", "Bench"))
    editor = SchemaEditor(database, catalogues, clock, settings)
    objects = tuple(AddObject(object=ObjectDef.model_validate(each)) for each in OBJECTS)
    await editor.apply(workspace, Changeset(actions=objects), None)
    started = perf_counter()
    await _fill(database, workspace, clock, customers, events)
    print(f"{customers:,} customers, {events:,} messages, {events:,} lines made in {perf_counter() - started:.0f} s")
    await editor.apply(workspace, Changeset(actions=tuple(AddMetric(metric=each) for each in METRICS)), None)
    return workspace


async def _example(database: Database, settings: Settings, catalogues: CatalogueStore, clock: FixedClock) -> bool:
    """The whole health example at its own size: five indicators and the class of every customer."""
    per_customer = EVENTS // CUSTOMERS
    workspace = await _made(
        database, settings, catalogues, clock, "example", EXAMPLE_CUSTOMERS, per_customer * EXAMPLE_CUSTOMERS
    )
    editor = SchemaEditor(database, catalogues, clock, settings)
    await editor.apply(workspace, Changeset(actions=(AddSegment(segment=HEALTH),)), None)
    metrics = Metrics(database, catalogues, clock)
    started = perf_counter()
    await metrics.full(workspace)
    computed = perf_counter() - started
    (done,) = await Segments(metrics).evaluate(workspace)
    took = perf_counter() - started
    _line(f"health example, {EXAMPLE_CUSTOMERS:,} customers: metrics", computed)
    _line(f"  and classes ({done.moves:,} moves)", took, (took / EXAMPLE_BUDGET_S, "the budget of 1 s", 1.0))
    return took <= EXAMPLE_BUDGET_S


def _line(name: str, took: float, *ratios: tuple[float, str, float]) -> None:
    """A measurement with its ratios: each to what, and its budget."""
    told = "; ".join(f"{ratio:5.2f} × {what} (at most {most})" for ratio, what, most in ratios)
    print(f"{name:<52} {took:8.2f} s   {told}".rstrip(), flush=True)


async def _compare(
    database: Database,
    settings: Settings,
    workspace: Workspace,
    catalogues: CatalogueStore,
    clock: FixedClock,
    replica: Replica,
) -> bool:
    columnar = Metrics(database, catalogues, clock, replica=lambda _: replica)
    plain = Metrics(database, catalogues, clock)
    first = await _full(columnar, workspace)
    hand_duck, gathered = await duck_by_hand(database, replica, clock)
    duck = min([await _full(columnar, workspace) for _ in range(3)])
    postgres = await _full(plain, workspace)
    hand_kept, hand = (
        await postgres_by_hand_kept(database, workspace, clock),
        await postgres_by_hand(database, workspace, clock),
    )
    _line("by hand: DuckDB, values not kept", gathered)
    _line("by hand: DuckDB, values kept in PostgreSQL", hand_duck)
    _line("by hand: PostgreSQL, planner defaults, values kept", hand_kept)
    _line("by hand: PostgreSQL, our settings, values not kept", hand)
    _line("full over the replica, first (all written)", first)
    _line(
        "full over the replica, again", duck,
        (duck / hand_duck, "DuckDB by hand", DUCK_BUDGET), (duck / hand_kept, "PostgreSQL by hand", POSTGRES_BUDGET),
    )  # fmt: skip
    print(f"  {duck / gathered:.2f} × DuckDB and {duck / hand:.2f} × PostgreSQL by hand where these keep nothing")
    _line("full in PostgreSQL", postgres)
    print(f"  {postgres / hand_kept:.2f} × PostgreSQL by hand, values kept")
    refresh = await _refresh(database, settings, workspace, catalogues, clock, plain)
    _line(f"refresh after {NEW_EVENTS:,} events", refresh, (refresh / REFRESH_BUDGET_S, "the budget of 1 s", 1.0))
    is_quick = duck <= DUCK_BUDGET * hand_duck and duck <= POSTGRES_BUDGET * hand_kept
    return is_quick and refresh <= REFRESH_BUDGET_S


async def _full(metrics: Metrics, workspace: Workspace) -> float:
    started = perf_counter()
    (done,) = await metrics.full(workspace)
    took = perf_counter() - started
    print(f"  {done.engine.name} {done.engine.code}: {done.written} rows written in {took:.2f} s")
    return took


async def _refresh(
    database: Database,
    settings: Settings,
    workspace: Workspace,
    catalogues: CatalogueStore,
    clock: FixedClock,
    metrics: Metrics,
) -> float:
    """A thousand messages of other customers each, a minute later."""
    gateway = Gateway(database, catalogues, clock, settings)
    clock.advance(timedelta(minutes=1))
    async with database.read() as tx:
        rows = await tx.fetch(f"SELECT id FROM {workspace.quoted_schema}.customer LIMIT {NEW_EVENTS}")
    sent = clock.now().isoformat()
    values = [{"customer": str(row["id"]), "sent": sent, "channel": "moments"} for row in rows]
    await gateway.create(SystemActor("bench"), workspace, "message", values)
    await Sealer(database, workspace, clock, settings).seal_once()
    started = perf_counter()
    (done,) = await metrics.refresh(workspace)
    took = perf_counter() - started
    print(f"  {done.records} records computed, {done.written} rows written")
    return took


async def _fill(database: Database, workspace: Workspace, clock: FixedClock, customers: int, events: int) -> None:
    """Rows straight into the tables: what is measured is the computing."""
    schema = workspace.quoted_schema
    async with database.write() as tx:
        await tx.execute("SET LOCAL synchronous_commit = off")
        await tx.execute(
            f"INSERT INTO {schema}.customer (id, created_at, changed_at, name)"
            f" SELECT uuidv7(), $1, $1, 'c' || n FROM generate_series(1, {customers}) n",
            clock.now(),
        )
        await tx.execute("CREATE TEMP TABLE k ON COMMIT DROP AS SELECT id, row_number() OVER () AS n FROM "
                         f"{schema}.customer")  # fmt: skip
        for table, moment, columns, given, rows in (
            ("message", "sent", "channel", "CASE WHEN random() < 0.2 THEN 'moments' ELSE 'chat' END",
             events),
            ("line", "placed", "category, rebate, used",
             "'c' || floor(random() * 12)::int, floor(random() * 100), floor(random() * 80)", events),
            ("ticket", "opened", "closed", "$1::timestamptz - random() * interval '20 hours'", events // 10),
        ):  # fmt: skip
            await tx.execute(
                f"INSERT INTO {schema}.{table} (id, created_at, changed_at, customer, {moment}, {columns})"
                f" SELECT uuidv7(), $1, $1, k.id, $1::timestamptz - random() * interval '180 days', {given}"
                f" FROM generate_series(1, {rows}) g JOIN k ON k.n = 1 + (g * 7919::bigint) % {customers}",
                clock.now(),
            )
    async with database.write() as tx:
        for table in ("customer", "message", "line", "ticket"):
            await tx.execute(f"ANALYZE {schema}.{table}")


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
