"""Torn, cut, changed or missing files are never read; PostgreSQL answers meanwhile and the next advance builds anew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.replica.desk import Desk

from tongmai.kit import Unavailable
from tongmai.replica import Damaged


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


async def test_a_manifest_of_another_workspace_is_not_taken_over(desk: Desk) -> None:
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


async def test_two_programs_never_write_at_once(desk: Desk) -> None:
    await desk.company.make("customer", name="甲公司")
    await desk.seal()
    other = Desk.at(desk.company, desk.settings)
    with other.replica.shelf.alone() as is_alone:
        assert is_alone
        assert await desk.replica.advance() is None
    assert await desk.replica.advance() is not None
