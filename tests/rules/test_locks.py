"""Locks: nobody changes what a rule has locked, the reason is told, and it ends with the condition or by a person."""

from __future__ import annotations

from typing import Any

import pytest

from tongmai.kit import Conflict, NotFound
from tongmai.rules import Locks

from .desk import Desk, rule


async def locked(desk: Desk, **more: Any) -> Any:
    lock = {"kind": "lock", "reason": {"zh": "逾期未付", "en": "overdue"}, **more}
    put = {"kind": "set", "values": {"name": "name & '!'"}}
    await desk.define(rule("c", "becomes", "level = 'C'", then=[lock, put]))
    customer = await desk.shop.make("customer", name="甲", level="A")
    await desk.shop.change("customer", customer, level="C")
    await desk.work()
    return customer


async def test_a_locked_record_is_not_changed_and_the_reason_is_told(desk: Desk) -> None:
    """S4-12: frozen while it is red."""
    customer = await locked(desk, until="released")
    with pytest.raises(Conflict) as caught:
        await desk.shop.change("customer", customer, level="A")
    (fault,) = caught.value.faults
    assert (fault.code, fault.rule) == ("record.locked", "c") and "逾期未付" in fault.text.zh
    with pytest.raises(Conflict):
        await desk.shop.gateway.delete(desk.shop.system, desk.shop.workspace, "customer", customer)
    # What does not change anything is no change, and the rule itself may.
    await desk.shop.change("customer", customer, level="C")
    assert (await desk.shop.fetch("SELECT name FROM {schema}.customer"))[0]["name"] == "甲!"


async def test_only_locked_fields_are_held(desk: Desk) -> None:
    customer = await locked(desk, until="released", fields=["level"])
    await desk.shop.change("customer", customer, name="乙")
    with pytest.raises(Conflict):
        await desk.shop.change("customer", customer, level="A", name="丙")


async def test_a_lock_ends_with_its_condition(desk: Desk) -> None:
    customer = await locked(desk, fields=["name"])
    await desk.shop.change("customer", customer, level="A")
    await desk.work()
    await desk.shop.change("customer", customer, name="乙")


async def test_a_person_releases_a_lock(desk: Desk) -> None:
    customer = await locked(desk, until="released")
    locks = Locks(desk.shop.database, desk.shop.catalogues, desk.shop.gateway)
    (held,) = await locks.held(desk.shop.workspace)
    assert (held["rule"], held["record_id"], held["reason_zh"]) == ("c", customer, "逾期未付")
    await locks.release(desk.shop.system, desk.shop.workspace, held["key"], "已核实", desk.shop.clock.now())
    assert await locks.held(desk.shop.workspace) == []
    await desk.shop.change("customer", customer, level="B")
    with pytest.raises(NotFound):
        await locks.release(desk.shop.system, desk.shop.workspace, held["key"], None, desk.shop.clock.now())
