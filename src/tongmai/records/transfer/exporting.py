"""Exports: streamed as they are read (CSV, JSON lines) or written to a file first (XLSX, Parquet), now or as a job.

All read one moment of the database through one cursor or COPY, so that memory stays flat however many rows there are.
Each export is noted in the audit log before its first row leaves.
"""

from __future__ import annotations

import asyncio
import csv
import io
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from tongmai.access import AnyActor
from tongmai.identity import write_audit
from tongmai.kit import Text, TooMany
from tongmai.records.files import Files
from tongmai.records.runtime import Runtime
from tongmai.records.transfer.export_files import MOST_ROWS, too_many_rows, write_parquet, write_xlsx
from tongmai.records.transfer.export_query import ExportQuery, plan_export
from tongmai.records.transfer.export_request import MEDIA_TYPES, ExportRequest
from tongmai.records.transfer.job_actor import JobActors, described
from tongmai.store import JobRun, ReadTx, Workspace, enqueue
from tongmai.tabular import guard

EXPORT = "export"
# More at once are no work of a person's.
_MOST_WAITING = 20
_BATCH = 2_000
_BLOCK = 1024 * 1024
_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class Export:
    """A file on its way: its name, its media type, its content in chunks. Close ``content`` if not read to its end."""

    name: str
    media_type: str
    content: AsyncGenerator[bytes, None]


class Exporter:
    """Streams exports, and runs them as the handler of the job kind ``export``."""

    def __init__(self, runtime: Runtime, files: Files, actors: JobActors) -> None:
        self._runtime = runtime
        self._files = files
        self._actors = actors

    async def stream(self, actor: AnyActor, workspace: Workspace, request: ExportRequest) -> Export:
        """An export to be sent at once. Raises what ``plan_export`` raises, and ``TooLarge`` for XLSX."""
        place = await self._runtime.place(actor, workspace)
        now = self._runtime.clock.now()
        query = plan_export(place, request, now)
        if request.format == "xlsx":
            await self._check_rows(query)
        await self._note(actor, workspace, request, query, now)
        local = now.astimezone(place.zone)
        name = f"{request.object}-{local:%Y%m%d-%H%M%S}.{request.format}"
        return Export(name, MEDIA_TYPES[request.format], self._content(query))

    async def start(self, actor: AnyActor, workspace: Workspace, request: ExportRequest) -> UUID:
        """Asks for an export as a job, whose result names the file. Raises like ``stream``, and ``TooMany`` where as
        many of the actor's are not done yet as anybody may want."""
        place = await self._runtime.place(actor, workspace)
        plan_export(place, request, self._runtime.clock.now())
        if actor.id is not None:
            await self._check_waiting(workspace, actor.id)
        payload = {"workspace": workspace.key, "actor": described(actor), "request": request.model_dump(mode="json")}
        async with self._runtime.database.write() as tx:
            return await enqueue(tx, EXPORT, workspace.id, payload, clock=self._runtime.clock, created_by=actor.id)

    async def run(self, run: JobRun) -> Mapping[str, Any]:
        """Writes the file of an export job. A killed one begins anew. Who takes the job away from it while it writes
        (a cancelling, words that must go) finds no file of it afterwards: file and last report are one transaction."""
        workspace, actor = await self._actors.of(run)
        request = ExportRequest.model_validate(run.input["request"])
        place = await self._runtime.place(actor, workspace)
        query = plan_export(place, request, self._runtime.clock.now())
        total = await self._count(query)
        await run.progress(0, total)
        export = await self.stream(actor, workspace, request)
        async with aclosing(export.content) as content:
            kept = await self._files.save(
                actor, workspace, export.name, content, declared_type=export.media_type, job=(run.id, "export"),
                together_with=lambda tx: run.progress(total, total, tx=tx),
            )  # fmt: skip
        if actor.id is not None:
            await self._files.drop_older_exports(workspace, actor.id)
        return {"file": str(kept.id), "name": kept.name, "size": kept.size, "rows": total}

    async def _check_waiting(self, workspace: Workspace, person: UUID) -> None:
        async with self._runtime.database.read() as tx:
            waiting = await tx.fetch_value(
                "SELECT count(*) FROM tongmai.job WHERE workspace_id = $1 AND kind = $2 AND created_by = $3"
                " AND state IN ('queued', 'running')",
                workspace.id, EXPORT, person,
            )  # fmt: skip
        if waiting >= _MOST_WAITING:
            raise TooMany.of(
                "export.too_many_waiting",
                f"您有 {waiting} 个导出还没有完成",
                f"{waiting} of your exports are not done yet",
                way_out=Text("请等它们完成，或取消不要的", "Wait for them, or cancel those you do not want"),
                extra={"retry_after": 15},
            )

    def _content(self, query: ExportQuery) -> AsyncGenerator[bytes, None]:
        match query.request.format:
            case "csv":
                return self._csv(query)
            case "jsonl":
                return self._json_lines(query)
            case "xlsx":
                return self._xlsx(query)
            case "parquet":
                return self._parquet(query)

    async def _csv(self, query: ExportQuery) -> AsyncGenerator[bytes, None]:
        out = io.StringIO()
        csv.writer(out).writerow([guard(column.heading) for column in query.columns])
        yield (_MARK + out.getvalue()).encode()
        sql, arguments = query.texts(guarded=True)
        async with self._runtime.database.snapshot() as tx:
            await _without_timeout(tx)
            async with aclosing(tx.copy_out(sql, *arguments, format="csv")) as chunks:
                async for chunk in _in_blocks(chunks):
                    yield chunk

    async def _json_lines(self, query: ExportQuery) -> AsyncGenerator[bytes, None]:
        sql, arguments = query.documents()
        async with self._runtime.database.snapshot() as tx:
            await _without_timeout(tx)
            async with aclosing(tx.stream(sql, *arguments, prefetch=_BATCH)) as rows:
                async for block in _lines(rows):
                    yield block

    async def _xlsx(self, query: ExportQuery) -> AsyncGenerator[bytes, None]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "export.xlsx"
            async with self._runtime.database.snapshot() as tx:
                await _without_timeout(tx)
                await write_xlsx(path, query.columns, self._batches(tx, query), query.place.workspace.zone)
            async for block in read_blocks(path):
                yield block

    async def _parquet(self, query: ExportQuery) -> AsyncGenerator[bytes, None]:
        with tempfile.TemporaryDirectory() as folder:
            source, target = Path(folder) / "rows.csv", Path(folder) / "export.parquet"
            sql, arguments = query.values()
            async with self._runtime.database.snapshot() as tx:
                await _without_timeout(tx)
                with source.open("wb") as file:
                    async with aclosing(tx.copy_out(sql, *arguments, format="csv")) as chunks:
                        async for chunk in _in_blocks(chunks):
                            await asyncio.to_thread(file.write, chunk)
            await asyncio.to_thread(write_parquet, source, target, query.columns)
            source.unlink()
            async for block in read_blocks(target):
                yield block

    async def _batches(self, tx: ReadTx, query: ExportQuery) -> AsyncGenerator[list[tuple[Any, ...]], None]:
        sql, arguments = query.spreadsheet()
        batch: list[tuple[Any, ...]] = []
        async with aclosing(tx.stream(sql, *arguments, prefetch=_BATCH)) as rows:
            async for row in rows:
                batch.append(tuple(row))
                if len(batch) >= _BATCH:
                    yield batch
                    batch = []
        if batch:
            yield batch

    async def _count(self, query: ExportQuery) -> int:
        sql, arguments = query.count()
        async with self._runtime.database.snapshot() as tx:
            await _without_timeout(tx)
            count: int = await tx.fetch_value(sql, *arguments)
        return count

    async def _check_rows(self, query: ExportQuery) -> None:
        count = await self._count(query)
        if count > MOST_ROWS:
            raise too_many_rows(count)

    async def _note(
        self, actor: AnyActor, workspace: Workspace, request: ExportRequest, query: ExportQuery, now: datetime
    ) -> None:
        detail = {
            **request.model_dump(mode="json", exclude_none=True),
            "fields": [column.key for column in query.columns],
            "via": actor.via,
        }
        async with self._runtime.database.write() as tx:
            await write_audit(tx, now, EXPORT, workspace_id=workspace.id, actor=actor.id, detail=detail)


async def _without_timeout(tx: ReadTx) -> None:
    """An export may take as long as its reader does; the timeout comes back with the end of the transaction."""
    await tx.fetch_value("SELECT set_config('statement_timeout', '0', true)")


async def _in_blocks(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """COPY gives a row at a time; a network packet each would be waste."""
    block = bytearray()
    async for chunk in chunks:
        block += chunk
        if len(block) >= _BLOCK:
            yield bytes(block)
            block.clear()
    if block:
        yield bytes(block)


async def _lines(rows: AsyncIterator[Any]) -> AsyncIterator[bytes]:
    lines: list[str] = []
    async for row in rows:
        lines.append(row[0])
        if len(lines) >= _BATCH:
            yield ("\n".join(lines) + "\n").encode()
            lines.clear()
    if lines:
        yield ("\n".join(lines) + "\n").encode()


async def read_blocks(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while block := await asyncio.to_thread(file.read, _BLOCK):
            yield block
