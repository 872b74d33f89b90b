"""The example rows of the starter workspace, through the public import like any file a company would bring.

Their dates are told from the day they were written on and moved to the day of the start, so that "days silent" and the
close dates mean something whenever somebody looks.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator
from datetime import date
from importlib import resources
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog

from tongmai.access import SystemActor
from tongmai.records.transfer import IMPORT, ImportRequest
from tongmai.store import Job, JobWorker, Workspace, find_job
from tongmai.web import Services

# Customers first: contacts and opportunities name theirs.
_OBJECTS = ("customer", "contact", "opportunity")
_WRITTEN_ON = date(2026, 11, 21)
_DATE = re.compile(r"\b\d{4}-\d\d-\d\d\b")
_LOOK_S = 0.02
_ACTOR = SystemActor("quickstart")
_log = structlog.get_logger(__name__)


async def load_starter_rows(services: Services, workspace: Workspace) -> None:
    """Imports all of them; what is refused is logged, since a first look needs no example row."""
    today = services.clock.now().astimezone(ZoneInfo(workspace.zone)).date()
    worker = JobWorker(services.database, {IMPORT: services.transfer.imports.run}, services.clock)
    for name in _OBJECTS:
        content = starter_rows(name, today).encode()
        stored = await services.files.save(_ACTOR, workspace, f"{name}.csv", _chunk(content))
        request = ImportRequest(object=name, file=stored.id)
        started = await services.transfer.imports.start(_ACTOR, workspace, request)
        await worker.run_until_idle()
        job = await _ended(services, started)
        if job is None or job.state != "done" or (job.result or {}).get("refused"):
            _log.warning("quickstart.rows_refused", object=name, job=str(started), error=job and job.error)


def starter_rows(name: str, today: date) -> str:
    """An object's example rows as CSV, as if they had been written today."""
    text = (resources.files("tongmai") / "apps" / "starter" / f"{name}.csv").read_text(encoding="utf-8")
    later = today - _WRITTEN_ON
    return _DATE.sub(lambda found: (date.fromisoformat(found[0]) + later).isoformat(), text)


async def _ended(services: Services, job_id: UUID) -> Job | None:
    # The program's own worker may have been the quicker to take the job.
    while True:
        async with services.database.read() as tx:
            job = await find_job(tx, job_id)
        if job is None or job.state not in ("queued", "running"):
            return job
        await asyncio.sleep(_LOOK_S)


async def _chunk(content: bytes) -> AsyncGenerator[bytes]:
    yield content
