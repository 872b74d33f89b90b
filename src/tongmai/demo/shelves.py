"""A flagship that headquarters pays an incentive for, and the stores that do not put it on the shelf (S0-06)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tongmai.demo.approvals import SHELF, Approval, steps_of
from tongmai.demo.products import Product, products
from tongmai.demo.world import Customer, World

FLAGSHIP = "制氧机 5L"
ENOUGH = 100
# The policy is five days old on the last day, when a store that still lacks it is a contradiction.
_SINCE = timedelta(days=5)
_PHARMACY = "04"
_VISITED, _MISSING, _UNTOLD = 40, 7, 2


@dataclass(frozen=True, slots=True)
class Store:
    """``never``: the flagship is not on its shelf to the end. ``told``: that it came to be there was handed in."""

    customer: Customer
    at_first: bool
    never: bool
    told: bool


def flagship() -> Product:
    return next(each for each in products() if each.name == FLAGSHIP)


def policy_from(world: World) -> date:
    return (world.end - _SINCE).date()


def stores_of(world: World) -> list[Store]:
    """The stores that sales people looked at; seven never have it, and of two nobody told that they have by now."""
    open_ = [each for each in world.customers if each.kind == _PHARMACY and each.fate not in ("gone", "silent")]
    visited = world.dice("shelves").sample(open_, min(_VISITED, len(open_)))
    missing, untold = min(_MISSING, len(visited) // 3), min(_UNTOLD, len(visited) // 8)
    return [
        Store(each, at_first=number >= len(visited) // 2, never=number < missing, told=number >= missing + untold)
        for number, each in enumerate(visited)
    ]


def shelf_approvals(world: World) -> Iterator[Approval]:
    """A look at each store the day after the policy, and a second one, the day before the end, where it lacked."""
    for store in stores_of(world):
        rnd = world.dice(f"shelf {store.customer.code}")
        first = (world.end - _SINCE + timedelta(days=1)).replace(hour=rnd.randint(9, 16), minute=rnd.randint(0, 59))
        yield _looked(world, store.customer, first, is_there=store.at_first)
        if not store.at_first and (store.told or store.never):
            again = (world.end - timedelta(days=1)).replace(hour=rnd.randint(9, 14), minute=rnd.randint(0, 59))
            yield _looked(world, store.customer, again, is_there=not store.never)


def _looked(world: World, customer: Customer, at: datetime, *, is_there: bool) -> Approval:
    form = {"客户名称": customer.name, "产品型号": FLAGSHIP, "是否上架": "是" if is_there else "否"}
    if not is_there:
        form["未上架起始日"] = policy_from(world).isoformat()
    return Approval(SHELF, customer, at, form, steps_of(world, at, (0.5,)))
