"""The embedded server: set up once, shut in, and started whatever state it was left in."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
import time
from pathlib import Path

import asyncpg
import pytest

from tongmai.kit import Unavailable
from tongmai.store import EmbeddedServer
from tongmai.store.tuning import settings_for


async def _ask(server: EmbeddedServer, sql: str) -> object:
    connection = await asyncpg.connect(server.dsn())
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def test_a_new_home_becomes_a_server_and_stops_without_a_trace(tmp_path: Path, servers_in) -> None:
    server = await EmbeddedServer.start(tmp_path / "new" / "postgres")
    assert server.is_owner
    assert await _ask(server, "SELECT current_user || '@' || current_database()") == "tongmai@tongmai"
    await server.stop()
    assert servers_in(tmp_path / "new" / "postgres") == []


async def test_the_server_is_shut_in(home: Path) -> None:
    server = await EmbeddedServer.start(home)
    try:
        assert await _ask(server, "SHOW listen_addresses") == ""
        assert await _ask(server, "SHOW data_checksums") == "on"
        assert await _ask(server, "SELECT datlocale FROM pg_database WHERE datname = 'tongmai'") == "PG_UNICODE_FAST"
        assert await _ask(server, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
        for name, mode in {"": 0o700, "cluster": 0o700, "run": 0o700, "password": 0o600, "superuser": 0o600}.items():
            assert stat.S_IMODE((home / name).stat().st_mode) == mode, name
        assert await _ask(server, "SELECT pg_has_role('pg_signal_autovacuum_worker', 'MEMBER')") is True
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(host=str(home / "run"), user="tongmai", password="guess", database="tongmai")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await _ask(server, "COPY (SELECT 1) TO PROGRAM 'id'")
    finally:
        await server.stop()


async def test_a_server_of_before_gets_the_rights_that_came_since(home: Path) -> None:
    server = await EmbeddedServer.start(home)
    superuser = server.cluster.secret("superuser")
    connection = await asyncpg.connect(host=str(home / "run"), user="postgres", password=superuser, database="tongmai")
    await connection.execute("REVOKE pg_signal_autovacuum_worker FROM tongmai")
    await connection.close()
    await server.stop()
    (home / "rights").unlink()
    server = await EmbeddedServer.start(home)
    try:
        assert await _ask(server, "SELECT pg_has_role('pg_signal_autovacuum_worker', 'MEMBER')") is True
    finally:
        await server.stop()


async def test_chinese_sorts_and_folds_as_unicode(home: Path) -> None:
    server = await EmbeddedServer.start(home)
    try:
        assert await _ask(server, "SELECT upper('straße') || lower('ÀÉ') || '通脉'") == "STRASSEàé通脉"
    finally:
        await server.stop()


async def test_contrib_modules_can_be_added_by_the_ordinary_role(home: Path) -> None:
    server = await EmbeddedServer.start(home)
    try:
        await _ask(server, "CREATE EXTENSION pg_trgm")
        await _ask(server, "CREATE EXTENSION btree_gin")
        assert await _ask(server, "SELECT count(*) FROM pg_extension WHERE extname IN ('pg_trgm', 'btree_gin')") == 2
    finally:
        await server.stop()


async def test_the_log_is_kept_beside_the_data_and_holds_no_parameters(home: Path) -> None:
    server = await EmbeddedServer.start(home)
    connection = await asyncpg.connect(server.dsn())
    with pytest.raises(asyncpg.InvalidTextRepresentationError):
        await connection.fetchval("SELECT $1::text::integer", "张三的电话")
    await connection.close()
    await server.stop()
    log = "".join(path.read_text() for path in (home / "log").glob("postgresql-*.log"))
    assert "database system is ready" in log
    assert "SELECT $1::text::integer" in log
    assert "parameters:" not in log


async def test_a_setup_that_was_broken_off_is_done_again(tmp_path: Path) -> None:
    home = tmp_path / "postgres"
    (home / "new" / "cluster").mkdir(parents=True)
    (home / "new" / "cluster" / "PG_VERSION").write_text("18")
    (home / "password.new").write_text("half")
    server = await EmbeddedServer.start(home)
    assert await _ask(server, "SELECT 1") == 1
    await server.stop()
    assert not (home / "new").exists()


async def test_a_setup_that_ended_before_the_role_was_made_is_completed(home: Path) -> None:
    (home / "password").unlink()
    server = await EmbeddedServer.start(home)
    assert await _ask(server, "SELECT 1") == 1
    await server.stop()


async def test_a_stale_pid_file_with_the_number_of_another_process_is_no_hindrance(home: Path) -> None:
    (home / "cluster" / "postmaster.pid").write_text(f"{os.getpid()}\n{home / 'cluster'}\n1000000000\n5432\n")
    server = await EmbeddedServer.start(home)
    assert await _ask(server, "SELECT 1") == 1
    await server.stop()


async def test_a_server_that_does_not_start_says_why_in_its_own_words(home: Path) -> None:
    with pytest.raises(Unavailable) as refusal:
        await EmbeddedServer.start(home, {"shared_buffers": "'a lot'"})
    assert 'invalid value for parameter "shared_buffers"' in str(refusal.value)
    server = await EmbeddedServer.start(home)  # the failed start holds nothing
    await server.stop()


async def test_a_server_that_breaks_while_starting_says_why(home: Path) -> None:
    (home / "cluster" / "global" / "pg_control").write_bytes(b"\0" * 8192)
    with pytest.raises(Unavailable, match="incompatible with server"):
        await EmbeddedServer.start(home)


async def test_a_directory_of_another_version_is_refused_with_the_way_out(home: Path) -> None:
    (home / "cluster" / "PG_VERSION").write_text("17\n")
    with pytest.raises(Unavailable, match=r"PostgreSQL 17.*backup"):
        await EmbeddedServer.start(home)


async def test_a_home_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match="cannot use the database directory"):
        await EmbeddedServer.start(tmp_path / "file" / "postgres")


async def test_a_path_too_long_for_a_socket_works_and_again_after_a_restart(prepared_home: Path) -> None:
    top = Path(tempfile.mkdtemp())
    home = top / ("long" * 20) / ("路径" * 10) / "postgres"
    shutil.copytree(prepared_home, home, symlinks=True)
    try:
        for _ in range(2):
            server = await EmbeddedServer.start(home)
            assert await _ask(server, "SELECT 1") == 1
            folder = (home / "run").readlink()
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
            await server.stop()
    finally:
        shutil.rmtree(folder)
        shutil.rmtree(top)


async def test_a_folder_above_that_is_closed_to_others_is_no_hindrance(home: Path) -> None:
    """As root this is a checkout in /root: the server's own account could not even reach the data by its path."""
    home.parent.chmod(0o700)
    server = await EmbeddedServer.start(home)
    assert await _ask(server, "SELECT 1") == 1
    await server.stop()
    assert stat.S_IMODE(home.parent.stat().st_mode) == 0o700


async def test_the_operators_own_settings_win_and_are_kept(home: Path) -> None:
    server = await EmbeddedServer.start(home)
    await server.stop()
    with (home / "cluster" / "local.conf").open("a") as file:
        file.write("work_mem = '17MB'\n")
    server = await EmbeddedServer.start(home, {"work_mem": "'9MB'"})
    assert await _ask(server, "SHOW work_mem") == "17MB"
    await server.stop()


@pytest.mark.parametrize("gibibytes", [0.5, 2, 24, 512])
def test_the_configuration_fits_the_machine(gibibytes: float) -> None:
    memory = int(gibibytes * 1024**3)
    settings = settings_for(memory)

    def size(name: str) -> int:
        return int(settings[name].removesuffix("MB")) * 1024**2

    assert size("shared_buffers") + size("maintenance_work_mem") <= memory / 4
    assert size("work_mem") * 60 <= memory * 0.5
    assert settings["synchronous_commit"] == settings["full_page_writes"] == "on"


async def test_the_log_begins_new_files_by_size_and_keeps_the_newest(home: Path) -> None:
    old = [home / "log" / f"postgresql-2020-01-{day:02}_000000.log" for day in range(1, 21)]
    for path in old:
        path.write_text("old\n")
    server = await EmbeddedServer.start(home, {"log_rotation_size": "64kB", "log_min_duration_statement": "0"})
    connection = await asyncpg.connect(server.dsn())
    try:
        assert not any(path.exists() for path in old[:12])
        assert old[-1].exists()
        # A file's name has its second in it, so a new one comes with a new second.
        deadline = time.monotonic() + 30
        while len(set((home / "log").glob("postgresql-2*.log")) - set(old)) < 3:
            assert time.monotonic() < deadline, "the log goes on in one file"
            await connection.execute(f"SELECT '{'x' * 20_000}'")
    finally:
        await connection.close()
        await server.stop()
