"""A back-test at size: one rule over 90 days and all customers, over the columnar replica.

    python -m bench.backtest                10,000 customers, 500,000 messages
    BENCH_FULL=1 python -m bench.backtest   100,000 customers, 5,000,000 messages

The rule is that of S0-13: nobody has been in touch for 14 days, and there was some contact before; its outcome, contact
within 14 days. Measured: hits and workload alone, with the outcome beside the base rate, two versions compared, a rule
on a metric whose rows depend on the day and on an update rate, and the classes of a segment on metrics of every kind.
A hundredth of the messages were changed since. Budget at full size: 30 seconds and 2 GB each.
"""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import timedelta
from resource import RUSAGE_SELF, getrusage
from time import perf_counter, process_time
from typing import Any

from bench.fresh import fresh_database
from bench.metrics import OBJECTS
from tongmai.kit import FixedClock, Settings, SystemClock, Text
from tongmai.metrics import Metrics
from tongmai.model import AddMetric, AddObject, Changeset, MetricDef, ObjectDef, RuleDef, SegmentDef
from tongmai.records import Sealer
from tongmai.replica import Duck, Replica, replica_folder
from tongmai.rules.backtest import Backtests
from tongmai.rules.backtest_request import BacktestRequest
from tongmai.schema import CatalogueStore, SchemaEditor, create_workspace
from tongmai.store import Database, Workspace

FULL = os.environ.get("BENCH_FULL") == "1"
CUSTOMERS = 100_000 if FULL else 10_000
MESSAGES = 5_000_000 if FULL else 500_000
DAYS = 90
BUDGET_S = 30.0
BUDGET_BYTES = 2 * 1024**3


def _metric(key: str, measure: dict[str, Any], **more: Any) -> MetricDef:
    parts = {"key": key, "label": key, "object": "customer", "source": "message", "path": "customer", "at": "sent"}
    return MetricDef.model_validate({**parts, "measure": measure, **more})


METRICS = (
    _metric("gap", {"kind": "days_since"}),
    _metric("monthly", {"kind": "count"}, window={"kind": "rolling", "days": 28}),
    _metric("channels", {"kind": "distinct", "value": "channel"}, window={"kind": "rolling", "days": 28}),
    _metric("lately", {"kind": "count"}, where="DATE(sent) > TODAY() - 14"),
    _metric(
        "kept_up",
        {"kind": "update_rate", "fields": ["name"]},
        source="customer",
        path="",
        at="created_at",
        window={"kind": "rolling", "days": 30},
    ),
    _metric("last_heard", {"kind": "max", "value": "sent"}, where="channel = 'chat'", gives="datetime"),
)
CLASSES = SegmentDef.model_validate({
    "key": "contact", "label": "往来", "object": "customer", "minimum_stay": 2, "classes": [
        {"key": "lively", "label": "活跃", "when": "monthly >= 8 AND channels >= 1", "leave_when": "monthly < 5"},
        {"key": "silent", "label": "沉默", "when": "gap > 14 OR last_heard IS BLANK"},
        {"key": "other", "label": "其他"},
    ],
})  # fmt: skip


def rule(condition: str) -> RuleDef:
    task = {"kind": "task", "task": "call", "title": "联系 {name}", "due": {"amount": 48}}
    parts = {"key": "silent", "label": "沉默", "object": "customer", "when": {"kind": "becomes"}, "then": [task]}
    return RuleDef.model_validate({**parts, "if": condition})


async def main() -> int:
    async with fresh_database(statement_timeout_s=600) as (database, settings):
        return await _measure(database, settings)


async def _measure(database: Database, settings: Settings) -> int:
    clock = FixedClock(SystemClock().now())
    catalogues = CatalogueStore(database)
    workspace = await create_workspace(database, catalogues, clock, "bench", Text("测试", "Bench"))
    editor = SchemaEditor(database, catalogues, clock, settings)
    objects = tuple(AddObject(object=ObjectDef.model_validate(each)) for each in OBJECTS[:2])
    await editor.apply(workspace, Changeset(actions=objects), None)
    started = perf_counter()
    await _fill(database, workspace, clock)
    await editor.apply(workspace, Changeset(actions=tuple(AddMetric(metric=each) for each in METRICS)), None)
    await Sealer(database, workspace, clock, settings).seal_once()
    replica = Replica(database, workspace, clock, settings, duck=Duck.of(replica_folder(settings), settings))
    await replica.rebuild()
    print(f"{CUSTOMERS:,} customers, {MESSAGES:,} messages made in {perf_counter() - started:.0f} s")
    tests = Backtests(Metrics(database, catalogues, clock), lambda _: replica)
    today = clock.now().date()
    period = {"from": (today - timedelta(days=DAYS)).isoformat(), "to": today.isoformat(), "engine": "duckdb"}
    silent = rule("gap > 14")
    outcome = {"outcome": "gap <= 14", "outcome_days": 14}
    runs: dict[str, dict[str, Any]] = {
        "one rule, hits and workload": {"rule": silent},
        "with its outcome and the base rate": {"rule": silent, **outcome},
        "two versions compared, with outcomes": {
            "rule": silent, "against": rule("gap > 14 AND monthly < 3"), **outcome,
        },
        "one rule over the rows of today": {"rule": silent, "basis": "today"},
        "rows by the day, an update rate": {"rule": rule("lately = 0 AND kept_up < 0.5")},
        "a segment's classes, metrics of every kind": {"segment": CLASSES},
    }  # fmt: skip
    within = [await _run(tests, workspace, {**period, **asked}, name) for name, asked in runs.items()]
    replica.duck.close()
    return 0 if all(within) or not FULL else 1


async def _run(tests: Backtests, workspace: Workspace, asked: dict[str, Any], name: str) -> bool:
    started, worked = perf_counter(), process_time()
    found = await tests.run(workspace, BacktestRequest.model_validate(asked))
    took = perf_counter() - started
    busy = process_time() - worked
    # The most that this process has held so far.
    held = getrusage(RUSAGE_SELF).ru_maxrss * 1024
    print(
        f"{name:<42} {took:8.2f} s   {took / BUDGET_S:5.2f} × the budget of {BUDGET_S:.0f} s"
        f" ({busy:.1f} s of one core; {held / 1e9:.1f} GB at most; {found['hits']:,} hits, {found['engine']})",
        flush=True,
    )
    return took <= BUDGET_S and held <= BUDGET_BYTES


async def _fill(database: Database, workspace: Workspace, clock: FixedClock) -> None:
    """Rows straight into the tables, made when they happened; a hundredth of the messages have a later change."""
    schema = workspace.quoted_schema
    async with database.write() as tx:
        await tx.execute("SET LOCAL synchronous_commit = off")
        await tx.execute(
            f"INSERT INTO {schema}.customer (id, created_at, changed_at, name) SELECT uuidv7(),"
            f" $1::timestamptz - interval '1 year', $1, 'c' || n FROM generate_series(1, {CUSTOMERS}) n",
            clock.now(),
        )
        await tx.execute("CREATE TEMP TABLE k ON COMMIT DROP AS SELECT id, row_number() OVER () AS n FROM "
                         f"{schema}.customer")  # fmt: skip
        # Some customers write often, most seldom: the square root spreads them.
        await tx.execute(
            f"INSERT INTO {schema}.message (id, created_at, changed_at, customer, sent, channel, version)"
            " SELECT uuidv7(), g.sent, g.sent, k.id, g.sent, 'chat', 1 + (g.n % 100 = 0)::int FROM"
            " (SELECT n, $1::timestamptz - random() * interval '180 days' AS sent,"
            f" 1 + floor({CUSTOMERS} * (1 - sqrt(random())))::int AS place FROM generate_series(1, {MESSAGES}) n) AS g"
            " JOIN k ON k.n = g.place",
            clock.now(),
        )
        await tx.execute(
            f"INSERT INTO {schema}._history"
            " (epoch, at, object, record_id, version, action, via, before, after, hash)"
            " SELECT 1, least(m.sent + interval '1 day', $1), 'message', m.id, 2, 'update', 'bench',"
            ' \'{"channel": "moments"}\', \'{"channel": "chat"}\', \'\''
            f" FROM {schema}.message AS m WHERE m.version = 2",
            clock.now(),
        )
    async with database.write() as tx:
        for table in ("customer", "message", "_history"):
            await tx.execute(f"ANALYZE {schema}.{table}")


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
