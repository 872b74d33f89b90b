"""Ended between any two file operations, a replica is as it was before or as it should be after, and goes on."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from tests.replica.desk import Desk

from tongmai.kit import FixedClock
from tongmai.replica.disk import Content, Disk

QUERY = {"object": "customer", "measures": {"n": "count", "total": "sum(price)"}}


class Ended(BaseException):
    """The program's end, as far as the disk can tell."""


class FailingDisk(Disk):
    """Ends the program at the n-th operation, half way through what is written."""

    def __init__(self, steps: int) -> None:
        self.steps = steps

    def _is_last(self) -> bool:
        self.steps -= 1
        return self.steps < 0

    def make_folder(self, folder: Path) -> None:
        if self._is_last():
            raise Ended
        super().make_folder(folder)

    def seal(self, file: Path) -> Content:
        if self._is_last():
            file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
            raise Ended
        return super().seal(file)

    def write(self, file: Path, content: bytes) -> None:
        if self._is_last():
            file.write_bytes(content[: len(content) // 2])
            raise Ended
        super().write(file, content)

    def rename(self, source: Path, target: Path) -> None:
        if self._is_last():
            raise Ended
        super().rename(source, target)
        if self._is_last():
            raise Ended

    def sync_folder(self, folder: Path) -> None:
        if self._is_last():
            raise Ended
        super().sync_folder(folder)

    def remove(self, file: Path) -> None:
        if self._is_last():
            raise Ended
        super().remove(file)

    @contextmanager
    def lock(self, file: Path) -> Iterator[bool]:
        with super().lock(file) as held:
            yield held


@pytest.mark.parametrize("what", ["advance", "compact", "rebuild"])
async def test_ended_between_any_two_file_operations(desk: Desk, clock: FixedClock, what: str) -> None:
    company = desk.company
    ids = [await company.make("customer", name=f"客户{n}", price=n) for n in range(4)]
    await desk.bring_up()
    for steps in range(0, 200, 4 if what == "rebuild" else 1):
        before, _ = await desk.both(**QUERY)
        await company.change("customer", ids[steps % 4], price=100 + steps)
        if steps % 3 == 0:
            doomed = await company.make("customer", name="短命", price=1)
            await company.gateway.purge(company.system, company.workspace, "customer", doomed)
        await desk.seal()
        if what == "compact":
            await desk.replica.advance()
        after = (await desk.ask(**QUERY, engine="postgresql"))["rows"]
        # Retired files are due for removal, so that ends in the midst of removing are among those tried.
        if steps % 6 == 4:
            clock.advance(timedelta(minutes=11))
        failing = Desk.at(company, desk.settings, disk=FailingDisk(steps), duck=desk.replica.duck)
        try:
            await getattr(failing.replica, what)()
            is_ended = False
        except Ended:
            is_ended = True
        reopened = Desk.at(company, desk.settings, duck=desk.replica.duck)
        seen = await reopened.ask(**QUERY, engine="duckdb", max_age_s=86_400, at_least=0)
        assert seen["rows"] in (before, after), steps
        await reopened.bring_up()
        duck, postgres = await reopened.both(**QUERY)
        assert duck == postgres, steps
        if not is_ended:
            break
    else:
        pytest.fail("no run came to its end")
    assert steps > 5


PROGRAM = """
import asyncio, json, sys
from pathlib import Path
from uuid import UUID
from pydantic import SecretStr
from tongmai.access import SystemActor
from tongmai.kit import Settings, SystemClock
from tongmai.records import Gateway, Sealer
from tongmai.replica import Replica
from tongmai.schema import CatalogueStore
from tongmai.store import Database, find_workspace

async def main(dsn, folder, key, seed):
    settings, clock = Settings(database_url=SecretStr(dsn), data_dir=Path(folder)), SystemClock()
    database = await Database.open(settings, clock)
    async with database.read() as tx:
        workspace = await find_workspace(tx, key)
    gateway = Gateway(database, CatalogueStore(database), clock, settings)
    sealer = Sealer(database, workspace, clock, settings)
    replica = Replica(database, workspace, clock, settings)
    print("ready", flush=True)
    for n in range(10_000):
        made = await gateway.create(SystemActor("test"), workspace, "customer", [
            {"name": f"{seed}-{n}-{i}", "price": i} for i in range(20)])
        await gateway.update(SystemActor("test"), workspace, "customer", made.records[0].id, {"price": n})
        await sealer.seal_once()
        await replica.advance()
        if n % 5 == 4:
            await replica.compact()

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.mark.slow
async def test_killed_at_any_moment(desk: Desk) -> None:
    dsn = desk.settings.database_url
    assert dsn is not None
    chance = random.Random(7)
    for seed in range(3):
        program = subprocess.Popen(  # noqa: ASYNC220
            [sys.executable, "-c", PROGRAM, dsn.get_secret_value(), str(desk.settings.data_dir),
             desk.company.workspace.key, str(seed)],
            stdout=subprocess.PIPE,
        )  # fmt: skip
        assert program.stdout is not None
        assert program.stdout.readline() == b"ready\n"
        deadline = time.monotonic() + chance.uniform(0.05, 1.5)
        while time.monotonic() < deadline and program.poll() is None:
            pass
        assert program.poll() is None
        os.kill(program.pid, signal.SIGKILL)
        program.wait()
        await desk.bring_up()
        duck, postgres = await desk.both(**QUERY)
        assert duck == postgres
        assert Decimal(json.dumps(int(duck[0]["n"]))) > 0
