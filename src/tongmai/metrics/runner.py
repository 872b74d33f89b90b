"""Keeps metrics and segments up while the program runs: after each sealed block, and as time passes.

Announcements that come while a workspace is being brought up to date are answered together by one more round.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from tongmai.kit import TongmaiError, set_within
from tongmai.metrics.computing import Metrics
from tongmai.metrics.segmenting import Segments
from tongmai.metrics.snapshots import Snapshots
from tongmai.records import FEED_CHANNEL
from tongmai.store import Database, Workspace, list_workspaces

# Windows move without any event; so often they are looked at.
_TICK_S = 30.0
# A burst of blocks is answered once.
_GATHER_S = 0.2
_log = structlog.get_logger(__name__)


class MetricsRunner:
    """One per process that works. Several processes may run one: they take turns at an object's row.

    ``then`` is told of each workspace that has been brought up to date.
    """

    def __init__(
        self,
        database: Database,
        metrics: Metrics,
        *,
        tick_s: float = _TICK_S,
        then: Callable[[Workspace], Awaitable[None]] | None = None,
    ) -> None:
        self._database = database
        self._metrics = metrics
        self._segments = Segments(metrics)
        self._snapshots = Snapshots(metrics)
        self._tick_s = tick_s
        self._then = then
        self._waiting: set[str] = set()
        self._woken = asyncio.Event()

    async def run(self) -> None:
        """Until it is cancelled. A fault in one workspace is logged and the others go on."""
        subscription = await self._database.listen(FEED_CHANNEL, self._heard)
        try:
            while True:
                await set_within(self._woken, self._tick_s)
                everything = not self._woken.is_set()
                await asyncio.sleep(_GATHER_S)
                self._woken.clear()
                keys, self._waiting = self._waiting, set()
                await self._round(None if everything or "" in keys else keys)
        finally:
            await subscription.close()

    async def bring_up(self, workspace: Workspace) -> None:
        """One round for a workspace: yesterday closed, metrics refreshed, segments evaluated."""
        catalogue = await self._metrics.catalogues.get(workspace)
        if catalogue.metrics:
            await self._snapshots.close_day(workspace)
            await self._metrics.refresh(workspace)
        if catalogue.segments:
            await self._segments.evaluate(workspace)

    async def _heard(self, payload: str) -> None:
        """``workspace-key:epoch``, or nothing where announcements may have been missed."""
        self._waiting.add(payload.rpartition(":")[0])
        self._woken.set()

    async def _round(self, keys: set[str] | None) -> None:
        async with self._database.read() as tx:
            workspaces = [each for each in await list_workspaces(tx) if keys is None or each.key in keys]
        for workspace in workspaces:
            try:
                await self.bring_up(workspace)
                if self._then is not None:
                    await self._then(workspace)
            except TongmaiError as error:
                _log.warning("metrics.waits", workspace=workspace.key, reason=str(error))
            except Exception:
                _log.exception("metrics.failed", workspace=workspace.key)
