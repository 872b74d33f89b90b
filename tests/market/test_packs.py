"""Content packs are upgraded like every other piece: what the company has not touched is renewed, the rest is its own."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from tests.market.shop import Shop

from tongmai.access import SystemActor
from tongmai.kit import Text
from tongmai.market import AppInfo, AppPackage, ContentPiece
from tongmai.model import Catalogue
from tongmai.store import Database

_ACTOR = SystemActor("test")
OPENING = ("content", "opening")


def package(version: str, **bodies: str) -> AppPackage:
    info = AppInfo(key="crm", label=Text.same("CRM"), version=version)
    content = tuple(ContentPiece(key=key, title=key, body=body) for key, body in bodies.items())
    return AppPackage(info=info, model=Catalogue(), content=content)


async def packs(shop: Shop) -> dict[str, tuple[str, int]]:
    """What each pack says, and its edition."""
    return {each["key"]: (each["body"], int(each["edition"])) for each in await rows(shop)}


async def rows(shop: Shop) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = orjson.loads(await shop.gateway.list(_ACTOR, shop.workspace, "content"))["items"]
    return items


async def write(shop: Shop, **values: str) -> None:
    (row,) = await rows(shop)
    await shop.gateway.update(_ACTOR, shop.workspace, "content", row["id"], dict(values))


async def test_an_untouched_pack_is_renewed_as_its_next_edition_and_taken_back(shop: Shop, database: Database) -> None:
    await shop.market.install(shop.workspace, package("1.0", opening="您好"))
    second = package("1.1", opening="您好，请坐\n")
    plan = await shop.market.plan(shop.workspace, second)
    assert (plan.changed, plan.conflicts) == ([OPENING], ())
    upgrade = (await shop.market.install(shop.workspace, second)).change
    assert upgrade is not None
    assert await packs(shop) == {"opening": ("您好，请坐", 2)}
    async with database.read() as tx:
        schema = shop.workspace.quoted_schema
        first = await tx.fetch_value(f"SELECT body FROM {schema}._content_edition WHERE edition = 1")
    assert first == "您好"
    assert (await shop.market.install(shop.workspace, second)).change is None
    undone = await shop.market.undo(shop.workspace, upgrade)
    assert await packs(shop) == {"opening": ("您好", 3)}
    await shop.market.undo(shop.workspace, undone.id)
    assert await packs(shop) == {"opening": ("您好，请坐", 4)}


@pytest.mark.parametrize(("side", "says"), [("mine", "我们的"), ("theirs", "您好，请坐")])
async def test_a_pack_that_both_changed_stays_the_companys_unless_the_apps_is_chosen(
    shop: Shop, side: Any, says: str
) -> None:
    await shop.market.install(shop.workspace, package("1.0", opening="您好"))
    await write(shop, body="我们的")
    second = package("1.1", opening="您好，请坐")
    (conflict,) = (await shop.market.plan(shop.workspace, second)).conflicts
    assert (conflict.address, conflict.base, conflict.theirs) == (OPENING, package("1", opening="您好").content[0],
                                                                  second.content[0])  # fmt: skip
    await shop.market.install(shop.workspace, second, choices={OPENING: side})
    assert (await packs(shop))["opening"][0] == says
    # What was not chosen is asked once: the next upgrade of something else leaves it.
    third = package("1.2", opening="您好，请坐", closing="再见")
    plan = await shop.market.plan(shop.workspace, third)
    assert (plan.added, plan.conflicts) == ([("content", "closing")], ())
    assert plan.kept == ((OPENING,) if side == "mine" else ())


async def test_an_undo_leaves_what_people_have_written_since(shop: Shop) -> None:
    await shop.market.install(shop.workspace, package("1.0", opening="您好"))
    upgrade = (await shop.market.install(shop.workspace, package("1.1", opening="您好，请坐"))).change
    assert upgrade is not None
    await write(shop, body="我们的")
    await shop.market.undo(shop.workspace, upgrade)
    assert (await packs(shop))["opening"][0] == "我们的"


async def test_a_pack_that_the_app_no_longer_brings_goes_unless_the_company_changed_it(shop: Shop) -> None:
    first = package("1.0", opening="您好", closing="再见")
    await shop.market.install(shop.workspace, first)
    upgrade = await shop.market.install(shop.workspace, package("1.1", closing="再见"))
    assert upgrade.removed == [OPENING]
    assert list(await packs(shop)) == ["closing"]
    assert upgrade.change is not None
    await shop.market.undo(shop.workspace, upgrade.change)
    assert set(await packs(shop)) == {"opening", "closing"}


async def test_a_pack_at_rest_is_renewed_without_being_published(shop: Shop) -> None:
    await shop.market.install(shop.workspace, package("1.0", opening="您好"))
    await write(shop, state="retired")
    await shop.market.install(shop.workspace, package("1.1", opening="您好，请坐"))
    (row,) = await rows(shop)
    assert (row["body"], row["state"], int(row["edition"])) == ("您好，请坐", "retired", 1)


async def test_a_pack_of_the_companys_own_is_neither_written_over_nor_taken_away(shop: Shop) -> None:
    own = {"key": "opening", "title": "我们的", "body": "我们的", "state": "published"}
    await shop.gateway.create(_ACTOR, shop.workspace, "content", own)
    plan = await shop.market.install(shop.workspace, package("1.0", opening="您好"))
    assert [each.address for each in plan.conflicts] == [OPENING]
    await shop.market.remove(shop.workspace, "crm")
    assert (await packs(shop))["opening"][0] == "我们的"
