"""A real process is killed in the middle of bulk writes: what was acknowledged is there, nothing is half done."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys

import pytest

from tongmai.kit import Settings
from tongmai.records import Sealer, verify_history

from .company import Company

_WRITER = """
import asyncio, sys
from pydantic import SecretStr
from tongmai.access import SystemActor
from tongmai.kit import Settings, SystemClock
from tongmai.records import Gateway
from tongmai.schema import CatalogueStore
from tongmai.store import Database, find_workspace

async def main(dsn, key):
    settings = Settings(database_url=SecretStr(dsn))
    clock = SystemClock()
    database = await Database.open(settings, clock)
    gateway = Gateway(database, CatalogueStore(database), clock, settings)
    async with database.read() as tx:
        workspace = await find_workspace(tx, key)
    for batch in range(10_000):
        rows = [{"name": f"{batch}-{n}", "tags": ["vip"]} for n in range(100)]
        await gateway.create(SystemActor("writer"), workspace, "customer", rows)
        print(batch, flush=True)

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.mark.parametrize("after", [1, 4])
async def test_kill_9_loses_nothing_acknowledged(company: Company, settings: Settings, after: int) -> None:
    assert settings.database_url is not None
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _WRITER, settings.database_url.get_secret_value(), company.workspace.key,
        stdout=asyncio.subprocess.PIPE, env={**os.environ},
    )  # fmt: skip
    assert process.stdout is not None
    acknowledged = -1
    while acknowledged < after:
        line = await asyncio.wait_for(process.stdout.readline(), 60)
        assert line, "the writer ended by itself"
        acknowledged = int(line)
    process.send_signal(signal.SIGKILL)
    rest = await process.stdout.read()
    await process.wait()
    acknowledged = max([acknowledged, *(int(line) for line in rest.split() if line)])
    # The server notices the lost client when its statement ends; sealing waits for every writer of the epoch.
    await Sealer(company.database, company.workspace, company.clock, settings).seal_once()
    rows = await company.fetch("SELECT id, name FROM {schema}.customer")
    batches: dict[int, int] = {}
    for row in rows:
        batch = int(row["name"].split("-")[0])
        batches[batch] = batches.get(batch, 0) + 1
    assert set(batches.values()) == {100}
    assert set(batches) >= set(range(acknowledged + 1))
    history = await company.fetch("SELECT record_id, after::text FROM {schema}._history")
    assert {entry["record_id"]: json.loads(entry["after"])["name"] for entry in history} == {
        row["id"]: row["name"] for row in rows
    }
    assert (await verify_history(company.database, company.workspace)).ok
