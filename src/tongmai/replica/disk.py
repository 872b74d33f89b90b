"""The file operations that crash-safety rests on, in one place: a test can fail, or end the program, between any."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Content:
    """What a file holds, in short."""

    size: int
    sha256: str


class Disk:
    """Plain operations of the operating system. What is not on the disk when a method returns is told by its name."""

    def make_folder(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def digest(self, file: Path) -> Content:
        """Reads the whole file. Raises ``FileNotFoundError``."""
        hash_, size = hashlib.sha256(), 0
        with file.open("rb") as source:
            while chunk := source.read(_CHUNK):
                hash_.update(chunk)
                size += len(chunk)
        return Content(size, hash_.hexdigest())

    def seal(self, file: Path) -> Content:
        """A file that another writer (DuckDB) has finished, brought to the disk and measured."""
        with file.open("rb") as source:
            os.fsync(source.fileno())
        return self.digest(file)

    def write(self, file: Path, content: bytes) -> None:
        """To the disk, but under a name that only ``sync_folder`` makes lasting."""
        with file.open("wb") as target:
            target.write(content)
            target.flush()
            os.fsync(target.fileno())

    def rename(self, source: Path, target: Path) -> None:
        """In one step: whoever opens ``target`` finds the old content or the new."""
        source.replace(target)

    def sync_folder(self, folder: Path) -> None:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def remove(self, file: Path) -> None:
        file.unlink(missing_ok=True)

    @contextlib.contextmanager
    def lock(self, file: Path) -> Iterator[bool]:
        """Whether this is the only program at work here; the operating system gives the lock back if it is killed."""
        handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True
        finally:
            os.close(handle)
