"""Waiting for an event with a limit, and for tasks to end, so that who is asked to stop does stop."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

_ASKED_AGAIN_S = 10.0


async def set_within(event: asyncio.Event, seconds: float) -> bool:
    """Whether the event is set within so many seconds.

    A cancellation is never lost: ``asyncio.wait_for`` of Python 3.11 swallows one that comes in the very moment in
    which the event is set (python/cpython#86296), and a loop around it would go on for ever while others wait for its
    end.
    """
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True


async def end(tasks: Iterable[asyncio.Task[None]], again_s: float = _ASKED_AGAIN_S) -> None:
    """Cancels tasks and returns when all have ended, however they did.

    Who goes on (a library may lose a cancellation too) is asked again every ``again_s`` seconds.
    """
    asked = set(tasks)
    left = {each for each in asked if not each.done()}
    while left:
        for each in left:
            each.cancel()
        _, left = await asyncio.wait(left, timeout=again_s)
    # Looked at, or the loop complains of errors that nobody took.
    await asyncio.gather(*asked, return_exceptions=True)
