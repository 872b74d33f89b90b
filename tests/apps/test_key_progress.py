"""Today's key progress in the sales app (S2-19): who helps and the superior are told of it, by a rule of the app."""

from __future__ import annotations

from decimal import Decimal

from tests.apps.morning import CORE, Morning, team

from tongmai.identity import load_actor
from tongmai.link.light_entry import LightEntries


async def test_key_progress_is_told_to_who_helps_and_the_superior(morning: Morning) -> None:
    """Nothing new is told to nobody."""
    shop = morning.shop
    seller, lead = await team(shop)
    helper = await shop.make("person", name="售前", roles=["technical"])
    customer = await shop.make("customer", name="甲诊所", owner=seller, **CORE)
    deal = await shop.make("opportunity", name="种植机", customer=customer, owner=seller, collaborators=[str(helper)])
    await morning.round()
    async with shop.database.read() as tx:
        actor = await load_actor(tx, shop.workspace, seller)
    assert actor is not None
    entries = LightEntries(shop.database, shop.catalogues, shop.gateway, shop.clock)
    for preset in ("nothing_new", "poc_time"):
        await entries.write(actor, shop.workspace, "follow_up", preset, deal)
    await morning.round()
    told = await shop.fetch("SELECT person, title FROM {schema}._notice WHERE title LIKE '甲诊所：%'")
    assert {row["person"] for row in told} == {helper, lead}
    assert {row["title"] for row in told} == {"甲诊所：客户确认POC时间"}


async def test_a_manager_sees_how_long_entry_takes_and_how_much_the_system_fills(morning: Morning) -> None:
    """S2-20: by person, of what was entered by one tap; a follow-up that somebody typed counts in neither."""
    shop = morning.shop
    seller, _ = await team(shop)
    customer = await shop.make("customer", name="甲诊所", owner=seller, **CORE)
    deal = await shop.make("opportunity", name="种植机", customer=customer, owner=seller)
    async with shop.database.read() as tx:
        actor = await load_actor(tx, shop.workspace, seller)
    assert actor is not None
    entries = LightEntries(shop.database, shop.catalogues, shop.gateway, shop.clock)
    for preset, seconds in (("poc_time", 6), ("quote_discussed", 11)):
        await entries.write(actor, shop.workspace, "follow_up", preset, deal, seconds=Decimal(seconds))
    await shop.make("follow_up", topic="手填", customer=customer, owner=seller, happened_at=shop.clock.now())
    await morning.round()
    (rep,) = await morning.records(
        "person", "[name] = '林销售'", "quick_entries_30", "entry_seconds_30", "entry_share_30"
    )
    assert (rep["quick_entries_30"], rep["entry_seconds_30"]) == (2, 8.5)
    assert rep["entry_share_30"] >= 0.8


async def test_the_parameters_of_the_model_that_was_discussed_are_prepared_for_the_owner(morning: Morning) -> None:
    """S0-66: of the deal's model; a deal without one, and a day with nothing new, prepare nothing."""
    shop = morning.shop
    seller, _ = await team(shop)
    customer = await shop.make("customer", name="甲诊所", owner=seller, **CORE)
    nail = await shop.make("product", name="骨钉 A", code="A-27", price="760", parameters="扭矩 38 N·cm，钛合金")
    about = {"customer": customer, "owner": seller}
    deals = [await shop.make("opportunity", name="有型号", product=nail, **about)]
    deals.append(await shop.make("opportunity", name="没有型号", **about))
    await morning.round()
    async with shop.database.read() as tx:
        actor = await load_actor(tx, shop.workspace, seller)
    assert actor is not None
    entries = LightEntries(shop.database, shop.catalogues, shop.gateway, shop.clock)
    for deal in deals:
        for preset in ("nothing_new", "quote_discussed"):
            await entries.write(actor, shop.workspace, "follow_up", preset, deal)
    await morning.round()
    (told,) = await shop.fetch("SELECT person, title, body FROM {schema}._notice WHERE title LIKE '我帮你把%'")
    assert told["person"] == seller
    assert told["title"] == "我帮你把 甲诊所 上次聊的 骨钉 A 参数整理好了"
    assert "A-27" in told["body"]
    assert "扭矩 38 N·cm，钛合金" in told["body"]
