"""The import job: asked for, run a chunk at a time, gone on with after a crash, accounted for row by row.

Each chunk is one transaction that holds its rows, their history and the checkpoint, so that a killed import goes on
exactly where it stood: nothing twice, nothing left out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from tongmai.access import AnyActor
from tongmai.kit import Text, Unavailable
from tongmai.records.files import Files, StoredFile
from tongmai.records.place import Place
from tongmai.records.runtime import Runtime
from tongmai.records.transfer.account import Account
from tongmai.records.transfer.guessing import guess_columns
from tongmai.records.transfer.import_run import ImportRun
from tongmai.records.transfer.job_actor import JobActors, described
from tongmai.records.transfer.mapping import check_actions, map_columns
from tongmai.records.transfer.opening import Opened, count_lines, open_file
from tongmai.records.transfer.refused import refused_file
from tongmai.records.transfer.request import ImportRequest
from tongmai.store import JobRun, Workspace, enqueue
from tongmai.tabular import ReadLimits

IMPORT = "import"
_CHUNK_TRIES = 5
_CATALOGUE_TRIES = 20
# Collisions with writers beside us: the chunk is done again and sees what they did.
_COLLISIONS = (
    asyncpg.UniqueViolationError,
    asyncpg.ForeignKeyViolationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
)


class Importer:
    """Starts imports and runs them as the handler of the job kind ``import``."""

    def __init__(self, runtime: Runtime, files: Files, actors: JobActors) -> None:
        self._runtime = runtime
        self._files = files
        self._actors = actors
        self._fast_lane = asyncio.Lock()
        self._limits = ReadLimits(max_expanded_bytes=runtime.settings.max_expanded_bytes)

    async def start(self, actor: AnyActor, workspace: Workspace, request: ImportRequest) -> UUID:
        """Asks for an import; the job's id. Whatever can be wrong with the file as a whole, the mapping or the actor's
        rights is refused now: ``Invalid``, ``Denied``, ``NotFound``."""
        file = await self._files.find(actor, workspace, request.file)
        place = await self._runtime.place(actor, workspace)
        check_actions(place, request)
        async with self._files.local_copy(workspace, file) as path:
            opened = await asyncio.to_thread(open_file, path, request, self._limits)
        request = complete(place, request, opened)
        map_columns(place, request, opened.columns, request.columns or ())
        payload = {
            "workspace": workspace.key,
            "actor": described(actor),
            "request": request.model_dump(mode="json"),
            "file_name": file.name,
        }
        async with self._runtime.database.write() as tx:
            job = await enqueue(tx, IMPORT, workspace.id, payload, clock=self._runtime.clock, created_by=actor.id)
        await self._files.belong_to_job(workspace, file.id, job)
        return job

    async def run(self, run: JobRun) -> Mapping[str, Any]:
        """Does an import, or the rest of it. Answers the account and the file of refused rows."""
        workspace, actor = await self._actors.of(run)
        request = ImportRequest.model_validate(run.input["request"])
        file = await self._files.find(actor, workspace, request.file)
        account = Account.of_checkpoint(run.checkpoint)
        async with self._files.local_copy(workspace, file) as path:
            opened = await asyncio.to_thread(open_file, path, request, self._limits)
            lines = opened.total if opened.total else await asyncio.to_thread(count_lines, path)
            for _ in range(_CATALOGUE_TRIES):
                import_run = ImportRun(
                    self._runtime, self._files, run, workspace, actor, request, opened.columns, self._fast_lane
                )
                account, outdated = await import_run.go_on(account, path, self._limits, lines)
                if outdated is None:
                    break
                await self._runtime.catalogues.reload(workspace, outdated + 1)
            else:
                raise Unavailable.of(
                    "catalogue.changing",
                    "模型正在修改，请稍后再试",
                    "The model is being changed",
                    way_out=Text("请稍后再试", "Try again in a moment"),
                )
        refused = await self._keep_refused(run, workspace, actor, file, opened.columns, account)
        return {**account.document(), "object": request.object, "refused_file": refused}

    async def _keep_refused(
        self,
        run: JobRun,
        workspace: Workspace,
        actor: AnyActor,
        file: StoredFile,
        columns: Sequence[str],
        account: Account,
    ) -> UUID | None:
        """Joins the parts that the chunks left into one file."""
        if not account.parts:
            return None
        numbers = list(account.parts)
        parts = self._files.store.parts(workspace.id, run.id, numbers)
        content = refused_file(columns, parts, actor.language)
        name = f"{Path(file.name).stem}-refused.csv"
        kept = await self._files.save(
            actor, workspace, name, content, declared_type="text/csv", job=(run.id, "refused"),
            together_with=lambda tx: run.progress(account.read, account.read, tx=tx),
        )  # fmt: skip
        await self._files.store.drop_parts(workspace.id, run.id, numbers)
        return kept.id


def complete(place: Place, request: ImportRequest, opened: Opened) -> ImportRequest:
    """The request with its columns guessed where they were not given."""
    if request.columns is not None:
        return request
    guesses = guess_columns(place, request.object, opened.columns, opened.sample.rows)
    return request.model_copy(update={"columns": tuple(guess.as_map() for guess in guesses if guess.field is not None)})
