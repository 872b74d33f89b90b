from __future__ import annotations

import pytest
from tests.metrics.shop import Shop, open_shop

from tongmai.kit import FixedClock, Settings
from tongmai.store import Database, Workspace

from .desk import Desk, open_desk


@pytest.fixture
async def shop(database: Database, workspace: Workspace, clock: FixedClock, settings: Settings) -> Shop:
    """A shop of the test's own, at 2026-11-02 09:00 (a Monday), without records, metrics or rules."""
    return await open_shop(database, workspace, clock, settings)


@pytest.fixture
def desk(shop: Shop) -> Desk:
    return open_desk(shop)
