"""Secrets sealed at rest, schedules, and what the background work of sources does."""

from __future__ import annotations

import asyncio
import base64
import stat
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from tongmai.kit import Fault, Invalid, Settings, Text
from tongmai.link import (
    Health,
    HookAnswer,
    LinkRunner,
    RawRow,
    Received,
    SetAside,
    SourceKind,
    SourceOptions,
)
from tongmai.link.keyring import KEY_FILE, Keyring
from tongmai.link.secrets import Secrets
from tongmai.store import drop_workspace

from .desk import Desk
from .test_mapping import CUSTOMERS, SOURCE


async def test_a_secret_is_sealed_and_opens_only_in_its_place(desk: Desk) -> None:
    await desk.secret("shop", password="geheim")

    row = (await desk.fetch("SELECT * FROM {schema}._source_secret"))[0]
    assert b"geheim" not in row["sealed"]
    key_file = desk.settings.data_dir / KEY_FILE
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    async with desk.database.write() as tx:
        assert await desk.links.secrets.open(tx, desk.workspace, "shop") == {"password": "geheim"}
        await tx.execute(f"UPDATE {desk.workspace.quoted_schema}._source_secret SET source = 'other'")
        with pytest.raises(Invalid):
            await desk.links.secrets.open(tx, desk.workspace, "other")


async def test_a_new_key_seals_everything_anew_and_the_old_one_opens_nothing(desk: Desk) -> None:
    await desk.secret("shop", password="geheim")
    before = (desk.settings.data_dir / KEY_FILE).read_text()

    count = await desk.links.secrets.rotate(desk.database)

    assert count >= 1
    async with desk.database.read() as tx:
        assert await desk.links.secrets.open(tx, desk.workspace, "shop") == {"password": "geheim"}
        old = Secrets(Settings(secret_key=SecretStr(before.strip())), desk.clock)
        with pytest.raises(Invalid):
            await old.open(tx, desk.workspace, "shop")


async def test_a_key_changed_by_another_process_is_read_by_one_that_runs(desk: Desk) -> None:
    await desk.secret("shop", password="geheim")
    other = Secrets(desk.settings, desk.clock)

    await other.rotate(desk.database)

    async with desk.database.read() as tx:
        assert await desk.links.secrets.open(tx, desk.workspace, "shop") == {"password": "geheim"}
    await other.rotate(desk.database)
    await desk.secret("shop", token="neu")
    async with desk.database.read() as tx:
        # Sealed with the key that is there now: a program begun anew opens it.
        found = await Secrets(desk.settings, desk.clock).open(tx, desk.workspace, "shop")
    assert found == {"password": "geheim", "token": "neu"}


@pytest.mark.parametrize("given", ["", "short", base64.b64encode(b"x" * 31).decode()])
def test_a_key_that_is_none_is_refused(given: str, tmp_path: Path) -> None:
    with pytest.raises(Invalid):
        Keyring.of(Settings(secret_key=SecretStr(given), data_dir=tmp_path))


async def test_a_source_is_pulled_when_it_is_due_and_not_before(desk: Desk) -> None:
    source: dict[str, Any] = {**SOURCE, "schedule": "*/10 * * * *"}
    await desk.define(source)
    runner = LinkRunner(desk.database, desk.links)

    assert await runner.pull_due(desk.workspace) == 0
    desk.clock.advance(timedelta(minutes=9))
    assert await runner.pull_due(desk.workspace) == 0
    desk.clock.advance(timedelta(minutes=2))
    assert await runner.pull_due(desk.workspace) == 1
    assert await runner.pull_due(desk.workspace) == 0
    desk.clock.advance(timedelta(hours=3))
    assert await runner.pull_due(desk.workspace) == 1


async def test_a_schedule_that_is_changed_holds_at_once(desk: Desk) -> None:
    runner = LinkRunner(desk.database, desk.links)
    await desk.define({**SOURCE, "schedule": "0 3 1 * *"})
    assert await runner.pull_due(desk.workspace) == 0
    await desk.define({**SOURCE, "schedule": "*/10 * * * *"})

    assert await runner.pull_due(desk.workspace) == 0
    desk.clock.advance(timedelta(minutes=11))
    assert await runner.pull_due(desk.workspace) == 1


async def test_rows_set_aside_under_one_key_stand_on_one_page(desk: Desk) -> None:
    runs, workspace = desk.links.runs, desk.workspace
    fault = Fault("raw.unreadable", Text("不能保存", "cannot be stored"))
    async with desk.database.write() as tx:
        for stream, key in (("a", "1"), ("b", "1"), ("c", "1"), ("a", "2")):
            await runs.refuse(tx, workspace, "erp", stream, [SetAside(key, (fault,))])

        first = await runs.refusals(tx, workspace, "erp", 2)
        second = await runs.refusals(tx, workspace, "erp", 2, first[-1].key)

    assert [(each.stream, each.key) for each in first] == [("a", "1"), ("b", "1"), ("c", "1")]
    assert [(each.stream, each.key) for each in second] == [("a", "2")]


class Ear:
    """A source that only listens."""

    def __init__(self) -> None:
        self.began, self.ended = asyncio.Event(), asyncio.Event()

    async def test(self) -> Health:
        return Health(True, Text.same("ok"))

    async def close(self) -> None:
        return None

    async def listen(self, take: Callable[[Received], Awaitable[None]]) -> None:
        self.began.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.ended.set()


async def test_of_a_workspace_that_is_gone_no_source_is_listened_to(desk: Desk) -> None:
    ear = Ear()
    kind = SourceKind("ear", Text.same("ear"), SourceOptions, {}, lambda _: (), lambda _: ear, listens=True)
    desk.links.sources.kinds["ear"] = kind
    await desk.define({"key": "ear", "label": "耳", "kind": "ear"})
    task = asyncio.create_task(LinkRunner(desk.database, desk.links).run())
    try:
        async with asyncio.timeout(20):
            await ear.began.wait()
            async with desk.database.write() as tx:
                await drop_workspace(tx, desk.workspace)
                await desk.links.raw.announce(tx, desk.workspace)
            await ear.ended.wait()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_what_comes_is_mapped_at_once_by_the_program_and_logged_as_one_run(desk: Desk) -> None:
    await desk.define(SOURCE, CUSTOMERS)
    task = asyncio.create_task(LinkRunner(desk.database, desk.links).run())
    try:
        for number in range(3):
            rows = {"customer": (RawRow(str(number), {"id": str(number), "name": f"客户{number}"}),)}
            await desk.links.receiver.take(desk.workspace, "erp", Received(HookAnswer(), rows))
            async with asyncio.timeout(20):
                # The program works on its own: what it did can only be looked at.
                while await desk.count("customer") <= number:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert (await desk.counts("erp", "map"))["inserted"] == 3


async def test_a_schedule_that_cannot_be_is_refused(desk: Desk) -> None:
    for wrong in ("every day at nine", "61 * * * *", "* * * * * *"):
        with pytest.raises(Invalid) as refused:
            await desk.define({**SOURCE, "schedule": wrong})
        assert [fault.code for fault in refused.value.faults] == ["source.schedule"]


async def test_rows_that_cannot_be_stored_are_set_aside_and_the_others_go_in(desk: Desk) -> None:
    await desk.define(SOURCE, CUSTOMERS)
    rows = [
        RawRow("1", {"id": "1", "name": "甲\x00乙"}),
        RawRow("2", {"id": "2", "name": "\ud800"}),
        RawRow("", {"id": "3"}),
        RawRow("4", {"id": "4", "name": "x" * 2_000_000}),
        RawRow("5", {"id": "5", "name": "丙"}),
    ]

    async with desk.database.write() as tx:
        put = await desk.links.raw.put(tx, desk.workspace, "erp", "customer", rows)
    await desk.links.mapper.advance(desk.workspace)

    assert put.new == 2
    assert [each.faults[0].code for each in put.set_aside] == ["raw.unreadable", "raw.bad_key", "raw.too_large"]
    assert await desk.records("customer", "name") == [("丙",), ("甲乙",)]
