"""A change of type with records there, and the way back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

import asyncpg
import pytest

from tongmai.kit import Invalid, NotFound
from tongmai.model import ChangeField

from .company import Company, field

CHOICES = {"choices": [{"key": "red", "label": {"zh": "红", "en": "Red"}}, {"key": "green", "label": "绿"}]}


async def test_values_written_after_a_change_of_type_survive_its_undo(company: Company) -> None:
    await company.add_object("customer", field("size"))
    kept = await company.insert("customer", {"size": "007"})
    later = await company.insert("customer", {"size": "8"})
    lost = await company.insert("customer", {"size": "many"})
    changed = await company.change_field("customer", "size", type="number")
    await company.update("customer", later, "size", Decimal(9))
    await company.insert("customer", {"size": Decimal("1.5")})
    assert kept != lost
    await company.undo(changed)
    assert await company.values("customer", "size") == ["007", "9", "many", "1.5"]


async def test_a_type_may_change_again_and_again(company: Company) -> None:
    await company.add_object("customer", field("size"))
    await company.insert("customer", {"size": "3"})
    await company.change_field("customer", "size", type="number")
    await company.change_field("customer", "size", type="text", options={})
    to_money = await company.change_field("customer", "size", type="money", options={})
    assert await company.values("customer", "size") == [Decimal(3)]
    assert (await company.catalogue()).object_by_key["customer"].by_key["size"].column_name == "size__4"
    await company.undo(to_money)
    assert await company.values("customer", "size") == ["3"]


async def test_a_unique_field_is_unique_in_its_new_type(company: Company) -> None:
    await company.add_object("customer", field("code", unique=True))
    await company.insert("customer", {"code": "1"})
    await company.change_field("customer", "code", type="number")
    with pytest.raises(asyncpg.UniqueViolationError):
        await company.insert("customer", {"code": Decimal(1)})


async def test_a_change_that_would_make_two_values_one_is_refused_before_it_begins(company: Company) -> None:
    await company.add_object("customer", field("code", unique=True))
    await company.insert("customer", {"code": "1"})
    await company.insert("customer", {"code": "01"})
    with pytest.raises(Invalid, match="share their code") as refused:
        await company.change_field("customer", "code", type="number")
    assert refused.value.faults[0].code == "unique.duplicates"
    assert await company.values("customer", "code") == ["1", "01"]


async def test_text_becomes_a_choice_and_dates(company: Company) -> None:
    await company.add_object("deal", field("state"), field("signed"))
    await company.insert("deal", {"state": "红", "signed": "2026-11-02"})
    await company.insert("deal", {"state": "purple", "signed": "soon"})
    await company.change_field("deal", "state", type="choice", options=CHOICES)
    await company.change_field("deal", "signed", type="date")
    assert await company.values("deal", "state") == ["red", None]
    assert await company.values("deal", "signed") == [date(2026, 11, 2), None]


async def test_a_relation_becomes_many_and_one_again(company: Company) -> None:
    await company.add_object("customer", field("name"))
    customer = await company.insert("customer")
    await company.add_object("order", field("customer", "relation", options={"target": "customer"}))
    await company.insert("order", {"customer": customer})
    changed = await company.change_field("order", "customer", options={"target": "customer", "many": True})
    assert await company.values("order", "customer") == [[customer]]
    await company.undo(changed)
    assert await company.values("order", "customer") == [customer]
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await company.insert("order", {"customer": UUID(int=9)})


async def test_a_field_becomes_a_formula_and_has_its_values_again_after_the_undo(company: Company) -> None:
    await company.add_object("deal", field("price", "number"), field("double", "number"))
    await company.insert("deal", {"price": Decimal(4), "double": Decimal(9)})
    changed = await company.change_field("deal", "double", type="formula", options={"text": "price * 2"})
    await company.undo(changed)
    assert await company.values("deal", "double") == [Decimal(9)]


async def test_what_has_no_conversion_is_refused_with_the_way_out(company: Company) -> None:
    await company.add_object("customer", field("paper", "file"), field("boss", "person"))
    with pytest.raises(Invalid) as refused:
        await company.change_field("customer", "paper", type="number", options={})
    assert refused.value.faults[0].code == "field.not_convertible"
    assert refused.value.faults[0].way_out is not None
    with pytest.raises(Invalid):
        await company.change_field("customer", "boss", type="team", options={})


async def test_what_cannot_be_converted_back_is_blank_after_the_undo_and_the_rest_is_as_it_was(
    company: Company,
) -> None:
    await company.add_object("call", field("length", "duration"))
    kept = await company.insert("call", {"length": Decimal(3600)})
    overwritten = await company.insert("call", {"length": Decimal(60)})
    changed = await company.change_field("call", "length", type="text", options={})
    await company.update("call", overwritten, "length", "an hour")
    assert kept != overwritten
    preview = await company.editor.preview_undo(company.workspace, changed.id)
    assert [(loss.kind, loss.count) for loss in preview.losses] == [("unconverted", 1)]
    await company.undo(changed)
    assert await company.values("call", "length") == [Decimal(3600), None]


async def test_the_options_suggested_for_a_text_keep_every_word_it_holds(company: Company) -> None:
    await company.add_object("deal", field("state"), field("price", "number"))
    for state in ("谈判中", "won", "谈判中", "Lost deal", None):
        await company.insert("deal", {"state": state})
    choices = await company.editor.suggest_choices(company.workspace, "deal", "state")
    assert [choice.label.zh for choice in choices] == ["谈判中", "Lost deal", "won"]
    options = {"choices": [choice.model_dump() for choice in choices]}
    after = await company.changed("deal", "state", type="choice", options=options)
    assert (await company.preview(ChangeField(object="deal", after=after))).losses == ()
    with pytest.raises(NotFound):
        await company.editor.suggest_choices(company.workspace, "deal", "price")
