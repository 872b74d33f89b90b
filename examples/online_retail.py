"""Real order lines into a new workspace: customers, products, orders and lines from one raw file, row by row.

    python examples/online_retail.py online_retail_2009_2010.parquet [DATA_DIR]

The file is UCI's Online Retail II, year 2009–2010 (CC BY 4.0): one row an order line, with the customer's number
missing in a fifth of them and cancellations among them (invoice numbers that begin with C, negative quantities). Four
imports read it, each for its own object; relations are found by key. What does not fit the declared rules is refused,
and every row is accounted for:

- a customer needs a number, an order a customer that is there;
- an order's number does not begin with C: those are cancellations;
- a line needs an order and a product that are there, and a positive quantity.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workroom import ACTOR, Account, import_file, open_room

from tongmai.kit import Clock, Settings, SystemClock, Text
from tongmai.records import Gateway
from tongmai.records.files import Files
from tongmai.store import Database, Workspace

__all__ = ["ACTOR", "IMPORTS", "LABEL", "OBJECTS", "ZONE", "Shop", "import_all", "show"]

LABEL = Text("网上零售", "Online retail")
ZONE = "Europe/London"

OBJECTS: list[dict[str, Any]] = [
    {
        "key": "customer",
        "label": {"zh": "客户", "en": "Customer"},
        "title": "code",
        "fields": [
            {
                "key": "code",
                "type": "text",
                "label": {"zh": "客户编号", "en": "Number"},
                "required": True,
                "unique": True,
            },
            {"key": "country", "type": "text", "label": {"zh": "国家", "en": "Country"}},
        ],
    },
    {
        "key": "product",
        "label": {"zh": "产品", "en": "Product"},
        "title": "name",
        "fields": [
            {"key": "code", "type": "text", "label": {"zh": "货号", "en": "Code"}, "required": True, "unique": True},
            {"key": "name", "type": "text", "label": {"zh": "品名", "en": "Name"}, "searchable": True},
        ],
    },
    {
        "key": "order",
        "label": {"zh": "订单", "en": "Order"},
        "title": "number",
        "fields": [
            {
                "key": "number",
                "type": "text",
                "label": {"zh": "单号", "en": "Number"},
                "required": True,
                "unique": True,
            },
            {
                "key": "customer",
                "type": "relation",
                "label": {"zh": "客户", "en": "Customer"},
                "options": {"target": "customer"},
                "required": True,
            },
            {"key": "at", "type": "datetime", "label": {"zh": "下单时间", "en": "Placed at"}, "required": True},
        ],
        "validations": [
            {
                "key": "not_cancelled",
                "formula": "NOT STARTS_WITH(number, 'C')",
                "message": {"zh": "这是一张取消单", "en": "This is a cancellation"},
                "field": "number",
            }
        ],
    },
    {
        "key": "line",
        "label": {"zh": "订单行", "en": "Order line"},
        "fields": [
            {
                "key": "order",
                "type": "relation",
                "label": {"zh": "订单", "en": "Order"},
                "options": {"target": "order"},
                "required": True,
            },
            {
                "key": "product",
                "type": "relation",
                "label": {"zh": "产品", "en": "Product"},
                "options": {"target": "product"},
                "required": True,
            },
            {"key": "quantity", "type": "number", "label": {"zh": "数量", "en": "Quantity"}, "required": True},
            {"key": "price", "type": "number", "label": {"zh": "单价", "en": "Price"}, "required": True},
        ],
        "validations": [
            {
                "key": "positive",
                "formula": "quantity > 0",
                "message": {"zh": "数量必须大于零", "en": "The quantity must be positive"},
                "field": "quantity",
            }
        ],
    },
]

IMPORTS: list[dict[str, Any]] = [
    {
        "object": "customer",
        "mode": "merge",
        "key": ["code"],
        "columns": [{"column": "Customer ID", "field": "code"}, {"column": "Country", "field": "country"}],
    },
    {
        "object": "product",
        "mode": "merge",
        "key": ["code"],
        "columns": [{"column": "StockCode", "field": "code"}, {"column": "Description", "field": "name"}],
    },
    {
        "object": "order",
        "mode": "merge",
        "key": ["number"],
        "columns": [
            {"column": "Invoice", "field": "number"},
            {"column": "Customer ID", "field": "customer", "match": "code"},
            {"column": "InvoiceDate", "field": "at"},
        ],
    },
    {
        "object": "line",
        "columns": [
            {"column": "Invoice", "field": "order", "match": "number"},
            {"column": "StockCode", "field": "product", "match": "code"},
            {"column": "Quantity", "field": "quantity"},
            {"column": "Price", "field": "price"},
        ],
    },
]


@dataclass(frozen=True)
class Shop:
    """The workspace the file was imported into, and the doors to it."""

    workspace: Workspace
    gateway: Gateway
    files: Files
    accounts: list[Account]


async def import_all(database: Database, settings: Settings, clock: Clock, path: Path, key: str) -> Shop:
    """Makes the workspace ``key`` with its objects and imports the file into each of them."""
    async with open_room(database, settings, clock, key, LABEL, ZONE, OBJECTS) as room:
        accounts = [await import_file(room, path, each) for each in IMPORTS]
    return Shop(room.workspace, room.gateway, room.files, accounts)


def show(accounts: list[Account]) -> None:
    """The account as a table; each row adds up to what was read."""
    print(f"{'object':<10}{'read':>10}{'inserted':>10}{'updated':>10}{'unchanged':>11}{'refused':>10}{'rows/s':>10}")
    for each in accounts:
        rate = each.read / each.seconds
        print(
            f"{each.object:<10}{each.read:>10,}{each.inserted:>10,}{each.updated:>10,}{each.unchanged:>11,}"
            f"{each.refused:>10,}{rate:>10,.0f}"
        )


async def main(arguments: list[str]) -> int:
    if not 1 <= len(arguments) <= 2:
        print(__doc__, file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as temporary:
        data_dir = Path(arguments[1]) if len(arguments) == 2 else Path(temporary)
        settings, clock = Settings(data_dir=data_dir), SystemClock()
        database = await Database.open(settings, clock)
        try:
            shop = await import_all(database, settings, clock, Path(arguments[0]), "online_retail")
        finally:
            await database.close()
    show(shop.accounts)
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
