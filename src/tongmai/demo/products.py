"""What the demo company sells: sixty models of eight categories (U8's inventory classes)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from tongmai.demo.words import models

WAREHOUSES = ("绍兴中心仓", "杭州分仓", "宁波分仓")


@dataclass(frozen=True, slots=True)
class Product:
    """``price`` in CNY before tax."""

    code: str
    name: str
    category: str
    price: int


@lru_cache(maxsize=1)
def products() -> tuple[Product, ...]:
    return tuple(
        Product(f"{category}{number:03d}", name, category, price)
        for category, listed in models().items()
        for number, (name, price) in enumerate(listed.items(), 1)
    )
