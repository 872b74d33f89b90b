"""The database of a process: pools, transactions, listening; embedded or given."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Literal, TypeAlias, TypeVar

import asyncpg
from asyncpg import Record
from asyncpg.pool import Pool, PoolConnectionProxy

from tongmai.kit import Clock, Settings, Text, Unavailable
from tongmai.store.faults import CONFLICTS, DRIVER_ERRORS, outcome_unknown, translate
from tongmai.store.listener import Handler, Listener, Subscription
from tongmai.store.migrate import migrate
from tongmai.store.server import EmbeddedServer
from tongmai.store.transactions import ReadTx, WriteTx

Result = TypeVar("Result")
Isolation: TypeAlias = Literal["read_committed", "repeatable_read", "serializable"]

OLDEST_SERVER = 18
_ATTEMPTS = 5
# Beyond ``pool_size``; opened only when needed.
_ASIDE_CONNECTIONS = 2
_FIRST_PAUSE_S = 0.005
# How long a request waits for a connection: while all are in use, and while the server is being started again.
_ACQUIRE_S = 10.0
_RECONNECT_S = 3.0
_RECONNECT_PAUSE_S = 0.05
# ValueError: an address that cannot be parsed.
_UNREACHABLE: tuple[type[Exception], ...] = (*DRIVER_ERRORS, ValueError)


class Database:
    """One per process. ``read`` and ``snapshot`` give a ``ReadTx``, ``write`` a ``WriteTx``.

    Reads and writes have pools of their own, so that neither starves the other. A connection that is lost is replaced
    when next needed. Who holds a connection must never wait for another one of the same pool (all would wait for one
    another): inside ``write`` one may ``read`` or go ``aside``, inside ``aside`` neither.
    """

    def __init__(self, dsn: str, server: EmbeddedServer | None, settings: Settings, clock: Clock) -> None:
        self.dsn = dsn
        self.server = server
        self.clock = clock
        self._settings = settings
        self._readers = self._pool(settings.pool_size - settings.pool_size // 2, read_only=True)
        self._writers = self._pool(settings.pool_size // 2, read_only=False)
        self._asides = self._pool(_ASIDE_CONNECTIONS, read_only=False, synchronous_commit="off")
        self._listener = Listener(self._connect)

    @classmethod
    async def open(cls, settings: Settings, clock: Clock) -> Database:
        """Connects (starting the embedded server if no address is given) and migrates the platform tables.

        Raises ``Unavailable`` if there is no server, it is older than 18, or it is newer than this program's tables.
        """
        server = None
        if settings.database_url is not None:
            dsn = settings.database_url.get_secret_value()
        else:
            server = await EmbeddedServer.start(settings.data_dir / "postgres")
            dsn = server.dsn()
        try:
            await _check_version(dsn)
            await migrate(dsn)
            database = cls(dsn, server, settings, clock)
            for pool in database._pools:
                await _translated(pool)
        except BaseException:
            if server is not None:
                await server.stop()
            raise
        return database

    async def close(self) -> None:
        await self._listener.close()
        for pool in self._pools:
            try:
                await asyncio.wait_for(pool.close(), timeout=10)
            except TimeoutError:
                pool.terminate()
        if self.server is not None:
            await self.server.stop()

    @contextlib.asynccontextmanager
    async def read(self) -> AsyncIterator[ReadTx]:
        """For single statements: each sees its own moment, none can write, each ends after the statement timeout."""
        async with self._acquire(self._readers) as connection:
            yield ReadTx(connection)

    @contextlib.asynccontextmanager
    async def snapshot(self) -> AsyncIterator[ReadTx]:
        """For several statements that must see one moment (REPEATABLE READ READ ONLY)."""
        async with self._acquire(self._readers) as connection:
            transaction = connection.transaction(isolation="repeatable_read", readonly=True)
            await _translated(transaction.start())
            try:
                yield ReadTx(connection)
            finally:
                # Nothing was written: a rollback ends it as well as a commit, and also after an error.
                with contextlib.suppress(*DRIVER_ERRORS):
                    await transaction.rollback()

    @contextlib.asynccontextmanager
    async def write(self, *, isolation: Isolation = "read_committed") -> AsyncIterator[WriteTx]:
        """One transaction, committed when the block ends, rolled back on any exception."""
        async with self._transaction(self._writers, isolation) as tx:
            yield tx

    async def write_once(self, sql: str, *args: object) -> list[Record]:
        """One statement that is a transaction of its own; its rows. Spares the round trips that begin and end one.

        It must give no composite values: the driver may send a statement anew when the type of one has changed.
        """
        async with self._acquire(self._writers) as connection:
            try:
                return await WriteTx(connection).fetch(sql, *args)
            except Unavailable as error:
                if _is_lost(error):
                    raise outcome_unknown(error) from error
                raise

    @contextlib.asynccontextmanager
    async def aside(self) -> AsyncIterator[WriteTx]:
        """A short transaction of its own, also in the midst of another one (a number drawn from a counter).

        Its commit does not wait for the disk. It is there before anything that is committed later and builds on it,
        so it must only mean something to such.
        """
        async with self._transaction(self._asides, "read_committed") as tx:
            yield tx

    @property
    def _pools(self) -> tuple[Pool[Record], ...]:
        return (self._readers, self._writers, self._asides)

    @contextlib.asynccontextmanager
    async def _transaction(self, pool: Pool[Record], isolation: Isolation) -> AsyncIterator[WriteTx]:
        async with self._acquire(pool) as connection:
            transaction = connection.transaction(isolation=isolation)
            await _translated(transaction.start())
            tx = WriteTx(connection)
            try:
                yield tx
            except BaseException:
                with contextlib.suppress(*DRIVER_ERRORS):
                    await transaction.rollback()
                raise
            try:
                await transaction.commit()
            except DRIVER_ERRORS as error:
                found = translate(error)
                raise (outcome_unknown(error) if _is_lost(found) else found) from error
        await tx.run_after_commit()

    async def write_retry(
        self, work: Callable[[WriteTx], Awaitable[Result]], *, isolation: Isolation = "read_committed"
    ) -> Result:
        """Runs ``work`` in a transaction, again (up to five times) when it collides with another one.

        Collisions are deadlocks, serialization failures and plans outdated by a schema change. ``work`` must not do
        anything outside the transaction, for it may run several times.
        """
        pause = _FIRST_PAUSE_S
        for _ in range(_ATTEMPTS - 1):
            try:
                async with self.write(isolation=isolation) as tx:
                    return await work(tx)
            except CONFLICTS:
                await asyncio.sleep(pause)
                pause *= 3
        async with self.write(isolation=isolation) as tx:
            return await work(tx)

    async def listen(self, channel: str, handler: Handler) -> Subscription:
        """Calls ``handler`` with the payload of each NOTIFY on ``channel``, from now on.

        After a lost connection has come back it is called with ``""``: something may have been missed, read again.
        """
        return await self._listener.add(channel, handler)

    def _pool(self, size: int, *, read_only: bool, **session: str) -> Pool[Record]:
        return asyncpg.create_pool(
            self.dsn,
            min_size=0,  # connections are opened when they are needed and closed when they idle
            max_size=size,
            max_inactive_connection_lifetime=300,
            reset=_leave_as_it_is,
            timeout=10,
            statement_cache_size=512,
            max_cached_statement_lifetime=0,
            max_cacheable_statement_size=256 * 1024,
            server_settings={**self._session(read_only=read_only), **session},
        )

    def _session(self, *, read_only: bool) -> dict[str, str]:
        session = {
            "application_name": "tongmai",
            "timezone": "UTC",
            # Every name in our statements has its schema; nothing may be slipped in between.
            "search_path": "pg_catalog, pg_temp",
            "jit": "off",
            "idle_in_transaction_session_timeout": "5min",
            # What opens a change relies on it; see the layout.
            "default_transaction_isolation": "read committed",
        }
        if read_only:
            session["default_transaction_read_only"] = "on"
            session["statement_timeout"] = f"{int(self._settings.statement_timeout_s * 1000)}ms"
        return session

    async def _connect(self) -> asyncpg.Connection[Record]:
        return await asyncpg.connect(self.dsn, timeout=10, server_settings=self._session(read_only=True))

    @contextlib.asynccontextmanager
    async def _acquire(self, pool: Pool[Record]) -> AsyncIterator[PoolConnectionProxy[Record]]:
        connection = await self._acquire_patiently(pool)
        try:
            yield connection
        finally:
            # The driver shields this itself: not even a cancelled request leaves its connection behind.
            with contextlib.suppress(*DRIVER_ERRORS):
                await pool.release(connection, timeout=5)

    async def _acquire_patiently(self, pool: Pool[Record]) -> PoolConnectionProxy[Record]:
        """A connection; while the server cannot be reached (it is being started again) we try for a moment."""
        deadline = asyncio.get_running_loop().time() + _RECONNECT_S
        while True:
            try:
                return await pool.acquire(timeout=_ACQUIRE_S)
            except DRIVER_ERRORS as error:
                found = translate(error)
                if not _is_lost(found):
                    raise found from error
                if pool.is_closing() or asyncio.get_running_loop().time() > deadline:
                    raise (self.server and self.server.why_away()) or found from error
                await asyncio.sleep(_RECONNECT_PAUSE_S)


async def _leave_as_it_is(_connection: object) -> None:
    """Spares the round trip of the driver's RESET: our transactions set nothing beyond their end.

    The driver itself still rolls back a transaction that was left open and forgets listeners.
    """


async def _translated(work: Awaitable[object]) -> None:
    try:
        await work
    except DRIVER_ERRORS as error:
        found = translate(error)
        if found is error:
            raise
        raise found from error


def _is_lost(error: Exception) -> bool:
    return isinstance(error, Unavailable) and any(fault.code == "database.lost" for fault in error.faults)


async def _check_version(dsn: str) -> None:
    try:
        connection = await asyncpg.connect(dsn, timeout=10)
    except _UNREACHABLE as error:
        raise Unavailable.of(
            "database.unreachable",
            f"无法连接数据库：{error}",
            f"cannot connect to the database: {error}",
            way_out=Text("检查 TONGMAI_DATABASE_URL 与数据库服务", "check TONGMAI_DATABASE_URL and the server"),
        ) from error
    try:
        version = connection.get_server_version()
    finally:
        await connection.close()
    if version.major < OLDEST_SERVER:
        raise Unavailable.of(
            "database.too_old",
            f"数据库是 PostgreSQL {version.major}，需要 {OLDEST_SERVER} 或更高版本",
            f"the database is PostgreSQL {version.major}, version {OLDEST_SERVER} or later is needed",
            way_out=Text(
                "升级数据库，或去掉 TONGMAI_DATABASE_URL 使用内置数据库",
                "upgrade it, or unset TONGMAI_DATABASE_URL to use the embedded database",
            ),
        )
