from __future__ import annotations

from pathlib import Path

import pytest

from tongmai.kit import FixedClock, Settings
from tongmai.records.sealing import Sealer
from tongmai.records.verification import Report, verify_history
from tongmai.store import Database, Workspace

from .history_rows import write_change

# One forgery a column, each the smallest change the column's type allows.
FORGERIES = {
    "seq": "seq = seq + 100000",
    "epoch": "epoch = epoch + 1",
    "at": "at = at + interval '1 microsecond'",
    "object": "object = 'customes'",
    "record_id": "record_id = gen_random_uuid()",
    "version": "version = version + 1",
    "action": "action = 'update'",
    "actor": "actor = gen_random_uuid()",
    "via": "via = via || '.'",
    "cause": "cause = ''",
    "before": "before = '{}'",
    "after": "after = jsonb_set(after, '{amount}', '3.51')",
    "hash": "hash = set_bit(hash, 77, 1 - get_bit(hash, 77))",
}


@pytest.fixture
async def sealed(database: Database, workspace: Workspace, clock: FixedClock, settings: Settings) -> str:
    """A history of three blocks with four rows each, and one row that is not sealed yet. Its schema."""
    sealer = Sealer(database, workspace, clock, settings)
    for _ in range(3):
        await write_change(database, workspace, clock, 4)
        await sealer.seal_once()
    await write_change(database, workspace, clock)
    return workspace.quoted_schema


async def _forge(database: Database, sql: str) -> None:
    async with database.write() as tx:
        await tx.execute(sql)


def _codes(report: Report) -> set[str]:
    return {fault.code for fault in report.faults}


async def test_an_honest_history_is_found_right(database: Database, workspace: Workspace, sealed: str) -> None:
    report = await verify_history(database, workspace)
    assert report.ok
    assert (report.rows, report.blocks, report.unsealed, report.redacted) == (13, 3, 1, 0)


@pytest.mark.parametrize("column", FORGERIES)
async def test_a_change_in_any_column_is_found(
    column: str, database: Database, workspace: Workspace, sealed: str
) -> None:
    await _forge(database, f"UPDATE {sealed}._history SET {FORGERIES[column]} WHERE seq = 6")
    assert not (await verify_history(database, workspace)).ok


async def test_a_row_with_a_hash_made_to_fit_is_found_by_its_block(
    database: Database, workspace: Workspace, sealed: str
) -> None:
    await _forge(database, f'UPDATE {sealed}._history SET after = \'{{"name": "乙"}}\' WHERE seq = 6')
    columns = "seq, epoch, at, object, record_id, version, action, actor, via, cause, before, after"
    await _forge(database, f"UPDATE {sealed}._history SET hash = {sealed}._history_hash({columns}) WHERE seq = 6")
    assert _codes(await verify_history(database, workspace)) == {"history.root"}


async def test_a_removed_row_is_found(database: Database, workspace: Workspace, sealed: str) -> None:
    await _forge(database, f"DELETE FROM {sealed}._history WHERE seq = 6")
    assert _codes(await verify_history(database, workspace)) == {"history.count"}


async def test_a_whole_epoch_removed_is_found(database: Database, workspace: Workspace, sealed: str) -> None:
    await _forge(database, f"DELETE FROM {sealed}._history WHERE epoch = 2")
    assert _codes(await verify_history(database, workspace)) == {"history.rows_missing"}


async def test_an_inserted_row_is_found(database: Database, workspace: Workspace, sealed: str) -> None:
    await _forge(
        database,
        f"""INSERT INTO {sealed}._history SELECT 999, epoch, at, object, record_id, version, action, actor, via, cause,
            before, after, {sealed}._history_hash(999, epoch, at, object, record_id, version, action, actor, via, cause,
            before, after) FROM {sealed}._history WHERE seq = 6""",
    )
    assert _codes(await verify_history(database, workspace)) == {"history.count"}


async def test_rows_that_changed_places_are_found(database: Database, workspace: Workspace, sealed: str) -> None:
    await _forge(database, f"UPDATE {sealed}._history SET seq = 13 - seq WHERE seq IN (6, 7)")
    assert "history.row_changed" in _codes(await verify_history(database, workspace))


async def test_a_removed_block_is_found(database: Database, workspace: Workspace, sealed: str) -> None:
    await _forge(database, f"DELETE FROM {sealed}._block WHERE epoch = 2")
    assert _codes(await verify_history(database, workspace)) == {"history.chain_broken", "history.block_missing"}


@pytest.mark.parametrize("column", ["rows", "first_seq", "last_seq"])
async def test_a_changed_block_is_found(column: str, database: Database, workspace: Workspace, sealed: str) -> None:
    await _forge(database, f"UPDATE {sealed}._block SET {column} = {column} + 1 WHERE epoch = 3")
    assert "history.block_changed" in _codes(await verify_history(database, workspace))


async def test_values_may_be_missing_only_where_the_record_was_purged(
    database: Database, workspace: Workspace, sealed: str
) -> None:
    await _forge(database, f"UPDATE {sealed}._history SET before = NULL, after = NULL WHERE seq = 6")
    assert _codes(await verify_history(database, workspace)) == {"history.row_changed"}


async def test_a_history_that_was_cut_off_is_found_by_its_anchors(
    database: Database, workspace: Workspace, clock: FixedClock, settings: Settings, tmp_path: Path
) -> None:
    anchors = tmp_path / "anchors"
    sealer = Sealer(database, workspace, clock, settings.model_copy(update={"anchor_file": anchors}))
    for _ in range(3):
        await write_change(database, workspace, clock, 2)
        await sealer.seal_once()
    schema = workspace.quoted_schema
    await _forge(database, f"DELETE FROM {schema}._history WHERE epoch = 3")
    await _forge(database, f"DELETE FROM {schema}._block WHERE epoch = 3")
    assert (await verify_history(database, workspace)).ok
    assert _codes(await verify_history(database, workspace, anchor_file=anchors)) == {"history.anchor"}


async def test_progress_is_told_to_the_end(database: Database, workspace: Workspace, sealed: str) -> None:
    told: list[tuple[int, int]] = []

    async def tell(done: int, total: int) -> None:
        told.append((done, total))

    await verify_history(database, workspace, on_progress=tell)
    assert told[-1] == (13, 13)
