"""Keeps rules going while the program runs: after each sealed block, after metrics, after changes of the model, and as
time passes."""

from __future__ import annotations

import asyncio
from itertools import count

import structlog

from tongmai.kit import TongmaiError, set_within
from tongmai.records import FEED_CHANNEL
from tongmai.rules.engine import Engine
from tongmai.rules.events import EVENT_CHANNEL
from tongmai.rules.retention import Kept, clear_old
from tongmai.rules.signals import Signals
from tongmai.schema import CATALOGUE_CHANNEL
from tongmai.store import Workspace, list_workspaces

# Moments come without any event; so often it is looked for them.
_TICK_S = 5.0
_EXPIRY_S = 60.0
# Old lines are cleared once in so many of these rounds.
_CLEAR_EVERY = 60
_log = structlog.get_logger(__name__)


class RulesRunner:
    """One per process that works. Several processes may run one: they take turns at a rule's row."""

    def __init__(self, engine: Engine, signals: Signals, kept: Kept, *, tick_s: float = _TICK_S) -> None:
        self._engine = engine
        self._signals = signals
        self._kept = kept
        self._tick_s = tick_s
        self._waiting: set[str] = set()
        self._woken = asyncio.Event()

    async def run(self) -> None:
        """Until it is cancelled. A fault in one workspace is logged and the others go on."""
        database = self._engine.database
        listening = [
            await database.listen(channel, self._heard) for channel in (FEED_CHANNEL, CATALOGUE_CHANNEL, EVENT_CHANNEL)
        ]
        try:
            while True:
                await set_within(self._woken, self._tick_s)
                everything = not self._woken.is_set()
                self._woken.clear()
                keys, self._waiting = self._waiting, set()
                await self._round(None if everything or "" in keys else keys)
        finally:
            for each in listening:
                await each.close()

    async def sweep(self) -> None:
        """Lets signals expire and clears what is kept no longer, until it is cancelled."""
        database, clock = self._engine.database, self._engine.clock
        for number in count():
            async with database.read() as tx:
                workspaces = await list_workspaces(tx)
            for workspace in workspaces:
                try:
                    await self._signals.expire(workspace)
                    if number % _CLEAR_EVERY == 0:
                        await clear_old(database, workspace, self._kept, clock.now())
                except TongmaiError as error:
                    _log.warning("signals.waits", workspace=workspace.key, reason=str(error))
            await asyncio.sleep(_EXPIRY_S)

    async def wake(self, workspace: Workspace) -> None:
        """The metrics of a workspace are up to date."""
        await self._heard(f"{workspace.key}:")

    async def _heard(self, payload: str) -> None:
        """``workspace-key:…``, or nothing where announcements may have been missed."""
        self._waiting.add(payload.rpartition(":")[0])
        self._woken.set()

    async def _round(self, keys: set[str] | None) -> None:
        async with self._engine.database.read() as tx:
            workspaces = [each for each in await list_workspaces(tx) if keys is None or each.key in keys]
        for workspace in workspaces:
            try:
                if await self._engine.advance(workspace):
                    # There may be more of a long log; without any, another look costs little.
                    await self.wake(workspace)
            except TongmaiError as error:
                _log.warning("rules.waits", workspace=workspace.key, reason=str(error))
            except Exception:
                _log.exception("rules.failed", workspace=workspace.key)
