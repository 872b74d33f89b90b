"""Follows what comes into the raw rows: each step is done for a workspace as soon as something came, and now and then.

Steps keep their own marks in the database; a step that fails is tried again and holds up neither the others nor other
workspaces. While an old archive comes in, a workspace is put off until some pages of it are there: what is written once
a stretch (talks) costs as much for a short one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Set
from typing import Protocol, runtime_checkable

import structlog

from tongmai.kit import TongmaiError, set_within
from tongmai.link.raw import RAW_CHANNEL
from tongmai.store import Database, Workspace, list_workspaces

Step = Callable[[Workspace], Awaitable[object]]
_LOOK_S = 5.0
# What is put off goes on when nothing came for so long, or at last after so many announcements.
_QUIET_S = 1.0
_PATIENCE = 8
_log = structlog.get_logger(__name__)


@runtime_checkable
class Gathering(Protocol):
    """What a step may answer."""

    @property
    def gathers(self) -> bool:
        """Whether nothing of it was new to anybody, so that more may be let come before the next time."""
        ...


class Turns:
    """Which workspaces are to be followed now. Nothing here waits."""

    def __init__(self) -> None:
        self._put_off: set[str] = set()
        # By workspace: how often it may be put off.
        self._patience: dict[str, int] = {}

    @property
    def puts_off(self) -> bool:
        return bool(self._put_off)

    def due(self, came: Set[str]) -> Set[str] | None:
        """Those of which something came, and those put off of which nothing came since; None for all: nothing came of
        any."""
        put_off, self._put_off = self._put_off, {key for key in came if self._patience.get(key, 0)}
        for key in self._put_off:
            self._patience[key] -= 1
        return (came | put_off) - self._put_off if came or put_off else None

    def followed(self, workspace: str, *, gathers: bool) -> None:
        """It was its turn; ``gathers``: it may be put off while more comes."""
        self._patience[workspace] = _PATIENCE if gathers else 0


class RawFollower:
    """One per process that works. ``run`` until cancelled."""

    def __init__(self, database: Database, steps: Mapping[str, Step]) -> None:
        self._database = database
        self._steps = dict(steps)
        self._wake = asyncio.Event()
        self._came: set[str] = set()
        self._turns = Turns()

    async def run(self) -> None:
        listener = await self._database.listen(RAW_CHANNEL, self._hear)
        try:
            while True:
                came, self._came = self._came, set()
                due = self._turns.due(came)
                async with self._database.read() as tx:
                    workspaces = await list_workspaces(tx)
                for workspace in workspaces:
                    if due is None or workspace.key in due:
                        self._turns.followed(workspace.key, gathers=await self.follow(workspace))
                await set_within(self._wake, _QUIET_S if self._turns.puts_off else _LOOK_S)
                self._wake.clear()
        finally:
            await listener.close()

    async def follow(self, workspace: Workspace) -> bool:
        """All steps once, in their order; whether one of them gathers."""
        gathers = False
        for name, step in self._steps.items():
            try:
                done = await step(workspace)
            except TongmaiError as error:
                _log.warning("raw.waits", workspace=workspace.key, step=name, reason=str(error))
            except Exception:
                _log.exception("raw.failed", workspace=workspace.key, step=name)
            else:
                gathers |= isinstance(done, Gathering) and done.gathers
        return gathers

    async def _hear(self, payload: str) -> None:
        self._came.add(payload)
        self._wake.set()
