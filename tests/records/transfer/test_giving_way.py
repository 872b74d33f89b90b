"""An import lets a structural change through between its chunks."""

from __future__ import annotations

import asyncio

from tongmai.store import WorkspaceLock

from .desk import Desk, table


async def test_an_import_waits_while_a_change_asks_and_goes_on_after_it(desk: Desk) -> None:
    async with desk.database.write() as change:
        await change.fetch_value(
            "SELECT pg_advisory_xact_lock_shared($1, $2)", desk.workspace.lock_class, WorkspaceLock.ASKING
        )
        importing = asyncio.create_task(desk.import_(table("编号,名称", "C1,甲", "C2,乙"), "customer"))
        done, _ = await asyncio.wait([importing], timeout=1.0)
        assert not done
        assert await desk.rows("customer") == []
    job = await asyncio.wait_for(importing, 30)
    assert job.result is not None
    assert job.result["inserted"] == 2
