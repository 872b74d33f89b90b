from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from tongmai.kit import FixedClock, Settings, Text
from tongmai.records import Gateway
from tongmai.store import Database, Workspace, create_workspace, drop_workspace

from .company import Company, found_company, hire

_EMPTIED = ("customer", "deal", "_history", "_block", "_counter", "_idempotency", "_file")


async def _staffed(company: Company) -> Company:
    """North: 甲 (seller), 丙 (supervisor). South: 乙 (seller). Beside them 丁 (viewer) and 管 (administrator)."""
    north = await company.make("team", name="北区")
    south = await company.make("team", name="南区")
    await hire(company, "甲", north, "seller")
    await hire(company, "丙", north, "supervisor")
    await hire(company, "乙", south, "seller")
    await hire(company, "丁", None, "viewer")
    await hire(company, "管", None, "administrator")
    return company


@pytest.fixture(scope="session")
async def premises(database: Database, settings: Settings) -> AsyncIterator[Company]:
    """A staffed company that the tests of a process share one after the other."""
    clock = FixedClock(database.clock.now())
    async with database.write() as tx:
        workspace = await create_workspace(tx, "premises", Text("公司", "Company"), clock=clock)
    yield await _staffed(await found_company(database, workspace, clock, settings))
    async with database.write() as tx:
        await drop_workspace(tx, workspace)


@pytest.fixture
async def company(premises: Company, clock: FixedClock, settings: Settings) -> Company:
    """The shared company with its people, without a single record, and with the test's own clock."""
    schema = premises.workspace.quoted_schema
    async with premises.database.write() as tx:
        await tx.execute(f"TRUNCATE {', '.join(f'{schema}.{table}' for table in _EMPTIED)}")
    gateway = Gateway(premises.database, premises.catalogues, clock, settings)
    return replace(premises, gateway=gateway, clock=clock, people=dict(premises.people))


@pytest.fixture
async def fresh_company(database: Database, workspace: Workspace, clock: FixedClock, settings: Settings) -> Company:
    """A company of the test's own, for tests that change people or the model."""
    return await _staffed(await found_company(database, workspace, clock, settings))
