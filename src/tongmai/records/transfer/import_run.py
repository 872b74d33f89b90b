"""An import under one catalogue version: chunk after chunk, each in a transaction with the checkpoint.

Where no row can depend on one before it but through a unique value, two chunks are written at once on two connections.
The second one commits after the first: it waits for it before it notes the checkpoint. If they get into each other's
way, both are rolled back and done one after the other.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import aclosing
from pathlib import Path

import asyncpg

from tongmai.access import AnyActor
from tongmai.kit import Unavailable
from tongmai.records.files import Files
from tongmai.records.runtime import BEHIND, Runtime
from tongmai.records.transfer.account import Account
from tongmai.records.transfer.chunk import ChunkOutcome, write_chunk
from tongmai.records.transfer.mapping import map_columns
from tongmai.records.transfer.plan import ImportPlan, compile_plan
from tongmai.records.transfer.refused import refused_part
from tongmai.records.transfer.request import ImportRequest
from tongmai.schema import give_way
from tongmai.store import JobRun, Workspace
from tongmai.tabular import ParsedChunk, ParseSpec, ReadLimits, parsed_chunks

_CHUNK_TRIES = 5
_AT_ONCE = 2
_LOCK_TIMEOUT = "2s"
# Collisions with writers beside us: the chunk is done again and sees what they did.
_COLLISIONS = (
    asyncpg.UniqueViolationError,
    asyncpg.ForeignKeyViolationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
)


class ImportRun:
    """One attempt at a job's import.

    ``fast_lane`` is held by the one import of the process that writes two chunks at once: the others leave the
    connections to the people at work.
    """

    def __init__(
        self,
        runtime: Runtime,
        files: Files,
        run: JobRun,
        workspace: Workspace,
        actor: AnyActor,
        request: ImportRequest,
        columns: tuple[str, ...],
        fast_lane: asyncio.Lock,
    ) -> None:
        self._runtime = runtime
        self._files = files
        self._run = run
        self._workspace = workspace
        self._actor = actor
        self._request = request
        self._columns = columns
        self._fast_lane = fast_lane
        self._expect_collisions = False

    async def go_on(self, account: Account, path: Path, limits: ReadLimits, total: int) -> tuple[Account, int | None]:
        """Goes on to the end of the file, or until the catalogue changes: then with the version that is outdated."""
        place = await self._runtime.place(self._actor, self._workspace)
        request = self._request
        mapped = map_columns(place, request, self._columns, request.columns or ())
        now = self._runtime.clock.now()
        plan = compile_plan(place, request, mapped, f"import:{self._run.id}", now)
        spec = ParseSpec(
            path=path,
            limits=limits,
            columns=plan.specs,
            zone=self._workspace.zone,
            moment=now,
            format=request.format,
            encoding=request.encoding,
            separator=request.separator,
            sheet=request.sheet,
            after=account.row,
        )
        try:
            if not plan.may_overlap or self._fast_lane.locked():
                return await self._all(plan, spec, account, total, at_once=1), None
            async with self._fast_lane:
                return await self._all(plan, spec, account, total, at_once=_AT_ONCE), None
        except _Outdated as outdated:
            return outdated.account, place.structure.catalogue.version

    async def _all(self, plan: ImportPlan, spec: ParseSpec, account: Account, total: int, *, at_once: int) -> Account:
        """All chunks to the end of the file. Raises ``_Outdated`` with what is done where the catalogue changed."""
        turns: deque[_Turn] = deque()
        try:
            async with aclosing(parsed_chunks(spec)) as chunks:
                async for chunk in chunks:
                    before: asyncio.Future[Account] = turns[-1].task if turns else _known(account)
                    work = self._do_once(plan, chunk, before, total, beside=at_once > 1)
                    turns.append(_Turn(chunk, asyncio.create_task(work)))
                    if len(turns) >= at_once:
                        account = await self._settle(plan, turns, account, total)
                while turns:
                    account = await self._settle(plan, turns, account, total)
        except asyncpg.PostgresError as error:
            if error.sqlstate != BEHIND:
                raise
            raise _Outdated(account) from error
        finally:
            await _abandon(turns)
        return account

    async def _settle(self, plan: ImportPlan, turns: deque[_Turn], account: Account, total: int) -> Account:
        """Waits for the first turn; where it collided, all turns under way are done again, one after the other."""
        turn = turns.popleft()
        try:
            return await turn.task
        except (*_COLLISIONS, Unavailable):
            again = [turn.chunk, *(each.chunk for each in turns)]
            await _abandon(turns)
        for chunk in again:
            account = await self._do(plan, chunk, account, total)
        return account

    async def _do(self, plan: ImportPlan, chunk: ParsedChunk, account: Account, total: int) -> Account:
        """One chunk by itself, again where it collides with other writers."""
        for _ in range(_CHUNK_TRIES - 1):
            try:
                return await self._do_once(plan, chunk, _known(account), total, beside=False)
            except _COLLISIONS:
                continue
        return await self._do_once(plan, chunk, _known(account), total, beside=False)

    async def _do_once(
        self, plan: ImportPlan, chunk: ParsedChunk, before: asyncio.Future[Account], total: int, *, beside: bool
    ) -> Account:
        """Writes a chunk; commits once the one before it has. ``beside``: another is being written at the same time."""
        database = self._runtime.database
        await give_way(database, self._workspace)
        async with database.write() as tx:
            if beside:
                # The other one may wait for us in the database while we wait for it here.
                await tx.execute(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'")
            moment = self._runtime.clock.now()
            expected = self._expect_collisions
            outcome = await write_chunk(tx, database, plan, chunk, moment, expect_collisions=expected)
            self._expect_collisions = outcome.collided
            done = (await asyncio.shield(before)).with_chunk(chunk, outcome)
            # First: who takes the job from us waits for this commit, and then finds the part, or nothing is written.
            await self._run.progress(done.read, max(total, done.read), done.model_dump(), tx=tx)
            await self._keep_part(chunk, outcome, done.chunk)
        return done

    async def _keep_part(self, chunk: ParsedChunk, outcome: ChunkOutcome, number: int) -> None:
        """Before the commit: a part without its commit is written again, a commit without its part never is."""
        if outcome.refused:
            part = refused_part(chunk, outcome.refused, len(self._columns), self._actor.language)
            await self._files.store.put_part(self._workspace.id, self._run.id, number, part)


class _Turn:
    """A chunk being written."""

    def __init__(self, chunk: ParsedChunk, task: asyncio.Task[Account]) -> None:
        self.chunk = chunk
        self.task = task


class _Outdated(Exception):
    """The catalogue has changed; ``account`` is of what was committed."""

    def __init__(self, account: Account) -> None:
        super().__init__()
        self.account = account


def _known(account: Account) -> asyncio.Future[Account]:
    found: asyncio.Future[Account] = asyncio.get_running_loop().create_future()
    found.set_result(account)
    return found


async def _abandon(turns: deque[_Turn]) -> None:
    """Rolls back what is under way and waits until it is."""
    for turn in turns:
        turn.task.cancel()
    await asyncio.gather(*(turn.task for turn in turns), return_exceptions=True)
    turns.clear()
