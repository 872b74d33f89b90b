"""Restoring a backup: checked whole, then put back in one transaction, under its own name or another.

``pg_restore`` writes SQL, ``psql`` runs it with our statements around it as one transaction, whose COMMIT is the last
thing we send: a restore that fails or is killed has done nothing to the database. Contents of files are stored first:
without their rows nobody sees them.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from tongmai.backup.archive import part_content, read_manifest
from tongmai.backup.manifest import DUMP, FILES, PLATFORM, Manifest
from tongmai.backup.platform_rows import restore_sql
from tongmai.backup.programs import Programs, program_failed
from tongmai.backup.renaming import SchemaRenamer
from tongmai.kit import Clock, Conflict, Fault, Internal, Invalid, Text, new_id
from tongmai.records import FileStore, Report, verify_history
from tongmai.store import Database, Workspace, find_workspace, upgrade_layouts

_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_BLOCK = 1024 * 1024
_LINES = 500
CATALOGUE_CHANNEL = "tongmai_catalogue"


@dataclass(frozen=True, slots=True)
class Restored:
    """A restored workspace. ``history`` is what verifying it found; ``head_matches`` whether it ends where the backup's
    did."""

    workspace: Workspace
    manifest: Manifest
    files: int
    history: Report
    head_matches: bool

    @property
    def ok(self) -> bool:
        return self.history.ok and self.head_matches


async def restore(
    database: Database,
    store: FileStore,
    clock: Clock,
    source: Path,
    *,
    key: str | None = None,
    replace: bool = False,
) -> Restored:
    """Restores a backup as the workspace ``key`` (its own key if none is given).

    Raises ``Invalid`` for a file that is damaged or too new, ``Conflict`` where the workspace is there and ``replace``
    is not set, ``Unavailable`` where the database refuses; then nothing was changed.
    """
    manifest = await asyncio.to_thread(read_manifest, source)
    programs = await Programs.of(database)
    _check(manifest, programs)
    wanted = key or manifest.workspace_key
    present = await _present(database, wanted, replace=replace)
    id = await _free_id(database, manifest, present, clock)
    files = await _put_files(store, id, source, manifest)
    with part_content(source, PLATFORM) as content:
        platform = content.read()
    begin = f"DROP SCHEMA IF EXISTS w_{wanted} CASCADE;\nDELETE FROM tongmai.workspace WHERE key = '{wanted}';\n"
    await _run(programs, source, manifest, wanted, begin if replace else "", restore_sql(platform, id, wanted))
    await upgrade_layouts(database)
    return await _verified(database, manifest, wanted, files)


def _check(manifest: Manifest, programs: Programs) -> None:
    if manifest.postgres > programs.server_major:
        raise Invalid(
            (
                Fault(
                    "backup.newer_server",
                    Text(
                        f"备份来自 PostgreSQL {manifest.postgres}，现在是 {programs.server_major}",
                        f"The backup is of PostgreSQL {manifest.postgres}, this is {programs.server_major}",
                    ),
                    Text("请先升级数据库", "Upgrade the database first"),
                ),
            )
        )


async def _present(database: Database, key: str, *, replace: bool) -> Workspace | None:
    """The workspace that is there. A schema without its workspace is in the way as well."""
    if not _KEY.fullmatch(key):
        text = Text("工作区的 key 只能是小写字母和数字", "A workspace's key is of lower-case letters and digits")
        raise Invalid((Fault("workspace.key", text, field="key"),))
    async with database.read() as tx:
        found = await find_workspace(tx, key)
        schema = await tx.fetch_value("SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)", f"w_{key}")
    if (found is not None or schema) and not replace:
        raise Conflict(
            (
                Fault(
                    "backup.workspace_exists",
                    Text(f"工作区 {key} 已存在", f"There is a workspace {key} already"),
                    Text("请换一个名称，或用 --replace 覆盖", "Give another name, or replace it with --replace"),
                ),
            )
        )
    return found


async def _free_id(database: Database, manifest: Manifest, present: Workspace | None, clock: Clock) -> UUID:
    """The workspace's own id unless another workspace has it: files lie under it."""
    async with database.read() as tx:
        holder = await tx.fetch_value("SELECT key FROM tongmai.workspace WHERE id = $1", manifest.workspace_id)
    if holder is None or (present is not None and present.id == manifest.workspace_id):
        return manifest.workspace_id
    return new_id(clock)


async def _put_files(store: FileStore, workspace: UUID, source: Path, manifest: Manifest) -> int:
    for file in manifest.files:
        with tempfile.NamedTemporaryFile() as spool:
            with part_content(source, f"{FILES}{file}") as content:
                while block := await asyncio.to_thread(content.read, _BLOCK):
                    spool.write(block)
            spool.seek(0)
            await store.put(workspace, file, spool)
    return len(manifest.files)


async def _run(programs: Programs, source: Path, manifest: Manifest, key: str, begin: str, end: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        dump = Path(folder) / DUMP
        await asyncio.to_thread(_extract, source, dump)
        reading = await asyncio.create_subprocess_exec(
            await programs.path("pg_restore"),
            "--no-owner",
            "--no-privileges",
            "--file=-",
            str(dump),
            env=programs.environment(),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=1 << 30,
        )
        writing = await asyncio.create_subprocess_exec(
            await programs.path("psql"),
            "--no-psqlrc",
            "--quiet",
            "--no-password",
            "--set=ON_ERROR_STOP=1",
            "--file=-",
            env=programs.environment(),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        renamer = SchemaRenamer(f"w_{manifest.workspace_key}", f"w_{key}")
        try:
            await _pump(reading, writing, renamer, begin, end)
        finally:
            for process in (reading, writing):
                if process.returncode is None:
                    process.kill()
                    await process.wait()


async def _pump(
    reading: asyncio.subprocess.Process,
    writing: asyncio.subprocess.Process,
    renamer: SchemaRenamer,
    begin: str,
    end: str,
) -> None:
    """From one program into the other, renamed. The end comes only if the dump was read whole: else psql is killed,
    and its transaction with it."""
    assert reading.stdout is not None
    assert reading.stderr is not None
    assert writing.stdin is not None
    assert writing.stderr is not None
    complaints = asyncio.create_task(writing.stderr.read())
    problems = asyncio.create_task(reading.stderr.read())
    try:
        # Not psql's own --single-transaction: that commits when its input ends, as it does when we are killed.
        writing.stdin.write(f"BEGIN;\n{begin}".encode())
        count = 0
        async for line in reading.stdout:
            writing.stdin.write(renamer.line(line))
            count += 1
            if count % _LINES == 0:
                await writing.stdin.drain()
        if await reading.wait() != 0:
            raise program_failed("pg_restore", await problems)
        writing.stdin.write(f"{end}COMMIT;\n".encode())
        await writing.stdin.drain()
        writing.stdin.close()
    except (BrokenPipeError, ConnectionResetError):
        # psql has ended because a statement failed; it says which.
        await writing.wait()
    if await writing.wait() != 0:
        raise program_failed("psql", await complaints)


def _extract(source: Path, target: Path) -> None:
    with part_content(source, DUMP) as content, target.open("wb") as out:
        while block := content.read(_BLOCK):
            out.write(block)


async def _verified(database: Database, manifest: Manifest, key: str, files: int) -> Restored:
    async with database.write() as tx:
        workspace = await find_workspace(tx, key)
        if workspace is None:
            raise Internal.of("backup.lost", "恢复后没有找到工作区", "The workspace is not there after the restore")
        schema = workspace.quoted_schema
        head = await tx.fetch_row(f"SELECT epoch, hash FROM {schema}._block ORDER BY epoch DESC LIMIT 1")  # noqa: S608
        # Programs that knew the workspace before it was replaced look at its catalogue again.
        await tx.notify(CATALOGUE_CHANNEL, f"{key}:{manifest.catalogue_version}")
    told = manifest.head
    matches = (head is None) if told is None else head is not None and head["hash"].hex() == told.hash
    return Restored(workspace, manifest, files, await verify_history(database, workspace), matches)
