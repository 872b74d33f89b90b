from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from tongmai.kit import FixedClock, Settings
from tongmai.records.sealing import FEED_CHANNEL, Sealer
from tongmai.records.verification import verify_history
from tongmai.store import Database, Workspace, WorkspaceLock

from .history_rows import write_change, write_rows


@pytest.fixture
def sealer(database: Database, workspace: Workspace, clock: FixedClock, settings: Settings) -> Sealer:
    return Sealer(database, workspace, clock, settings)


async def _blocks(database: Database, workspace: Workspace) -> list[tuple[int, int]]:
    async with database.read() as tx:
        rows = await tx.fetch(f"SELECT epoch, rows FROM {workspace.quoted_schema}._block ORDER BY epoch")
    return [(row["epoch"], row["rows"]) for row in rows]


async def test_nothing_to_seal_makes_no_block(sealer: Sealer, database: Database, workspace: Workspace) -> None:
    assert await sealer.seal_once() == 0
    assert await _blocks(database, workspace) == []


async def test_each_call_seals_what_was_written_since(
    sealer: Sealer, database: Database, workspace: Workspace, clock: FixedClock
) -> None:
    await write_change(database, workspace, clock, 3)
    assert await sealer.seal_once() == 1
    assert await sealer.seal_once() == 0
    await write_change(database, workspace, clock, 2)
    await write_change(database, workspace, clock, 2)
    assert await sealer.seal_once() == 1
    assert await _blocks(database, workspace) == [(1, 3), (2, 4)]


async def test_the_history_is_sealed_while_the_structure_changes(
    sealer: Sealer, database: Database, workspace: Workspace, clock: FixedClock
) -> None:
    await write_change(database, workspace, clock, 1)
    async with database.write() as editor:
        await editor.fetch_value("SELECT pg_advisory_xact_lock($1, $2)", workspace.lock_class, WorkspaceLock.EDITOR)
        assert await sealer.seal_once() == 1


async def test_a_block_waits_for_a_writer_of_its_epoch(
    sealer: Sealer, database: Database, workspace: Workspace, clock: FixedClock
) -> None:
    await write_change(database, workspace, clock, 1)
    async with database.write() as tx:
        await write_rows(tx, workspace, clock, 5)
        sealing = asyncio.create_task(sealer.seal_once())
        done, _ = await asyncio.wait([sealing], timeout=0.2)
        assert not done
        # Writers that come meanwhile are not held up: they write in the next epoch.
        await asyncio.wait_for(write_change(database, workspace, clock, 1), 5)
    assert await sealing == 1
    assert await _blocks(database, workspace) == [(1, 6)]
    await sealer.seal_once()
    assert await _blocks(database, workspace) == [(1, 6), (2, 1)]


async def test_two_sealers_share_the_work(
    database: Database, workspace: Workspace, clock: FixedClock, settings: Settings
) -> None:
    sealers = [Sealer(database, workspace, clock, settings) for _ in range(2)]
    for _ in range(5):
        await write_change(database, workspace, clock, 2)
        await asyncio.gather(*(each.seal_once() for each in sealers))
    await sealers[0].seal_once()
    blocks = await _blocks(database, workspace)
    assert sum(rows for _, rows in blocks) == 10
    assert (await verify_history(database, workspace)).ok


async def test_an_epoch_left_open_by_a_killed_sealer_is_sealed_by_the_next(
    sealer: Sealer, database: Database, workspace: Workspace, clock: FixedClock
) -> None:
    await write_change(database, workspace, clock, 2)
    async with database.write() as tx:
        await tx.execute(f"UPDATE {workspace.quoted_schema}._feed SET epoch = epoch + 1")
    await write_change(database, workspace, clock, 1)
    assert await sealer.seal_once() == 2
    assert await _blocks(database, workspace) == [(1, 2), (2, 1)]


async def test_listeners_are_told_of_each_block(
    sealer: Sealer, database: Database, workspace: Workspace, clock: FixedClock
) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()
    subscription = await database.listen(FEED_CHANNEL, heard.put)
    try:
        await write_change(database, workspace, clock)
        await sealer.seal_once()
        while (payload := await asyncio.wait_for(heard.get(), 5)).split(":")[0] != workspace.key:
            pass
        assert payload == f"{workspace.key}:1"
    finally:
        await subscription.close()


async def test_blocks_are_anchored_outside(
    database: Database, workspace: Workspace, clock: FixedClock, settings: Settings, tmp_path: Path
) -> None:
    anchors = tmp_path / "outside" / "anchors"
    sealer = Sealer(database, workspace, clock, settings.model_copy(update={"anchor_file": anchors}))
    for _ in range(3):
        await write_change(database, workspace, clock)
        await sealer.seal_once()
    report = await verify_history(database, workspace, anchor_file=anchors)
    assert report.ok
    assert report.anchors == 3
    assert anchors.read_text().splitlines()[-1] == f"{workspace.key} 3 {report.head}"


async def test_history_goes_into_the_month_s_partition_from_the_first_row_on(
    sealer: Sealer, database: Database, workspace: Workspace, clock: FixedClock
) -> None:
    for _ in range(8):
        await write_change(database, workspace, clock)
        await sealer.make_partitions()
        clock.advance(timedelta(days=31))
    async with database.read() as tx:
        rows = await tx.fetch(
            f"SELECT tableoid::regclass::text AS part FROM {workspace.quoted_schema}._history ORDER BY seq"
        )
    months = ("2026_11", "2026_12", "2027_01", "2027_02", "2027_03", "2027_04", "2027_05", "2027_06")
    assert [row["part"].rpartition(".")[2].strip('"') for row in rows] == [f"_history_{month}" for month in months]


async def test_rows_in_the_default_partition_do_not_hinder_the_months_after(
    sealer: Sealer, database: Database, workspace: Workspace, clock: FixedClock
) -> None:
    clock.advance(timedelta(days=150))  # the program did not run for five months
    await write_change(database, workspace, clock)
    await sealer.make_partitions()
    async with database.read() as tx:
        names = await tx.fetch(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
            " WHERE i.inhparent = $1::text::regclass ORDER BY 1",
            f"{workspace.quoted_schema}._history",
        )
    assert [row["relname"] for row in names][-3:] == ["_history_2027_05", "_history_2027_06", "_history_default"]
    assert "_history_2027_04" not in [row["relname"] for row in names]
