"""What every room's tests stand on: one PostgreSQL server a test process, a database, a clock, a fresh workspace."""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import AsyncIterator
from datetime import datetime
from zoneinfo import ZoneInfo

import hypothesis
import pytest
from pydantic import SecretStr

from tongmai.kit import FixedClock, Settings, Text
from tongmai.store import Database, EmbeddedServer, Workspace, create_workspace, drop_workspace

SHANGHAI = ZoneInfo("Asia/Shanghai")
# A Monday morning; an ordinary working day.
START = datetime(2026, 11, 2, 9, 0, tzinfo=SHANGHAI)

# Tests never ask what a power cut leaves behind, but for those that start servers of their own.
_QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}

_numbers = itertools.count(1)

# No deadlines: how quick this machine is just now is no property of the code. CI takes the same examples each time, so
# that it is red only when the code changed for the worse; everybody else looks for new ones.
hypothesis.settings.register_profile("tongmai", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "tongmai")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """A failure is told when it happens, by the controlling process: a run that is cut off would not tell it at all."""
    if report.failed and "PYTEST_XDIST_WORKER" not in os.environ:
        sys.stderr.write(f"\n{report.nodeid} failed ({report.when})\n{report.longreprtext}\n")
        sys.stderr.flush()


@pytest.fixture(scope="session")
async def postgres(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedServer]:
    """The test process's own server (each pytest-xdist worker has one), gone at its end even if it is killed."""
    server = await EmbeddedServer.start(tmp_path_factory.mktemp("pg") / "postgres", _QUICK)
    yield server
    await server.stop()


@pytest.fixture(scope="session")
def postgres_dsn(postgres: EmbeddedServer) -> str:
    """Address of an empty database that ``database`` opens and migrates; its role may CREATE DATABASE."""
    return postgres.dsn()


@pytest.fixture(scope="session")
def settings(postgres_dsn: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings that point at the test process's server and a data folder of its own."""
    # SQLite files that tests make are read as those of a source's folder.
    folders = (tmp_path_factory.getbasetemp(),)
    return Settings(
        database_url=SecretStr(postgres_dsn), data_dir=tmp_path_factory.mktemp("var"), source_folders=folders
    )


@pytest.fixture(scope="session")
async def database(settings: Settings) -> AsyncIterator[Database]:
    """One for all tests of a process: what must not be shared lies in a workspace."""
    opened = await Database.open(settings, FixedClock(START))
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> FixedClock:
    """2026-11-02 09:00 in Shanghai, until the test moves it."""
    return FixedClock(START)


@pytest.fixture
async def workspace(database: Database, clock: FixedClock) -> AsyncIterator[Workspace]:
    """A fresh workspace with its system tables, dropped after the test."""
    async with database.write() as tx:
        made = await create_workspace(tx, f"test_{next(_numbers)}", Text("测试", "Test"), clock=clock)
    yield made
    async with database.write() as tx:
        await drop_workspace(tx, made)
