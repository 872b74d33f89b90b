"""A new workspace with an app in it, as `tongmai app install sales` makes one, and files read into it.

Nothing here knows the app: a source and its mappings are YAML beside the script (``examples/sales/*.yaml``), the rest
is what the program does by itself. Every example over it is called alike: ``FILE [WHAT] [DATA_DIR]``.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from importlib import resources
from pathlib import Path
from uuid import UUID

import httpx
import orjson
from pydantic import JsonValue
from starlette.types import ASGIApp

from tongmai.access import SystemActor
from tongmai.kit import FixedClock, Settings
from tongmai.link import Links
from tongmai.link.evidence import Heard
from tongmai.market import merge, read_model_file, read_package
from tongmai.metrics import SegmentReader, Segments
from tongmai.model import Changeset, ChangeSource, diff
from tongmai.records import Sealer
from tongmai.rules import settle
from tongmai.schema import create_workspace
from tongmai.store import Database, JobWorker, Workspace, find_job
from tongmai.web import Services, assemble

ACTOR = SystemActor("example")
MODELS = Path(__file__).parent / "sales"


@dataclass(frozen=True)
class Salesroom:
    """The workspace, the services over it and its sources; the clock stands where the example puts it."""

    services: Services
    links: Links
    clock: FixedClock
    workspace: Workspace

    @asynccontextmanager
    async def reaching(self, address: str, application: ASGIApp) -> AsyncIterator[Salesroom]:
        """The same room, whose sources find the application at the address."""
        http = httpx.AsyncClient(mounts={address: httpx.ASGITransport(application)}, timeout=60.0)
        links = _links(self.services, http)
        try:
            yield replace(self, links=links)
        finally:
            await links.close()

    async def connect(self, model: str) -> None:
        """Puts the source and the mappings of ``examples/sales/<model>.yaml`` into force."""
        present = await self.services.catalogues.get(self.workspace)
        wanted = merge(present, read_model_file(MODELS / f"{model}.yaml"))
        await self.services.editor.apply(self.workspace, diff(present, wanted), None)

    async def enable(self, source: str, options: Mapping[str, JsonValue], secrets: Mapping[str, str]) -> None:
        """A source that the app brought, with what an administrator enters on its page."""
        present = (await self.services.catalogues.newest(self.workspace)).source_by_key[source]
        entered = present.model_copy(update={"enabled": True, "options": {**present.options, **options}})
        changes = Changeset(actions=(ChangeSource(before=present, after=entered),))
        await self.services.editor.apply(self.workspace, changes, None)
        async with self.services.database.write() as tx:
            await self.links.secrets.put(tx, self.workspace, source, dict(secrets))

    async def pull(self, source: str, streams: Sequence[str] = ()) -> dict[str, int]:
        """Reads all of a source, or the streams named, and maps it; how many rows there were, how many were refused.
        Raises ``RuntimeError`` if the pull failed."""
        database, links = self.services.database, self.links
        job_id = await links.puller.ask(self.workspace, source, streams=streams)
        await JobWorker(database, links.job_handlers(), self.clock).run_until_idle()
        total: dict[str, int] = {}
        async with database.read() as tx:
            job = await find_job(tx, job_id)
            runs = await links.runs.latest(tx, self.workspace, source, 200)
        if job is None or job.state != "done":
            raise RuntimeError(f"{source} could not be read: {job and job.error}")
        for run in runs:
            for name, count in run.counts.items():
                total[f"{run.kind} {name}"] = total.get(f"{run.kind} {name}", 0) + count
        return total

    async def bring_up(self) -> None:
        """What the running program does moments after a change: the feed sealed, metrics and classes computed."""
        services, workspace = self.services, self.workspace
        await Sealer(services.database, workspace, self.clock, services.settings).seal_once()
        await services.metrics.full(workspace)
        await Segments(services.metrics).evaluate(workspace)

    async def begin(self) -> None:
        """Rules are in force from here: what stood before bothers nobody."""
        await self.bring_up()
        await settle(self.services.rules.engine, self.workspace)

    async def act(self) -> None:
        """The rules' round: signals, tasks and notifications of what came in."""
        await self.bring_up()
        await self.services.rules.engine.advance(self.workspace)
        await self.services.rules.outbox.work_off(self.workspace)

    async def classes(self, segment: str) -> Mapping[str, int]:
        """How many records each class of a segment holds."""
        _, counts = await SegmentReader(self.services.metrics).counts(ACTOR, self.workspace, segment)
        return counts

    async def heard(self, signal: UUID) -> list[Heard]:
        """The messages that a signal was heard in, with the word in them."""
        found = orjson.loads(await self.services.gateway.get(ACTOR, self.workspace, "signal", signal))
        event = await self.services.rules.reader.heard(self.workspace, UUID(found["firing"]))
        return [] if event is None else await self.links.evidence.of(ACTOR, self.workspace, event.body)

    async def rows(
        self, object_key: str, *, filter_: str, sort: str, fields: tuple[str, ...], limit: int
    ) -> list[dict[str, JsonValue]]:
        found = await self.services.gateway.list(
            ACTOR, self.workspace, object_key, filter=filter_, sort=sort, fields=fields, limit=limit
        )
        items: list[dict[str, JsonValue]] = orjson.loads(found)["items"]
        return items

    async def grouped(
        self, object_key: str, group: str, measures: Mapping[str, str], filter_: str = "TRUE"
    ) -> dict[str, dict[str, JsonValue]]:
        """Measures by what ``group`` holds."""
        query = {"object": object_key, "group_by": [group], "measures": dict(measures), "filter": filter_}
        rows = orjson.loads(await self.services.gateway.query(ACTOR, self.workspace, query))["rows"]
        return {str(row[group]): row for row in rows}


@asynccontextmanager
async def open_salesroom(
    settings: Settings, clock: FixedClock, database: Database, key: str, zone: str = "Asia/Shanghai", app: str = "sales"
) -> AsyncIterator[Salesroom]:
    """Makes the workspace ``key`` with an app that ships."""
    services = assemble(settings, clock, database)
    await services.catalogues.start()
    try:
        package = read_package(resources.files("tongmai") / "apps" / app)
        workspace = await create_workspace(database, services.catalogues, clock, key, package.info.label, zone)
        await services.market.install(workspace, package, None)
        yield Salesroom(services, services.links, clock, workspace)
    finally:
        await services.links.close()
        await services.catalogues.close()


def _links(services: Services, http: httpx.AsyncClient) -> Links:
    return Links(
        services.database, services.catalogues, services.clock, services.settings, services.gateway,
        services.transfer.loader, http=http,
    )  # fmt: skip


@dataclass(frozen=True)
class Example:
    """A program over a real file. ``moment`` says from ``WHAT`` when it is looked from; ``show`` fills the room from
    the file and prints what the app says of it."""

    key: str
    usage: str
    moment: Callable[[str], datetime]
    show: Callable[[Salesroom, Path, str], Awaitable[None]]
    zone: str = "Asia/Shanghai"
    app: str = "sales"

    def run(self, arguments: Sequence[str]) -> int:
        """``FILE [WHAT] [DATA_DIR]``; the exit code."""
        if not 1 <= len(arguments) <= 3:
            print(self.usage, file=sys.stderr)
            return 2
        file, what, data_dir = (*arguments, "", "")[:3]
        asyncio.run(self._run(Path(file), what, data_dir))
        return 0

    async def _run(self, file: Path, what: str, data_dir: str) -> None:
        with tempfile.TemporaryDirectory() as temporary:
            settings, clock = Settings(data_dir=Path(data_dir or temporary)), FixedClock(self.moment(what))
            database = await Database.open(settings, clock)
            try:
                async with open_salesroom(settings, clock, database, self.key, self.zone, self.app) as room:
                    await self.show(room, file, what)
            finally:
                await database.close()


def listed(counts: Mapping[str, object]) -> str:
    """Names with their numbers, on one line."""
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())
