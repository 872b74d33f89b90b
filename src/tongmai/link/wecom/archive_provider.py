"""Where decrypted archive messages come from: JSON lines in a folder, or JSON lines over HTTP.

The vendor's own SDK is a native library under its licence and cannot ship here; whatever runs it (the vendor's sample,
an archive service) writes one decrypted message a line with its ``seq``, and this product reads on from the last one.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol

import httpx
import orjson
from pydantic import SecretStr

from tongmai.kit import Invalid
from tongmai.link.faults import away
from tongmai.link.wecom.client import JsonObject

_LONGEST_LINE = 1024 * 1024
_CHUNK = 4 * 1024 * 1024


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


@dataclass(frozen=True, slots=True)
class FolderArchive:
    """Files ``*.jsonl`` of a folder in the order of their names; a name once read to its end grows no more lines.

    The cursor is ``name:offset``. A last line without its end is left for the next time: it is still being written.
    """

    folder: Path

    async def batches(self, cursor: str, containing: bytes = b"") -> AsyncIterator[list[ArchiveLine]]:
        name, _, offset = cursor.rpartition(":")
        for file in await asyncio.to_thread(self._files, name):
            async for lines in _file_lines(file, int(offset) if file.name == name else 0, containing):
                yield lines

    def _files(self, since: str) -> list[Path]:
        if not self.folder.is_dir():
            name = self.folder.name
            raise away(f"找不到存档文件夹 {name}", f"The archive folder {name} is not there", code="archive.folder")
        return sorted(each for each in self.folder.glob("*.jsonl") if each.name >= since)


async def _file_lines(file: Path, offset: int, containing: bytes) -> AsyncIterator[list[ArchiveLine]]:
    name = file.name
    while True:
        chunk = await asyncio.to_thread(_read, file, offset)
        end = chunk.rfind(b"\n") + 1
        if end == 0:
            if len(chunk) > _LONGEST_LINE:
                raise Invalid.of(
                    "archive.line", f"{file.name} 中有过长的行", f"{file.name} has a line that is too long"
                )
            return
        found = []
        for line in chunk[:end].splitlines(keepends=True):
            offset += len(line)
            if containing in line and not line.isspace():
                found.append(_parsed(f"{name}:{offset}", line))
        yield found


def _read(file: Path, offset: int) -> bytes:
    with file.open("rb") as stream:
        stream.seek(offset)
        return stream.read(_CHUNK)


@dataclass(frozen=True, slots=True)
class HttpArchive:
    """``GET url?seq=…&limit=…`` answers JSON lines after that number, fewer than ``limit`` at the end, as the SDK does.

    The cursor is the last ``seq``.
    """

    http: httpx.AsyncClient
    url: str
    key: SecretStr | None = field(default=None, repr=False)
    limit: int = 1000

    async def batches(self, cursor: str, containing: bytes = b"") -> AsyncIterator[list[ArchiveLine]]:
        after = int(cursor or 0)
        while True:
            rows = await self._page(after)
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

    async def _page(self, after: int) -> list[bytes]:
        headers = {} if self.key is None else {"authorization": f"Bearer {self.key.get_secret_value()}"}
        try:
            params = {"seq": str(after), "limit": str(self.limit)}
            response = await self.http.get(self.url, params=params, headers=headers)
            response.raise_for_status()
        except httpx.HTTPError as error:
            raise away(
                "会话存档服务暂时无法读取", "The archive service cannot be read just now", code="archive.unreachable"
            ) from error
        return [line for line in response.content.splitlines() if line.strip()]


def _parsed(cursor: str, line: bytes) -> ArchiveLine:
    if len(line) > _LONGEST_LINE:
        return ArchiveLine(cursor, None, "line too long")
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError:
        return ArchiveLine(cursor, None, "not JSON")
    return ArchiveLine(cursor, found, "") if isinstance(found, dict) else ArchiveLine(cursor, None, "not an object")
