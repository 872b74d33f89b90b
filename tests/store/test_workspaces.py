"""Workspaces are made, found, listed and dropped whole."""

from __future__ import annotations

import pytest

from tongmai.kit import Conflict, FixedClock, Invalid, Text
from tongmai.store import Database, Workspace, create_workspace, drop_workspace, find_workspace, list_workspaces

LABEL = Text("甲公司", "Company A")


async def test_a_new_workspace_can_be_found_by_its_key(database: Database, workspace: Workspace) -> None:
    async with database.read() as tx:
        assert await find_workspace(tx, workspace.key) == workspace
        assert workspace in await list_workspaces(tx)
        assert await find_workspace(tx, "nobody") is None


async def test_a_new_workspace_has_its_feed_at_the_first_epoch(database: Database, workspace: Workspace) -> None:
    async with database.read() as tx:
        feed = await tx.fetch_row(f"SELECT epoch, lock_class FROM {workspace.quoted_schema}._feed")
    assert feed is not None
    assert (feed["epoch"], feed["lock_class"]) == (1, workspace.lock_class)


async def test_workspaces_never_share_a_lock_class(database: Database, workspace: Workspace, clock: FixedClock) -> None:
    async with database.write() as tx:
        other = await create_workspace(tx, "other_locks", LABEL, clock=clock)
    assert other.lock_class != workspace.lock_class
    async with database.write() as tx:
        await drop_workspace(tx, other)


async def test_a_taken_key_is_refused(database: Database, workspace: Workspace, clock: FixedClock) -> None:
    with pytest.raises(Conflict, match="already"):
        async with database.write() as tx:
            await create_workspace(tx, workspace.key, LABEL, clock=clock)


@pytest.mark.parametrize("key", ["", "1a", "A", "a-b", "甲", "a" * 41, 'a"; DROP SCHEMA tongmai', "a\n"])
async def test_a_key_that_is_no_key_is_refused(database: Database, clock: FixedClock, key: str) -> None:
    with pytest.raises(Invalid) as refusal:
        async with database.write() as tx:
            await create_workspace(tx, key, LABEL, clock=clock)
    assert [fault.field for fault in refusal.value.faults] == ["key"]


async def test_all_that_is_wrong_is_said_at_once(database: Database, clock: FixedClock) -> None:
    with pytest.raises(Invalid) as refusal:
        async with database.write() as tx:
            await create_workspace(tx, "X", LABEL, "Mars/Base", clock=clock, currency="yuan")
    assert [fault.field for fault in refusal.value.faults] == ["key", "zone", "currency"]
    assert all(fault.way_out for fault in refusal.value.faults)


async def test_a_dropped_workspace_leaves_nothing(database: Database, clock: FixedClock) -> None:
    async with database.write() as tx:
        made = await create_workspace(tx, "gone", LABEL, clock=clock)
    async with database.write() as tx:
        await drop_workspace(tx, made)
    async with database.read() as tx:
        assert await find_workspace(tx, "gone") is None
        assert await tx.fetch_value("SELECT count(*) FROM pg_namespace WHERE nspname = $1", made.schema) == 0


async def test_a_workspace_whose_making_fails_is_not_there(database: Database, clock: FixedClock) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.write() as tx:
            made = await create_workspace(tx, "halfway", LABEL, clock=clock)
            raise ZeroDivisionError
    async with database.read() as tx:
        assert await find_workspace(tx, "halfway") is None
        assert await tx.fetch_value("SELECT to_regnamespace($1)::text", made.schema) is None
