"""What works beside the answering: a sealer and a replica for each workspace, the job worker, metrics, rules, sweeping.

New workspaces are noticed within seconds, also those that another process made. A task that ends by a defect is
logged and begun again after a pause: history must go on being sealed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from uuid import UUID

import structlog

from tongmai.kit import TongmaiError, end
from tongmai.link import LinkRunner
from tongmai.metrics import MetricsRunner
from tongmai.records import Sealer
from tongmai.store import JobWorker, list_workspaces
from tongmai.web.following import raw_follower, vendor_follower, voice_follower
from tongmai.web.services import Services

_LOOK_S = 2.0
_SWEEP_S = 300.0
_PAUSE_S = 5.0
# More than there are processors: what waits for its vendor works at nothing.
_PULLS = 4
_log = structlog.get_logger(__name__)


class Upkeep:
    """The background work of one process."""

    def __init__(self, services: Services) -> None:
        self._services = services
        reading, pulling = services.captures.job_handlers(), services.links.job_handlers()
        apart = {*reading, *pulling}
        others = {kind: handler for kind, handler in services.job_handlers().items() if kind not in apart}
        self._worker = JobWorker(services.database, others, services.clock)
        # Papers are read one at a time and slowly, and a pull waits many minutes for a vendor whose limit is reached:
        # they must not take the places of imports and exports.
        self._reader = JobWorker(services.database, reading, services.clock, concurrency=1)
        self._puller = JobWorker(services.database, pulling, services.clock, concurrency=_PULLS)
        self._rules = services.rules.runner()
        self._work = services.work.runner()
        self._metrics = MetricsRunner(services.database, services.metrics, then=self._rules.wake)
        self._links = LinkRunner(services.database, services.links)
        self._follower = raw_follower(services)
        self._vendors = vendor_follower(services)
        self._voices = voice_follower(services)
        self._sealers: dict[UUID, asyncio.Task[None]] = {}
        self._replicas: dict[UUID, asyncio.Task[None]] = {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Works inside the block; leaving it lets a running job reach its next report, then ends all."""
        tasks = [
            asyncio.create_task(_kept_up("jobs", self._worker.run), name="tongmai-jobs"),
            asyncio.create_task(_kept_up("papers", self._reader.run), name="tongmai-papers"),
            asyncio.create_task(_kept_up("pulls", self._puller.run), name="tongmai-pulls"),
            asyncio.create_task(_kept_up("workspaces", self._look_after_workspaces), name="tongmai-workspaces"),
            asyncio.create_task(_kept_up("metrics", self._metrics.run), name="tongmai-metrics"),
            asyncio.create_task(_kept_up("sources", self._links.run), name="tongmai-sources"),
            asyncio.create_task(_kept_up("talks", self._follower.run), name="tongmai-talks"),
            asyncio.create_task(_kept_up("vendors", self._vendors.run), name="tongmai-vendors"),
            asyncio.create_task(_kept_up("voices", self._voices.run), name="tongmai-voices"),
            asyncio.create_task(_kept_up("sweep", self._sweep), name="tongmai-sweep"),
            asyncio.create_task(_kept_up("rules", self._rules.run), name="tongmai-rules"),
            asyncio.create_task(_kept_up("outbox", self._services.rules.outbox.run), name="tongmai-outbox"),
            asyncio.create_task(_kept_up("signals", self._rules.sweep), name="tongmai-signals"),
            asyncio.create_task(_kept_up("deliveries", self._work.run), name="tongmai-deliveries"),
            asyncio.create_task(_kept_up("work", self._work.sweep), name="tongmai-work"),
        ]
        try:
            yield
        finally:
            self._worker.stop()
            self._reader.stop()
            self._puller.stop()
            # Jobs under way go back to the queue with their checkpoint; that takes a moment.
            await asyncio.wait(set(tasks[:3]), timeout=_PAUSE_S)
            await end([*tasks, *self._sealers.values(), *self._replicas.values()])

    async def _look_after_workspaces(self) -> None:
        services = self._services
        while True:
            async with services.database.read() as tx:
                found = {each.id: each for each in await list_workspaces(tx)}
            for gone in self._sealers.keys() - found.keys():
                self._sealers.pop(gone).cancel()
                self._replicas.pop(gone).cancel()
            for fresh in found.keys() - self._sealers.keys():
                sealer = Sealer(services.database, found[fresh], services.clock, services.settings)
                name = f"tongmai-sealer-{found[fresh].key}"
                self._sealers[fresh] = asyncio.create_task(_kept_up(name, sealer.run), name=name)
                name = f"tongmai-replica-{found[fresh].key}"
                keep_up = partial(services.replicas.keep_up, found[fresh])
                self._replicas[fresh] = asyncio.create_task(_kept_up(name, keep_up), name=name)
            await asyncio.sleep(_LOOK_S)

    async def _sweep(self) -> None:
        services = self._services
        while True:
            await services.identity.sweep()
            await services.editor.expire_retired()
            async with services.database.read() as tx:
                workspaces = await list_workspaces(tx)
            await services.replicas.remove_orphans(workspaces)
            for workspace in workspaces:
                await services.files.remove_unclaimed(workspace)
            await asyncio.sleep(_SWEEP_S)


async def _kept_up(name: str, work: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await work()
            return
        except TongmaiError as error:
            _log.warning("upkeep.waits", task=name, reason=str(error))
        except Exception:
            _log.exception("upkeep.failed", task=name)
        await asyncio.sleep(_PAUSE_S)
