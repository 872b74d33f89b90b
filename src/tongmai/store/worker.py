"""Doing jobs: claim with a lease, run, report, finish; again from the checkpoint if the worker died.

A claim takes rows that wait, or whose lease ran out, with ``FOR UPDATE SKIP LOCKED``, and counts the job's ``attempt``
up. Every later statement about the job names that attempt: a worker that was thought dead finds that it may no longer
report, and the transaction it would report in is rolled back. Workers wake by NOTIFY and look every few seconds too.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import timedelta
from typing import Any, TypeAlias
from uuid import UUID

import structlog

from tongmai.kit import Clock, TongmaiError, Unavailable, set_within
from tongmai.store.database import Database
from tongmai.store.jobs import JOB_CHANNEL, JOB_COLUMNS, Job, encode, read_job
from tongmai.store.transactions import WriteTx

JobHandler: TypeAlias = Callable[["JobRun"], Awaitable[Mapping[str, Any] | None]]

# A job that ends its worker this often is itself the trouble.
MOST_ATTEMPTS = 5
_LEASE = timedelta(seconds=30)
_LOOK_S = 5.0
_RETRY = timedelta(seconds=2)

# Whose turn was how long ago is remembered of so many; who asked for nothing lately comes first anyway.
_MOST_SERVED = 200

_log = structlog.get_logger(__name__)


class JobStopped(Exception):
    """The job is no longer this run's: it was cancelled, or another worker has taken it over."""


class JobRun:
    """One attempt at a job, as its handler sees it. ``checkpoint`` is what an earlier attempt left."""

    def __init__(self, job: Job, database: Database, clock: Clock, lease: timedelta) -> None:
        self.id: UUID = job.id
        self.workspace_id = job.workspace_id
        self.created_by = job.created_by
        self.input = job.input
        self.checkpoint = job.checkpoint
        self.attempt = job.attempt
        self._database = database
        self._clock = clock
        self._lease = lease
        self._stopped = False

    def cancelled(self) -> bool:
        """Whether the work is no longer wanted. Known a moment after the cancellation."""
        return self._stopped

    def stop(self) -> None:
        self._stopped = True

    async def progress(
        self,
        done: int,
        total: int | None = None,
        checkpoint: Mapping[str, Any] | None = None,
        *,
        tx: WriteTx | None = None,
    ) -> None:
        """Reports, and keeps the checkpoint from which another attempt would go on.

        With ``tx`` the report is part of the handler's own transaction, so that work and checkpoint are kept together
        or not at all. Raises ``JobStopped`` if the job was cancelled or taken over; let it pass.
        """
        if tx is not None:
            await self._report(tx, done, total, checkpoint)
            return
        async with self._database.write() as own:
            await self._report(own, done, total, checkpoint)

    async def renew(self) -> None:
        """Extends the lease. Raises ``JobStopped`` like ``progress``."""
        async with self._database.write() as tx:
            await self._update(tx, "lease_until = $3", self._clock.now() + self._lease)

    async def finish(self, result: Mapping[str, Any] | None) -> None:
        async with self._database.write() as tx:
            await self._update(
                tx,
                "state = 'done', progress = 1, result = $3, finished_at = $4, lease_until = NULL",
                encode(result), self._clock.now(),
            )  # fmt: skip

    async def fail(self, error: Mapping[str, Any]) -> None:
        async with self._database.write() as tx:
            await self._update(
                tx,
                "state = 'failed', error = $3, finished_at = $4, lease_until = NULL",
                encode(error),
                self._clock.now(),
            )

    async def give_back(self, *, after: timedelta = timedelta(0), count: bool) -> None:
        """Puts the job back into the queue. ``count``: whether this attempt counts against the limit."""
        async with self._database.write() as tx:
            await self._update(
                tx,
                "state = 'queued', lease_until = NULL, run_after = $3, attempt = attempt - $4::integer",
                self._clock.now() + after, 0 if count else 1,
            )  # fmt: skip

    async def _report(self, tx: WriteTx, done: int, total: int | None, checkpoint: Mapping[str, Any] | None) -> None:
        part = min(done / total, 1.0) if total else 0.0
        await self._update(
            tx,
            "done = $3, total = $4, progress = $5::float8, checkpoint = coalesce($6, checkpoint), lease_until = $7",
            done, total, part, encode(checkpoint), self._clock.now() + self._lease,
        )  # fmt: skip

    async def _update(self, tx: WriteTx, assignments: str, *values: object) -> None:
        touched = await tx.execute(
            f"UPDATE tongmai.job SET {assignments} WHERE id = $1 AND attempt = $2 AND state = 'running'",  # noqa: S608
            self.id, self.attempt, *values,
        )  # fmt: skip
        if touched == 0:
            self._stopped = True
            raise JobStopped(str(self.id))


class JobWorker:
    """Does the jobs for whose kind there is a handler, ``concurrency`` at once. ``run`` until ``stop``."""

    def __init__(
        self,
        database: Database,
        handlers: Mapping[str, JobHandler],
        clock: Clock,
        *,
        concurrency: int = 2,
        lease: timedelta = _LEASE,
    ) -> None:
        self._database = database
        self._handlers = dict(handlers)
        self._clock = clock
        self._concurrency = concurrency
        self._lease = lease
        self._wake = asyncio.Event()
        self._stopping = False
        self._runs: dict[asyncio.Task[None], JobRun] = {}
        self._served: dict[UUID, None] = {}

    async def run(self) -> None:
        """Works until ``stop`` is called. Faults of the database are waited out."""
        subscription = await self._database.listen(JOB_CHANNEL, self._hear)
        try:
            while not self._stopping:
                self._wake.clear()
                try:
                    await self._claim_all()
                except Unavailable as error:
                    _log.warning("worker.database_away", reason=str(error))
                await set_within(self._wake, _LOOK_S)
        finally:
            await subscription.close()
            await self._give_back_all()

    async def run_until_idle(self) -> None:
        """Does what can be done now, then returns: for tests and one-shot commands."""
        while await self._claim_all() or self._runs:
            if self._runs:
                await asyncio.wait(self._runs, return_when=asyncio.FIRST_COMPLETED)

    def stop(self) -> None:
        """Ends ``run``; jobs under way go back to the queue with their checkpoint."""
        self._stopping = True
        self._wake.set()

    async def _hear(self, payload: str) -> None:
        for run in self._runs.values():
            if payload == str(run.id):
                run.stop()
        self._wake.set()

    async def _claim_all(self) -> int:
        """Starts as many jobs as there is room for; how many."""
        room = self._concurrency - len(self._runs)
        if room <= 0:
            return 0
        jobs = await _claim(self._database, list(self._handlers), self._clock, self._lease, room, self._served)
        for job in jobs:
            self._serve(job.created_by or job.workspace_id or job.id)
            run = JobRun(job, self._database, self._clock, self._lease)
            task = asyncio.create_task(self._do(job.kind, run), name=f"tongmai-job-{job.kind}")
            self._runs[task] = run
            task.add_done_callback(self._done)
        return len(jobs)

    def _serve(self, party: UUID) -> None:
        self._served.pop(party, None)
        self._served[party] = None
        while len(self._served) > _MOST_SERVED:
            del self._served[next(iter(self._served))]

    def _done(self, task: asyncio.Task[None]) -> None:
        self._runs.pop(task, None)
        self._wake.set()
        if not task.cancelled() and task.exception() is not None:
            _log.error("worker.job_not_closed", exc_info=task.exception())

    async def _do(self, kind: str, run: JobRun) -> None:
        renewing = asyncio.create_task(self._renew(run))
        try:
            result = await self._handlers[kind](run)
            await run.finish(result)
        except JobStopped:
            _log.info("job.stopped", job=str(run.id), kind=kind)
        except asyncio.CancelledError:
            with contextlib.suppress(JobStopped):
                await asyncio.shield(run.give_back(count=False))
            raise
        except Exception as error:
            with contextlib.suppress(JobStopped):
                await self._failed(kind, run, error)
        finally:
            renewing.cancel()

    async def _failed(self, kind: str, run: JobRun, error: Exception) -> None:
        if isinstance(error, Unavailable) and run.attempt < MOST_ATTEMPTS:
            _log.warning("job.again", job=str(run.id), kind=kind, reason=str(error))
            await run.give_back(after=_RETRY * 2**run.attempt, count=True)
        elif isinstance(error, TongmaiError):
            await run.fail({"code": error.code, "zh": error.sentence("zh"), "en": error.sentence("en")})
        else:
            _log.error("job.failed", job=str(run.id), kind=kind, exc_info=error)
            await run.fail(
                {
                    "code": "internal",
                    "zh": f"任务因程序错误中止，日志编号 {run.id}",
                    "en": f"the job was ended by a defect of the program, see the log under {run.id}",
                }
            )

    async def _renew(self, run: JobRun) -> None:
        while True:
            await asyncio.sleep(self._lease.total_seconds() / 3)
            try:
                await run.renew()
            except JobStopped:
                return
            except Unavailable as error:
                _log.warning("job.not_renewed", job=str(run.id), reason=str(error))

    async def _give_back_all(self) -> None:
        tasks = list(self._runs)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _claim(
    database: Database, kinds: list[str], clock: Clock, lease: timedelta, most: int, served: Collection[UUID]
) -> list[Job]:
    """Lost ones first, then everybody in turn, a workspace's own as one of them: who asked for many keeps none waiting.

    ``served`` are those whose jobs were begun before, the latest last.
    """
    now = clock.now()
    async with database.write() as tx:
        await tx.execute(
            """
            UPDATE tongmai.job SET state = 'failed', finished_at = $1, lease_until = NULL, error = $4
            WHERE state = 'running' AND lease_until < $1 AND attempt >= $3 AND kind = ANY($2)
            """,
            now, kinds, MOST_ATTEMPTS, encode(_GAVE_UP),
        )  # fmt: skip
        rows = await tx.fetch(
            f"""
            WITH lost AS (
                SELECT id FROM tongmai.job WHERE state = 'running' AND lease_until < $1 AND kind = ANY($2)
                ORDER BY lease_until LIMIT $3 FOR UPDATE SKIP LOCKED
            ), asked AS (
                SELECT id, coalesce(created_by, workspace_id, id) AS party, run_after, 0 AS place FROM tongmai.job
                WHERE state = 'running' AND kind = ANY($2)
                UNION ALL
                SELECT id, coalesce(created_by, workspace_id, id), run_after, 1 FROM tongmai.job
                WHERE state = 'queued' AND run_after <= $1 AND kind = ANY($2)
            ), turns AS (
                SELECT id, party, row_number() OVER (PARTITION BY party ORDER BY place, run_after, id) AS turn
                FROM asked
            ), waiting AS (
                SELECT j.id FROM tongmai.job AS j JOIN turns USING (id) WHERE j.state = 'queued'
                ORDER BY turn, coalesce(array_position($5::uuid[], party), 0), j.run_after, j.id
                LIMIT $3 FOR UPDATE OF j SKIP LOCKED
            ), claimed AS (
                SELECT id FROM lost UNION ALL SELECT id FROM waiting LIMIT $3
            )
            UPDATE tongmai.job SET state = 'running', attempt = attempt + 1, lease_until = $4,
                   started_at = coalesce(started_at, $1)
            WHERE id IN (SELECT id FROM claimed)
            RETURNING {JOB_COLUMNS}
            """,  # noqa: S608
            now, kinds, most, now + lease, list(served),
        )  # fmt: skip
    return sorted((read_job(row) for row in rows), key=lambda job: job.id)


_GAVE_UP = {
    "code": "job.gave_up",
    "zh": f"任务 {MOST_ATTEMPTS} 次使工作进程中断，已停止重试",
    "en": f"the job ended its worker {MOST_ATTEMPTS} times and is not tried again",
}
