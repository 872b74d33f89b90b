"""The structure changes while people work: nobody is refused, and no value goes astray."""

from __future__ import annotations

import itertools
from decimal import Decimal

from tongmai.model import AddUnique, RemoveField, Unique

from .company import Company, field, thing
from .traffic import traffic

_numbers = itertools.count(1)


def _size(kind: str) -> object:
    """A value of the field as it is now, text or number; each is another."""
    number = next(_numbers)
    return Decimal(number) if kind == "number" else str(number)


async def test_fields_come_and_go_while_people_write(company: Company) -> None:
    await company.add_object("customer", field("name"))
    async with traffic(company, "customer", {"name": "甲"}) as seen:
        for number in range(6):
            await company.add_field("customer", field(f"extra_{number}", "number", default="5"))
        await company.add_field("customer", field("introduced_by", "relation", options={"target": "customer"}))
        for number in range(3):
            await company.apply(RemoveField(object="customer", field=f"extra_{number}"))
    assert seen.failures == []
    assert len(seen.written) > 20
    assert len(await company.values("customer", "name")) == len(seen.written)


async def test_a_type_changes_there_and_back_while_people_write(company: Company) -> None:
    await company.add_object("customer", field("name"), field("size"))
    await company.fetch("SELECT 1")
    async with company.database.write() as tx:
        await tx.execute(
            f"INSERT INTO {company.schema('customer')} (id, created_at, changed_at, name, size) "
            "SELECT uuidv7(), now(), now(), 'old ' || n, CASE WHEN n % 7 = 0 THEN 'unknown' ELSE n::text END "
            "FROM generate_series(1, 20000) n"
        )
    async with traffic(company, "customer", {"name": "甲", "size": _size}) as seen:
        to_number = await company.change_field("customer", "size", type="number")
        lost = await company.fetch(
            f"SELECT count(*) FROM {company.schema('customer')} WHERE size <> 'unknown' AND size IS NOT NULL "
            "AND size__2 IS NULL"
        )
        await company.undo(to_number)
    assert seen.failures == []
    assert lost == [(0,)]
    values = await company.values("customer", "size")
    assert len(values) == 20_000 + len(seen.written)
    assert values.count("unknown") == 20_000 // 7
    assert None not in values


async def test_uniques_come_while_people_write(company: Company) -> None:
    await company.add_object("customer", field("name"), field("code"), field("area"))
    async with traffic(company, "customer", {"name": "甲", "code": _size, "area": "东"}) as seen:
        await company.change_field("customer", "code", unique=True)
        await company.apply(AddUnique(object="customer", unique=Unique(key="both", fields=("name", "code"))))
        await company.change_field("customer", "area", indexed=True)
        await company.add_field("customer", field("serial", unique=True))
    assert seen.failures == []
    assert thing("customer").key in (await company.catalogue()).object_by_key


async def test_orders_of_a_customer_are_written_while_both_objects_change(company: Company) -> None:
    """A foreign key makes a writer of one table lock the other: the way in which a change could end in a deadlock."""
    await company.add_object("customer", field("name"))
    customer = await company.insert("customer", {"name": "甲"})
    await company.add_object("order", field("customer", "relation", options={"target": "customer"}))
    async with traffic(company, "order", {"customer": customer}) as seen:
        for number in range(4):
            await company.add_field("customer", field(f"c{number}"))
            await company.add_field("order", field(f"o{number}"))
            await company.add_field("person", field(f"p{number}"))
    assert seen.failures == []
    assert len(seen.written) > 20
