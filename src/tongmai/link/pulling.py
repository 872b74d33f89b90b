"""Pulling: a job that goes through the streams of a source, a page a transaction, on from its cursors.

A page's rows, what of it was set aside, the cursor and the counts are kept together or not at all: killed at any
moment, a pull goes on where it stood. What the other side cannot give now is asked for again after a pause.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID

import orjson
import structlog

from tongmai.kit import Clock, Conflict, Fault, Invalid, NotFound, Text, TongmaiError
from tongmai.link.faults import SourceAway
from tongmai.link.mapping import Mapper
from tongmai.link.missing_rows import ALL_ROWS, TooManyGone, rows_gone
from tongmai.link.opening import Known, Sources
from tongmai.link.raw import RawRows
from tongmai.link.runs import Runs
from tongmai.link.source import Cursor, Page, Pulls, RawRow, SetAside, Source
from tongmai.link.state import States
from tongmai.store import Database, JobRun, JobStopped, Workspace, WriteTx, enqueue, find_workspace

PULL = "source.pull"
_TRIES = 6
_LONGEST_PAUSE_S = 60.0
_PAGES_A_LOOK = 8
Sleep = Callable[[float], Awaitable[None]]
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Progress:
    """Of one pull: the streams still to be pulled, and rows so far."""

    left: list[str]
    rows: int = 0
    totals: dict[str, int] = field(default_factory=dict)

    def checkpoint(self) -> dict[str, Any]:
        return {"left": self.left, "rows": self.rows}


class Puller:
    """Asks for pulls and does them."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        sources: Sources,
        raw: RawRows,
        runs: Runs,
        states: States,
        mapper: Mapper,
        *,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._database = database
        self._clock = clock
        self._sources = sources
        self._raw = raw
        self._runs = runs
        self._states = states
        self._mapper = mapper
        self._sleep = sleep

    async def ask(
        self,
        workspace: Workspace,
        source: str,
        *,
        streams: Sequence[str] = (),
        anew: bool = False,
        created_by: UUID | None = None,
    ) -> UUID:
        """Asks for a pull of all streams, or those named; the job's id. ``anew``: from the very start (a back-fill).

        A pull of the same that still waits is the answer already. Raises ``NotFound``, ``Invalid``, or ``Conflict``
        for a source that is switched off or cannot be pulled.
        """
        known = await self._sources.known(workspace, source)
        wanted = _streams(known, streams)
        if not known.definition.enabled:
            raise Conflict.of(
                "source.disabled",
                "数据源已停用",
                "The source is switched off",
                way_out=Text("在“编辑”里勾选“启用”", "Tick “Enabled” under “Edit”"),
            )
        async with self._database.write() as tx:
            return await ask_for_pull(tx, self._clock, workspace, source, wanted, anew=anew, created_by=created_by)

    async def run(self, run: JobRun) -> Mapping[str, Any]:
        """Does a pull, or the rest of it. Answers the counts."""
        async with self._database.read() as tx:
            workspace = await find_workspace(tx, run.input["workspace"])
        if workspace is None:
            raise NotFound.of("workspace.gone", "工作区已不存在", "The workspace is gone")
        source: str = run.input["source"]
        async with self._database.write() as tx:
            run_id = await self._runs.begin(tx, workspace, source, "pull", run.id)
            if run.input.get("anew") and run.checkpoint is None:
                for stream in run.input["streams"]:
                    await self._states.move(tx, workspace, source, stream, None)
        left = run.checkpoint["left"] if run.checkpoint else run.input["streams"]
        progress = _Progress(list(left), (run.checkpoint or {}).get("rows", 0))
        try:
            known = await self._sources.known(workspace, source)
            async with self._sources.opened(workspace, known) as opened:
                await self._each(run, run_id, workspace, source, opened, progress)
        except TongmaiError as error:
            await self._close(workspace, source, run_id, error)
            raise
        except JobStopped:
            # Cancelled by a person: what was pulled stays. Anything else that ends us leaves the run to the next try.
            stopped = Conflict.of("source.cancelled", "拉取被取消", "The pull was cancelled")
            async with self._database.write() as tx:
                await self._runs.end(tx, workspace, run_id, stopped)
            raise
        await self._close(workspace, source, run_id, None)
        return {"source": source, "rows": progress.rows, "run": str(run_id)}

    async def _close(self, workspace: Workspace, source: str, run_id: UUID, error: TongmaiError | None) -> None:
        await self._mapper.advance(workspace, source=source)
        async with self._database.write() as tx:
            await self._runs.end(tx, workspace, run_id, error)
            if error is not None:
                await self._states.tell(tx, workspace, source, error)
            else:
                await self._states.recovered(tx, workspace, source)

    async def _each(
        self, run: JobRun, run_id: UUID, workspace: Workspace, source: str, opened: Source, progress: _Progress
    ) -> None:
        """All streams that are left. What one of them is refused keeps no other out; but a refusal that is said again
        of the next is the whole source's, and is not asked for a third time: accounts are locked by less."""
        refused: list[TongmaiError] = []
        while progress.left:
            try:
                await self._stream(run, run_id, workspace, source, opened, progress)
            except SourceAway:
                raise
            except TongmaiError as error:
                if refused and refused[-1].faults == error.faults:
                    break
                refused.append(error)
                progress.left.pop(0)
                await run.progress(progress.rows, checkpoint=progress.checkpoint())
        if len(refused) == 1:
            raise refused[0]
        if refused:
            raise Invalid(tuple(fault for error in refused for fault in error.faults))

    async def _stream(
        self, run: JobRun, run_id: UUID, workspace: Workspace, source: str, opened: Source, progress: _Progress
    ) -> None:
        """One stream to its end; on from the last page kept where the other side went away."""
        stream = progress.left[0]
        known = await self._sources.known(workspace, source)
        tries = 0
        while True:
            try:
                async with self._database.read() as tx:
                    cursor = await self._states.cursor(tx, workspace, source, stream)
                async with aclosing(cast("Any", _pages(opened, stream, cursor))) as pages:
                    async for page in pages:
                        await self._keep(run, run_id, workspace, source, stream, page, progress)
                        if tries:
                            async with self._database.write() as tx:
                                await self._states.recovered(tx, workspace, source)
                        tries = 0
                break
            except SourceAway as away:
                tries += 1
                if tries >= _TRIES:
                    raise
                # Who looks at the source's page meanwhile reads what it waits for.
                async with self._database.write() as tx:
                    await self._states.tell(tx, workspace, source, away)
                await self._pause(run, away, tries)
        if not any(each.told for each in known.streams if each.key == stream):
            # A stream that has nothing was pulled all the same.
            async with self._database.write() as tx:
                await self._states.looked_at(tx, workspace, source, stream)
        progress.left.pop(0)
        await run.progress(progress.rows, checkpoint=progress.checkpoint())

    async def _pause(self, run: JobRun, away: SourceAway, tries: int) -> None:
        """Doubling from a second; as long as the other side asked for, within a minute."""
        pause = min(float(away.extra.get("retry_after", 0)) or 2.0 ** (tries - 1), _LONGEST_PAUSE_S)
        _log.info("source.away", tries=tries, pause=pause, reason=str(away))
        await run.renew()
        await self._sleep(pause)

    async def look(self, workspace: Workspace, source: str, opened: Source, stream: str) -> int:
        """Brings what a watched stream has behind its cursor, without a job, a few pages at most; how many rows. An
        hour of it is one run in the log. Raises what the source raises."""
        async with self._database.read() as tx:
            cursor = await self._states.cursor(tx, workspace, source, stream)
        count = taken = 0
        async with aclosing(cast("Any", _pages(opened, stream, cursor))) as pages:
            async for page in pages:
                async with self._database.write() as tx:
                    await tx.commit_later()
                    run_id = await self._runs.begin(tx, workspace, source, "pull", gathers=True)
                    await self._store(tx, run_id, workspace, source, stream, page)
                    await self._runs.end(tx, workspace, run_id)
                count += len(page.rows)
                taken += 1
                if taken == _PAGES_A_LOOK:
                    break
        return count

    async def is_under_way(self, workspace: Workspace, source: str, stream: str) -> bool:
        """Whether a job pulls the stream, or is about to."""
        async with self._database.read() as tx:
            found: bool = await tx.fetch_value(
                "SELECT EXISTS (SELECT FROM tongmai.job WHERE workspace_id = $1 AND kind = $2"
                " AND state IN ('queued', 'running') AND input->>'source' = $3"
                " AND coalesce(checkpoint->'left', input->'streams') ? $4)",
                workspace.id, PULL, source, stream,
            )  # fmt: skip
        return found

    async def _keep(
        self,
        run: JobRun,
        run_id: UUID,
        workspace: Workspace,
        source: str,
        stream: str,
        page: Page,
        progress: _Progress,
    ) -> None:
        async with self._database.write() as tx:
            await tx.commit_later()
            anew = bool(run.input.get("anew"))
            await self._store(tx, run_id, workspace, source, stream, page, is_anew=anew)
            progress.rows += len(page.rows)
            await run.progress(progress.rows, page.total, progress.checkpoint(), tx=tx)

    async def _store(
        self,
        tx: WriteTx,
        run_id: UUID,
        workspace: Workspace,
        source: str,
        stream: str,
        page: Page,
        *,
        is_anew: bool = False,
    ) -> None:
        known = await self._sources.known(workspace, source)
        gone, missing = await self._gone(tx, workspace, source, stream, page, is_anew=is_anew)
        for other in sorted(page.beside):
            await self._raw.put(tx, workspace, source, other, page.beside[other], shelf=known.shelf(other))
        put = await self._raw.put(tx, workspace, source, stream, (*page.rows, *gone), shelf=known.shelf(stream))
        aside = (*page.set_aside, *put.set_aside, *missing)
        await self._runs.forget(tx, workspace, source, stream, page.anew)
        await self._runs.accept(tx, workspace, source, stream, [row.key for row in page.rows])
        await self._runs.refuse(tx, workspace, source, stream, aside, run_id=run_id)
        await self._states.move(tx, workspace, source, stream, page.cursor)
        changed = max(put.changed - len(gone), 0)
        counts = {
            "new": put.new, "changed": changed, "same": put.same, "deleted": len(gone), "refused": len(aside),
        }  # fmt: skip
        await self._runs.count(tx, workspace, run_id, counts)
        if put.new or put.changed:
            await self._raw.announce(tx, workspace)

    async def _gone(
        self, tx: WriteTx, workspace: Workspace, source: str, stream: str, page: Page, *, is_anew: bool
    ) -> tuple[list[RawRow], tuple[SetAside, ...]]:
        """Rows that the source has no more; or what is to be said where there are too many of them."""
        if page.listing is None:
            return [], ()
        try:
            gone = await rows_gone(tx, self._raw, workspace, source, stream, page.listing, is_sure=is_anew)
        except TooManyGone as error:
            return [], (error.aside,)
        await self._runs.accept(tx, workspace, source, stream, [ALL_ROWS])
        return gone, ()


async def ask_for_pull(
    tx: WriteTx,
    clock: Clock,
    workspace: Workspace,
    source: str,
    streams: Sequence[str],
    *,
    anew: bool = False,
    created_by: UUID | None = None,
) -> UUID:
    """Asks for a pull in the caller's transaction; the job's id. One of the same that still waits will bring what this
    one would: a burst of call-backs asks for one pull, not for one each."""
    payload = {"workspace": workspace.key, "source": source, "streams": list(streams), "anew": anew}
    waiting: UUID | None = await tx.fetch_value(
        "SELECT id FROM tongmai.job WHERE workspace_id = $1 AND kind = $2 AND state = 'queued'"
        " AND input @> $3::text::jsonb LIMIT 1",
        workspace.id, PULL, orjson.dumps(payload).decode(),
    )  # fmt: skip
    if waiting is not None:
        return waiting
    return await enqueue(tx, PULL, workspace.id, payload, clock=clock, created_by=created_by)


async def _pages(opened: Source, stream: str, cursor: Cursor | None) -> AsyncIterator[Page]:
    if not isinstance(opened, Pulls):
        raise Conflict.of("source.cannot_pull", "这种数据源只接收推送", "This kind of source is not pulled from")
    async for page in opened.pull(stream, cursor):
        yield page


def _streams(known: Known, wanted: Sequence[str]) -> list[str]:
    there = [each.key for each in known.streams]
    unknown = [each for each in wanted if each not in there]
    if unknown:
        listed = "、".join(there)
        raise Invalid(
            tuple(
                Fault(
                    "source.unknown_stream",
                    Text(f"没有数据流“{each[:60]}”", f"There is no stream “{each[:60]}”"),
                    Text(f"可用：{listed}", f"Use: {listed}"),
                    field="streams",
                )
                for each in unknown
            )
        )
    return list(wanted) or there
