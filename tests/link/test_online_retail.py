"""A wholesaler's real orders, pulled out of a database through the SQL source: every line, every customer, to the penny."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import duckdb
import pytest
from tests.real_data import real_file

from .desk import Desk

pytestmark = [pytest.mark.real_data, pytest.mark.slow]
_LINES = """
SELECT row_number() OVER () AS id, Invoice, StockCode, CAST(Quantity AS BIGINT), CAST(Price AS DOUBLE),
       strftime(InvoiceDate, '%Y-%m-%d %H:%M:%S'), CAST(CAST("Customer ID" AS BIGINT) AS VARCHAR), Country
FROM read_parquet(?)
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The orders in the database of another program."""
    found = real_file("orders_online_retail/online_retail_2009_2010.parquet")
    path = tmp_path / "erp.db"
    with sqlite3.connect(path) as connection:
        connection.execute(
            "CREATE TABLE lines (id INTEGER PRIMARY KEY, invoice TEXT, code TEXT, quantity INTEGER, price REAL,"
            " sold_at TEXT, customer TEXT, country TEXT)"
        )
        rows = duckdb.connect().execute(_LINES, [str(found)])
        while part := rows.fetchmany(50_000):
            connection.executemany("INSERT INTO lines VALUES (?, ?, ?, ?, ?, ?, ?, ?)", part)
    return path


CUSTOMERS: dict[str, Any] = {
    "key": "erp_customers", "label": "客户", "source": "erp", "stream": "customers", "object": "customer",
    "columns": [{"path": "customer"}, {"path": "country"}],
    "fields": [
        {"field": "code", "value": "customer"}, {"field": "name", "value": "customer"},
        {"field": "city", "value": "country"},
    ],
    "match": ["code"],
}  # fmt: skip
LINES: dict[str, Any] = {
    "key": "erp_lines", "label": "订单行", "source": "erp", "stream": "lines", "object": "sale",
    "columns": [
        {"path": "invoice"}, {"path": "code"}, {"path": "quantity", "type": "number"},
        {"path": "price", "type": "number"}, {"path": "sold_at", "type": "datetime"}, {"path": "customer"},
    ],
    "where": "customer IS NOT BLANK",
    "fields": [
        {"field": "customer", "value": "customer", "by": ["code"]}, {"field": "invoice", "value": "invoice"},
        {"field": "product", "value": "code"}, {"field": "quantity", "value": "quantity"},
        {"field": "price", "value": "price"}, {"field": "sold_at", "value": "sold_at"},
        {"field": "amount", "value": "quantity * price"},
    ],
}  # fmt: skip
SALE: dict[str, Any] = {
    "key": "sale", "label": "销售行",
    "fields": [
        {"key": "customer", "type": "relation", "label": "客户", "options": {"target": "customer"}},
        {"key": "invoice", "type": "text", "label": "发票"},
        {"key": "product", "type": "text", "label": "产品"},
        {"key": "quantity", "type": "number", "label": "数量"},
        {"key": "price", "type": "number", "label": "单价"},
        {"key": "sold_at", "type": "datetime", "label": "时间"},
        {"key": "amount", "type": "number", "label": "金额"},
    ],
}  # fmt: skip


async def test_every_order_line_of_a_year_comes_in(desk: Desk, shop: Path) -> None:
    await desk.add_object(SALE)
    source = {
        "key": "erp", "label": "ERP", "kind": "sql",
        "options": {
            "url": f"sqlite:///{shop}", "page": 10_000,
            "streams": {
                "customers": {
                    "query": "SELECT customer, max(country) AS country FROM lines"
                    " WHERE customer IS NOT NULL GROUP BY customer",
                    "key": ["customer"],
                },
                "lines": {"table": "lines", "key": ["id"], "changed": "id"},
            },
        },
    }  # fmt: skip
    await desk.define(source, CUSTOMERS, LINES)

    done = await desk.pull("erp")

    assert done["state"] == "done", done
    with sqlite3.connect(shop) as connection:
        told = "SELECT count(*), count(DISTINCT customer), sum(quantity), round(sum(quantity * price), 2) FROM lines"
        every = connection.execute(told).fetchone()
        known = connection.execute(f"{told} WHERE customer IS NOT NULL").fetchone()
        cents = connection.execute(
            "SELECT sum(quantity * CAST(round(price * 1000) AS INTEGER)) FROM lines WHERE customer IS NOT NULL"
        ).fetchone()[0]
    assert await desk.count("_raw") == every[0] + every[1]
    assert await desk.count("sale") == known[0]
    assert await desk.count("customer") == known[1]
    ours = (await desk.fetch("SELECT sum(quantity), sum(amount), count(customer) FROM {schema}.sale"))[0]
    assert int(ours[0]) == known[2]
    assert int(ours[1] * 1000) == cents
    assert ours[2] == known[0]
    assert await desk.refusals("erp") == {}

    again = await desk.pull("erp")
    assert again["rows"] == every[1]
