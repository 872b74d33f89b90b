"""The catalogue in memory."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from tongmai.kit import Conflict, FixedClock, NotFound, Text
from tongmai.model import ADMINISTRATOR, Catalogue
from tongmai.schema import CatalogueStore, create_workspace
from tongmai.store import Database, Workspace, drop_workspace, find_workspace

from .company import Company, field


async def test_a_new_workspace_has_people_teams_and_an_administrator(company: Company) -> None:
    catalogue = await company.catalogue()
    assert catalogue.version == 1
    assert {"person", "team"} <= catalogue.object_by_key.keys()
    assert ADMINISTRATOR in catalogue.role_by_key
    team = await company.insert("team", {"name": "华东"})
    await company.insert("person", {"name": "张三", "team": team})


async def test_a_workspace_that_cannot_be_made_leaves_nothing(
    database: Database, catalogues: CatalogueStore, acme: Workspace, clock: FixedClock
) -> None:
    with pytest.raises(Conflict):
        await create_workspace(database, catalogues, clock, acme.key, Text.same("again"))
    async with database.read() as tx:
        assert await find_workspace(tx, acme.key) == acme


async def test_another_process_sees_a_change_and_tells_its_listeners(company: Company) -> None:
    other = CatalogueStore(company.database)
    await other.get(company.workspace)
    await other.start()
    heard: asyncio.Queue[tuple[str, Catalogue]] = asyncio.Queue()
    stop = other.on_change(lambda key, catalogue: heard.put_nowait((key, catalogue)))
    await company.add_object("customer", field("name"))
    key, catalogue = await asyncio.wait_for(heard.get(), 5)
    assert key == company.workspace.key
    assert "customer" in catalogue.object_by_key
    assert await other.get(company.workspace) is catalogue
    stop()
    await other.close()


async def test_a_process_that_heard_nothing_reloads_what_a_writer_missed(company: Company) -> None:
    deaf = CatalogueStore(company.database)
    old = await deaf.get(company.workspace)
    applied = await company.add_object("customer", field("name"))
    assert await deaf.get(company.workspace) is old
    present = await deaf.reload(company.workspace, at_least=applied.version)
    assert present.version == applied.version
    assert await deaf.reload(company.workspace, at_least=applied.version) is present


async def test_many_that_reload_at_once_share_one_read(company: Company) -> None:
    deaf = CatalogueStore(company.database)
    await deaf.get(company.workspace)
    await company.add_object("customer", field("name"))
    found = await asyncio.gather(*(deaf.reload(company.workspace) for _ in range(8)))
    assert len({id(each) for each in found}) == 1


async def test_the_catalogue_of_a_past_moment_can_be_read(company: Company, clock: FixedClock) -> None:
    began = clock.now()
    clock.advance(timedelta(hours=1))
    await company.add_object("customer", field("name"))
    assert "customer" not in (await company.catalogues.as_of(company.workspace, began)).object_by_key
    assert "customer" in (await company.catalogues.as_of(company.workspace, clock.now())).object_by_key
    with pytest.raises(NotFound):
        await company.catalogues.as_of(company.workspace, began - timedelta(days=1))


async def test_a_workspace_made_again_under_a_dropped_ones_key_has_its_own_catalogue(
    database: Database, clock: FixedClock
) -> None:
    store = CatalogueStore(database)
    first = await create_workspace(database, store, clock, "phoenix", Text.same("Phoenix"))
    old = await store.get(first)
    async with database.write() as tx:
        await drop_workspace(tx, first)
    with pytest.raises(NotFound):
        await store.reload(first)
    second = await create_workspace(database, store, clock, "phoenix", Text.same("Phoenix"))
    assert await store.get(second) is not old
    async with database.write() as tx:
        await drop_workspace(tx, second)
