"""Making a backup: one moment of the schema (``pg_dump``), of the platform's rows and of the list of files."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from tongmai import __version__
from tongmai.backup.archive import SUFFIX, ArchiveWriter
from tongmai.backup.manifest import DUMP, FILES, FORMAT, PLATFORM, Head, Manifest
from tongmai.backup.platform_rows import read_platform_rows
from tongmai.backup.programs import Programs
from tongmai.kit import Clock
from tongmai.records import ContentMissing, FileStore
from tongmai.store import Database, ReadTx, Workspace, list_workspaces

# Told the part just written, the number of parts done, and of all.
OnProgress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class BackedUp:
    """A finished backup. ``missing`` are files whose content the store did not have."""

    path: Path
    size: int
    workspace: str
    files: int
    missing: tuple[UUID, ...]
    head: Head | None


@dataclass(frozen=True, slots=True)
class _Moment:
    """What was read at the moment of the backup."""

    platform: bytes
    files: list[UUID]
    head: Head | None
    catalogue_version: int


async def back_up(
    database: Database,
    store: FileStore,
    clock: Clock,
    workspace: Workspace,
    target: Path,
    *,
    on_progress: OnProgress | None = None,
) -> BackedUp:
    """Writes the backup of a workspace to ``target`` while people work. Raises ``Unavailable``, leaving nothing."""
    programs = await Programs.of(database)
    writer = await asyncio.to_thread(ArchiveWriter, target)
    try:
        with tempfile.TemporaryDirectory(dir=target.parent) as folder:
            dump = Path(folder) / DUMP
            moment = await _dump(database, programs, workspace, dump)
            await asyncio.to_thread(writer.add, DUMP, dump)
        await asyncio.to_thread(writer.add_bytes, PLATFORM, moment.platform)
        missing = await _add_files(store, workspace, moment.files, writer, on_progress)
        manifest = _manifest(clock.now(), workspace, programs.server_major, moment, writer, missing)
        await asyncio.to_thread(writer.finish, manifest)
    except BaseException:
        writer.abandon()
        raise
    size = (await asyncio.to_thread(target.stat)).st_size
    return BackedUp(target, size, workspace.key, len(moment.files) - len(missing), tuple(missing), moment.head)


async def back_up_all(
    database: Database, store: FileStore, clock: Clock, folder: Path, *, on_progress: OnProgress | None = None
) -> list[BackedUp]:
    """Backs up every workspace into a file of its own in ``folder``: ``acme-20261102-090000.tongmai``."""
    async with database.read() as tx:
        workspaces = await list_workspaces(tx)
    await asyncio.to_thread(folder.mkdir, 0o700, parents=True, exist_ok=True)
    stamp = f"{clock.now():%Y%m%d-%H%M%S}"
    return [
        await back_up(database, store, clock, each, folder / f"{each.key}-{stamp}{SUFFIX}", on_progress=on_progress)
        for each in workspaces
    ]


async def _dump(database: Database, programs: Programs, workspace: Workspace, target: Path) -> _Moment:
    """``pg_dump`` and our own reading see the same snapshot, which stays open until the dump is done."""
    async with database.snapshot() as tx:
        for setting in ("statement_timeout", "idle_in_transaction_session_timeout"):
            await tx.fetch_value("SELECT set_config($1, '0', true)", setting)
        snapshot: str = await tx.fetch_value("SELECT pg_export_snapshot()")
        moment = await _read(tx, workspace)
        await programs.run(
            "pg_dump",
            "--format=custom",
            f"--snapshot={snapshot}",
            f"--schema={workspace.quoted_schema}",
            "--no-owner",
            "--no-privileges",
            "--no-password",
            f"--file={target}",
        )
    return moment


async def _read(tx: ReadTx, workspace: Workspace) -> _Moment:
    schema = workspace.quoted_schema
    head = await tx.fetch_row(f"SELECT epoch, hash FROM {schema}._block ORDER BY epoch DESC LIMIT 1")  # noqa: S608
    return _Moment(
        platform=await read_platform_rows(tx, workspace),
        files=[row["id"] for row in await tx.fetch(f"SELECT id FROM {schema}._file ORDER BY id")],  # noqa: S608
        head=None if head is None else Head(epoch=head["epoch"], hash=head["hash"].hex()),
        catalogue_version=await tx.fetch_value(f"SELECT catalogue_version FROM {schema}._feed"),  # noqa: S608
    )


async def _add_files(
    store: FileStore, workspace: Workspace, files: Sequence[UUID], writer: ArchiveWriter, on_progress: OnProgress | None
) -> list[UUID]:
    """Adds the contents; the ids of those that are not there."""
    missing = []
    for done, file in enumerate(files, 1):
        try:
            async with store.local_copy(workspace.id, file) as path:
                await asyncio.to_thread(writer.add, f"{FILES}{file}", path)
        except ContentMissing:
            missing.append(file)
        if on_progress is not None:
            on_progress(str(file), done, len(files))
    return missing


def _manifest(
    now: datetime,
    workspace: Workspace,
    postgres: int,
    moment: _Moment,
    writer: ArchiveWriter,
    missing: Sequence[UUID],
) -> Manifest:
    return Manifest(
        format=FORMAT,
        program=__version__,
        postgres=postgres,
        created_at=now,
        workspace_id=workspace.id,
        workspace_key=workspace.key,
        layout_version=workspace.layout_version,
        catalogue_version=moment.catalogue_version,
        head=moment.head,
        parts=tuple(writer.parts),
        missing=tuple(missing),
    )
