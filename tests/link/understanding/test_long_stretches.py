"""A large archive: talks are written once a stretch and come out as if read one by one; events wait for rules alone."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import orjson
import pytest
from tests.link.desk import Desk

from tongmai.kit import Fault, Text
from tongmai.link.source import RawRow, SetAside
from tongmai.link.understanding import ChatReader, RecordEvent, SignalMatcher, shipped_dictionary, tell_events

_SOURCE = {"key": "wecom", "kind": "wecom", "label": "企业微信", "options": {"corp_id": "ww1"}}
_CUSTOMERS = ("wm1", "wm2", "wm3")


async def archive(desk: Desk, count: int) -> None:
    """Messages of three customers by turns, a customer's and the answer to it."""
    began = desk.clock.now() - timedelta(days=3)
    rows = [
        RawRow(
            f"m{number:04}",
            {"customer": _CUSTOMERS[number // 2 % 3], "direction": "out" if number % 2 else "in", "kind": "text",
             "text": "什么时候到货？" if number % 2 == 0 else "明天"},
            began + timedelta(minutes=number),
        )
        for number in range(count)
    ]  # fmt: skip
    async with desk.database.write() as tx:
        await desk.links.raw.put(tx, desk.workspace, "wecom", "messages", rows, shelf="dated")


async def talks(desk: Desk) -> dict[str, tuple[int, int]]:
    rows = await desk.fetch("SELECT key, body FROM {schema}._raw WHERE stream = 'talks'")
    bodies = {row["key"]: orjson.loads(row["body"]) for row in rows}
    return {key: (body["from_customer"], body["answers"]) for key, body in bodies.items()}


@pytest.mark.parametrize("page", [2, 7, 1000])
async def test_a_talk_is_the_same_however_it_is_cut(desk: Desk, page: int) -> None:
    await desk.define(_SOURCE)
    await archive(desk, 120)
    matcher = SignalMatcher(shipped_dictionary())
    reader = ChatReader(desk.database, desk.catalogues, desk.clock, matcher, page=page)

    done = await reader.advance(desk.workspace)

    assert done.read == 120
    # Ten pages are a stretch, and each of the three talks goes on in all of them.
    assert done.talks == 3 * -(-120 // (page * 10))
    assert await talks(desk) == dict.fromkeys(_CUSTOMERS, (20, 20))
    assert (await reader.advance(desk.workspace)).read == 0


async def test_who_finds_another_reading_leaves_it_to_him(desk: Desk) -> None:
    await desk.define(_SOURCE)
    await archive(desk, 4)
    reader = ChatReader(desk.database, desk.catalogues, desk.clock, SignalMatcher(shipped_dictionary()))
    first = await reader.advance(desk.workspace)
    # Of three days ago: more of it may come before it is read on.
    assert (first.read, first.gathers) == (4, True)

    async with desk.database.write() as tx:
        await tx.fetch(f"SELECT FROM {desk.workspace.quoted_schema}._mapping_state FOR UPDATE")
        elsewhere = await reader.advance(desk.workspace, waits=False)
    assert (elsewhere.read, elsewhere.is_elsewhere, elsewhere.gathers) == (0, True, True)
    assert not (await reader.advance(desk.workspace, waits=False)).gathers


async def test_messages_of_today_are_not_gathered(desk: Desk) -> None:
    await desk.define(_SOURCE)
    said = RawRow("m1", {"customer": "wm1", "direction": "in", "kind": "text", "text": "在吗"}, desk.clock.now())
    async with desk.database.write() as tx:
        await desk.links.raw.put(tx, desk.workspace, "wecom", "messages", [said], shelf="dated")
    reader = ChatReader(desk.database, desk.catalogues, desk.clock, SignalMatcher(shipped_dictionary()))
    done = await reader.advance(desk.workspace)
    assert (done.read, done.gathers) == (1, False)


async def test_an_event_that_no_rule_waits_for_is_history_at_once(desk: Desk) -> None:
    now = desk.clock.now()
    record = UUID(int=1)
    events = [RecordEvent(name, "customer", record, now, f"key:{name}", "test") for name in ("awaited", "unheard")]
    async with desk.database.write() as tx:
        assert await tell_events(tx, desk.workspace.quoted_schema, events, {"awaited"}, now) == 2
        assert await tell_events(tx, desk.workspace.quoted_schema, events, {"awaited"}, now) == 0
    waiting = await desk.fetch("SELECT event FROM {schema}._event WHERE taken_at IS NULL")
    assert [row["event"] for row in waiting] == ["awaited"]


async def test_refusals_are_forgotten_among_thousands_that_are_in_now(desk: Desk) -> None:
    fault = Fault("test.wrong", Text("不对", "Wrong"))
    keys = [f"k{number}" for number in range(1000)]
    async with desk.database.write() as tx:
        runs, workspace = desk.links.runs, desk.workspace
        await runs.accept(tx, workspace, "wecom", "messages", keys)
        await runs.refuse(tx, workspace, "wecom", "messages", [SetAside("k7", (fault,)), SetAside("other", (fault,))])
        await runs.accept(tx, workspace, "wecom", "messages", keys)
    assert list(await desk.refusals("wecom")) == ["other"]
