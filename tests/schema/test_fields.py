"""Each change to a field, and its undo, with records there."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import asyncpg
import pytest

from tongmai.kit import Invalid
from tongmai.model import AddField, AddUnique, RemoveField, RemoveUnique, Unique, query_tokens
from tongmai.schema import reference_field, unique_fields

from .company import Company, field


async def found_by(company: Company, object_key: str, words: str) -> int:
    """How many records a search finds by their tokens."""
    ((count,),) = await company.fetch(
        f"SELECT count(*) FROM {company.schema(object_key)} WHERE _search @> $1::text[]", list(query_tokens(words))
    )
    assert isinstance(count, int)
    return count


async def indexes(company: Company, object_key: str) -> set[str]:
    rows = await company.fetch(
        "SELECT indexname::text FROM pg_indexes WHERE schemaname = $1 AND tablename = $2",
        company.workspace.schema,
        object_key,
    )
    return {str(name) for (name,) in rows}


async def test_a_field_added_holds_values_at_once_and_its_undo_takes_it_away(company: Company) -> None:
    await company.add_object("customer", field("name"))
    await company.insert("customer", {"name": "甲"})
    added = await company.add_field("customer", field("amount", "number"))
    await company.insert("customer", {"name": "乙", "amount": Decimal(7)})
    assert await company.values("customer", "amount") == [None, Decimal(7)]
    await company.undo(added)
    assert "amount" not in (await company.catalogue()).object_by_key["customer"].by_key
    assert await company.values("customer", "name") == ["甲", "乙"]


async def test_a_removed_field_comes_back_with_its_values_and_its_uniqueness(company: Company) -> None:
    await company.add_object("customer", field("name"), field("phone", unique=True))
    await company.insert("customer", {"name": "甲", "phone": "1"})
    removed = await company.apply(RemoveField(object="customer", field="phone"))
    await company.insert("customer", {"name": "乙"})
    await company.undo(removed)
    assert await company.values("customer", "phone") == ["1", None]
    with pytest.raises(asyncpg.UniqueViolationError):
        await company.insert("customer", {"phone": "1"})


async def test_a_field_added_under_a_removed_ones_key_begins_blank_and_both_can_come_back(company: Company) -> None:
    await company.add_object("customer", field("size"))
    await company.insert("customer", {"size": "old"})
    removed = await company.apply(RemoveField(object="customer", field="size"))
    added = await company.add_field("customer", field("size", "number"))
    assert await company.values("customer", "size") == [None]
    await company.insert("customer", {"size": Decimal(5)})
    taken = await company.undo(added)
    await company.undo(removed)
    assert await company.values("customer", "size") == ["old", None]
    await company.apply(RemoveField(object="customer", field="size"))
    await company.undo(taken)
    assert await company.values("customer", "size") == [None, Decimal(5)]


async def test_older_records_get_a_constant_default_and_no_other(company: Company) -> None:
    await company.add_object("customer", field("name"))
    await company.insert("customer", {"name": "甲"})
    await company.apply(
        AddField(object="customer", field=field("stage", default="'新建'")),
        AddField(object="customer", field=field("rate", "percent", default="35%")),
        AddField(object="customer", field=field("copy", default="name")),
        AddField(object="customer", field=field("seen", "datetime", default="NOW()")),
    )
    assert await company.values("customer", "stage") == ["新建"]
    assert await company.values("customer", "rate") == [Decimal("0.35")]
    assert await company.values("customer", "copy") == [None]
    assert await company.values("customer", "seen") == [None]
    defaults = await company.fetch(
        "SELECT count(*) FROM information_schema.columns "
        "WHERE table_schema = $1 AND table_name = 'customer' AND column_name IN ('stage', 'rate') "
        "AND column_default IS NOT NULL",
        company.workspace.schema,
    )
    assert defaults == [(0,)]


async def test_a_new_relation_is_checked_from_the_first_record_on(company: Company) -> None:
    await company.add_object("customer", field("name"))
    await company.insert("customer", {"name": "甲"})
    added = await company.add_field("customer", field("seller", "person"))
    with pytest.raises(asyncpg.ForeignKeyViolationError) as refused:
        await company.insert("customer", {"seller": UUID(int=5)})
    customer = (await company.catalogue()).object_by_key["customer"]
    assert reference_field(customer, str(refused.value.constraint_name)) == "seller"
    assert reference_field(customer, "something") is None
    await company.undo(added)


async def test_a_unique_set_is_refused_while_there_are_duplicates_and_names_its_fields_when_broken(
    company: Company,
) -> None:
    await company.add_object("customer", field("name"), field("area"))
    first = await company.insert("customer", {"name": "甲", "area": "东"})
    await company.insert("customer", {"name": "甲", "area": "东"})
    await company.insert("customer", {"name": "甲"})
    await company.insert("customer", {"name": "甲"})
    together = AddUnique(object="customer", unique=Unique(key="both", fields=("name", "area")))
    with pytest.raises(Invalid, match="2 records share"):
        await company.apply(together)
    await company.update("customer", first, "area", "西")
    await company.apply(together)
    with pytest.raises(asyncpg.UniqueViolationError) as refused:
        await company.insert("customer", {"name": "甲", "area": "西"})
    customer = (await company.catalogue()).object_by_key["customer"]
    assert unique_fields(customer, str(refused.value.constraint_name)) == ("name", "area")
    await company.apply(RemoveUnique(object="customer", unique="both"))
    await company.insert("customer", {"name": "甲", "area": "西"})


async def test_a_deleted_record_does_not_take_part_in_uniqueness(company: Company) -> None:
    await company.add_object("customer", field("code", unique=True))
    gone = await company.insert("customer", {"code": "1"})
    async with company.database.write() as tx:
        await tx.execute(f"UPDATE {company.schema('customer')} SET deleted_at = now() WHERE id = $1", gone)
    await company.insert("customer", {"code": "1"})
    with pytest.raises(asyncpg.UniqueViolationError):
        await company.insert("customer", {"code": "1"})


async def test_a_field_is_indexed_and_no_longer(company: Company) -> None:
    await company.add_object("customer", field("area"), field("tags", "multi_choice", options={"choices": []}))
    before = await indexes(company, "customer")
    made = await company.change_field("customer", "area", indexed=True)
    assert len(await indexes(company, "customer") - before) == 1
    await company.undo(made)
    assert await indexes(company, "customer") == before


async def test_records_are_found_by_a_field_made_searchable_and_no_longer_by_one_that_is_not(company: Company) -> None:
    await company.add_object("customer", field("name"), field("secret"))
    await company.insert("customer", {"name": "通脉公司", "secret": "暗号"})
    assert await found_by(company, "customer", "通脉") == 0
    await company.change_field("customer", "name", searchable=True)
    assert await found_by(company, "customer", "通脉") == 1
    hidden = await company.change_field("customer", "secret", searchable=True)
    assert await found_by(company, "customer", "暗号") == 1
    await company.undo(hidden)
    assert await found_by(company, "customer", "暗号") == 0
    assert await found_by(company, "customer", "通脉") == 1


async def test_records_are_found_by_the_new_label_of_an_option(company: Company) -> None:
    options = {"choices": [{"key": "a", "label": "金牌"}]}
    await company.add_object("customer", field("level", "choice", options=options))
    await company.insert("customer", {"level": "a"})
    await company.change_field("customer", "level", searchable=True)
    assert await found_by(company, "customer", "金牌") == 1
    await company.change_field("customer", "level", options={"choices": [{"key": "a", "label": "白银"}]})
    assert await found_by(company, "customer", "金牌") == 0
    assert await found_by(company, "customer", "白银") == 1


async def test_labels_and_options_change_without_touching_the_table(company: Company) -> None:
    await company.add_object("customer", field("name"))
    await company.insert("customer", {"name": "甲"})
    formula = field("full", "formula", options={"text": "name & '!'"})
    preview = await company.preview(AddField(object="customer", field=formula))
    assert [step.lock.value for step in preview.steps] == ["structure"]
    await company.change_field("customer", "name", label={"zh": "名字", "en": "Name"}, options={"max_length": 5})
    assert await company.values("customer", "name") == ["甲"]


async def test_nothing_to_change_is_refused(company: Company) -> None:
    await company.add_object("customer", field("name"))
    with pytest.raises(Invalid, match="nothing to change"):
        await company.change_field("customer", "name")


async def test_a_column_named_from_outside_is_not_believed(company: Company) -> None:
    """Or a field could be laid over another's column, or over `owner`, and show what its policy hides."""
    await company.add_object("customer", field("name"), field("secret"))
    await company.add_field("customer", field("alias", column="secret"))
    customer = (await company.catalogue()).object_by_key["customer"]
    assert customer.by_key["alias"].column_name == "alias"
    for column in ("secret", "owner", "_search", 'x"; DROP TABLE customer; --'):
        await company.change_field("customer", "alias", label=f"to {column}", column=column)
        customer = (await company.catalogue()).object_by_key["customer"]
        assert customer.by_key["alias"].column_name == "alias"


async def test_long_texts_are_unique_too_and_an_index_they_do_not_fit_in_is_refused(company: Company) -> None:
    await company.add_object("page", field("address", "url", unique=True), field("a"), field("b"))
    await company.apply(AddUnique(object="page", unique=Unique(key="ab", fields=("a", "b"))))
    long = "".join(chr(0x4E00 + number * 7 % 20_000) for number in range(500))
    await company.insert("page", {"address": "https://example.com/" + long * 3, "a": long, "b": long[::-1]})
    with pytest.raises(asyncpg.UniqueViolationError) as refused:
        await company.insert("page", {"a": long, "b": long[::-1]})
    page = (await company.catalogue()).object_by_key["page"]
    assert unique_fields(page, str(refused.value.constraint_name)) == ("a", "b")
    with pytest.raises(Invalid) as too_long:
        await company.change_field("page", "address", indexed=True)
    assert [fault.code for fault in too_long.value.faults] == ["field.too_long_to_index"]


async def test_a_unique_text_may_become_longer_than_its_index_could_hold(company: Company) -> None:
    await company.add_object("page", field("name", unique=True))
    await company.insert("page", {"name": "short"})
    await company.change_field("page", "name", options={"max_length": 5000})
    long = "".join(chr(0x4E00 + number * 7 % 20_000) for number in range(5000))
    await company.insert("page", {"name": long})
    for name in ("short", long):
        with pytest.raises(asyncpg.UniqueViolationError):
            await company.insert("page", {"name": name})
