"""The columnar replica: built, brought up, and asked beside PostgreSQL, in one run.

    python -m bench.replica                  1,000,000 deals of 16 fields
    BENCH_ROWS=100000 python -m bench.replica

Both engines are asked through the gateway by the same person, under the same policy. The hand-written line is what
DuckDB needs for the same figures over the same files, with no policy and no delta.
"""

from __future__ import annotations

import asyncio
import os
import sys
from statistics import median
from time import perf_counter
from typing import Any
from uuid import UUID

from bench.fresh import fresh_database
from tongmai.access import Actor, Person, SystemActor
from tongmai.kit import Settings, SystemClock, Text, new_id
from tongmai.model import AddObject, AddRole, Changeset, FieldDef, Grant, ObjectDef, RoleDef
from tongmai.records import Gateway, Operation, Sealer
from tongmai.replica import Replica, ReplicaEngine
from tongmai.schema import CatalogueStore, SchemaEditor, create_workspace
from tongmai.store import Database, Workspace

ROWS = int(os.environ.get("BENCH_ROWS", "1000000"))
CHANGES, CALLS = 1_000, 7
_STAGES = ("lead", "talk", "offer", "won", "lost")
_FIELDS: tuple[dict[str, Any], ...] = (
    {"key": "title", "type": "text", "label": "标题"},
    {"key": "stage", "type": "choice", "label": "阶段", "options": {
        "choices": [{"key": key, "label": key} for key in _STAGES]}},
    {"key": "amount", "type": "money", "label": "金额"},
    {"key": "closes", "type": "date", "label": "预计日期"},
    *({"key": f"text{n}", "type": "text", "label": f"文本{n}"} for n in range(6)),
    *({"key": f"number{n}", "type": "number", "label": f"数字{n}"} for n in range(6)),
)  # fmt: skip
QUERY: dict[str, Any] = {
    "object": "deal", "group_by": ["stage", "closes:month"], "measures": {"n": "count", "total": "sum(amount)"},
}  # fmt: skip


async def main() -> int:
    async with fresh_database(statement_timeout_s=120) as (database, settings):
        await _measure(database, settings)
    return 0


async def _measure(database: Database, settings: Settings) -> None:
    clock, catalogues = SystemClock(), CatalogueStore(database)
    workspace = await create_workspace(database, catalogues, clock, "bench", Text("测试", "Bench"))
    deal = ObjectDef(
        key="deal", label=Text("商机", "Deal"), title="title",
        fields=tuple(FieldDef.model_validate(field) for field in _FIELDS),
    )  # fmt: skip
    role = RoleDef(
        key="seller", label=Text("销售", "Seller"),
        grants=(Grant(object="deal", read="subtree"), Grant(object="person", read="all", fields="read")),
    )  # fmt: skip
    editor = SchemaEditor(database, catalogues, clock, settings)
    await editor.apply(workspace, Changeset(actions=(AddObject(object=deal), AddRole(role=role))), None)
    gateway = Gateway(database, catalogues, clock, settings)
    system = SystemActor("bench")
    people = [(await gateway.create(system, workspace, "person", {"name": f"p{n}"})).one.id for n in range(10)]
    ids = await _fill(database, workspace, people)
    await Sealer(database, workspace, clock, settings).seal_once()

    replica = Replica(database, workspace, clock, settings)
    gateway.use_engine(ReplicaEngine(database, settings, lambda _: replica))
    took = await _timed(replica.rebuild())
    status = await replica.status()
    print(
        f"rebuild            {took:8.2f} s    {ROWS / took:,.0f} rows/s, "
        f"{status.size / 1e6:.0f} MB in {status.files} files"
    )

    seller = Actor(Person(people[0], "p0", roles=("seller",), people=tuple(people[:5]), subtree=tuple(people[:5])))
    await _compare("asked", gateway, workspace, (system, seller), replica)
    for turn in range(3):
        changed = ids[turn * CHANGES : (turn + 1) * CHANGES]
        operations = [Operation("update", {"amount": turn + 0.5}, one) for one in changed]
        await gateway.bulk(system, workspace, "deal", operations)
        await Sealer(database, workspace, clock, settings).seal_once()
        print(f"advance            {await _timed(replica.advance()):8.2f} s    after {CHANGES:,} changes")
    await _compare("asked with delta", gateway, workspace, (system, seller), replica)
    print(f"compact            {await _timed(replica.compact()):8.2f} s")
    replica.duck.close()


async def _compare(
    what: str, gateway: Gateway, workspace: Workspace, actors: tuple[SystemActor, Actor], replica: Replica
) -> None:
    with replica.shelf.lease() as manifest:
        files = [str(replica.shelf.path(file)) for file in manifest.objects["deal"].base]
    hand = "SELECT stage, date_trunc('month', closes), count(*), sum(amount) FROM read_parquet($1) GROUP BY ALL"
    by_hand = await _median_ms(lambda: replica.duck.run(lambda session: session.execute(hand, [files]).fetchall()))
    for name, actor in zip(("system", "seller"), actors, strict=True):
        took = {}
        for engine in ("postgresql", "duckdb"):
            query = {**QUERY, "engine": engine}
            took[engine] = await _median_ms(lambda query=query, actor=actor: gateway.query(actor, workspace, query))
        print(
            f"{what:17} {name:7} PostgreSQL {took['postgresql']:7.1f} ms   DuckDB {took['duckdb']:7.1f} ms"
            f"   {took['postgresql'] / took['duckdb']:5.1f} × quicker   by hand {by_hand:6.1f} ms"
        )


async def _fill(database: Database, workspace: Workspace, people: list[UUID]) -> list[UUID]:
    """Rows as an import leaves them, with their history, over two years."""
    schema = workspace.quoted_schema
    names = ", ".join(field["key"] for field in _FIELDS)
    texts = ", ".join(f"md5((n * {k + 3})::text)" for k in range(6))
    numbers = ", ".join(f"(n * {k + 7} % 10000)::numeric / 100" for k in range(6))
    ids = [new_id(SystemClock()) for _ in range(CHANGES * 3)]
    async with database.write() as tx:
        await tx.execute("SET LOCAL statement_timeout = 0")
        await tx.execute(
            f"INSERT INTO {schema}.deal (id, created_at, changed_at, owner, {names})"
            f" SELECT coalesce(($3::uuid[])[n + 1], uuidv7(((n - $1::int) * 60 || ' seconds')::interval)),"
            " now() - (($1::int - n) * 60 || ' seconds')::interval, now(), ($2::uuid[])[n % 10 + 1],"
            f" 'deal ' || n, (ARRAY['lead','talk','offer','won','lost'])[n % 5 + 1], (n % 1000000)::numeric / 100,"
            f" date '2025-01-01' + n % 700, {texts}, {numbers} FROM generate_series(0, $1::int - 1) AS n",
            ROWS, people, ids,
        )  # fmt: skip
        await tx.execute(
            f"INSERT INTO {schema}._history (epoch, at, object, record_id, version, action, via, after, hash)"
            " SELECT f.epoch, now(), 'deal', d.id, 1, 'create', 'system:bench', jsonb_build_object('title', d.title,"
            f" 'amount', d.amount), sha256(d.id::text::bytea) FROM {schema}.deal AS d, {schema}._feed AS f"
        )
    async with database.write() as tx:
        await tx.execute(f"ANALYZE {schema}.deal")
    return ids


async def _timed(work: Any) -> float:
    began = perf_counter()
    await work
    return perf_counter() - began


async def _median_ms(call: Any) -> float:
    return median([await _timed(call()) for _ in range(CALLS)]) * 1000


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
