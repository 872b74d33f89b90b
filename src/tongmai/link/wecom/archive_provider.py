"""Where decrypted archive messages come from: JSON lines in a folder, or JSON lines over HTTP.

The vendor's own SDK is a native library under its licence and cannot ship here; whatever runs it (the vendor's sample,
an archive service) writes one decrypted message a line with its ``seq``, and this product reads on from the last one.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol

import httpx
import orjson
from pydantic import SecretStr

from tongmai.kit import Invalid, Text
from tongmai.link.faults import SourceAway, away
from tongmai.link.outward import answer_within
from tongmai.link.vendors.json_objects import JsonObject

_LONGEST_LINE = 1024 * 1024
_CHUNK = 4 * 1024 * 1024
_MOST_FILE = 16 * 1024 * 1024
_LONGEST_PAGE = 256 * 1024 * 1024
_MD5 = re.compile(r"[0-9a-fA-F]{32}")


class ArchiveLine(NamedTuple):
    """``cursor`` is where to go on after this line; ``fault`` says why ``message`` is None."""

    cursor: str
    message: JsonObject | None
    fault: str = ""


class ArchiveProvider(Protocol):
    def batches(self, cursor: str, containing: bytes = b"") -> AsyncIterator[list[ArchiveLine]]:
        """What follows ``cursor`` (empty: from the beginning), in the order in which it was archived, some thousand
        lines at a time; of it only lines that hold the bytes ``containing``, which spares reading the others.

        Raises ``SourceAway`` where the provider cannot be read now.
        """
        ...

    async def reach(self) -> None:
        """Raises ``SourceAway`` where the provider cannot be read now."""
        ...

    async def file(self, identity: str, md5: str) -> bytes | None:
        """A file of a message by its ``sdkfileid`` and checksum; None where it is not there, or not whole yet.

        Raises ``SourceAway`` where the provider cannot be read now, ``Invalid`` for one that is too large.
        """
        ...


@dataclass(frozen=True, slots=True)
class FolderArchive:
    """Files ``*.jsonl`` of a folder in the order of their names; a name once read to its end grows no more lines.

    The cursor is ``name:offset``. A last line without its end is left for the next time: it is still being written.
    Files of messages lie in its folder ``files`` under their checksums, with any ending.
    """

    folder: Path

    async def batches(self, cursor: str, containing: bytes = b"") -> AsyncIterator[list[ArchiveLine]]:
        name, _, offset = cursor.rpartition(":")
        for file in await asyncio.to_thread(self._files, name):
            async for lines in _file_lines(file, int(offset) if file.name == name else 0, containing):
                yield lines

    async def reach(self) -> None:
        await asyncio.to_thread(self._files, "")

    async def file(self, identity: str, md5: str) -> bytes | None:
        # A checksum is the only name that is taken: nothing in a message leads elsewhere.
        if not _MD5.fullmatch(md5):
            return None
        return await asyncio.to_thread(self._whole, md5)

    def _whole(self, md5: str) -> bytes | None:
        home = (self.folder / "files").resolve()
        for path in sorted(home.glob(f"{md5}*")):
            if path.is_file() and path.resolve().is_relative_to(home):
                _refuse_large(path.stat().st_size)
                return _checked(path.read_bytes(), md5)
        return None

    def _files(self, since: str) -> list[Path]:
        if not self.folder.is_dir():
            name = self.folder.name
            raise away(
                f"找不到存档文件夹 {name}",
                f"The archive folder {name} is not there",
                code="archive.folder",
                way_out=Text(
                    "请核对存档文件夹；由存档程序或管理员建好后自动读取",
                    "Check its name; it is read by itself once the archive's program or an administrator has made it",
                ),
            )
        return sorted(each for each in self.folder.glob("*.jsonl") if each.name >= since)


async def _file_lines(file: Path, offset: int, containing: bytes) -> AsyncIterator[list[ArchiveLine]]:
    while True:
        found, end = await asyncio.to_thread(_chunk_lines, file, offset, containing)
        if end == offset:
            return
        offset = end
        yield found


def _chunk_lines(file: Path, offset: int, containing: bytes) -> tuple[list[ArchiveLine], int]:
    """The whole lines of a chunk that hold ``containing``, and where the chunk's last whole line ends."""
    with file.open("rb") as stream:
        stream.seek(offset)
        chunk = stream.read(_CHUNK)
    end = chunk.rfind(b"\n") + 1
    if end == 0 and len(chunk) > _LONGEST_LINE:
        raise Invalid.of("archive.line", f"{file.name} 中有过长的行", f"{file.name} has a line that is too long")
    found = []
    after = 0
    while after < end and (hit := chunk.find(containing, after, end)) >= 0:
        begin, after = chunk.rfind(b"\n", 0, hit) + 1, chunk.index(b"\n", hit) + 1
        line = chunk[begin:after]
        if not line.isspace():
            found.append(_parsed(f"{file.name}:{offset + after}", line))
    return found, offset + end


@dataclass(frozen=True, slots=True)
class HttpArchive:
    """``GET url?seq=…&limit=…`` answers JSON lines after that number, fewer than ``limit`` at the end, as the SDK does.

    The cursor is the last ``seq``. ``GET files_url?sdkfileid=…`` answers a file of a message.
    """

    http: httpx.AsyncClient
    url: str
    key: SecretStr | None = field(default=None, repr=False)
    limit: int = 1000
    files_url: str = ""

    async def batches(self, cursor: str, containing: bytes = b"") -> AsyncIterator[list[ArchiveLine]]:
        after = int(cursor or 0)
        while True:
            rows = await self._page(after, self.limit)
            found = []
            for row in rows:
                line = _parsed(str(after), row)
                seq = line.message.get("seq") if line.message else None
                after = seq if isinstance(seq, int) and seq > after else after + 1
                if containing in row:
                    found.append(ArchiveLine(str(after), line.message, line.fault))
            yield found
            if len(rows) < self.limit:
                return

    async def reach(self) -> None:
        await self._page(0, 1)

    async def file(self, identity: str, md5: str) -> bytes | None:
        if not self.files_url:
            return None
        try:
            params = {"sdkfileid": identity}
            async with self.http.stream("GET", self.files_url, params=params, headers=self._headers) as response:
                if response.status_code == httpx.codes.NOT_FOUND:
                    return None
                response.raise_for_status()
                content = bytearray()
                async for piece in response.aiter_bytes():
                    content += piece
                    _refuse_large(len(content))
        except httpx.HTTPError as error:
            raise _unreachable() from error
        return _checked(bytes(content), md5)

    async def _page(self, after: int, limit: int) -> list[bytes]:
        try:
            params = {"seq": str(after), "limit": str(limit)}
            response = await answer_within(
                self.http, "GET", self.url, longest=_LONGEST_PAGE, params=params, headers=self._headers
            )
            response.raise_for_status()
        except httpx.HTTPError as error:
            raise _unreachable() from error
        return [line for line in response.content.splitlines() if line.strip()]

    @property
    def _headers(self) -> dict[str, str]:
        return {} if self.key is None else {"authorization": f"Bearer {self.key.get_secret_value()}"}


def _unreachable() -> SourceAway:
    return away(
        "会话存档服务暂时无法读取",
        "The archive service cannot be read just now",
        code="archive.unreachable",
        way_out=Text(
            "会自动重试；一直如此时核对存档服务地址和它的密钥",
            "It is tried again by itself; if it stays so, check the service's address and its key",
        ),
    )


def _refuse_large(size: int) -> None:
    if size > _MOST_FILE:
        raise Invalid.of("archive.file_size", "存档文件过大，未读取", "A file of the archive is too large to be read")


def _checked(content: bytes, md5: str) -> bytes | None:
    """None for half a file: it is still being written. Not every service tells a checksum."""
    if md5 and hashlib.md5(content, usedforsecurity=False).hexdigest() != md5.lower():
        return None
    return content


def _parsed(cursor: str, line: bytes) -> ArchiveLine:
    if len(line) > _LONGEST_LINE:
        return ArchiveLine(cursor, None, "line too long")
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError:
        return ArchiveLine(cursor, None, "not JSON")
    return ArchiveLine(cursor, found, "") if isinstance(found, dict) else ArchiveLine(cursor, None, "not an object")
