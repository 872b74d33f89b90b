"""One running PostgreSQL server process as a child of this program, which never outlives it.

On Linux the kernel sends the server SIGINT (fast shutdown) when its parent dies, by ``kill -9`` too. That signal is
tied to the *thread* that started the child, so a thread of its own starts the server and waits for its end. Elsewhere a
small watchdog process (``watchdog.py``) holds a pipe from us and does the same when the pipe closes.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from tongmai.kit import Text, Unavailable
from tongmai.store.cluster import ENVIRONMENT, SOCKET_NAME, Cluster

_PR_SET_PDEATHSIG = 1
_PID_FILE = "postmaster.pid"
# What PostgreSQL's processes are called in the list of processes.
_TITLE = "postgres: "
_POLL_S = 0.01
# The shutdown checkpoint may have to write all of the shared buffers.
_FAST_STOP_S = 90.0
_HARD_STOP_S = 10.0
_HARD_STOP: tuple[tuple[signal.Signals, float | None], ...] = (
    (signal.SIGQUIT, _HARD_STOP_S),
    (signal.SIGKILL, None),
)
_LOOK_S = 0.25
_GIVEN_UP_S = 2.0


class Postmaster:
    """A started server. ``ended`` is done with the exit code when the process is gone, whoever ended it."""

    def __init__(self, cluster: Cluster, process: subprocess.Popen[bytes], ended: Future[int]) -> None:
        self.cluster = cluster
        self.pid = process.pid
        self.ended = ended
        self._process = process

    @staticmethod
    async def launch(cluster: Cluster) -> Postmaster:
        """Starts the server and returns when it accepts connections, crash recovery included, however long it takes.

        Raises ``Unavailable`` with the last lines of the server's log if it ends instead, or will never be ready.
        """
        early = cluster.home / "log" / "startup.log"
        started: Future[subprocess.Popen[bytes]] = Future()
        ended: Future[int] = Future()
        threading.Thread(
            target=_keep, args=(cluster, early, started, ended), name="tongmai-postmaster", daemon=True
        ).start()
        server = Postmaster(cluster, await asyncio.wrap_future(started), ended)
        try:
            await server._wait_until_ready()
        except asyncio.CancelledError:
            await asyncio.shield(server.stop())
            raise
        return server

    async def stop(self) -> None:
        """Fast shutdown: open transactions are rolled back, everything is written. Harder if it takes too long."""
        await self._end_by((signal.SIGINT, _FAST_STOP_S), *_HARD_STOP)

    async def _end_by(self, *ways: tuple[signal.Signals, float | None]) -> None:
        for how, patience in ways:
            if self.ended.done():
                return
            self._process.send_signal(how)
            try:
                await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(self.ended)), patience)
            except TimeoutError:
                continue

    async def _wait_until_ready(self) -> None:
        recovering = Recovery(self.pid)
        while not self.ended.done():
            pid_file = PidFile.read(self.cluster)
            if pid_file is not None and pid_file.pid == self.pid and pid_file.is_ready:
                return
            if recovering.is_given_up(time.monotonic()):
                await self._end_by(*_HARD_STOP)
                break
            await asyncio.sleep(_POLL_S)
        said = self.cluster.log_tail()
        raise Unavailable.of(
            "database.start",
            f"内置数据库没有启动（退出码 {self.ended.result()}）。日志末尾：\n{said}",
            f"the embedded database did not start (exit code {self.ended.result()}). The end of its log:\n{said}",
            way_out=Text(f"完整日志在 {self.cluster.home / 'log'}", f"the whole log is in {self.cluster.home / 'log'}"),
        )


@dataclass(frozen=True)
class PidFile:
    """What ``postmaster.pid`` says."""

    pid: int
    is_ready: bool

    @staticmethod
    def read(cluster: Cluster) -> PidFile | None:
        """The file's content, or nothing if there is none or it is only half written."""
        try:
            lines = (cluster.directory / _PID_FILE).read_text().splitlines()
            status = lines[7].strip() if len(lines) > 7 else ""
            return PidFile(int(lines[0]), status == "ready")
        except (FileNotFoundError, IndexError, ValueError):
            return None


class Recovery:
    """Watches a server that starts for having lost the process that makes it ready.

    PostgreSQL 18 misses it at times that this process (``startup``) failed at once, as on a full disk (seen at one
    start in fifty), and then neither ends nor ever accepts a connection.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._looked = self._alive = time.monotonic()

    def is_given_up(self, now: float) -> bool:
        """Looks, if it is time to, at the processes there are."""
        if now - self._looked < _LOOK_S:
            return False
        self._looked = now
        if self._may_become_ready():
            self._alive = now
        return now - self._alive > _GIVEN_UP_S

    def _may_become_ready(self) -> bool:
        try:
            titles = [" ".join(each.cmdline()) for each in psutil.Process(self._pid).children()]
        except psutil.Error:  # one ended while we looked
            return True
        # A process that has just been forked still has its parent's command line and may become anything.
        return not titles or not all(each.startswith(_TITLE) for each in titles) or any(map(_is_startup, titles))


def _is_startup(title: str) -> bool:
    return title.startswith(f"{_TITLE}startup")


def end_leftovers(cluster: Cluster, patience_s: float = 20.0) -> None:
    """Waits for processes of an earlier server on this directory to end, and ends those that do not. Needs the lock.

    They are told by their name, their working directory and not being a zombie, never by a number in a file: a number
    is given to other processes later, and PostgreSQL would refuse to start because of them.
    """
    # A server whose program has just been killed is closing down already; one that is not gets told.
    for patience, how in (
        (patience_s / 2, None),
        (patience_s / 2, signal.SIGINT),
        (_HARD_STOP_S, signal.SIGQUIT),
        (_HARD_STOP_S, signal.SIGKILL),
    ):
        if how is not None:
            _signal(_processes_in(cluster), how)
        deadline = time.monotonic() + patience
        while _processes_in(cluster):
            if time.monotonic() > deadline:
                break
            time.sleep(_POLL_S)
        else:
            _remove_stale_files(cluster)
            return


def _signal(processes: list[psutil.Process], how: signal.Signals) -> None:
    """Tells the postmaster, which tells its children; the children themselves only where it is gone."""
    numbers = {process.pid for process in processes}
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            if process.ppid() not in numbers:
                process.send_signal(how)


def _remove_stale_files(cluster: Cluster) -> None:
    """Removes the lock files of a server that is gone, where something else has its process number now.

    Only then: in all other cases PostgreSQL's own check of them (and of shared memory) is the better one.
    """
    for path in (cluster.directory / _PID_FILE, cluster.socket_folder / f"{SOCKET_NAME}.lock"):
        try:
            number = int(path.read_text().splitlines()[0])
        except (FileNotFoundError, IndexError, ValueError):
            continue
        if psutil.pid_exists(number):
            path.unlink()


def _processes_in(cluster: Cluster) -> list[psutil.Process]:
    """The server processes that work in this data directory."""
    return [process for process in psutil.process_iter() if _belongs_to(process, cluster)]


def _belongs_to(process: psutil.Process, cluster: Cluster) -> bool:
    try:
        if not process.name().startswith("postgres") or process.status() == psutil.STATUS_ZOMBIE:
            return False
        return Path(process.cwd()).samefile(cluster.directory)
    except (psutil.Error, OSError):
        return False


def _keep(cluster: Cluster, early: Path, started: Future[subprocess.Popen[bytes]], ended: Future[int]) -> None:
    """The server's thread: starts it and stays until it has ended."""
    try:
        # What is said before the log collector takes over.
        with early.open("wb") as log:
            process = _spawn(cluster, log.fileno())
    except (OSError, subprocess.SubprocessError) as error:
        started.set_exception(
            Unavailable.of("database.spawn", f"无法启动数据库进程：{error}", f"cannot start the server: {error}")
        )
        return
    watchdog = None if sys.platform.startswith("linux") else start_watchdog(process.pid)
    started.set_result(process)
    code = process.wait()
    if watchdog is not None:
        watchdog.communicate()
    ended.set_result(code)


def _spawn(cluster: Cluster, log: int) -> subprocess.Popen[bytes]:
    account = cluster.account
    return subprocess.Popen(  # noqa: S603
        [cluster.binaries.program("postgres"), "-D", cluster.directory_argument],
        cwd=cluster.directory,
        env=ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,  # Ctrl-C in a terminal is for us; we stop the server when we are done
        user=account.uid if account.switch else None,
        group=account.gid if account.switch else None,
        extra_groups=[] if account.switch else None,
        preexec_fn=_die_with_parent(),
    )


def _die_with_parent() -> Callable[[], None] | None:
    if not sys.platform.startswith("linux"):
        return None
    # Loaded here, before the fork: between fork and exec only the two calls below are made.
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def ask_kernel() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0)
        if os.getppid() != parent:  # it died before the call
            os._exit(1)

    return ask_kernel


def start_watchdog(pid: int) -> subprocess.Popen[bytes]:
    """A process that sends SIGINT to ``pid`` as soon as this program is gone."""
    program = Path(__file__).with_name("watchdog.py")
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-I", "-S", str(program), str(pid)], stdin=subprocess.PIPE, start_new_session=True
    )
