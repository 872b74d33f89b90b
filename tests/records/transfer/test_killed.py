"""An import whose process is killed, as often as you like, ends with exactly what an undisturbed one gives."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from tongmai.model import AddField, Changeset
from tongmai.records import verify_history
from tongmai.store import cancel_job

from .desk import Desk, field, table

WORKER = Path(__file__).with_name("import_worker.py")
ROWS = 50_000
# One row in a hundred breaks a rule, one in a thousand repeats a code.
REFUSED = ROWS // 100 + ROWS // 1000


def lines() -> list[str]:
    found = []
    for n in range(ROWS):
        credit = -1 if n % 100 == 7 else n
        code = f"C{n - 1}" if n % 1000 == 999 else f"C{n}"
        found.append(f"{code},客户{n},{credit}")
    return found


async def done_rows(desk: Desk, job: UUID) -> int:
    checkpoint = (await desk.job(job)).checkpoint
    return 0 if checkpoint is None else int(checkpoint["read"])


async def until_rows(desk: Desk, job: UUID, rows: int, still: Callable[[], bool]) -> None:
    """Until so many rows are in. There is nothing to be told by: the work is another process's, or another task's."""
    async with asyncio.timeout(120):
        while await done_rows(desk, job) < rows:
            assert still(), "it ended before it could be disturbed"
            await asyncio.sleep(0.002)


async def kill_after(desk: Desk, job: UUID, rows: int) -> None:
    """Runs a worker in a process of its own and kills it once so many rows are in."""
    arguments = [str(WORKER), desk.database.dsn, str(desk.settings.data_dir), desk.clock.now().isoformat()]
    process = subprocess.Popen([sys.executable, *arguments])  # noqa: ASYNC220 - a moment, in a test
    try:
        await until_rows(desk, job, rows, lambda: process.poll() is None)
    finally:
        process.kill()
        process.wait()
    # A statement that was sent before is carried out to its end, and holds the job's row meanwhile.
    busy = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    async with asyncio.timeout(60), desk.database.read() as tx:
        # The statistics are those of the transaction's begin unless they are asked for anew.
        while await tx.fetch_value(f"{busy} AND backend_type = 'client backend' AND state <> 'idle'"):
            await tx.fetch_value("SELECT pg_stat_clear_snapshot()")
            await asyncio.sleep(0.01)
    # Its lease runs out.
    desk.clock.advance(timedelta(minutes=1))


@pytest.mark.slow
async def test_a_killed_import_is_gone_on_with_exactly_once(desk: Desk) -> None:
    job = await desk.start(table("编号,名称,授信额度", *lines()), "customer")
    await kill_after(desk, job, 1)
    first = await done_rows(desk, job)
    assert 0 < first < ROWS
    await kill_after(desk, job, first + 1)
    await desk.run_jobs()
    done = await desk.job(job)
    assert done.state == "done", done.error
    assert done.result is not None
    account = {key: done.result[key] for key in ("read", "inserted", "updated", "unchanged", "refused")}
    assert account == {"read": ROWS, "inserted": ROWS - REFUSED, "updated": 0, "unchanged": 0, "refused": REFUSED}
    assert done.attempt == 3
    refused = await desk.refused(done)
    assert len({row["行号"] for row in refused}) == len(refused) == REFUSED
    schema = desk.workspace.quoted_schema
    async with desk.database.read() as tx:
        stored = await tx.fetch_value(f"SELECT count(*) FROM {schema}.customer")
        noted = await tx.fetch_value(
            f"SELECT count(DISTINCT record_id) FROM {schema}._history WHERE cause = $1", f"import:{job}"
        )
    assert stored == noted == ROWS - REFUSED
    assert (await verify_history(desk.database, desk.workspace)).ok


@pytest.mark.slow
async def test_a_field_added_meanwhile_does_not_stop_an_import(desk: Desk) -> None:
    job = await desk.start(table("编号,名称,授信额度", *lines()), "customer")
    running = asyncio.create_task(desk.run_jobs())
    await until_rows(desk, job, 1, lambda: not running.done())
    action = AddField(object="customer", field=field("extra", "text", "新字段", default="'默认'"))
    await desk.editor.apply(desk.workspace, Changeset(actions=(action,)), None)
    await running
    done = await desk.job(job)
    assert done.state == "done", done.error
    assert done.result is not None
    assert done.result["inserted"] + done.result["refused"] == done.result["read"] == ROWS
    last = (await desk.rows("customer", sort="-credit"))[0]
    assert last["extra"] == "默认"


@pytest.mark.slow
async def test_a_cancelled_import_keeps_exactly_what_it_has_accounted_for(desk: Desk) -> None:
    job = await desk.start(table("编号,名称,授信额度", *lines()), "customer")
    running = asyncio.create_task(desk.run_jobs())
    await until_rows(desk, job, 1, lambda: not running.done())
    async with desk.database.write() as tx:
        await cancel_job(tx, job, clock=desk.clock)
    await running
    cancelled = await desk.job(job)
    assert cancelled.state == "cancelled"
    done = await done_rows(desk, job)
    assert 0 < done < ROWS
    assert cancelled.checkpoint is not None
    async with desk.database.read() as tx:
        stored = await tx.fetch_value(f"SELECT count(*) FROM {desk.workspace.quoted_schema}.customer")
    assert stored == cancelled.checkpoint["inserted"]
