"""The next page of a stream is read and worked out while the one before it is written: of a large stream each waits for
the other."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Generic, Self, TypeVar

from tongmai.link.raw import RawRows, StoredRow
from tongmai.store import Database, Workspace, WriteTx

_Made = TypeVar("_Made")


@dataclass(slots=True)
class ReadingAhead(Generic[_Made]):
    """Of one stream, a full page at a time; as a context it leaves nothing running. ``make`` gives what is worked out
    of a page, which depends on its rows alone."""

    database: Database
    raw: RawRows
    workspace: Workspace
    source: str
    stream: str
    page: int
    make: Callable[[Sequence[StoredRow]], Awaitable[_Made]]
    _behind: int = 0
    _task: asyncio.Task[tuple[list[StoredRow], _Made]] | None = field(default=None, repr=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._drop()

    async def rows(self, tx: WriteTx, seq: int) -> tuple[list[StoredRow], _Made]:
        """A page of what follows ``seq``, as it is now, and what is worked out of it. What was read ahead counts only
        if it still is so: a row whose text was taken away meanwhile must not be mapped with it."""
        found = await self._ahead(seq)
        if found is None or not await self.raw.are_unmoved(tx, self.workspace, self.source, self.stream, found[0]):
            rows = await self.raw.after(tx, self.workspace, self.source, self.stream, seq, self.page)
            found = rows, await self.make(rows)
        if len(found[0]) == self.page:
            self._behind = found[0][-1].seq
            self._task = asyncio.create_task(self._read(self._behind), name="tongmai-read-ahead")
        return found

    async def _ahead(self, seq: int) -> tuple[list[StoredRow], _Made] | None:
        """The page behind ``seq``, if it is what was read ahead, and full: of a short one more may have come."""
        task, self._task = self._task, None
        if task is None:
            return None
        found = await task
        return found if self._behind == seq and len(found[0]) == self.page else None

    async def _read(self, seq: int) -> tuple[list[StoredRow], _Made]:
        async with self.database.read() as tx:
            rows = await self.raw.after(tx, self.workspace, self.source, self.stream, seq, self.page)
        return rows, await self.make(rows)

    async def _drop(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
