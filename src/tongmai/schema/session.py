"""A connection of its own for one structural change, and the patience with which it asks for locks.

A lock is asked for only for an instant at a time: whoever waits behind the request waits no longer than that. Then it
steps aside and tries again. Reads and writes beside a change are thus delayed a little, never refused.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import asyncpg
from asyncpg import Record

from tongmai.kit import Fault, Text, Unavailable
from tongmai.schema.names import Schema
from tongmai.store import Database, Workspace, WorkspaceLock

Result = TypeVar("Result")

_FIRST_WAIT_MS = 40
_FIRST_PAUSE_S = 0.02
_LONGEST_PAUSE_S = 2.0
_ASK_AGAIN_S = 0.05
# Beyond PostgreSQL's ``deadlock_timeout`` of a second.
_OUTWAIT_MS = 1_200
_OUTWAIT_EVERY = 5


@dataclass(frozen=True)
class Patience:
    """How long one request for a lock may hold up others, and how often it is made."""

    longest_wait_ms: int = 500
    attempts: int = 24

    def wait_ms(self, attempt: int) -> int:
        return min(self.longest_wait_ms, _FIRST_WAIT_MS << min(attempt, 16))


class Session:
    """The connection of one structural change. Its statements have no time limit; its lock requests do."""

    def __init__(self, connection: asyncpg.Connection[Record], workspace: Workspace, patience: Patience) -> None:
        self.connection = connection
        self.workspace = workspace
        self.patience = patience
        self.schema = Schema(workspace.schema)
        self._may_disturb = True

    async def fetch(self, sql: str, *args: object) -> list[Any]:
        return await self.connection.fetch(sql, *args)

    async def fetch_value(self, sql: str, *args: object) -> Any:
        return await self.connection.fetchval(sql, *args)

    async def execute(self, sql: str, *args: object) -> None:
        await self.connection.execute(sql, *args)

    async def under_locks(self, work: Callable[[], Awaitable[Result]], *tables: str) -> Result:
        """Runs ``work`` in a transaction whose lock requests are short, again until all were granted.

        ``tables`` are those that ``work`` locks: their holders are to blame if it never gets them. Raises
        ``Unavailable`` then.
        """
        async with AsyncExitStack() as refused:
            for attempt in range(self.patience.attempts):
                try:
                    async with self.connection.transaction():
                        await self.execute(f"SET LOCAL lock_timeout = {self._wait_ms(attempt)}")
                        return await work()
                except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError):
                    if attempt == 0:
                        await refused.enter_async_context(self._asking())
                    await self._disturb_autovacuum(tables)
                pause = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 1.6**attempt)
                await asyncio.sleep(pause * (0.5 + random.random()))  # noqa: S311 - spreads attempts, hides nothing
            raise await self._never_granted(tables)

    @asynccontextmanager
    async def _asking(self) -> AsyncIterator[None]:
        """Lets those who write for long see that they are waited for (``give_way``)."""
        lock = (self.workspace.lock_class, WorkspaceLock.ASKING)
        await self.execute("SELECT pg_advisory_lock_shared($1, $2)", *lock)
        try:
            yield
        finally:
            # With a lost connection the lock is gone as well.
            with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                await self.execute("SELECT pg_advisory_unlock_shared($1, $2)", *lock)

    async def hold_structure(self) -> None:
        """Waits for the writers under way and keeps new ones waiting until the transaction ends."""
        await self.execute("SELECT pg_advisory_xact_lock($1, $2)", self.workspace.lock_class, WorkspaceLock.STRUCTURE)

    async def take_editor_lock(self, *, within_s: float = 0.0) -> bool:
        """One structural change of a workspace at a time, in all processes; kept until the connection ends.

        It asks again and again instead of waiting in the database, where a waiting statement would hold a snapshot that
        the other change's CREATE INDEX CONCURRENTLY waits for.
        """
        deadline = asyncio.get_running_loop().time() + within_s
        while True:
            taken = await self.fetch_value(
                "SELECT pg_try_advisory_lock($1, $2)", self.workspace.lock_class, WorkspaceLock.EDITOR
            )
            if taken or asyncio.get_running_loop().time() >= deadline:
                return bool(taken)
            await asyncio.sleep(_ASK_AGAIN_S)

    def _wait_ms(self, attempt: int) -> int:
        """A given server may not let us disturb autovacuum: now and then we wait for as long as PostgreSQL needs to."""
        outwaits = not self._may_disturb and attempt % _OUTWAIT_EVERY == 0
        return _OUTWAIT_MS if outwaits else self.patience.wait_ms(attempt)

    async def _disturb_autovacuum(self, tables: Sequence[str]) -> None:
        """PostgreSQL lets autovacuum give way only to a request that waits a second, which is too long for us.

        Only autovacuum has no user; what a session is, a role that is no superuser is not told.
        """
        try:
            await self.execute(
                "SELECT pg_cancel_backend(a.pid) FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
                "WHERE l.granted AND a.usesysid IS NULL AND a.datname = current_database()"
                "  AND l.relation IN (SELECT to_regclass(name) FROM unnest($1::text[]) AS name)",
                [self.schema(table) for table in tables],
            )
        except asyncpg.InsufficientPrivilegeError:
            self._may_disturb = False

    async def _never_granted(self, tables: Sequence[str]) -> Unavailable:
        """Who holds it and for how long. Not what they ask: that may hold people's secrets."""
        rows = await self.fetch(
            "SELECT a.pid, a.state, a.application_name,"
            "       round(extract(epoch FROM clock_timestamp() - a.xact_start))::int AS seconds "
            "FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
            "WHERE l.granted AND l.pid <> pg_backend_pid() AND a.xact_start IS NOT NULL"
            "  AND (l.relation IN (SELECT to_regclass(name) FROM unnest($1::text[]) AS name)"
            "       OR l.locktype = 'advisory' AND l.classid::bigint = $2::bigint & 4294967295"
            "          AND l.objid::bigint = $3::bigint & 4294967295) "
            "ORDER BY a.xact_start LIMIT 3",
            [self.schema(table) for table in tables],
            self.workspace.lock_class,
            WorkspaceLock.STRUCTURE,
        )
        who = ", ".join(f"pid {row['pid']} ({row['application_name']}, {row['seconds']} s)" for row in rows)
        fault = Fault(
            "schema.lock_timeout",
            Text(
                f"有长时间运行的操作占用着数据{'：' + who if who else ''}，结构变更没有进行",
                f"something that runs for long holds the records{': ' + who if who else ''}; nothing was changed",
            ),
            Text("等它结束后再试", "try again when it has ended"),
        )
        return Unavailable((fault,), {"holders": [dict(row) for row in rows]})


@asynccontextmanager
async def open_session(database: Database, workspace: Workspace, patience: Patience) -> AsyncIterator[Session]:
    """A connection outside the pools: it may stay open for as long as a large table takes to convert."""
    try:
        connection = await asyncpg.connect(
            database.dsn,
            timeout=10,
            server_settings={
                "application_name": "tongmai-schema",
                "timezone": "UTC",
                "search_path": "pg_catalog, pg_temp",
                "jit": "off",
                "statement_timeout": "0",
                "idle_in_transaction_session_timeout": "5min",
                # The server notices that this process was killed even in a long statement, and frees its locks.
                "client_connection_check_interval": "500ms",
            },
        )
    except (OSError, asyncpg.PostgresError) as error:
        raise Unavailable.of(
            "database.unreachable",
            "无法连接数据库，结构变更没有进行",
            "cannot connect to the database; nothing was changed",
            way_out=Text("请检查数据库后再试", "See to the database and try again"),
        ) from error
    try:
        # Whatever comes before the switch may be lost together with it, and what comes after is done again: only the
        # switch waits for the disk (``Runner``), and takes all before it along.
        await connection.execute("SET synchronous_commit = off")
        yield Session(connection, workspace, patience)
    finally:
        # A change that was cancelled in the middle of a statement leaves a connection that cannot be closed politely.
        try:
            await asyncio.shield(connection.close(timeout=5))
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            connection.terminate()
