"""Apps in a real workspace: installed, changed by the company, upgraded, removed; and a package through its file."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import orjson
import pytest
from tests.market.shop import INFO, MODEL, Shop, folder

from tongmai.access import SystemActor
from tongmai.kit import Conflict, FixedClock, Invalid, Settings, Text
from tongmai.market import AppPackage, built_in_apps, pieces_of, read_package, write_package
from tongmai.market.package import AppInfo
from tongmai.model import AddField, Catalogue, ChangeField, Changeset, FieldDef, diff
from tongmai.store import Database


async def test_removal_leaves_the_catalogue_as_it_was(shop: Shop, tmp_path: Path) -> None:
    before = pieces_of(await shop.catalogues.newest(shop.workspace))
    await shop.market.install(shop.workspace, read_package(folder(tmp_path / "crm")))
    there = await shop.catalogues.newest(shop.workspace)
    assert {"customer"} < set(there.object_by_key)
    assert "badge" in there.object_by_key["person"].by_key
    page = orjson.loads(await shop.gateway.list(SystemActor("test"), shop.workspace, "content"))
    assert [each["key"] for each in page["items"]] == ["opening"]
    assert [each.key for each in await shop.market.list(shop.workspace)] == ["crm"]
    await shop.market.remove(shop.workspace, "crm")
    assert pieces_of(await shop.catalogues.newest(shop.workspace)) == before
    assert await shop.market.list(shop.workspace) == []
    page = orjson.loads(await shop.gateway.list(SystemActor("test"), shop.workspace, "content"))
    assert page["items"] == []


async def test_an_upgrade_keeps_the_companys_own_and_shows_what_both_changed(shop: Shop, tmp_path: Path) -> None:
    await shop.market.install(shop.workspace, read_package(folder(tmp_path / "crm")))
    own = FieldDef.model_validate({"key": "vip", "type": "boolean", "label": "贵宾"})
    level = FieldDef.model_validate({"key": "level", "type": "text", "label": "客户分级"})
    name = FieldDef.model_validate({"key": "name", "type": "text", "label": "公司全称"})
    actions = (
        AddField(object="customer", field=own),
        ChangeField(object="customer", after=level),
        ChangeField(object="customer", after=name),
    )
    await shop.editor.apply(shop.workspace, Changeset(actions=actions), None)
    newer = MODEL.replace("{zh: 等级, en: Level}", "{zh: 级别, en: Grade}").replace("好", "很好")
    package = read_package(folder(tmp_path / "crm", newer, "1.1"))
    plan = await shop.market.install(shop.workspace, package)
    assert [each.address for each in plan.conflicts] == [("field", "customer", "level")]
    assert plan.kept == (("field", "customer", "name"),)
    now = await shop.catalogues.newest(shop.workspace)
    customer = now.object_by_key["customer"]
    assert "vip" in customer.by_key
    assert customer.by_key["level"].label.zh == "客户分级"
    assert customer.by_key["name"].label.zh == "公司全称"
    assert now.rule_by_key["named"].then[0].title == Text.same("很好")  # type: ignore[union-attr]
    again = await shop.market.install(shop.workspace, package)
    assert not again.changeset
    assert again.conflicts == ()
    removal = await shop.market.plan_removal(shop.workspace, "crm")
    assert removal.lost == (("field", "customer", "vip"),)


async def test_each_step_taken_back_leaves_catalogue_app_and_content_as_they_were(shop: Shop, tmp_path: Path) -> None:
    async def state() -> tuple[object, ...]:
        apps = [(each.key, each.version, each.brought, each.content) for each in await shop.market.list(shop.workspace)]
        page = orjson.loads(await shop.gateway.list(SystemActor("test"), shop.workspace, "content"))
        return pieces_of(await shop.catalogues.newest(shop.workspace)), apps, [each["key"] for each in page["items"]]

    states = [await state()]
    first = read_package(folder(tmp_path / "crm"))
    second = read_package(folder(tmp_path / "crm", MODEL.replace("好", "很好"), "1.1"))
    steps = []
    for step in (first, second):
        steps.append((await shop.market.install(shop.workspace, step)).change)
        states.append(await state())
    steps.append((await shop.market.remove(shop.workspace, "crm")).change)
    assert (await state())[1:] == ([], [])
    install, upgrade, removal = (each for each in steps if each is not None)
    with pytest.raises(Conflict, match="since"):
        await shop.market.undo(shop.workspace, upgrade)
    await shop.market.undo(shop.workspace, removal)
    assert await state() == states[2]
    undone = await shop.market.undo(shop.workspace, upgrade)
    assert await state() == states[1]
    # Taken back in its turn: the upgrade is there again, and stands in the way of what came before it.
    await shop.market.undo(shop.workspace, undone.id)
    assert await state() == states[2]
    with pytest.raises(Conflict, match="since"):
        await shop.market.undo(shop.workspace, install)
    # The next upgrade still knows the company's own from the app's.
    assert not (await shop.market.plan(shop.workspace, second)).changeset


async def test_an_install_that_another_app_needs_is_not_taken_back(shop: Shop, tmp_path: Path) -> None:
    install = (await shop.market.install(shop.workspace, read_package(folder(tmp_path / "crm")))).change
    assert install is not None
    info = AppInfo(key="n", label=Text.same("n"), version="1.0", requires=("crm",))
    await shop.market.install(shop.workspace, AppPackage(info=info, model=Catalogue()))
    with pytest.raises(Conflict, match="need it"):
        await shop.market.undo(shop.workspace, install)
    assert [each.key for each in await shop.market.list(shop.workspace)] == ["crm", "n"]


async def test_a_name_that_is_taken_is_refused_and_nothing_is_installed(shop: Shop, tmp_path: Path) -> None:
    first = read_package(folder(tmp_path / "crm"))
    await shop.market.install(shop.workspace, first)
    other = first.replace(info=AppInfo(key="other", label=Text.same("另一个"), version="1.0"))
    changed = other.replace(model=read_package(folder(tmp_path / "b", MODEL.replace("客户, en", "客商, en"))).model)
    before = await shop.catalogues.newest(shop.workspace)
    with pytest.raises(Invalid) as refused:
        await shop.market.install(shop.workspace, changed)
    assert {each.code for each in refused.value.faults} == {"app.name_taken"}
    assert (await shop.catalogues.newest(shop.workspace)).version == before.version
    needs = other.replace(info=AppInfo(key="n", label=Text.same("n"), version="1.0", requires=("missing",)))
    with pytest.raises(Invalid, match="missing"):
        await shop.market.plan(shop.workspace, needs)
    needs = needs.replace(info=needs.info.replace(requires=("store", "missing")))
    with pytest.raises(Invalid, match=r"Install first: Store sales management \(store\), missing"):
        await shop.market.plan(shop.workspace, needs)


async def test_what_a_workspace_built_is_exported_and_installs_elsewhere(
    shop: Shop, tmp_path: Path, database: Database, clock: FixedClock, settings: Settings
) -> None:
    await shop.market.install(shop.workspace, read_package(folder(tmp_path / "crm")))
    own = FieldDef.model_validate({"key": "vip", "type": "boolean", "label": "贵宾"})
    await shop.editor.apply(shop.workspace, Changeset(actions=(AddField(object="customer", field=own),)), None)
    exported = await shop.market.export(shop.workspace, "mine")
    again = read_package(write_package(exported))
    assert again.info == exported.info
    assert (again.info.key, again.info.label.zh) == ("mine", "市场")
    assert set(pieces_of(again.model)) == {("object", "customer"), ("field", "customer", "vip")}


def test_a_package_is_the_same_as_a_folder_and_as_a_file(tmp_path: Path) -> None:
    package = read_package(folder(tmp_path / "crm"))
    packed = write_package(package)
    assert packed == write_package(package)
    again = read_package(packed)
    assert pieces_of(again.model) == pieces_of(package.model)
    assert again.content == package.content
    (tmp_path / "crm.zip").write_bytes(packed)
    assert read_package(tmp_path / "crm.zip") == again


def test_what_is_no_package_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid):
        read_package(b"no zip at all")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("app.yaml", INFO)
        archive.writestr("model.yaml", "#" * (30 * 1024 * 1024))
    with pytest.raises(Invalid, match=r"too large|过大"):
        read_package(out.getvalue())
    (tmp_path / "x").mkdir()
    with pytest.raises(Invalid, match=r"app\.yaml"):
        read_package(tmp_path / "x")


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_package_and_one_packed_otherwise_are_refused(method: int) -> None:
    """Whatever bytes of it were turned: it is read, or refused in words."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("app.yaml", INFO * 20)
    for place in range(30, 120, 3):
        damaged = bytearray(out.getvalue())
        damaged[place] ^= 0x55
        with pytest.raises(Invalid):
            read_package(bytes(damaged))


def test_the_apps_that_come_with_the_program_can_be_read() -> None:
    found: dict[str, AppPackage] = {name: read_package(folder) for name, folder in built_in_apps()}
    assert "starter" in found
    assert all(name == package.info.key for name, package in found.items())
    assert not diff(found["starter"].model, found["starter"].model)
