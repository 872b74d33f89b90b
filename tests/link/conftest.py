from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tongmai.kit import FixedClock, Settings
from tongmai.store import Database, Workspace

from .desk import Desk, open_desk


@pytest.fixture
async def desk(database: Database, workspace: Workspace, clock: FixedClock, settings: Settings) -> AsyncIterator[Desk]:
    """A workspace of the test's own at 2026-11-02 09:00, without sources."""
    made = await open_desk(database, workspace, clock, settings)
    yield made
    await made.links.close()
