"""A year of a wholesaler's real orders: every customer's recency, frequency, breadth and amount, and a query by hand."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import duckdb
import pytest

from tongmai.kit import new_id
from tongmai.model import AddObject, Changeset, ObjectDef

from .shop import Shop, metric

ROOT = Path(__file__).resolve().parents[2]
AS_OF = datetime(2010, 11, 1, tzinfo=UTC)

# Cancellations (invoices that begin with C) and lines without a customer are no purchases. Written by hand; the
# workspace reads moments in its zone, eight hours ahead.
BY_HAND = """
SELECT CAST("Customer ID" AS BIGINT)::VARCHAR AS name,
       CAST(TIMESTAMP '2010-11-01 08:00' AS DATE) - CAST(max(InvoiceDate) + INTERVAL 8 HOURS AS DATE) AS recency,
       count(DISTINCT Invoice) FILTER (WHERE InvoiceDate > TIMESTAMP '2010-11-01' - INTERVAL 90 DAYS) AS frequency,
       count(DISTINCT StockCode[1:2]) AS breadth,
       sum(Quantity * CAST(Price AS DECIMAL(18, 4))) AS amount
FROM read_parquet(?)
WHERE "Customer ID" IS NOT NULL AND Invoice NOT LIKE 'C%' AND InvoiceDate <= TIMESTAMP '2010-11-01'
GROUP BY 1
"""
LINES = """
SELECT CAST("Customer ID" AS BIGINT)::VARCHAR, Invoice, StockCode[1:2], InvoiceDate, Quantity,
       CAST(Price AS DECIMAL(18, 4))
FROM read_parquet(?) WHERE "Customer ID" IS NOT NULL
"""
PURCHASE = {
    "key": "purchase",
    "label": "采购行",
    "fields": [
        {"key": "customer", "type": "relation", "label": "客户", "options": {"target": "customer"}},
        {"key": "invoice", "type": "text", "label": "发票"},
        {"key": "category", "type": "text", "label": "品类"},
        {"key": "sold_at", "type": "datetime", "label": "时间"},
        {"key": "quantity", "type": "number", "label": "数量"},
        {"key": "price", "type": "number", "label": "单价"},
    ],
}


@pytest.fixture
def parquet() -> str:
    places = [os.environ.get("TONGMAI_REAL_DATA"), ROOT.parent / "shared" / "data", ROOT / "shared" / "data"]
    for place in places:
        found = Path(place) / "orders_online_retail" / "online_retail_2009_2010.parquet" if place else None
        if found is not None and found.exists():
            return str(found)
    pytest.skip("the real data sets are not beside the project; set TONGMAI_REAL_DATA to their folder")


async def load(shop: Shop, parquet: str) -> None:
    """Straight into the tables: what is tested is the computing."""
    rows = duckdb.execute(LINES, [parquet]).fetchall()
    customers: dict[str, UUID] = {name: new_id(shop.clock) for name in sorted({row[0] for row in rows})}
    now = shop.clock.now()
    async with shop.database.write() as tx:
        columns = ("id", "created_at", "changed_at", "name")
        people = [(customers[name], now, now, name) for name in customers]
        await tx.copy_records(shop.workspace.schema, "customer", columns, people)
        columns = ("id", "created_at", "changed_at", "customer", "invoice", "category", "sold_at", "quantity", "price")
        lines = (
            (
                new_id(shop.clock),
                now,
                now,
                customers[name],
                invoice,
                category,
                at.replace(tzinfo=UTC),
                Decimal(n),
                price,
            )
            for name, invoice, category, at, n, price in rows
        )
        await tx.copy_records(shop.workspace.schema, "purchase", columns, lines)


@pytest.mark.real_data
@pytest.mark.slow
async def test_every_customer_of_online_retail_is_as_counted_by_hand(shop: Shop, parquet: str) -> None:
    added = Changeset(actions=(AddObject(object=ObjectDef.model_validate(PURCHASE)),))
    await shop.editor.apply(shop.workspace, added, None)
    await load(shop, parquet)
    bought = {"source": "purchase", "at": "sold_at", "where": "NOT STARTS_WITH(invoice, 'C')"}
    quarter = {"kind": "rolling", "days": 90}
    await shop.define(
        metric("recency", "days_since", **bought),
        metric("frequency", {"kind": "distinct", "value": "invoice"}, window=quarter, **bought),
        metric("breadth", {"kind": "distinct", "value": "category"}, **bought),
        metric("amount", {"kind": "sum", "value": "quantity * price"}, **bought),
    )
    await shop.metrics.full(shop.workspace, AS_OF)
    found = await shop.values("recency", "frequency", "breadth", "amount")
    by_hand = {name: tuple(rest) for name, *rest in duckdb.execute(BY_HAND, [parquet]).fetchall()}
    assert len(by_hand) > 3_500
    assert {name: value for name, value in found.items() if value[0] is not None} == by_hand
    assert all(value == (None, 0, 0, 0) for name, value in found.items() if name not in by_hand)
