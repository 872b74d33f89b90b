"""Long writers let a structural change through that was refused its locks."""

from __future__ import annotations

import asyncio

from tongmai.schema import give_way
from tongmai.store import WorkspaceLock

from .company import Company, field


async def test_nobody_waits_while_nothing_is_asked(company: Company) -> None:
    await asyncio.wait_for(give_way(company.database, company.workspace), 5)


async def test_a_long_writer_waits_for_a_change_that_was_refused_and_no_longer(company: Company) -> None:
    await company.add_object("customer", field("name"))
    async with company.database.write() as tx:
        await tx.execute(f"LOCK TABLE {company.schema('customer')} IN ROW EXCLUSIVE MODE")
        change = asyncio.create_task(company.add_field("customer", field("size", "number")))
        await until_asked(company)
        writer = asyncio.create_task(give_way(company.database, company.workspace, longest_s=60))
        done, _ = await asyncio.wait([writer, change], timeout=0.3)
        assert not done
    await asyncio.wait_for(asyncio.gather(writer, change), 30)
    assert "size" in (await company.catalogue()).object_by_key["customer"].by_key
    await asyncio.wait_for(give_way(company.database, company.workspace, longest_s=60), 5)


async def test_a_change_that_never_gets_through_stops_nobody_for_good(company: Company) -> None:
    async with company.database.write() as tx:
        await tx.fetch_value(
            "SELECT pg_advisory_xact_lock_shared($1, $2)", company.workspace.lock_class, WorkspaceLock.ASKING
        )
        await asyncio.wait_for(give_way(company.database, company.workspace, longest_s=0.2), 5)


async def until_asked(company: Company) -> None:
    """Returns once the structural change has been refused a lock."""
    async with asyncio.timeout(30):
        while True:
            waiting = asyncio.create_task(give_way(company.database, company.workspace, longest_s=60))
            done, _ = await asyncio.wait([waiting], timeout=0.1)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
            if not done:
                return
