"""S0-65: whether an order pays is told to who sold it; what the goods cost is not."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
import pytest
from tests.apps.morning import CORE, Morning, team

from tongmai.access import Actor, compile_policy
from tongmai.boards import Boards
from tongmai.formula import FALSE
from tongmai.identity import load_actor
from tongmai.kit import Invalid


async def acting(morning: Morning, person: UUID) -> Actor:
    async with morning.shop.database.read() as tx:
        found = await load_actor(tx, morning.shop.workspace, person)
    assert found is not None
    return found


async def sell(morning: Morning, number: str, seller: UUID, *lines: tuple[str | None, str, int]) -> UUID:
    """An order of lines, each with its unit cost (None: not known), what it is sold for before tax, and how many."""
    shop = morning.shop
    customer = await shop.make("customer", name=f"{number} 的客户", owner=seller, **CORE)
    order = await shop.make("order", number=number, customer=customer, owner=seller, placed=shop.clock.now())
    for place, (cost, net, quantity) in enumerate(lines):
        code = f"{number}-{place}"
        product = await shop.make("product", name=code, code=code, **({} if cost is None else {"cost": cost}))
        await shop.make(
            "order_line",
            description=code,
            order=order,
            product=product,
            quantity=quantity,
            net_amount=net,
            owner=seller,
        )
    return order


@pytest.fixture
async def sold(morning: Morning) -> dict[str, Any]:
    seller, lead = await team(morning.shop)
    orders = {
        "赚": await sell(morning, "A", seller, ("30", "1000", 10), ("5", "200", 20)),
        "亏": await sell(morning, "B", seller, ("90", "1000", 10)),
        "不知道": await sell(morning, "C", seller, (None, "1000", 10), ("5", "200", 20)),
    }
    customer = (await morning.records("order", "[number] = 'B'", "customer"))[0]["customer"]["id"]
    rebate = {"customer": customer, "order": orders["亏"], "owner": seller}
    await morning.shop.make("rebate_entry", note="冲抵", kind="used", amount="80", **rebate)
    # What is granted is no cost of this order until it is set off against one.
    await morning.shop.make("rebate_entry", note="发放", kind="granted", amount="500", **rebate)
    await morning.shop.make("order_fee", note="运费", order=orders["亏"], kind="freight", amount="45.5", owner=seller)
    await morning.round()
    return {"seller": seller, "lead": lead, **orders}


async def test_an_order_tells_what_it_leaves_after_cost_rebates_and_fees(
    morning: Morning, sold: dict[str, Any]
) -> None:
    fields = ("number", "order_profit", "order_margin", "order_verdict")
    found = {each["number"]: each for each in await morning.records("order", "TRUE", *fields)}
    assert [Decimal(str(found["A"][each])) for each in fields[1:3]] == [Decimal(800), Decimal("0.6667")]
    assert [Decimal(str(found["B"][each])) for each in fields[1:3]] == [Decimal("-25.5"), Decimal("-0.0255")]
    assert (found["A"]["order_verdict"], found["B"]["order_verdict"]) == ("赚", "亏")
    # One line's cost is not known: nothing is guessed.
    assert [found["C"][each] for each in fields[1:]] == [None, None, None]


async def test_the_seller_sees_the_answer_and_never_the_cost(morning: Morning, sold: dict[str, Any]) -> None:
    shop = morning.shop
    seller = await acting(morning, sold["seller"])
    catalogue = await shop.catalogues.newest(shop.workspace)
    boards = Boards(shop.gateway, shop.metrics)
    (panel,) = await boards.panels(seller, shop.workspace, catalogue, "order", sold["亏"])
    (verdict,) = panel.widgets
    assert verdict.faults == ()
    (row,) = verdict.found["items"]  # type: ignore[index, call-overload]
    assert (row["order_verdict"], row["order_profit"]) == ("亏", -25.5)
    board = await boards.draw(seller, shop.workspace, catalogue, "profit_board")
    assert [each.widget.key for each in board.widgets if each.faults] == []
    product = orjson.loads(await shop.gateway.list(seller, shop.workspace, "product", limit=1))["items"][0]
    assert "cost" not in product
    for object_key, hidden in (("order", "[order_cost]"), ("order_line", "product.cost")):
        with pytest.raises(Invalid):
            await shop.gateway.list(seller, shop.workspace, object_key, filter=f"{hidden} > 0")
    finance = await shop.make("person", name="何会计", roles=["finance"])
    keys = {
        each.board.key
        for each in await boards.panels(await acting(morning, finance), shop.workspace, catalogue, "order", sold["亏"])
    }
    assert keys == {"order_profit_panel", "order_cost_panel"}


async def test_who_is_not_shown_the_cost_is_shown_nothing_reckoned_from_it_unless_named(
    morning: Morning, sold: dict[str, Any]
) -> None:
    shop = morning.shop
    catalogue = await shop.catalogues.newest(shop.workspace)
    made_of_cost = {"order_cost", "order_profit", "order_margin", "order_verdict", "order_uncosted"}

    def seen(role: str, object_key: str = "order") -> set[str]:
        readable = compile_policy(catalogue, frozenset({role}), object_key).readable
        return {key for key, mask in readable.items() if mask != FALSE}

    assert seen("assistant") & made_of_cost == seen("store_manager") & made_of_cost == set()
    assert seen("sales") & made_of_cost == made_of_cost - {"order_cost"}
    assert made_of_cost <= seen("finance")
    # S3-62: what was said on the telephone is for the owner and those above; when it was is a figure.
    assert "last_call_summary" in seen("supervisor", "customer")
    assert "last_call_summary" not in seen("finance", "customer")
    assert "call_gap" in seen("finance", "customer")
