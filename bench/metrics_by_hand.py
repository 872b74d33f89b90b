"""The health example as somebody would write it by hand, in DuckDB and in PostgreSQL: what the bench compares with."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from time import perf_counter

from tongmai.kit import FixedClock
from tongmai.replica import Replica
from tongmai.store import Database, Workspace

# What a server has of itself; the embedded one is set otherwise.
_PLANNER_DEFAULTS = {
    "work_mem": "4MB", "random_page_cost": "4", "max_parallel_workers_per_gather": "2", "jit": "on",
}  # fmt: skip

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


async def duck_by_hand(database: Database, replica: Replica, clock: FixedClock) -> tuple[float, float]:
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


async def postgres_by_hand(database: Database, workspace: Workspace, clock: FixedClock) -> float:
    listed = "sum(gap), sum(moments), sum(breadth), sum(rebate_use), sum(hours)"
    counted = f"SELECT count(*), {listed} FROM ({_over_tables(workspace)}) v"
    best = float("inf")
    for _ in range(2):
        async with database.write() as tx:
            await tx.execute("SET LOCAL work_mem = '256MB'")
            started = perf_counter()
            await tx.fetch(counted, clock.now())
            best = min(best, perf_counter() - started)
    return best


async def postgres_by_hand_kept(database: Database, workspace: Workspace, clock: FixedClock) -> float:
    """The best of two runs that keep what differs, in a table of its own, under the planner's defaults."""
    sql = _over_tables(workspace)
    table = f"{workspace.quoted_schema}._by_hand_postgres"
    columns = "gap, moments, breadth, rebate_use, hours"
    async with database.write() as tx:
        await tx.execute(f"CREATE TABLE {table} (LIKE {workspace.quoted_schema}._by_hand INCLUDING ALL)")
    best = float("inf")
    for _ in range(2):
        async with database.write() as tx:
            for name, value in _PLANNER_DEFAULTS.items():
                await tx.execute(f"SET LOCAL {name} = '{value}'")
            started = perf_counter()
            await tx.execute(
                f"INSERT INTO {table} AS c (id, {columns}) SELECT v.id, {columns} FROM ({sql}) AS v"
                f" ON CONFLICT (id) DO UPDATE SET ({columns}) ="
                " ROW(excluded.gap, excluded.moments, excluded.breadth, excluded.rebate_use, excluded.hours)"
                " WHERE ROW(c.*) IS DISTINCT FROM ROW(excluded.*)",
                clock.now(),
            )
        best = min(best, perf_counter() - started)
    return best


def _over_tables(workspace: Workspace) -> str:
    sql = BY_HAND
    for key in ("customer", "message", "line", "ticket"):
        sql = sql.replace(f"{{{key}}}", f"{workspace.quoted_schema}.{key}")
    return sql
