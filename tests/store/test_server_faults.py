"""Real processes are killed; nothing is left behind and nothing acknowledged is lost."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import asyncpg
import psutil
import pytest

from tongmai.store import EmbeddedServer
from tongmai.store.postmaster import start_watchdog


async def _write_row(server: EmbeddedServer) -> None:
    connection = await asyncpg.connect(server.dsn())
    await connection.execute("CREATE TABLE IF NOT EXISTS kept (id int); INSERT INTO kept VALUES (1)")
    await connection.close()


async def _rows(server: EmbeddedServer) -> int:
    connection = await asyncpg.connect(server.dsn())
    try:
        return await connection.fetchval("SELECT count(*) FROM kept")
    finally:
        await connection.close()


async def test_a_killed_program_takes_its_server_with_it_cleanly(
    home: Path, start_program, servers_in, eventually
) -> None:
    program = start_program(home)
    assert program.wait_until_ready()[0] == "owner"
    program.kill()
    assert await eventually(lambda: not servers_in(home))
    log = "".join(path.read_text() for path in (home / "log").glob("postgresql-*.log"))
    assert "received fast shutdown request" in log
    assert "database system is shut down" in log


async def test_the_next_program_starts_at_once_after_a_killed_one(home: Path, start_program) -> None:
    program = start_program(home)
    program.wait_until_ready()
    program.kill()
    server = await EmbeddedServer.start(home)  # the old server may still be shutting down
    assert server.is_owner
    await _write_row(server)
    await server.stop()


async def test_a_killed_server_is_started_again_with_all_that_was_committed(home: Path, eventually) -> None:
    server = await EmbeddedServer.start(home)
    await _write_row(server)
    killed = server.pid
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    assert await eventually(lambda: server.is_owner and server.pid not in (None, killed) and _is_up(server))
    assert await _rows(server) == 1
    await server.stop()


async def test_program_and_server_killed_together_are_recovered_from(home: Path, start_program) -> None:
    program = start_program(home)
    _, pid = program.wait_until_ready()
    sharer = await EmbeddedServer.start(home)
    await _write_row(sharer)
    await sharer.stop()
    program.kill()
    with_pid = psutil.Process(pid) if psutil.pid_exists(pid) else None
    if with_pid is not None:
        with_pid.kill()
    server = await EmbeddedServer.start(home)
    assert await _rows(server) == 1
    await server.stop()


async def test_two_programs_starting_at_once_on_a_new_home_share_one_server(tmp_path: Path, start_program) -> None:
    home = tmp_path / "postgres"
    programs = [start_program(home) for _ in range(3)]
    found = [await asyncio.to_thread(program.wait_until_ready) for program in programs]
    assert sorted(role for role, _ in found) == ["owner", "sharer", "sharer"]
    assert len({pid for _, pid in found}) == 1
    assert [program.leave() for program in programs] == [0, 0, 0]


@pytest.mark.parametrize("how", ["leave", "kill"])
async def test_when_the_owner_goes_a_sharer_takes_over(home: Path, start_program, eventually, how: str) -> None:
    owner = start_program(home)
    _, first = owner.wait_until_ready()
    sharer = await EmbeddedServer.start(home)
    assert not sharer.is_owner
    await _write_row(sharer)
    await asyncio.to_thread(owner.leave if how == "leave" else owner.kill)
    assert await eventually(lambda: sharer.is_owner)
    assert sharer.pid != first
    assert await _rows(sharer) == 1
    await sharer.stop()


async def test_a_sharer_that_leaves_does_not_stop_the_server(home: Path) -> None:
    owner = await EmbeddedServer.start(home)
    sharer = await EmbeddedServer.start(home)
    await sharer.stop()
    await _write_row(owner)
    await owner.stop()


def test_where_the_kernel_does_not_help_the_watchdog_signals_the_server() -> None:
    # It takes the interrupt by its default: what a shell starts in the background ignores it.
    target = subprocess.Popen(["sleep", "600"], preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    program = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys; from tongmai.store.postmaster import start_watchdog;"
            "dog = start_watchdog(int(sys.argv[1])); print('on', flush=True); sys.stdin.read()",
            str(target.pid),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert program.stdout is not None
    program.stdout.readline()
    assert target.poll() is None
    program.kill()
    assert target.wait(20) == -signal.SIGINT
    program.communicate()


def test_the_watchdog_leaves_when_the_server_is_gone_already() -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    dog = start_watchdog(gone.pid)
    dog.communicate()
    assert dog.returncode == 0


def _is_up(server: EmbeddedServer) -> bool:
    pid_file = server.cluster.directory / "postmaster.pid"
    return pid_file.exists() and "ready" in pid_file.read_text()
