"""Raw rows lie on shelves: what is stands, what happened lies by its month, what passes goes by the month it came in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from importlib import resources
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tongmai.link.raw_ready import version_of
from tongmai.link.source import RawRow, Shelf

from .desk import Desk

JUNE, JULY = datetime(2025, 6, 30, 23, 59, tzinfo=UTC), datetime(2025, 7, 1, tzinfo=UTC)


async def put(desk: Desk, stream: str, rows: Sequence[RawRow], shelf: Shelf | None = None) -> tuple[int, int, int]:
    async with desk.database.write() as tx:
        counts = await desk.links.raw.put(tx, desk.workspace, "erp", stream, rows, shelf=shelf)
    return counts.new, counts.changed, counts.same


async def tables(desk: Desk, stream: str) -> dict[str, list[str]]:
    """The keys of a stream by the partition they lie in, without the shelf's name."""
    rows = await desk.fetch(
        "SELECT tableoid::regclass::text AS name, key FROM {schema}._raw WHERE stream = $1 ORDER BY key", stream
    )
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row["name"].partition("._raw_")[2], []).append(row["key"])
    return found


async def read(desk: Desk, stream: str) -> list[str]:
    async with desk.database.read() as tx:
        return [row.key for row in await desk.links.raw.after(tx, desk.workspace, "erp", stream, 0, 100)]


def row(key: str, at: datetime | None = None, text: str = "") -> RawRow:
    return RawRow(key, {"text": text}, at)


async def test_what_happened_lies_by_its_month_and_is_read_in_the_order_it_came(desk: Desk) -> None:
    said = [row("c", JULY), row("a", JUNE), row("b"), row("d", datetime(1971, 1, 1, tzinfo=UTC))]
    assert await put(desk, "messages", said, "dated") == (4, 0, 0)
    assert await tables(desk, "messages") == {"dated_2025_07": ["c"], "dated_2025_06": ["a"], "dated_other": ["b", "d"]}
    assert await read(desk, "messages") == ["c", "a", "b", "d"]

    assert await put(desk, "messages", said, "dated") == (0, 0, 4)
    assert await put(desk, "messages", [row("a", JUNE, "withdrawn"), row("c", JULY)]) == (0, 1, 1)
    assert await read(desk, "messages") == ["c", "b", "d", "a"]


async def test_rows_far_apart_are_read_in_their_order_up_to_the_limit(desk: Desk) -> None:
    """Whatever is read at a time: what other streams got in between does not matter."""
    for part in range(6):
        await put(desk, "orders", [row(f"o{part}{number:03}") for number in range(180)])
        await put(desk, "other", [row(f"x{part}{number:03}") for number in range(700)])
    async with desk.database.read() as tx:
        rows = await desk.links.raw.after(tx, desk.workspace, "erp", "orders", 0, 1000)
        rest = await desk.links.raw.after(tx, desk.workspace, "erp", "orders", rows[-1].seq, 1000)
    wanted = [f"o{part}{number:03}" for part in range(6) for number in range(180)]
    assert [each.key for each in rows] == wanted[:1000]
    assert [each.key for each in rest] == wanted[1000:]
    assert all(each.body == {"text": ""} and each.at is None and not each.deleted for each in rows)


async def test_of_large_rows_fewer_are_held_at_once(desk: Desk) -> None:
    """Letters that repeat lie packed here: what counts is what they take where they lie."""
    chance = Random(7)
    await put(desk, "chats", [row(f"c{number}", text="好的，明天到") for number in range(60)])
    mail = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=200_000)) for _ in range(10)]
    await put(desk, "mails", [row(f"m{number}", text=text) for number, text in enumerate(mail)])
    async with desk.database.read() as tx:
        raw, here = desk.links.raw, (desk.workspace, "erp")
        assert await raw.page_rows(tx, *here, "chats", 0, 20_000) == 20_000
        assert 100 <= await raw.page_rows(tx, *here, "mails", 0, 20_000) < 300
        assert await raw.page_rows(tx, *here, "mails", 0, 20) == 20
        assert await raw.page_rows(tx, *here, "nothing", 0, 20_000) == 20_000


async def test_what_is_stands_in_one_place_however_its_moment_moves(desk: Desk) -> None:
    await put(desk, "customer", [row("a", JUNE)])
    assert await put(desk, "customer", [row("a", JULY, "new"), row("b")]) == (1, 1, 0)
    assert await tables(desk, "customer") == {"standing": ["a", "b"]}


async def test_what_passes_goes_by_whole_months_and_is_once_while_it_is_there(desk: Desk) -> None:
    first = desk.clock.now()
    await put(desk, "events", [row("a"), row("b")], "passing")
    desk.clock.advance(timedelta(days=40))
    assert await put(desk, "events", [row("a", text="again"), row("b"), row("c")], "passing") == (1, 1, 1)
    later = f"passing_{desk.clock.now():%Y_%m}"
    assert await tables(desk, "events") == {f"passing_{first:%Y_%m}": ["b"], later: ["a", "c"]}
    await put(desk, "messages", [row("kept", first)], "dated")

    await desk.links.receiver.sweep(desk.workspace)
    assert await read(desk, "events") == ["b", "a", "c"]
    desk.clock.advance(timedelta(days=85))
    await desk.links.receiver.sweep(desk.workspace)
    assert await read(desk, "events") == ["a", "c"]
    assert await read(desk, "messages") == ["kept"]


async def test_the_months_to_come_are_there_before_anything_is(desk: Desk) -> None:
    desk.clock.advance(timedelta(days=200))
    await desk.links.receiver.sweep(desk.workspace)
    names = {each["name"] for each in await desk.fetch("SELECT relname AS name FROM pg_class WHERE relname ~ '^_raw'")}
    for day in (desk.clock.now(), desk.clock.now() + timedelta(days=31)):
        assert {f"_raw_dated_{day:%Y_%m}", f"_raw_passing_{day:%Y_%m}"} <= names


async def test_a_stream_that_is_defined_otherwise_is_moved_and_nothing_of_it_is_new(desk: Desk) -> None:
    said = [row("a", JUNE), row("b", JULY), row("c")]
    await put(desk, "messages", said)
    before = await desk.fetch("SELECT key, seq, came_at, body FROM {schema}._raw ORDER BY key")
    assert await put(desk, "messages", [*said, row("d", JULY)], "dated") == (1, 0, 3)
    assert await tables(desk, "messages") == {"dated_2025_06": ["a"], "dated_2025_07": ["b", "d"], "dated_other": ["c"]}
    assert await desk.fetch("SELECT key, seq, came_at, body FROM {schema}._raw WHERE key < 'd' ORDER BY key") == before
    assert await put(desk, "messages", [row("e", JULY)], "standing") == (1, 0, 0)
    assert await tables(desk, "messages") == {"standing": ["a", "b", "c", "d", "e"]}


async def test_a_page_of_many_megabytes_goes_in_whole(desk: Desk) -> None:
    rows = [row(str(number), JUNE, "长" * 300_000) for number in range(12)]
    assert await put(desk, "messages", rows, "dated") == (12, 0, 0)
    assert await put(desk, "messages", rows, "dated") == (0, 0, 12)
    assert sorted(await read(desk, "messages")) == sorted(each.key for each in rows)


_ROWS = st.lists(
    st.tuples(st.sampled_from("abcd"), st.sampled_from([None, JUNE, JULY]), st.sampled_from(["", "x"])), max_size=6
)


@given(pages=st.lists(st.tuples(_ROWS, st.sampled_from(["standing", "passing", None])), min_size=1, max_size=5))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_a_key_is_there_once_whatever_came_in_whatever_order(
    desk: Desk, pages: list[tuple[list[tuple[str, datetime | None, str]], Shelf | None]]
) -> None:
    stream = f"s{desk.clock.now().timestamp()}"
    last: dict[str, str] = {}
    for page, shelf in pages:
        desk.clock.advance(timedelta(days=20))
        await put(desk, stream, [row(key, at, text) for key, at, text in page], shelf)
        last |= {key: text for key, _, text in page}
    stored = await desk.fetch("SELECT key, body->>'text' AS text FROM {schema}._raw WHERE stream = $1", stream)
    assert sorted((each["key"], each["text"]) for each in stored) == sorted(last.items())


@pytest.mark.parametrize("is_archive", [True, False])
async def test_rows_of_before_the_months_are_taken_over_as_they_are(desk: Desk, is_archive: bool) -> None:
    """The tables as they were made until layout 11, with rows in them, are brought to this one."""
    schema = desk.workspace.quoted_schema
    layouts = resources.files("tongmai.store").joinpath("layout")
    layout = layouts.joinpath("0005_link.sql").read_text("utf-8")
    old = layout[layout.index("CREATE TABLE {schema}._raw (") : layout.index("-- How far a mapping has got")]
    form = {"revokes": None, "direction": "in"} if is_archive else {"revokes": None}
    rows = [("m1", JUNE, form), ("m2", JULY, form), ("m3", None, form)]
    async with desk.database.write() as tx:
        await tx.execute(f"DROP TABLE {schema}._raw; DROP TABLE {schema}._raw_stream; DROP TABLE {schema}._reread")
        await tx.execute(old.replace("{schema}", schema))
        for key, at, body in rows:
            await tx.execute(
                f"INSERT INTO {schema}._raw (source, stream, key, version, body, at, came_at)"
                " VALUES ('erp', 'messages', $1, $2, $3::text::jsonb, $4, $5)",
                key, version_of(key.encode(), deleted=False), str(body).replace("'", '"').replace("None", "null"), at, JULY,
            )  # fmt: skip
    before = await desk.fetch("SELECT key, seq, version, body, deleted, at, came_at FROM {schema}._raw ORDER BY key")

    async with desk.database.write() as tx:
        for step in ("0012_raw_by_month.sql", "0015_raw_order.sql"):
            await tx.execute(layouts.joinpath(step).read_text("utf-8").replace("{schema}", schema))

    after = await desk.fetch("SELECT key, seq, version, body, deleted, at, came_at FROM {schema}._raw ORDER BY key")
    assert after == before
    by_month = {"dated_2025_06": ["m1"], "dated_2025_07": ["m2"], "dated_other": ["m3"]}
    assert await tables(desk, "messages") == (by_month if is_archive else {"standing": ["m1", "m2", "m3"]})
    assert await put(desk, "messages", [row("m4", JULY)], "dated" if is_archive else "standing") == (1, 0, 0)
    assert await read(desk, "messages") == ["m1", "m2", "m3", "m4"]
    async with desk.database.read() as tx:
        assert await desk.links.raw.last_seq(tx, desk.workspace, "erp", "messages") > after[-1]["seq"]


async def test_the_planner_knows_a_month_as_soon_as_it_holds_much(desk: Desk) -> None:
    """Otherwise each page that is read behind a position sorts all rows, until PostgreSQL looks by itself."""
    await put(desk, "messages", [row(f"m{at:05}", JUNE, "长" * 50) for at in range(5000)], "dated")
    known = await desk.fetch(
        "SELECT c.reltuples FROM pg_class c WHERE c.oid = '{schema}._raw_dated_2025_06'::regclass"
    )  # fmt: skip
    assert known[0]["reltuples"] == 5000
    plan = await desk.fetch(
        "EXPLAIN SELECT key FROM {schema}._raw WHERE source = 'erp' AND stream = 'messages'"
        " AND shelf = (SELECT shelf FROM {schema}._raw_stream WHERE source = 'erp' AND stream = 'messages')"
        " AND seq > 4000 ORDER BY seq LIMIT 1000"
    )  # fmt: skip
    assert not [each[0] for each in plan if "Sort  (" in each[0]]
