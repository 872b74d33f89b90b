"""The replicas of a process: kept up in the background, and gone with their workspace."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

from tests.records.company import Company
from tests.replica.desk import Desk

from tongmai.kit import Settings
from tongmai.replica import Replicas


async def test_changes_reach_the_replica_by_themselves(desk: Desk) -> None:
    company = desk.company
    await company.make("customer", name="甲公司", price="1")
    await desk.bring_up()
    replicas = Replicas(company.database, company.clock, desk.settings)
    keeping = asyncio.create_task(replicas.keep_up(company.workspace))
    await company.make("customer", name="乙公司", price="2")
    await desk.seal()

    async def until_there() -> None:
        while (await replicas.of(company.workspace).status()).rows["customer"] < 2:  # noqa: ASYNC110
            await asyncio.sleep(0.02)

    await asyncio.wait_for(until_there(), 20)
    keeping.cancel()
    with suppress(asyncio.CancelledError):
        await keeping
    replicas.close()
    duck, postgres = await desk.both(object="customer", measures={"t": "sum(price)"})
    assert duck == postgres == [{"t": 3}]


async def test_a_small_workspace_gets_no_replica_by_itself(desk: Desk) -> None:
    company = desk.company
    replicas = Replicas(company.database, company.clock, desk.settings)
    keeping = asyncio.create_task(replicas.keep_up(company.workspace))
    await asyncio.wait({keeping}, timeout=0.2)
    assert not keeping.done()
    keeping.cancel()
    with suppress(asyncio.CancelledError):
        await keeping
    assert not desk.replica.shelf.exists


async def test_the_files_of_a_dropped_workspace_are_removed(
    company: Company, settings: Settings, tmp_path: Path
) -> None:
    desk = Desk.at(company, settings.model_copy(update={"data_dir": tmp_path}))
    await desk.bring_up()
    replicas = Replicas(company.database, company.clock, desk.settings)
    await replicas.remove_orphans([company.workspace])
    assert desk.replica.shelf.exists
    await replicas.remove_orphans([])
    assert not desk.replica.shelf.folder.exists()
    desk.replica.duck.close()
