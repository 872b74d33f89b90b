"""Events by call-back and by Stream: signed, repeated, out of order, broken off; nothing lost, nothing doubled."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from tests.simulators.landing import Landing
from tests.simulators.serving import served

from tongmai.link import Received, SourceAway
from tongmai.simulators.dingtalk import envelope

from .conftest import DingTalkSite


@asynccontextmanager
async def hooked(site: DingTalkSite) -> AsyncIterator[tuple[Landing, str]]:
    landing = Landing(site.source(events="http"))
    async with served(landing.app()) as url:
        await site.control("callbacks", url=f"{url}/hook")
        yield landing, f"{url}/hook"


@asynccontextmanager
async def listening(site: DingTalkSite) -> AsyncIterator[Landing]:
    landing = Landing(site.source())

    async def keep() -> None:
        while True:
            try:
                await landing.source.listen(landing.take)  # type: ignore[attr-defined]
            except SourceAway:
                await asyncio.sleep(0.01)

    task = asyncio.create_task(keep())
    try:
        await connected(site)
        yield landing
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def connected(site: DingTalkSite) -> None:
    async with asyncio.timeout(10):
        while (await site.seen())["connections"] != 1:  # noqa: ASYNC110 - another program's state is asked for
            await asyncio.sleep(0.01)


async def test_the_address_is_verified_by_an_answer_that_is_encrypted(site: DingTalkSite) -> None:
    async with hooked(site):
        assert await site.control("callbacks", verify=True) == {"answer": "success"}


@pytest.mark.parametrize("manner", ["straight", "twice"])
async def test_an_approval_is_there_with_its_call_back(site: DingTalkSite, manner: str) -> None:
    async with hooked(site) as (landing, _):
        await site.control("callbacks", manner=manner)
        identity = (await site.control("approval", form={"客户名称": "宏达"}))["id"]
        await site.control("approval", id=identity, result="refuse")
        (row,) = landing.of("approvals")
        assert (row.body["state"], row.body["form"]) == ("rejected", {"客户名称": "宏达"})
        assert len(landing.of("events")) == 2
        assert set((await site.seen())["callback_answers"]) == {"success"}


async def test_call_backs_out_of_order_end_in_the_present_state(site: DingTalkSite) -> None:
    async with hooked(site) as (landing, _):
        await site.control("callbacks", manner="held")
        identity = (await site.control("approval"))["id"]
        await site.control("approval", id=identity, result="agree")
        await site.control("release")
        (row,) = landing.of("approvals")
        assert row.body["state"] == "approved"


async def test_a_robots_message_is_believed_by_its_signature(site: DingTalkSite) -> None:
    async with hooked(site) as (landing, url):
        assert (await site.control("robot", text="今天有什么待办", member="sales01"))["status"] == 200
        (row,) = landing.of("events")
        assert row.body["text"] == {"content": "今天有什么待办"}
        timestamp = str(site.organisation.milliseconds())
        for headers in ({"timestamp": timestamp, "sign": "guessed"}, {}):
            assert (await site.http.post(url, json={"text": 1}, headers=headers)).status_code == 403
        assert len(landing.rows) == 1


async def test_forged_and_old_call_backs_are_refused(site: DingTalkSite) -> None:
    org = site.organisation
    async with hooked(site) as (landing, url):
        encrypted = envelope.encrypt(org.aes_key, '{"EventType":"bpms_instance_change"}', org.app_key)
        timestamp = str(org.milliseconds())
        query = {"timestamp": timestamp, "nonce": "n", "msg_signature": "0" * 40}
        assert (await site.http.post(url, params=query, json={"encrypt": encrypted})).status_code == 403
        query["msg_signature"] = envelope.sign(org.token, timestamp, "n", encrypted)
        site.clock.advance(timedelta(minutes=6))
        assert (await site.http.post(url, params=query, json={"encrypt": encrypted})).status_code == 403
        assert (await site.http.post(url, content=b"not json")).status_code == 422
        assert landing.rows == {}
        assert landing.refused == ["callback.forged", "callback.replayed", "callback.json"]


async def test_an_event_without_an_id_that_is_nested_too_deep_is_taken_once_and_not_told_again(
    site: DingTalkSite,
) -> None:
    org = site.organisation
    async with hooked(site) as (landing, url):
        event = '{"EventType":"odd","data":' + "[" * 900 + "]" * 900 + "}"
        encrypted, timestamp = envelope.encrypt(org.aes_key, event, org.app_key), str(org.milliseconds())
        query = {"timestamp": timestamp, "nonce": "n"}
        query["msg_signature"] = envelope.sign(org.token, timestamp, "n", encrypted)
        assert (await site.http.post(url, params=query, json={"encrypt": encrypted})).status_code == 200
        assert [each.key for each in landing.of("events")] == ["odd:unreadable"]


async def test_events_and_presses_come_by_stream_and_are_acknowledged(site: DingTalkSite) -> None:
    async with listening(site) as landing:
        identity = (await site.control("approval", form={"折扣": "9"}))["id"]
        (row,) = landing.of("approvals")
        assert (row.key, row.body["state"]) == (identity, "open")
        await site.control("press", card="task-3", member="sales01", action="done", params={"note": "已电话"})
        (press,) = landing.of("card_actions")
        assert (press.body["card"], press.body["member"], press.body["action"]) == ("task-3", "sales01", "done")
        assert press.body["params"] == {"note": "已电话"}
        assert len((await site.seen())["acknowledged"]) == 2


async def test_frames_sent_twice_land_once(site: DingTalkSite) -> None:
    async with listening(site) as landing:
        await site.control("callbacks", manner="twice")
        await site.control("approval")
        assert len(landing.of("events")) == 1


async def test_a_frame_that_could_not_be_stored_is_not_acknowledged_and_comes_again(site: DingTalkSite) -> None:
    async with listening(site) as landing:
        good, failures = landing.take, []

        async def failing_once(received: Received) -> None:
            if not failures:
                failures.append(received)
                raise OSError("the database is away")
            await good(received)

        landing.take = failing_once  # type: ignore[method-assign]
        await site.control("callbacks")
        await restarted(site, landing)
        await site.control("approval")
        assert len(failures) == 1
        assert len(landing.of("approvals")) == 1
        assert len((await site.seen())["acknowledged"]) == 1


async def restarted(site: DingTalkSite, landing: Landing) -> None:
    """A new connection, which uses what ``landing.take`` is now."""
    await site.control("disconnect", rudely=True)
    await connected(site)


@pytest.mark.parametrize("rudely", [False, True])
async def test_a_connection_that_ends_is_made_anew(site: DingTalkSite, rudely: bool) -> None:
    async with listening(site) as landing:
        await site.control("approval")
        assert (await site.control("disconnect", rudely=rudely))["connections"] == 1
        await connected(site)
        await site.control("approval")
        assert len(landing.of("approvals")) == 2
