"""What a preview tells before anything is done."""

from __future__ import annotations

import pytest

from tongmai.kit import FixedClock
from tongmai.model import (
    AddField,
    AddObject,
    AddRole,
    AddUnique,
    AddValidation,
    ChangeField,
    RemoveField,
    RemoveObject,
    RoleDef,
    Unique,
    Validation,
)
from tongmai.schema import Lock

from .company import Company, field, thing


async def everything(company: Company) -> list[tuple[object, ...]]:
    """All that a preview could have touched."""
    return await company.fetch(
        "SELECT c.relname::text, a.attname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid "
        "WHERE c.relnamespace = $1::regnamespace AND a.attnum > 0 ORDER BY 1, 2",
        company.workspace.schema,
    ) + await company.fetch(f"SELECT count(*) FROM {company.schema('_change')}")


@pytest.fixture
async def shop(company: Company) -> Company:
    await company.add_object(
        "customer", field("name"), field("size"), field("phone"), field("seller", "person"), title="name"
    )
    for name, size in (("甲", "12"), ("乙", "about 5"), ("丙", "many"), ("丁", None)):
        await company.insert("customer", {"name": name, "size": size})
    return company


async def test_a_preview_changes_nothing(shop: Company) -> None:
    before = await everything(shop)
    await shop.preview(
        AddObject(object=thing("order")),
        RemoveField(object="customer", field="phone"),
        ChangeField(object="customer", after=await shop.changed("customer", "size", type="number")),
    )
    assert await everything(shop) == before


async def test_cells_that_would_not_convert_are_counted_and_shown_with_their_records(shop: Company) -> None:
    after = await shop.changed("customer", "size", type="number")
    preview = await shop.preview(ChangeField(object="customer", after=after))
    (loss,) = preview.losses
    assert (loss.kind, loss.object, loss.fields, loss.count, loss.exact) == (
        "unconverted", "customer", ("size",), 2, True,
    )  # fmt: skip
    assert {(sample.title, sample.value) for sample in loss.samples} == {("乙", "about 5"), ("丙", "many")}
    document = preview.document("zh")
    assert document["losses"][0]["meaning"] == "无法转换，将变为空"
    await shop.apply(ChangeField(object="customer", after=after))
    assert (await shop.values("customer", "size")).count(None) == 3


async def test_at_most_twenty_samples_are_shown(shop: Company) -> None:
    for _ in range(30):
        await shop.insert("customer", {"size": "?"})
    after = await shop.changed("customer", "size", type="number")
    (loss,) = (await shop.preview(ChangeField(object="customer", after=after))).losses
    assert (loss.count, len(loss.samples)) == (32, 20)


async def test_deleted_records_are_not_counted(shop: Company) -> None:
    async with shop.database.write() as tx:
        await tx.execute(f"UPDATE {shop.schema('customer')} SET deleted_at = now() WHERE size = 'many'")
    after = await shop.changed("customer", "size", type="number")
    (loss,) = (await shop.preview(ChangeField(object="customer", after=after))).losses
    assert loss.count == 1


async def test_what_a_removal_takes_out_of_sight_is_counted(shop: Company) -> None:
    (loss,) = (await shop.preview(RemoveField(object="customer", field="size"))).losses
    assert (loss.kind, loss.fields, loss.count) == ("removed", ("size",), 3)
    (loss,) = (await shop.preview(RemoveObject(object="customer"))).losses
    assert (loss.kind, loss.fields, loss.count) == ("removed", (), 4)


async def test_records_that_a_new_demand_finds_wanting_are_counted(shop: Company) -> None:
    required = await shop.changed("customer", "size", required=True)
    (loss,) = (await shop.preview(ChangeField(object="customer", after=required))).losses
    assert (loss.kind, loss.count) == ("blank_required", 1)
    shorter = await shop.changed("customer", "size", options={"max_length": 4})
    (loss,) = (await shop.preview(ChangeField(object="customer", after=shorter))).losses
    assert (loss.kind, loss.count) == ("outside_limits", 1)


async def test_duplicates_forbid_a_unique_set(shop: Company) -> None:
    await shop.insert("customer", {"name": "甲"})
    preview = await shop.preview(AddUnique(object="customer", unique=Unique(key="one", fields=("name",))))
    assert [(loss.kind, loss.count) for loss in preview.losses] == [("duplicate", 2)]
    assert [fault.code for fault in preview.faults] == ["unique.duplicates"]


async def test_all_faults_of_the_catalogue_it_leads_to_are_listed(shop: Company) -> None:
    await shop.apply(
        AddValidation(
            object="customer",
            validation=Validation.model_validate({"key": "sized", "formula": "LEN(size) < 9", "message": "too long"}),
        )
    )
    preview = await shop.preview(
        RemoveField(object="customer", field="size"),
        AddField(object="customer", field=field("wrong", "formula", options={"text": "no_such + 1"})),
    )
    places = {fault.field for fault in preview.faults}
    assert len(places) >= 2
    assert preview.steps == ()


async def test_who_uses_a_field_is_told_through_relations_too(shop: Company) -> None:
    await shop.apply(
        AddObject(
            object=thing(
                "order",
                field("customer", "relation", options={"target": "customer"}),
                field("call", "formula", options={"text": "customer.phone & '!'"}),
            )
        ),
        AddField(object="customer", field=field("short", "formula", options={"text": "LEFT(phone, 3)"})),
        AddRole(
            role=RoleDef.model_validate(
                {
                    "key": "sales",
                    "label": "销售",
                    "grants": [
                        {"object": "customer", "read": "formula:ISBLANK(phone)", "field_access": {"phone": "read"}}
                    ],
                }
            )
        ),
    )
    preview = await shop.preview(
        ChangeField(object="customer", after=await shop.changed("customer", "phone", type="long_text", options={}))
    )
    assert {(use.by, use.where.en) for use in preview.uses} == {
        ("order.call", "formula field"),
        ("customer.short", "formula field"),
        ("role sales", "policy of role 销售"),
    }


async def test_each_step_tells_its_lock_and_how_many_rows_it_goes_over(shop: Company) -> None:
    async with shop.database.write() as tx:
        await tx.execute(f"ANALYZE {shop.schema('customer')}")
    after = await shop.changed("customer", "size", type="number", unique=True)
    preview = await shop.preview(ChangeField(object="customer", after=after))
    assert [(step.lock, step.rewrites) for step in preview.steps if not step.after_switch] == [
        (Lock.ACCESS_EXCLUSIVE, False),
        (Lock.ROWS, True),
        (Lock.SHARE_UPDATE_EXCLUSIVE, False),
        (Lock.STRUCTURE, False),
    ]
    assert preview.steps[1].rows == 4
    assert preview.seconds > 0


async def test_a_large_table_is_judged_from_a_sample(
    shop: Company, monkeypatch: pytest.MonkeyPatch, clock: FixedClock
) -> None:
    async with shop.database.write() as tx:
        await tx.execute(
            f"INSERT INTO {shop.schema('customer')} (id, created_at, changed_at, size) "
            "SELECT uuidv7(), now(), now(), CASE WHEN n % 2 = 0 THEN 'x' ELSE n::text END "
            "FROM generate_series(1, 20000) n"
        )
        await tx.execute(f"ANALYZE {shop.schema('customer')}")
    monkeypatch.setattr("tongmai.schema.losses._COUNTED_WHOLE", 10_000)
    after = await shop.changed("customer", "size", type="number")
    (loss,) = (await shop.preview(ChangeField(object="customer", after=after))).losses
    assert not loss.exact
    assert 7_000 < loss.count < 13_000
