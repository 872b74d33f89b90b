"""Servers of their own for tests that kill, break and share them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tongmai.store import EmbeddedServer

# A program that runs, or joins, the server of a home until its input closes.
_PROGRAM = """
import asyncio, sys
from pathlib import Path
from tongmai.store import EmbeddedServer

async def main():
    server = await EmbeddedServer.start(Path(sys.argv[1]))
    print("owner" if server.is_owner else "sharer", server.pid, flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await server.stop()

asyncio.run(main())
"""


class Program:
    """Another process with the server of ``home``."""

    def __init__(self, home: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.pid = self._process.pid

    def wait_until_ready(self) -> tuple[str, int]:
        """``owner`` or ``sharer``, and the server's process id."""
        assert self._process.stdout is not None
        role, pid = self._process.stdout.readline().split()
        return role, int(pid)

    def leave(self) -> int:
        self._process.communicate(timeout=30)
        return self._process.returncode

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()

    def end(self) -> None:
        if self._process.poll() is None:
            self.kill()


@pytest.fixture
def start_program() -> Iterator[Callable[[Path], Program]]:
    started: list[Program] = []

    def start(home: Path) -> Program:
        started.append(Program(home))
        return started[-1]

    yield start
    for program in started:
        program.end()


@pytest.fixture(scope="session")
async def prepared_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that was set up and stopped; only ever copied."""
    home = tmp_path_factory.mktemp("prepared") / "postgres"
    server = await EmbeddedServer.start(home)
    await server.stop()
    return home


@pytest.fixture
async def home(prepared_home: Path, tmp_path: Path) -> AsyncIterator[Path]:
    """A home of the test's own, set up but not running."""
    copy = tmp_path / "postgres"
    shutil.copytree(prepared_home, copy, symlinks=True)
    yield copy
    assert await _eventually(lambda: not _servers_in(copy)), "the test left a server behind"


@pytest.fixture(scope="session")
def servers_in() -> Callable[[Path], list[int]]:
    """Gives the process ids of all PostgreSQL processes that work in a home."""
    return _servers_in


@pytest.fixture(scope="session")
def eventually() -> Callable[..., Awaitable[bool]]:
    """Tells whether a condition comes true within twenty seconds; looked at every few milliseconds."""
    return _eventually


def _servers_in(home: Path) -> list[int]:
    found = []
    for process in psutil.process_iter(["name"]):
        with contextlib.suppress(psutil.Error, OSError):
            if process.name() == "postgres" and process.cwd() == os.path.realpath(home / "cluster"):
                found.append(process.pid)
    return found


async def _eventually(condition: Callable[[], bool], within_s: float = 20.0) -> bool:
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.02)
    return True
