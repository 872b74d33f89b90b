"""Each change to a field, and its undo, with records there."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tongmai.kit import Invalid
from tongmai.model import RemoveField

from .company import Company, field


async def test_a_field_added_holds_values_at_once_and_its_undo_takes_it_away(company: Company) -> None:
    await company.add_object("customer", field("name"))
    await company.insert("customer", {"name": "甲"})
    added = await company.add_field("customer", field("amount", "number"))
    await company.insert("customer", {"name": "乙", "amount": Decimal(7)})
    assert await company.values("customer", "amount") == [None, Decimal(7)]
    await company.undo(added)
    assert "amount" not in (await company.catalogue()).object_by_key["customer"].by_key
    assert await company.values("customer", "name") == ["甲", "乙"]


async def test_a_removed_field_comes_back_with_its_values(company: Company) -> None:
    await company.add_object("customer", field("name"), field("phone", unique=True))
    await company.insert("customer", {"name": "甲", "phone": "1"})
    removed = await company.apply(RemoveField(object="customer", field="phone"))
    await company.insert("customer", {"name": "乙"})
    await company.undo(removed)
    assert await company.values("customer", "phone") == ["1", None]


async def test_text_becomes_number_and_back(company: Company) -> None:
    await company.add_object("customer", field("size"))
    for size in ("12", "about 5", None):
        await company.insert("customer", {"size": size})
    changed = await company.change_field("customer", "size", type="number")
    assert await company.values("customer", "size") == [Decimal(12), None, None]
    fresh = await company.insert("customer", {"size": Decimal(40)})
    assert fresh
    await company.undo(changed)
    assert await company.values("customer", "size") == ["12", "about 5", None, "40"]


async def test_nothing_to_change_is_refused(company: Company) -> None:
    await company.add_object("customer", field("name"))
    with pytest.raises(Invalid, match="nothing to change"):
        await company.change_field("customer", "name")
