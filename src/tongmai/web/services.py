"""What the program is made of while it runs, as one value that every call and the background work are given."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from tongmai.access import Policies
from tongmai.boards import Boards, Views
from tongmai.identity import Identity
from tongmai.kit import Clock, Settings
from tongmai.link import Links
from tongmai.link.capture import Captures
from tongmai.market import Market
from tongmai.metrics import Metrics
from tongmai.records import Files, Gateway
from tongmai.records.transfer import Transfer
from tongmai.replica import Replicas
from tongmai.rules import BacktestJobs, Rules
from tongmai.schema import CatalogueStore, SchemaEditor
from tongmai.store import Database, JobHandler
from tongmai.web.doorkeeper import Doorkeeper
from tongmai.web.figures import Figures
from tongmai.web.rate import Rate, RateLimit
from tongmai.web.streams import Streams
from tongmai.web.visible_model import VisibleModel
from tongmai.work import Work


@dataclass(frozen=True)
class Services:
    """One per process, for one event loop."""

    settings: Settings
    clock: Clock
    database: Database
    catalogues: CatalogueStore
    editor: SchemaEditor
    gateway: Gateway
    replicas: Replicas
    metrics: Metrics
    files: Files
    transfer: Transfer
    links: Links
    captures: Captures
    identity: Identity
    streams: Streams
    figures: Figures
    doorkeeper: Doorkeeper
    policies: Policies
    visible: VisibleModel
    views: Views
    boards: Boards
    market: Market
    work: Work
    rules: Rules
    backtests: BacktestJobs
    rate: RateLimit = field(default_factory=lambda: RateLimit(Rate()))
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    def job_handlers(self) -> Mapping[str, JobHandler]:
        return {
            **self.transfer.job_handlers(),
            **self.links.job_handlers(),
            **self.captures.job_handlers(),
            **self.backtests.handlers(),
        }

    def stop(self) -> None:
        """Before the listening ends: streams end, and ``/readyz`` tells the balancer."""
        self.stopping.set()
        self.streams.end_all()


def is_https(settings: Settings) -> bool:
    return (settings.public_url or "").lower().startswith("https://")
