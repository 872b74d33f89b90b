"""Content packs: pushed once a key to people, published by who may, found by class and value; targets read with care."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from pydantic import JsonValue

from tongmai.kit import Conflict, FixedClock, Invalid, NotFound
from tongmai.metrics import Metrics
from tongmai.model import AddMetric, Changeset, MetricDef
from tongmai.work import ContentReader, ContentTarget, Deliveries
from tongmai.work.content_targets import read_target

from .office import Office
from .test_sweeping import published, sweeper, told


async def test_a_pack_is_put_before_people_once_under_a_key(office: Office) -> None:
    """S0-20."""
    pack, subject = await published(office, "yellow"), await office.customer()
    people = [office.id("ann"), office.id("bob")]

    async def push(key: str) -> UUID:
        return await office.content.push(office.workspace, "yellow", people, key=key, subject=subject)

    assert set(await asyncio.gather(push("a"), push("a"))) == {pack}
    await push("a")
    assert await told(office, "ann") == ["话术"]
    events = await office.rows("SELECT person, edition, subject_id FROM {schema}._content_event WHERE event = 'pushed'")
    assert {tuple(each) for each in events} == {(person, 1, str(subject.id)) for person in people}
    assert len(events) == 2
    await push("b")
    assert len(await told(office, "ann")) == 2


async def test_only_what_is_published_can_be_pushed(office: Office) -> None:
    await office.company.make("content", key="draft", title="草稿", body="…")
    for key in ("draft", "nothing"):
        with pytest.raises(NotFound):
            await office.content.push(office.workspace, key, [office.id("ann")], key="a")
    assert await told(office, "ann") == []


async def test_a_retired_pack_is_published_anew_as_the_next_edition(office: Office) -> None:
    pack = await published(office, "yellow")
    with pytest.raises(Conflict):
        await office.content.publish(office.company.system, office.workspace, pack)
    await office.company.change("content", pack, state="retired")
    with pytest.raises(Conflict):
        await office.content.record(office["max"], office.workspace, pack, "used")
    assert await office.content.publish(office.company.system, office.workspace, pack) == 2


async def test_a_keeper_publishes_and_history_names_him(office: Office) -> None:
    pack = await office.company.make("content", key="x", title="话术", body="您好")
    await office.content.publish(office["max"], office.workspace, pack)
    (entry, *_) = await office.company.history("content", pack)
    assert (entry["actor"]["id"], entry["via"], entry["cause"]) == (str(office.id("max")), "system:content", "publish")
    for editions in await asyncio.gather(
        *(office.content.publish(office["max"], office.workspace, pack) for _ in range(2)), return_exceptions=True
    ):
        assert isinstance(editions, Conflict)


async def test_what_must_be_read_reaches_its_readers_after_the_night(office: Office, clock: FixedClock) -> None:
    """S4-49."""
    clock.advance(timedelta(hours=14))
    await published(office, "rules", must_read=True, target={"roles": ["vp"]})
    assert await told(office, "vic") == []
    clock.advance(timedelta(hours=9))
    assert await told(office, "vic") == ["话术"]
    assert await told(office, "ann") == []
    await Deliveries(office.runtime, office.channels).advance(office.workspace)
    assert [message.receiver and message.receiver.name for message in office.post.sent] == ["vic"]


async def test_what_a_pack_that_came_published_said_stays_readable(office: Office) -> None:
    """An app, an import, a hand in the list: none of them goes through the library."""
    pack = await office.company.make("content", key="case", title="案例", body="第一版", state="published", edition=1)
    assert (await sweeper(office).sweep(office.workspace), await sweeper(office).sweep(office.workspace)) == (1, 0)
    await office.company.change("content", pack, body="第二版")
    assert await office.content.publish(office["max"], office.workspace, pack) == 2
    editions = await ContentReader(office.runtime).editions(office["max"], office.workspace, pack)
    assert [(each.edition, each.body) for each in editions] == [(2, "第二版"), (1, "第一版")]


async def test_only_people_read(office: Office) -> None:
    pack = await published(office, "x")
    with pytest.raises((Invalid, Conflict)):
        await office.content.record(office.company.system, office.workspace, pack, "opened")


@pytest.mark.parametrize(
    ("target", "values", "meant"),
    [
        ({"object": "customer"}, {}, True),
        ({"object": "deal"}, {}, False),
        ({}, {}, False),
        ({"object": "customer", "fields": {"kind": ["诊所", "药店"]}}, {"kind": "药店"}, True),
        ({"object": "customer", "fields": {"kind": ["诊所"]}}, {"kind": None}, False),
        ({"object": "customer", "fields": {"kind": ["诊所"]}}, {}, False),
        ({"object": "customer", "fields": {"tags": ["vip"]}}, {"tags": ["new", "vip"]}, True),
        ({"object": "customer", "fields": {"team": ["北区"]}}, {"team": {"id": "1", "label": "北区"}}, True),
        ({"object": "customer", "fields": {"beds": [800]}}, {"beds": 800.0}, True),
        ({"object": "customer", "fields": {"chain": [True]}}, {"chain": 1}, False),
        ({"object": "customer", "segments": {"health": ["red", "yellow"]}}, {}, True),
        ({"object": "customer", "segments": {"health": ["green"]}}, {}, False),
        ({"object": "customer", "segments": {"size": ["big"]}}, {}, False),
    ],
)
def test_a_target_means_records_by_class_and_value(
    target: dict[str, JsonValue], values: dict[str, JsonValue], meant: bool
) -> None:
    found = ContentTarget.model_validate(target)
    assert found.means("customer", {"health": "red"}, values) is meant


def test_a_target_that_cannot_be_read_means_nothing() -> None:
    for given in (None, "null", "[]", "{", '{"strange": 1}', '{"object": 5}'):
        assert not read_target(given).means("customer", {}, {})


async def test_what_is_done_with_content_can_be_counted_by_a_metric(office: Office) -> None:
    """S0-25, S0-58: per pack and per person, each thing once."""
    pack = await published(office, "yellow", must_read=True)
    await office.content.push(office.workspace, "yellow", [office.id("ann"), office.id("bob")], key="a")
    await office.content.push(office.workspace, "yellow", [office.id("ann")], key="a")
    for event in ("opened", "used", "used", "confirmed", "confirmed"):
        await office.content.record(office["ann"], office.workspace, pack, event)
    used = {"source": "content_use", "at": "happened_at", "measure": {"kind": "count"}, "where": "event = 'used'"}
    seen = {"source": "content_use", "at": "happened_at", "measure": {"kind": "count"}}
    metrics = [
        {"key": "pack_used", "label": "使用次数", "object": "content", "path": "content", **used},
        {"key": "pack_touched", "label": "动作次数", "object": "content", "path": "content", **seen},
        {"key": "uses_content", "label": "使用内容", "object": "person", "path": "owner", **used},
    ]
    actions = tuple(AddMetric(metric=MetricDef.model_validate(each)) for each in metrics)
    await office.company.editor.apply(office.workspace, Changeset(actions=actions), None)
    await Metrics(office.runtime.database, office.runtime.catalogues, office.runtime.clock).full(office.workspace)
    (row,) = await office.rows("SELECT pack_used, pack_touched FROM {schema}._metric_content")
    assert tuple(row) == (2, 6)
    rows = await office.rows("SELECT uses_content FROM {schema}._metric_person WHERE record_id = $1", office.id("ann"))
    assert [tuple(row) for row in rows] == [(2,)]


async def test_what_was_done_before_there_were_records_becomes_records_of_its_moment_once(
    office: Office, clock: FixedClock
) -> None:
    """S0-58: as an earlier program left it, with what is recorded already beside it."""
    pack, subject = await published(office, "yellow"), await office.customer()
    began = clock.now()
    await office.content.push(office.workspace, "yellow", [office.id("ann")], key="a", subject=subject)
    clock.advance(timedelta(days=1))
    await office.content.record(office["ann"], office.workspace, pack, "opened")
    schema = office.workspace.quoted_schema
    async with office.runtime.database.write() as tx:
        await tx.execute(f"DELETE FROM {schema}.content_use WHERE event = 'pushed'")
        await tx.execute(f"UPDATE {schema}._content_event SET recorded = false")
    clock.advance(timedelta(days=1))
    done = await asyncio.gather(*(sweeper(office).sweep(office.workspace) for _ in range(2)))
    assert sum(done) == 2
    uses = await office.rows(
        "SELECT event, owner, content, title, happened_at, subject_id FROM {schema}.content_use ORDER BY happened_at"
    )
    assert [tuple(each) for each in uses] == [
        ("pushed", office.id("ann"), pack, "话术", began, str(subject.id)),
        ("opened", office.id("ann"), pack, "话术", began + timedelta(days=1), None),
    ]
    assert await sweeper(office).sweep(office.workspace) == 0
