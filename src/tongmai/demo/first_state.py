"""The first classification as operations brings it in: pools, service packs and first reminders by one import.

Entry actions are for customers that come into a class; who stood in one when the rules came into force is brought in
by this file instead, as a company would, and nobody is told of 1,863 customers at once.
"""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncGenerator
from datetime import date, timedelta
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

from tongmai.access import Actor, SystemActor
from tongmai.demo.findings import Findings, Row
from tongmai.kit import Conflict
from tongmai.metrics import SegmentReader
from tongmai.records.transfer import IMPORT, ColumnMap, ImportRequest
from tongmai.store import JobWorker, Workspace, find_job
from tongmai.web import Services

_SYSTEM = SystemActor("demo")
_SEGMENT = "customer_health"
_FIELDS = ("code", "class_before", "pool", "service_pack", "red_entered_at", "next_touch")
_MOST_REDS = 500
_LONGEST_CADENCE = 14


async def bring_in_first_state(services: Services, workspace: Workspace, operations: Actor, rnd: Random) -> None:
    """Imports it as ``operations``. Raises ``Conflict`` if a row is refused."""
    reds = await SegmentReader(services.metrics).members(_SYSTEM, workspace, _SEGMENT, "red", _MOST_REDS)
    since = {each.record_id: each.since.isoformat() for each in reds}
    today = services.clock.now().astimezone(ZoneInfo(workspace.zone)).date()
    findings = Findings(services.database, services.gateway, workspace)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_FIELDS)
    async for row in findings.records("customer", ("id", "code", _SEGMENT), "TRUE"):
        writer.writerow(_row(row, since, today, rnd))
    stored = await services.files.save(operations, workspace, "first-state.csv", _chunk(text.getvalue().encode()))
    columns = tuple(ColumnMap(column=name, field=name) for name in _FIELDS)
    request = ImportRequest(object="customer", file=stored.id, mode="update", key=("code",), columns=columns)
    job_id = await services.transfer.imports.start(operations, workspace, request)
    await JobWorker(services.database, {IMPORT: services.transfer.imports.run}, services.clock).run_until_idle()
    async with services.database.read() as tx:
        job = await find_job(tx, job_id)
    if job is None or job.state != "done" or (job.result or {}).get("refused"):
        raise Conflict.of("demo.first_state", "初始状态未能全部导入", "The first state could not all be imported")


def _row(row: Row, reds: dict[UUID, str], today: date, rnd: Random) -> tuple[str, ...]:
    """A grey customer rests in the nurture pool; first reminders are spread over a cadence, not due all at once."""
    health = str(row[_SEGMENT])
    # Both greys are one colour to people: entry actions note them alike.
    before = "grey" if health.startswith("grey") else health
    return (
        str(row["code"]),
        before,
        "nurture" if before == "grey" else "active",
        "exclusive" if before == "green" else "standard",
        reds.get(UUID(str(row["id"])), ""),
        (today + timedelta(days=rnd.randint(1, _LONGEST_CADENCE))).isoformat(),
    )


async def _chunk(content: bytes) -> AsyncGenerator[bytes]:
    yield content
