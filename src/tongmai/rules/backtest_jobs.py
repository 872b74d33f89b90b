"""Back-tests as background jobs: progress, cancelling, going on after a restart; the result stays with the job.

The result names records and people by their ids. It lies where only ``shown`` reads it, for what somebody may see of it
is decided by his policies of today, not by those of who asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tongmai.access import AnyActor
from tongmai.kit import Clock, Fault, NotFound, Text
from tongmai.rules.backtest import Backtests
from tongmai.rules.backtest_request import BacktestRequest
from tongmai.store import Database, Job, JobHandler, JobRun, Workspace, enqueue, find_job, find_workspace

KIND = "backtest"


@dataclass(frozen=True)
class BacktestJobs:
    """Asks for back-tests and does them."""

    database: Database
    clock: Clock
    backtests: Backtests

    async def start(self, actor: AnyActor, workspace: Workspace, request: BacktestRequest) -> UUID:
        """The job's id; the request must have been found sound (``Backtests.outlook``)."""
        payload = {"workspace": workspace.key, "request": request.model_dump(mode="json", by_alias=True)}
        async with self.database.write() as tx:
            return await enqueue(tx, KIND, workspace.id, payload, clock=self.clock, created_by=actor.id)

    async def find(self, workspace: Workspace, job_id: UUID) -> Job:
        """Raises ``NotFound``."""
        async with self.database.read() as tx:
            job = await find_job(tx, job_id)
        if job is None or job.workspace_id != workspace.id or job.kind != KIND:
            raise NotFound((Fault("backtest.unknown", Text("没有这次回测", "There is no such back-test")),))
        return job

    @staticmethod
    def result_of(job: Job) -> Mapping[str, Any] | None:
        """What came out, once the job is done."""
        return None if job.state != "done" or job.checkpoint is None else job.checkpoint.get("result")

    @staticmethod
    def request_of(job: Job) -> BacktestRequest:
        return BacktestRequest.model_validate(job.input["request"])

    def handlers(self) -> Mapping[str, JobHandler]:
        return {KIND: self._run}

    async def _run(self, run: JobRun) -> Mapping[str, Any]:
        async with self.database.read() as tx:
            workspace = await find_workspace(tx, run.input["workspace"])
        if workspace is None:
            raise NotFound((Fault("workspace.gone", Text("工作区已不存在", "The workspace is gone")),))
        request = BacktestRequest.model_validate(run.input["request"])
        last = 0

        async def progress(done: int, total: int, checkpoint: Mapping[str, object] | None) -> None:
            nonlocal last
            last = total
            await run.progress(done, total, checkpoint)

        checkpoint = run.checkpoint if run.checkpoint and "state" in run.checkpoint else None
        found = await self.backtests.run(workspace, request, progress=progress, checkpoint=checkpoint)
        await run.progress(last, last, {"result": found})
        return {name: found[name] for name in ("rule", "from", "to", "hits", "records", "engine", "seconds")}
