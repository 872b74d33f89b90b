"""The apps that come with the program, each read once for as long as its files say the same.

Reading one is up to a second of work, and every look at what may be installed would do it again.
"""

from __future__ import annotations

import asyncio
from hashlib import sha256

from tongmai.kit import NotFound, Text
from tongmai.market.package import AppPackage, built_in_apps, files_in, read_files


class Shelf:
    """Kept by the digest of the files, so that an app that is written while the program runs is read anew."""

    def __init__(self) -> None:
        self._read: dict[str, tuple[bytes, AppPackage]] = {}

    async def packages(self) -> list[AppPackage]:
        """All of them, by key. Read beside the event loop."""
        return await asyncio.to_thread(lambda: [self._package(name) for name, _ in built_in_apps()])

    async def package(self, key: str) -> AppPackage:
        """Raises ``NotFound`` where no such app comes with the program."""
        if not any(name == key for name, _ in built_in_apps()):
            raise NotFound.of(
                "app.unknown",
                f"没有应用“{key[:60]}”",
                f"There is no app “{key[:60]}”",
                way_out=Text("请从可安装的应用中选择", "Choose one of those that are offered"),
            )
        return await asyncio.to_thread(self._package, key)

    def _package(self, key: str) -> AppPackage:
        files = files_in(dict(built_in_apps())[key])
        digest = _digest(files)
        kept = self._read.get(key)
        if kept is not None and kept[0] == digest:
            return kept[1]
        package = read_files(files)
        self._read[key] = (digest, package)
        return package


def _digest(files: dict[str, str]) -> bytes:
    """Of every name and text, each with its length: where one ends is part of what is said."""
    found = sha256()
    for part in (part for pair in files.items() for part in pair):
        content = part.encode()
        found.update(len(content).to_bytes(8) + content)
    return found.digest()
