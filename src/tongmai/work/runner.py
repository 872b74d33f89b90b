"""Keeps work moving while the program runs: deliveries every second, what time brings every few."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from itertools import count

import structlog

from tongmai.kit import TongmaiError
from tongmai.store import Database, Workspace, list_workspaces
from tongmai.work.deliveries import Deliveries
from tongmai.work.sweeping import Sweeper

_TICK_S = 1.0
# In ticks, and in sweeps.
_SWEEP_EVERY = 10
_CLEAR_EVERY = 360
_log = structlog.get_logger(__name__)


class WorkRunner:
    """One per process that works; several may run at once."""

    def __init__(
        self, database: Database, deliveries: Deliveries, sweeper: Sweeper, *, tick_s: float = _TICK_S
    ) -> None:
        self._database = database
        self._deliveries = deliveries
        self._sweeper = sweeper
        self._tick_s = tick_s

    async def run(self) -> None:
        """Delivers, until it is cancelled. A fault in one workspace is logged and the others go on."""
        while True:
            for workspace in await self._workspaces():
                await self._guarded(workspace, self._deliveries.advance)
            await asyncio.sleep(self._tick_s)

    async def sweep(self) -> None:
        """What time brings, until it is cancelled. To be run beside the deliveries: a mail server that does not answer
        keeps nobody from hearing what is overdue."""
        for number in count():
            for workspace in await self._workspaces():
                await self._guarded(workspace, self._sweeper.sweep)
                if number % _CLEAR_EVERY == _CLEAR_EVERY - 1:
                    await self._guarded(workspace, self._sweeper.clear_old)
            await asyncio.sleep(_SWEEP_EVERY * self._tick_s)

    async def _workspaces(self) -> list[Workspace]:
        async with self._database.read() as tx:
            return await list_workspaces(tx)

    async def _guarded(self, workspace: Workspace, work: Callable[[Workspace], Awaitable[int]]) -> None:
        try:
            await work(workspace)
        except TongmaiError as error:
            _log.warning("work.waits", workspace=workspace.key, reason=str(error))
        except Exception:
            _log.exception("work.failed", workspace=workspace.key)
