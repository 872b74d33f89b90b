"""DuckDB, shut in: it reaches the replica's folder and nothing else, loads nothing, keeps to its share of memory."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import duckdb

from tongmai.kit import Settings

Result = TypeVar("Result")


class Duck:
    """One per process; opened when first needed. Work runs in threads, each with a session of its own.

    ``memory`` (``1GB``) and ``threads`` are for all of them together.
    """

    def __init__(self, folder: Path, *, memory: str = "1GB", threads: int = 2) -> None:
        self._folder = folder
        self._memory = memory
        self._threads = threads
        self._guard = threading.Lock()
        self._root: duckdb.DuckDBPyConnection | None = None

    async def run(self, work: Callable[[duckdb.DuckDBPyConnection], Result]) -> Result:
        """``work`` in a thread. Cancelled, it is interrupted and waited for: nothing goes on behind our back."""
        session = await asyncio.to_thread(self.session)
        task = asyncio.ensure_future(asyncio.to_thread(work, session))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            session.interrupt()
            await asyncio.wait({task})
            raise
        finally:
            if task.done():
                session.close()

    @classmethod
    def of(cls, folder: Path, settings: Settings) -> Duck:
        """With the limits that are set."""
        return cls(folder, memory=settings.replica_memory, threads=settings.replica_threads)

    def session(self) -> duckdb.DuckDBPyConnection:
        """A session with temporary tables of its own; the caller closes it."""
        with self._guard:
            if self._root is None:
                self._root = self._open()
            return self._root.cursor()

    def close(self) -> None:
        with self._guard:
            if self._root is not None:
                self._root.close()
                self._root = None

    def _open(self) -> duckdb.DuckDBPyConnection:
        folder = self._folder.resolve()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        root = duckdb.connect(":memory:", config={"threads": self._threads, "memory_limit": self._memory})
        for setting in (
            f"SET temp_directory = {text_constant(str(folder / '.spill'))}",
            f"SET allowed_directories = [{text_constant(str(folder))}]",
            "SET TimeZone = 'UTC'",
            "SET autoinstall_known_extensions = false",
            "SET autoload_known_extensions = false",
            "SET enable_external_access = false",
            "SET enable_progress_bar = false",
            "SET lock_configuration = true",
        ):
            root.execute(setting)
        return root


def text_constant(text: str) -> str:
    """A text of ours (a path, a key) as an SQL constant."""
    return "'" + text.replace("'", "''") + "'"
