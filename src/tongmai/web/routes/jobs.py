"""Jobs that work in the background: how far they are, what they refused, stopping them."""

from __future__ import annotations

from uuid import UUID

from starlette.responses import Response

from tongmai.access import manages
from tongmai.kit import Conflict, Fault, NotFound, Text
from tongmai.store import Job, cancel_job, find_job, list_jobs
from tongmai.web.answers import document
from tongmai.web.call import Call
from tongmai.web.operation import Answer, Limit, Operation
from tongmai.web.shapes import items_of
from tongmai.web.shapes.recording import JobShown

_LIMIT = Limit(50, most=500)


async def list_my_jobs(call: Call) -> Response:
    """Everybody sees their own; who manages jobs sees all of the workspace."""
    limit = _LIMIT.asked(call)
    sees_all = manages(call.actor, await call.catalogue(), "jobs")
    async with call.services.database.read() as tx:
        jobs = await list_jobs(tx, call.workspace.id, limit=limit, created_by=None if sees_all else call.actor.id)
    return document({"items": [job_document(call, job) for job in jobs]})


async def get_job(call: Call) -> Response:
    return document(job_document(call, await own_job(call, call.id())))


async def stop_job(call: Call) -> Response:
    job = await own_job(call, call.id())
    async with call.services.database.write() as tx:
        stopped = await cancel_job(tx, job.id, clock=call.services.clock)
    if not stopped:
        raise Conflict.of(
            "job.ended",
            "任务已结束，不能取消",
            "The job has ended and cannot be cancelled",
            way_out=Text("可以撤销它所做的内容", "What it did can be undone"),
        )
    return document(job_document(call, await own_job(call, job.id)))


async def own_job(call: Call, job_id: UUID) -> Job:
    """A job of this workspace that the actor made or manages. Raises NotFound."""
    async with call.services.database.read() as tx:
        job = await find_job(tx, job_id)
    if job is None or job.workspace_id != call.workspace.id:
        raise _unknown()
    if job.created_by != call.actor.id and not manages(call.actor, await call.catalogue(), "jobs"):
        raise _unknown()
    return job


def _unknown() -> NotFound:
    return NotFound((Fault("job.unknown", Text("没有这个任务", "There is no such job")),))


def job_document(call: Call, job: Job) -> dict[str, object]:
    """A job as people follow it; its inner input and checkpoint are not shown."""
    error = None
    if job.error is not None:
        error = {"code": job.error.get("code"), "message": job.error.get(call.language)}
    return {
        "id": str(job.id),
        "kind": job.kind,
        "state": job.state,
        "progress": job.progress,
        "done": job.done,
        "total": job.total,
        "created_at": job.created_at.isoformat(),
        "started_at": job.started_at and job.started_at.isoformat(),
        "finished_at": job.finished_at and job.finished_at.isoformat(),
        "result": job.result,
        "error": error,
    }


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "/api/jobs",
        list_my_jobs,
        "jobs",
        Text("任务列表", "Jobs"),
        parameters=(_LIMIT.parameter,),
        answers={200: Answer(Text("任务", "Jobs"), items_of(JobShown))},
    ),
    Operation(
        "GET",
        "/api/jobs/{id}",
        get_job,
        "jobs",
        Text("任务进度", "How far a job is"),
        answers={200: Answer(Text("任务", "The job"), JobShown)},
        problems=(404,),
    ),
    Operation(
        "POST",
        "/api/jobs/{id}/cancel",
        stop_job,
        "jobs",
        Text("取消任务", "Cancel a job"),
        answers={200: Answer(Text("任务", "The job"), JobShown)},
        problems=(404, 409),
        asks=True,
    ),
)
