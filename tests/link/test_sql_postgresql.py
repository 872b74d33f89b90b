"""The SQL source read from a real server: PostgreSQL, whose rows it must all bring, each once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.engine import make_url

from tongmai.kit import FixedClock, Invalid
from tongmai.link.source import Cursor, PushRow, RawRow
from tongmai.link.sources.sql import QueryStream, stream_of
from tongmai.link.sources.sql_reading import SqlSource
from tongmai.store import Database

PAGE = 4
Open = Callable[..., Awaitable[SqlSource]]


@pytest.fixture
async def open_source(database: Database, clock: FixedClock) -> AsyncIterator[Open]:
    """Makes tables in a schema of their own, and a source over them."""
    opened: list[SqlSource] = []
    async with database.write() as tx:
        await tx.execute('CREATE SCHEMA "销售"')

    async def made(*statements: str, **stream: Any) -> SqlSource:
        async with database.write() as tx:
            for each in statements:
                await tx.execute(each)
        url = make_url(database.dsn).set(drivername="postgresql+psycopg")
        streams = {"t": stream_of(QueryStream(**stream), "postgresql")}
        opened.append(SqlSource(url, streams, PAGE, "Asia/Shanghai", clock, timedelta(0)))
        return opened[-1]

    yield made
    for each in opened:
        await each.close()
    async with database.write() as tx:
        await tx.execute('DROP SCHEMA "销售" CASCADE')


async def read(source: SqlSource, cursor: Cursor | None = None) -> tuple[list[RawRow], Cursor]:
    rows: list[RawRow] = []
    async for page in source.pull("t", cursor):
        rows += page.rows
        cursor = page.cursor
    assert cursor is not None
    return rows, cursor


async def test_rows_whose_key_is_empty_in_part_come_each_once(open_source: Open) -> None:
    source = await open_source(
        'CREATE TABLE "销售"."库 存" (house text, "order" text, batch int)',
        'INSERT INTO "销售"."库 存" SELECT \'W\' || i % 3, nullif(\'P\' || i % 5, \'P0\'), nullif(i % 2, 0) FROM'
        " generate_series(1, 30) i",
        table="销售.库 存", key=["house", "order", "batch"],
    )  # fmt: skip

    rows, _ = await read(source)

    assert len(rows) == 30
    assert len({row.key for row in rows}) == 30


async def test_rows_of_one_time_stamp_are_told_apart_by_their_uuid(open_source: Open) -> None:
    source = await open_source(
        'CREATE TABLE "销售".many (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), at timestamptz)',
        "INSERT INTO \"销售\".many (at) SELECT '2026-11-01T08:00Z' FROM generate_series(1, 30)",
        table="销售.many", key=["id"], changed="at", overlap_s=0,
    )  # fmt: skip

    rows, cursor = await read(source)

    assert len({row.key for row in rows}) == len(rows) == 30
    assert (await read(source, cursor))[0] == []


async def test_moments_without_end_mean_no_date_and_hold_nothing_up(open_source: Open, database: Database) -> None:
    source = await open_source(
        'CREATE TABLE "销售".deals (id int, at timestamptz, until date)',
        "INSERT INTO \"销售\".deals SELECT i, '2026-11-01T08:00Z', '2026-12-31' FROM generate_series(1, 6) i",
        "INSERT INTO \"销售\".deals VALUES (7, 'infinity', 'infinity'), (8, '-infinity', '0044-03-15 BC')",
        table="销售.deals", key=["id"], changed="at", overlap_s=0,
    )  # fmt: skip
    rows, cursor = await read(source)
    async with database.write() as tx:
        await tx.execute("INSERT INTO \"销售\".deals VALUES (9, '2026-11-01T08:01Z', NULL)")

    later, _ = await read(source, cursor)

    assert {row.key: row.body["until"] for row in rows if row.key in "678"} == {"6": "2026-12-31", "7": None, "8": None}
    assert len(rows) == 8
    assert [row.key for row in later] == ["9", "7"]


async def test_a_query_of_its_own_words_is_read(open_source: Open) -> None:
    source = await open_source(
        query="SELECT i AS id, '{\"a\": 1}'::jsonb ->> 'a' AS one, (ARRAY[1, 2])[1:2] AS two, '8:30 :x %' AS at"
        " FROM generate_series(1, 9) i -- all",
        key=["id"],
    )

    rows, _ = await read(source)

    assert len(rows) == 9
    assert rows[0].body == {"id": 1, "one": "1", "two": [1, 2], "at": "8:30 :x %"}


async def test_what_a_trigger_keeps_is_not_said_to_be_written(open_source: Open, database: Database) -> None:
    source = await open_source(
        'CREATE TABLE "销售".c (id int PRIMARY KEY, tel text, due timestamp)',
        "INSERT INTO \"销售\".c VALUES (1, '100', NULL)",
        "CREATE FUNCTION \"销售\".keep() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN NEW.tel := OLD.tel; RETURN NEW; END'",
        'CREATE TRIGGER keep BEFORE UPDATE ON "销售".c FOR EACH ROW EXECUTE FUNCTION "销售".keep()',
        table="销售.c", key=["id"], writes=["tel", "due"],
    )  # fmt: skip

    kept = await source.push(PushRow("t", "1", {"tel": "200"}, {"tel": "100"}, "once"))
    due = await source.push(PushRow("t", "1", {"due": "2026-11-03T09:00:00+08:00"}, {"due": None}, "twice"))

    assert (kept.outcome, due.outcome) == ("refused", "done")
    assert kept.text is not None
    assert "没有接受" in kept.text.zh
    async with database.read() as tx:
        (found,) = await tx.fetch('SELECT tel, due::text FROM "销售".c')
    assert tuple(found) == ("100", "2026-11-03 09:00:00")


async def test_a_column_that_is_not_there_is_named(open_source: Open) -> None:
    source = await open_source(
        'CREATE TABLE "销售".gone (id int PRIMARY KEY)', table="销售.gone", key=["id"], columns=["id", "tel"]
    )
    with pytest.raises(Invalid) as told:
        await read(source)
    assert [(fault.code, fault.field) for fault in told.value.faults] == [("source.column_missing", "t")]
