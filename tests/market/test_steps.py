"""Each step of an app is whole: taken back, or foreseen to be refused."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from tests.market.shop import MODEL, Shop, folder

from tongmai.access import SystemActor
from tongmai.kit import Conflict, Invalid, Text
from tongmai.market import AppInfo, AppPackage, ContentPiece, read_package
from tongmai.model import AddValidation, Catalogue, Changeset, Validation

_ACTOR = SystemActor("test")


async def content_keys(shop: Shop) -> list[str]:
    page = orjson.loads(await shop.gateway.list(_ACTOR, shop.workspace, "content", sort="key"))
    return [each["key"] for each in page["items"]]


async def versions(shop: Shop) -> dict[str, str]:
    return {each.key: each.version for each in await shop.market.list(shop.workspace)}


async def test_an_upgrade_of_content_alone_is_taken_back_like_any_other(shop: Shop, tmp_path: Path) -> None:
    first = read_package(folder(tmp_path / "crm"))
    await shop.market.install(shop.workspace, first)
    more = (*first.content, ContentPiece(key="closing", title="收尾"))
    second = first.replace(info=first.info.replace(version="1.1"), content=more)
    plan = await shop.market.plan(shop.workspace, second)
    assert not plan.changeset
    assert not plan.preview.faults
    assert plan.added == [("content", "closing")]
    upgrade = (await shop.market.install(shop.workspace, second)).change
    assert upgrade is not None
    assert await content_keys(shop) == ["closing", "opening"]
    assert (await shop.market.preview_undo(shop.workspace, upgrade)).faults == ()
    undone = await shop.market.undo(shop.workspace, upgrade)
    assert (await versions(shop), await content_keys(shop)) == ({"crm": "1.0"}, ["opening"])
    await shop.market.undo(shop.workspace, undone.id)
    assert (await versions(shop), await content_keys(shop)) == ({"crm": "1.1"}, ["closing", "opening"])
    # The very same once more is no step at all.
    assert (await shop.market.install(shop.workspace, second)).change is None


async def test_what_would_refuse_an_undo_is_foreseen_in_its_preview(shop: Shop, tmp_path: Path) -> None:
    first = read_package(folder(tmp_path / "crm"))
    install = (await shop.market.install(shop.workspace, first)).change
    newer = read_package(folder(tmp_path / "newer", MODEL.replace("好", "很好"), "1.1"))
    upgrade = (await shop.market.install(shop.workspace, newer)).change
    info = AppInfo(key="n", label=Text.same("n"), version="1.0", requires=("crm",))
    await shop.market.install(shop.workspace, AppPackage(info=info, model=Catalogue()))
    assert install is not None
    assert upgrade is not None
    foreseen = await shop.market.preview_undo(shop.workspace, install)
    assert [each.code for each in foreseen.faults][:2] == ["app.changed_since", "app.needed"]
    with pytest.raises(Conflict) as refused:
        await shop.market.undo(shop.workspace, install)
    assert [each.code for each in refused.value.faults] == ["app.changed_since", "app.needed"]
    assert (await shop.market.preview_undo(shop.workspace, upgrade)).faults == ()
    # A removed app comes back only where what it needs is there.
    removal = (await shop.market.remove(shop.workspace, "n")).change
    await shop.market.remove(shop.workspace, "crm")
    assert removal is not None
    foreseen = await shop.market.preview_undo(shop.workspace, removal)
    assert [each.code for each in foreseen.faults] == ["app.requires"]
    with pytest.raises(Conflict, match="Install first: crm"):
        await shop.market.undo(shop.workspace, removal)


async def test_content_that_the_company_would_refuse_is_refused_before_anything_is_installed(
    shop: Shop, tmp_path: Path
) -> None:
    strict = Validation.model_validate(
        {"key": "signed", "formula": "[title] = '审定'", "message": "只收审定的内容", "field": "title"}
    )
    await shop.editor.apply(
        shop.workspace, Changeset(actions=(AddValidation(object="content", validation=strict),)), None
    )
    before = await shop.catalogues.newest(shop.workspace)
    with pytest.raises(Invalid, match="审定"):
        await shop.market.install(shop.workspace, read_package(folder(tmp_path / "crm")))
    assert await shop.catalogues.newest(shop.workspace) == before
    assert await versions(shop) == {}
