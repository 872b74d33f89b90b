"""The file of a backup: a tar with the parts and, last, the manifest. Read back with suspicion.

Only the names a backup has are taken, only plain members, each against its hash; nothing is unpacked by the name it
bears.
"""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from pydantic import ValidationError

from tongmai.backup.manifest import DUMP, FORMAT, MANIFEST, PLATFORM, Manifest, Part
from tongmai.kit import Fault, Invalid, Text

SUFFIX = ".tongmai"
_BLOCK = 1024 * 1024
_LARGEST_MANIFEST = 256 * 1024 * 1024


class ArchiveWriter:
    """Adds parts one by one and knows their hashes. The file bears its name only after ``finish``."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._partial = target.with_name(f"{target.name}.partial")
        descriptor = os.open(self._partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self._file = os.fdopen(descriptor, "wb")
        self._tar = tarfile.open(fileobj=self._file, mode="w", format=tarfile.PAX_FORMAT)  # noqa: SIM115
        self.parts: list[Part] = []

    def add(self, name: str, path: Path) -> None:
        size = path.stat().st_size
        with path.open("rb") as content:
            self._add(name, content, size)

    def add_bytes(self, name: str, content: bytes) -> None:
        self._add(name, io.BytesIO(content), len(content))

    def finish(self, manifest: Manifest) -> None:
        """Writes the manifest, makes sure that all is on the disk, and gives the file its name."""
        content = manifest.model_dump_json(indent=1).encode()
        self._member(MANIFEST, io.BytesIO(content), len(content))
        self._tar.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._partial.replace(self._target)
        folder = os.open(self._target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def abandon(self) -> None:
        """Leaves nothing behind. Harmless after ``finish``."""
        self._file.close()
        self._partial.unlink(missing_ok=True)

    def _add(self, name: str, content: IO[bytes], size: int) -> None:
        hashed = _Hashed(content)
        self._member(name, hashed, size)
        self.parts.append(Part(name=name, size=size, sha256=hashed.digest.hexdigest()))

    def _member(self, name: str, content: IO[bytes] | _Hashed, size: int) -> None:
        member = tarfile.TarInfo(name)
        member.size = size
        member.mode = 0o600
        self._tar.addfile(member, content)


class _Hashed:
    """Reads on, and hashes what was read."""

    def __init__(self, content: IO[bytes]) -> None:
        self._content = content
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        block = self._content.read(size)
        self.digest.update(block)
        return block


def read_manifest(path: Path) -> Manifest:
    """Reads a whole backup and checks every part. Raises ``Invalid`` where it is not one, is cut off or was changed."""
    found: dict[str, Part] = {}
    manifest: Manifest | None = None
    with _opened(path) as archive:
        for member in archive:
            if not member.isreg() or manifest is not None:
                raise _damaged("里面有不属于备份的内容", "it holds what does not belong to a backup")
            content = archive.extractfile(member)
            assert content is not None
            if member.name == MANIFEST:
                manifest = _parse(content.read(_LARGEST_MANIFEST))
            else:
                found[member.name] = _measured(member.name, content)
    if manifest is None:
        raise _damaged("文件不完整", "it is cut off")
    if manifest.format > FORMAT:
        raise _too_new()
    told = {part.name: part for part in manifest.parts}
    if told != found or not {DUMP, PLATFORM} <= told.keys():
        changed = sorted(name for name in told.keys() | found.keys() if told.get(name) != found.get(name))
        shown = "、".join(changed[:5])
        raise _damaged(f"内容与清单不符：{shown}", f"its content differs from its manifest: {shown}")
    return manifest


@contextmanager
def part_content(path: Path, name: str) -> Iterator[IO[bytes]]:
    """The content of one part of a backup that was checked."""
    with _opened(path) as archive:
        content = archive.extractfile(name)
        assert content is not None
        yield content


@contextmanager
def _opened(path: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(path, "r:") as archive:
            yield archive
    except (tarfile.TarError, EOFError, OSError) as error:
        if isinstance(error, FileNotFoundError):
            raise Invalid((Fault("backup.not_found", Text(f"没有文件 {path}", f"There is no file {path}")),)) from error
        raise _damaged("文件不完整，或不是备份", "it is cut off, or no backup at all") from error


def _measured(name: str, content: IO[bytes]) -> Part:
    digest, size = hashlib.sha256(), 0
    while block := content.read(_BLOCK):
        digest.update(block)
        size += len(block)
    try:
        return Part(name=name, size=size, sha256=digest.hexdigest())
    except ValidationError as error:
        raise _damaged("里面有不属于备份的内容", "it holds what does not belong to a backup") from error


def _parse(content: bytes) -> Manifest:
    try:
        return Manifest.model_validate_json(content)
    except ValidationError as error:
        raise _damaged("清单无法读取", "its manifest cannot be read") from error


def _damaged(zh: str, en: str) -> Invalid:
    return Invalid(
        (
            Fault(
                "backup.damaged",
                Text(f"备份文件不可用：{zh}", f"The backup cannot be used: {en}"),
                Text("请换一份备份，或重新复制文件", "Use another backup, or copy the file again"),
            ),
        )
    )


def _too_new() -> Invalid:
    text = Text("备份来自更新的版本", "The backup was made by a later version")
    return Invalid((Fault("backup.too_new", text, Text("请先升级本程序", "Upgrade this program first")),))
