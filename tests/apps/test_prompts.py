"""What the sales app asks beside a chat (S0-30): nothing while a complaint is open, first what has just been heard."""

from __future__ import annotations

from datetime import timedelta

from tests.apps.morning import CORE, Morning, team

from tongmai.identity import load_actor
from tongmai.link.prompts import PromptBoard


async def test_a_seller_is_asked_for_nothing_while_a_complaint_is_open(morning: Morning) -> None:
    shop = morning.shop
    seller, _ = await team(shop)
    customer = await shop.make("customer", name="甲诊所", owner=seller, **CORE)
    async with shop.database.read() as tx:
        actor = await load_actor(tx, shop.workspace, seller)
    assert actor is not None
    board = PromptBoard(shop.database, shop.catalogues, shop.gateway, shop.clock)
    before = await board.of(actor, shop.workspace, "customer", customer)
    assert "profile" in [each.key for each in before.asked]

    complaint = await shop.make("ticket", name="交付延误", customer=customer, kind="complaint", owner=seller)
    during = await board.of(actor, shop.workspace, "customer", customer)
    assert (during.asked, during.is_hushed) == ((), True)
    assert [each.zh for each in during.reasons] == ["有投诉工单未关闭"]

    closed = (shop.clock.now() + timedelta(hours=1)).isoformat()
    await shop.gateway.update(shop.system, shop.workspace, "ticket", complaint, {"closed_at": closed})
    after = await board.of(actor, shop.workspace, "customer", customer)
    assert [each.key for each in after.asked] == [each.key for each in before.asked]
