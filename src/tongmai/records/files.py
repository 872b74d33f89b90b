"""Files: the content lies in the file store (a local folder or S3), a row in ``_file`` says what it is.

Invariants: the store's key is made of ids only, so no given name ever becomes a path; a content is complete in the
store before its row exists; who may read a record's field may read the files in it, and a file no record has taken yet
is seen by its uploader alone; files nobody took are removed after a day.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import tempfile
import unicodedata
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Literal, Protocol, TypeAlias
from urllib.parse import quote
from uuid import UUID

import orjson

from tongmai.access import Actor, AnyActor, SystemActor
from tongmai.kit import Clock, Fault, Invalid, NotFound, Settings, Text, TongmaiError, TooLarge, Unavailable, new_id
from tongmai.records.file_store import CHECK_STORE, ContentMissing, FileStore
from tongmai.records.media_types import find_media_type, may_show_inline
from tongmai.store import Database, Record, Workspace, WriteTx

_COLUMNS = "id, name, media_type, size, sha256, object, field, record_id, created_by, created_at"
_UNCLAIMED_AGE = timedelta(days=1)
_JOB_FILE_AGE = timedelta(days=30)
# The ``object`` of files that belong to a job (what it read, what it refused, what it made). No object has such a key.
_JOB = "_job"
_MAX_NAME = 200
# So many of the largest files may lie about that one person sent and no record has taken: else one could fill the disk.
_MOST_UNCLAIMED = 10
# What one person's exports leave lying: the latest, so many and as large as so many of the largest uploads.
_MOST_EXPORTS, _LARGEST_EXPORTS = 100, 10
_Spool: TypeAlias = IO[bytes]
JobFile = Literal["source", "refused", "kept", "export"]


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as it is known: ``size`` in bytes, ``sha256`` of the content, ``name`` as a label only."""

    id: UUID
    name: str
    media_type: str
    size: int
    sha256: bytes
    object: str | None
    field: str | None
    record_id: UUID | None
    created_by: UUID | None
    created_at: datetime

    @property
    def content_disposition(self) -> str:
        return content_disposition(self.name, self.media_type)


def content_disposition(name: str, media_type: str) -> str:
    """The header for a download (RFC 6266); only harmless types may be shown in the page."""
    how = "inline" if may_show_inline(media_type) else "attachment"
    plain = re.sub(r'[^A-Za-z0-9._ -]|["\\]', "_", name)
    return f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


class RecordReader(Protocol):
    """The part of the gateway that tells whether an actor sees a field of a record."""

    async def get(
        self,
        actor: AnyActor,
        workspace: Workspace,
        object_key: str,
        record_id: UUID,
        *,
        fields: tuple[str, ...] | None = None,
    ) -> bytes: ...


class Files:
    """The files of all workspaces. ``store`` holds their contents, without asking any policy."""

    def __init__(self, database: Database, settings: Settings, clock: Clock, records: RecordReader) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock
        self._records = records
        self.store = FileStore(settings)

    async def save(
        self,
        actor: AnyActor,
        workspace: Workspace,
        name: str,
        content: AsyncIterable[bytes],
        *,
        declared_type: str | None = None,
        job: tuple[UUID, JobFile] | None = None,
        together_with: Callable[[WriteTx], Awaitable[None]] | None = None,
    ) -> StoredFile:
        """Takes a content. Raises ``TooLarge`` over ``max_upload_bytes`` and where too much of the actor's lies about
        that no record has taken, ``Invalid`` if empty (a job's own may be). ``together_with`` is done in the
        transaction that makes the file known; where it raises, there is no file."""
        limit = None if job else self._settings.max_upload_bytes
        if job is None and actor.id is not None:
            await self._check_room(workspace, actor.id)
        with tempfile.NamedTemporaryFile() as spool:
            size, digest = await _spool(content, spool, limit)
            if size == 0 and job is None:
                raise Invalid.of(
                    "file.empty",
                    "文件是空的",
                    "The file is empty",
                    field="file",
                    way_out=Text("请选择有内容的文件", "Choose a file that holds something"),
                )
            return await self._keep(actor, workspace, name, spool, size, digest, declared_type, job, together_with)

    async def _check_room(self, workspace: Workspace, person: UUID) -> None:
        async with self._database.read() as tx:
            lying = await tx.fetch_value(
                f"SELECT coalesce(sum(size), 0) FROM {workspace.quoted_schema}._file"  # noqa: S608
                " WHERE record_id IS NULL AND created_by = $1",
                person,
            )
        if lying >= _MOST_UNCLAIMED * self._settings.max_upload_bytes:
            raise TooLarge.of(
                "file.too_many_unclaimed",
                "您上传后还没有用到的文件太多",
                "Too many files of yours lie about that no record has taken",
                field="file",
                way_out=Text(
                    "请先保存要用它们的记录；没用到的一天后清除", "Save the records they are for; others go after a day"
                ),
            )

    async def _keep(
        self,
        actor: AnyActor,
        workspace: Workspace,
        name: str,
        spool: _Spool,
        size: int,
        digest: bytes,
        declared_type: str | None,
        job: tuple[UUID, JobFile] | None,
        together_with: Callable[[WriteTx], Awaitable[None]] | None,
    ) -> StoredFile:
        id = new_id(self._clock)
        media_type = await asyncio.to_thread(find_media_type, Path(spool.name), declared_type)
        spool.seek(0)
        await self.store.put(workspace.id, id, spool)
        job_id, role = job or (None, None)
        try:
            async with self._database.write() as tx:
                row = await tx.fetch_row(
                    f"INSERT INTO {workspace.quoted_schema}._file ({_COLUMNS}) "  # noqa: S608
                    f"VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING {_COLUMNS}",
                    id, clean_name(name), media_type, size, digest, _JOB if job else None, role, job_id, actor.id,
                    self._clock.now(),
                )  # fmt: skip
                if together_with is not None:
                    await together_with(tx)
        except BaseException:
            # Nobody could ever remove what nobody knows of, whatever it says.
            await self.store.delete(workspace.id, id)
            raise
        assert row is not None
        return _stored(row)

    async def find(self, actor: AnyActor, workspace: Workspace, id: UUID) -> StoredFile:
        """What is known of a file. Raises ``NotFound`` where there is none or the actor may not know of it."""
        row = await self._row(workspace, id)
        if row is None or not await self._may_read(actor, workspace, _stored(row)):
            raise _not_found()
        return _stored(row)

    async def content(self, workspace: Workspace, file: StoredFile) -> AsyncIterator[bytes]:
        """The content in chunks. ``file`` comes from ``find``, which has asked the policy."""
        try:
            async for chunk in self.store.stream(workspace.id, file.id):
                yield chunk
        except ContentMissing as error:
            raise _lost(file) from error

    @asynccontextmanager
    async def local_copy(self, workspace: Workspace, file: StoredFile) -> AsyncIterator[Path]:
        """The content as a file on this machine, for the block."""
        try:
            async with self.store.local_copy(workspace.id, file.id) as path:
                yield path
        except ContentMissing as error:
            raise _lost(file) from error

    async def belong_to_job(self, workspace: Workspace, id: UUID, job: UUID) -> None:
        """An uploaded file becomes the source of a job, so that it is not removed as unclaimed."""
        async with self._database.write() as tx:
            await tx.execute(
                f"UPDATE {workspace.quoted_schema}._file SET object = $2, field = 'source', record_id = $3 "  # noqa: S608
                "WHERE id = $1 AND record_id IS NULL",
                id,
                _JOB,
                job,
            )

    async def drop_older_exports(self, workspace: Workspace, person: UUID) -> int:
        """Of a person's files of exports the latest stay, the very last however large it is; how many went."""
        async with self._database.write() as tx:
            rows = await tx.fetch(
                f"DELETE FROM {workspace.quoted_schema}._file WHERE id IN (SELECT id FROM ("  # noqa: S608
                " SELECT id, row_number() OVER latest AS place, sum(size) OVER latest AS bytes"
                f" FROM {workspace.quoted_schema}._file WHERE object = $1 AND field = 'export' AND created_by = $2"
                " WINDOW latest AS (ORDER BY created_at DESC, id DESC)) AS kept"
                " WHERE place > $3 OR (place > 1 AND bytes > $4)) RETURNING id",
                _JOB, person, _MOST_EXPORTS, _LARGEST_EXPORTS * self._settings.max_upload_bytes,
            )  # fmt: skip
        for row in rows:
            await self.store.delete(workspace.id, row["id"])
        return len(rows)

    async def remove_unclaimed(self, workspace: Workspace) -> int:
        """Removes files that no record took within a day and those of jobs after thirty; how many."""
        now = self._clock.now()
        async with self._database.write() as tx:
            rows = await tx.fetch(
                f"DELETE FROM {workspace.quoted_schema}._file WHERE (record_id IS NULL AND created_at < $1) "  # noqa: S608
                "OR (object = $2 AND created_at < $3) RETURNING id",
                now - _UNCLAIMED_AGE,
                _JOB,
                now - _JOB_FILE_AGE,
            )
        # Only now: a content without a row is unseen waste, a row without its content would be a lie.
        for row in rows:
            await self.store.delete(workspace.id, row["id"])
        await self.store.drop_old_parts(workspace.id, now - _JOB_FILE_AGE)
        return len(rows)

    async def _may_read(self, actor: AnyActor, workspace: Workspace, file: StoredFile) -> bool:
        if isinstance(actor, SystemActor):
            return True
        if file.record_id is None or file.object == _JOB:
            return file.created_by == actor.id
        assert file.object is not None
        assert file.field is not None
        return await self._sees_in_record(actor, workspace, file, file.object, file.field, file.record_id)

    async def _sees_in_record(
        self, actor: Actor, workspace: Workspace, file: StoredFile, object_key: str, field: str, record: UUID
    ) -> bool:
        """Whether the record's field, as this actor gets it, still holds the file."""
        try:
            found = await self._records.get(actor, workspace, object_key, record, fields=(field,))
        except Unavailable:
            raise
        except TongmaiError:
            return False
        return str(file.id) in _texts(orjson.loads(found).get(field))

    async def _row(self, workspace: Workspace, id: UUID) -> Record | None:
        async with self._database.read() as tx:
            return await tx.fetch_row(
                f"SELECT {_COLUMNS} FROM {workspace.quoted_schema}._file WHERE id = $1",  # noqa: S608
                id,
            )


def clean_name(given: str) -> str:
    """A given file name as a label: its last part, without characters that are invisible or change direction."""
    last = re.split(r"[/\\]", given)[-1]
    shown = "".join(each for each in unicodedata.normalize("NFC", last) if unicodedata.category(each)[0] != "C")
    shown = shown.strip(" .")
    if len(shown) > _MAX_NAME:
        stem, dot, ending = shown.rpartition(".")
        keep = _MAX_NAME - len(ending) - 1
        shown = f"{stem[:keep]}.{ending}" if dot and keep > 0 else shown[:_MAX_NAME]
    return shown or "file"


async def _spool(content: AsyncIterable[bytes], spool: _Spool, limit: int | None) -> tuple[int, bytes]:
    size = 0
    digest = hashlib.sha256()
    async for chunk in content:
        size += len(chunk)
        if limit is not None and size > limit:
            raise _too_large(limit)
        digest.update(chunk)
        await asyncio.to_thread(spool.write, chunk)
    spool.flush()
    return size, digest.digest()


def _too_large(limit: int) -> TooLarge:
    megabytes = max(limit // (1024 * 1024), 1)
    text = Text(f"文件超过 {megabytes} MB", f"The file is larger than {megabytes} MB")
    return TooLarge((Fault("file.too_large", text, Text("请压缩或拆分文件", "Compress or split it"), "file"),))


def _stored(row: Record) -> StoredFile:
    return StoredFile(**dict(row))


def _texts(value: object) -> set[str]:
    """The ids in a field's value: plain, or objects with an ``id``."""
    items = value if isinstance(value, list) else [value]
    return {str(each.get("id") if isinstance(each, dict) else each) for each in items}


def _not_found() -> NotFound:
    return NotFound((Fault("file.not_found", Text("没有这个文件", "There is no such file")),))


def _lost(file: StoredFile) -> Unavailable:
    text = Text(f"文件“{file.name}”的内容不在存储中", f'The content of "{file.name}" is not in the file store')
    return Unavailable((Fault("file.lost", text, CHECK_STORE),))
