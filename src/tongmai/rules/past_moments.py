"""Whom a live rule's condition stood for at moments that have passed: ends of periods, and schedules that were missed.

It is asked of the engines of back-tests: of the replica where there are many rows, of PostgreSQL else, with one answer.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from uuid import UUID

from tongmai.model import Catalogue, RuleDef
from tongmai.rules.backtest_engines import FindReplica, opened_scene
from tongmai.rules.backtest_scene import Ground, Scene
from tongmai.rules.episodes import Finding
from tongmai.store import Database, Workspace

_NAME = "0"


class PastMoments:
    """Moments in their order; ``engine`` tells who answers."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._standing: set[UUID] = set()
        self._began: dict[UUID, Finding] = {}

    @property
    def engine(self) -> str:
        return self._scene.engine

    async def standing(self, at: datetime) -> frozenset[UUID]:
        """The records for which the condition held."""
        await self._scene.go(at)
        turns = await self._scene.turns(_NAME)
        self._standing -= set(turns.ended)
        self._began = {each.record_id: each for each in turns.began}
        self._standing |= self._began.keys()
        return frozenset(self._standing)

    async def findings(self, ids: Collection[UUID]) -> list[Finding]:
        """What the actions want to know of some of them, at the moment that was asked for last."""
        others = [each for each in ids if each not in self._began]
        found = [self._began[each] for each in ids if each in self._began]
        found += await self._scene.among(_NAME, others) if others else []
        return sorted(found, key=lambda each: each.record_id)


OpenMoments = Callable[[Workspace, Catalogue, RuleDef, Sequence[datetime]], AbstractAsyncContextManager[PastMoments]]


def past_moments(database: Database, find: FindReplica) -> OpenMoments:
    """``find`` gives the replica of a workspace, if there is one."""

    @asynccontextmanager
    async def opened(
        workspace: Workspace, catalogue: Catalogue, rule: RuleDef, moments: Sequence[datetime]
    ) -> AsyncIterator[PastMoments]:
        ground = Ground(workspace, catalogue, "known", {_NAME: rule}, {})
        async with opened_scene(database, find, ground, moments, "auto") as scene:
            yield PastMoments(scene)

    return opened
