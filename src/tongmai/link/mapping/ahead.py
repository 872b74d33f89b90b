"""The next page of a stream is read while the one before it is written: of a large stream each waits for the other."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from tongmai.link.raw import RawRows, StoredRow
from tongmai.store import Database, Workspace, WriteTx


@dataclass(slots=True)
class ReadingAhead:
    """Of one stream, a full page at a time; as a context it leaves nothing running."""

    database: Database
    raw: RawRows
    workspace: Workspace
    source: str
    stream: str
    page: int
    _behind: int = 0
    _task: asyncio.Task[list[StoredRow]] | None = field(default=None, repr=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._drop()

    async def rows(self, tx: WriteTx, seq: int) -> list[StoredRow]:
        """A page of what follows ``seq``, as it is now. What was read ahead counts only if it still is so: a row whose
        text was taken away meanwhile must not be mapped with it."""
        found = await self._ahead(seq)
        if found is None or not await self.raw.are_unmoved(tx, self.workspace, self.source, self.stream, found):
            found = await self.raw.after(tx, self.workspace, self.source, self.stream, seq, self.page)
        if len(found) == self.page:
            self._behind = found[-1].seq
            self._task = asyncio.create_task(self._read(self._behind), name="tongmai-read-ahead")
        return found

    async def _ahead(self, seq: int) -> list[StoredRow] | None:
        """The page behind ``seq``, if it is what was read ahead, and full: of a short one more may have come."""
        task, self._task = self._task, None
        if task is None:
            return None
        rows = await task
        return rows if self._behind == seq and len(rows) == self.page else None

    async def _read(self, seq: int) -> list[StoredRow]:
        async with self.database.read() as tx:
            return await self.raw.after(tx, self.workspace, self.source, self.stream, seq, self.page)

    async def _drop(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
