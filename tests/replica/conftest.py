from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from tests.records.company import Company, found_company, hire
from tests.replica.desk import Desk

from tongmai.kit import FixedClock, Settings
from tongmai.store import Database, Workspace


@pytest.fixture
async def company(database: Database, workspace: Workspace, clock: FixedClock, settings: Settings) -> Company:
    """Two sellers in the north team, one in the south, and a viewer who may not see prices."""
    made = await found_company(database, workspace, clock, settings)
    north, south = await made.make("team", name="北区"), await made.make("team", name="南区")
    await hire(made, "甲", north, "seller")
    await hire(made, "丙", north, "supervisor")
    await hire(made, "乙", south, "seller")
    await hire(made, "丁", None, "viewer")
    return made


@pytest.fixture
async def desk(company: Company, settings: Settings) -> AsyncIterator[Desk]:
    made = Desk.at(company, settings)
    yield made
    made.replica.duck.close()
