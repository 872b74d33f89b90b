"""A disk that is really full: said in words, nothing acknowledged lost, and all well again once there is room."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import asyncpg
import httpx
import pytest
from tests.faults.conftest import Start, starter
from tests.faults.program import Program, Site, eventually, servers_in
from tests.faults.workload import Clients, check_nothing_is_lost, retry_open_creates

pytestmark = pytest.mark.slow

_SIZE = "160m"
_WARM_REQUESTS = 60
_REFUSALS = 20


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with little room. Needs the right to mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={_SIZE}", "tmpfs", str(place)]
    try:
        done = subprocess.run(mount, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount command")
    if done.returncode != 0:
        pytest.skip(f"no right to mount a file system: {done.stderr.strip()}")
    yield place
    assert eventually(lambda: not servers_in(place / "var"))
    subprocess.run(["umount", str(place)], check=True)


@pytest.fixture
def start_on_small_disk(prepared: Site, small_disk: Path, tmp_path: Path) -> Iterator[Start]:
    data_dir = small_disk / "var"
    shutil.copytree(prepared.data_dir, data_dir, symlinks=True)
    yield from starter(Site(data_dir, prepared.token), tmp_path)


def _fill(disk: Path) -> Path:
    """Takes all room that is left, as somebody else's file would."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(65536))
        except OSError:
            pass
    assert os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize < 65536
    return filler


def test_a_full_disk_is_told_and_nothing_acknowledged_is_lost(start_on_small_disk: Start, small_disk: Path) -> None:
    program = start_on_small_disk("serve")
    clients = Clients(lambda: program)
    with clients.at_work("d"):
        assert eventually(lambda: clients.acknowledged() > _WARM_REQUESTS)
        filler = _fill(small_disk)
        assert eventually(lambda: _says_disk_is_full(clients))
        assert eventually(lambda: len(clients.refused()) > _REFUSALS)
        filler.unlink()
        assert eventually(program.is_ready)
        before = clients.acknowledged()
        assert eventually(lambda: clients.acknowledged() > before + _WARM_REQUESTS)
    assert {answer.status_code for answer in clients.refused()} <= {503, 507}
    with program.client() as client:
        retry_open_creates(client, clients.books)
        check_nothing_is_lost(client, clients.books)
    assert program.site.run("verify-history")["ok"]


async def test_a_database_that_the_full_disk_brought_down_comes_back(
    start_on_small_disk: Start, small_disk: Path
) -> None:
    program = start_on_small_disk("serve")
    with program.client(timeout_s=60) as client:
        assert client.post("/api/records/customer", json={"name": "before"}).status_code == 201
        fallen = program.postmaster()
        filler = _fill(small_disk)
        await _need_a_new_segment(small_disk / "var" / "postgres")
        assert eventually(lambda: not fallen.is_running() or not program.is_ready())
        # The first request may still meet a connection that has just been cut, and is told that.
        assert eventually(lambda: _is_refused_for_room(client))
        assert client.get("/healthz").status_code == 200
        filler.unlink()
        assert eventually(program.is_ready)
        assert client.post("/api/records/customer", json={"name": "after"}).status_code == 201
        names = [item["name"] for item in client.get("/api/records/customer").json()["items"]]
    assert names == ["after", "before"]


async def _need_a_new_segment(home: Path) -> None:
    """Uses up the write-ahead log's files that are there already; PostgreSQL stops when it cannot make the next."""
    secret = (home / "superuser").read_text().strip()
    folder = quote(str((home / "run").resolve()))
    for _ in range(100):
        try:
            connection = await asyncpg.connect(f"postgresql://postgres:{secret}@/tongmai?host={folder}&port=5432")
            await connection.execute("SELECT pg_logical_emit_message(true, 'fill', 'x'); SELECT pg_switch_wal()")
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            return
        await connection.close()
    raise AssertionError("the write-ahead log found room on a full disk")


def test_a_start_on_a_full_disk_is_refused_in_words_or_works(start_on_small_disk: Start, small_disk: Path) -> None:
    program = start_on_small_disk("serve")
    with program.client() as client:
        assert client.post("/api/records/customer", json={"name": "before"}).status_code == 201
    program.kill()
    assert eventually(lambda: not servers_in(program.site.data_dir))
    filler = _fill(small_disk)
    try:
        cramped: Program | None = start_on_small_disk("serve")
    except AssertionError as refusal:
        assert "the database's disk is full" in str(refusal)
        cramped = None
    if cramped is not None:
        cramped.stop()
    filler.unlink()
    again = start_on_small_disk("serve")
    with again.client() as client:
        assert client.get("/api/records/customer").json()["items"][0]["name"] == "before"


def _is_refused_for_room(client: httpx.Client) -> bool:
    answer = client.post("/api/records/customer", json={"name": "meanwhile"})
    assert answer.status_code == 503
    return "the database's disk is full" in answer.json()["detail"]


def _says_disk_is_full(clients: Clients) -> bool:
    return any("the database's disk is full" in answer.text for answer in clients.refused())
