"""The embedded PostgreSQL server: started when needed, shared between programs, gone when the last one is.

Who holds the lock file *owns* the server: it is the server's parent and starts it again should it crash. Other programs
on the same home *share* it. When the owner ends, however it ends, the server ends with it (open transactions are rolled
back) and the next sharer that gets the lock starts it again; the sharers' statements in between answer ``Unavailable``
and their connections heal. So there is never more than one server on a directory, and never one without a program.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from urllib.parse import quote

import asyncpg
import structlog

from tongmai.kit import Text, TongmaiError, Unavailable
from tongmai.store.cluster import Cluster
from tongmai.store.faults import disk_full
from tongmai.store.postmaster import PidFile, Postmaster, end_leftovers
from tongmai.store.tuning import settings_for, usable_memory

ROLE = "tongmai"
DATABASE = "tongmai"
# Counted up with what ``_grant`` gives.
_RIGHTS = "1"
_POLL_S = 0.1
_PATIENCE_S = 120.0
_LONGEST_PAUSE_S = 10.0
_LOGS_LOOKED_AT_S = 60.0
# A segment of the write-ahead log has 16 MiB; without room for one the server does not start.
_LEAST_FREE = 16 * 1024 * 1024

_log = structlog.get_logger(__name__)


class EmbeddedServer:
    """A server on a home directory, owned or shared. Make it with ``start``, end it with ``stop``."""

    def __init__(self, cluster: Cluster, tuning: Mapping[str, str]) -> None:
        self.cluster = cluster
        self._tuning = tuning
        self._lock = _Lock(cluster.home / "lock")
        self._postmaster: Postmaster | None = None
        self._supervisor: asyncio.Task[None] | None = None

    @classmethod
    async def start(cls, home: Path, tuning: Mapping[str, str] | None = None) -> EmbeddedServer:
        """Starts the server of ``home``, setting it up if it is new, or joins the one another program runs.

        ``tuning`` overrides PostgreSQL settings (as written in postgresql.conf); it counts only for an owner. Raises
        ``Unavailable`` if the server cannot be had, with the reason and the way out.
        """
        server = cls(await asyncio.to_thread(Cluster.at, home), tuning or {})
        try:
            await server._own_or_share()
        except BaseException:
            await server.stop()
            raise
        server._supervisor = asyncio.create_task(server._supervise(), name="tongmai-server")
        return server

    async def stop(self) -> None:
        """Leaves the server; an owner shuts it down first."""
        if self._supervisor is not None:
            self._supervisor.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._supervisor
            self._supervisor = None
        if self._postmaster is not None:
            await self._postmaster.stop()
            self._postmaster = None
        self._lock.release()

    @property
    def is_owner(self) -> bool:
        return self._postmaster is not None

    @property
    def pid(self) -> int | None:
        """The server's process id, whoever owns it."""
        found = PidFile.read(self.cluster)
        return found.pid if found else None

    def dsn(self, database: str = DATABASE) -> str:
        """A connection string of role ``tongmai`` (no superuser), for asyncpg, psycopg and PostgreSQL's own tools."""
        secret = self.cluster.secret("password")
        if secret is None:
            raise RuntimeError("the server is not set up")
        return self._url(ROLE, secret, database)

    def why_away(self) -> TongmaiError | None:
        """What is known about why the server does not answer, if anything."""
        free = self.cluster.free_bytes()
        if free is not None and free < _LEAST_FREE:
            return disk_full()
        return None

    def program(self, name: str) -> str:
        """The path of one of PostgreSQL's programs of the server's version (``pg_dump``, ``pg_restore``, ``psql``)."""
        return self.cluster.binaries.program(name)

    def _url(self, role: str, secret: str, database: str) -> str:
        folder = quote(str(self.cluster.socket_folder), safe="/")
        return f"postgresql://{role}:{secret}@/{quote(database, safe='')}?host={folder}&port=5432"

    async def _own_or_share(self) -> None:
        deadline = asyncio.get_running_loop().time() + _PATIENCE_S
        while True:
            if self._lock.take():
                await self._run()
                return
            if await self._can_connect():
                return
            if asyncio.get_running_loop().time() > deadline:
                raise Unavailable.of(
                    "database.busy_directory",
                    f"另一个程序占用着数据库目录 {self.cluster.home}，但它的数据库没有响应",
                    f"another program holds the database directory {self.cluster.home}, but its server does not answer",
                    way_out=Text("结束那个程序后重试", "end that program and try again"),
                )
            await asyncio.sleep(_POLL_S)

    async def _run(self) -> None:
        """Makes this program the server's parent. Needs the lock."""
        await asyncio.to_thread(self.cluster.set_up)
        await asyncio.to_thread(end_leftovers, self.cluster)
        self.cluster.configure({**settings_for(usable_memory()), **self._tuning})
        self.cluster.remove_old_logs()
        try:
            self._postmaster = await Postmaster.launch(self.cluster)
        except Unavailable as error:
            # On a full disk the server cannot even write into its log why it does not start.
            reason = self.why_away()
            if reason is None:
                raise
            raise reason from error
        if self.cluster.secret("password") is None:
            await self._provision()
        # Without the superuser's password the server works all the same, as a given one does.
        if self.cluster.secret("rights") != _RIGHTS and self.cluster.secret("superuser") is not None:
            await self._grant()

    async def _provision(self) -> None:
        """Makes the role and the database that Tongmai works with; safe to repeat after a crash half-way.

        The role is not a superuser: a statement that slipped in could not reach the machine's files or programs.
        """
        secret = secrets.token_hex(24)
        async with self._as_superuser() as connection:
            if not await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", ROLE):
                await connection.execute(f"CREATE ROLE {ROLE} LOGIN CREATEDB")
            await connection.execute(f"ALTER ROLE {ROLE} PASSWORD '{secret}'")
            if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", DATABASE):
                await connection.execute(f"CREATE DATABASE {DATABASE} OWNER {ROLE}")
        self.cluster.keep_secret("password", secret)

    async def _grant(self) -> None:
        """What the role may do beyond its own tables: make autovacuum step aside for a change of structure."""
        async with self._as_superuser() as connection:
            await connection.execute(f"GRANT pg_signal_autovacuum_worker TO {ROLE}")
        self.cluster.keep_secret("rights", _RIGHTS)

    @contextlib.asynccontextmanager
    async def _as_superuser(self) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
        superuser = self.cluster.secret("superuser")
        if superuser is None:
            raise Unavailable.of(
                "database.no_password",
                f"{self.cluster.home} 中缺少文件 superuser，无法完成数据库设置",
                f"the file `superuser` is missing in {self.cluster.home}, the set-up cannot be completed",
                way_out=Text("从备份恢复该文件", "restore the file from a backup"),
            )
        connection = await asyncpg.connect(self._url("postgres", superuser, "postgres"))
        try:
            yield connection
        finally:
            await connection.close()

    async def _can_connect(self) -> bool:
        secret = self.cluster.secret("password")
        found = PidFile.read(self.cluster)
        if secret is None or found is None or not found.is_ready:
            return False
        try:
            connection = await asyncpg.connect(self._url(ROLE, secret, DATABASE), timeout=5)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
            return False
        await connection.close()
        return True

    async def _end_of(self, postmaster: Postmaster) -> int:
        """Waits for a server's end, its exit code. Looks after its log meanwhile."""
        ended = asyncio.wrap_future(postmaster.ended)
        while True:
            try:
                # Not wait_for, which may lose a cancellation (kit.set_within says when).
                async with asyncio.timeout(_LOGS_LOOKED_AT_S):
                    return await asyncio.shield(ended)
            except TimeoutError:
                with contextlib.suppress(OSError):
                    self.cluster.remove_old_logs()

    async def _supervise(self) -> None:
        """An owner starts a crashed server again; a sharer takes over when the lock comes free."""
        pause = _POLL_S
        while True:
            if self._postmaster is not None:
                code = await self._end_of(self._postmaster)
                _tell(_log.error, "database.crashed", exit_code=code, log=self.cluster.log_tail())
                self._postmaster = None
            elif not self._lock.take():
                await asyncio.sleep(_POLL_S)
                continue
            try:
                await self._run()
                _tell(_log.info, "database.started", pid=self._postmaster and self._postmaster.pid)
                pause = _POLL_S
            except Exception as error:  # whatever it is (a full disk), the only way on is to try again; it is said
                _tell(_log.error, "database.restart_failed", reason=str(error), again_in_s=pause)
                pause = _POLL_S if await self._room_came(pause) else min(pause * 2, _LONGEST_PAUSE_S)

    async def _room_came(self, patience_s: float) -> bool:
        """Waits; where the disk is full only until it has room again. Whether it has."""
        was_full = self.why_away() is not None
        deadline = asyncio.get_running_loop().time() + patience_s
        while (left := deadline - asyncio.get_running_loop().time()) > 0:
            await asyncio.sleep(min(left, _POLL_S))
            if was_full and self.why_away() is None:
                return True
        return False


def _tell(log: Callable[..., object], event: str, /, **said: object) -> None:
    """Logs, if it can: where the log is a file on the full disk, bringing the database back comes first."""
    with contextlib.suppress(OSError):
        log(event, **said)


class _Lock:
    """An exclusive lock on a file, given up by the kernel when the program ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def take(self) -> bool:
        """Whether we hold it now. Never waits."""
        if self._file is not None:
            return True
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        self._file = file
        return True

    def release(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
