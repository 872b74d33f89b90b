"""Opening, refusing, healing: the database seen from a program."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from pydantic import SecretStr

from tongmai.kit import FixedClock, Settings, Unavailable
from tongmai.store import Database
from tongmai.store.listener import Listener

_OLD = Path("/usr/lib/postgresql/15/bin")


@pytest.fixture
async def embedded(home: Path, clock: FixedClock) -> AsyncIterator[Database]:
    """A database with a server of its own, which the test may kill."""
    opened = await Database.open(Settings(data_dir=home.parent), clock)
    yield opened
    await opened.close()


@pytest.fixture
def old_server() -> Iterator[str]:
    """The address of a PostgreSQL 15."""
    if not (_OLD / "postgres").exists():
        pytest.skip("no PostgreSQL 15 on this machine")
    as_other = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
    with tempfile.TemporaryDirectory() as folder:
        if as_other:
            os.chown(folder, 65534, 65534)
        place = f"{folder}/data"
        subprocess.run(
            [_OLD / "initdb", "-D", place, "-A", "trust", "-U", "old", "-N"],
            check=True, capture_output=True, cwd="/", **as_other,
        )  # fmt: skip
        with subprocess.Popen(
            [_OLD / "postgres", "-D", place, "-k", folder, "-c", "listen_addresses="],
            stderr=subprocess.DEVNULL, cwd="/", **as_other,
        ) as process:  # fmt: skip
            while not Path(f"{folder}/.s.PGSQL.5432").exists():
                assert process.poll() is None
            yield f"postgresql://old@/postgres?host={folder}"
            process.send_signal(signal.SIGINT)


async def test_a_database_is_opened_again_with_what_it_holds(home: Path, clock: FixedClock) -> None:
    settings = Settings(data_dir=home.parent)
    first = await Database.open(settings, clock)
    async with first.write() as tx:
        await tx.execute("CREATE TABLE tongmai.kept AS SELECT 7 AS seven")
    await first.close()
    second = await Database.open(settings, clock)
    async with second.read() as tx:
        assert await tx.fetch_value("SELECT seven FROM tongmai.kept") == 7
    await second.close()


async def test_two_programs_migrate_a_new_database_together(home: Path, clock: FixedClock) -> None:
    settings = Settings(data_dir=home.parent)
    both = await asyncio.gather(*(Database.open(settings, clock) for _ in range(3)))
    assert [database.server is not None and database.server.is_owner for database in both].count(True) == 1
    for database in reversed(both):
        async with database.read() as tx:
            assert await tx.fetch_value("SELECT count(*) FROM tongmai.workspace") == 0
        await database.close()


async def test_a_server_that_is_too_old_is_refused(old_server: str, clock: FixedClock) -> None:
    for _ in range(200):
        try:
            with pytest.raises(Unavailable, match="PostgreSQL 15, version 18 or later is needed"):
                await Database.open(Settings(database_url=SecretStr(old_server)), clock)
            return
        except AssertionError:  # it is still starting up
            await asyncio.sleep(0.05)
    pytest.fail("the old server did not answer")


@pytest.mark.parametrize(
    "address", ["postgresql://a:b@127.0.0.1:1/x", "postgresql://a@/x?host=/nowhere", "postgresql://a:b@h:port/x", "x"]
)
async def test_an_address_without_a_server_is_refused_with_the_way_out(address: str, clock: FixedClock) -> None:
    with pytest.raises(Unavailable, match="TONGMAI_DATABASE_URL"):
        await Database.open(Settings(database_url=SecretStr(address)), clock)


async def test_tables_of_a_newer_program_are_refused(home: Path, clock: FixedClock) -> None:
    settings = Settings(data_dir=home.parent)
    database = await Database.open(settings, clock)
    async with database.write() as tx:
        await tx.execute("UPDATE tongmai.alembic_version SET version_num = '9999'")
    await database.close()
    with pytest.raises(Unavailable, match="newer Tongmai"):
        await Database.open(settings, clock)


async def test_reads_and_writes_heal_after_the_server_was_killed(embedded: Database) -> None:
    assert embedded.server is not None
    async with embedded.write() as tx:
        await tx.execute("CREATE TABLE tongmai.kept (id int)")
        await tx.execute("INSERT INTO tongmai.kept VALUES (1)")
    os.kill(embedded.server.pid or 0, signal.SIGKILL)
    for _ in range(100):  # what is under way meets the fault as Unavailable, nothing else
        try:
            async with embedded.read() as tx:
                found = await tx.fetch_value("SELECT count(*) FROM tongmai.kept")
            break
        except Unavailable:
            await asyncio.sleep(0.05)
    assert found == 1
    async with embedded.write() as tx:
        await tx.execute("INSERT INTO tongmai.kept VALUES (2)")


async def test_a_lost_connection_is_replaced_and_the_loss_told_as_unavailable(database: Database) -> None:
    with pytest.raises(Unavailable, match="connection to the database was lost"):
        async with database.write() as tx:
            await tx.fetch_value("SELECT pg_terminate_backend(pg_backend_pid())")
    with pytest.raises(Unavailable, match="connection to the database was lost"):
        async with database.read() as tx:
            await tx.fetch_value("SELECT pg_terminate_backend(pg_backend_pid())")
    async with database.read() as tx:
        assert await tx.fetch_value("SELECT 1") == 1
    async with database.write() as tx:
        assert await tx.execute("SELECT 1") == 1


async def test_a_connection_lost_at_commit_leaves_the_outcome_open(database: Database) -> None:
    with pytest.raises(Unavailable) as told:
        async with database.write() as tx:
            own = await tx.fetch_value("SELECT pg_backend_pid()")
            async with database.write() as other:
                await other.execute("SELECT pg_terminate_backend($1, 5000)", own)
    assert [fault.code for fault in told.value.faults] == ["database.outcome_unknown"]


async def test_one_statement_is_a_transaction_of_its_own(database: Database) -> None:
    await database.write_once("CREATE TABLE tongmai.once (n integer)")
    rows = await database.write_once("INSERT INTO tongmai.once VALUES ($1) RETURNING n", 7)
    assert [row["n"] for row in rows] == [7]
    async with database.read() as reading:
        assert await reading.fetch_value("SELECT n FROM tongmai.once") == 7
    await database.write_once("DROP TABLE tongmai.once")
    with pytest.raises(Unavailable) as told:
        await database.write_once("SELECT pg_terminate_backend(pg_backend_pid())")
    assert [fault.code for fault in told.value.faults] == ["database.outcome_unknown"]


async def test_a_statement_that_takes_too_long_is_stopped(postgres_dsn: str, clock: FixedClock) -> None:
    settings = Settings(database_url=SecretStr(postgres_dsn), statement_timeout_s=0.05)
    database = await Database.open(settings, clock)
    with pytest.raises(Unavailable, match="took too long"):
        async with database.read() as tx:
            await tx.fetch("SELECT pg_sleep(60)")
    await database.close()


async def test_a_lock_that_is_not_to_be_had_is_told_as_unavailable(database: Database) -> None:
    async with database.write() as holder:
        await holder.execute("LOCK TABLE tongmai.setting")
        with pytest.raises(Unavailable, match="something else holds"):
            async with database.write() as tx:
                await tx.execute("SET LOCAL lock_timeout = '10ms'")
                await tx.execute("LOCK TABLE tongmai.setting")


async def test_many_more_readers_than_connections_all_get_their_turn(database: Database) -> None:
    async def one(number: int) -> int:
        async with database.read() as tx:
            return await tx.fetch_value("SELECT $1::int", number)

    assert await asyncio.gather(*(one(number) for number in range(200))) == list(range(200))


async def test_nothing_of_a_session_is_left_for_the_next_user(database: Database) -> None:
    for _ in range(10):
        async with database.write() as tx:
            await tx.execute("SET LOCAL lock_timeout = '7s'")
    async with database.write() as tx:
        assert await tx.fetch_value("SHOW lock_timeout") == "0"
        assert await tx.fetch_value("SHOW search_path") == "pg_catalog, pg_temp"


async def test_listeners_hear_what_is_committed_in_order(database: Database) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()
    subscription = await database.listen("tongmai_test", heard.put)
    for number in range(5):
        async with database.write() as tx:
            await tx.notify("tongmai_test", f"通知 {number}")
    with pytest.raises(LookupError):
        async with database.write() as tx:
            await tx.notify("tongmai_test", "rolled back")
            raise LookupError
    async with database.write() as tx:
        await tx.notify("tongmai_test", "last")
    found = [await asyncio.wait_for(heard.get(), 10) for _ in range(6)]
    assert found == [*(f"通知 {number}" for number in range(5)), "last"]
    await subscription.close()


async def test_a_listener_comes_back_and_says_that_something_may_be_missed(database: Database) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()
    subscription = await database.listen("tongmai_test", heard.put)
    async with database.write() as tx:
        ended = await tx.fetch_value(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = "
            "current_database()"
        )
    assert ended == 1
    assert await asyncio.wait_for(heard.get(), 10) == ""
    async with database.write() as tx:
        await tx.notify("tongmai_test", "again")
    assert await asyncio.wait_for(heard.get(), 10) == "again"
    await subscription.close()


class Dying:
    """A connection that is lost while it is asked to hear one more channel."""

    def __init__(self, real: asyncpg.Connection[asyncpg.Record]) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    async def add_listener(self, channel: str, callback: Any) -> None:
        if channel == "tongmai_late":
            self._real.terminate()
        await self._real.add_listener(channel, callback)


async def test_who_begins_to_listen_while_the_connection_is_lost_hears_all_the_same(
    database: Database, postgres_dsn: str
) -> None:
    made = 0

    async def connect() -> Any:
        nonlocal made
        made += 1
        real = await asyncpg.connect(postgres_dsn)
        return Dying(real) if made == 1 else real

    heard: asyncio.Queue[str] = asyncio.Queue()
    listener = Listener(connect)
    await listener.add("tongmai_test", heard.put)
    await listener.add("tongmai_late", heard.put)
    for channel in ("tongmai_test", "tongmai_late"):
        async with database.write() as tx:
            await tx.notify(channel, channel)
    assert [await asyncio.wait_for(heard.get(), 10) for _ in range(2)] == ["tongmai_test", "tongmai_late"]
    assert made == 2
    await listener.close()


async def test_a_handler_that_fails_hears_the_next_one_and_a_closed_one_nothing(database: Database) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()

    async def handle(payload: str) -> None:
        if payload == "bad":
            raise ValueError(payload)
        await heard.put(payload)

    failing = await database.listen("tongmai_test", handle)
    closed = await database.listen("tongmai_test", handle)
    await closed.close()
    for payload in ("bad", "good"):
        async with database.write() as tx:
            await tx.notify("tongmai_test", payload)
    assert await asyncio.wait_for(heard.get(), 10) == "good"
    assert heard.empty()
    await failing.close()


async def test_a_closed_database_says_so(postgres_dsn: str, clock: FixedClock) -> None:
    database = await Database.open(Settings(database_url=SecretStr(postgres_dsn)), clock)
    await database.close()
    with pytest.raises(Unavailable):
        async with database.read():
            pass


async def test_going_aside_does_not_wait_for_those_who_hold_all_connections(
    settings: Settings, clock: FixedClock
) -> None:
    database = await Database.open(settings.model_copy(update={"pool_size": 2}), clock)
    try:
        async with database.write() as tx, database.aside() as aside:
            assert await tx.fetch_value("SELECT pg_backend_pid()") != await aside.fetch_value("SELECT pg_backend_pid()")
    finally:
        await database.close()
