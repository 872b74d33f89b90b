"""All that happens at the demo company, drawn once from its world."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tongmai.demo.approvals import Approval, approvals_of, in_order
from tongmai.demo.chats import Call, Post, calls_of, messages_of, posts_of
from tongmai.demo.deals import Deal, deal_approvals, deals_of
from tongmai.demo.ledgers import Ledgers
from tongmai.demo.shelves import Store, shelf_approvals, stores_of
from tongmai.demo.talk import Message
from tongmai.demo.trade import Invoice, Order, invoices_of, orders_of
from tongmai.demo.world import Customer, World


@dataclass(frozen=True)
class Story:
    """Each list of what happened oldest first, up to the world's end."""

    world: World
    orders: Sequence[Order]
    invoices: Sequence[Invoice]
    messages: Sequence[Message[Customer]]
    calls: Sequence[Call]
    posts: Sequence[Post]
    approvals: Sequence[Approval]
    deals: Sequence[Deal]
    stores: Sequence[Store]
    ledgers: Ledgers

    @staticmethod
    def of(world: World) -> Story:
        orders, deals = orders_of(world), deals_of(world)
        return Story(
            world=world,
            orders=orders,
            invoices=invoices_of(world, orders),
            messages=messages_of(world),
            calls=calls_of(world),
            posts=posts_of(world),
            approvals=in_order([*approvals_of(world, orders), *deal_approvals(world, deals), *shelf_approvals(world)]),
            deals=deals,
            stores=stores_of(world),
            ledgers=Ledgers.of(world, orders),
        )
