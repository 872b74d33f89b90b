"""Adding a field to a large object while people write: how long until it can be used, and does any request fail?

Beside it the least that could be done: a bare ``ALTER TABLE … ADD COLUMN`` on the same table under the same traffic.

    python -m bench.add_field                1,000,000 records
    BENCH_FULL=1 python -m bench.add_field   10,000,000 records
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import asyncpg

from bench.fresh import fresh_database
from tongmai.kit import Settings, SystemClock, Text, new_id
from tongmai.model import AddField, AddObject, Changeset, FieldDef, ObjectDef
from tongmai.schema import CatalogueStore, Schema, SchemaEditor, create_workspace
from tongmai.store import Database, Workspace

ROUNDS = 10
WRITERS = 4
BUDGET_MS = 100
_BATCH = 500_000


@dataclass
class Traffic:
    """What the writers saw."""

    written: int = 0
    failures: list[str] = field(default_factory=list)
    waits_ms: list[float] = field(default_factory=list)
    # How many of the waits were over before our own way was measured.
    began_ours: int = 0


async def make_customers(database: Database, workspace: Workspace, editor: SchemaEditor, rows: int) -> None:
    fields = tuple(FieldDef(key=key, type=kind, label=Text.same(key)) for key, kind in _FIELDS)
    customer = ObjectDef(key="customer", label=Text("客户", "Customer"), fields=fields)
    await editor.apply(workspace, Changeset(actions=(AddObject(object=customer),)), None)
    table = Schema(workspace.schema)("customer")
    for first in range(0, rows, _BATCH):
        last = min(rows, first + _BATCH)
        async with database.write() as tx:
            await tx.execute(
                f"INSERT INTO {table} (id, created_at, changed_at, name, code, amount, area) "
                "SELECT uuidv7(), now(), now(), 'customer ' || n, 'C' || n, n % 1000, 'area ' || n % 50 "
                f"FROM generate_series({first + 1}, {last}) n"
            )


_FIELDS = (("name", "text"), ("code", "text"), ("amount", "number"), ("area", "text"))


async def write(
    database: Database, catalogues: CatalogueStore, workspace: Workspace, seen: Traffic, stop: asyncio.Event
) -> None:
    """One person at work: creates records as the gateway does, with the version of the catalogue he knows."""
    schema, clock = Schema(workspace.schema), SystemClock()
    sql = (
        f"WITH opened AS MATERIALIZED (SELECT {schema('_open_change')}($1) AS epoch) "
        f"INSERT INTO {schema('customer')} (id, created_at, changed_at, name) SELECT $2, $3, $3, 'new' FROM opened"
    )
    connection: asyncpg.Connection[Any] = await asyncpg.connect(database.dsn)
    try:
        while not stop.is_set():
            began = perf_counter()
            try:
                await _write_once(connection, catalogues, workspace, sql, clock)
                seen.written += 1
            except Exception as error:
                seen.failures.append(f"{type(error).__name__}: {error}")
            seen.waits_ms.append((perf_counter() - began) * 1000)
    finally:
        await connection.close()


async def _write_once(
    connection: asyncpg.Connection[Any],
    catalogues: CatalogueStore,
    workspace: Workspace,
    sql: str,
    clock: SystemClock,
) -> None:
    version = (await catalogues.get(workspace)).version
    try:
        await connection.execute(sql, version, new_id(clock), clock.now())
    except asyncpg.PostgresError as error:
        if error.sqlstate != "TM001":
            raise
        version = (await catalogues.reload(workspace, at_least=version + 1)).version
        await connection.execute(sql, version, new_id(clock), clock.now())


async def add_fields(
    database: Database, catalogues: CatalogueStore, workspace: Workspace, editor: SchemaEditor
) -> list[float]:
    """Milliseconds from the request until the process knows the field and another connection can read it.

    What comes after the switch (the column's own default is dropped) is not part of it.
    """
    table, taken = Schema(workspace.schema)("customer"), []
    in_force = asyncio.Event()
    catalogues.on_change(lambda key, catalogue: in_force.set())
    for number in range(ROUNDS):
        added = FieldDef(key=f"added_{number}", type="number", label=Text.same(f"added {number}"), default="0")
        in_force.clear()
        began = perf_counter()
        change = asyncio.create_task(
            editor.apply(workspace, Changeset(actions=(AddField(object="customer", field=added),)), None)
        )
        await in_force.wait()
        catalogue = await catalogues.get(workspace)
        assert added.key in catalogue.object_by_key["customer"].by_key
        async with database.read() as tx:
            await tx.fetch(f"SELECT {added.key} FROM {table} LIMIT 1")
        taken.append((perf_counter() - began) * 1000)
        await change
        await asyncio.sleep(0.2)
    return taken


async def bare_columns(database: Database, workspace: Workspace) -> list[float]:
    """The same by one statement that knows of no catalogue, no preview and no undo."""
    table, taken = Schema(workspace.schema)("customer"), []
    connection: asyncpg.Connection[Any] = await asyncpg.connect(database.dsn)
    try:
        for number in range(ROUNDS):
            began = perf_counter()
            await connection.execute(f"ALTER TABLE {table} ADD COLUMN bare_{number} numeric DEFAULT 0")
            await connection.fetch(f"SELECT bare_{number} FROM {table} LIMIT 1")
            taken.append((perf_counter() - began) * 1000)
            await asyncio.sleep(0.2)
    finally:
        await connection.close()
    return taken


async def main() -> int:
    rows = 10_000_000 if os.environ.get("BENCH_FULL") == "1" else 1_000_000
    async with fresh_database(statement_timeout_s=120) as (database, settings):
        return await measure(database, settings, rows)


async def measure(database: Database, settings: Settings, rows: int) -> int:
    clock, catalogues = SystemClock(), CatalogueStore(database)
    await catalogues.start()
    editor = SchemaEditor(database, catalogues, clock, settings)
    workspace = await create_workspace(database, catalogues, clock, "bench", Text.same("Bench"))
    await make_customers(database, workspace, editor, rows)
    seen, stop = Traffic(), asyncio.Event()
    writers = [asyncio.create_task(write(database, catalogues, workspace, seen, stop)) for _ in range(WRITERS)]
    await asyncio.sleep(1)
    bare = await bare_columns(database, workspace)
    seen.began_ours = len(seen.waits_ms)
    ours = await add_fields(database, catalogues, workspace, editor)
    stop.set()
    await asyncio.gather(*writers)
    await catalogues.close()
    report(rows, ours, bare, seen)
    return 0 if statistics.median(ours) <= BUDGET_MS and not seen.failures else 1


def report(rows: int, ours: list[float], bare: list[float], seen: Traffic) -> None:
    middle, least = statistics.median(ours), statistics.median(bare)
    print(f"add a field to {rows:,} records beside {WRITERS} writers ({ROUNDS} rounds)")
    print(f"  usable after     {middle:8.1f} ms median  {max(ours):8.1f} ms worst   (budget {BUDGET_MS} ms)")
    print(f"  bare ADD COLUMN  {least:8.1f} ms median  {max(bare):8.1f} ms worst   ratio {middle / least:.1f}")
    beside_bare, beside_ours = max(seen.waits_ms[: seen.began_ours]), max(seen.waits_ms[seen.began_ours :])
    print(f"  writes           {seen.written:8,} done, {len(seen.failures)} failed")
    print(f"  slowest write    {beside_ours:8.1f} ms beside ours   {beside_bare:8.1f} ms beside the bare statement")
    for failure in seen.failures[:5]:
        print(f"    {failure}")


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
