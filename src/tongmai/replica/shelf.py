"""A workspace's folder of files: what is named, what is sound, who reads it, and when it may go.

A file gets its name in a manifest after it is on the disk; the manifest takes effect by one rename. A file that is no
longer named stays for ``GRACE`` (another program may be reading it) and as long as this program leases a manifest that
names it.
"""

from __future__ import annotations

import contextlib
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from tongmai.replica.disk import Content, Disk
from tongmai.replica.manifest import Damaged, FileEntry, Manifest, Retired

GRACE = timedelta(minutes=10)
_MANIFEST = "manifest.json"
_COMING = "manifest.coming"
_LOCK = "lock"

# Of a file: where it lies on the disk, its size and when it was last written.
_Stamp = tuple[int, int, int]


class Shelf:
    """May be used by several threads. ``folder`` need not exist yet.

    Files of another workspace, which once had the same key, count as damaged.
    """

    def __init__(self, folder: Path, workspace: UUID, disk: Disk) -> None:
        self.folder = folder
        self._workspace = workspace
        self.disk = disk
        self._guard = threading.Lock()
        self._leases: Counter[str] = Counter()
        self._known: tuple[_Stamp, Manifest] | None = None
        # Files whose content was found to be what the manifest says, as they were then.
        self._sound: dict[str, tuple[_Stamp, str]] = {}

    @staticmethod
    def is_at(folder: Path) -> bool:
        """Whether a replica was ever written there."""
        return (folder / _MANIFEST).exists() or (folder / _LOCK).exists()

    @property
    def exists(self) -> bool:
        """Whether there is a manifest, sound or not."""
        return (self.folder / _MANIFEST).exists()

    def path(self, file: FileEntry) -> Path:
        return self.folder / file.path

    def present(self) -> Manifest:
        """The manifest in force, every file of it sound. Raises ``Damaged`` if there is none or a file is not."""
        manifest = self.named()
        for file in manifest.files:
            self._check(file)
        return manifest

    @contextlib.contextmanager
    def lease(self) -> Iterator[Manifest]:
        """The present manifest, whose files stay until the block ends."""
        with self._guard:
            manifest = self.named()
            held = [file.path for file in manifest.files]
            self._leases.update(held)
        try:
            for file in manifest.files:
                self._check(file)
            yield manifest
        finally:
            with self._guard:
                self._leases.subtract(held)

    @contextlib.contextmanager
    def alone(self) -> Iterator[bool]:
        """Whether nobody else, in any program, writes here meanwhile."""
        self.disk.make_folder(self.folder)
        with self.disk.lock(self.folder / _LOCK) as is_alone:
            yield is_alone

    def add(self, path: str) -> Content:
        """Brings a file that was just written to the disk."""
        return self.disk.seal(self.folder / path)

    def commit(self, manifest: Manifest, now: datetime) -> Manifest:
        """Puts ``manifest`` in force, with the files that it does not name as retired; removes what may go by now."""
        named = {file.path for file in manifest.files}
        since = {each.path: each.at for each in manifest.retired}
        idle = sorted(self._on_disk() - named)
        gone = [path for path in idle if now - since.get(path, now) >= GRACE and not self._leases[path]]
        kept = tuple(Retired(path=path, at=since.get(path, now)) for path in idle if path not in gone)
        final = manifest.model_copy(update={"retired": kept})
        for folder in sorted({(self.folder / path).parent for path in named}):
            self.disk.sync_folder(folder)
        self.disk.write(self.folder / _COMING, final.encode())
        self.disk.rename(self.folder / _COMING, self.folder / _MANIFEST)
        self.disk.sync_folder(self.folder)
        for path in gone:
            self.disk.remove(self.folder / path)
        return final

    def _on_disk(self) -> set[str]:
        found = self.folder.glob("*/*.parquet")
        return {f"{each.parent.name}/{each.name}" for each in found}

    def named(self) -> Manifest:
        """The manifest in force, its files not looked at. Raises ``Damaged``."""
        file = self.folder / _MANIFEST
        try:
            stamp = _stamp(file)
            known = self._known
            if known is not None and known[0] == stamp:
                return known[1]
            manifest = Manifest.decode(file.read_bytes(), _MANIFEST)
        except OSError as error:
            raise Damaged.at(_MANIFEST) from error
        if manifest.workspace != self._workspace:
            raise Damaged.at(_MANIFEST)
        self._known = (stamp, manifest)
        return manifest

    def _check(self, file: FileEntry) -> None:
        """Reads each file through once, and again if it is not the same on the disk."""
        path = self.folder / file.path
        try:
            stamp = _stamp(path)
            if self._sound.get(file.path) == (stamp, file.sha256):
                return
            if self.disk.digest(path) != Content(file.size, file.sha256):
                raise Damaged.at(file.path)
        except OSError as error:
            raise Damaged.at(file.path) from error
        self._sound[file.path] = (stamp, file.sha256)


def _stamp(file: Path) -> _Stamp:
    found = file.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns
