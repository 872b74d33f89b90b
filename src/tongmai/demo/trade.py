"""What is ordered, billed and paid: two years of it, with the month ends of those who push them."""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from tongmai.demo.products import Product, products
from tongmai.demo.world import Customer, World

_PUSHED = 0.55
_RETURNED = 0.5
_TERM = timedelta(days=45)


@dataclass(frozen=True, slots=True)
class Line:
    product: Product
    quantity: int

    @property
    def amount(self) -> Decimal:
        """CNY with 13 % tax."""
        return (Decimal(self.product.price) * self.quantity * Decimal("1.13")).quantize(Decimal("0.01"))


@dataclass(frozen=True, slots=True)
class Order:
    """A return is an order of negative quantities, as U8 has it; ``pushed`` was pulled to the month's end."""

    customer: Customer
    at: datetime
    lines: tuple[Line, ...]
    pushed: bool = False

    @property
    def is_return(self) -> bool:
        return self.lines[0].quantity < 0

    @property
    def amount(self) -> Decimal:
        return sum((each.amount for each in self.lines), Decimal(0))


@dataclass(frozen=True, slots=True)
class Invoice:
    """All of a customer's month in one, as agreed with most; ``paid`` is None while it is not."""

    customer: Customer
    at: datetime
    due: datetime
    amount: Decimal
    orders: tuple[Order, ...]
    paid: datetime | None


def orders_of(world: World) -> list[Order]:
    """All orders and returns up to the end, oldest first."""
    found = [each for customer in world.customers if customer.orders for each in _orders(world, customer)]
    return sorted(found, key=lambda each: (each.at, each.customer.code))


def order_codes(orders: Sequence[Order]) -> list[str]:
    """The numbers that U8 gives them, in their order."""
    return [f"SO{each.at:%y%m}{number:05d}" for number, each in enumerate(orders, 1)]


def invoices_of(world: World, orders: Sequence[Order]) -> list[Invoice]:
    """The third of each month, for the month before; oldest first."""
    months: dict[tuple[str, int, int], list[Order]] = defaultdict(list)
    for each in orders:
        months[each.customer.code, each.at.year, each.at.month].append(each)
    made = (_invoice(world, tuple(listed)) for listed in months.values())
    return sorted((each for each in made if each is not None), key=lambda each: (each.at, each.customer.code))


def _orders(world: World, customer: Customer) -> Iterator[Order]:
    rnd = world.dice(f"orders {customer.code}")
    by_category: Mapping[str, list[Product]] = _shelf()
    pushes = customer.seller in world.month_end_pushers
    at = world.start + timedelta(days=rnd.expovariate(customer.orders / 30))
    while customer.is_buying(at) and at < world.end:
        moment, pushed = _working_hour(at, rnd), False
        if pushes and rnd.random() < _PUSHED:
            moment, pushed = _month_end(moment, rnd), True
        lines = _lines(rnd, customer, at, by_category, more=pushed)
        if moment < world.end:
            yield Order(customer, moment, lines, pushed)
            back = moment + timedelta(days=rnd.uniform(4, 9))
            if back < world.end and rnd.random() < (_RETURNED if pushed else 0.012):
                yield Order(customer, _working_hour(back, rnd), _back(lines), pushed)
        # Slower where there is less life in it; who leaves orders less and less.
        pace = max(0.25, customer.energy(at)) if customer.lull is None else 1.0
        at += timedelta(days=max(1.0, rnd.expovariate(customer.orders * pace / 30)))


def _shelf() -> Mapping[str, list[Product]]:
    found: dict[str, list[Product]] = defaultdict(list)
    for each in products():
        found[each.category].append(each)
    return found


def _lines(
    rnd: Random, customer: Customer, at: datetime, shelf: Mapping[str, list[Product]], *, more: bool
) -> tuple[Line, ...]:
    """Categories narrow while a customer drifts away."""
    wide = customer.categories if customer.energy(at) > 0.7 else customer.categories[:1]
    chosen = rnd.sample(wide, min(len(wide), rnd.choice((1, 1, 2, 2, 3))))
    size = {"01": 4.0, "02": 2.0, "05": 3.0}.get(customer.kind, 1.0) * (1.6 if more else 1.0)
    return tuple(_line(rnd, rnd.choice(shelf[category]), size) for category in chosen)


def _line(rnd: Random, product: Product, size: float) -> Line:
    return Line(product, max(1, round(rnd.lognormvariate(6.6, 0.6) * size / product.price)))


def _back(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    return tuple(Line(each.product, -each.quantity) for each in lines)


def _working_hour(at: datetime, rnd: Random) -> datetime:
    """A weekday between nine and half past five."""
    day = at + timedelta(days={5: 2, 6: 1}.get(at.weekday(), 0))
    return day.replace(hour=rnd.randint(9, 16), minute=rnd.randint(0, 59), second=rnd.randint(0, 59), microsecond=0)


def _month_end(at: datetime, rnd: Random) -> datetime:
    last = calendar.monthrange(at.year, at.month)[1]
    return at.replace(day=last - rnd.randint(0, 1))


def _invoice(world: World, orders: tuple[Order, ...]) -> Invoice | None:
    amount = sum((each.amount for each in orders), Decimal(0))
    customer, last = orders[0].customer, orders[-1].at
    at = (last.replace(day=28) + timedelta(days=6)).replace(day=3, hour=10, minute=0, second=0)
    if amount <= 0 or at >= world.end:
        return None
    rnd = world.dice(f"invoice {customer.code} {at:%Y%m}")
    due = at + _TERM
    paid = _working_hour(due + timedelta(days=customer.days_late + rnd.gauss(0, 3)), rnd)
    return Invoice(customer, at, due, amount, orders, paid if at < paid < world.end else None)
