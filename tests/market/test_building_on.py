"""What a company made of an app travels as a package of its own that stands on that app: installed elsewhere beside it,
renewed, taken out again; what it changed of the app below is then as that has it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.market.shop import MODEL, Shop, folder

from tongmai.kit import Conflict, FixedClock, Settings, Text
from tongmai.market import AppPackage, pieces_of, read_package, write_package
from tongmai.model import (
    AddField,
    ChangeField,
    ChangeRule,
    Changeset,
    FieldDef,
    ObjectDef,
    RemoveField,
    RuleDef,
)
from tongmai.model.changes import AddObject
from tongmai.schema import create_workspace
from tongmai.store import Database, drop_workspace

_LEVEL = ("field", "customer", "level")
_RULE = ("rule", "named")


@pytest.fixture
async def elsewhere(shop: Shop, database: Database, clock: FixedClock, settings: Settings) -> AsyncIterator[Shop]:
    """Another company."""
    made = await create_workspace(database, shop.catalogues, clock, f"{shop.workspace.key}b", Text.same("另一家"))
    yield Shop(database, clock, settings, made)
    async with database.write() as tx:
        await drop_workspace(tx, made)


def _field(key: str, label: str) -> FieldDef:
    return FieldDef.model_validate({"key": key, "type": "text", "label": label})


async def _rule(shop: Shop) -> RuleDef:
    return (await shop.catalogues.newest(shop.workspace)).rule_by_key["named"]


async def _customized(shop: Shop, tmp_path: Path) -> AppPackage:
    """The company's changes to the app `crm`, through the file that others get."""
    await shop.market.install(shop.workspace, read_package(folder(tmp_path / "crm")))
    rule = await _rule(shop)
    dealer = {
        "key": "dealer", "label": "经销商", "title": "name",
        "fields": [{"key": "name", "type": "text", "label": "名称"},
                   {"key": "sells_to", "type": "relation", "label": "客户", "options": {"target": "customer"}}],
    }  # fmt: skip
    actions = (
        AddField(object="customer", field=_field("vip", "贵宾")),
        ChangeField(object="customer", after=_field("level", "客户分级")),
        ChangeRule(before=rule, after=rule.replace(label=Text.same("我们的规则"))),
        AddObject(object=ObjectDef.model_validate(dealer)),
    )
    await shop.editor.apply(shop.workspace, Changeset(actions=actions), None)
    return await _exported(shop)


async def _exported(shop: Shop) -> AppPackage:
    return read_package(write_package(await shop.market.export(shop.workspace, "mine")))


async def _labels(shop: Shop) -> dict[str, str]:
    catalogue = await shop.catalogues.newest(shop.workspace)
    fields = catalogue.object_by_key["customer"].fields
    return {each.key: each.label.zh for each in fields} | {"rule": catalogue.rule_by_key["named"].label.zh}


async def test_an_export_names_the_apps_that_it_builds_on_and_says_no_more_of_their_objects(
    shop: Shop, tmp_path: Path
) -> None:
    package = await _customized(shop, tmp_path)
    assert package.info.requires == ("crm",)
    [customer] = [each for each in package.model.objects if each.key == "customer"]
    assert customer.title is None
    assert {each.key for each in customer.fields} == {"vip", "level"}
    again = await _exported(shop)
    assert again.info.version == package.info.version
    change = Changeset(actions=(AddField(object="customer", field=_field("more", "更多")),))
    await shop.editor.apply(shop.workspace, change, None)
    newer = (await _exported(shop)).info.version
    assert [int(part) for part in newer.split(".")] > [int(part) for part in package.info.version.split(".")]


async def test_a_companys_changes_are_installed_beside_the_app_elsewhere_renewed_and_taken_out(
    shop: Shop, elsewhere: Shop, tmp_path: Path
) -> None:
    package = await _customized(shop, tmp_path)
    await elsewhere.market.install(elsewhere.workspace, read_package(folder(tmp_path / "crm")))
    before = await elsewhere.catalogues.newest(elsewhere.workspace)
    plan = await elsewhere.market.install(elsewhere.workspace, package)
    assert plan.conflicts == ()
    assert set(plan.changed) == {_LEVEL, _RULE}
    assert await _labels(elsewhere) == {"name": "名称", "level": "客户分级", "vip": "贵宾", "rule": "我们的规则"}
    title = (await elsewhere.catalogues.newest(elsewhere.workspace)).object_by_key["customer"].title
    assert title == "name"

    # The next edition leaves the rule as the app below has it, renames its own field and drops its object's.
    rule = before.rule_by_key["named"]
    there = await _rule(shop)
    change = Changeset(
        actions=(
            ChangeRule(before=there, after=rule),
            ChangeField(object="customer", after=_field("vip", "大客户")),
            RemoveField(object="dealer", field="sells_to"),
        )
    )
    await shop.editor.apply(shop.workspace, change, None)
    renewed = await elsewhere.market.install(elsewhere.workspace, await _exported(shop))
    assert renewed.conflicts == ()
    assert renewed.removed == [("field", "dealer", "sells_to")]
    assert await _labels(elsewhere) == {"name": "名称", "level": "客户分级", "vip": "大客户", "rule": rule.label.zh}
    with pytest.raises(Conflict, match=r"These apps need it: 市场 \(mine\)"):
        await elsewhere.market.plan_removal(elsewhere.workspace, "crm")

    removal = await elsewhere.market.remove(elsewhere.workspace, "mine")
    assert removal.lost == ()
    assert pieces_of(await elsewhere.catalogues.newest(elsewhere.workspace)) == pieces_of(before)
    assert removal.change is not None
    await elsewhere.market.undo(elsewhere.workspace, removal.change)
    assert (await _labels(elsewhere))["level"] == "客户分级"


async def test_what_the_other_company_changed_itself_is_put_before_it(
    shop: Shop, elsewhere: Shop, tmp_path: Path
) -> None:
    package = await _customized(shop, tmp_path)
    await elsewhere.market.install(elsewhere.workspace, read_package(folder(tmp_path / "crm")))
    own = Changeset(actions=(ChangeField(object="customer", after=_field("level", "别的等级")),))
    await elsewhere.editor.apply(elsewhere.workspace, own, None)
    plan = await elsewhere.market.plan(elsewhere.workspace, package)
    [conflict] = plan.conflicts
    assert (conflict.address, conflict.base is None) == (_LEVEL, False)
    await elsewhere.market.install(elsewhere.workspace, package)
    assert (await _labels(elsewhere))["level"] == "别的等级"
    # Removed, the package leaves what is the company's own.
    await elsewhere.market.remove(elsewhere.workspace, "mine")
    assert await _labels(elsewhere) == {"name": "名称", "level": "别的等级", "rule": "有名"}


async def test_the_app_below_is_renewed_under_what_changes_it(shop: Shop, elsewhere: Shop, tmp_path: Path) -> None:
    package = await _customized(shop, tmp_path)
    await elsewhere.market.install(elsewhere.workspace, read_package(folder(tmp_path / "crm")))
    await elsewhere.market.install(elsewhere.workspace, package)
    newer = MODEL.replace("{zh: 名称, en: Name}", "{zh: 全称, en: Full name}").replace("{zh: 等级", "{zh: 级别")
    plan = await elsewhere.market.install(elsewhere.workspace, read_package(folder(tmp_path / "crm", newer, "1.1")))
    assert [each.address for each in plan.conflicts] == [_LEVEL]
    assert await _labels(elsewhere) == {"name": "全称", "level": "客户分级", "vip": "贵宾", "rule": "我们的规则"}
    await elsewhere.market.remove(elsewhere.workspace, "mine")
    assert (await _labels(elsewhere))["level"] == "级别"
