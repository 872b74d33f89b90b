"""What a reader and a writer may do, and what becomes of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import asyncpg
import pytest

from tongmai.kit import Invalid, Unavailable
from tongmai.store import Database, Workspace, WriteTx


@pytest.fixture
async def table(database: Database, workspace: Workspace) -> str:
    """A table of the test's own, gone with its workspace."""
    name = f"{workspace.quoted_schema}.thing"
    async with database.write() as tx:
        await tx.execute(f"CREATE TABLE {name} (id int PRIMARY KEY, word text, amount numeric)")
    return name


async def _count(database: Database, table: str) -> int:
    async with database.read() as tx:
        return await tx.fetch_value(f"SELECT count(*) FROM {table}")


async def test_what_a_writer_did_is_kept_when_its_block_ends(database: Database, table: str) -> None:
    async with database.write() as tx:
        assert await tx.execute(f"INSERT INTO {table} VALUES ($1, $2), ($3, $4)", 1, "甲", 2, "乙") == 2
        assert await tx.execute(f"UPDATE {table} SET word = 'x' WHERE id = $1", 1) == 1
        await tx.execute_many(f"INSERT INTO {table} VALUES ($1)", [(3,), (4,)])
    async with database.read() as tx:
        assert [row["id"] for row in await tx.fetch(f"SELECT id FROM {table} ORDER BY id")] == [1, 2, 3, 4]
        assert await tx.fetch_row(f"SELECT * FROM {table} WHERE id = 9") is None


async def test_nothing_is_kept_when_the_block_raises(database: Database, table: str) -> None:
    with pytest.raises(LookupError):
        async with database.write() as tx:
            await tx.execute(f"INSERT INTO {table} VALUES (1)")
            raise LookupError
    assert await _count(database, table) == 0


async def test_nothing_is_kept_when_the_request_is_cancelled(database: Database, table: str) -> None:
    begun = asyncio.Event()

    async def work() -> None:
        async with database.write() as tx:
            await tx.execute(f"INSERT INTO {table} VALUES (1)")
            begun.set()
            await tx.execute("SELECT pg_sleep(60)")

    task = asyncio.create_task(work())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await _count(database, table) == 0


async def test_a_reader_cannot_write_whatever_it_sends(database: Database, table: str) -> None:
    async with database.read() as tx:
        with pytest.raises(Unavailable):
            await tx.fetch(f"INSERT INTO {table} VALUES (1)")
    async with database.snapshot() as tx:
        with pytest.raises(Unavailable):
            await tx.fetch(f"INSERT INTO {table} VALUES (1)")
    assert await _count(database, table) == 0


async def test_a_snapshot_sees_one_moment(database: Database, table: str) -> None:
    async with database.snapshot() as reading:
        assert await reading.fetch_value(f"SELECT count(*) FROM {table}") == 0
        async with database.write() as tx:
            await tx.execute(f"INSERT INTO {table} VALUES (1)")
        assert await reading.fetch_value(f"SELECT count(*) FROM {table}") == 0
    assert await _count(database, table) == 1


async def test_a_savepoint_fails_alone(database: Database, table: str) -> None:
    called: list[str] = []
    async with database.write() as tx:
        await tx.execute(f"INSERT INTO {table} VALUES (1)")
        tx.after_commit(lambda: called.append("outer"))
        with pytest.raises(asyncpg.UniqueViolationError):
            async with tx.savepoint():
                tx.after_commit(lambda: called.append("inner"))
                await tx.execute(f"INSERT INTO {table} VALUES (2), (1)")
        await tx.execute(f"INSERT INTO {table} VALUES (3)")
    assert await _count(database, table) == 2
    assert called == ["outer"]


async def test_callbacks_run_after_the_commit_and_only_then(database: Database, table: str) -> None:
    seen: list[int] = []

    async def look() -> None:
        seen.append(await _count(database, table))

    async with database.write() as tx:
        await tx.execute(f"INSERT INTO {table} VALUES (1)")
        tx.after_commit(look)
        assert seen == []
    assert seen == [1]
    with pytest.raises(LookupError):
        async with database.write() as tx:
            tx.after_commit(look)
            raise LookupError
    assert seen == [1]


async def test_a_failing_callback_is_told_after_all_have_run(database: Database) -> None:
    called: list[str] = []

    def fail() -> None:
        raise LookupError("mine")

    with pytest.raises(ExceptionGroup) as told:
        async with database.write() as tx:
            tx.after_commit(fail)
            tx.after_commit(lambda: called.append("second"))
    assert called == ["second"]
    assert told.group_contains(LookupError, match="mine")


async def test_records_are_copied_in_and_out(database: Database, workspace: Workspace, table: str) -> None:
    async def rows() -> AsyncIterator[tuple[object, ...]]:
        for number in range(1000):
            yield number, "行\t\n\\", Decimal(number) / 7

    async def chunks() -> AsyncIterator[bytes]:
        yield b"1000\tcop"
        yield b"ied\t1.5\n1001\t\\N\t\\N\n"

    async with database.write() as tx:
        assert await tx.copy_records(workspace.schema, "thing", ["id", "word", "amount"], rows()) == 1000
        assert await tx.copy_text(workspace.schema, "thing", ["id", "word", "amount"], chunks()) == 2
    async with database.read() as tx:
        query = f"SELECT id, word FROM {table} WHERE id >= $1 ORDER BY id"
        text = b"".join([part async for part in tx.copy_out(query, 999)])
        assert text.decode() == "999\t行\\t\\n\\\\\n1000\tcopied\n1001\t\\N\n"
        csv = b"".join([part async for part in tx.copy_out(query, 1001, format="csv", header=True)])
        assert csv.decode() == "id,word\n1001,\n"


async def test_a_copy_that_is_refused_adds_nothing(database: Database, workspace: Workspace, table: str) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"1\ta\t1\n"
        yield b"not a number\tb\t2\n"

    with pytest.raises(asyncpg.InvalidTextRepresentationError):
        async with database.write() as tx:
            await tx.copy_text(workspace.schema, "thing", ["id", "word", "amount"], chunks())
    assert await _count(database, table) == 0


async def test_a_copy_out_that_fails_says_so(database: Database) -> None:
    async with database.read() as tx:
        with pytest.raises(asyncpg.DivisionByZeroError):
            async for _ in tx.copy_out("SELECT 1 / (n - 5000) FROM generate_series(1, 10000) AS n"):
                pass


async def test_a_copy_out_that_is_left_early_frees_its_connection(database: Database) -> None:
    for _ in range(20):  # more often than there are connections
        async with (
            database.read() as tx,
            contextlib.aclosing(tx.copy_out("SELECT * FROM generate_series(1, 1000000)")) as chunks,
        ):
            async for chunk in chunks:
                assert chunk.startswith(b"1\n")
                break


async def test_a_stream_gives_all_rows_and_may_be_left_early(database: Database) -> None:
    async with database.read() as tx:
        rows = [row["n"] async for row in tx.stream("SELECT n FROM generate_series(1, $1::int) AS n", 25, prefetch=10)]
        assert rows == list(range(1, 26))
        async with contextlib.aclosing(tx.stream("SELECT * FROM generate_series(1, 1000)", prefetch=10)) as stream:
            async for _ in stream:
                break
        assert await tx.fetch_value("SELECT 1") == 1


async def test_values_keep_their_types(database: Database) -> None:
    moment = datetime(2026, 11, 2, 1, tzinfo=UTC)
    number = UUID("01890000-0000-7000-8000-000000000001")
    async with database.read() as tx:
        row = await tx.fetch_row(
            "SELECT $1::timestamptz AS a, $2::uuid AS b, $3::numeric AS c, $4::jsonb AS d, $5::text[] AS e",
            moment,
            number,
            Decimal("0.10"),
            '{"a":1.10}',
            ["甲", None],
        )
    assert row is not None
    assert tuple(row) == (moment, number, Decimal("0.10"), '{"a": 1.10}', ["甲", None])
    assert row["a"].tzinfo is not None


async def test_a_notification_that_is_too_long_is_refused(database: Database) -> None:
    with pytest.raises(Invalid, match="7999"):
        async with database.write() as tx:
            await tx.notify("tongmai_test", "长" * 3000)


async def test_constraint_errors_pass_with_the_name_of_the_constraint(database: Database, table: str) -> None:
    with pytest.raises(asyncpg.UniqueViolationError) as refusal:
        async with database.write() as tx:
            await tx.execute(f"INSERT INTO {table} VALUES (1), (1)")
    assert refusal.value.constraint_name == "thing_pkey"


async def test_colliding_writers_are_tried_again_until_both_are_done(database: Database, table: str) -> None:
    async with database.write() as tx:
        await tx.execute(f"INSERT INTO {table} (id, amount) VALUES (1, 0), (2, 0)")
    both = asyncio.Barrier(2)
    attempts: list[int] = []

    async def add(first: int, second: int) -> None:
        met = False

        async def work(tx: WriteTx) -> None:
            nonlocal met
            attempts.append(first)
            await tx.execute(f"UPDATE {table} SET amount = amount + 1 WHERE id = $1", first)
            if not met:
                met = True
                await both.wait()
            await tx.execute(f"UPDATE {table} SET amount = amount + 1 WHERE id = $1", second)

        await database.write_retry(work)

    await asyncio.gather(add(1, 2), add(2, 1))
    async with database.read() as tx:
        assert [row[0] for row in await tx.fetch(f"SELECT amount FROM {table} ORDER BY id")] == [2, 2]
    assert len(attempts) == 3


async def test_a_table_changed_under_a_kept_statement_does_not_fail_a_request(database: Database, table: str) -> None:
    async def read_all() -> list[str]:
        async with database.read() as tx:
            await tx.fetch(f"SELECT * FROM {table}")
            return [row[0] for row in await tx.fetch(f"SELECT * FROM {table}")]

    async def count_in_write(tx: WriteTx) -> int:
        return len(await tx.fetch(f"SELECT * FROM {table}"))

    await asyncio.gather(*(read_all() for _ in range(8)))
    await asyncio.gather(*(database.write_retry(count_in_write) for _ in range(8)))
    async with database.write() as tx:
        await tx.execute(f"ALTER TABLE {table} ADD COLUMN more text, ALTER COLUMN word TYPE varchar")
    await asyncio.gather(*(read_all() for _ in range(8)))
    assert await asyncio.gather(*(database.write_retry(count_in_write) for _ in range(8))) == [0] * 8
