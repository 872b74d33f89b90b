"""Two editors, locks that are not to be had, retention dates."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from tongmai.kit import Conflict, FixedClock, Settings, Unavailable
from tongmai.model import AddField, Changeset, RemoveField, RemoveObject
from tongmai.schema import CatalogueStore, Expired, Progress, SchemaEditor

from .company import Company, field


async def test_of_two_changes_at_once_both_are_done_one_after_the_other(company: Company) -> None:
    await company.add_object("customer", field("name"))
    await asyncio.gather(
        company.add_field("customer", field("area")),
        company.add_field("customer", field("size")),
        company.add_field("customer", field("code")),
    )
    assert {"area", "size", "code"} <= (await company.catalogue()).object_by_key["customer"].by_key.keys()


async def test_a_change_beside_a_long_one_is_refused_and_told_why(company: Company) -> None:
    async with company.database.write() as tx:
        await tx.fetch_value("SELECT pg_advisory_lock($1, -2)", company.workspace.lock_class)
        try:
            with pytest.raises(Conflict, match="another structural change is under way"):
                await company.add_object("customer", field("name"))
        finally:
            await tx.fetch_value("SELECT pg_advisory_unlock($1, -2)", company.workspace.lock_class)


async def test_a_lock_that_is_never_granted_ends_in_a_refusal_that_names_who_holds_it(
    company: Company, catalogues: CatalogueStore, clock: FixedClock, settings: Settings
) -> None:
    await company.add_object("customer", field("name"))
    hasty = SchemaEditor(company.database, catalogues, clock, settings, attempts=3)
    changeset = Changeset(actions=(AddField(object="customer", field=field("area")),))
    async with company.database.snapshot() as tx:
        await tx.fetch(f"SELECT FROM {company.schema('customer')}")
        pid = await tx.fetch_value("SELECT pg_backend_pid()")
        with pytest.raises(Unavailable, match=f"pid {pid}"):
            await hasty.apply(company.workspace, changeset, None)
    assert "area" not in (await catalogues.reload(company.workspace)).object_by_key["customer"].by_key
    await company.add_field("customer", field("area"))
    assert await company.values("customer", "area") == []


async def test_progress_is_told_step_by_step(company: Company) -> None:
    await company.add_object("customer", field("size"))
    await company.insert("customer", {"size": "1"})
    told: list[Progress] = []

    async def on_progress(progress: Progress) -> None:
        told.append(progress)

    after = await company.changed("customer", "size", type="number")
    changeset = Changeset.model_validate(
        {"actions": [{"action": "change_field", "object": "customer", "after": after.model_dump()}]}
    )
    await company.editor.apply(company.workspace, changeset, None, on_progress=on_progress)
    assert [each.step for each in told] == sorted(each.step for each in told)
    assert told[-1].step == told[-1].steps
    assert max(each.rows for each in told) == 1


async def test_what_is_past_its_retention_date_is_dropped_and_its_undo_refused_with_the_reason(
    company: Company, clock: FixedClock
) -> None:
    await company.add_object("customer", field("name"), field("phone"))
    await company.add_object("order", field("name"))
    removed_field = await company.apply(RemoveField(object="customer", field="phone"))
    removed_object = await company.apply(RemoveObject(object="order"))
    clock.advance(timedelta(days=29))
    assert await company.editor.expire_retired() == Expired()
    clock.advance(timedelta(days=2))
    assert await company.editor.expire_retired() == Expired(columns=1, tables=1)
    assert await company.fetch("SELECT to_regclass($1) IS NULL", company.schema("order")) == [(True,)]
    for change in (removed_field, removed_object):
        with pytest.raises(Conflict, match="dropped at its retention date"):
            await company.undo(change)
    await company.add_field("customer", field("phone"))
    assert await company.values("customer", "phone") == []


async def test_what_came_back_is_not_dropped_at_the_old_date(company: Company, clock: FixedClock) -> None:
    await company.add_object("customer", field("name"), field("phone"))
    await company.insert("customer", {"phone": "1"})
    removed = await company.apply(RemoveField(object="customer", field="phone"))
    await company.undo(removed)
    clock.advance(timedelta(days=60))
    assert await company.editor.expire_retired() == Expired()
    assert await company.values("customer", "phone") == ["1"]


async def test_what_somebody_built_a_view_on_is_kept_and_reported(company: Company, clock: FixedClock) -> None:
    await company.add_object("customer", field("name"), field("phone"))
    async with company.database.write() as tx:
        await tx.execute(f"CREATE VIEW {company.schema('_report')} AS SELECT phone FROM {company.schema('customer')}")
    await company.apply(RemoveField(object="customer", field="phone"))
    clock.advance(timedelta(days=31))
    assert await company.editor.expire_retired() == Expired(kept=1)
