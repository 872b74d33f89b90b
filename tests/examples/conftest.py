"""The example programs as modules, and the real data sets beside the project."""

from __future__ import annotations

import importlib
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, TypeAlias

import pytest
from tests.real_data import real_file as found_file

from tongmai.kit import FixedClock, Settings
from tongmai.store import Database, drop_workspace

OpenRoom: TypeAlias = Callable[[Any], AbstractAsyncContextManager[Any]]
ROOT_DIR = Path(__file__).resolve().parents[2]


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    """Gives the example program of a name, as ``python examples/<name>.py`` would find it."""

    def found(name: str) -> ModuleType:
        monkeypatch.syspath_prepend(str(ROOT_DIR / "examples"))
        return sys.modules.get(name) or importlib.import_module(name)

    return found


@pytest.fixture
def real_file() -> Callable[[str], Path]:
    """Gives a file of the real data sets; the test is skipped where they are not."""
    return found_file


@pytest.fixture
def open_room(
    database: Database, settings: Settings, clock: FixedClock, example: Callable[[str], ModuleType], tmp_path: Path
) -> OpenRoom:
    """Opens the room that an example fills, with the clock where it puts it; the workspace is dropped behind it."""

    @asynccontextmanager
    async def opened(script: Any) -> AsyncIterator[Any]:
        asked = script.EXAMPLE
        clock.moment = asked.moment("")
        own = settings.model_copy(update={"data_dir": tmp_path})
        async with example("salesroom").open_salesroom(
            own, clock, database, f"e_{asked.key}", asked.zone, asked.app
        ) as room:
            try:
                yield room
            finally:
                async with database.write() as tx:
                    await drop_workspace(tx, room.workspace)

    return opened
