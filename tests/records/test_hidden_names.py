"""A field that an actor can see on no record is refused with the words for one that there is not."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

import pytest

from tongmai.access import AnyActor
from tongmai.kit import Denied, Invalid

from .company import Company


async def _refusal(work: Awaitable[Any], name: str) -> object:
    """What is answered, with the name itself and suggestions (of other names, like every unknown name's) taken out."""
    with pytest.raises(Invalid) as caught:
        await work
    faults = [(fault.code, fault.field, fault.position, fault.text.en.split(";")[0]) for fault in caught.value.faults]
    return str(faults).replace(name, "…")


async def _sentence(work: Awaitable[Any]) -> str:
    with pytest.raises(Invalid) as caught:
        await work
    return str(caught.value.problem("en"))


def _upserted(company: Company, actor: AnyActor, key: str, values: dict[str, Any]) -> Awaitable[Any]:
    return company.gateway.upsert(actor, company.workspace, "customer", key, values)


async def _asked(company: Company, actor: AnyActor, way: str, name: str) -> object:
    match way:
        case "filter":
            return await _refusal(company.list("customer", actor, filter=f"{name} = 1"), name)
        case "path":
            return await _refusal(company.list("customer", actor, filter=f"parent.{name} = 1"), name)
        case "sort":
            return await _refusal(company.list("customer", actor, sort=f"-{name}"), name)
        case "group":
            return await _refusal(company.query(actor, object="customer", group_by=[name]), name)
        case "measure":
            return await _refusal(company.query(actor, object="customer", measures={"n": f"sum({name})"}), name)
        case "where":
            measure = {"function": "count", "where": f"{name} = 1"}
            return await _refusal(company.query(actor, object="customer", measures={"n": measure}), name)
        case "fields":
            return await _refusal(company.list("customer", actor, fields=("name", name)), name)
    raise AssertionError(way)


@pytest.mark.parametrize("way", ["filter", "path", "sort", "group", "measure", "where", "fields"])
async def test_a_hidden_field_cannot_be_told_from_one_that_is_not_there(company: Company, way: str) -> None:
    # A viewer sees neither the price nor the margin made of it, by key or by label.
    unknown = await _asked(company, company["丁"], way, "qqqqq")
    for hidden in ("price", "margin", "报价"):
        assert await _asked(company, company["丁"], way, hidden) == unknown


@pytest.mark.parametrize("near", ["pric", "pricee", "marginn"])
async def test_no_hidden_name_is_suggested(company: Company, near: str) -> None:
    told = (await _sentence(company.list("customer", company["丁"], filter=f"{near} > 1"))).replace(near, "…")
    assert "price" not in told
    assert "margin" not in told
    assert "did you mean “" in await _sentence(company.list("customer", filter=f"{near} > 1"))


@pytest.mark.parametrize("value", [3, "three", None])
async def test_a_hidden_field_cannot_be_written_or_told_from_none(company: Company, value: object) -> None:
    seller = company["甲"]
    mine = await company.make("customer", seller, name="甲的", code="k1")
    told = []
    for name in ("cost", "margin", "zzzzzz"):
        upserting = {"name": "甲的", name: value}
        told.append([
            await _refusal(company.make("customer", seller, name="x", **{name: value}), name),
            await _refusal(company.change("customer", mine, seller, **{name: value}), name),
            await _refusal(_upserted(company, seller, name, upserting), name),
        ])  # fmt: skip
    assert told[0] == told[1] == told[2]
    assert (await company.get("customer", mine))["cost"] is None


@pytest.mark.parametrize("near", ["cos", "costt", "成"])
async def test_no_hidden_name_is_suggested_to_who_writes(company: Company, near: str) -> None:
    told = await _sentence(company.make("customer", company["甲"], name="x", **{near: 1}))
    assert "“cost”" not in told
    assert "“cost”" in await _sentence(company.make("customer", name="x", costt=1))


async def test_what_can_be_seen_and_not_written_stays_denied(company: Company) -> None:
    mine = await company.make("customer", name="一", owner=str(company["甲"].id))
    with pytest.raises(Denied):
        await company.change("customer", mine, company["丙"], phone="13900139000")


async def test_a_label_that_a_hidden_field_shares_means_the_visible_one(company: Company) -> None:
    await company.make("customer", name="一", code="c1", owner=str(company["丁"].id))
    assert await company.names("customer", company["丁"], filter="客户编码 = 'c1'") == ["一"]


async def test_what_is_hidden_on_some_records_only_stays_a_name(company: Company) -> None:
    await company.make("customer", name="一", cost=3, owner=str(company["甲"].id))
    assert await company.names("customer", company["丙"], filter="cost = 3") == ["一"]
