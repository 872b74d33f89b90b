"""What the demo company sells: sixty models of eight categories (U8's inventory classes)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from tongmai.demo.words import models

# Of a hundred of the price.
_COSTS = (52, 64, 88, 71, 94, 58, 79)
WAREHOUSES = ("绍兴中心仓", "杭州分仓", "宁波分仓")


@dataclass(frozen=True, slots=True)
class Product:
    """``price`` and ``cost`` in CNY before tax."""

    code: str
    name: str
    category: str
    price: int

    @property
    def cost(self) -> Decimal:
        """From half the price to nearly all of it: what everybody sells leaves the least."""
        return (self.price * Decimal(_COSTS[int(self.code) % len(_COSTS)]) / 100).quantize(Decimal("0.01"))


@lru_cache(maxsize=1)
def products() -> tuple[Product, ...]:
    return tuple(
        Product(f"{category}{number:03d}", name, category, price)
        for category, listed in models().items()
        for number, (name, price) in enumerate(listed.items(), 1)
    )
