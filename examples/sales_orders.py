"""A real wholesaler's orders in the sales app, no code: every customer classified by health (S0-12, S0-24).

    python examples/sales_orders.py online_retail_2009_2010.parquet [ROWS] [DATA_DIR]

The file is UCI's Online Retail II (CC BY 4.0), year 2009-12 to 2010-12; ``ROWS`` takes only its first so many rows. It
tells of orders and of nothing else: no talks, rebates, tickets or Moments. So indicators other than the breadth of
categories are "no value", and by AMB-01 a customer who bought and whom nobody talked to is red: the app says what a
company with orders alone may know, and which indicator is not met for want of what.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

import duckdb
from salesroom import Example, Salesroom, listed

# The morning after the file's last order.
AS_OF = datetime(2010, 12, 10, 8, tzinfo=UTC)
_ALL = 1_000_000
_ROWS = """
    COPY (SELECT row_number() OVER () AS "Line", "Invoice", "StockCode", "Description", "Quantity",
                 strftime("InvoiceDate", '%Y-%m-%d %H:%M:%S') AS "InvoiceDate", "Price",
                 "Customer ID"::BIGINT AS "Customer", "Country"
          FROM (SELECT * FROM read_parquet(?) LIMIT ?))
    TO '{}' (HEADER, DELIMITER ',')
"""


def as_csv(source: Path, target: Path, rows: int) -> None:
    """The first so many rows, each with its number."""
    with duckdb.connect() as engine:
        engine.execute(_ROWS.format(str(target).replace("'", "''")), [str(source), rows])


async def fill(room: Salesroom, path: Path, rows: int) -> dict[str, int]:
    inbox = room.services.settings.data_dir / "inbox" / "orders"
    inbox.mkdir(parents=True, exist_ok=True)
    await asyncio.to_thread(as_csv, path, inbox / "lines.csv", rows)
    await room.connect("orders")
    counts = await room.pull("orders")
    await room.bring_up()
    return counts


async def show(room: Salesroom, file: Path, what: str) -> None:
    print(listed(await fill(room, file, int(what or _ALL))))
    print(listed(await room.classes("customer_health")))
    broad = await room.rows(
        "customer", filter_="[orders_ever] > 0", sort="-category_count", limit=5,
        fields=("name", "orders_ever", "category_count", "indicators_met", "health_reason"),
    )  # fmt: skip
    for each in broad:
        print(f"  {each['name']}: {each['category_count']} categories; {each['health_reason']}")


EXAMPLE = Example("sales_orders", __doc__, lambda _: AS_OF, show, zone="Europe/London")

if __name__ == "__main__":
    sys.exit(EXAMPLE.run(sys.argv[1:]))
