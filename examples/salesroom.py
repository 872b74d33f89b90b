"""A new workspace with the sales app in it, as `tongmai app install sales` makes one, and files read into it.

Nothing here knows the app: a source and its mappings are YAML beside the script (``examples/sales/*.yaml``), the rest
is what the program does by itself.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import orjson

from tongmai.access import SystemActor
from tongmai.kit import Clock, Settings, Text
from tongmai.market import merge, read_model_file, read_package
from tongmai.metrics import SegmentReader, Segments
from tongmai.model import diff
from tongmai.records import Sealer
from tongmai.schema import create_workspace
from tongmai.store import Database, JobWorker, Workspace
from tongmai.web import Services, assemble

ACTOR = SystemActor("example")
MODELS = Path(__file__).parent / "sales"


@dataclass(frozen=True)
class Salesroom:
    """The workspace and the services over it."""

    services: Services
    workspace: Workspace

    async def connect(self, model: str) -> None:
        """Puts the source and the mappings of ``examples/sales/<model>.yaml`` into force."""
        present = await self.services.catalogues.get(self.workspace)
        wanted = merge(present, read_model_file(MODELS / f"{model}.yaml"))
        await self.services.editor.apply(self.workspace, diff(present, wanted), None)

    async def pull(self, source: str) -> dict[str, int]:
        """Reads all of a source and maps it; how many rows there were, and how many were refused."""
        services, links = self.services, self.services.links
        await links.puller.ask(self.workspace, source)
        await JobWorker(services.database, services.job_handlers(), services.clock).run_until_idle()
        total: dict[str, int] = {}
        async with services.database.read() as tx:
            runs = await links.runs.latest(tx, self.workspace, source, 200)
        for run in runs:
            for name, count in run.counts.items():
                total[f"{run.kind} {name}"] = total.get(f"{run.kind} {name}", 0) + count
        return total

    async def bring_up(self) -> None:
        """What the running program does moments after a change: the feed sealed, metrics and classes computed."""
        services, workspace = self.services, self.workspace
        await Sealer(services.database, workspace, services.clock, services.settings).seal_once()
        await services.metrics.full(workspace)
        await Segments(services.metrics).evaluate(workspace)

    async def classes(self, segment: str) -> Mapping[str, int]:
        """How many records each class of a segment holds."""
        _, counts = await SegmentReader(self.services.metrics).counts(ACTOR, self.workspace, segment)
        return counts

    async def rows(
        self, object_key: str, *, filter_: str, sort: str, fields: tuple[str, ...], limit: int
    ) -> list[dict[str, object]]:
        found = await self.services.gateway.list(
            ACTOR, self.workspace, object_key, filter=filter_, sort=sort, fields=fields, limit=limit
        )
        items: list[dict[str, object]] = orjson.loads(found)["items"]
        return items


@asynccontextmanager
async def open_salesroom(
    settings: Settings, clock: Clock, database: Database, key: str, zone: str = "Asia/Shanghai"
) -> AsyncIterator[Salesroom]:
    """Makes the workspace ``key`` with the sales app."""
    services = assemble(settings, clock, database)
    await services.catalogues.start()
    try:
        workspace = await create_workspace(
            database, services.catalogues, clock, key, Text("销售管理系统", "Sales management"), zone
        )
        await services.market.install(workspace, read_package(resources.files("tongmai") / "apps" / "sales"), None)
        yield Salesroom(services, workspace)
    finally:
        await services.links.close()
        await services.catalogues.close()
