"""The customer health example at size: five metrics over messages and order lines, beside the same SQL by hand.

    python -m bench.metrics                 10,000 customers, 500,000 messages, 500,000 lines
    BENCH_FULL=1 python -m bench.metrics    100,000 customers, 5,000,000 messages, 5,000,000 lines

Measured in one run: a full computation over the columnar replica, values kept, against hand-written DuckDB SQL over the
same files that keeps the same values in a table of the same database; a full computation in PostgreSQL; hand-written
PostgreSQL SQL, values not kept; and a refresh after 1,000 new events. Budgets at full size: at most 1.3 times the
DuckDB SQL, at most a quarter of the PostgreSQL SQL; the refresh within one second.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from tongmai.access import SystemActor
from tongmai.kit import FixedClock, Settings, SystemClock, Text
from tongmai.metrics import Metrics
from tongmai.model import AddMetric, AddObject, Changeset, MetricDef, ObjectDef
from tongmai.records import Gateway, Sealer
from tongmai.replica import Duck, Replica, replica_folder
from tongmai.schema import CatalogueStore, SchemaEditor, create_workspace
from tongmai.store import Database, Workspace

FULL = os.environ.get("BENCH_FULL") == "1"
CUSTOMERS = 100_000 if FULL else 10_000
EVENTS = 5_000_000 if FULL else 500_000
REFRESH_BUDGET_S = 1.0
NEW_EVENTS = 1_000

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

# Both hand-written texts read {rows of an object} and say the same: DuckDB over the files, PostgreSQL over the tables.
BY_HAND = """
SELECT c.id, $1::timestamptz::date - m.latest::date AS gap, coalesce(m.moments, 0) / 4.0 AS moments,
       coalesce(l.breadth, 0) AS breadth, l.used / nullif(l.granted, 0) AS rebate_use, t.hours
FROM {customer} c
LEFT JOIN (SELECT customer, max(sent) AS latest,
                  count(*) FILTER (WHERE channel = 'moments' AND sent > $1::timestamptz - interval '28 days') AS moments
           FROM {message} WHERE deleted_at IS NULL AND sent <= $1 GROUP BY customer) m ON m.customer = c.id
LEFT JOIN (SELECT customer, count(DISTINCT category) AS breadth, sum(rebate) AS granted, sum(used) AS used
           FROM {line} WHERE deleted_at IS NULL AND placed <= $1 GROUP BY customer) l ON l.customer = c.id
LEFT JOIN (SELECT customer, avg(extract(epoch FROM closed - opened)) / 3600 AS hours
           FROM {ticket} WHERE deleted_at IS NULL AND opened <= $1 GROUP BY customer) t ON t.customer = c.id
WHERE c.deleted_at IS NULL
"""


async def main() -> int:
    with tempfile.TemporaryDirectory(prefix="tongmai-bench-", ignore_cleanup_errors=True) as folder:
        settings = Settings(data_dir=Path(folder), statement_timeout_s=600)
        database = await Database.open(settings, SystemClock())
        try:
            return await _measure(database, settings)
        finally:
            await database.close()


async def _measure(database: Database, settings: Settings) -> int:
    clock = FixedClock(SystemClock().now())
    catalogues = CatalogueStore(database)
    workspace = await create_workspace(database, catalogues, clock, "bench", Text("测试", "Bench"))
    editor = SchemaEditor(database, catalogues, clock, settings)
    objects = tuple(AddObject(object=ObjectDef.model_validate(each)) for each in OBJECTS)
    await editor.apply(workspace, Changeset(actions=objects), None)
    started = perf_counter()
    await _fill(database, workspace, clock)
    print(f"{CUSTOMERS:,} customers, {EVENTS:,} messages, {EVENTS:,} lines made in {perf_counter() - started:.0f} s")
    await editor.apply(workspace, Changeset(actions=tuple(AddMetric(metric=each) for each in METRICS)), None)
    await Sealer(database, workspace, clock, settings).seal_once()
    replica = Replica(database, workspace, clock, settings, duck=Duck(replica_folder(settings), memory="4GB"))
    started = perf_counter()
    await replica.rebuild()
    print(f"replica built in {perf_counter() - started:.0f} s")
    try:
        return await _compare(database, settings, workspace, catalogues, clock, replica)
    finally:
        replica.duck.close()


async def _compare(
    database: Database,
    settings: Settings,
    workspace: Workspace,
    catalogues: CatalogueStore,
    clock: FixedClock,
    replica: Replica,
) -> int:
    columnar = Metrics(database, catalogues, clock, replica=lambda _: replica)
    plain = Metrics(database, catalogues, clock)
    first = await _full(columnar, workspace)
    hand_duck, gathered = await _duck_by_hand(database, replica, clock)
    duck = min([await _full(columnar, workspace) for _ in range(3)])
    postgres = await _full(plain, workspace)
    hand = await _by_hand(database, workspace, clock)
    print(f"by hand: DuckDB, values not kept               {gathered:8.2f} s")
    print(f"by hand: DuckDB, values kept in PostgreSQL     {hand_duck:8.2f} s")
    print(f"by hand: PostgreSQL, values not kept           {hand:8.2f} s")
    print(f"full over the replica, first (all written)     {first:8.2f} s")
    print(f"full over the replica, again                   {duck:8.2f} s   {duck / hand_duck:5.2f} × DuckDB by hand,"
          f" {duck / gathered:5.2f} × without keeping, {duck / hand:5.2f} × PostgreSQL by hand")  # fmt: skip
    print(f"full in PostgreSQL                             {postgres:8.2f} s   {postgres / hand:5.2f} × by hand")
    refresh = await _refresh(database, settings, workspace, catalogues, clock, plain)
    print(f"refresh after {NEW_EVENTS:,} events                     {refresh:8.2f} s   (budget {REFRESH_BUDGET_S} s)")
    kept = duck <= 1.3 * hand_duck and duck <= 0.25 * hand and refresh <= REFRESH_BUDGET_S
    return 0 if kept or not FULL else 1


async def _full(metrics: Metrics, workspace: Workspace) -> float:
    started = perf_counter()
    (done,) = await metrics.full(workspace)
    took = perf_counter() - started
    print(f"  {done.engine.name} {done.engine.code}: {done.written} rows written in {took:.2f} s")
    return took


async def _duck_by_hand(database: Database, replica: Replica, clock: FixedClock) -> tuple[float, float]:
    """Seconds with the values kept (a CSV, COPY, one UPSERT of what differs), and without."""
    schema = replica.workspace.quoted_schema
    folder = replica.shelf.folder.resolve()
    sql = BY_HAND
    for key in ("customer", "message", "line", "ticket"):
        sql = sql.replace(f"{{{key}}}", f"read_parquet('{folder}/{key}/*.parquet')")
    kept = "id uuid PRIMARY KEY, gap numeric, moments numeric, breadth numeric, rebate_use numeric, hours numeric"
    target = folder / "by_hand.csv"
    async with database.write() as tx:
        await tx.execute(f"CREATE TABLE {schema}._by_hand ({kept})")
    best = gathered = float("inf")
    for _ in range(3):
        started = perf_counter()
        await replica.duck.run(
            lambda session: session.execute(f"COPY ({sql}) TO '{target}' (FORMAT csv, HEADER false)", [clock.now()])
        )
        gathered = min(gathered, perf_counter() - started)
        async with database.write() as tx:
            await tx.execute(f"CREATE TEMP TABLE t ON COMMIT DROP AS SELECT * FROM {schema}._by_hand LIMIT 0")
            names = ["id", "gap", "moments", "breadth", "rebate_use", "hours"]
            await tx.copy_text("pg_temp", "t", names, _read(target), format="csv")
            listed = ", ".join(names)
            await tx.execute(
                f"INSERT INTO {schema}._by_hand AS c SELECT * FROM pg_temp.t ON CONFLICT (id) DO UPDATE SET"
                f" ({listed}) = ROW(excluded.*) WHERE ROW(c.*) IS DISTINCT FROM ROW(excluded.*)"
            )
        best = min(best, perf_counter() - started)
    return best, gathered


async def _read(file: Path) -> AsyncIterator[bytes]:
    yield await asyncio.to_thread(file.read_bytes)


async def _by_hand(database: Database, workspace: Workspace, clock: FixedClock) -> float:
    sql = BY_HAND
    for key in ("customer", "message", "line", "ticket"):
        sql = sql.replace(f"{{{key}}}", f"{workspace.quoted_schema}.{key}")
    counted = f"SELECT count(*), sum(gap), sum(moments), sum(breadth), sum(rebate_use), sum(hours) FROM ({sql}) v"
    best = float("inf")
    for _ in range(2):
        async with database.write() as tx:
            await tx.execute("SET LOCAL work_mem = '256MB'")
            started = perf_counter()
            await tx.fetch(counted, clock.now())
            best = min(best, perf_counter() - started)
    return best


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


async def _fill(database: Database, workspace: Workspace, clock: FixedClock) -> None:
    """Rows straight into the tables: what is measured is the computing."""
    schema = workspace.quoted_schema
    async with database.write() as tx:
        await tx.execute("SET LOCAL synchronous_commit = off")
        await tx.execute(
            f"INSERT INTO {schema}.customer (id, created_at, changed_at, name)"
            f" SELECT uuidv7(), $1, $1, 'c' || n FROM generate_series(1, {CUSTOMERS}) n",
            clock.now(),
        )
        await tx.execute("CREATE TEMP TABLE k ON COMMIT DROP AS SELECT id, row_number() OVER () AS n FROM "
                         f"{schema}.customer")  # fmt: skip
        for table, moment, columns, given, events in (
            ("message", "sent", "channel", "CASE WHEN random() < 0.2 THEN 'moments' ELSE 'chat' END",
             EVENTS),
            ("line", "placed", "category, rebate, used",
             "'c' || floor(random() * 12)::int, floor(random() * 100), floor(random() * 80)", EVENTS),
            ("ticket", "opened", "closed", "$1::timestamptz - random() * interval '20 hours'", EVENTS // 10),
        ):  # fmt: skip
            await tx.execute(
                f"INSERT INTO {schema}.{table} (id, created_at, changed_at, customer, {moment}, {columns})"
                f" SELECT uuidv7(), $1, $1, k.id, $1::timestamptz - random() * interval '180 days', {given}"
                f" FROM generate_series(1, {events}) g JOIN k ON k.n = 1 + (g * 7919::bigint) % {CUSTOMERS}",
                clock.now(),
            )
    async with database.write() as tx:
        for table in ("customer", "message", "line", "ticket"):
            await tx.execute(f"ANALYZE {schema}.{table}")


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
