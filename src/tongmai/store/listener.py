"""Listening to NOTIFY on a connection of its own, which comes back by itself when it is lost."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import TypeAlias

import asyncpg
import structlog
from asyncpg import Record

from tongmai.kit import set_within
from tongmai.store.faults import DRIVER_ERRORS, translate
from tongmai.store.names import quote_ident

Handler: TypeAlias = Callable[[str], Awaitable[None]]
Connect: TypeAlias = Callable[[], Awaitable["asyncpg.Connection[Record]"]]

_FIRST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 5.0
# A network that drops packets in silence shows only when one asks.
_PING_S = 30.0

_log = structlog.get_logger(__name__)


class Subscription:
    """One handler on one channel. Payloads reach it in order, one at a time; ``close`` ends it.

    What the handler raises is logged and does not end the subscription.
    """

    def __init__(self, listener: Listener, channel: str, handler: Handler) -> None:
        self.channel = channel
        self._listener = listener
        self._handler = handler
        self._waiting: asyncio.Queue[str] = asyncio.Queue()
        self._task = asyncio.create_task(self._run(), name=f"tongmai-listen-{channel}")

    def put(self, payload: str) -> None:
        self._waiting.put_nowait(payload)

    async def close(self) -> None:
        await self._listener.remove(self)
        self._task.cancel()
        # A handler may close its own subscription.
        if self._task is not asyncio.current_task():
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            payload = await self._waiting.get()
            try:
                await self._handler(payload)
            except Exception:
                _log.exception("listener.handler_failed", channel=self.channel)


class Listener:
    """All subscriptions of a process, on one connection. After a loss each handler is called with ``""``."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._connection: asyncpg.Connection[Record] | None = None
        self._subscriptions: list[Subscription] = []
        self._changing = asyncio.Lock()
        self._keeper: asyncio.Task[None] | None = None
        self._lost = asyncio.Event()

    async def add(self, channel: str, handler: Handler) -> Subscription:
        """Listening has begun when this returns."""
        async with self._changing:
            if self._connection is None or self._connection.is_closed():
                await self._open()
            if all(each.channel != channel for each in self._subscriptions):
                try:
                    await self._listen(channel)
                except DRIVER_ERRORS:
                    # The connection was lost, or given up by the keeper, while this waited for it.
                    await self._open(channel)
            subscription = Subscription(self, channel, handler)
            self._subscriptions.append(subscription)
            if self._keeper is None:
                self._keeper = asyncio.create_task(self._keep(), name="tongmai-listener")
        return subscription

    async def remove(self, subscription: Subscription) -> None:
        async with self._changing:
            if subscription not in self._subscriptions:
                return
            self._subscriptions.remove(subscription)
            if all(each.channel != subscription.channel for each in self._subscriptions):
                with contextlib.suppress(*DRIVER_ERRORS):
                    if self._connection is not None:
                        await self._connection.remove_listener(subscription.channel, self._hear)

    async def close(self) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
        for subscription in list(self._subscriptions):
            await subscription.close()
        if self._connection is not None:
            await self._connection.close(timeout=5)

    async def _open(self, *more: str) -> None:
        """A new connection that hears all channels of subscriptions and ``more``."""
        try:
            connection = await self._connect()
            self._lost.clear()
            self._connection = connection
            # What ended before is no news.
            connection.add_termination_listener(lambda ended: self._lost.set() if ended is self._connection else None)
            for channel in {*(each.channel for each in self._subscriptions), *more}:
                await self._listen(channel)
        except DRIVER_ERRORS as error:
            raise translate(error) from error

    async def _listen(self, channel: str) -> None:
        quote_ident(channel)  # the driver quotes it, but would let PostgreSQL cut a long one
        if self._connection is not None:
            await self._connection.add_listener(channel, self._hear)

    def _hear(self, _connection: object, _pid: int, channel: str, payload: object) -> None:
        for subscription in self._subscriptions:
            if subscription.channel == channel:
                subscription.put(str(payload))

    async def _keep(self) -> None:
        """Watches the connection and opens it again when it is lost."""
        while True:
            if not await set_within(self._lost, _PING_S) and await self._answers():
                continue
            await self._reopen()
            for subscription in self._subscriptions:
                subscription.put("")

    async def _answers(self) -> bool:
        try:
            if self._connection is not None:
                await self._connection.execute("SELECT 1", timeout=5)
        except DRIVER_ERRORS:
            return False
        return True

    async def _reopen(self) -> None:
        pause = _FIRST_PAUSE_S
        while True:
            gone = self._connection
            if gone is not None:
                gone.terminate()
            try:
                async with self._changing:
                    # Who subscribed meanwhile has opened another one already.
                    if self._connection is gone:
                        await self._open()
            except Exception as error:  # whatever it is, the only way on is to try again; it is said each time
                with contextlib.suppress(OSError):  # the log may lie on the full disk that took the database away
                    _log.warning("listener.lost", reason=str(error), again_in_s=pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_S)
            else:
                return
