"""A pull that is killed goes on where it stood: nothing lost, nothing doubled."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tongmai.store import JobWorker, find_job

from .desk import Desk
from .test_sql_source import MAPPING, Shop

_ROWS = 4_000


@pytest.mark.parametrize("seen", [200, 1_500])
async def test_a_pull_that_is_killed_half_way_loses_and_doubles_nothing(desk: Desk, tmp_path: Path, seen: int) -> None:
    shop = Shop(tmp_path / "shop.db")
    shop.add(*((f"C{n:05}", f"客户{n}", None, n % 9, f"2026-11-01 {n % 24:02}:00:00") for n in range(_ROWS)))
    # Nothing is read again for those who came late: each row is told once.
    source = shop.source(overlap_s=0)
    source["options"]["page"] = 40
    await desk.define(source, MAPPING)
    job_id = await desk.links.puller.ask(desk.workspace, "shop")
    assert desk.settings.database_url is not None
    program = Path(__file__).with_name("pull_process.py")
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(program), desk.settings.database_url.get_secret_value(), str(desk.settings.data_dir),
        str(tmp_path),
    )  # fmt: skip
    try:
        async with asyncio.timeout(60):
            # How far another process is can only be looked at.
            while (before := await desk.count("_raw")) < seen:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    finally:
        process.kill()
        await process.wait()
    assert before < _ROWS

    # The dead worker's lease has run out.
    desk.clock.moment = datetime.now(UTC) + timedelta(minutes=5)
    await JobWorker(desk.database, desk.links.job_handlers(), desk.clock).run_until_idle()

    async with desk.database.read() as tx:
        job = await find_job(tx, job_id)
    assert job is not None
    assert (job.state, job.attempt) == ("done", 2)
    assert await desk.count("_raw") == _ROWS
    assert await desk.count("customer") == _ROWS
    assert await desk.count("_history", "object = 'customer'") == _ROWS
    assert (await desk.counts("shop", "pull")) == {"new": _ROWS}
    assert job.result is not None
    assert job.result["rows"] == _ROWS
