"""Import of 1,000,000 rows × 20 fields with validation, history and search, beside a bare COPY; and their export.

Budget (architecture, section 6): 40,000 rows/s and flat memory. ``IMPORT_ROWS`` sets another number of rows. The bare
COPY goes into the same table without history, hash, checks and search: the price of everything else is the ratio.

On a machine that others use too, processor time tells more than the clock: two cores make 40,000 rows/s of 50 µs a row.
Last measured so, at a load of 14 on two cores: 45.6 µs (PostgreSQL 31.6, parser process 12.6, program 1.5), 52 before.
PostgreSQL's share is, in this order: the history (a third), the search index (a sixth), COPY (a tenth), other indexes.
"""

from __future__ import annotations

import asyncio
import os
import resource
import time
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]

from bench.fresh import fresh_database
from tongmai.access import SystemActor
from tongmai.kit import Settings, SystemClock, Text
from tongmai.model import FieldDef, ObjectDef, Validation, diff
from tongmai.records import Gateway
from tongmai.records.files import Files
from tongmai.records.transfer import ExportRequest, ImportRequest, Transfer
from tongmai.schema import CatalogueStore, SchemaEditor, create_workspace
from tongmai.store import Database, JobWorker, Workspace, find_job

_REGIONS = ("华东", "华北", "华南", "西南")
_SURNAMES = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林高罗"
_WORDS = ("科技", "贸易", "实业", "电子", "机械", "食品", "服饰", "建材", "物流", "传媒")


def _field(key: str, kind: str, **more: Any) -> FieldDef:
    return FieldDef.model_validate({"key": key, "type": kind, "label": Text.same(key), **more})


def deal() -> ObjectDef:
    """Twenty fields as a sales object has them: texts, numbers, dates, choices, contacts; one is searchable."""
    regions = {"choices": [{"key": f"r{n}", "label": name} for n, name in enumerate(_REGIONS)]}
    fields = (
        _field("code", "text", unique=True, required=True),
        _field("name", "text", required=True, searchable=True),
        _field("region", "choice", options=regions),
        _field("amount", "money"),
        _field("cost", "money"),
        _field("quantity", "number"),
        _field("discount", "percent"),
        _field("signed_on", "date"),
        _field("due_on", "date"),
        _field("seen_at", "datetime"),
        _field("won", "boolean"),
        _field("phone", "phone"),
        _field("email", "email"),
        _field("city", "text"),
        _field("street", "text"),
        _field("contact", "text"),
        _field("stage", "choice", options=regions),
        _field("score", "number"),
        _field("source", "text"),
        _field("note", "text"),
    )
    rules = (
        Validation(key="amount_sign", formula="amount >= 0", message=Text("金额为负", "Negative amount")),
        Validation(key="dates", formula="due_on >= signed_on", message=Text("到期早于签约", "Due before signed")),
    )
    return ObjectDef(key="deal", label=Text("商机", "Deal"), title="name", fields=fields, validations=rules)


def write_rows(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(",".join(field.key for field in deal().fields) + "\n")
        for n in range(count):
            name = f"{_SURNAMES[n % 20]}{_SURNAMES[n // 20 % 20]}{_WORDS[n % 10]}{n}"
            day = f"2026-{n % 12 + 1:02}-{n % 28 + 1:02}"
            phone = f"138{n % 100_000_000:08}"
            file.write(
                f"D{n:07},{name},{_REGIONS[n % 4]},{n % 100000}.{n % 100:02},{n % 777}.5,{n % 1000},{n % 100}%,{day},"
                f"2027-01-{n % 28 + 1:02},{day} 10:{n % 60:02}:00,{'是' if n % 2 else '否'},{phone},u{n}@example.com,"
                f"{_SURNAMES[n % 20]}州市,和平路{n % 500}号,{_SURNAMES[n % 20]}先生,{_REGIONS[n // 4 % 4]},{n % 101},"
                f"展会,备注{n}\n"
            )


async def main() -> None:
    count = int(os.environ.get("IMPORT_ROWS", "1000000"))
    async with fresh_database(statement_timeout_s=120) as (database, settings):
        await _measure(database, settings, count)


async def _measure(database: Database, settings: Settings, count: int) -> None:
    clock = SystemClock()
    catalogues = CatalogueStore(database)
    await catalogues.start()
    workspace = await create_workspace(database, catalogues, clock, "bench", Text.same("bench"))
    now = await catalogues.get(workspace)
    wanted = now.model_copy(update={"objects": (*now.objects, deal())})
    await SchemaEditor(database, catalogues, clock, settings).apply(workspace, diff(now, wanted), None)
    path = settings.data_dir / "deals.csv"
    write_rows(path, count)
    root = SystemActor("bench")
    gateway = Gateway(database, catalogues, clock, settings)
    files = Files(database, settings, clock, gateway)
    transfer = Transfer(database, catalogues, clock, settings, files)
    file = await files.save(root, workspace, "deals.csv", _content(path))
    job = await transfer.imports.start(root, workspace, ImportRequest(object="deal", file=file.id))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    spent = await _spent(database)
    began = time.perf_counter()
    await JobWorker(database, transfer.job_handlers(), clock).run_until_idle()
    took = time.perf_counter() - began
    cpu = [(now - then) * 1e6 / count for now, then in zip(await _spent(database), spent, strict=True)]
    async with database.read() as tx:
        done = await find_job(tx, job)
    assert done is not None
    assert done.state == "done", done.error
    assert done.result is not None
    assert done.result["inserted"] == count, done.result
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    bare = await _bare_copy(database, workspace)
    exported = await _export(transfer, workspace, root)
    print(f"import   {count:>9,} rows × 20 fields  {took:7.1f} s  {count / took:>9,.0f} rows/s (budget 40,000)")
    ratio = f"import = {took / bare:.1f} ×"
    print(
        f"CPU      {sum(cpu):.1f} µs a row: PostgreSQL {cpu[0]:.1f}, parser process {cpu[1]:.1f}, program {cpu[2]:.1f}"
    )
    print(f"bare     {count:>9,} rows by COPY      {bare:7.1f} s  {count / bare:>9,.0f} rows/s; {ratio}")
    print(
        f"export   {count:>9,} rows to CSV       {exported:7.1f} s  {count / exported:>9,.0f} rows/s (budget 100,000)"
    )
    print(f"memory   {before // 1024} MB before, {after // 1024} MB at most; parser process {child // 1024} MB at most")
    await catalogues.close()


async def _spent(database: Database) -> tuple[float, float, float]:
    """Seconds of processor time up to now: of PostgreSQL's living processes, ended children, and this process."""
    async with database.read() as tx:
        backend = await tx.fetch_value("SELECT pg_backend_pid()")
    server = psutil.Process(backend).parent()
    assert server is not None
    times = []
    for process in (server, *server.children()):
        with suppress(psutil.NoSuchProcess):
            times.append(process.cpu_times())
    own = os.times()
    ended = own.children_user + own.children_system
    return sum(each.user + each.system for each in times), ended, own.user + own.system


async def _export(transfer: Transfer, workspace: Workspace, root: SystemActor) -> float:
    """All records as CSV with labels, thrown away as they come."""
    began = time.perf_counter()
    export = await transfer.exports.stream(root, workspace, ExportRequest(object="deal"))
    async with aclosing(export.content) as content:
        async for _ in content:
            pass
    return time.perf_counter() - began


async def _bare_copy(database: Database, workspace: Workspace) -> float:
    """The same rows into an equal table with its primary key and unique index, through the same driver."""
    schema = workspace.quoted_schema
    async with database.write() as tx:
        await tx.execute(f"CREATE TABLE {schema}._bare (LIKE {schema}.deal INCLUDING DEFAULTS)")
        await tx.execute(f"ALTER TABLE {schema}._bare ADD PRIMARY KEY (id), ADD UNIQUE (code)")
    content = bytearray()
    async with database.read() as tx:
        async for chunk in tx.copy_out(f"SELECT * FROM {schema}.deal"):
            content += chunk
    columns_sql = (
        "SELECT array_agg(attname ORDER BY attnum) FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0"
    )
    async with database.write() as tx:
        columns = await tx.fetch_value(columns_sql, f"{schema}._bare")
        began = time.perf_counter()
        await tx.copy_text(workspace.schema, "_bare", columns, _pieces(content))
    return time.perf_counter() - began


async def _content(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(1024 * 1024):
            yield block


async def _pieces(content: bytearray) -> AsyncIterator[bytes]:
    view = memoryview(content)
    for at in range(0, len(view), 1024 * 1024):
        yield bytes(view[at : at + 1024 * 1024])


if __name__ == "__main__":
    asyncio.run(main())
