"""Background jobs as rows of ``tongmai.job``: asked for in the business transaction, seen and cancelled by people.

A job is asked for by ``enqueue`` and done by a ``JobWorker`` (``worker.py``). ``docs/decisions/0002-jobs.md`` tells why
the queue is our own table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias
from uuid import UUID

import orjson
from asyncpg import Record

from tongmai.kit import Clock, new_id
from tongmai.store.transactions import ReadTx, WriteTx

JobState: TypeAlias = Literal["queued", "running", "done", "failed", "cancelled", "undone"]

# Payload: empty for a new job, a job's id for one that was cancelled.
JOB_CHANNEL = "tongmai_job"

JOB_COLUMNS = (
    "id, workspace_id, kind, state, created_by, created_at, started_at, finished_at, progress::float8 AS progress, "
    "done, total, input, result, error, checkpoint, attempt"
)


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it stood when it was read. ``progress`` is 0 … 1; ``error`` holds ``code``, ``zh`` and ``en``."""

    id: UUID
    workspace_id: UUID | None
    kind: str
    state: JobState
    created_by: UUID | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    progress: float
    done: int
    total: int | None
    input: Mapping[str, Any]
    result: Mapping[str, Any] | None
    error: Mapping[str, Any] | None
    checkpoint: Mapping[str, Any] | None
    attempt: int


async def enqueue(
    tx: WriteTx,
    kind: str,
    workspace_id: UUID | None,
    payload: Mapping[str, Any],
    *,
    clock: Clock,
    created_by: UUID | None = None,
    run_after: datetime | None = None,
) -> UUID:
    """Asks for a job; it exists if and only if the transaction commits. Not before ``run_after``, if given."""
    job_id = new_id(clock)
    now = clock.now()
    await tx.execute(
        """
        INSERT INTO tongmai.job (id, workspace_id, kind, state, created_by, created_at, run_after, input)
        VALUES ($1, $2, $3, 'queued', $4, $5, $6, $7)
        """,
        job_id, workspace_id, kind, created_by, now, run_after or now, encode(payload),
    )  # fmt: skip
    await tx.notify(JOB_CHANNEL)
    return job_id


async def find_job(tx: ReadTx, job_id: UUID) -> Job | None:
    row = await tx.fetch_row(f"SELECT {JOB_COLUMNS} FROM tongmai.job WHERE id = $1", job_id)  # noqa: S608
    return None if row is None else read_job(row)


async def list_jobs(tx: ReadTx, workspace_id: UUID, *, limit: int = 50, created_by: UUID | None = None) -> list[Job]:
    """A workspace's jobs, newest first; those that somebody asked for, or all."""
    rows = await tx.fetch(
        f"SELECT {JOB_COLUMNS} FROM tongmai.job WHERE workspace_id = $1 AND ($3::uuid IS NULL OR created_by = $3)"  # noqa: S608
        " ORDER BY created_at DESC, id DESC LIMIT $2",
        workspace_id,
        limit,
        created_by,
    )
    return [read_job(row) for row in rows]


async def cancel_job(tx: WriteTx, job_id: UUID, *, clock: Clock) -> bool:
    """Cancels a job that is waiting or running; whether it did. A running one stops at its next report."""
    cancelled = await tx.execute(
        """
        UPDATE tongmai.job SET state = 'cancelled', finished_at = $2, lease_until = NULL
        WHERE id = $1 AND state IN ('queued', 'running')
        """,
        job_id,
        clock.now(),
    )
    await tx.notify(JOB_CHANNEL, str(job_id))
    return cancelled == 1


async def begin_job_again(tx: WriteTx, job_id: UUID) -> None:
    """Has a job that is not done forget how far it came. One that is running stops at its next report."""
    await tx.execute(
        "UPDATE tongmai.job SET checkpoint = NULL, lease_until = NULL,"
        " state = CASE WHEN state = 'running' THEN 'queued' ELSE state END WHERE id = $1",
        job_id,
    )
    await tx.notify(JOB_CHANNEL, str(job_id))


async def mark_job_undone(tx: WriteTx, job_id: UUID) -> bool:
    """Notes that what a finished job did was taken back; false if it is not ``done`` (or was undone before)."""
    return await tx.execute("UPDATE tongmai.job SET state = 'undone' WHERE id = $1 AND state = 'done'", job_id) == 1


def encode(value: Mapping[str, Any] | None) -> str | None:
    """JSON text; ids and moments as their usual texts, decimals as texts."""
    return None if value is None else orjson.dumps(value, default=str).decode()


def read_job(row: Record) -> Job:
    parsed = {
        name: None if row[name] is None else orjson.loads(row[name])
        for name in ("input", "result", "error", "checkpoint")
    }
    return Job(**{**dict(row), **parsed})
