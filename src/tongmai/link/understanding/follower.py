"""Follows what comes into the raw rows: each step is done for a workspace as soon as something came, and now and then.

Steps keep their own marks in the database; a step that fails is tried again and holds up neither the others nor other
workspaces.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog

from tongmai.kit import TongmaiError, set_within
from tongmai.link.raw import RAW_CHANNEL
from tongmai.store import Database, Workspace, list_workspaces

Step = Callable[[Workspace], Awaitable[object]]
_LOOK_S = 5.0
_log = structlog.get_logger(__name__)


class RawFollower:
    """One per process that works. ``run`` until cancelled."""

    def __init__(self, database: Database, steps: Mapping[str, Step]) -> None:
        self._database = database
        self._steps = dict(steps)
        self._wake = asyncio.Event()
        self._came: set[str] = set()

    async def run(self) -> None:
        listener = await self._database.listen(RAW_CHANNEL, self._hear)
        try:
            while True:
                everything = not self._came
                came, self._came = self._came, set()
                async with self._database.read() as tx:
                    workspaces = await list_workspaces(tx)
                for workspace in workspaces:
                    if everything or workspace.key in came:
                        await self.follow(workspace)
                await set_within(self._wake, _LOOK_S)
                self._wake.clear()
        finally:
            await listener.close()

    async def follow(self, workspace: Workspace) -> None:
        """All steps once, in their order."""
        for name, step in self._steps.items():
            try:
                await step(workspace)
            except TongmaiError as error:
                _log.warning("raw.waits", workspace=workspace.key, step=name, reason=str(error))
            except Exception:
                _log.exception("raw.failed", workspace=workspace.key, step=name)

    async def _hear(self, payload: str) -> None:
        self._came.add(payload)
        self._wake.set()
