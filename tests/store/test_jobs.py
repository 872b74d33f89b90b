"""Jobs: asked for in a transaction, done once, gone on from the checkpoint, told about in two languages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from tongmai.kit import FixedClock, Invalid, Unavailable
from tongmai.store import (
    Database,
    Job,
    JobHandler,
    JobRun,
    JobStopped,
    JobWorker,
    Workspace,
    cancel_job,
    enqueue,
    find_job,
    list_jobs,
    mark_job_undone,
)


@pytest.fixture(autouse=True)
async def _empty_queue(database: Database) -> AsyncIterator[None]:
    yield
    async with database.write() as tx:
        await tx.execute("DELETE FROM tongmai.job")


async def _ask(database: Database, clock: FixedClock, **payload: object) -> UUID:
    async with database.write() as tx:
        return await enqueue(tx, "count", None, payload, clock=clock)


async def _look(database: Database, job_id: UUID) -> Job:
    async with database.read() as tx:
        job = await find_job(tx, job_id)
    assert job is not None
    return job


async def _work(database: Database, clock: FixedClock, handler: JobHandler) -> None:
    await JobWorker(database, {"count": handler}, clock).run_until_idle()


async def test_a_job_is_done_with_its_input_and_keeps_its_result(
    database: Database, workspace: Workspace, clock: FixedClock
) -> None:
    async def handler(run: JobRun) -> Mapping[str, Any]:
        await run.progress(5, 10)
        return {"length": len(run.input["word"])}

    async with database.write() as tx:
        job_id = await enqueue(tx, "count", workspace.id, {"word": "通脉"}, clock=clock)
    await _work(database, clock, handler)
    job = await _look(database, job_id)
    assert (job.state, job.result, job.done, job.total, job.progress) == ("done", {"length": 2}, 5, 10, 1.0)
    assert job.finished_at == clock.now()
    async with database.read() as tx:
        assert await list_jobs(tx, workspace.id) == [job]


async def test_who_asks_for_many_does_not_keep_others_waiting(
    database: Database, workspace: Workspace, clock: FixedClock
) -> None:
    busy, other = uuid4(), uuid4()
    done: list[str] = []

    async def handler(run: JobRun) -> Mapping[str, Any]:
        done.append(run.input["who"])
        return {}

    async with database.write() as tx:
        for who, maker in (*[("busy", busy)] * 4, ("other", other), ("other", other), ("system", None)):
            await enqueue(tx, "count", workspace.id, {"who": who}, clock=clock, created_by=maker)
            clock.advance(timedelta(seconds=1))
    await JobWorker(database, {"count": handler}, clock, concurrency=1).run_until_idle()
    assert done == ["busy", "other", "system", "busy", "other", "busy", "busy"]


async def test_ones_own_jobs_are_found_behind_any_number_of_others(
    database: Database, workspace: Workspace, clock: FixedClock
) -> None:
    mine, others = uuid4(), uuid4()
    async with database.write() as tx:
        for who in (mine, others, others):
            await enqueue(tx, "count", workspace.id, {}, clock=clock, created_by=who)
            clock.advance(timedelta(seconds=1))
    async with database.read() as tx:
        assert [job.created_by for job in await list_jobs(tx, workspace.id, limit=2)] == [others, others]
        assert [job.created_by for job in await list_jobs(tx, workspace.id, limit=2, created_by=mine)] == [mine]


async def test_a_job_of_a_rolled_back_transaction_never_was(database: Database, clock: FixedClock) -> None:
    with pytest.raises(LookupError):
        async with database.write() as tx:
            await enqueue(tx, "count", None, {}, clock=clock)
            raise LookupError
    async with database.read() as tx:
        assert await tx.fetch_value("SELECT count(*) FROM tongmai.job") == 0


async def test_many_workers_do_each_job_once(database: Database, clock: FixedClock) -> None:
    done: list[int] = []

    async def handler(run: JobRun) -> None:
        await asyncio.sleep(0)
        done.append(run.input["number"])

    for number in range(60):
        await _ask(database, clock, number=number)
    await asyncio.gather(*(_work(database, clock, handler) for _ in range(4)))
    assert sorted(done) == list(range(60))


async def test_a_job_whose_worker_died_goes_on_from_its_checkpoint(database: Database, clock: FixedClock) -> None:
    job_id = await _ask(database, clock)
    began = asyncio.Event()

    async def dies(run: JobRun) -> None:
        await run.progress(3, 10, {"next": 3})
        began.set()
        await asyncio.Event().wait()

    dead = JobWorker(database, {"count": dies}, clock)
    task = asyncio.create_task(dead.run_until_idle())
    await began.wait()
    found: list[object] = []

    async def goes_on(run: JobRun) -> None:
        found.append((run.checkpoint, run.attempt))

    await _work(database, clock, goes_on)
    assert found == []  # the first worker's lease still holds
    clock.advance(timedelta(minutes=1))
    await _work(database, clock, goes_on)
    assert found == [({"next": 3}, 2)]
    assert (await _look(database, job_id)).state == "done"
    task.cancel()


async def test_a_worker_thought_dead_can_write_nothing_more(database: Database, clock: FixedClock) -> None:
    job_id = await _ask(database, clock)
    began, taken_over = asyncio.Event(), asyncio.Event()
    stopped: list[bool] = []

    async def slow(run: JobRun) -> None:
        if run.attempt == 2:
            return
        began.set()
        await taken_over.wait()
        try:
            async with database.write() as tx:
                await tx.execute("INSERT INTO tongmai.setting VALUES ($1, NULL, 'zombie', '1')", run.id)
                await run.progress(1, 1, {"next": 1}, tx=tx)
        except JobStopped:
            stopped.append(run.cancelled())
            raise

    first = asyncio.create_task(_work(database, clock, slow))
    await began.wait()
    clock.advance(timedelta(minutes=1))
    await _work(database, clock, slow)
    taken_over.set()
    await first
    assert stopped == [True]
    async with database.read() as tx:
        assert await tx.fetch_value("SELECT count(*) FROM tongmai.setting WHERE key = 'zombie'") == 0
    assert (await _look(database, job_id)).checkpoint is None


async def test_a_job_that_ends_every_worker_is_given_up(database: Database, clock: FixedClock) -> None:
    job_id = await _ask(database, clock)
    async with database.write() as tx:
        await tx.execute(
            "UPDATE tongmai.job SET state = 'running', attempt = 5, lease_until = $2 WHERE id = $1", job_id, clock.now()
        )
    clock.advance(timedelta(seconds=1))

    async def never(run: JobRun) -> None:
        raise AssertionError("it must not run again")

    await _work(database, clock, never)
    job = await _look(database, job_id)
    assert job.state == "failed"
    assert job.error is not None
    assert job.error["code"] == "job.gave_up"


async def test_a_refusal_is_kept_in_both_languages(database: Database, clock: FixedClock) -> None:
    async def refuses(run: JobRun) -> None:
        raise Invalid.of("x.y", "第一列缺失", "the first column is missing")

    job_id = await _ask(database, clock)
    await _work(database, clock, refuses)
    job = await _look(database, job_id)
    assert job.state == "failed"
    assert job.error == {"code": "invalid", "zh": "第一列缺失", "en": "the first column is missing"}


async def test_a_defect_fails_the_job_without_telling_inner_text(database: Database, clock: FixedClock) -> None:
    async def breaks(run: JobRun) -> None:
        raise KeyError("inner secret")

    job_id = await _ask(database, clock)
    await _work(database, clock, breaks)
    job = await _look(database, job_id)
    assert job.error is not None
    assert job.error["code"] == "internal"
    assert str(job_id) in job.error["en"]
    assert "secret" not in str(job.error)


async def test_a_fault_of_the_machine_is_tried_again_later(database: Database, clock: FixedClock) -> None:
    attempts: list[int] = []

    async def away_at_first(run: JobRun) -> None:
        attempts.append(run.attempt)
        if run.attempt == 1:
            raise Unavailable.of("x", "不可用", "away")

    job_id = await _ask(database, clock)
    await _work(database, clock, away_at_first)
    assert (await _look(database, job_id)).state == "queued"
    await _work(database, clock, away_at_first)
    assert attempts == [1]  # not at once
    clock.advance(timedelta(minutes=1))
    await _work(database, clock, away_at_first)
    assert attempts == [1, 2]
    assert (await _look(database, job_id)).state == "done"


async def test_a_waiting_job_can_be_cancelled_and_a_finished_one_not(database: Database, clock: FixedClock) -> None:
    done: list[UUID] = []

    async def handler(run: JobRun) -> None:
        done.append(run.id)

    cancelled, other = await _ask(database, clock), await _ask(database, clock)
    async with database.write() as tx:
        assert await cancel_job(tx, cancelled, clock=clock)
    await _work(database, clock, handler)
    assert done == [other]
    async with database.write() as tx:
        assert not await cancel_job(tx, other, clock=clock)
    assert (await _look(database, cancelled)).state == "cancelled"


async def test_a_running_job_hears_of_its_cancellation_and_stays_cancelled(
    database: Database, clock: FixedClock
) -> None:
    began, ended = asyncio.Event(), asyncio.Event()

    async def until_cancelled(run: JobRun) -> None:
        began.set()
        while not run.cancelled():
            async with database.read() as tx:
                await tx.fetch_value("SELECT 1")
        ended.set()

    job_id = await _ask(database, clock)
    worker = JobWorker(database, {"count": until_cancelled}, clock)
    task = asyncio.create_task(worker.run())
    await began.wait()
    async with database.write() as tx:
        assert await cancel_job(tx, job_id, clock=clock)
    await asyncio.wait_for(ended.wait(), 10)
    worker.stop()
    await task
    assert (await _look(database, job_id)).state == "cancelled"


async def test_a_running_worker_takes_a_new_job_at_once(database: Database, clock: FixedClock) -> None:
    done = asyncio.Event()

    async def handler(run: JobRun) -> None:
        done.set()

    worker = JobWorker(database, {"count": handler}, clock)
    task = asyncio.create_task(worker.run())
    await _ask(database, clock)
    await asyncio.wait_for(done.wait(), 4)  # sooner than it looks by itself
    worker.stop()
    await task


async def test_a_worker_that_is_stopped_gives_its_jobs_back(database: Database, clock: FixedClock) -> None:
    began = asyncio.Event()

    async def long(run: JobRun) -> None:
        await run.progress(1, 2, {"next": 1})
        began.set()
        await asyncio.Event().wait()

    job_id = await _ask(database, clock)
    worker = JobWorker(database, {"count": long}, clock)
    task = asyncio.create_task(worker.run())
    await began.wait()
    worker.stop()
    await task
    job = await _look(database, job_id)
    assert (job.state, job.checkpoint, job.attempt) == ("queued", {"next": 1}, 0)


async def test_a_job_waits_for_its_moment(database: Database, clock: FixedClock) -> None:
    done: list[UUID] = []

    async def handler(run: JobRun) -> None:
        done.append(run.id)

    async with database.write() as tx:
        job_id = await enqueue(tx, "count", None, {}, clock=clock, run_after=clock.now() + timedelta(hours=1))
    await _work(database, clock, handler)
    assert done == []
    clock.advance(timedelta(hours=1))
    await _work(database, clock, handler)
    assert done == [job_id]


async def test_only_what_is_done_can_be_undone_and_only_once(database: Database, clock: FixedClock) -> None:
    async def handler(run: JobRun) -> None:
        return None

    job_id = await _ask(database, clock)
    async with database.write() as tx:
        assert not await mark_job_undone(tx, job_id)
    await _work(database, clock, handler)
    async with database.write() as tx:
        assert await mark_job_undone(tx, job_id)
        assert not await mark_job_undone(tx, job_id)
