"""The next page of a stream is read and worked out while the one before it is written: of a large stream each waits for
the other."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Generic, NamedTuple, Self, TypeVar

from tongmai.link.raw import RawRows, StoredRow
from tongmai.store import Database, Workspace, WriteTx

_Made = TypeVar("_Made")


class ReadPage(NamedTuple, Generic[_Made]):
    """``made`` is what is worked out of the rows; ``is_last``: nothing more was there when they were asked for."""

    rows: list[StoredRow]
    made: _Made
    is_last: bool


@dataclass(slots=True)
class ReadingAhead(Generic[_Made]):
    """Of one stream, a page at a time; as a context it leaves nothing running. ``make`` gives what is worked out of a
    page, which depends on its rows alone."""

    database: Database
    raw: RawRows
    workspace: Workspace
    source: str
    stream: str
    page: int
    make: Callable[[Sequence[StoredRow]], Awaitable[_Made]]
    _behind: int = 0
    _task: asyncio.Task[ReadPage[_Made]] | None = field(default=None, repr=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._drop()

    async def next(self, tx: WriteTx, seq: int) -> ReadPage[_Made]:
        """A page of what follows ``seq``, as it is now. What was read ahead counts only if it still is so: a row whose
        text was taken away meanwhile must not be mapped with it. It counts though it is short, as where rows come while
        they are mapped: only what is asked for now tells that nothing follows."""
        found = await self._ahead(seq)
        if found is None or not await self.raw.are_unmoved(tx, self.workspace, self.source, self.stream, found.rows):
            rows = await self.raw.after(tx, self.workspace, self.source, self.stream, seq, self.page)
            found = ReadPage(rows, await self.make(rows), len(rows) < self.page)
        if not found.is_last:
            self._behind = found.rows[-1].seq
            self._task = asyncio.create_task(self._read(self._behind), name="tongmai-read-ahead")
        return found

    async def _ahead(self, seq: int) -> ReadPage[_Made] | None:
        """The page behind ``seq``, if it is what was read ahead, and holds anything."""
        task, self._task = self._task, None
        if task is None:
            return None
        found = await task
        return found if self._behind == seq and found.rows else None

    async def _read(self, seq: int) -> ReadPage[_Made]:
        async with self.database.read() as tx:
            rows = await self.raw.after(tx, self.workspace, self.source, self.stream, seq, self.page)
        return ReadPage(rows, await self.make(rows), is_last=False)

    async def _drop(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
