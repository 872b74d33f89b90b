"""Torn, cut, changed or missing files are never read; PostgreSQL answers meanwhile and the next advance builds anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.replica.desk import Desk

from tongmai.kit import FixedClock, Unavailable, new_id
from tongmai.replica import Damaged, Shelf
from tongmai.replica.disk import Disk


def _torn(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def _flipped(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(bytes(content))


def _missing(file: Path) -> None:
    file.unlink()


def _emptied(file: Path) -> None:
    file.write_bytes(b"")


DAMAGES = [_torn, _flipped, _missing, _emptied]
WHICH = ["manifest.json", "customer/2026-11-*.parquet", "customer/delta-*.parquet", "_history/2026-11-*.parquet"]


@pytest.mark.parametrize("which", WHICH)
@pytest.mark.parametrize("damage", DAMAGES)
async def test_a_damaged_file_is_not_read_and_is_built_anew(
    desk: Desk, which: str, damage: Callable[[Path], None]
) -> None:
    made = await desk.company.make("customer", name="甲公司", price="5")
    await desk.bring_up()
    await desk.company.change("customer", made, price="6")
    await desk.bring_up()
    damage(next(desk.replica.shelf.folder.glob(which)))

    with pytest.raises(Damaged), desk.replica.shelf.lease():
        pass
    with pytest.raises(Unavailable):
        await desk.ask(object="customer", measures={"t": "sum(price)"}, engine="duckdb")
    answer = await desk.ask(object="customer", measures={"t": "sum(price)"})
    assert (answer["engine"], answer["rows"]) == ("postgresql", [{"t": 6}])
    assert (await desk.replica.status()).damage is not None

    await desk.bring_up()
    duck, postgres = await desk.both(object="customer", measures={"t": "sum(price)"})
    assert duck == postgres == [{"t": 6}]
    assert (await desk.replica.status()).damage is None


async def test_a_database_put_back_to_an_earlier_state_makes_the_replica_anew(desk: Desk) -> None:
    await desk.company.make("customer", name="甲公司", price="5")
    await desk.bring_up()
    schema = desk.company.workspace.quoted_schema
    async with desk.company.database.write() as tx:
        # As after a restore of an earlier backup: the history no longer has what the replica saw.
        await tx.execute(f"DELETE FROM {schema}.customer")
        await tx.execute(f"DELETE FROM {schema}._history WHERE object = 'customer'")
    await desk.bring_up()
    duck, postgres = await desk.both(object="customer", measures={"n": "count"})
    assert duck == postgres == [{"n": 0}]


async def test_files_of_a_workspace_that_had_the_same_key_are_not_read(desk: Desk) -> None:
    await desk.company.make("customer", name="甲公司", price="5")
    await desk.bring_up()
    other = replace(desk.company.workspace, id=new_id(desk.company.clock))
    with pytest.raises(Damaged), Shelf(desk.replica.shelf.folder, other.id, Disk()).lease():
        pass


async def test_a_leased_file_stays_until_its_reader_is_done_and_the_grace_is_over(
    desk: Desk, clock: FixedClock
) -> None:
    await desk.company.make("customer", name="甲公司", price="5")
    await desk.bring_up()
    with desk.replica.shelf.lease() as manifest:
        leased = [desk.replica.shelf.path(file) for file in manifest.files]
        await desk.replica.rebuild()
        clock.advance(timedelta(hours=1))
        await desk.replica.compact()
        assert all(file.exists() for file in leased)
    clock.advance(timedelta(minutes=1))
    await desk.replica.compact()
    assert not any(file.exists() for file in leased)


async def test_two_programs_never_write_at_once(desk: Desk) -> None:
    await desk.company.make("customer", name="甲公司")
    await desk.seal()
    other = Desk.at(desk.company, desk.settings)
    with other.replica.shelf.alone() as is_alone:
        assert is_alone
        assert await desk.replica.advance() is None
    assert await desk.replica.advance() is not None
