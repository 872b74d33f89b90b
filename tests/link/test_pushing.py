"""The way back (S3-20): what a person changed goes to the source; a source that was changed too is a conflict."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Literal

import pytest

from tongmai.access import SystemActor
from tongmai.kit import Conflict, Text
from tongmai.link import (
    Cursor,
    Health,
    Page,
    Pushed,
    PushRow,
    RawRow,
    SourceContext,
    SourceKind,
    SourceOptions,
    Stream,
    away,
)

from .desk import Desk


class Crm:
    """Another system that holds customers and takes changes."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Any]] = {}
        self.pushed: list[PushRow] = []
        self.is_away = False

    async def test(self) -> Health:
        return Health(True, Text.same("ok"))

    async def close(self) -> None:
        return None

    async def pull(self, stream: str, cursor: Cursor | None) -> AsyncIterator[Page]:
        yield Page(tuple(RawRow(key, dict(row)) for key, row in self.rows.items()), {})

    async def push(self, row: PushRow) -> Pushed:
        if self.is_away:
            raise away("不在", "away")
        self.pushed.append(row)
        theirs = self.rows[row.key]
        if any(theirs.get(path) != value for path, value in row.before.items()):
            return Pushed("conflict", theirs=dict(theirs))
        theirs.update(row.changed)
        return Pushed("done")


@pytest.fixture
async def crm(desk: Desk) -> Crm:
    made = Crm()

    def opened(context: SourceContext) -> Crm:
        return made

    def streams(options: SourceOptions) -> tuple[Stream, ...]:
        return (Stream("customers", Text.same("customers")),)

    desk.links.sources.kinds["crm"] = SourceKind("crm", Text.same("CRM"), SourceOptions, {}, streams, opened)
    await desk.define(
        {"key": "crm", "label": "CRM", "kind": "crm"},
        {
            "key": "customers", "label": "客户", "source": "crm", "stream": "customers", "object": "customer",
            "columns": [{"path": "id"}, {"path": "name"}, {"path": "tel"}],
            "fields": [
                {"field": "code", "value": "id"}, {"field": "name", "value": "name"},
                {"field": "phone", "value": "tel", "push": "tel"},
            ],
            "match": ["code"],
        },
    )  # fmt: skip
    made.rows = {"1": {"id": "1", "name": "甲", "tel": "100"}}
    await desk.links.pusher.advance(desk.workspace)
    await desk.pull("crm")
    return made


async def by_hand(desk: Desk, **values: Any) -> None:
    person = await desk.make("person", name="安娜")
    record = (await desk.fetch("SELECT id FROM {schema}.customer WHERE code = '1'"))[0]["id"]
    actor = SystemActor("test", on_behalf=person)
    await desk.gateway.update(actor, desk.workspace, "customer", record, values)
    await desk.seal()


async def test_a_persons_change_reaches_the_source_once(desk: Desk, crm: Crm) -> None:
    await by_hand(desk, phone="999", name="改名不回写")

    first = await desk.links.pusher.advance(desk.workspace)
    second = await desk.links.pusher.advance(desk.workspace)

    assert (first.heard, first.done, second.heard, second.done) == (1, 1, 0, 0)
    assert crm.rows["1"] == {"id": "1", "name": "甲", "tel": "999"}
    assert [(row.changed, row.before) for row in crm.pushed] == [({"tel": "999"}, {"tel": "100"})]


async def test_what_came_from_the_source_is_not_sent_back(desk: Desk, crm: Crm) -> None:
    crm.rows["1"]["tel"] = "200"
    await desk.pull("crm")
    await desk.seal()

    done = await desk.links.pusher.advance(desk.workspace)

    assert (done.heard, crm.pushed) == (0, [])


async def test_a_source_that_was_changed_meanwhile_is_a_conflict_and_nothing_is_overwritten(
    desk: Desk, crm: Crm
) -> None:
    crm.rows["1"]["tel"] = "555"
    await by_hand(desk, phone="999")

    done = await desk.links.pusher.advance(desk.workspace)
    await desk.pull("crm")

    assert (done.done, done.conflicts) == (0, 1)
    assert crm.rows["1"]["tel"] == "555"
    assert await desk.records("customer", "phone") == [("999",)]
    assert await desk.count("_push", "state = 'conflict' AND detail -> 'theirs' ->> 'tel' = '555'") == 1


@pytest.mark.parametrize(("keep", "wins"), [("ours", "999"), ("theirs", "555")])
async def test_a_person_settles_a_conflict(desk: Desk, crm: Crm, keep: Literal["ours", "theirs"], wins: str) -> None:
    crm.rows["1"]["tel"] = "555"
    await by_hand(desk, phone="999")
    await desk.links.pusher.advance(desk.workspace)
    await desk.pull("crm")
    (conflict,) = await desk.links.pusher.latest(desk.workspace, "crm", 10)
    assert (conflict.state, conflict.changed, conflict.before) == ("conflict", {"tel": "999"}, {"tel": "100"})

    await desk.links.pusher.resolve(desk.workspace, conflict.id, keep)
    await desk.links.pusher.advance(desk.workspace)
    await desk.pull("crm")

    assert crm.rows["1"]["tel"] == wins
    assert await desk.records("customer", "phone") == [(wins,)]
    with pytest.raises(Conflict):
        await desk.links.pusher.resolve(desk.workspace, conflict.id, keep)


async def test_a_pull_does_not_undo_a_change_that_is_on_its_way(desk: Desk, crm: Crm) -> None:
    await by_hand(desk, phone="999")
    crm.is_away = True
    again = await desk.links.pusher.advance(desk.workspace)
    crm.rows["1"]["name"] = "甲公司"
    await desk.pull("crm")

    assert again.again == 1
    assert await desk.records("customer", "name", "phone") == [("甲公司", "999")]

    crm.is_away = False
    desk.clock.moment = desk.clock.moment.replace(hour=10)
    done = await desk.links.pusher.advance(desk.workspace)
    await desk.pull("crm")
    assert done.done == 1
    assert await desk.records("customer", "name", "phone") == [("甲公司", "999")]
