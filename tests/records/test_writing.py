from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tongmai.kit import (
    Conflict,
    Denied,
    Fault,
    FixedClock,
    Invalid,
    NotFound,
    StaleVersion,
    TongmaiError,
    TooLarge,
    new_id,
)
from tongmai.records import Operation
from tongmai.records.idempotency import digest

from .company import Company


async def _refused(kind: type[TongmaiError], work: Any) -> tuple[Fault, ...]:
    with pytest.raises(kind) as caught:
        await work
    return caught.value.faults


def _codes(faults: tuple[Fault, ...]) -> set[tuple[str, str | None]]:
    return {(fault.code, fault.field) for fault in faults}


async def test_a_new_record_comes_back_as_it_is_stored(company: Company) -> None:
    written = await company.gateway.create(
        company["甲"],
        company.workspace,
        "customer",
        {"name": "通脉科技", "price": "1,200.50", "tags": ["vip"], "phone": "13800138000"},
    )
    record = await company.get("customer", written.one.id, company["甲"])
    assert written.one.item and record["name"] == "通脉科技"
    assert record["price"] == 1200.5
    assert record["level"] == "b"
    assert record["owner"] == {"id": str(company["甲"].id), "label": "甲"}
    assert record["version"] == 1


async def test_every_fault_of_the_input_is_told_at_once(company: Company) -> None:
    faults = await _refused(Invalid, company.make("customer", price="viel", level="z", nmae="x", parent="nonsense"))
    fields = {fault.field for fault in faults}
    assert {"price", "level", "nmae", "parent", "name"} <= fields
    assert await company.names("customer") == []


async def test_faults_that_only_the_database_knows_are_told_together(company: Company) -> None:
    await company.make("customer", name="一", code="C1")
    faults = await _refused(Invalid, company.make("customer", name="二", code="C1", parent=str(new_id(company.clock))))
    assert _codes(faults) == {("unique", "code"), ("relation.not_found", "parent")}


async def test_a_collision_tells_the_other_record_to_who_may_see_it(company: Company) -> None:
    other = await company.make("customer", name="已有", code="C1", owner=str(company["乙"].id))
    for actor, told in ((company.system, True), (company["乙"], True), (company["甲"], False)):
        with pytest.raises(Conflict) as caught:
            await company.make("customer", actor, name="二", code="C1")
        expected = [{"row": 1, "fields": ["code"], "id": str(other), "label": "已有"}] if told else None
        assert caught.value.extra.get("others") == expected


async def test_validations_see_the_record_and_through_relations(company: Company) -> None:
    plain = await company.make("customer", name="无编码")
    assert _codes(await _refused(Invalid, company.make("deal", title="单", amount=-1))) == {("validation", "amount")}
    faults = await _refused(Invalid, company.make("deal", title="单", stage="won", customer=str(plain)))
    assert [fault.rule for fault in faults] == ["known"]
    await company.change("customer", plain, code="C9")
    await company.make("deal", title="单", stage="won", customer=str(plain))


async def test_hints_and_lookups_come_with_the_answer_and_do_not_block(company: Company) -> None:
    """S2-24, S2-25."""
    found = await company.make("customer", name="老客户", code="C7")
    written = await company.gateway.create(
        company.system, company.workspace, "deal", {"title": "一", "customer_code": "C7"}
    )
    assert [hint.field for hint in written.one.hints] == ["amount"]
    assert f'"{found}"' in written.one.lookups and "老客户" in written.one.lookups
    unknown = await company.gateway.create(
        company.system, company.workspace, "deal", {"title": "二", "customer_code": "C8", "amount": 1}
    )
    assert unknown.one.hints == ()
    assert unknown.one.lookups == '{"customer_code" : null}'


async def test_a_lookup_that_blocks_refuses_the_unknown(company: Company) -> None:
    assert _codes(await _refused(Invalid, company.make("deal", title="一", strict_code="nein"))) == {
        ("lookup.not_found", "strict_code")
    }


async def test_auto_numbers_count_by_their_period(company: Company, clock: FixedClock) -> None:
    from datetime import timedelta

    first = await company.make("deal", title="一")
    await company.gateway.create(company.system, company.workspace, "deal", [{"title": "二"}, {"title": "三"}])
    clock.advance(timedelta(days=30))
    await company.make("deal", title="四")
    numbers = [item["number"] for item in (await company.list("deal", sort="number"))["items"]]
    assert numbers == ["D-202611-0001", "D-202611-0002", "D-202611-0003", "D-202612-0001"]
    assert _codes(await _refused(Invalid, company.change("deal", first, number="X"))) == {("field.read_only", "number")}


async def test_an_update_touches_only_what_it_names(company: Company) -> None:
    made = await company.make("customer", name="甲公司", price=10, tags=["vip"])
    written = await company.change("customer", made, price=20)
    record = await company.get("customer", made)
    assert (record["name"], record["price"], record["tags"], record["version"]) == ("甲公司", 20, ["vip"], 2)
    assert written.one.changed


async def test_an_update_that_changes_nothing_writes_nothing(company: Company) -> None:
    made = await company.make("customer", name="甲公司", price="10.00", tags=["vip"], cycle=3600)
    written = await company.change("customer", made, price=10, name="甲公司", tags=["vip"], cycle=3600)
    assert (written.one.changed, written.one.version) == (False, 1)
    assert len(await company.history("customer", made)) == 1


async def test_blank_takes_a_value_away(company: Company) -> None:
    made = await company.make("customer", name="甲公司", price=10)
    await company.change("customer", made, price=None)
    assert (await company.get("customer", made))["price"] is None
    assert _codes(await _refused(Invalid, company.change("customer", made, name=" "))) == {("field.required", "name")}


async def test_a_stale_version_shows_both_sides(company: Company) -> None:
    made = await company.make("customer", name="甲公司", price=10, owner=str(company["甲"].id), cost=5)
    await company.change("customer", made, price=20)
    with pytest.raises(StaleVersion) as caught:
        await company.gateway.update(
            company["甲"], company.workspace, "customer", made, {"price": 30}, expected_version=1
        )
    extra = caught.value.extra
    assert extra["fields"] == [{"field": "price", "yours": 30, "theirs": 20}]
    assert extra["theirs"]["version"] == 2
    assert extra["theirs"]["record"].get("cost") is None
    assert (await company.get("customer", made))["price"] == 20


async def test_of_two_writers_with_the_same_version_one_wins(company: Company) -> None:
    made = await company.make("customer", name="甲公司")
    results = await asyncio.gather(
        *(
            company.gateway.update(
                company.system, company.workspace, "customer", made, {"price": n}, expected_version=1
            )
            for n in range(1, 7)
        ),
        return_exceptions=True,
    )
    assert sum(not isinstance(result, Exception) for result in results) == 1
    assert sum(isinstance(result, StaleVersion) for result in results) == 5
    assert (await company.get("customer", made))["version"] == 2


async def test_changes_of_different_fields_at_once_are_all_kept(company: Company) -> None:
    made = await company.make("customer", name="名", phone="13800138000")
    await asyncio.gather(
        company.change("customer", made, name="通脉"),
        company.change("customer", made, phone="13900139000"),
        company.change("customer", made, price=5),
        company.change("customer", made, cost=4),
    )
    record = await company.get("customer", made)
    assert (record["name"], record["price"], record["cost"], record["version"]) == ("通脉", 5, 4, 5)
    assert await company.names("customer", search="tm") == ["通脉"]
    assert await company.names("customer", search="139001") == ["通脉"]


async def test_a_deleted_record_is_gone_and_can_be_restored(company: Company) -> None:
    made = await company.make("customer", name="甲公司", code="C1")
    await company.gateway.delete(company.system, company.workspace, "customer", made)
    assert await company.names("customer") == []
    assert await company.names("customer", deleted=True) == ["甲公司"]
    await _refused(NotFound, company.get("customer", made))
    await _refused(NotFound, company.change("customer", made, name="x"))
    other = await company.make("customer", name="新的", code="C1")
    assert _codes(
        await _refused(Conflict, company.gateway.restore(company.system, company.workspace, "customer", made))
    ) == {("unique", "code")}
    await company.change("customer", other, code="C2")
    await company.gateway.restore(company.system, company.workspace, "customer", made)
    assert (await company.get("customer", made))["version"] == 3


async def test_a_list_of_new_records_is_all_or_nothing(company: Company) -> None:
    faults = await _refused(
        Invalid,
        company.gateway.create(
            company.system, company.workspace, "customer", [{"name": "一"}, {"price": 1}, {"name": "三", "level": "z"}]
        ),
    )
    assert {(fault.row, fault.field) for fault in faults} == {(2, "name"), (3, "level")}
    twins = [{"name": "一", "code": "C"}, {"name": "二", "code": "C"}]
    assert [
        fault.row
        for fault in await _refused(
            Invalid, company.gateway.create(company.system, company.workspace, "customer", twins)
        )
    ] == [2]
    assert await company.names("customer") == []


async def test_more_than_a_thousand_at_once_are_refused(company: Company) -> None:
    many = [{"name": str(n)} for n in range(1001)]
    await _refused(TooLarge, company.gateway.create(company.system, company.workspace, "customer", many))
    await _refused(Invalid, company.gateway.create(company.system, company.workspace, "customer", []))


async def test_bulk_does_all_in_order_or_nothing(company: Company) -> None:
    first = await company.make("customer", name="一")
    second = await company.make("customer", name="二")
    done = await company.gateway.bulk(
        company.system,
        company.workspace,
        "customer",
        [
            Operation("create", {"name": "三"}),
            Operation("update", {"price": 1}, id=first),
            Operation("update", {"price": 2}, id=first),
            Operation("delete", id=second),
        ],
    )
    assert len(done.records) == 4
    assert sorted(await company.names("customer")) == ["一", "三"]
    assert (await company.get("customer", first))["version"] == 3
    faults = await _refused(
        Invalid,
        company.gateway.bulk(
            company.system,
            company.workspace,
            "customer",
            [
                Operation("update", {"price": 9}, id=first),
                Operation("create", {"name": "四", "level": "z"}),
                Operation("update", {"parent": str(new_id(company.clock))}, id=first),
            ],
        ),
    )
    assert {(fault.row, fault.field) for fault in faults} == {(2, "level"), (3, "parent")}
    assert (await company.get("customer", first))["price"] == 2


async def test_upsert_makes_once_and_then_changes(company: Company) -> None:
    args = (company.system, company.workspace, "customer", "code")
    made = await company.gateway.upsert(*args, {"code": "C1", "name": "一"})
    changed = await company.gateway.upsert(*args, {"code": "C1", "name": "壹"})
    assert changed.one.id == made.one.id
    assert await company.names("customer") == ["壹"]
    await _refused(
        Invalid, company.gateway.upsert(company.system, company.workspace, "customer", "name", {"name": "x"})
    )
    await _refused(Invalid, company.gateway.upsert(*args, {"name": "x"}))


async def test_upserts_of_one_key_at_once_make_one_record(company: Company) -> None:
    args = (company.system, company.workspace, "customer", "code")
    await asyncio.gather(*(company.gateway.upsert(*args, {"code": "C1", "name": f"n{n}"}) for n in range(6)))
    assert len(await company.names("customer")) == 1


async def test_upsert_over_a_record_that_is_hidden_tells_only_that_the_key_is_taken(company: Company) -> None:
    await company.make("customer", name="乙的", code="C1", owner=str(company["乙"].id))
    faults = await _refused(
        Conflict,
        company.gateway.upsert(company["甲"], company.workspace, "customer", "code", {"code": "C1", "name": "mine"}),
    )
    assert _codes(faults) == {("unique", "code")}


async def test_a_repeated_request_is_done_once(company: Company) -> None:
    async def send(values: dict[str, Any], key: str = "k1") -> Any:
        return await company.gateway.create(company["甲"], company.workspace, "customer", values, idempotency_key=key)

    results = await asyncio.gather(*(send({"name": "一", "price": 1}) for _ in range(5)))
    assert len({result.one.id for result in results}) == 1
    assert len({result.answer("zh") for result in results}) == 1
    assert await company.names("customer") == ["一"]
    await _refused(Conflict, send({"name": "二"}))
    await send({"name": "二"}, "k2")
    assert sorted(await company.names("customer")) == ["一", "二"]


async def test_a_refused_request_may_be_sent_again_with_its_key(company: Company) -> None:
    create = company.gateway.create
    await _refused(Invalid, create(company.system, company.workspace, "customer", {"price": 1}, idempotency_key="k"))
    await create(company.system, company.workspace, "customer", {"name": "一"}, idempotency_key="k")
    assert await company.names("customer") == ["一"]


async def test_undo_takes_one_change_back(company: Company) -> None:
    made = await company.make("customer", name="一", price=1, extra={"a": None, "b": 1.5})
    await company.change("customer", made, price=2, name="二", extra={"a": 2})
    await company.change("customer", made, level="a")
    entry = (await company.history("customer", made))[1]
    await company.gateway.undo(company.system, company.workspace, "customer", made, entry["seq"])
    record = await company.get("customer", made)
    assert (record["price"], record["name"], record["level"], record["version"]) == (1, "一", "a", 4)
    assert record["extra"] == {"a": None, "b": 1.5}
    assert (await company.history("customer", made))[0]["cause"] == f"undo:{entry['seq']}"


async def test_undo_is_refused_where_the_field_was_changed_since(company: Company) -> None:
    made = await company.make("customer", name="一", price=1)
    await company.change("customer", made, price=2, level="a")
    seq = (await company.history("customer", made))[0]["seq"]
    await company.change("customer", made, price=3)
    undo = company.gateway.undo(company.system, company.workspace, "customer", made, seq)
    assert _codes(await _refused(Conflict, undo)) == {("undo.changed_since", "price")}


async def test_undo_of_a_deletion_restores_and_of_a_creation_deletes(company: Company) -> None:
    made = await company.make("customer", name="一")
    await company.gateway.delete(company.system, company.workspace, "customer", made)
    deletion, creation = (entry["seq"] for entry in await company.history("customer", made))
    await company.gateway.undo(company.system, company.workspace, "customer", made, deletion)
    assert await company.names("customer") == ["一"]
    undo = company.gateway.undo(company.system, company.workspace, "customer", made, creation)
    assert _codes(await _refused(Conflict, undo)) == {("undo.changed_since", None)}
    other = await company.make("customer", name="二")
    seq = (await company.history("customer", other))[0]["seq"]
    await company.gateway.undo(company.system, company.workspace, "customer", other, seq)
    assert await company.names("customer") == ["一"]


async def test_undo_needs_an_entry_of_this_record(company: Company) -> None:
    made = await company.make("customer", name="一")
    other = await company.make("customer", name="二")
    seq = (await company.history("customer", other))[0]["seq"]
    await _refused(NotFound, company.gateway.undo(company.system, company.workspace, "customer", made, seq))


async def test_purge_removes_the_record_and_its_values_for_good(company: Company) -> None:
    made = await company.make("customer", name="秘密", phone="13800138000")
    friend = await company.make("customer", name="友", partners=[str(made)])
    await company.change("customer", made, name="更秘密")
    await company.gateway.create(
        company.system, company.workspace, "customer", {"name": "别的"}, idempotency_key="other"
    )
    await company.gateway.purge(company["管"], company.workspace, "customer", made)
    await _refused(NotFound, company.get("customer", made))
    rows = await company.fetch(
        "SELECT action, before, after FROM {schema}._history WHERE record_id = $1 ORDER BY seq", made
    )
    assert [(row["action"], row["before"], row["after"]) for row in rows] == [
        ("create", None, None),
        ("update", None, None),
        ("purge", None, None),
    ]
    assert (await company.get("customer", friend))["partners"] is None
    assert (await company.history("customer", friend))[0]["cause"] == f"purge:{made}"


async def test_purge_is_refused_while_others_refer_to_the_record(company: Company) -> None:
    made = await company.make("customer", name="一")
    await company.make("deal", title="单", customer=str(made))
    await company.make("deal", title="双", customer=str(made))
    faults = await _refused(Conflict, company.gateway.purge(company["管"], company.workspace, "customer", made))
    assert [fault.rule for fault in faults] == ["deal.customer"]
    assert "2" in faults[0].text.en
    await _refused(Denied, company.gateway.purge(company["甲"], company.workspace, "customer", made))


async def test_a_write_in_the_callers_transaction_goes_with_it(company: Company) -> None:
    with pytest.raises(RuntimeError):
        async with company.database.write() as tx:
            await company.gateway.create(company.system, company.workspace, "customer", {"name": "一"}, tx=tx)
            raise RuntimeError
    assert await company.names("customer") == []


async def test_a_writer_with_an_old_catalogue_catches_up_by_itself(fresh_company: Company, settings: Any) -> None:
    from tongmai.model import AddField, Changeset, FieldDef
    from tongmai.records import Gateway
    from tongmai.schema import CatalogueStore

    company = fresh_company
    late = CatalogueStore(company.database)
    gateway = Gateway(company.database, late, company.clock, settings)
    await gateway.create(company.system, company.workspace, "customer", {"name": "一"})
    field = FieldDef.model_validate({"key": "added", "type": "text", "label": "新字段"})
    change = Changeset(actions=(AddField(object="customer", field=field),))
    await company.editor.apply(company.workspace, change, None)
    await gateway.create(company.system, company.workspace, "customer", {"name": "二"})
    await gateway.create(company.system, company.workspace, "customer", {"name": "三", "added": "x"})
    assert await company.names("customer", filter="added = 'x'") == ["三"]


async def test_changes_of_one_call_that_would_collide_tell_the_row(company: Company) -> None:
    one, two, three = [await company.make("customer", name=name, code=name) for name in "abc"]
    wanted = [
        Operation("update", {"price": 1}, id=one),
        Operation("update", {"code": "same"}, id=two),
        Operation("update", {"code": "same"}, id=three),
    ]
    faults = await _refused(Conflict, company.gateway.bulk(company.system, company.workspace, "customer", wanted))
    assert [(fault.code, fault.field, fault.row) for fault in faults] == [("unique", "code", 3)]
    assert (await company.get("customer", one))["price"] is None
    blanks = [Operation("update", {"code": None}, id=each) for each in (one, two, three)]
    assert len((await company.gateway.bulk(company.system, company.workspace, "customer", blanks)).records) == 3


async def test_collisions_of_several_fields_together_tell_the_row_too(company: Company) -> None:
    customer = str(await company.make("customer", name="客户"))
    one = await company.make("deal", title="单", customer=customer)
    two = await company.make("deal", title="双")
    three = await company.make("deal", title="另")
    # Only together with what is there already are the two the same.
    wanted = [
        Operation("update", {"title": "新"}, id=one),
        Operation("update", {"customer": customer}, id=two),
        Operation("update", {"customer": customer, "title": "双"}, id=three),
    ]
    faults = await _refused(Conflict, company.gateway.bulk(company.system, company.workspace, "deal", wanted))
    assert [(fault.code, fault.rule, fault.row) for fault in faults] == [("unique", "title_customer", 3)]


async def test_what_comes_back_together_must_not_collide(company: Company) -> None:
    gone = []
    for _ in range(2):
        gone.append(await company.make("customer", name="一", code="same"))
        await company.gateway.delete(company.system, company.workspace, "customer", gone[-1])
    wanted = [Operation("restore", id=each) for each in gone]
    faults = await _refused(Conflict, company.gateway.bulk(company.system, company.workspace, "customer", wanted))
    assert [(fault.field, fault.row) for fault in faults] == [("code", 2)]


def test_requests_with_numbers_of_any_size_are_told_apart() -> None:
    large = 2**80
    assert digest("create", [{"extra": [large]}]) == digest("create", [{"extra": [large]}])
    assert digest("create", [{"extra": [large]}]) != digest("create", [{"extra": [large + 1]}])
