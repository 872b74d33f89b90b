from __future__ import annotations

import json
from typing import Any

from tongmai.access import AnyActor
from tongmai.kit import Settings
from tongmai.records import Sealer

from .company import Company


async def _seal(company: Company, settings: Settings) -> None:
    await Sealer(company.database, company.workspace, company.clock, settings).seal_once()


async def _events(company: Company, actor: AnyActor, after: tuple[int, int], **options: Any) -> list[dict[str, Any]]:
    page = await company.gateway.feed(actor, company.workspace, after=after, **options)
    return [json.loads(event.body) for event in page]


async def test_only_what_is_sealed_is_told_and_in_order(company: Company, settings: Settings) -> None:
    start = await company.gateway.feed_place(company.workspace)
    one = await company.make("customer", name="一")
    assert await _events(company, company.system, start) == []
    await _seal(company, settings)
    await company.change("customer", one, name="壹")
    await _seal(company, settings)
    events = await _events(company, company.system, start)
    assert [event["action"] for event in events] == ["create", "update"]
    assert events[1]["before"] == {"name": "一"}
    assert events[1]["after"] == {"name": "壹"}
    assert [event["epoch"] for event in events] == sorted(event["epoch"] for event in events)


async def test_one_goes_on_where_one_stopped(company: Company, settings: Settings) -> None:
    after = tuple(await company.gateway.feed_place(company.workspace))
    for n in range(7):
        await company.make("customer", name=str(n))
        if n % 2:
            await _seal(company, settings)
    await _seal(company, settings)
    names = []
    while True:
        page = await company.gateway.feed(company.system, company.workspace, after=after, limit=2)
        names += [json.loads(event.body)["after"]["name"] for event in page]
        after = page.last
        if page.is_complete:
            break
    assert names == [str(n) for n in range(7)]


async def test_long_stretches_that_are_hidden_are_passed_over(company: Company, settings: Settings) -> None:
    after = await company.gateway.feed_place(company.workspace)
    rows = [{"name": str(n), "owner": str(company["乙"].id)} for n in range(50)]
    await company.gateway.create(company.system, company.workspace, "customer", rows)
    await company.make("customer", name="mine", owner=str(company["甲"].id))
    await _seal(company, settings)
    page = await company.gateway.feed(company["甲"], company.workspace, after=after, limit=5)
    assert [json.loads(event.body)["after"]["name"] for event in page] == ["mine"]
    assert page.last > after


async def test_a_record_that_leaves_ones_sight_is_told_as_gone(company: Company, settings: Settings) -> None:
    mine = await company.make("customer", name="一", owner=str(company["甲"].id), price=7)
    await _seal(company, settings)
    after = await company.gateway.feed_place(company.workspace)
    await company.change("customer", mine, owner=str(company["乙"].id))
    await _seal(company, settings)
    (event,) = await _events(company, company["甲"], after)
    assert event == {
        "epoch": event["epoch"],
        "seq": event["seq"],
        "object": "customer",
        "id": str(mine),
        "action": "gone",
    }
    (seen,) = await _events(company, company["乙"], after)
    assert seen["action"] == "update"


async def test_a_deletion_is_told_to_who_could_see_the_record(company: Company, settings: Settings) -> None:
    mine = await company.make("customer", name="一", owner=str(company["甲"].id))
    await _seal(company, settings)
    after = await company.gateway.feed_place(company.workspace)
    await company.gateway.delete(company["甲"], company.workspace, "customer", mine)
    await _seal(company, settings)
    assert [event["action"] for event in await _events(company, company["甲"], after)] == ["delete"]
    assert await _events(company, company["乙"], after) == []


async def test_a_purge_is_told_by_the_id_alone(company: Company, settings: Settings) -> None:
    mine = await company.make("customer", name="秘密", owner=str(company["甲"].id), price=7)
    after = await company.gateway.feed_place(company.workspace)
    await company.gateway.purge(company["管"], company.workspace, "customer", mine, cause="秘密")
    await _seal(company, settings)
    for actor in (company.system, company["甲"], company["丁"]):
        (event,) = await _events(company, actor, after)
        assert event == {
            "epoch": event["epoch"],
            "seq": event["seq"],
            "object": "customer",
            "id": str(mine),
            "action": "purge",
        }
    last = (await company.gateway.feed(company.system, company.workspace, after=after)).last
    assert await _events(company, company.system, last) == []
