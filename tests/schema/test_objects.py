"""Objects made, removed, brought back and made again."""

from __future__ import annotations

from uuid import UUID

import asyncpg
import pytest

from tongmai.kit import Conflict, Invalid
from tongmai.model import AddObject, RemoveField, RemoveObject

from .company import Company, field, thing


async def test_a_new_object_is_a_table_whose_owner_is_a_person(company: Company) -> None:
    await company.add_object("customer", field("name"))
    person = await company.insert("person", {"name": "张三"})
    customer = await company.insert("customer", {"name": "甲"})
    async with company.database.write() as tx:
        await tx.execute(f"UPDATE {company.schema('customer')} SET owner = $1 WHERE id = $2", person, customer)
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        async with company.database.write() as tx:
            await tx.execute(f"UPDATE {company.schema('customer')} SET owner = $1", UUID(int=7))


async def test_objects_that_refer_to_each_other_are_made_in_one_change(company: Company) -> None:
    await company.apply(
        AddObject(object=thing("order", field("customer", "relation", options={"target": "customer"}))),
        AddObject(object=thing("customer", field("last_order", "relation", options={"target": "order"}))),
    )
    customer = await company.insert("customer")
    await company.insert("order", {"customer": customer})
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await company.insert("order", {"customer": UUID(int=7)})


async def test_a_removed_object_comes_back_with_its_records(company: Company) -> None:
    await company.add_object("customer", field("name"), field("code", unique=True))
    await company.insert("customer", {"name": "甲", "code": "1"})
    removed = await company.apply(RemoveObject(object="customer"))
    assert "customer" not in (await company.catalogue()).object_by_key
    await company.undo(removed)
    assert await company.values("customer", "name") == ["甲"]
    with pytest.raises(asyncpg.UniqueViolationError):
        await company.insert("customer", {"code": "1"})


async def test_a_person_of_a_removed_object_can_be_purged_and_its_undo_clears_the_link(company: Company) -> None:
    await company.add_object("customer", field("name"), field("seller", "person"))
    person = await company.insert("person", {"name": "张三"})
    await company.insert("customer", {"name": "甲", "seller": person})
    removed = await company.apply(RemoveObject(object="customer"))
    async with company.database.write() as tx:
        await tx.execute(f"DELETE FROM {company.schema('person')} WHERE id = $1", person)
    await company.undo(removed)
    assert await company.values("customer", "seller") == [None]
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await company.insert("customer", {"seller": UUID(int=7)})


async def test_a_key_can_be_used_again_and_each_undo_finds_its_own_table(company: Company) -> None:
    await company.add_object("customer", field("name", unique=True))
    await company.insert("customer", {"name": "first"})
    removed_first = await company.apply(RemoveObject(object="customer"))
    made_second = await company.add_object("customer", field("name", unique=True), field("size", "number"))
    await company.insert("customer", {"name": "second"})
    with pytest.raises(Invalid, match="already exists"):
        await company.undo(removed_first)
    removed_second = await company.undo(made_second)
    await company.undo(removed_first)
    assert await company.values("customer", "name") == ["first"]
    await company.apply(RemoveObject(object="customer"))
    await company.undo(removed_second)
    assert await company.values("customer", "name") == ["second"]


async def test_an_undo_of_an_undo_puts_the_change_in_force_again(company: Company) -> None:
    made = await company.add_object("customer", field("name"))
    await company.insert("customer", {"name": "甲"})
    undone = await company.undo(made)
    assert "customer" not in (await company.catalogue()).object_by_key
    await company.undo(undone)
    assert await company.values("customer", "name") == ["甲"]


async def test_a_change_is_undone_once(company: Company) -> None:
    made = await company.add_object("customer", field("name"))
    await company.undo(made)
    with pytest.raises(Conflict, match="undone already"):
        await company.undo(made)


async def test_an_undo_is_refused_with_the_reason_while_later_changes_need_what_it_would_take(company: Company) -> None:
    made = await company.add_object("customer", field("name"))
    await company.add_object("order", field("customer", "relation", options={"target": "customer"}))
    with pytest.raises(Invalid) as refused:
        await company.undo(made)
    assert any(fault.field and fault.field.startswith("order.customer") for fault in refused.value.faults)
    assert "customer" in (await company.catalogue()).object_by_key


async def test_all_faults_of_a_change_are_told_at_once_and_nothing_is_done(company: Company) -> None:
    before = await company.catalogue()
    with pytest.raises(Invalid) as refused:
        await company.apply(
            AddObject(
                object=thing(
                    "order",
                    field("customer", "relation", options={"target": "nobody"}),
                    field("state", "choice", options={"choices": "none"}),
                    field("total", "no_such_type"),
                )
            )
        )
    places = {fault.field for fault in refused.value.faults}
    assert len(places) >= 3
    assert await company.catalogues.reload(company.workspace) == before
    with pytest.raises(Invalid, match="there is no field"):
        await company.apply(RemoveField(object="person", field="nothing"))
    assert await company.fetch("SELECT to_regclass($1) IS NULL", company.schema("order")) == [(True,)]


async def test_history_tells_what_was_done_and_what_failed(company: Company) -> None:
    made = await company.add_object("customer", field("name"))
    undone = await company.undo(made)
    latest, first = await company.editor.history(company.workspace)
    assert (latest.id, latest.state, latest.undoes) == (undone.id, "applied", made.id)
    assert (first.id, first.state, first.version) == (made.id, "undone", made.version)
    assert first.document("zh")["changeset"]["actions"][0]["action"] == "add_object"
