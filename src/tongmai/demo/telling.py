"""All that happens at the demo company, drawn once from its world."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tongmai.demo.approvals import Approval, approvals_of
from tongmai.demo.chats import Call, Message, Post, calls_of, messages_of, posts_of
from tongmai.demo.trade import Invoice, Order, invoices_of, orders_of
from tongmai.demo.world import World


@dataclass(frozen=True)
class Story:
    """Each list oldest first, up to the world's end."""

    world: World
    orders: Sequence[Order]
    invoices: Sequence[Invoice]
    messages: Sequence[Message]
    calls: Sequence[Call]
    posts: Sequence[Post]
    approvals: Sequence[Approval]

    @staticmethod
    def of(world: World) -> Story:
        orders = orders_of(world)
        return Story(
            world=world,
            orders=orders,
            invoices=invoices_of(world, orders),
            messages=messages_of(world),
            calls=calls_of(world),
            posts=posts_of(world),
            approvals=approvals_of(world, orders),
        )
