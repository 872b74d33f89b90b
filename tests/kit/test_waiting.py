"""Who waits for an event hears it, gives up in time, and stops when asked, whatever happens in the same moment."""

from __future__ import annotations

import asyncio

from tongmai.kit import end, set_within


async def test_an_event_is_heard_and_silence_is_told() -> None:
    event = asyncio.Event()
    assert not await set_within(event, 0.001)
    asyncio.get_running_loop().call_soon(event.set)
    assert await set_within(event, 60)


async def test_a_cancellation_in_the_moment_of_the_event_is_not_lost() -> None:
    event = asyncio.Event()

    async def work() -> None:
        while True:
            await set_within(event, 60)
            event.clear()

    working = asyncio.create_task(work())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    event.set()
    working.cancel()
    await asyncio.wait({working}, timeout=5)
    assert working.cancelled()


async def test_who_loses_his_cancellation_is_asked_again() -> None:
    async def deaf_once() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.Event().wait()

    async def faulty() -> None:
        raise ValueError("told to nobody")

    tasks = [asyncio.create_task(deaf_once()), asyncio.create_task(faulty())]
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await end(tasks, again_s=0.001)
    assert all(each.done() for each in tasks)
