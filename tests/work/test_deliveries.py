"""Delivering: failures are tried again ever later, the hopeless wait for a person, nobody sends what another sends."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from tongmai.kit import Conflict, FixedClock, NotFound, Text, Unavailable
from tongmai.work import Deliveries, DeliveryLog, Notice
from tongmai.work.deliveries import MOST_ATTEMPTS

from .office import Office


async def tell(office: Office, key: str) -> None:
    await office.notices.send(office.workspace, Notice((office.id("ann"),), Text.same(key)), key=key)


def deliveries(office: Office) -> Deliveries:
    return Deliveries(office.runtime, office.channels)


async def test_a_failure_is_tried_again_later_and_both_are_logged(office: Office, clock: FixedClock) -> None:
    office.post.fails.append(Unavailable.of("post.away", "不在", "away"))
    await tell(office, "a")
    assert await deliveries(office).advance(office.workspace) == 1
    assert await deliveries(office).advance(office.workspace) == 0
    clock.advance(timedelta(seconds=30))
    assert await deliveries(office).advance(office.workspace) == 1
    (found,) = await DeliveryLog(office.runtime).list(office.workspace)
    assert (found.state, [each["outcome"] for each in found.log]) == ("sent", ["failed", "sent"])
    assert "away" in str(found.log[0]["error"])
    assert found.sent_at == clock.now()


async def test_after_many_failures_it_waits_for_a_person(office: Office, clock: FixedClock) -> None:
    office.post.fails += [Unavailable.of("post.away", "不在", "away")] * MOST_ATTEMPTS
    await tell(office, "a")
    for _ in range(MOST_ATTEMPTS):
        assert await deliveries(office).advance(office.workspace) == 1
        clock.advance(timedelta(hours=1))
    log = DeliveryLog(office.runtime)
    (dead,) = await log.list(office.workspace, state="dead")
    assert await deliveries(office).advance(office.workspace) == 0
    await log.run_again(office.workspace, dead.id)
    assert await deliveries(office).advance(office.workspace) == 1
    (again,) = await log.list(office.workspace)
    assert (again.state, len(again.log)) == ("sent", MOST_ATTEMPTS + 1)
    with pytest.raises(Conflict):
        await log.run_again(office.workspace, dead.id)
    with pytest.raises(NotFound):
        await log.run_again(office.workspace, office.id("ann"))


async def test_what_is_refused_for_good_is_not_tried_again(office: Office, clock: FixedClock) -> None:
    office.post.fails.append(office.post.refuses())
    await tell(office, "a")
    await deliveries(office).advance(office.workspace)
    clock.advance(timedelta(days=1))
    assert await deliveries(office).advance(office.workspace) == 0
    (dead,) = await DeliveryLog(office.runtime).list(office.workspace, state="dead")
    assert dead.log[0]["error"] == "拒收"


async def test_a_worker_that_died_is_taken_over_under_the_same_id(office: Office, clock: FixedClock) -> None:
    """The first never marks what it sent: its lease runs out, and the message goes out again, known by its id."""
    dead = deliveries(office)
    dead._mark = _forget  # type: ignore[method-assign]
    await tell(office, "a")
    await dead.advance(office.workspace)
    assert await deliveries(office).advance(office.workspace) == 0
    clock.advance(timedelta(seconds=61))
    assert await deliveries(office).advance(office.workspace) == 1
    first, second = office.post.sent
    assert first.id == second.id


async def _forget(*_: object, **__: object) -> None:
    return None


async def test_a_worker_thought_dead_marks_nothing(office: Office, clock: FixedClock) -> None:
    slow = deliveries(office)
    claims = await _claimed(office, slow)
    clock.advance(timedelta(seconds=61))
    office.post.fails.append(Unavailable.of("post.away", "不在", "away"))
    await deliveries(office).advance(office.workspace)
    await slow._carry_out(office.workspace, claims[0])
    (found,) = await DeliveryLog(office.runtime).list(office.workspace)
    assert (found.state, found.attempt, len(found.log)) == ("waiting", 2, 1)


async def _claimed(office: Office, worker: Deliveries):  # type: ignore[no-untyped-def]
    await tell(office, "a")
    return await worker._claim(office.workspace)


async def test_many_workers_send_each_message_once(office: Office) -> None:
    for number in range(15):
        await tell(office, f"{number}")
    await asyncio.gather(*(deliveries(office).advance(office.workspace) for _ in range(4)))
    assert sorted(message.lines[0].title for message in office.post.sent) == sorted(map(str, range(15)))


async def test_the_digest_of_a_person_is_one_message_whoever_sends_it(office: Office, clock: FixedClock) -> None:
    clock.advance(timedelta(hours=13))
    for number in range(8):
        await tell(office, f"{number}")
    clock.advance(timedelta(hours=12))
    await asyncio.gather(*(deliveries(office).advance(office.workspace) for _ in range(4)))
    assert [len(message.lines) for message in office.post.sent] == [8]


async def test_a_receiver_that_is_away_for_most_of_a_day_loses_nothing_and_doubles_nothing(
    office: Office, clock: FixedClock
) -> None:
    for number in range(12):
        await tell(office, f"{number}")
    worker, back = deliveries(office), clock.now() + timedelta(hours=20)
    while clock.now() < back:
        office.post.fails = [Unavailable.of("post.away", "不在", "away")] * 12
        await worker.advance(office.workspace)
        clock.advance(timedelta(minutes=10))
    office.post.fails = []
    assert office.post.sent == []
    for _ in range(3):
        clock.advance(timedelta(hours=1))
        await worker.advance(office.workspace)
    assert sorted(int(message.lines[0].title) for message in office.post.sent) == list(range(12))


async def test_who_does_not_answer_is_not_tried_with_all_that_waits(office: Office) -> None:
    """The rest waits for the next call: other workspaces come first."""
    for number in range(25):
        await tell(office, f"{number}")
    office.post.fails = [Unavailable.of("post.away", "不在", "away")] * 25
    assert await deliveries(office).advance(office.workspace) == 10


async def test_hundreds_at_once_are_one_message_that_says_how_many_more(office: Office, clock: FixedClock) -> None:
    clock.advance(timedelta(hours=13))
    for number in range(230):
        await tell(office, f"{number}")
    clock.advance(timedelta(hours=12))
    assert await deliveries(office).advance(office.workspace) == 1
    (message,) = office.post.sent
    assert (len(message.lines), message.more, message.rest) == (100, 130, "还有 130 条，见“通知”。")
    assert {each.state for each in await DeliveryLog(office.runtime).list(office.workspace, limit=500)} == {"sent"}


async def test_without_the_channel_it_ends_where_somebody_sees_it(office: Office) -> None:
    await tell(office, "a")
    office.channels._by_key.clear()
    await deliveries(office).advance(office.workspace)
    (dead,) = await DeliveryLog(office.runtime).list(office.workspace, state="dead")
    assert dead.channel == "post"
