"""What may be done with the database: ``ReadTx`` to read, ``WriteTx`` to write as well.

They are different types so that the type checker refuses a write where only reading was promised; the sessions behind a
``ReadTx`` are read-only in PostgreSQL too. Statements with arguments are prepared once a connection and kept. JSON
passes as text, unparsed; date-times are aware; identifiers in SQL texts come from ``quote_ident`` only.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Sequence
from typing import Any, Literal, NoReturn, TypeAlias

import asyncpg
from asyncpg import Record
from asyncpg.pool import PoolConnectionProxy

from tongmai.kit import Invalid
from tongmai.store.faults import DRIVER_ERRORS, translate

Connection: TypeAlias = "asyncpg.Connection[Record] | PoolConnectionProxy[Record]"
CopyFormat: TypeAlias = Literal["text", "csv", "binary"]
AfterCommit: TypeAlias = Callable[[], Awaitable[None] | None]

_PREFETCH = 500
_COPY_CHUNKS = 16
# NOTIFY's own limit is 8000 bytes with the NUL.
_LONGEST_PAYLOAD = 7999


class ReadTx:
    """Reads. Given by ``Database.read`` and ``Database.snapshot``; valid only inside their ``async with``."""

    __slots__ = ("_connection",)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def raw(self) -> Connection:
        """The driver's connection, for libraries that want one. Its errors are not translated."""
        return self._connection

    async def fetch(self, sql: str, *args: object) -> list[Record]:
        try:
            return await self._connection.fetch(sql, *args)
        except DRIVER_ERRORS as error:
            _fail(error)

    async def fetch_row(self, sql: str, *args: object) -> Record | None:
        """The first row, or nothing."""
        try:
            return await self._connection.fetchrow(sql, *args)
        except DRIVER_ERRORS as error:
            _fail(error)

    async def fetch_value(self, sql: str, *args: object) -> Any:
        """The first column of the first row, or nothing. Typed by the caller, who knows the statement."""
        try:
            return await self._connection.fetchval(sql, *args)
        except DRIVER_ERRORS as error:
            _fail(error)

    async def stream(self, sql: str, *args: object, prefetch: int = _PREFETCH) -> AsyncGenerator[Record, None]:
        """The rows one by one, ``prefetch`` of them in memory. Outside a transaction it opens one of its own.

        Close it (``contextlib.aclosing``) if it is not read to its end.
        """
        try:
            async with contextlib.AsyncExitStack() as stack:
                if not self._connection.is_in_transaction():
                    await stack.enter_async_context(self._connection.transaction())
                async for row in self._connection.cursor(sql, *args, prefetch=prefetch):
                    yield row
        except DRIVER_ERRORS as error:
            _fail(error)

    async def copy_out(
        self, query: str, *args: object, format: CopyFormat = "text", header: bool = False
    ) -> AsyncGenerator[bytes, None]:
        """The rows of a query as COPY gives them, in chunks of bytes. The server waits for a slow reader.

        Close it (``contextlib.aclosing``) if it is not read to its end. Left early it closes its connection (the driver
        cannot break off a COPY in a clean way), and with it ends the transaction or block it stands in.
        """
        chunks: asyncio.Queue[bytes | None] = asyncio.Queue(_COPY_CHUNKS)

        async def copy() -> None:
            try:
                options: dict[str, Any] = {"header": True} if header else {}
                await self._connection.copy_from_query(
                    query, *args, output=chunks.put, format=format, encoding="utf-8", **options
                )
            finally:
                # On an error the reader may be gone and the queue full: the task's exception tells the story then.
                with contextlib.suppress(asyncio.QueueFull):
                    chunks.put_nowait(None)

        task = asyncio.create_task(copy())
        try:
            async for chunk in _until_done(chunks, task):
                yield chunk
        except DRIVER_ERRORS as error:
            _fail(error)
        finally:
            if not task.done():
                self._connection.terminate()
            with contextlib.suppress(asyncio.CancelledError, *DRIVER_ERRORS):
                await task


class WriteTx(ReadTx):
    """Reads and writes inside one transaction. Given by ``Database.write``; committed when its block ends."""

    __slots__ = ("_after_commit",)

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._after_commit: list[AfterCommit] = []

    async def execute(self, sql: str, *args: object) -> int:
        """Runs a statement; the number of rows it touched. A text without arguments may hold several statements."""
        try:
            return _count(await self._connection.execute(sql, *args))
        except DRIVER_ERRORS as error:
            _fail(error)

    async def commit_later(self) -> None:
        """The commit does not wait for the disk: a power cut may take back what was written, so it must be written
        again then, by who goes on from a mark kept beside it. What is committed after it makes it last."""
        await self.execute("SET LOCAL synchronous_commit = off")

    async def execute_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Runs a statement once for each row of arguments, in one round trip."""
        try:
            await self._connection.executemany(sql, rows)
        except DRIVER_ERRORS as error:
            _fail(error)

    async def copy_records(
        self,
        schema: str,
        table: str,
        columns: Sequence[str],
        rows: Iterable[tuple[object, ...]] | AsyncIterable[tuple[object, ...]],
    ) -> int:
        """Adds rows by binary COPY; how many. Values have the columns' Python types."""
        try:
            done = await self._connection.copy_records_to_table(
                table, records=rows, columns=list(columns), schema_name=schema
            )
        except DRIVER_ERRORS as error:
            _fail(error)
        return _count(done)

    async def copy_text(
        self,
        schema: str,
        table: str,
        columns: Sequence[str],
        source: AsyncIterable[bytes],
        *,
        format: CopyFormat = "text",
    ) -> int:
        """Adds rows from chunks of bytes in COPY's format; how many."""
        try:
            done = await self._connection.copy_to_table(
                table, source=source, columns=list(columns), schema_name=schema, format=format, encoding="utf-8"
            )
        except DRIVER_ERRORS as error:
            _fail(error)
        return _count(done)

    @contextlib.asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """A part that can fail alone: on an exception it is rolled back and the exception passes on."""
        kept = len(self._after_commit)
        try:
            async with self._connection.transaction():
                yield
        except BaseException:
            del self._after_commit[kept:]
            raise

    async def notify(self, channel: str, payload: str = "") -> None:
        """Tells the listeners of ``channel`` once the transaction is committed. At most 7999 bytes.

        Commits with a notification queue behind one another in PostgreSQL: not for the hot write path.
        """
        if len(payload.encode()) > _LONGEST_PAYLOAD:
            raise Invalid.of("notify.too_long", "通知内容过长", f"a notification holds {_LONGEST_PAYLOAD} bytes")
        await self.fetch_value("SELECT pg_notify($1, $2)", channel, payload)

    def after_commit(self, callback: AfterCommit) -> None:
        """Calls ``callback`` once the transaction is committed (never if it is not)."""
        self._after_commit.append(callback)

    async def run_after_commit(self) -> None:
        """All callbacks, in order. Called by ``Database`` alone. What they raise is raised when all have run."""
        faults: list[Exception] = []
        for callback in self._after_commit:
            try:
                result = callback()
                if inspect.isawaitable(result):
                    await result
            except Exception as error:
                faults.append(error)
        if faults:
            raise ExceptionGroup("after the commit", faults)


async def _until_done(chunks: asyncio.Queue[bytes | None], task: asyncio.Task[None]) -> AsyncIterator[bytes]:
    while True:
        if task.done() and chunks.empty():
            break
        chunk = await chunks.get()
        if chunk is None:
            break
        yield chunk
    await task


def _count(status: str) -> int:
    """The row count at the end of a command tag (``UPDATE 5``, ``INSERT 0 5``); ``CREATE TABLE`` has none."""
    last = status.rpartition(" ")[2]
    return int(last) if last.isdecimal() else 0


def _fail(error: Exception) -> NoReturn:
    found = translate(error)
    if found is error:
        raise error
    raise found from error
