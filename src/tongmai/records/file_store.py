"""Where the contents of files lie: a local folder or S3, under keys made of ids only.

No given name ever becomes part of a key. A content is written whole or not at all.
"""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO
from uuid import UUID

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

from tongmai.kit import Settings, Text, Unavailable

_CHUNK = 1024 * 1024
_NOT_STORED = Text("文件没有存下来", "The file could not be stored")
_AWAY = Text("文件存储没有应答，或拒绝了请求", "The file store did not answer, or refused")
CHECK_STORE = Text("请检查磁盘空间和存储设置", "Check the disk's space and the file store's settings")


class ContentMissing(Exception):
    """The store has no such content."""


class FileStore:
    """The store of the settings: ``data_dir/files``, another folder, or ``s3://bucket/prefix``."""

    def __init__(self, settings: Settings) -> None:
        self._store = _open(settings)

    async def put(self, workspace: UUID, file: UUID, content: IO[bytes] | Path) -> None:
        """Raises ``Unavailable`` where it cannot be stored."""
        with _at_store("file.not_stored", _NOT_STORED):
            await obstore.put_async(self._store, _key(workspace, file), content)

    async def stream(self, workspace: UUID, file: UUID) -> AsyncIterator[bytes]:
        """The content in chunks. Raises ``ContentMissing``, ``Unavailable``."""
        with _at_store():
            try:
                found = await obstore.get_async(self._store, _key(workspace, file))
            except FileNotFoundError as error:
                raise ContentMissing(str(file)) from error
            async for chunk in found.stream(min_chunk_size=_CHUNK):
                yield bytes(chunk)

    @asynccontextmanager
    async def local_copy(self, workspace: UUID, file: UUID) -> AsyncIterator[Path]:
        """The content as a file on this machine, for the block; not to be changed. Raises ``ContentMissing``."""
        if isinstance(self._store, LocalStore):
            path = Path(str(self._store.prefix)) / _key(workspace, file)
            if not await asyncio.to_thread(path.is_file):
                raise ContentMissing(str(file))
            yield path
            return
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "content"
            with path.open("wb") as target:
                async for chunk in self.stream(workspace, file):
                    await asyncio.to_thread(target.write, chunk)
            yield path

    async def delete(self, workspace: UUID, file: UUID) -> None:
        """Removes a content; one that is not there is no fault. Raises ``Unavailable``."""
        with _at_store(), contextlib.suppress(FileNotFoundError):
            await obstore.delete_async(self._store, _key(workspace, file))

    async def put_part(self, workspace: UUID, job: UUID, number: int, content: bytes) -> None:
        """A part of a file that a job makes step by step; written again when the step is done again.

        Raises ``Unavailable`` where it cannot be stored.
        """
        with _at_store("file.not_stored", _NOT_STORED):
            await obstore.put_async(self._store, _part_key(workspace, job, number), content)

    async def parts(self, workspace: UUID, job: UUID, numbers: Sequence[int]) -> AsyncIterator[bytes]:
        """The contents of parts, one after the other. Raises ``Unavailable``."""
        for number in numbers:
            with _at_store():
                found = await obstore.get_async(self._store, _part_key(workspace, job, number))
                content = bytes(await found.bytes_async())
            yield content

    async def drop_parts(self, workspace: UUID, job: UUID, numbers: Sequence[int]) -> None:
        if numbers:
            with _at_store():
                await obstore.delete_async(self._store, [_part_key(workspace, job, number) for number in numbers])

    async def drop_parts_of(self, workspace: UUID, job: UUID) -> int:
        """Removes all parts of a job that nobody goes on with; how many."""
        return await self._drop_parts(f"{workspace}/parts/{job}")

    async def drop_old_parts(self, workspace: UUID, before: datetime) -> int:
        """Removes parts last written before ``before``: of jobs that were cancelled or failed for good. How many."""
        return await self._drop_parts(f"{workspace}/parts", before)

    async def _drop_parts(self, prefix: str, before: datetime | None = None) -> int:
        with _at_store():
            dropped = [
                meta["path"]
                async for batch in obstore.list(self._store, prefix=prefix)
                for meta in batch
                if before is None or meta["last_modified"] < before
            ]
            if dropped:
                await obstore.delete_async(self._store, dropped)
        return len(dropped)


@contextmanager
def _at_store(code: str = "file.store_away", text: Text = _AWAY) -> Iterator[None]:
    """A store that refuses or does not answer becomes ``Unavailable``; that something is not there stays as it is."""
    try:
        yield
    except FileNotFoundError:
        raise
    except (OSError, BaseError) as error:
        raise Unavailable.of(code, text.zh, text.en, way_out=CHECK_STORE) from error


def _open(settings: Settings) -> ObjectStore:
    place = settings.files_url
    if place is not None and "://" in place:
        return from_url(place)
    folder = Path(place) if place else settings.data_dir / "files"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return LocalStore(folder.resolve())


def _key(workspace: UUID, file: UUID) -> str:
    return f"{workspace}/{file}"


def _part_key(workspace: UUID, job: UUID, number: int) -> str:
    return f"{workspace}/parts/{job}/{number:09d}"
