"""A process that has not yet heard of a change of the model asks the database before it calls a name unknown."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tongmai.kit import Invalid, NotFound, Settings
from tongmai.model import AddField, AddObject, Changeset, FieldDef, ObjectDef
from tongmai.records import Gateway
from tongmai.schema import CatalogueStore

from .company import Company

Elsewhere = Callable[[], Awaitable[Gateway]]


@pytest.fixture
def elsewhere(fresh_company: Company, settings: Settings) -> Elsewhere:
    """Another process, which knows the model as it is now and is told of no change."""
    company = fresh_company

    async def opened() -> Gateway:
        catalogues = CatalogueStore(company.database)
        await catalogues.get(company.workspace)
        return Gateway(company.database, catalogues, company.clock, settings)

    return opened


async def _add_nickname(company: Company) -> None:
    field = FieldDef.model_validate({"key": "nickname", "type": "text", "label": "昵称"})
    await company.editor.apply(company.workspace, Changeset(actions=(AddField(object="customer", field=field),)), None)


async def _each_way(company: Company, gateway: Gateway, way: str) -> Any:
    who, workspace = company.system, company.workspace
    match way:
        case "filter":
            return json.loads(await gateway.list(who, workspace, "customer", filter="昵称 IS BLANK"))["items"]
        case "sort":
            return json.loads(await gateway.list(who, workspace, "customer", sort="-nickname"))["items"]
        case "fields":
            return json.loads(await gateway.list(who, workspace, "customer", fields=("nickname",)))["items"]
        case "values":
            return (await gateway.create(who, workspace, "customer", {"name": "二", "nickname": "小二"})).records
        case "query":
            query = {"object": "customer", "group_by": ["nickname"], "measures": {"n": "count"}}
            return json.loads(await gateway.query(who, workspace, query))["rows"]
    raise AssertionError(way)


@pytest.mark.parametrize("way", ["filter", "sort", "fields", "values", "query"])
async def test_a_new_field_is_known_at_once(fresh_company: Company, elsewhere: Elsewhere, way: str) -> None:
    await fresh_company.make("customer", name="一")
    gateway = await elsewhere()
    with pytest.raises(Invalid):
        await _each_way(fresh_company, gateway, way)
    await _add_nickname(fresh_company)
    assert len(await _each_way(fresh_company, gateway, way)) == 1


async def test_a_new_object_is_known_at_once(fresh_company: Company, elsewhere: Elsewhere) -> None:
    company, gateway = fresh_company, await elsewhere()
    with pytest.raises(NotFound):
        await gateway.list(company.system, company.workspace, "visit")
    visit = ObjectDef.model_validate(
        {"key": "visit", "label": "拜访", "fields": [{"key": "memo", "type": "text", "label": "备注"}]}
    )
    await company.editor.apply(company.workspace, Changeset(actions=(AddObject(object=visit),)), None)
    assert json.loads(await gateway.list(company.system, company.workspace, "visit"))["items"] == []
