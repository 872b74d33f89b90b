"""List and create through the gateway, beside hand-written SQL that gives the same bytes through the same driver.

    python -m bench.records                  1,000,000 customers
    BENCH_ROWS=100000 python -m bench.records

Each figure is the lower quartile of calls made in turn; trust the ratios. The budgets are those of
``docs/architecture.md``, section 6: list ≤ 1.5 × hand-written SQL, create ≤ 3 × a bare INSERT of the same row.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from datetime import date
from decimal import Decimal
from functools import partial
from statistics import quantiles
from time import perf_counter
from typing import Any
from uuid import UUID

from bench.fresh import fresh_database
from tongmai.access import Actor, Person, SystemActor
from tongmai.kit import Settings, SystemClock, Text, new_id
from tongmai.model import AddObject, AddRole, Changeset, FieldDef, Grant, ObjectDef, RoleDef
from tongmai.records import Gateway
from tongmai.schema import CatalogueStore, SchemaEditor, create_workspace
from tongmai.store import Database, Workspace

ROWS = int(os.environ.get("BENCH_ROWS", "1000000"))
WARM_UP, CALLS = 50, 400
LIST_BUDGET, CREATE_BUDGET = 1.5, 3.0
_BATCH = 250_000
_TEXTS, _NUMBERS, _DATES = 12, 10, 6

_FIELDS: tuple[dict[str, Any], ...] = (
    {"key": "name", "type": "text", "label": "名称", "required": True, "searchable": True},
    {"key": "stage", "type": "choice", "label": "阶段", "options": {
        "choices": [{"key": key, "label": key} for key in ("lead", "talk", "offer", "won", "lost")]}},
    {"key": "amount", "type": "number", "label": "金额", "indexed": True},
    *({"key": f"text{n}", "type": "text", "label": f"文本{n}"} for n in range(_TEXTS)),
    *({"key": f"number{n}", "type": "number", "label": f"数字{n}"} for n in range(_NUMBERS)),
    *({"key": f"date{n}", "type": "date", "label": f"日期{n}"} for n in range(_DATES)),
)  # fmt: skip
_KEYS = tuple(str(field["key"]) for field in _FIELDS)[:30]


async def main() -> int:
    async with fresh_database(statement_timeout_s=120) as (database, settings):
        return await _measure(database, settings)


async def _measure(database: Database, settings: Settings) -> int:
    clock = SystemClock()
    catalogues = CatalogueStore(database)
    workspace = await create_workspace(database, catalogues, clock, "bench", Text("测试", "Bench"))
    seller = RoleDef(
        key="seller",
        label=Text("销售", "Seller"),
        grants=(
            Grant(object="customer", read="subtree", create=True, update="own"),
            Grant(object="person", read="all", fields="read"),
        ),
    )
    customer = ObjectDef(
        key="customer", label=Text("客户", "Customer"), title="name",
        fields=tuple(FieldDef.model_validate(field) for field in _FIELDS),
    )  # fmt: skip
    editor = SchemaEditor(database, catalogues, clock, settings)
    await editor.apply(workspace, Changeset(actions=(AddObject(object=customer), AddRole(role=seller))), None)
    gateway = Gateway(database, catalogues, clock, settings)
    people = [
        (await gateway.create(SystemActor("bench"), workspace, "person", {"name": f"人{n}"})).one.id for n in range(40)
    ]
    started = perf_counter()
    await _fill(database, workspace, people)
    print(f"{ROWS:,} records of {len(_FIELDS)} fields in {perf_counter() - started:.0f} s")
    actor = Actor(Person(people[0], "人0", None, ("seller",), (), tuple(people[:10]), tuple(people[:10])))
    ok = True
    for title, options, where, order in _lists():
        ours = partial(gateway.list, actor, workspace, "customer", **options)
        by_hand = _by_hand(database, workspace, people[:10], where, order, count=bool(options["count"]))
        ok &= await _compare(title, ours, by_hand, LIST_BUDGET)
    values = {field["key"]: _value(field, n) for n, field in enumerate(_FIELDS)}
    create = partial(gateway.create, actor, workspace, "customer", values)
    ok &= await _compare("create", create, _bare_insert(database, workspace, values), CREATE_BUDGET)
    update = await gateway.create(actor, workspace, "customer", values)
    flip = iter(range(10**9))

    async def change() -> object:
        return await gateway.update(actor, workspace, "customer", update.one.id, {"amount": next(flip)})

    await _compare("update of one field", change, _bare_update(database, workspace, update.one.id), None)
    rate = await _together(8, create)
    print(f"create by 8 at once: {rate:,.0f}/s in this one process")
    return 0 if ok else 1


def _lists() -> list[tuple[str, dict[str, Any], str, str]]:
    """What is asked of the gateway, and the WHERE and ORDER BY that say the same by hand."""
    fields = {"fields": _KEYS, "limit": 50}
    return [
        ("list, filter + sort by index", {
            **fields, "filter": "stage = 'won' AND amount > 500", "sort": "-amount", "count": False,
        }, "stage = 'won' AND amount > 500", "amount DESC, id DESC"),
        ("list, filter + sort, with count", {
            **fields, "filter": "stage = 'won' AND amount > 500", "sort": "-amount", "count": True,
        }, "stage = 'won' AND amount > 500", "amount DESC, id DESC"),
        ("list, newest first", {**fields, "count": False}, "TRUE", "id DESC"),
    ]  # fmt: skip


async def _fill(database: Database, workspace: Workspace, people: list[UUID]) -> None:
    columns = ["id", "owner", "created_at", "changed_at", *(str(field["key"]) for field in _FIELDS)]
    values = [
        "uuidv7()", "($3::uuid[])[1 + n % 40]", "now()", "now()", "'客户' || n",
        "(ARRAY['lead','talk','offer','won','lost'])[1 + n * 7 % 5]", "(n * 7919) % 1000003",
        *(f"'text {n} of ' || n" for n in range(_TEXTS)),
        *(f"n % {1000 + n}" for n in range(_NUMBERS)),
        *(f"DATE '2026-01-01' + (n % {300 + n})::integer" for n in range(_DATES)),
    ]  # fmt: skip
    for first in range(0, ROWS, _BATCH):
        async with database.write() as tx:
            await tx.execute(
                f"INSERT INTO {workspace.quoted_schema}.customer ({', '.join(columns)})"
                f" SELECT {', '.join(values)} FROM generate_series($1::bigint, $2::bigint) AS n",
                first, min(ROWS, first + _BATCH) - 1, people,
            )  # fmt: skip
    async with database.write() as tx:
        await tx.execute(f"ANALYZE {workspace.quoted_schema}.customer")


def _by_hand(
    database: Database, workspace: Workspace, people: list[UUID], where: str, order: str, *, count: bool
) -> Callable[[], Awaitable[object]]:
    """The statement someone would write for exactly this list, and nothing else."""
    table = f"{workspace.quoted_schema}.customer"
    shown = ", ".join(("id", "version", *_KEYS))
    rows = f"FROM {table} WHERE owner = ANY($1) AND deleted_at IS NULL AND {where}"
    sql = f"SELECT json_agg(x)::text FROM (SELECT {shown} {rows} ORDER BY {order} LIMIT 50) AS x"
    if count:
        sql = sql.replace("::text FROM", f"::text, (SELECT count(*) FROM (SELECT {rows} LIMIT 1001) AS c) FROM", 1)

    async def ask() -> object:
        async with database.read() as tx:
            row = await tx.fetch_row(sql, people)
            assert row is not None
            return row[0].encode()

    return ask


def _bare_insert(database: Database, workspace: Workspace, values: dict[str, Any]) -> Callable[[], Awaitable[object]]:
    """The row alone: no policy, no check, no history."""
    columns = ["id", "owner", "created_at", "changed_at", *values]
    casts = ["uuid", "uuid", "timestamptz", "timestamptz", *(_CASTS[str(field["type"])] for field in _FIELDS)]
    places = ", ".join(f"${n}::{cast}" for n, cast in enumerate(casts, 1))
    sql = f"INSERT INTO {workspace.quoted_schema}.customer ({', '.join(columns)}) VALUES ({places}) RETURNING id"
    clock = SystemClock()
    typed = [
        Decimal(str(value))
        if field["type"] == "number"
        else date.fromisoformat(value)
        if field["type"] == "date"
        else value
        for field, value in zip(_FIELDS, values.values(), strict=True)
    ]

    async def insert() -> object:
        now = clock.now()
        async with database.write() as tx:
            return await tx.fetch_value(sql, new_id(clock), None, now, now, *typed)

    return insert


def _bare_update(database: Database, workspace: Workspace, record: UUID) -> Callable[[], Awaitable[object]]:
    sql = f"UPDATE {workspace.quoted_schema}.customer SET number1 = number1 + 1, version = version + 1 WHERE id = $1"

    async def update() -> object:
        async with database.write() as tx:
            return await tx.execute(sql, record)

    return update


_CASTS = {"text": "text", "choice": "text", "number": "numeric", "date": "date"}


def _value(field: dict[str, Any], n: int) -> Any:
    return {"text": f"文本 {n}", "choice": "won", "number": n * 1.5, "date": "2026-11-02"}[str(field["type"])]


async def _compare(
    title: str, ours: Callable[[], Awaitable[object]], by_hand: Callable[[], Awaitable[object]], budget: float | None
) -> bool:
    """Call by call in turn, so that both have the same machine; lower quartiles, so that its other work counts less."""
    took: tuple[list[float], list[float]] = ([], [])
    for number in range(WARM_UP + CALLS):
        for times, work in zip(took, (ours, by_hand), strict=True):
            started = perf_counter()
            await work()
            if number >= WARM_UP:
                times.append((perf_counter() - started) * 1000)
    best, best_by_hand = (quantiles(times, n=4)[0] for times in took)
    ratio = best / best_by_hand
    verdict = "" if budget is None else f"  (budget {budget}) {'ok' if ratio <= budget else 'OVER'}"
    print(f"{title:34} {best:7.3f} ms   by hand {best_by_hand:7.3f} ms   ratio {ratio:4.2f}{verdict}", flush=True)
    return budget is None or ratio <= budget


async def _together(clients: int, work: Callable[[], Awaitable[object]], each: int = 100) -> float:
    async def one() -> None:
        for _ in range(each):
            await work()

    started = perf_counter()
    await asyncio.gather(*(one() for _ in range(clients)))
    return clients * each / (perf_counter() - started)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
