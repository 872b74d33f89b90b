"""The archive is looked at without being asked for: by one process at a time, and after a person's own pull."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import pytest
from tests.link.desk import Desk, open_desk

from tongmai.kit import FixedClock, Settings
from tongmai.link import HookAnswer, Received, watching
from tongmai.link.pulling import Puller
from tongmai.link.state import WHOLE
from tongmai.store import Database, JobWorker, Workspace

from .conftest import BOSS, WeComSite

ONE, OTHER = UUID(int=1), UUID(int=2)


@pytest.fixture
async def desk(
    site: WeComSite, database: Database, workspace: Workspace, settings: Settings, clock: FixedClock
) -> AsyncIterator[Desk]:
    made = await open_desk(database, workspace, site.clock, settings)
    company = site.company
    await made.define(
        {
            "key": "wecom", "kind": "wecom", "label": "企业微信",
            "options": {"corp_id": company.corp_id, "base_url": site.url, "archive": "http",
                        "archive_url": f"{site.url}/archive/lines"},
        }
    )  # fmt: skip
    await made.secret("wecom", secret=company.secret, archive_secret=company.archive_secret)
    yield made
    await made.links.close()


async def watched_until(desk: Desk, holds: Callable[[], Awaitable[bool]]) -> None:
    watching = asyncio.create_task(desk.links.watch(desk.workspace, "wecom").run())
    try:
        async with asyncio.timeout(30):
            while not await holds():  # noqa: ASYNC110 - what the watch did is looked up
                await asyncio.sleep(0.01)
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def test_messages_come_without_a_pull_and_an_hour_of_them_is_one_run(desk: Desk, site: WeComSite) -> None:
    async def all_are_there() -> bool:
        return await desk.count("_raw", "stream = 'messages'") == site.company.archive[-1]["seq"]

    for number in range(3):
        await site.control("message", **{"from": BOSS, "to": ["zhangsan"], "text": f"第{number}句"})
        await watched_until(desk, all_are_there)
        # The watch that ended held the stream until its lease ran out.
        site.clock.advance(timedelta(seconds=10))
    async with desk.database.read() as tx:
        runs = await desk.links.runs.latest(tx, desk.workspace, "wecom", 10)
    assert [(each.kind, each.state, each.counts) for each in runs] == [("pull", "done", {"new": 3})]


async def test_a_stream_is_one_holders_until_his_lease_ends(desk: Desk, site: WeComSite) -> None:
    states, lease = desk.links.states, timedelta(seconds=6)

    async def hold(holder: UUID) -> bool:
        async with desk.database.write() as tx:
            until = site.clock.now() + lease
            return await states.hold(tx, desk.workspace, "wecom", "messages", holder, until)

    assert await hold(ONE)
    assert not await hold(OTHER)
    site.clock.advance(timedelta(seconds=5))
    assert await hold(ONE)
    site.clock.advance(timedelta(seconds=5))
    assert not await hold(OTHER)
    site.clock.advance(timedelta(seconds=2))
    assert await hold(OTHER)
    assert not await hold(ONE)


async def test_a_pull_of_the_stream_goes_first_and_one_of_another_does_not_matter(desk: Desk) -> None:
    puller, workspace = desk.links.puller, desk.workspace
    await puller.ask(workspace, "wecom", streams=["customers"])
    assert not await puller.is_under_way(workspace, "wecom", "messages")
    await puller.ask(workspace, "wecom")
    assert await puller.is_under_way(workspace, "wecom", "messages")
    await JobWorker(desk.database, desk.links.job_handlers(), desk.clock).run_until_idle()
    assert not await puller.is_under_way(workspace, "wecom", "messages")


async def test_call_backs_ask_for_one_pull_and_for_none_of_what_is_watched(desk: Desk) -> None:
    for _ in range(5):
        await desk.links.receiver.take(desk.workspace, "wecom", Received(HookAnswer(), pull=("messages", "customers")))
    jobs = await desk.fetch("SELECT input->'streams' FROM tongmai.job WHERE workspace_id = $1", desk.workspace.id)
    assert [row[0] for row in jobs] == ['["customers"]']


async def test_trouble_is_told_on_the_page_and_passes(desk: Desk, site: WeComSite) -> None:
    await site.control("fault", path="/archive/lines", status=503, times=1)
    await site.control("message", **{"from": BOSS, "to": ["zhangsan"], "text": "你好"})
    seen: list[bool | None] = []

    async def has_recovered() -> bool:
        async with desk.database.read() as tx:
            states = await desk.links.states.of(tx, desk.workspace, "wecom")
        seen.append(states[WHOLE].healthy if WHOLE in states else None)
        return False in seen and seen[-1] is True

    await watched_until(desk, has_recovered)
    assert await desk.count("_raw", "stream = 'messages'") == 1


async def test_a_look_that_outlasts_the_lease_is_not_joined_by_another(
    desk: Desk, site: WeComSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two processes that read the same would do all of it twice: on a slow machine, a large archive."""
    monkeypatch.setattr(watching, "_RENEW", timedelta(milliseconds=10))
    begun = asyncio.Event()

    async def endless(*_: object) -> int:
        begun.set()
        await asyncio.Event().wait()
        return 0

    monkeypatch.setattr(Puller, "look", endless)

    async def is_renewed() -> bool:
        held = await desk.fetch("SELECT next_at FROM {schema}._source_state WHERE stream = 'messages'")
        return bool(held[0]["next_at"] > site.clock.now() + timedelta(seconds=5))

    async def outlasts() -> bool:
        await begun.wait()
        for _ in range(5):
            site.clock.advance(timedelta(seconds=3))
            while not await is_renewed():  # noqa: ASYNC110 - what the watch did is looked up
                await asyncio.sleep(0.01)
        async with desk.database.write() as tx:
            until = site.clock.now() + timedelta(seconds=6)
            assert not await desk.links.states.hold(tx, desk.workspace, "wecom", "messages", OTHER, until)
        return True

    await watched_until(desk, outlasts)
