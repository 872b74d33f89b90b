from __future__ import annotations

import pytest

from tongmai.kit import FixedClock, Settings
from tongmai.store import Database, Workspace

from .office import Office, open_office


@pytest.fixture
async def office(database: Database, workspace: Workspace, clock: FixedClock, settings: Settings) -> Office:
    """An office of the test's own, on Monday 2026-11-02 at 09:00 in Shanghai."""
    return await open_office(database, workspace, clock, settings)
