"""The demo companies as one sees them from outside: brought in, and scored against what nobody in them knows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import ClassVar, Protocol

from tongmai.demo import people, stores
from tongmai.demo.findings import Findings
from tongmai.demo.intake import AddPerson, Tell
from tongmai.demo.loading import KEY, Loading
from tongmai.demo.measures import Score
from tongmai.demo.scoring import Scorer
from tongmai.demo.stores import Chain, ChainLoading, ChainScore, ChainScorer, ChainStory, ChainTruth, stores_running
from tongmai.demo.systems import running
from tongmai.demo.telling import Story
from tongmai.demo.truth import Truth
from tongmai.demo.world import World
from tongmai.kit import FixedClock, Text
from tongmai.store import Workspace
from tongmai.web import Services

Adding = Callable[[Workspace], AddPerson]


class DemoCompany(Protocol):
    """``key`` is the workspace's, ``mark`` stands before the names of its files; ``sign_ins``: login → what the person
    is there for, in the order in which they are told."""

    key: ClassVar[str]
    mark: ClassVar[str]
    sign_ins: ClassVar[Mapping[str, Text]]

    @property
    def end(self) -> datetime:
        """The moment that it is told up to."""

    async def bring_in(
        self, services: Services, clock: FixedClock, folder: Path, truth: Path, adding: Adding, tell: Tell
    ) -> None:
        """Into a workspace of its own. ``folder`` takes the files of its systems; ``truth`` is written last: the mark
        of a load that is whole."""

    @staticmethod
    async def score(findings: Findings, truth: Path) -> Score | ChainScore: ...


@dataclass(frozen=True)
class SalesCompany:
    """绍越医械, for the sales app."""

    world: World
    key: ClassVar[str] = KEY
    mark: ClassVar[str] = ""
    sign_ins: ClassVar[Mapping[str, Text]] = people.SIGN_INS

    @property
    def end(self) -> datetime:
        return self.world.end

    async def bring_in(
        self, services: Services, clock: FixedClock, folder: Path, truth: Path, adding: Adding, tell: Tell
    ) -> None:
        story = await asyncio.to_thread(Story.of, self.world)
        async with running(story, clock, folder) as systems:
            await Loading(services, clock, self.world, systems, adding, tell).run()
        Truth.of(story).write(truth)

    @staticmethod
    async def score(findings: Findings, truth: Path) -> Score:
        return await Scorer(findings, Truth.read(truth)).score()


@dataclass(frozen=True)
class StoreCompany:
    """童趣成长, for the store app."""

    chain: Chain
    key: ClassVar[str] = stores.KEY
    mark: ClassVar[str] = "stores-"
    sign_ins: ClassVar[Mapping[str, Text]] = stores.SIGN_INS

    @property
    def end(self) -> datetime:
        return self.chain.end

    async def bring_in(
        self, services: Services, clock: FixedClock, folder: Path, truth: Path, adding: Adding, tell: Tell
    ) -> None:
        story = await asyncio.to_thread(ChainStory.of, self.chain)
        async with stores_running(story, clock, folder) as systems:
            await ChainLoading(services, clock, self.chain, systems, adding, tell).run()
        ChainTruth.of(story).write(truth)

    @staticmethod
    async def score(findings: Findings, truth: Path) -> ChainScore:
        return await ChainScorer(findings, ChainTruth.read(truth)).score()
