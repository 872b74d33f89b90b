"""While a merge stands and after: what sources say under both names, chains of merges, merges at once, who may."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from tongmai.access import Actor
from tongmai.identity import load_actor
from tongmai.kit import Conflict, Denied, NotFound
from tongmai.model import RoleDef, diff

from .desk import Desk
from .test_mapping import CUSTOMERS, ORDERS, SOURCE, came, row

SALES = RoleDef.model_validate(
    {"key": "sales", "label": "销售", "grants": [
        {"object": "customer", "read": "all", "update": "own", "delete": "all"}]}
)  # fmt: skip
NARROW = RoleDef.model_validate(
    {"key": "narrow", "label": "新人", "grants": [
        {"object": "customer", "read": "own", "update": "own", "delete": "own"}]}
)  # fmt: skip


async def by_code(desk: Desk) -> dict[str, UUID]:
    return {row["code"]: row["id"] for row in await desk.fetch("SELECT code, id FROM {schema}.customer")}


async def owners(desk: Desk) -> dict[str, str]:
    """Whose each order is, by their numbers."""
    found = await desk.fetch(
        'SELECT o.number, c.code FROM {schema}."order" o LEFT JOIN {schema}.customer c ON c.id = o.customer'
        " WHERE o.deleted_at IS NULL ORDER BY o.number"
    )
    return {row["number"]: row["code"] for row in found}


async def merged_in_erp(desk: Desk) -> tuple[UUID, UUID, UUID]:
    """K and M come from the ERP with an order each, and M is made part of K."""
    await desk.define(SOURCE, CUSTOMERS, ORDERS)
    await came(
        desk, "customer", row("K", id="K", name="华东机械有限公司"), row("M", id="M", name="华东机械厂", tel="1")
    )
    await came(desk, "order", row("1", no="1", customer="K", amount=1), row("2", no="2", customer="M", amount=1))
    ids = await by_code(desk)
    merge = await desk.links.merger.merge(desk.system, desk.workspace, "customer", ids["K"], ids["M"])
    return ids["K"], ids["M"], merge


async def test_what_the_erp_says_of_the_merged_ones_children_goes_to_the_one_that_is_kept(desk: Desk) -> None:
    await merged_in_erp(desk)

    counts = await came(
        desk, "order", row("2", no="2", customer="M", amount=5), row("3", no="3", customer="M", amount=1)
    )

    assert await owners(desk) == {"1": "K", "2": "K", "3": "K"}
    assert counts["waiting"] == 0
    assert await desk.links.decisions.open(desk.workspace) == []


async def test_unmerging_shares_out_what_came_since_and_each_has_what_its_own_row_says(desk: Desk) -> None:
    kept, _, merge = await merged_in_erp(desk)
    await came(desk, "order", row("3", no="3", customer="M", amount=1), row("4", no="4", customer="K", amount=1))
    await came(desk, "customer", row("M", id="M", name="华东机械二厂", tel="2"))
    assert await desk.records("customer", "code", "name", "phone") == [("K", "华东机械有限公司", "2")]
    entries = await desk.count("_history", f"record_id = '{kept}'")

    await desk.links.merger.unmerge(desk.system, desk.workspace, merge)
    await desk.links.mapper.advance(desk.workspace)

    assert await owners(desk) == {"1": "K", "2": "M", "3": "M", "4": "K"}
    assert await desk.records("customer", "code", "name", "phone") == [
        ("K", "华东机械有限公司", None), ("M", "华东机械二厂", "2"),
    ]  # fmt: skip
    assert await desk.count("_history", f"record_id = '{kept}'") > entries
    whole = await desk.count("_history")
    await desk.links.mapper.advance(desk.workspace)
    assert await desk.count("_history") == whole


async def test_both_rows_read_anew_leave_the_kept_record_as_it_is(desk: Desk) -> None:
    """Its own row is blank where the merged one filled it; the merged one's row has another name and code."""
    await merged_in_erp(desk)
    await desk.define({**CUSTOMERS, "columns": [*CUSTOMERS["columns"], {"path": "more"}]})
    before = await desk.count("_history")

    await desk.links.mapper.advance(desk.workspace)

    assert await desk.records("customer", "code", "name", "phone") == [("K", "华东机械有限公司", "1")]
    assert await desk.count("_history") == before


async def test_another_list_that_has_the_merged_one_finds_the_kept_one(desk: Desk) -> None:
    await desk.define(SOURCE, CUSTOMERS, {**CUSTOMERS, "key": "second", "stream": "other"})
    await merged_in_erp(desk)

    counts = await came(desk, "other", row("x", id="M", name="华东机械厂", tel="1", city="上海"))

    assert (counts["inserted"], counts["updated"]) == (0, 1)
    assert await desk.records("customer", "code", "city") == [("K", "上海")]


async def test_a_persons_answer_means_the_merged_one_again_after_unmerging(desk: Desk) -> None:
    await desk.define(SOURCE, ORDERS)
    kept, merged = await desk.make("customer", code="K", name="甲"), await desk.make("customer", code="M", name="乙")
    await came(desk, "order", row("1", no="1", customer="老乙", amount=1))
    (question,) = await desk.links.decisions.open(desk.workspace)
    await desk.links.decisions.decide(desk.workspace, question.id, merged, by=None)
    await desk.links.mapper.advance(desk.workspace)

    merge = await desk.links.merger.merge(desk.system, desk.workspace, "customer", kept, merged)
    await came(desk, "order", row("2", no="2", customer="老乙", amount=1))
    assert await owners(desk) == {"1": "K", "2": "K"}
    await desk.links.merger.unmerge(desk.system, desk.workspace, merge)
    await came(desk, "order", row("3", no="3", customer="老乙", amount=1))

    assert await owners(desk) == {"1": "M", "2": "M", "3": "M"}


async def test_of_a_chain_the_last_merge_is_taken_back_first(desk: Desk) -> None:
    one, two, three = [await desk.make("customer", code=each, name=each) for each in "ABC"]
    await desk.make("order", number="1", customer=str(two))
    merger, where = desk.links.merger, (desk.system, desk.workspace)
    first = await merger.merge(*where, "customer", one, two)
    second = await merger.merge(*where, "customer", three, one)
    assert await owners(desk) == {"1": "C"}

    with pytest.raises(Conflict) as refused:
        await merger.unmerge(*where, first)
    assert refused.value.faults[0].code == "merge.later"
    assert refused.value.extra == {"merge": str(second)}

    await merger.unmerge(*where, second)
    await merger.unmerge(*where, first)
    assert await owners(desk) == {"1": "B"}
    assert await desk.records("customer", "code") == [("A",), ("B",), ("C",)]


async def test_two_that_are_merged_into_each_other_at_once_do_not_both_vanish(desk: Desk) -> None:
    one, two = [await desk.make("customer", code=each, name=each) for each in "AB"]
    merger, where = desk.links.merger, (desk.system, desk.workspace, "customer")

    done = await asyncio.gather(
        merger.merge(*where, one, two), merger.merge(*where, two, one), return_exceptions=True
    )  # fmt: skip

    assert sorted(type(each).__name__ for each in done) == ["NotFound", "UUID"]
    assert len(await desk.records("customer", "code")) == 1


async def test_one_taken_from_the_bin_by_hand_can_be_unmerged_and_merged_again(desk: Desk) -> None:
    kept, merged = await desk.make("customer", code="K", name="甲"), await desk.make("customer", code="M", name="乙")
    await desk.make("order", number="1", customer=str(merged))
    merger, where = desk.links.merger, (desk.system, desk.workspace)
    merge = await merger.merge(*where, "customer", kept, merged)
    await desk.gateway.restore(*where, "customer", merged)

    await merger.unmerge(*where, merge)

    assert await owners(desk) == {"1": "M"}
    await merger.merge(*where, "customer", merged, kept)
    assert await owners(desk) == {"1": "M"}
    assert await desk.records("customer", "code") == [("M",)]


async def person(desk: Desk, role: RoleDef) -> Actor:
    catalogue = await desk.catalogues.get(desk.workspace)
    wanted = catalogue.replace(roles=(*catalogue.roles, role))
    await desk.editor.apply(desk.workspace, diff(catalogue, wanted), None)
    made = await desk.make("person", name=role.key, roles=[role.key])
    async with desk.database.read() as tx:
        found = await load_actor(tx, desk.workspace, made)
    assert found is not None
    return found


async def test_who_may_not_change_the_one_or_sees_only_one_cannot_merge(desk: Desk) -> None:
    sales = await person(desk, SALES)
    mine = await desk.make("customer", code="A", name="甲", owner=str(sales.id))
    theirs = await desk.make("customer", code="B", name="乙")
    merger = desk.links.merger

    with pytest.raises(Denied):
        await merger.merge(sales, desk.workspace, "customer", theirs, mine)
    assert await desk.records("customer", "code") == [("A",), ("B",)]
    merge = await merger.merge(sales, desk.workspace, "customer", mine, theirs)
    assert await desk.records("customer", "code") == [("A",)]
    await merger.unmerge(sales, desk.workspace, merge)

    narrow = await person(desk, NARROW)
    own = await desk.make("customer", code="C", name="丙", owner=str(narrow.id))
    for pair in ((own, theirs), (theirs, own)):
        with pytest.raises(NotFound):
            await merger.merge(narrow, desk.workspace, "customer", *pair)
    assert await desk.records("customer", "code") == [("A",), ("B",), ("C",)]


async def test_the_merges_that_stand_are_told_by_name(desk: Desk) -> None:
    kept, first, second = [await desk.make("customer", code=each, name=f"客户{each}") for each in "KMN"]
    merger, where = desk.links.merger, (desk.system, desk.workspace)
    one = await merger.merge(*where, "customer", kept, first)
    two = await merger.merge(*where, "customer", kept, second)

    found = await desk.links.merges.of(*where, "customer", kept)
    assert {(each.id, each.record, each.label) for each in found} == {(one, first, "客户M"), (two, second, "客户N")}

    await merger.unmerge(*where, one)
    assert [each.label for each in await desk.links.merges.of(*where, "customer", kept)] == ["客户N"]
