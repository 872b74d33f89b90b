"""Watching: streams whose vendor tells of news too late are looked at all the time, by one of several processes.

WeCom tells of archived messages at most every fifteen seconds; who asks for what is behind the cursor has them within
the second. Looks follow one another closely while something comes, and a little apart while nothing does.
"""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta
from uuid import UUID

import structlog

from tongmai.kit import Clock, TongmaiError, new_id, set_within
from tongmai.link.opening import Sources
from tongmai.link.pulling import Puller
from tongmai.link.source import Source
from tongmai.link.state import States
from tongmai.store import Database, Workspace, WriteTx

# A workspace's key and a source's: it has news.
LOOK_CHANNEL = "tongmai_look"
_IDLE_S = 0.4
_BUSY_S = 0.15
_LEAST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 60.0
_LEASE = timedelta(seconds=6)
_RENEW = timedelta(seconds=2)
_log = structlog.get_logger(__name__)


async def tell_of_news(tx: WriteTx, workspace: Workspace, source: str) -> None:
    """Has a watched source looked at as soon as the transaction commits."""
    await tx.notify(LOOK_CHANNEL, f"{workspace.key}/{source}")


class Watch:
    """Of one source. ``run`` until cancelled; ``wake`` for a look at once."""

    def __init__(
        self, database: Database, clock: Clock, sources: Sources, states: States, puller: Puller,
        workspace: Workspace, source: str,
    ) -> None:  # fmt: skip
        self._database = database
        self._clock = clock
        self._sources = sources
        self._states = states
        self._puller = puller
        self._workspace = workspace
        self._source = source
        self._holder: UUID = new_id(clock)
        self._held_until: dict[str, float] = {}
        self._woken = asyncio.Event()
        self._failures = 0

    def wake(self) -> None:
        self._woken.set()

    async def run(self) -> None:
        """Trouble is told on the source's page and tried again after a pause that grows."""
        while True:
            try:
                await self._watch()
            except TongmaiError as error:
                await self._tell(error)
            except Exception:
                _log.exception("source.watching_failed", source=self._source)
            self._failures += 1
            # A vendor that calls is back; but he may call about each message, and have nothing to give yet.
            await asyncio.sleep(_LEAST_PAUSE_S)
            self._woken.clear()
            await self._rest(min(2.0**self._failures, _LONGEST_PAUSE_S) - _LEAST_PAUSE_S)

    async def _watch(self) -> None:
        """Looks with one opened source, whose access tokens last, until it fails."""
        known = await self._sources.known(self._workspace, self._source)
        async with self._sources.opened(self._workspace, known) as opened:
            has_recovered = False
            while True:
                self._woken.clear()
                came = 0
                for stream in known.watched:
                    if await self._may_look(stream):
                        came += await self._look(opened, stream)
                self._failures = 0
                if not has_recovered:
                    async with self._database.write() as tx:
                        await self._states.recovered(tx, self._workspace, self._source)
                    has_recovered = True
                await self._rest(_BUSY_S if came else _IDLE_S)

    async def _look(self, opened: Source, stream: str) -> int:
        """However long it takes, nobody takes the stream over meanwhile: two would read the same."""
        keeping = asyncio.create_task(self._keep(stream), name="tongmai-watch-lease")
        try:
            return await self._puller.look(self._workspace, self._source, opened, stream)
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)

    async def _keep(self, stream: str) -> None:
        """Renews the lease until it is lost: to one who found this process asleep."""
        while True:
            await asyncio.sleep(_RENEW.total_seconds())
            with contextlib.suppress(TongmaiError):
                if not await self._holds(stream):
                    return

    async def _tell(self, error: TongmaiError) -> None:
        """Where the database itself is away, nobody can be told."""
        with contextlib.suppress(TongmaiError):
            async with self._database.write() as tx:
                await self._states.tell(tx, self._workspace, self._source, error)

    async def _may_look(self, stream: str) -> bool:
        """A person's pull goes first: two that read the same would only be in each other's way."""
        if await self._puller.is_under_way(self._workspace, self._source, stream):
            return False
        return await self._holds(stream)

    async def _rest(self, seconds: float) -> None:
        await set_within(self._woken, seconds)

    async def _holds(self, stream: str) -> bool:
        """Renewed while most of the lease is left."""
        now = self._clock.now()
        if self._held_until.get(stream, 0.0) - now.timestamp() > (_LEASE - _RENEW).total_seconds():
            return True
        async with self._database.write() as tx:
            is_held = await self._states.hold(tx, self._workspace, self._source, stream, self._holder, now + _LEASE)
        self._held_until[stream] = (now + _LEASE).timestamp() if is_held else 0.0
        return is_held
