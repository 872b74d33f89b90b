"""Merging at its edges: what goes back to sources, locks, questions that wait, values that must be unique."""

from __future__ import annotations

from uuid import UUID

import pytest

from tongmai.access import SystemActor
from tongmai.kit import Conflict, TongmaiError, new_id

from .desk import Desk
from .test_mapping import ORDERS, SOURCE, came, row
from .test_merging import by_code
from .test_pushing import Crm, crm

__all__ = ["crm"]


@pytest.fixture
async def merged(desk: Desk, crm: Crm) -> UUID:
    """K (without a phone) and M come from a CRM that takes changes back, and M is made part of K."""
    crm.rows = {
        "K": {"id": "K", "name": "甲", "tel": None, "city": "上海"},
        "M": {"id": "M", "name": "乙", "tel": "100", "city": "苏州"},
    }
    mapping = (await desk.catalogues.get(desk.workspace)).mapping_by_key["customers"].model_dump(mode="json")
    mapping["columns"] = [*mapping["columns"], {"path": "city"}]
    mapping["fields"] = [
        {"field": "code", "value": "id"}, {"field": "name", "value": "name", "push": "name"},
        {"field": "phone", "value": "tel", "push": "tel"}, {"field": "city", "value": "city", "push": "city"},
    ]  # fmt: skip
    await desk.define(mapping)
    await desk.pull("crm", anew=True)
    ids = await by_code(desk)
    merge = await desk.links.merger.merge(await someone(desk), desk.workspace, "customer", ids["K"], ids["M"])
    await desk.seal()
    return merge


async def someone(desk: Desk) -> SystemActor:
    return SystemActor("test", on_behalf=await desk.make("person", name="安娜"))


async def change(desk: Desk, code: str, **values: str) -> None:
    ids = await by_code(desk)
    await desk.gateway.update(await someone(desk), desk.workspace, "customer", ids[code], values)
    await desk.seal()
    await desk.links.pusher.advance(desk.workspace)


async def test_a_merge_itself_sends_nothing_back(desk: Desk, crm: Crm, merged: UUID) -> None:
    await desk.links.pusher.advance(desk.workspace)
    await desk.links.merger.unmerge(await someone(desk), desk.workspace, merged)
    await desk.seal()
    await desk.links.pusher.advance(desk.workspace)
    assert crm.pushed == []
    assert [each["tel"] for each in crm.rows.values()] == [None, "100"]


@pytest.mark.usefixtures("merged")
async def test_a_change_goes_back_to_the_kept_ones_row_and_leaves_the_other_ones_name(desk: Desk, crm: Crm) -> None:
    await change(desk, "K", name="甲乙", city="杭州")
    assert (crm.rows["K"]["name"], crm.rows["K"]["city"]) == ("甲乙", "杭州")
    assert (crm.rows["M"]["name"], crm.rows["M"]["city"]) == ("乙", "苏州")


@pytest.mark.usefixtures("merged")
async def test_what_was_filled_from_the_merged_one_goes_back_to_both(desk: Desk, crm: Crm) -> None:
    """Its row has the say over it when it is read: left with the old number it would bring it back."""
    await change(desk, "K", phone="200")
    assert [each["tel"] for each in crm.rows.values()] == ["200", "200"]
    await desk.pull("crm", anew=True)
    assert ("K", "200") in await desk.records("customer", "code", "phone")


async def test_after_unmerging_each_ones_changes_go_to_its_own_row(desk: Desk, crm: Crm, merged: UUID) -> None:
    await desk.links.merger.unmerge(await someone(desk), desk.workspace, merged)
    await desk.links.mapper.advance(desk.workspace)
    await change(desk, "M", name="乙厂")
    await change(desk, "K", name="甲厂")
    assert [each["name"] for each in crm.rows.values()] == ["甲厂", "乙厂"]


@pytest.mark.parametrize("locked", ["K", "M"])
async def test_what_is_locked_is_not_merged(desk: Desk, locked: str) -> None:
    ids = {each: await desk.make("customer", code=each, name=each) for each in "KM"}
    async with desk.database.write() as tx:
        await tx.execute(
            f"INSERT INTO {desk.workspace.quoted_schema}._lock (key, rule, object, record_id, fields, reason_zh,"
            " reason_en, locked_at) VALUES ('k', 'r', 'customer', $1, '{}', '合同在审', 'under review', $2)",
            ids[locked], desk.clock.now(),
        )  # fmt: skip
    with pytest.raises(TongmaiError) as refused:
        await desk.links.merger.merge(await someone(desk), desk.workspace, "customer", ids["K"], ids["M"])
    assert [each.code for each in refused.value.faults] == ["merge.locked"]
    assert await desk.records("customer", "code") == [("K",), ("M",)]
    assert await desk.count("_history", "cause LIKE 'merge:%'") == 0


async def test_an_open_question_that_offered_the_merged_one_offers_the_kept_one_once(desk: Desk) -> None:
    await desk.define(SOURCE, ORDERS)
    kept = await desk.make("customer", code="K", name="华东机械上海一厂")
    gone = await desk.make("customer", code="M", name="华东机械上海二厂")
    await came(desk, "order", row("1", no="1", customer="华东机械上海厂", amount=1))
    (before,) = await desk.links.decisions.open(desk.workspace)
    assert {each.id for each in before.candidates} == {kept, gone}
    await desk.links.merger.merge(desk.system, desk.workspace, "customer", kept, gone)
    (after,) = await desk.links.decisions.open(desk.workspace)
    assert [each.id for each in after.candidates] == [kept]


async def test_unmerging_is_refused_whole_while_another_has_the_merged_ones_number(desk: Desk) -> None:
    kept, gone = await desk.make("customer", code="K", name="甲"), await desk.make("customer", code="M", name="乙")
    merge = await desk.links.merger.merge(desk.system, desk.workspace, "customer", kept, gone)
    other = await desk.make("customer", code="M", name="丙")
    with pytest.raises(Conflict):
        await desk.links.merger.unmerge(desk.system, desk.workspace, merge)
    assert await desk.count("_merge", "undone_at IS NULL") == 1
    await desk.gateway.update(desk.system, desk.workspace, "customer", other, {"code": str(new_id(desk.clock))})
    await desk.links.merger.unmerge(desk.system, desk.workspace, merge)
    assert len(await desk.records("customer", "code")) == 3
