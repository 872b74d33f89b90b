"""The background work of sources: what came is mapped at once, what is due is pulled, what people changed is pushed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import structlog
from cronsim import CronSim

from tongmai.kit import TongmaiError, end, set_within
from tongmai.link.raw import RAW_CHANNEL
from tongmai.link.source import Listens, Received
from tongmai.link.watching import LOOK_CHANNEL, Watch
from tongmai.model import SourceDef
from tongmai.records import FEED_CHANNEL
from tongmai.store import Database, Workspace, list_workspaces

if TYPE_CHECKING:
    from tongmai.link.links import Links

_LOOK_S = 5.0
_SOON_S = 0.25
_LISTEN_PAUSE_S = 10.0
_SWEEP_EVERY = 60
_log = structlog.get_logger(__name__)


class LinkRunner:
    """One per process that works. ``run`` until cancelled."""

    def __init__(self, database: Database, links: Links) -> None:
        self._database = database
        self._links = links
        self._wake = asyncio.Event()
        self._came: set[str] = set()
        self._changed: set[str] = set()
        # Workspaces in which somebody else was mapping: looked at again soon, as he may have read before the last came.
        self._elsewhere: set[str] = set()
        self._listeners: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._defined: dict[tuple[str, str], SourceDef] = {}
        self._watches: dict[tuple[str, str], Watch] = {}

    async def run(self) -> None:
        raw = await self._database.listen(RAW_CHANNEL, self._hear_raw)
        feed = await self._database.listen(FEED_CHANNEL, self._hear_feed)
        news = await self._database.listen(LOOK_CHANNEL, self._hear_news)
        rounds = 0
        try:
            while True:
                await self._round(
                    everything=rounds % _SWEEP_EVERY == 0 or not (self._came or self._changed or self._elsewhere)
                )
                rounds += 1
                await set_within(self._wake, _SOON_S if self._elsewhere else _LOOK_S)
                self._wake.clear()
        finally:
            await end(self._listeners.values())
            await raw.close()
            await feed.close()
            await news.close()

    async def _hear_raw(self, payload: str) -> None:
        self._came.add(payload)
        self._wake.set()

    async def _hear_feed(self, payload: str) -> None:
        self._changed.add(payload.partition(":")[0])
        self._wake.set()

    async def _hear_news(self, payload: str) -> None:
        workspace, _, source = payload.partition("/")
        for key, watch in self._watches.items():
            if not payload or key == (workspace, source):
                watch.wake()

    async def _round(self, *, everything: bool) -> None:
        async with self._database.read() as tx:
            workspaces = await list_workspaces(tx)
        there = {each.key for each in workspaces}
        self._stop([key for key in self._listeners if key[0] not in there])
        came, self._came, self._elsewhere = self._came | self._elsewhere, set(), set()
        changed, self._changed = self._changed, set()
        for workspace in workspaces:
            if everything or workspace.key in came:
                await _kept_going(workspace, self._map)
            if everything or workspace.key in changed:
                await _kept_going(workspace, self._links.pusher.advance)
                await _kept_going(workspace, self._links.late_matches.advance)
            if everything:
                await _kept_going(workspace, self.pull_due)
                await _kept_going(workspace, self._links.receiver.sweep)
                await _kept_going(workspace, self._listen)

    async def _map(self, workspace: Workspace) -> None:
        mapped = await self._links.mapper.advance(workspace, gathers=True, waits=False)
        if mapped.is_elsewhere:
            self._elsewhere.add(workspace.key)

    async def pull_due(self, workspace: Workspace) -> int:
        """Asks for the pulls whose time has come; how many."""
        links = self._links
        catalogue = await links.catalogues.get(workspace)
        asked = 0
        for source in catalogue.sources:
            if source.schedule is None or not source.enabled:
                continue
            local = links.clock.now().astimezone(ZoneInfo(workspace.zone))
            next_at = next(CronSim(source.schedule, local))
            async with self._database.write() as tx:
                is_due = await links.states.due(tx, workspace, source.key, next_at)
            if is_due:
                await links.puller.ask(workspace, source.key)
                asked += 1
        return asked

    async def _listen(self, workspace: Workspace) -> None:
        """Keeps a connection open for each source that has a stream mode of its own, and watches those that are to
        be watched; anew where the definition changed."""
        catalogue = await self._links.catalogues.get(workspace)
        wanted = {(workspace.key, each.key): each for each in catalogue.sources if each.enabled}
        self._stop(
            [
                key
                for key, task in self._listeners.items()
                if (key[0] == workspace.key and self._defined.get(key) != wanted.get(key)) or task.done()
            ]
        )
        for key, definition in sorted(wanted.items(), key=lambda each: each[0]):
            if key not in self._listeners and definition.kind in self._links.sources.kinds:
                self._begin(workspace, key, definition)

    def _stop(self, keys: Sequence[tuple[str, str]]) -> None:
        for key in keys:
            self._listeners.pop(key).cancel()
            self._defined.pop(key, None)
            self._watches.pop(key, None)

    def _begin(self, workspace: Workspace, key: tuple[str, str], definition: SourceDef) -> None:
        try:
            known = self._links.sources.check(definition)
        except TongmaiError:
            # Options that cannot be: the source's page says so when it is tested or pulled.
            return
        if known.kind.listens:
            work = self._keep_listening(workspace, key[1])
        elif known.watched:
            watch = self._watches[key] = self._links.watch(workspace, key[1])
            work = watch.run()
        else:
            return
        self._defined[key] = definition
        self._listeners[key] = asyncio.create_task(work, name=f"tongmai-listen-{key[1]}")

    async def _keep_listening(self, workspace: Workspace, source: str) -> None:
        async def take(received: Received) -> None:
            await self._links.receiver.take(workspace, source, received)

        while True:
            try:
                known = await self._links.sources.known(workspace, source)
                async with self._links.sources.opened(workspace, known) as opened:
                    if isinstance(opened, Listens):
                        await opened.listen(take)
            except TongmaiError as error:
                async with self._database.write() as tx:
                    await self._links.states.tell(tx, workspace, source, error)
            except Exception:
                _log.exception("source.listening_failed", source=source)
            await asyncio.sleep(_LISTEN_PAUSE_S)


async def _kept_going(workspace: Workspace, work: Callable[[Workspace], Awaitable[object]]) -> None:
    """One workspace's trouble is not the others'."""
    try:
        await work(workspace)
    except TongmaiError as error:
        _log.warning("link.waits", workspace=workspace.key, reason=str(error))
    except Exception:
        _log.exception("link.failed", workspace=workspace.key)
